//! Tests that tell throughout a part of the text what a name is: `if (isOrder(x)) { … }`, `x.kind === 'a' && …`, `switch (x.kind) { … }`.
//!
//! A guard is a node that extends over the part in which the test is known to have held, or not to. Only names in TypeScript that nothing
//! assigns again are followed, and only guards are kept in whose part the name is used.

use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::{BinaryOperator, LogicalOperator, UnaryOperator};
use oxc_syntax::symbol::SymbolId;

use super::context::ExprContext;
use super::walker::Walker;
use crate::facts::codes::{meta, node};
use crate::facts::{NONE, len32};

/// Tests with more nodes than this tell nothing.
const MOST_NODES: usize = 64;
/// Guards around a place beyond these are not kept.
const MOST_AROUND: usize = 64;

/// A test of a name: the kind of the node that it makes where it holds, and what that node points at.
#[derive(Clone, Copy)]
pub struct Test {
    symbol: SymbolId,
    kind: u32,
    subject: u32,
    by: u32,
}

/// A test that is known to hold in what is being walked.
pub struct Guard {
    test: Test,
    start: u32,
    is_used: bool,
}

impl<'a> Walker<'a, '_> {
    /// What an expression that was walked just now tells where it was truthy, or where it was not; its nodes are those from the first.
    pub fn told_by(&self, test: &Expression<'a>, first: usize, is_truthy: bool) -> Vec<Test> {
        let mut told = Vec::new();
        let nodes = self.facts.nodes.len() - first;
        if self.meta & meta::TYPESCRIPT != 0 && nodes <= MOST_NODES {
            self.tests(test, first, is_truthy, &mut told);
        }
        told
    }

    /// Begins a part of the text in which tests hold; gives what [`Walker::close_guards`] ends it with.
    pub fn open_guards(&mut self, tests: &[Test], start: u32) -> usize {
        let around = self.guards.len();
        let kept = tests.iter().take(MOST_AROUND.saturating_sub(around));
        self.guards.extend(kept.map(|&test| Guard {
            test,
            start,
            is_used: false,
        }));
        around
    }

    /// Ends a part of the text, and keeps the guards that it had a use for.
    pub fn close_guards(&mut self, around: usize, end: u32) {
        while self.guards.len() > around {
            if let Some(Guard {
                test,
                start,
                is_used: true,
            }) = self.guards.pop()
            {
                let span = Span::new(start, end);
                self.node(test.kind, test.subject, test.by, span);
            }
        }
    }

    /// Ends all parts of the text in front of what may run before their tests; gives the tests, to begin them again behind it.
    pub fn suspend_guards(&mut self, end: u32) -> Vec<Test> {
        let tests = self.guards.iter().map(|guard| guard.test).collect();
        self.close_guards(0, end);
        tests
    }

    /// Walks an expression in which tests hold; gives its node.
    pub fn known_in(
        &mut self,
        tests: &[Test],
        expression: &Expression<'a>,
        place: ExprContext,
    ) -> u32 {
        let span = expression.span();
        let around = self.open_guards(tests, span.start);
        let value = self.expression(expression, place);
        self.close_guards(around, span.end);
        value
    }

    /// Notes that a name is used where something is known of it.
    pub fn use_guards(&mut self, symbol: SymbolId) {
        for guard in &mut self.guards {
            guard.is_used |= guard.test.symbol == symbol;
        }
    }

    /// Walks the cases of a `switch`, in each of which what it is about equals one of the values before.
    pub fn switch_cases(&mut self, of: &SwitchStatement<'a>) {
        let first = self.facts.nodes.len();
        self.expression(&of.discriminant, ExprContext::PLAIN);
        let member = self.tested_member(&of.discriminant, first);
        let outer = std::mem::replace(&mut self.frame.conditional, true);
        // the values that lead to the case, and those of all cases so far
        let (mut values, mut all): (Vec<u32>, Vec<u32>) = Default::default();
        let mut is_led_to_by_default = false;
        for (at, case) in of.cases.iter().enumerate() {
            if let Some(test) = &case.test {
                let value = self.expression(test, ExprContext::PLAIN);
                values.push(value);
                all.push(value);
            } else {
                is_led_to_by_default = true;
            }
            if case.consequent.is_empty() {
                continue;
            }
            let mut tests = Vec::new();
            if let Some((symbol, subject)) = member {
                let test = |kind, by| Test {
                    symbol,
                    kind,
                    subject,
                    by,
                };
                match (&case.test, &values[..]) {
                    (Some(_), _) if is_led_to_by_default => {}
                    (Some(_), [value]) => tests.push(test(node::EQUAL, *value)),
                    (Some(_), values) => {
                        let values = values.to_vec();
                        tests.push(test(node::EQUAL, self.choice(&values, case.span)));
                    }
                    (None, []) if at + 1 == of.cases.len() => {
                        tests.extend(all.iter().map(|&value| test(node::UNEQUAL, value)));
                    }
                    (None, _) => {}
                }
            }
            let around = self.open_guards(&tests, case.span.start);
            self.statements(&case.consequent);
            self.close_guards(around, case.span.end);
            if case.consequent.last().is_some_and(exits) {
                values.clear();
                is_led_to_by_default = false;
            }
        }
        self.frame.conditional = outer;
    }

    /// Adds what an expression tells where it is truthy, or where it is not; its nodes are those from the first.
    fn tests(
        &self,
        expression: &Expression<'a>,
        first: usize,
        is_truthy: bool,
        found: &mut Vec<Test>,
    ) {
        match expression {
            Expression::ParenthesizedExpression(inner) => {
                self.tests(&inner.expression, first, is_truthy, found);
            }
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::LogicalNot => {
                self.tests(&unary.argument, first, !is_truthy, found);
            }
            Expression::LogicalExpression(logical) => {
                let tells_both = match logical.operator {
                    LogicalOperator::And => is_truthy,
                    LogicalOperator::Or => !is_truthy,
                    LogicalOperator::Coalesce => false,
                };
                if tells_both {
                    self.tests(&logical.left, first, is_truthy, found);
                    self.tests(&logical.right, first, is_truthy, found);
                }
            }
            _ => found.extend(self.test(expression, first, is_truthy)),
        }
    }

    fn test(&self, expression: &Expression<'a>, first: usize, is_truthy: bool) -> Option<Test> {
        let ((symbol, subject), by, [holds, fails]) = match expression {
            Expression::BinaryExpression(binary) => {
                let kinds = match binary.operator {
                    BinaryOperator::Equality | BinaryOperator::StrictEquality => {
                        [node::EQUAL, node::UNEQUAL]
                    }
                    BinaryOperator::Inequality | BinaryOperator::StrictInequality => {
                        [node::UNEQUAL, node::EQUAL]
                    }
                    BinaryOperator::Instanceof => [node::INSTANCE, node::NO_INSTANCE],
                    _ => return None,
                };
                let tested = match binary.operator {
                    BinaryOperator::Instanceof => self.tested_name(&binary.left, first),
                    _ if can_tell(&binary.right) => self.tested_member(&binary.left, first),
                    _ => None,
                };
                (tested?, self.node_of(binary.right.span(), first)?, kinds)
            }
            Expression::CallExpression(call) => {
                let argument = call.arguments.first()?.as_expression()?;
                let tested = self.tested_name(argument, first)?;
                let kinds = [node::IS, node::IS_NOT];
                (tested, self.node_of(call.span, first)?, kinds)
            }
            _ => {
                let tested = self.tested_member(expression, first)?;
                (tested, NONE, [node::TRUTHY, node::FALSY])
            }
        };
        Some(Test {
            symbol,
            kind: if is_truthy { holds } else { fails },
            subject,
            by,
        })
    }

    /// A name that nothing assigns again, and its node.
    fn tested_name(&self, expression: &Expression<'a>, first: usize) -> Option<(SymbolId, u32)> {
        let Expression::Identifier(name) = expression else {
            return None;
        };
        Some((self.fixed(name)?, self.node_of(name.span, first)?))
    }

    /// A member of such a name, and its node.
    fn tested_member(&self, expression: &Expression<'a>, first: usize) -> Option<(SymbolId, u32)> {
        let member = match expression {
            Expression::StaticMemberExpression(member) => member,
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::StaticMemberExpression(member) => member,
                _ => return None,
            },
            _ => return None,
        };
        let Expression::Identifier(name) = &member.object else {
            return None;
        };
        Some((self.fixed(name)?, self.node_of(member.span, first)?))
    }

    fn fixed(&self, name: &IdentifierReference<'a>) -> Option<SymbolId> {
        let symbol = self.symbol_of(name)?;
        // `var x = …` beside a parameter x assigns it
        let is_fixed = !self.scoping.symbol_is_mutated(symbol)
            && self.scoping.symbol_redeclarations(symbol).is_empty();
        is_fixed.then_some(symbol)
    }

    /// The last node with an extent, of those from the first.
    fn node_of(&self, span: Span, first: usize) -> Option<u32> {
        let extends = |at: &usize| {
            let row = &self.facts.nodes[*at];
            // a guard can have the extent of the expression in which it holds
            !(node::IS..=node::FALSY).contains(&row.kind)
                && (row.start, row.end) == (span.start, span.end)
        };
        let found = (first..self.facts.nodes.len()).rev().find(extends);
        found.map(len32)
    }
}

/// True when a value can be what a type says of one of its properties.
fn can_tell(value: &Expression) -> bool {
    match value {
        Expression::StringLiteral(_)
        | Expression::NumericLiteral(_)
        | Expression::BooleanLiteral(_)
        | Expression::StaticMemberExpression(_) => true,
        Expression::Identifier(name) => name.name != "undefined",
        _ => false,
    }
}

/// True when nothing runs behind a statement.
pub fn exits(statement: &Statement) -> bool {
    match statement {
        Statement::ReturnStatement(_)
        | Statement::ThrowStatement(_)
        | Statement::BreakStatement(_)
        | Statement::ContinueStatement(_) => true,
        Statement::BlockStatement(block) => block.body.last().is_some_and(exits),
        Statement::IfStatement(of) => {
            exits(&of.consequent) && of.alternate.as_ref().is_some_and(exits)
        }
        _ => false,
    }
}
