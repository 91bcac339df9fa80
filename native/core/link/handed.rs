//! Where the value of an expression goes, as far as what is declared tells: the calls that run it, and those that it is passed to.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Linker;
use super::calls::CallSite;
use super::carriers::Standing;
use super::references::invokes;
use super::values::SetId;
use crate::facts::codes::role;
use crate::facts::{Def, FileId, FunctionId, Node, NodeId, Place};

/// What is done with a value.
#[derive(Default)]
pub struct Handed {
    /// The calls that run it.
    calls: Vec<CallSite>,
    /// The calls that it is passed to, and as which argument.
    arguments: Vec<(FileId, NodeId, u32)>,
}

impl Linker {
    /// Values that a function is called with under the names that hold it, and by what it is passed to.
    pub(super) fn handed_back(&self, file: FileId, function: FunctionId, position: u32) -> SetId {
        let Some(node) = self.unit(file).function_node(function) else {
            return SetId::BOTTOM;
        };
        let mut todo = vec![self.without_flow(|| self.handed(file, node))];
        let mut parameters: FxHashSet<Def> = FxHashSet::default();
        let mut passed = SetId::BOTTOM;
        while let Some(handed) = todo.pop() {
            for &call in &handed.calls {
                passed = self.join(passed, self.expanded(self.argument(call, position)));
            }
            for &(file, call, at) in &handed.arguments {
                let (Node::Call { callee, .. } | Node::New { callee, .. }) =
                    self.unit(file).node(call)
                else {
                    continue;
                };
                let callees = self.set(self.expanded(self.evaluate(file, callee)));
                if callees.top {
                    return SetId::TOP;
                }
                let taken = callees
                    .heads()
                    .filter_map(|head| self.parameter_at(head, at));
                let new = taken.filter(|&parameter| parameters.insert(parameter));
                todo.extend(new.map(|parameter| self.without_flow(|| self.handed_by(parameter))));
            }
        }
        passed
    }

    /// What is done with the value of a node.
    fn handed(&self, file: FileId, node: NodeId) -> Arc<Handed> {
        if let Some(known) = self.handed.borrow().get(&(file, node)) {
            return Arc::clone(known);
        }
        let mut walk = Walk::of(self);
        walk.nodes.push((file, node));
        let found = Arc::new(walk.finish());
        if !self.is_stopped() {
            self.handed
                .borrow_mut()
                .insert((file, node), Arc::clone(&found));
        }
        found
    }

    /// What is done with the value of a parameter.
    fn handed_by(&self, parameter: Def) -> Arc<Handed> {
        let mut walk = Walk::of(self);
        walk.name(parameter);
        Arc::new(walk.finish())
    }
}

struct Walk<'a> {
    linker: &'a Linker,
    nodes: Vec<(FileId, NodeId)>,
    seen: FxHashSet<(FileId, NodeId)>,
    names: FxHashSet<Def>,
    found: Handed,
}

impl<'a> Walk<'a> {
    fn of(linker: &'a Linker) -> Self {
        Self {
            linker,
            nodes: Vec::new(),
            seen: FxHashSet::default(),
            names: FxHashSet::default(),
            found: Handed::default(),
        }
    }

    fn finish(mut self) -> Handed {
        while let Some((file, node)) = self.nodes.pop() {
            if !self.linker.step() {
                break;
            }
            if self.seen.insert((file, node)) {
                self.follow(file, node);
            }
        }
        self.found
    }

    fn follow(&mut self, file: FileId, node: NodeId) {
        let unit = self.linker.unit(file);
        for id in unit.valued(node) {
            self.name(Def { file, id });
        }
        for &standing in self.linker.standings(file).get(&node).into_iter().flatten() {
            match standing {
                Standing::Part(whole) => self.nodes.push((file, whole)),
                Standing::Argument(call, _) if self.linker.gives_its_arguments(file, call) => {
                    self.nodes.push((file, call));
                }
                Standing::Argument(call, at) => self.found.arguments.push((file, call, at)),
                Standing::Returned(function) => {
                    let sites = self.linker.call_sites(file, function);
                    let results = sites.calls.iter().map(|site| (site.file, site.call));
                    self.nodes.extend(results);
                }
            }
        }
    }

    /// One more name for it: of a parameter what its function does with it, of anything else all that is sure to mean it.
    fn name(&mut self, def: Def) {
        if !self.names.insert(def) {
            return;
        }
        let linker = self.linker;
        let unit = linker.unit(def.file);
        if unit.parameter_place(def.id).is_some() {
            for id in unit.occurrences_of(unit.symbol(def.id)) {
                let file = def.file;
                self.read(Place { file, id });
            }
            return;
        }
        for one in &linker.references(def, false).certain {
            self.read(one.place);
        }
    }

    fn read(&mut self, place: Place) {
        let unit = self.linker.unit(place.file);
        let role = unit.role(place.id);
        let Some(node) = unit.node_of(place.id).filter(|_| role & role::READ != 0) else {
            return;
        };
        if invokes(role) {
            self.found
                .calls
                .extend(self.linker.call_at(place.file, node));
        } else {
            self.nodes.push((place.file, node));
        }
    }
}
