//! The breadth-first walk from what would change to everything that it reaches (Bohner & Arnold, Software Change Impact Analysis, 1996).

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

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
    /// Where, for the top of a file: a byte offset.
    pub at: u32,
    pub via: Via,
    /// The row it was reached from, counted from 1; 0 is a target.
    pub from: u32,
    pub distance: u32,
    /// Whether the receiver is not known; such rows are not followed.
    pub possible: bool,
}

/// Everything that a change reaches, nearest first.
#[derive(Default)]
pub struct Impact {
    pub rows: Vec<Reached>,
    /// How often the walk came back to something it had come from.
    pub circles: u32,
    /// Places with the name of something reached, and a receiver that could be anything.
    pub possible: Vec<Place>,
}

impl Linker {
    /// What a change to the starts reaches. `via` are bits of [`Via`], 0 for all; `depth` is how many hops are followed.
    pub fn impact(
        &self,
        starts: &[Spot],
        via: u32,
        depth: Option<u32>,
        list_possible: bool,
    ) -> Impact {
        let mut walk = Walk::new(self, via, depth);
        for &start in starts {
            walk.begin(start);
        }
        walk.run();
        walk.finish(list_possible)
    }
}

struct Walk<'a> {
    linker: &'a Linker,
    via: u32,
    depth: Option<u32>,
    rows: Vec<Reached>,
    circles: u32,
    names: FxHashSet<NameId>,
    settled: FxHashSet<Place>,
    number: FxHashMap<Spot, u32>,
    level: Vec<Spot>,
    holders: FxHashMap<FileId, Vec<Extent>>,
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
    fn new(linker: &'a Linker, via: u32, depth: Option<u32>) -> Self {
        Self {
            linker,
            via,
            depth,
            rows: Vec::new(),
            circles: 0,
            names: FxHashSet::default(),
            settled: FxHashSet::default(),
            number: FxHashMap::default(),
            level: Vec::new(),
            holders: FxHashMap::default(),
        }
    }

    fn begin(&mut self, spot: Spot) {
        if self.number.insert(spot, 0).is_none() {
            self.level.push(spot);
        }
    }

    fn follows(&self, via: Via) -> bool {
        self.via == 0 || self.via & via as u32 != 0
    }

    fn run(&mut self) {
        let mut distance = 0;
        while !self.level.is_empty()
            && self.depth.is_none_or(|depth| distance < depth)
            && !self.linker.is_stopped()
        {
            distance += 1;
            for spot in std::mem::take(&mut self.level) {
                self.linker.pause();
                if self.linker.is_stopped() {
                    return;
                }
                match spot.definition {
                    None => self.follow_file(spot, distance),
                    Some(id) => self.follow_definition(
                        spot,
                        Def {
                            file: spot.file,
                            id,
                        },
                        distance,
                    ),
                }
            }
        }
    }

    fn finish(mut self, list_possible: bool) -> Impact {
        let mut possible: Vec<Place> = Vec::new();
        for &name in &self.names {
            possible.extend(&self.linker.member_uses(&self.linker.name(name)).unknown);
        }
        possible.sort_unstable();
        possible.dedup();
        possible.retain(|place| !self.settled.contains(place));
        if list_possible {
            for place in &possible {
                let unit = self.linker.unit(place.file);
                let holder = self.holder(place);
                let meeting = Meeting {
                    via: via_of(unit.role(place.id), false),
                    from: 0,
                    distance: 1,
                    at: unit.start(place.id),
                };
                self.reach(
                    Spot {
                        file: place.file,
                        definition: holder,
                    },
                    &meeting,
                    false,
                    true,
                );
            }
        }
        Impact {
            rows: self.rows,
            circles: self.circles,
            possible,
        }
    }

    /// A file as a whole reaches everything that imports it.
    fn follow_file(&mut self, spot: Spot, distance: u32) {
        if !self.follows(Via::Import) {
            return;
        }
        for &Importer { file, import } in self.linker.importers(spot.file) {
            let at = self.linker.unit(file).import_start(import);
            let meeting = Meeting {
                via: Via::Import,
                from: self.number[&spot],
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
                false,
            );
        }
    }

    /// A definition reaches what is around each of its occurrences.
    fn follow_definition(&mut self, spot: Spot, def: Def, distance: u32) {
        let found = self.linker.references(def, true);
        self.names.extend(&found.names);
        let from = self.number[&spot];
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
                    false,
                );
            }
        }
        self.follow_places(spot, &found, from, distance);
    }

    fn follow_places(&mut self, spot: Spot, found: &Arc<References>, from: u32, distance: u32) {
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
                        false,
                    );
                }
                Some(_) if place.file != spot.file => {
                    meeting.via = Via::Import;
                    self.reach(
                        Spot {
                            file: place.file,
                            definition: None,
                        },
                        &meeting,
                        false,
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
                false,
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

    /// Whether a row was reached by way of an earlier one, or is it.
    fn came_from(&self, mut row: u32, earlier: u32) -> bool {
        while row > earlier {
            row = self.rows[row as usize - 1].from;
        }
        row == earlier
    }

    /// Notes a spot when it is met first; `follow` says whether the walk goes on from it.
    fn reach(&mut self, spot: Spot, meeting: &Meeting, follow: bool, possible: bool) {
        if let Some(&known) = self.number.get(&spot) {
            self.circles += u32::from(self.came_from(meeting.from, known));
            return;
        }
        self.rows.push(Reached {
            spot,
            at: meeting.at,
            via: meeting.via,
            from: meeting.from,
            distance: meeting.distance,
            possible,
        });
        self.number
            .insert(spot, crate::facts::len32(self.rows.len()));
        if follow {
            self.level.push(spot);
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
