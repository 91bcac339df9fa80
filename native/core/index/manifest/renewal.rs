//! A manifest brought up to date with the disk: what is still as it was, what is to be read, which files came or went.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use rayon::prelude::*;

use super::{ASSET, Entry, Manifest, RACY, Rule};
use crate::index::scan::{self, Folder, Found, Stat};

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
