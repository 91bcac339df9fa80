//! The calls that give a function its arguments, as far as what is declared tells.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Linker;
use super::calls::CallSite;
use crate::facts::codes::{function, node, role};
use crate::facts::{ClassId, Def, DefinitionId, FileId, FunctionId, Node, NodeId};

/// The calls of a function.
#[derive(Default)]
pub struct CallSites {
    pub calls: Vec<CallSite>,
    /// True when every use of the function is one of these calls.
    pub closed: bool,
}

/// The argument of a call at a position.
pub(super) enum Argument {
    Given(NodeId),
    Missing,
    /// Behind something that is spread, or an expression that is not followed.
    Unknown,
}

impl Linker {
    /// The calls of a function; of a constructor, the places that make its class.
    pub(super) fn call_sites(&self, file: FileId, function: FunctionId) -> Arc<CallSites> {
        let key = (file, function);
        if let Some(known) = self.call_sites.borrow().get(&key) {
            return Arc::clone(known);
        }
        let found = Arc::new(self.find_call_sites(file, function));
        if !self.is_stopped() {
            self.call_sites.borrow_mut().insert(key, Arc::clone(&found));
        }
        found
    }

    fn find_call_sites(&self, file: FileId, id: FunctionId) -> CallSites {
        let unit = self.unit(file);
        if unit.function_flags(id) & function::CONSTRUCTOR != 0 {
            let owner = unit.function_owner(id);
            return owner.map_or_else(CallSites::default, |class| self.makings(file, class));
        }
        match unit.function_definition(id) {
            Some(definition) => self.calls_of(Def {
                file,
                id: definition,
            }),
            // called where it stands
            None => {
                let node = unit.function_node(id);
                let calls: Vec<CallSite> = node
                    .and_then(|node| self.call_at(file, node))
                    .into_iter()
                    .collect();
                CallSites {
                    closed: !calls.is_empty(),
                    calls,
                }
            }
        }
    }

    /// The places that call or make a definition by one of its names.
    fn calls_of(&self, def: Def) -> CallSites {
        let found = self.references(def, false);
        let mut sites = CallSites {
            calls: Vec::new(),
            closed: self.count_possible(&found) == 0,
        };
        for one in &found.certain {
            let unit = self.unit(one.place.file);
            let role = unit.role(one.place.id);
            if super::invokes(role) {
                let call = unit
                    .node_of(one.place.id)
                    .and_then(|node| self.call_at(one.place.file, node));
                match call {
                    Some(site) => sites.calls.push(site),
                    None => sites.closed = false,
                }
            } else if self.is_passed_on(one, &found) {
                sites.closed = false;
            }
        }
        sites.closed &= !sites.calls.is_empty();
        sites
    }

    /// The places that make a class: `new`, and `super(…)` of classes that extend it.
    fn makings(&self, file: FileId, class: ClassId) -> CallSites {
        let mut sites = CallSites {
            calls: Vec::new(),
            closed: true,
        };
        let (mut todo, mut seen) = (vec![(file, class)], FxHashSet::default());
        while let Some((file, class)) = todo.pop() {
            if !seen.insert((file, class)) {
                continue;
            }
            let Some(id) = self.unit(file).class_definition(class) else {
                sites.closed = false;
                continue;
            };
            let def = Def { file, id };
            let calls = self.calls_of(def);
            sites.calls.extend(calls.calls);
            for one in &self.references(def, false).certain {
                let unit = self.unit(one.place.file);
                if unit.role(one.place.id) & role::HERITAGE == 0 {
                    continue;
                }
                let Some(heir) = unit
                    .node_of(one.place.id)
                    .and_then(|node| self.heir(one.place.file, node))
                else {
                    sites.closed = false;
                    continue;
                };
                if self.own_constructor(one.place.file, heir).is_none() {
                    todo.push((one.place.file, heir));
                    continue;
                }
                sites
                    .calls
                    .extend(self.calls_of_super(one.place.file, heir));
            }
        }
        sites.closed &= !sites.calls.is_empty();
        sites
    }

    /// The class that extends what a node names.
    fn heir(&self, file: FileId, base: NodeId) -> Option<ClassId> {
        let unit = self.unit(file);
        let classes = unit.definition_ids().filter_map(|id| unit.class_of(id));
        classes
            .into_iter()
            .find(|&class| unit.class_extends(class) == Some(base))
    }

    fn calls_of_super(&self, file: FileId, class: ClassId) -> Vec<CallSite> {
        let unit = self.unit(file);
        let named = unit
            .nodes_of_kind(node::SUPER)
            .filter(|&one| unit.node(one) == Node::Super(Some(class)));
        named.filter_map(|one| self.call_at(file, one)).collect()
    }

    pub(super) fn own_constructor(&self, file: FileId, class: ClassId) -> Option<FunctionId> {
        let unit = self.unit(file);
        let is_constructor = |id: &DefinitionId| {
            self.function_of(file, *id)
                .is_some_and(|one| unit.function_flags(one) & function::CONSTRUCTOR != 0)
        };
        let mut members = unit
            .class_nodes(class)
            .flat_map(|node| unit.owned_by(node))
            .filter(is_constructor);
        self.function_of(file, members.next()?)
    }

    /// The call, or `new`, whose callee a node is.
    pub(super) fn call_at(&self, file: FileId, callee: NodeId) -> Option<CallSite> {
        let unit = self.unit(file);
        unit.parents(callee.0)
            .find_map(|parent| match unit.node(parent) {
                Node::Call {
                    callee: Some(one),
                    arguments,
                }
                | Node::New {
                    callee: Some(one),
                    arguments,
                } if one == callee => Some(CallSite {
                    file,
                    call: parent,
                    arguments,
                }),
                _ => None,
            })
    }

    pub(super) fn argument_at(&self, site: CallSite, position: u32) -> Argument {
        let arguments = self.unit(site.file).nodes(site.arguments);
        for (at, argument) in (0u32..).zip(arguments) {
            match argument {
                None => return Argument::Unknown, // may be spread: what stands behind it is moved
                Some(node) if at == position => return Argument::Given(node),
                Some(_) => {}
            }
        }
        Argument::Missing
    }
}
