//! Assignments to names and members, with the forms of CommonJS among them.

use oxc_ast::ast::*;
use oxc_span::GetSpan;

use super::context::{ExprContext, Name};
use super::exports::ExportRow;
use super::expressions::{ValueForm, computed_name, member_kind, value_form};
use super::walker::Walker;
use crate::facts::NONE;
use crate::facts::codes::{definition, export, flag, meta, node, role};

impl<'a> Walker<'a, '_> {
    pub fn assignment(&mut self, of: &AssignmentExpression<'a>, place: ExprContext) -> u32 {
        if !of.operator.is_assign() && !of.operator.is_logical() {
            if let Some(simple) = of.left.as_simple_assignment_target() {
                self.simple_target(simple, role::READ | role::WRITE);
            }
            self.expression(&of.right, ExprContext::PLAIN);
            return NONE;
        }
        let read = if of.operator.is_logical() {
            role::READ
        } else {
            0
        };
        match &of.left {
            AssignmentTarget::AssignmentTargetIdentifier(id) => {
                self.assign_name(of, id, read, place)
            }
            AssignmentTarget::StaticMemberExpression(member) => {
                let name = Name::new(member.property.name.as_str(), member.property.span);
                self.assign_member(of, &member.object, name, read, place)
            }
            AssignmentTarget::PrivateFieldExpression(member) => {
                // A private name is declared by its class, never by an assignment.
                let base = self.expression(&member.object, ExprContext::PLAIN);
                let name = Name::new(self.slice(member.field.span), member.field.span);
                self.member(base, name, read | role::WRITE, member.span);
                self.expression(&of.right, place)
            }
            AssignmentTarget::ComputedMemberExpression(member) => {
                match computed_name(&member.expression) {
                    Some(name) => {
                        self.assign_member(of, &member.object, name, read | role::ELEMENT, place)
                    }
                    None => {
                        self.expression(&member.object, ExprContext::PLAIN);
                        self.expression(&member.expression, ExprContext::PLAIN);
                        self.expression(&of.right, place)
                    }
                }
            }
            pattern @ (AssignmentTarget::ObjectAssignmentTarget(_)
            | AssignmentTarget::ArrayAssignmentTarget(_)) => {
                let value = self.expression(&of.right, ExprContext::PLAIN);
                self.assignment_target(pattern, value);
                value
            }
            target => {
                if let Some(simple) = target.as_simple_assignment_target() {
                    self.simple_target(simple, read | role::WRITE);
                }
                self.expression(&of.right, place)
            }
        }
    }

    fn assign_name(
        &mut self,
        of: &AssignmentExpression<'a>,
        id: &IdentifierReference<'a>,
        read: u32,
        place: ExprContext,
    ) -> u32 {
        self.reference(id, read | role::WRITE);
        let Some(symbol) = self.symbol_of(id) else {
            return self.expression(&of.right, place);
        };
        let first = self.symbols[symbol.index()];
        let adopts =
            place.holder == NONE && first != NONE && value_form(&of.right) != ValueForm::Other && {
                let row = self.definition(first);
                row.value == NONE && matches!(row.kind, definition::VARIABLE | definition::CONSTANT)
            };
        let place = if adopts {
            ExprContext {
                holder: first,
                ..place
            }
        } else {
            place
        };
        let value = self.expression(&of.right, place);
        self.assign(symbol, value);
        value
    }

    fn assign_member(
        &mut self,
        of: &AssignmentExpression<'a>,
        object: &Expression<'a>,
        name: Name<'a>,
        role: u32,
        place: ExprContext,
    ) -> u32 {
        if name.text == "exports" && self.is_global(object, "module") {
            return self.assign_module_exports(of, object, name, place);
        }
        let owner = self.expression(object, ExprContext::PLAIN);
        let form = value_form(&of.right);
        let owner_kind = self.node_kind(owner);
        let exports = owner_kind == Some(node::MODULE_EXPORTS);
        if exports && name.text == "__esModule" {
            self.meta |= meta::ES_MODULE_MARK;
        }
        let mut flags = flag::ASSIGNED;
        let whole_prototype = name.text == "prototype" && owner != NONE;
        if owner_kind == Some(node::PROTOTYPE) || whole_prototype {
            flags |= flag::PROTOTYPE;
        }
        if exports {
            flags |= flag::EXPORTED;
        }
        let index = self.define(member_kind(form), name, of.span, flags);
        self.definition(index).owner = owner;
        self.standings[index as usize].searchable =
            !whole_prototype && (form != ValueForm::Other || self.is_telling_owner(object));
        self.standings[index as usize].container = self.container(object);
        let this = self.reserve(node::MEMBER, of.left.span());
        let occurrence = self.occurrence(
            name,
            role | role::WRITE | role::MEMBER | role::DECLARES,
            this,
            None,
        );
        self.fill(this, owner, occurrence);
        self.describe(index);
        let row = exports.then(|| {
            self.export(ExportRow {
                definition: index,
                occurrence,
                flags: export::COMMONJS,
                ..ExportRow::new(name.text)
            })
        });
        if exports && let Expression::Identifier(id) = &of.right {
            self.export_symbol(id, flag::EXPORTED);
        }
        let holder = if place.holder == NONE && form != ValueForm::Other {
            index
        } else {
            place.holder
        };
        let mut inner = ExprContext {
            holder,
            this: owner,
            ..place
        };
        if whole_prototype {
            inner.owner = self.node(node::PROTOTYPE, owner, NONE, of.left.span());
            inner.this = inner.owner;
            inner.member_flags = flag::PROTOTYPE;
        }
        let value = self.expression(&of.right, inner);
        self.definition(index).value = value;
        if let Some(row) = row {
            self.facts.exports[row].value = value;
        }
        value
    }

    fn assign_module_exports(
        &mut self,
        of: &AssignmentExpression<'a>,
        module: &Expression<'a>,
        name: Name<'a>,
        place: ExprContext,
    ) -> u32 {
        self.meta |= meta::COMMONJS;
        self.expression(module, ExprContext::PLAIN);
        let exports = self.node(node::MODULE_EXPORTS, NONE, NONE, of.left.span());
        let occurrence = self.occurrence(name, role::WRITE | role::MEMBER, exports, None);
        if let Expression::Identifier(id) = &of.right {
            self.export_symbol(id, flag::EXPORTED);
        }
        let form = value_form(&of.right);
        let mut inner = ExprContext {
            member_flags: flag::EXPORTED,
            this: exports,
            ..place
        };
        let mut definition = NONE;
        if place.holder == NONE && matches!(form, ValueForm::Function | ValueForm::Class) {
            definition = self.unnamed_exports(form, of, name);
            inner.holder = definition;
        }
        let value = self.expression(&of.right, inner);
        if definition != NONE {
            self.definition(definition).value = value;
        }
        if place.holder != NONE {
            definition = place.holder;
            self.definition(definition).flags |= flag::EXPORTED;
        }
        self.export(ExportRow {
            definition,
            value,
            occurrence,
            flags: export::COMMONJS,
            ..ExportRow::new("=")
        });
        value
    }

    /// `module.exports = function name() {}`: the definition is called by the inner name, else `exports`.
    fn unnamed_exports(
        &mut self,
        form: ValueForm,
        of: &AssignmentExpression<'a>,
        name: Name<'a>,
    ) -> u32 {
        let own = match &of.right {
            Expression::FunctionExpression(function) => function.id.as_ref(),
            Expression::ClassExpression(class) => class.id.as_ref(),
            _ => None,
        };
        let kind = if form == ValueForm::Class {
            definition::CLASS
        } else {
            definition::FUNCTION
        };
        let named = own.map_or(name, |id| Name::new(id.name.as_str(), id.span));
        let index = self.define(kind, named, of.span, flag::EXPORTED | flag::ASSIGNED);
        let exports = self.node(node::MODULE_EXPORTS, NONE, NONE, of.left.span());
        self.definition(index).owner = exports;
        self.standings[index as usize].searchable = own.is_some();
        index
    }

    /// True when a member put on this owner says something about the owner's shape.
    fn is_telling_owner(&self, owner: &Expression<'a>) -> bool {
        match owner {
            Expression::ThisExpression(_) => true,
            Expression::Identifier(id) => match self.symbol_of(id) {
                Some(symbol) => {
                    let first = self.symbols[symbol.index()];
                    first != NONE && self.facts.definitions[first as usize].flags & flag::LOCAL == 0
                }
                None => id.name == "exports",
            },
            Expression::StaticMemberExpression(member) => {
                member.property.name == "prototype" || self.is_global(&member.object, "module")
            }
            _ => false,
        }
    }

    /// The name under which an owner's members are listed.
    pub fn container(&mut self, owner: &Expression<'a>) -> u32 {
        match owner {
            Expression::Identifier(id) if id.name == "exports" && self.symbol_of(id).is_none() => {
                NONE
            }
            Expression::Identifier(id) => self.string(id.name.as_str()),
            Expression::StaticMemberExpression(member) if member.property.name == "prototype" => {
                self.container(&member.object)
            }
            Expression::StaticMemberExpression(member)
                if self.is_global(&member.object, "module") =>
            {
                NONE
            }
            Expression::StaticMemberExpression(member) => {
                self.string(member.property.name.as_str())
            }
            Expression::ThisExpression(_) => self.this_container(),
            _ => NONE,
        }
    }

    /// The class or constructor that `this` belongs to.
    fn this_container(&self) -> u32 {
        let parent = self.frame.parent;
        if parent == NONE {
            return NONE;
        }
        match self.facts.definitions[parent as usize].kind {
            definition::METHOD
            | definition::CONSTRUCTOR
            | definition::GETTER
            | definition::SETTER => self.standings[parent as usize].container,
            _ => self.facts.definitions[parent as usize].name,
        }
    }
}
