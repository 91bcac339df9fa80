//! One file's facts as linking reads them: typed rows over the columns of a blob, decoded and indexed when first asked for.

mod columns;
mod definitions;
mod functions;
mod modules;
mod nodes;
mod occurrences;

use std::sync::OnceLock;

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

/// One file's facts.
pub struct Unit {
    blob: Vec<u8>,
    directory: Directory,
    ends: Vec<usize>,
    columns: [OnceLock<Box<[u32]>>; Column::COUNT],
    indexes: [OnceLock<Box<Index>>; Column::COUNT],
    strings: OnceLock<Vec<(u32, u32)>>,
    parameter_places: OnceLock<FxHashMap<DefinitionId, (FunctionId, u32)>>,
    argument_places: OnceLock<FxHashMap<NodeId, (NodeId, u32)>>,
    class_nodes: OnceLock<Vec<(ClassId, NodeId)>>,
    loose_members: OnceLock<FxHashMap<StringId, Vec<DefinitionId>>>,
    pub flags: u32,
}

impl Unit {
    /// Reads the directory of a blob; columns are decoded when they are asked for.
    pub fn new(blob: Vec<u8>) -> Result<Self, Damaged> {
        let directory = Directory::read(&blob)?;
        let ends = directory.string_ends(&blob)?;
        let mut start = directory.text_start();
        for &end in &ends {
            std::str::from_utf8(blob.get(start..end).ok_or(Damaged)?).map_err(|_| Damaged)?;
            start = end;
        }
        let flags = directory.column(&blob, Column::MetaFlags as usize)?;
        Ok(Self {
            flags: flags.first().copied().ok_or(Damaged)?,
            blob,
            directory,
            ends,
            columns: [const { OnceLock::new() }; Column::COUNT],
            indexes: [const { OnceLock::new() }; Column::COUNT],
            strings: OnceLock::new(),
            parameter_places: OnceLock::new(),
            argument_places: OnceLock::new(),
            class_nodes: OnceLock::new(),
            loose_members: OnceLock::new(),
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

    /// The cells of a column; a damaged one is empty.
    pub fn column(&self, column: Column) -> &[u32] {
        let slot = column as usize;
        self.columns[slot].get_or_init(|| {
            self.directory
                .column(&self.blob, slot)
                .unwrap_or_default()
                .into_boxed_slice()
        })
    }

    /// The rows of a column that hold a value, ascending.
    pub fn rows(&self, column: Column, value: u32) -> &[u32] {
        self.indexes[column as usize]
            .get_or_init(|| Box::new(Index::of(self.column(column))))
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
        let end = self.ends.get(id.row()).copied().unwrap_or(0);
        let start = match id.0 {
            0 => self.directory.text_start(),
            at => self.ends.get(at as usize - 1).copied().unwrap_or(0),
        };
        self.blob
            .get(start..end)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or("")
    }

    /// The id of a string, if the file has it.
    pub fn string(&self, text: &str) -> Option<StringId> {
        let by_hash = self.strings.get_or_init(|| {
            let ids = 0..len32(self.ends.len());
            let mut found: Vec<(u32, u32)> = ids
                .map(|id| (name_hash(self.text(StringId(id))), id))
                .collect();
            found.sort_unstable();
            found
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
