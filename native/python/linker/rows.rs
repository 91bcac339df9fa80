//! Answers of the linker, as Python takes them.

use clew_core::facts::codes::{DEFINITION_KINDS, flag, role};
use clew_core::facts::{Def, DefinitionId, FileId, Place};
use clew_core::link::{
    self, Description, Evidence, Hidden, Hiding, Shown, Spot, Verdict, Via, doubt,
};
use pyo3::prelude::*;

/// Doubts about a definition that nothing is seen to use.
pub(super) const DOUBTS: [(&str, u32); 14] = [
    ("DOUBT_GLOBAL", doubt::GLOBAL),
    ("DOUBT_KEY", doubt::KEY),
    ("DOUBT_HERITAGE", doubt::HERITAGE),
    ("DOUBT_DECORATED", doubt::DECORATED),
    ("DOUBT_OFFERED", doubt::OFFERED),
    ("DOUBT_WHOLE", doubt::WHOLE),
    ("DOUBT_LANGUAGE", doubt::LANGUAGE),
    ("DOUBT_LOCAL", doubt::LOCAL),
    ("DOUBT_UNREAD", doubt::UNREAD),
    ("DOUBT_CALLED", doubt::CALLED),
    ("DOUBT_LEFT_OUT", doubt::LEFT_OUT),
    ("DOUBT_FACTORY", doubt::FACTORY),
    ("DOUBT_ROOT", doubt::ROOT),
    ("DOUBT_CLASS", doubt::CLASS),
];

/// An export: file, name, definition, module that it is as a whole, where it is handed on, uses, files that use it, possible uses.
pub(super) type ExportRow = (
    u32,
    String,
    Option<PyDef>,
    Option<u32>,
    Option<u32>,
    u32,
    Vec<u32>,
    u32,
);

/// (file, definition)
pub(super) type PyDef = (u32, u32);
/// (file, occurrence, line, byte offset, role, definition around it, evidence, declares an alias)
pub(super) type PyReference = (
    u32,
    u32,
    u32,
    u32,
    &'static str,
    Option<u32>,
    &'static str,
    bool,
);

/// Line, name, way, whether it is a property, what it leads to, and what only flow leads to
pub(super) type PyUse = (u32, String, &'static str, bool, Vec<PyDef>, Vec<PyDef>);

pub(super) fn to_def((file, id): PyDef) -> Def {
    Def {
        file: FileId(file),
        id: DefinitionId(id),
    }
}

/// Definitions, or files as a whole.
pub(super) fn to_spots(places: Vec<(u32, Option<u32>)>) -> Vec<Spot> {
    let spot = |(file, id): (u32, Option<u32>)| Spot {
        file: FileId(file),
        definition: id.map(DefinitionId),
    };
    places.into_iter().map(spot).collect()
}

pub(super) fn from_def(def: Def) -> PyDef {
    (def.file.0, def.id.0)
}

pub(super) fn from_defs(defs: impl IntoIterator<Item = Def>) -> Vec<PyDef> {
    defs.into_iter().map(from_def).collect()
}

#[pyclass(frozen, get_all, name = "Description", module = "clew._native")]
pub(super) struct PyDescription {
    file: u32,
    definition: u32,
    name: String,
    bare_name: String,
    kind: &'static str,
    line: u32,
    at: u32,
    start: u32,
    end: u32,
    body: u32,
    first_line: u32,
    last_line: u32,
    doc: Option<(u32, u32)>,
    exported: bool,
    is_default: bool,
    local: bool,
    is_member: bool,
    is_function_name: bool,
    is_overload: bool,
    thing: u64,
    mark: Option<u32>,
}

impl From<Description> for PyDescription {
    fn from(of: Description) -> Self {
        let has = |flag: u32| of.flags & flag != 0;
        Self {
            file: of.def.file.0,
            definition: of.def.id.0,
            kind: kind_name(of.kind),
            exported: has(flag::EXPORTED),
            is_default: has(flag::DEFAULT),
            local: has(flag::LOCAL),
            is_function_name: has(flag::FUNCTION_NAME),
            is_overload: has(flag::OVERLOAD),
            name: of.name,
            bare_name: of.bare_name,
            line: of.line,
            at: of.at,
            start: of.start,
            end: of.end,
            body: of.body,
            first_line: of.first_line,
            last_line: of.last_line,
            doc: of.doc,
            is_member: of.is_member,
            thing: of.thing,
            mark: of.mark,
        }
    }
}

pub(super) fn kind_name(kind: u32) -> &'static str {
    DEFINITION_KINDS
        .get(kind as usize)
        .copied()
        .unwrap_or("variable")
}

#[pyclass(frozen, get_all, name = "References", module = "clew._native")]
pub(super) struct PyReferences {
    pub(super) certain: Vec<PyReference>,
    pub(super) flow: Vec<PyReference>,
    pub(super) possible: Vec<PyReference>,
    pub(super) mentions: Vec<PyReference>,
    pub(super) names: Vec<String>,
    pub(super) passed_on: u32,
}

#[pyclass(frozen, get_all, name = "Reached", module = "clew._native")]
pub(super) struct PyReached {
    file: u32,
    definition: Option<u32>,
    line: u32,
    at: u32,
    column: Option<u32>,
    mark: Option<u32>,
    via: &'static str,
    origin: u32,
    distance: u32,
    possible: bool,
    name: Option<String>,
    kind: Option<&'static str>,
    exported: bool,
}

#[pyclass(frozen, name = "Impact", module = "clew._native")]
pub(super) struct PyImpact {
    pub(super) rows: Vec<Py<PyReached>>,
    #[pyo3(get)]
    pub(super) circles: u32,
    #[pyo3(get)]
    pub(super) possible: Vec<u32>,
    #[pyo3(get)]
    pub(super) totals: Vec<(u32, u32)>,
}

#[pymethods]
impl PyImpact {
    #[getter]
    fn rows(&self, py: Python<'_>) -> Vec<Py<PyReached>> {
        self.rows.iter().map(|row| row.clone_ref(py)).collect()
    }
}

pub(super) fn reference(shown: &Shown, evidence: Evidence, alias: bool) -> PyReference {
    let within = shown.within.map(|id| id.0);
    (
        shown.place.file.0,
        shown.place.id.0,
        shown.line,
        shown.at,
        shown.role_name(alias),
        within,
        evidence.name(),
        alias,
    )
}

/// A row of something that is needed; its place is that of its definition.
pub(super) fn needed(linker: &link::Linker, need: &link::Need) -> PyReached {
    let row = link::Reached {
        spot: need.spot,
        at: 0,
        via: need.via,
        from: need.from,
        distance: need.distance,
        possible: false,
    };
    reached(linker, &row)
}

/// The row of a place that hides a use; its occurrence is the first that stands there.
pub(super) fn hidden_use(linker: &link::Linker, hidden: Hidden) -> PyReference {
    let unit = linker.unit(hidden.file);
    let at = unit.node_start(hidden.node);
    let within = linker.innermost(hidden.file, &[at]);
    (
        hidden.file.0,
        unit.occurrences_before(at),
        unit.line_of(at),
        at,
        match hidden.by {
            Hiding::Computed => "computed",
            Hiding::Escape => "escape",
        },
        within.into_iter().flatten().next().map(|id| id.0),
        "possible",
        false,
    )
}

pub(super) const VIAS: [(Via, &str); 5] = [
    (Via::Call, "call"),
    (Via::Read, "read"),
    (Via::Type, "type"),
    (Via::Import, "import"),
    (Via::Override, "override"),
];

pub(super) fn via_name(via: Via) -> &'static str {
    VIAS.iter()
        .find(|(way, _)| *way == via)
        .map_or("read", |(_, name)| name)
}

pub(super) fn reached(linker: &link::Linker, row: &link::Reached) -> PyReached {
    let file = row.spot.file;
    let unit = linker.unit(file);
    let definition = row.spot.definition;
    let at = definition.map_or(row.at, |id| unit.start_name(id));
    PyReached {
        file: file.0,
        definition: definition.map(|id| id.0),
        line: unit.line_of(at),
        at,
        column: linker.column(file, at),
        mark: definition.and_then(|id| linker.distinguishing(Def { file, id })),
        via: via_name(row.via),
        origin: row.from,
        distance: row.distance,
        possible: row.possible,
        name: definition.map(|id| linker.qualified_name(Def { file, id })),
        kind: definition.map(|id| kind_name(unit.kind(id))),
        exported: definition.is_some_and(|id| unit.has(id, flag::EXPORTED)),
    }
}

pub(super) fn verdict_name(why: Verdict) -> &'static str {
    match why {
        Verdict::Certain => "certain",
        Verdict::Exported => "exported",
        Verdict::Member => "member",
        Verdict::OnlyTests => "tests",
        Verdict::Possible => "possible",
    }
}

/// The occurrences of a definition, or only those that run it.
pub(super) fn references(linker: &link::Linker, def: Def, invoked: bool) -> PyReferences {
    let found = linker.references(def, false);
    let by_flow = linker.flow_references(def);
    let mut shown = shown_references(linker, &found, &by_flow, invoked);
    if invoked {
        shown.passed_on = linker.count_passed_on(def, &found);
    }
    shown
}

/// What stands for the same as a place, by file and place.
pub(super) fn shown_alike(linker: &link::Linker, alike: &link::Alike) -> PyReferences {
    let mut shown = shown_references(linker, &alike.found, &[], false);
    let words = alike.words.iter().map(|word| {
        let (file, at) = (word.file, word.at);
        let unit = linker.is_code(file).then(|| linker.unit(file));
        let around = unit.map(|_| linker.innermost(file, &[at]));
        (
            file.0,
            unit.map_or(0, |unit| unit.occurrences_before(at)),
            unit.map_or(1, |unit| unit.line_of(at)),
            at,
            word.role,
            around.into_iter().flatten().flatten().next().map(|id| id.0),
            Evidence::Exact.name(),
            false,
        )
    });
    shown.certain.extend(words);
    shown
}

/// The occurrences of what was found, and what only flow leads to.
fn shown_references(
    linker: &link::Linker,
    found: &link::References,
    by_flow: &[link::FlowReference],
    invoked: bool,
) -> PyReferences {
    let is_wanted =
        |shown: &Shown| !invoked || (link::invokes(shown.role) && shown.role & role::DECLARES == 0);
    let certain = found
        .certain
        .iter()
        .map(|one| (linker.show(one.place), one));
    let certain = certain
        .filter(|(shown, _)| is_wanted(shown))
        .map(|(shown, one)| reference(&shown, one.evidence, one.alias));
    // what runs it under another name is no occurrence of it
    let flow = by_flow.iter().filter(|one| invoked || one.names);
    let flow = flow.map(|one| linker.show(one.place));
    let flow = flow
        .filter(is_wanted)
        .map(|shown| reference(&shown, Evidence::Inferred, false));
    let possible = linker
        .possible_references(found)
        .into_iter()
        .filter(|place| {
            by_flow
                .binary_search_by_key(place, |one| one.place)
                .is_err()
        })
        .map(|place| linker.show(place));
    let possible = possible
        .filter(is_wanted)
        .map(|shown| reference(&shown, Evidence::Possible, false));
    PyReferences {
        certain: certain.collect(),
        flow: flow.collect(),
        possible: possible.collect(),
        mentions: found
            .mentions
            .iter()
            .map(|&place| reference(&linker.show(place), Evidence::Exact, false))
            .collect(),
        names: found
            .names
            .iter()
            .map(|&name| linker.name(name).to_string())
            .collect(),
        passed_on: 0,
    }
}

/// The uses in a definition; where what runs is asked for, with what only flow leads to.
pub(super) fn uses_in(linker: &link::Linker, def: Def, invoked: bool) -> Vec<PyUse> {
    let unit = linker.unit(def.file);
    let uses = linker.uses_in(def, invoked).into_iter();
    uses.map(|one| {
        let place = Place {
            file: def.file,
            id: one.occurrence,
        };
        let flow = if invoked {
            from_defs(linker.flow_at(place).definitions())
        } else {
            Vec::new()
        };
        (
            unit.line_of(unit.start(one.occurrence)),
            unit.property(one.occurrence).to_owned(),
            via_name(one.via()),
            one.role & role::MEMBER != 0,
            from_defs(one.definitions.iter().copied()),
            flow,
        )
    })
    .collect()
}
