//! Exports: declared, by name, by default, and of other modules.

use oxc_ast::ast::*;
use oxc_ast::match_expression;
use oxc_span::Span;

use super::context::{ExprContext, Name};
use super::modules::export_name;
use super::walker::Walker;
use crate::facts::codes::{definition, export, flag, import, node, role};
use crate::facts::{Export, NONE, len32};

/// A row of exports before it has a place in the table.
#[derive(Clone, Copy)]
pub struct ExportRow<'a> {
    pub name: &'a str,
    pub definition: u32,
    pub value: u32,
    pub import: u32,
    pub imported: Option<&'a str>,
    pub occurrence: u32,
    pub flags: u32,
}

impl<'a> ExportRow<'a> {
    pub const fn new(name: &'a str) -> Self {
        Self {
            name,
            definition: NONE,
            value: NONE,
            import: NONE,
            imported: None,
            occurrence: NONE,
            flags: 0,
        }
    }
}

impl<'a> Walker<'a, '_> {
    pub fn export(&mut self, row: ExportRow<'a>) -> usize {
        let name = self.string(row.name);
        let imported = row.imported.map_or(NONE, |imported| self.string(imported));
        let (definition, value, import, occurrence) =
            (row.definition, row.value, row.import, row.occurrence);
        self.facts.exports.push(Export {
            name,
            definition,
            value,
            import,
            imported,
            occurrence,
            flags: row.flags,
        });
        self.facts.exports.len() - 1
    }

    /// A name of the file that some export gives away.
    pub fn export_symbol(&mut self, id: &IdentifierReference<'a>, flags: u32) {
        if let Some(symbol) = self.symbol_of(id) {
            self.exported_symbols.push((symbol, flags));
        }
    }

    /// The export of a declaration behind `export`, whose name token came last.
    pub fn export_declared(&mut self, index: u32, flags: u32) {
        let occurrence = len32(self.facts.occurrences.len() - 1);
        let row = self.facts.definitions[index as usize];
        let name = if flags & flag::DEFAULT == 0 {
            self.facts.strings[row.name as usize]
        } else {
            "default"
        };
        let only_type = matches!(row.kind, definition::INTERFACE | definition::TYPE);
        let flags = if only_type { export::TYPE_ONLY } else { 0 };
        self.export(ExportRow {
            definition: index,
            occurrence,
            flags,
            ..ExportRow::new(name)
        });
    }

    pub fn export_all(&mut self, of: &ExportAllDeclaration<'a>) {
        self.import_attributes(of.with_clause.as_deref());
        let only_type = of.export_kind.is_type();
        let import_flags = if only_type { import::TYPE_ONLY } else { 0 };
        let module = self.import(
            of.source.value.as_str(),
            of.source.span,
            import::EXPORT_FROM,
            import_flags,
        );
        let flags = if only_type { export::TYPE_ONLY } else { 0 };
        let row = match &of.exported {
            Some(exported) => {
                let name = export_name(exported);
                let occurrence = self.occurrence(name, role::EXPORT | role::DECLARES, NONE, None);
                ExportRow {
                    occurrence,
                    imported: Some("*"),
                    ..ExportRow::new(name.text)
                }
            }
            None => ExportRow::new("*"),
        };
        self.export(ExportRow {
            import: module,
            flags,
            ..row
        });
    }

    pub fn export_default(&mut self, of: &ExportDefaultDeclaration<'a>) {
        let flags = flag::EXPORTED | flag::DEFAULT;
        self.statement_start = of.span.start;
        match &of.declaration {
            ExportDefaultDeclarationKind::FunctionDeclaration(function)
                if function.id.is_some() =>
            {
                let index = self.function_declaration(function, flags);
                self.export_default_value(index);
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) if class.id.is_some() => {
                let index = self.class_declaration(class, flags);
                self.export_default_value(index);
            }
            ExportDefaultDeclarationKind::TSInterfaceDeclaration(interface) => {
                self.interface(interface, flags);
            }
            ExportDefaultDeclarationKind::FunctionDeclaration(function) => {
                let index = self.unnamed_default(definition::FUNCTION, of.span);
                let value = self.function(function, ExprContext::held(index), NONE, 0);
                self.export_default_row(index, value);
            }
            ExportDefaultDeclarationKind::ClassDeclaration(class) => {
                let index = self.unnamed_default(definition::CLASS, of.span);
                let value = self.class(class, index);
                self.export_default_row(index, value);
            }
            expression @ match_expression!(ExportDefaultDeclarationKind) => {
                self.statement_start = NONE;
                let expression = expression.to_expression();
                if let Expression::Identifier(id) = expression {
                    self.export_symbol(id, flags);
                }
                let form = super::expressions::value_form(expression);
                let index = match form {
                    super::expressions::ValueForm::Other => NONE,
                    super::expressions::ValueForm::Function => {
                        self.unnamed_default(definition::FUNCTION, of.span)
                    }
                    super::expressions::ValueForm::Class => {
                        self.unnamed_default(definition::CLASS, of.span)
                    }
                    super::expressions::ValueForm::Object => {
                        self.unnamed_default(definition::CONSTANT, of.span)
                    }
                };
                let place = ExprContext {
                    member_flags: flag::EXPORTED,
                    ..ExprContext::held(index)
                };
                let value = self.expression(expression, place);
                self.export_default_row(index, value);
            }
        }
        self.statement_start = NONE;
    }

    /// `export default function () {}` has no name of its own: it is called `default`.
    fn unnamed_default(&mut self, kind: u32, span: Span) -> u32 {
        self.statement_start = NONE;
        let name = Name {
            text: "default",
            start: span.start,
            end: span.start,
        };
        let index = self.define(kind, name, span, flag::EXPORTED | flag::DEFAULT);
        self.standings[index as usize].searchable = false;
        index
    }

    fn export_default_row(&mut self, definition: u32, value: u32) {
        if definition != NONE {
            self.definition(definition).value = value;
        }
        self.export(ExportRow {
            definition,
            value,
            ..ExportRow::new("default")
        });
    }

    /// The row of a named default export was written with its declaration; its value is known now.
    fn export_default_value(&mut self, index: u32) {
        let value = self.definition(index).value;
        if let Some(row) = self
            .facts
            .exports
            .iter_mut()
            .rfind(|row| row.definition == index)
        {
            row.value = value;
        }
    }

    pub fn export_specifier(&mut self, one: &ExportSpecifier<'a>, kind: ImportOrExportKind) {
        let only_type = kind.is_type() || one.export_kind.is_type();
        let kind_role = if only_type { role::TYPE } else { 0 };
        let (local, exported) = (export_name(&one.local), export_name(&one.exported));
        let symbol = match &one.local {
            ModuleExportName::IdentifierReference(id) => {
                self.export_symbol(id, flag::EXPORTED);
                self.symbol_of(id)
            }
            _ => None,
        };
        let node = self.reserve(node::IDENT, one.span);
        let mut occurrence =
            self.occurrence(local, role::EXPORT | role::READ | kind_role, node, symbol);
        self.fill(node, occurrence, NONE);
        if exported.start != local.start {
            occurrence = self.occurrence(
                exported,
                role::EXPORT | role::DECLARES | kind_role,
                NONE,
                None,
            );
        }
        if self.frame.namespace != NONE {
            return;
        }
        let flags = if only_type { export::TYPE_ONLY } else { 0 };
        let value = if symbol.is_some() { NONE } else { node };
        let row = self.export(ExportRow {
            occurrence,
            flags,
            value,
            ..ExportRow::new(exported.text)
        });
        if let Some(symbol) = symbol {
            self.export_symbols.push((row, symbol));
        }
    }

    pub fn export_from(&mut self, of: &ExportFromDeclaration<'a>) {
        self.import_attributes(of.with_clause.as_deref());
        let all_types = of.export_kind.is_type()
            || !of.specifiers.is_empty()
                && of.specifiers.iter().all(|one| one.export_kind.is_type());
        let import_flags = if all_types { import::TYPE_ONLY } else { 0 };
        let module = self.import(
            of.source.value.as_str(),
            of.source.span,
            import::EXPORT_FROM,
            import_flags,
        );
        for one in &of.specifiers {
            let only_type = all_types || one.export_kind.is_type();
            let kind_role = if only_type { role::TYPE } else { 0 };
            let (imported, exported) = (export_name(&one.local), export_name(&one.exported));
            let mut occurrence = self.occurrence(
                imported,
                role::EXPORT | role::IMPORT | kind_role,
                NONE,
                None,
            );
            if exported.start != imported.start {
                occurrence = self.occurrence(
                    exported,
                    role::EXPORT | role::DECLARES | kind_role,
                    NONE,
                    None,
                );
            }
            let flags = if only_type { export::TYPE_ONLY } else { 0 };
            self.export(ExportRow {
                import: module,
                imported: Some(imported.text),
                occurrence,
                flags,
                ..ExportRow::new(exported.text)
            });
        }
    }
}
