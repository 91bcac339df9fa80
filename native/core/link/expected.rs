//! Type expected of a value by its position: the type of a parameter that has no annotation of its own.

use super::Linker;
use super::solve::{Key, Standing};
use super::values::{EnvId, Head, SetId, Value};
use crate::facts::codes::{definition, flag, function, role};
use crate::facts::{Def, DefinitionId, FileId, FunctionId, Node, NodeId, Unit};

/// Methods of containers whose callback takes an element first.
const CALLBACK_ELEMENT: &[&str] = &[
    "forEach",
    "map",
    "filter",
    "some",
    "every",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
];
/// Methods of arrays that hand their callback what it gave for the elements before.
pub(super) const FOLDING: &[&str] = &["reduce", "reduceRight"];
/// Methods with which a container takes in what it is handed.
const TAKING_IN: &[&str] = &["push", "unshift", "add", "set"];
/// Methods of arrays whose callback compares two elements.
const COMPARING: &[&str] = &["sort", "toSorted"];
/// Functions of packages whose first argument is of the type that is given for their type parameter.
const TAKING_GIVEN: &[&str] = &["assertType", "createContext", "useRef", "useState"];

impl Linker {
    /// A parameter without annotation: from the type expected where its function stands.
    pub(super) fn parameter_rule(
        &self,
        file: FileId,
        function: FunctionId,
        position: u32,
    ) -> SetId {
        let unit = self.unit(file);
        if let Some(annotation) = unit
            .parameter(function, position)
            .and_then(|id| unit.annotation(id))
        {
            return self.typed(file, Some(annotation));
        }
        if let Some((call, argument)) = unit.context_call(function) {
            return self.callback_parameter(file, call, argument, position);
        }
        let Some(node) = unit.function_node(function) else {
            return SetId::OPEN;
        };
        if position == 0
            && let Some(id) = self.definition_with_value(file, node)
            && let Some(props) = self.props_of_type(Def { file, id })
        {
            return props;
        }
        self.each(self.values(Key::Contextual(file, node)), |value| {
            self.parameter_type(value, position, None)
        })
    }

    fn callback_parameter(
        &self,
        file: FileId,
        call: NodeId,
        argument: u32,
        position: u32,
    ) -> SetId {
        let unit = self.unit(file);
        let callee = match unit.node(call) {
            Node::Call { callee, .. } | Node::New { callee, .. } => callee,
            _ => None,
        };
        if let Some(known) = self.platform_callback(file, call, callee, argument, position) {
            return known;
        }
        let expected = || {
            self.argument_type(file, call, argument, |expected| {
                self.parameter_type(expected, position, None)
            })
        };
        if let Some(Node::Member { base, name }) = callee.map(|callee| unit.node(callee))
            && !TAKING_IN.contains(&unit.property(name))
        {
            let name = unit.property(name);
            let is_container = |value: &Value| {
                matches!(value.head, Head::Array(..) | Head::Generic(..))
                    || (argument == 0 && self.is_awaited(value.head, name))
            };
            let (containers, standing) = self.watched(|| {
                let receivers = self.set(self.expanded(self.evaluate(file, base)));
                let found = receivers.values.iter().copied().filter(is_container);
                found.collect::<Vec<_>>()
            });
            let known: Vec<SetId> = containers
                .into_iter()
                .map(|container| {
                    if position == 0 && FOLDING.contains(&name) {
                        self.folded(container, file, call)
                    } else {
                        self.container_parameter(container, name, position)
                    }
                })
                .collect();
            let (is_container, known) = (!known.is_empty(), self.union(known));
            return match standing {
                Standing::Pending => SetId::BOTTOM,
                Standing::Settled if is_container => known,
                Standing::Settled => expected(),
                Standing::Circular => self.join(known, expected()),
            };
        }
        expected()
    }

    fn container_parameter(&self, container: Value, name: &str, position: u32) -> SetId {
        let takes_element = match position {
            0 => CALLBACK_ELEMENT.contains(&name) || COMPARING.contains(&name),
            1 => FOLDING.contains(&name) || COMPARING.contains(&name),
            _ => false,
        };
        if takes_element {
            return self.elements_of(container, None);
        }
        let takes_whole = (position == 2 && CALLBACK_ELEMENT.contains(&name))
            || (position == 3 && FOLDING.contains(&name));
        if takes_whole {
            return self.lattice.borrow_mut().of([container], false);
        }
        if name == "then" && position == 0 {
            let promise = self.lattice.borrow_mut().of([container], false);
            return self.awaited(promise);
        }
        SetId::OPEN
    }

    /// A parameter of a callback that a function of the platform, or of a test runner, takes: `Array.from(xs, f)`, `vi.fn<F>(f)`.
    fn platform_callback(
        &self,
        file: FileId,
        call: NodeId,
        callee: Option<NodeId>,
        argument: u32,
        position: u32,
    ) -> Option<SetId> {
        let unit = self.unit(file);
        let Node::Member { base, name } = unit.node(callee?) else {
            return None;
        };
        let Node::Ident(holder) = unit.node(base?) else {
            return None;
        };
        match (unit.property(holder), unit.property(name)) {
            ("Array", "from") if argument == 1 && position == 0 => {
                let Node::Call { arguments, .. } = unit.node(call) else {
                    return None;
                };
                let from = unit.nodes(arguments).next().flatten();
                Some(self.elements(self.evaluate(file, from), None))
            }
            ("jest" | "vi", "fn") if argument == 0 => match self.given_types(file, call)[..] {
                [function] => {
                    Some(self.each(function, |value| self.parameter_type(value, position, None)))
                }
                [_, parameters] => Some(self.elements(parameters, Some(position))),
                _ => None,
            },
            _ => None,
        }
    }

    /// Type that a call, or `new`, expects as one of its arguments, and what `of` makes of each.
    fn argument_type(
        &self,
        file: FileId,
        call: NodeId,
        position: u32,
        of: impl Fn(Value) -> SetId,
    ) -> SetId {
        let unit = self.unit(file);
        let (callee, is_new) = match unit.node(call) {
            Node::Call { callee, .. } => (callee, false),
            Node::New { callee, .. } => (callee, true),
            _ => return SetId::OPEN,
        };
        let (held, standing) = self.watched(|| self.put_into_container(file, callee, position));
        match (standing, held) {
            (Standing::Pending, _) => return SetId::BOTTOM,
            (_, Some(held)) => return self.each(held, of),
            (_, None) => {}
        }
        let expected = self.each(self.evaluate(file, callee), |value| match value.head {
            Head::Function(..) => self.parameter_type(value, position, Some((file, call))),
            Head::Class(file, class) if is_new => {
                let constructor = self.name_id("constructor");
                let (makers, standing) = self
                    .watched(|| self.member_definitions(Head::Instance(file, class), constructor));
                let makers: Vec<SetId> = makers
                    .iter()
                    .map(|maker| {
                        let functions =
                            self.evaluate(maker.file, self.unit(maker.file).value(maker.id));
                        self.each(self.substitute(functions, value.env), |function| {
                            self.parameter_type(function, position, Some((file, call)))
                        })
                    })
                    .collect();
                if makers.is_empty() {
                    return SetId::OPEN;
                }
                self.open_unless_settled(self.union(makers), standing)
            }
            Head::Instance(..) | Head::Object(..) if is_new => {
                let (makers, standing) = self.watched(|| self.signatures(value, "new()"));
                if makers == SetId::BOTTOM {
                    return SetId::OPEN;
                }
                let types = self.each(makers, |maker| {
                    self.parameter_type(maker, position, Some((file, call)))
                });
                self.open_unless_settled(types, standing)
            }
            Head::Instance(..) | Head::Object(..) => {
                self.parameter_type(value, position, Some((file, call)))
            }
            Head::External if position == 0 => self.taken_by_package(file, call, callee),
            _ => SetId::OPEN,
        });
        self.each(expected, of)
    }

    /// What a container takes in with a method, which is what it holds: `list.push({ … })`, `map.set(key, { … })`.
    fn put_into_container(
        &self,
        file: FileId,
        callee: Option<NodeId>,
        position: u32,
    ) -> Option<SetId> {
        let unit = self.unit(file);
        let Node::Member { base, name } = unit.node(callee?) else {
            return None;
        };
        let name = Some(unit.property(name)).filter(|name| TAKING_IN.contains(name))?;
        let place = (name == "set").then_some(position);
        let receivers = self.set(self.expanded(self.evaluate(file, base)));
        let is_container =
            |value: &&Value| matches!(value.head, Head::Array(..) | Head::Generic(..));
        let containers = receivers.values.iter().filter(is_container);
        let held: Vec<SetId> = containers
            .map(|&container| self.elements_of(container, place))
            .collect();
        (!held.is_empty()).then(|| self.union(held))
    }

    /// Type that a function expects as a parameter; of an overloaded one what the overloads do that the call fits.
    pub(super) fn parameter_type(
        &self,
        value: Value,
        position: u32,
        call: Option<(FileId, NodeId)>,
    ) -> SetId {
        let Head::Function(file, function) = value.head else {
            let (signatures, standing) = self.watched(|| self.signatures(value, "()"));
            if signatures == SetId::BOTTOM {
                return SetId::OPEN;
            }
            let types = self.each(signatures, |signature| {
                self.parameter_type(signature, position, call)
            });
            return self.open_unless_settled(types, standing);
        };
        let overloads = self.fitting(file, function, call);
        let types: Vec<SetId> = (overloads.iter())
            .filter_map(|&id| self.taken_by(file, id, position, value.env))
            .collect();
        if types.is_empty() {
            return SetId::OPEN;
        }
        let types = self.union(types);
        let Some((at, call)) = call else { return types };
        let given = self.given_types(at, call);
        if given.is_empty() {
            let (expected, standing) = self.watched(|| {
                let fitted = overloads.iter();
                let bound = fitted.flat_map(|&id| self.expected_of(file, id, at, call));
                bound.collect::<Vec<(Def, SetId)>>()
            });
            let bound = self.lattice.borrow_mut().env(expected);
            let bound = self.substitute(types, bound);
            return match standing {
                Standing::Settled => bound,
                Standing::Circular | Standing::Pending => self.join(types, bound),
            };
        }
        let bound = overloads
            .iter()
            .flat_map(|&id| self.given_to(file, id, &given));
        let bound: Vec<(Def, SetId)> = bound.collect();
        let bound = self.lattice.borrow_mut().env(bound);
        self.substitute(types, bound)
    }

    /// The type of the parameter that takes an argument, with arguments in place of type parameters: of a rest parameter one of its
    /// elements.
    pub(super) fn taken_by(
        &self,
        file: FileId,
        function: FunctionId,
        position: u32,
        env: EnvId,
    ) -> Option<SetId> {
        let unit = self.unit(file);
        let last = unit.parameters(function).enumerate().last();
        if let Some((at, Some(rest))) = last
            && unit.has(rest, flag::REST)
            && let Some(place) = position.checked_sub(crate::facts::len32(at))
        {
            let all = self.typed_with(file, Some(unit.annotation(rest)?), env);
            return Some(self.elements(all, Some(place)));
        }
        let annotation = unit.annotation(unit.parameter(function, position)?)?;
        Some(self.typed_with(file, Some(annotation), env))
    }

    /// What a function of a package takes first, of those that take a value of the type that is given: `assertType<Order>({ … })`.
    fn taken_by_package(&self, file: FileId, call: NodeId, callee: Option<NodeId>) -> SetId {
        let unit = self.unit(file);
        let name = match callee.map(|callee| unit.node(callee)) {
            Some(Node::Ident(name) | Node::Member { name, .. }) => unit.property(name),
            _ => return SetId::OPEN,
        };
        match self.given_types(file, call)[..] {
            [given, ..] if TAKING_GIVEN.contains(&name) => given,
            _ => SetId::OPEN,
        }
    }

    /// The type that is expected of an expression: of the variable or property that it initialises, of the parameter it is passed as,
    /// of what it is cast to, returned from, or an element of.
    pub(super) fn contextual_rule(&self, file: FileId, node: NodeId) -> SetId {
        let unit = self.unit(file);
        let Some(id) = self.definition_with_value(file, node) else {
            return match unit.argument_place(node) {
                Some((call, position)) => self.argument_type(file, call, position, |value| {
                    self.lattice.borrow_mut().of([value], false)
                }),
                None => self.expected_inside(file, node),
            };
        };
        if let Some(annotation) = unit.annotation(id) {
            return self.typed(file, Some(annotation));
        }
        match unit.owner(id) {
            Some(owner) if matches!(unit.node(owner), Node::Object(_)) => {
                let expected = self.values(Key::Contextual(file, owner));
                self.held_under(self.fitting_of(file, owner, expected), unit.name(id))
            }
            Some(owner) if unit.has(id, flag::ASSIGNED) && unit.is_typescript() => {
                self.declared_under(file, owner, unit.name(id))
            }
            None if self.flows() && matches!(unit.node(node), Node::Object(_)) => {
                self.expected_of_name(file, id)
            }
            _ => SetId::OPEN,
        }
    }

    /// Type expected of a property of a literal: what its type declares by that name, else by an index signature.
    fn held_under(&self, expected: SetId, name: &str) -> SetId {
        self.each(expected, |value| {
            let is_declared = || {
                let found = self.member_definitions(value.head, self.name_id(name));
                !found.is_empty()
            };
            match self.watched(is_declared) {
                (false, Standing::Settled) => {
                    self.or_else(|| self.property(value, "[]"), || self.property(value, name))
                }
                _ => self.property(value, name),
            }
        })
    }

    /// What is expected of a value that is assigned to `x.name`: what x declares by that name.
    fn declared_under(&self, file: FileId, owner: NodeId, name: &str) -> SetId {
        if let Some(declared) = self.declared_of_window(file, owner, name) {
            return declared;
        }
        let name = self.name_id(name);
        self.each(self.evaluate(file, Some(owner)), |value| {
            let members = self.member_definitions(value.head, name);
            let declared = members.iter().filter_map(|def| {
                let unit = self.unit(def.file);
                match unit.annotation(def.id) {
                    Some(annotation) => Some(self.typed(def.file, Some(annotation))),
                    None if unit.kind(def.id) == definition::METHOD => {
                        Some(self.evaluate(def.file, unit.value(def.id)))
                    }
                    None => None,
                }
            });
            let declared: Vec<SetId> = declared.collect();
            if declared.is_empty() {
                return SetId::OPEN;
            }
            self.substitute(self.union(declared), value.env)
        })
    }

    /// Type expected of a literal where the constant that holds it is handed on: `const builder = {…}; build(builder)`.
    fn expected_of_name(&self, file: FileId, id: DefinitionId) -> SetId {
        let unit = self.unit(file);
        if unit.kind(id) != definition::CONSTANT || !unit.is_typescript() {
            return SetId::OPEN;
        }
        let read = unit
            .occurrences_of(unit.symbol(id))
            .filter(|&one| unit.role(one) & role::READ != 0);
        let nodes = read.filter_map(|one| unit.node_of(one));
        let expected: Vec<SetId> = nodes
            .map(|node| self.values(Key::Contextual(file, node)))
            .collect();
        self.union(expected)
    }

    /// The same of an expression that is neither named nor passed.
    fn expected_inside(&self, file: FileId, node: NodeId) -> SetId {
        let unit = self.unit(file);
        let cast = unit
            .parents(node.0)
            .find_map(|parent| match unit.node(parent) {
                Node::Cast { value, annotation } if value == Some(node) => annotation,
                _ => None,
            });
        if cast.is_some() {
            return self.typed(file, cast);
        }
        let handed = unit
            .parents(node.0)
            .find_map(|parent| match unit.node(parent) {
                Node::Handed { value, prop } if value == node => Some(prop),
                _ => None,
            });
        if let Some(prop) = handed {
            return self.or_else(|| self.evaluate(file, handed), || self.provided(file, prop));
        }
        if let Some((around, position)) = unit.container_place(node) {
            let expected = self.values(Key::Contextual(file, around));
            return match unit.node(around) {
                Node::Array(_) => self.elements(expected, Some(position)),
                Node::Choice(parts)
                    if position > 0
                        && (unit.falls_back(around) || is_assigned_later(unit, around)) =>
                {
                    let first = unit.nodes(parts).next().flatten();
                    self.or_else(|| expected, || self.evaluate(file, first))
                }
                _ => expected,
            };
        }
        let Some(function) = unit.returning(node) else {
            return SetId::OPEN;
        };
        let is_async = unit.function_flags(function) & function::ASYNC != 0;
        if unit.function_flags(function) & function::GENERATOR != 0 {
            return SetId::OPEN;
        }
        match unit.return_annotation(function) {
            Some(annotation) if is_async => self.awaited(self.typed(file, Some(annotation))),
            Some(annotation) => self.typed(file, Some(annotation)),
            None => match unit.function_node(function) {
                Some(node) => {
                    let expected = self.values(Key::Contextual(file, node));
                    let given = self.each(expected, |value| self.returned(value, None));
                    if is_async { self.awaited(given) } else { given }
                }
                None => SetId::OPEN,
            },
        }
    }
}

/// True when a choice is that of what a variable is assigned; its first part is what the variable is declared with.
fn is_assigned_later(unit: &Unit, choice: NodeId) -> bool {
    let mut held = unit.valued(choice);
    held.any(|id| {
        let starts_with_it = unit.extent(id).0 == unit.node_start(choice);
        starts_with_it && matches!(unit.kind(id), definition::VARIABLE)
    })
}
