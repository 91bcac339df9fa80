//! Modules and classes that are taken as one value, so that what they export or hold is used without being named.

use rustc_hash::FxHashSet;

use super::values::Head;
use super::{Importer, Linker};
use crate::facts::codes::{import, role};
use crate::facts::{Def, DefinitionId, ExportKind, FileId, Node, NodeId, Unit};

impl Linker {
    /// True when other code takes the exports of a file as one value, and does more with it than name a property.
    pub(super) fn is_taken_whole(&self, file: FileId) -> bool {
        let mut seen = FxHashSet::default();
        let mut todo = vec![file];
        while let Some(file) = todo.pop() {
            if !seen.insert(file) {
                continue;
            }
            if names_its_path(self.unit(file)) {
                return true;
            }
            for &Importer { file: from, import } in self.importers(file) {
                if !self.step() {
                    return true;
                }
                let unit = self.unit(from);
                match unit.import_kind(import) {
                    // whoever gets the path can load the file
                    import::REQUIRE_RESOLVE | import::URL => return true,
                    import::DYNAMIC | import::REQUIRE if self.is_required_whole(from, import.0) => {
                        return true;
                    }
                    _ => {}
                }
                for row in unit.exports_from(import) {
                    match unit.export_kind(row) {
                        ExportKind::All => todo.push(from),
                        _ if unit.export_imported(row) == "*" => return true,
                        _ => {}
                    }
                }
                let mut wholes = unit
                    .bindings_from(import)
                    .filter(|&binding| matches!(unit.binding_name(binding), "*" | "="))
                    .filter_map(|binding| unit.binding_local(binding));
                if wholes.any(|local| self.is_handed_over(from, local)) {
                    return true;
                }
            }
        }
        false
    }

    /// The other files that export a definition, under whatever name.
    pub(super) fn exported_again(&self, def: Def) -> Vec<FileId> {
        let unit = self.unit(def.file);
        let names = unit.exports_of(def.id).map(|row| unit.export_name(row));
        let mut todo: Vec<(FileId, &str)> = names.map(|name| (def.file, name)).collect();
        let mut seen: FxHashSet<(FileId, &str)> = todo.iter().copied().collect();
        let mut files = Vec::new();
        while let Some((file, name)) = todo.pop() {
            for &Importer { file: from, import } in self.importers(file) {
                if !self.step() {
                    return files;
                }
                let unit = self.unit(from);
                let named = unit.exports_from(import).filter_map(|row| {
                    if unit.export_kind(row) == ExportKind::All {
                        Some(name)
                    } else {
                        (unit.export_imported(row) == name).then(|| unit.export_name(row))
                    }
                });
                let bound = unit
                    .bindings_from(import)
                    .filter(|&binding| unit.binding_name(binding) == name)
                    .filter_map(|binding| unit.binding_local(binding))
                    .flat_map(|local| unit.exports_of(local))
                    .map(|row| unit.export_name(row));
                for name in named.chain(bound) {
                    if seen.insert((from, name)) {
                        files.push(from);
                        todo.push((from, name));
                    }
                }
            }
        }
        files
    }

    /// The class that a definition is a member of, or the function of its file on whose `prototype` it is put.
    pub(super) fn class_of(&self, def: Def) -> Option<Def> {
        let unit = self.unit(def.file);
        let id = match unit.node(unit.owner(def.id)?) {
            Node::Class(class) => unit.class_definition(class),
            Node::Prototype(base) => {
                let values = self.set(self.expanded(self.evaluate(def.file, base)));
                values.heads().find_map(|head| match head {
                    Head::Function(at, function) if at == def.file => {
                        unit.function_definition(function)
                    }
                    _ => None,
                })
            }
            _ => None,
        }?;
        Some(Def { file: def.file, id })
    }

    /// True when a class is used for more than to be extended, to make instances, and for its static members.
    pub(super) fn is_class_handed_on(&self, class: Def) -> bool {
        const HARMLESS: u32 = role::DECLARES
            | role::IMPORT
            | role::EXPORT
            | role::TYPE
            | role::TYPEOF
            | role::HERITAGE
            | role::CALL
            | role::NEW
            | role::DESTRUCTURE_KEY;
        self.references(class, false).certain.iter().any(|one| {
            let (file, id) = (one.place.file, one.place.id);
            let unit = self.unit(file);
            let is_module = |owner: NodeId| {
                matches!(unit.node(owner), Node::ModuleExports)
                    || self.is_module_itself(file, owner)
            };
            // a second name, whose uses count by themselves, or an export
            let is_named = |node: NodeId| {
                let mut holders = unit.valued(node).map(|holder| unit.owner(holder));
                unit.exports_valued(node).next().is_some()
                    || holders.any(|owner| owner.is_none_or(is_module))
            };
            let is_asked = |node: NodeId| {
                let mut parents = unit.parents(node.0).map(|parent| unit.node(parent));
                parents.any(|parent| matches!(parent, Node::Member { .. } | Node::Prototype(_)))
            };
            unit.role(id) & HARMLESS == 0
                && unit
                    .node_of(id)
                    .is_some_and(|node| !is_asked(node) && !is_named(node))
        })
    }

    /// True when the value of `require(…)` or `import(…)` goes anywhere but to a property or a constant that is only asked for properties.
    fn is_required_whole(&self, file: FileId, import: u32) -> bool {
        let unit = self.unit(file);
        let is_call =
            |node: &NodeId| matches!(unit.node(*node), Node::Require(_) | Node::DynamicImport(_));
        unit.parents(import).filter(is_call).any(|node| {
            let is_dynamic = matches!(unit.node(node), Node::DynamicImport(_));
            let mut holders = unit.valued(node).peekable();
            let is_asked = unit
                .parents(node.0)
                .any(|parent| matches!(unit.node(parent), Node::Member { .. }));
            if holders.peek().is_some() {
                holders
                    .any(|holder| unit.owner(holder).is_some() || self.is_handed_over(file, holder))
            } else {
                is_dynamic || !is_asked
            }
        })
    }

    /// True when a name that holds a module is used for more than its properties.
    fn is_handed_over(&self, file: FileId, local: DefinitionId) -> bool {
        const HARMLESS: u32 = role::DECLARES
            | role::IMPORT
            | role::TYPE
            | role::TYPEOF
            | role::HERITAGE
            | role::CALL
            | role::NEW
            | role::JSX
            | role::TAGGED
            | role::MENTION;
        let unit = self.unit(file);
        unit.occurrences_of(unit.symbol(local)).any(|id| {
            unit.role(id) & HARMLESS == 0
                && unit.node_of(id).is_none_or(|node| {
                    !unit
                        .parents(node.0)
                        .any(|parent| matches!(unit.node(parent), Node::Member { .. }))
                })
        })
    }
}

/// True when a file takes its own path, by which whoever gets it can load the file: loaders and workers are named so.
fn names_its_path(unit: &Unit) -> bool {
    unit.string("__filename").is_some_and(|name| {
        let mut named = unit.occurrences_named(name);
        named.any(|id| unit.target(id).is_none())
    })
}
