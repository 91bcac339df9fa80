//! Meanings of an occurrence by flow, and the way back: from a definition to the occurrences that flow leads to it.
//!
//! The way back walks from a function along the places where it stands as a value: parameters that it is passed as, names and fields that
//! hold it, calls of functions that return it. That only collects candidates; what the values of each are decides.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::definitions::definitions;
use super::references::invokes;
use super::solve::Layer;
use super::values::{Head, SetId};
use super::{Linker, References};
use crate::facts::codes::{flag, role};
use crate::facts::{Column, Def, DefinitionId, FileId, FunctionId, Node, NodeId, Place, Unit};

/// An occurrence that flow leads to more things than this, which have nothing in common, is only possible: of what it calls those are told
/// that are known without calls.
const MOST_UNRELATED: usize = 4;

/// Meanings that an occurrence has by flow alone.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Of `x.name` the members that it names.
    pub members: Box<[Def]>,
    /// Of `run()` what it runs under a name that may be another one.
    pub called: Box<[Def]>,
}

impl Flow {
    pub fn definitions(&self) -> impl Iterator<Item = Def> + '_ {
        self.members.iter().chain(&self.called).copied()
    }

    pub fn leads_to(&self, def: Def) -> bool {
        self.definitions().any(|other| other == def)
    }
}

/// An occurrence that only flow leads to a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowReference {
    pub place: Place,
    /// True when it names the definition, and does not only run it.
    pub names: bool,
}

/// Position of a value.
#[derive(Clone, Copy)]
pub(super) enum Standing {
    Argument(NodeId, u32),
    Returned(FunctionId),
    /// The node gives one of its parts.
    Part(NodeId),
}

/// Positions of the values of a file.
pub(super) type Standings = FxHashMap<NodeId, Vec<Standing>>;

impl Linker {
    /// Meanings that an occurrence has only by the values that flow there.
    pub fn flow_at(&self, place: Place) -> Arc<Flow> {
        if let Some(known) = self.flow_meanings.borrow().get(&place) {
            return Arc::clone(known);
        }
        let found = Arc::new(Flow {
            members: sorted(self.flow_to_member(place)),
            called: sorted(self.flow_to_callee(place)),
        });
        if !self.is_stopped() {
            self.flow_meanings
                .borrow_mut()
                .insert(place, Arc::clone(&found));
        }
        found
    }

    /// Of `x.name` the members, where only flow tells what x is.
    fn flow_to_member(&self, place: Place) -> Vec<Def> {
        let unit = self.unit(place.file);
        let base = match unit.node_of(place.id).map(|node| unit.node(node)) {
            Some(Node::Member { base, .. }) if unit.role(place.id) & role::MEMBER != 0 => base,
            _ => return Vec::new(),
        };
        let name = self.name_id(unit.property(place.id));
        let declared = self.set(self.expanded(self.evaluate(place.file, base)));
        let put = self.put_outside(place.file, base, &declared, unit.occurrence_name(place.id));
        if !put.is_empty() {
            let is_told = put.len() <= MOST_UNRELATED;
            return if is_told { put } else { Vec::new() };
        }
        let is_known = |head| !self.member_definitions(head, name).is_empty();
        let elsewhere =
            !declared.is_unknown() && !declared.open && declared.heads().all(Head::is_elsewhere);
        if declared.top || elsewhere || declared.heads().any(is_known) {
            return Vec::new();
        }
        let flowing = self.set(self.flowing_values(place.file, base));
        let mut families: Vec<Arc<[Def]>> = Vec::new();
        let mut others = Vec::new();
        for head in flowing.heads() {
            let members = self.in_layer(Layer::Flow, || self.member_definitions(head, name));
            for &def in members.iter() {
                let family = self.base_members(def);
                if families.iter().all(|known| known[..] != family[..]) {
                    families.push(family);
                }
                let origins = definitions(&self.origin(def));
                others.extend(origins.into_iter().filter(|&other| other != def));
            }
        }
        if families.len() > MOST_UNRELATED {
            return Vec::new();
        }
        others.extend(families.iter().flat_map(|family| family.iter().copied()));
        others
    }

    /// Of `run()` the functions that the name can hold, itself aside.
    fn flow_to_callee(&self, place: Place) -> Vec<Def> {
        let unit = self.unit(place.file);
        let role = unit.role(place.id);
        let Some(callee) = unit.node_of(place.id).filter(|_| invokes(role)) else {
            return Vec::new();
        };
        let is_new = role & role::NEW != 0;
        let flowing = self.flowing_values(place.file, Some(callee));
        let mut things = self.things_called(flowing, is_new);
        if self.set(flowing).top || things.len() > MOST_UNRELATED {
            things = self.things_called(self.known_without_calls(place.file, callee), is_new);
        }
        let declared = self.definitions_at(place);
        if things.len() > MOST_UNRELATED
            || things.iter().flatten().any(|def| declared.contains(def))
        {
            return Vec::new();
        }
        things.concat()
    }

    /// The names of each function, or of each class for `new`, that a value can be.
    fn things_called(&self, values: SetId, is_new: bool) -> Vec<Vec<Def>> {
        let mut things: Vec<Vec<Def>> = Vec::new();
        for head in self
            .set(values)
            .heads()
            .filter(|&head| !self.is_shape(head))
        {
            let things_here = match head {
                Head::Function(file, function) => {
                    let unit = self.unit(file);
                    let node = unit.function_node(function);
                    self.called_by(file, unit.function_definition(function), node)
                }
                Head::Class(file, class) if is_new => {
                    let unit = self.unit(file);
                    let node = unit.class_nodes(class).next();
                    self.called_by(file, unit.class_definition(class), node)
                }
                _ => Vec::new(),
            };
            if !things_here.is_empty() {
                things.push(things_here);
            }
        }
        things
    }

    /// The names of a function or a class: its own, and those that it is the value of.
    fn called_by(&self, file: FileId, own: Option<DefinitionId>, node: Option<NodeId>) -> Vec<Def> {
        let held = node
            .into_iter()
            .flat_map(|node| self.unit(file).valued(node));
        own.into_iter()
            .chain(held)
            .map(|id| Def { file, id })
            .collect()
    }

    /// The occurrences that flow alone leads to a definition, by file and place.
    pub fn flow_references(&self, def: Def) -> Arc<[FlowReference]> {
        if let Some(known) = self.flow_references.borrow().get(&def) {
            return Arc::clone(known);
        }
        let references = self.references(def, false);
        let mut candidates = self.possible_references(&references);
        candidates.extend(self.uses_outside(def));
        candidates.extend(Carriers::of(self, def, &references));
        candidates.sort_unstable();
        candidates.dedup();
        let merged = self.merged(def);
        let is_wanted = |def: &Def| merged.contains(def) || references.aliases.contains(def);
        let is_certain = |place: &Place| {
            let certain = &references.certain;
            certain.binary_search_by_key(place, |one| one.place).is_ok()
        };
        let leads_here = |place: Place| {
            if !self.step() || is_certain(&place) {
                return None;
            }
            let flow = self.flow_at(place);
            let names = flow.members.iter().any(is_wanted);
            (names || flow.called.iter().any(is_wanted)).then_some(FlowReference { place, names })
        };
        let found: Arc<[FlowReference]> = candidates.into_iter().filter_map(leads_here).collect();
        if !self.is_stopped() {
            self.flow_references
                .borrow_mut()
                .insert(def, Arc::clone(&found));
        }
        found
    }

    pub(super) fn standings(&self, file: FileId) -> Arc<Standings> {
        if let Some(known) = self.standings.borrow().get(&file) {
            return Arc::clone(known);
        }
        let found = Arc::new(standings(self.unit(file)));
        if !self.is_stopped() {
            self.standings.borrow_mut().insert(file, Arc::clone(&found));
        }
        found
    }
}

fn sorted(mut definitions: Vec<Def>) -> Box<[Def]> {
    definitions.sort_unstable();
    definitions.dedup();
    definitions.into()
}

fn standings(unit: &Unit) -> Standings {
    let mut found = Standings::default();
    let mut add = |node: Option<NodeId>, standing| {
        if let Some(node) = node {
            found.entry(node).or_default().push(standing);
        }
    };
    for id in (0..crate::facts::len32(unit.column(Column::NodeKind).len())).map(NodeId) {
        match unit.node(id) {
            Node::Call { arguments, .. } | Node::New { arguments, .. } => {
                for (position, argument) in (0u32..).zip(unit.nodes(arguments)) {
                    add(argument, Standing::Argument(id, position));
                }
            }
            Node::Choice(parts) => {
                for part in unit.nodes(parts) {
                    add(part, Standing::Part(id));
                }
            }
            Node::Cast { value, .. } | Node::Await(value) => add(value, Standing::Part(id)),
            _ => {}
        }
    }
    for function in (0..unit.function_count()).map(FunctionId) {
        for node in unit.nodes(unit.returns(function)) {
            add(node, Standing::Returned(function));
        }
    }
    found
}

/// A walk along everything that holds a function.
struct Carriers<'a> {
    linker: &'a Linker,
    nodes: Vec<(FileId, NodeId)>,
    seen_nodes: FxHashSet<(FileId, NodeId)>,
    seen_names: FxHashSet<Def>,
    found: Vec<Place>,
}

impl<'a> Carriers<'a> {
    /// The places that run what holds a function or a class.
    fn of(linker: &'a Linker, def: Def, references: &References) -> Vec<Place> {
        let unit = linker.unit(def.file);
        let value = unit
            .value(def.id)
            .filter(|&node| matches!(unit.node(node), Node::Function(_) | Node::Class(_)));
        let Some(value) = value else {
            return Vec::new();
        };
        let mut walk = Self {
            linker,
            nodes: Vec::new(),
            seen_nodes: FxHashSet::default(),
            seen_names: references.aliases.iter().copied().collect(),
            found: Vec::new(),
        };
        walk.reach(def.file, value);
        walk.uses(def, references);
        while let Some((file, node)) = walk.nodes.pop() {
            if !linker.step() {
                break;
            }
            walk.follow(file, node);
        }
        walk.found
    }

    fn reach(&mut self, file: FileId, node: NodeId) {
        if self.seen_nodes.insert((file, node)) {
            self.nodes.push((file, node));
        }
    }

    /// A name that holds it stands there: it is run, or goes on as a value.
    fn read(&mut self, place: Place) {
        let unit = self.linker.unit(place.file);
        let role = unit.role(place.id);
        if invokes(role) {
            self.found.push(place);
        } else if role & role::READ != 0
            && let Some(node) = unit.node_of(place.id)
        {
            self.reach(place.file, node);
        }
    }

    fn follow(&mut self, file: FileId, node: NodeId) {
        let unit = self.linker.unit(file);
        for id in unit.valued(node) {
            self.name(Def { file, id });
            // what a class declares stands for what is assigned to it
            let written = unit.has(id, flag::ASSIGNED).then(|| unit.start_name(id));
            if let Some(id) = written.and_then(|offset| unit.occurrence_at(offset)) {
                for &def in self.linker.definitions_at(Place { file, id }).iter() {
                    self.name(def);
                }
            }
        }
        for parent in unit.parents(node.0) {
            if let Node::Member { name, .. } = unit.node(parent)
                && unit.property(name) == "bind"
                && let Some(site) = self.linker.call_at(file, parent)
            {
                self.reach(file, site.call);
            }
        }
        for &standing in self.linker.standings(file).get(&node).into_iter().flatten() {
            match standing {
                Standing::Part(whole) => self.reach(file, whole),
                Standing::Argument(call, position) => self.pass(file, call, position),
                Standing::Returned(function) => {
                    for site in &self.linker.call_sites(file, function).calls {
                        self.reach(site.file, site.call);
                    }
                }
            }
        }
    }

    fn pass(&mut self, file: FileId, call: NodeId, position: u32) {
        let (Node::Call { callee, .. } | Node::New { callee, .. }) =
            self.linker.unit(file).node(call)
        else {
            return;
        };
        if self.linker.gives_its_arguments(file, call) {
            self.reach(file, call);
        }
        let callees = self.linker.set(self.linker.flowing_values(file, callee));
        for head in callees.heads() {
            if let Some(parameter) = self.linker.parameter_at(head, position) {
                self.name(parameter);
            }
        }
    }

    /// One more name for it.
    fn name(&mut self, def: Def) {
        if !self.seen_names.insert(def) {
            return;
        }
        self.uses(def, &self.linker.references(def, false));
    }

    fn uses(&mut self, def: Def, references: &References) {
        for one in &references.certain {
            self.read(one.place);
        }
        for place in self.linker.possible_references(references) {
            if self.linker.step() && self.linker.flow_at(place).leads_to(def) {
                self.read(place);
            }
        }
        for &name in &references.names {
            let uses = self.linker.member_uses(&self.linker.name(name));
            let run = uses.of_types().map(|one| one.place);
            let run = run.filter(|place| invokes(self.linker.unit(place.file).role(place.id)));
            self.found.extend(run);
        }
    }
}
