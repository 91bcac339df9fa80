//! Names that the place they stand at gives a meaning, beside those that scopes bind: `#name` in a class, the members of an enum in its
//! initialisers.
//!
//! ECMA-262 §9.2 (PrivateEnvironment Records): a private name means that of the innermost class around it which declares it, whatever the
//! receiver is. TypeScript puts the members of an enum in scope in its initialisers.

use super::Linker;
use crate::facts::codes::{definition, role};
use crate::facts::{Column, Def, DefinitionId, FileId, Node, OccurrenceId, Unit};

/// True when a name is one that only its class can spell.
pub(super) fn is_private(name: &str) -> bool {
    name.starts_with('#')
}

impl Linker {
    /// The members that a private name means: accessors of one name are two. None where no class around declares it.
    pub(super) fn private_members(&self, file: FileId, occurrence: OccurrenceId) -> Vec<Def> {
        let unit = self.unit(file);
        let at = unit.start(occurrence);
        let declaring = |id: DefinitionId| {
            let class = unit.owner(id)?;
            let end = unit.column(Column::NodeEnd).get(class.row())?;
            let start = unit.node_start(class);
            let is_around = matches!(unit.node(class), Node::Class(_)) && start <= at && at < end;
            is_around.then_some((start, id))
        };
        let named = unit.named(unit.occurrence_name(occurrence));
        let found: Vec<(u32, DefinitionId)> = named.filter_map(declaring).collect();
        let innermost = found.iter().map(|&(start, _)| start).max();
        let meant = found
            .into_iter()
            .filter(|&(start, _)| Some(start) == innermost);
        meant.map(|(_, id)| Def { file, id }).collect()
    }

    /// The member of the enum around a bare name that means it; none elsewhere.
    pub(super) fn enum_members_in_scope(&self, file: FileId, occurrence: OccurrenceId) -> Vec<Def> {
        let unit = self.unit(file);
        let around = unit
            .within(occurrence)
            .filter(|&id| unit.kind(id) == definition::ENUM);
        match around.filter(|_| is_bare(unit, occurrence)) {
            Some(id) => self.scoped(Def { file, id }, unit.property(occurrence)),
            None => Vec::new(),
        }
    }

    /// The bare names in the initialisers of an enum that mean a definition; none for what is no member of one.
    pub(super) fn uses_in_enum(&self, member: Def) -> Vec<OccurrenceId> {
        let unit = self.unit(member.file);
        if unit.kind(member.id) != definition::ENUM_MEMBER {
            return Vec::new();
        }
        let named = unit.occurrences_named(unit.name_id(member.id));
        let means_it = |&occurrence: &OccurrenceId| {
            self.enum_members_in_scope(member.file, occurrence)
                .contains(&member)
        };
        named.filter(means_it).collect()
    }
}

/// True for a name that stands alone, is read and bound by nothing.
fn is_bare(unit: &Unit, occurrence: OccurrenceId) -> bool {
    let role = unit.role(occurrence);
    role & role::READ != 0
        && role & (role::MEMBER | role::DECLARES) == 0
        && unit.target(occurrence).is_none()
}
