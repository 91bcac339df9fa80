//! Postings and definition records, written once per refresh and merged later.
//!
//! A segment holds, for its units, which names occur in which unit (by hash of the name) and the searchable definitions. A large segment spreads
//! its postings over 256 buckets by the low bits of the hash, so that a question reads one of them; a small one is a single bucket.

use std::collections::HashSet;
use std::io;

use rayon::prelude::*;

use crate::index::wire::{Reader, Writer, seal, unpacked, unseal};

/// With more units than this a segment is spread over buckets.
const LARGE: usize = 1500;
const BUCKETS: usize = 256;
/// Definition records are packed in pieces of about this size, so that a scan can share them out.
const PIECE: usize = 128 << 10;

#[derive(Default)]
pub struct Builder {
    units: Vec<u32>,
    postings: Vec<(u32, u32)>,
    pieces: Vec<Vec<u8>>,
    open: Writer,
}

/// Stored form of a segment.
pub struct Segment {
    pub units: Vec<u8>,
    pub buckets: Vec<Vec<u8>>,
    pub pieces: Vec<Vec<u8>>,
    pub count: usize,
}

impl Builder {
    /// Takes the facts of a unit; `names` are u32 LE hashes.
    pub fn add(&mut self, unit: u32, names: &[u8], definitions: &[u8]) {
        self.units.push(unit);
        self.postings.extend(names.chunks_exact(4).map(|hash| {
            (
                u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]),
                unit,
            )
        }));
        self.add_definitions(unit, definitions);
    }

    /// A unit with many definitions is cut between records, so that its pieces can be scanned apart.
    fn add_definitions(&mut self, unit: u32, mut definitions: &[u8]) {
        while !definitions.is_empty() {
            let mut end = 0;
            while end < definitions.len() && end < PIECE {
                end += record_length(&definitions[end..]);
            }
            let (taken, rest) = definitions.split_at(end.min(definitions.len()));
            self.open.varint(u64::from(unit));
            self.open.blob(taken);
            definitions = rest;
            if self.open.bytes.len() > PIECE {
                self.close();
            }
        }
    }

    fn close(&mut self) {
        if !self.open.bytes.is_empty() {
            self.pieces.push(self.open.packed());
            self.open.bytes.clear();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Takes over a stored segment without the units that are dead.
    pub fn absorb<B: AsRef<[u8]>>(
        &mut self,
        units: &[u8],
        buckets: &[B],
        pieces: &[B],
        dead: &HashSet<u32>,
    ) -> io::Result<()> {
        self.units.extend(
            read_units(units)?
                .into_iter()
                .filter(|unit| !dead.contains(unit)),
        );
        for bucket in buckets {
            each_posting(bucket.as_ref(), |hash, unit| {
                if !dead.contains(&unit) {
                    self.postings.push((hash, unit));
                }
                true
            })?;
        }
        for piece in pieces {
            let bytes = unpacked(piece.as_ref())?;
            let mut reader = Reader::new(&bytes);
            while !reader.done() {
                let unit = reader.u32()?;
                let definitions = reader.blob()?;
                if !dead.contains(&unit) {
                    self.add_definitions(unit, definitions);
                }
            }
        }
        Ok(())
    }

    pub fn finish(mut self) -> Segment {
        self.close();
        self.units.sort_unstable();
        let mut units = Writer::default();
        let mut before = 0;
        for unit in &self.units {
            units.varint(u64::from(unit - before));
            before = *unit;
        }
        let count = if self.units.len() > LARGE { BUCKETS } else { 1 };
        let mut buckets: Vec<Vec<(u32, u32)>> =
            vec![Vec::with_capacity(self.postings.len() / count); count];
        for (hash, unit) in self.postings {
            buckets[hash as usize % count].push((hash, unit));
        }
        let buckets = buckets
            .par_iter_mut()
            .map(|postings| pack(postings))
            .collect();
        Segment {
            units: seal(units.bytes),
            buckets,
            pieces: self.pieces,
            count: self.units.len(),
        }
    }
}

/// Index, kind and flags, then name and container, each behind its length.
fn record_length(record: &[u8]) -> usize {
    let length = |at: usize| {
        record.get(at..at + 2).map_or(0, |bytes| {
            usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))
        })
    };
    let name = 7 + 2 + length(7);
    name + 2 + length(name)
}

pub fn read_units(bytes: &[u8]) -> io::Result<Vec<u32>> {
    let mut reader = Reader::new(unseal(bytes)?);
    let mut units = Vec::new();
    let mut unit = 0;
    while !reader.done() {
        unit += reader.u32()?;
        units.push(unit);
    }
    Ok(units)
}

/// Hash by hash, each with its units, all as differences.
fn pack(postings: &mut [(u32, u32)]) -> Vec<u8> {
    postings.sort_unstable();
    let mut writer = Writer::default();
    let mut before = 0;
    for group in postings.chunk_by(|a, b| a.0 == b.0) {
        writer.varint(u64::from(group[0].0 - before));
        before = group[0].0;
        writer.varint(group.len() as u64);
        let mut last = 0;
        for (_, unit) in group {
            writer.varint(u64::from(unit - last));
            last = *unit;
        }
    }
    seal(writer.bytes)
}

/// Calls back with each hash of a bucket and a unit in which it occurs, hashes ascending, until that gives false.
fn each_posting(bucket: &[u8], mut see: impl FnMut(u32, u32) -> bool) -> io::Result<()> {
    let mut reader = Reader::new(unseal(bucket)?);
    let mut hash = 0;
    while !reader.done() {
        hash += reader.u32()?;
        let mut unit = 0;
        for _ in 0..reader.varint()? {
            unit += reader.u32()?;
            if !see(hash, unit) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The units in which a name with this hash occurs.
pub fn find<B: AsRef<[u8]>>(buckets: &[B], wanted: u32) -> io::Result<Vec<u32>> {
    let mut units = Vec::new();
    for bucket in buckets {
        each_posting(bucket.as_ref(), |hash, unit| {
            if hash == wanted {
                units.push(unit);
            }
            hash <= wanted
        })?;
    }
    Ok(units)
}

/// Every hash with every unit in which it occurs, in no order.
pub fn postings<B: AsRef<[u8]>>(buckets: &[B]) -> io::Result<Vec<(u32, u32)>> {
    let mut found = Vec::new();
    for bucket in buckets {
        each_posting(bucket.as_ref(), |hash, unit| {
            found.push((hash, unit));
            true
        })?;
    }
    Ok(found)
}
