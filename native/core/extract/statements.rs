//! Statements, declarations and patterns.

use oxc_ast::ast::*;
use oxc_ast::{match_declaration, match_expression, match_member_expression};
use oxc_span::{GetSpan, Span};

use super::expressions::{ValueForm, value_form};
use super::walker::{Name, Place, Walker};
use crate::facts::NONE;
use crate::facts::codes::{definition, flag, import, meta, node, role};

impl<'a> Walker<'a, '_> {
    pub fn statements(&mut self, statements: &[Statement<'a>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Statement<'a>) {
        match statement {
            Statement::BlockStatement(block) => self.statements(&block.body),
            Statement::BreakStatement(_)
            | Statement::ContinueStatement(_)
            | Statement::DebuggerStatement(_)
            | Statement::EmptyStatement(_) => {}
            Statement::DoWhileStatement(of) => {
                self.statement(&of.body);
                self.expression(&of.test, Place::PLAIN);
            }
            Statement::ExpressionStatement(of) => {
                self.expression(&of.expression, Place::PLAIN);
            }
            Statement::ForInStatement(of) => {
                self.expression(&of.right, Place::PLAIN);
                self.for_left(&of.left, NONE);
                self.statement(&of.body);
            }
            Statement::ForOfStatement(of) => {
                let source = self.expression(&of.right, Place::PLAIN);
                let element = if source == NONE {
                    NONE
                } else {
                    self.node(node::ELEMENT, source, NONE, of.right.span())
                };
                self.for_left(&of.left, element);
                self.statement(&of.body);
            }
            Statement::ForStatement(of) => {
                match &of.init {
                    Some(ForStatementInit::VariableDeclaration(declaration)) => {
                        self.variables(declaration)
                    }
                    Some(init) => {
                        if let Some(expression) = init.as_expression() {
                            self.expression(expression, Place::PLAIN);
                        }
                    }
                    None => {}
                }
                if let Some(test) = &of.test {
                    self.expression(test, Place::PLAIN);
                }
                if let Some(update) = &of.update {
                    self.expression(update, Place::PLAIN);
                }
                self.statement(&of.body);
            }
            Statement::IfStatement(of) => {
                self.expression(&of.test, Place::PLAIN);
                let outer = std::mem::replace(&mut self.frame.conditional, true);
                self.statement(&of.consequent);
                if let Some(alternate) = &of.alternate {
                    self.statement(alternate);
                }
                self.frame.conditional = outer;
            }
            Statement::LabeledStatement(of) => self.statement(&of.body),
            Statement::ReturnStatement(of) => {
                if let Some(argument) = &of.argument {
                    let value = self.expression(argument, Place::PLAIN);
                    self.returns.push(value);
                }
            }
            Statement::SwitchStatement(of) => {
                self.expression(&of.discriminant, Place::PLAIN);
                let outer = std::mem::replace(&mut self.frame.conditional, true);
                for case in &of.cases {
                    if let Some(test) = &case.test {
                        self.expression(test, Place::PLAIN);
                    }
                    self.statements(&case.consequent);
                }
                self.frame.conditional = outer;
            }
            Statement::ThrowStatement(of) => {
                self.expression(&of.argument, Place::PLAIN);
            }
            Statement::TryStatement(of) => self.try_statement(of),
            Statement::WhileStatement(of) => {
                self.expression(&of.test, Place::PLAIN);
                self.statement(&of.body);
            }
            Statement::WithStatement(of) => {
                self.expression(&of.object, Place::PLAIN);
                self.statement(&of.body);
            }
            declaration @ match_declaration!(Statement) => {
                self.declaration(declaration.to_declaration(), 0)
            }
            module => {
                if let Some(module) = module.as_module_declaration() {
                    self.module_declaration(module);
                }
            }
        }
    }

    fn try_statement(&mut self, of: &TryStatement<'a>) {
        let outer = std::mem::replace(&mut self.frame.conditional, true);
        self.statements(&of.block.body);
        if let Some(handler) = &of.handler {
            if let Some(param) = &handler.param {
                let annotation = self.annotation(param.type_annotation.as_deref());
                self.target_pattern(&param.pattern, NONE, definition::VARIABLE, annotation);
            }
            self.statements(&handler.body.body);
        }
        if let Some(finalizer) = &of.finalizer {
            self.statements(&finalizer.body);
        }
        self.frame.conditional = outer;
    }

    fn for_left(&mut self, left: &ForStatementLeft<'a>, element: u32) {
        match left {
            ForStatementLeft::VariableDeclaration(declaration) => {
                let kind = variable_kind(declaration.kind);
                for declarator in &declaration.declarations {
                    let annotation = self.annotation(declarator.type_annotation.as_deref());
                    self.target_pattern(&declarator.id, element, kind, annotation);
                }
            }
            left => {
                if let Some(target) = left.as_assignment_target() {
                    self.assignment_target(target, element);
                }
            }
        }
    }

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

    fn variables(&mut self, of: &VariableDeclaration<'a>) {
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
                .map_or(NONE, |init| self.expression(init, Place::PLAIN));
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
                Place::PLAIN
            } else {
                Place::held(index)
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
        let value = self.function(of, Place::held(index), NONE, 0);
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
                .map_or(NONE, |value| self.expression(value, Place::PLAIN));
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

    /// A loop variable or catch parameter: one name, or a pattern.
    fn target_pattern(
        &mut self,
        pattern: &BindingPattern<'a>,
        base: u32,
        kind: u32,
        annotation: u32,
    ) {
        self.pattern(pattern, base, kind, annotation);
        if matches!(pattern, BindingPattern::BindingIdentifier(_))
            && let Some(row) = self.facts.definitions.last_mut()
        {
            row.flags &= !flag::DESTRUCTURED;
        }
    }

    /// Binds every name of a pattern to its part of `base`.
    pub fn pattern(&mut self, pattern: &BindingPattern<'a>, base: u32, kind: u32, annotation: u32) {
        match pattern {
            BindingPattern::BindingIdentifier(id) => {
                let flags = flag::DESTRUCTURED | self.export_flags;
                let index = self.declare(kind, id, id.span, flags);
                let row = self.definition(index);
                row.value = base;
                row.annotation = annotation;
                if self.is_imported(base) {
                    self.standings[index as usize].searchable = false;
                }
            }
            BindingPattern::AssignmentPattern(with_default) => {
                let default = self.expression(&with_default.right, Place::PLAIN);
                let value = self.choice(&[base, default], with_default.span);
                self.pattern(&with_default.left, value, kind, annotation);
            }
            BindingPattern::ObjectPattern(object) => {
                let base = self.typed(base, annotation, object.span);
                for property in &object.properties {
                    let role = if property.shorthand {
                        role::SHORTHAND
                    } else {
                        0
                    };
                    let value = self.pattern_key(&property.key, property.computed, base, role);
                    self.pattern(&property.value, value, kind, NONE);
                    if property.shorthand {
                        self.mark_shorthand(&property.value);
                    }
                }
                if let Some(rest) = &object.rest {
                    let value = if base == NONE {
                        NONE
                    } else {
                        self.node(node::REST, base, NONE, rest.span)
                    };
                    self.pattern(&rest.argument, value, kind, NONE);
                }
            }
            BindingPattern::ArrayPattern(array) => {
                let base = self.typed(base, annotation, array.span);
                for (position, element) in array.elements.iter().enumerate() {
                    let Some(element) = element else { continue };
                    let value = self.element(base, position, element.span());
                    self.pattern(element, value, kind, NONE);
                }
                if let Some(rest) = &array.rest {
                    let value = if base == NONE {
                        NONE
                    } else {
                        self.node(node::REST, base, NONE, rest.span)
                    };
                    self.pattern(&rest.argument, value, kind, NONE);
                }
            }
        }
    }

    fn typed(&mut self, base: u32, annotation: u32, span: Span) -> u32 {
        if annotation == NONE {
            base
        } else {
            self.node(node::CAST, base, annotation, span)
        }
    }

    fn element(&mut self, base: u32, position: usize, span: Span) -> u32 {
        if base == NONE {
            NONE
        } else {
            self.node(node::ELEMENT, base, crate::facts::len32(position), span)
        }
    }

    /// The part of `base` that a destructuring key takes.
    fn pattern_key(&mut self, key: &PropertyKey<'a>, computed: bool, base: u32, role: u32) -> u32 {
        let literal = matches!(key, PropertyKey::StringLiteral(_));
        match self.key(key, computed) {
            Some(name) if !computed || literal => {
                let span = Span::new(name.start, name.end);
                self.member(base, name, role | role::READ | role::DESTRUCTURE_KEY, span)
            }
            _ => NONE,
        }
    }

    /// The binding of `{ a }` was declared last, unless its default came later.
    fn mark_shorthand(&mut self, value: &BindingPattern<'a>) {
        let span = match value {
            BindingPattern::AssignmentPattern(with_default) => with_default.left.span(),
            value => value.span(),
        };
        if let Some(row) = self.facts.occurrences.last_mut()
            && row.start == span.start
        {
            row.role |= role::SHORTHAND;
        }
    }

    pub fn mark_last_occurrence(&mut self, role: u32) {
        if let Some(row) = self.facts.occurrences.last_mut() {
            row.role |= role;
        }
    }

    /// Gives `value` to an assignment's left side that is not one plain name or member.
    pub fn assignment_target(&mut self, target: &AssignmentTarget<'a>, value: u32) {
        match target {
            AssignmentTarget::ObjectAssignmentTarget(object) => {
                for property in &object.properties {
                    match property {
                        AssignmentTargetProperty::AssignmentTargetPropertyIdentifier(property) => {
                            let id = &property.binding;
                            let name = Name::new(id.name.as_str(), id.span);
                            let part = self.member(
                                value,
                                name,
                                role::READ | role::DESTRUCTURE_KEY | role::SHORTHAND,
                                id.span,
                            );
                            let default = property
                                .init
                                .as_ref()
                                .map_or(NONE, |init| self.expression(init, Place::PLAIN));
                            let part = self.choice(&[part, default], property.span);
                            self.write(id, role::SHORTHAND, part);
                        }
                        AssignmentTargetProperty::AssignmentTargetPropertyProperty(property) => {
                            let part =
                                self.pattern_key(&property.name, property.computed, value, 0);
                            self.target_with_default(&property.binding, part);
                        }
                    }
                }
                if let Some(rest) = &object.rest {
                    let part = if value == NONE {
                        NONE
                    } else {
                        self.node(node::REST, value, NONE, rest.span)
                    };
                    self.assignment_target(&rest.target, part);
                }
            }
            AssignmentTarget::ArrayAssignmentTarget(array) => {
                for (position, element) in array.elements.iter().enumerate() {
                    let Some(element) = element else { continue };
                    let part = self.element(value, position, element.span());
                    self.target_with_default(element, part);
                }
                if let Some(rest) = &array.rest {
                    let part = if value == NONE {
                        NONE
                    } else {
                        self.node(node::REST, value, NONE, rest.span)
                    };
                    self.assignment_target(&rest.target, part);
                }
            }
            AssignmentTarget::AssignmentTargetIdentifier(id) => self.write(id, 0, value),
            target => {
                if let Some(simple) = target.as_simple_assignment_target() {
                    self.simple_target(simple, role::WRITE);
                }
            }
        }
    }

    fn target_with_default(&mut self, target: &AssignmentTargetMaybeDefault<'a>, value: u32) {
        match target {
            AssignmentTargetMaybeDefault::AssignmentTargetWithDefault(with_default) => {
                let default = self.expression(&with_default.init, Place::PLAIN);
                let value = self.choice(&[value, default], with_default.span);
                self.assignment_target(&with_default.binding, value);
            }
            target => {
                if let Some(target) = target.as_assignment_target() {
                    self.assignment_target(target, value);
                }
            }
        }
    }

    fn write(&mut self, id: &IdentifierReference<'a>, role: u32, value: u32) {
        self.reference(id, role | role::WRITE);
        if let Some(symbol) = self.symbol_of(id) {
            self.assign(symbol, value);
        }
    }

    /// A name or member that is written, or read and written.
    pub fn simple_target(&mut self, target: &SimpleAssignmentTarget<'a>, role: u32) -> u32 {
        match target {
            SimpleAssignmentTarget::AssignmentTargetIdentifier(id) => self.reference(id, role),
            SimpleAssignmentTarget::TSAsExpression(inner) => {
                self.target_expression(&inner.expression, role)
            }
            SimpleAssignmentTarget::TSSatisfiesExpression(inner) => {
                self.target_expression(&inner.expression, role)
            }
            SimpleAssignmentTarget::TSNonNullExpression(inner) => {
                self.target_expression(&inner.expression, role)
            }
            SimpleAssignmentTarget::TSTypeAssertion(inner) => {
                self.target_expression(&inner.expression, role)
            }
            member @ match_member_expression!(SimpleAssignmentTarget) => {
                self.member_expression(member.to_member_expression(), role)
            }
        }
    }

    fn target_expression(&mut self, target: &Expression<'a>, role: u32) -> u32 {
        match target {
            Expression::Identifier(id) => self.reference(id, role),
            member @ match_member_expression!(Expression) => {
                self.member_expression(member.to_member_expression(), role)
            }
            other @ match_expression!(Expression) => self.expression(other, Place::PLAIN),
        }
    }
}

fn variable_kind(kind: VariableDeclarationKind) -> u32 {
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
