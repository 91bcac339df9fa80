//! Lines by pattern: over the files of the manifest, without a walk.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use memchr::{memchr, memchr_iter, memmem, memrchr};
use rayon::prelude::*;
use regex::bytes::{Regex, RegexBuilder};

use crate::index::manifest::{ASSET, BINARY, Entry, TOO_LARGE, UNREADABLE};
use crate::index::scan::Stat;

/// Longer lines are shown around the hit.
const SHOWN: usize = 400;

/// One match: byte offsets in the file, line and UTF-16 column from 1, and the line it is in.
pub struct Found {
    pub file: u32,
    pub line: u32,
    pub column: u32,
    pub start: u32,
    pub end: u32,
    pub text: String,
}

pub struct Question<'a> {
    pub pattern: &'a str,
    pub regex: bool,
    pub ignore_case: bool,
    pub word: bool,
    /// Stop after about this many matches; 0: find all.
    pub limit: usize,
}

enum Matcher {
    Literal(Box<memmem::Finder<'static>>),
    Pattern(Regex),
}

impl Matcher {
    fn new(question: &Question) -> Result<Matcher, regex::Error> {
        if !question.regex && !question.ignore_case && !question.word {
            let finder = memmem::Finder::new(question.pattern.as_bytes()).into_owned();
            return Ok(Matcher::Literal(Box::new(finder)));
        }
        let plain = if question.regex {
            question.pattern.to_owned()
        } else {
            regex::escape(question.pattern)
        };
        let pattern = if question.word {
            format!(r"\b{{start-half}}(?:{plain})\b{{end-half}}")
        } else {
            plain
        };
        RegexBuilder::new(&pattern)
            .multi_line(true)
            .crlf(true)
            .case_insensitive(question.ignore_case)
            .build()
            .map(Matcher::Pattern)
    }

    /// The first match at or after `from` that lies within a line.
    fn next(&self, source: &[u8], from: usize) -> Option<(usize, usize)> {
        match self {
            Matcher::Literal(finder) => finder
                .find(&source[from..])
                .map(|at| (from + at, from + at + finder.needle().len())),
            Matcher::Pattern(regex) => {
                let mut from = from;
                loop {
                    let found = regex.find_at(source, from)?;
                    let end = line_end(source, found.start());
                    if found.end() <= end {
                        return Some((found.start(), found.end()));
                    }
                    // It runs over the end of its line: what remains of the line may hold a shorter one.
                    if let Some(shorter) = regex.find_at(&source[..end], found.start()) {
                        return Some((shorter.start(), shorter.end()));
                    }
                    from = end + 1;
                    if from > source.len() {
                        return None;
                    }
                }
            }
        }
    }
}

/// Result of a search: all matches, by file in the order of `files`, then by place; and the files whose bytes are no longer those of the manifest.
pub type Answer = (Vec<Found>, Vec<u32>);

/// Searches the files as they are on disk; `known` are the bytes of some, as the manifest says, which are not read again.
pub fn search<B: AsRef<[u8]> + Sync>(
    root: &Path,
    entries: &[Entry],
    files: &[u32],
    question: &Question,
    known: &HashMap<u32, B>,
) -> Result<Answer, regex::Error> {
    let matcher = Matcher::new(question)?;
    let total = AtomicUsize::new(0);
    let limit = if question.limit == 0 {
        usize::MAX
    } else {
        question.limit
    };
    let searched = files
        .par_iter()
        .with_min_len(8)
        .map_init(Vec::new, |buffer, id| {
            let entry = &entries[*id as usize];
            if entry.is(ASSET | BINARY | TOO_LARGE | UNREADABLE)
                || question.pattern.is_empty()
                || total.load(Ordering::Relaxed) >= limit
            {
                return (Vec::new(), None);
            }
            let (source, is_same) = if let Some(source) = known.get(id) {
                (source.as_ref(), true)
            } else if let Some((stat, source)) = read(root, entry, buffer) {
                (source, entry.describes(&stat, source))
            } else {
                return (Vec::new(), Some(*id));
            };
            let found = matches(&matcher, *id, source, limit);
            total.fetch_add(found.len(), Ordering::Relaxed);
            (found, (!is_same).then_some(*id))
        });
    let (found, changed): (Vec<Vec<Found>>, Vec<Option<u32>>) = searched.unzip();
    let mut found: Vec<Found> = found.into_iter().flatten().collect();
    found.truncate(limit);
    Ok((found, changed.into_iter().flatten().collect()))
}

/// The stat and the bytes of a file, in a buffer that serves many.
pub(super) fn read<'a>(
    root: &Path,
    entry: &'a Entry,
    buffer: &'a mut Vec<u8>,
) -> Option<(Stat, &'a [u8])> {
    if let Some(planned) = &entry.planned {
        return Some((entry.stat, planned));
    }
    let size = entry.stat.size as usize;
    let mut file = File::open(root.join(&entry.path)).ok()?;
    let stat = Stat::of(&file.metadata().ok()?);
    if buffer.len() <= size {
        buffer.resize(size + 4096, 0);
    }
    let mut length = 0;
    loop {
        let count = file.read(&mut buffer[length..]).ok()?;
        length += count;
        if count == 0 || length == size {
            return Some((stat, &buffer[..length]));
        }
        if length == buffer.len() {
            buffer.resize(length * 2, 0);
        }
    }
}

fn matches(matcher: &Matcher, file: u32, source: &[u8], limit: usize) -> Vec<Found> {
    let mut found = Vec::new();
    let mut from = 0;
    let (mut line, mut counted) = (1, 0);
    while let Some((start, end)) = matcher.next(source, from) {
        if found.len() >= limit {
            break;
        }
        let line_start = line_start(source, start);
        line += breaks(&source[counted..line_start], source.get(line_start));
        counted = line_start;
        let shown = &source[line_start..line_end(source, start)];
        found.push(Found {
            file,
            line,
            column: column(source, line_start, start),
            start: start as u32,
            end: end as u32,
            text: shorten(shown, start - line_start),
        });
        from = if end > start { end } else { end + 1 };
        if from > source.len() {
            break;
        }
    }
    found
}

fn line_start(source: &[u8], at: usize) -> usize {
    let newline = memrchr(b'\n', &source[..at]).map_or(0, |found| found + 1);
    // A lone carriage return ends a line too; one before a line feed belongs to it.
    memrchr(b'\r', &source[newline..at])
        .filter(|found| source.get(newline + found + 1) != Some(&b'\n'))
        .map_or(newline, |found| newline + found + 1)
}

fn line_end(source: &[u8], at: usize) -> usize {
    let newline = memchr(b'\n', &source[at..]).map_or(source.len(), |found| at + found);
    memchr(b'\r', &source[at..newline]).map_or(newline, |found| at + found)
}

/// How many lines end in these bytes; `after` is the byte behind them.
fn breaks(bytes: &[u8], after: Option<&u8>) -> u32 {
    let newlines = memchr_iter(b'\n', bytes).count();
    let lone = memchr_iter(b'\r', bytes)
        .filter(|at| bytes.get(at + 1).or(after) != Some(&b'\n'))
        .count();
    (newlines + lone) as u32
}

fn column(source: &[u8], line_start: usize, at: usize) -> u32 {
    let bytes = &source[line_start..at];
    let bytes = if line_start == 0 {
        bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
    } else {
        bytes
    };
    let units = if bytes.is_ascii() {
        bytes.len()
    } else {
        String::from_utf8_lossy(bytes).encode_utf16().count()
    };
    units as u32 + 1
}

/// A line as it is shown; of a long one, the part around the match.
fn shorten(line: &[u8], at: usize) -> String {
    if line.len() <= SHOWN {
        return String::from_utf8_lossy(line).into_owned();
    }
    let from = at.saturating_sub(SHOWN / 4);
    String::from_utf8_lossy(&line[from..line.len().min(from + SHOWN)])
        .trim_matches('\u{FFFD}')
        .to_owned()
}
