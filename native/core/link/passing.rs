//! True when all that happens to a function that is handed on is known.

use rustc_hash::FxHashSet;

use super::carriers::Standing;
use super::references::invokes;
use super::values::Head;
use super::{Linker, Reference, References};
use crate::facts::codes::{flag, role};
use crate::facts::{Def, FileId, Node, NodeId, Place};

impl Linker {
    /// True when an occurrence hands the definition to other code as a value: who calls it there is not known.
    pub fn is_passed_on(&self, reference: &Reference, references: &References) -> bool {
        const NO_VALUE: u32 = role::CALL
            | role::NEW
            | role::JSX
            | role::TAGGED
            | role::DECORATOR
            | role::IMPORT
            | role::EXPORT
            | role::DECLARES
            | role::HERITAGE
            | role::TYPEOF
            | role::DESTRUCTURE_KEY;
        let unit = self.unit(reference.place.file);
        let role = unit.role(reference.place.id);
        let Some(node) = unit
            .node_of(reference.place.id)
            .filter(|_| role & role::READ != 0 && role & NO_VALUE == 0)
        else {
            return false;
        };
        let goes_on = unit
            .parents(node.0)
            .any(|parent| matches!(unit.node(parent), Node::Member { .. } | Node::Prototype(_)));
        let names_it = unit.valued(node).any(|id| {
            references.aliases.contains(&Def {
                file: reference.place.file,
                id,
            })
        });
        !goes_on && !names_it && unit.exports_valued(node).next().is_none()
    }

    /// How many occurrences hand the definition on to where calls of it may be missing.
    pub fn count_passed_on(&self, def: Def, references: &References) -> u32 {
        let is_missing =
            |one: &&Reference| self.is_passed_on(one, references) && !self.is_followed(one, def);
        crate::facts::len32(references.certain.iter().filter(is_missing).count())
    }

    /// True when flow found every call of what an occurrence hands on: it goes only to parameters, names and results that do nothing else
    /// than run it, and each place that runs it is told.
    ///
    /// What is put into an object, an array or a field, or given to code from outside, is not followed.
    fn is_followed(&self, reference: &Reference, def: Def) -> bool {
        let place = reference.place;
        let Some(node) = self.unit(place.file).node_of(place.id) else {
            return false;
        };
        let mut walk = Passing {
            linker: self,
            def,
            nodes: vec![(place.file, node)],
            names: FxHashSet::default(),
            seen: FxHashSet::default(),
        };
        while let Some((file, node)) = walk.nodes.pop() {
            if !self.step() || (walk.seen.insert((file, node)) && !walk.follows(file, node)) {
                return false;
            }
        }
        true
    }

    /// True when what a function does is written in one body: it is no declaration, and nothing overrides it.
    fn is_only_body(&self, head: Head) -> bool {
        let Head::Function(file, function) = head else {
            return true;
        };
        let unit = self.unit(file);
        let is_written = |id| {
            unit.body(id) < unit.extent(id).1
                && self.overriding_members(Def { file, id }).is_empty()
        };
        !self.is_shape(head) && unit.function_definition(function).is_none_or(is_written)
    }

    fn is_told(&self, place: Place, def: Def) -> bool {
        let certain = &self.references(def, false).certain;
        let by_flow = self.flow_references(def);
        certain
            .binary_search_by_key(&place, |one| one.place)
            .is_ok()
            || by_flow
                .binary_search_by_key(&place, |one| one.place)
                .is_ok()
    }
}

/// A walk along everything that a value is handed to.
struct Passing<'a> {
    linker: &'a Linker,
    /// What is handed on.
    def: Def,
    nodes: Vec<(FileId, NodeId)>,
    names: FxHashSet<Def>,
    seen: FxHashSet<(FileId, NodeId)>,
}

impl Passing<'_> {
    /// True when all that a node hands its value to is known; adds the places where it stands then.
    fn follows(&mut self, file: FileId, node: NodeId) -> bool {
        let linker = self.linker;
        let unit = linker.unit(file);
        let names: Vec<Def> = unit.valued(node).map(|id| Def { file, id }).collect();
        let standings = linker.standings(file);
        let standings = standings.get(&node).map_or(&[][..], |known| known);
        let is_run = linker.call_at(file, node).is_some();
        let is_asked = unit
            .parents(node.0)
            .any(|parent| matches!(unit.node(parent), Node::Member { .. }));
        !is_asked
            && (is_run || !names.is_empty() || !standings.is_empty())
            && names.into_iter().all(|name| self.follows_name(name))
            && standings.iter().all(|&standing| match standing {
                Standing::Part(whole) => {
                    self.nodes.push((file, whole));
                    true
                }
                Standing::Argument(call, position) => self.follows_argument(file, call, position),
                Standing::Returned(function) => {
                    let sites = linker.call_sites(file, function);
                    let results = sites.calls.iter().map(|site| (site.file, site.call));
                    self.nodes.extend(results);
                    sites.closed
                }
            })
    }

    fn follows_argument(&mut self, file: FileId, call: NodeId, position: u32) -> bool {
        let linker = self.linker;
        let unit = linker.unit(file);
        let (Node::Call { callee, arguments } | Node::New { callee, arguments }) = unit.node(call)
        else {
            return false;
        };
        let before = unit.nodes(arguments).take(position as usize);
        let callees = linker.set(linker.flowing_values(file, callee));
        let is_known = !callees.top && !callees.open && !callees.is_unknown();
        // what stands behind something that is spread may be moved
        is_known
            && before.into_iter().all(|argument| argument.is_some())
            && callees.heads().all(|head| {
                let parameter = linker
                    .parameter_at(head, position)
                    .filter(|_| linker.is_only_body(head));
                parameter.is_some_and(|parameter| self.follows_name(parameter))
            })
    }

    /// True when all uses of a name of a function or a module run what it holds, or hand it on in turn.
    fn follows_name(&mut self, name: Def) -> bool {
        let linker = self.linker;
        if !self.names.insert(name) {
            return true;
        }
        let unit = linker.unit(name.file);
        if unit.owner(name.id).is_some() || unit.has(name.id, flag::EXPORTED) {
            return false;
        }
        unit.occurrences_of(unit.symbol(name.id)).all(|id| {
            let role = unit.role(id);
            let place = Place {
                file: name.file,
                id,
            };
            if invokes(role) {
                return linker.is_told(place, self.def);
            }
            if role & role::EXPORT != 0 {
                return false;
            }
            if role & role::READ == 0 || role & (role::DECLARES | role::TYPEOF) != 0 {
                return true;
            }
            unit.node_of(id).is_some_and(|node| {
                self.nodes.push((name.file, node));
                true
            })
        })
    }
}
