//! Calls, with those among them whose names are known: `require`, helpers of compilers and bundlers, mocks.

use oxc_ast::ast::*;
use oxc_ast::match_member_expression;

use super::context::ExprContext;
use super::exports::ExportRow;
use super::walker::Walker;
use crate::facts::codes::{definition, export, flag, import, meta, node, role};
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
    pub fn call(&mut self, of: &CallExpression<'a>, place: ExprContext) -> u32 {
        if let Some(literal) = self.required(of) {
            self.meta |= meta::COMMONJS;
            self.expression(&of.callee, ExprContext::role(role::CALL));
            let module = self.import(literal.value.as_str(), literal.span, import::REQUIRE, 0);
            for rest in of.arguments.iter().skip(1) {
                self.argument(rest, NONE, 0);
            }
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
            ExprContext {
                role: place.role & role::DECORATOR | role::CALL,
                ..ExprContext::PLAIN
            },
        );
        let types = self.type_arguments(of.type_arguments.as_deref());
        let arguments = self.arguments(&of.arguments, call);
        self.fill(call, callee, arguments);
        self.given_types(call, types, of.span);
        match callee_name {
            Some("defineProps") => self.declared_props(of, call, types, arguments),
            Some(name @ ("memo" | "forwardRef")) if types != NONE => {
                self.annotate_props(name, types, arguments);
                self.known_call(of, name, call, arguments)
            }
            Some(name) => self.known_call(of, name, call, arguments),
            None if is_replacing(&of.callee) => self.replaced(of, call),
            None => call,
        }
    }

    pub fn list_items(&self, list: u32) -> Vec<u32> {
        let start = list as usize;
        let length = self.facts.lists[start].item as usize;
        self.facts.lists[start + 1..=start + length]
            .iter()
            .map(|row| row.item)
            .collect()
    }

    /// Handle calls of well-known names; gives the call's node.
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
            "withDefaults" if self.props.contains(&first) => return first,
            "memo" | "forwardRef" if first != NONE => {
                return self.node(node::WRAPPED, first, call, of.span);
            }
            "lazy" => {
                let import = self.only_return(first);
                if self.node_kind(import) == Some(node::DYNAMIC_IMPORT) {
                    return self.node(node::LAZY, import, call, of.span);
                }
            }
            "__defineGetter__" => self.define_getter(of, call, &values),
            _ if is_replacing(&of.callee) => return self.replaced(of, call),
            _ if PASSING_HELPERS.contains(&name) && first != NONE => return first,
            _ => {}
        }
        call
    }

    /// The props of Vue's component: `defineProps<Props>()`, `defineProps({ … })`.
    fn declared_props(
        &mut self,
        of: &CallExpression<'a>,
        call: u32,
        types: u32,
        arguments: u32,
    ) -> u32 {
        let declared = if types == NONE {
            self.list_items(arguments).first().copied()
        } else {
            let first = self.list_items(types).first().copied();
            first.map(|to| self.node(node::CAST, call, to, of.span))
        };
        let declared = declared.filter(|&node| node != NONE);
        self.props.extend(declared);
        match declared {
            Some(value) if types != NONE => value,
            _ => call,
        }
    }

    /// `forwardRef<Node, Props>((props, ref) => …)`, `memo<Props>((props) => …)`: the type of the props is that of the parameter.
    fn annotate_props(&mut self, name: &str, types: u32, arguments: u32) {
        let position = usize::from(name == "forwardRef");
        let to = self.list_items(types).get(position).copied();
        let component = self.list_items(arguments).first().copied().unwrap_or(NONE);
        let (Some(to), Some(node::FUNCTION)) = (to, self.node_kind(component)) else {
            return;
        };
        let function = self.facts.nodes[component as usize].a as usize;
        let parameters = self.list_items(self.facts.functions[function].params);
        if let Some(&first) = parameters.first().filter(|&&first| first != NONE) {
            let row = self.definition(first);
            if row.annotation == NONE {
                row.annotation = to;
            }
        }
    }

    /// The value that a function gives, where it has one `return`.
    fn only_return(&self, function: u32) -> u32 {
        match self.facts.nodes.get(function as usize) {
            Some(row) if row.kind == node::FUNCTION => {
                let returns = self.facts.functions[row.a as usize].returns;
                match self.list_items(returns)[..] {
                    [only] => only,
                    _ => NONE,
                }
            }
            _ => NONE,
        }
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

    /// `proxyquire('./x', { … })` gives the module.
    fn replaced(&mut self, of: &CallExpression<'a>, call: u32) -> u32 {
        let Some(literal) = string_argument(of, 0) else {
            return call;
        };
        let module = self.import(literal.value.as_str(), literal.span, import::MOCK, 0);
        self.node(node::REQUIRE, module, NONE, of.span)
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

/// Loaders of a module with parts of it replaced.
const REPLACING: &[&str] = &["proxyquire", "rewire", "esmock"];

/// True when a call is one of `proxyquire`, also by way of `proxyquire.noCallThru()` and `proxyquire.load`.
fn is_replacing(callee: &Expression) -> bool {
    match callee {
        Expression::Identifier(id) => REPLACING.contains(&id.name.as_str()),
        Expression::StaticMemberExpression(member) => is_replacing(&member.object),
        Expression::CallExpression(call) => is_replacing(&call.callee),
        _ => false,
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

pub fn string_argument<'c, 'a>(
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
