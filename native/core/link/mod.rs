//! Names into meanings: what every occurrence of every file stands for.
//!
//! [`Linker`] answers all of it from the facts of files, the import graph and the postings of names. Its parts:
//!
//! | file | gives |
//! | --- | --- |
//! | `values` | value sets: what an expression can be |
//! | `solve` | the fixed point that all rules below are equations of |
//! | `evaluate` | the values of expressions and names |
//! | `calls` | what calling a value gives |
//! | `containers` | what is inside of arrays, promises and maps |
//! | `indices` | what is under `x[key]` |
//! | `flow` | the second fixed point: values that reach parameters through calls |
//! | `call_sites` | the calls that give a function its arguments |
//! | `paths` | members that are put on something from outside of the tree |
//! | `carriers` | from a function to the names that hold it elsewhere, and what flow says of an occurrence |
//! | `types` | the values that a type admits |
//! | `members` | the members of a value: own, assigned later, inherited |
//! | `narrowing` | what a name can still be where a test of it holds |
//! | `components` | elements of React, and the components that they run |
//! | `exports` | what a file gives to others |
//! | `globals` | what files share without importing it |
//! | `expected` | what is expected of a value where it stands |
//! | `definitions` | from an occurrence to the definitions it means, and from a name |
//! | `meanings` | what each occurrence of a file leads to |
//! | `member_uses` | every `x.name` of the tree, resolved through `x` |
//! | `hooks` | what the hooks of React hand on: context, state, memos |
//! | `hidden` | uses that no name shows: `x[key]`, and values that are handed to code that nobody reads |
//! | `references` | from a definition to everything that refers to it |
//! | `renaming` | the places that a rename has to change |
//! | `impact` | everything that a change can reach |
//! | `account` | every occurrence that is called like a definition, in exactly one class |
//! | `addresses` | which definitions a name means, and what tells a definition from its namesakes |
//! | `needs` | everything that a definition needs |
//! | `usage` | how often each definition is used |
//! | `offers` | what files offer, and how it is taken |
//! | `unused` | what nothing uses, and what speaks against that |
//! | `alone` | what a source that is of no tree declares, and what its lines stand in |
//! | `names` | how definitions are called |
//! | `render` | what a reader is shown of definitions and occurrences |

mod account;
mod addresses;
mod alone;
mod asked;
mod call_sites;
mod calls;
mod carriers;
mod components;
mod containers;
mod definitions;
mod discriminants;
mod evaluate;
mod expected;
mod exports;
mod flow;
mod globals;
mod handed;
mod hidden;
mod hooks;
mod impact;
mod impact_totals;
mod indices;
mod lexical;
mod literals;
mod meanings;
mod member_uses;
mod members;
mod mentions;
mod merging;
mod named_keys;
mod names;
mod narrowing;
mod needs;
mod offers;
mod overloads;
mod passing;
mod paths;
mod platform;
mod references;
mod renaming;
mod render;
mod selected;
mod solve;
mod type_arguments;
mod types;
mod unused;
mod usage;
mod values;
mod wholes;

use std::cell::{Cell, RefCell};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

pub use account::{Account, Class};
pub use alone::{Alone, Declared, read_alone};
pub use asked::{Alike, Word};
pub use carriers::{Flow, FlowReference};
pub use definitions::Use;
pub use hidden::{Hidden, Hiding};
pub use impact::{Impact, Reached, Spot, Via};
pub use impact_totals::Total;
pub use meanings::{Meaning, Meanings};
pub use member_uses::MemberUses;
pub use needs::{Need, Needs};
pub use offers::ExportUse;
pub use references::{Evidence, Reference, References, invokes};
pub use renaming::{Renaming, Site, Spelling};
pub use render::{Description, Shown};
pub use unused::{Unused, Verdict, doubt};
pub use usage::Usage;

use crate::facts::{
    Def, FileId, FunctionId, ImportId, Ledger, NodeId, Place, StringId, Unit, name_hash,
};
use crate::index::graph::Graph;
use crate::index::manifest::{CODE, Manifest};
use crate::resolve::Target;
use solve::{Layer, Table};
use values::{Head, Lattice, Set, SetId, Value};

/// Rules run between two looks at the clock and at signals.
const PAUSE_EVERY: u64 = 512;

/// After so many names the postings of all names are read.
const MOST_SINGLE_NAMES: usize = 32;

/// Units that are loaded between two looks at the clock and at signals.
const LOADED_AT_ONCE: usize = 64;

/// Small steps of a loop between two looks at the clock and at signals.
const STEPS_AT_ONCE: u32 = 32;

/// Bytes of decoded columns that are kept from one file to the next in a question about all files.
const MOST_DECODED: usize = 24 << 20;

/// Host of the linker: stored blobs, and whether to go on.
pub trait Host: Send {
    /// The facts of files, in their order. None stops the linker.
    fn blobs(&self, files: &[FileId]) -> Option<Vec<Vec<u8>>>;
    /// The files in which a name may stand: all that have it. None stops the linker.
    fn files_with(&self, name: &str) -> Option<Vec<FileId>>;
    /// The same for all names at once: pairs of a hash (`name_hash`) and a file. None stops the linker.
    fn postings(&self) -> Option<Vec<(u32, FileId)>>;
    /// True when to go on; asked every few milliseconds.
    fn goes_on(&self) -> bool;
}

/// Why the linker was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Its host could not give what it needs, or did not want it to go on.
    ByHost,
    /// The bytes given are no facts.
    Damaged,
}

/// An interned name of a property or an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameId(u32);

/// Under what a file exports something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slot {
    /// The whole of a CommonJS module.
    Whole,
    Named(NameId),
}

/// Meaning of a name: a definition, or a value that has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    Definition(Def),
    Value(Value),
}

impl Part {
    pub fn definition(self) -> Option<Def> {
        match self {
            Self::Definition(def) => Some(def),
            Self::Value(_) => None,
        }
    }
}

/// An import that leads to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Importer {
    pub file: FileId,
    pub import: ImportId,
}

/// The members of a name that a value, or a circle of them, has itself and by its bases.
type Families = FxHashMap<(Head, NameId), Arc<[Def]>>;

/// The members that override or implement a member, by file and place.
type Overriding = FxHashMap<Def, Vec<Def>>;

/// The definitions of a file with one last name.
type Namesakes = FxHashMap<(FileId, StringId), Arc<addresses::Namesakes>>;

/// The definitions of a file that answer to one name, told apart.
type Groups = FxHashMap<(FileId, String), Arc<addresses::Group>>;

/// The declarations of a function, by each of them.
type Overloads = FxHashMap<(FileId, FunctionId), Arc<[FunctionId]>>;

/// Interned names.
#[derive(Default)]
struct Names {
    ids: FxHashMap<Arc<str>, NameId>,
    texts: Vec<Arc<str>>,
}

struct File {
    /// The stored unit, and its place in `Linker::units`: files with the same facts share them.
    unit: u32,
    slot: u32,
    is_code: bool,
    /// Targets of the imports.
    targets: Box<[Option<FileId>]>,
}

/// The meaning of a generation's names; its answers are kept for all questions of a process.
pub struct Linker {
    host: Box<dyn Host>,
    files: Vec<File>,
    importers: OnceLock<Vec<Vec<Importer>>>,
    units: Vec<OnceLock<Unit>>,
    /// Facts that are read once the linker is stopped.
    empty: Unit,
    /// The last use of each unit, in files of a question about all files.
    used: Vec<Cell<u32>>,
    now: Cell<u32>,
    ledger: Arc<Ledger>,
    names: RefCell<Names>,
    postings: RefCell<FxHashMap<NameId, Arc<[FileId]>>>,
    all_postings: OnceLock<Vec<(u32, FileId)>>,
    /// The answers of each layer.
    tables: [RefCell<Table>; 2],
    layer: Cell<Layer>,
    lattice: RefCell<Lattice>,
    member_uses: RefCell<FxHashMap<NameId, Arc<MemberUses>>>,
    base_members: RefCell<FxHashMap<Def, Arc<[Def]>>>,
    unsure_properties: RefCell<FxHashMap<Def, bool>>,
    /// Literals that say themselves what is expected of them.
    inferring: RefCell<FxHashMap<(FileId, NodeId), bool>>,
    /// Of types the names that they say there are none of.
    left_out: RefCell<FxHashMap<Head, Arc<[NameId]>>>,
    overriding: RefCell<FxHashMap<NameId, Arc<Overriding>>>,
    families: RefCell<Families>,
    member_counts: RefCell<FxHashMap<NameId, usize>>,
    /// Of each value one of those that it inherits from in a circle, or itself.
    circles: RefCell<FxHashMap<Head, Head>>,
    hiding_places: RefCell<FxHashMap<FileId, Arc<[hidden::HidingPlace]>>>,
    references: RefCell<FxHashMap<(Def, bool), Arc<References>>>,
    arrivals: RefCell<FxHashMap<FileId, Arc<references::Arrivals>>>,
    classes: RefCell<FxHashMap<NameId, Option<Def>>>,
    globals: RefCell<Option<Arc<globals::Globals>>>,
    /// Of interfaces that several files declare all declarations, the first of them in front.
    declarations: RefCell<FxHashMap<Def, Arc<[Def]>>>,
    overloads: RefCell<Overloads>,
    namesakes: RefCell<Namesakes>,
    groups: RefCell<Groups>,
    call_sites: RefCell<FxHashMap<(FileId, FunctionId), Arc<call_sites::CallSites>>>,
    standings: RefCell<FxHashMap<FileId, Arc<carriers::Standings>>>,
    handed: RefCell<FxHashMap<(FileId, NodeId), Arc<handed::Handed>>>,
    flow_meanings: RefCell<FxHashMap<Place, Arc<carriers::Flow>>>,
    flow_references: RefCell<FxHashMap<Def, Arc<[FlowReference]>>>,
    offered: RefCell<Option<offers::Offered>>,
    stopped: Cell<Option<Stopped>>,
    steps: Cell<u32>,
    looks: Cell<u64>,
}

impl Linker {
    pub fn new(manifest: &Manifest, graph: &Graph, host: Box<dyn Host>) -> Self {
        let mut slots: FxHashMap<u32, u32> = FxHashMap::default();
        let files = manifest
            .entries
            .iter()
            .enumerate()
            .map(|(id, entry)| File {
                unit: entry.unit,
                slot: {
                    let next = crate::facts::len32(slots.len());
                    *slots.entry(entry.unit).or_insert(next)
                },
                is_code: entry.is(CODE),
                targets: graph
                    .importers
                    .get(id)
                    .map_or_else(Box::default, |importer| {
                        let edges = importer.edges.iter();
                        edges
                            .map(|edge| match edge.target {
                                Target::File(target) => Some(FileId(target)),
                                _ => None,
                            })
                            .collect()
                    }),
            })
            .collect();
        Self {
            host,
            files,
            importers: OnceLock::new(),
            units: slots.iter().map(|_| OnceLock::new()).collect(),
            empty: Unit::empty(),
            used: vec![Cell::new(0); slots.len()],
            now: Cell::new(0),
            ledger: Arc::default(),
            names: RefCell::default(),
            postings: RefCell::default(),
            all_postings: OnceLock::new(),
            tables: Default::default(),
            layer: Cell::new(Layer::Declared),
            lattice: RefCell::default(),
            member_uses: RefCell::default(),
            base_members: RefCell::default(),
            unsure_properties: RefCell::default(),
            inferring: RefCell::default(),
            left_out: RefCell::default(),
            overriding: RefCell::default(),
            families: RefCell::default(),
            member_counts: RefCell::default(),
            circles: RefCell::default(),
            hiding_places: RefCell::default(),
            references: RefCell::default(),
            arrivals: RefCell::default(),
            classes: RefCell::default(),
            globals: RefCell::default(),
            declarations: RefCell::default(),
            overloads: RefCell::default(),
            namesakes: RefCell::default(),
            groups: RefCell::default(),
            call_sites: RefCell::default(),
            standings: RefCell::default(),
            handed: RefCell::default(),
            flow_meanings: RefCell::default(),
            flow_references: RefCell::default(),
            offered: RefCell::default(),
            stopped: Cell::new(None),
            steps: Cell::new(0),
            looks: Cell::new(0),
        }
    }

    /// Runs a question to its end, or until the host stops it: then the answer holds what was found, and nothing of it is kept.
    pub fn answer<T>(&mut self, question: impl FnOnce(&mut Self) -> T) -> (T, Result<(), Stopped>) {
        self.stopped.set(None);
        let answer = question(self);
        if self.is_damaged() {
            self.stopped.set(Some(Stopped::Damaged));
        }
        (answer, self.stopped.take().map_or(Ok(()), Err))
    }

    /// True when facts turned out to be damaged after answers were built on them: no more questions are answered.
    pub fn is_damaged(&self) -> bool {
        self.ledger.is_damaged()
    }

    /// For a question about all files, after each of them: forgets decoded columns when there are many, first of those units that
    /// were used longest ago.
    fn economise(&mut self) {
        self.now.set(self.now.get() + 1);
        if self.ledger.decoded() <= MOST_DECODED {
            return;
        }
        let used = &self.used;
        let mut units: Vec<(u32, &mut Unit)> = self
            .units
            .iter_mut()
            .zip(used)
            .filter_map(|(unit, used)| Some((used.get(), unit.get_mut()?)))
            .filter(|(_, unit)| unit.is_decoded())
            .collect();
        units.sort_unstable_by_key(|&(used, _)| used);
        for (_, unit) in units {
            if self.ledger.decoded() <= MOST_DECODED / 2 {
                return;
            }
            unit.forget();
        }
    }

    fn is_stopped(&self) -> bool {
        self.stopped.get().is_some()
    }

    fn stop(&self, why: Stopped) {
        if !self.is_stopped() {
            self.stopped.set(Some(why));
        }
    }

    /// A look at the host, for loops that ask nothing of the fixed point.
    fn pause(&self) {
        if self.is_damaged() {
            self.stop(Stopped::Damaged);
        } else if !self.host.goes_on() {
            self.stop(Stopped::ByHost);
        }
    }

    /// One of many small steps: every now and then a look at the host. False once the linker is stopped.
    fn step(&self) -> bool {
        let steps = self.steps.get().wrapping_add(1);
        self.steps.set(steps);
        if steps.is_multiple_of(STEPS_AT_ONCE) {
            self.pause();
        }
        !self.is_stopped()
    }

    /// Counts rows that were looked at outside of the fixed point.
    fn look(&self, rows: usize) {
        self.looks.set(self.looks.get() + rows as u64);
    }

    /// Rules run, answers read, answers kept, sets kept, rows looked at outside of rules: members, namesakes, uses.
    pub fn counters(&self) -> [u64; 5] {
        let [declared, flow] = [0, 1].map(|layer: usize| self.tables[layer].borrow());
        [
            declared.runs + flow.runs,
            declared.reads + flow.reads,
            (declared.len() + flow.len()) as u64,
            self.lattice.borrow().len() as u64,
            self.looks.get(),
        ]
    }
}

/// Files, their facts and their imports.
impl Linker {
    pub fn code_files(&self) -> impl Iterator<Item = FileId> + '_ {
        (0u32..)
            .map(FileId)
            .zip(&self.files)
            .filter(|(_, file)| file.is_code)
            .map(|(id, _)| id)
    }

    pub fn is_code(&self, file: FileId) -> bool {
        self.files[file.0 as usize].is_code
    }

    /// The facts of a file; empty ones once the linker is stopped.
    pub fn unit(&self, file: FileId) -> &Unit {
        let slot = self.files[file.0 as usize].slot as usize;
        self.used[slot].set(self.now.get());
        let facts = &self.units[slot];
        if facts.get().is_none() {
            self.load(&[file]);
        }
        match facts.get() {
            Some(unit) => unit,
            None => &self.empty,
        }
    }

    /// Loads the facts of files in a few goes.
    pub fn load(&self, files: &[FileId]) {
        let mut missing: Vec<(u32, FileId)> = Vec::new();
        for &file in files {
            let entry = &self.files[file.0 as usize];
            if self.units[entry.slot as usize].get().is_none() {
                missing.push((entry.unit, file));
            }
        }
        missing.sort_unstable();
        missing.dedup_by_key(|&mut (unit, _)| unit);
        for (count, part) in missing.chunks(LOADED_AT_ONCE).enumerate() {
            if count > 0 {
                self.pause(); // what is listed after the deadline is loaded too, file by file
            }
            if self.is_stopped() {
                return;
            }
            self.fetch(part);
        }
    }

    fn fetch(&self, missing: &[(u32, FileId)]) {
        let files: Vec<FileId> = missing.iter().map(|&(_, file)| file).collect();
        let Some(blobs) = self.host.blobs(&files) else {
            return self.stop(Stopped::ByHost);
        };
        for (file, blob) in files.into_iter().zip(blobs) {
            match Unit::in_ledger(blob, &self.ledger) {
                Ok(facts) => {
                    let slot = self.files[file.0 as usize].slot;
                    let _ = self.units[slot as usize].set(facts);
                }
                Err(_) => self.stop(Stopped::Damaged),
            }
        }
    }

    /// The source file that an import leads to; none for a package, data, or nothing.
    fn target(&self, file: FileId, import: ImportId) -> Option<FileId> {
        let target = *self.files[file.0 as usize].targets.get(import.row())?;
        target.filter(|target| self.files[target.0 as usize].is_code)
    }

    /// The files of the tree that a file imports, sources and data, in the order of its text.
    fn imported_files(&self, file: FileId) -> impl Iterator<Item = FileId> + '_ {
        self.files[file.0 as usize]
            .targets
            .iter()
            .filter_map(|&target| target)
    }

    /// The imports that lead to a file, by importer.
    pub fn importers(&self, file: FileId) -> &[Importer] {
        let importers = self.importers.get_or_init(|| {
            let mut found: Vec<Vec<Importer>> = vec![Vec::new(); self.files.len()];
            for (id, file) in (0u32..).zip(&self.files) {
                for (import, target) in (0u32..).zip(&file.targets) {
                    if let Some(target) = target {
                        found[target.0 as usize].push(Importer {
                            file: FileId(id),
                            import: ImportId(import),
                        });
                    }
                }
            }
            found
        });
        &importers[file.0 as usize]
    }

    /// The source files in which a name may stand, in order: all that have it, and rarely one that has not.
    pub fn files_with(&self, name: &str) -> Arc<[FileId]> {
        let id = self.name_id(name);
        if let Some(known) = self.postings.borrow().get(&id) {
            return Arc::clone(known);
        }
        let Some(mut files) = self.posted(name) else {
            self.stop(Stopped::ByHost);
            return Arc::default();
        };
        files.retain(|file| {
            self.files
                .get(file.0 as usize)
                .is_some_and(|file| file.is_code)
        });
        self.load(&files);
        let files: Arc<[FileId]> = files.into();
        if !self.is_stopped() {
            self.postings.borrow_mut().insert(id, Arc::clone(&files));
        }
        files
    }

    /// Files in which a name may stand: asked of the host name by name, until all names at once are cheaper.
    fn posted(&self, name: &str) -> Option<Vec<FileId>> {
        if self.postings.borrow().len() < MOST_SINGLE_NAMES {
            return self.host.files_with(name);
        }
        if self.all_postings.get().is_none() {
            let mut postings = self.host.postings()?;
            postings.sort_unstable();
            let _ = self.all_postings.set(postings);
        }
        let (hash, postings) = (name_hash(name), self.all_postings.get()?);
        let first = postings.partition_point(|&(other, _)| other < hash);
        let same = postings[first..]
            .iter()
            .take_while(|&&(other, _)| other == hash);
        Some(same.map(|&(_, file)| file).collect())
    }

    fn name_id(&self, name: &str) -> NameId {
        let mut names = self.names.borrow_mut();
        if let Some(&known) = names.ids.get(name) {
            return known;
        }
        let id = NameId(crate::facts::len32(names.texts.len()));
        let text = Arc::<str>::from(name);
        names.ids.insert(Arc::clone(&text), id);
        names.texts.push(text);
        id
    }

    pub fn name(&self, id: NameId) -> Arc<str> {
        Arc::clone(&self.names.borrow().texts[id.0 as usize])
    }
}

/// Value sets.
impl Linker {
    fn set(&self, id: SetId) -> Arc<Set> {
        self.lattice.borrow().set(id)
    }

    fn one(&self, head: Head) -> SetId {
        self.lattice.borrow_mut().one(head)
    }

    fn join(&self, one: SetId, other: SetId) -> SetId {
        self.lattice.borrow_mut().join(one, other)
    }

    fn opened(&self, set: SetId) -> SetId {
        self.lattice.borrow_mut().opened(set)
    }

    fn union(&self, sets: impl IntoIterator<Item = SetId>) -> SetId {
        sets.into_iter()
            .fold(SetId::BOTTOM, |all, set| self.join(all, set))
    }

    /// The union over the values of a set; what is not known of the set is not known of the result.
    fn each(&self, set: SetId, of: impl FnMut(Value) -> SetId) -> SetId {
        if set == SetId::TOP {
            return SetId::TOP;
        }
        let set = self.set(self.expanded(set));
        if set.top {
            return SetId::TOP;
        }
        let known = self.union(set.values.iter().copied().map(of));
        if set.open { self.opened(known) } else { known }
    }
}
