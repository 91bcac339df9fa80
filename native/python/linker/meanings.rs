//! Meanings of a file's names, as Python takes them.

use clew_core::facts::{Def, FileId};
use clew_core::link;

/// Start, end, place of the name of the binding, and set of an occurrence.
type Row = (u32, u32, Option<u32>, u32);
/// File, row, offset of the name, and thing of a definition.
type Meant = (u32, u32, u32, u64);
/// Row, start and end of the name, qualified name of a definition, and whether only a function sees it.
pub(super) type Named = (u32, u32, u32, String, bool);
pub(super) type PyMeanings = (Vec<Row>, Vec<Vec<Meant>>);

pub(super) fn meanings(
    linker: &link::Linker,
    file: FileId,
    members: Option<&[String]>,
) -> PyMeanings {
    let found = linker.meanings(file, members);
    let unit = linker.unit(file);
    let rows = found.rows.iter().map(|row| {
        let binding = row.binding.map(|id| unit.start_name(id));
        let (start, end) = unit.span(row.occurrence);
        (start, end, binding, row.set)
    });
    let shown = |&def: &Def| {
        let at = linker.unit(def.file).start_name(def.id);
        (def.file.0, def.id.0, at, linker.thing(def))
    };
    let sets = found.sets.iter().map(|set| set.iter().map(shown).collect());
    (rows.collect(), sets.collect())
}

pub(super) fn dangling_specifiers(linker: &link::Linker, file: FileId) -> Vec<(u32, u32)> {
    let unit = linker.unit(file);
    let found = linker.dangling_specifiers(file).into_iter();
    found.map(|id| unit.span(id)).collect()
}

pub(super) fn definitions_in(
    linker: &link::Linker,
    file: FileId,
    spans: &[(u32, u32)],
) -> Vec<Named> {
    let unit = linker.unit(file);
    let found = linker.definitions_in(file, spans).into_iter();
    found
        .map(|id| {
            let def = Def { file, id };
            let (start, end) = unit.name_span(id);
            let name = linker.qualified_name(def);
            (id.0, start, end, name, linker.is_inner(def))
        })
        .collect()
}
