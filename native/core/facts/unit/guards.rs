//! Guards: tests that tell what a name is throughout a part of the text.

use rustc_hash::FxHashMap;

use super::{Node, Unit};
use crate::facts::codes::node;
use crate::facts::{Column, DefinitionId, NodeId, OccurrenceId};

/// What was tested of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    /// The call of a predicate that takes it: `isOrder(x)`.
    Predicate(NodeId),
    /// Being an instance of a class.
    Instance(NodeId),
    /// A member of it equals a value, or one of several: `x.kind === 'a'`.
    Equal { member: OccurrenceId, value: NodeId },
    /// A member of it is truthy.
    Truthy { member: OccurrenceId },
}

/// A test, how it came out, and where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    pub test: Test,
    pub holds: bool,
    start: u32,
    end: u32,
}

impl Unit {
    /// The guards of a definition at a place.
    pub fn guards(&self, id: DefinitionId, at: u32) -> impl Iterator<Item = Guard> + '_ {
        let all = self.decoded().guards.get_or_init(|| self.all_guards());
        let of = all.get(&id).map_or(&[][..], Vec::as_slice).iter().copied();
        of.filter(move |guard| (guard.start..guard.end).contains(&at))
    }

    fn all_guards(&self) -> FxHashMap<DefinitionId, Vec<Guard>> {
        let mut found: FxHashMap<DefinitionId, Vec<Guard>> = FxHashMap::default();
        for kind in node::IS..=node::FALSY {
            for id in self.nodes_of_kind(kind) {
                if let Some((tested, guard)) = self.guard(kind, id) {
                    found.entry(tested).or_default().push(guard);
                }
            }
        }
        found
    }

    fn guard(&self, kind: u32, id: NodeId) -> Option<(DefinitionId, Guard)> {
        let cell = |column| NodeId::in_cell(self.cell(column, id.row()));
        let (subject, by) = (cell(Column::NodeA)?, cell(Column::NodeB));
        let (name, member) = match self.node(subject) {
            Node::Ident(name) => (name, None),
            Node::Member {
                base: Some(base),
                name: member,
            } => match self.node(base) {
                Node::Ident(name) => (name, Some(member)),
                _ => return None,
            },
            _ => return None,
        };
        let test = match kind {
            node::IS | node::IS_NOT => Test::Predicate(by?),
            node::INSTANCE | node::NO_INSTANCE => Test::Instance(by?),
            node::EQUAL | node::UNEQUAL => Test::Equal {
                member: member?,
                value: by?,
            },
            _ => Test::Truthy { member: member? },
        };
        let holds = matches!(kind, node::IS | node::INSTANCE | node::EQUAL | node::TRUTHY);
        let (start, end) = self.node_span(id);
        let guard = Guard {
            test,
            holds,
            start,
            end,
        };
        Some((self.target(name)?, guard))
    }

    /// The type that a predicate says its argument is of.
    pub fn predicate(&self, annotation: NodeId) -> Option<NodeId> {
        let row = annotation.row();
        let is_predicate = self.cell(Column::NodeKind, row) == node::TYPE_PREDICATE;
        NodeId::in_cell(self.cell(Column::NodeA, row)).filter(|_| is_predicate)
    }
}
