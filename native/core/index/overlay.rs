//! A tree as a plan would leave it: some files with other bytes, some that are new, some gone. Nothing is written.
//!
//! Contents that are new get units of their own, above those of any index; where the bytes of a file only come under another path, their unit
//! goes with them.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::extract::Extracted;
use crate::index::batch::{Batch, Loaded, Problem, key};
use crate::index::graph::{Graph, pack_imports};
use crate::index::manifest::{Entry, FACTS_SHIFT, Manifest, NO_UNIT, STALE};
use crate::index::segments::{Builder, Segment};

/// The first unit that no index on disk gives.
const FIRST_UNIT: u32 = 1 << 31;

/// What a path holds: bytes, or nothing any more.
pub type Change = (String, Option<Vec<u8>>);

/// The facts of a content that no index has.
pub struct Fresh {
    pub unit: u32,
    pub facts: Extracted,
    pub problems: Vec<Problem>,
}

pub struct Overlay {
    pub manifest: Manifest,
    pub graph: Graph,
    pub fresh: Vec<Fresh>,
    /// The names and definitions of what is fresh.
    pub segment: Option<Segment>,
}

impl Overlay {
    pub fn new(
        root: &Path,
        before: &Manifest,
        graph: &Graph,
        changes: Vec<Change>,
    ) -> io::Result<Overlay> {
        let changes: BTreeMap<String, Option<Arc<[u8]>>> = changes
            .into_iter()
            .map(|(path, bytes)| (path, bytes.map(Arc::from)))
            .collect();
        let (mut manifest, listing_changed) = before.with(&changes);
        let batch = Batch::of(changes.iter().filter_map(|(path, bytes)| {
            let place = manifest.id_of(path)?;
            Loaded::of(place, &manifest.entries[place as usize], bytes.clone()?)
        }));
        batch.fill(&mut manifest.entries);
        let known = known(before, changes.keys());
        let highest = before.entries.iter().map(|entry| entry.unit + 1).max();
        let first = highest.unwrap_or_default().max(FIRST_UNIT);
        let units = known
            .iter()
            .map(|(key, (unit, _))| (key.clone(), *unit))
            .collect();
        let fresh = batch.assign(&units, first, &mut manifest.entries);
        let mut flags: HashMap<u32, u32> = known.into_values().collect();
        let mut builder = Builder::default();
        let mut imports = HashMap::new();
        let fresh: Vec<Fresh> = batch
            .parse(&fresh)
            .into_iter()
            .map(|(at, facts, problems)| {
                let unit = manifest.entries[batch.loaded[at].place as usize].unit;
                flags.insert(unit, facts.flags);
                builder.add(unit, &facts.names, &facts.definitions);
                imports.insert(unit, pack_imports(&facts.imports));
                Fresh {
                    unit,
                    facts,
                    problems,
                }
            })
            .collect();
        for file in &batch.loaded {
            let entry = &mut manifest.entries[file.place as usize];
            let flags = flags.get(&entry.unit).copied().unwrap_or_default();
            entry.apply_facts(flags, None);
        }
        let everything = listing_changed || manifest.config_digest() != before.config_digest();
        let mut graph = graph.clone();
        if !everything {
            graph.keep_imports(&manifest, &imports)?;
        }
        graph.resolve_imports(root, &manifest, &imports, everything)?;
        Ok(Overlay {
            manifest,
            graph,
            segment: (!builder.is_empty()).then(|| builder.finish()),
            fresh,
        })
    }
}

/// Units and flags of the facts of the files that change, by what they were taken from.
fn known<'a>(
    before: &Manifest,
    paths: impl Iterator<Item = &'a String>,
) -> HashMap<Vec<u8>, (u32, u32)> {
    let has_own_facts = |entry: &&Entry| entry.unit != NO_UNIT && !entry.is(STALE);
    paths
        .filter_map(|path| before.entries.get(before.id_of(path)? as usize))
        .filter(has_own_facts)
        .map(|entry| {
            let facts = (entry.unit, entry.flags >> FACTS_SHIFT);
            (key(entry.digest, &entry.path), facts)
        })
        .collect()
}
