//! Values that a name can still be where a test of it is known to hold: `if (x.kind === 'a') { x… }`.
//!
//! As TypeScript narrows types by control flow (handbook, "Narrowing"): by discriminants, truthy members, predicates and `instanceof`. A
//! set does not say which of its heads are alternatives and which are the parts of an intersection; so a head goes only when what itself
//! declares contradicts the test. Nothing is narrowed by what is not settled.

use rustc_hash::FxHashSet;

use super::Linker;
use super::calls::CallSite;
use super::discriminants::DEEPEST;
use super::solve::{Key, Standing};
use super::values::{EnvId, Head, Set, SetId, Value};
use crate::facts::codes::{definition, flag, keyword, literal};
use crate::facts::{Def, DefinitionId, FileId, Guard, Node, NodeId, OccurrenceId, Test};

/// Bases further up than this are not asked whether they are what a value was tested for.
const MOST_BASES: usize = 64;

/// A type that a predicate says its first argument is of.
struct Said {
    types: SetId,
    /// True for one of several types.
    is_choice: bool,
    written: (FileId, NodeId),
}

impl Linker {
    /// The values of a name where it stands, of all that it can be.
    pub(super) fn narrowed(
        &self,
        file: FileId,
        name: OccurrenceId,
        id: DefinitionId,
        whole: SetId,
    ) -> SetId {
        let unit = self.unit(file);
        let guards = unit.guards(id, unit.start(name));
        guards.fold(whole, |set, guard| {
            let (narrower, standing) = self.watched(|| self.guarded(file, guard, set));
            match standing {
                Standing::Settled => narrower,
                Standing::Circular => self.join(set, narrower),
                Standing::Pending => SetId::BOTTOM,
            }
        })
    }

    fn guarded(&self, file: FileId, guard: Guard, set: SetId) -> SetId {
        match guard.test {
            Test::Predicate(call) => match self.said_of_argument(file, call) {
                Some(said) => {
                    let (at, node) = said.written;
                    let may_be_by_members = |head: Head| {
                        let has = |name: &str| {
                            let name = self.name_id(name);
                            !self.member_definitions(head, name).is_empty()
                        };
                        !self.lacks(at, node, &has, DEEPEST)
                    };
                    let (types, is_choice) = (said.types, said.is_choice);
                    self.narrowed_to(set, types, is_choice, guard.holds, may_be_by_members)
                }
                None => set,
            },
            Test::Instance(class) => {
                let classes = self.set(self.evaluate(file, Some(class)));
                let is_class = |head: Head| matches!(head, Head::Class(..));
                if classes.is_unknown() || classes.open || !classes.heads().all(is_class) {
                    return set;
                }
                let made = classes.heads().filter_map(|head| match head {
                    Head::Class(at, class) => Some(self.one(self.instance_head(at, class))),
                    _ => None,
                });
                let made = self.union(made.collect::<Vec<_>>());
                self.narrowed_to(set, made, true, guard.holds, |_| false)
            }
            Test::Equal { member, value } => {
                let member = self.unit(file).property(member);
                self.without(set, member, |def| {
                    let unit = self.unit(def.file);
                    let Some(of) = unit.annotation(def.id) else {
                        return false;
                    };
                    match guard.holds {
                        true => self.contradicts(file, value, def.file, of, DEEPEST),
                        false => {
                            !unit.has(def.id, flag::OPTIONAL)
                                && self.is_just(file, value, def.file, of, DEEPEST)
                        }
                    }
                })
            }
            Test::Truthy { member } => {
                let member = self.unit(file).property(member);
                self.without(set, member, |def| {
                    let unit = self.unit(def.file);
                    let Some(of) = unit.annotation(def.id) else {
                        return false;
                    };
                    self.is_always(def.file, of, !guard.holds, DEEPEST)
                        && (guard.holds || !unit.has(def.id, flag::OPTIONAL))
                })
            }
        }
    }

    /// The set without the values of which every declaration of a member is ruled out; the whole set where none would be left.
    fn without(&self, set: SetId, member: &str, is_out: impl Fn(Def) -> bool) -> SetId {
        let whole = self.set(self.expanded(set));
        if whole.top || whole.values.len() < 2 {
            return set;
        }
        let member = self.name_id(member);
        let is_left = |value: &Value| {
            let declared = self.member_definitions(value.head, member);
            declared.is_empty() || !declared.iter().all(|&def| is_out(def))
        };
        self.left(set, &whole, is_left)
    }

    fn left(&self, set: SetId, whole: &Set, is_left: impl Fn(&Value) -> bool) -> SetId {
        let kept: Vec<Value> = whole.values.iter().copied().filter(is_left).collect();
        if kept.is_empty() || kept.len() == whole.values.len() {
            return set;
        }
        self.lattice.borrow_mut().of(kept, whole.open)
    }

    /// What a predicate says of its first argument where it gives true.
    fn said_of_argument(&self, file: FileId, call: NodeId) -> Option<Said> {
        let Node::Call { callee, arguments } = self.unit(file).node(call) else {
            return None;
        };
        let callees = self.set(self.evaluate(file, callee));
        let [Value { head, env }] = callees.values[..] else {
            return None;
        };
        let Head::Function(at, function) = head else {
            return None;
        };
        let [function] = self.fitting(at, function, Some((file, call)))[..] else {
            return None;
        };
        let unit = self.unit(at);
        let annotation = unit.return_annotation(function)?;
        let said = unit.predicate(annotation)?;
        // `this is T`, and what is said of another parameter, tell nothing of the first argument
        let named = unit.occurrence_at(unit.node_start(annotation))?;
        if unit.property(named) != unit.name(unit.parameter(function, 0)?) {
            return None;
        }
        let site = CallSite {
            file,
            call,
            arguments,
        };
        let types = self.substitute(self.typed(at, Some(said)), env);
        let types = self.substitute(types, self.inferred(at, function, types, site));
        Some(Said {
            types,
            is_choice: self.is_choice(at, said, DEEPEST),
            written: (at, said),
        })
    }

    /// True when a type is a union, by itself or by another name.
    fn is_choice(&self, file: FileId, node: NodeId, deepest: u32) -> bool {
        let unit = self.unit(file);
        match unit.node(node) {
            Node::Union(_) => true,
            Node::TypeRef {
                name: Some(name), ..
            } if deepest > 0 => {
                let stands = self.aliased(file, name);
                stands.is_some_and(|(at, node)| self.is_choice(at, node, deepest - 1))
            }
            _ => false,
        }
    }

    /// What is left of a set where its values are known to be of some types, or to be of none of them.
    ///
    /// `may_be_by_members` is true for what is of these types though it does not say so.
    fn narrowed_to(
        &self,
        set: SetId,
        said: SetId,
        is_choice: bool,
        holds: bool,
        may_be_by_members: impl Fn(Head) -> bool,
    ) -> SetId {
        let types = self.set(self.expanded(said));
        if types.is_unknown() || types.top || types.heads().any(Head::is_of_the_platform) {
            return set;
        }
        let whole = self.set(self.expanded(set));
        if whole.top {
            return set;
        }
        let is_below = |value: &Value| self.is_based_on(value.head, &types);
        if !holds {
            if types.values.len() > 1 && !is_choice {
                return set;
            }
            // `Box<string>` leaves `Box<number>`
            let is_another = |value: &Value| {
                let mut said = types.values.iter();
                said.any(|said| {
                    said.head == value.head && said.env != EnvId::EMPTY && said.env != value.env
                })
            };
            return self.left(set, &whole, |value| {
                is_another(value) || is_below(value) != Some(true)
            });
        }
        let kept: Vec<Value> = (whole.values.iter().copied())
            .filter(|value| is_below(value) != Some(false))
            .collect();
        // what does not say that it is of an interface may have all of its members
        let kept = if kept.is_empty() || types.heads().all(|head| self.is_of_class(head)) {
            kept
        } else {
            let all = whole.values.iter().copied();
            all.filter(|value| kept.contains(value) || may_be_by_members(value.head))
                .collect()
        };
        let is_said = |value: &Value| types.holds(value.head);
        if kept.is_empty() {
            // what is of none of the types by name may be so by its members, or be both; what is above all of them is them
            let is_above = |value: &Value| {
                let one = self.set(self.one(value.head));
                types
                    .heads()
                    .all(|said| self.is_based_on(said, &one) == Some(true))
            };
            let further = (whole.values.iter().copied())
                .filter(|value| !value.head.is_of_the_platform() && !is_above(value));
            let further: Vec<Value> = further.collect();
            let further = self.lattice.borrow_mut().of(further, false);
            return self.join(said, further);
        }
        if !is_choice && kept.iter().any(is_said) {
            let further = kept.into_iter().filter(|value| !is_said(value));
            let further = self.lattice.borrow_mut().of(further, false);
            return self.join(said, further);
        }
        self.lattice.borrow_mut().of(kept, false)
    }

    /// True for the instances of a class.
    fn is_of_class(&self, head: Head) -> bool {
        let Head::Instance(file, class) = head else {
            return false;
        };
        let unit = self.unit(file);
        let id = unit.class_definition(class);
        id.is_some_and(|id| unit.kind(id) == definition::CLASS)
    }

    /// True when a value is one of a set, or inherits from one of them or implements it; None where not all is known of what it inherits.
    fn is_based_on(&self, head: Head, set: &Set) -> Option<bool> {
        let mut is_known = true;
        let mut todo = vec![head];
        let mut seen: FxHashSet<Head> = FxHashSet::default();
        while let Some(head) = todo.pop() {
            if set.holds(head) {
                return Some(true);
            }
            if seen.len() >= MOST_BASES {
                return None;
            }
            if seen.insert(head) {
                let above = self.join(self.values(Key::Parents(head)), self.interfaces(head));
                let above = self.set(above);
                is_known &= !above.open && !above.top;
                todo.extend(above.heads());
            }
        }
        is_known.then_some(false)
    }

    /// True when a type has one value, and that is the given one.
    fn is_just(
        &self,
        file: FileId,
        value: NodeId,
        type_file: FileId,
        type_node: NodeId,
        deepest: u32,
    ) -> bool {
        let unit = self.unit(type_file);
        match unit.node(type_node) {
            Node::PlainType { .. } => {
                matches!(self.unit(file).node(value), Node::Literal)
                    && unit.literal_type(type_node).is_some()
                    && !self.contradicts(file, value, type_file, type_node, deepest)
            }
            Node::TypeRef {
                name: Some(name),
                arguments: None,
            } if deepest > 0 => {
                let stands = self.aliased(type_file, name);
                stands.is_some_and(|(at, node)| self.is_just(file, value, at, node, deepest - 1))
            }
            _ => false,
        }
    }

    /// True when all values of a type are truthy, or when all are not.
    fn is_always(&self, file: FileId, node: NodeId, truthy: bool, deepest: u32) -> bool {
        let unit = self.unit(file);
        match unit.node(node) {
            Node::Keyword(keyword::NOTHING) => !truthy,
            Node::PlainType { .. } => match unit.literal_type(node) {
                Some((literal::BOOLEAN, text)) => (unit.text(text) == "true") == truthy,
                Some((literal::STRING, text)) => unit.text(text).is_empty() != truthy,
                _ => false,
            },
            Node::ObjectType | Node::ArrayType(_) | Node::Tuple(_) | Node::FunctionType(_) => {
                truthy
            }
            Node::Union(parts) => unit.nodes(parts).all(|part| {
                part.is_some_and(|part| {
                    deepest > 0 && self.is_always(file, part, truthy, deepest - 1)
                })
            }),
            _ => false,
        }
    }
}
