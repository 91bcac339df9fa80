//! From a name to the definitions that answer to it, and what tells a definition from its namesakes.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use xxhash_rust::xxh3::Xxh3;

use super::Linker;
use super::names::{DEEPEST, module_name, qualified, split_name};
use crate::facts::codes::{DEFINITION_KINDS, definition, flag};
use crate::facts::{Def, DefinitionId, FileId, Node, NodeId, OccurrenceId, Place, Unit, len32};

/// The most lists of namesakes, and of their marks, that are kept.
const KEPT: usize = 4096;
const MARK_BITS: u32 = 24;
/// The number of names on each side that tell definitions with the same names in them apart.
const NEIGHBOURS: u32 = 6;

/// The definitions of a file whose last name is the same.
#[derive(Debug, Default)]
pub(super) struct Namesakes {
    all: Vec<Namesake>,
    /// By every end of their names, taken apart at the dots: `c`, `b.c` and `a.b.c` of `a.b.c`.
    by_end: FxHashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct Namesake {
    id: DefinitionId,
    name: String,
    thing: u64,
    rank: Rank,
}

/// A definition that answers to a name, the thing it is, and how well it answers: its rank, and whether by a part only.
type Answer = (DefinitionId, u64, (Rank, bool));

/// The definitions of a file that answer to one name, told apart.
#[derive(Debug, Default)]
pub(super) struct Group {
    /// Those that another one could be taken for.
    ambiguous: FxHashSet<DefinitionId>,
    /// Those that the name leads to.
    named: FxHashSet<DefinitionId>,
    /// Of those that are called exactly so the mark, and whether it leads to one of them wherever that stands.
    marks: FxHashMap<DefinitionId, (u32, bool)>,
}

/// The order in which a name means definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Visible,
    /// A parameter, or a variable of a function: only the code around it can see it.
    Plain,
    /// An import, or the name of a function expression: meant only where it stands.
    Never,
}

impl Linker {
    /// Definitions of a name in a file. What other code can see goes before locals, then a whole name before the end of a longer one;
    /// imports are left out. Of a thing that is declared several times the first.
    pub fn named_in(&self, name: &str, file: FileId) -> Vec<Def> {
        let mut answers = self.answers(name, file);
        let best = answers.iter().map(|&(.., key)| key).min();
        answers.retain(|&(.., key)| Some(key) == best && key.0 != Rank::Never);
        let mut known = FxHashSet::default();
        answers.retain(|&(_, thing, _)| known.insert(thing));
        answers
            .into_iter()
            .map(|(id, ..)| Def { file, id })
            .collect()
    }

    /// Definitions of a name in all files; locals only where there is nothing else.
    pub fn named(&self, name: &str) -> Vec<Def> {
        let parts = split_name(name);
        let Some(&last) = parts.last() else {
            return Vec::new();
        };
        let mut found: Vec<(Rank, bool, Def)> = Vec::new();
        for &file in self.files_with(last).iter() {
            let mut known = FxHashSet::default();
            for (id, thing, (rank, is_part)) in self.answers(name, file) {
                if known.insert((thing, rank as u8)) {
                    found.push((rank, is_part, Def { file, id }));
                }
            }
        }
        let whole_first = parts.len() > 1;
        let key = |&(rank, part, _): &(Rank, bool, Def)| (rank, whole_first && part);
        let best = found.iter().map(key).min();
        found.retain(|one| Some(key(one)) == best && one.0 != Rank::Never);
        found.into_iter().map(|(.., def)| def).collect()
    }

    /// The definitions of a file that are called exactly so, dots and all.
    pub fn called(&self, name: &str, file: FileId) -> Vec<Def> {
        let answers = self.answers(name, file).into_iter();
        answers
            .filter(|&(.., (_, is_part))| !is_part)
            .map(|(id, ..)| Def { file, id })
            .collect()
    }

    /// The definitions whose name starts at a byte offset.
    pub fn standing_at(&self, file: FileId, offset: u32) -> Vec<Def> {
        let found = self.unit(file).named_at(offset);
        found.map(|id| Def { file, id }).collect()
    }

    /// The definition that an occurrence declares; none for an assignment in a function, which is a write there.
    pub fn declaring(&self, file: FileId, occurrence: OccurrenceId) -> Option<Def> {
        let unit = self.unit(file);
        let is_write =
            |def: &Def| unit.within(occurrence).is_some() && unit.has(def.id, flag::ASSIGNED);
        let mut declared = self.declared_at(file, occurrence).into_iter();
        declared.next().filter(|def| !is_write(def))
    }

    /// Definitions of a name with a place: the one that stands there, else the one with that mark; and whether it stands there.
    /// Nothing where no definition has the mark; without a mark all that are called so.
    pub fn placed(
        &self,
        name: &str,
        file: FileId,
        offset: Option<u32>,
        mark: Option<u32>,
    ) -> (Vec<Def>, bool) {
        let unit = self.unit(file);
        let mut found = self.called(name, file);
        if found.is_empty() {
            found = self.named_in(name, file);
        }
        if let Some(mark) = mark {
            found.retain(|&def| {
                let (own, is_certain) = self.mark(def);
                own == mark && (is_certain || Some(unit.start_name(def.id)) == offset)
            });
        }
        let here: Vec<Def> = found
            .iter()
            .copied()
            .filter(|def| Some(unit.start_name(def.id)) == offset)
            .collect();
        if here.is_empty() {
            (found, false)
        } else {
            (here, true)
        }
    }

    /// The mark that tells a definition from others of its file that answer to its name, or that its position means; none where it is the
    /// only one.
    pub fn distinguishing(&self, def: Def) -> Option<u32> {
        let group = self.group(def);
        let needs_mark = group.ambiguous.contains(&def.id)
            || !group.named.contains(&def.id)
            || !self.is_meant_at_its_place(def);
        needs_mark.then(|| self.mark(def).0)
    }

    /// True when the position of a definition means it, as that of a place: a member that is assigned, or written in a literal, may be
    /// declared elsewhere.
    fn is_meant_at_its_place(&self, def: Def) -> bool {
        let unit = self.unit(def.file);
        let at = unit.start_name(def.id);
        let Some(occurrence) = self.occurrence_at(def.file, at) else {
            return true;
        };
        if unit
            .target(occurrence)
            .is_some_and(|id| first(unit, id) == first(unit, def.id))
        {
            return true;
        }
        let place = Place {
            file: def.file,
            id: occurrence,
        };
        let found = self.definitions_at(place);
        let is_it = |one: &Def| one.file == def.file && self.thing(*one) == self.thing(def);
        if found.is_empty() {
            let imported = self.imported_here(place);
            return imported.is_empty() || imported.iter().any(is_it);
        }
        let here = self.declared_at(def.file, occurrence);
        let meant = here.iter().find(|one| found.contains(one));
        meant.or(found.first()).is_some_and(is_it)
    }

    /// A number of the thing in its file that a definition is: merged declarations, and members of one owner, are one.
    pub fn thing(&self, def: Def) -> u64 {
        thing(self.unit(def.file), def.id)
    }

    /// A number made of the names in a definition; where others of its file are called alike and have the same names in them, of what is
    /// written in it too; where that is the same, of the names around it, and of its place among those that have these as well. And
    /// whether none but it has these.
    fn mark(&self, def: Def) -> (u32, bool) {
        let known = self.group(def).marks.get(&def.id).copied();
        known.unwrap_or_else(|| (mark_of(code(self.unit(def.file), def.id), None), true))
    }

    /// The definitions that answer to the name of a definition.
    fn group(&self, def: Def) -> Arc<Group> {
        let key = (def.file, self.qualified_name(def));
        if let Some(known) = self.groups.borrow().get(&key) {
            return Arc::clone(known);
        }
        let unit = self.unit(def.file);
        let answers = self.answers(&key.1, def.file);
        let mut group = Group::default();
        let visible = answers
            .iter()
            .filter(|(.., (rank, _))| *rank != Rank::Never);
        group.named = visible.map(|&(id, ..)| id).collect();
        let things: FxHashSet<DefinitionId> =
            group.named.iter().map(|&id| first(unit, id)).collect();
        let is_another =
            |id: DefinitionId| things.len() > usize::from(things.contains(&first(unit, id)));
        group.ambiguous = answers
            .iter()
            .map(|&(id, ..)| id)
            .filter(|&id| is_another(id))
            .collect();
        let called = answers.iter().filter(|(.., (_, is_part))| !is_part);
        group.marks = marks(unit, called.map(|&(id, ..)| id));
        let group = Arc::new(group);
        if !self.is_stopped() {
            keep(&mut self.groups.borrow_mut(), key, &group);
        }
        group
    }

    /// Every definition of a file that answers to a name.
    fn answers(&self, name: &str, file: FileId) -> Vec<Answer> {
        let unit = self.unit(file);
        let parts = split_name(name);
        let last = parts.last().copied().unwrap_or(name);
        let starts = name
            .match_indices(['.', '#'])
            .map(|(at, _)| &name[at + 1..]);
        let mut lasts: Vec<&str> = starts.chain([name, last]).collect();
        lasts.sort_unstable();
        lasts.dedup();
        let mut found: Vec<Answer> = Vec::new();
        for last in lasts {
            let namesakes = self.namesakes(last, file);
            let mut push =
                |one: &Namesake| found.push((one.id, one.thing, (one.rank, one.name != name)));
            if parts.is_empty() {
                namesakes
                    .all
                    .iter()
                    .filter(|one| one.name == name)
                    .for_each(&mut push);
            }
            for &at in namesakes.by_end.get(&joined(&parts)).into_iter().flatten() {
                push(&namesakes.all[at]);
            }
        }
        self.look(found.len());
        found.sort_by_key(|&(id, ..)| (unit.start_name(id), id.0));
        found.dedup();
        found
    }

    fn namesakes(&self, last: &str, file: FileId) -> Arc<Namesakes> {
        let unit = self.unit(file);
        let Some(text) = unit.string(last) else {
            return Arc::default();
        };
        let key = (file, text);
        if let Some(known) = self.namesakes.borrow().get(&key) {
            return Arc::clone(known);
        }
        let mut found = Namesakes::default();
        for id in unit.named(text) {
            let name = qualified(unit, id, DEEPEST);
            let parts = split_name(&name);
            self.look(parts.len());
            for from in 0..parts.len() {
                let end = found.by_end.entry(joined(&parts[from..])).or_default();
                end.push(found.all.len());
            }
            found.all.push(Namesake {
                id,
                thing: thing(unit, id),
                rank: rank(unit, id),
                name,
            });
        }
        let found = Arc::new(found);
        if !self.is_stopped() {
            keep(&mut self.namesakes.borrow_mut(), key, &found);
        }
        found
    }
}

/// Remembers a value among so many others at most.
fn keep<K: Hash + Eq, V>(kept: &mut FxHashMap<K, Arc<V>>, key: K, value: &Arc<V>) {
    if kept.len() >= KEPT {
        kept.clear();
    }
    kept.insert(key, Arc::clone(value));
}

/// The parts of a name as one key.
fn joined(parts: &[&str]) -> String {
    parts.join("\0")
}

/// Of merged declarations the first, else the definition itself.
fn first(unit: &Unit, id: DefinitionId) -> DefinitionId {
    let is_member = unit.owner(id).is_some();
    let together = (!is_member).then(|| unit.merged(id).next()).flatten();
    together.unwrap_or(id)
}

/// The marks of definitions that are called alike, and whether each has one of its own.
fn marks(
    unit: &Unit,
    ids: impl Iterator<Item = DefinitionId>,
) -> FxHashMap<DefinitionId, (u32, bool)> {
    let mut by_code: FxHashMap<u64, Vec<DefinitionId>> = FxHashMap::default();
    for id in ids {
        by_code.entry(code(unit, id)).or_default().push(id);
    }
    let mut found = FxHashMap::default();
    for (code, alike) in by_code {
        if let [id] = alike[..] {
            found.insert(id, (mark_of(code, None), true));
            continue;
        }
        let mut by_text: FxHashMap<u32, Vec<DefinitionId>> = FxHashMap::default();
        for id in alike {
            by_text.entry(unit.written(id)).or_default().push(id);
        }
        for (text, alike) in by_text {
            if let [id] = alike[..] {
                found.insert(id, (mark_of(code, Some(Twin::Text(text))), true));
                continue;
            }
            let mut by_place: FxHashMap<u64, Vec<DefinitionId>> = FxHashMap::default();
            for id in alike {
                by_place.entry(around(unit, id)).or_default().push(id);
            }
            for (near, mut twins) in by_place {
                twins.sort_by_key(|&id| (unit.start_name(id), id.0));
                let count = len32(twins.len());
                for (place, id) in (0..).zip(twins) {
                    let twin = Twin::Place(text, near, place, count);
                    found.insert(id, (mark_of(code, Some(twin)), count < 2));
                }
            }
        }
    }
    found
}

/// Mark that tells a definition from those that have the same names in them.
enum Twin {
    /// The text in it.
    Text(u32),
    /// That, the names around it, its place among those that have the same ones, and their number.
    Place(u32, u64, u32, u32),
}

/// A mark as it is printed. Addresses outlive the build that printed them: only hashes that are the same everywhere go into it.
fn mark_of(code: u64, twin: Option<Twin>) -> u32 {
    let mut hasher = Xxh3::new();
    hasher.update(&code.to_le_bytes());
    match twin {
        None => {}
        Some(Twin::Text(text)) => hasher.update(&text.to_le_bytes()),
        Some(Twin::Place(text, near, place, count)) => {
            hasher.update(&text.to_le_bytes());
            hasher.update(&near.to_le_bytes());
            hasher.update(&place.to_le_bytes());
            hasher.update(&count.to_le_bytes());
        }
    }
    u32::try_from(hasher.digest() >> (u64::BITS - MARK_BITS)).unwrap_or_default()
}

/// A hash of names in their order that is the same in every build.
fn hash_names<'a>(names: impl Iterator<Item = &'a str>) -> u64 {
    let mut hasher = Xxh3::new();
    for name in names {
        hasher.update(name.as_bytes());
        hasher.update(&[0]);
    }
    hasher.digest()
}

fn rank(unit: &Unit, id: DefinitionId) -> Rank {
    match unit.kind(id) {
        definition::IMPORT => Rank::Never,
        _ if unit.has(id, flag::FUNCTION_NAME) => Rank::Never,
        definition::PARAMETER | definition::TYPE_PARAMETER | definition::LABEL => Rank::Plain,
        definition::VARIABLE | definition::CONSTANT if unit.has(id, flag::LOCAL) => Rank::Plain,
        _ => Rank::Visible,
    }
}

/// The kind of a definition, and the names in it.
fn code(unit: &Unit, id: DefinitionId) -> u64 {
    let kind = DEFINITION_KINDS.get(unit.kind(id) as usize).copied();
    let names = unit
        .occurrences_in(unit.extent(id))
        .map(|occurrence| unit.property(occurrence));
    hash_names(kind.into_iter().chain(names))
}

/// The names that stand next to a definition, on both sides.
fn around(unit: &Unit, id: DefinitionId) -> u64 {
    let (start, end) = unit.extent(id);
    let (before, after) = (unit.occurrences_before(start), unit.occurrences_before(end));
    let last = unit.occurrence_count().min(after + NEIGHBOURS);
    let rows = (before.saturating_sub(NEIGHBOURS)..before).chain(after..last);
    hash_names(rows.map(|row| unit.property(OccurrenceId(row))))
}

fn thing(unit: &Unit, id: DefinitionId) -> u64 {
    let mut hasher = FxHasher::default();
    hash_thing(unit, id, DEEPEST, &mut hasher);
    hasher.finish()
}

fn hash_thing(unit: &Unit, id: DefinitionId, depth: u32, hasher: &mut FxHasher) {
    match unit.owner(id) {
        None => ("binding", unit.symbol(id)).hash(hasher),
        Some(owner) => {
            qualified(unit, id, DEEPEST).hash(hasher);
            hash_owner(unit, Some(owner), depth, hasher);
        }
    }
}

/// Hash the owner of a member: its binding where it has one, else the literal itself.
fn hash_owner(unit: &Unit, node: Option<NodeId>, depth: u32, hasher: &mut FxHasher) {
    let Some(node) = node.filter(|_| depth > 0) else {
        return;
    };
    let holder = match unit.node(node) {
        Node::Class(class) => unit.class_definition(class),
        Node::Ident(occurrence) => match unit.target(occurrence) {
            Some(id) => Some(id),
            None => return unit.property(occurrence).hash(hasher),
        },
        Node::Prototype(base) => return hash_owner(unit, base, depth - 1, hasher),
        Node::Member { base, name } => {
            unit.property(name).hash(hasher);
            return hash_owner(unit, base, depth - 1, hasher);
        }
        Node::ModuleExports => return "exports".hash(hasher),
        Node::Object(_) if !module_name(unit, node).is_empty() => return "exports".hash(hasher),
        Node::Object(_) => unit.valued(node).next(),
        Node::ObjectType => unit.annotated(node).next(),
        Node::StaticThis(class) => unit.class_definition(class),
        Node::This { function, class } => {
            let of_class = match function {
                Some(function) => unit.function_owner(function),
                None => class,
            };
            match (of_class, function) {
                (Some(class), _) => unit.class_definition(class),
                (None, Some(function)) => match unit.function_this(function) {
                    Some(node) => return hash_owner(unit, Some(node), depth - 1, hasher),
                    None => unit.function_definition(function),
                },
                (None, None) => None,
            }
        }
        _ => None,
    };
    match holder {
        Some(id) => hash_thing(unit, id, depth - 1, hasher),
        None => ("node", node.0).hash(hasher),
    }
}
