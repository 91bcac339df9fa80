//! Members that are put on something of the platform or of a package, and used in the same file by the same path: `target.lint = …`,
//! `target.lint()`.

use super::Linker;
use super::values::{Head, Set};
use crate::facts::codes::{definition, role};
use crate::facts::{Def, FileId, ImportId, Node, NodeId, Place, StringId};

/// Names that stand for other names are followed so far.
const DEEPEST: u32 = 8;

/// Memo of the same name of each function.
const OF_EACH_FUNCTION: &str = "arguments";

impl Linker {
    /// True when an import leads to no file of the tree; none where it is not known.
    fn is_outside(&self, file: FileId, import: ImportId) -> Option<bool> {
        let targets = &self.files[file.0 as usize].targets;
        targets.get(import.row()).map(Option::is_none)
    }

    /// How something from outside of the tree is reached: a global, or an import of a package, and properties of it.
    fn path_outside(&self, file: FileId, node: Option<NodeId>, depth: u32) -> Option<String> {
        let (unit, node) = (self.unit(file), node?);
        let deeper = depth.checked_sub(1)?;
        match unit.node(node) {
            Node::Ident(occurrence) => match unit.target(occurrence) {
                None => {
                    let name = unit.property(occurrence);
                    (name != OF_EACH_FUNCTION).then(|| name.to_owned())
                }
                Some(id) if unit.kind(id) == definition::IMPORT => {
                    let binding = unit.bindings_of(id).next()?;
                    let import = unit.binding_import(binding);
                    let is_outside = self.is_outside(file, import)?;
                    let name = unit.binding_name(binding);
                    is_outside.then(|| format!("{}:{name}", unit.specifier(import)))
                }
                Some(id)
                    if matches!(unit.kind(id), definition::CONSTANT | definition::VARIABLE)
                        && unit.annotation(id).is_none() =>
                {
                    self.path_outside(file, unit.value(id), deeper)
                }
                Some(_) => None,
            },
            Node::Require(import) => {
                let is_outside = self.is_outside(file, import)?;
                is_outside.then(|| format!("{}:=", unit.specifier(import)))
            }
            Node::Member { base, name } => {
                let base = self.path_outside(file, base, deeper)?;
                Some(format!("{base}.{}", unit.property(name)))
            }
            _ => None,
        }
    }

    /// The members that the same file puts on what an expression reaches, where that is nothing of the tree. What another file puts on
    /// `console` or on a package is mostly put back.
    pub(super) fn put_outside(
        &self,
        file: FileId,
        base: Option<NodeId>,
        receivers: &Set,
        name: StringId,
    ) -> Vec<Def> {
        let unit = self.unit(file);
        let put = unit.put_on_expressions(name);
        let is_outside = !receivers.is_unknown()
            && !receivers.open
            && receivers.heads().all(|head| head == Head::External);
        if put.is_empty() || !is_outside {
            return Vec::new();
        }
        let Some(path) = self.path_outside(file, base, DEEPEST) else {
            return Vec::new();
        };
        let is_there =
            |id: &_| self.path_outside(file, unit.owner(*id), DEEPEST).as_ref() == Some(&path);
        let there = put.iter().copied().filter(is_there);
        there.map(|id| Def { file, id }).collect()
    }

    /// The places that may reach a member by the path that it was put there by.
    pub(super) fn uses_outside(&self, def: Def) -> Vec<Place> {
        let (file, unit) = (def.file, self.unit(def.file));
        let is_put = unit
            .owner(def.id)
            .is_some_and(|owner| self.path_outside(file, Some(owner), DEEPEST).is_some());
        if !is_put {
            return Vec::new();
        }
        let named = unit.occurrences_named(unit.name_id(def.id));
        named
            .filter(|&id| unit.role(id) & (role::MEMBER | role::MENTION) == role::MEMBER)
            .map(|id| Place { file, id })
            .collect()
    }
}
