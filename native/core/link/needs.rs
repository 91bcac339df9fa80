//! The breadth-first walk from a definition or a file to everything that it needs.

use rustc_hash::FxHashMap;

use super::{Linker, Spot, Via};
use crate::facts::codes::role;
use crate::facts::{Def, FileId};

/// Something that is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    pub spot: Spot,
    pub via: Via,
    /// The row that needs it, counted from 1; 0 is a start.
    pub from: u32,
    pub distance: u32,
}

/// Needs, nearest first.
#[derive(Debug, Default)]
pub struct Needs {
    pub rows: Vec<Need>,
    /// Uses that lead to something that is not known, as far as the walk came.
    pub unknown: u32,
}

impl Linker {
    /// The first `most` things that the starts need; `keeps` says which files count, `depth` how many hops are followed.
    pub fn needs(
        &self,
        starts: &[Spot],
        depth: Option<u32>,
        keeps: impl Fn(FileId) -> bool,
        most: usize,
    ) -> Needs {
        let mut found = Needs::default();
        let mut number: FxHashMap<Spot, u32> = starts.iter().map(|&start| (start, 0)).collect();
        let mut level: Vec<Spot> = starts.to_vec();
        let mut distance = 0;
        while !level.is_empty() && depth.is_none_or(|depth| distance < depth) {
            distance += 1;
            let mut following = Vec::new();
            for spot in level {
                let (needed, unknown) = self.needed_by(spot);
                found.unknown += unknown;
                let from = number[&spot];
                for (other, via) in needed {
                    if number.contains_key(&other) || !keeps(other.file) {
                        continue;
                    }
                    found.rows.push(Need {
                        spot: other,
                        via,
                        from,
                        distance,
                    });
                    number.insert(other, crate::facts::len32(found.rows.len()));
                    following.push(other);
                }
                if found.rows.len() >= most || self.is_stopped() {
                    found.rows.truncate(most);
                    return found;
                }
            }
            level = following;
        }
        found
    }

    /// Direct needs of a definition or a file, each once, and how many uses lead to something that is not known.
    fn needed_by(&self, spot: Spot) -> (Vec<(Spot, Via)>, u32) {
        let mut needed: Vec<(Spot, Via)> = Vec::new();
        let mut known: rustc_hash::FxHashSet<Spot> = rustc_hash::FxHashSet::default();
        let Some(id) = spot.definition else {
            for file in self.imported_files(spot.file) {
                let other = Spot {
                    file,
                    definition: None,
                };
                if known.insert(other) {
                    needed.push((other, Via::Import));
                }
            }
            return (needed, 0);
        };
        let (start, end) = self.unit(spot.file).extent(id);
        let mut unknown = 0;
        for one in self.uses_in(
            Def {
                file: spot.file,
                id,
            },
            false,
        ) {
            let Some(&def) = one.definitions.first() else {
                unknown += u32::from(one.role & role::MEMBER != 0);
                continue;
            };
            let (first, last) = self.unit(def.file).extent(def.id);
            let is_inside = def.file == spot.file && start <= first && last <= end;
            let other = Spot {
                file: def.file,
                definition: Some(def.id),
            };
            if !is_inside && known.insert(other) {
                needed.push((other, one.via()));
            }
        }
        (needed, unknown)
    }
}
