//! How other files take what a file exports.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::{Importer, Linker, NameId};
use crate::facts::codes::import;
use crate::facts::{BindingId, ExportId, ExportKind, FileId, Node, NodeId};

/// How other files take what a file exports, by the name that they take.
#[derive(Default)]
pub(in crate::link) struct Arrivals {
    pub(super) bindings: FxHashMap<NameId, Vec<(FileId, BindingId)>>,
    /// Re-exports under a name.
    pub(super) exports: FxHashMap<NameId, Vec<(FileId, ExportId)>>,
    /// `export * from`.
    pub(super) stars: Vec<Importer>,
    pub(super) augmentations: Vec<Importer>,
    pub(super) requires: Vec<(FileId, NodeId)>,
    /// Components that are imported when they are first shown.
    pub(super) lazy: Vec<(FileId, NodeId)>,
    /// Files that export what they require as a whole.
    pub(super) handed_on: Vec<FileId>,
}

impl Linker {
    /// How other files take what a file exports.
    pub(super) fn arrivals(&self, file: FileId) -> Arc<Arrivals> {
        if let Some(known) = self.arrivals.borrow().get(&file) {
            return Arc::clone(known);
        }
        let importers = self.importers(file);
        self.load(
            &importers
                .iter()
                .map(|importer| importer.file)
                .collect::<Vec<_>>(),
        );
        let mut found = Arrivals::default();
        for &importer in importers {
            let (from, unit) = (importer.file, self.unit(importer.file));
            for binding in unit.bindings_from(importer.import) {
                let name = self.name_id(unit.binding_name(binding));
                found
                    .bindings
                    .entry(name)
                    .or_default()
                    .push((from, binding));
            }
            for row in unit.exports_from(importer.import) {
                if unit.export_kind(row) == ExportKind::All {
                    found.stars.push(importer);
                } else {
                    let name = self.name_id(unit.export_imported(row));
                    found.exports.entry(name).or_default().push((from, row));
                }
            }
            if unit.import_kind(importer.import) == import::AUGMENT {
                found.augmentations.push(importer);
            }
            let dynamic = unit
                .parents(importer.import.0)
                .filter(|&node| matches!(unit.node(node), Node::DynamicImport(_)));
            for node in dynamic {
                let shown = unit.parents(node.0);
                let shown = shown.filter(|&node| matches!(unit.node(node), Node::Lazy(_)));
                found.lazy.extend(shown.map(|node| (from, node)));
            }
            let is_require = |node: &NodeId| matches!(unit.node(*node), Node::Require(_));
            for node in unit.parents(importer.import.0).filter(is_require) {
                let hands_on = |row| {
                    matches!(
                        unit.export_kind(row),
                        ExportKind::Whole | ExportKind::Merged
                    )
                };
                found.requires.push((from, node));
                if unit.exports_valued(node).any(hands_on) {
                    found.handed_on.push(from);
                }
            }
        }
        let found = Arc::new(found);
        if !self.is_stopped() {
            self.arrivals.borrow_mut().insert(file, Arc::clone(&found));
        }
        found
    }
}
