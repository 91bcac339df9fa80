//! Functions of every form, and their parameters.

use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};

use super::classes::accessibility;
use super::context::{ExprContext, Frame, Name};
use super::expressions::{ValueForm, value_form};
use super::walker::Walker;
use crate::facts::codes::{definition, flag, function, node, role};
use crate::facts::{Function as FunctionRow, NONE, len32};

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
    pub fn function(
        &mut self,
        of: &Function<'a>,
        place: ExprContext,
        class: u32,
        flags: u32,
    ) -> u32 {
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
        self.mentioned_parameters(holder, of.span.start, params);
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
    pub fn own_name(
        &mut self,
        kind: u32,
        id: &BindingIdentifier<'a>,
        span: Span,
        holder: u32,
    ) -> u32 {
        let own = self.bind(kind, id, span, flag::LOCAL | flag::FUNCTION_NAME, 0);
        let same_name = holder != NONE && self.definition(holder).name == self.definition(own).name;
        self.standings[own as usize].searchable = !same_name;
        own
    }

    pub fn arrow(&mut self, of: &ArrowFunctionExpression<'a>, place: ExprContext) -> u32 {
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
        self.mentioned_parameters(place.holder, of.span.start, params);
        self.describe_parameters(&description, params);
        let mut returned = self.annotation(of.return_type.as_deref());
        if returned == NONE {
            returned = self.described_result(&description, flags).0;
        }
        match &of.body {
            ArrowFunctionBody::FunctionBody(body) => self.statements(&body.statements),
            body => {
                if let Some(expression) = body.as_expression() {
                    let value = self.expression(expression, ExprContext::PLAIN);
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
                        ExprContext::held(param)
                    } else {
                        ExprContext::PLAIN
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
            self.expression(&decorator.expression, ExprContext::role(role::DECORATOR));
        }
    }
}
