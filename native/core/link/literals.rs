//! Which members the properties of an object literal stand for: those of the type that is expected of it.
//!
//! Where that type is not known for certain they stand for themselves alone, and are possible for everything else of their name.

use std::sync::Arc;

use super::solve::Key;
use super::values::{EnvId, Head, SetId};
use super::{Linker, NameId};
use crate::facts::codes::{definition, flag, function, keyword};
use crate::facts::{Def, DefinitionId, FileId, FunctionId, Node, NodeId, Unit};

/// Literals inside of literals deeper than this are not looked at.
const DEEPEST: usize = 32;

impl Linker {
    /// The types that are expected of a literal, as far as they can have a property of it.
    pub(super) fn literal_stands_for(&self, def: Def, literal: NodeId) -> Vec<Head> {
        if self.is_unsure(def) {
            return Vec::new();
        }
        let name = self.name_id(self.unit(def.file).name(def.id));
        let expected = self.values(Key::Contextual(def.file, literal));
        let is_mapped = self.is_mapped(expected);
        let expected = self.set(self.expanded(self.unmapped(expected, name)));
        let declares = |head: &Head| !self.member_definitions(*head, name).is_empty();
        let mut whole = self.told_apart(def.file, literal, expected.heads().collect());
        if !whole.iter().any(declares) {
            let can_be = |head: &Head| {
                is_mapped || !self.is_ruled_out(def.file, literal, *head, |_, _| true)
            };
            whole = expected.heads().filter(declares).filter(can_be).collect();
        }
        let whole = whole.into_iter();
        let whole = whole.map(|head| self.unselected_under(self.one(head), name));
        let whole = self.set(self.expanded(self.union(whole.collect::<Vec<_>>())));
        let has_members = |head: &Head| matches!(head, Head::Instance(..) | Head::Object(..));
        whole.heads().filter(has_members).collect()
    }

    /// The members of a property's name that mapped types declare which are expected of its literal.
    pub(super) fn keys_expected(&self, def: Def, name: NameId) -> Option<Arc<[Def]>> {
        let owner = self.unit(def.file).owner(def.id)?;
        if !matches!(self.unit(def.file).node(owner), Node::Object(_)) || self.is_unsure(def) {
            return None;
        }
        let expected = self.values(Key::Contextual(def.file, owner));
        let declared = self.declared_by_keys(expected, name);
        (!declared.is_empty()).then(|| declared.into())
    }

    /// True when a property of a literal may be none of what is expected of the literal where it stands.
    pub(super) fn is_unsure(&self, def: Def) -> bool {
        if let Some(&known) = self.unsure_properties.borrow().get(&def) {
            return known;
        }
        let found = self.is_unsure_anew(def);
        if !self.is_stopped() {
            self.unsure_properties.borrow_mut().insert(def, found);
        }
        found
    }

    fn is_unsure_anew(&self, def: Def) -> bool {
        let (file, unit) = (def.file, self.unit(def.file));
        let Some(literal) = unit
            .owner(def.id)
            .filter(|&owner| matches!(unit.node(owner), Node::Object(_)))
        else {
            return false;
        };
        let name = self.name_id(unit.name(def.id));
        (unit.has(def.id, flag::UNCHECKED) && self.has_choice(file, literal, name))
            || self.is_inferred_from(file, literal)
            || self.can_mean_others(file, literal, name)
    }

    /// True when it takes a check to say what is expected of a literal, or of one around that is not checked either: it is handed to a
    /// function with overloads, what an async function gives, or none of what declares the name.
    fn has_choice(&self, file: FileId, literal: NodeId, name: NameId) -> bool {
        let unit = self.unit(file);
        let (mut node, mut name) = (literal, Some(name));
        for _ in 0..DEEPEST {
            let is_given_by_async = unit
                .returning(node)
                .is_some_and(|by| unit.function_flags(by) & function::ASYNC != 0);
            if is_given_by_async
                || self.is_overloaded(file, node, name)
                || name.is_some_and(|name| self.is_none_of(file, node, name))
            {
                return true;
            }
            let property = self.definition_with_value(file, node);
            name = property.map(|id| self.name_id(unit.name(id)));
            if property.is_some_and(|id| !unit.has(id, flag::UNCHECKED)) {
                return false;
            }
            match self.literal_around(file, node) {
                Some(around) => node = around,
                None => return false,
            }
        }
        false
    }

    /// True when there is a mapped type in a set: the members that it takes from another have types of its own.
    fn is_mapped(&self, set: SetId) -> bool {
        let set = self.set(self.expanded(set));
        set.heads().any(|head| matches!(head, Head::Generic(..)))
    }

    /// True when a literal can be none of what is expected of it that declares a member of a name.
    fn is_none_of(&self, file: FileId, literal: NodeId, name: NameId) -> bool {
        let expected = self.values(Key::Contextual(file, literal));
        if self.is_mapped(expected) {
            return false;
        }
        let expected = self.set(self.expanded(expected));
        let declares = |head: &Head| !self.member_definitions(*head, name).is_empty();
        let mut declaring = expected.heads().filter(declares).peekable();
        declaring.peek().is_some()
            && declaring.all(|head| self.is_ruled_out(file, literal, head, |_, _| true))
    }

    /// True when a literal is handed to a function with overloads that do not all declare the same member of a name.
    fn is_overloaded(&self, file: FileId, literal: NodeId, name: Option<NameId>) -> bool {
        let Some((_, position)) = self.unit(file).argument_place(literal) else {
            return false;
        };
        let functions = self.functions_given(file, literal);
        functions.iter().any(|&(of, function)| {
            let overloads = self.signatures_seen(of, function);
            overloads.len() > 1
                && name.is_none_or(|name| self.differ(of, &overloads, position, name))
        })
    }

    /// True when overloads that take a member of a name take different ones.
    fn differ(&self, file: FileId, overloads: &[FunctionId], position: u32, name: NameId) -> bool {
        let members = overloads
            .iter()
            .map(|&overload| self.members_taken(file, overload, position, name));
        let mut members = members.filter(|members| !members.is_empty());
        let first = members.next();
        members.any(|other| Some(other) != first)
    }

    /// The functions that a literal is handed to, each by one of its overloads.
    fn functions_given(&self, file: FileId, literal: NodeId) -> Vec<(FileId, FunctionId)> {
        let unit = self.unit(file);
        let Some((call, _)) = unit.argument_place(literal) else {
            return Vec::new();
        };
        let (callee, signature) = match unit.node(call) {
            Node::Call { callee, .. } => (callee, "()"),
            Node::New { callee, .. } => (callee, "new()"),
            _ => return Vec::new(),
        };
        let called = self.set(self.expanded(self.evaluate(file, callee)));
        let signatures = called.values.iter().map(|&value| match value.head {
            Head::Function(..) => self.one(value.head),
            _ => self.signatures(value, signature),
        });
        let signatures = self.set(self.union(signatures.collect::<Vec<_>>()));
        let function = |head| match head {
            Head::Function(of, function) => Some((of, function)),
            _ => None,
        };
        signatures.heads().filter_map(function).collect()
    }

    /// True when it is the literal that says what a type parameter stands for, which is the type of it: `box({ a: 1 })` of
    /// `box<T extends Box>(of: T)`.
    fn is_inferred_from(&self, file: FileId, literal: NodeId) -> bool {
        if let Some(&known) = self.inferring.borrow().get(&(file, literal)) {
            return known;
        }
        let found = self.is_inferred_anew(file, literal);
        if !self.is_stopped() {
            self.inferring.borrow_mut().insert((file, literal), found);
        }
        found
    }

    fn is_inferred_anew(&self, file: FileId, literal: NodeId) -> bool {
        let mut around = Some(literal);
        for _ in 0..DEEPEST {
            let Some(node) = around else { return false };
            let expected = self.set(self.values(Key::Contextual(file, node)));
            if expected.is_unknown() {
                return false;
            }
            let is_free = |head: Head| matches!(head, Head::Parameter(of) if !self.is_in_scope(of, file, node));
            if expected.heads().all(is_free) {
                return !self.holds_unchecked(file, Some(node), DEEPEST);
            }
            around = self.literal_around(file, node);
        }
        false
    }

    /// True when nothing checks a literal in a value, so that it does not say what a type parameter stands for.
    fn holds_unchecked(&self, file: FileId, node: Option<NodeId>, deepest: usize) -> bool {
        let unit = self.unit(file);
        let Some(node) = node.filter(|_| deepest > 0) else {
            return false;
        };
        match unit.node(node) {
            Node::Object(_) => unit.owned_by(node).any(|id| {
                unit.has(id, flag::UNCHECKED)
                    || self.holds_unchecked(file, unit.value(id), deepest - 1)
            }),
            Node::Array(parts) => unit
                .nodes(parts)
                .any(|part| self.holds_unchecked(file, part, deepest - 1)),
            _ => false,
        }
    }

    /// True when a place is inside of what a type parameter belongs to.
    fn is_in_scope(&self, parameter: Def, file: FileId, node: NodeId) -> bool {
        let unit = self.unit(parameter.file);
        let Some(holder) = unit.parent(parameter.id) else {
            return true;
        };
        let (start, end) = unit.extent(holder);
        file == parameter.file && (start..end).contains(&self.unit(file).node_start(node))
    }

    /// The literal that an expression is written in.
    fn literal_around(&self, file: FileId, node: NodeId) -> Option<NodeId> {
        let unit = self.unit(file);
        let property = self.definition_with_value(file, node);
        match property.map(|id| unit.owner(id)) {
            Some(owner) => owner.filter(|&owner| matches!(unit.node(owner), Node::Object(_))),
            None => unit.container_place(node).map(|(around, _)| around),
        }
    }

    /// True when a literal is handed to a function of which several overloads are left, and they do not declare the same member.
    fn can_mean_others(&self, file: FileId, literal: NodeId, name: NameId) -> bool {
        let unit = self.unit(file);
        let Some((call, position)) = unit.argument_place(literal) else {
            return false;
        };
        let functions = self.functions_given(file, literal);
        functions.iter().any(|&(of, function)| {
            if self.signatures_seen(of, function).len() < 2 {
                return false;
            }
            let fitting = self.fitting(of, function, Some((file, call)));
            self.differ(of, &fitting, position, name)
        })
    }

    /// The members of a name that a function takes with one of its parameters.
    fn members_taken(
        &self,
        file: FileId,
        function: FunctionId,
        position: u32,
        name: NameId,
    ) -> Vec<Def> {
        let Some(taken) = self.taken_by(file, function, position, EnvId::EMPTY) else {
            return Vec::new();
        };
        let types = self.unmapped(taken, name);
        let types = self.set(self.expanded(types));
        let mut found: Vec<Def> = types
            .heads()
            .flat_map(|head| self.member_definitions(head, name).to_vec())
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// True when a literal has nothing under a name that one of some types asks for, and another of them says is nothing:
    /// `{ query(): void; run?: never } | { run(): void; query?: never }`.
    pub(super) fn lacks_what_tells(
        &self,
        file: FileId,
        literal: NodeId,
        head: Head,
        heads: &[Head],
    ) -> bool {
        let unit = self.unit(file);
        let is_held = |name: NameId| {
            unit.string(&self.name(name)).is_some_and(|text| {
                unit.owned_by(literal)
                    .any(|held| unit.name_id(held) == text)
            })
        };
        let Node::Object(spread) = unit.node(literal) else {
            return false;
        };
        let mut others = heads.iter().filter(|&&other| other != head);
        unit.nodes(spread).next().is_none()
            && others.any(|&other| {
                let left_out = self.left_out_of(other);
                let mut lacking = left_out.iter().filter(|&&name| !is_held(name));
                lacking.any(|&name| self.asks_for(head, name))
            })
    }

    /// The names of which a type says that there is none: `run?: never`.
    fn left_out_of(&self, head: Head) -> Arc<[NameId]> {
        if let Some(known) = self.left_out.borrow().get(&head) {
            return Arc::clone(known);
        }
        let Some(file) = head.file() else {
            return Arc::default();
        };
        let unit = self.unit(file);
        let bodies = self.bodies(unit, head).into_iter();
        let left_out = bodies
            .flat_map(|body| unit.owned_by(body))
            .filter(|&id| is_left_out(unit, id));
        let found: Arc<[NameId]> = left_out.map(|id| self.name_id(unit.name(id))).collect();
        if !self.is_stopped() {
            self.left_out.borrow_mut().insert(head, Arc::clone(&found));
        }
        found
    }

    /// True when a type asks for a member.
    fn asks_for(&self, head: Head, name: NameId) -> bool {
        let members = self.member_definitions(head, name);
        let declares = |def: &&Def| !self.unit(def.file).has(def.id, flag::ASSIGNED);
        let mut declared = members.iter().filter(declares).peekable();
        let is_needed = |def: &Def| {
            let unit = self.unit(def.file);
            !unit.has(def.id, flag::OPTIONAL)
                && matches!(unit.kind(def.id), definition::FIELD | definition::METHOD)
        };
        declared.peek().is_some() && declared.all(is_needed)
    }
}

/// True when a member says that there is none of its name: `run?: never`.
fn is_left_out(unit: &Unit, member: DefinitionId) -> bool {
    unit.has(member, flag::OPTIONAL)
        && unit
            .annotation(member)
            .is_some_and(|node| matches!(unit.node(node), Node::Keyword(keyword::NOTHING)))
}
