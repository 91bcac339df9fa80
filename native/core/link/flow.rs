//! Values that flow through calls: a second fixed point above that of what is declared.
//!
//! Its keys and equations are the same, and it is asked only where what is declared says nothing. Three things are more than there:
//!
//! * A parameter without annotation is a type parameter of its own ([`Head::Parameter`]): what a function gives is a scheme, and each
//!   call puts its arguments in the parameters' place. A function or an object that stands inside carries them with it.
//! * Inside of its function such a parameter is what all resolved calls pass, joined: the constraint of that type parameter.
//! * A field is what is assigned to it anywhere, so that what flows belongs to a class or to the place of a literal.
//!
//! An annotation stops the flow, unless it is `any`, `unknown` or `object`, or only says which shape a value has. Answers of the layer below are whole before they are read
//! here, so that "nothing is known of it" is no question to the own circle: both fixed points are least ones of monotone rules.

use rustc_hash::FxHashSet;

use super::Linker;
use super::call_sites::Argument;
use super::calls::CallSite;
use super::solve::{Answer, Key, Layer};
use super::values::{Head, SetId};
use crate::facts::codes::{definition, flag, keyword};
use crate::facts::{Column, Def, DefinitionId, FileId, FunctionId, Node, NodeId};

impl Linker {
    /// True when values flow through calls in what is being asked.
    pub(super) fn flows(&self) -> bool {
        self.layer.get() == Layer::Flow
    }

    pub(super) fn without_flow<T>(&self, part: impl FnOnce() -> T) -> T {
        self.in_layer(Layer::Declared, part)
    }

    /// Declared values, where known; else the equation over what flows.
    pub(super) fn flow_rule(&self, key: Key) -> Answer {
        let known = self.without_flow(|| self.ask(key));
        match (key, &known) {
            (Key::Type(..) | Key::Returned(..) | Key::Contextual(..) | Key::Exported(..), _) => {
                known
            }
            (Key::Expression(file, node), _) if self.unit(file).is_type(node) => known,
            (Key::Name(def), _) if self.stops_flow(def) => known,
            (Key::Parents(_), &Answer::Set(set)) if !self.set(set).open => known,
            (Key::Members(..), Answer::Parts(parts)) if !parts.is_empty() => known,
            (Key::Constraint(def), _) => match self.parameter_of(def) {
                Some((function, position)) => {
                    Answer::Set(self.values(Key::Parameter(def.file, function, position)))
                }
                None => known,
            },
            (_, &Answer::Set(set)) if self.is_settled(set) && !self.only_says_shape(set) => known,
            (Key::Name(def), &Answer::Set(set)) => match self.parameter_of(def) {
                Some(_) => Answer::Set(self.symbolic(def, set)),
                None => self.equation(key),
            },
            (Key::Parameter(file, function, position), &Answer::Set(set)) => {
                let declared = || self.parameter_rule(file, function, position);
                let passed = || self.passed(file, function, position);
                Answer::Set(if self.only_says_shape(set) {
                    self.join(declared(), passed())
                } else {
                    self.or_else(declared, passed)
                })
            }
            _ => self.equation(key),
        }
    }

    /// True when nothing that flows can add to a set: it is closed, and holds nothing that can carry parameters.
    fn is_settled(&self, set: SetId) -> bool {
        let set = self.set(set);
        let carries = |head| {
            matches!(
                head,
                Head::Function(..) | Head::Object(..) | Head::Array(..)
            )
        };
        set.top || (!set.open && !set.is_unknown() && !set.heads().any(carries))
    }

    /// True when the annotation of a name says all that it can be.
    fn stops_flow(&self, def: Def) -> bool {
        let unit = self.unit(def.file);
        let Some(annotation) = unit.annotation(def.id) else {
            return false;
        };
        match unit.node(annotation) {
            Node::Keyword(keyword::ANY | keyword::UNKNOWN | keyword::OBJECT) => false,
            _ => {
                let typed = self.without_flow(|| self.typed(def.file, Some(annotation)));
                !self.only_says_shape(typed)
            }
        }
    }

    /// True when a set holds types of functions or objects, and nothing besides that could be one of the tree: which of them it is they do
    /// not say.
    pub(super) fn only_says_shape(&self, set: SetId) -> bool {
        let set = self.set(self.without_flow(|| self.expanded(set)));
        let is_of_shape = |head: Head| head.is_of_the_platform() || self.is_shape(head);
        !set.top && set.heads().all(is_of_shape) && set.heads().any(|head| self.is_shape(head))
    }

    /// True when a head is the type of a function, an interface or the type of an object.
    pub(super) fn is_shape(&self, head: Head) -> bool {
        match head {
            Head::Function(file, function) => {
                let unit = self.unit(file);
                let is_type = |node| matches!(unit.node(node), Node::FunctionType(_));
                let is_of_type = |id| self.is_of_type(Def { file, id });
                unit.function_node(function).is_some_and(is_type)
                    || unit.function_definition(function).is_some_and(is_of_type)
            }
            Head::Instance(file, class) | Head::Class(file, class) => {
                self.unit(file).is_interface(class)
            }
            Head::Object(file, node) => self.unit(file).node(node) == Node::ObjectType,
            Head::Selected(..) => self.is_selected_of_shapes(head),
            _ => false,
        }
    }

    /// True when all that a selection of members is taken from is shapes.
    fn is_selected_of_shapes(&self, selected: Head) -> bool {
        let mut seen: FxHashSet<Head> = FxHashSet::default();
        let mut todo = vec![selected];
        let mut is_of_shape = false;
        while let Some(head) = todo.pop() {
            if let Head::Selected(file, node) = head {
                let whole = self.without_flow(|| self.set(self.whole_of(file, node)));
                todo.extend(whole.heads().filter(|&head| seen.insert(head)));
            } else if self.is_shape(head) {
                is_of_shape = true;
            } else if !matches!(head, Head::Primitive | Head::Text(_)) {
                return false;
            }
        }
        is_of_shape
    }

    /// The place of a parameter that takes one whole argument.
    fn parameter_of(&self, def: Def) -> Option<(FunctionId, u32)> {
        let unit = self.unit(def.file);
        if unit.kind(def.id) != definition::PARAMETER
            || unit.has(def.id, flag::DESTRUCTURED)
            || unit.has(def.id, flag::REST)
        {
            return None;
        }
        unit.parameter_place(def.id)
    }

    /// The function of a parameter that stands for what is passed.
    pub(super) fn function_of_parameter(&self, def: Def) -> Option<FunctionId> {
        Some(self.parameter_of(def)?.0)
    }

    /// True when a head stands inside a function, so that it can name its parameters.
    pub(super) fn stands_inside(&self, head: Head, file: FileId, function: FunctionId) -> bool {
        let unit = self.unit(file);
        let node = match head {
            Head::Function(at, inner) if at == file && inner != function => {
                unit.function_node(inner)
            }
            Head::Object(at, node) | Head::Array(at, node) if at == file => Some(node),
            _ => None,
        };
        let (Some(node), Some(around)) = (node, unit.function_node(function)) else {
            return false;
        };
        let end = unit
            .column(Column::NodeEnd)
            .get(around.row())
            .unwrap_or_default();
        (unit.node_start(around)..end).contains(&unit.node_start(node))
    }

    /// A parameter by itself, with what is known of it besides.
    fn symbolic(&self, def: Def, known: SetId) -> SetId {
        let known = self.set(known);
        let known = (self.lattice.borrow_mut()).of(known.values.iter().copied(), false);
        let default = match self.unit(def.file).value(def.id) {
            Some(value) => self.evaluate(def.file, Some(value)),
            None => SetId::BOTTOM,
        };
        self.union([known, default, self.one(Head::Parameter(def))])
    }

    /// Values that all resolved calls pass; open where there may be others.
    fn passed(&self, file: FileId, function: FunctionId, position: u32) -> SetId {
        let sites = self.without_flow(|| self.call_sites(file, function));
        let mut passed = if sites.closed {
            SetId::BOTTOM
        } else {
            SetId::OPEN
        };
        for &site in &sites.calls {
            passed = self.join(passed, self.expanded(self.argument(site, position)));
        }
        self.join(passed, self.handed_back(file, function, position))
    }

    /// Values that a call passes at a position.
    pub(super) fn argument(&self, site: CallSite, position: u32) -> SetId {
        match self.argument_at(site, position) {
            Argument::Given(node) => self.evaluate(site.file, Some(node)),
            Argument::Missing => SetId::BOTTOM,
            Argument::Unknown => SetId::OPEN,
        }
    }

    /// The parameter that takes the argument at a position of a call; none behind an annotation.
    pub(super) fn parameter_at(&self, callee: Head, position: u32) -> Option<Def> {
        let (file, function) = match callee {
            Head::Function(file, function) => (file, self.implementation(file, function)),
            Head::Class(file, class) => (file, self.own_constructor(file, class)?),
            _ => return None,
        };
        let id = self.unit(file).parameter(function, position)?;
        let def = Def { file, id };
        let takes_it = self.parameter_of(def).is_some() && !self.stops_flow(def);
        takes_it.then_some(def)
    }

    /// Values that a call passes for each parameter of a function, of those that are wanted; all where none is named.
    pub(super) fn passed_at(
        &self,
        file: FileId,
        function: FunctionId,
        wanted: &[Def],
        site: CallSite,
    ) -> Vec<(Def, SetId)> {
        let written = self.implementation(file, function);
        let parameters = self.unit(file).parameters(written);
        let simple = (0u32..).zip(parameters).filter_map(|(position, id)| {
            let def = Def { file, id: id? };
            let is_wanted = wanted.is_empty() || wanted.contains(&def);
            let takes_it = is_wanted && self.parameter_of(def).is_some() && !self.stops_flow(def);
            takes_it.then_some((position, def))
        });
        let simple: Vec<(u32, Def)> = simple.collect();
        let bound = |(position, def)| (def, self.argument(site, position));
        simple.into_iter().map(bound).collect()
    }

    /// The function of a definition that is one.
    pub(super) fn function_of(&self, file: FileId, id: DefinitionId) -> Option<FunctionId> {
        match self.unit(file).node(self.unit(file).value(id)?) {
            Node::Function(function) => Some(function),
            _ => None,
        }
    }

    /// The declared values of an expression; of a name with a type that only says a shape those that it is declared with.
    pub(super) fn known_without_calls(&self, file: FileId, node: NodeId) -> SetId {
        let declared = self.expanded(self.evaluate(file, Some(node)));
        let unit = self.unit(file);
        match unit.node(node) {
            Node::Ident(occurrence) if self.only_says_shape(declared) => {
                let initial = unit.target(occurrence).and_then(|id| unit.value(id));
                initial.map_or(declared, |value| self.evaluate(file, Some(value)))
            }
            _ => declared,
        }
    }

    /// The values of an expression with what flows, type parameters taken for what they are at least.
    pub(super) fn flowing_values(&self, file: FileId, node: Option<NodeId>) -> SetId {
        self.in_layer(Layer::Flow, || self.expanded(self.evaluate(file, node)))
    }
}
