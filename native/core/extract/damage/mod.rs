//! A text that does not parse, with what is to blame left out, so that the rest does and every position stays.
//!
//! Blame goes to the smallest statement or member around the error whose absence lets the parser read on; brackets without their other
//! half are made good after the indentation. Nothing is guessed of what is left out.

pub(super) mod layout;
mod regions;

use super::Trouble;
use crate::facts::len32;
use layout::{Defect, Layout, TOP};
use regions::{Region, Regions};

/// More places than this are not left out of one text.
const MOST_PLACES: usize = 8;
/// Bytes that may be parsed to find them.
const MOST_BYTES: usize = 32 << 20;
/// Times that a text may be parsed to find them.
const MOST_TRIALS: usize = 64;

/// A text that parses, of the same length as the one it was made of.
#[derive(Debug, PartialEq, Eq)]
pub struct Mended {
    pub text: String,
    pub changes: Vec<Change>,
}

/// A change to a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Leave out the text from one offset to the other.
    LeftOut(usize, usize),
    /// A `}` stands at the offset, where nothing stood.
    Closed(usize),
    /// The bracket at the offset is left out.
    Ignored(usize),
}

impl Change {
    /// End of the change.
    pub fn end(&self) -> usize {
        match *self {
            Self::LeftOut(_, end) | Self::Closed(end) => end,
            Self::Ignored(at) => at + 1,
        }
    }

    fn start(&self) -> usize {
        match *self {
            Self::LeftOut(start, _) | Self::Closed(start) | Self::Ignored(start) => start,
        }
    }
}

/// Leaves out of a text what does not parse. `error` is where the parser gives up on it, and `reads` tells that of other texts, `None` for
/// those that parse. Nothing where the text does not parse with little left out.
pub fn mend(
    text: &str,
    error: usize,
    reads: &mut dyn FnMut(&str) -> Option<usize>,
) -> Option<Mended> {
    let mut search = Search {
        trials: (MOST_BYTES / text.len().max(1)).clamp(4, MOST_TRIALS),
        reads,
    };
    let mut mended = Mended {
        text: text.to_owned(),
        changes: Vec::new(),
    };
    let mut error = error;
    for _ in 0..MOST_PLACES {
        let layout = Layout::new(&mended.text);
        let regions = Regions::new(&mended.text, &layout);
        let (next, stuck) = search
            .around(&mended, error, &layout, &regions)
            .or_else(|| search.bisected(&mended, &regions))?;
        mended = next;
        match stuck {
            None => {
                mended.changes = outermost(&mended.changes);
                return Some(mended);
            }
            Some(at) => error = at,
        }
    }
    None
}

/// The changes by place, without those of what another one leaves out.
fn outermost(changes: &[Change]) -> Vec<Change> {
    let is_within = |of: &Change, other: &Change| match (*other, *of) {
        (Change::LeftOut(start, end), Change::LeftOut(from, to)) => {
            of != other && start <= from && to <= end
        }
        (Change::LeftOut(start, end), Change::Closed(at) | Change::Ignored(at)) => {
            start <= at && at < end
        }
        _ => false,
    };
    let is_outer = |of: &&Change| !changes.iter().any(|other| is_within(of, other));
    let mut outer: Vec<Change> = changes.iter().filter(is_outer).copied().collect();
    outer.sort_unstable_by_key(Change::start);
    outer.dedup();
    outer
}

/// A changed text, and where the parser is stuck in it, if it is.
type Found = (Mended, Option<usize>);

struct Search<'r> {
    trials: usize,
    reads: &'r mut dyn FnMut(&str) -> Option<usize>,
}

impl Search<'_> {
    /// Offset at which the parser is stuck in a text; nothing when it may not be asked again.
    fn ask(&mut self, text: &str) -> Option<Option<usize>> {
        self.trials = self.trials.checked_sub(1)?;
        Some((self.reads)(text))
    }

    /// A changed text, if the parser gets past an offset in it. One that is stuck at the end lacks a bracket and is no better.
    fn tried(&mut self, candidate: Mended, past: usize) -> Option<Found> {
        let stuck = self.ask(&candidate.text)?;
        let last = candidate.text.trim_ascii_end().len();
        let goes_on = stuck.is_none_or(|at| at > past && at < last);
        goes_on.then_some((candidate, stuck))
    }

    /// The smallest change around an error that lets the parser read on.
    fn around(
        &mut self,
        of: &Mended,
        error: usize,
        layout: &Layout,
        regions: &Regions,
    ) -> Option<Found> {
        let is_block = |defect: &Defect| match *defect {
            Defect::Unclosed { open: at, .. } | Defect::Stray(at) => {
                matches!(layout.mark(at), Some(b'{' | b'}'))
            }
        };
        let mut as_balanced = balanced(of, layout);
        if layout.defects.iter().all(is_block)
            && let Some(candidate) = as_balanced.take()
            && let Some(found) = self.tried(candidate, error)
        {
            return Some(found);
        }
        for region in regions.around(error) {
            // Brackets of a statement are made good only where it would cost whole blocks to leave it out.
            let has_block =
                memchr::memchr(b'{', &of.text.as_bytes()[region.start..region.end]).is_some();
            if has_block
                && let Some(candidate) = as_balanced.take()
                && let Some(found) = self.tried(candidate, error)
            {
                return Some(found);
            }
            let past = error.max(regions.end_of_next_line(region.end));
            let candidate = left_out(of, &[region]);
            let rest = if layout.defects.is_empty() {
                None
            } else {
                balanced(&candidate, &Layout::new(&candidate.text))
            };
            for candidate in [candidate].into_iter().chain(rest) {
                if let Some(found) = self.tried(candidate, past) {
                    return Some(found);
                }
            }
        }
        self.tried(as_balanced?, error)
    }

    /// The smallest part of a block whose absence lets the text parse, found by halves: for errors without a place.
    fn bisected(&mut self, of: &Mended, regions: &Regions) -> Option<Found> {
        let (mut block, mut found) = (TOP, None);
        loop {
            let parts = regions.of_block(block);
            let (mut read, mut stuck) = (0, parts.len());
            while stuck > read + 1 {
                let middle = read.midpoint(stuck);
                let candidate = left_out(of, &parts[middle..]);
                if self.ask(&candidate.text)?.is_none() {
                    read = middle;
                } else {
                    stuck = middle;
                }
            }
            let Some(&part) = parts.get(read) else {
                return found;
            };
            let Some(smaller) = self.tried(left_out(of, &[part]), part.end) else {
                return found;
            };
            found = Some(smaller);
            let mut blocks = regions.blocks_in(part, block).into_iter();
            let inner = blocks.find(|&block| {
                let emptied = left_out(of, &regions.of_block(block));
                emptied.text != of.text && self.ask(&emptied.text) == Some(None)
            });
            match inner {
                Some(inner) => block = inner,
                None => return found,
            }
        }
    }
}

/// Messages about the changes to a text.
pub fn troubles(text: &str, changes: &[Change]) -> Vec<Trouble> {
    let line = |at: usize| memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
    let said = |change: &Change| match *change {
        Change::LeftOut(start, end) => {
            let lines = match (line(start), line(end)) {
                (first, last) if first == last => String::new(),
                (_, last) => format!(", up to line {last}"),
            };
            let message = format!("this does not parse and is left out{lines}");
            (message, len32(start), "left_out")
        }
        Change::Closed(at) => (
            "the file was read as if a `}` stood here".to_owned(),
            len32(at),
            "left_out",
        ),
        Change::Ignored(at) => (
            format!("the file was read without this `{}`", &text[at..=at]),
            len32(at),
            "left_out",
        ),
    };
    changes.iter().map(said).collect()
}

fn left_out(of: &Mended, regions: &[Region]) -> Mended {
    let mut bytes = of.text.clone().into_bytes();
    for region in regions {
        for byte in &mut bytes[region.start..region.end] {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
        if region.closes {
            bytes[region.start] = b';';
        }
    }
    let changes = regions.iter().map(|of| Change::LeftOut(of.start, of.end));
    changed(of, bytes, changes)
}

/// The text with every bracket made good that has no other half; nothing where that cannot be done.
fn balanced(of: &Mended, layout: &Layout) -> Option<Mended> {
    let mut bytes = of.text.clone().into_bytes();
    let mut changes = Vec::new();
    for defect in &layout.defects {
        match *defect {
            Defect::Stray(at) => {
                let start = layout.pieces[at].start;
                bytes[start] = b' ';
                changes.push(Change::Ignored(start));
            }
            Defect::Unclosed { open, end } if layout.mark(open) == Some(b'{') => {
                let start = layout.pieces[end - 1].end;
                let limit = layout
                    .pieces
                    .get(end)
                    .map_or(bytes.len(), |piece| piece.start);
                let at = start + room(&bytes[start..limit])?;
                bytes[at] = b'}';
                changes.push(Change::Closed(at));
            }
            Defect::Unclosed { open, .. } => {
                let start = layout.pieces[open].start;
                bytes[start] = b' ';
                changes.push(Change::Ignored(start));
            }
        }
    }
    (!changes.is_empty()).then(|| changed(of, bytes, changes))
}

fn changed(of: &Mended, bytes: Vec<u8>, changes: impl IntoIterator<Item = Change>) -> Mended {
    Mended {
        // Whole tokens and single ASCII bytes were replaced by ASCII.
        text: String::from_utf8(bytes).expect("letters are replaced as a whole"),
        changes: of.changes.iter().copied().chain(changes).collect(),
    }
}

/// A blank between two tokens that is in no comment.
fn room(between: &[u8]) -> Option<usize> {
    let mut at = 0;
    while at < between.len() {
        match (between[at], between.get(at + 1)) {
            (b'/', Some(b'/')) => at += memchr::memchr2(b'\n', b'\r', &between[at..])?,
            (b'/', Some(b'*')) => at += memchr::memmem::find(&between[at..], b"*/")? + 2,
            (b' ' | b'\t' | b'\n' | b'\r', _) => return Some(at),
            _ => at += 1,
        }
    }
    None
}
