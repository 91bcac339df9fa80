//! Members of types that are written out as alternatives of one union: `{ kind: 'a' } | { kind: 'b' }`.

use std::sync::Arc;

use super::super::Linker;
use super::super::references::{Reference, References};
use crate::facts::codes::node;
use crate::facts::{Def, Node, NodeId, Place, Unit};

impl Linker {
    /// The references of a member in all alternatives of a union, where a place means that of one; none unless all have it. The key of an
    /// object literal means no more than the alternatives that the literal can be.
    pub(super) fn of_all_alternatives(&self, place: Place) -> Option<Arc<References>> {
        let is_key = |def: &Def| {
            let unit = self.unit(def.file);
            let owner = unit.owner(def.id);
            owner.is_some_and(|owner| matches!(unit.node(owner), Node::Object(_)))
        };
        let here = self.declared_at(place.file, place.id);
        if here.iter().any(is_key) {
            return None;
        }
        let meant = self.definitions_at(place);
        let all = meant.iter().find_map(|&def| self.in_alternatives(def))?;
        let mut certain: Vec<Reference> = Vec::new();
        let mut together = References::default();
        for &def in &all {
            let of = self.references(def, false);
            certain.extend(&of.certain);
            together.mentions.extend(&of.mentions);
            together.names.extend(&of.names);
            together.re_exporters.extend(&of.re_exporters);
            together.aliases.extend(&of.aliases);
        }
        certain.sort_unstable_by_key(|one| (one.place, one.evidence));
        certain.dedup_by_key(|one| one.place);
        together.certain = certain;
        together.mentions.sort_unstable();
        together.mentions.dedup();
        together.names.sort_unstable();
        together.names.dedup();
        together.re_exporters.sort_unstable();
        together.re_exporters.dedup();
        Some(Arc::new(together))
    }

    /// The members of a name in all alternatives of the union that a member is written in.
    fn in_alternatives(&self, def: Def) -> Option<Vec<Def>> {
        let unit = self.unit(def.file);
        let owner = unit.owner(def.id)?;
        if !matches!(unit.node(owner), Node::ObjectType) {
            return None;
        }
        let name = self.name_id(unit.name(def.id));
        let mut all = Vec::new();
        for part in alternatives(unit, owner)? {
            let of_part = self.set(self.expanded(self.typed(def.file, Some(part))));
            let members = of_part
                .heads()
                .flat_map(|head| self.member_definitions(head, name).to_vec());
            let before = all.len();
            all.extend(members);
            if all.len() == before {
                return None;
            }
        }
        Some(all)
    }
}

/// The types of the union in which a type is written.
fn alternatives(unit: &Unit, of: NodeId) -> Option<Vec<NodeId>> {
    unit.nodes_of_kind(node::UNION).find_map(|union| {
        let Node::Union(parts) = unit.node(union) else {
            return None;
        };
        let parts: Vec<NodeId> = unit.nodes(parts).flatten().collect();
        parts.contains(&of).then_some(parts)
    })
}
