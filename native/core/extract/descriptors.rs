//! Members made by property descriptors: `Object.defineProperty`, `Object.defineProperties`, `__defineGetter__`.

use oxc_ast::ast::*;
use oxc_span::Span;

use super::calls::string_argument;
use super::context::{ExprContext, Name};
use super::exports::ExportRow;
use super::expressions::{computed_name, member_kind, value_form};
use super::walker::Walker;
use crate::facts::NONE;
use crate::facts::codes::{definition, export, flag, function, meta, node, role};

impl<'a> Walker<'a, '_> {
    /// `Object.defineProperty(owner, 'name', descriptor)`.
    pub fn define_property(&mut self, of: &CallExpression<'a>) -> u32 {
        let call = self.reserve(node::CALL, of.span);
        let callee = self.expression(&of.callee, ExprContext::role(role::CALL));
        let owner = self.argument(&of.arguments[0], call, 0);
        let name = of.arguments[1].as_expression().and_then(computed_name);
        let object = of.arguments[0].as_expression();
        let (Some(name), Some(object), Some(Expression::ObjectExpression(descriptor))) =
            (name, object, of.arguments[2].as_expression())
        else {
            let rest = self.arguments(&of.arguments[1..], call);
            let mut values = vec![owner];
            values.extend(self.list_items(rest));
            let list = self.list(&values);
            self.fill(call, callee, list);
            return call;
        };
        if name.text == "__esModule" {
            self.meta |= meta::ES_MODULE_MARK;
            for property in &descriptor.properties {
                self.other_property(property, owner);
            }
        } else {
            let index = self.define_from_descriptor(descriptor, owner, name, of.span);
            self.standings[index as usize].container = self.container(object);
        }
        for rest in of.arguments.iter().skip(3) {
            self.argument(rest, NONE, 0);
        }
        let list = self.list(&[owner, NONE, NONE]);
        self.fill(call, callee, list);
        call
    }

    /// `Object.defineProperties(owner, { name: descriptor })`.
    pub fn define_properties(&mut self, of: &CallExpression<'a>) -> u32 {
        let call = self.reserve(node::CALL, of.span);
        let callee = self.expression(&of.callee, ExprContext::role(role::CALL));
        let owner = self.argument(&of.arguments[0], call, 0);
        let Some(Expression::ObjectExpression(object)) = of.arguments[1].as_expression() else {
            let second = self.argument(&of.arguments[1], call, 1);
            let list = self.list(&[owner, second]);
            self.fill(call, callee, list);
            return call;
        };
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    let Expression::ObjectExpression(descriptor) = &property.value else {
                        self.descriptor_key(property);
                        self.expression(&property.value, ExprContext::PLAIN);
                        continue;
                    };
                    match self.key(&property.key, property.computed) {
                        Some(name) => {
                            self.define_from_descriptor(descriptor, owner, name, property.span);
                        }
                        None => {
                            self.expression(&property.value, ExprContext::PLAIN);
                        }
                    }
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    self.expression(&spread.argument, ExprContext::PLAIN);
                }
            }
        }
        let list = self.list(&[owner, NONE]);
        self.fill(call, callee, list);
        call
    }

    /// A member made by a property descriptor, and its export where the owner is the exports object.
    fn define_from_descriptor(
        &mut self,
        descriptor: &ObjectExpression<'a>,
        owner: u32,
        name: Name<'a>,
        span: Span,
    ) -> u32 {
        let exports = self.node_kind(owner) == Some(node::MODULE_EXPORTS);
        let mut flags = flag::ASSIGNED;
        if exports {
            flags |= flag::EXPORTED;
        }
        if self.node_kind(owner) == Some(node::PROTOTYPE) {
            flags |= flag::PROTOTYPE;
        }
        let index = self.define(definition::FIELD, name, span, flags);
        self.definition(index).owner = owner;
        let this = self.reserve(node::MEMBER, span);
        let roles = role::MEMBER | role::WRITE | role::DECLARES | role::ELEMENT;
        let occurrence = self.occurrence(name, roles, this, None);
        self.fill(this, owner, occurrence);
        for property in &descriptor.properties {
            self.descriptor_property(property, owner, index);
        }
        if exports {
            let value = self.getter_result(self.facts.definitions[index as usize].value, span);
            self.export(ExportRow {
                definition: index,
                value,
                occurrence,
                flags: export::COMMONJS,
                ..ExportRow::new(name.text)
            });
        }
        index
    }

    /// `get` and `value` say what the described member is; every other property is an expression.
    fn descriptor_property(&mut self, of: &ObjectPropertyKind<'a>, owner: u32, index: u32) {
        let key = match of {
            ObjectPropertyKind::ObjectProperty(property) => property.key.static_name(),
            ObjectPropertyKind::SpreadProperty(_) => None,
        };
        let (ObjectPropertyKind::ObjectProperty(property), Some("get" | "value")) =
            (of, key.as_deref())
        else {
            self.other_property(of, owner);
            return;
        };
        let getter = key.as_deref() == Some("get");
        self.descriptor_key(property);
        self.definition(index).kind = if getter {
            definition::GETTER
        } else {
            member_kind(value_form(&property.value))
        };
        let held = ExprContext {
            this: owner,
            ..ExprContext::held(index)
        };
        let value = match &property.value {
            Expression::FunctionExpression(function) if getter => {
                self.function(function, held, NONE, function::GETTER)
            }
            value => self.expression(value, held),
        };
        self.definition(index).value = value;
    }

    /// A key is a name, but defines nothing; the expression of a computed one is walked.
    fn descriptor_key(&mut self, of: &ObjectProperty<'a>) {
        if let Some(key) = self.key(&of.key, of.computed)
            && !of.computed
            && !of.shorthand
        {
            self.occurrence(key, role::KEY, NONE, None);
        }
    }

    /// A property of a descriptor that says nothing about what it describes.
    fn other_property(&mut self, of: &ObjectPropertyKind<'a>, owner: u32) {
        match of {
            ObjectPropertyKind::ObjectProperty(property) => {
                self.descriptor_key(property);
                let place = ExprContext {
                    this: owner,
                    ..ExprContext::PLAIN
                };
                self.expression(&property.value, place);
            }
            ObjectPropertyKind::SpreadProperty(spread) => {
                self.expression(&spread.argument, ExprContext::PLAIN);
            }
        }
    }

    /// The result of a getter; any other value as it is.
    fn getter_result(&mut self, value: u32, span: Span) -> u32 {
        let Some(row) = self
            .facts
            .nodes
            .get(value as usize)
            .filter(|row| row.kind == node::FUNCTION)
        else {
            return value;
        };
        let returns = self.list_items(self.facts.functions[row.a as usize].returns);
        self.choice(&returns, span)
    }

    /// `target.__defineGetter__('name', function () {})`.
    pub fn define_getter(&mut self, of: &CallExpression<'a>, call: u32, values: &[u32]) {
        let Expression::StaticMemberExpression(member) = &of.callee else {
            return;
        };
        let (Some(literal), Some(&getter)) = (string_argument(of, 0), values.get(1)) else {
            return;
        };
        let name = self.quoted(literal);
        let owner = self.facts.nodes[self.facts.nodes[call as usize].a as usize].a;
        let index = self.define_member(definition::GETTER, name, of.span, owner, flag::ASSIGNED);
        self.definition(index).value = getter;
        self.standings[index as usize].container = self.container(&member.object);
    }
}
