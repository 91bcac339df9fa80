//! Assignments and calls, with the forms of CommonJS among them.

use oxc_ast::ast::*;
use oxc_ast::match_member_expression;
use oxc_span::{GetSpan, Span};

use super::expressions::{ValueForm, computed_name, member_kind, value_form};
use super::modules::ExportRow;
use super::walker::{Name, Place, Walker};
use crate::facts::codes::{definition, export, flag, function, import, meta, node, role};
use crate::facts::{NONE, len32};

/// Compilers' helpers that give back the module they are given.
const PASSING_HELPERS: &[&str] = &[
    "__importDefault",
    "__importStar",
    "__toESM",
    "__toCommonJS",
    "_interopRequireDefault",
    "_interopRequireWildcard",
    "_interopDefault",
    "_interopDefaultLegacy",
    "_interopNamespace",
    "_interopNamespaceDefault",
];

impl<'a> Walker<'a, '_> {
    pub fn assignment(&mut self, of: &AssignmentExpression<'a>, place: Place) -> u32 {
        if !of.operator.is_assign() && !of.operator.is_logical() {
            if let Some(simple) = of.left.as_simple_assignment_target() {
                self.simple_target(simple, role::READ | role::WRITE);
            }
            self.expression(&of.right, Place::PLAIN);
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
                let base = self.expression(&member.object, Place::PLAIN);
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
                        self.expression(&member.object, Place::PLAIN);
                        self.expression(&member.expression, Place::PLAIN);
                        self.expression(&of.right, place)
                    }
                }
            }
            pattern @ (AssignmentTarget::ObjectAssignmentTarget(_)
            | AssignmentTarget::ArrayAssignmentTarget(_)) => {
                let value = self.expression(&of.right, Place::PLAIN);
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
        place: Place,
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
            Place {
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
        place: Place,
    ) -> u32 {
        if name.text == "exports" && self.is_global(object, "module") {
            return self.assign_module_exports(of, object, name, place);
        }
        let owner = self.expression(object, Place::PLAIN);
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
        let mut inner = Place {
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
        place: Place,
    ) -> u32 {
        self.meta |= meta::COMMONJS;
        self.expression(module, Place::PLAIN);
        let exports = self.node(node::MODULE_EXPORTS, NONE, NONE, of.left.span());
        let occurrence = self.occurrence(name, role::WRITE | role::MEMBER, exports, None);
        if let Expression::Identifier(id) = &of.right {
            self.export_symbol(id, flag::EXPORTED);
        }
        let form = value_form(&of.right);
        let mut inner = Place {
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

    /// Whether a member put on this owner says something about the owner's shape.
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
    fn container(&mut self, owner: &Expression<'a>) -> u32 {
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

    pub fn call(&mut self, of: &CallExpression<'a>, place: Place) -> u32 {
        if let Some(literal) = self.required(of) {
            self.meta |= meta::COMMONJS;
            self.expression(&of.callee, Place::role(role::CALL));
            let module = self.import(literal.value.as_str(), literal.span, import::REQUIRE, 0);
            return self.node(node::REQUIRE, module, NONE, of.span);
        }
        let callee_name = callee_name(&of.callee);
        match callee_name {
            Some("defineProperty")
                if self.is_object_method(&of.callee) && of.arguments.len() >= 3 =>
            {
                return self.define_property(of);
            }
            Some("defineProperties")
                if self.is_object_method(&of.callee) && of.arguments.len() == 2 =>
            {
                return self.define_properties(of);
            }
            _ => {}
        }
        let call = self.reserve(node::CALL, of.span);
        let callee = self.expression(
            &of.callee,
            Place {
                role: place.role & role::DECORATOR | role::CALL,
                ..Place::PLAIN
            },
        );
        self.type_arguments(of.type_arguments.as_deref());
        let arguments = self.arguments(&of.arguments, call);
        self.fill(call, callee, arguments);
        match callee_name {
            Some(name) => self.known_call(of, name, call, arguments),
            None => call,
        }
    }

    fn list_items(&self, list: u32) -> Vec<u32> {
        let start = list as usize;
        let length = self.facts.lists[start].item as usize;
        self.facts.lists[start + 1..=start + length]
            .iter()
            .map(|row| row.item)
            .collect()
    }

    /// What is special about calls of well-known names; gives the call's node.
    fn known_call(
        &mut self,
        of: &CallExpression<'a>,
        name: &str,
        call: u32,
        arguments: u32,
    ) -> u32 {
        let values = self.list_items(arguments);
        let first = values.first().copied().unwrap_or(NONE);
        let first_is_exports = self.node_kind(first) == Some(node::MODULE_EXPORTS);
        match name {
            "assign" if first_is_exports && self.is_object_method(&of.callee) => {
                for &value in values.iter().skip(1).filter(|&&value| value != NONE) {
                    self.export(ExportRow {
                        value,
                        flags: export::COMMONJS,
                        ..ExportRow::new("+")
                    });
                }
            }
            "__exportStar" | "__reExport" => {
                let module = if name == "__reExport" {
                    values.get(1).copied().unwrap_or(NONE)
                } else {
                    first
                };
                self.export(ExportRow {
                    value: module,
                    flags: export::COMMONJS,
                    ..ExportRow::new("+")
                });
            }
            "__export" if self.node_kind(first) == Some(node::REQUIRE) => {
                self.export(ExportRow {
                    value: first,
                    flags: export::COMMONJS,
                    ..ExportRow::new("+")
                });
            }
            "__export" => self.bundled_exports(&values),
            "__createBinding" if first_is_exports => self.create_binding(of, &values),
            "resolve" if self.is_require_member(&of.callee) => {
                if let Some(literal) = string_argument(of, 0) {
                    self.import(
                        literal.value.as_str(),
                        literal.span,
                        import::REQUIRE_RESOLVE,
                        0,
                    );
                }
            }
            "mock"
            | "unmock"
            | "doMock"
            | "doUnmock"
            | "dontMock"
            | "setMock"
            | "requireActual"
            | "requireMock"
            | "importActual"
            | "importMock"
            | "createMockFromModule"
                if is_mocker(&of.callee) =>
            {
                return self.mock(of, name, call);
            }
            "__defineGetter__" => self.define_getter(of, call, &values),
            _ if PASSING_HELPERS.contains(&name) && first != NONE => return first,
            _ => {}
        }
        call
    }

    /// The specifier of a call of the real `require`.
    fn required<'c>(&self, of: &'c CallExpression<'a>) -> Option<&'c StringLiteral<'a>> {
        let is_require = match &of.callee {
            Expression::Identifier(id) => self.is_require(id),
            Expression::StaticMemberExpression(member) => {
                member.property.name == "require" && self.is_global(&member.object, "module")
            }
            _ => false,
        };
        if is_require {
            string_argument(of, 0)
        } else {
            None
        }
    }

    fn is_require(&self, id: &IdentifierReference<'a>) -> bool {
        match self.symbol_of(id) {
            Some(symbol) => self.require_symbols.contains(&symbol),
            None => id.name == "require",
        }
    }

    fn is_require_member(&self, callee: &Expression<'a>) -> bool {
        matches!(callee, Expression::StaticMemberExpression(member)
            if matches!(&member.object, Expression::Identifier(id) if self.is_require(id)))
    }

    fn is_object_method(&self, callee: &Expression<'a>) -> bool {
        matches!(callee, Expression::StaticMemberExpression(member)
            if self.is_global(&member.object, "Object") || self.is_global(&member.object, "Reflect"))
    }

    /// `Object.defineProperty(owner, 'name', descriptor)`.
    fn define_property(&mut self, of: &CallExpression<'a>) -> u32 {
        let call = self.reserve(node::CALL, of.span);
        let callee = self.expression(&of.callee, Place::role(role::CALL));
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
        } else {
            let index = self.described(descriptor, owner, name, of.span);
            self.standings[index as usize].container = self.container(object);
        }
        let list = self.list(&[owner, NONE, NONE]);
        self.fill(call, callee, list);
        call
    }

    /// `Object.defineProperties(owner, { name: descriptor })`.
    fn define_properties(&mut self, of: &CallExpression<'a>) -> u32 {
        let call = self.reserve(node::CALL, of.span);
        let callee = self.expression(&of.callee, Place::role(role::CALL));
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
                    let name = self.key(&property.key, property.computed);
                    match (name, &property.value) {
                        (Some(name), Expression::ObjectExpression(descriptor)) => {
                            self.described(descriptor, owner, name, property.span);
                        }
                        (_, value) => {
                            self.expression(value, Place::PLAIN);
                        }
                    }
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    self.expression(&spread.argument, Place::PLAIN);
                }
            }
        }
        let list = self.list(&[owner, NONE]);
        self.fill(call, callee, list);
        call
    }

    /// A member made by a property descriptor, and its export where the owner is the exports object.
    fn described(
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
            let ObjectPropertyKind::ObjectProperty(property) = property else {
                continue;
            };
            let key = self
                .key(&property.key, property.computed)
                .map_or("", |key| key.text);
            let form = value_form(&property.value);
            if key == "get" || key == "value" {
                let kind = if key == "get" {
                    definition::GETTER
                } else {
                    member_kind(form)
                };
                self.definition(index).kind = kind;
                let held = Place {
                    this: owner,
                    ..Place::held(index)
                };
                let value = match &property.value {
                    Expression::FunctionExpression(getter) if key == "get" => {
                        self.function(getter, held, NONE, function::GETTER)
                    }
                    value => self.expression(value, held),
                };
                self.definition(index).value = value;
            } else {
                self.expression(
                    &property.value,
                    Place {
                        this: owner,
                        ..Place::PLAIN
                    },
                );
            }
        }
        if exports {
            let value = self.got(self.facts.definitions[index as usize].value, span);
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

    /// What a getter gives back; any other value as it is.
    fn got(&mut self, value: u32, span: Span) -> u32 {
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
    fn define_getter(&mut self, of: &CallExpression<'a>, call: u32, values: &[u32]) {
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

    /// A bundler's `__export(target, { name: () => value })`.
    fn bundled_exports(&mut self, values: &[u32]) {
        let [owner, object, ..] = *values else { return };
        if self.node_kind(object) != Some(node::OBJECT) {
            return;
        }
        for row in self
            .facts
            .definitions
            .iter_mut()
            .filter(|row| row.owner == object)
        {
            row.owner = owner;
            row.kind = definition::GETTER;
            row.flags |= flag::ASSIGNED;
        }
    }

    /// TypeScript's `__createBinding(exports, module, 'name', 'exported name')`.
    fn create_binding(&mut self, of: &CallExpression<'a>, values: &[u32]) {
        let Some(literal) = string_argument(of, 2) else {
            return;
        };
        let imported = self.quoted(literal);
        let base = values.get(1).copied().unwrap_or(NONE);
        let value = self.member(base, imported, role::READ | role::ELEMENT, literal.span);
        let mut occurrence = len32(self.facts.occurrences.len() - 1);
        let mut exported = imported;
        if let Some(literal) = string_argument(of, 3) {
            exported = self.quoted(literal);
            occurrence = self.occurrence(exported, role::EXPORT | role::DECLARES, NONE, None);
        }
        self.export(ExportRow {
            value,
            occurrence,
            flags: export::COMMONJS,
            ..ExportRow::new(exported.text)
        });
    }

    fn mock(&mut self, of: &CallExpression<'a>, name: &str, call: u32) -> u32 {
        let literal = match of.arguments.first().and_then(Argument::as_expression) {
            Some(Expression::ImportExpression(_)) | None => return call,
            Some(Expression::StringLiteral(literal)) => literal,
            Some(_) => return call,
        };
        let module = self.import(literal.value.as_str(), literal.span, import::MOCK, 0);
        match name {
            "requireActual" | "requireMock" => self.node(node::REQUIRE, module, NONE, of.span),
            "importActual" | "importMock" => self.node(node::DYNAMIC_IMPORT, module, NONE, of.span),
            _ => call,
        }
    }
}

/// The last name of a callee: `f` in `f()` and in `a.f()`.
fn callee_name<'a>(callee: &Expression<'a>) -> Option<&'a str> {
    match callee {
        Expression::Identifier(id) => Some(id.name.as_str()),
        Expression::StaticMemberExpression(member) => Some(member.property.name.as_str()),
        Expression::SequenceExpression(sequence) => callee_name(sequence.expressions.last()?),
        match_member_expression!(Expression) => None,
        _ => None,
    }
}

fn string_argument<'c, 'a>(
    of: &'c CallExpression<'a>,
    position: usize,
) -> Option<&'c StringLiteral<'a>> {
    match of.arguments.get(position)?.as_expression()? {
        Expression::StringLiteral(literal) => Some(literal),
        _ => None,
    }
}

/// `vi`, `vitest` or `jest`, as the test runners call themselves.
fn is_mocker(callee: &Expression) -> bool {
    matches!(callee, Expression::StaticMemberExpression(member)
        if matches!(&member.object, Expression::Identifier(id) if matches!(id.name.as_str(), "vi" | "vitest" | "jest")))
}
