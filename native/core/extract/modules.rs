//! ES module forms: imports, dynamic imports, and what stands at the top of a module.

use oxc_ast::ast::*;
use oxc_span::Span;

use super::context::{ExprContext, Name};
use super::exports::ExportRow;
use super::walker::{Walker, inside_quotes};
use crate::facts::codes::{definition, export, flag, import, meta, node, role, token};
use crate::facts::{Binding, NONE, len32};

impl<'a> Walker<'a, '_> {
    pub fn module_declaration(&mut self, declaration: &ModuleDeclaration<'a>) {
        if self.frame.namespace == NONE {
            self.meta |= meta::ESM;
        }
        match declaration {
            ModuleDeclaration::ImportDeclaration(of) => self.import_declaration(of),
            ModuleDeclaration::ExportAllDeclaration(of) => self.export_all(of),
            ModuleDeclaration::ExportDefaultDeclaration(of) => self.export_default(of),
            ModuleDeclaration::ExportDeclaration(of) => {
                self.statement_start = of.span.start;
                self.declaration(&of.declaration, flag::EXPORTED);
                self.statement_start = NONE;
            }
            ModuleDeclaration::ExportNamedDeclaration(of) => {
                for specifier in &of.specifiers {
                    self.export_specifier(specifier, of.export_kind);
                }
            }
            ModuleDeclaration::ExportFromDeclaration(of) => self.export_from(of),
            ModuleDeclaration::TSExportAssignment(of) => {
                let value = self.expression(&of.expression, ExprContext::PLAIN);
                if let Expression::Identifier(id) = &of.expression {
                    self.export_symbol(id, flag::EXPORTED);
                }
                self.node(node::MODULE_EXPORTS, NONE, NONE, of.span);
                self.export(ExportRow {
                    value,
                    flags: export::COMMONJS,
                    ..ExportRow::new("=")
                });
            }
            ModuleDeclaration::TSNamespaceExportDeclaration(of) => {
                let name = Name::new(of.id.name.as_str(), of.id.span);
                let index = self.define(definition::IMPORT, name, of.span, 0);
                self.standings[index as usize].searchable = false;
                let value = self.node(node::MODULE_EXPORTS, NONE, NONE, of.span);
                self.definition(index).value = value;
                let role = role::EXPORT | role::DECLARES;
                let occurrence = self.occurrence(name, role, NONE, None);
                self.facts.occurrences[occurrence as usize].target = index;
            }
        }
    }

    pub fn import_declaration(&mut self, of: &ImportDeclaration<'a>) {
        self.import_attributes(of.with_clause.as_deref());
        let Some(specifiers) = &of.specifiers else {
            self.import(
                of.source.value.as_str(),
                of.source.span,
                import::SIDE_EFFECT,
                0,
            );
            return;
        };
        let all_types = of.import_kind.is_type()
            || !specifiers.is_empty()
                && specifiers.iter().all(|specifier| {
                    matches!(specifier, ImportDeclarationSpecifier::ImportSpecifier(one) if one.import_kind.is_type())
                });
        let flags = if all_types { import::TYPE_ONLY } else { 0 };
        let module = self.import(
            of.source.value.as_str(),
            of.source.span,
            import::IMPORT,
            flags,
        );
        for specifier in specifiers {
            match specifier {
                ImportDeclarationSpecifier::ImportSpecifier(one) => {
                    let only_type = all_types || one.import_kind.is_type();
                    self.import_specifier(one, module, only_type);
                }
                ImportDeclarationSpecifier::ImportDefaultSpecifier(one) => {
                    self.import_local(&one.local, one.span, module, "default", all_types);
                }
                ImportDeclarationSpecifier::ImportNamespaceSpecifier(one) => {
                    self.import_local(&one.local, one.span, module, "*", all_types);
                }
            }
        }
    }

    fn import_specifier(&mut self, one: &ImportSpecifier<'a>, module: u32, only_type: bool) {
        let imported = export_name(&one.imported);
        let same_token = imported.start == one.local.span.start;
        if same_token {
            self.import_local(&one.local, one.span, module, imported.text, only_type);
            return;
        }
        let kind_role = if only_type { role::TYPE } else { 0 };
        let occurrence = self.occurrence(imported, role::IMPORT | kind_role, NONE, None);
        let local = self.import_binding(&one.local, one.span, module, imported.text, kind_role);
        let flags = u32::from(only_type);
        self.binding_at(module, imported.text, local, occurrence, flags);
    }

    fn import_local(
        &mut self,
        local: &BindingIdentifier<'a>,
        span: Span,
        module: u32,
        imported: &'a str,
        only_type: bool,
    ) {
        let kind_role = if only_type { role::TYPE } else { 0 };
        let index = self.import_binding(local, span, module, imported, role::IMPORT | kind_role);
        self.binding(module, imported, index, u32::from(only_type));
    }

    fn import_binding(
        &mut self,
        local: &BindingIdentifier<'a>,
        span: Span,
        module: u32,
        imported: &'a str,
        role: u32,
    ) -> u32 {
        let index = self.bind(definition::IMPORT, local, span, 0, role);
        let name = self.string(imported);
        let value = self.node(node::IMPORT_NAMESPACE, module, name, span);
        self.definition(index).value = value;
        index
    }

    /// A binding whose local name is also the imported one, and came last.
    pub fn binding(&mut self, module: u32, imported: &'a str, local: u32, flags: u32) {
        let occurrence = len32(self.facts.occurrences.len() - 1);
        self.binding_at(module, imported, local, occurrence, flags);
    }

    fn binding_at(
        &mut self,
        module: u32,
        imported: &'a str,
        local: u32,
        occurrence: u32,
        flags: u32,
    ) {
        let name = self.string(imported);
        self.facts.bindings.push(Binding {
            import: module,
            name,
            local,
            occurrence,
            flags,
        });
    }

    /// The word behind the dot of `import.defer()` and `import.source()`.
    fn import_phase(&mut self, phase: ImportPhase, span: Span) {
        let word = phase.as_str();
        if let Some(at) = self.slice(span).find(word) {
            let start = span.start + len32(at);
            self.token(
                token::META,
                word,
                Span::new(start, start + len32(word.len())),
            );
        }
    }

    pub fn import_attributes(&mut self, clause: Option<&WithClause<'a>>) {
        for entry in clause.iter().flat_map(|clause| &clause.with_entries) {
            if let ImportAttributeKey::Identifier(key) = &entry.key {
                self.token(token::ATTRIBUTE, key.name.as_str(), key.span);
            }
        }
    }

    /// The keys in `{ with: { … } }` of an import type.
    pub fn import_options(&mut self, options: &ObjectExpression<'a>) {
        for property in &options.properties {
            let ObjectPropertyKind::ObjectProperty(property) = property else {
                continue;
            };
            if let PropertyKey::StaticIdentifier(key) = &property.key
                && !matches!(key.name.as_str(), "with" | "assert")
            {
                self.token(token::ATTRIBUTE, key.name.as_str(), key.span);
            }
            if let Expression::ObjectExpression(inner) = &property.value {
                self.import_options(inner);
            }
        }
    }

    pub fn import_expression(&mut self, of: &ImportExpression<'a>) -> u32 {
        if let Some(phase) = of.phase {
            self.import_phase(phase, of.span);
        }
        if let Some(options) = &of.options {
            self.expression(options, ExprContext::PLAIN);
        }
        let (specifier, span) = match &of.source {
            Expression::StringLiteral(string) => (string.value.as_str(), string.span),
            Expression::TemplateLiteral(template) if template.is_no_substitution_template() => {
                (&self.source[inside(template.span)], template.span)
            }
            other => {
                self.expression(other, ExprContext::PLAIN);
                return NONE;
            }
        };
        let module = self.import(specifier, span, import::DYNAMIC, 0);
        self.node(node::DYNAMIC_IMPORT, module, NONE, of.span)
    }
}

fn inside(literal: Span) -> std::ops::Range<usize> {
    let span = inside_quotes(literal);
    span.start as usize..span.end as usize
}

pub fn export_name<'a>(name: &ModuleExportName<'a>) -> Name<'a> {
    match name {
        ModuleExportName::IdentifierName(id) => Name::new(id.name.as_str(), id.span),
        ModuleExportName::IdentifierReference(id) => Name::new(id.name.as_str(), id.span),
        ModuleExportName::StringLiteral(string) => {
            Name::new(string.value.as_str(), inside_quotes(string.span))
        }
    }
}
