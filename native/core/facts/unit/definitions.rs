//! Definitions.

use super::{Column, Unit};
use crate::facts::{DefinitionId, NONE, NodeId, StringId, len32};

impl Unit {
    pub fn definition_count(&self) -> u32 {
        len32(self.column(Column::DefKind).len())
    }

    pub fn definition_ids(&self) -> impl Iterator<Item = DefinitionId> + use<> {
        (0..self.definition_count()).map(DefinitionId)
    }

    pub fn kind(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefKind, id.row())
    }

    pub fn flags_of(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefFlags, id.row())
    }

    pub fn has(&self, id: DefinitionId, flag: u32) -> bool {
        self.flags_of(id) & flag != 0
    }

    pub fn name_id(&self, id: DefinitionId) -> StringId {
        StringId(self.cell(Column::DefName, id.row()))
    }

    pub fn name(&self, id: DefinitionId) -> &str {
        self.text(self.name_id(id))
    }

    /// The span of the whole definition.
    pub fn extent(&self, id: DefinitionId) -> (u32, u32) {
        (
            self.cell(Column::DefStart, id.row()),
            self.cell(Column::DefEnd, id.row()),
        )
    }

    /// Start of the name of the definition.
    pub fn start_name(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefStartName, id.row())
    }

    pub fn name_span(&self, id: DefinitionId) -> (u32, u32) {
        let end = self.cell(Column::DefEndName, id.row());
        (self.start_name(id), end)
    }

    /// Start of the body, the end where there is none.
    pub fn body(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefBody, id.row())
    }

    /// The span of the doc comment.
    pub fn doc(&self, id: DefinitionId) -> Option<(u32, u32)> {
        let start = self.cell(Column::DefDocStart, id.row());
        (start != NONE).then(|| (start, self.cell(Column::DefDocEnd, id.row())))
    }

    /// A hash of what is written in it, blanks aside; only of one that shares its name with others of the file.
    pub fn written(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefWritten, id.row())
    }

    pub fn parent(&self, id: DefinitionId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::DefParent, id.row()))
    }

    /// The node that a member is put on.
    pub fn owner(&self, id: DefinitionId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::DefOwner, id.row()))
    }

    pub fn value(&self, id: DefinitionId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::DefValue, id.row()))
    }

    pub fn annotation(&self, id: DefinitionId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::DefAnnotation, id.row()))
    }

    pub fn symbol(&self, id: DefinitionId) -> u32 {
        self.cell(Column::DefSymbol, id.row())
    }

    fn definitions(
        &self,
        column: Column,
        cell: u32,
    ) -> impl DoubleEndedIterator<Item = DefinitionId> + '_ {
        self.rows(column, cell).map(DefinitionId)
    }

    /// All declarations of the same binding, itself among them.
    pub fn merged(&self, id: DefinitionId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefSymbol, self.symbol(id))
    }

    pub fn named(&self, name: StringId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefName, name.0)
    }

    pub fn owned_by(&self, node: NodeId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefOwner, node.0)
    }

    pub fn valued(&self, node: NodeId) -> impl DoubleEndedIterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefValue, node.0)
    }

    pub fn annotated(&self, node: NodeId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefAnnotation, node.0)
    }

    pub fn inside(&self, parent: DefinitionId) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefParent, parent.0)
    }

    /// The definitions whose name starts at a byte offset.
    pub fn named_at(&self, offset: u32) -> impl Iterator<Item = DefinitionId> + '_ {
        self.definitions(Column::DefStartName, offset)
    }
}
