//! The blob that facts are stored in.
//!
//! A blob is a directory followed by what it lists: the strings' lengths, their text, and every column of every table as
//! varints, plain or as differences, whichever is shortest. Plain, `NONE` is stored as 0 and all else one higher. A reader
//! decodes the columns it asks for. Large columns are LZ4 blocks; in small ones that would save a sixth, and cost time.

use std::fmt;

use super::tables::{Facts, Row, TABLES};
use super::{Kept, VERSION, len32};

impl Facts<'_> {
    /// The blob of these facts.
    pub fn pack(&self) -> Vec<u8> {
        let mut writer = Writer {
            directory: Vec::with_capacity(256),
            bodies: Vec::with_capacity(16 * (self.occurrences.len() + self.nodes.len()) + 1024),
        };
        write_varint(&mut writer.directory, VERSION);
        writer.strings(&self.strings);
        writer.table(&self.definitions);
        writer.table(&self.nodes);
        writer.table(&self.occurrences);
        writer.table(&self.imports);
        writer.table(&self.bindings);
        writer.table(&self.exports);
        writer.table(&self.functions);
        writer.table(&self.classes);
        writer.table(&self.lists);
        writer.table(&self.problems);
        writer.table(&self.lines);
        writer.table(&self.meta);
        writer.table(&self.tokens);
        writer.directory.extend_from_slice(&writer.bodies);
        writer.directory
    }
}

/// The two halves of a blob while it is written.
struct Writer {
    directory: Vec<u8>,
    bodies: Vec<u8>,
}

impl Writer {
    fn strings(&mut self, strings: &[&str]) {
        for string in strings {
            write_varint(&mut self.bodies, len32(string.len()));
        }
        write_varint(&mut self.directory, len32(strings.len()));
        write_varint(&mut self.directory, len32(self.bodies.len()));
        let lengths = self.bodies.len();
        for string in strings {
            self.bodies.extend_from_slice(string.as_bytes());
        }
        write_varint(&mut self.directory, len32(self.bodies.len() - lengths));
    }

    fn table<R: Row>(&mut self, rows: &[R]) {
        write_varint(&mut self.directory, len32(rows.len()));
        R::each_column(rows, |column, left| {
            let start = self.bodies.len();
            write_column(&mut self.bodies, column, left);
            if self.bodies.len() - start > LARGE {
                let packed = lz4_flex::compress_prepend_size(&self.bodies[start..]);
                self.bodies.truncate(start);
                self.bodies.push(PACKED);
                self.bodies.extend_from_slice(&packed);
            }
            write_varint(&mut self.directory, len32(self.bodies.len() - start));
        });
    }
}

/// Table of contents of a blob.
pub struct Directory {
    strings: u32,
    lengths: u32,
    text: u32,
    places: Box<Places>,
}

/// Offsets of the columns of a blob: one behind the other.
struct Places {
    rows: [u32; TABLES.len()],
    start: u32,
    ends: [u32; WIDTH],
}

/// The blob is not one of ours, or was damaged.
#[derive(Debug)]
pub struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these bytes are not a blob of facts")
    }
}

impl Directory {
    /// Reads the directory of a blob; columns are numbered through all of [`TABLES`].
    pub fn read(blob: &[u8]) -> Result<Self, Damaged> {
        let mut reader = Reader { bytes: blob, at: 0 };
        if reader.varint()? != VERSION {
            return Err(Damaged);
        }
        let strings = reader.varint()?;
        let length_of_lengths = reader.varint()?;
        let length_of_text = reader.varint()?;
        let after = |at: u32, length: u32| at.checked_add(length).ok_or(Damaged);
        let mut at = after(length_of_lengths, length_of_text)?;
        let mut places = Box::new(Places {
            rows: [0; TABLES.len()],
            start: at,
            ends: [0; WIDTH],
        });
        let mut slots = 0..WIDTH;
        for (rows, (_, names)) in places.rows.iter_mut().zip(TABLES) {
            *rows = reader.varint()?;
            for slot in slots.by_ref().take(names.len()) {
                at = after(at, reader.varint()?)?;
                places.ends[slot] = at;
            }
        }
        let bodies = len32(reader.at);
        if blob.len() != after(bodies, at)? as usize {
            return Err(Damaged);
        }
        places.start += bodies;
        for end in &mut places.ends {
            *end += bodies;
        }
        Ok(Self {
            strings,
            lengths: bodies,
            text: bodies + length_of_lengths,
            places,
        })
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.places.ends.len()
    }

    /// Ends of the strings in the blob, from [`Self::text_start`] on, where the first starts.
    pub fn string_ends(&self, blob: &[u8]) -> Result<Vec<u32>, Damaged> {
        let mut reader = Reader {
            bytes: blob.get(..self.text_start()).ok_or(Damaged)?,
            at: self.lengths as usize,
        };
        let mut ends = Vec::with_capacity((self.strings as usize).min(blob.len()));
        let mut end = 0u32;
        for _ in 0..self.strings {
            end = end.checked_add(reader.varint()?).ok_or(Damaged)?;
            ends.push(end);
        }
        if self.text_start() + end as usize > blob.len() {
            return Err(Damaged);
        }
        Ok(ends)
    }

    pub fn text_start(&self) -> usize {
        self.text as usize
    }

    /// A column: in place where that has a byte for each cell, else decoded.
    pub fn column(&self, blob: &[u8], slot: usize) -> Result<Kept, Damaged> {
        let end = *self.places.ends.get(slot).ok_or(Damaged)?;
        let start = match slot.checked_sub(1) {
            Some(before) => self.places.ends[before],
            None => self.places.start,
        };
        let rows = self.places.rows[TABLE_OF[slot]] as usize;
        let stored = blob.get(start as usize..end as usize).ok_or(Damaged)?;
        let unpacked = match stored.split_first() {
            Some((&PLAIN, cells)) if cells.len() == rows && cells.iter().all(|&at| at < 0x80) => {
                return Ok(Kept::InPlace(start + 1, end));
            }
            Some((&PACKED, packed)) => {
                Some(lz4_flex::decompress_size_prepended(packed).map_err(|_| Damaged)?)
            }
            _ => None,
        };
        let mut reader = Reader {
            bytes: unpacked.as_deref().unwrap_or(stored),
            at: 0,
        };
        let mode = reader.byte()?;
        let mut column = Vec::with_capacity(rows.min(reader.bytes.len()));
        match mode {
            PLAIN => {
                for _ in 0..rows {
                    column.push(reader.varint()?.wrapping_sub(1));
                }
            }
            ABOVE => {
                let mut last = 0u32;
                for _ in 0..rows {
                    last = last.wrapping_add(unzigzag(reader.varint()?));
                    column.push(last);
                }
            }
            LEFT if slot > 0 && TABLE_OF[slot - 1] == TABLE_OF[slot] => {
                let left = self.column(blob, slot - 1)?;
                for left in left.cells(blob).iter() {
                    column.push(left.wrapping_add(unzigzag(reader.varint()?)));
                }
            }
            _ => return Err(Damaged),
        }
        Ok(Kept::of(&column))
    }
}

/// The number of columns.
const WIDTH: usize = {
    let (mut width, mut table) = (0, 0);
    while table < TABLES.len() {
        width += TABLES[table].1.len();
        table += 1;
    }
    width
};

/// The table of each column.
const TABLE_OF: [usize; WIDTH] = {
    let (mut tables, mut slot, mut table) = ([0; WIDTH], 0, 0);
    while table < TABLES.len() {
        let end = slot + TABLES[table].1.len();
        while slot < end {
            tables[slot] = table;
            slot += 1;
        }
        table += 1;
    }
    tables
};

/// How a column is stored: as it is, as differences from the row above, or from the column on the left.
const PLAIN: u8 = 0;
const ABOVE: u8 = 1;
const LEFT: u8 = 2;
/// The rest is an LZ4 block of such a column.
const PACKED: u8 = 3;

/// Columns with more bytes than this are packed: only large files have them.
const LARGE: usize = 16 << 10;

/// As many rows as it takes to tell which mode is shortest.
const SAMPLE: usize = 128;

const LONGEST_VARINT: usize = 5;

fn write_column(out: &mut Vec<u8>, column: &[u32], left: &[u32]) {
    let mode = shortest_mode(column, left);
    out.push(mode);
    let start = out.len();
    out.resize(start + LONGEST_VARINT * column.len(), 0);
    let room = &mut out[start..];
    let mut at = 0;
    let mut last = 0;
    for (&cell, &left) in column.iter().zip(left) {
        at = put_varint(room, at, coded(mode, cell, last, left));
        last = cell;
    }
    out.truncate(start + at);
}

/// A cell as a column of this mode stores it.
fn coded(mode: u8, cell: u32, above: u32, left: u32) -> u32 {
    match mode {
        ABOVE => zigzag(cell.wrapping_sub(above)),
        LEFT => zigzag(cell.wrapping_sub(left)),
        _ => cell.wrapping_add(1),
    }
}

/// The mode that is shortest for a sample of the column.
fn shortest_mode(column: &[u32], left: &[u32]) -> u8 {
    let step = column.len() / SAMPLE + 1;
    let length = |mode: u8| -> usize {
        (1..column.len())
            .step_by(step)
            .map(|row| varint_length(coded(mode, column[row], column[row - 1], left[row])))
            .sum()
    };
    [PLAIN, ABOVE, LEFT]
        .into_iter()
        .min_by_key(|&mode| length(mode))
        .unwrap_or(PLAIN)
}

/// Small differences of either sign become small numbers (Protocol Buffers, "ZigZag").
fn zigzag(difference: u32) -> u32 {
    (difference << 1) ^ (0u32.wrapping_sub(difference >> 31))
}

fn unzigzag(coded: u32) -> u32 {
    (coded >> 1) ^ (0u32.wrapping_sub(coded & 1))
}

fn varint_length(value: u32) -> usize {
    (38 - (value | 1).leading_zeros() as usize) / 7
}

fn write_varint(out: &mut Vec<u8>, value: u32) {
    let mut room = [0; LONGEST_VARINT];
    let end = put_varint(&mut room, 0, value);
    out.extend_from_slice(&room[..end]);
}

/// Puts a varint at a place that has room for it; gives the place after it.
#[expect(clippy::cast_possible_truncation, reason = "seven bits at a time")]
fn put_varint(room: &mut [u8], mut at: usize, mut value: u32) -> usize {
    while value >= 0x80 {
        room[at] = value as u8 | 0x80;
        value >>= 7;
        at += 1;
    }
    room[at] = value as u8;
    at + 1
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn byte(&mut self) -> Result<u8, Damaged> {
        let byte = *self.bytes.get(self.at).ok_or(Damaged)?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u32, Damaged> {
        let mut value = 0u32;
        for shift in [0, 7, 14, 21, 28] {
            let byte = self.byte()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Damaged)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Line, NONE, NodeRow};

    #[test]
    fn a_blob_reads_back_as_it_was_written() {
        let starts = [0, 5, 4_000_000_000, NONE, 7];
        let rows: Vec<NodeRow> = (0..50_000)
            .map(|n| NodeRow {
                kind: n % 3,
                a: if n % 2 == 0 { NONE } else { n },
                b: 7,
                start: 10 * n,
                end: 10 * n + 3,
            })
            .collect();
        let facts = Facts {
            strings: vec!["", "añb", "x"],
            lines: starts.map(|start| Line { start }).to_vec(),
            nodes: rows.clone(),
            ..Facts::default()
        };
        let blob = facts.pack();
        let directory = Directory::read(&blob).expect("our own blob");
        let ends = directory.string_ends(&blob).expect("our own strings");
        let text = directory.text_start();
        assert_eq!(&blob[text..text + ends[2] as usize], "añbx".as_bytes());
        assert_eq!(ends, [0, 4, 5]);
        let columns: Vec<Vec<u32>> = (0..directory.width())
            .map(|slot| directory.column(&blob, slot).expect("our own column"))
            .map(|column| column.cells(&blob).iter().collect())
            .collect();
        let cells = |of: fn(&NodeRow) -> u32| rows.iter().map(of).collect::<Vec<u32>>();
        let nodes = TABLES[0].1.len();
        assert_eq!(
            columns[nodes..nodes + 5],
            [
                cells(|row| row.kind),
                cells(|row| row.a),
                cells(|row| row.b),
                cells(|row| row.start),
                cells(|row| row.end)
            ]
        );
        assert!(columns.contains(&starts.to_vec()));
        let named: usize = TABLES.iter().map(|(_, names)| names.len()).sum();
        assert_eq!(columns.len(), named);
    }

    #[test]
    fn a_damaged_blob_is_refused() {
        let blob = Facts {
            strings: vec!["name"],
            ..Facts::default()
        }
        .pack();
        for end in 0..blob.len() {
            assert!(Directory::read(&blob[..end]).is_err());
        }
    }
}
