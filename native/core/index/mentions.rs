//! Places of names as words, in texts of every kind.

use std::path::Path;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::index::manifest::{ASSET, BINARY, CODE, Entry, TOO_LARGE, UNREADABLE, language};
use crate::index::text;

/// A name that is looked for.
pub struct Wanted {
    /// As it is declared; the `#` of a private name is no part of the word.
    pub name: String,
    /// The only file that counts, if there is one.
    pub only: Option<u32>,
    /// Files and spans that do not count.
    pub own: Vec<(u32, u32, u32)>,
}

impl Wanted {
    fn counts(&self, file: u32, at: u32) -> bool {
        self.only.is_none_or(|only| only == file)
            && !self
                .own
                .iter()
                .any(|&(own, start, end)| own == file && (start..end).contains(&at))
    }
}

/// For each name the file and the line of the first place where it stands, and the files whose bytes are no longer those of the manifest.
pub type Answer = (Vec<Option<(u32, u32)>>, Vec<u32>);

/// Reads the files as they are on disk; the first place is the one in the first of the files.
pub fn mentions(root: &Path, entries: &[Entry], files: &[u32], wanted: &[Wanted]) -> Answer {
    let words = Words::new(wanted);
    let read = files
        .par_iter()
        .with_min_len(8)
        .map_init(Vec::new, |buffer, &id| {
            let entry = &entries[id as usize];
            if entry.is(ASSET | BINARY | TOO_LARGE | UNREADABLE) {
                return (Vec::new(), None);
            }
            let Some((stat, source)) = text::read(root, entry, buffer) else {
                return (Vec::new(), Some(id));
            };
            let found = words.found_in(id, source, is_markup(entry));
            (found, (!entry.describes(&stat, source)).then_some(id))
        });
    let (found, changed) = read.unzip::<_, _, Vec<_>, Vec<Option<u32>>>();
    let mut first: Vec<Option<(u32, u32)>> = vec![None; wanted.len()];
    for (&file, found) in files.iter().zip(found) {
        for (name, line) in found {
            first[name as usize].get_or_insert((file, line));
        }
    }
    (first, changed.into_iter().flatten().collect())
}

/// True when names of code are spelt in other ways too: `<my-part>` is `MyPart`, `$count` reads the store `count`.
fn is_markup(entry: &Entry) -> bool {
    let embedded = ["vue", "svelte", "astro", "html"];
    !entry.is(CODE) || language(&entry.path).is_some_and(|language| embedded.contains(&language))
}

struct Words<'a> {
    wanted: &'a [Wanted],
    by_word: FxHashMap<&'a [u8], Vec<u32>>,
    /// A bit for each first byte that a word has.
    starts: [bool; 256],
}

impl<'a> Words<'a> {
    fn new(wanted: &'a [Wanted]) -> Self {
        let mut by_word: FxHashMap<&[u8], Vec<u32>> = FxHashMap::default();
        let mut starts = [false; 256];
        for (id, one) in (0u32..).zip(wanted) {
            let word = one.name.trim_start_matches('#').as_bytes();
            let Some(&first) = word.first() else { continue };
            starts[usize::from(first)] = true;
            by_word.entry(word).or_default().push(id);
        }
        Self {
            wanted,
            by_word,
            starts,
        }
    }

    /// The names that stand in a source, with the line of their first place.
    fn found_in(&self, file: u32, source: &[u8], is_markup: bool) -> Vec<(u32, u32)> {
        let mut places: FxHashMap<u32, u32> = FxHashMap::default();
        let mut note = |word: &[u8], at: usize| {
            let Some(&first) = word.first() else { return };
            if !self.starts[usize::from(first)] {
                return;
            }
            for &id in self.by_word.get(word).into_iter().flatten() {
                let at = at as u32;
                if !places.contains_key(&id) && self.wanted[id as usize].counts(file, at) {
                    places.insert(id, at);
                }
            }
        };
        each_run(source, is_word, |word, at| {
            note(word, at);
            if is_markup && word.first() == Some(&b'$') {
                note(&word[1..], at);
            }
        });
        if is_markup {
            each_run(
                source,
                |byte| is_word(byte) || byte == b'-',
                |run, at| {
                    if run.contains(&b'-') {
                        let mut joined = joined(run);
                        note(&joined, at);
                        if let Some(first) = joined.first_mut() {
                            *first = first.to_ascii_uppercase();
                        }
                        note(&joined, at);
                    }
                },
            );
        }
        let mut places: Vec<(u32, u32)> = places.into_iter().map(|(id, at)| (at, id)).collect();
        places.sort_unstable();
        let (mut line, mut counted) = (1, 0);
        let with_line = places.into_iter().map(|(at, id)| {
            line += memchr::memchr_iter(b'\n', &source[counted..at as usize]).count() as u32;
            counted = at as usize;
            (id, line)
        });
        with_line.collect()
    }
}

/// `my-part` as `myPart`.
fn joined(run: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(run.len());
    let mut rises = false;
    for &byte in run {
        if byte == b'-' {
            rises = !joined.is_empty();
        } else {
            joined.push(if rises {
                byte.to_ascii_uppercase()
            } else {
                byte
            });
            rises = false;
        }
    }
    joined
}

fn is_word(byte: u8) -> bool {
    const WORD: [bool; 256] = {
        let mut word = [false; 256];
        let mut byte = 0;
        while byte < 256 {
            let one = byte as u8;
            word[byte] = one.is_ascii_alphanumeric() || one == b'_' || one == b'$' || one >= 0x80;
            byte += 1;
        }
        word
    };
    WORD[usize::from(byte)]
}

/// Calls back with every longest run of such bytes, and where it starts.
fn each_run(source: &[u8], belongs: impl Fn(u8) -> bool, mut each: impl FnMut(&[u8], usize)) {
    let mut at = 0;
    while at < source.len() {
        if !belongs(source[at]) {
            at += 1;
            continue;
        }
        let start = at;
        while at < source.len() && belongs(source[at]) {
            at += 1;
        }
        each(&source[start..at], start);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str, is_markup: bool, wanted: &[Wanted]) -> Vec<(u32, u32)> {
        let mut found = Words::new(wanted).found_in(0, source.as_bytes(), is_markup);
        found.sort_unstable();
        found
    }

    fn wanted(name: &str, own: &[(u32, u32, u32)]) -> Wanted {
        Wanted {
            name: name.to_owned(),
            only: None,
            own: own.to_vec(),
        }
    }

    #[test]
    fn only_whole_words_outside_of_the_own_spans_count() {
        let source = "function pay() { pay(); }\npays; repay;\n'pay'";
        assert_eq!(
            found(source, false, &[wanted("pay", &[(0, 0, 25)])]),
            [(0, 3)]
        );
        assert_eq!(
            found(source, false, &[wanted("pay", &[(1, 0, 25)])]),
            [(0, 1)]
        );
        assert_eq!(found(source, false, &[wanted("paid", &[])]), []);
    }

    #[test]
    fn markup_spells_names_with_hyphens_and_dollars() {
        let source = "<my-part/>\n{$count}";
        let names = [wanted("MyPart", &[]), wanted("count", &[])];
        assert_eq!(found(source, true, &names), [(0, 1), (1, 2)]);
        assert_eq!(found(source, false, &names), []);
    }

    #[test]
    fn another_file_does_not_count_for_a_name_that_only_its_own_can_use() {
        let local = Wanted {
            only: Some(1),
            ..wanted("pay", &[])
        };
        assert_eq!(found("pay", false, &[local]), []);
    }
}
