//! From a name to the definitions that answer to it, and what tells a definition from its namesakes.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use rustc_hash::{FxHashSet, FxHasher};

use super::Linker;
use super::names::{DEEPEST, module_name, qualified, split_name};
use crate::facts::codes::{definition, flag};
use crate::facts::{Def, DefinitionId, FileId, Node, NodeId, OccurrenceId, Unit, len32};

/// How many lists of namesakes are kept.
const KEPT: usize = 4096;
const MARK_BITS: u32 = 24;
/// How many names on each side tell definitions with the same names in them apart.
const NEIGHBOURS: u32 = 6;

/// A definition among all of its file whose last name is the same.
#[derive(Debug)]
pub(super) struct Namesake {
    id: DefinitionId,
    name: String,
    thing: u64,
    rank: Rank,
}

/// Which definitions a name means first.
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

    /// What a name with a place means: the definition of that name there, else the one with that mark, and whether it stands there.
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

    /// The mark that tells a definition from others of its file that answer to its name; none where it is the only one.
    pub fn distinguishing(&self, def: Def) -> Option<u32> {
        let file = def.file;
        let one = self.merged(def);
        let mut is_named = false;
        for (id, _, (rank, _)) in self.answers(&self.qualified_name(def), file) {
            if rank == Rank::Never {
                continue;
            }
            if !one.contains(&Def { file, id }) {
                return Some(self.mark(def).0);
            }
            is_named |= id == def.id;
        }
        (!is_named).then(|| self.mark(def).0)
    }

    /// Which thing of its file a definition is: merged declarations, and members of one owner, are one.
    pub fn thing(&self, def: Def) -> u64 {
        thing(self.unit(def.file), def.id)
    }

    /// A number made of the names in a definition; where others of its file are called alike and have the same names in them, of those around
    /// it too, and of its place among those that have these as well.
    /// And whether none but it has these: its mark alone leads to it, wherever it stands.
    fn mark(&self, def: Def) -> (u32, bool) {
        let unit = self.unit(def.file);
        let own = code(unit, def.id);
        let namesakes = self.called(&self.qualified_name(def), def.file);
        let mut alike: Vec<DefinitionId> = namesakes.into_iter().map(|other| other.id).collect();
        alike.retain(|&id| code(unit, id) == own);
        let mut hasher = FxHasher::default();
        own.hash(&mut hasher);
        if alike.len() > 1 {
            let near = around(unit, def.id);
            alike.retain(|&id| around(unit, id) == near);
            alike.sort_by_key(|&id| unit.start_name(id));
            let place = alike.iter().position(|&id| id == def.id);
            (near, place, alike.len()).hash(&mut hasher);
        }
        let mark = u32::try_from(hasher.finish() >> (u64::BITS - MARK_BITS)).unwrap_or_default();
        (mark, alike.len() < 2)
    }

    /// Every definition of a file that answers to a name, the thing it is, and how well it answers: its rank, and whether by a part only.
    fn answers(&self, name: &str, file: FileId) -> Vec<(DefinitionId, u64, (Rank, bool))> {
        let unit = self.unit(file);
        let parts = split_name(name);
        let last = parts.last().copied().unwrap_or(name);
        let starts = name
            .match_indices(['.', '#'])
            .map(|(at, _)| &name[at + 1..]);
        let mut lasts: Vec<&str> = starts.chain([name, last]).collect();
        lasts.sort_unstable();
        lasts.dedup();
        let mut found = Vec::new();
        for last in lasts {
            for one in self.namesakes(last, file).iter() {
                let is_whole = one.name == name;
                let is_part = !parts.is_empty() && split_name(&one.name).ends_with(&parts);
                if is_whole || is_part {
                    found.push((one.id, one.thing, (one.rank, !is_whole)));
                }
            }
        }
        found.sort_by_key(|&(id, ..)| (unit.start_name(id), id.0));
        found.dedup();
        found
    }

    fn namesakes(&self, last: &str, file: FileId) -> Arc<[Namesake]> {
        let unit = self.unit(file);
        let Some(text) = unit.string(last) else {
            return Arc::default();
        };
        let key = (file, text);
        if let Some(known) = self.namesakes.borrow().get(&key) {
            return Arc::clone(known);
        }
        let found: Arc<[Namesake]> = unit
            .named(text)
            .map(|id| Namesake {
                id,
                name: qualified(unit, id, DEEPEST),
                thing: thing(unit, id),
                rank: rank(unit, id),
            })
            .collect();
        let mut kept = self.namesakes.borrow_mut();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, Arc::clone(&found));
        found
    }
}

fn rank(unit: &Unit, id: DefinitionId) -> Rank {
    match unit.kind(id) {
        definition::IMPORT => Rank::Never,
        _ if unit.has(id, flag::FUNCTION_NAME) => Rank::Never,
        definition::PARAMETER | definition::TYPE_PARAMETER => Rank::Plain,
        definition::VARIABLE | definition::CONSTANT if unit.has(id, flag::LOCAL) => Rank::Plain,
        _ => Rank::Visible,
    }
}

/// The names in a definition, in their order.
fn code(unit: &Unit, id: DefinitionId) -> u64 {
    let mut hasher = FxHasher::default();
    unit.kind(id).hash(&mut hasher);
    for occurrence in unit.occurrences_in(unit.extent(id)) {
        unit.property(occurrence).hash(&mut hasher);
    }
    hasher.finish()
}

/// The names that stand next to a definition, on both sides.
fn around(unit: &Unit, id: DefinitionId) -> u64 {
    let (start, end) = unit.extent(id);
    let before = len32(unit.occurrences_in((0, start)).count());
    let after = len32(unit.occurrences_in((0, end)).count());
    let last = unit.occurrence_count().min(after + NEIGHBOURS);
    let mut hasher = FxHasher::default();
    for row in (before.saturating_sub(NEIGHBOURS)..before).chain(after..last) {
        unit.property(OccurrenceId(row)).hash(&mut hasher);
    }
    hasher.finish()
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

/// What a member is put on: a binding where it has one, else the literal itself.
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
