//! Names in the prose of comments: what a path of them leads to, and the members beside a declaration that its comment mentions by name.

use super::Linker;
use super::evaluate::once;
use super::values::{Head, SetId};
use crate::facts::codes::{definition, role};
use crate::facts::{Def, FileId, OccurrenceId, Place};

impl Linker {
    /// The members of the definition around a comment that a bare name in it means; none for other names.
    pub(super) fn members_beside(&self, file: FileId, occurrence: OccurrenceId) -> Vec<Def> {
        const NOT_BARE: u32 = role::MEMBER;
        let unit = self.unit(file);
        if unit.role(occurrence) & (role::MENTION | NOT_BARE) != role::MENTION {
            return Vec::new();
        }
        let Some(around) = unit.within(occurrence) else {
            return Vec::new();
        };
        let named = unit.named(unit.occurrence_name(occurrence));
        let is_member = |&id: &crate::facts::DefinitionId| {
            let is_one = unit.owner(id).is_some() || unit.kind(id) == definition::ENUM_MEMBER;
            is_one && unit.parent(id) == Some(around)
        };
        named.filter(is_member).map(|id| Def { file, id }).collect()
    }

    /// The bare names in comments that mean a member of the definition around them.
    pub(super) fn mentions_of_member(&self, member: Def) -> Vec<OccurrenceId> {
        let unit = self.unit(member.file);
        let named = unit.occurrences_named(unit.name_id(member.id));
        let is_bare =
            |&id: &OccurrenceId| unit.role(id) & role::MENTION != 0 && unit.target(id).is_none();
        let means_it = |&id: &OccurrenceId| {
            let place = Place {
                file: member.file,
                id,
            };
            self.definitions_at(place).contains(&member)
        };
        named.filter(is_bare).filter(means_it).collect()
    }

    /// The members that a name behind another one in a comment means: those of the class or its instances, of a type, a namespace, a module.
    pub(super) fn mentioned_members(&self, file: FileId, occurrence: OccurrenceId) -> Vec<Def> {
        let unit = self.unit(file);
        let Some(mut before) = self.mentioned_before(file, occurrence) else {
            return Vec::new();
        };
        if unit.property(before) == "prototype"
            && let Some(class) = self.mentioned_before(file, before)
        {
            before = class;
        }
        let place = Place { file, id: before };
        let mut holders = self.definitions_at(place).to_vec();
        if holders.is_empty() {
            holders = self.imported_here(place);
        }
        let name = self.name_id(unit.property(occurrence));
        let found = holders.into_iter().flat_map(|holder| {
            let mut members = self.scoped(holder, &self.name(name));
            let held = self.set(self.expanded(self.held_by(holder)));
            for head in held.heads() {
                members.extend(self.member_definitions(head, name).iter());
                if let Head::Class(file, class) = head {
                    let instance = Head::Instance(file, class);
                    members.extend(self.member_definitions(instance, name).iter());
                }
            }
            members
        });
        once(found).to_vec()
    }

    /// The name in front of the dot or the hash before a name in a comment.
    fn mentioned_before(&self, file: FileId, occurrence: OccurrenceId) -> Option<OccurrenceId> {
        let unit = self.unit(file);
        let before = OccurrenceId(occurrence.0.checked_sub(1)?);
        let is_joined = unit.role(occurrence) & role::MEMBER != 0
            && unit.role(before) & role::MENTION != 0
            && unit.span(before).1 + 1 == unit.start(occurrence);
        is_joined.then_some(before)
    }

    /// The values of a definition, or of its type.
    fn held_by(&self, def: Def) -> SetId {
        let unit = self.unit(def.file);
        match (unit.kind(def.id), unit.class_of(def.id)) {
            (definition::INTERFACE, Some(class)) => self.one(Head::Instance(def.file, class)),
            (definition::TYPE, _) => self.typed(def.file, unit.annotation(def.id)),
            _ => self.value_of(def),
        }
    }
}
