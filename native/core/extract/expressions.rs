//! Expressions: every one is walked once, and gives the node of its value, or `NONE`.

use oxc_ast::ast::*;
use oxc_ast::{match_expression, match_member_expression};
use oxc_span::{GetSpan, Span};
use oxc_syntax::operator::{LogicalOperator, UnaryOperator};

use super::context::{ExprContext, Name};
use super::walker::{Walker, inside_quotes};
use crate::facts::codes::{definition, literal, meta, node, role, token};
use crate::facts::{NONE, len32};

/// Strings longer than this say nothing about names.
const LONGEST_LITERAL: usize = 64;

/// Kind and flags of a definition, by its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ValueForm {
    Function,
    Class,
    Object,
    Other,
}

/// The form of a value, seen through casts and chained assignments.
pub fn value_form(value: &Expression) -> ValueForm {
    match value {
        Expression::FunctionExpression(_) | Expression::ArrowFunctionExpression(_) => {
            ValueForm::Function
        }
        Expression::ClassExpression(_) => ValueForm::Class,
        Expression::ObjectExpression(_) => ValueForm::Object,
        Expression::AssignmentExpression(inner) => value_form(&inner.right),
        Expression::TSAsExpression(inner) => value_form(&inner.expression),
        Expression::TSSatisfiesExpression(inner) => value_form(&inner.expression),
        Expression::TSTypeAssertion(inner) => value_form(&inner.expression),
        Expression::TSNonNullExpression(inner) => value_form(&inner.expression),
        Expression::ParenthesizedExpression(inner) => value_form(&inner.expression),
        _ => ValueForm::Other,
    }
}

/// The kind of a member with such a value.
pub fn member_kind(form: ValueForm) -> u32 {
    match form {
        ValueForm::Function => definition::METHOD,
        ValueForm::Class => definition::CLASS,
        ValueForm::Object | ValueForm::Other => definition::FIELD,
    }
}

impl<'a> Walker<'a, '_> {
    pub fn expression(&mut self, expression: &Expression<'a>, place: ExprContext) -> u32 {
        let span = expression.span();
        if let Some(to) = self.cast_of(span) {
            let value = self.expression(expression, place);
            return self.cast_value(value, to, span);
        }
        match expression {
            Expression::BooleanLiteral(_) => self.boolean(span),
            Expression::NullLiteral(_) => self.node(node::LITERAL, literal::NULL, NONE, span),
            Expression::NumericLiteral(_) => self.node(node::LITERAL, literal::NUMBER, NONE, span),
            Expression::BigIntLiteral(_) => self.node(node::LITERAL, literal::BIGINT, NONE, span),
            Expression::RegExpLiteral(_) => self.node(node::LITERAL, literal::REGEXP, NONE, span),
            Expression::StringLiteral(string) => self.string_literal(string),
            Expression::TemplateLiteral(template) => {
                self.template(template);
                self.node(node::LITERAL, literal::TEMPLATE, NONE, span)
            }
            Expression::Identifier(id) => self.reference(id, role::READ | place.role),
            Expression::Super(_) => {
                let class = self.frame.class;
                self.node(node::SUPER, class, NONE, span)
            }
            Expression::ThisExpression(_) => self.this(span),
            Expression::ArrayExpression(array) => self.array(array),
            Expression::ObjectExpression(object) => self.object(object, place),
            Expression::ArrowFunctionExpression(arrow) => self.arrow(arrow, place),
            Expression::FunctionExpression(function) => self.function(function, place, NONE, 0),
            Expression::ClassExpression(class) => self.class(class, place.holder),
            Expression::AssignmentExpression(assignment) => self.assignment(assignment, place),
            Expression::AwaitExpression(inner) => {
                let value = self.expression(&inner.argument, ExprContext::PLAIN);
                if value == NONE {
                    NONE
                } else {
                    self.node(node::AWAIT, value, NONE, span)
                }
            }
            Expression::YieldExpression(inner) => {
                let value = inner.argument.as_ref().map_or(NONE, |argument| {
                    self.expression(argument, ExprContext::PLAIN)
                });
                self.node(node::YIELD, value, NONE, span)
            }
            Expression::BinaryExpression(binary) => {
                self.expression(&binary.left, ExprContext::PLAIN);
                self.expression(&binary.right, ExprContext::PLAIN);
                NONE
            }
            Expression::LogicalExpression(logical) => self.logical(logical, place),
            Expression::ConditionalExpression(conditional) => {
                let first = self.facts.nodes.len();
                self.expression(&conditional.test, ExprContext::PLAIN);
                let truthy = self.told_by(&conditional.test, first, true);
                let falsy = self.told_by(&conditional.test, first, false);
                let outer = std::mem::replace(&mut self.frame.conditional, true);
                let place = ExprContext {
                    holder: NONE,
                    ..place
                };
                let consequent = self.known_in(&truthy, &conditional.consequent, place);
                let alternate = self.known_in(&falsy, &conditional.alternate, place);
                self.frame.conditional = outer;
                self.choice(&[consequent, alternate], span)
            }
            Expression::SequenceExpression(sequence) => {
                let mut value = NONE;
                let last = sequence.expressions.len().saturating_sub(1);
                for (position, expression) in sequence.expressions.iter().enumerate() {
                    let place = if position == last {
                        place
                    } else {
                        ExprContext::PLAIN
                    };
                    value = self.expression(expression, place);
                }
                value
            }
            Expression::UnaryExpression(unary) => self.unary(unary),
            Expression::UpdateExpression(update) => {
                self.simple_target(&update.argument, role::READ | role::WRITE);
                self.node(node::LITERAL, literal::NUMBER, NONE, span)
            }
            Expression::PrivateInExpression(inner) => {
                let base = self.expression(&inner.right, ExprContext::PLAIN);
                let name = Name::new(self.slice(inner.left.span), inner.left.span);
                self.member(base, name, role::READ, span);
                NONE
            }
            Expression::CallExpression(call) => self.call(call, place),
            Expression::NewExpression(new) => self.new_expression(new),
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::CallExpression(call) => self.call(call, place),
                ChainElement::TSNonNullExpression(inner) => {
                    self.expression(&inner.expression, place)
                }
                element @ match_member_expression!(ChainElement) => {
                    self.member_expression(element.to_member_expression(), role::READ | place.role)
                }
            },
            Expression::ImportExpression(import) => self.import_expression(import),
            Expression::TaggedTemplateExpression(tagged) => {
                let call = self.reserve(node::CALL, span);
                let tag = self.expression(&tagged.tag, ExprContext::role(role::TAGGED));
                self.type_arguments(tagged.type_arguments.as_deref());
                self.template(&tagged.quasi);
                self.fill(call, tag, 0);
                call
            }
            Expression::ImportMeta(_) => {
                self.meta |= meta::ESM;
                self.meta_property("meta", span)
            }
            Expression::NewTarget(_) => self.meta_property("target", span),
            Expression::JSXElement(element) => self.jsx_element(element),
            Expression::JSXFragment(fragment) => {
                self.jsx_children(&fragment.children);
                NONE
            }
            Expression::TSAsExpression(cast) => {
                self.cast(&cast.expression, &cast.type_annotation, span, place)
            }
            Expression::TSSatisfiesExpression(cast) => {
                self.cast(&cast.expression, &cast.type_annotation, span, place)
            }
            Expression::TSTypeAssertion(cast) => {
                self.cast(&cast.expression, &cast.type_annotation, span, place)
            }
            Expression::TSNonNullExpression(inner) => self.expression(&inner.expression, place),
            Expression::ParenthesizedExpression(inner) => self.expression(&inner.expression, place),
            Expression::TSInstantiationExpression(inner) => {
                let value = self.expression(&inner.expression, place);
                self.type_arguments(Some(&inner.type_arguments));
                value
            }
            Expression::V8IntrinsicExpression(intrinsic) => {
                for argument in &intrinsic.arguments {
                    self.argument(argument, NONE, 0);
                }
                NONE
            }
            member @ match_member_expression!(Expression) => {
                self.member_expression(member.to_member_expression(), role::READ | place.role)
            }
        }
    }

    pub fn string_literal(&mut self, string: &StringLiteral<'a>) -> u32 {
        let text = string.value.as_str();
        let text = if text.len() <= LONGEST_LITERAL {
            self.string(text)
        } else {
            NONE
        };
        self.node(node::LITERAL, literal::STRING, text, string.span)
    }

    fn boolean(&mut self, span: Span) -> u32 {
        let text = self.string(self.slice(span));
        self.node(node::LITERAL, literal::BOOLEAN, text, span)
    }

    /// The last word of `import.meta` and `new.target`.
    fn meta_property(&mut self, name: &'a str, span: Span) -> u32 {
        let start = span.end - len32(name.len());
        self.token(token::META, name, Span::new(start, span.end));
        NONE
    }

    fn template(&mut self, template: &TemplateLiteral<'a>) {
        for expression in &template.expressions {
            self.expression(expression, ExprContext::PLAIN);
        }
    }

    pub fn this(&mut self, span: Span) -> u32 {
        let frame = self.frame;
        if frame.this_function == NONE && frame.this_class != NONE && frame.this_static {
            return self.node(node::STATIC_THIS, frame.this_class, NONE, span);
        }
        self.node(node::THIS, frame.this_function, frame.this_class, span)
    }

    /// One of several values; unknown ones do not count.
    pub fn choice(&mut self, values: &[u32], span: Span) -> u32 {
        let known: Vec<u32> = values
            .iter()
            .copied()
            .filter(|&value| value != NONE)
            .collect();
        match known[..] {
            [] => NONE,
            [only] => only,
            _ => {
                let list = self.list(&known);
                self.node(node::CHOICE, list, NONE, span)
            }
        }
    }

    fn logical(&mut self, logical: &LogicalExpression<'a>, place: ExprContext) -> u32 {
        let place = ExprContext {
            holder: NONE,
            ..place
        };
        let first = self.facts.nodes.len();
        let left = self.expression(&logical.left, place);
        let known = match logical.operator {
            LogicalOperator::And => self.told_by(&logical.left, first, true),
            LogicalOperator::Or => self.told_by(&logical.left, first, false),
            LogicalOperator::Coalesce => Vec::new(),
        };
        let outer = std::mem::replace(&mut self.frame.conditional, true);
        let right = self.known_in(&known, &logical.right, place);
        self.frame.conditional = outer;
        if logical.operator == LogicalOperator::And {
            right
        } else {
            let choice = self.choice(&[left, right], logical.span);
            if left != NONE && right != NONE {
                self.facts.nodes[choice as usize].b = 1;
            }
            choice
        }
    }

    fn unary(&mut self, unary: &UnaryExpression<'a>) -> u32 {
        let role = if unary.operator == UnaryOperator::Delete {
            role::DELETE
        } else {
            0
        };
        self.expression(&unary.argument, ExprContext::role(role));
        let kind = match unary.operator {
            UnaryOperator::Typeof => literal::STRING,
            UnaryOperator::Void => literal::NULL,
            UnaryOperator::LogicalNot | UnaryOperator::Delete => literal::BOOLEAN,
            _ => literal::NUMBER,
        };
        self.node(node::LITERAL, kind, NONE, unary.span)
    }

    fn cast(
        &mut self,
        value: &Expression<'a>,
        to: &TSType<'a>,
        span: Span,
        place: ExprContext,
    ) -> u32 {
        let value = self.expression(value, place);
        let is_const = matches!(to, TSType::TSTypeReference(reference)
            if matches!(&reference.type_name, TSTypeName::IdentifierReference(id) if id.name == "const"));
        if is_const {
            return value;
        }
        let to = self.type_node(to);
        self.node(node::CAST, value, to, span)
    }

    fn array(&mut self, array: &ArrayExpression<'a>) -> u32 {
        let mut elements = Vec::with_capacity(array.elements.len());
        for element in &array.elements {
            elements.push(match element {
                ArrayExpressionElement::SpreadElement(spread) => {
                    let source = self.expression(&spread.argument, ExprContext::PLAIN);
                    if source == NONE {
                        NONE
                    } else {
                        self.node(node::ELEMENT, source, NONE, spread.span)
                    }
                }
                ArrayExpressionElement::Elision(_) => NONE,
                expression @ match_expression!(ArrayExpressionElement) => {
                    self.expression(expression.to_expression(), ExprContext::PLAIN)
                }
            });
        }
        let list = self.list(&elements);
        self.node(node::ARRAY, list, NONE, array.span)
    }

    pub fn member_expression(&mut self, member: &MemberExpression<'a>, role: u32) -> u32 {
        let span = member.span();
        match member {
            MemberExpression::StaticMemberExpression(inner) => {
                let name = Name::new(inner.property.name.as_str(), inner.property.span);
                if name.text == "exports" && self.is_global(&inner.object, "module") {
                    self.meta |= meta::COMMONJS;
                    self.expression(&inner.object, ExprContext::PLAIN);
                    let node = self.node(node::MODULE_EXPORTS, NONE, NONE, span);
                    self.occurrence(name, role | role::MEMBER, node, None);
                    return node;
                }
                let base = self.expression(&inner.object, ExprContext::PLAIN);
                if name.text == "prototype" && base != NONE {
                    let node = self.node(node::PROTOTYPE, base, NONE, span);
                    self.occurrence(name, role | role::MEMBER, node, None);
                    return node;
                }
                self.member(base, name, role, span)
            }
            MemberExpression::PrivateFieldExpression(inner) => {
                let base = self.expression(&inner.object, ExprContext::PLAIN);
                let name = Name::new(self.slice(inner.field.span), inner.field.span);
                self.member(base, name, role, span)
            }
            MemberExpression::ComputedMemberExpression(inner) => {
                let base = self.expression(&inner.object, ExprContext::PLAIN);
                if let Expression::NumericLiteral(number) = &inner.expression {
                    let name = self.numbered(number);
                    let text = self.string(name.text);
                    let index = self.node(node::LITERAL, literal::NUMBER, text, number.span);
                    let node = self.node(node::INDEX, base, index, span);
                    self.occurrence(name, role | role::MEMBER | role::ELEMENT, node, None);
                    return if base == NONE { NONE } else { node };
                }
                match computed_name(&inner.expression) {
                    Some(name) => self.member(base, name, role | role::ELEMENT, span),
                    None => {
                        let index = self.expression(&inner.expression, ExprContext::PLAIN);
                        if base == NONE {
                            NONE
                        } else {
                            self.node(node::INDEX, base, index, span)
                        }
                    }
                }
            }
        }
    }

    pub fn new_expression(&mut self, new: &NewExpression<'a>) -> u32 {
        let node = self.reserve(node::NEW, new.span);
        self.address(new);
        let callee = self.expression(&new.callee, ExprContext::role(role::NEW));
        let types = self.type_arguments(new.type_arguments.as_deref());
        let arguments = self.arguments(&new.arguments, node);
        self.fill(node, callee, arguments);
        self.given_types(node, types, new.span);
        node
    }

    /// What a call, or `new`, gives for type parameters.
    pub fn given_types(&mut self, call: u32, types: u32, span: Span) {
        if types != NONE {
            self.node(node::TYPE_ARGUMENTS, call, types, span);
        }
    }

    pub fn arguments(&mut self, arguments: &[Argument<'a>], call: u32) -> u32 {
        let mut values = Vec::with_capacity(arguments.len());
        for (position, argument) in arguments.iter().enumerate() {
            values.push(self.argument(argument, call, position));
        }
        self.list(&values)
    }

    pub fn argument(&mut self, argument: &Argument<'a>, call: u32, position: usize) -> u32 {
        match argument {
            Argument::SpreadElement(spread) => {
                self.expression(&spread.argument, ExprContext::PLAIN);
                NONE
            }
            expression @ match_expression!(Argument) => {
                let position = crate::facts::len32(position);
                let place = ExprContext {
                    role: role::ARGUMENT,
                    call,
                    position,
                    ..ExprContext::PLAIN
                };
                self.expression(expression.to_expression(), place)
            }
        }
    }
}

/// The name in `x['name']`.
pub fn computed_name<'a>(index: &Expression<'a>) -> Option<Name<'a>> {
    match index {
        Expression::StringLiteral(string) => {
            Some(Name::new(string.value.as_str(), inside_quotes(string.span)))
        }
        Expression::TemplateLiteral(template) if template.is_no_substitution_template() => {
            let text = template.quasis.first()?.value.cooked?.as_str();
            Some(Name::new(text, inside_quotes(template.span)))
        }
        _ => None,
    }
}
