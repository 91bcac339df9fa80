//! Every occurrence of a file with what it leads to, for a comparison with the same file of another tree.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::Linker;
use crate::facts::codes::{flag, meta, role};
use crate::facts::{
    Def, DefinitionId, ExportKind, FileId, ImportId, Node, OccurrenceId, Place, StringId,
};

/// An occurrence, and what it leads to.
pub struct Meaning {
    pub occurrence: OccurrenceId,
    /// The binding of the file that it names.
    pub binding: Option<DefinitionId>,
    /// One of the sets of definitions.
    pub set: u32,
}

/// Occurrences by place. Many lead to the same, so what they lead to stands once; a name of a binding with nothing known behind it leads to the
/// binding.
#[derive(Default)]
pub struct Meanings {
    pub rows: Vec<Meaning>,
    pub sets: Vec<Arc<[Def]>>,
}

impl Linker {
    /// The meanings of a file's occurrences, those in the prose of comments aside; with names, only of those that lead out of the file, and
    /// of members only those with one of them.
    /// What was found, once it is stopped.
    pub fn meanings(&self, file: FileId, members: Option<&[String]>) -> Meanings {
        let unit = self.unit(file);
        let names: Option<FxHashSet<StringId>> =
            members.map(|names| names.iter().filter_map(|name| unit.string(name)).collect());
        let mut known: FxHashMap<Arc<[Def]>, u32> = FxHashMap::default();
        let mut found = Meanings::default();
        for occurrence in (0..unit.occurrence_count()).map(OccurrenceId) {
            if unit.role(occurrence) & role::MENTION != 0 {
                continue;
            }
            let is_wanted = |names: &FxHashSet<StringId>| {
                unit.role(occurrence) & role::MEMBER == 0
                    || names.contains(&unit.occurrence_name(occurrence))
            };
            if !names.as_ref().is_none_or(is_wanted) {
                continue;
            }
            if !self.step() {
                return found;
            }
            let binding = unit.target(occurrence);
            let id = occurrence;
            let mut meant = self.definitions_at(Place { file, id }).to_vec();
            if let Some(id) = binding.filter(|_| meant.is_empty()) {
                meant = self.merged(Def { file, id });
            }
            if names.is_some() && meant.iter().all(|def| def.file == file) {
                continue;
            }
            meant.sort_unstable();
            let meant: Arc<[Def]> = meant.into();
            let set = *known.entry(meant).or_insert_with_key(|meant| {
                found.sets.push(Arc::clone(meant));
                crate::facts::len32(found.sets.len() - 1)
            });
            found.rows.push(Meaning {
                occurrence,
                binding,
                set,
            });
        }
        found
    }

    /// True for `x.name` where not all is known that x can be.
    pub fn has_unknown_receiver(&self, place: Place) -> bool {
        let unit = self.unit(place.file);
        let base = match unit.node_of(place.id).map(|node| unit.node(node)) {
            Some(Node::Member { base, .. }) => base,
            _ => return false,
        };
        let receivers = self.set(self.expanded(self.evaluate(place.file, base)));
        receivers.top || receivers.open || receivers.is_unknown()
    }

    /// The names that a file takes out of another one of the tree, which exports no such thing: those of import and export specifiers. Of a
    /// module whose exports are not all written in it nothing is said.
    pub fn dangling_specifiers(&self, file: FileId) -> Vec<OccurrenceId> {
        let unit = self.unit(file);
        let lacks = |import, name: &str| {
            let target = self.target(file, import)?;
            let is_known = !matches!(name, "*" | "=") && self.tells_its_exports(target);
            (is_known && self.imported_meaning(target, name).is_empty()).then_some(())
        };
        let bindings = (0..unit.import_count()).flat_map(|id| unit.bindings_from(ImportId(id)));
        let taken = bindings.filter_map(|binding| {
            lacks(unit.binding_import(binding), unit.binding_name(binding))?;
            unit.binding_occurrence(binding)
        });
        let handed_on = unit.export_ids().filter_map(|row| {
            lacks(unit.export_import(row)?, unit.export_imported(row))
                .filter(|()| unit.export_kind(row) != ExportKind::All)?;
            unit.export_occurrence(row)
        });
        let mut found: Vec<OccurrenceId> = taken.chain(handed_on).collect();
        found.sort_unstable();
        found
    }

    /// True for a module of ECMAScript, read as a whole, whose exports all stand in it or come from such modules.
    fn tells_its_exports(&self, file: FileId) -> bool {
        let mut seen = FxHashSet::default();
        let mut todo = vec![file];
        while let Some(file) = todo.pop() {
            let unit = self.unit(file);
            let is_whole = unit.is(meta::ESM) && !unit.is(meta::HAS_ERRORS | meta::COMMONJS);
            let is_written = |row| {
                !matches!(
                    unit.export_kind(row),
                    ExportKind::Whole | ExportKind::Merged
                )
            };
            if !is_whole || !unit.export_ids().all(is_written) {
                return false;
            }
            for row in unit.exports_named("*") {
                let target = unit
                    .export_import(row)
                    .and_then(|import| self.target(file, import));
                match target {
                    Some(target) if seen.insert(target) => todo.push(target),
                    Some(_) => {}
                    None => return false,
                }
            }
        }
        true
    }

    /// The definitions whose names start in one of the spans, which ascend, by place.
    pub fn definitions_in(&self, file: FileId, spans: &[(u32, u32)]) -> Vec<DefinitionId> {
        let unit = self.unit(file);
        let is_in = |at: u32| {
            let next = spans.partition_point(|&(start, _)| start <= at);
            next > 0 && at < spans[next - 1].1
        };
        let mut found: Vec<DefinitionId> = unit
            .definition_ids()
            .filter(|&id| is_in(unit.start_name(id)))
            .collect();
        found.sort_by_key(|&id| (unit.start_name(id), id));
        found
    }

    /// True for what only a function around it can name.
    pub fn is_inner(&self, def: Def) -> bool {
        let unit = self.unit(def.file);
        unit.owner(def.id).is_none() && unit.has(def.id, flag::LOCAL)
    }
}
