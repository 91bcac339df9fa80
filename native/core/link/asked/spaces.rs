//! The spaces of a name: a value, a type and a namespace can share it.

use std::sync::Arc;

use super::super::Linker;
use super::super::references::References;
use crate::facts::codes::{definition, role};
use crate::facts::{Def, Node, Place};

const VALUE: u32 = 1;
pub(super) const TYPE: u32 = 2;
const NAMESPACE: u32 = 4;
const ALL: u32 = VALUE | TYPE | NAMESPACE;

impl Linker {
    /// The references of a merged declaration in the spaces that a place means; none where that leaves no declaration out.
    pub(super) fn in_its_spaces(&self, place: Place) -> Option<Arc<References>> {
        let def = self.only_meaning(place)?;
        let together = self.merged(def);
        if together.len() < 2 {
            return None;
        }
        let declared: Vec<(Def, u32)> = together
            .into_iter()
            .map(|def| (def, self.spaces_of(def)))
            .collect();
        let meant = widened(self.spaces_at(place), &declared);
        let first = declared.iter().find(|(_, spaces)| spaces & meant != 0)?.0;
        if declared.iter().all(|(_, spaces)| spaces & meant != 0) {
            return None;
        }
        let all = self.references(first, false);
        let certain = all.certain.iter().copied();
        Some(Arc::new(References {
            certain: certain
                .filter(|one| self.spaces_at(one.place) & meant != 0)
                .collect(),
            mentions: all.mentions.clone(),
            names: all.names.clone(),
            re_exporters: all.re_exporters.clone(),
            aliases: all.aliases.clone(),
        }))
    }

    /// The spaces that a declaration puts its name into.
    fn spaces_of(&self, def: Def) -> u32 {
        let unit = self.unit(def.file);
        match unit.kind(def.id) {
            definition::INTERFACE | definition::TYPE | definition::TYPE_PARAMETER => TYPE,
            definition::CLASS | definition::ENUM_MEMBER => VALUE | TYPE,
            definition::ENUM | definition::IMPORT => ALL,
            definition::NAMESPACE if self.has_values(def) => VALUE | NAMESPACE,
            definition::NAMESPACE => NAMESPACE,
            _ => VALUE,
        }
    }

    /// True for a namespace in which something runs, or is a value.
    fn has_values(&self, def: Def) -> bool {
        let unit = self.unit(def.file);
        let (_, end) = unit.extent(def.id);
        let inside = (unit.start_name(def.id) + 1, end);
        unit.occurrences_in(inside).any(|id| {
            let role = unit.role(id);
            role & (role::READ | role::WRITE | role::CALL | role::NEW) != 0
                && role & role::TYPE == 0
                || unit.target(id).is_some_and(|of| {
                    role & role::DECLARES != 0
                        && unit.kind(of) != definition::NAMESPACE
                        && self.spaces_of(Def {
                            file: def.file,
                            id: of,
                        }) & VALUE
                            != 0
                })
        })
    }

    /// The spaces in which a name is looked up at a place.
    pub(super) fn spaces_at(&self, place: Place) -> u32 {
        const ANY: u32 = role::IMPORT | role::EXPORT | role::JSDOC;
        let unit = self.unit(place.file);
        let role = unit.role(place.id);
        if role & role::DECLARES != 0 {
            let declared = self.declared_at(place.file, place.id).into_iter();
            let spaces = declared.map(|def| self.spaces_of(def));
            return spaces.fold(0, |all, spaces| all | spaces);
        }
        if role & ANY != 0 {
            return ALL;
        }
        let Some(node) = unit.node_of(place.id) else {
            return if role & role::TYPE == 0 { VALUE } else { TYPE };
        };
        if unit.exports_valued(node).next().is_some() {
            return ALL;
        }
        if let Node::ImportType { path, .. } = unit.node(node) {
            let is_last = unit.list(path).iter().last() == Some(place.id.0);
            let is_value = unit
                .parents(node.0)
                .any(|of| matches!(unit.node(of), Node::TypeQuery(_)));
            return match (is_value, is_last) {
                (true, _) => VALUE,
                (false, true) => TYPE,
                (false, false) => NAMESPACE,
            };
        }
        if role & role::TYPE == 0 {
            return VALUE;
        }
        let is_qualifier = unit
            .parents(node.0)
            .any(|of| matches!(unit.node(of), Node::Member { .. }));
        let names_another = unit
            .valued(node)
            .any(|id| unit.kind(id) == definition::IMPORT);
        match (is_qualifier, names_another, role & role::READ != 0) {
            (true, ..) => NAMESPACE,
            // `import a = b.c` means all that c is, `import a = b` the namespace
            (_, true, _) if role & role::MEMBER != 0 => ALL,
            (_, true, _) => NAMESPACE,
            _ => TYPE,
        }
    }
}

/// Spaces with those of every declaration that is in one of them.
fn widened(mut spaces: u32, declared: &[(Def, u32)]) -> u32 {
    loop {
        let known = spaces;
        for (_, of) in declared {
            if of & spaces != 0 {
                spaces |= of;
            }
        }
        if spaces == known {
            return spaces;
        }
    }
}
