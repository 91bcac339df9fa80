//! The places that a rename of a definition has to change.
//!
//! A name leads to the definition through a chain of bindings, export names and members. Where all of these are spelt alike, a rename
//! changes all of them; at a place that is two names at once (`{ a }`, `import { a }`) it is said which of the two belong to the chain.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Evidence, Linker};
use crate::facts::codes::{flag, role};
use crate::facts::{Def, Place, Unit};

/// How a place spells the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// The name alone.
    Plain,
    /// `{ a }`, a property and the variable it is given.
    Property,
    /// `const { a } = x`, a property and the variable that takes it.
    Pattern,
    /// `import { a }`, the name in the other file and the one here.
    Import,
    /// `export { a }`, the name here and the one for others.
    Export,
}

/// A place with the old name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    pub place: Place,
    pub start: u32,
    pub end: u32,
    pub spelling: Spelling,
    /// The name that others see belongs to the chain.
    pub outer: bool,
    /// The name that stands for it here belongs to the chain.
    pub inner: bool,
    /// The name here is that of the definition itself, and of no alias.
    pub own: bool,
    pub evidence: Evidence,
    /// A definition outside of the chain that the place means as well.
    pub also: Option<Def>,
}

/// What a rename has to change.
#[derive(Debug, Default)]
pub struct Renaming {
    /// The definitions that are renamed together: what overrides, implements and is merged with what was asked for.
    pub family: Vec<Def>,
    /// By file and place; each place once.
    pub certain: Vec<Site>,
    /// Places that only flow leads there.
    pub flow: Vec<Site>,
    /// Places with the name and a receiver that could be anything.
    pub possible: Vec<Site>,
}

impl Linker {
    /// The places that a rename of definitions of one name has to change; or, of the same chain, those that are spelt otherwise.
    pub fn renaming(&self, asked: &[Def], spelt: Option<&str>) -> Renaming {
        let family = self.renamed_together(asked);
        let Some(&first) = family.first() else {
            return Renaming::default();
        };
        let name = spelt.unwrap_or_else(|| self.unit(first.file).name(first.id));
        let mut chain: FxHashSet<Def> = family.iter().copied().collect();
        let mut certain: FxHashMap<Place, Evidence> = FxHashMap::default();
        let mut possible: FxHashSet<Place> = FxHashSet::default();
        let mut flow: FxHashSet<Place> = FxHashSet::default();
        for &def in &family {
            let found = self.references(def, false);
            chain.extend(&found.aliases);
            for one in &found.certain {
                let known = certain.entry(one.place).or_insert(one.evidence);
                *known = (*known).min(one.evidence);
            }
            for &place in &found.mentions {
                certain.entry(place).or_insert(Evidence::Exact);
            }
            possible.extend(self.possible_references(&found));
            flow.extend(
                self.flow_references(def)
                    .iter()
                    .filter(|one| one.names)
                    .map(|one| one.place),
            );
            if self.is_stopped() {
                break;
            }
        }
        flow.retain(|place| !certain.contains_key(place));
        possible.retain(|place| !certain.contains_key(place) && !flow.contains(place));
        let own: FxHashSet<Def> = family.iter().copied().collect();
        let sites = |places: Vec<(Place, Evidence)>| {
            let named = places.into_iter().filter(|(place, _)| {
                let unit = self.unit(place.file);
                unit.text(unit.occurrence_name(place.id)) == name
            });
            let mut sites: Vec<Site> = named
                .map(|(place, evidence)| self.site(place, evidence, &chain, &own))
                .collect();
            sites.sort_unstable_by_key(|site| (site.place.file, site.start, site.place.id));
            sites.dedup_by(|next, site| is_joined(site, next));
            sites
        };
        let as_possible = |places: FxHashSet<Place>, evidence| {
            places.into_iter().map(|place| (place, evidence)).collect()
        };
        Renaming {
            certain: sites(certain.into_iter().collect()),
            flow: sites(as_possible(flow, Evidence::Inferred)),
            possible: sites(as_possible(possible, Evidence::Possible)),
            family,
        }
    }

    /// Definitions with all that overrides, implements or is merged with them, by file and place.
    fn renamed_together(&self, asked: &[Def]) -> Vec<Def> {
        let mut together: FxHashSet<Def> = FxHashSet::default();
        let mut todo: Vec<Def> = asked.to_vec();
        while let Some(def) = todo.pop() {
            if self.is_stopped() {
                break;
            }
            if together.insert(def) {
                todo.extend(self.merged(def));
                if self.unit(def.file).owner(def.id).is_some() {
                    todo.extend(self.base_members(def).iter());
                    todo.extend(self.overriding_members(def));
                }
            }
        }
        let mut together: Vec<Def> = together.into_iter().collect();
        together.sort_unstable();
        together
    }

    fn site(
        &self,
        place: Place,
        evidence: Evidence,
        chain: &FxHashSet<Def>,
        family: &FxHashSet<Def>,
    ) -> Site {
        let unit = self.unit(place.file);
        let (start, end) = unit.span(place.id);
        let is_in = |set: &FxHashSet<Def>| {
            let target = unit.target(place.id);
            target.is_some_and(|id| {
                unit.merged(id).any(|id| {
                    set.contains(&Def {
                        file: place.file,
                        id,
                    })
                })
            })
        };
        let (inner, own) = (is_in(chain), is_in(family));
        let spelling = spelling(unit, place);
        let outer = match spelling {
            Spelling::Plain => false,
            Spelling::Property => unit.named_at(start).any(|id| {
                unit.has(id, flag::SHORTHAND)
                    && chain.contains(&Def {
                        file: place.file,
                        id,
                    })
            }),
            Spelling::Pattern => unit.role(place.id) & role::DESTRUCTURE_KEY != 0,
            Spelling::Import => inner && !own,
            Spelling::Export => true,
        };
        let meant = self.definitions_at(place);
        let also = meant.iter().copied().find(|def| !chain.contains(def));
        Site {
            place,
            start,
            end,
            spelling,
            outer,
            inner,
            own,
            evidence,
            also: also.filter(|_| evidence != Evidence::Possible),
        }
    }
}

/// True when two sites are the two names of one place, of which the first is made both.
fn is_joined(site: &mut Site, next: &Site) -> bool {
    let is_same = (site.place.file, site.start) == (next.place.file, next.start);
    if is_same {
        site.outer |= next.outer;
        site.inner |= next.inner;
        site.own |= next.own;
        site.evidence = site.evidence.max(next.evidence);
        site.also = site.also.or(next.also);
    }
    is_same
}

fn spelling(unit: &Unit, place: Place) -> Spelling {
    let role = unit.role(place.id);
    let is = |wanted: u32| role & wanted == wanted;
    if is(role::SHORTHAND) {
        let takes = role & (role::DESTRUCTURE_KEY | role::DECLARES | role::WRITE) != 0;
        return if takes {
            Spelling::Pattern
        } else {
            Spelling::Property
        };
    }
    let name = unit.text(unit.occurrence_name(place.id));
    if is(role::IMPORT | role::DECLARES) {
        let mut bindings = unit.bindings_at(place.id);
        return if bindings.any(|binding| unit.binding_name(binding) == name) {
            Spelling::Import
        } else {
            Spelling::Plain
        };
    }
    if is(role::EXPORT | role::READ) && unit.exports_at(place.id).next().is_some() {
        return Spelling::Export;
    }
    Spelling::Plain
}

impl Spelling {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Property => "property",
            Self::Pattern => "pattern",
            Self::Import => "import",
            Self::Export => "export",
        }
    }
}
