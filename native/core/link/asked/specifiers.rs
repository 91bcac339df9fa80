//! Module specifiers: names of modules, in quotes.

use std::sync::Arc;

use super::super::Linker;
use super::super::references::References;
use super::{Alike, Word};
use crate::facts::codes::{definition, node, role};
use crate::facts::{Def, DefinitionId, FileId, ImportId, Node, Unit, len32};

/// A module that specifiers name.
enum Module {
    OfTree(FileId),
    /// One of a package, or that nothing provides, by its name.
    Outside(Box<str>),
}

impl Linker {
    /// Every specifier of the module that one at a place names, and what the module assigns to its exports as a whole.
    pub(super) fn specifiers_at(&self, file: FileId, offset: u32) -> Option<Alike> {
        let module = self.module_at(file, offset)?;
        let mut words = match &module {
            Module::OfTree(target) => self.specifiers_of(*target),
            Module::Outside(name) => self.specifiers_outside(name),
        };
        let mut found = Arc::new(References::default());
        if let Module::OfTree(target) = module {
            words.extend(self.assigned_in(target));
            if let Some(def) = self.exported_binding(target) {
                found = self.references(def, false);
            }
        }
        Some(Alike { found, words })
    }

    fn module_at(&self, file: FileId, offset: u32) -> Option<Module> {
        let unit = self.unit(file);
        let touches = |(start, end): (u32, u32)| start <= offset + 1 && offset <= end;
        let holds = |&at: &u32| at <= offset && offset < at + len32("module".len());
        let mut imports = (0..unit.import_count()).map(ImportId);
        if let Some(import) = imports.find(|&import| touches(unit.import_span(import))) {
            let target = self.files[file.0 as usize].targets.get(import.row());
            return Some(match target.copied().flatten() {
                Some(target) => Module::OfTree(target),
                None => Module::Outside(unit.specifier(import).into()),
            });
        }
        if assigned_exports(unit).iter().any(holds) {
            return Some(Module::OfTree(file));
        }
        let mut blocks = unit.definition_ids().filter(|&id| is_quoted(unit, id));
        let block = blocks.find(|&id| touches(unit.name_span(id)))?;
        Some(Module::Outside(unit.name(block).into()))
    }

    fn specifiers_of(&self, target: FileId) -> Vec<Word> {
        let importers = self.importers(target).iter();
        importers
            .map(|importer| {
                let unit = self.unit(importer.file);
                Word::specifier(importer.file, unit.import_start(importer.import))
            })
            .collect()
    }

    /// The places where a module is given its exports as a whole; of data the whole file.
    fn assigned_in(&self, file: FileId) -> Vec<Word> {
        if !self.is_code(file) {
            let role = "definition";
            return vec![Word { file, at: 0, role }];
        }
        let assigned = assigned_exports(self.unit(file)).into_iter();
        let role = "write";
        assigned.map(|at| Word { file, at, role }).collect()
    }

    /// The specifiers of a module from outside of the tree, and the blocks that declare it.
    fn specifiers_outside(&self, name: &str) -> Vec<Word> {
        let mut found = Vec::new();
        for file in self.code_files() {
            if !self.step() {
                break;
            }
            let unit = self.unit(file);
            let Some(text) = unit.string(name) else {
                continue;
            };
            let imports = (0..unit.import_count()).map(ImportId);
            let named = imports.filter(|&import| {
                unit.specifier(import) == name && self.target(file, import).is_none()
            });
            found.extend(named.map(|import| Word::specifier(file, unit.import_start(import))));
            let blocks = unit.named(text).filter(|&id| is_quoted(unit, id));
            found.extend(blocks.map(|id| Word {
                file,
                at: unit.start_name(id),
                role: "definition",
            }));
        }
        found
    }

    /// The binding that a file exports as a whole: `export = name`.
    fn exported_binding(&self, file: FileId) -> Option<Def> {
        if !self.is_code(file) {
            return None;
        }
        let unit = self.unit(file);
        let mut whole = unit
            .exports_named("=")
            .filter_map(|row| unit.export_value(row));
        let id = whole.find_map(|node| match unit.node(node) {
            Node::Ident(occurrence) => unit.target(occurrence),
            _ => None,
        })?;
        Some(Def { file, id })
    }
}

/// The places of `module` in `module.exports = …`, else of `export` in `export = …`.
fn assigned_exports(unit: &Unit) -> Vec<u32> {
    const WRITTEN: u32 = role::WRITE | role::MEMBER;
    let named = unit.string("exports").into_iter();
    let written = named
        .flat_map(|text| unit.occurrences_named(text))
        .filter(|&id| unit.role(id) & WRITTEN == WRITTEN)
        .filter_map(|id| unit.node_of(id))
        .filter(|&node| matches!(unit.node(node), Node::ModuleExports));
    let mut found: Vec<u32> = written.map(|node| unit.node_start(node)).collect();
    if found.is_empty() && unit.exports_named("=").next().is_some() {
        let nodes = unit.nodes_of_kind(node::MODULE_EXPORTS);
        found.extend(nodes.map(|node| unit.node_start(node)));
    }
    found
}

/// True for the block of `declare module 'x'`.
fn is_quoted(unit: &Unit, id: DefinitionId) -> bool {
    let at = unit.start_name(id);
    let is_bound = || unit.occurrences_in((at, at + 1)).next().is_some();
    unit.kind(id) == definition::NAMESPACE && unit.name(id) != "global" && !is_bound()
}
