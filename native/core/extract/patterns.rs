//! Patterns and the left sides of assignments.

use oxc_ast::ast::*;
use oxc_ast::{match_expression, match_member_expression};
use oxc_span::{GetSpan, Span};

use super::context::{ExprContext, Name};
use super::walker::Walker;
use crate::facts::NONE;
use crate::facts::codes::{flag, node, role};

impl<'a> Walker<'a, '_> {
    /// A loop variable or catch parameter: one name, or a pattern.
    pub fn target_pattern(
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
                let default = self.expression(&with_default.right, ExprContext::PLAIN);
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
            _ if computed && base != NONE => self.node(node::INDEX, base, NONE, key.span()),
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
                                .map_or(NONE, |init| self.expression(init, ExprContext::PLAIN));
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
                let default = self.expression(&with_default.init, ExprContext::PLAIN);
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
                self.cast_target(&inner.expression, &inner.type_annotation, role)
            }
            SimpleAssignmentTarget::TSSatisfiesExpression(inner) => {
                self.cast_target(&inner.expression, &inner.type_annotation, role)
            }
            SimpleAssignmentTarget::TSNonNullExpression(inner) => {
                self.target_expression(&inner.expression, role)
            }
            SimpleAssignmentTarget::TSTypeAssertion(inner) => {
                self.cast_target(&inner.expression, &inner.type_annotation, role)
            }
            member @ match_member_expression!(SimpleAssignmentTarget) => {
                self.member_expression(member.to_member_expression(), role)
            }
        }
    }

    fn cast_target(&mut self, target: &Expression<'a>, to: &TSType<'a>, role: u32) -> u32 {
        let node = self.target_expression(target, role);
        self.type_node(to);
        node
    }

    fn target_expression(&mut self, target: &Expression<'a>, role: u32) -> u32 {
        match target {
            Expression::Identifier(id) => self.reference(id, role),
            member @ match_member_expression!(Expression) => {
                self.member_expression(member.to_member_expression(), role)
            }
            other @ match_expression!(Expression) => self.expression(other, ExprContext::PLAIN),
        }
    }
}
