//! Mapped types of keys that are given by their names: `{ [_ in K]: {} }` of `type Needs<T, K extends keyof T> = T & { [_ in K]: {} }`.
//!
//! As to TypeScript's checker such a type declares a property for each of the names; and as it does not depend on T, that is the same
//! property for all that are intersected with it. The name of the key (`_`) stands for it.

use super::values::{Head, SetId};
use super::{Linker, NameId};
use crate::facts::codes::definition;
use crate::facts::{Def, FileId, Node, NodeId};

/// Of more names than these nothing is kept.
const MOST_NAMES: usize = 8;

impl Linker {
    /// The values of an argument of a type: names where the parameter is one of keys, and that is what they are.
    pub(super) fn type_argument(
        &self,
        alias: Option<Def>,
        at: usize,
        file: FileId,
        node: Option<NodeId>,
    ) -> SetId {
        let named = || {
            let names = self.names_written(file, node?)?;
            let takes_keys = self.takes_keys(alias?, at);
            let heads = names.into_iter().map(Head::Text);
            let set = heads.map(|head| self.one(head)).collect::<Vec<_>>();
            takes_keys.then(|| self.union(set))
        };
        named().unwrap_or_else(|| self.typed(file, node))
    }

    /// The names that a type is written as: `'a' | 'b'`.
    fn names_written(&self, file: FileId, node: NodeId) -> Option<Vec<NameId>> {
        let unit = self.unit(file);
        let name = |node: Option<NodeId>| match unit.node(node?) {
            Node::PlainType { text } => text.map(|text| self.name_id(unit.text(text))),
            _ => None,
        };
        let names: Option<Vec<NameId>> = match unit.node(node) {
            Node::Union(parts) => unit.nodes(parts).map(name).collect(),
            _ => name(Some(node)).map(|name| vec![name]),
        };
        names.filter(|names| names.len() <= MOST_NAMES)
    }

    /// True when a parameter of an alias takes keys of something: `K extends keyof T`.
    fn takes_keys(&self, alias: Def, at: usize) -> bool {
        let unit = self.unit(alias.file);
        let parameter = super::type_arguments::type_parameters(unit, alias.id).nth(at);
        let constraint = parameter.and_then(|id| unit.annotation(id));
        unit.kind(alias.id) == definition::TYPE
            && constraint.is_some_and(|node| matches!(unit.node(node), Node::KeyOf(_)))
    }

    /// What the mapped types in a set declare under a name.
    pub(super) fn declared_by_keys(&self, set: SetId, name: NameId) -> Vec<Def> {
        let set = self.set(set);
        let declaring = set.values.iter().filter_map(|value| {
            let Head::Generic(file, node) = value.head else {
                return None;
            };
            let (parameter, key) = self.keys_taken(file, node)?;
            let names = self.lattice.borrow().argument(value.env, parameter)?;
            self.set(names).holds(Head::Text(name)).then_some(key)
        });
        declaring.collect()
    }

    /// Of `{ [_ in K]: … }` the type parameter K and the key.
    fn keys_taken(&self, file: FileId, node: NodeId) -> Option<(Def, Def)> {
        let unit = self.unit(file);
        let Node::Mapped { keys, .. } = unit.node(node) else {
            return None;
        };
        let Node::TypeRef { name, .. } = unit.node(keys?) else {
            return None;
        };
        let Node::Ident(occurrence) = unit.node(name?) else {
            return None;
        };
        let parameter = unit.target(occurrence)?;
        let mut around = unit.inside(unit.parent(parameter)?);
        let key = around.find(|&id| {
            unit.kind(id) == definition::TYPE_PARAMETER && unit.annotation(id) == keys
        })?;
        let of = |id| Def { file, id };
        Some((of(parameter), of(key)))
    }
}
