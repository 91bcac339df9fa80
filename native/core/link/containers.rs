//! Arrays, promises and the other containers of the platform: what is inside of them, and what their methods hand on.

use super::Linker;
use super::calls::CallSite;
use super::expected::FOLDING;
use super::solve::{Key, Standing};
use super::values::{EnvId, Head, SetId, Value};
use crate::facts::{FileId, Node, NodeId};

/// Array methods that give an array of the same elements.
const SAME_ARRAY: &[&str] = &[
    "filter",
    "slice",
    "concat",
    "reverse",
    "sort",
    "splice",
    "toSorted",
    "toReversed",
    "flat",
    "fill",
];
/// Array methods that give an array of what their callback gives.
const MAPPING: &[&str] = &["map", "flatMap"];
/// Methods of containers that give one of their elements.
const ONE_ELEMENT: &[&str] = &["find", "findLast", "pop", "shift", "at", "get"];

impl Linker {
    /// Result of a method of a container.
    pub(super) fn container_call(&self, value: Value, name: &str, site: CallSite) -> SetId {
        if SAME_ARRAY.contains(&name) {
            return self.lattice.borrow_mut().of([value], false);
        }
        if ONE_ELEMENT.contains(&name) {
            return self.elements_of(value, (name == "get").then_some(1));
        }
        if MAPPING.contains(&name) {
            return self.one(Head::Array(site.file, site.call));
        }
        if FOLDING.contains(&name) {
            return self.folded(value, site.file, site.call);
        }
        if matches!(name, "then" | "catch" | "finally") {
            let callback = self.unit(site.file).nodes(site.arguments).next();
            return match callback {
                Some(callback) => self.each(self.evaluate(site.file, callback), |back| {
                    self.returned(back, None)
                }),
                None => SetId::OPEN,
            };
        }
        SetId::OPEN
    }

    /// What folding an array hands on and gives in the end: the type that the call gives, what it starts with, or an element.
    pub(super) fn folded(&self, container: Value, file: FileId, call: NodeId) -> SetId {
        if let Some(&given) = self.given_types(file, call).first() {
            return given;
        }
        let Node::Call { arguments, .. } = self.unit(file).node(call) else {
            return SetId::OPEN;
        };
        match self.unit(file).nodes(arguments).nth(1) {
            Some(start) => self.evaluate(file, start),
            None => self.elements_of(container, None),
        }
    }

    /// True for `x.then` of a value that has no such member. What a promise gives stands for the promise where that is written out, of
    /// `import()` and of asynchronous functions; so the value is what the callback is handed.
    pub(super) fn is_awaited(&self, head: Head, name: &str) -> bool {
        let can_stand_for_promise = matches!(
            head,
            Head::Instance(..) | Head::Object(..) | Head::Exports(..) | Head::Class(..)
        );
        if !can_stand_for_promise || !matches!(name, "then" | "catch" | "finally") {
            return false;
        }
        let name = self.name_id(name);
        let (own, standing) = self.watched(|| self.member_definitions(head, name));
        match standing {
            Standing::Pending => false,
            Standing::Settled => own.is_empty(),
            Standing::Circular => true,
        }
    }

    /// Result of awaiting: the argument of a `Promise<…>`, anything else as it is.
    pub(super) fn awaited(&self, promised: SetId) -> SetId {
        self.each(promised, |value| match value.head {
            Head::Generic(..) => self.container_argument(value, 0),
            _ => self.lattice.borrow_mut().of([value], false),
        })
    }

    fn container_arguments(&self, file: FileId, node: NodeId) -> Vec<Option<NodeId>> {
        let unit = self.unit(file);
        match unit.node(node) {
            Node::TypeRef { arguments, .. } => unit.nodes(arguments).collect(),
            _ => Vec::new(),
        }
    }

    fn container_argument(&self, value: Value, position: usize) -> SetId {
        let Head::Generic(file, node) = value.head else {
            return SetId::OPEN;
        };
        match self.container_arguments(file, node).get(position) {
            Some(&argument) => self.substitute(self.typed(file, argument), value.env),
            None => SetId::OPEN,
        }
    }

    /// True when every property of a container is one of the values that it holds.
    pub(super) fn is_dictionary(&self, file: FileId, node: NodeId) -> bool {
        let unit = self.unit(file);
        match unit.node(node) {
            Node::Mapped { .. } => true,
            Node::TypeRef { name, .. } => unit.global_name(name) == Some("Record"),
            _ => false,
        }
    }

    /// The values inside containers; `position` in a tuple or an entry of a map, none for any.
    pub(super) fn elements(&self, containers: SetId, position: Option<u32>) -> SetId {
        self.each(containers, |value| self.elements_of(value, position))
    }

    pub(super) fn elements_of(&self, value: Value, position: Option<u32>) -> SetId {
        match value.head {
            Head::Generic(file, node) => {
                match self.unit(file).node(node) {
                    Node::Mapped { value: held, .. } => {
                        return self.substitute(self.typed(file, held), value.env);
                    }
                    Node::Call { .. } => return self.entry_part(file, node, position),
                    Node::TypeRef { name, .. }
                        if self.unit(file).global_name(name) == Some("Parameters") =>
                    {
                        return self.taken_parameter(value, position);
                    }
                    _ => {}
                }
                let many = self.container_arguments(file, node).len() > 1;
                self.container_argument(value, usize::from(many && position != Some(0)))
            }
            Head::Array(file, node) => self.array_elements(file, node, value.env, position),
            Head::External => self.one(Head::External),
            Head::Primitive | Head::Text(_) => SetId::BOTTOM,
            _ => SetId::OPEN,
        }
    }

    /// Part of `[key, value]` among the entries of an object.
    fn entry_part(&self, file: FileId, call: NodeId, position: Option<u32>) -> SetId {
        let value = || self.values(Key::Elements(file, call));
        match position {
            Some(0) => self.one(Head::Primitive),
            Some(_) => value(),
            None => self.join(self.one(Head::Primitive), value()),
        }
    }

    /// Elements of `Parameters<F>`: what F takes there.
    fn taken_parameter(&self, value: Value, position: Option<u32>) -> SetId {
        let Some(position) = position else {
            return SetId::OPEN;
        };
        self.each(self.container_argument(value, 0), |function| {
            self.parameter_type(function, position, None)
        })
    }

    /// The elements of an array that a call makes: `xs.map(f)`, `Object.values(x)`, `Array.from(xs)`.
    fn made_elements(&self, file: FileId, call: NodeId) -> SetId {
        if self.made_by(file, call) == Some("entries") {
            self.one(Head::Generic(file, call))
        } else {
            self.values(Key::Elements(file, call))
        }
    }

    /// What a call puts in the list that it makes; of `Object.entries(x)` the second half of each entry.
    pub(super) fn elements_rule(&self, file: FileId, call: NodeId) -> SetId {
        let unit = self.unit(file);
        let (Some(name), Node::Call { arguments, .. }) =
            (self.made_by(file, call), unit.node(call))
        else {
            return SetId::OPEN;
        };
        let mut given = unit.nodes(arguments);
        let (first, second) = (given.next().flatten(), given.next().flatten());
        let callback = match name {
            "from" => second,
            "values" | "entries" => None,
            _ => first,
        };
        if callback.is_none() {
            return self.elements(self.evaluate(file, first), None);
        }
        let made = self.each(self.evaluate(file, callback), |back| {
            self.returned(back, None)
        });
        if name == "flatMap" {
            self.elements(made, None)
        } else {
            made
        }
    }

    /// Name of the method that a call makes a list with.
    fn made_by(&self, file: FileId, call: NodeId) -> Option<&str> {
        let unit = self.unit(file);
        let Node::Call { callee, .. } = unit.node(call) else {
            return None;
        };
        match unit.node(callee?) {
            Node::Member { name, .. } => Some(unit.property(name)),
            _ => None,
        }
    }

    fn array_elements(
        &self,
        file: FileId,
        node: NodeId,
        env: EnvId,
        position: Option<u32>,
    ) -> SetId {
        let unit = self.unit(file);
        let (list, is_type) = match unit.node(node) {
            Node::ArrayType(element) => return self.substitute(self.typed(file, element), env),
            Node::Array(list) => (list, false),
            Node::Tuple(list) => (list, true),
            Node::Call { .. } => return self.substitute(self.made_elements(file, node), env),
            _ => return SetId::OPEN,
        };
        let mut parts: Vec<Option<NodeId>> = unit.nodes(list).collect();
        let is_spread = |part: &Option<NodeId>| {
            part.is_some_and(|part| matches!(unit.node(part), Node::Element { .. }))
        };
        if let Some(at) = position.map(|at| at as usize)
            && let Some(&part) = parts.get(at)
            && !(is_type && parts[..=at].iter().any(is_spread))
        {
            parts = vec![part];
        }
        let of = |part: Option<NodeId>| {
            if is_type {
                self.typed(file, part)
            } else {
                self.evaluate(file, part)
            }
        };
        self.substitute(
            self.union(parts.into_iter().map(of).collect::<Vec<_>>()),
            env,
        )
    }
}
