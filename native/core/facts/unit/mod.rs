//! One file's facts as linking reads them: typed rows over the columns of a blob, decoded and indexed when first asked for.

mod columns;
mod definitions;
mod functions;
mod modules;
mod nodes;
mod occurrences;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashMap;

use super::codes::meta;
use super::{
    ClassId, Damaged, DefinitionId, Directory, Facts, FunctionId, ListId, Meta, NONE, NodeId,
    StringId, VERSION, len32, name_hash,
};
use columns::Index;

pub use columns::Column;
pub use modules::ExportKind;
pub use nodes::Node;

/// State shared by the units of one linker.
#[derive(Debug, Default)]
pub struct Ledger {
    decoded: AtomicUsize,
    damaged: AtomicBool,
}

impl Ledger {
    /// Bytes, about, of the columns and indexes that are decoded now.
    pub fn decoded(&self) -> usize {
        self.decoded.load(Ordering::Relaxed)
    }

    /// True when a column could not be read: answers about its unit since then are not to be trusted.
    pub fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    fn add(&self, decoded: usize) {
        self.decoded.fetch_add(decoded, Ordering::Relaxed);
    }
}

/// One file's facts.
pub struct Unit {
    blob: Box<[u8]>,
    directory: Directory,
    decoded: OnceLock<Box<Decoded>>,
    ledger: Arc<Ledger>,
    pub flags: u32,
}

/// Columns and indexes of a blob, decoded when they are first asked for.
struct Decoded {
    ends: OnceLock<Box<[u32]>>,
    columns: [OnceLock<Box<[u32]>>; Column::COUNT],
    indexes: [OnceLock<Box<Index>>; Column::COUNT],
    strings: OnceLock<Box<[(u32, u32)]>>,
    parameter_places: OnceLock<FxHashMap<DefinitionId, (FunctionId, u32)>>,
    argument_places: OnceLock<FxHashMap<NodeId, (NodeId, u32)>>,
    class_nodes: OnceLock<Vec<(ClassId, NodeId)>>,
    loose_members: OnceLock<FxHashMap<StringId, Vec<DefinitionId>>>,
    /// The bytes of it that the ledger counts.
    bytes: AtomicUsize,
}

impl Decoded {
    fn new() -> Box<Self> {
        Box::new(Self {
            ends: OnceLock::new(),
            columns: [const { OnceLock::new() }; Column::COUNT],
            indexes: [const { OnceLock::new() }; Column::COUNT],
            strings: OnceLock::new(),
            parameter_places: OnceLock::new(),
            argument_places: OnceLock::new(),
            class_nodes: OnceLock::new(),
            loose_members: OnceLock::new(),
            bytes: AtomicUsize::new(0),
        })
    }
}

impl Unit {
    /// Reads the directory of a blob; columns are decoded when they are asked for.
    pub fn new(blob: Vec<u8>) -> Result<Self, Damaged> {
        Self::in_ledger(blob, &Arc::default())
    }

    /// A unit that notes in a ledger what is decoded of it.
    pub fn in_ledger(blob: Vec<u8>, ledger: &Arc<Ledger>) -> Result<Self, Damaged> {
        let directory = Directory::read(&blob)?;
        let mut start = directory.text_start();
        for end in directory.string_ends(&blob)? {
            let end = end as usize;
            std::str::from_utf8(blob.get(start..end).ok_or(Damaged)?).map_err(|_| Damaged)?;
            start = end;
        }
        let flags = directory.column(&blob, Column::MetaFlags as usize)?;
        Ok(Self {
            flags: flags.first().copied().ok_or(Damaged)?,
            blob: blob.into_boxed_slice(),
            directory,
            decoded: OnceLock::new(),
            ledger: Arc::clone(ledger),
        })
    }

    /// The facts of a file without content.
    pub fn empty() -> Self {
        let mut facts = Facts::default();
        facts.meta.push(Meta {
            length: 0,
            flags: 0,
            version: VERSION,
        });
        Self::new(facts.pack()).expect("our own blob")
    }

    /// Whether there is something to forget.
    pub fn is_decoded(&self) -> bool {
        self.decoded.get().is_some()
    }

    /// Forgets what was decoded; it is decoded again when it is asked for.
    pub fn forget(&mut self) {
        if let Some(decoded) = self.decoded.take() {
            let bytes = decoded.bytes.load(Ordering::Relaxed);
            self.ledger.decoded.fetch_sub(bytes, Ordering::Relaxed);
        }
    }

    fn decoded(&self) -> &Decoded {
        self.decoded.get_or_init(|| {
            let decoded = Decoded::new();
            self.count(&decoded, size_of::<Decoded>());
            decoded
        })
    }

    fn count(&self, decoded: &Decoded, bytes: usize) {
        decoded.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.ledger.add(bytes);
    }

    /// The cells of a column; of a damaged one none, and the ledger says so.
    pub fn column(&self, column: Column) -> &[u32] {
        let slot = column as usize;
        let decoded = self.decoded();
        decoded.columns[slot].get_or_init(|| {
            let cells = self
                .directory
                .column(&self.blob, slot)
                .unwrap_or_else(|Damaged| {
                    self.ledger.damaged.store(true, Ordering::Relaxed);
                    Vec::new()
                });
            self.count(decoded, size_of_val(&*cells));
            cells.into_boxed_slice()
        })
    }

    /// Where each string ends in the blob.
    fn ends(&self) -> &[u32] {
        let decoded = self.decoded();
        decoded.ends.get_or_init(|| {
            let ends = self.directory.string_ends(&self.blob);
            let ends = ends.unwrap_or_default().into_boxed_slice();
            self.count(decoded, size_of_val(&*ends));
            ends
        })
    }

    /// The rows of a column that hold a value, ascending.
    pub fn rows(&self, column: Column, value: u32) -> &[u32] {
        let decoded = self.decoded();
        decoded.indexes[column as usize]
            .get_or_init(|| {
                let index = Box::new(Index::of(self.column(column)));
                self.count(decoded, index.size());
                index
            })
            .rows(value)
    }

    fn cell(&self, column: Column, row: usize) -> u32 {
        self.column(column).get(row).copied().unwrap_or(NONE)
    }

    pub fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    pub fn is_typescript(&self) -> bool {
        self.is(meta::TYPESCRIPT)
    }

    pub fn text(&self, id: StringId) -> &str {
        let ends = self.ends();
        let end = ends.get(id.row()).map_or(0, |&end| end as usize);
        let start = match id.0 {
            0 => self.directory.text_start(),
            at => ends.get(at as usize - 1).map_or(0, |&end| end as usize),
        };
        self.blob
            .get(start..end)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }

    /// The id of a string, if the file has it.
    pub fn string(&self, text: &str) -> Option<StringId> {
        let decoded = self.decoded();
        let by_hash = decoded.strings.get_or_init(|| {
            let mut start = self.directory.text_start();
            let mut found: Vec<(u32, u32)> = (0..)
                .zip(self.ends())
                .map(|(id, &end)| {
                    let text = start..end as usize;
                    start = text.end;
                    (name_hash(self.blob.get(text).unwrap_or_default()), id)
                })
                .collect();
            found.sort_unstable();
            self.count(decoded, size_of_val(&*found));
            found.into_boxed_slice()
        });
        let hash = name_hash(text);
        let first = by_hash.partition_point(|&(other, _)| other < hash);
        let same = by_hash[first..]
            .iter()
            .take_while(|&&(other, _)| other == hash);
        same.map(|&(_, id)| StringId(id))
            .find(|&id| self.text(id) == text)
    }

    /// The cells of a list; empty where there is none.
    pub fn list(&self, list: Option<ListId>) -> &[u32] {
        let items = self.column(Column::ListItem);
        let Some(at) = list.map(ListId::row) else {
            return &[];
        };
        let length = items.get(at).copied().unwrap_or(0) as usize;
        items.get(at + 1..at + 1 + length).unwrap_or(&[])
    }

    /// The nodes of a list; nothing where a place in it is empty.
    pub fn nodes(&self, list: Option<ListId>) -> impl Iterator<Item = Option<NodeId>> + '_ {
        self.list(list).iter().map(|&cell| NodeId::in_cell(cell))
    }

    pub fn length(&self) -> u32 {
        self.cell(Column::MetaLength, 0)
    }

    pub fn lines(&self) -> &[u32] {
        self.column(Column::LineStart)
    }

    /// The line of a byte offset, counted from 1.
    pub fn line_of(&self, offset: u32) -> u32 {
        len32(self.lines().partition_point(|&start| start <= offset))
    }
}
