//! Declarations of one interface that stand in many files: scripts, `declare global`, namespaces that are one.
//!
//! However many there are, they are one head, that of the class or of the first interface, whose members are those of all; and a type
//! parameter of any of them is that of the first in its place.

use std::sync::Arc;

use super::Linker;
use super::type_arguments::type_parameters;
use super::values::Head;
use crate::facts::codes::definition;
use crate::facts::{ClassId, Def, DefinitionId, FileId, Unit};

impl Linker {
    /// The declarations that are one interface with a definition, the one that stands for all first; none unless there are several files.
    fn declarations(&self, def: Def) -> Arc<[Def]> {
        if !is_type(self.unit(def.file), def.id) {
            return Arc::default();
        }
        if let Some(known) = self.declarations.borrow().get(&def) {
            return Arc::clone(known);
        }
        let mut all = self.declared_elsewhere(def);
        all.retain(|other| is_type(self.unit(other.file), other.id));
        if !all.is_empty() {
            all.push(def);
        }
        all.sort_unstable_by_key(|&def| {
            let is_class = self.unit(def.file).kind(def.id) == definition::CLASS;
            (!is_class, def)
        });
        let all: Arc<[Def]> = all.into();
        if !self.is_stopped() {
            let mut known = self.declarations.borrow_mut();
            for &one in all.iter().chain([&def]) {
                known.insert(one, Arc::clone(&all));
            }
        }
        all
    }

    /// The declaration that stands for a class or interface.
    pub(super) fn first_declaration(&self, def: Def) -> Def {
        self.declarations(def).first().copied().unwrap_or(def)
    }

    /// Instances of a class or interface.
    pub(super) fn instance_head(&self, file: FileId, class: ClassId) -> Head {
        let unit = self.unit(file);
        let first = unit
            .class_definition(class)
            .map(|id| self.first_declaration(Def { file, id }));
        match first {
            Some(first) if first.file != file => {
                let class = self.unit(first.file).class_of(first.id);
                class.map_or(Head::External, |class| Head::Instance(first.file, class))
            }
            _ => Head::Instance(file, class),
        }
    }

    /// The other declarations of an interface.
    pub(super) fn other_declarations(&self, head: Head) -> Vec<(FileId, ClassId)> {
        let Head::Instance(file, class) = head else {
            return Vec::new();
        };
        let Some(id) = self.unit(file).class_definition(class) else {
            return Vec::new();
        };
        let all = self.declarations(Def { file, id });
        let others = all.iter().filter(|def| def.file != file);
        others
            .filter_map(|def| Some((def.file, self.unit(def.file).class_of(def.id)?)))
            .collect()
    }

    /// The type parameter that one of such an interface is: that of the first declaration in its place.
    pub(super) fn first_parameter(&self, def: Def) -> Def {
        let unit = self.unit(def.file);
        let Some(holder) = unit.parent(def.id) else {
            return def;
        };
        let holder = Def {
            file: def.file,
            id: holder,
        };
        let first = self.first_declaration(holder);
        if first.file == def.file {
            return def;
        }
        let place = type_parameters(unit, holder.id).position(|id| id == def.id);
        let id = place.and_then(|at| type_parameters(self.unit(first.file), first.id).nth(at));
        id.map_or(def, |id| Def {
            file: first.file,
            id,
        })
    }

    /// The declaration in a file of what a type parameter belongs to.
    pub(super) fn holder_in(&self, file: FileId, parameter: Def) -> Option<DefinitionId> {
        let id = self.unit(parameter.file).parent(parameter.id)?;
        if file == parameter.file {
            return Some(id);
        }
        let all = self.declarations(Def {
            file: parameter.file,
            id,
        });
        let here = all.iter().find(|def| def.file == file)?;
        Some(here.id)
    }
}

fn is_type(unit: &Unit, id: DefinitionId) -> bool {
    matches!(unit.kind(id), definition::CLASS | definition::INTERFACE)
        && unit.class_of(id).is_some()
}
