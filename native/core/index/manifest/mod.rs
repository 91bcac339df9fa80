//! The files of one generation: path, stat, digest, and the unit of facts each one has.
//!
//! A *unit* is a pair of content and language; files with the same bytes share it, and it outlives the file.

mod entry;
mod languages;
mod renewal;
mod stored;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use xxhash_rust::xxh3::Xxh3;

pub use self::entry::Entry;
pub use self::languages::{language, prose};
pub use self::renewal::Renewal;
use crate::index::scan::{Folder, Stat};

pub const CODE: u32 = 1;
pub const TEXT: u32 = 2;
pub const ASSET: u32 = 4;
pub const TOO_LARGE: u32 = 8;
pub const UNREADABLE: u32 = 16;
pub const BINARY: u32 = 32;
/// The parser gave up on the bytes, or on parts of them: the facts are those of the last ones it could read.
pub const STALE: u32 = 64;
/// The stat may stay the same over one more change, so the bytes are read again.
const RACY: u32 = 128;
/// Flags of the facts stand above those of the file.
pub const FACTS_SHIFT: u32 = 8;

pub const NO_UNIT: u32 = 0;

/// A file outside the list whose change asks for a new walk.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    path: String,
    stat: Option<Stat>,
}

#[derive(Default)]
pub struct Manifest {
    /// Sorted by path; the place in it is the file's id in this generation.
    pub entries: Vec<Entry>,
    folders: Vec<Folder>,
    rules: Vec<Rule>,
    /// Files that a plan takes away; the disk still has them.
    pub gone: HashSet<String>,
    /// Problems of the walk: path and code.
    pub notes: Vec<(String, String)>,
}

impl Manifest {
    pub fn id_of(&self, path: &str) -> Option<u32> {
        self.entries
            .binary_search_by(|entry| entry.path.as_str().cmp(path))
            .ok()
            .map(|place| place as u32)
    }

    /// The manifest with files that hold other bytes, are added, or are gone, and whether files came or went. Units and digests of what
    /// changed are those of before.
    pub fn with(&self, changes: &BTreeMap<String, Option<Arc<[u8]>>>) -> (Manifest, bool) {
        let mut entries = Vec::with_capacity(self.entries.len() + changes.len());
        let mut gone = self.gone.clone();
        let mut came_or_went = false;
        let mut known = self.entries.iter().peekable();
        for (path, bytes) in changes {
            while let Some(entry) = known.next_if(|entry| entry.path < *path) {
                entries.push(entry.clone());
            }
            let entry = known.next_if(|entry| entry.path == *path).cloned();
            came_or_went |= entry.is_some() != bytes.is_some();
            match bytes {
                Some(bytes) => {
                    gone.remove(path);
                    entries.push(Entry {
                        planned: Some(Arc::clone(bytes)),
                        ..entry.unwrap_or_else(|| Entry::new(path.clone()))
                    });
                }
                None => {
                    gone.insert(path.clone());
                }
            }
        }
        entries.extend(known.cloned());
        let manifest = Manifest {
            entries,
            gone,
            folders: self.folders.clone(),
            rules: self.rules.clone(),
            notes: self.notes.clone(),
        };
        (manifest, came_or_went)
    }

    /// The bytes that a plan gives a file by its path; None of it where it takes it away. Nothing for what is as it is on disk.
    pub fn planned(&self, path: &str) -> Option<Option<&[u8]>> {
        if self.gone.contains(path) {
            return Some(None);
        }
        let entry = &self.entries[self.id_of(path)? as usize];
        entry.planned.as_deref().map(Some)
    }

    /// A digest over all paths and contents, and over which earlier facts stand in for those of a content.
    pub fn digest(&self) -> u128 {
        let mut hasher = Xxh3::new();
        for entry in &self.entries {
            hasher.update(entry.path.as_bytes());
            hasher.update(&[0]);
            hasher.update(&entry.digest.to_be_bytes());
            if entry.is(STALE) {
                hasher.update(&entry.unit.to_be_bytes());
            }
        }
        hasher.digest128()
    }

    /// A digest over the files that decide where imports lead: package and project files, which are all JSON but for one.
    pub fn config_digest(&self) -> u128 {
        let mut hasher = Xxh3::new();
        for entry in self.entries.iter().filter(|entry| {
            entry.path.ends_with(".json") || entry.path.ends_with("pnpm-workspace.yaml")
        }) {
            hasher.update(&entry.digest.to_be_bytes());
        }
        hasher.digest128()
    }
}
