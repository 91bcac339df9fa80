//! JSX: tags, attributes and children.

use oxc_ast::ast::*;
use oxc_span::GetSpan;

use super::context::{ExprContext, Name};
use super::objects::is_name;
use super::walker::Walker;
use crate::facts::NONE;
use crate::facts::codes::{node, role};

impl<'a> Walker<'a, '_> {
    pub fn jsx_element(&mut self, element: &JSXElement<'a>) -> u32 {
        let opening = &element.opening_element;
        let component = self.jsx_name(&opening.name, role::READ | role::CALL | role::JSX);
        let takes_props = component != NONE
            && opening.attributes.iter().any(
                |attribute| matches!(attribute, JSXAttributeItem::Attribute(one) if is_prop(one)),
            );
        let props = if takes_props {
            self.node(node::PROPS, component, NONE, opening.name.span())
        } else {
            NONE
        };
        self.type_arguments(opening.type_arguments.as_deref());
        for attribute in &opening.attributes {
            match attribute {
                JSXAttributeItem::Attribute(attribute) => self.jsx_attribute(attribute, props),
                JSXAttributeItem::SpreadAttribute(spread) => {
                    self.expression(&spread.argument, ExprContext::PLAIN);
                }
            }
        }
        self.jsx_children(&element.children);
        if let Some(closing) = &element.closing_element {
            // A closing tag repeats the name; it neither calls nor reads it.
            self.jsx_name(&closing.name, 0);
        }
        NONE
    }

    fn jsx_attribute(&mut self, attribute: &JSXAttribute<'a>, props: u32) {
        let prop = match &attribute.name {
            JSXAttributeName::Identifier(id) if props != NONE && is_prop(attribute) => {
                let name = Name::new(id.name.as_str(), id.span);
                self.member(props, name, role::ATTRIBUTE, id.span)
            }
            JSXAttributeName::Identifier(id) => {
                self.jsx_identifier(id, role::ATTRIBUTE);
                NONE
            }
            JSXAttributeName::NamespacedName(name) => {
                self.jsx_identifier(&name.namespace, role::ATTRIBUTE);
                self.jsx_identifier(&name.name, role::ATTRIBUTE);
                NONE
            }
        };
        match &attribute.value {
            Some(JSXAttributeValue::ExpressionContainer(container)) => {
                let value = self.jsx_expression(&container.expression);
                if prop != NONE && self.takes_expected(value) {
                    self.node(node::HANDED, value, prop, container.span);
                }
            }
            Some(JSXAttributeValue::Element(element)) => {
                self.jsx_element(element);
            }
            Some(JSXAttributeValue::Fragment(fragment)) => self.jsx_children(&fragment.children),
            Some(JSXAttributeValue::StringLiteral(string)) if is_name(&string.value) => {
                self.string_literal(string);
            }
            Some(JSXAttributeValue::StringLiteral(_)) | None => {}
        }
    }

    /// A name that belongs to a type of the JSX library.
    fn jsx_identifier(&mut self, id: &JSXIdentifier<'a>, role: u32) {
        self.occurrence(Name::new(id.name.as_str(), id.span), role, NONE, None);
    }

    fn jsx_expression(&mut self, expression: &JSXExpression<'a>) -> u32 {
        match expression.as_expression() {
            Some(expression) => self.expression(expression, ExprContext::PLAIN),
            None => NONE,
        }
    }

    /// True when the type of a prop says what is inside of a value.
    fn takes_expected(&self, value: u32) -> bool {
        matches!(
            self.node_kind(value),
            Some(node::OBJECT | node::ARRAY | node::CHOICE | node::FUNCTION)
        )
    }

    pub fn jsx_children(&mut self, children: &[JSXChild<'a>]) {
        for child in children {
            match child {
                JSXChild::Text(_) => {}
                JSXChild::Element(element) => {
                    self.jsx_element(element);
                }
                JSXChild::Fragment(fragment) => self.jsx_children(&fragment.children),
                JSXChild::ExpressionContainer(container) => {
                    self.jsx_expression(&container.expression);
                }
                JSXChild::Spread(spread) => {
                    self.expression(&spread.expression, ExprContext::PLAIN);
                }
            }
        }
    }

    /// The name of a tag; gives the node of a component.
    fn jsx_name(&mut self, name: &JSXElementName<'a>, role: u32) -> u32 {
        match name {
            JSXElementName::IdentifierReference(id) => return self.reference(id, role),
            JSXElementName::MemberExpression(member) => return self.jsx_member(member, role),
            JSXElementName::Identifier(id) => self.jsx_identifier(id, role::INTRINSIC),
            JSXElementName::NamespacedName(name) => {
                self.jsx_identifier(&name.namespace, role::INTRINSIC);
                self.jsx_identifier(&name.name, role::INTRINSIC);
            }
            JSXElementName::ThisExpression(_) => {}
        }
        NONE
    }

    fn jsx_member(&mut self, member: &JSXMemberExpression<'a>, role: u32) -> u32 {
        let base = match &member.object {
            JSXMemberExpressionObject::IdentifierReference(id) => self.reference(id, role::READ),
            JSXMemberExpressionObject::MemberExpression(inner) => {
                self.jsx_member(inner, role::READ)
            }
            JSXMemberExpressionObject::ThisExpression(this) => self.this(this.span),
        };
        self.member(
            base,
            Name::new(member.property.name.as_str(), member.property.span),
            role,
            member.span,
        )
    }
}

/// True when an attribute is handed to the component: React keeps `key` and `ref` to itself.
fn is_prop(attribute: &JSXAttribute) -> bool {
    matches!(&attribute.name, JSXAttributeName::Identifier(id) if !matches!(id.name.as_str(), "key" | "ref"))
}
