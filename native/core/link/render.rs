//! Rendering of definitions and occurrences for readers: names, kinds, lines, extents, and what stands around a place.

use std::sync::Arc;

use super::Linker;
use super::references::invokes;
use crate::facts::codes::{definition, flag, meta, role};
use crate::facts::{
    Cells, Def, DefinitionId, FileId, ImportId, Node, OccurrenceId, Place, StringId, Unit,
};

/// A definition as it is shown.
#[derive(Clone, Debug)]
pub struct Description {
    pub def: Def,
    /// The name with what it belongs to.
    pub name: String,
    pub bare_name: String,
    pub kind: u32,
    pub flags: u32,
    /// Line of the name, counted from 1.
    pub line: u32,
    /// Byte offset of the name.
    pub at: u32,
    /// The span of the whole definition, and where its body starts.
    pub start: u32,
    pub end: u32,
    pub body: u32,
    /// Lines of the span, counted from 1.
    pub first_line: u32,
    pub last_line: u32,
    /// The span of the doc comment.
    pub doc: Option<(u32, u32)>,
    /// True when it is put on something: a member.
    pub is_member: bool,
    /// A number of the thing in its file that it is.
    pub thing: u64,
    /// The mark that tells it from others of its file that answer to its name; none where it is the only one.
    pub mark: Option<u32>,
}

/// An occurrence as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct Shown {
    pub place: Place,
    pub line: u32,
    /// Byte offset.
    pub at: u32,
    pub role: u32,
    pub within: Option<DefinitionId>,
}

impl Shown {
    /// The one word for its roles: definition, import, export, call, type, comment, write or read.
    pub fn role_name(&self, alias: bool) -> &'static str {
        let has = |roles: u32| self.role & roles != 0;
        match () {
            () if alias || has(role::IMPORT) => "import",
            () if has(role::DECLARES) => "definition",
            () if invokes(self.role) => "call",
            () if has(role::EXPORT) => "export",
            () if self.role == role::JSDOC || has(role::MENTION) => "comment",
            () if has(role::JSDOC) => "type",
            () if has(role::TYPE | role::HERITAGE) && !has(role::READ | role::WRITE) => "type",
            () if has(role::WRITE) => "write",
            () => "read",
        }
    }
}

impl Linker {
    pub fn describe(&self, def: Def) -> Description {
        let unit = self.unit(def.file);
        let (start, end) = unit.extent(def.id);
        Description {
            def,
            name: self.qualified_name(def),
            bare_name: unit.name(def.id).to_owned(),
            kind: unit.kind(def.id),
            flags: unit.flags_of(def.id),
            line: unit.line_of(unit.start_name(def.id)),
            at: unit.start_name(def.id),
            start,
            end,
            body: unit.body(def.id),
            first_line: unit.line_of(start),
            last_line: unit.line_of(start.max(end.saturating_sub(1))),
            doc: unit.doc(def.id),
            is_member: unit.owner(def.id).is_some(),
            thing: self.thing(def),
            mark: self.distinguishing(def),
        }
    }

    pub fn show(&self, place: Place) -> Shown {
        let unit = self.unit(place.file);
        let at = unit.start(place.id);
        Shown {
            place,
            line: unit.line_of(at),
            at,
            role: unit.role(place.id),
            within: unit.within(place.id),
        }
    }

    /// The definitions of a file that an outline shows: declarations at its top, and their members, by place.
    pub fn outline(&self, file: FileId) -> Vec<DefinitionId> {
        let unit = self.unit(file);
        let mut shown: Vec<DefinitionId> = unit
            .definition_ids()
            .filter(|&id| is_outlined(unit, id))
            .collect();
        shown.sort_by_key(|&id| {
            let (start, end) = unit.extent(id);
            (start, u32::MAX - end)
        });
        shown
    }

    /// Definitions on a line of a file, given as a span.
    pub fn around_line(&self, file: FileId, line: (u32, u32)) -> Vec<DefinitionId> {
        around_line(self.unit(file), line)
    }

    /// The innermost named definition around each byte offset of a file, properties of object literals included; the offsets ascend.
    pub fn innermost(&self, file: FileId, offsets: &[u32]) -> Vec<Option<DefinitionId>> {
        innermost(self.unit(file), offsets)
    }

    pub fn occurrence_at(&self, file: FileId, offset: u32) -> Option<OccurrenceId> {
        self.unit(file).occurrence_at(offset)
    }

    /// The names that stand nearest to a byte offset, nearest first.
    pub fn names_near(&self, file: FileId, offset: u32, most: usize) -> Vec<String> {
        let unit = self.unit(file);
        let before = unit.occurrences_in((0, offset)).count();
        let first = crate::facts::len32(before.saturating_sub(most));
        let last = unit
            .occurrence_count()
            .min(crate::facts::len32(before + most));
        let mut near: Vec<OccurrenceId> = (first..last).map(OccurrenceId).collect();
        near.sort_by_key(|&id| unit.start(id).abs_diff(offset));
        let mut names: Vec<String> = Vec::new();
        for id in near {
            let name = unit.property(id);
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        names.truncate(most);
        names
    }

    /// The names of a file's definitions, imports left out.
    pub fn names_in(&self, file: FileId) -> Vec<String> {
        let unit = self.unit(file);
        let declared = unit
            .definition_ids()
            .filter(|&id| unit.kind(id) != definition::IMPORT);
        let mut names: Vec<StringId> = declared.map(|id| unit.name_id(id)).collect();
        names.sort_unstable();
        names.dedup();
        names
            .into_iter()
            .map(|id| unit.text(id).to_owned())
            .collect()
    }

    /// The starts of a file's lines, its length, and whether all of it is ASCII.
    pub fn lines(&self, file: FileId) -> (Cells<'_>, u32, bool) {
        let unit = self.unit(file);
        (unit.lines(), unit.length(), unit.is(meta::ASCII))
    }

    /// The UTF-16 column of a byte offset, counted from 1; none where that takes the text of the line.
    pub fn column(&self, file: FileId, at: u32) -> Option<u32> {
        let unit = self.unit(file);
        let line = unit.line_of(at) as usize;
        let start = unit.lines().get(line.checked_sub(1)?)?;
        unit.is(meta::ASCII).then(|| at - start + 1)
    }

    pub fn import_line(&self, file: FileId, import: ImportId) -> u32 {
        let unit = self.unit(file);
        unit.line_of(unit.import_start(import))
    }

    /// Line, start and end of the specifier of an import.
    pub fn import_place(&self, file: FileId, import: ImportId) -> (u32, u32, u32) {
        let unit = self.unit(file);
        let (start, end) = unit.import_span(import);
        (unit.line_of(start), start, end)
    }

    pub fn flags(&self, file: FileId) -> u32 {
        self.unit(file).flags
    }

    /// The files in which the names of definitions may stand.
    pub fn files_naming(&self, names: &[Arc<str>]) -> Vec<FileId> {
        let mut files: Vec<FileId> = names
            .iter()
            .flat_map(|name| self.files_with(name).to_vec())
            .collect();
        files.sort_unstable();
        files.dedup();
        files
    }
}

/// Definitions on a line, given as a span: the outermost definition that begins there, or all of them where there are several; else the
/// innermost one around. Several properties of object literals are no answer of their own.
pub(super) fn around_line(unit: &Unit, (start, end): (u32, u32)) -> Vec<DefinitionId> {
    let line = start..end;
    let (mut named, mut begun) = (Vec::new(), Vec::new());
    for id in unit
        .definition_ids()
        .filter(|&id| is_shown_around(unit, id))
    {
        if line.contains(&unit.start_name(id)) {
            named.push(id);
        } else if line.contains(&unit.extent(id).0) {
            begun.push(id);
        }
    }
    for found in [named, begun] {
        let outer = outermost(unit, &found);
        let is_literal = outer.len() > 1 && outer.iter().all(|&id| is_in_literal(unit, id));
        if !outer.is_empty() && !is_literal {
            return outer;
        }
    }
    innermost(unit, &[start]).into_iter().flatten().collect()
}

fn innermost(unit: &Unit, offsets: &[u32]) -> Vec<Option<DefinitionId>> {
    let mut kept: Vec<(u32, u32, DefinitionId)> = unit
        .definition_ids()
        .filter(|&id| is_shown_around(unit, id))
        .map(|id| {
            let (start, end) = unit.extent(id);
            (start, end, id)
        })
        .collect();
    kept.sort_by_key(|&(start, end, id)| (start, u32::MAX - end, u32::MAX - id.0));
    let mut open: Vec<(u32, DefinitionId)> = Vec::new();
    let mut rest = kept.into_iter().peekable();
    let mut found = Vec::with_capacity(offsets.len());
    for &offset in offsets {
        while let Some(&(start, end, id)) = rest.peek().filter(|(start, ..)| *start <= offset) {
            while open.last().is_some_and(|&(end, _)| end <= start) {
                open.pop();
            }
            open.push((end, id));
            rest.next();
        }
        while open.last().is_some_and(|&(end, _)| end <= offset) {
            open.pop();
        }
        found.push(open.last().map(|&(_, id)| id));
    }
    found
}

pub(super) fn is_outlined(unit: &Unit, id: DefinitionId) -> bool {
    let kind = unit.kind(id);
    if unit.has(id, flag::LOCAL | flag::FUNCTION_NAME)
        || matches!(
            kind,
            definition::IMPORT | definition::PARAMETER | definition::TYPE_PARAMETER
        )
    {
        return false;
    }
    is_around(kind)
        || unit.parent(id).is_none()
        || matches!(kind, definition::FIELD | definition::ENUM_MEMBER)
}

/// True when a place in a definition is said to stand in it: a function or a type, or whatever an outline shows.
pub(super) fn is_shown_around(unit: &Unit, id: DefinitionId) -> bool {
    (is_around(unit.kind(id)) && !unit.has(id, flag::FUNCTION_NAME)) || is_outlined(unit, id)
}

/// The definitions that stand in none of the others.
fn outermost(unit: &Unit, found: &[DefinitionId]) -> Vec<DefinitionId> {
    let holds = |outer: DefinitionId, inner: DefinitionId| {
        let ((start, end), (first, last)) = (unit.extent(outer), unit.extent(inner));
        (start, end) != (first, last) && start <= first && last <= end
    };
    let is_outer = |&&id: &&DefinitionId| !found.iter().any(|&other| holds(other, id));
    found.iter().filter(is_outer).copied().collect()
}

fn is_in_literal(unit: &Unit, id: DefinitionId) -> bool {
    unit.owner(id)
        .is_some_and(|owner| matches!(unit.node(owner), Node::Object(_)))
}

/// Kinds of definitions that other code stands in.
fn is_around(kind: u32) -> bool {
    matches!(
        kind,
        definition::FUNCTION
            | definition::CLASS
            | definition::METHOD
            | definition::GETTER
            | definition::SETTER
            | definition::CONSTRUCTOR
            | definition::INTERFACE
            | definition::TYPE
            | definition::ENUM
            | definition::NAMESPACE
    )
}
