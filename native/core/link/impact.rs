//! The breadth-first walk from what would change to everything that it reaches (Bohner & Arnold, Software Change Impact Analysis, 1996).
//!
//! One walk serves all starts. Each level is walked by path and place, so that neither rows nor the row that each was reached from depend on
//! the order of the starts. The starts of a walk reach together what each reaches alone: a spot that was met by a way that is not followed is
//! followed from the first meeting that is.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::impact_totals::{self, Edge, Total};
use super::references::{Evidence, Reference, References, invokes};
use super::{Importer, Linker, NameId};
use crate::facts::codes::{definition, flag, role};
use crate::facts::{Def, DefinitionId, FileId, Node, Place, Unit};

/// A definition, or the top of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Spot {
    pub file: FileId,
    pub definition: Option<DefinitionId>,
}

/// How something is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Via {
    Call = 1,
    Read = 2,
    Type = 4,
    Import = 8,
    Override = 16,
}

/// Something that the change reaches.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    pub spot: Spot,
    /// For the top of a file, its place: a byte offset.
    pub at: u32,
    pub via: Via,
    /// The row it was reached from, counted from 1; 0 is a target.
    pub from: u32,
    pub distance: u32,
    /// True when the receiver is not known; such rows are not followed.
    pub possible: bool,
}

/// Everything that a change reaches, nearest first.
#[derive(Default)]
pub struct Impact {
    pub rows: Vec<Reached>,
    /// How often the walk came back to something it had come from.
    pub circles: u32,
    /// Uses of a name of something reached, by a receiver that could be anything.
    pub possible: Vec<Spot>,
    /// The totals of each start alone, in the order of the starts.
    pub totals: Vec<Total>,
}

impl Linker {
    /// Definitions that a change to the starts reaches. `via` are bits of [`Via`], 0 for all; `depth` is how many hops are followed.
    ///
    /// `counts` says which spots the totals of the starts count.
    pub fn impact(
        &self,
        starts: &[Spot],
        via: u32,
        depth: Option<u32>,
        list_possible: bool,
        counts: impl Fn(Spot) -> bool,
    ) -> Impact {
        let mut walk = Walk::new(self, via, depth, starts.len() > 1);
        for &start in starts {
            walk.begin(start);
        }
        walk.run();
        let totals = walk.totals(starts, counts);
        walk.finish(totals, list_possible)
    }
}

struct Walk<'a> {
    linker: &'a Linker,
    via: u32,
    depth: Option<u32>,
    rows: Vec<Reached>,
    /// The row that was walked from, and the row, or start, that was met again.
    returns: Vec<(u32, u32)>,
    names: FxHashSet<NameId>,
    settled: FxHashSet<Place>,
    /// Every spot that was met, with the starts.
    spots: Vec<Met>,
    numbers: FxHashMap<Spot, u32>,
    /// Spots to follow next.
    level: Vec<u32>,
    /// From each spot that was followed, where there are several starts.
    edges: Option<FxHashMap<u32, Vec<Edge>>>,
    /// From the spot that is being followed.
    out: Vec<Edge>,
    holders: FxHashMap<FileId, Vec<Extent>>,
}

struct Met {
    spot: Spot,
    /// Its row, counted from 1; 0 is a start.
    row: u32,
    is_followed: bool,
}

/// The extent of a definition at the top of a file, and the farthest end of it and all before it.
struct Extent {
    start: u32,
    end: u32,
    id: DefinitionId,
    reach: u32,
}

/// How a row is met.
struct Meeting {
    via: Via,
    from: u32,
    distance: u32,
    at: u32,
}

impl<'a> Walk<'a> {
    fn new(linker: &'a Linker, via: u32, depth: Option<u32>, keeps_edges: bool) -> Self {
        Self {
            linker,
            via,
            depth,
            rows: Vec::new(),
            returns: Vec::new(),
            names: FxHashSet::default(),
            settled: FxHashSet::default(),
            spots: Vec::new(),
            numbers: FxHashMap::default(),
            level: Vec::new(),
            edges: keeps_edges.then(FxHashMap::default),
            out: Vec::new(),
            holders: FxHashMap::default(),
        }
    }

    fn begin(&mut self, spot: Spot) {
        if !self.numbers.contains_key(&spot) {
            let number = self.meet(spot, 0);
            self.spots[number as usize].is_followed = true;
            self.level.push(number);
        }
    }

    fn meet(&mut self, spot: Spot, row: u32) -> u32 {
        let number = crate::facts::len32(self.spots.len());
        self.numbers.insert(spot, number);
        self.spots.push(Met {
            spot,
            row,
            is_followed: false,
        });
        number
    }

    fn follows(&self, via: Via) -> bool {
        self.via == 0 || self.via & via as u32 != 0
    }

    fn run(&mut self) {
        let mut distance = 0;
        while !self.level.is_empty() && self.depth.is_none_or(|depth| distance < depth) {
            distance += 1;
            let mut level = std::mem::take(&mut self.level);
            level.sort_by_cached_key(|&number| self.place_of(number));
            for number in level {
                self.linker.pause();
                if self.linker.is_stopped() {
                    return;
                }
                let Met { spot, row, .. } = self.spots[number as usize];
                match spot.definition {
                    None => self.follow_file(spot, row, distance),
                    Some(id) => {
                        let def = Def {
                            file: spot.file,
                            id,
                        };
                        self.follow_definition(def, row, distance);
                    }
                }
                if let Some(edges) = &mut self.edges {
                    edges.insert(number, std::mem::take(&mut self.out));
                }
            }
        }
    }

    /// Files are numbered in the order of their paths.
    fn place_of(&self, number: u32) -> (FileId, u32, Option<DefinitionId>) {
        let Spot { file, definition } = self.spots[number as usize].spot;
        let at = definition.map_or(0, |id| self.linker.unit(file).start_name(id));
        (file, at, definition)
    }

    fn totals(&self, starts: &[Spot], counts: impl Fn(Spot) -> bool) -> Vec<Total> {
        let counted = |met: &Met| counts(met.spot).then_some(met.spot.file);
        let files: Vec<Option<FileId>> = self.spots.iter().map(counted).collect();
        let starts: Vec<u32> = starts.iter().map(|start| self.numbers[start]).collect();
        match &self.edges {
            Some(edges) => impact_totals::of_each(&starts, edges, &files, self.depth),
            None => starts
                .iter()
                .map(|_| impact_totals::of_all(&files[1..]))
                .collect(),
        }
    }

    fn finish(mut self, totals: Vec<Total>, list_possible: bool) -> Impact {
        let circles = impact_totals::circles(&self.rows, &self.returns);
        let possible = self.possible();
        if list_possible {
            self.rows.extend(&possible);
        }
        Impact {
            circles,
            rows: self.rows,
            possible: possible.iter().map(|row| row.spot).collect(),
            totals,
        }
    }

    /// A row for everything that is not reached and uses a name of something that is, by a receiver that could be anything.
    fn possible(&mut self) -> Vec<Reached> {
        let mut places: Vec<Place> = Vec::new();
        for &name in &self.names {
            places.extend(&self.linker.member_uses(&self.linker.name(name)).unknown);
        }
        places.sort_unstable();
        places.dedup();
        places.retain(|place| !self.settled.contains(place));
        let mut rows: Vec<Reached> = Vec::new();
        let mut seen: FxHashSet<Spot> = FxHashSet::default();
        for place in &places {
            let unit = self.linker.unit(place.file);
            let spot = Spot {
                file: place.file,
                definition: self.holder(place),
            };
            if !self.numbers.contains_key(&spot) && seen.insert(spot) {
                rows.push(Reached {
                    spot,
                    at: unit.start(place.id),
                    via: via_of(unit.role(place.id), false),
                    from: 0,
                    distance: 1,
                    possible: true,
                });
            }
        }
        rows
    }

    /// A file as a whole reaches everything that imports it.
    fn follow_file(&mut self, spot: Spot, from: u32, distance: u32) {
        if !self.follows(Via::Import) {
            return;
        }
        for &Importer { file, import } in self.linker.importers(spot.file) {
            let at = self.linker.unit(file).import_start(import);
            let meeting = Meeting {
                via: Via::Import,
                from,
                distance,
                at,
            };
            self.reach(
                Spot {
                    file,
                    definition: None,
                },
                &meeting,
                true,
            );
        }
    }

    /// A definition reaches what is around each of its occurrences.
    fn follow_definition(&mut self, def: Def, from: u32, distance: u32) {
        let found = self.linker.references(def, true);
        self.names.extend(&found.names);
        if self.follows(Via::Override) {
            self.follow_overrides(def, from, distance);
        }
        if self.follows(Via::Import) {
            for &Importer { file, import } in &found.re_exporters {
                let at = self.linker.unit(file).import_start(import);
                let meeting = Meeting {
                    via: Via::Import,
                    from,
                    distance,
                    at,
                };
                self.reach(
                    Spot {
                        file,
                        definition: None,
                    },
                    &meeting,
                    false,
                );
            }
        }
        self.follow_places(def.file, &found, from, distance);
    }

    fn follow_places(&mut self, own: FileId, found: &Arc<References>, from: u32, distance: u32) {
        let only_calls = self.via == Via::Call as u32;
        for &Reference {
            place,
            alias,
            evidence,
        } in &found.certain
        {
            debug_assert!(evidence != Evidence::Possible);
            let unit = self.linker.unit(place.file);
            let role = unit.role(place.id);
            if role & role::MEMBER != 0 {
                self.settled.insert(place);
            }
            if role & role::DECLARES != 0 && !alias && role & role::IMPORT == 0 {
                continue;
            }
            let via = via_of(role, alias);
            if !self.follows(via) {
                continue;
            }
            let mut meeting = Meeting {
                via,
                from,
                distance,
                at: unit.start(place.id),
            };
            match self.holder(&place) {
                None => self.reach(
                    Spot {
                        file: place.file,
                        definition: None,
                    },
                    &meeting,
                    false,
                ),
                Some(id)
                    if !found.aliases.contains(&Def {
                        file: place.file,
                        id,
                    }) =>
                {
                    // with `--via call` variables are reported, not followed: only what is invoked passes a change on
                    let carries = via != Via::Call || !only_calls || is_caller(unit.kind(id));
                    self.reach(
                        Spot {
                            file: place.file,
                            definition: Some(id),
                        },
                        &meeting,
                        carries,
                    );
                }
                Some(_) if place.file != own => {
                    meeting.via = Via::Import;
                    self.reach(
                        Spot {
                            file: place.file,
                            definition: None,
                        },
                        &meeting,
                        false,
                    );
                }
                Some(_) => {}
            }
        }
    }

    /// A member reaches what it overrides or implements, and what overrides it.
    fn follow_overrides(&mut self, def: Def, from: u32, distance: u32) {
        let unit = self.linker.unit(def.file);
        if !unit
            .owner(def.id)
            .is_some_and(|owner| matches!(unit.node(owner), Node::Class(_)))
        {
            return;
        }
        let bases = self.linker.base_members(def);
        let overriding = self.linker.overriding_members(def);
        for &other in bases
            .iter()
            .filter(|&&other| other != def)
            .chain(&overriding)
        {
            let meeting = Meeting {
                via: Via::Override,
                from,
                distance,
                at: 0,
            };
            self.reach(
                Spot {
                    file: other.file,
                    definition: Some(other.id),
                },
                &meeting,
                true,
            );
        }
    }

    /// The definition that an occurrence is part of: the function around it, else the top-level declaration.
    fn holder(&mut self, place: &Place) -> Option<DefinitionId> {
        let unit = self.linker.unit(place.file);
        if let Some(id) = unit.within(place.id) {
            return Some(id);
        }
        let extents = self
            .holders
            .entry(place.file)
            .or_insert_with(|| top_level(unit));
        let at = unit.start(place.id);
        let before = extents.partition_point(|extent| extent.start <= at);
        for extent in extents[..before].iter().rev() {
            if at < extent.end {
                return Some(extent.id);
            }
            if at >= extent.reach {
                break;
            }
        }
        None
    }

    /// Makes a row of a spot when it is met first; `follow` says whether this way of meeting it is followed.
    fn reach(&mut self, spot: Spot, meeting: &Meeting, follow: bool) {
        let number = if let Some(&known) = self.numbers.get(&spot) {
            self.returns
                .push((meeting.from, self.spots[known as usize].row));
            known
        } else {
            self.rows.push(Reached {
                spot,
                at: meeting.at,
                via: meeting.via,
                from: meeting.from,
                distance: meeting.distance,
                possible: false,
            });
            self.meet(spot, crate::facts::len32(self.rows.len()))
        };
        if self.edges.is_some() {
            self.out.push(Edge {
                to: number,
                is_followed: follow,
            });
        }
        let met = &mut self.spots[number as usize];
        if follow && !met.is_followed {
            met.is_followed = true;
            self.level.push(number);
        }
    }
}

/// The extents of what stands at the top of a file, by start.
fn top_level(unit: &Unit) -> Vec<Extent> {
    let stands_there = |id: &DefinitionId| {
        !matches!(
            unit.kind(*id),
            definition::PARAMETER | definition::IMPORT | definition::TYPE_PARAMETER
        ) && !unit.has(*id, flag::LOCAL | flag::FUNCTION_NAME)
    };
    let mut found: Vec<(u32, u32, DefinitionId)> = unit
        .definition_ids()
        .filter(stands_there)
        .map(|id| {
            let (start, end) = unit.extent(id);
            (start, end, id)
        })
        .collect();
    found.sort_unstable();
    let mut reach = 0;
    found
        .into_iter()
        .map(|(start, end, id)| {
            reach = end.max(reach);
            Extent {
                start,
                end,
                id,
                reach,
            }
        })
        .collect()
}

fn is_caller(kind: u32) -> bool {
    matches!(
        kind,
        definition::FUNCTION
            | definition::METHOD
            | definition::CLASS
            | definition::GETTER
            | definition::SETTER
            | definition::CONSTRUCTOR
    )
}

fn via_of(role: u32, alias: bool) -> Via {
    if alias || role & (role::IMPORT | role::EXPORT) != 0 {
        return Via::Import;
    }
    if invokes(role) {
        return Via::Call;
    }
    if role & (role::TYPE | role::HERITAGE) != 0 && role & role::READ == 0 {
        return Via::Type;
    }
    Via::Read
}
