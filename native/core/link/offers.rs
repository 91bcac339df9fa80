//! Offers of files, and how they are taken.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::references::{Reference, References};
use super::values::Head;
use super::{Linker, Part};
use crate::facts::codes::{definition, role};
use crate::facts::{Def, ExportId, ExportKind, FileId, ImportId};

/// An export of a file, and its uses in other files.
#[derive(Clone, Debug)]
pub struct ExportUse {
    /// The file that exports it.
    pub file: FileId,
    /// The exported name; `=` is the whole of a CommonJS module.
    pub name: String,
    /// None for a module as a whole, and for what comes from outside of the tree.
    pub def: Option<Def>,
    /// The module that is handed on as a whole: `export * as name from`.
    pub module: Option<FileId>,
    /// Place at which the file hands on what another one defines.
    pub handed_on_at: Option<u32>,
    /// Certain uses in other files, imports not counted; of what is handed on, those that take it from here.
    pub uses: u32,
    /// The other files that refer to it.
    pub files: Vec<FileId>,
    pub possible: u32,
}

/// Entry files, and what they give to the world.
pub(super) type Offered = (Box<[FileId]>, Arc<FxHashSet<Def>>);

impl Linker {
    /// The definitions that a file itself exports, by exported name; re-exports belong to the file they come from.
    pub fn exports(&self, file: FileId) -> Vec<(String, Def)> {
        let unit = self.unit(file);
        let mut found: Vec<(String, Def)> = Vec::new();
        let mut names: FxHashSet<String> = FxHashSet::default();
        let mut offer = |name: &str, def: Def| {
            if names.insert(name.to_owned()) {
                found.push((name.to_owned(), def));
            }
        };
        for row in unit.export_ids() {
            if !self.step() {
                break;
            }
            let kind = unit.export_kind(row);
            if matches!(kind, ExportKind::All | ExportKind::Merged)
                || unit.export_import(row).is_some()
            {
                continue;
            }
            let name = unit.export_name(row);
            for def in self
                .exported(file, name)
                .iter()
                .filter_map(|part| part.definition())
            {
                if def.file == file {
                    offer(name, def);
                }
            }
            if let Some(value) = unit.export_value(row).filter(|_| kind == ExportKind::Whole) {
                for id in unit.owned_by(value) {
                    offer(unit.name(id), Def { file, id });
                }
            }
        }
        found
    }

    /// Definitions that entry files give to the world, through all re-exports; the last answer is kept, for questions that are asked in parts.
    pub fn offered(&self, entries: &[FileId]) -> Arc<FxHashSet<Def>> {
        if let Some((known, offered)) = &*self.offered.borrow()
            && known[..] == *entries
        {
            return Arc::clone(offered);
        }
        let found = Arc::new(self.find_offered(entries));
        if !self.is_stopped() {
            *self.offered.borrow_mut() = Some((entries.into(), Arc::clone(&found)));
        }
        found
    }

    fn find_offered(&self, entries: &[FileId]) -> FxHashSet<Def> {
        let mut found = FxHashSet::default();
        let mut seen = FxHashSet::default();
        let mut todo = entries.to_vec();
        while let Some(file) = todo.pop() {
            if !seen.insert(file) {
                continue;
            }
            let unit = self.unit(file);
            for row in unit.export_ids() {
                if !self.step() {
                    return found;
                }
                for part in self.exported(file, unit.export_name(row)).iter() {
                    match *part {
                        Part::Definition(def) => {
                            found.insert(def);
                            if self.unit(def.file).kind(def.id) == definition::IMPORT {
                                let value = self.set(self.value_of(def));
                                todo.extend(value.heads().filter_map(module_of));
                            }
                        }
                        Part::Value(value) => todo.extend(module_of(value.head)),
                    }
                }
                match unit.export_kind(row) {
                    ExportKind::Whole => {
                        let members = unit
                            .export_value(row)
                            .into_iter()
                            .flat_map(|value| unit.owned_by(value));
                        found.extend(members.map(|id| Def { file, id }));
                    }
                    ExportKind::All => todo.extend(
                        unit.export_import(row)
                            .and_then(|import| self.target(file, import)),
                    ),
                    _ => {}
                }
            }
        }
        found
    }

    /// Re-exports of a file: exported name, definition, and where.
    fn re_exports(&self, file: FileId) -> Vec<(String, Option<Def>, u32)> {
        let unit = self.unit(file);
        let own: FxHashSet<&str> = unit.export_ids().map(|row| unit.export_name(row)).collect();
        let mut found: Vec<(String, Option<Def>, u32)> = Vec::new();
        let mut known: FxHashSet<String> = FxHashSet::default();
        let mut stars: Vec<(ImportId, FileId)> = Vec::new();
        for row in unit.export_ids() {
            if !self.step() {
                return found;
            }
            match unit.export_kind(row) {
                ExportKind::Named(name) => {
                    if let Some((def, at)) = self.handed_on(file, row)
                        && known.insert(name.to_owned())
                    {
                        found.push((name.to_owned(), def, at));
                    }
                }
                ExportKind::All => stars.extend(
                    unit.export_import(row)
                        .and_then(|import| Some((import, self.target(file, import)?))),
                ),
                ExportKind::Whole | ExportKind::Merged => {}
            }
        }
        for (import, target) in stars {
            for name in self.names_offered(target) {
                if own.contains(&*name) || !known.insert(name.clone()) {
                    continue;
                }
                let parts = self.exported(file, &name);
                let def = parts.iter().find_map(|part| part.definition());
                found.push((name, def, unit.import_start(import)));
            }
        }
        found
    }

    /// Re-export behind a named export, and its place; none where the file defines it itself.
    fn handed_on(&self, file: FileId, row: ExportId) -> Option<(Option<Def>, u32)> {
        let unit = self.unit(file);
        let parts = self.exported(file, unit.export_name(row));
        let mut defs = parts.iter().filter_map(|part| part.definition());
        let from = unit.export_import(row).or_else(|| {
            let local = unit.export_definition(row)?;
            let binding = unit.bindings_of(local).next()?;
            Some(unit.binding_import(binding))
        });
        let def = defs.next();
        if def.map_or(from.is_none(), |def| def.file == file) {
            return None;
        }
        let at = unit
            .export_occurrence(row)
            .map(|occurrence| unit.start(occurrence));
        let at = at.or_else(|| from.map(|import| unit.import_start(import)))?;
        Some((def, at))
    }

    /// The names that `export *` from a file hands on.
    fn names_offered(&self, file: FileId) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        let mut known: FxHashSet<String> = FxHashSet::default();
        let mut seen = FxHashSet::default();
        let mut todo = vec![file];
        while let Some(file) = todo.pop() {
            if !seen.insert(file) {
                continue;
            }
            let unit = self.unit(file);
            for row in unit.export_ids() {
                if !self.step() {
                    return names;
                }
                match unit.export_kind(row) {
                    ExportKind::Named(name)
                        if name != "default" && known.insert(name.to_owned()) =>
                    {
                        names.push(name.to_owned());
                    }
                    ExportKind::All => todo.extend(
                        unit.export_import(row)
                            .and_then(|import| self.target(file, import)),
                    ),
                    _ => {}
                }
            }
        }
        names
    }

    /// The exports of files with their uses elsewhere; all of them are finished, also when the linker was stopped.
    pub fn export_uses(&self, files: &[FileId]) -> Vec<ExportUse> {
        self.load(files);
        let mut rows = Vec::new();
        for &file in files {
            for (name, def) in self.exports(file) {
                let found = self.references(def, false);
                let row = self.export_use(file, (name, Some(def), None), &found);
                if !self.step() {
                    return rows;
                }
                rows.push(row);
            }
            for (name, def, at) in self.re_exports(file) {
                let found = self.references_through(file, &name, def, None);
                let row = self.export_use(file, (name, def, Some(at)), &found);
                if !self.step() {
                    return rows;
                }
                rows.push(row);
            }
        }
        rows
    }

    fn export_use(
        &self,
        file: FileId,
        (name, def, handed_on_at): (String, Option<Def>, Option<u32>),
        found: &References,
    ) -> ExportUse {
        let outside: Vec<&Reference> = found
            .certain
            .iter()
            .filter(|one| one.place.file != file)
            .collect();
        let is_use = |one: &&&Reference| {
            !one.alias
                && self.unit(one.place.file).role(one.place.id) & (role::IMPORT | role::EXPORT) == 0
        };
        let mut files: Vec<FileId> = outside.iter().map(|one| one.place.file).collect();
        files.dedup();
        let parts = match def {
            None => self.exported(file, &name),
            Some(_) => Arc::default(),
        };
        let module = parts.iter().find_map(|part| match part {
            Part::Value(value) => match value.head {
                Head::Exports(module) => Some(module),
                _ => None,
            },
            Part::Definition(_) => None,
        });
        ExportUse {
            file,
            module,
            name,
            def,
            handed_on_at,
            uses: crate::facts::len32(outside.iter().filter(is_use).count()),
            files,
            possible: self.count_possible(found),
        }
    }
}

/// The file whose exports a value is.
fn module_of(head: Head) -> Option<FileId> {
    match head {
        Head::Exports(file) => Some(file),
        _ => None,
    }
}
