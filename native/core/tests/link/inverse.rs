//! The inverse law: what leads from a name to its meaning leads back from the meaning to the name.
//!
//! For every definition d and every occurrence o of a tree
//!
//! > o is a certain reference of d ⇔ o means something that is one with d
//!
//! * o **means** what `definitions_at(o)` gives; where that is nothing, the import that o names.
//! * Two definitions are **one** when they share a declaration: a definition stands for itself, for the declarations merged with
//!   it, for the members that it overrides or implements, and for what it hands on (`exports.a = b`). So a use of `Base#m` refers
//!   to the `Derived#m` that may run, and a use of `Derived#m` to the `Base#m` that promises it.
//!
//! What the code promises less of:
//!
//! * ⇐ only for a definition that is no other name for something else: of an import, references are the uses of that name.
//! * ⇒ also for what means one of the aliases that the answer tells (`const a = space.b`), for `{ name }`, which declares one
//!   thing and means another, and for the class in `new C()`, whose constructor runs.
//! * An export of a choice (`module.exports = z ? C : o.m`) means what it can be, and is no reference of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use clew_core::facts::{Def, Place};
use clew_core::link::{FlowReference, Linker, References};

use crate::answers::{Shown, definitions, occurrences};
use crate::chance::Chance;
use crate::circles::{CIRCLES, REQUIRED_OF_EACH_OTHER};
use crate::forms::{FLOWS, FORMS};
use crate::soup;
use crate::trees::Tree;

/// Small trees of chance.
const SOUPS: u64 = 20;

type Meanings = BTreeMap<Place, BTreeSet<Def>>;

/// The meaning of every occurrence.
fn meanings(tree: &Tree, linker: &Linker) -> Meanings {
    let places = tree.files().flat_map(|file| occurrences(linker, file));
    let meaning = |place: Place| {
        let found = linker.definitions_at(place);
        if found.is_empty() {
            return (place, linker.imported_here(place).into_iter().collect());
        }
        (place, found.iter().copied().collect())
    };
    places.map(meaning).collect()
}

/// All declarations that a definition stands for.
fn stands_for(linker: &Linker, def: Def) -> BTreeSet<Def> {
    let (mut all, mut todo) = (BTreeSet::new(), vec![def]);
    while let Some(def) = todo.pop() {
        if all.insert(def) {
            todo.extend(linker.merged(def));
            todo.extend(declared_together(linker, def));
            todo.extend(linker.parameter_property(def));
            todo.extend(linker.base_members(def).iter());
            todo.extend(linker.follow_export_alias(def));
            todo.extend(linker.origins(def).into_iter().flatten());
        }
    }
    all
}

/// The name of a class that is a value is declared twice, for the inside and for the outside.
fn declared_together(linker: &Linker, def: Def) -> Vec<Def> {
    let unit = linker.unit(def.file);
    let same = unit
        .named_at(unit.start_name(def.id))
        .filter(|&id| unit.kind(id) == unit.kind(def.id));
    same.map(|id| Def { file: def.file, id }).collect()
}

/// Breaches of the law, told for people: references that mean something else, and meanings that are no references.
fn broken(tree: &Tree, references: impl Fn(&Linker, Def) -> Arc<References>) -> Vec<String> {
    let linker = &tree.linker();
    let (meanings, shown) = (meanings(tree, linker), Shown { tree, linker });
    let all = tree.files().flat_map(|file| definitions(linker, file));
    let family: BTreeMap<Def, BTreeSet<Def>> =
        all.map(|def| (def, stands_for(linker, def))).collect();
    let mut found = Vec::new();
    for (&def, own) in &family {
        let references = references(linker, def);
        let certain = references.certain.iter().map(|one| one.place);
        let certain: BTreeSet<Place> = certain.chain(references.mentions.iter().copied()).collect();
        let is_own = is_own(linker, def);
        for (&place, meaning) in &meanings {
            let is_one = meaning.iter().any(|other| !family[other].is_disjoint(own));
            let may_be = is_one
                || meaning
                    .iter()
                    .any(|other| references.aliases.contains(other))
                || linker.makers(place).contains(&def)
                || linker
                    .declared_at(place.file, place.id)
                    .iter()
                    .any(|other| !family[other].is_disjoint(own));
            let says = match certain.contains(&place) {
                true if !may_be => "is a reference and does not mean",
                false if is_one && is_own => "means and is no reference of",
                _ => continue,
            };
            found.push(format!(
                "{} {says} {}",
                shown.place(place),
                shown.definition(def)
            ));
        }
    }
    found
}

/// True for a definition that is no other name for something else.
fn is_own(linker: &Linker, def: Def) -> bool {
    let group = linker.merged(def);
    linker
        .origins(def)
        .into_iter()
        .flatten()
        .chain(linker.follow_export_alias(def))
        .all(|other| group.contains(&other))
}

fn references(linker: &Linker, def: Def) -> Arc<References> {
    linker.references(def, false)
}

fn trees() -> Vec<Tree> {
    let written = FORMS
        .iter()
        .chain(FLOWS)
        .chain(CIRCLES)
        .filter(|circle| **circle != REQUIRED_OF_EACH_OTHER);
    let mut trees: Vec<Tree> = written
        .map(|circle| Tree::of(circle.iter().copied()))
        .collect();
    for seed in 0..SOUPS {
        let files = soup::files(&mut Chance::seeded(seed));
        trees.push(Tree::of(
            files.iter().map(|(path, text)| (&**path, &**text)),
        ));
    }
    trees
}

#[test]
fn references_are_the_inverse_of_meaning() {
    for tree in trees() {
        assert_eq!(broken(&tree, references), Vec::<String>::new());
    }
}

#[test]
fn references_that_stop_at_the_end_of_a_file_are_seen() {
    let in_its_file = |linker: &Linker, def: Def| {
        let found = linker.references(def, false);
        let here = found
            .certain
            .iter()
            .filter(|one| one.place.file == def.file);
        Arc::new(References {
            certain: here.copied().collect(),
            ..References::default()
        })
    };
    for form in FORMS.iter().filter(|form| form.len() > 1) {
        let tree = Tree::of(form.iter().copied());
        assert!(!broken(&tree, in_its_file).is_empty(), "{form:#?}");
    }
}

/// Values that flow to an occurrence, and leads back from neither its definitions by name nor by flow.
fn lost(tree: &Tree, flow: impl Fn(&Linker, Def) -> Arc<[FlowReference]>) -> Vec<String> {
    let linker = &tree.linker();
    let shown = Shown { tree, linker };
    let mut found = Vec::new();
    for place in tree.files().flat_map(|file| occurrences(linker, file)) {
        for def in linker.flow_at(place).definitions() {
            let certain = &linker.references(def, false).certain;
            let leads = flow(linker, def).iter().any(|one| one.place == place);
            if !leads && certain.iter().all(|one| one.place != place) {
                let (place, def) = (shown.place(place), shown.definition(def));
                found.push(format!("{def} flows to {place} and does not lead there"));
            }
        }
    }
    found
}

#[test]
fn what_flows_to_an_occurrence_leads_there() {
    for form in FLOWS {
        let tree = Tree::of(form.iter().copied());
        let by_flow = |linker: &Linker, def: Def| linker.flow_references(def);
        assert_eq!(lost(&tree, by_flow), Vec::<String>::new());
        assert!(!lost(&tree, |_, _| [].into()).is_empty(), "{form:#?}");
    }
}

/// Nothing that is written rests on flow: what is declared is the same whether it was asked before or not.
#[test]
fn references_by_flow_are_apart_from_those_that_are_certain() {
    for form in FLOWS {
        let tree = Tree::of(form.iter().copied());
        let linker = tree.linker();
        for def in tree.files().flat_map(|file| definitions(&linker, file)) {
            let by_flow: Vec<Place> = linker
                .flow_references(def)
                .iter()
                .map(|one| one.place)
                .collect();
            let certain = &linker.references(def, false).certain;
            assert!(certain.iter().all(|one| !by_flow.contains(&one.place)));
        }
    }
}
