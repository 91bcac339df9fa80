//! From an occurrence to the definitions it means, and from a name to the definitions that are called so.

use std::sync::Arc;

use super::evaluate::once;
use super::lexical::is_private;
use super::references::invokes;
use super::{Linker, Part, Via};
use crate::facts::codes::{definition, flag, role};
use crate::facts::{Def, FileId, ImportId, ListId, Node, OccurrenceId, Place, Unit};

/// An occurrence inside a definition, and the definitions it leads to; none when that is not known.
#[derive(Clone, Debug)]
pub struct Use {
    pub occurrence: OccurrenceId,
    pub role: u32,
    pub definitions: Arc<[Def]>,
}

impl Use {
    /// How the definition needs what it uses.
    pub fn via(&self) -> Via {
        match self.role {
            role if invokes(role) => Via::Call,
            role if role & role::TYPE != 0 => Via::Type,
            _ => Via::Read,
        }
    }
}

impl Linker {
    /// Every definition that an occurrence can mean; merged declarations together, nothing when it cannot be known.
    pub fn definitions_at(&self, place: Place) -> Arc<[Def]> {
        let (file, occurrence) = (place.file, place.id);
        let unit = self.unit(file);
        let found: Vec<Def> = if let Some(id) = unit.target(occurrence) {
            definitions(&self.origin(Def { file, id }))
        } else if unit.role(occurrence) & role::MEMBER != 0 {
            self.member_at(file, occurrence)
        } else if unit.role(occurrence) & role::INTRINSIC != 0 {
            self.intrinsic_elements(unit.property(occurrence))
        } else {
            match self.specifier_at(file, occurrence) {
                Some(parts) if !parts.is_empty() => definitions(&parts),
                _ => {
                    let mut shared = self.enum_members_in_scope(file, occurrence);
                    if shared.is_empty() {
                        shared = self.unbound(file, occurrence);
                    }
                    if shared.is_empty() {
                        shared = self.members_beside(file, occurrence);
                    }
                    if shared.is_empty() {
                        self.declared_at(file, occurrence)
                    } else {
                        shared
                    }
                }
            }
        };
        once(found.into_iter().flat_map(|def| self.merged(def)))
    }

    /// Every definition that is used there: what the occurrence can mean, and what an element runs without naming it.
    pub fn used_at(&self, place: Place) -> Arc<[Def]> {
        let meant = self.definitions_at(place);
        let run = self.run_by_element(place);
        if run.is_empty() {
            return meant;
        }
        once(meant.iter().copied().chain(run))
    }

    /// Of a name that stands for two things at once the other one: of `a` in `const { a } = x`, which declares or writes a binding, what
    /// it takes out of `x`; of `a` in `{ a }`, which reads a binding, the member that it declares.
    pub fn taken_at(&self, place: Place) -> Arc<[Def]> {
        const KEY: u32 = role::DESTRUCTURE_KEY | role::SHORTHAND;
        let unit = self.unit(place.file);
        let start = unit.start(place.id);
        let mut here = unit.occurrences_in((start, start.saturating_add(1)));
        let key = here.find(|&id| id != place.id && unit.role(id) & KEY == KEY);
        if let Some(id) = key {
            return self.definitions_at(Place {
                file: place.file,
                id,
            });
        }
        if unit.role(place.id) & KEY != role::SHORTHAND {
            return Arc::default();
        }
        let declared = self.declared_at(place.file, place.id).into_iter();
        let of_literal = declared.filter(|def| {
            unit.has(def.id, flag::SHORTHAND)
                && unit
                    .owner(def.id)
                    .is_some_and(|owner| matches!(unit.node(owner), Node::Object(_)))
        });
        of_literal.collect()
    }

    /// All declarations of the same binding: overloads, merged interfaces, a function and its namespace; of a global one those in
    /// other files too.
    pub fn merged(&self, def: Def) -> Vec<Def> {
        let unit = self.unit(def.file);
        if unit.owner(def.id).is_some() {
            return vec![def];
        }
        let mut together: Vec<Def> = unit
            .merged(def.id)
            .map(|id| Def { file: def.file, id })
            .collect();
        let elsewhere: Vec<Def> = together
            .iter()
            .flat_map(|&one| self.declared_elsewhere(one))
            .filter(|other| !together.contains(other))
            .collect();
        together.extend(once(elsewhere).iter());
        if together.is_empty() {
            vec![def]
        } else {
            together
        }
    }

    /// The type parameters that are one with one: those of its name in the declarations that its own is merged with.
    pub(super) fn same_type_parameters(&self, def: Def) -> Vec<Def> {
        let unit = self.unit(def.file);
        let of = unit.parent(def.id);
        let Some(id) = of.filter(|_| unit.kind(def.id) == definition::TYPE_PARAMETER) else {
            return Vec::new();
        };
        let declared = self.merged(Def { file: def.file, id });
        let others = declared
            .into_iter()
            .filter(|other| other.id != id || other.file != def.file);
        let parameters = others.flat_map(|other| {
            let of_other = self.unit(other.file);
            let inside = of_other.inside(other.id).filter(move |&id| {
                of_other.kind(id) == definition::TYPE_PARAMETER
                    && of_other.name(id) == unit.name(def.id)
            });
            inside.map(move |id| Def {
                file: other.file,
                id,
            })
        });
        parameters.collect()
    }

    fn member_at(&self, file: FileId, occurrence: OccurrenceId) -> Vec<Def> {
        let unit = self.unit(file);
        if is_private(unit.property(occurrence)) {
            return self.private_members(file, occurrence);
        }
        if unit.role(occurrence) & role::MENTION != 0 {
            return self.mentioned_members(file, occurrence);
        }
        let (base, receivers) = match unit.node_of(occurrence).map(|node| unit.node(node)) {
            Some(Node::Member { base, .. } | Node::Index { base, .. }) => {
                (base, self.evaluate(file, base))
            }
            Some(Node::IndexedAccess { object, .. }) => (None, self.typed(file, object)),
            Some(Node::ImportType { import, path }) => {
                return self.meant_in_import(file, import, path, occurrence);
            }
            _ => return self.declared_at(file, occurrence),
        };
        let name = self.name_id(unit.property(occurrence));
        let receivers = self.set(self.expanded(self.unmapped(receivers, name)));
        let mut found = Vec::new();
        for head in receivers.heads() {
            for &def in self.member_definitions(head, name).iter() {
                let meant = definitions(&self.origin(def));
                // an import of a module as a whole means itself
                found.extend(if meant.is_empty() { vec![def] } else { meant });
            }
        }
        if found.is_empty() {
            found = self.parameters_of_prop(file, base, unit.property(occurrence));
        }
        if found.is_empty() {
            self.declared_at(file, occurrence)
        } else {
            found
        }
    }

    /// The definitions that a name in the path of `import('./x').A.B` means; of a module that is handed on as a whole the import binding.
    pub(super) fn meant_in_import(
        &self,
        file: FileId,
        import: ImportId,
        path: Option<ListId>,
        occurrence: OccurrenceId,
    ) -> Vec<Def> {
        let meant = self.import_meaning(file, import, path, Some(occurrence));
        let found: Vec<Def> = meant.iter().filter_map(|part| part.definition()).collect();
        let unit = self.unit(file);
        let is_first = unit.list(path).iter().next() == Some(occurrence.0);
        let target = self
            .target(file, import)
            .filter(|_| is_first && found.is_empty());
        let Some(file) = target else { return found };
        let of_target = self.unit(file);
        let rows = of_target.exports_named(unit.property(occurrence));
        rows.filter_map(|row| of_target.export_definition(row))
            .map(|id| Def { file, id })
            .collect()
    }

    /// Meaning of the name in an import or export specifier; none where the occurrence is no such name.
    fn specifier_at(&self, file: FileId, occurrence: OccurrenceId) -> Option<Arc<[Part]>> {
        let unit = self.unit(file);
        for binding in unit.bindings_at(occurrence) {
            let import = unit.binding_import(binding);
            let meant = self.imported_parts(file, import, unit.binding_name(binding));
            if self.target(file, import).is_some()
                || meant.iter().any(|part| part.definition().is_some())
            {
                return Some(meant);
            }
        }
        // of `export { a as b } from` both names lead to the same thing; b stands right behind a
        let behind = OccurrenceId(occurrence.0 + 1);
        let renamed = unit.exports_at(behind).filter(|_| is_renamed(unit, behind));
        for row in unit.exports_at(occurrence).chain(renamed) {
            let import = unit.export_import(row);
            if let Some(target) = import.and_then(|import| self.target(file, import)) {
                return Some(self.imported_meaning(target, unit.export_imported(row)));
            }
            if import.is_none() && is_new_name(unit, occurrence) {
                return Some(self.export_meaning(file, row));
            }
        }
        None
    }

    /// The definitions whose name stands there.
    pub fn declared_at(&self, file: FileId, occurrence: OccurrenceId) -> Vec<Def> {
        let unit = self.unit(file);
        unit.named_at(unit.start(occurrence))
            .map(|id| Def { file, id })
            .collect()
    }

    /// The import that a name comes by, where what it leads to is a module as a whole, a package, or not there.
    pub fn imported_here(&self, place: Place) -> Vec<Def> {
        let unit = self.unit(place.file);
        let local = |id| Def {
            file: place.file,
            id,
        };
        match unit.target(place.id) {
            Some(id) if unit.kind(id) == definition::IMPORT => vec![local(id)],
            Some(_) => Vec::new(),
            None => unit
                .bindings_at(place.id)
                .filter_map(|binding| unit.binding_local(binding))
                .map(local)
                .collect(),
        }
    }

    /// Meaning of an occurrence; of a member that only hands a binding on, what it hands on, unless it is asked for itself.
    pub fn meant_at(&self, place: Place) -> Vec<Def> {
        let found = self.definitions_at(place);
        let found = if found.is_empty() {
            self.imported_here(place)
        } else {
            found.to_vec()
        };
        let unit = self.unit(place.file);
        if unit.role(place.id) & role::DECLARES != 0 && unit.target(place.id).is_none() {
            return found;
        }
        once(
            found
                .into_iter()
                .flat_map(|def| self.follow_export_alias(def)),
        )
        .to_vec()
    }

    /// Meaning of an exported member: of `exports.a = b` and `module.exports = { a: b }` it is b.
    pub fn follow_export_alias(&self, def: Def) -> Vec<Def> {
        let unit = self.unit(def.file);
        let is_alias = unit.kind(def.id) == definition::FIELD && unit.has(def.id, flag::EXPORTED);
        let target = match unit
            .value(def.id)
            .filter(|_| is_alias)
            .map(|node| unit.node(node))
        {
            Some(Node::Ident(occurrence)) => unit.target(occurrence),
            _ => return vec![def],
        };
        let meant = target.map_or_else(Vec::new, |id| {
            definitions(&self.origin(Def { file: def.file, id }))
        });
        let found: Vec<Def> = meant.into_iter().flat_map(|def| self.merged(def)).collect();
        if found.is_empty() { vec![def] } else { found }
    }

    /// Resolves the shorthand `{ name }` and `exports.name = name` to the local binding it repeats; otherwise the definition itself.
    pub fn follow_shorthand(&self, def: Def) -> Def {
        let unit = self.unit(def.file);
        let value = unit.value(def.id).filter(|_| unit.owner(def.id).is_some());
        match value.map(|node| unit.node(node)) {
            Some(Node::Ident(occurrence)) => match unit.target(occurrence) {
                Some(id) if unit.name_id(id) == unit.name_id(def.id) => Def { file: def.file, id },
                _ => def,
            },
            _ => def,
        }
    }

    /// Origin of a definition, itself where it comes from nowhere else.
    pub fn origins(&self, def: Def) -> Vec<Option<Def>> {
        self.origin(def)
            .iter()
            .map(|part| part.definition())
            .collect()
    }

    /// Of merged declarations the one with a body, else the first.
    pub fn representative(&self, def: Def) -> Def {
        let together = self.merged(def);
        let unit = self.unit(def.file);
        let has_body =
            |def: &&Def| unit.value(def.id).is_some() && !unit.has(def.id, flag::OVERLOAD);
        together
            .iter()
            .find(has_body)
            .or(together.first())
            .copied()
            .unwrap_or(def)
    }

    /// Every use in a definition of something else, or only what it invokes; declarations are no uses.
    pub fn uses_in(&self, def: Def, invoked: bool) -> Vec<Use> {
        let unit = self.unit(def.file);
        let inside = unit.occurrences_in(unit.extent(def.id));
        inside
            .map(|occurrence| (occurrence, unit.role(occurrence)))
            .filter(|&(_, role)| role & (role::DECLARES | role::MENTION) == 0)
            .filter(|&(_, role)| !invoked || invokes(role))
            .map(|(occurrence, role)| Use {
                occurrence,
                role,
                definitions: self.used_at(Place {
                    file: def.file,
                    id: occurrence,
                }),
            })
            .collect()
    }
}

/// True when an exported name is the second of `a as b`, so that the occurrence before it is the name in the other file.
pub(super) fn is_renamed(unit: &Unit, occurrence: OccurrenceId) -> bool {
    unit.role(occurrence) & role::IMPORT == 0
}

/// True for `b` in `export { a as b }`: it declares a name that the file has for others only.
pub(super) fn is_new_name(unit: &Unit, occurrence: OccurrenceId) -> bool {
    const NEW: u32 = role::EXPORT | role::DECLARES;
    unit.role(occurrence) & NEW == NEW
}

pub(super) fn definitions(parts: &[Part]) -> Vec<Def> {
    parts.iter().filter_map(|part| part.definition()).collect()
}
