//! Reads files, takes their digests, and turns those without known facts into facts; memory is bounded by the batch.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use crate::extract::{self, Extracted};
use crate::index::manifest::{self, ASSET, BINARY, Entry, TOO_LARGE, UNREADABLE};
use crate::index::scan::{self, LARGEST, Stat};
use crate::markdown;

/// Syntax trees of files above this size are built one at a time.
const ALONE: usize = 1 << 20;

/// One file as it was read.
pub struct Loaded {
    pub place: u32,
    path: String,
    stat: Stat,
    read_at: i64,
    digest: u128,
    problem: u32,
    source: Option<Arc<[u8]>>,
}

/// Files read together; `vanished` are those that were no longer there.
pub struct Batch {
    pub loaded: Vec<Loaded>,
    pub vanished: Vec<u32>,
    /// How many of the pending files this batch took.
    pub taken: usize,
}

/// A file without facts: its place in the batch, and what was found.
pub type Parsed = (usize, Extracted, Vec<Problem>);

/// A problem of the parser: message, line, column (UTF-16), both from 1, and a code.
pub type Problem = (String, u32, u32, String);

impl Batch {
    /// Contents that are not read from the disk.
    pub fn of(loaded: impl Iterator<Item = Loaded>) -> Batch {
        let loaded: Vec<Loaded> = loaded.collect();
        Batch {
            vanished: Vec::new(),
            taken: loaded.len(),
            loaded,
        }
    }

    /// Reads pending files until `budget` bytes are held.
    pub fn read(root: &Path, entries: &[Entry], pending: &[u32], budget: u64) -> Batch {
        let mut held = 0;
        let fits = |place: &&u32| {
            let size =
                Stat::read(&root.join(&entries[**place as usize].path)).map_or(0, |stat| stat.size);
            let first = held == 0;
            held += size.min(LARGEST) + 4096;
            first || held <= budget
        };
        let places: Vec<u32> = pending.iter().take_while(fits).copied().collect();
        let loaded: Vec<Result<Loaded, u32>> = places
            .par_iter()
            .map(|place| load(root, &entries[*place as usize], *place))
            .collect();
        let vanished = loaded
            .iter()
            .filter_map(|file| file.as_ref().err().copied())
            .collect();
        Batch {
            loaded: loaded.into_iter().flatten().collect(),
            vanished,
            taken: places.len(),
        }
    }

    /// The keys of the sources read, in order: digest and language.
    pub fn keys(&self) -> Vec<Vec<u8>> {
        self.loaded
            .iter()
            .filter(|file| file.source.is_some())
            .map(Loaded::key)
            .collect()
    }

    /// Writes stat, digest and problems into the entries.
    pub fn fill(&self, entries: &mut [Entry]) {
        for file in &self.loaded {
            entries[file.place as usize].fill(file.stat, file.read_at, file.digest, file.problem);
        }
    }

    /// Gives every source its unit: a known one, or the next free number. Returns one file for each new unit.
    pub fn assign(
        &self,
        known: &HashMap<Vec<u8>, u32>,
        mut next: u32,
        entries: &mut [Entry],
    ) -> Vec<usize> {
        let mut units = known.clone();
        let mut fresh = Vec::new();
        for (at, file) in self
            .loaded
            .iter()
            .enumerate()
            .filter(|(_, file)| file.source.is_some())
        {
            let unit = *units.entry(file.key()).or_insert_with(|| {
                fresh.push(at);
                next += 1;
                next - 1
            });
            entries[file.place as usize].unit = unit;
        }
        fresh
    }

    pub fn parse(&self, files: &[usize]) -> Vec<Parsed> {
        let (large, small): (Vec<usize>, Vec<usize>) = files.iter().partition(|at| {
            self.loaded[**at]
                .source
                .as_ref()
                .is_some_and(|source| source.len() > ALONE)
        });
        let mut parsed: Vec<Parsed> = extract::pool().install(|| {
            small
                .par_iter()
                .map(|at| self.loaded[*at].parse(*at))
                .collect()
        });
        parsed.extend(large.iter().map(|at| self.loaded[*at].parse(*at)));
        parsed.sort_unstable_by_key(|(at, ..)| *at);
        parsed
    }
}

/// Whose facts are the same: a digest and a language.
pub fn key(digest: u128, path: &str) -> Vec<u8> {
    let mut key = digest.to_be_bytes().to_vec();
    let language = manifest::language(path).or_else(|| manifest::prose(path));
    key.extend_from_slice(language.unwrap_or_default().as_bytes());
    key
}

impl Loaded {
    /// A file as it would be read with these bytes; None for one whose bytes are not read.
    pub fn of(place: u32, entry: &Entry, bytes: Arc<[u8]>) -> Option<Loaded> {
        let stat = Stat {
            size: bytes.len() as u64,
            ..Stat::default()
        };
        let empty = Loaded {
            place,
            path: entry.path.clone(),
            stat,
            read_at: i64::MAX,
            digest: 0,
            problem: 0,
            source: None,
        };
        (!entry.is(ASSET)).then(|| {
            if stat.size > LARGEST {
                return Loaded {
                    problem: TOO_LARGE,
                    ..empty
                };
            }
            empty.with(bytes, entry.has_facts())
        })
    }

    fn with(self, bytes: Arc<[u8]>, has_facts: bool) -> Loaded {
        let is_binary = bytes[..bytes.len().min(8192)].contains(&0);
        Loaded {
            digest: xxh3_128(&bytes),
            problem: if is_binary { BINARY } else { 0 },
            source: has_facts.then_some(bytes),
            ..self
        }
    }

    pub fn key(&self) -> Vec<u8> {
        key(self.digest, &self.path)
    }

    fn parse(&self, at: usize) -> Parsed {
        let source = self
            .source
            .as_deref()
            .filter(|_| self.problem & BINARY == 0)
            .unwrap_or_default();
        let extracted = match manifest::prose(&self.path) {
            Some(language) => markdown::extract(language, source),
            None => extract::extract(&self.path, source),
        };
        let problems = extracted.problems.iter().map(|(message, start, code)| {
            let (line, column) = position(source, *start as usize);
            (message.clone(), line, column, (*code).to_owned())
        });
        let problems = problems.collect();
        (at, extracted, problems)
    }
}

fn load(root: &Path, entry: &Entry, place: u32) -> Result<Loaded, u32> {
    let path = root.join(&entry.path);
    let read_at = scan::now();
    let without = |stat: Stat, problem: u32| Loaded {
        place,
        path: entry.path.clone(),
        stat,
        read_at,
        digest: 0,
        problem,
        source: None,
    };
    match read(&path) {
        Ok((stat, Some(bytes))) => Ok(without(stat, 0).with(Arc::from(bytes), entry.has_facts())),
        Ok((stat, None)) => Ok(without(stat, TOO_LARGE)),
        Err(_) => Stat::read(&path)
            .map(|stat| without(stat, UNREADABLE))
            .ok_or(place),
    }
}

/// The stat and the bytes of a file; no bytes when there are too many.
fn read(path: &Path) -> io::Result<(Stat, Option<Vec<u8>>)> {
    let mut file = File::open(path)?;
    let stat = Stat::of(&file.metadata()?);
    if stat.size > LARGEST {
        return Ok((stat, None));
    }
    let mut bytes = Vec::with_capacity(stat.size as usize + 1);
    file.read_to_end(&mut bytes)?;
    Ok((stat, Some(bytes)))
}

/// Line and UTF-16 column of a byte offset, both from 1.
fn position(source: &[u8], offset: usize) -> (u32, u32) {
    let before = &source[..offset.min(source.len())];
    let lines = before.iter().enumerate().filter(|(at, byte)| {
        **byte == b'\n' || (**byte == b'\r' && source.get(at + 1) != Some(&b'\n'))
    });
    let (count, start) = lines.fold((0, 0), |(count, _), (at, _)| (count + 1, at + 1));
    let column: usize = String::from_utf8_lossy(&before[start..])
        .chars()
        .map(char::len_utf16)
        .sum();
    (count + 1, column as u32 + 1)
}
