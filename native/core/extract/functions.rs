//! Functions of every form, their parameters, and classes.

use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};

use super::expressions::{ValueForm, value_form};
use super::walker::{Frame, Name, Place, Walker};
use crate::facts::codes::{class, definition, flag, function, node, role};
use crate::facts::{Class as ClassRow, Function as FunctionRow, NONE, len32};

impl<'a> Walker<'a, '_> {
    /// A new row for a function, with its node.
    pub fn function_row(&mut self, node_kind: u32, span: Span, definition: u32, flags: u32) -> u32 {
        let index = len32(self.facts.functions.len());
        let node = self.node(node_kind, index, NONE, span);
        self.facts.functions.push(FunctionRow {
            definition,
            params: 0,
            returns: 0,
            annotation: NONE,
            owner: NONE,
            this: NONE,
            context_call: NONE,
            context_position: NONE,
            flags,
            node,
        });
        index
    }

    /// Steps into a function; gives the frame to return to.
    pub fn enter_function(&mut self, index: u32, definition: u32) -> Frame {
        let outer = self.frame;
        if definition != NONE {
            self.frame.parent = definition;
            self.frame.within = definition;
        }
        self.frame.function = index;
        if self.facts.functions[index as usize].flags & function::ARROW == 0 {
            self.frame.this_function = index;
            self.frame.this_class = NONE;
        }
        self.frame.namespace = NONE;
        self.frame.conditional = false;
        outer
    }

    /// A function declaration or expression; `class` is the row of the class it is a member of.
    pub fn function(&mut self, of: &Function<'a>, place: Place, class: u32, flags: u32) -> u32 {
        let mut flags = flags;
        let mut definition_flags = 0;
        if of.r#async {
            flags |= function::ASYNC;
            definition_flags |= flag::ASYNC;
        }
        if of.generator {
            flags |= function::GENERATOR;
            definition_flags |= flag::GENERATOR;
        }
        let index = self.function_row(node::FUNCTION, of.span, place.holder, flags);
        let this = self.facts.functions[index as usize].node;
        let mut holder = place.holder;
        if let (Some(id), FunctionType::FunctionExpression) = (&of.id, of.r#type) {
            let own = self.own_name(definition::FUNCTION, id, of.span, holder);
            self.definition(own).value = this;
            self.definition(own).flags |= definition_flags;
            if holder == NONE {
                holder = own;
            }
        }
        if holder != NONE {
            let body = of.body.as_ref().map_or(of.span.end, |body| body.span.start);
            let row = self.definition(holder);
            row.flags |= definition_flags;
            row.body = body;
        }
        let outer = self.enter_function(index, holder);
        let outer_returns = std::mem::take(&mut self.returns);
        let mut this_type = self.annotation(
            of.this_param
                .as_ref()
                .and_then(|this| this.type_annotation.as_deref()),
        );
        self.type_parameters(of.type_parameters.as_deref());
        let description = self.description(holder, of.span.start);
        let params = self.parameters(&of.params, index, class);
        self.describe_parameters(&description, params);
        let mut returned = self.annotation(of.return_type.as_deref());
        let (described, described_this) = self.described_result(&description, flags);
        if returned == NONE {
            returned = described;
        }
        if this_type == NONE {
            this_type = described_this;
        }
        if let Some(body) = &of.body {
            self.statements(&body.statements);
        }
        let returns = std::mem::replace(&mut self.returns, outer_returns);
        let returns = self.list(&returns);
        self.leave(&description);
        self.frame = outer;
        let row = &mut self.facts.functions[index as usize];
        *row = FunctionRow {
            definition: holder,
            params,
            returns,
            annotation: returned,
            owner: class,
            this: if this_type == NONE {
                place.this
            } else {
                this_type
            },
            context_call: place.call,
            context_position: if place.call == NONE {
                NONE
            } else {
                place.position
            },
            ..*row
        };
        this
    }

    /// The inner name of a function or class expression, which only its own body sees.
    fn own_name(&mut self, kind: u32, id: &BindingIdentifier<'a>, span: Span, holder: u32) -> u32 {
        let own = self.bind(kind, id, span, flag::LOCAL | flag::FUNCTION_NAME, 0);
        let same_name = holder != NONE && self.definition(holder).name == self.definition(own).name;
        self.standings[own as usize].searchable = !same_name;
        own
    }

    pub fn arrow(&mut self, of: &ArrowFunctionExpression<'a>, place: Place) -> u32 {
        let mut flags = function::ARROW;
        if of.r#async {
            flags |= function::ASYNC;
        }
        let index = self.function_row(node::FUNCTION, of.span, place.holder, flags);
        let this = self.facts.functions[index as usize].node;
        if place.holder != NONE {
            let row = self.definition(place.holder);
            row.body = of.body.span().start;
            if of.r#async {
                row.flags |= flag::ASYNC;
            }
        }
        let outer = self.enter_function(index, place.holder);
        let outer_returns = std::mem::take(&mut self.returns);
        self.type_parameters(of.type_parameters.as_deref());
        let description = self.description(place.holder, of.span.start);
        let params = self.parameters(&of.params, index, NONE);
        self.describe_parameters(&description, params);
        let mut returned = self.annotation(of.return_type.as_deref());
        if returned == NONE {
            returned = self.described_result(&description, flags).0;
        }
        match &of.body {
            ArrowFunctionBody::FunctionBody(body) => self.statements(&body.statements),
            body => {
                if let Some(expression) = body.as_expression() {
                    let value = self.expression(expression, Place::PLAIN);
                    self.returns.push(value);
                }
            }
        }
        let returns = std::mem::replace(&mut self.returns, outer_returns);
        let returns = self.list(&returns);
        self.leave(&description);
        self.frame = outer;
        let row = &mut self.facts.functions[index as usize];
        *row = FunctionRow {
            params,
            returns,
            annotation: returned,
            context_call: place.call,
            context_position: if place.call == NONE {
                NONE
            } else {
                place.position
            },
            ..*row
        };
        this
    }

    /// The list of a function's parameters; `class` is where parameter properties are put.
    pub fn parameters(&mut self, of: &FormalParameters<'a>, index: u32, class: u32) -> u32 {
        let mut params = Vec::with_capacity(of.items.len());
        for (position, item) in of.items.iter().enumerate() {
            self.decorators(&item.decorators);
            let flags = if item.optional { flag::OPTIONAL } else { 0 };
            let first = len32(self.facts.definitions.len());
            let param = match &item.pattern {
                BindingPattern::BindingIdentifier(id) => {
                    self.bind(definition::PARAMETER, id, item.span, flags, 0)
                }
                _ => self.unnamed_parameter(item.pattern.span(), flags),
            };
            let annotation = self.annotation(item.type_annotation.as_deref());
            let default = item.initializer.as_ref().map_or(NONE, |default| {
                let held = value_form(default) == ValueForm::Function;
                self.expression(
                    default,
                    if held {
                        Place::held(param)
                    } else {
                        Place::PLAIN
                    },
                )
            });
            let row = self.definition(param);
            row.annotation = annotation;
            row.value = default;
            if !matches!(item.pattern, BindingPattern::BindingIdentifier(_)) {
                let base = self.node(node::PARAM, index, len32(position), item.pattern.span());
                self.pattern(&item.pattern, base, definition::PARAMETER, NONE);
            }
            if item.has_modifier() && class != NONE && param == first {
                self.parameter_property(item, param, class);
            }
            params.push(param);
        }
        if let Some(rest) = &of.rest {
            self.decorators(&rest.decorators);
            let argument = &rest.rest.argument;
            let param = match argument {
                BindingPattern::BindingIdentifier(id) => {
                    self.bind(definition::PARAMETER, id, rest.span, flag::REST, 0)
                }
                _ => self.unnamed_parameter(rest.span, flag::REST),
            };
            let annotation = self.annotation(rest.type_annotation.as_deref());
            self.definition(param).annotation = annotation;
            if !matches!(argument, BindingPattern::BindingIdentifier(_)) {
                let base = self.node(node::PARAM, index, len32(params.len()), rest.span);
                self.pattern(argument, base, definition::PARAMETER, NONE);
            }
            params.push(param);
        }
        self.list(&params)
    }

    /// Stands for a parameter that is a pattern: it has a place and a type, but no name.
    fn unnamed_parameter(&mut self, span: Span, flags: u32) -> u32 {
        let name = Name {
            text: "",
            start: span.start,
            end: span.start,
        };
        let index = self.define(
            definition::PARAMETER,
            name,
            span,
            flags | flag::LOCAL | flag::DESTRUCTURED,
        );
        self.standings[index as usize].searchable = false;
        index
    }

    /// `constructor(private readonly store: Store)` declares a field as well.
    fn parameter_property(&mut self, item: &FormalParameter<'a>, param: u32, class: u32) {
        let Some(id) = item.pattern.get_binding_identifier() else {
            return;
        };
        let class = self.facts.classes[class as usize];
        let mut flags = accessibility(item.accessibility);
        if item.readonly {
            flags |= flag::READONLY;
        }
        let name = Name::new(id.name.as_str(), id.span);
        let outer = std::mem::replace(&mut self.frame.parent, class.definition);
        let field = self.define_member(definition::FIELD, name, item.span, class.node, flags);
        self.frame.parent = outer;
        let annotation = self.definition(param).annotation;
        self.definition(field).annotation = annotation;
    }

    pub fn decorators(&mut self, decorators: &[Decorator<'a>]) {
        for decorator in decorators {
            self.expression(&decorator.expression, Place::role(role::DECORATOR));
        }
    }

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
            extends = self.expression(&heritage.expression, Place::role(role::HERITAGE));
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
        let value = field
            .value
            .map_or(NONE, |value| self.expression(value, Place::held(index)));
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
        let value = self.function(&method.value, Place::held(index), class, bits);
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

/// What fields and `accessor` properties have in common.
struct Field<'a, 's> {
    key: &'s PropertyKey<'a>,
    computed: bool,
    annotation: Option<&'s TSTypeAnnotation<'a>>,
    value: Option<&'s Expression<'a>>,
    span: Span,
}

fn accessibility(of: Option<TSAccessibility>) -> u32 {
    if of == Some(TSAccessibility::Private) {
        flag::PRIVATE
    } else {
        0
    }
}
