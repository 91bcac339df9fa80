//! The files of one generation: path, stat, digest, and the unit of facts each one has.
//!
//! A *unit* is a pair of content and language; files with the same bytes share it, and it outlives the file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::facts::codes::meta;
use crate::index::scan::{self, Folder, Found, Stat};
use crate::index::wire::{Reader, Writer, unpacked};

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

/// Flags of facts that lack something the bytes say.
const UNPARSED: u32 = meta::TOKEN_SCAN | meta::LEFT_OUT;

const ASSETS: [&str; 47] = [
    "7z", "a", "avif", "avi", "bin", "bmp", "br", "bz2", "class", "db", "dll", "dmg", "dylib",
    "eot", "exe", "flac", "gif", "gz", "ico", "jar", "jpeg", "jpg", "map", "mov", "mp3", "mp4",
    "node", "o", "ogg", "otf", "pdf", "png", "psd", "pyc", "so", "tar", "tgz", "tif", "tiff",
    "ttf", "wasm", "wav", "webm", "webp", "woff", "woff2", "zip",
];

/// The language of a source file, as its extension says; None for files that are not parsed.
pub fn language(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "js" => "js",
        "cjs" => "cjs",
        "mjs" => "mjs",
        "jsx" => "jsx",
        "ts" | "mts" | "cts" if stem.ends_with(".d") => "d.ts",
        "ts" => "ts",
        "mts" => "mts",
        "cts" => "cts",
        "tsx" => "tsx",
        "vue" => "vue",
        "svelte" => "svelte",
        "astro" => "astro",
        "html" | "htm" => "html",
        _ => return None,
    })
}

/// The language of a file of prose; None for every other file.
pub fn prose(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    match extension {
        "md" | "markdown" => Some("md"),
        "mdx" => Some("mdx"),
        _ => None,
    }
}

fn kind(path: &str) -> u32 {
    if language(path).is_some() {
        return CODE;
    }
    match path.rsplit('/').next().unwrap_or(path).rsplit_once('.') {
        Some((_, extension)) if ASSETS.contains(&extension.to_ascii_lowercase().as_str()) => ASSET,
        _ => TEXT,
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    pub path: String,
    pub flags: u32,
    pub stat: Stat,
    pub unit: u32,
    pub digest: u128,
    /// The bytes that a plan gives it; those on disk are others.
    pub planned: Option<Arc<[u8]>>,
}

impl Entry {
    fn new(path: String) -> Entry {
        Entry {
            flags: kind(&path),
            path,
            ..Entry::default()
        }
    }

    pub fn is(&self, flag: u32) -> bool {
        self.flags & flag != 0
    }

    /// True where facts are taken from its bytes.
    pub fn has_facts(&self) -> bool {
        self.is(CODE) || prose(&self.path).is_some()
    }

    /// The flags that say something of the file, not of how it is watched.
    pub fn shown_flags(&self) -> u32 {
        self.flags & !RACY
    }

    /// True when what was read now is what was read for this entry.
    pub fn describes(&self, stat: &Stat, bytes: &[u8]) -> bool {
        *stat == self.stat && (!self.is(RACY) || xxh3_128(bytes) == self.digest)
    }

    /// Takes over what reading the file gave.
    pub fn fill(&mut self, stat: Stat, read_at: i64, digest: u128, problem: u32) {
        let racy = if stat.is_racy(read_at) { RACY } else { 0 };
        self.flags = (self.flags & (CODE | TEXT | ASSET)) | problem | racy;
        self.stat = stat;
        self.digest = digest;
        self.unit = NO_UNIT;
    }

    /// The unit and the flags of the file's facts, if they may stand in for those of a next version that does not parse.
    pub fn good_facts(&self) -> Option<(u32, u32)> {
        let flags = self.flags >> FACTS_SHIFT;
        // Many editors empty a file before they write it: facts of nothing say less than a scan of the tokens.
        let good =
            self.unit != NO_UNIT && self.stat.size > 0 && !self.is(BINARY) && flags & UNPARSED == 0;
        good.then_some((self.unit, flags))
    }

    /// Takes over the flags of the facts of its bytes; where the parser gave up on them, the facts of before, if there were good ones.
    pub fn apply_facts(&mut self, flags: u32, before: Option<(u32, u32)>) {
        match before {
            Some((unit, flags_before)) if flags & UNPARSED != 0 => {
                self.unit = unit;
                self.flags |= STALE | flags_before << FACTS_SHIFT;
            }
            _ => self.flags |= flags << FACTS_SHIFT,
        }
    }
}

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

/// Result of a renewal: entries to be read, and whether files came or went.
pub struct Renewal {
    pub pending: Vec<u32>,
    pub listing_changed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Same,
    Read,
    Gone,
}

impl Manifest {
    pub fn load(packed: &[u8]) -> io::Result<Manifest> {
        let bytes = unpacked(packed)?;
        let mut reader = Reader::new(&bytes);
        let mut manifest = Manifest::default();
        let mut before = String::new();
        for _ in 0..reader.varint()? {
            let path = reader.after(&before)?;
            before.clone_from(&path);
            let flags = reader.u32()?;
            let stat = read_stat(&mut reader)?;
            let unit = reader.u32()?;
            let mut digest = [0; 16];
            digest.copy_from_slice(reader.raw(16)?);
            manifest.entries.push(Entry {
                path,
                flags,
                stat,
                unit,
                digest: u128::from_be_bytes(digest),
                planned: None,
            });
        }
        for _ in 0..reader.varint()? {
            let path = reader.after(&before)?;
            before.clone_from(&path);
            manifest.folders.push(Folder {
                path,
                stat: read_optional_stat(&mut reader)?,
            });
        }
        for _ in 0..reader.varint()? {
            manifest.rules.push(Rule {
                path: reader.text()?.to_owned(),
                stat: read_optional_stat(&mut reader)?,
            });
        }
        for _ in 0..reader.varint()? {
            manifest
                .notes
                .push((reader.text()?.to_owned(), reader.text()?.to_owned()));
        }
        Ok(manifest)
    }

    pub fn dump(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let mut before = "";
        writer.varint(self.entries.len() as u64);
        for entry in &self.entries {
            writer.after(before, &entry.path);
            before = &entry.path;
            writer.varint(u64::from(entry.flags));
            write_stat(&mut writer, &entry.stat);
            writer.varint(u64::from(entry.unit));
            writer.raw(&entry.digest.to_be_bytes());
        }
        writer.varint(self.folders.len() as u64);
        for folder in &self.folders {
            writer.after(before, &folder.path);
            before = &folder.path;
            write_optional_stat(&mut writer, folder.stat.as_ref());
        }
        writer.varint(self.rules.len() as u64);
        for rule in &self.rules {
            writer.text(&rule.path);
            write_optional_stat(&mut writer, rule.stat.as_ref());
        }
        writer.varint(self.notes.len() as u64);
        for (path, code) in &self.notes {
            writer.text(path);
            writer.text(code);
        }
        writer.packed()
    }

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

    fn state_of_entries(&self, root: &Path) -> Vec<State> {
        self.entries
            .par_iter()
            .with_min_len(128)
            .map(|entry| state(root, entry))
            .collect()
    }

    fn state_of_folders(&self, root: &Path) -> Vec<State> {
        let of = |folder: &Folder| match (Stat::read(&root.join(&folder.path)), &folder.stat) {
            (None, _) => State::Gone,
            (Some(now), Some(stat)) if same_listing(&now, stat) => State::Same,
            _ => State::Read,
        };
        self.folders.par_iter().with_min_len(128).map(of).collect()
    }

    fn rules_changed(&self) -> bool {
        self.rules
            .iter()
            .any(|rule| Stat::read(Path::new(&rule.path)) != rule.stat)
    }

    /// True when anything on disk may differ from what this manifest says.
    pub fn is_stale(&self, root: &Path) -> bool {
        let differs = |state: &State| *state != State::Same;
        self.folders.is_empty()
            || self.rules_changed()
            || self.state_of_folders(root).iter().any(differs)
            || self.state_of_entries(root).iter().any(differs)
    }

    /// Brings the list of files up to date with the disk. None: nothing to do.
    pub fn renew(&mut self, root: &Path) -> Option<Renewal> {
        let states = self.state_of_entries(root);
        let folders = self.state_of_folders(root);
        let walk = self.folders.is_empty() || self.rules_changed();
        if !walk
            && folders.iter().all(|state| *state == State::Same)
            && states.iter().all(|state| *state == State::Same)
        {
            return None;
        }
        let listing = if walk {
            None
        } else {
            self.listing_after(root, &folders)
        };
        let paths = listing.unwrap_or_else(|| self.walk_again(root));
        Some(self.take_listing(paths, &states))
    }

    /// Lists the changed folders again. None when ignore files came or went, which asks for a whole walk.
    fn listing_after(&mut self, root: &Path, states: &[State]) -> Option<Vec<String>> {
        let changed: Vec<&str> = self
            .folders
            .iter()
            .zip(states)
            .filter(|(_, state)| **state == State::Read)
            .map(|(folder, _)| folder.path.as_str())
            .collect();
        let listed: HashMap<&str, Found> = changed
            .par_iter()
            .map(|path| (*path, scan::list(root, path)))
            .collect();
        let known: HashSet<&str> = self
            .folders
            .iter()
            .map(|folder| folder.path.as_str())
            .collect();
        let mut gone: HashSet<&str> = self
            .folders
            .iter()
            .zip(states)
            .filter(|(_, state)| **state == State::Gone)
            .map(|(folder, _)| folder.path.as_str())
            .collect();
        let mut direct_files: HashSet<&str> = HashSet::new();
        let mut direct_folders: HashSet<&str> = HashSet::new();
        let mut fresh = Found::default();
        for found in listed.values() {
            if found
                .rules
                .iter()
                .any(|rule| !self.rules.iter().any(|known| known.path == *rule))
            {
                return None;
            }
            direct_files.extend(found.files.iter().map(String::as_str));
            direct_folders.extend(found.folders.iter().map(|folder| folder.path.as_str()));
            for folder in found
                .folders
                .iter()
                .filter(|folder| !known.contains(folder.path.as_str()))
            {
                let below = scan::walk(root, &folder.path);
                fresh.rules.extend(below.rules);
                fresh.files.extend(below.files);
                fresh.folders.extend(below.folders);
                fresh.notes.extend(below.notes);
            }
        }
        if !fresh.rules.is_empty() {
            return None;
        }
        let was_listed = |path: &str| listed.contains_key(parent(path));
        gone.extend(known.iter().filter(|path| {
            !path.is_empty() && was_listed(path) && !direct_folders.contains(**path)
        }));
        let lost =
            |path: &str| !gone.is_empty() && ancestors(path).any(|folder| gone.contains(folder));
        let mut paths: Vec<String> = self
            .entries
            .iter()
            .map(|entry| &entry.path)
            .filter(|path| {
                !lost(path) && (!was_listed(path) || direct_files.contains(path.as_str()))
            })
            .cloned()
            .collect();
        paths.extend(
            listed
                .values()
                .flat_map(|found| found.files.iter().cloned()),
        );
        paths.append(&mut fresh.files);
        let mut folders: Vec<Folder> = self
            .folders
            .iter()
            .filter(|folder| {
                !listed.contains_key(folder.path.as_str())
                    && !gone.contains(folder.path.as_str())
                    && !lost(&folder.path)
            })
            .cloned()
            .collect();
        folders.extend(listed.iter().filter_map(|(path, found)| {
            found
                .folders
                .iter()
                .find(|folder| folder.path == *path)
                .cloned()
        }));
        folders.append(&mut fresh.folders);
        let mut notes: Vec<(String, String)> = self
            .notes
            .iter()
            .filter(|(path, _)| !listed.contains_key(parent(path)) && !lost(path))
            .cloned()
            .collect();
        notes.extend(
            listed
                .into_values()
                .flat_map(|found| found.notes)
                .chain(fresh.notes)
                .map(|(path, code)| (path, code.to_owned())),
        );
        self.folders = folders;
        self.notes = notes;
        self.order();
        Some(paths)
    }

    fn walk_again(&mut self, root: &Path) -> Vec<String> {
        let rules = scan::outer_rules(root);
        let stats: Vec<Rule> = rules
            .into_iter()
            .map(|path| Rule {
                stat: Stat::read(Path::new(&path)),
                path,
            })
            .collect();
        let found = scan::walk(root, "");
        self.rules = stats;
        let now = scan::now();
        for path in found.rules {
            // A rule that was just written is looked at once more: without a stat it never counts as unchanged.
            let stat = Stat::read(Path::new(&path)).map(|stat| {
                if stat.is_racy(now) {
                    Stat::default()
                } else {
                    stat
                }
            });
            self.rules.push(Rule { path, stat });
        }
        self.folders = found.folders;
        self.notes = found
            .notes
            .into_iter()
            .map(|(path, code)| (path, code.to_owned()))
            .collect();
        self.order();
        found.files
    }

    fn order(&mut self) {
        self.folders.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.folders.dedup_by(|a, b| a.path == b.path);
        self.rules.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        self.notes.sort_unstable();
        self.notes.dedup();
    }

    fn take_listing(&mut self, mut paths: Vec<String>, states: &[State]) -> Renewal {
        paths.sort_unstable();
        paths.dedup();
        let mut pending = Vec::new();
        let mut came = false;
        let mut kept = 0;
        let old = std::mem::take(&mut self.entries);
        let mut known = old.into_iter().zip(states).peekable();
        let total = known.len();
        self.entries.reserve(paths.len());
        for path in paths {
            while known.next_if(|(entry, _)| entry.path < path).is_some() {}
            let entry = match known.next_if(|(entry, _)| entry.path == path) {
                Some((entry, state)) => {
                    kept += 1;
                    if *state != State::Same {
                        pending.push(self.entries.len() as u32);
                    }
                    entry
                }
                None => {
                    came = true;
                    let entry = Entry::new(path);
                    if !entry.is(ASSET) {
                        pending.push(self.entries.len() as u32);
                    }
                    entry
                }
            };
            self.entries.push(entry);
        }
        Renewal {
            pending,
            listing_changed: came || kept != total,
        }
    }

    /// Drops entries that vanished between the walk and the reading.
    pub fn forget(&mut self, vanished: &HashSet<u32>) {
        let mut place = 0;
        self.entries.retain(|_| {
            place += 1;
            !vanished.contains(&(place - 1))
        });
    }
}

fn state(root: &Path, entry: &Entry) -> State {
    if entry.is(ASSET) {
        return State::Same;
    }
    match Stat::read(&root.join(&entry.path)) {
        None => State::Gone,
        Some(stat) if stat == entry.stat && !entry.is(RACY) => State::Same,
        Some(_) => State::Read,
    }
}

/// A folder's size and change time move with its own name; only these two tell of its list.
fn same_listing(now: &Stat, before: &Stat) -> bool {
    now.modified == before.modified && now.inode == before.inode
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/')
        .map(|(end, _)| &path[..end])
        .chain(std::iter::once(path))
}

fn read_stat(reader: &mut Reader) -> io::Result<Stat> {
    let size = reader.varint()?;
    let modified = reader.signed()?;
    let changed = modified.wrapping_add(reader.signed()?);
    Ok(Stat {
        size,
        modified,
        changed,
        inode: reader.varint()?,
    })
}

fn write_stat(writer: &mut Writer, stat: &Stat) {
    writer.varint(stat.size);
    writer.signed(stat.modified);
    writer.signed(stat.changed.wrapping_sub(stat.modified));
    writer.varint(stat.inode);
}

fn read_optional_stat(reader: &mut Reader) -> io::Result<Option<Stat>> {
    Ok(if reader.u8()? == 0 {
        None
    } else {
        Some(read_stat(reader)?)
    })
}

fn write_optional_stat(writer: &mut Writer, stat: Option<&Stat>) {
    writer.u8(u8::from(stat.is_some()));
    if let Some(stat) = stat {
        write_stat(writer, stat);
    }
}
