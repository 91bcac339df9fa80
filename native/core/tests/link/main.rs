//! Laws of the linker, over trees in memory.

mod answers;
mod chance;
mod circles;
mod forms;
mod inverse;
mod odd_sizes;
mod order;
mod soup;
mod together;
mod trees;
