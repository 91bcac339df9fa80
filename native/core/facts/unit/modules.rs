//! Imports, bindings and exports.

use super::{Column, Unit};
use crate::facts::codes::export;
use crate::facts::{
    BindingId, DefinitionId, ExportId, ImportId, NONE, NodeId, OccurrenceId, StringId, len32,
};

/// How a file names what it exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportKind<'a> {
    /// `module.exports = …`: the module as a whole.
    Whole,
    /// Values merged into the exports: `Object.assign(exports, …)`.
    Merged,
    /// `export * from`.
    All,
    Named(&'a str),
}

impl<'a> ExportKind<'a> {
    pub fn of(text: &'a str) -> Self {
        match text {
            "=" => Self::Whole,
            "+" => Self::Merged,
            "*" => Self::All,
            name => Self::Named(name),
        }
    }
}

impl Unit {
    pub fn import_count(&self) -> u32 {
        len32(self.column(Column::ImpKind).len())
    }

    pub fn import_kind(&self, id: ImportId) -> u32 {
        self.cell(Column::ImpKind, id.row())
    }

    pub fn import_start(&self, id: ImportId) -> u32 {
        self.cell(Column::ImpStart, id.row())
    }

    /// The span of the text between the quotes.
    pub fn import_span(&self, id: ImportId) -> (u32, u32) {
        (self.import_start(id), self.cell(Column::ImpEnd, id.row()))
    }

    pub fn specifier(&self, id: ImportId) -> &str {
        self.text(StringId(self.cell(Column::ImpSpecifier, id.row())))
    }

    pub fn imports_of_kind(&self, kind: u32) -> impl Iterator<Item = ImportId> + '_ {
        self.rows(Column::ImpKind, kind).map(ImportId)
    }

    fn bindings(&self, column: Column, cell: u32) -> impl Iterator<Item = BindingId> + '_ {
        self.rows(column, cell).map(BindingId)
    }

    pub fn bindings_from(&self, import: ImportId) -> impl Iterator<Item = BindingId> + '_ {
        self.bindings(Column::BindImport, import.0)
    }

    pub fn bindings_of(&self, local: DefinitionId) -> impl Iterator<Item = BindingId> + '_ {
        self.bindings(Column::BindLocal, local.0)
    }

    pub fn bindings_at(&self, occurrence: OccurrenceId) -> impl Iterator<Item = BindingId> + '_ {
        self.bindings(Column::BindOccurrence, occurrence.0)
    }

    pub fn binding_import(&self, id: BindingId) -> ImportId {
        ImportId(self.cell(Column::BindImport, id.row()))
    }

    /// The imported name: `default`, `*` for the namespace, `=` for the whole.
    pub fn binding_name(&self, id: BindingId) -> &str {
        self.text(StringId(self.cell(Column::BindName, id.row())))
    }

    pub fn binding_local(&self, id: BindingId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::BindLocal, id.row()))
    }

    pub fn binding_occurrence(&self, id: BindingId) -> Option<OccurrenceId> {
        OccurrenceId::in_cell(self.cell(Column::BindOccurrence, id.row()))
    }

    fn exports(&self, column: Column, cell: u32) -> impl Iterator<Item = ExportId> + '_ {
        self.rows(column, cell).map(ExportId)
    }

    pub fn export_ids(&self) -> impl Iterator<Item = ExportId> + use<> {
        (0..len32(self.column(Column::ExpName).len())).map(ExportId)
    }

    /// The exports under a name as it is written: `=`, `+` and `*` are the special ones.
    pub fn exports_named(&self, name: &str) -> impl Iterator<Item = ExportId> + '_ {
        let id = if self.column(Column::ExpName).is_empty() {
            None
        } else {
            self.string(name)
        };
        self.exports(Column::ExpName, id.map_or(NONE, |id| id.0))
    }

    pub fn exports_valued(&self, node: NodeId) -> impl Iterator<Item = ExportId> + '_ {
        self.exports(Column::ExpValue, node.0)
    }

    pub fn exports_of(&self, definition: DefinitionId) -> impl Iterator<Item = ExportId> + '_ {
        self.exports(Column::ExpDefinition, definition.0)
    }

    pub fn exports_from(&self, import: ImportId) -> impl Iterator<Item = ExportId> + '_ {
        self.exports(Column::ExpImport, import.0)
    }

    pub fn exports_at(&self, occurrence: OccurrenceId) -> impl Iterator<Item = ExportId> + '_ {
        self.exports(Column::ExpOccurrence, occurrence.0)
    }

    pub fn export_name(&self, id: ExportId) -> &str {
        self.text(StringId(self.cell(Column::ExpName, id.row())))
    }

    pub fn export_kind(&self, id: ExportId) -> ExportKind<'_> {
        ExportKind::of(self.export_name(id))
    }

    pub fn export_definition(&self, id: ExportId) -> Option<DefinitionId> {
        DefinitionId::in_cell(self.cell(Column::ExpDefinition, id.row()))
    }

    pub fn export_value(&self, id: ExportId) -> Option<NodeId> {
        NodeId::in_cell(self.cell(Column::ExpValue, id.row()))
    }

    pub fn export_import(&self, id: ExportId) -> Option<ImportId> {
        ImportId::in_cell(self.cell(Column::ExpImport, id.row()))
    }

    /// The name in the module it is exported from.
    pub fn export_imported(&self, id: ExportId) -> &str {
        StringId::in_cell(self.cell(Column::ExpImported, id.row()))
            .map_or("", |text| self.text(text))
    }

    pub fn export_occurrence(&self, id: ExportId) -> Option<OccurrenceId> {
        OccurrenceId::in_cell(self.cell(Column::ExpOccurrence, id.row()))
    }

    pub fn is_type_only(&self, id: ExportId) -> bool {
        self.cell(Column::ExpFlags, id.row()) & export::TYPE_ONLY != 0
    }
}
