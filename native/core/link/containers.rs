//! Arrays, promises and the other containers of the platform: what is inside of them, and what their methods hand on.

use super::Linker;
use super::calls::CallSite;
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
                if let Node::Mapped { value: held, .. } = self.unit(file).node(node) {
                    return self.substitute(self.typed(file, held), value.env);
                }
                let many = self.container_arguments(file, node).len() > 1;
                self.container_argument(value, usize::from(many && position != Some(0)))
            }
            Head::Array(file, node) => self.array_elements(file, node, value.env, position),
            Head::External => self.one(Head::External),
            Head::Primitive => SetId::BOTTOM,
            _ => SetId::OPEN,
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
            _ => return SetId::OPEN,
        };
        let mut parts: Vec<Option<NodeId>> = unit.nodes(list).collect();
        if let Some(&part) = position.and_then(|at| parts.get(at as usize)) {
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
