//! Lines of sources as they are shown, as long as the disk holds what the facts were taken from.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_128;

use super::manifest::{Entry, STALE};
use crate::facts::Cells;

/// Characters of a line that are shown at most, the mark of a cut among them.
const LONGEST: usize = 160;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Sources that were read, each once.
pub struct Sources<'a> {
    root: &'a Path,
    entries: &'a [Entry],
    read: HashMap<u32, Option<Vec<u8>>>,
    /// The files that are no longer what the manifest says.
    pub changed: Vec<u32>,
}

impl<'a> Sources<'a> {
    pub fn new(root: &'a Path, entries: &'a [Entry]) -> Self {
        Self {
            root,
            entries,
            read: HashMap::new(),
            changed: Vec::new(),
        }
    }

    /// The UTF-16 column of a byte offset, counted from 1, and its line without indentation; in bytes, and without text, where the
    /// line is no longer there to be read.
    pub fn show(
        &mut self,
        file: u32,
        starts: Cells<'_>,
        ascii: bool,
        line: u32,
        at: u32,
    ) -> (u32, Option<String>) {
        let row = (line as usize).saturating_sub(1);
        let start = starts.get(row).unwrap_or(0);
        let in_bytes = at.saturating_sub(start) + 1;
        let Some(source) = self.source(file) else {
            return (in_bytes, None);
        };
        let end = starts
            .get(row + 1)
            .map_or(source.len(), |end| end as usize)
            .min(source.len());
        let whole = source.get(start as usize..end).unwrap_or_default();
        let whole = if row == 0 {
            whole.strip_prefix(BOM).unwrap_or(whole)
        } else {
            whole
        };
        let text = shortened(String::from_utf8_lossy(whole).trim());
        if ascii {
            return (in_bytes, Some(text));
        }
        let before = source.get(start as usize..at as usize).unwrap_or_default();
        let before = if row == 0 {
            before.strip_prefix(BOM).unwrap_or(before)
        } else {
            before
        };
        let units = String::from_utf8_lossy(before).encode_utf16().count();
        (
            u32::try_from(units).unwrap_or(u32::MAX).saturating_add(1),
            Some(text),
        )
    }

    /// The bytes of files, each as the manifest says; None for one that is another now.
    pub fn all(&mut self, files: &[u32]) -> Vec<Option<Vec<u8>>> {
        for file in files {
            self.source(*file);
        }
        let read = files.iter().map(|file| self.read.remove(file).flatten());
        read.collect()
    }

    fn source(&mut self, file: u32) -> Option<&[u8]> {
        if !self.read.contains_key(&file) {
            let entry = self
                .entries
                .get(file as usize)
                .filter(|entry| !entry.is(STALE));
            let source = entry.and_then(|entry| match &entry.planned {
                Some(planned) => Some(planned.to_vec()),
                None => fs::read(self.root.join(&entry.path)).ok(),
            });
            let source =
                source.filter(|source| entry.is_some_and(|entry| xxh3_128(source) == entry.digest));
            if source.is_none() && entry.is_some() {
                self.changed.push(file);
            }
            self.read.insert(file, source);
        }
        self.read.get(&file)?.as_deref()
    }
}

fn shortened(text: &str) -> String {
    if text.len() <= LONGEST || text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}
