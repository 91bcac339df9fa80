//! Classes, their members, and interfaces.

use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};

use super::context::ExprContext;
use super::expressions::{ValueForm, value_form};
use super::walker::Walker;
use crate::facts::codes::{class, definition, flag, function, node, role};
use crate::facts::{Class as ClassRow, NONE, len32};

impl<'a> Walker<'a, '_> {
    /// A class declaration or expression whose value belongs to `holder`.
    pub fn class(&mut self, of: &Class<'a>, holder: u32) -> u32 {
        self.decorators(&of.decorators);
        let index = len32(self.facts.classes.len());
        let this = self.node(node::CLASS, index, NONE, of.span);
        let flags = if of.r#abstract { class::ABSTRACT } else { 0 };
        self.facts.classes.push(ClassRow {
            definition: holder,
            node: this,
            extends: NONE,
            implements: 0,
            flags,
            type_parameters: NONE,
        });
        let mut definition = holder;
        if let (Some(id), ClassType::ClassExpression) = (&of.id, of.r#type) {
            let own = self.own_name(definition::CLASS, id, of.span, holder);
            self.definition(own).value = this;
            if definition == NONE {
                definition = own;
            }
        }
        let outer = self.frame;
        if definition != NONE {
            self.frame.parent = definition;
            self.frame.within = definition;
            self.definition(definition).body = of.body.span.start;
        }
        self.frame.namespace = NONE;
        let description = self.description(definition, of.span.start);
        let mut type_parameters = self.type_parameters(of.type_parameters.as_deref());
        if type_parameters == NONE {
            type_parameters = self.described_type_parameters(&description);
        }
        let mut extends = NONE;
        let (described_base, described_interfaces) = self.described_heritage(&description);
        if let Some(heritage) = &of.heritage {
            extends = self.expression(&heritage.expression, ExprContext::role(role::HERITAGE));
            let arguments = self.type_arguments(heritage.type_arguments.as_deref());
            if arguments != NONE {
                let to = self.node(
                    node::TYPE_REF,
                    extends,
                    arguments,
                    heritage.expression.span(),
                );
                extends = self.node(node::CAST, extends, to, heritage.expression.span());
            } else if described_base != NONE {
                let span = heritage.expression.span();
                extends = self.node(node::CAST, extends, described_base, span);
            }
        }
        let mut implements: Vec<u32> = of
            .implements
            .iter()
            .map(|item| {
                let named = self.type_name(&item.expression, role::TYPE | role::HERITAGE);
                let arguments = self.type_arguments(item.type_arguments.as_deref());
                self.node(node::TYPE_REF, named, arguments, item.span)
            })
            .collect();
        implements.extend(described_interfaces);
        let implements = self.list(&implements);
        let row = &mut self.facts.classes[index as usize];
        *row = ClassRow {
            definition,
            extends,
            implements,
            type_parameters,
            ..*row
        };
        self.frame.class = index;
        for element in &of.body.body {
            self.class_element(element, index, this);
        }
        self.leave(&description);
        self.frame = outer;
        this
    }

    fn class_element(&mut self, element: &ClassElement<'a>, class: u32, owner: u32) {
        match element {
            ClassElement::MethodDefinition(method) => self.method(method, class, owner),
            ClassElement::PropertyDefinition(property) => {
                let mut flags = accessibility(property.accessibility);
                for (set, bit) in [
                    (property.r#static, flag::STATIC),
                    (property.readonly, flag::READONLY),
                    (property.optional, flag::OPTIONAL),
                    (property.declare, flag::DECLARE),
                    (property.computed, flag::COMPUTED),
                    (
                        property.r#type == PropertyDefinitionType::TSAbstractPropertyDefinition,
                        flag::ABSTRACT,
                    ),
                ] {
                    flags |= if set { bit } else { 0 };
                }
                self.decorators(&property.decorators);
                let field = Field {
                    key: &property.key,
                    computed: property.computed,
                    annotation: property.type_annotation.as_deref(),
                    value: property.value.as_ref(),
                    span: property.span,
                };
                self.field(&field, owner, class, flags);
            }
            ClassElement::AccessorProperty(property) => {
                let mut flags = accessibility(property.accessibility);
                flags |= if property.r#static { flag::STATIC } else { 0 };
                self.decorators(&property.decorators);
                let field = Field {
                    key: &property.key,
                    computed: property.computed,
                    annotation: property.type_annotation.as_deref(),
                    value: property.value.as_ref(),
                    span: property.span,
                };
                self.field(&field, owner, class, flags);
            }
            ClassElement::StaticBlock(block) => {
                let outer = self.frame;
                self.frame.this_function = NONE;
                self.frame.this_class = class;
                self.frame.this_static = true;
                self.statements(&block.body);
                self.frame = outer;
            }
            ClassElement::TSIndexSignature(signature) => self.index_signature(signature, owner),
        }
    }

    fn field(&mut self, field: &Field<'a, '_>, owner: u32, class: u32, flags: u32) {
        let form = field.value.map_or(ValueForm::Other, value_form);
        let kind = if form == ValueForm::Function {
            definition::METHOD
        } else {
            definition::FIELD
        };
        let private = if matches!(field.key, PropertyKey::PrivateIdentifier(_)) {
            flag::PRIVATE
        } else {
            0
        };
        let index = self.key(field.key, field.computed).map_or(NONE, |name| {
            self.define_member(kind, name, field.span, owner, flags | private)
        });
        let annotation = self.annotation(field.annotation);
        let outer = self.frame;
        self.frame.this_function = NONE;
        self.frame.this_class = class;
        self.frame.this_static = flags & flag::STATIC != 0;
        let value = field.value.map_or(NONE, |value| {
            self.expression(value, ExprContext::held(index))
        });
        self.frame = outer;
        if index != NONE {
            let row = self.definition(index);
            row.annotation = annotation;
            row.value = value;
            self.describe(index);
        }
    }

    fn method(&mut self, method: &MethodDefinition<'a>, class: u32, owner: u32) {
        self.decorators(&method.decorators);
        let (kind, mut bits) = match method.kind {
            MethodDefinitionKind::Constructor => (definition::CONSTRUCTOR, function::CONSTRUCTOR),
            MethodDefinitionKind::Method => (definition::METHOD, 0),
            MethodDefinitionKind::Get => (definition::GETTER, function::GETTER),
            MethodDefinitionKind::Set => (definition::SETTER, function::SETTER),
        };
        let mut flags = accessibility(method.accessibility);
        if method.r#static {
            bits |= function::STATIC;
        }
        let is_abstract = method.r#type == MethodDefinitionType::TSAbstractMethodDefinition;
        for (set, bit) in [
            (method.r#static, flag::STATIC),
            (method.optional, flag::OPTIONAL),
            (method.computed, flag::COMPUTED),
            (is_abstract, flag::ABSTRACT),
            (
                method.value.body.is_none() && !is_abstract && !self.frame.ambient,
                flag::OVERLOAD,
            ),
            (
                matches!(method.key, PropertyKey::PrivateIdentifier(_)),
                flag::PRIVATE,
            ),
        ] {
            flags |= if set { bit } else { 0 };
        }
        let index = self.key(&method.key, method.computed).map_or(NONE, |name| {
            self.define_member(kind, name, method.span, owner, flags)
        });
        if index != NONE && kind == definition::CONSTRUCTOR {
            self.standings[index as usize].searchable = false;
        }
        let value = self.function(&method.value, ExprContext::held(index), class, bits);
        if index != NONE {
            self.definition(index).value = value;
        }
    }

    pub fn interface(&mut self, of: &TSInterfaceDeclaration<'a>, flags: u32) -> u32 {
        let index = self.declare(definition::INTERFACE, &of.id, of.span, flags);
        let class = len32(self.facts.classes.len());
        let this = self.node(node::CLASS, class, NONE, of.span);
        self.facts.classes.push(ClassRow {
            definition: index,
            node: this,
            extends: NONE,
            implements: 0,
            flags: class::INTERFACE,
            type_parameters: NONE,
        });
        let row = self.definition(index);
        row.value = this;
        row.body = of.body.span.start;
        let outer = self.frame;
        self.frame.parent = index;
        self.frame.within = index;
        self.frame.namespace = NONE;
        let type_parameters = self.type_parameters(of.type_parameters.as_deref());
        let extends: Vec<u32> = of
            .extends
            .iter()
            .map(|item| {
                let named = self.type_name(&item.type_name, role::TYPE | role::HERITAGE);
                let arguments = self.type_arguments(item.type_arguments.as_deref());
                self.node(node::TYPE_REF, named, arguments, item.span)
            })
            .collect();
        let implements = self.list(&extends);
        let row = &mut self.facts.classes[class as usize];
        row.implements = implements;
        row.type_parameters = type_parameters;
        self.frame.class = class;
        self.signatures(&of.body.body, this, class);
        self.frame = outer;
        index
    }
}

/// Common part of fields and `accessor` properties.
struct Field<'a, 's> {
    key: &'s PropertyKey<'a>,
    computed: bool,
    annotation: Option<&'s TSTypeAnnotation<'a>>,
    value: Option<&'s Expression<'a>>,
    span: Span,
}

pub fn accessibility(of: Option<TSAccessibility>) -> u32 {
    if of == Some(TSAccessibility::Private) {
        flag::PRIVATE
    } else {
        0
    }
}
