//! Occurrences: every name of the text.

use super::{Column, Node, Unit};
use crate::facts::{DefinitionId, NodeId, OccurrenceId, StringId, len32};

impl Unit {
    pub fn occurrence_count(&self) -> u32 {
        len32(self.column(Column::OccStart).len())
    }

    pub fn occurrence_name(&self, id: OccurrenceId) -> StringId {
        StringId(self.cell(Column::OccName, id.row()))
    }

    pub fn start(&self, id: OccurrenceId) -> u32 {
        self.cell(Column::OccStart, id.row())
    }

    pub fn span(&self, id: OccurrenceId) -> (u32, u32) {
        (self.start(id), self.cell(Column::OccEnd, id.row()))
    }

    pub fn role(&self, id: OccurrenceId) -> u32 {
        self.cell(Column::OccRole, id.row())
    }

    /// The first definition of the binding that the name refers to.
    pub fn target(&self, id: OccurrenceId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::OccTarget, id.row()))
    }

    pub fn node_of(&self, id: OccurrenceId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::OccNode, id.row()))
    }

    /// The innermost named function, method, class or type around it.
    pub fn within(&self, id: OccurrenceId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::OccWithin, id.row()))
    }

    pub fn occurrences_named(&self, name: StringId) -> impl Iterator<Item = OccurrenceId> + '_ {
        self.rows(Column::OccName, name.0).map(OccurrenceId)
    }

    /// The occurrences of a binding, by its symbol.
    pub fn occurrences_of(&self, symbol: u32) -> impl Iterator<Item = OccurrenceId> + '_ {
        self.rows(Column::OccTarget, symbol).map(OccurrenceId)
    }

    /// The number of occurrences that start before a byte offset.
    pub fn occurrences_before(&self, offset: u32) -> u32 {
        let starts = self.column(Column::OccStart);
        len32(starts.partition_point(|at| at < offset))
    }

    /// The occurrences that start in a span.
    pub fn occurrences_in(
        &self,
        (start, end): (u32, u32),
    ) -> impl Iterator<Item = OccurrenceId> + use<> {
        (self.occurrences_before(start)..self.occurrences_before(end)).map(OccurrenceId)
    }

    /// The occurrence whose span holds a byte offset, else the one that ends there.
    pub fn occurrence_at(&self, offset: u32) -> Option<OccurrenceId> {
        const LONGEST: u32 = 256;
        let (starts, ends) = (self.column(Column::OccStart), self.column(Column::OccEnd));
        let mut best = None;
        for row in (0..starts.partition_point(|at| at <= offset)).rev() {
            let (start, end) = (starts.get(row)?, ends.get(row)?);
            if start.saturating_add(LONGEST) <= offset {
                break;
            }
            if offset < end {
                return Some(OccurrenceId(len32(row)));
            }
            if offset == end && best.is_none() {
                best = Some(OccurrenceId(len32(row)));
            }
        }
        best
    }

    /// The name of the property that a member node reads.
    pub fn property(&self, name: OccurrenceId) -> &str {
        self.text(self.occurrence_name(name))
    }

    /// The name, when the node is an identifier that nothing in the file binds.
    pub fn global_name(&self, node: Option<NodeId>) -> Option<&str> {
        match self.node(node?) {
            Node::Ident(occurrence) if self.target(occurrence).is_none() => {
                Some(self.text(self.occurrence_name(occurrence)))
            }
            _ => None,
        }
    }
}
