//! What files offer, and what of it nobody takes.

use rustc_hash::FxHashSet;

use super::Linker;
use super::references::Reference;
use crate::facts::codes::{definition, flag, role};
use crate::facts::{Def, ExportKind, FileId};

/// An export of a file, and its uses in other files.
#[derive(Clone, Debug)]
pub struct ExportUse {
    /// The exported name; `=` is the whole of a CommonJS module.
    pub name: String,
    pub def: Def,
    /// Certain uses in other files, imports not counted.
    pub uses: u32,
    /// The other files that refer to it.
    pub files: Vec<FileId>,
    pub possible: u32,
}

/// Why a definition seems to be unused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unused {
    /// Nothing uses it, and nothing outside of its file can.
    Certain,
    /// It is exported, and used nowhere in the tree.
    Exported,
    /// It is a member: dynamic uses are not seen.
    Member,
    OnlyTests,
    /// Uses whose receiver is not known may mean it.
    Possible,
}

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

    /// What entry files give to the world, through all re-exports.
    pub fn offered(&self, entries: &[FileId]) -> FxHashSet<Def> {
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
                found.extend(
                    self.exported(file, unit.export_name(row))
                        .iter()
                        .filter_map(|part| part.definition()),
                );
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

    /// The exports of files with their uses elsewhere; all of them are finished, also when the linker was stopped.
    pub fn export_uses(&self, files: &[FileId]) -> Vec<ExportUse> {
        self.load(files);
        let mut rows = Vec::new();
        for &file in files {
            for (name, def) in self.exports(file) {
                let row = self.export_use(file, name, def);
                if !self.step() {
                    return rows;
                }
                rows.push(row);
            }
        }
        rows
    }

    fn export_use(&self, file: FileId, name: String, def: Def) -> ExportUse {
        let found = self.references(def, false);
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
        ExportUse {
            name,
            def,
            uses: crate::facts::len32(outside.iter().filter(is_use).count()),
            files,
            possible: self.count_possible(&found),
        }
    }

    /// The definitions of files that nothing uses, with how sure that is; a definition inside an unused one is left out.
    ///
    /// `judges` says which are looked at, `is_test` whether a file is a test; what is `offered` counts as used. All verdicts are
    /// finished, also when the linker was stopped.
    pub fn unused(
        &self,
        files: &[FileId],
        offered: &FxHashSet<Def>,
        judges: impl Fn(u32, u32) -> bool,
        is_test: impl Fn(FileId) -> bool,
    ) -> Vec<(Def, Unused)> {
        self.load(files);
        let mut found = Vec::new();
        for &file in files {
            let unit = self.unit(file);
            let mut judged_until = 0;
            for id in self.outline(file) {
                let def = Def { file, id };
                let (start, end) = unit.extent(id);
                let kind = unit.kind(id);
                let can_be_judged = is_judged(kind)
                    && !unit.has(id, flag::DECLARE | flag::OVERLOAD | flag::COMPUTED);
                if !self.step() {
                    return found;
                }
                if start < judged_until
                    || !can_be_judged
                    || offered.contains(&def)
                    || !judges(kind, unit.flags_of(id))
                {
                    continue;
                }
                let verdict = self.verdict(def, &is_test);
                if self.is_stopped() {
                    return found;
                }
                if let Some(verdict) = verdict {
                    judged_until = end;
                    found.push((def, verdict));
                }
            }
        }
        found
    }

    /// Why nothing seems to use a definition; none when something does.
    fn verdict(&self, def: Def, is_test: &impl Fn(FileId) -> bool) -> Option<Unused> {
        let unit = self.unit(def.file);
        let is_member = unit.owner(def.id).is_some();
        if !is_test(def.file) && !is_member {
            // known without looking at any other file
            let mut own = unit.occurrences_of(unit.symbol(def.id));
            if own.any(|id| self.is_use(def, def.file, unit.role(id), unit.start(id))) {
                return None;
            }
        }
        let found = self.references(def, false);
        let mut uses = found
            .certain
            .iter()
            .filter(|one| {
                let unit = self.unit(one.place.file);
                !one.alias
                    && self.is_use(
                        def,
                        one.place.file,
                        unit.role(one.place.id),
                        unit.start(one.place.id),
                    )
            })
            .peekable();
        let only_tests = uses.peek().is_some();
        if uses.any(|one| !is_test(one.place.file)) {
            return None;
        }
        if self.count_possible(&found) > 0 {
            return Some(Unused::Possible);
        }
        if only_tests {
            return Some(Unused::OnlyTests);
        }
        if is_member {
            return Some(Unused::Member);
        }
        Some(if unit.has(def.id, flag::EXPORTED) {
            Unused::Exported
        } else {
            Unused::Certain
        })
    }

    /// Whether an occurrence uses the definition from outside: no declaration, no import or export of it, no recursion.
    fn is_use(&self, def: Def, file: FileId, role: u32, at: u32) -> bool {
        if role & (role::DECLARES | role::IMPORT | role::EXPORT) != 0 {
            return false;
        }
        let (start, end) = self.unit(def.file).extent(def.id);
        file != def.file || !(start..end).contains(&at)
    }
}

fn is_judged(kind: u32) -> bool {
    matches!(
        kind,
        definition::VARIABLE
            | definition::CONSTANT
            | definition::FUNCTION
            | definition::CLASS
            | definition::METHOD
            | definition::GETTER
            | definition::INTERFACE
            | definition::TYPE
            | definition::ENUM
    )
}
