//! Strings of a type of literals: `'a'` of `type Mode = 'a' | 'b'` wherever a `Mode` is written.

use rustc_hash::FxHashSet;

use super::super::Linker;
use super::super::values::Head;
use super::{Alike, Word};
use crate::facts::codes::{definition, literal, node};
use crate::facts::{Def, FileId, ListId, Node, NodeId, Unit, len32};

/// Types in one another that are followed.
const DEEPEST: u32 = 8;

/// The type that a literal is written as one of.
type Written = (FileId, NodeId);

impl Linker {
    /// All strings that are the same literal of the same type as the one at a place; none where no type asks for it.
    pub(super) fn literals_at(&self, file: FileId, offset: u32) -> Option<Alike> {
        let unit = self.unit(file);
        let (literal, text) = strings(unit).find(|&(literal, _)| {
            let (start, end) = unit.node_span(literal);
            start <= offset && offset < end
        })?;
        let types = self.written_as(file, literal);
        if types.is_empty() {
            return None;
        }
        let mut words = Vec::new();
        for file in self.code_files() {
            if !self.step() {
                break;
            }
            let unit = self.unit(file);
            if unit.string(text).is_none() {
                continue;
            }
            let same = strings(unit).filter(|&(other, of_other)| {
                of_other == text && !self.written_as(file, other).is_disjoint(&types)
            });
            words.extend(same.map(|(other, _)| {
                let role = if unit.is_type(other) { "type" } else { "read" };
                let at = unit.node_start(other) + 1;
                Word { file, at, role }
            }));
        }
        Some(Alike {
            words,
            ..Alike::default()
        })
    }

    /// The types of literals that a string is written as one of.
    fn written_as(&self, file: FileId, string: NodeId) -> FxHashSet<Written> {
        let unit = self.unit(file);
        if unit.is_type(string) {
            return FxHashSet::from_iter([(file, around(unit, string))]);
        }
        let expected = self.expected_literals(file, string);
        expected
            .into_iter()
            .map(|(file, node)| self.type_behind(file, node))
            .collect()
    }

    /// The annotations of what a string is a value of: a variable, a property that a type declares, a parameter that it is passed as.
    fn expected_literals(&self, file: FileId, string: NodeId) -> Vec<Written> {
        let unit = self.unit(file);
        let annotated = |def: &Def| Some((def.file, self.unit(def.file).annotation(def.id)?));
        if let Some(id) = self.definition_with_value(file, string) {
            let def = Def { file, id };
            if unit.annotation(id).is_some() || unit.owner(id).is_none() {
                return annotated(&def).into_iter().collect();
            }
            return self
                .base_members(def)
                .iter()
                .filter_map(annotated)
                .collect();
        }
        let calls = unit
            .nodes_of_kind(node::CALL)
            .chain(unit.nodes_of_kind(node::NEW));
        let passed = calls.filter_map(|call| {
            let (Node::Call { callee, arguments } | Node::New { callee, arguments }) =
                unit.node(call)
            else {
                return None;
            };
            let position = unit
                .nodes(arguments)
                .position(|argument| argument == Some(string))?;
            Some((callee, len32(position)))
        });
        let mut found = Vec::new();
        for (callee, position) in passed {
            for head in self.set(self.evaluate(file, callee)).heads() {
                let Head::Function(file, function) = head else {
                    continue;
                };
                let unit = self.unit(file);
                let annotation = unit
                    .parameter(function, position)
                    .and_then(|id| unit.annotation(id));
                found.extend(annotation.map(|node| (file, node)));
            }
        }
        found
    }

    /// The type that a name of a type stands for.
    fn type_behind(&self, file: FileId, node: NodeId) -> Written {
        let mut at = (file, node);
        for _ in 0..DEEPEST {
            let (file, node) = at;
            let Node::TypeRef {
                name: Some(name), ..
            } = self.unit(file).node(node)
            else {
                break;
            };
            let meant = self.type_definitions(file, name);
            let alias = meant
                .iter()
                .filter_map(|part| part.definition())
                .find_map(|def| {
                    let unit = self.unit(def.file);
                    let is_alias = unit.kind(def.id) == definition::TYPE;
                    Some((def.file, unit.annotation(def.id).filter(|_| is_alias)?))
                });
            let Some(alias) = alias else { break };
            at = alias;
        }
        at
    }
}

/// The strings of a file, in code and in types, with their text.
fn strings(unit: &Unit) -> impl Iterator<Item = (NodeId, &str)> {
    let values = unit.nodes_of_kind(node::LITERAL).filter_map(|node| {
        let (sort, text) = unit.literal(node);
        Some((node, text.filter(|_| sort == literal::STRING)?))
    });
    let types = unit.nodes_of_kind(node::LITERAL_TYPE).filter_map(|node| {
        let (sort, text) = unit.literal_type(node)?;
        (sort == literal::STRING).then_some((node, text))
    });
    values
        .chain(types)
        .map(|(node, text)| (node, unit.text(text)))
}

/// The outermost union around a type.
fn around(unit: &Unit, mut of: NodeId) -> NodeId {
    for _ in 0..DEEPEST {
        let holds = |list: Option<ListId>| unit.nodes(list).any(|part| part == Some(of));
        let mut unions = unit.nodes_of_kind(node::UNION);
        match unions.find(|&union| matches!(unit.node(union), Node::Union(parts) if holds(parts))) {
            Some(union) => of = union,
            None => break,
        }
    }
    of
}
