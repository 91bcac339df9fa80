//! The facts of one file: tables of `u32` columns, and the blob they are stored in.

mod cells;
pub mod codes;
mod ids;
mod pack;
mod tables;
mod unit;

pub use cells::{Cells, Kept};
pub use ids::{
    BindingId, ClassId, Def, DefinitionId, ExportId, FileId, FunctionId, ImportId, ListId, NodeId,
    OccurrenceId, Place, StringId,
};
pub use pack::{Damaged, Directory};
pub use tables::{
    Binding, Class, Definition, Export, Facts, Function, Import, Item, Line, Meta, Node as NodeRow,
    Occurrence, Problem, TABLES, Token,
};
pub use unit::{Column, ExportKind, Guard, Ledger, Node, Rows, Test, Unit};

/// "No such thing" in every column.
pub const NONE: u32 = u32::MAX;

/// Raised when the meaning of any table changes: facts of another version are not read.
pub const VERSION: u32 = 5;

/// Key of the files whose names other files see without importing them; no name is spelt so.
pub const GLOBAL_SCOPE: &str = "<global>";

/// The number under which a name is looked up: the low half of its XXH3 hash.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is wanted"
)]
pub fn name_hash(name: impl AsRef<[u8]>) -> u32 {
    xxhash_rust::xxh3::xxh3_64(name.as_ref()) as u32
}

/// The number under which a string literal that is spelt as a name is looked up, apart from the name itself.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is wanted"
)]
pub fn string_hash(text: &str) -> u32 {
    xxhash_rust::xxh3::xxh3_64_with_seed(text.as_bytes(), 1) as u32
}

/// A length or offset of a source, which is at most 4 GiB.
pub fn len32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}
