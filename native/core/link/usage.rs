//! How often every definition of the tree is used: one pass over all occurrences.

use std::cmp::Reverse;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::references::invokes;
use super::values::{Head, SetId};
use super::{Linker, NameId};
use crate::facts::codes::{flag, role};
use crate::facts::{Def, DefinitionId, FileId, Node, NodeId, OccurrenceId, Place};

/// Uses of one definition from outside of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    pub def: Def,
    /// Invocations.
    pub calls: u32,
    /// Uses in test files.
    pub tests: u32,
    /// How many files use it.
    pub files: u32,
    /// Invocations of its name on something that could be anything.
    pub possible: u32,
}

#[derive(Default)]
struct Count {
    calls: u32,
    tests: u32,
    files: u32,
}

#[derive(Default)]
struct Counted {
    definitions: FxHashMap<Def, Count>,
    /// Invocations of a property of something that could be anything.
    unknown: FxHashMap<NameId, u32>,
}

/// The key of occurrences of one file that mean the same.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Meaning {
    Binding(DefinitionId),
    Member(SetId, NameId),
    Alone(OccurrenceId),
}

/// Uses and invocations.
#[derive(Clone, Copy, Default)]
struct Uses {
    all: u32,
    calls: u32,
}

impl Uses {
    fn add(&mut self, role: u32) {
        self.all += 1;
        self.calls += u32::from(invokes(role));
    }
}

/// The occurrences of one meaning in a file: many can mean the same many overloads.
struct Group {
    definitions: Arc<[Def]>,
    uses: Uses,
    /// Those inside of one of the definitions themselves, which do not count for it.
    recursive: FxHashMap<Def, Uses>,
}

impl Linker {
    /// The uses of every thing that is used at all, by definition, the most called one of overloads; `is_test` tells of each file whether it is a test. Of a file
    /// in which the linker was stopped nothing counts.
    pub fn usages(&self, is_test: impl Fn(FileId) -> bool) -> Vec<Usage> {
        let files: Vec<FileId> = self.code_files().collect();
        self.load(&files);
        let mut counted = Counted::default();
        for file in files {
            if !self.count_uses(file, is_test(file), &mut counted) {
                break;
            }
        }
        self.usages_of(counted)
    }

    /// The same with a bound for what stays decoded of the facts.
    pub fn usages_in_bounds(&mut self, is_test: impl Fn(FileId) -> bool) -> Vec<Usage> {
        let files: Vec<FileId> = self.code_files().collect();
        self.load(&files);
        let mut counted = Counted::default();
        for file in files {
            if !self.count_uses(file, is_test(file), &mut counted) {
                break;
            }
            self.economise();
        }
        self.usages_of(counted)
    }

    fn usages_of(&self, counted: Counted) -> Vec<Usage> {
        let possible = |def: Def| {
            let unit = self.unit(def.file);
            let has_receiver = unit.owner(def.id).is_some() || unit.has(def.id, flag::EXPORTED);
            has_receiver
                .then(|| counted.unknown.get(&self.name_id(unit.name(def.id))))
                .flatten()
        };
        let mut usages: Vec<Usage> = counted
            .definitions
            .iter()
            .map(|(&def, count)| Usage {
                def,
                calls: count.calls,
                tests: count.tests,
                files: count.files,
                possible: possible(def).copied().unwrap_or(0),
            })
            .collect();
        usages.sort_unstable_by_key(|usage| (Reverse(usage.calls), usage.def));
        let mut things: FxHashSet<(FileId, Option<NodeId>, u32)> = FxHashSet::default();
        usages.retain(|usage| {
            let (file, id) = (usage.def.file, usage.def.id);
            let unit = self.unit(file);
            let owner = unit.owner(id);
            let thing = owner.map_or_else(|| unit.symbol(id), |_| self.name_id(unit.name(id)).0);
            things.insert((file, owner, thing)) // overloads are one thing
        });
        usages.sort_unstable_by_key(|usage| usage.def);
        usages
    }

    /// True when nothing is known of a receiver, or not all.
    fn could_be_anything(&self, receivers: SetId) -> bool {
        let receivers = self.set(receivers);
        receivers.is_unknown() || receivers.open || !receivers.heads().all(Head::is_elsewhere)
    }

    /// Counts the uses in a file; false, and nothing of it, when the linker was stopped.
    fn count_uses(&self, file: FileId, is_test: bool, counted: &mut Counted) -> bool {
        let groups = self.grouped_uses(file);
        if self.is_stopped() {
            return false;
        }
        let mut here: FxHashSet<Def> = FxHashSet::default();
        for (meaning, group) in groups {
            if let Meaning::Member(receivers, name) = meaning
                && group.uses.calls > 0
                && group.definitions.is_empty()
                && self.could_be_anything(receivers)
            {
                *counted.unknown.entry(name).or_default() += group.uses.calls;
            }
            for &def in group.definitions.iter() {
                let own = group.recursive.get(&def).copied().unwrap_or_default();
                let uses = group.uses.all - own.all;
                if uses > 0 {
                    let count = counted.definitions.entry(def).or_default();
                    count.calls += group.uses.calls - own.calls;
                    count.tests += u32::from(is_test) * uses;
                    count.files += u32::from(here.insert(def));
                }
            }
        }
        true
    }

    /// The uses in a file, by what they mean.
    fn grouped_uses(&self, file: FileId) -> FxHashMap<Meaning, Group> {
        let unit = self.unit(file);
        let mut groups: FxHashMap<Meaning, Group> = FxHashMap::default();
        for id in (0..unit.occurrence_count()).map(OccurrenceId) {
            let role = unit.role(id);
            if role & (role::DECLARES | role::IMPORT) != 0 {
                continue;
            }
            if !self.step() {
                break;
            }
            let place = Place { file, id };
            let group = groups
                .entry(self.meaning_of(place))
                .or_insert_with(|| Group {
                    definitions: self.used_at(place),
                    uses: Uses::default(),
                    recursive: FxHashMap::default(),
                });
            group.uses.add(role);
            if let Some(id) = unit.within(id) {
                group
                    .recursive
                    .entry(Def { file, id })
                    .or_default()
                    .add(role);
            }
        }
        groups
    }

    /// The key of the occurrences that mean the same as this one.
    fn meaning_of(&self, place: Place) -> Meaning {
        let unit = self.unit(place.file);
        if let Some(id) = unit.target(place.id) {
            return Meaning::Binding(id);
        }
        if unit.role(place.id) & role::MEMBER != 0
            && unit.named_at(unit.start(place.id)).next().is_none()
            && let Some(Node::Member { base, .. }) =
                unit.node_of(place.id).map(|node| unit.node(node))
        {
            let is_prop = base.is_some_and(|base| matches!(unit.node(base), Node::Props(_)));
            let receivers = self.expanded(self.evaluate(place.file, base));
            if is_prop && self.set(receivers).is_unknown() {
                return Meaning::Alone(place.id);
            }
            return Meaning::Member(receivers, self.name_id(unit.property(place.id)));
        }
        Meaning::Alone(place.id)
    }
}
