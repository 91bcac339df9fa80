//! Definitions by name: one scan over the records of all segments.

use std::collections::HashMap;
use std::io;

use rayon::prelude::*;

use crate::index::aside;
use crate::index::manifest::{ASSET, Manifest};
use crate::index::wire::{Reader, broken, unpacked};

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
    /// Sources come before tests among the exact ones, whether the name stands alone or is the last part of another.
    fn tier(self) -> Match {
        self.max(Match::Last)
    }

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

    fn fit(&self, name: &[u8], container: &[u8]) -> Option<Match> {
        if name == self.name.as_bytes() {
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
        let fit = match find_folded(name, self.folded.as_bytes()) {
            Some(at) => self.within(name, at),
            None => self.is_camel(name).then_some(Match::Camel),
        };
        fit.filter(|_| self.container.is_empty() || ends_with(container, &self.container))
    }

    /// How well a name fits that holds the term at `first`, in whatever case.
    fn within(&self, name: &[u8], first: usize) -> Option<Match> {
        let length = self.folded.len();
        if name.len() == length {
            return Some(Match::Folded);
        }
        let mut at = Some(first);
        while let Some(start) = at {
            if is_boundary(name, start) && is_boundary(name, start + length) {
                return Some(Match::Word);
            }
            let rest = &name[start + 1..];
            at = find_folded(rest, self.folded.as_bytes()).map(|next| start + 1 + next);
        }
        match first {
            0 => Some(Match::Prefix),
            _ if self.is_camel(name) => Some(Match::Camel),
            // One letter is somewhere in nearly every name.
            _ => (length > 1).then_some(Match::Substring),
        }
    }

    /// True when the pieces are beginnings of words of the name, in order, the first of the first.
    fn is_camel(&self, name: &[u8]) -> bool {
        let Some((first, others)) = self
            .pieces
            .split_first()
            .filter(|(_, rest)| !rest.is_empty())
        else {
            return false;
        };
        let begins = |at: usize, piece: &String| {
            name.get(at..at + piece.len())
                .is_some_and(|word| word.eq_ignore_ascii_case(piece.as_bytes()))
        };
        let start = name
            .iter()
            .take_while(|byte| matches!(byte, b'_' | b'$' | b'#'))
            .count();
        if !begins(start, first) {
            return false;
        }
        let mut at = start + first.len();
        others.iter().all(|piece| {
            let found = (at..name.len()).find(|at| is_boundary(name, *at) && begins(*at, piece));
            at = found.map_or(name.len(), |found| found + piece.len());
            found.is_some()
        })
    }
}

/// The words of a term, lower-cased: `createETag` is create, e, tag; `cA` is c, a.
fn pieces(term: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for letter in term.chars() {
        if words.is_empty() || letter.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words
}

/// True when a word of the name begins or ends at this byte.
fn is_boundary(name: &[u8], at: usize) -> bool {
    if at == 0 || at >= name.len() {
        return true;
    }
    let (before, after) = (name[at - 1], name[at]);
    let separator = |byte: u8| !byte.is_ascii_alphanumeric() && byte < 0x80;
    let capital = after.is_ascii_uppercase();
    separator(before)
        || separator(after)
        || (capital && !before.is_ascii_uppercase())
        || (capital && name.get(at + 1).is_some_and(u8::is_ascii_lowercase))
}

/// The place of a lower-cased needle, whatever the case of the name (ASCII; other letters as they are).
fn find_folded(name: &[u8], needle: &[u8]) -> Option<usize> {
    let (first, rest) = needle.split_first()?;
    let last = name.len().checked_sub(needle.len())?;
    let upper = first.to_ascii_uppercase();
    (0..=last).find(|at| {
        (name[*at] == *first || name[*at] == upper)
            && name[at + 1..at + needle.len()].eq_ignore_ascii_case(rest)
    })
}

/// True when a container (`a.View`, `View.prototype`) ends with these parts.
fn ends_with(container: &[u8], parts: &[String]) -> bool {
    let own = container.rsplit(|byte| matches!(byte, b'.' | b'#' | b':'));
    let mut own = own.filter(|part| !part.is_empty() && *part != b"prototype");
    parts
        .iter()
        .rev()
        .all(|part| own.next() == Some(part.as_bytes()))
}

/// Everything whose name fits all terms (or any), best first. `pieces` are the stored definition records of all segments.
pub fn search<B: AsRef<[u8]> + Sync>(
    manifest: &Manifest,
    packed: &[B],
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
                .map(|term| find_folded(entry.path.as_bytes(), term.folded.as_bytes()).is_some())
                .collect()
        })
        .collect();
    let scanned: Vec<io::Result<Vec<Hit>>> = packed
        .par_iter()
        .map(|piece| scan(piece.as_ref(), &terms, any, &files, &in_path))
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
        .map(|entry| aside::is_aside(&entry.path))
        .collect();
    hits.par_sort_unstable_by_key(|hit| {
        let aside = aside[hit.file as usize];
        let (local, internal) = (hit.flags & LOCAL != 0, hit.flags & EXPORTED == 0);
        (
            hit.fit.tier(),
            local,
            aside,
            hit.fit,
            internal,
            hit.name.len(),
            hit.file,
            hit.definition,
        )
    });
    Ok(hits)
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
                    hits.push(record.hit(*file, fit)?);
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
        let folded = find_folded(record.container, term.folded.as_bytes()).map(|_| {
            if record.container == term.name.as_bytes() {
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
    name: &'a [u8],
    container: &'a [u8],
}

impl<'a> Record<'a> {
    fn read(reader: &mut Reader<'a>) -> io::Result<Record<'a>> {
        let head = reader.raw(9)?;
        let short = |at: usize| u16::from_le_bytes([head[at], head[at + 1]]);
        let name = reader.raw(usize::from(short(7)))?;
        let length = reader.raw(2)?;
        let container = reader.raw(usize::from(u16::from_le_bytes([length[0], length[1]])))?;
        Ok(Record {
            definition: u32::from_le_bytes([head[0], head[1], head[2], head[3]]),
            kind: head[4],
            flags: short(5),
            name,
            container,
        })
    }

    fn hit(&self, file: u32, fit: Match) -> io::Result<Hit> {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| broken());
        let (name, container) = (text(self.name)?, text(self.container)?);
        let (definition, kind, flags) = (self.definition, self.kind, self.flags);
        Ok(Hit {
            file,
            definition,
            name,
            container,
            kind,
            flags,
            fit,
        })
    }
}
