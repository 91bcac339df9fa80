//! Components of React: what an element runs, the props that it hands over, and components inside of others.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::Linker;
use super::evaluate::once;
use super::solve::{Key, Standing};
use super::values::{Head, SetId, Value};
use crate::facts::codes::{definition, flag, meta, role};
use crate::facts::{ClassId, Def, FileId, FunctionId, Node, NodeId, OccurrenceId, Place, StringId};

/// The members of a class component that React calls.
const LIFECYCLE: &[&str] = &[
    "UNSAFE_componentWillMount",
    "UNSAFE_componentWillReceiveProps",
    "UNSAFE_componentWillUpdate",
    "componentDidCatch",
    "componentDidMount",
    "componentDidUpdate",
    "componentWillMount",
    "componentWillReceiveProps",
    "componentWillUnmount",
    "componentWillUpdate",
    "getChildContext",
    "getDerivedStateFromError",
    "getDerivedStateFromProps",
    "getSnapshotBeforeUpdate",
    "render",
    "shouldComponentUpdate",
];

/// The types of a function component, whose first argument are its props.
const COMPONENT_TYPES: &[&str] = &[
    "ComponentType",
    "FC",
    "FunctionComponent",
    "SFC",
    "StatelessComponent",
    "VFC",
    "VoidFunctionComponent",
];

/// Values.
impl Linker {
    /// The values of `memo(App)`: those of the component, unless the tree says what the call gives.
    pub(super) fn wrapped_values(
        &self,
        file: FileId,
        component: Option<NodeId>,
        call: NodeId,
    ) -> SetId {
        let inside = || self.evaluate(file, component);
        let called = || self.evaluate(file, Some(call));
        let (is_ours, standing) = self.watched(|| self.calls_ours(file, call));
        match standing {
            Standing::Pending => SetId::BOTTOM,
            Standing::Circular => self.join(called(), inside()),
            Standing::Settled if is_ours => called(),
            Standing::Settled => inside(),
        }
    }

    /// True when what is called there is declared in the tree.
    pub(super) fn calls_ours(&self, file: FileId, call: NodeId) -> bool {
        let Node::Call { callee, .. } = self.unit(file).node(call) else {
            return false;
        };
        let callees = self.set(self.evaluate(file, callee));
        callees.top || callees.heads().any(|head| !head.is_of_the_platform())
    }

    /// The values of `lazy(() => import('./App'))`: the default export.
    pub(super) fn lazy_values(&self, file: FileId, import: Option<NodeId>) -> SetId {
        self.property_of(self.evaluate(file, import), "default")
    }

    /// The props that a component takes.
    pub(super) fn props_rule(&self, file: FileId, component: Option<NodeId>) -> SetId {
        self.or_else(
            || self.annotated_props(file, component),
            || self.each(self.evaluate(file, component), |value| self.props_of(value)),
        )
    }

    /// `const App: FC<Props>` says what the props of App are.
    fn annotated_props(&self, file: FileId, component: Option<NodeId>) -> SetId {
        let named = component.and_then(|node| match self.unit(file).node(node) {
            Node::Ident(occurrence) => self.unit(file).target(occurrence),
            _ => None,
        });
        let Some(id) = named else { return SetId::OPEN };
        let meant = self.origin(Def { file, id });
        let types = meant
            .iter()
            .filter_map(|part| self.props_of_type(part.definition()?));
        let types: Vec<SetId> = types.collect();
        if types.is_empty() {
            return SetId::OPEN;
        }
        self.union(types)
    }

    /// The props in the type of a variable: `FC<Props>`.
    pub(super) fn props_of_type(&self, def: Def) -> Option<SetId> {
        let unit = self.unit(def.file);
        let Node::TypeRef { name, arguments } = unit.node(unit.annotation(def.id)?) else {
            return None;
        };
        let props = unit.nodes(arguments).next()?;
        let is_component = COMPONENT_TYPES.contains(&self.last_name(def.file, name?)?);
        is_component.then(|| self.typed(def.file, props))
    }

    fn props_of(&self, component: Value) -> SetId {
        match component.head {
            Head::External | Head::Primitive | Head::Text(_) => self.one(Head::External),
            Head::Function(..) => self.or_else(
                || self.parameter_type(component, 0, None),
                || self.property(component, "propTypes"),
            ),
            Head::Class(file, class) => self.or_else(
                || self.class_props(file, class),
                || self.property(component, "propTypes"),
            ),
            Head::Object(file, _) if self.unit(file).is(meta::SCRIPT_BLOCKS) => {
                let declared = self.or_else(
                    || self.property(component, "props"),
                    || self.one(component.head),
                );
                // `export let title` declares a prop of Svelte.
                self.join(declared, self.one(Head::Exports(file)))
            }
            _ => SetId::OPEN,
        }
    }

    /// The props of a class: what it gives to its base as a type, or declares as `props`.
    fn class_props(&self, file: FileId, class: ClassId) -> SetId {
        let declared = || self.property(Value::of(Head::Instance(file, class)), "props");
        self.or_else(|| self.props_given(file, class), declared)
    }

    /// `Props` of `extends Component<Props>`, also of a base.
    pub(super) fn props_given(&self, file: FileId, class: ClassId) -> SetId {
        let unit = self.unit(file);
        let Some(extends) = unit.class_extends(class) else {
            return SetId::OPEN;
        };
        if let Node::Cast { value, annotation } = unit.node(extends)
            && let Some(Node::TypeRef { arguments, .. }) = annotation.map(|node| unit.node(node))
            && value.is_some_and(|base| self.is_named_component(file, base))
        {
            return self.typed(file, unit.nodes(arguments).next().flatten());
        }
        self.each(
            self.values(Key::Parents(Head::Class(file, class))),
            |base| match base.head {
                Head::Class(file, class) => {
                    self.property(Value::of(Head::Instance(file, class)), "props")
                }
                _ => SetId::OPEN,
            },
        )
    }

    fn is_named_component(&self, file: FileId, node: NodeId) -> bool {
        matches!(
            self.last_name(file, node),
            Some("Component" | "PureComponent")
        )
    }
}

/// Members and names.
impl Linker {
    /// The last name of `a.b.c`.
    fn last_name(&self, file: FileId, node: NodeId) -> Option<&str> {
        let unit = self.unit(file);
        match unit.node(node) {
            Node::Ident(name) | Node::Member { name, .. } => Some(unit.property(name)),
            _ => None,
        }
    }

    /// Meaning of a prop of a component without declared props: the names that its parameter is taken apart into.
    pub(super) fn parameters_of_prop(
        &self,
        file: FileId,
        base: Option<NodeId>,
        name: &str,
    ) -> Vec<Def> {
        let Some(Node::Props(component)) = base.map(|base| self.unit(file).node(base)) else {
            return Vec::new();
        };
        let components = self.set(self.evaluate(file, component));
        components
            .heads()
            .flat_map(|head| match head {
                Head::Function(file, function) => self.taken_from_props(file, function, name),
                _ => Vec::new(),
            })
            .collect()
    }

    fn taken_from_props(&self, file: FileId, function: FunctionId, name: &str) -> Vec<Def> {
        let unit = self.unit(file);
        let first = Node::Param {
            function,
            position: 0,
        };
        let is_key = |&id: &OccurrenceId| {
            unit.role(id) & role::DESTRUCTURE_KEY != 0
                && matches!(unit.node_of(id).map(|node| unit.node(node)),
                    Some(Node::Member { base: Some(base), .. }) if unit.node(base) == first)
        };
        let keys = unit.string(name).into_iter();
        keys.flat_map(|text| unit.occurrences_named(text))
            .filter(is_key)
            .flat_map(|key| {
                let renamed = unit.node_of(key).into_iter();
                let renamed = renamed.flat_map(|node| unit.valued(node));
                renamed.chain(unit.named_at(unit.start(key)))
            })
            .map(|id| Def { file, id })
            .collect()
    }

    /// The name of the prop that a parameter of a component is taken from.
    pub(super) fn prop_of_parameter(&self, def: Def) -> Option<StringId> {
        let unit = self.unit(def.file);
        if unit.kind(def.id) != definition::PARAMETER || !unit.has(def.id, flag::DESTRUCTURED) {
            return None;
        }
        let mut key = unit.value(def.id)?;
        if let Node::Choice(parts) = unit.node(key) {
            key = unit.nodes(parts).next()??;
        }
        let Node::Member {
            base: Some(base),
            name,
        } = unit.node(key)
        else {
            return None;
        };
        let Node::Param {
            function,
            position: 0,
        } = unit.node(base)
        else {
            return None;
        };
        self.can_be_shown(def.file, function)
            .then(|| unit.occurrence_name(name))
    }

    /// True when a function can be a component: only what is called in upper case, or wrapped, can.
    fn can_be_shown(&self, file: FileId, function: FunctionId) -> bool {
        let unit = self.unit(file);
        let is_named = unit
            .function_definition(function)
            .is_some_and(|id| unit.name(id).starts_with(char::is_uppercase));
        let is_shown = |node: NodeId| {
            unit.exports_valued(node).next().is_some() || !self.wrappers(file, node).is_empty()
        };
        is_named || unit.function_node(function).is_some_and(is_shown)
    }

    /// The members that React calls for an element: of a class component those of its lifecycle.
    pub(super) fn run_by_element(&self, place: Place) -> Vec<Def> {
        let unit = self.unit(place.file);
        if unit.role(place.id) & role::JSX == 0 {
            return Vec::new();
        }
        let shown = self.set(self.evaluate(place.file, unit.node_of(place.id)));
        let classes = shown.heads().filter_map(|head| match head {
            Head::Class(file, class) if self.is_component(file, class) => Some((file, class)),
            _ => None,
        });
        let mut found = Vec::new();
        for (file, class) in classes.collect::<Vec<_>>() {
            for name in LIFECYCLE {
                let name = self.name_id(name);
                for head in [Head::Instance(file, class), Head::Class(file, class)] {
                    found.extend(self.member_definitions(head, name).iter());
                }
            }
        }
        once(found).to_vec()
    }

    /// True when a class extends `Component` of a package, directly or through others.
    fn is_component(&self, file: FileId, class: ClassId) -> bool {
        let (mut todo, mut seen) = (vec![(file, class)], FxHashSet::default());
        while let Some((file, class)) = todo.pop() {
            if !seen.insert((file, class)) {
                continue;
            }
            let unit = self.unit(file);
            let extends = unit.class_extends(class).map(|node| match unit.node(node) {
                Node::Cast { value, .. } => value.unwrap_or(node),
                _ => node,
            });
            let Some(extends) = extends else { continue };
            let bases = self.set(self.evaluate(file, Some(extends)));
            let ours = bases.heads().filter_map(|head| match head {
                Head::Class(file, class) => Some((file, class)),
                _ => None,
            });
            let before = todo.len();
            todo.extend(ours);
            if todo.len() == before && self.is_named_component(file, extends) {
                return true;
            }
        }
        false
    }
}

/// From a component to its elements.
impl Linker {
    /// The elements that run a member of a class component.
    pub(super) fn elements_that_run(&self, def: Def) -> Vec<Place> {
        let unit = self.unit(def.file);
        let Some(Node::Class(class)) = unit.owner(def.id).map(|owner| unit.node(owner)) else {
            return Vec::new();
        };
        if !LIFECYCLE.contains(&unit.name(def.id)) || !self.is_component(def.file, class) {
            return Vec::new();
        }
        let Some(id) = unit.class_definition(class) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        let mut todo = vec![Def { file: def.file, id }];
        let mut seen: FxHashSet<Def> = todo.iter().copied().collect();
        while let Some(class) = todo.pop() {
            let references = self.references(class, false);
            for one in &references.certain {
                let unit = self.unit(one.place.file);
                let role = unit.role(one.place.id);
                if role & role::JSX != 0 && self.run_by_element(one.place).contains(&def) {
                    found.push(one.place);
                }
                let heir = unit
                    .within(one.place.id)
                    .filter(|_| role & role::HERITAGE != 0);
                let heir = heir.map(|id| Def {
                    file: one.place.file,
                    id,
                });
                todo.extend(heir.filter(|&heir| seen.insert(heir)));
            }
        }
        found
    }

    /// The calls around a component that are the same component: `memo(forwardRef(App))`.
    pub(super) fn wrappers(&self, file: FileId, component: NodeId) -> Vec<NodeId> {
        let unit = self.unit(file);
        let mut found = Vec::new();
        let mut at = Some(component);
        while let Some(node) = at {
            at = unit
                .parents(node.0)
                .find(|&around| match unit.node(around) {
                    Node::Wrapped { call, .. } => !self.calls_ours(file, call),
                    _ => false,
                });
            found.extend(at);
        }
        found
    }

    /// The elements of a component that goes by another name.
    pub(super) fn shown_places(&self, def: Def) -> Arc<[Place]> {
        let references = self.references(def, false);
        let elements = references.certain.iter().map(|one| one.place);
        let is_element = |place: &Place| self.unit(place.file).role(place.id) & role::JSX != 0;
        elements.filter(is_element).collect()
    }
}
