//! Declarations of variables, functions, classes, types, enums and namespaces.

use oxc_ast::ast::*;
use oxc_span::Span;

use super::context::{ExprContext, Name};
use super::expressions::{ValueForm, value_form};
use super::walker::Walker;
use crate::facts::NONE;
use crate::facts::codes::{definition, flag, import, meta, node, role};

impl<'a> Walker<'a, '_> {
    /// A declaration; `export_flags` are those of the `export` in front of it.
    pub fn declaration(&mut self, declaration: &Declaration<'a>, export_flags: u32) {
        match declaration {
            Declaration::VariableDeclaration(of) => {
                self.export_flags = export_flags;
                self.variables(of);
                self.export_flags = 0;
            }
            Declaration::FunctionDeclaration(of) => {
                self.function_declaration(of, export_flags);
            }
            Declaration::ClassDeclaration(of) => {
                self.class_declaration(of, export_flags);
            }
            Declaration::TSTypeAliasDeclaration(of) => self.type_alias(of, export_flags),
            Declaration::TSInterfaceDeclaration(of) => {
                self.interface(of, export_flags);
            }
            Declaration::TSEnumDeclaration(of) => self.enumeration(of, export_flags),
            Declaration::TSExternalModuleDeclaration(of) => {
                let name = self.quoted(&of.id);
                let index = self.define(definition::NAMESPACE, name, of.span, flag::DECLARE);
                if self.meta & meta::ESM != 0 && !name.text.contains('*') {
                    self.import(name.text, of.id.span, import::AUGMENT, import::TYPE_ONLY);
                }
                if let Some(body) = &of.body {
                    self.namespace_body(index, body, true);
                }
            }
            Declaration::TSNamespaceDeclaration(of) => self.namespace(of, export_flags),
            Declaration::TSGlobalDeclaration(of) => {
                let name = Name::new("global", of.global_span);
                let index = self.define(definition::NAMESPACE, name, of.span, flag::DECLARE);
                self.standings[index as usize].searchable = false;
                self.namespace_body(index, &of.body, true);
            }
            Declaration::TSImportEqualsDeclaration(of) => self.import_equals(of, export_flags),
        }
    }

    /// The definition of a declaration's name, put where its surroundings say.
    pub fn declare(
        &mut self,
        kind: u32,
        id: &BindingIdentifier<'a>,
        span: Span,
        flags: u32,
    ) -> u32 {
        let role = match kind {
            definition::INTERFACE | definition::TYPE => role::TYPE,
            _ => 0,
        };
        let index = self.bind(kind, id, span, flags, role);
        self.document(index);
        if self.frame.namespace != NONE && (flags & flag::EXPORTED != 0 || self.frame.ambient) {
            self.definition(index).flags |= flag::EXPORTED;
        }
        if flags & flag::EXPORTED != 0 && self.frame.namespace == NONE {
            self.export_declared(index, flags);
        }
        index
    }

    /// A declaration behind `export` or `const` is documented in front of that word.
    fn document(&mut self, index: u32) {
        if self.definition(index).doc_start == NONE && self.statement_start != NONE {
            let (doc_start, doc_end) = self.doc(self.statement_start);
            let row = self.definition(index);
            row.doc_start = doc_start;
            row.doc_end = doc_end;
        }
    }

    pub fn variables(&mut self, of: &VariableDeclaration<'a>) {
        let kind = variable_kind(of.kind);
        let outer = self.frame;
        let (outer_start, export_flags) =
            (self.statement_start, std::mem::take(&mut self.export_flags));
        self.frame.ambient |= of.declare;
        for (position, declarator) in of.declarations.iter().enumerate() {
            if position > 0 {
                self.statement_start = NONE;
            } else if outer_start == NONE {
                self.statement_start = of.span.start;
            }
            let span = if of.declarations.len() == 1 {
                of.span
            } else {
                declarator.span
            };
            self.variable(declarator, kind, span, export_flags);
        }
        self.statement_start = outer_start;
        self.frame = outer;
    }

    fn variable(
        &mut self,
        declarator: &VariableDeclarator<'a>,
        kind: u32,
        span: Span,
        export_flags: u32,
    ) {
        let BindingPattern::BindingIdentifier(id) = &declarator.id else {
            let statement_start = std::mem::replace(&mut self.statement_start, NONE);
            let mut annotation = self.annotation(declarator.type_annotation.as_deref());
            if annotation == NONE {
                let (doc_start, _) = self.doc(statement_start);
                annotation = self.jsdoc_type(doc_start);
            }
            let value = declarator
                .init
                .as_ref()
                .map_or(NONE, |init| self.expression(init, ExprContext::PLAIN));
            self.export_flags = export_flags;
            self.pattern(&declarator.id, value, kind, annotation);
            self.export_flags = 0;
            return;
        };
        let form = declarator
            .init
            .as_ref()
            .map_or(ValueForm::Other, value_form);
        let kind = match form {
            ValueForm::Function => definition::FUNCTION,
            ValueForm::Class => definition::CLASS,
            ValueForm::Object | ValueForm::Other => kind,
        };
        let index = self.declare(kind, id, span, export_flags);
        if form == ValueForm::Function || form == ValueForm::Class {
            self.standings[index as usize].searchable = true;
        }
        self.statement_start = NONE;
        if self.definition(index).doc_start == NONE {
            let (doc_start, doc_end) = self.doc(declarator.span.start);
            let row = self.definition(index);
            row.doc_start = doc_start;
            row.doc_end = doc_end;
        }
        let annotation = self.annotation(declarator.type_annotation.as_deref());
        self.definition(index).annotation = annotation;
        self.describe(index);
        if let Some(init) = &declarator.init {
            if let Some(symbol) = id.symbol_id.get()
                && is_create_require(init)
            {
                self.require_symbols.insert(symbol);
            }
            let held = if form == ValueForm::Other {
                ExprContext::PLAIN
            } else {
                ExprContext::held(index)
            };
            let value = self.expression(init, held);
            self.definition(index).value = value;
            if self.is_imported(value) {
                self.standings[index as usize].searchable = false;
            }
        }
    }

    pub fn function_declaration(&mut self, of: &Function<'a>, flags: u32) -> u32 {
        let Some(id) = &of.id else { return NONE };
        let outer = self.frame.ambient;
        self.frame.ambient |= of.declare;
        let overload = if of.body.is_none() && !self.frame.ambient {
            flag::OVERLOAD
        } else {
            0
        };
        let index = self.declare(definition::FUNCTION, id, of.span, flags | overload);
        self.statement_start = NONE;
        // its block has it from the beginning, so that it may be called before what is known around it is tested
        let known = self.suspend_guards(of.span.start);
        let value = self.function(of, ExprContext::held(index), NONE, 0);
        self.open_guards(&known, of.span.end);
        self.definition(index).value = value;
        self.frame.ambient = outer;
        index
    }

    pub fn class_declaration(&mut self, of: &Class<'a>, flags: u32) -> u32 {
        let Some(id) = &of.id else { return NONE };
        let outer = self.frame.ambient;
        self.frame.ambient |= of.declare;
        let flags = if of.r#abstract {
            flags | flag::ABSTRACT
        } else {
            flags
        };
        let index = self.declare(definition::CLASS, id, of.span, flags);
        self.statement_start = NONE;
        let value = self.class(of, index);
        self.definition(index).value = value;
        self.frame.ambient = outer;
        index
    }

    fn type_alias(&mut self, of: &TSTypeAliasDeclaration<'a>, flags: u32) {
        let index = self.declare(definition::TYPE, &of.id, of.span, flags);
        let outer = self.frame;
        self.frame.parent = index;
        self.frame.within = index;
        self.frame.namespace = NONE;
        self.type_parameters(of.type_parameters.as_deref());
        let annotation = self.type_node(&of.type_annotation);
        self.frame = outer;
        self.definition(index).annotation = annotation;
    }

    fn enumeration(&mut self, of: &TSEnumDeclaration<'a>, flags: u32) {
        let index = self.declare(definition::ENUM, &of.id, of.span, flags);
        self.definition(index).body = of.body.span.start;
        let outer = self.frame;
        self.frame.parent = index;
        self.frame.within = index;
        self.frame.namespace = NONE;
        for member in &of.body.members {
            let name = match &member.id {
                TSEnumMemberName::Identifier(id) => Some(Name::new(id.name.as_str(), id.span)),
                TSEnumMemberName::String(string) | TSEnumMemberName::ComputedString(string) => {
                    Some(self.quoted(string))
                }
                TSEnumMemberName::ComputedTemplateString(_) => None,
            };
            let defined = name.map(|name| {
                self.define_member(definition::ENUM_MEMBER, name, member.span, NONE, 0)
            });
            let value = member
                .initializer
                .as_ref()
                .map_or(NONE, |value| self.expression(value, ExprContext::PLAIN));
            if let Some(defined) = defined {
                self.definition(defined).value = value;
            }
        }
        self.frame = outer;
    }

    fn namespace(&mut self, of: &TSNamespaceDeclaration<'a>, flags: u32) {
        let index = self.declare(definition::NAMESPACE, &of.id, of.span, flags);
        match &of.body {
            TSNamespaceDeclarationBody::TSModuleBlock(block) => {
                self.namespace_body(index, block, of.declare)
            }
            TSNamespaceDeclarationBody::TSNamespaceDeclaration(inner) => {
                let outer = self.frame;
                self.frame.parent = index;
                self.frame.namespace = index;
                self.frame.ambient |= of.declare;
                self.namespace(inner, flag::EXPORTED);
                self.frame = outer;
            }
        }
    }

    fn namespace_body(&mut self, index: u32, block: &TSModuleBlock<'a>, declare: bool) {
        self.definition(index).body = block.span.start;
        let outer = self.frame;
        self.statement_start = NONE;
        self.frame.parent = index;
        self.frame.within = index;
        self.frame.namespace = index;
        self.frame.ambient |= declare;
        self.statements(&block.body);
        self.frame = outer;
    }

    fn import_equals(&mut self, of: &TSImportEqualsDeclaration<'a>, flags: u32) {
        match &of.module_reference {
            TSModuleReference::ExternalModuleReference(reference) => {
                let only_type = if of.import_kind.is_type() {
                    import::TYPE_ONLY
                } else {
                    0
                };
                let literal = &reference.expression;
                let module = self.import(
                    literal.value.as_str(),
                    literal.span,
                    import::IMPORT_EQUALS,
                    only_type,
                );
                let local = self.declare(definition::IMPORT, &of.id, of.span, flags);
                self.mark_last_occurrence(role::IMPORT);
                let value = self.node(node::REQUIRE, module, NONE, of.span);
                self.definition(local).value = value;
                self.binding(module, "=", local, only_type);
            }
            TSModuleReference::IdentifierReference(id) => {
                let local = self.declare(definition::IMPORT, &of.id, of.span, flags);
                let value = self.reference(id, role::READ | role::TYPE);
                self.definition(local).value = value;
            }
            TSModuleReference::QualifiedName(name) => {
                let local = self.declare(definition::IMPORT, &of.id, of.span, flags);
                let value = self.qualified_name(name, role::READ | role::TYPE);
                self.definition(local).value = value;
            }
        }
    }
}

pub fn variable_kind(kind: VariableDeclarationKind) -> u32 {
    match kind {
        VariableDeclarationKind::Var | VariableDeclarationKind::Let => definition::VARIABLE,
        VariableDeclarationKind::Const
        | VariableDeclarationKind::Using
        | VariableDeclarationKind::AwaitUsing => definition::CONSTANT,
    }
}

/// `createRequire(import.meta.url)`, whose result is a `require`.
fn is_create_require(init: &Expression) -> bool {
    matches!(init, Expression::CallExpression(call) if match &call.callee {
        Expression::Identifier(id) => id.name == "createRequire",
        Expression::StaticMemberExpression(member) => member.property.name == "createRequire",
        _ => false,
    })
}
