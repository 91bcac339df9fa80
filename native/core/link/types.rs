//! The values that a type admits.
//!
//! A type is evaluated once, to a scheme over the type parameters in it; a use puts its arguments in their place.

use std::sync::Arc;

use super::evaluate::once;
use super::solve::{Key, Standing};
use super::type_arguments::type_parameters;
use super::values::{EnvId, Head, SetId, Value};
use super::{Linker, NameId, Part, Slot};
use crate::facts::codes::{definition, flag, keyword, literal};
use crate::facts::{
    Def, DefinitionId, FileId, ImportId, ListId, Node, NodeId, OccurrenceId, StringId,
};

/// Generic types of the platform whose arguments are worth following.
const CONTAINERS: &[&str] = &[
    "Array",
    "ReadonlyArray",
    "Set",
    "ReadonlySet",
    "WeakSet",
    "Iterable",
    "IterableIterator",
    "Iterator",
    "Generator",
    "AsyncIterable",
    "AsyncGenerator",
    "Map",
    "ReadonlyMap",
    "WeakMap",
    "Promise",
    "PromiseLike",
    "Record",
    "Object",
    "WeakRef",
];

/// Type functions of TypeScript's library that keep the members of their first argument.
const TRANSPARENT: &[&str] = &[
    "Partial",
    "Readonly",
    "Required",
    "NonNullable",
    "Awaited",
    "Omit",
    "Pick",
    "Extract",
    "Exclude",
    "ThisType",
    "NoInfer",
];

const PRIMITIVES: &[&str] = &["String", "Number", "Boolean", "BigInt", "Symbol"];
const PLATFORM: &[&str] = &[
    "ArrayBuffer",
    "Buffer",
    "DataView",
    "Date",
    "Error",
    "RegExp",
    "Uint8Array",
    "URL",
];

/// Mapped types that take the keys of one another, followed so far.
const MOST_MAPPED: u32 = 4;

impl Linker {
    /// The values that a variable of this type holds; nothing is known where there is none.
    pub(super) fn typed(&self, file: FileId, node: Option<NodeId>) -> SetId {
        node.map_or(SetId::OPEN, |node| self.values(Key::Type(file, node)))
    }

    /// The values of a type with arguments in place of its parameters; of `T['a']` what the argument for T declares under `a`.
    pub(super) fn typed_with(&self, file: FileId, node: Option<NodeId>, env: EnvId) -> SetId {
        if env == EnvId::EMPTY {
            return self.typed(file, node);
        }
        if let Some(Node::IndexedAccess { object, index }) =
            node.map(|node| self.unit(file).node(node))
            && let Some(name) = self.literal_key(file, index)
        {
            return self.property_of(self.typed_with(file, object, env), name);
        }
        self.substitute(self.typed(file, node), env)
    }

    fn literal_key(&self, file: FileId, index: Option<NodeId>) -> Option<&str> {
        let unit = self.unit(file);
        match unit.node(index?) {
            Node::PlainType { text } => text.map(|text: StringId| unit.text(text)),
            _ => None,
        }
    }

    /// The place that a type of an element names: `T[1]`.
    fn element_key(&self, file: FileId, index: Option<NodeId>) -> Option<u32> {
        match self.unit(file).literal_type(index?)? {
            (literal::NUMBER, text) => self.unit(file).text(text).parse().ok(),
            _ => None,
        }
    }

    pub(super) fn type_rule(&self, file: FileId, node: NodeId) -> SetId {
        let unit = self.unit(file);
        match unit.node(node) {
            Node::TypeRef { name, arguments } => self.reference(file, node, name, arguments),
            Node::Union(parts) | Node::Intersection(parts) | Node::Conditional(parts) => {
                let (united, standing) = self.watched(|| {
                    let parts = unit.nodes(parts).map(|part| self.typed(file, part));
                    self.union(parts.collect::<Vec<_>>())
                });
                if !unit.is_typescript() && standing == Standing::Settled {
                    self.loose(united)
                } else {
                    united
                }
            }
            Node::ArrayType(_) | Node::Tuple(_) => self.one(Head::Array(file, node)),
            Node::FunctionType(function) => self.one(self.function_head(file, function)),
            Node::ObjectType => self.one(Head::Object(file, node)),
            Node::TypeQuery(value) => match value.map(|value| unit.node(value)) {
                Some(Node::ImportType { import, path }) => {
                    self.values_of(&self.import_meaning(file, import, path, None))
                }
                _ => self.evaluate(file, value),
            },
            Node::ImportType { import, path } => self.import_type(file, import, path),
            Node::Element { iterated, .. } => self.elements(self.typed(file, iterated), None),
            Node::IndexedAccess { object, index } => self.indexed(file, object, index),
            Node::Mapped { value, keys } => self.mapped(file, node, value, keys),
            Node::PlainType { .. } | Node::KeyOf(_) | Node::KeysWithout { .. } => {
                self.one(Head::Primitive)
            }
            Node::Keyword(keyword::ANY | keyword::UNKNOWN | keyword::OBJECT | keyword::THIS) => {
                SetId::OPEN
            }
            Node::Keyword(_) => self.one(Head::Primitive),
            _ => SetId::OPEN,
        }
    }

    /// A union in a comment: where a part says nothing, the value can be more than what the platform has.
    fn loose(&self, united: SetId) -> SetId {
        let set = self.set(united);
        if set.open && set.heads().all(Head::is_of_the_platform) {
            SetId::OPEN
        } else {
            united
        }
    }

    pub(super) fn constraint_rule(&self, def: Def) -> SetId {
        match self.unit(def.file).annotation(def.id) {
            Some(node) => self.expanded(self.typed(def.file, Some(node))),
            None => SetId::OPEN,
        }
    }

    /// Meaning of a type's name: declarations, followed through imports; `External` for the platform and packages.
    pub(super) fn type_definitions(&self, file: FileId, node: NodeId) -> Arc<[Part]> {
        let unit = self.unit(file);
        match unit.node(node) {
            Node::Ident(occurrence) => match unit.target(occurrence) {
                None => {
                    let declared = self.unbound(file, occurrence);
                    if declared.is_empty() {
                        return [Part::Value(Value::of(Head::External))].into();
                    }
                    once(declared.into_iter().map(Part::Definition))
                }
                Some(id) => self.with_those_elsewhere(self.origin(Def { file, id })),
            },
            Node::Member {
                base: Some(base),
                name,
            } => {
                let qualifiers = self.set(self.values_of(&self.type_definitions(file, base)));
                let name = self.name_id(unit.property(name));
                let members = qualifiers.heads().map(|head| match head {
                    // what a module hands on may be a module: `export * as core from './core'`
                    Head::Exports(from) => {
                        let exported = self.parts(Key::Exported(from, Slot::Named(name)));
                        let members = self.parts(Key::Members(head, name));
                        exported.iter().chain(members.iter()).copied().collect()
                    }
                    _ => {
                        let members = self.member_definitions(head, name);
                        members.iter().copied().map(Part::Definition).collect()
                    }
                });
                let members: Vec<Arc<[Part]>> = members.collect();
                once(members.iter().flat_map(|parts| parts.iter().copied()))
            }
            Node::ImportType { import, path } => self.import_meaning(file, import, path, None),
            _ => Arc::default(),
        }
    }

    /// The type that a name without arguments is an alias of; None where it names anything else, or several things.
    pub(super) fn aliased(&self, file: FileId, name: NodeId) -> Option<(FileId, NodeId)> {
        let parts = self.type_definitions(file, name);
        let [part] = parts[..] else { return None };
        let alias = part.definition()?;
        let unit = self.unit(alias.file);
        let is_alias = unit.kind(alias.id) == definition::TYPE;
        let stands = unit.annotation(alias.id).filter(|_| is_alias)?;
        Some((alias.file, stands))
    }

    fn reference(
        &self,
        file: FileId,
        node: NodeId,
        name: Option<NodeId>,
        arguments: Option<ListId>,
    ) -> SetId {
        let unit = self.unit(file);
        let Some(name) = name else { return SetId::OPEN };
        if let Some(selected) = self.selected(file, node) {
            return selected;
        }
        let given: Vec<Option<NodeId>> = unit.nodes(arguments).collect();
        if let Some(global) = unit.global_name(Some(name))
            && (is_followed(global) || !self.is_declared(file, name))
        {
            return self.of_the_platform(file, node, global, &given);
        }
        let (parts, standing) = self.watched(|| self.unaliased(self.type_definitions(file, name)));
        if parts.is_empty() {
            return SetId::OPEN;
        }
        let alias = parts.iter().find_map(|part| part.definition());
        let arguments: Vec<SetId> = (given.iter().enumerate())
            .map(|(at, &argument)| self.type_argument(alias, at, file, argument))
            .collect();
        let declared = self.union(
            parts
                .iter()
                .map(|&part| match part {
                    Part::Value(value) => self.instances([value], Standing::Settled),
                    Part::Definition(def) => self.declared(def, &arguments),
                })
                .collect::<Vec<_>>(),
        );
        self.open_unless_settled(declared, standing)
    }

    /// Of `import a = N.b` what a is another name for, as far as it goes.
    fn unaliased(&self, parts: Arc<[Part]>) -> Arc<[Part]> {
        let value_of = |part: &Part| {
            let Def { file, id } = part.definition()?;
            let unit = self.unit(file);
            let is_alias =
                unit.kind(id) == definition::IMPORT && unit.bindings_of(id).next().is_none();
            let value = unit.value(id).filter(|_| is_alias)?;
            Some((file, value))
        };
        if parts.iter().all(|part| value_of(part).is_none()) {
            return parts;
        }
        let (mut found, mut seen) = (Vec::new(), Vec::new());
        let mut todo = parts.to_vec();
        while let Some(part) = todo.pop() {
            if seen.contains(&part) {
                continue;
            }
            seen.push(part);
            match value_of(&part) {
                Some((file, value)) => todo.extend(self.type_definitions(file, value).iter()),
                None => found.push(part),
            }
        }
        once(found)
    }

    /// True when a script of the tree declares an unbound name of a type.
    fn is_declared(&self, file: FileId, name: NodeId) -> bool {
        match self.unit(file).node(name) {
            Node::Ident(occurrence) => !self.unbound(file, occurrence).is_empty(),
            _ => false,
        }
    }

    fn of_the_platform(
        &self,
        file: FileId,
        node: NodeId,
        name: &str,
        arguments: &[Option<NodeId>],
    ) -> SetId {
        let first = arguments.first().copied();
        if let Some(first) = first.filter(|_| TRANSPARENT.contains(&name)) {
            return self.typed(file, first);
        }
        if CONTAINERS.contains(&name) && (first.is_some() || name != "Object") {
            return self.one(Head::Generic(file, node));
        }
        match first {
            Some(_) if name == "Parameters" => self.one(Head::Generic(file, node)),
            Some(first) if name == "ReturnType" => {
                self.each(self.typed(file, first), |value| self.returned(value, None))
            }
            Some(first) if name == "InstanceType" => {
                let set = self.set(self.typed(file, first));
                if set.top {
                    return SetId::TOP;
                }
                let instances = set.values.iter().filter_map(|value| match value.head {
                    Head::Class(file, class) => Some(Value {
                        head: Head::Instance(file, class),
                        env: value.env,
                    }),
                    _ => None,
                });
                let instances: Vec<Value> = instances.collect();
                let open = set.open || instances.len() < set.values.len();
                self.lattice.borrow_mut().of(instances, open)
            }
            _ if self.unit(file).is_typescript() => self.one(Head::External),
            _ => self.of_a_comment(name),
        }
    }

    /// An unbound name in a comment: to JSDoc all names are global, so it is the one class of the tree that is called so.
    ///
    /// TypeScript would say `any`. `Object` and `Function` are said of everything.
    fn of_a_comment(&self, name: &str) -> SetId {
        if PRIMITIVES.contains(&name) {
            return self.one(Head::Primitive);
        }
        if PLATFORM.contains(&name) {
            return self.one(Head::External);
        }
        self.class_named(name)
            .map_or(SetId::OPEN, |def| self.declared(def, &[]))
    }

    /// The one class of the tree with that name, declarations without code aside; none when there are several.
    fn class_named(&self, name: &str) -> Option<Def> {
        let id = self.name_id(name);
        if let Some(&known) = self.classes.borrow().get(&id) {
            return known;
        }
        let mut hits: Vec<Def> = Vec::new();
        for &file in self.files_with(name).iter() {
            let unit = self.unit(file);
            let named = unit
                .string(name)
                .into_iter()
                .flat_map(|text| unit.named(text));
            let classes = named.filter(|&id| {
                unit.kind(id) == definition::CLASS
                    && !unit.has(id, flag::DECLARE | flag::FUNCTION_NAME)
            });
            hits.extend(classes.map(|id| Def { file, id }));
        }
        let only = match hits[..] {
            [only] => Some(only),
            _ => None,
        };
        if !self.is_stopped() {
            self.classes.borrow_mut().insert(id, only);
        }
        only
    }

    /// The values of a type that a declaration gives: instances of a class or interface, what an alias stands for.
    fn declared(&self, def: Def, arguments: &[SetId]) -> SetId {
        let def = self.first_declaration(def);
        let (file, id) = (def.file, def.id);
        let unit = self.unit(file);
        let is_type = |other: &DefinitionId| {
            matches!(
                unit.kind(*other),
                definition::CLASS | definition::INTERFACE | definition::TYPE
            )
        };
        match unit.kind(id) {
            definition::CLASS | definition::INTERFACE => match unit.class_of(id) {
                Some(class) => {
                    let env = self.bind(def, arguments);
                    self.lattice.borrow_mut().of(
                        [Value {
                            head: Head::Instance(file, class),
                            env,
                        }],
                        false,
                    )
                }
                None => SetId::OPEN,
            },
            definition::TYPE => {
                self.typed_with(file, unit.annotation(id), self.bind(def, arguments))
            }
            definition::TYPE_PARAMETER => self.one(Head::Parameter(self.first_parameter(def))),
            definition::ENUM | definition::ENUM_MEMBER => self.one(Head::Primitive),
            definition::VARIABLE | definition::CONSTANT | definition::FUNCTION
                if unit.merged(id).any(|other| is_type(&other)) =>
            {
                let types: Vec<DefinitionId> = unit.merged(id).filter(is_type).collect();
                self.union(
                    types
                        .into_iter()
                        .map(|id| self.declared(Def { file, id }, arguments))
                        .collect::<Vec<_>>(),
                )
            }
            _ => {
                let (named, standing) = self.watched(|| self.set(self.value_of(def)));
                self.instances(named.values.iter().copied(), standing)
            }
        }
    }

    /// Meaning of a type that is named after values: instances of a class or a constructor function, an object itself.
    ///
    /// An object counts only where there is nothing to make instances of, unless that may still come.
    fn instances(&self, named: impl IntoIterator<Item = Value>, standing: Standing) -> SetId {
        let (mut made, mut whole) = (Vec::new(), Vec::new());
        for value in named {
            match value.head {
                Head::Class(file, class) => made.push(Value {
                    head: Head::Instance(file, class),
                    env: value.env,
                }),
                Head::Function(file, function) if self.makes_objects(self.unit(file), function) => {
                    made.push(Value::of(Head::Constructed(file, function)));
                }
                Head::Object(..) | Head::Exports(_) | Head::External => whole.push(value),
                _ => {}
            }
        }
        if made.is_empty() || standing != Standing::Settled {
            made.append(&mut whole);
        }
        if made.is_empty() {
            return SetId::OPEN;
        }
        let kept = self.lattice.borrow_mut().of(made, false);
        self.open_unless_settled(kept, standing)
    }

    /// Bindings of the type parameters of a declaration, given its arguments: those that are missing for their defaults.
    pub(super) fn bind(&self, def: Def, arguments: &[SetId]) -> EnvId {
        let unit = self.unit(def.file);
        // a function type that an alias stands for has parameters of its own
        let end = unit
            .annotation(def.id)
            .map_or(u32::MAX, |node| unit.node_start(node));
        let parameters: Vec<DefinitionId> = type_parameters(unit, def.id)
            .filter(|&id| unit.start_name(id) < end)
            .collect();
        let mut bound: Vec<(Def, SetId)> = Vec::new();
        for (position, &id) in parameters.iter().enumerate() {
            let parameter = Def { file: def.file, id };
            let argument = match (arguments.get(position), unit.value(id)) {
                (Some(&argument), _) => argument,
                (None, Some(default)) => {
                    let before = self.lattice.borrow_mut().env(bound.iter().copied());
                    self.typed_with(def.file, Some(default), before)
                }
                _ => break,
            };
            let argument = self.lattice.borrow_mut().bound(parameter, argument);
            bound.push((parameter, argument));
        }
        self.lattice.borrow_mut().env(bound)
    }

    fn import_type(&self, file: FileId, import: ImportId, path: Option<ListId>) -> SetId {
        let (parts, standing) = self.watched(|| self.import_meaning(file, import, path, None));
        if parts.is_empty() {
            return SetId::OPEN;
        }
        let whole: Vec<Value> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Value(value) => Some(*value),
                Part::Definition(_) => None,
            })
            .collect();
        let modules = if whole.is_empty() {
            SetId::BOTTOM
        } else {
            self.instances(whole, standing)
        };
        let declared: Vec<SetId> = parts
            .iter()
            .filter_map(|part| part.definition())
            .map(|def| self.declared(def, &[]))
            .collect();
        self.open_unless_settled(self.join(modules, self.union(declared)), standing)
    }

    /// Meaning of `import('./x').A.B`, up to the occurrence `until`; the whole module where it names nothing in it.
    pub(super) fn import_meaning(
        &self,
        file: FileId,
        import: ImportId,
        path: Option<ListId>,
        until: Option<OccurrenceId>,
    ) -> Arc<[Part]> {
        let unit = self.unit(file);
        let Some(target) = self.target(file, import) else {
            return [Part::Value(Value::of(Head::External))].into();
        };
        let path: Vec<OccurrenceId> = unit.list(path).iter().map(OccurrenceId).collect();
        let Some((&first, rest)) = path.split_first() else {
            let whole = self.set(self.whole_values(target));
            return whole
                .values
                .iter()
                .map(|&value| Part::Value(value))
                .collect();
        };
        let mut parts = self.parts(Key::Exported(
            target,
            Slot::Named(self.name_id(unit.property(first))),
        ));
        let mut before = first;
        for &occurrence in rest {
            if Some(before) == until {
                break;
            }
            before = occurrence;
            let name = self.name_id(unit.property(occurrence));
            let values = self.set(self.values_of(&parts));
            let members = values
                .heads()
                .map(|head| self.member_definitions(head, name))
                .collect::<Vec<_>>();
            parts = once(
                members
                    .iter()
                    .flat_map(|defs| defs.iter().map(|&def| Part::Definition(def))),
            );
        }
        parts
    }

    /// `{ [K in keyof T]: T[K] }` is T by another name; of other mapped types only what they hold is known.
    fn mapped(
        &self,
        file: FileId,
        node: NodeId,
        value: Option<NodeId>,
        keys: Option<NodeId>,
    ) -> SetId {
        let unit = self.unit(file);
        let whole = keys.map(|keys| unit.node(keys));
        let held = value.map(|value| unit.node(value));
        if let (Some(Node::KeyOf(whole)), Some(Node::IndexedAccess { object, .. })) = (whole, held)
        {
            let (whole, object) = (self.typed(file, whole), self.typed(file, object));
            if whole == object {
                return whole;
            }
        }
        self.opened(self.one(Head::Generic(file, node)))
    }

    /// What a mapped type takes its members from: of `{ [K in keyof T]: … }`, and of `{ [P in K]: … }` where `K extends keyof T`, it is T.
    pub(super) fn mapped_from(&self, file: FileId, node: NodeId) -> Option<SetId> {
        let unit = self.unit(file);
        let Node::Mapped { keys, .. } = unit.node(node) else {
            return None;
        };
        let keys = match unit.node(keys?) {
            Node::KeysWithout { keys, .. } => keys,
            _ => keys,
        };
        let keys = match unit.node(keys?) {
            Node::TypeRef { name, .. } => {
                let Node::Ident(occurrence) = unit.node(name?) else {
                    return None;
                };
                let parameter = unit.target(occurrence)?;
                let constraint = unit.annotation(parameter)?;
                (unit.kind(parameter) == definition::TYPE_PARAMETER).then_some(constraint)?
            }
            _ => keys?,
        };
        match unit.node(keys) {
            Node::KeyOf(whole) => Some(self.typed(file, whole)),
            _ => None,
        }
    }

    /// True when a mapped type leaves a member out.
    pub(super) fn maps_away(&self, file: FileId, node: NodeId, name: NameId) -> bool {
        let unit = self.unit(file);
        let Node::Mapped {
            keys: Some(keys), ..
        } = unit.node(node)
        else {
            return false;
        };
        match unit.node(keys) {
            Node::KeysWithout { without, .. } => self.is_key(file, without, name),
            _ => false,
        }
    }

    /// The set with mapped types replaced by what they take a member of that name from.
    pub(super) fn unmapped(&self, set: SetId, name: NameId) -> SetId {
        self.unmapped_within(set, name, MOST_MAPPED)
    }

    fn unmapped_within(&self, set: SetId, name: NameId, depth: u32) -> SetId {
        self.each(set, |value| match value.head {
            Head::Generic(file, node) if self.maps_away(file, node, name) => SetId::BOTTOM,
            Head::Generic(file, node) => match self.mapped_from(file, node) {
                Some(whole) if depth > 0 => {
                    self.unmapped_within(self.substitute(whole, value.env), name, depth - 1)
                }
                Some(whole) => self.substitute(whole, value.env),
                None => self.lattice.borrow_mut().of([value], false),
            },
            _ => self.lattice.borrow_mut().of([value], false),
        })
    }

    fn indexed(&self, file: FileId, object: Option<NodeId>, index: Option<NodeId>) -> SetId {
        let objects = self.typed(file, object);
        if index.is_none() {
            return SetId::OPEN;
        }
        match self.literal_key(file, index) {
            Some(name) => self.property_of(objects, name),
            None => self.elements(objects, self.element_key(file, index)),
        }
    }
}

/// True when a name is a type of the platform that is followed in a way of its own; scripts can only add members to it.
fn is_followed(name: &str) -> bool {
    CONTAINERS.contains(&name) || TRANSPARENT.contains(&name) || PRIMITIVES.contains(&name)
}
