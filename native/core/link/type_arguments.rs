//! What the type parameters of a function stand for in a call: the types that it gives, or what it passes.

use super::Linker;
use super::calls::CallSite;
use super::solve::Key;
use super::values::{EnvId, Head, SetId, Value};
use crate::facts::codes::definition;
use crate::facts::{ClassId, Def, DefinitionId, FileId, FunctionId, Node, NodeId, Unit};

/// Of overloads beyond these, type arguments are not inferred.
const MOST_INFERRED: usize = 32;

impl Linker {
    /// Type arguments inferred from the arguments of a call, for the type parameters in a set: those that stand alone as a parameter's type, as in
    /// `wrap<T>(x: T)`.
    pub(super) fn inferred(
        &self,
        file: FileId,
        function: FunctionId,
        set: SetId,
        site: CallSite,
    ) -> EnvId {
        let Some(wanted) = self.free_parameters(file, set) else {
            return EnvId::EMPTY;
        };
        let given = self.given_types(site.file, site.call);
        let mut bound: Vec<(Def, SetId)> = Vec::new();
        for &id in self.overloads(file, function).iter().take(MOST_INFERRED) {
            let is_wanted = |target: Def| wanted.is_empty() || wanted.contains(&target);
            if given.is_empty() {
                self.bind_passed(file, id, site, is_wanted, &mut bound);
            } else {
                bound.extend(self.given_to(file, id, &given));
            }
            self.bind_defaults(file, id, site, &mut bound);
        }
        if self.flows() {
            bound.extend(self.passed_at(file, function, &wanted, site));
        }
        self.lattice.borrow_mut().env(bound)
    }

    /// Adds what a call passes for type parameters that stand alone as the type of a parameter; the first that is passed counts.
    fn bind_passed(
        &self,
        file: FileId,
        function: FunctionId,
        site: CallSite,
        is_wanted: impl Fn(Def) -> bool,
        bound: &mut Vec<(Def, SetId)>,
    ) {
        let (unit, caller) = (self.unit(file), self.unit(site.file));
        for (parameter, argument) in unit.parameters(function).zip(caller.nodes(site.arguments)) {
            let annotation = parameter.and_then(|parameter| unit.annotation(parameter));
            let (Some(annotation), Some(argument)) = (annotation, argument) else {
                continue;
            };
            let Some((target, is_of_elements)) = self.parameter_in(file, annotation) else {
                continue;
            };
            if is_wanted(target) && bound.iter().all(|&(known, _)| known != target) {
                let passed = self.evaluate(site.file, Some(argument));
                let meaning = if is_of_elements {
                    self.elements(passed, None)
                } else {
                    passed
                };
                let meaning = self.lattice.borrow_mut().bound(target, meaning);
                bound.push((target, meaning));
            }
        }
    }

    /// Adds the defaults of type parameters that nothing which a call passes can stand for.
    fn bind_defaults(
        &self,
        file: FileId,
        function: FunctionId,
        site: CallSite,
        bound: &mut Vec<(Def, SetId)>,
    ) {
        let unit = self.unit(file);
        let Some(holder) = unit.function_definition(function) else {
            return;
        };
        for id in type_parameters(unit, holder) {
            let parameter = Def { file, id };
            let Some(default) = unit.value(id) else {
                continue;
            };
            if bound.iter().any(|&(known, _)| known == parameter)
                || self.can_be_passed(file, function, id, site)
            {
                continue;
            }
            let before = self.lattice.borrow_mut().env(bound.iter().copied());
            let default = self.typed_with(file, Some(default), before);
            let default = self.lattice.borrow_mut().bound(parameter, default);
            bound.push((parameter, default));
        }
    }

    /// True when a call passes something that says what a type parameter stands for, as far as that is written in the types of the
    /// parameters.
    fn can_be_passed(
        &self,
        file: FileId,
        function: FunctionId,
        parameter: DefinitionId,
        site: CallSite,
    ) -> bool {
        let (unit, caller) = (self.unit(file), self.unit(site.file));
        let names: Vec<u32> = unit
            .occurrences_of(unit.symbol(parameter))
            .map(|occurrence| unit.start(occurrence))
            .collect();
        let is_named = |(start, end): (u32, u32)| names.iter().any(|at| (start..end).contains(at));
        let mut given = caller.nodes(site.arguments).zip(unit.parameters(function));
        given.any(|(argument, taking)| {
            let Some(taking) = taking.filter(|&taking| is_named(unit.extent(taking))) else {
                return false;
            };
            let object = argument.filter(|&node| matches!(caller.node(node), Node::Object(_)));
            let declared = unit
                .annotation(taking)
                .filter(|&node| matches!(unit.node(node), Node::ObjectType));
            let (Some(object), Some(declared)) = (object, declared) else {
                return true;
            };
            let is_held = |name: &str| {
                let mut held = caller.owned_by(object);
                held.any(|id| caller.name(id) == name)
            };
            unit.owned_by(declared)
                .any(|id| is_named(unit.extent(id)) && is_held(unit.name(id)))
        })
    }

    /// What the type parameters of a class stand for in an instance that `new` makes: the types that it gives, else what it passes to the
    /// constructor, else their defaults.
    pub(super) fn made_of(&self, file: FileId, class: ClassId, site: CallSite) -> EnvId {
        let unit = self.unit(file);
        let Some(id) = unit.class_definition(class) else {
            return EnvId::EMPTY;
        };
        if type_parameters(unit, id).next().is_none() {
            return EnvId::EMPTY;
        }
        let given = self.given_types(site.file, site.call);
        if !given.is_empty() {
            return self.bind(Def { file, id }, &given);
        }
        let constructor = self.name_id("constructor");
        let makers = self.member_definitions(Head::Instance(file, class), constructor);
        let mut bound = Vec::new();
        for maker in makers.iter().filter(|maker| maker.file == file) {
            let functions = self.set(self.evaluate(file, unit.value(maker.id)));
            for head in functions.heads() {
                let Head::Function(of, function) = head else {
                    continue;
                };
                let is_wanted = |target: Def| unit.parent(target.id) == Some(id);
                for &one in self.overloads(of, function).iter().take(MOST_INFERRED) {
                    self.bind_passed(of, one, site, is_wanted, &mut bound);
                }
            }
        }
        if bound.is_empty() {
            return self.bind(Def { file, id }, &[]);
        }
        self.lattice.borrow_mut().env(bound)
    }

    /// The type parameter that the type of a parameter is, and whether it is that of the elements: `xs: T[]`.
    fn parameter_in(&self, file: FileId, annotation: NodeId) -> Option<(Def, bool)> {
        let unit = self.unit(file);
        let (name, is_of_elements) = match unit.node(annotation) {
            Node::ArrayType(element) => match unit.node(element?) {
                Node::TypeRef { name, .. } => (name?, true),
                _ => return None,
            },
            Node::TypeRef { name, .. } => (name?, false),
            _ => return None,
        };
        let Node::Ident(occurrence) = unit.node(name) else {
            return None;
        };
        let id = unit.target(occurrence)?;
        let is_parameter = unit.kind(id) == definition::TYPE_PARAMETER;
        is_parameter.then_some((Def { file, id }, is_of_elements))
    }

    /// The types that a call, or `new`, gives for type parameters: `make<Order>()`.
    pub(super) fn given_types(&self, file: FileId, call: NodeId) -> Vec<SetId> {
        let unit = self.unit(file);
        let given = unit
            .parents(call.0)
            .find_map(|parent| match unit.node(parent) {
                Node::TypeArguments { call: of, types } if of == call => Some(types),
                _ => None,
            });
        let types = given.into_iter().flat_map(|types| unit.nodes(types));
        types.map(|node| self.typed(file, node)).collect()
    }

    /// What types that are given stand for in a function: its type parameters, in their order.
    pub(super) fn given_to(
        &self,
        file: FileId,
        function: FunctionId,
        given: &[SetId],
    ) -> Vec<(Def, SetId)> {
        let unit = self.unit(file);
        let Some(holder) = unit.function_definition(function) else {
            return Vec::new();
        };
        let parameters = type_parameters(unit, holder);
        let parameters = parameters.map(|id| Def { file, id });
        parameters
            .zip(given)
            .map(|(parameter, &given)| {
                let given = self.lattice.borrow_mut().bound(parameter, given);
                (parameter, given)
            })
            .collect()
    }

    /// What the type that is expected of a call says of the type parameters of the function: `const box: Box<Order> = boxed(…)`.
    pub(super) fn expected_of(
        &self,
        file: FileId,
        function: FunctionId,
        at: FileId,
        call: NodeId,
    ) -> Vec<(Def, SetId)> {
        let unit = self.unit(file);
        let Some(annotation) = unit.return_annotation(function) else {
            return Vec::new();
        };
        let scheme = self.set(self.typed(file, Some(annotation)));
        let is_applied = |value: &&Value| value.env != EnvId::EMPTY;
        if !scheme.values.iter().any(|value| is_applied(&value)) {
            return Vec::new();
        }
        let expected = self.set(self.values(Key::Contextual(at, call)));
        let mut bound = Vec::new();
        for value in scheme.values.iter().filter(is_applied) {
            let Some(wanted) = expected.values.iter().find(|one| one.head == value.head) else {
                continue;
            };
            let lattice = self.lattice.borrow();
            for (of, argument) in lattice.bindings(value.env) {
                let argument = lattice.set(argument);
                let [
                    Value {
                        head: Head::Parameter(parameter),
                        ..
                    },
                ] = argument.values[..]
                else {
                    continue;
                };
                if parameter.file == file
                    && let Some(known) = lattice.argument(wanted.env, of)
                    && bound.iter().all(|&(other, _)| other != parameter)
                {
                    bound.push((parameter, known));
                }
            }
        }
        bound
    }

    /// The type parameters of a file that are free in a set: none where nothing can be, empty where any can, for a head that stands
    /// inside a generic declaration does not say which it uses.
    fn free_parameters(&self, file: FileId, set: SetId) -> Option<Vec<Def>> {
        let lattice = self.lattice.borrow();
        let mut found = Vec::new();
        let mut todo = vec![set];
        while let Some(set) = todo.pop() {
            for value in &lattice.set(set).values {
                match value.head {
                    Head::Parameter(def) if def.file == file => found.push(def),
                    Head::Function(at, _)
                    | Head::Object(at, _)
                    | Head::Array(at, _)
                    | Head::Generic(at, _)
                    | Head::Selected(at, _)
                        if at == file =>
                    {
                        return Some(Vec::new());
                    }
                    _ => {}
                }
                todo.extend(lattice.arguments(value.env));
            }
        }
        (!found.is_empty()).then_some(found)
    }
}

/// The type parameters that a declaration has itself, in their order.
pub(super) fn type_parameters(
    unit: &Unit,
    holder: DefinitionId,
) -> impl Iterator<Item = DefinitionId> + '_ {
    let inside = unit.inside(holder);
    inside.filter(move |&id| {
        unit.kind(id) == definition::TYPE_PARAMETER && unit.parent(id) == Some(holder)
    })
}
