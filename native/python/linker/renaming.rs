//! The places of a rename, as Python takes them.

use clew_core::facts::Def;
use clew_core::link::{self, Site};

use super::rows::{PyDef, from_def, from_defs, to_def};

/// (file, start, end, line, spelling, outer, inner, own, evidence, another definition, role, definition around it)
type PySite = (
    u32,
    u32,
    u32,
    u32,
    &'static str,
    bool,
    bool,
    bool,
    &'static str,
    Option<PyDef>,
    &'static str,
    Option<u32>,
);

/// The definitions that are renamed together, and the places: certain, by flow, possible.
pub(super) type PyRenaming = (Vec<PyDef>, Vec<PySite>, Vec<PySite>, Vec<PySite>);

pub(super) fn renaming(
    linker: &link::Linker,
    definitions: Vec<PyDef>,
    spelt: Option<&str>,
) -> PyRenaming {
    let asked: Vec<Def> = definitions.into_iter().map(to_def).collect();
    let found = linker.renaming(&asked, spelt);
    let rows = |sites: &[Site]| sites.iter().map(|one| site(linker, one)).collect();
    (
        from_defs(found.family.iter().copied()),
        rows(&found.certain),
        rows(&found.flow),
        rows(&found.possible),
    )
}

/// The row of a place that a rename has to change.
fn site(linker: &link::Linker, site: &Site) -> PySite {
    let shown = linker.show(site.place);
    (
        site.place.file.0,
        site.start,
        site.end,
        shown.line,
        site.spelling.name(),
        site.outer,
        site.inner,
        site.own,
        site.evidence.name(),
        site.also.map(from_def),
        shown.role_name(false),
        shown.within.map(|id| id.0),
    )
}
