//! A file of a manifest: its path, stat and digest, and the unit of its facts.

use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_128;

use super::languages::{kind, prose};
use super::{ASSET, BINARY, CODE, FACTS_SHIFT, NO_UNIT, RACY, STALE, TEXT};
use crate::facts::codes::meta;
use crate::index::scan::Stat;

/// Flags of facts that lack something the bytes say.
const UNPARSED: u32 = meta::TOKEN_SCAN | meta::LEFT_OUT;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub path: String,
    pub flags: u32,
    pub stat: Stat,
    pub unit: u32,
    pub digest: u128,
    /// The bytes that a plan gives it; those on disk are others.
    pub planned: Option<Arc<[u8]>>,
}

impl Entry {
    pub(super) fn new(path: String) -> Entry {
        Entry {
            flags: kind(&path),
            path,
            ..Entry::default()
        }
    }

    pub fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// True where facts are taken from its bytes.
    pub fn has_facts(&self) -> bool {
        self.is(CODE) || prose(&self.path).is_some()
    }

    /// The flags that say something of the file, not of how it is watched.
    pub fn shown_flags(&self) -> u32 {
        self.flags & !RACY
    }

    /// True when what was read now is what was read for this entry.
    pub fn describes(&self, stat: &Stat, bytes: &[u8]) -> bool {
        *stat == self.stat && (!self.is(RACY) || xxh3_128(bytes) == self.digest)
    }

    /// Takes over what reading the file gave.
    pub fn fill(&mut self, stat: Stat, read_at: i64, digest: u128, problem: u32) {
        let racy = if stat.is_racy(read_at) { RACY } else { 0 };
        self.flags = (self.flags & (CODE | TEXT | ASSET)) | problem | racy;
        self.stat = stat;
        self.digest = digest;
        self.unit = NO_UNIT;
    }

    /// The unit and the flags of the file's facts, if they may stand in for those of a next version that does not parse.
    pub fn good_facts(&self) -> Option<(u32, u32)> {
        let flags = self.flags >> FACTS_SHIFT;
        // Many editors empty a file before they write it: facts of nothing say less than a scan of the tokens.
        let good =
            self.unit != NO_UNIT && self.stat.size > 0 && !self.is(BINARY) && flags & UNPARSED == 0;
        good.then_some((self.unit, flags))
    }

    /// Takes over the flags of the facts of its bytes; where the parser gave up on them, the facts of before, if there were good ones.
    pub fn apply_facts(&mut self, flags: u32, before: Option<(u32, u32)>) {
        match before {
            Some((unit, flags_before)) if flags & UNPARSED != 0 => {
                self.unit = unit;
                self.flags |= STALE | flags_before << FACTS_SHIFT;
            }
            _ => self.flags |= flags << FACTS_SHIFT,
        }
    }
}
