//! The values of expressions and of names.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Linker;
use super::calls::CallSite;
use super::solve::{Answer, Key, Standing};
use super::values::{EnvId, Head, SetId, Value};
use crate::facts::codes::{definition, flag, function, meta, role};
use crate::facts::{
    ClassId, Def, DefinitionId, FileId, FunctionId, Node, NodeId, OccurrenceId, Unit,
};

impl Linker {
    /// The rule of a key in the layer that runs.
    pub(super) fn rule(&self, key: Key) -> Answer {
        if self.flows() {
            self.flow_rule(key)
        } else {
            self.equation(key)
        }
    }

    /// The equation of a key, which both layers have.
    pub(super) fn equation(&self, key: Key) -> Answer {
        Answer::Set(match key {
            Key::Expression(file, node) => self.expression_rule(file, node),
            Key::Type(file, node) => self.type_rule(file, node),
            Key::Name(def) => self.name_rule(def),
            Key::Constraint(def) => self.constraint_rule(def),
            Key::Returned(file, function) => self.returned_rule(file, function),
            Key::Body(file, function) => self.body_rule(file, function),
            Key::Property(head, name) => self.property_rule(head, name),
            Key::Parents(head) => self.parents_rule(head),
            Key::Parameter(file, function, position) => {
                self.parameter_rule(file, function, position)
            }
            Key::Contextual(file, node) => self.contextual_rule(file, node),
            Key::Elements(file, call) => self.elements_rule(file, call),
            Key::Members(head, name) => return Answer::Parts(self.members_rule(head, name)),
            Key::Exported(file, slot) => return Answer::Parts(self.exported_rule(file, slot)),
        })
    }

    /// The values of an expression; nothing is known where there is none.
    pub(super) fn evaluate(&self, file: FileId, node: Option<NodeId>) -> SetId {
        node.map_or(SetId::OPEN, |node| self.values(Key::Expression(file, node)))
    }

    /// The values of a definition's name.
    pub(super) fn value_of(&self, def: Def) -> SetId {
        self.values(Key::Name(def))
    }

    /// True when a set names anything, type parameters taken for their constraints.
    pub(super) fn names_something(&self, set: SetId) -> bool {
        let set = self.set(self.expanded(set));
        set.top || !set.is_unknown()
    }

    /// The set with every type parameter replaced by what it is at least.
    pub(super) fn expanded(&self, set: SetId) -> SetId {
        let whole = self.set(set);
        if !whole.heads().any(|head| matches!(head, Head::Parameter(_))) {
            return set;
        }
        let known = whole.values.iter().map(|&value| match value.head {
            Head::Parameter(def) => self.values(Key::Constraint(def)),
            _ => self.lattice.borrow_mut().of([value], false),
        });
        let joined = self.union(known.collect::<Vec<_>>());
        if whole.open {
            self.opened(joined)
        } else {
            joined
        }
    }

    pub(super) fn substitute(&self, set: SetId, env: EnvId) -> SetId {
        if env == EnvId::EMPTY {
            return set;
        }
        let captures = |head: Head, parameter: Def| self.captures(head, parameter);
        self.lattice.borrow_mut().substitute(set, env, &captures)
    }

    /// True when a head stands inside the declaration of a type parameter, so that it can name it.
    fn captures(&self, head: Head, parameter: Def) -> bool {
        if let Some(function) = self.function_of_parameter(parameter) {
            return self.stands_inside(head, parameter.file, function);
        }
        let Some(file) = head.file() else {
            return false;
        };
        let unit = self.unit(file);
        let node = match head {
            Head::Function(_, id) => unit.function_node(id),
            Head::Object(_, node)
            | Head::Array(_, node)
            | Head::Generic(_, node)
            | Head::Selected(_, node) => Some(node),
            _ => return false,
        };
        let Some(around) = self.holder_in(file, parameter) else {
            return file == parameter.file;
        };
        if self.unit(parameter.file).has(parameter.id, flag::JSDOC) {
            return true; // tags of a comment do not stand inside of each other
        }
        let (start, end) = unit.extent(around);
        node.is_none_or(|node| (start..end).contains(&unit.node_start(node)))
    }

    fn expression_rule(&self, file: FileId, node: NodeId) -> SetId {
        let unit = self.unit(file);
        match unit.node(node) {
            Node::Ident(occurrence) => match unit.target(occurrence) {
                None => self.unbound_value(file, occurrence),
                Some(id) => self.narrowed(file, occurrence, id, self.named_value(file, id)),
            },
            Node::Member { base, name } => {
                self.property_of(self.evaluate(file, base), unit.property(name))
            }
            Node::Call { callee, arguments } => self.call(file, node, callee, arguments),
            Node::New { callee, arguments } => {
                let site = CallSite {
                    file,
                    call: node,
                    arguments,
                };
                self.each(self.evaluate(file, callee), |value| match value.head {
                    Head::External => unit
                        .global_name(callee)
                        .and_then(|name| self.platform_interface(name))
                        .unwrap_or_else(|| self.made(value, site)),
                    _ => self.made(value, site),
                })
            }
            Node::Require(import) => self.required(file, import),
            Node::DynamicImport(import) => self.imported(file, import, "*"),
            Node::Await(promise) => self.awaited(self.evaluate(file, promise)),
            Node::This { function, class } => self.this(file, function, class),
            Node::StaticThis(class) => self.one(Head::Class(file, class)),
            Node::Super(None) => SetId::OPEN,
            Node::Super(Some(class)) => {
                let (instance, class) = (Head::Instance(file, class), Head::Class(file, class));
                self.join(
                    self.values(Key::Parents(instance)),
                    self.values(Key::Parents(class)),
                )
            }
            Node::Function(id) | Node::FunctionType(id) => self.one(self.function_head(file, id)),
            Node::Class(id) => self.one(Head::Class(file, id)),
            Node::Object(_) | Node::ObjectType => self.one(Head::Object(file, node)),
            Node::Array(_) => self.one(Head::Array(file, node)),
            Node::Choice(parts) => self.union(
                unit.nodes(parts)
                    .map(|part| self.evaluate(file, part))
                    .collect::<Vec<_>>(),
            ),
            Node::Literal => self.one(Head::Primitive),
            Node::Index { base, index } => self.under_index(file, base, index),
            Node::Rest(base) => self.evaluate(file, base),
            Node::Element { iterated, position } => self
                .state(file, iterated, position)
                .unwrap_or_else(|| self.elements(self.evaluate(file, iterated), position)),
            Node::Cast { value, annotation } => {
                let typed = || self.typed(file, annotation);
                let held = || self.evaluate(file, value);
                if self.flows() && self.only_says_shape(typed()) {
                    self.join(typed(), held())
                } else {
                    self.or_else(typed, held)
                }
            }
            Node::ModuleExports => self.whole_values(file),
            Node::Imported { import, name } => self.imported(file, import, unit.text(name)),
            Node::Prototype(base) => self.each(self.evaluate(file, base), |value| {
                self.one(constructed(value.head))
            }),
            Node::Param { function, position } => {
                self.values(Key::Parameter(file, function, position))
            }
            Node::Props(component) => self.props_rule(file, component),
            Node::Wrapped { component, call } => self.wrapped_values(file, component, call),
            Node::Lazy(import) => self.lazy_values(file, import),
            _ => SetId::OPEN,
        }
    }

    /// Meaning of a name in an expression: of an interface or a type, and a constant that is called as that, the constant.
    fn named_value(&self, file: FileId, id: DefinitionId) -> SetId {
        let unit = self.unit(file);
        let is_type = |id| matches!(unit.kind(id), definition::INTERFACE | definition::TYPE);
        if !is_type(id) {
            return self.value_of(Def { file, id });
        }
        let values: Vec<SetId> = (unit.merged(id).filter(|&other| !is_type(other)))
            .map(|id| self.value_of(Def { file, id }))
            .collect();
        if values.is_empty() {
            return self.value_of(Def { file, id });
        }
        self.union(values)
    }

    fn name_rule(&self, def: Def) -> SetId {
        let (file, id) = (def.file, def.id);
        let unit = self.unit(file);
        match unit.kind(id) {
            definition::IMPORT => {
                let parts = self.origin(def);
                if *parts == [super::Part::Definition(def)] {
                    self.evaluate(file, unit.value(id)) // `import a = N.b`
                } else {
                    self.values_of(&parts)
                }
            }
            definition::ENUM => self.one(Head::Enum(def)),
            definition::NAMESPACE => {
                let elsewhere = self.declared_elsewhere(def).into_iter();
                let spaces = elsewhere
                    .filter(|other| self.unit(other.file).kind(other.id) == definition::NAMESPACE);
                let own = self.union(
                    spaces
                        .chain([def])
                        .map(|space| self.one(Head::Namespace(space)))
                        .collect::<Vec<_>>(),
                );
                let merged = unit
                    .merged(id)
                    .filter(|&other| unit.kind(other) != definition::NAMESPACE);
                let merged: Vec<SetId> = merged.map(|id| self.value_of(Def { file, id })).collect();
                self.join(own, self.union(merged))
            }
            definition::ENUM_MEMBER => self.one(Head::Primitive),
            definition::TYPE_PARAMETER | definition::TYPE => SetId::OPEN,
            definition::CLASS | definition::FUNCTION => self.declared_value(file, id),
            definition::PARAMETER => self.parameter_value(file, id),
            _ => match unit.annotation(id) {
                Some(annotation) => self.annotated_value(file, id, annotation),
                None => self.initial_value(file, id),
            },
        }
    }

    fn parameter_value(&self, file: FileId, id: DefinitionId) -> SetId {
        let unit = self.unit(file);
        let expected = || match unit.parameter_place(id) {
            Some((function, position)) => self.values(Key::Parameter(file, function, position)),
            None => SetId::OPEN,
        };
        let given = || match unit.value(id) {
            // a default is what the parameter is when nothing is passed
            Some(value) if !unit.has(id, flag::DESTRUCTURED) => {
                self.opened(self.evaluate(file, Some(value)))
            }
            value => self.evaluate(file, value),
        };
        let inside = || {
            self.or_else(
                || self.or_default(|| self.taken_apart(file, id), given),
                expected,
            )
        };
        match unit.annotation(id) {
            Some(annotation) => self.or_else(|| self.typed(file, Some(annotation)), inside),
            None => inside(),
        }
    }

    /// Values of the annotation of a variable or member. In JavaScript it is a comment: where that leads nowhere the value counts, and
    /// what an object literal holds counts as well.
    fn annotated_value(&self, file: FileId, id: DefinitionId, annotation: NodeId) -> SetId {
        let unit = self.unit(file);
        let typed = || self.typed(file, Some(annotation));
        if unit.is_typescript() {
            return match self.flows() {
                true => self.join(typed(), self.initial_value(file, id)),
                false => typed(),
            };
        }
        let value = unit.value(id);
        if value.is_some_and(|node| matches!(unit.node(node), Node::Object(_) | Node::Require(_))) {
            return self.join(self.evaluate(file, value), typed());
        }
        self.or_else(typed, || self.initial_value(file, id))
    }

    fn initial_value(&self, file: FileId, id: DefinitionId) -> SetId {
        let value = || self.evaluate(file, self.unit(file).value(id));
        if self.unit(file).has(id, flag::DESTRUCTURED) {
            return self.or_default(|| self.taken_apart(file, id), value);
        }
        value()
    }

    /// Declared values, else given ones; both where values flow, for a type does not say which function is meant.
    fn or_default(&self, declared: impl FnOnce() -> SetId, given: impl FnOnce() -> SetId) -> SetId {
        if self.flows() {
            self.join(declared(), given())
        } else {
            self.or_else(declared, given)
        }
    }

    /// Of `const { a = standard } = options` what `options` declares for a; its default counts only where that is not known.
    fn taken_apart(&self, file: FileId, id: DefinitionId) -> SetId {
        let unit = self.unit(file);
        match unit
            .value(id)
            .filter(|_| unit.has(id, flag::DESTRUCTURED))
            .map(|node| unit.node(node))
        {
            Some(Node::Choice(parts)) => self.evaluate(file, unit.nodes(parts).next().flatten()),
            _ => SetId::OPEN,
        }
    }

    /// A function or class; overloads are one function.
    fn declared_value(&self, file: FileId, id: DefinitionId) -> SetId {
        let unit = self.unit(file);
        let is_declaration = |other: DefinitionId| {
            matches!(unit.kind(other), definition::CLASS | definition::FUNCTION)
        };
        let together: Vec<SetId> = unit
            .merged(id)
            .filter(|&other| unit.value(other).is_some() && is_declaration(other))
            .map(|other| self.evaluate(file, unit.value(other)))
            .collect();
        if together.is_empty() {
            self.evaluate(file, unit.value(id))
        } else {
            self.union(together)
        }
    }

    fn this(&self, file: FileId, function: Option<FunctionId>, class: Option<ClassId>) -> SetId {
        let unit = self.unit(file);
        let Some(id) = function else {
            return match class {
                Some(class) => self.one(Head::Instance(file, class)),
                None if unit.is(meta::COMMONJS) => self.whole_values(file),
                None => SetId::OPEN,
            };
        };
        if let Some(owner) = unit.function_owner(id) {
            let is_static = unit.function_flags(id) & function::STATIC != 0;
            return self.one(if is_static {
                Head::Class(file, owner)
            } else {
                self.instance_head(file, owner)
            });
        }
        if let Some(node) = unit.function_this(id) {
            return if unit.is_type(node) {
                self.typed(file, Some(node))
            } else {
                self.evaluate(file, Some(node))
            };
        }
        if self.makes_objects(unit, id) {
            self.one(Head::Constructed(file, id))
        } else {
            SetId::OPEN
        }
    }

    /// True when a plain function is used as a constructor: it is called with `new`, or has a prototype written to.
    pub(super) fn makes_objects(&self, unit: &Unit, function: FunctionId) -> bool {
        let Some(id) = unit.function_definition(function) else {
            return false;
        };
        let has_prototype = |occurrence: OccurrenceId| {
            unit.node_of(occurrence).is_some_and(|node| {
                unit.parents(node.0)
                    .any(|parent| matches!(unit.node(parent), Node::Prototype(_)))
            })
        };
        unit.occurrences_of(unit.symbol(id))
            .any(|occurrence| unit.role(occurrence) & role::NEW != 0 || has_prototype(occurrence))
    }
}

/// Properties.
impl Linker {
    /// The values of property `name` of every value of a set.
    pub(super) fn property_of(&self, set: SetId, name: &str) -> SetId {
        self.each(set, |value| self.property(value, name))
    }

    /// The values of property `name` of a value; a getter gives what it returns.
    ///
    /// A string, a number or nothing adds none: alone that is unknown, and beside others they are all that is meant.
    pub(super) fn property(&self, value: Value, name: &str) -> SetId {
        match value.head {
            Head::External => self.one(Head::External),
            Head::Primitive | Head::Text(_) => SetId::BOTTOM,
            Head::Generic(file, node) if self.is_dictionary(file, node) => {
                self.elements_of(value, Some(1))
            }
            head => self.substitute(
                self.values(Key::Property(head, self.name_id(name))),
                value.env,
            ),
        }
    }

    pub(super) fn property_rule(&self, head: Head, name: super::NameId) -> SetId {
        let text = self.name(name);
        if let Head::Selected(file, node) = head {
            return if self.selects(file, node, name) {
                self.property_of(self.whole_of(file, node), &text)
            } else {
                SetId::BOTTOM
            };
        }
        let has_parents = has_parents(head);
        let (own, standing) = self.watched(|| {
            if has_parents {
                self.declared_members(head, &text)
            } else {
                self.member_definitions(head, name).to_vec()
            }
        });
        let found = self.union(
            own.iter()
                .map(|&def| self.property_value(def))
                .collect::<Vec<_>>(),
        );
        if standing == Standing::Pending || (standing == Standing::Settled && !own.is_empty()) {
            return found;
        }
        let elsewhere = match head {
            Head::Exports(file) => {
                self.values_of(&self.parts(Key::Exported(file, super::Slot::Named(name))))
            }
            Head::Instance(file, class) if &*text == "props" => self.or_else(
                || self.props_given(file, class),
                || self.inherited(head, &text),
            ),
            _ if has_parents => self.inherited(head, &text),
            _ => SetId::OPEN,
        };
        self.join(found, elsewhere)
    }

    fn inherited(&self, head: Head, name: &str) -> SetId {
        let (parents, standing) = self.watched(|| self.values(Key::Parents(head)));
        if self.set(parents).is_unknown() && parents != SetId::TOP {
            return SetId::OPEN;
        }
        let found = self.each(parents, |parent| self.property(parent, name));
        self.open_unless_settled(found, standing)
    }

    fn property_value(&self, def: Def) -> SetId {
        let unit = self.unit(def.file);
        match unit.kind(def.id) {
            definition::GETTER if unit.annotation(def.id).is_none() => self
                .each(self.evaluate(def.file, unit.value(def.id)), |getter| {
                    self.returned(getter, None)
                }),
            definition::SETTER => SetId::BOTTOM,
            _ => self.value_of(def),
        }
    }
}

/// True when a value looks for members in others.
pub(super) fn has_parents(head: Head) -> bool {
    matches!(
        head,
        Head::Instance(..)
            | Head::Class(..)
            | Head::Object(..)
            | Head::Constructed(..)
            | Head::Function(..)
            | Head::Selected(..)
    )
}

/// An instance of a class or of a constructor function.
pub(super) fn constructed(head: Head) -> Head {
    match head {
        Head::Class(file, class) => Head::Instance(file, class),
        Head::Function(file, function) => Head::Constructed(file, function),
        Head::External => Head::External,
        _ => Head::Primitive,
    }
}

/// Parts each once, in their order.
pub(super) fn once<T: Eq + std::hash::Hash + Copy>(parts: impl IntoIterator<Item = T>) -> Arc<[T]> {
    const FEW: usize = 16;
    let mut found: Vec<T> = Vec::new();
    let mut known: FxHashSet<T> = FxHashSet::default();
    for part in parts {
        if found.len() == FEW {
            known.extend(&found);
        }
        let is_new = if found.len() < FEW {
            !found.contains(&part)
        } else {
            known.insert(part)
        };
        if is_new {
            found.push(part);
        }
    }
    found.into()
}
