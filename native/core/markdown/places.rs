//! Lines and UTF-16 columns of byte offsets, both from 1. A byte order mark takes no column.

const BOM: &[u8] = b"\xef\xbb\xbf";

pub struct Places<'a> {
    source: &'a [u8],
    starts: Vec<usize>,
    is_ascii: bool,
}

impl<'a> Places<'a> {
    pub fn new(source: &'a [u8]) -> Self {
        let first = if source.starts_with(BOM) {
            BOM.len()
        } else {
            0
        };
        let ends = memchr::memchr2_iter(b'\n', b'\r', source);
        let breaks = ends.filter(|at| source[*at] == b'\n' || source.get(at + 1) != Some(&b'\n'));
        let starts = std::iter::once(first).chain(breaks.map(|at| at + 1));
        Places {
            starts: starts.collect(),
            is_ascii: source[first..].is_ascii(),
            source,
        }
    }

    pub fn cursor(&self) -> Cursor<'_> {
        Cursor {
            places: self,
            line: 0,
            at: self.starts[0],
            units: 0,
        }
    }
}

/// Walks forwards through a source, so that all places of one long line are counted in one pass.
pub struct Cursor<'a> {
    places: &'a Places<'a>,
    line: usize,
    at: usize,
    units: usize,
}

impl Cursor<'_> {
    /// Line and column of an offset that is not before the last one.
    pub fn place(&mut self, offset: usize) -> (usize, usize) {
        let starts = &self.places.starts;
        let behind = starts[self.line..].partition_point(|start| *start <= offset);
        if behind > 1 {
            self.line += behind - 1;
            (self.at, self.units) = (starts[self.line], 0);
        }
        if self.places.is_ascii {
            return (self.line + 1, offset.saturating_sub(starts[self.line]) + 1);
        }
        let between = self.places.source.get(self.at..offset).unwrap_or_default();
        self.units += String::from_utf8_lossy(between).encode_utf16().count();
        self.at = self.at.max(offset);
        (self.line + 1, self.units + 1)
    }
}
