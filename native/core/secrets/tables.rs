//! The rules, as `build.rs` made them.

/// Condition on a value beside its shape; `rules.toml` says what each means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value {
    Any,
    Mixed,
    Random,
    Password,
    Chosen,
    Credential,
    Phrase,
    Body,
}

/// What is looked for in place of a keyword.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Dotted,
    Lines,
}

/// Test beside a keyword before the pattern is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    None,
    Run,
    Assigned,
    Userinfo,
    Near,
}

pub struct Rule {
    pub id: &'static str,
    pub pattern: &'static str,
    /// The group that is the secret; 0 is the first that takes part, or all that matches.
    pub group: usize,
    /// Bits for each character that the value has at least.
    pub entropy: f64,
    pub value: Value,
    pub guard: Guard,
    /// True when all that matches is taken out, not the value alone.
    pub whole: bool,
    /// How many bytes before a keyword a match can begin.
    pub before: usize,
    /// How many bytes behind a keyword it can end.
    pub after: usize,
}

/// The classes of two bytes, to be moved on by a third.
pub fn slot_of(first: u8, second: u8) -> usize {
    (class(first) << 5) | class(second)
}

/// The slot of the three bytes that end with `byte`.
pub fn moved(slot: usize, byte: u8) -> usize {
    ((slot << 5) | class(byte)) & (SLOTS - 1)
}

include!("slots.rs");
include!(concat!(env!("OUT_DIR"), "/secrets.rs"));
