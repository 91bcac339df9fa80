//! The index of a whole tree: its files, their facts and imports, and the names in them.

pub mod aside;
pub mod batch;
pub mod graph;
pub mod manifest;
pub mod mentions;
pub mod overlay;
mod scan;
pub mod search;
pub mod segments;
pub mod sources;
pub mod text;
pub mod wire;
