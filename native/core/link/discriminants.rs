//! Which members of a union an object literal can be, by what it says of itself: `{ kind: 'a', … }`.
//!
//! As TypeScript's checker discriminates a contextual type: a member is out when it declares a property as one literal, or as a union
//! of literals, that the property of the object is none of. When all are out, none is.

use super::Linker;
use super::solve::Standing;
use super::values::{Head, SetId};
use crate::facts::codes::{definition, keyword, literal};
use crate::facts::{Def, FileId, Node, NodeId, Unit};

/// Aliases of aliases deeper than this are not followed.
pub(super) const DEEPEST: u32 = 4;

impl Linker {
    /// The heads that an object literal can be, told by those of its values that can tell.
    fn discriminated(&self, file: FileId, object: NodeId, heads: Vec<Head>) -> Vec<Head> {
        self.kept(file, object, heads, tells_apart)
    }

    /// The heads whose members the properties of an object literal are, told by all of its values.
    pub(super) fn told_apart(&self, file: FileId, object: NodeId, heads: Vec<Head>) -> Vec<Head> {
        self.kept(file, object, heads, |_, _| true)
    }

    fn kept(
        &self,
        file: FileId,
        object: NodeId,
        heads: Vec<Head>,
        tells: fn(&Unit, NodeId) -> bool,
    ) -> Vec<Head> {
        if heads.len() < 2 {
            return heads;
        }
        let is_kept = |head: &Head| {
            !self.is_ruled_out(file, object, *head, tells)
                && !self.lacks_what_tells(file, object, *head, &heads)
        };
        let kept: Vec<Head> = heads.iter().copied().filter(is_kept).collect();
        if kept.is_empty() { heads } else { kept }
    }

    /// The values of a type that an object literal can be, of what is expected of it.
    pub(super) fn fitting_of(&self, file: FileId, object: NodeId, expected: SetId) -> SetId {
        let set = self.set(self.expanded(expected));
        if set.top || set.values.len() < 2 {
            return expected;
        }
        let (heads, standing) =
            self.watched(|| self.discriminated(file, object, set.heads().collect()));
        if standing != Standing::Settled || heads.len() == set.values.len() {
            return expected;
        }
        let kept = set.values.iter().copied();
        let kept = kept.filter(|value| heads.contains(&value.head));
        self.lattice.borrow_mut().of(kept, set.open)
    }

    /// True when what a literal says of itself contradicts what a head declares.
    pub(super) fn is_ruled_out(
        &self,
        file: FileId,
        object: NodeId,
        head: Head,
        tells: fn(&Unit, NodeId) -> bool,
    ) -> bool {
        let unit = self.unit(file);
        unit.owned_by(object).any(|property| {
            let Some(value) = unit.value(property).filter(|&value| tells(unit, value)) else {
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
    pub(super) fn contradicts(
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
                name: Some(_),
                arguments: Some(_),
            } => {
                let texts = self.literal_texts(type_file, type_node, deepest);
                texts.is_some_and(|texts| {
                    let is_another =
                        |text: &String| self.is_another(file, value, literal::STRING, text);
                    !texts.is_empty() && texts.iter().all(is_another)
                })
            }
            Node::TypeRef {
                name: Some(name),
                arguments: None,
            } if deepest > 0 => {
                let stands = self.aliased(type_file, name);
                stands
                    .is_some_and(|(at, node)| self.contradicts(file, value, at, node, deepest - 1))
            }
            _ => false,
        }
    }

    /// The strings that a type is: of literals, of unions of them, and of `Uppercase<…>` and its kind; none where it is anything else.
    fn literal_texts(&self, file: FileId, node: NodeId, deepest: u32) -> Option<Vec<String>> {
        let unit = self.unit(file);
        match unit.node(node) {
            Node::PlainType { .. } => {
                let (kind, text) = unit.literal_type(node)?;
                (kind == literal::STRING).then(|| vec![unit.text(text).to_owned()])
            }
            Node::Union(parts) => {
                let mut all = Vec::new();
                for part in unit.nodes(parts) {
                    all.extend(self.literal_texts(file, part?, deepest)?);
                }
                Some(all)
            }
            Node::TypeRef {
                name: Some(name),
                arguments: Some(arguments),
            } => {
                let change: fn(&str) -> String = match unit.global_name(Some(name))? {
                    "Uppercase" => str::to_uppercase,
                    "Lowercase" => str::to_lowercase,
                    _ => return None,
                };
                let of = unit.nodes(Some(arguments)).next()??;
                let texts = self.literal_texts(file, of, deepest)?;
                Some(texts.iter().map(|text| change(text)).collect())
            }
            Node::TypeRef {
                name: Some(name),
                arguments: None,
            } if deepest > 0 => {
                let (at, stands) = self.aliased(file, name)?;
                self.literal_texts(at, stands, deepest - 1)
            }
            _ => None,
        }
    }

    /// True when a value is certainly not that literal; an empty text stands for any of its kind.
    pub(super) fn is_another(&self, file: FileId, value: NodeId, kind: u32, text: &str) -> bool {
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
                let is_written =
                    |held: &NodeId| matches!(unit.node(*held), Node::Literal | Node::New { .. });
                match held.filter(is_written) {
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
            |head: Head| !head.is_of_the_platform() && !matches!(head, Head::Parameter(_));
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

/// True when a value can tell the members of a union apart; what is written out in place never does.
fn tells_apart(unit: &Unit, value: NodeId) -> bool {
    !matches!(
        unit.node(value),
        Node::Object(_) | Node::Array(_) | Node::Function(_) | Node::Class(_) | Node::New { .. }
    )
}
