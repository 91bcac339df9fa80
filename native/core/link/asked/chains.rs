//! Names that stand for something under another name: `b` of `import { a as b }` and of `export { a as b }`.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::super::Linker;
use super::super::definitions::{is_new_name, is_renamed};
use super::super::references::References;
use crate::facts::codes::definition;
use crate::facts::{Def, ExportId, FileId, OccurrenceId, Place};

/// A name that is given on the way from a definition to a place.
#[derive(Clone, Copy, Debug)]
enum Given {
    /// The name that an import binds here.
    Here(Def),
    /// The name that a file has for others, in a specifier.
    ForOthers(FileId, ExportId),
    /// No name is given on the way: `export { a } from './x'` hands on what `a` is in the end.
    Nothing,
}

impl Linker {
    /// The references of the name that was given last on the way to a place; none where the definition's own name leads there.
    pub(super) fn in_its_chain(&self, place: Place) -> Option<Arc<References>> {
        match self.given_at(place)? {
            Given::Here(def) => Some(self.references(def, false)),
            Given::ForOthers(file, row) => {
                let unit = self.unit(file);
                let name = unit.export_name(row);
                let origin = self.exported(file, name);
                let origin = origin.iter().find_map(|part| part.definition());
                let new_name = unit.export_occurrence(row).map(|id| Place { file, id });
                let found = self.references_through(file, name, origin, new_name);
                Some(Arc::new(found))
            }
            Given::Nothing => None,
        }
    }

    fn given_at(&self, place: Place) -> Option<Given> {
        let Place { file, id } = place;
        let unit = self.unit(file);
        let mut seen = FxHashSet::default();
        if let Some(id) = unit.target(id) {
            let is_import = unit.kind(id) == definition::IMPORT;
            return is_import.then(|| self.given_by_import(Def { file, id }, &mut seen))?;
        }
        if let Some(binding) = unit.bindings_at(id).next() {
            let target = self.target(file, unit.binding_import(binding))?;
            return self.given_by_file(target, unit.binding_name(binding), &mut seen);
        }
        if let Some(row) = unit.exports_at(id).next() {
            return self.given_by_specifier(file, row, &mut seen);
        }
        let behind = OccurrenceId(id.0 + 1);
        let row = unit.exports_at(behind).find(|_| is_renamed(unit, behind))?;
        let target = self.target(file, unit.export_import(row)?)?;
        self.given_by_file(target, unit.export_imported(row), &mut seen)
    }

    fn given_by_import(&self, def: Def, seen: &mut FxHashSet<(FileId, String)>) -> Option<Given> {
        let unit = self.unit(def.file);
        let binding = unit.bindings_of(def.id).next()?;
        let name = unit.binding_name(binding);
        if matches!(name, "*" | "=") {
            return (name == "*" && !seen.is_empty()).then_some(Given::Here(def));
        }
        let is_renamed = unit
            .binding_occurrence(binding)
            .is_some_and(|id| unit.start(id) != unit.start_name(def.id));
        if is_renamed {
            return Some(Given::Here(def));
        }
        let target = self.target(def.file, unit.binding_import(binding))?;
        let given = self.given_by_file(target, name, seen);
        if name == "default" && given.is_none() {
            // a default import gives a name of its own, unless the function or class has that name or none
            let exported = self.exported(target, name);
            let mut names = exported.iter().filter_map(|part| part.definition());
            let own = names.next().map(|def| self.unit(def.file).name(def.id))?;
            let is_other = own != "default" && own != unit.name(def.id);
            return is_other.then_some(Given::Here(def));
        }
        given
    }

    fn given_by_file(
        &self,
        file: FileId,
        name: &str,
        seen: &mut FxHashSet<(FileId, String)>,
    ) -> Option<Given> {
        if !seen.insert((file, name.to_owned())) {
            return None;
        }
        let unit = self.unit(file);
        if let Some(row) = unit.exports_named(name).next() {
            return self.given_by_specifier(file, row, seen);
        }
        let all = unit.exports_named("*");
        let mut targets = all.filter_map(|row| self.target(file, unit.export_import(row)?));
        let holding = targets.find(|&target| !self.exported(target, name).is_empty())?;
        self.given_by_file(holding, name, seen)
    }

    fn given_by_specifier(
        &self,
        file: FileId,
        row: ExportId,
        seen: &mut FxHashSet<(FileId, String)>,
    ) -> Option<Given> {
        let unit = self.unit(file);
        let for_others = Some(Given::ForOthers(file, row));
        if is_new_name(unit, unit.export_occurrence(row)?) {
            return for_others;
        }
        if let Some(import) = unit.export_import(row) {
            let hands_on = |target| !self.exported(target, unit.export_imported(row)).is_empty();
            return match self.target(file, import).filter(|&target| hands_on(target)) {
                Some(_) => Some(Given::Nothing),
                None => for_others,
            };
        }
        match unit.export_definition(row) {
            Some(id) if unit.kind(id) == definition::IMPORT => {
                self.given_by_import(Def { file, id }, seen)
            }
            Some(_) => None,
            None => for_others,
        }
    }
}
