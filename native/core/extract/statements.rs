//! Statements.

use oxc_ast::ast::*;
use oxc_ast::match_declaration;
use oxc_span::{GetSpan, Span};

use super::context::{ExprContext, Name};
use super::declarations::variable_kind;
use super::guards::{Test, exits};
use super::walker::Walker;
use crate::facts::NONE;
use crate::facts::codes::{definition, flag, node, role, token};

impl<'a> Walker<'a, '_> {
    pub fn statements(&mut self, statements: &[Statement<'a>]) {
        let around = self.guards.len();
        for statement in statements {
            match statement {
                Statement::IfStatement(of) => {
                    let known = self.if_statement(of);
                    self.open_guards(&known, of.span.end);
                }
                _ => self.statement(statement),
            }
        }
        if let Some(last) = statements.last() {
            self.close_guards(around, last.span().end);
        }
    }

    fn statement_known(&mut self, tests: &[Test], statement: &Statement<'a>) {
        let span = statement.span();
        let around = self.open_guards(tests, span.start);
        self.statement(statement);
        self.close_guards(around, span.end);
    }

    /// Gives what is known behind it, until the end of its block.
    fn if_statement(&mut self, of: &IfStatement<'a>) -> Vec<Test> {
        let first = self.facts.nodes.len();
        self.expression(&of.test, ExprContext::PLAIN);
        let alternate_exits = of.alternate.as_ref().is_some_and(exits);
        let consequent_exits = exits(&of.consequent);
        let truthy = self.told_by(&of.test, first, true);
        let falsy = if of.alternate.is_some() || consequent_exits {
            self.told_by(&of.test, first, false)
        } else {
            Vec::new()
        };
        let outer = std::mem::replace(&mut self.frame.conditional, true);
        self.statement_known(&truthy, &of.consequent);
        if let Some(alternate) = &of.alternate {
            self.statement_known(&falsy, alternate);
        }
        self.frame.conditional = outer;
        match (consequent_exits, alternate_exits) {
            (true, false) => falsy,
            (false, true) => truthy,
            _ => Vec::new(),
        }
    }

    fn statement(&mut self, statement: &Statement<'a>) {
        match statement {
            Statement::BlockStatement(block) => self.statements(&block.body),
            Statement::BreakStatement(of) => self.label(of.label.as_ref()),
            Statement::ContinueStatement(of) => self.label(of.label.as_ref()),
            Statement::DebuggerStatement(_) | Statement::EmptyStatement(_) => {}
            Statement::DoWhileStatement(of) => {
                self.statement(&of.body);
                self.expression(&of.test, ExprContext::PLAIN);
            }
            Statement::ExpressionStatement(of) => {
                self.expression(&of.expression, ExprContext::PLAIN);
            }
            Statement::ForInStatement(of) => {
                self.expression(&of.right, ExprContext::PLAIN);
                self.for_left(&of.left, NONE);
                self.statement(&of.body);
            }
            Statement::ForOfStatement(of) => {
                let source = self.expression(&of.right, ExprContext::PLAIN);
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
                            self.expression(expression, ExprContext::PLAIN);
                        }
                    }
                    None => {}
                }
                if let Some(test) = &of.test {
                    self.expression(test, ExprContext::PLAIN);
                }
                if let Some(update) = &of.update {
                    self.expression(update, ExprContext::PLAIN);
                }
                self.statement(&of.body);
            }
            Statement::IfStatement(of) => {
                self.if_statement(of);
            }
            Statement::LabeledStatement(of) => {
                let label = self.define_label(&of.label, of.span);
                self.labels.push(label);
                self.statement(&of.body);
                self.labels.pop();
            }
            Statement::ReturnStatement(of) => {
                if let Some(argument) = &of.argument {
                    let value = self.expression(argument, ExprContext::PLAIN);
                    self.returns.push(value);
                }
            }
            Statement::SwitchStatement(of) => self.switch_cases(of),
            Statement::ThrowStatement(of) => {
                self.expression(&of.argument, ExprContext::PLAIN);
            }
            Statement::TryStatement(of) => self.try_statement(of),
            Statement::WhileStatement(of) => {
                let first = self.facts.nodes.len();
                self.expression(&of.test, ExprContext::PLAIN);
                let truthy = self.told_by(&of.test, first, true);
                self.statement_known(&truthy, &of.body);
            }
            Statement::WithStatement(of) => {
                self.expression(&of.object, ExprContext::PLAIN);
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

    fn define_label(&mut self, label: &LabelIdentifier<'a>, span: Span) -> u32 {
        let name = Name::new(label.name.as_str(), label.span);
        let index = self.define(definition::LABEL, name, span, flag::LOCAL);
        self.standings[index as usize].searchable = false;
        let occurrence = self.occurrence(name, role::DECLARES, NONE, None);
        self.facts.occurrences[occurrence as usize].target = index;
        index
    }

    /// The name behind `break` or `continue`: that of the nearest statement around with this label.
    fn label(&mut self, label: Option<&LabelIdentifier<'a>>) {
        let Some(label) = label else { return };
        let text = self.string(label.name.as_str());
        let mut around = self.labels.iter().rev();
        let meant = around.find(|&&index| self.facts.definitions[index as usize].name == text);
        match meant.copied() {
            Some(index) => {
                let name = Name::new(label.name.as_str(), label.span);
                let occurrence = self.occurrence(name, role::READ, NONE, None);
                self.facts.occurrences[occurrence as usize].target = index;
            }
            None => self.token(token::LABEL, label.name.as_str(), label.span),
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
                    if let Some(init) = &declarator.init {
                        // Old scripts may write `for (var a = b in c)`.
                        self.expression(init, ExprContext::PLAIN);
                    }
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
}
