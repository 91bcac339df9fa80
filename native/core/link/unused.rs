//! Definitions that nothing uses, how sure that is, and what speaks against it.

use rustc_hash::{FxHashMap, FxHashSet};

use super::values::Head;
use super::{Linker, Reference};
use crate::facts::codes::{definition, flag, meta, node, role};
use crate::facts::{
    ClassId, Def, DefinitionId, ExportKind, FileId, Node, NodeId, OccurrenceId, Unit,
};

/// Why a definition seems to be unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing uses it, and nothing outside of its file can.
    Certain,
    /// It is exported, and used nowhere in the tree.
    Exported,
    /// It is a member: dynamic uses are not seen.
    Member,
    OnlyTests,
    /// Uses whose receiver is not known may mean it.
    Possible,
}

/// Doubts: possible uses of a definition that do not name it where the linker sees it; bits of `Unused::doubts`.
pub mod doubt {
    /// Every other script of a page sees it.
    pub const GLOBAL: u32 = 1;
    /// It is put on an object, or on something that is not known: keys can be read without being named.
    pub const KEY: u32 = 2;
    /// Its class builds on one from outside, which may call it.
    pub const HERITAGE: u32 = 4;
    /// It, or its class, is decorated.
    pub const DECORATED: u32 = 8;
    /// Its owner is offered to the world.
    pub const OFFERED: u32 = 16;
    /// Other code takes the module that exports it as a whole.
    pub const WHOLE: u32 = 32;
    /// The compiler, or the language, asks for this name.
    pub const LANGUAGE: u32 = 64;
    /// Only what stands in its file can use it.
    pub const LOCAL: u32 = 128;
    /// Its file was not read as a whole.
    pub const UNREAD: u32 = 256;
    /// Its value comes from a call, and what was called may have kept it.
    pub const CALLED: u32 = 512;
    /// Its pattern takes the rest of the value too: naming it leaves it out of that.
    pub const LEFT_OUT: u32 = 1024;
    /// The elements of its file can be made with it: `<a />` is `React.createElement('a')` where a compiler is told so.
    pub const FACTORY: u32 = 2048;
    /// A file that no other imports exports it again, and whatever loads that file may use it.
    pub const ROOT: u32 = 4096;
    /// Its class is handed on as a value: whoever gets it can make instances.
    pub const CLASS: u32 = 8192;
}

/// What elements are made with by the conventions of React, Preact and Emotion.
const FACTORIES: [&str; 3] = ["React", "h", "jsx"];

/// Names that the language itself looks for: ECMA-262 (conversions, iterators, thenables), `util.inspect` of Node.
const LANGUAGE: [&str; 10] = [
    "toJSON",
    "toString",
    "toLocaleString",
    "valueOf",
    "then",
    "next",
    "return",
    "throw",
    "inspect",
    "constructor",
];

/// The namespace in which TypeScript looks up what JSX means.
const JSX: &str = "JSX";

/// A definition without a use.
#[derive(Clone, Debug)]
pub struct Unused {
    pub def: Def,
    pub verdict: Verdict,
    pub doubts: u32,
}

impl Linker {
    /// The definitions of files that nothing uses, with how sure that is; a definition inside an unused one, and a second name for
    /// one, is left out.
    ///
    /// `judges` says which are looked at, `is_test` whether a file is a test; what is `offered` counts as used. All verdicts are
    /// finished, also when the linker was stopped.
    pub fn unused(
        &self,
        files: &[FileId],
        offered: &FxHashSet<Def>,
        judges: impl Fn(u32, u32) -> bool,
        is_test: impl Fn(FileId) -> bool,
    ) -> Vec<Unused> {
        self.load(files);
        let mut found = Vec::new();
        let mut wholes: FxHashMap<FileId, bool> = FxHashMap::default();
        let mut is_whole = |file| {
            *wholes
                .entry(file)
                .or_insert_with(|| self.is_taken_whole(file))
        };
        let mut handed: FxHashMap<Def, bool> = FxHashMap::default();
        for &file in files {
            let unit = self.unit(file);
            let mut judged_until = 0;
            let mut things: FxHashSet<(NodeId, &str)> = FxHashSet::default();
            let mut symbols: FxHashSet<u32> = FxHashSet::default();
            let mut decorated: Option<FxHashSet<DefinitionId>> = None;
            for id in self.outline(file) {
                let def = Def { file, id };
                let (start, end) = unit.extent(id);
                let kind = unit.kind(id);
                let can_be_judged = is_judged(kind)
                    && !unit.has(id, flag::DECLARE | flag::OVERLOAD | flag::COMPUTED);
                if !self.step() {
                    return found;
                }
                if start < judged_until
                    || !can_be_judged
                    || offered.contains(&def)
                    || !judges(kind, unit.flags_of(id))
                {
                    continue;
                }
                let verdict = self.verdict(def, &is_test);
                if self.is_stopped() {
                    return found;
                }
                let Some(verdict) = verdict else { continue };
                judged_until = end;
                let is_first = match unit.owner(id) {
                    Some(owner) => things.insert((owner, unit.name(id))),
                    None => symbols.insert(unit.symbol(id)),
                };
                if !is_first || self.is_second_name(def, &is_test) {
                    continue;
                }
                let mut doubts = 0;
                if !matches!(verdict, Verdict::OnlyTests | Verdict::Possible) {
                    let decorated = decorated.get_or_insert_with(|| decorated_in(unit));
                    doubts = self.doubts(def, offered, decorated);
                    if doubts & doubt::LOCAL == 0
                        && (is_whole(file)
                            || self.exported_again(def).into_iter().any(&mut is_whole))
                    {
                        doubts |= doubt::WHOLE;
                    }
                    if doubts & doubt::LOCAL == 0
                        && let Some(class) = self.class_of(def)
                        && *handed
                            .entry(class)
                            .or_insert_with(|| self.is_class_handed_on(class))
                    {
                        doubts |= doubt::CLASS;
                    }
                }
                found.push(Unused {
                    def,
                    verdict,
                    doubts,
                });
            }
        }
        found
    }

    /// True when it is another name of something that is unused itself: `exports.b = a`.
    fn is_second_name(&self, def: Def, is_test: &impl Fn(FileId) -> bool) -> bool {
        self.origin(def).iter().any(|part| {
            part.definition()
                .is_some_and(|other| other != def && self.verdict(other, is_test).is_some())
        })
    }

    /// Files and spans in which the name of a definition stands for itself, or for what it cannot be: its declarations, what it
    /// overrides, where it is imported or exported, and bindings of other files.
    pub fn own_places(&self, def: Def) -> Vec<(FileId, u32, u32)> {
        let found = self.references(def, false);
        let mut places: Vec<(FileId, u32, u32)> = Vec::new();
        for &alias in found.aliases.iter().chain([&def]) {
            let unit = self.unit(alias.file);
            if unit.name(alias.id) == unit_name(self, def) {
                let (start, end) = unit.extent(alias.id);
                places.push((alias.file, start, end));
                places.extend(
                    unit.doc(alias.id)
                        .map(|(start, end)| (alias.file, start, end)),
                );
            }
        }
        places.extend(found.certain.iter().map(|one: &Reference| {
            let start = self.unit(one.place.file).start(one.place.id);
            (one.place.file, start, start + 1)
        }));
        self.add_namesakes(def, &mut places);
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Places at which the name of what only imports can reach certainly means something else: a binding of its own file.
    fn add_namesakes(&self, def: Def, places: &mut Vec<(FileId, u32, u32)>) {
        let name = unit_name(self, def);
        if self.unit(def.file).owner(def.id).is_some() {
            return;
        }
        for &file in self.files_with(name).iter() {
            let unit = self.unit(file);
            let is_bound_here = |id: DefinitionId| {
                unit.kind(id) != definition::IMPORT
                    && !unit.has(id, flag::DESTRUCTURED)
                    && unit.is(meta::ESM | meta::COMMONJS)
            };
            let named = unit
                .string(name)
                .into_iter()
                .flat_map(|text| unit.occurrences_named(text));
            for occurrence in named {
                if !self.step() {
                    return;
                }
                if unit.target(occurrence).is_some_and(is_bound_here) {
                    let start = unit.start(occurrence);
                    places.push((file, start, start + 1));
                }
            }
        }
    }

    /// Doubts about a definition being unused.
    fn doubts(
        &self,
        def: Def,
        offered: &FxHashSet<Def>,
        decorated: &FxHashSet<DefinitionId>,
    ) -> u32 {
        let unit = self.unit(def.file);
        let mut doubts = 0;
        if unit.is(meta::HAS_ERRORS | meta::TOKEN_SCAN) {
            doubts |= doubt::UNREAD;
        }
        if decorated.contains(&def.id) {
            doubts |= doubt::DECORATED;
        }
        let Some(owner) = unit.owner(def.id) else {
            let spaces = self.spaces_around(def);
            let is_exported = unit.exports_of(def.id).next().is_some();
            let is_open = is_exported || unit.has(def.id, flag::EXPORTED) || !spaces.is_empty();
            let is_script = !unit.is(meta::ESM | meta::COMMONJS);
            if !is_open && !is_script {
                doubts |= doubt::LOCAL;
            } else if is_script && !unit.has(def.id, flag::LOCAL) {
                doubts |= doubt::GLOBAL;
            }
            let is_declared = unit.is(meta::SCRIPT_BLOCKS) && is_macro(unit, unit.value(def.id));
            if is_declared
                || doubts & doubt::LOCAL == 0 && comes_from_a_call(unit, unit.value(def.id))
            {
                doubts |= doubt::CALLED;
            }
            if FACTORIES.contains(&unit.name(def.id)) && has_elements(unit) {
                doubts |= doubt::FACTORY;
            }
            if unit.has(def.id, flag::DESTRUCTURED) && stands_beside_rest(unit, unit.value(def.id))
            {
                doubts |= doubt::LEFT_OUT;
            }
            for space in spaces {
                if unit.name(space) == JSX {
                    doubts |= doubt::LANGUAGE;
                }
                doubts |= self.doubts_around(
                    Def {
                        file: def.file,
                        id: space,
                    },
                    offered,
                );
            }
            return doubts | self.doubts_around(def, offered);
        };
        let name = unit.name(def.id);
        if LANGUAGE.contains(&name) {
            doubts |= doubt::LANGUAGE;
        }
        if name.starts_with('#') {
            return doubts | doubt::LOCAL;
        }
        let mut holders: Vec<DefinitionId> = Vec::new();
        doubts |= self.doubts_of_owner(def.file, owner, &mut holders);
        for id in holders {
            let holder = Def { file: def.file, id };
            doubts |= self.doubts_around(holder, offered);
            if decorated.contains(&id) {
                doubts |= doubt::DECORATED;
            }
        }
        doubts
    }

    /// Doubts about what belongs to a definition, by who can import that.
    fn doubts_around(&self, def: Def, offered: &FxHashSet<Def>) -> u32 {
        let mut doubts = 0;
        if self.is_offered(def, offered) {
            doubts |= doubt::OFFERED;
        }
        let is_root = |file: &FileId| self.importers(*file).is_empty();
        if self.exported_again(def).iter().any(is_root) {
            doubts |= doubt::ROOT;
        }
        doubts
    }

    /// Doubts about members of a node being unused, and the definitions of the same file that they belong to.
    fn doubts_of_owner(&self, file: FileId, owner: NodeId, holders: &mut Vec<DefinitionId>) -> u32 {
        let unit = self.unit(file);
        match unit.node(owner) {
            Node::ModuleExports => 0,
            Node::Class(class) => {
                holders.extend(unit.class_definition(class));
                self.doubt_of_class(file, class)
            }
            Node::ObjectType => {
                let mut todo = vec![owner];
                while let Some(part) = todo.pop() {
                    holders.extend(unit.annotated(part));
                    todo.extend(joins_of(unit, part));
                }
                0
            }
            Node::Object(_) => {
                holders.extend(unit.valued(owner));
                if self.is_module_itself(file, owner) {
                    0
                } else {
                    doubt::KEY
                }
            }
            Node::Prototype(base) => self.doubts_of_holder(file, base, false, holders),
            Node::This { .. } | Node::StaticThis(_) => {
                self.doubts_of_holder(file, Some(owner), true, holders)
            }
            _ => self.doubts_of_holder(file, Some(owner), false, holders),
        }
    }

    /// The same of members that are put on the value of an expression: on `this`, on a function or a class, or on anything.
    fn doubts_of_holder(
        &self,
        file: FileId,
        value: Option<NodeId>,
        is_this: bool,
        holders: &mut Vec<DefinitionId>,
    ) -> u32 {
        let unit = self.unit(file);
        let values = self.set(self.expanded(self.evaluate(file, value)));
        if values.is_unknown() || values.open {
            return doubt::KEY;
        }
        let mut doubts = 0;
        for head in values.heads() {
            match head {
                Head::Class(at, class) => {
                    holders.extend(unit.class_definition(class).filter(|_| at == file));
                    doubts |= self.doubt_of_class(at, class);
                }
                Head::Instance(at, class) if is_this => {
                    holders.extend(unit.class_definition(class).filter(|_| at == file));
                    doubts |= self.doubt_of_class(at, class);
                }
                Head::Function(at, function) => {
                    holders.extend(unit.function_definition(function).filter(|_| at == file));
                }
                Head::Constructed(at, function) if is_this => {
                    holders.extend(unit.function_definition(function).filter(|_| at == file));
                }
                Head::Exports(_) => {}
                _ => doubts |= doubt::KEY,
            }
        }
        doubts
    }

    fn doubt_of_class(&self, file: FileId, class: ClassId) -> u32 {
        if self.builds_on_outside(file, class) {
            doubt::HERITAGE
        } else {
            0
        }
    }

    /// True when a literal is what `module.exports` is, or is merged into.
    pub(super) fn is_module_itself(&self, file: FileId, literal: NodeId) -> bool {
        let unit = self.unit(file);
        let mut rows = unit.exports_named("=").chain(unit.exports_named("+"));
        rows.any(|row| {
            unit.export_value(row).is_some_and(|node| {
                self.set(self.evaluate(file, Some(node)))
                    .holds(Head::Object(file, literal))
            })
        })
    }

    fn is_offered(&self, def: Def, offered: &FxHashSet<Def>) -> bool {
        self.merged(def).iter().any(|one| offered.contains(one))
    }

    /// The namespaces around a definition.
    fn spaces_around(&self, def: Def) -> Vec<DefinitionId> {
        let unit = self.unit(def.file);
        let mut spaces = Vec::new();
        let mut at = unit.parent(def.id);
        while let Some(id) = at {
            if unit.kind(id) == definition::NAMESPACE {
                spaces.push(id);
            }
            at = unit.parent(id);
        }
        spaces
    }

    /// True when a class extends or implements something that is not of the tree, or not known, however far up.
    fn builds_on_outside(&self, file: FileId, class: ClassId) -> bool {
        let mut seen = FxHashSet::default();
        let mut todo = vec![(file, class)];
        while let Some((file, class)) = todo.pop() {
            if !seen.insert((file, class)) {
                continue;
            }
            let unit = self.unit(file);
            let extended = unit
                .class_extends(class)
                .map(|node| self.evaluate(file, Some(node)));
            let implemented = unit
                .class_implements(class)
                .map(|node| self.typed(file, node));
            for set in extended.into_iter().chain(implemented) {
                let bases = self.set(self.expanded(self.unselected(self.expanded(set))));
                if bases.is_unknown() || bases.open {
                    return true;
                }
                for head in bases.heads() {
                    match head {
                        Head::Class(at, class) | Head::Instance(at, class) => {
                            todo.push((at, class));
                        }
                        Head::Object(..) => {}
                        _ => return true,
                    }
                }
            }
        }
        false
    }

    /// Why nothing seems to use a definition; none when something does.
    fn verdict(&self, def: Def, is_test: &impl Fn(FileId) -> bool) -> Option<Verdict> {
        let unit = self.unit(def.file);
        let is_member = unit.owner(def.id).is_some();
        if !is_test(def.file) && !is_member {
            // known without looking at any other file
            let mut own = unit.occurrences_of(unit.symbol(def.id));
            if own.any(|id| self.is_use(def, def.file, unit.role(id), unit.start(id))) {
                return None;
            }
        }
        let found = self.references(def, false);
        let mut uses = found
            .certain
            .iter()
            .filter(|one| {
                let unit = self.unit(one.place.file);
                !one.alias
                    && self.is_use(
                        def,
                        one.place.file,
                        unit.role(one.place.id),
                        unit.start(one.place.id),
                    )
            })
            .peekable();
        let only_tests = uses.peek().is_some();
        if uses.any(|one| !is_test(one.place.file)) {
            return None;
        }
        if self.count_possible(&found) > 0 {
            return Some(Verdict::Possible);
        }
        if only_tests {
            return Some(Verdict::OnlyTests);
        }
        if self.is_asked_for_members(def, is_test) {
            return None;
        }
        if is_member {
            return Some(Verdict::Member);
        }
        Some(if unit.has(def.id, flag::EXPORTED) {
            Verdict::Exported
        } else {
            Verdict::Certain
        })
    }

    /// True for what a module is as a whole when other files ask for its members: `const { a } = require('./module')`.
    fn is_asked_for_members(&self, def: Def, is_test: &impl Fn(FileId) -> bool) -> bool {
        let unit = self.unit(def.file);
        let is_whole = |row| unit.export_kind(row) == ExportKind::Whole;
        unit.exports_of(def.id).any(is_whole)
            && self.importers(def.file).iter().any(|importer| {
                let unit = self.unit(importer.file);
                let is_asked = |node: NodeId| {
                    let mut parents = unit.parents(node.0);
                    matches!(unit.node(node), Node::Require(_))
                        && parents.any(|parent| matches!(unit.node(parent), Node::Member { .. }))
                };
                let mut bindings = unit.bindings_from(importer.import);
                !is_test(importer.file)
                    && (bindings
                        .any(|one| !matches!(unit.binding_name(one), "=" | "*" | "default"))
                        || unit.parents(importer.import.0).any(is_asked))
            })
    }

    /// True when an occurrence uses the definition from outside: no declaration, no import or export of it, no recursion.
    fn is_use(&self, def: Def, file: FileId, role: u32, at: u32) -> bool {
        if role & (role::DECLARES | role::IMPORT | role::EXPORT) != 0 {
            return false;
        }
        let unit = self.unit(def.file);
        let (start, end) = unit.extent(def.id);
        file != def.file || !(start..end).contains(&at) || runs_by_itself(unit, def.id)
    }
}

/// True when what stands in a definition may run though nothing uses it: `const timer = setInterval(() => clearInterval(timer))`.
fn runs_by_itself(unit: &Unit, id: DefinitionId) -> bool {
    let mut value = unit.value(id).map(|value| unit.node(value));
    while let Some(Node::Cast { value: inner, .. } | Node::Await(inner)) = value {
        value = inner.map(|inner| unit.node(inner));
    }
    matches!(value, Some(Node::Call { .. } | Node::New { .. }))
}

/// The classes and members that a decorator stands before.
fn decorated_in(unit: &Unit) -> FxHashSet<DefinitionId> {
    let decorators = (0..unit.occurrence_count())
        .map(OccurrenceId)
        .filter(|&id| unit.role(id) & role::DECORATOR != 0);
    let is_target = |id: &DefinitionId| {
        let is_member = unit
            .owner(*id)
            .is_some_and(|owner| matches!(unit.node(owner), Node::Class(_)));
        is_member || unit.kind(*id) == definition::CLASS
    };
    let mut targets: Vec<(u32, DefinitionId)> = Vec::new();
    let mut found = FxHashSet::default();
    for decorator in decorators {
        if targets.is_empty() {
            targets = unit
                .definition_ids()
                .filter(is_target)
                .map(|id| (unit.start_name(id), id))
                .collect();
            targets.sort_unstable();
        }
        let at = unit.start(decorator);
        let behind = targets.partition_point(|&(start, _)| start < at);
        found.extend(targets.get(behind).map(|&(_, id)| id));
    }
    found
}

/// True when there are elements of JSX in a file.
fn has_elements(unit: &Unit) -> bool {
    const ELEMENT: u32 = role::JSX | role::ATTRIBUTE | role::INTRINSIC;
    (0..unit.occurrence_count()).any(|id| unit.role(OccurrenceId(id)) & ELEMENT != 0)
}

/// True when a value is what a call gives.
fn comes_from_a_call(unit: &Unit, value: Option<NodeId>) -> bool {
    match value.map(|node| unit.node(node)) {
        Some(Node::Call { .. } | Node::New { .. }) => true,
        Some(Node::Cast { value, .. } | Node::Await(value)) => comes_from_a_call(unit, value),
        _ => false,
    }
}

/// The unions and intersections that a type is written in.
fn joins_of(unit: &Unit, part: NodeId) -> impl Iterator<Item = NodeId> + '_ {
    let joins = [node::UNION, node::INTERSECTION].into_iter();
    let joins = joins.flat_map(move |kind| unit.nodes_of_kind(kind));
    joins.filter(move |&join| match unit.node(join) {
        Node::Union(parts) | Node::Intersection(parts) => {
            unit.nodes(parts).any(|one| one == Some(part))
        }
        _ => false,
    })
}

/// True when a value is a part of what a pattern takes the rest of as well.
fn stands_beside_rest(unit: &Unit, value: Option<NodeId>) -> bool {
    match value.map(|node| unit.node(node)) {
        Some(
            Node::Member { base: whole, .. }
            | Node::Element {
                iterated: whole, ..
            },
        ) => whole.is_some_and(|whole| {
            let mut parents = unit.parents(whole.0);
            parents.any(|parent| unit.node(parent) == Node::Rest(Some(whole)))
        }),
        Some(Node::Choice(parts)) => unit.nodes(parts).any(|part| stands_beside_rest(unit, part)),
        _ => false,
    }
}

/// True when a value is of the interface of a component: of `defineProps()`, `$props()` and their like.
fn is_macro(unit: &Unit, value: Option<NodeId>) -> bool {
    match value.map(|node| unit.node(node)) {
        Some(Node::Cast { value, .. } | Node::Member { base: value, .. }) => is_macro(unit, value),
        Some(Node::Choice(parts)) => unit.nodes(parts).any(|part| is_macro(unit, part)),
        Some(Node::Call { callee, .. }) => callee.is_some_and(|callee| match unit.node(callee) {
            Node::Ident(name) => {
                let name = unit.text(unit.occurrence_name(name));
                name == "$props" || name.starts_with("define")
            }
            _ => false,
        }),
        _ => false,
    }
}

fn unit_name(linker: &Linker, def: Def) -> &str {
    linker.unit(def.file).name(def.id)
}

fn is_judged(kind: u32) -> bool {
    matches!(
        kind,
        definition::VARIABLE
            | definition::CONSTANT
            | definition::FUNCTION
            | definition::CLASS
            | definition::METHOD
            | definition::GETTER
            | definition::INTERFACE
            | definition::TYPE
            | definition::ENUM
    )
}
