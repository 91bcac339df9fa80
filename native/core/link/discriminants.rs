//! Which members of a union an object literal can be, by what it says of itself: `{ kind: 'a', … }`.
//!
//! As TypeScript's checker discriminates a contextual type: a member is out when it declares a property as one literal, or as a union
//! of literals, that the property of the object is none of. When all are out, none is.

use super::Linker;
use super::values::Head;
use crate::facts::codes::{definition, keyword, literal};
use crate::facts::{Def, FileId, Node, NodeId};

/// Aliases of aliases deeper than this are not followed.
const DEEPEST: u32 = 4;

impl Linker {
    /// The heads that an object literal can be.
    pub(super) fn discriminated(
        &self,
        file: FileId,
        object: NodeId,
        heads: Vec<Head>,
    ) -> Vec<Head> {
        if heads.len() < 2 {
            return heads;
        }
        let kept: Vec<Head> = heads
            .iter()
            .copied()
            .filter(|&head| !self.is_ruled_out(file, object, head))
            .collect();
        if kept.is_empty() { heads } else { kept }
    }

    fn is_ruled_out(&self, file: FileId, object: NodeId, head: Head) -> bool {
        let unit = self.unit(file);
        unit.owned_by(object).any(|property| {
            let Some(value) = unit.value(property) else {
                return false;
            };
            let declared = self.member_definitions(head, self.name_id(unit.name(property)));
            let contradicts = |of: &Def| {
                let declared = self.unit(of.file).annotation(of.id);
                declared.is_some_and(|node| self.contradicts(file, value, of.file, node, DEEPEST))
            };
            !declared.is_empty() && declared.iter().all(contradicts)
        })
    }

    /// True when a type is a literal, or several, and the value is certainly none of these.
    fn contradicts(
        &self,
        file: FileId,
        value: NodeId,
        type_file: FileId,
        type_node: NodeId,
        deepest: u32,
    ) -> bool {
        let unit = self.unit(type_file);
        match unit.node(type_node) {
            Node::PlainType { .. } => unit
                .literal_type(type_node)
                .is_some_and(|(kind, text)| self.is_another(file, value, kind, unit.text(text))),
            Node::Keyword(keyword::NOTHING) => self.is_another(file, value, literal::NULL, ""),
            Node::Keyword(keyword::BOOLEAN) => self.is_another(file, value, literal::BOOLEAN, ""),
            Node::Union(parts) => unit.nodes(parts).all(|part| {
                part.is_some_and(|part| self.contradicts(file, value, type_file, part, deepest))
            }),
            Node::TypeQuery(Some(query)) => self.is_beside(file, value, type_file, query),
            Node::TypeRef {
                name: Some(name),
                arguments: None,
            } if deepest > 0 => {
                let parts = self.type_definitions(type_file, name);
                let [part] = parts[..] else { return false };
                let Some(alias) = part.definition() else {
                    return false;
                };
                let unit = self.unit(alias.file);
                let stands = unit
                    .annotation(alias.id)
                    .filter(|_| unit.kind(alias.id) == definition::TYPE);
                stands.is_some_and(|node| {
                    self.contradicts(file, value, alias.file, node, deepest - 1)
                })
            }
            _ => false,
        }
    }

    /// True when a value is certainly not that literal; an empty text stands for any of its kind.
    fn is_another(&self, file: FileId, value: NodeId, kind: u32, text: &str) -> bool {
        let unit = self.unit(file);
        match unit.node(value) {
            Node::Literal => {
                let (is, said) = unit.literal(value);
                let said = said.map(|said| unit.text(said));
                match kind {
                    _ if is != kind => is != literal::TEMPLATE || kind != literal::STRING,
                    _ if text.is_empty() => false,
                    _ => said.is_some_and(|said| said != text),
                }
            }
            Node::Object(_)
            | Node::Array(_)
            | Node::Function(_)
            | Node::Class(_)
            | Node::New { .. } => true,
            Node::Choice(parts) => unit
                .nodes(parts)
                .all(|part| part.is_some_and(|part| self.is_another(file, part, kind, text))),
            Node::Cast {
                value: Some(value), ..
            } => {
                matches!(unit.node(value), Node::Literal)
                    && self.is_another(file, value, kind, text)
            }
            Node::Ident(occurrence)
                if unit.target(occurrence).is_some_and(|id| {
                    unit.kind(id) == definition::CONSTANT && unit.annotation(id).is_none()
                }) =>
            {
                let held = unit.target(occurrence).and_then(|id| unit.value(id));
                match held.filter(|&held| matches!(unit.node(held), Node::Literal)) {
                    Some(held) => self.is_another(file, held, kind, text),
                    None => self.is_no_primitive(file, value),
                }
            }
            _ => self.is_no_primitive(file, value),
        }
    }

    /// True when a value is known, and no string, number or nothing.
    fn is_no_primitive(&self, file: FileId, value: NodeId) -> bool {
        let set = self.set(self.expanded(self.evaluate(file, Some(value))));
        let is_thing =
            |head: Head| !matches!(head, Head::Primitive | Head::External | Head::Parameter(_));
        !set.open && !set.is_unknown() && set.heads().all(is_thing)
    }

    /// True when a value is `Kinds.b` where the type is `typeof Kinds.a`.
    fn is_beside(&self, file: FileId, value: NodeId, type_file: FileId, query: NodeId) -> bool {
        let one = self.path_of(file, value);
        let other = self.path_of(type_file, query);
        matches!((one, other), (Some((holder, name)), Some((same, other)))
            if holder == same && name != other)
    }

    /// Of `a.Kinds.b` the names `Kinds` and `b`.
    fn path_of(&self, file: FileId, node: NodeId) -> Option<(&str, &str)> {
        let unit = self.unit(file);
        let Node::Member {
            base: Some(base),
            name,
        } = unit.node(node)
        else {
            return None;
        };
        let holder = match unit.node(base) {
            Node::Ident(occurrence)
            | Node::Member {
                name: occurrence, ..
            } => occurrence,
            _ => return None,
        };
        Some((unit.property(holder), unit.property(name)))
    }
}
