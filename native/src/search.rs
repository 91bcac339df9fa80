//! Definitions by name: one scan over the records of all segments.

use std::collections::HashMap;
use std::io;

use rayon::prelude::*;

use crate::manifest::{ASSET, Manifest};
use crate::wire::{Reader, broken, unpacked};

/// How well a name fits, best first; the order is the order of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// The whole qualified name, or a name that stands alone.
    Whole,
    /// The last part of a qualified name.
    Last,
    /// The same letters in another case.
    Folded,
    Word,
    Prefix,
    Camel,
    Substring,
    Path,
}

impl Match {
    /// The word on the wire.
    pub fn label(self) -> &'static str {
        match self {
            Match::Whole | Match::Last => "exact",
            Match::Folded => "case",
            Match::Word => "word",
            Match::Prefix => "prefix",
            Match::Camel => "camel",
            Match::Substring => "substring",
            Match::Path => "path",
        }
    }
}

/// Flags of definitions that the order looks at.
const EXPORTED: u16 = 1;
const LOCAL: u16 = 4;
const TEST_FOLDERS: [&str; 9] = [
    "test",
    "tests",
    "__tests__",
    "__mocks__",
    "spec",
    "specs",
    "examples",
    "example",
    "benchmarks",
];

/// The definition index of a hit that is a whole file.
pub const WHOLE_FILE: u32 = u32::MAX;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    pub file: u32,
    pub definition: u32,
    pub name: String,
    pub container: String,
    pub kind: u8,
    pub flags: u16,
    pub fit: Match,
}

/// A term of the question: `send`, `res.send`, `View#lookup`, `View.prototype.lookup`.
struct Term {
    name: String,
    folded: String,
    /// Lower-cased pieces, cut before each capital; several make a camel-case question.
    pieces: Vec<String>,
    container: Vec<String>,
}

impl Term {
    fn new(text: &str) -> Term {
        let plain = text
            .replace(['#'], ".")
            .replace("::", ".")
            .replace(".prototype.", ".");
        let mut parts: Vec<String> = plain
            .split('.')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        let name = parts.pop().unwrap_or_default();
        Term {
            folded: name.to_lowercase(),
            pieces: pieces(&name),
            name,
            container: parts,
        }
    }

    fn fit(&self, name: &str, container: &str) -> Option<Match> {
        if name == self.name {
            return Some(if self.container.is_empty() {
                if container.is_empty() {
                    Match::Whole
                } else {
                    Match::Last
                }
            } else if ends_with(container, &self.container) {
                Match::Whole
            } else {
                Match::Word
            });
        }
        if name.len() < self.folded.len() && self.pieces.len() < 2 {
            return None;
        }
        let at = find_folded(name, &self.folded);
        if at.is_none() && self.pieces.len() < 2 {
            return None;
        }
        let fit = self.loosely(name, at)?;
        (self.container.is_empty() || ends_with(container, &self.container)).then_some(fit)
    }

    fn loosely(&self, name: &str, at: Option<usize>) -> Option<Match> {
        let Some(mut at) = at else {
            return self.is_camel(name).then_some(Match::Camel);
        };
        if name.len() == self.folded.len() {
            return Some(Match::Folded);
        }
        let first = at;
        loop {
            let end = at + self.folded.len();
            if is_boundary(name, at) && is_boundary(name, end) {
                return Some(Match::Word);
            }
            match name
                .get(at + 1..)
                .and_then(|rest| find_folded(rest, &self.folded))
            {
                Some(next) => at += 1 + next,
                None => break,
            }
        }
        Some(match first {
            0 => Match::Prefix,
            _ if self.is_camel(name) => Match::Camel,
            _ => Match::Substring,
        })
    }

    /// Whether the pieces are beginnings of words of the name, in order, the first of the first.
    fn is_camel(&self, name: &str) -> bool {
        let words = pieces(name);
        if self.pieces.len() < 2
            || !words
                .first()
                .is_some_and(|word| word.starts_with(&self.pieces[0]))
        {
            return false;
        }
        let mut words = words.iter().skip(1);
        self.pieces[1..]
            .iter()
            .all(|piece| words.any(|word| word.starts_with(piece.as_str())))
    }
}

/// The words of a name, lower-cased: `createETagGenerator2` is create, e, tag, generator2.
fn pieces(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for (at, letter) in name
        .char_indices()
        .filter(|(_, letter)| *letter != '_' && *letter != '$' && *letter != '-')
    {
        if words.is_empty() || (is_boundary(name, at) && !letter.is_numeric()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// Whether a word of the name begins or ends at this byte.
fn is_boundary(name: &str, at: usize) -> bool {
    let bytes = name.as_bytes();
    if at == 0 || at >= bytes.len() {
        return true;
    }
    let (before, after) = (bytes[at - 1], bytes[at]);
    let separator = |byte: u8| !byte.is_ascii_alphanumeric() && byte < 0x80;
    separator(before)
        || separator(after)
        || (after.is_ascii_uppercase() && !before.is_ascii_uppercase())
        || (after.is_ascii_uppercase() && bytes.get(at + 1).is_some_and(u8::is_ascii_lowercase))
        || (before.is_ascii_digit() != after.is_ascii_digit() && after.is_ascii_uppercase())
}

/// The place of a lower-cased needle, whatever the case of the name (ASCII; other letters as they are).
fn find_folded(name: &str, folded: &str) -> Option<usize> {
    let (name, needle) = (name.as_bytes(), folded.as_bytes());
    let (first, rest) = needle.split_first()?;
    let last = name.len().checked_sub(needle.len())?;
    let upper = first.to_ascii_uppercase();
    (0..=last).find(|at| {
        (name[*at] == *first || name[*at] == upper)
            && name[at + 1..at + needle.len()].eq_ignore_ascii_case(rest)
    })
}

/// Whether a container (`a.View`, `View.prototype`) ends with these parts.
fn ends_with(container: &str, parts: &[String]) -> bool {
    let mut own = container
        .split(['.', '#', ':'])
        .filter(|part| !part.is_empty() && *part != "prototype")
        .rev();
    parts.iter().rev().all(|part| own.next() == Some(part))
}

/// Everything whose name fits all terms (or any), best first. `pieces` are the stored definition records of all segments.
pub fn search(
    manifest: &Manifest,
    packed: &[Vec<u8>],
    terms: &[String],
    any: bool,
) -> io::Result<Vec<Hit>> {
    let terms: Vec<Term> = terms
        .iter()
        .map(|term| Term::new(term))
        .filter(|term| !term.name.is_empty())
        .collect();
    let mut files: HashMap<u32, Vec<u32>> = HashMap::new();
    for (id, entry) in (0..).zip(&manifest.entries) {
        files.entry(entry.unit).or_default().push(id);
    }
    let in_path: Vec<Vec<bool>> = manifest
        .entries
        .par_iter()
        .map(|entry| {
            terms
                .iter()
                .map(|term| find_folded(&entry.path, &term.folded).is_some())
                .collect()
        })
        .collect();
    let scanned: Vec<io::Result<Vec<Hit>>> = packed
        .par_iter()
        .map(|piece| scan(piece, &terms, any, &files, &in_path))
        .collect();
    let mut hits = Vec::new();
    for found in scanned {
        hits.append(&mut found?);
    }
    for (id, entry) in (0..).zip(&manifest.entries) {
        let fits = &in_path[id as usize];
        let chosen = if any {
            fits.iter().any(|fit| *fit)
        } else {
            fits.iter().all(|fit| *fit)
        };
        if chosen
            && !terms.is_empty()
            && !entry.is(ASSET)
            && terms.iter().all(|term| term.container.is_empty())
        {
            let name = entry
                .path
                .rsplit('/')
                .next()
                .unwrap_or(&entry.path)
                .to_owned();
            hits.push(Hit {
                file: id,
                definition: WHOLE_FILE,
                name,
                container: String::new(),
                kind: u8::MAX,
                flags: 0,
                fit: Match::Path,
            });
        }
    }
    let aside: Vec<bool> = manifest
        .entries
        .iter()
        .map(|entry| is_aside(&entry.path))
        .collect();
    hits.par_sort_unstable_by_key(|hit| {
        let internal = hit.flags & EXPORTED == 0;
        (
            hit.fit,
            hit.flags & LOCAL != 0,
            internal,
            aside[hit.file as usize],
            hit.name.len(),
            hit.file,
            hit.definition,
        )
    });
    Ok(hits)
}

/// Tests and examples.
fn is_aside(path: &str) -> bool {
    path.split('/').any(|part| TEST_FOLDERS.contains(&part))
        || path.contains(".test.")
        || path.contains(".spec.")
}

fn scan(
    piece: &[u8],
    terms: &[Term],
    any: bool,
    files: &HashMap<u32, Vec<u32>>,
    in_path: &[Vec<bool>],
) -> io::Result<Vec<Hit>> {
    let bytes = unpacked(piece)?;
    let mut reader = Reader::new(&bytes);
    let mut hits = Vec::new();
    while !reader.done() {
        let unit = reader.u32()?;
        let mut records = Reader::new(reader.blob()?);
        let Some(owners) = files.get(&unit) else {
            continue;
        };
        while !records.done() {
            let record = Record::read(&mut records)?;
            for file in owners {
                if let Some(fit) = fit_all(terms, any, &record, &in_path[*file as usize]) {
                    hits.push(record.hit(*file, fit));
                }
            }
        }
    }
    Ok(hits)
}

/// The worst fit of all terms, or the best of any. A term may lie in the container or the path as long as one lies in the name.
fn fit_all(terms: &[Term], any: bool, record: &Record, in_path: &[bool]) -> Option<Match> {
    if let [term] = terms {
        return term.fit(record.name, record.container);
    }
    let fits = terms
        .iter()
        .map(|term| term.fit(record.name, record.container));
    if any {
        return fits.flatten().min();
    }
    if fits.clone().all(|fit| fit.is_none()) {
        return None;
    }
    let around = |term: &Term, in_path: &bool| {
        let folded = find_folded(record.container, &term.folded).map(|_| {
            if record.container == term.name {
                Match::Word
            } else {
                Match::Substring
            }
        });
        folded.or(in_path.then_some(Match::Path))
    };
    fits.zip(terms.iter().zip(in_path))
        .map(|(fit, (term, in_path))| fit.or_else(|| around(term, in_path)))
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .max()
}

struct Record<'a> {
    definition: u32,
    kind: u8,
    flags: u16,
    name: &'a str,
    container: &'a str,
}

impl<'a> Record<'a> {
    fn read(reader: &mut Reader<'a>) -> io::Result<Record<'a>> {
        let head = reader.raw(9)?;
        let short = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let name = text(reader.raw(usize::from(short(7)))?)?;
        let length = reader.raw(2)?;
        let container = text(reader.raw(usize::from(u16::from_le_bytes([length[0], length[1]])))?)?;
        Ok(Record {
            definition: u32::from_le_bytes([head[0], head[1], head[2], head[3]]),
            kind: head[4],
            flags: short(5),
            name,
            container,
        })
    }

    fn hit(&self, file: u32, fit: Match) -> Hit {
        Hit {
            file,
            definition: self.definition,
            name: self.name.to_owned(),
            container: self.container.to_owned(),
            kind: self.kind,
            flags: self.flags,
            fit,
        }
    }
}

fn text(bytes: &[u8]) -> io::Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| broken())
}
