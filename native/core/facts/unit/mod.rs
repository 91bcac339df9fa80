//! One file's facts as linking reads them: typed rows over the columns of a blob, decoded and indexed when first asked for.

mod columns;
mod definitions;
mod functions;
mod guards;
mod modules;
mod nodes;
mod occurrences;

use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustc_hash::FxHashMap;

use super::codes::meta;
use super::{
    Cells, ClassId, Damaged, DefinitionId, Directory, Facts, FunctionId, Kept, ListId, Meta, NONE,
    NodeId, StringId, VERSION, len32, name_hash,
};
pub use columns::{Column, Rows};
pub use guards::{Guard, Test};
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
    decoded: OnceCell<Box<Decoded>>,
    ledger: Arc<Ledger>,
    pub flags: u32,
}

/// Columns and indexes of a blob, decoded when they are first asked for.
struct Decoded {
    ends: OnceCell<Kept>,
    columns: [OnceCell<Kept>; Column::COUNT],
    indexes: [OnceCell<Box<Kept>>; Column::COUNT],
    strings: OnceCell<Box<[(u32, u32)]>>,
    parameter_places: OnceCell<FxHashMap<DefinitionId, (FunctionId, u32)>>,
    argument_places: OnceCell<FxHashMap<NodeId, (NodeId, u32)>>,
    container_places: OnceCell<FxHashMap<NodeId, (NodeId, u32)>>,
    returning: OnceCell<FxHashMap<NodeId, FunctionId>>,
    guards: OnceCell<FxHashMap<DefinitionId, Vec<Guard>>>,
    class_nodes: OnceCell<Vec<(ClassId, NodeId)>>,
    loose_members: OnceCell<FxHashMap<StringId, Vec<DefinitionId>>>,
    /// The bytes of it that the ledger counts.
    bytes: Cell<usize>,
}

impl Decoded {
    fn new() -> Box<Self> {
        Box::new(Self {
            ends: OnceCell::new(),
            columns: [const { OnceCell::new() }; Column::COUNT],
            indexes: [const { OnceCell::new() }; Column::COUNT],
            strings: OnceCell::new(),
            parameter_places: OnceCell::new(),
            argument_places: OnceCell::new(),
            container_places: OnceCell::new(),
            returning: OnceCell::new(),
            guards: OnceCell::new(),
            class_nodes: OnceCell::new(),
            loose_members: OnceCell::new(),
            bytes: Cell::new(0),
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
        let text = directory.text_start();
        let mut start = text;
        for end in directory.string_ends(&blob)? {
            let end = text + end as usize;
            std::str::from_utf8(blob.get(start..end).ok_or(Damaged)?).map_err(|_| Damaged)?;
            start = end;
        }
        let flags = directory.column(&blob, Column::MetaFlags as usize)?;
        let flags = flags.cells(&blob).get(0).ok_or(Damaged)?;
        Ok(Self {
            flags,
            blob: blob.into_boxed_slice(),
            directory,
            decoded: OnceCell::new(),
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

    /// True when there is something to forget.
    pub fn is_decoded(&self) -> bool {
        self.decoded.get().is_some()
    }

    /// Forgets what was decoded; it is decoded again when it is asked for.
    pub fn forget(&mut self) {
        if let Some(decoded) = self.decoded.take() {
            let bytes = decoded.bytes.get();
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
        decoded.bytes.set(decoded.bytes.get() + bytes);
        self.ledger.add(bytes);
    }

    /// The cells of a column; of a damaged one none, and the ledger says so.
    pub fn column(&self, column: Column) -> Cells<'_> {
        let decoded = self.decoded();
        decoded.columns[column as usize]
            .get_or_init(|| self.decode(decoded, column))
            .cells(&self.blob)
    }

    #[cold]
    fn decode(&self, decoded: &Decoded, column: Column) -> Kept {
        let kept = self
            .directory
            .column(&self.blob, column as usize)
            .unwrap_or_else(|Damaged| {
                self.ledger.damaged.store(true, Ordering::Relaxed);
                Kept::of(&[])
            });
        self.count(decoded, kept.size());
        kept
    }

    /// Ends of the strings in the text of the blob.
    fn ends(&self) -> Cells<'_> {
        let decoded = self.decoded();
        let ends = decoded.ends.get_or_init(|| {
            let ends = self.directory.string_ends(&self.blob);
            let ends = Kept::of(&ends.unwrap_or_default());
            self.count(decoded, ends.size());
            ends
        });
        ends.cells(&self.blob)
    }

    /// The rows of a column that hold a value, ascending.
    pub fn rows(&self, column: Column, value: u32) -> Rows<'_> {
        let cells = self.column(column);
        let index = || {
            let decoded = self.decoded();
            let index = decoded.indexes[column as usize].get_or_init(|| {
                let index = Box::new(columns::index(cells));
                self.count(decoded, size_of_val(&*index) + index.size());
                index
            });
            index.cells(&self.blob)
        };
        Rows::of(cells, index, value)
    }

    fn cell(&self, column: Column, row: usize) -> u32 {
        self.column(column).get(row).unwrap_or(NONE)
    }

    pub fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    pub fn is_typescript(&self) -> bool {
        self.is(meta::TYPESCRIPT)
    }

    pub fn text(&self, id: StringId) -> &str {
        let ends = self.ends();
        let end_of = |id: usize| ends.get(id).unwrap_or(0) as usize;
        let start = id.row().checked_sub(1).map_or(0, end_of);
        let text = self.blob.get(self.directory.text_start()..);
        text.and_then(|text| text.get(start..end_of(id.row())))
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }

    /// The id of a string, if the file has it.
    pub fn string(&self, text: &str) -> Option<StringId> {
        let decoded = self.decoded();
        let by_hash = decoded.strings.get_or_init(|| {
            let all = self.blob.get(self.directory.text_start()..);
            let all = all.unwrap_or_default();
            let mut start = 0;
            let mut found: Vec<(u32, u32)> = (0..)
                .zip(self.ends().iter())
                .map(|(id, end)| {
                    let text = start..end as usize;
                    start = text.end;
                    (name_hash(all.get(text).unwrap_or_default()), id)
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
    pub fn list(&self, list: Option<ListId>) -> Cells<'_> {
        let Some(at) = list.map(ListId::row) else {
            return Cells::EMPTY;
        };
        let items = self.column(Column::ListItem);
        items.part(at + 1, items.get(at).unwrap_or(0) as usize)
    }

    /// The nodes of a list; nothing where a place in it is empty.
    pub fn nodes(&self, list: Option<ListId>) -> impl Iterator<Item = Option<NodeId>> + '_ {
        self.list(list).iter().map(NodeId::in_cell)
    }

    pub fn length(&self) -> u32 {
        self.cell(Column::MetaLength, 0)
    }

    /// Starts of the lines.
    pub fn lines(&self) -> Cells<'_> {
        self.column(Column::LineStart)
    }

    /// The line of a byte offset, counted from 1.
    pub fn line_of(&self, offset: u32) -> u32 {
        len32(self.lines().partition_point(|start| start <= offset))
    }
}
