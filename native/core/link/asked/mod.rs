//! From a place to everything that stands for the same, where that is not all that refers to what its name leads to.
//!
//! TypeScript's *find all references* (`services/findAllReferences.ts`) answers from the place: a declaration that others are merged with is
//! asked about in the spaces of the place alone, a member of one alternative of a union as that of all, a name that is given in passing as
//! that name, a specifier as the name of a module, a string as a literal of the type that asks for it.

mod alternatives;
mod chains;
mod literals;
mod spaces;
mod specifiers;
mod undeclared;

use std::sync::Arc;

use super::Linker;
use super::references::References;
use crate::facts::codes::flag;
use crate::facts::{Def, FileId, Node, NodeId, Place};

/// What stands for the same as a place.
#[derive(Default)]
pub struct Alike {
    pub found: Arc<References>,
    /// Words that are no occurrences of a name.
    pub words: Vec<Word>,
}

/// A word in the text, and its role in answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    pub file: FileId,
    pub at: u32,
    pub role: &'static str,
}

impl Word {
    const fn specifier(file: FileId, at: u32) -> Self {
        let role = "import";
        Self { file, at, role }
    }
}

impl Linker {
    /// What stands for the same as a place; none where that is what refers to the definitions it means.
    pub fn alike_at(&self, file: FileId, offset: u32) -> Option<Alike> {
        if let Some(alike) = self.specifiers_at(file, offset) {
            return Some(alike);
        }
        let Some(id) = self.occurrence_at(file, offset) else {
            return (self.words_at(file, offset)).or_else(|| self.literals_at(file, offset));
        };
        let place = Place { file, id };
        if !self.taken_at(place).is_empty() {
            return None;
        }
        let found = (self.in_its_chain(place))
            .or_else(|| self.of_what_it_writes(place))
            .or_else(|| self.of_what_it_repeats(place))
            .or_else(|| self.in_its_spaces(place))
            .or_else(|| self.of_all_alternatives(place))
            .or_else(|| self.undeclared_at(place).map(Arc::new));
        let words = self.import_types_of(place);
        if found.is_none() && words.is_empty() {
            return None;
        }
        let plain = || Some(self.references(self.only_meaning(place)?, false));
        let found = found.or_else(plain)?;
        Some(Alike { found, words })
    }

    /// The references of the declared member that an assignment writes.
    fn of_what_it_writes(&self, place: Place) -> Option<Arc<References>> {
        let is_assigned = |def: &Def| self.unit(def.file).has(def.id, flag::ASSIGNED);
        let here = self.declared_at(place.file, place.id);
        if here.is_empty() || !here.iter().all(is_assigned) {
            return None;
        }
        let meant = self.definitions_at(place);
        let declared = meant.iter().find(|def| !is_assigned(def))?;
        Some(self.references(*declared, false))
    }

    /// The references of the binding that an export repeats, where a place elsewhere means the export: `module.exports = { f }`.
    fn of_what_it_repeats(&self, place: Place) -> Option<Arc<References>> {
        let meant = self.definitions_at(place);
        let def = *meant.first().filter(|_| meant.len() == 1)?;
        let unit = self.unit(def.file);
        let is_there = unit.start_name(def.id) == self.unit(place.file).start(place.id);
        let binding = self.follow_shorthand(def);
        let owner = unit.owner(def.id)?;
        let is_repeated = unit.has(def.id, flag::SHORTHAND)
            && binding != def
            && !(def.file == place.file && is_there)
            && self.leaves_with_module(def.file, owner);
        is_repeated.then(|| self.references(binding, false))
    }

    /// The specifiers of `import('./x')` as a type, where a place means what the module of x exports as a whole.
    fn import_types_of(&self, place: Place) -> Vec<Word> {
        let Some(def) = self.only_meaning(place) else {
            return Vec::new();
        };
        let unit = self.unit(def.file);
        let is_whole = |row| {
            let named = unit.export_definition(row) == Some(def.id);
            let binding = unit.export_value(row).map(|value| unit.node(value));
            named || matches!(binding, Some(Node::Ident(id)) if unit.target(id) == Some(def.id))
        };
        if self.spaces_at(place) & spaces::TYPE == 0 || !unit.exports_named("=").any(is_whole) {
            return Vec::new();
        }
        let importers = self.importers(def.file).iter();
        let types = importers.filter(|importer| {
            let unit = self.unit(importer.file);
            let is_whole = |node: NodeId| match unit.node(node) {
                Node::ImportType { path, .. } => unit.list(path).is_empty(),
                _ => false,
            };
            unit.parents(importer.import.0).any(is_whole)
        });
        let words = types.map(|importer| {
            let start = self.unit(importer.file).import_start(importer.import);
            Word::specifier(importer.file, start)
        });
        words.collect()
    }

    /// The only thing that a place means.
    fn only_meaning(&self, place: Place) -> Option<Def> {
        let meant = self.definitions_at(place);
        let first = *meant.first()?;
        let together = self.merged(first);
        let is_one = meant.iter().all(|def| together.contains(def));
        is_one.then_some(first)
    }
}
