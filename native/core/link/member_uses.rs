//! Member accesses `x.name`, resolved through `x`; worked out once for each name.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::Linker;
use super::definitions::definitions;
use super::values::{Head, Set};
use crate::facts::codes::role;
use crate::facts::{Def, FileId, Node, NodeId, OccurrenceId, Place};

/// One `x.name`.
pub struct MemberUse {
    pub place: Place,
    pub node: Option<NodeId>,
    /// The members it can mean, with all that they override or implement.
    pub leads_to: Vec<Def>,
    /// Whether the receiver is a module, a namespace or an enum.
    pub exact: bool,
}

/// Every place of the tree where a name is a property of something that is not a package's or the platform's.
#[derive(Default)]
pub struct MemberUses {
    /// Where the receiver's member is found.
    pub known: Vec<MemberUse>,
    /// Where the receiver could be anything, by place.
    pub unknown: Vec<Place>,
    by_definition: FxHashMap<Def, Vec<u32>>,
}

impl MemberUses {
    /// The uses that can mean a definition.
    pub fn of(&self, def: Def) -> impl Iterator<Item = &MemberUse> {
        self.by_definition
            .get(&def)
            .into_iter()
            .flatten()
            .map(|&at| &self.known[at as usize])
    }
}

impl Linker {
    pub fn member_uses(&self, name: &str) -> Arc<MemberUses> {
        let id = self.name_id(name);
        if let Some(known) = self.member_uses.borrow().get(&id) {
            return Arc::clone(known);
        }
        let mut found = MemberUses::default();
        for &file in self.files_with(name).iter() {
            let unit = self.unit(file);
            for occurrence in unit
                .string(name)
                .into_iter()
                .flat_map(|text| unit.occurrences_named(text))
            {
                if unit.role(occurrence) & role::MEMBER == 0 {
                    continue;
                }
                let place = Place {
                    file,
                    id: occurrence,
                };
                let node = unit.node_of(occurrence);
                match self.resolve_receiver(file, occurrence, name) {
                    None => found.unknown.push(place),
                    Some((leads_to, _)) if leads_to.is_empty() => {}
                    Some((mut leads_to, exact)) => {
                        leads_to.sort_unstable();
                        leads_to.dedup();
                        found.known.push(MemberUse {
                            place,
                            node,
                            leads_to,
                            exact,
                        });
                    }
                }
            }
            if self.is_stopped() {
                return Arc::default();
            }
        }
        for (at, one) in (0u32..).zip(&found.known) {
            for &def in &one.leads_to {
                found.by_definition.entry(def).or_default().push(at);
            }
        }
        let found = Arc::new(found);
        self.member_uses.borrow_mut().insert(id, Arc::clone(&found));
        found
    }

    /// What a property name leads to, and whether that is exact; none when its receiver could be anything.
    fn resolve_receiver(
        &self,
        file: FileId,
        occurrence: OccurrenceId,
        name: &str,
    ) -> Option<(Vec<Def>, bool)> {
        let unit = self.unit(file);
        match unit.node_of(occurrence).map(|node| unit.node(node)) {
            Some(Node::Member { base, .. }) => self.resolve_access(file, base, name),
            Some(Node::ImportType { import, path }) => {
                let parts = self.import_meaning(file, import, path, Some(occurrence));
                (!parts.is_empty()).then(|| (definitions(&parts), true))
            }
            _ => self.resolve_declaration(file, unit.start(occurrence)),
        }
    }

    /// The name of a member in a class, a type or a literal leads to itself, and to what it overrides or implements.
    fn resolve_declaration(&self, file: FileId, start: u32) -> Option<(Vec<Def>, bool)> {
        let unit = self.unit(file);
        let members: Vec<Def> = unit
            .named_at(start)
            .filter(|&id| unit.owner(id).is_some())
            .map(|id| Def { file, id })
            .collect();
        let leads_to = members
            .iter()
            .flat_map(|&def| self.base_members(def).to_vec())
            .collect();
        (!members.is_empty()).then_some((leads_to, true))
    }

    fn resolve_access(
        &self,
        file: FileId,
        base: Option<NodeId>,
        name: &str,
    ) -> Option<(Vec<Def>, bool)> {
        let receivers = self.set(self.expanded(self.evaluate(file, base)));
        let name = self.name_id(name);
        let mut leads_to = Vec::new();
        for head in receivers.heads() {
            for &def in self.member_definitions(head, name).iter() {
                leads_to.extend(self.base_members(def).iter());
                leads_to.extend(definitions(&self.origin(def)));
            }
        }
        let elsewhere =
            !receivers.is_unknown() && !receivers.open && receivers.heads().all(Head::is_elsewhere);
        if leads_to.is_empty() && !elsewhere {
            return None;
        }
        Some((leads_to, is_module(&receivers)))
    }
}

/// Whether all receivers are modules, namespaces or enums, or what a CommonJS module is as a whole.
fn is_module(receivers: &Set) -> bool {
    let is_exporting = |file: FileId| receivers.holds(Head::Exports(file));
    receivers.heads().all(|head| match head {
        Head::Exports(_) | Head::Namespace(_) | Head::Enum(_) => true,
        head => head.file().is_some_and(is_exporting),
    })
}
