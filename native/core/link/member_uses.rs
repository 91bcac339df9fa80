//! Member accesses `x.name`, resolved through `x`; worked out once for each name.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::definitions::definitions;
use super::lexical::is_private;
use super::values::{Head, Set, SetId};
use super::{Linker, NameId};
use crate::facts::codes::{flag, role};
use crate::facts::{Def, FileId, Node, NodeId, OccurrenceId, Place, Unit};

/// One `x.name`.
pub struct MemberUse {
    pub place: Place,
    pub node: Option<NodeId>,
    /// True when the receiver is a module, a namespace or an enum.
    pub exact: bool,
}

/// Every place of the tree where a name is a property of something that is not a package's or the platform's.
#[derive(Default)]
pub struct MemberUses {
    /// Uses whose receiver could be anything, by place.
    pub unknown: Vec<Place>,
    /// Uses whose receiver's member is found, by the members that it can mean.
    known: Vec<Vec<MemberUse>>,
    /// Which of these mean a definition.
    by_definition: FxHashMap<Def, Vec<u32>>,
    /// Those of members that only types have: which value has it is not said.
    of_types: Vec<u32>,
}

impl MemberUses {
    /// The groups of uses that can mean a definition.
    pub fn groups_of(&self, def: Def) -> &[u32] {
        self.by_definition.get(&def).map_or(&[], Vec::as_slice)
    }

    /// The uses that mean members which only types have.
    pub(super) fn of_types(&self) -> impl Iterator<Item = &MemberUse> {
        let groups = self.of_types.iter();
        groups.flat_map(|&group| self.group(group))
    }

    /// The uses of a group.
    pub fn group(&self, group: u32) -> &[MemberUse] {
        &self.known[group as usize]
    }

    /// The uses that can mean a definition.
    pub fn of(&self, def: Def) -> impl Iterator<Item = &MemberUse> {
        let groups = self.groups_of(def).iter();
        groups.flat_map(|&group| self.group(group))
    }
}

/// Uses of a property name: the members it can mean, with all that they override or implement, and whether that is exact.
type Resolved = (Arc<[Def]>, bool);

/// Member uses on their way: uses that mean the same are one group.
struct Collector<'a> {
    linker: &'a Linker,
    name: NameId,
    found: MemberUses,
    groups: FxHashMap<Arc<[Def]>, u32>,
    /// The same by where they stand in memory: families are shared, and many overloads take long to compare.
    by_address: FxHashMap<*const Def, (Arc<[Def]>, u32)>,
    /// Memo of the same receivers.
    by_receivers: FxHashMap<SetId, Option<Resolved>>,
}

impl Linker {
    pub fn member_uses(&self, name: &str) -> Arc<MemberUses> {
        let id = self.name_id(name);
        if let Some(known) = self.member_uses.borrow().get(&id) {
            return Arc::clone(known);
        }
        let mut collector = Collector {
            linker: self,
            name: id,
            found: MemberUses::default(),
            groups: FxHashMap::default(),
            by_address: FxHashMap::default(),
            by_receivers: FxHashMap::default(),
        };
        for &file in self.files_with(name).iter() {
            let unit = self.unit(file);
            let named = unit
                .string(name)
                .into_iter()
                .flat_map(|text| unit.occurrences_named(text));
            for occurrence in named.filter(|&occurrence| is_property(unit, occurrence)) {
                if !self.step() {
                    return Arc::default();
                }
                collector.collect(file, occurrence);
            }
            self.pause();
            if self.is_stopped() {
                return Arc::default();
            }
        }
        let found = Arc::new(collector.found);
        self.member_uses.borrow_mut().insert(id, Arc::clone(&found));
        found
    }
}

impl Collector<'_> {
    fn collect(&mut self, file: FileId, occurrence: OccurrenceId) {
        self.linker.look(1);
        let place = Place {
            file,
            id: occurrence,
        };
        let unit = self.linker.unit(file);
        // the node of `a` in `{ a }` is that of the binding
        let node = unit
            .node_of(occurrence)
            .filter(|_| unit.role(occurrence) & role::MEMBER != 0);
        match self.resolve_receiver(file, occurrence) {
            None => self.found.unknown.push(place),
            Some((leads_to, _)) if leads_to.is_empty() => {}
            Some((leads_to, exact)) => {
                if node.is_none() && self.linker.is_unsure_at(place) {
                    self.found.unknown.push(place);
                }
                let group = self.group(leads_to);
                self.found.known[group as usize].push(MemberUse { place, node, exact });
            }
        }
    }

    fn group(&mut self, leads_to: Arc<[Def]>) -> u32 {
        if let Some(&(_, known)) = self.by_address.get(&leads_to.as_ptr()) {
            return known;
        }
        let group = match self.groups.get(&leads_to) {
            Some(&known) => known,
            None => self.new_group(&leads_to),
        };
        self.by_address.insert(leads_to.as_ptr(), (leads_to, group));
        group
    }

    fn new_group(&mut self, leads_to: &Arc<[Def]>) -> u32 {
        self.linker.look(leads_to.len());
        let group = crate::facts::len32(self.found.known.len());
        self.found.known.push(Vec::new());
        for &def in leads_to.iter() {
            self.found.by_definition.entry(def).or_default().push(group);
        }
        if leads_to.iter().all(|&def| self.linker.is_of_type(def)) {
            self.found.of_types.push(group);
        }
        self.groups.insert(Arc::clone(leads_to), group);
        group
    }

    /// None when the receiver could be anything.
    fn resolve_receiver(&mut self, file: FileId, occurrence: OccurrenceId) -> Option<Resolved> {
        let unit = self.linker.unit(file);
        if is_private(unit.property(occurrence)) {
            let meant = self.linker.private_members(file, occurrence);
            return Some((sorted(meant), true));
        }
        if unit.role(occurrence) & role::MENTION != 0 {
            let meant = self.linker.mentioned_members(file, occurrence);
            return Some((sorted(meant), true));
        }
        if unit.role(occurrence) & role::INTRINSIC != 0 {
            let meant = self.linker.intrinsic_elements(unit.property(occurrence));
            return Some((sorted(meant), true));
        }
        match unit.node_of(occurrence).map(|node| unit.node(node)) {
            Some(Node::IndexedAccess { object, .. }) => {
                self.resolve(self.linker.typed(file, object))
            }
            Some(Node::Index { base, .. }) => self.resolve(self.linker.evaluate(file, base)),
            Some(Node::Member { base, .. }) => {
                let resolved = self.resolve(self.linker.evaluate(file, base));
                resolved.or_else(|| {
                    let name = unit.property(occurrence);
                    let parameters = self.linker.parameters_of_prop(file, base, name);
                    (!parameters.is_empty()).then(|| (sorted(parameters), false))
                })
            }
            Some(Node::ImportType { import, path }) => {
                let meaning = self
                    .linker
                    .import_meaning(file, import, path, Some(occurrence));
                let meant = || self.linker.meant_in_import(file, import, path, occurrence);
                (!meaning.is_empty()).then(|| (sorted(meant()), true))
            }
            _ => self
                .linker
                .resolve_declaration(file, unit.start(occurrence)),
        }
    }

    fn resolve(&mut self, receivers: SetId) -> Option<Resolved> {
        if let Some(known) = self.by_receivers.get(&receivers) {
            return known.clone();
        }
        let by_keys = self.linker.declared_by_keys(receivers, self.name);
        let whole = self
            .linker
            .expanded(self.linker.unmapped(receivers, self.name));
        let set = self.linker.set(whole);
        let mut resolved = self.linker.resolve_access(&set, self.name);
        if let Some((leads_to, _)) = resolved.as_mut().filter(|_| !by_keys.is_empty()) {
            *leads_to = sorted(leads_to.iter().copied().chain(by_keys).collect());
        }
        self.by_receivers.insert(receivers, resolved.clone());
        resolved
    }
}

impl Linker {
    /// True when a property that is declared there may be one of what is expected of its literal.
    fn is_unsure_at(&self, place: Place) -> bool {
        let unit = self.unit(place.file);
        let mut here = unit.named_at(unit.start(place.id));
        here.any(|id| {
            self.is_unsure(Def {
                file: place.file,
                id,
            })
        })
    }

    /// The name of a member in a class, a type or a literal leads to itself, and to what it overrides or implements.
    fn resolve_declaration(&self, file: FileId, start: u32) -> Option<Resolved> {
        let unit = self.unit(file);
        let members = unit.named_at(start).filter(|&id| unit.owner(id).is_some());
        let mut families: Vec<Arc<[Def]>> = members
            .map(|id| self.base_members(Def { file, id }))
            .collect();
        let first = families.pop()?;
        if families.is_empty() {
            return Some((first, true));
        }
        let all = families
            .iter()
            .flat_map(|family| family.iter())
            .chain(first.iter());
        Some((sorted(all.copied().collect()), true))
    }

    /// True when a definition is a member of an interface or of the type of an object.
    pub(super) fn is_of_type(&self, def: Def) -> bool {
        let unit = self.unit(def.file);
        match unit.owner(def.id).map(|owner| unit.node(owner)) {
            Some(Node::ObjectType) => true,
            Some(Node::Class(class)) => unit.is_interface(class),
            _ => false,
        }
    }

    pub(super) fn resolve_access(&self, receivers: &Set, name: NameId) -> Option<Resolved> {
        let mut families: Vec<Arc<[Def]>> = Vec::new();
        let mut others: Vec<Def> = Vec::new();
        for head in receivers.heads() {
            for &def in self.member_definitions(head, name).iter() {
                let family = self.base_members(def);
                if families.iter().all(|known| !Arc::ptr_eq(known, &family)) {
                    families.push(family);
                }
                others.extend(
                    definitions(&self.origin(def))
                        .into_iter()
                        .filter(|&other| other != def),
                );
            }
        }
        let mut heads = receivers.heads();
        let elsewhere = !receivers.is_unknown()
            && !receivers.open
            && heads.all(|head| head.is_elsewhere() || self.adds_to_platform(head));
        let leads_to = match families.pop() {
            None if !elsewhere => return None,
            Some(only) if families.is_empty() && others.is_empty() => only,
            last => {
                families.extend(last);
                sorted(
                    families
                        .iter()
                        .flat_map(|family| family.iter().copied())
                        .chain(others)
                        .collect(),
                )
            }
        };
        Some((leads_to, is_module(receivers)))
    }
}

/// True when an occurrence names a property: behind a dot, as a key, as an element of the platform, or as `a` in `{ a }`, which is the name of a
/// binding as well.
fn is_property(unit: &Unit, occurrence: OccurrenceId) -> bool {
    let role = unit.role(occurrence);
    let declares = || {
        let mut here = unit.named_at(unit.start(occurrence));
        here.any(|id| unit.owner(id).is_some() && unit.has(id, flag::SHORTHAND))
    };
    role & (role::MEMBER | role::INTRINSIC) != 0 || (role & role::SHORTHAND != 0 && declares())
}

fn sorted(mut definitions: Vec<Def>) -> Arc<[Def]> {
    definitions.sort_unstable();
    definitions.dedup();
    definitions.into()
}

/// True when all receivers are modules, namespaces or enums, or what a CommonJS module is as a whole.
fn is_module(receivers: &Set) -> bool {
    let is_exporting = |file: FileId| receivers.holds(Head::Exports(file));
    receivers.heads().all(|head| match head {
        Head::Exports(_) | Head::Namespace(_) | Head::Enum(_) => true,
        head => head.file().is_some_and(is_exporting),
    })
}
