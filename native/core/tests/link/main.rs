//! Laws of the linker, over trees in memory.

mod answers;
#[path = "../support/chance.rs"]
#[allow(dead_code, reason = "each suite needs a part of it")]
mod chance;
mod circles;
mod forms;
mod inverse;
mod odd_sizes;
mod order;
mod soup;
mod together;
mod trees;
