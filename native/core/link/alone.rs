//! A source that belongs to no tree, such as an earlier version of a file: what it declares by name, and what its lines stand in.

use super::names::{DEEPEST, qualified};
use super::render::{around_line, is_outlined, is_shown_around};
use crate::facts::{Damaged, DefinitionId, Unit, len32};

/// A definition that code stands in, or that an outline shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    pub id: DefinitionId,
    /// The name with what it belongs to.
    pub name: String,
    pub kind: u32,
    pub start: u32,
    pub end: u32,
    /// True when an outline shows it.
    pub is_outlined: bool,
}

/// The definitions of a source by place, and for each line that was asked about those that it stands in, by number; a line of a doc comment
/// stands in what that is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alone {
    pub definitions: Vec<Declared>,
    pub around: Vec<Vec<u32>>,
}

/// Reads the facts of a source by themselves; lines are spans of its bytes.
pub fn read_alone(facts: Vec<u8>, lines: &[(u32, u32)]) -> Result<Alone, Damaged> {
    let unit = Unit::new(facts)?;
    let mut shown: Vec<DefinitionId> = unit
        .definition_ids()
        .filter(|&id| is_shown_around(&unit, id))
        .collect();
    shown.sort_by_key(|&id| {
        let (start, end) = unit.extent(id);
        (start, u32::MAX - end, id.0)
    });
    let declared = |&id: &DefinitionId| {
        let (start, end) = unit.extent(id);
        Declared {
            id,
            name: qualified(&unit, id, DEEPEST),
            kind: unit.kind(id),
            start,
            end,
            is_outlined: is_outlined(&unit, id),
        }
    };
    let number = |id: DefinitionId| shown.iter().position(|&other| other == id);
    let stands_in = |&line: &(u32, u32)| {
        let mut found: Vec<DefinitionId> = shown
            .iter()
            .copied()
            .filter(|&id| {
                unit.doc(id)
                    .is_some_and(|(start, end)| start < line.1 && line.0 < end)
            })
            .collect();
        if found.is_empty() {
            found = around_line(&unit, line);
        }
        found.into_iter().filter_map(number).map(len32).collect()
    };
    Ok(Alone {
        around: lines.iter().map(stands_in).collect(),
        definitions: shown.iter().map(declared).collect(),
    })
}
