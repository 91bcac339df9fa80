//! The facts of one file: tables of `u32` columns, and the blob they are stored in.
//!
//! A blob is an LZ4 block of varints: the strings, then each table as a row count followed by its columns, every
//! column plain or as differences, whichever is shortest. Plain, `NONE` is stored as 0 and all else one higher.

use std::fmt;

/// "No such thing" in every column.
pub const NONE: u32 = u32::MAX;

/// Raised when the meaning of any table changes: facts of another version are not read.
pub const VERSION: u32 = 1;

/// Declares a table: its row type, with one `u32` per column.
macro_rules! table {
    ($(#[$meta:meta])* $row:ident { $($column:ident),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct $row { $(pub $column: u32),* }

        impl Row for $row {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),*];

            fn each_column(rows: &[Self], mut each: impl FnMut(&[u32], &[u32])) {
                let mut left = vec![0; rows.len()];
                let mut column = Vec::with_capacity(rows.len());
                $(
                    column.clear();
                    column.extend(rows.iter().map(|row| row.$column));
                    each(&column, &left);
                    std::mem::swap(&mut column, &mut left);
                )*
            }
        }
    };
}

/// A row of a table, that is: something that can be written column by column.
trait Row: Sized {
    const COLUMNS: &'static [&'static str];
    /// Calls back with each column and the one on its left; zeros stand on the left of the first.
    fn each_column(rows: &[Self], each: impl FnMut(&[u32], &[u32]));
}

table! {
    /// A binding or a member: anything that has a name and a place.
    Definition {
        name, kind, start_name, end_name, start, end, body, parent, owner, value, annotation, symbol, flags,
        doc_start, doc_end,
    }
}
table! {
    /// A value or a type, as far as linking can follow it.
    Node { kind, a, b, start, end }
}
table! {
    /// A name in the text that refers to something, or declares it.
    Occurrence { name, start, end, role, target, node, within }
}
table! {
    /// A module specifier.
    Import { specifier, start, end, kind, flags }
}
table! {
    /// A name taken out of an imported module.
    Binding { import, name, local, occurrence, flags }
}
table! {
    /// A name put into the module's exports.
    Export { name, definition, value, import, imported, occurrence, flags }
}
table! {
    /// A function, method, arrow function, signature or function type.
    Function {
        definition, params, returns, annotation, owner, this, context_call, context_position, flags, node,
    }
}
table! {
    /// A class or an interface.
    Class { definition, node, extends, implements, flags, type_parameters }
}
table! {
    /// A cell of the flat list of lists.
    Item { item }
}
table! {
    /// Something the file is blamed for.
    Problem { message, start }
}
table! {
    /// Where a line starts.
    Line { start }
}
table! {
    /// What the file is, in one row.
    Meta { length, flags, version }
}

/// All facts of one file, as they are written.
#[derive(Default)]
pub struct Facts<'a> {
    pub strings: Vec<&'a str>,
    pub definitions: Vec<Definition>,
    pub nodes: Vec<Node>,
    pub occurrences: Vec<Occurrence>,
    pub imports: Vec<Import>,
    pub bindings: Vec<Binding>,
    pub exports: Vec<Export>,
    pub functions: Vec<Function>,
    pub classes: Vec<Class>,
    pub lists: Vec<Item>,
    pub problems: Vec<Problem>,
    pub lines: Vec<Line>,
    pub meta: Vec<Meta>,
}

/// The tables in the order of a blob, each with its columns in order.
pub const TABLES: &[(&str, &[&str])] = &[
    ("definitions", Definition::COLUMNS),
    ("nodes", Node::COLUMNS),
    ("occurrences", Occurrence::COLUMNS),
    ("imports", Import::COLUMNS),
    ("bindings", Binding::COLUMNS),
    ("exports", Export::COLUMNS),
    ("functions", Function::COLUMNS),
    ("classes", Class::COLUMNS),
    ("lists", Item::COLUMNS),
    ("problems", Problem::COLUMNS),
    ("lines", Line::COLUMNS),
    ("meta", Meta::COLUMNS),
];

impl Facts<'_> {
    /// The blob of these facts.
    pub fn pack(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(16 * (self.occurrences.len() + self.nodes.len()) + 1024);
        write_varint(&mut out, len32(self.strings.len()));
        for string in &self.strings {
            write_varint(&mut out, len32(string.len()));
        }
        for string in &self.strings {
            out.extend_from_slice(string.as_bytes());
        }
        write_table(&mut out, &self.definitions);
        write_table(&mut out, &self.nodes);
        write_table(&mut out, &self.occurrences);
        write_table(&mut out, &self.imports);
        write_table(&mut out, &self.bindings);
        write_table(&mut out, &self.exports);
        write_table(&mut out, &self.functions);
        write_table(&mut out, &self.classes);
        write_table(&mut out, &self.lists);
        write_table(&mut out, &self.problems);
        write_table(&mut out, &self.lines);
        write_table(&mut out, &self.meta);
        lz4_flex::compress_prepend_size(&out)
    }
}

/// A blob read back: its strings, and the columns of all tables in the order of [`TABLES`].
pub struct Unpacked {
    pub strings: Vec<String>,
    pub columns: Vec<Vec<u8>>,
}

/// The blob is not one of ours, or was damaged.
#[derive(Debug)]
pub struct Damaged;

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these bytes are not a blob of facts")
    }
}

/// Reads a blob; columns come as little-endian `u32`.
pub fn unpack(blob: &[u8]) -> Result<Unpacked, Damaged> {
    let bytes = lz4_flex::decompress_size_prepended(blob).map_err(|_| Damaged)?;
    let mut reader = Reader {
        bytes: &bytes,
        at: 0,
    };
    let count = reader.varint()? as usize;
    let mut lengths = Vec::with_capacity(count.min(bytes.len()));
    for _ in 0..count {
        lengths.push(reader.varint()? as usize);
    }
    let mut strings = Vec::with_capacity(lengths.len());
    for length in lengths {
        let text = reader.take(length)?;
        strings.push(std::str::from_utf8(text).map_err(|_| Damaged)?.to_owned());
    }
    let mut columns = Vec::with_capacity(80);
    for (_, names) in TABLES {
        let rows = reader.varint()? as usize;
        let mut left: Option<Vec<u32>> = None;
        for _ in *names {
            let column = reader.column(rows, left.as_deref())?;
            columns.push(column.iter().flat_map(|cell| cell.to_le_bytes()).collect());
            left = Some(column);
        }
    }
    Ok(Unpacked { strings, columns })
}

/// The number under which a name is looked up: the low half of its XXH3 hash.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low half is what is wanted"
)]
pub fn name_hash(name: &str) -> u32 {
    xxhash_rust::xxh3::xxh3_64(name.as_bytes()) as u32
}

/// A length or offset of a source, which is at most 4 GiB.
pub fn len32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}

fn write_table<R: Row>(out: &mut Vec<u8>, rows: &[R]) {
    write_varint(out, len32(rows.len()));
    R::each_column(rows, |column, left| write_column(out, column, left));
}

/// How a column is stored: as it is, as differences from the row above, or from the column on the left.
const PLAIN: u8 = 0;
const ABOVE: u8 = 1;
const LEFT: u8 = 2;

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

    fn take(&mut self, length: usize) -> Result<&'b [u8], Damaged> {
        let end = self.at.checked_add(length).ok_or(Damaged)?;
        let taken = self.bytes.get(self.at..end).ok_or(Damaged)?;
        self.at = end;
        Ok(taken)
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

    fn column(&mut self, rows: usize, left: Option<&[u32]>) -> Result<Vec<u32>, Damaged> {
        let mode = self.byte()?;
        let mut column = Vec::with_capacity(rows.min(self.bytes.len()));
        let mut last = 0u32;
        for row in 0..rows {
            let coded = self.varint()?;
            last = match mode {
                PLAIN => coded.wrapping_sub(1),
                ABOVE => last.wrapping_add(unzigzag(coded)),
                LEFT => left.ok_or(Damaged)?[row].wrapping_add(unzigzag(coded)),
                _ => return Err(Damaged),
            };
            column.push(last);
        }
        Ok(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(column: &[u8]) -> Vec<u32> {
        column
            .chunks_exact(4)
            .map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
            .collect()
    }

    #[test]
    fn a_blob_reads_back_as_it_was_written() {
        let facts = Facts {
            strings: vec!["", "añb", "x"],
            lines: [0, 5, 4_000_000_000, NONE, 7]
                .map(|start| Line { start })
                .to_vec(),
            nodes: vec![Node {
                kind: 1,
                a: NONE,
                b: 0,
                start: 10,
                end: 12,
            }],
            ..Facts::default()
        };
        let unpacked = unpack(&facts.pack()).expect("our own blob");
        assert_eq!(unpacked.strings, ["", "añb", "x"]);
        let columns: Vec<Vec<u32>> = unpacked
            .columns
            .iter()
            .map(|column| numbers(column))
            .collect();
        assert_eq!(
            columns[15..20],
            [vec![1], vec![NONE], vec![0], vec![10], vec![12]]
        );
        assert!(columns.contains(&vec![0, 5, 4_000_000_000, NONE, 7]));
        assert_eq!(
            columns.len(),
            TABLES.iter().map(|(_, names)| names.len()).sum::<usize>()
        );
    }

    #[test]
    fn a_damaged_blob_is_refused() {
        let blob = Facts {
            strings: vec!["name"],
            ..Facts::default()
        }
        .pack();
        for end in 0..blob.len() {
            assert!(unpack(&blob[..end]).is_err());
        }
    }
}
