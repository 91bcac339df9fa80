//! The members of a value: own, assigned later, and inherited.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::evaluate::{has_parents, once};
use super::solve::{Key, Standing};
use super::values::{Head, SetId, Value};
use super::{Linker, NameId, Overriding, Part, Slot};
use crate::facts::codes::{definition, flag};
use crate::facts::{ClassId, Def, DefinitionId, FileId, Node, NodeId, Unit};

impl Linker {
    /// The definitions of a member; nearest first, inherited ones only where there is no own one.
    pub(super) fn member_definitions(&self, head: Head, name: NameId) -> Arc<[Def]> {
        match head {
            Head::Generic(file, node) if self.maps_away(file, node, name) => Arc::default(),
            Head::Generic(file, node) => match self.mapped_from(file, node) {
                Some(whole) => {
                    let whole = self.set(self.expanded(whole));
                    let found = whole
                        .heads()
                        .filter(|head| !matches!(head, Head::Generic(..)));
                    found
                        .flat_map(|head| self.member_definitions(head, name).to_vec())
                        .collect()
                }
                None => self.added_to_container(head, name),
            },
            Head::Array(..) => self.added_to_container(head, name),
            Head::External | Head::Primitive | Head::Text(_) => Arc::default(),
            _ => self
                .parts(Key::Members(head, name))
                .iter()
                .filter_map(|part| part.definition())
                .collect(),
        }
    }

    pub(super) fn members_rule(&self, head: Head, name: NameId) -> Arc<[Part]> {
        let text = self.name(name);
        let found = match head {
            Head::Exports(file) => {
                let exported = || {
                    self.parts(Key::Exported(file, Slot::Named(name)))
                        .iter()
                        .filter_map(|part| part.definition())
                        .collect()
                };
                self.first_of(exported, || self.own_members(head, &text))
            }
            Head::Enum(def) | Head::Namespace(def) => {
                let scoped = self.scoped(def, &text);
                if scoped.is_empty() {
                    self.own_members(head, &text)
                } else {
                    scoped
                }
            }
            Head::Parameter(def) => {
                let constraint = self.set(self.values(Key::Constraint(def)));
                constraint
                    .heads()
                    .flat_map(|head| self.member_definitions(head, name).to_vec())
                    .collect()
            }
            Head::Selected(file, node) if self.selects(file, node, name) => {
                let whole = self.set(self.expanded(self.whole_of(file, node)));
                whole
                    .heads()
                    .flat_map(|head| self.member_definitions(head, name).to_vec())
                    .collect()
            }
            Head::Selected(..) => Vec::new(),
            _ => self.found_in(head, name, &text),
        };
        once(found.into_iter().map(Part::Definition))
    }

    fn found_in(&self, head: Head, name: NameId, text: &str) -> Vec<Def> {
        let ((own, stands), standing) = self.watched(|| {
            let own = self.declared_members(head, text);
            let stands = !own.is_empty() && !self.is_only_written(head, &own);
            (own, stands)
        });
        if standing == Standing::Pending || (standing == Standing::Settled && stands) {
            return own;
        }
        let (inherited, above) = self.watched(|| {
            let parents = self.set(self.values(Key::Parents(head)));
            parents
                .heads()
                .flat_map(|parent| self.member_definitions(parent, name).to_vec())
                .collect::<Vec<Def>>()
        });
        match standing.min(above) {
            Standing::Circular => own.into_iter().chain(inherited).collect(),
            _ if inherited.is_empty() => own,
            _ => inherited,
        }
    }

    /// Members that a value has itself, by any declaration of its interface.
    pub(super) fn declared_members(&self, head: Head, name: &str) -> Vec<Def> {
        let mut own = self.own_members(head, name);
        let others = self.other_declarations(head).into_iter();
        own.extend(others.flat_map(|(file, class)| {
            let other = Head::Instance(file, class);
            self.own_members(other, name)
        }));
        own
    }

    /// The first alternative unless it is empty; both where the first is still growing.
    fn first_of(
        &self,
        first: impl FnOnce() -> Vec<Def>,
        second: impl FnOnce() -> Vec<Def>,
    ) -> Vec<Def> {
        let (mut found, standing) = self.watched(first);
        match standing {
            Standing::Settled if found.is_empty() => second(),
            Standing::Circular => {
                found.extend(second());
                found
            }
            _ => found,
        }
    }

    /// True when a class or a literal of TypeScript, or a component of Vue, only assigns to these members, so that a base declares them.
    fn is_only_written(&self, head: Head, found: &[Def]) -> bool {
        let is_declared_elsewhere = match head {
            Head::Instance(file, _) | Head::Class(file, _) => self.unit(file).is_typescript(),
            Head::Object(file, node) => {
                let unit = self.unit(file);
                unit.is_made(node) || unit.is_typescript()
            }
            _ => false,
        };
        is_declared_elsewhere
            && found
                .iter()
                .all(|def| self.unit(def.file).has(def.id, flag::ASSIGNED))
    }

    /// A member of an enum or a namespace, in any of its merged declarations.
    pub(super) fn scoped(&self, scope: Def, name: &str) -> Vec<Def> {
        let unit = self.unit(scope.file);
        let Some(text) = unit.string(name) else {
            return Vec::new();
        };
        let symbol = unit.symbol(scope.id);
        let is_inside = |id: &DefinitionId| {
            unit.parent(*id)
                .is_some_and(|parent| unit.symbol(parent) == symbol)
                && (unit.kind(*id) == definition::ENUM_MEMBER || unit.has(*id, flag::EXPORTED))
        };
        unit.named(text)
            .filter(is_inside)
            .map(|id| Def {
                file: scope.file,
                id,
            })
            .collect()
    }

    /// Members that the value's own file puts on it: in its literal or body, or by assignment.
    pub(super) fn own_members(&self, head: Head, name: &str) -> Vec<Def> {
        let Some(file) = head.file() else {
            return Vec::new();
        };
        let unit = self.unit(file);
        let Some(text) = unit.string(name) else {
            return Vec::new();
        };
        let is_put_on = |id: &DefinitionId| {
            unit.owner(*id)
                .is_some_and(|owner| self.is_put_on(head, *id, owner))
        };
        // those in a body or a literal by their owner, for many can share a name; those put on an expression by their name
        let mut looked_at = 0;
        let bodies = self.bodies(unit, head).into_iter();
        let inside = bodies.flat_map(|owner| unit.owned_by(owner));
        let mut found: Vec<DefinitionId> = inside
            .inspect(|_| looked_at += 1)
            .filter(|&id| unit.name_id(id) == text)
            .filter(is_put_on)
            .collect();
        let loose = unit.put_on_expressions(text);
        found.extend(loose.iter().copied().filter(is_put_on));
        self.look(1 + looked_at + loose.len());
        found.sort_unstable();
        let is_declared = |id: &DefinitionId| !unit.has(*id, flag::ASSIGNED);
        let only_declared = !self.flows()
            && match head {
                Head::Instance(..) | Head::Class(..) => found.iter().any(is_declared),
                // what is assigned to a value of an intersection belongs to the part that declares it
                Head::Object(_, node) => {
                    unit.is_typescript() && matches!(unit.node(node), Node::ObjectType)
                }
                _ => false,
            };
        let kept = found
            .into_iter()
            .filter(|id| !only_declared || is_declared(id));
        kept.map(|id| Def { file, id }).collect()
    }

    /// The other thing that a name declares in `constructor(private store: Store)`: a parameter, and a field of the class.
    pub fn parameter_property(&self, def: Def) -> Option<Def> {
        let unit = self.unit(def.file);
        let is_field = match unit.kind(def.id) {
            definition::FIELD => true,
            definition::PARAMETER => false,
            _ => return None,
        };
        let other = if is_field {
            definition::PARAMETER
        } else {
            definition::FIELD
        };
        unit.named_at(unit.start_name(def.id))
            .find(|&id| unit.kind(id) == other)
            .map(|id| Def { file: def.file, id })
    }

    /// The nodes that hold the members a value is written with.
    pub(super) fn bodies(&self, unit: &Unit, head: Head) -> Vec<NodeId> {
        match head {
            Head::Object(_, node) => vec![node],
            Head::Class(_, class) | Head::Instance(_, class) => {
                let merged = unit
                    .class_definition(class)
                    .into_iter()
                    .flat_map(|id| unit.merged(id));
                let mut classes: Vec<ClassId> = merged.flat_map(|id| unit.classes_of(id)).collect();
                if !classes.contains(&class) {
                    classes.push(class);
                }
                classes
                    .into_iter()
                    .flat_map(|class| unit.class_nodes(class))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// True when a definition that is put on the node `owner` is a member of the value.
    fn is_put_on(&self, head: Head, id: DefinitionId, owner: NodeId) -> bool {
        let Some(file) = head.file() else {
            return false;
        };
        let unit = self.unit(file);
        match unit.node(owner) {
            Node::Class(here) => match head {
                Head::Class(_, class) => unit.has(id, flag::STATIC) && is_merged(unit, here, class),
                Head::Instance(_, class) => {
                    !unit.has(id, flag::STATIC) && is_merged(unit, here, class)
                }
                _ => false,
            },
            Node::Object(_) | Node::ObjectType => head == Head::Object(file, owner),
            _ => self.set(self.evaluate(file, Some(owner))).holds(head),
        }
    }

    pub(super) fn parents_rule(&self, head: Head) -> SetId {
        match head {
            Head::Instance(file, class) => {
                let own = self.heritage(file, class, true);
                let others = self.other_declarations(head).into_iter();
                let others = others.map(|(file, class)| self.heritage(file, class, true));
                self.join(own, self.union(others.collect::<Vec<_>>()))
            }
            Head::Class(file, class) => self.heritage(file, class, false),
            Head::Object(file, node) => self.object_parents(file, node),
            Head::Selected(file, node) => self.whole_of(file, node),
            Head::Constructed(file, function) => {
                self.prototype_parents(file, Head::Function(file, function))
            }
            // a namespace declared with the function's name adds members to it
            Head::Function(file, function) => {
                let unit = self.unit(file);
                let Some(id) = unit.function_definition(function) else {
                    return SetId::BOTTOM;
                };
                let spaces = unit
                    .merged(id)
                    .filter(|&other| unit.kind(other) == definition::NAMESPACE);
                let spaces: Vec<Value> = spaces
                    .map(|id| Value::of(Head::Namespace(Def { file, id })))
                    .collect();
                self.lattice.borrow_mut().of(spaces, false)
            }
            _ => SetId::BOTTOM,
        }
    }

    fn heritage(&self, file: FileId, class: ClassId, instance: bool) -> SetId {
        let unit = self.unit(file);
        let mut rows = vec![class];
        if let Some(id) = unit.class_definition(class) {
            rows.extend(
                unit.merged(id)
                    .flat_map(|other| unit.classes_of(other))
                    .filter(|&other| other != class),
            );
        }
        let mut found: Vec<Value> = Vec::new();
        for row in rows {
            if let Some(extends) = unit.class_extends(row) {
                let bases = self.set(self.expanded(self.evaluate(file, Some(extends))));
                found.extend(
                    bases
                        .values
                        .iter()
                        .filter_map(|&base| based_on(base, instance)),
                );
            }
            if instance && unit.is_interface(row) {
                let extended = self.union(
                    unit.class_implements(row)
                        .map(|node| self.typed(file, node))
                        .collect::<Vec<_>>(),
                );
                found.extend(self.set(extended).values.iter().copied());
            }
        }
        self.lattice.borrow_mut().of(found, false)
    }

    /// The interfaces that a class says it implements.
    pub(super) fn interfaces(&self, head: Head) -> SetId {
        let Head::Instance(file, class) = head else {
            return SetId::BOTTOM;
        };
        let unit = self.unit(file);
        if unit.is_interface(class) {
            return SetId::BOTTOM;
        }
        self.union(
            unit.class_implements(class)
                .map(|node| self.typed(file, node))
                .collect::<Vec<_>>(),
        )
    }

    fn object_parents(&self, file: FileId, node: NodeId) -> SetId {
        let unit = self.unit(file);
        match unit.node(node) {
            // Object.create(prototype)
            Node::Call { arguments, .. } => match unit.nodes(arguments).next() {
                Some(prototype) => self.evaluate(file, prototype),
                None => SetId::BOTTOM,
            },
            Node::Object(spread) => self.union(
                unit.nodes(spread)
                    .map(|part| self.evaluate(file, part))
                    .collect::<Vec<_>>(),
            ),
            _ => SetId::BOTTOM,
        }
    }

    /// Bases that `F.prototype = …` and `util.inherits(F, G)` put behind instances of F.
    fn prototype_parents(&self, file: FileId, function: Head) -> SetId {
        let unit = self.unit(file);
        let mut found: Vec<Value> = Vec::new();
        for id in unit
            .string("prototype")
            .into_iter()
            .flat_map(|text| unit.named(text))
        {
            if let (Some(owner), Some(value)) = (unit.owner(id), unit.value(id))
                && self.is_put_on(function, id, owner)
            {
                found.extend(
                    self.set(self.evaluate(file, Some(value)))
                        .values
                        .iter()
                        .copied(),
                );
            }
        }
        for occurrence in unit
            .string("inherits")
            .into_iter()
            .flat_map(|text| unit.occurrences_named(text))
        {
            let Some(node) = unit.node_of(occurrence) else {
                continue;
            };
            for call in unit.parents(node.0) {
                let Node::Call { arguments, .. } = unit.node(call) else {
                    continue;
                };
                let arguments = unit.list(arguments);
                let (2, Some(heir), Some(base)) =
                    (arguments.len(), arguments.get(0), arguments.get(1))
                else {
                    continue;
                };
                if self
                    .set(self.evaluate(file, NodeId::in_cell(heir)))
                    .holds(function)
                {
                    let bases = self.set(self.evaluate(file, NodeId::in_cell(base)));
                    found.extend(bases.heads().filter_map(|base| match base {
                        Head::Function(file, id) => Some(Value::of(Head::Constructed(file, id))),
                        Head::Class(file, id) => Some(Value::of(Head::Instance(file, id))),
                        _ => None,
                    }));
                }
            }
        }
        self.lattice.borrow_mut().of(found, false)
    }

    /// A member with every member of the same name that it overrides or implements, up its class and interfaces.
    ///
    /// Two members are the same thing to a reader when these sets meet; that is how TypeScript's find-references groups them.
    pub fn base_members(&self, def: Def) -> Arc<[Def]> {
        if let Some(known) = self.base_members.borrow().get(&def) {
            return Arc::clone(known);
        }
        let name = self.name_id(self.unit(def.file).name(def.id));
        let mut families: Vec<Arc<[Def]>> = self
            .stands_for(def)
            .into_iter()
            .map(|head| self.family(head, name))
            .collect();
        families.extend(self.keys_expected(def, name));
        let found = match families.pop() {
            // overloads, and members written twice, share one family
            Some(only) if families.is_empty() && only.binary_search(&def).is_ok() => only,
            last => {
                families.extend(last);
                let mut all: Vec<Def> = families
                    .iter()
                    .flat_map(|family| family.iter().copied())
                    .chain([def])
                    .collect();
                all.sort_unstable();
                all.dedup();
                all.into()
            }
        };
        if !self.is_stopped() {
            self.base_members
                .borrow_mut()
                .insert(def, Arc::clone(&found));
        }
        found
    }

    /// The members of a name that a value has itself and by its bases, sorted.
    ///
    /// Values that inherit from each other have the same, which is worked out once for all of them.
    fn family(&self, head: Head, name: NameId) -> Arc<[Def]> {
        let text = self.name(name);
        if let Head::Class(..) = head {
            // a class is used by its name: its static members stand in for those of no other
            let own = self.own_members(head, &text);
            if !own.is_empty() {
                return own.into();
            }
        }
        if let Some(known) = self.known_family(head, name) {
            return known;
        }
        let mut own = self.declared_members(head, &text);
        own.dedup();
        let (key, found) = if own.len() == self.count_members(name) {
            (head, own.into()) // there is none that a base could have
        } else {
            let circle = self.circle_of(head);
            if let Some(known) = self.known_family(circle, name) {
                return known;
            }
            (circle, self.members_up_from(circle, name))
        };
        if !self.is_stopped() {
            self.families
                .borrow_mut()
                .insert((key, name), Arc::clone(&found));
        }
        found
    }

    fn known_family(&self, head: Head, name: NameId) -> Option<Arc<[Def]>> {
        self.families.borrow().get(&(head, name)).map(Arc::clone)
    }

    fn members_up_from(&self, head: Head, name: NameId) -> Arc<[Def]> {
        let (text, all) = (self.name(name), self.count_members(name));
        let (mut found, mut by_keys): (Vec<Def>, Vec<Def>) = Default::default();
        let mut todo = vec![head];
        let mut seen: FxHashSet<Head> = todo.iter().copied().collect();
        while let Some(head) = todo.pop() {
            if let Some(known) = self.known_family(self.circle_of(head), name) {
                found.extend(known.iter());
            } else {
                found.extend(self.declared_members(head, &text));
                by_keys.extend(self.declared_by_keys(self.values(Key::Parents(head)), name));
                let bases = self.bases(head).into_iter();
                let bases = bases.filter(|&base| self.hands_down(base, name));
                todo.extend(bases.filter(|&base| seen.insert(base)));
            }
            if found.len() >= all {
                found.sort_unstable();
                found.dedup();
                if found.len() == all {
                    break;
                }
            }
        }
        found.extend(by_keys);
        found.sort_unstable();
        found.dedup();
        found.into()
    }

    /// How many members of the tree have a name.
    fn count_members(&self, name: NameId) -> usize {
        if let Some(&known) = self.member_counts.borrow().get(&name) {
            return known;
        }
        let text = self.name(name);
        let mut count = 0;
        for &file in self.files_with(&text).iter() {
            let unit = self.unit(file);
            let named = unit.string(&text).into_iter();
            let named = named.flat_map(|text| unit.named(text));
            count += named.filter(|&id| unit.owner(id).is_some()).count();
        }
        self.look(count);
        if !self.is_stopped() {
            self.member_counts.borrow_mut().insert(name, count);
        }
        count
    }

    /// Bases of a value, and the interfaces it implements.
    fn bases(&self, head: Head) -> Vec<Head> {
        self.look(1);
        let above = self.join(self.values(Key::Parents(head)), self.interfaces(head));
        let is_followed = |head: &Head| has_parents(*head) && !matches!(head, Head::Function(..));
        self.set(above).heads().filter(is_followed).collect()
    }

    /// One of the values that inherit from each other in a circle, the same for all of them; alone the value itself (Tarjan, SIAM J. Comput.
    /// 1972).
    fn circle_of(&self, head: Head) -> Head {
        if let Some(&known) = self.circles.borrow().get(&head) {
            return known;
        }
        let mut found: FxHashMap<Head, Head> = FxHashMap::default();
        let mut places: FxHashMap<Head, usize> = FxHashMap::default();
        // the values that are not in a finished circle yet, and of those being visited place, bases to come, and how far back they reach
        let mut open: Vec<Head> = Vec::new();
        let mut path: Vec<(usize, Vec<Head>, usize)> = Vec::new();
        let mut next = Some(head);
        while let Some(head) = next.take() {
            places.insert(head, open.len());
            path.push((open.len(), self.bases(head), open.len()));
            open.push(head);
            while let Some((place, bases, low)) = path.last_mut() {
                if let Some(base) = bases.pop() {
                    if found.contains_key(&base) || self.circles.borrow().contains_key(&base) {
                        continue;
                    }
                    match places.get(&base) {
                        Some(&known) => *low = known.min(*low),
                        None => {
                            next = Some(base);
                            break;
                        }
                    }
                    continue;
                }
                let (place, low) = (*place, *low);
                path.pop();
                if low == place {
                    let first = open[place];
                    found.extend(open.drain(place..).map(|member| (member, first)));
                } else if let Some((.., below)) = path.last_mut() {
                    *below = low.min(*below);
                }
            }
        }
        let circle = found.get(&head).copied().unwrap_or(head);
        if !self.is_stopped() {
            self.circles.borrow_mut().extend(found);
        }
        circle
    }

    /// The class of a member, or the type that is expected of the object literal that holds it.
    fn stands_for(&self, def: Def) -> Vec<Head> {
        let unit = self.unit(def.file);
        let Some(owner) = unit.owner(def.id) else {
            return Vec::new();
        };
        match unit.node(owner) {
            Node::Class(class) if unit.has(def.id, flag::STATIC) => {
                vec![Head::Class(def.file, class)]
            }
            Node::Class(class) => vec![self.instance_head(def.file, class)],
            Node::Object(_) => self.literal_stands_for(def, owner),
            _ => Vec::new(),
        }
    }

    /// Every member of the tree that overrides or implements the definition, directly or through others.
    pub fn overriding_members(&self, def: Def) -> Vec<Def> {
        let name = self.unit(def.file).name(def.id);
        self.overriding(name).get(&def).cloned().unwrap_or_default()
    }

    /// The members of a name that override or implement others, by each of these.
    fn overriding(&self, name: &str) -> Arc<Overriding> {
        let id = self.name_id(name);
        if let Some(known) = self.overriding.borrow().get(&id) {
            return Arc::clone(known);
        }
        let mut found = Overriding::default();
        for &file in self.files_with(name).iter() {
            self.pause();
            let unit = self.unit(file);
            let named = unit.string(name).into_iter();
            for id in named.flat_map(|text| unit.named(text)) {
                if unit.owner(id).is_none() {
                    continue;
                }
                let other = Def { file, id };
                for &base in self
                    .base_members(other)
                    .iter()
                    .filter(|&&base| base != other)
                {
                    found.entry(base).or_default().push(other);
                }
            }
        }
        let found = Arc::new(found);
        if !self.is_stopped() {
            self.overriding.borrow_mut().insert(id, Arc::clone(&found));
        }
        found
    }
}

/// True when two class or interface declarations are one type.
fn is_merged(unit: &Unit, one: ClassId, other: ClassId) -> bool {
    if one == other {
        return true;
    }
    match (unit.class_definition(one), unit.class_definition(other)) {
        (Some(first), Some(second)) => unit.symbol(first) == unit.symbol(second),
        _ => false,
    }
}

/// A base as instances, or the class itself, inherit from it; `extends Base<T>` is a type applied to arguments.
fn based_on(base: Value, instance: bool) -> Option<Value> {
    let head = match base.head {
        Head::Class(file, id) | Head::Instance(file, id) if instance => Head::Instance(file, id),
        Head::Class(file, id) | Head::Instance(file, id) => Head::Class(file, id),
        Head::Function(file, id) if instance => Head::Constructed(file, id),
        Head::Function(..) | Head::External => base.head,
        _ => return None,
    };
    Some(Value {
        head,
        env: base.env,
    })
}
