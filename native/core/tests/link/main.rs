//! Laws of the linker, over trees in memory.

mod answers;
mod chance;
mod circles;
mod order;
mod soup;
mod together;
mod trees;
