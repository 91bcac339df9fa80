//! Names that files share without importing them: what scripts declare at their top, `declare global` and `export as namespace` in any file.
//!
//! ECMA-262 §16.1.7 (GlobalDeclarationInstantiation). As to TypeScript, a script is a file that imports and exports nothing.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::values::{Head, SetId, Value};
use super::{Linker, NameId, Part};
use crate::facts::codes::{definition, flag, meta, role};
use crate::facts::{
    Def, DefinitionId, FileId, GLOBAL_SCOPE, ImportId, Node, NodeId, OccurrenceId, Unit,
};

/// Scripts that declare the same name more often than this are pages or fixtures that know nothing of each other.
const MOST_DECLARING: usize = 4;

/// The names that the platform has for the object of its globals.
const WINDOW: &[&str] = &["globalThis", "self", "window"];

/// The global declarations of a tree, by name.
pub(super) type Globals = FxHashMap<Box<str>, Arc<[Def]>>;

impl Linker {
    /// Meaning of a name that nothing in its file binds: the value of what declares it globally, else something of the platform.
    pub(super) fn unbound_value(&self, file: FileId, occurrence: OccurrenceId) -> SetId {
        let declared = self.unbound(file, occurrence);
        if declared.is_empty() {
            let is_window = WINDOW.contains(&self.unit(file).property(occurrence));
            let added = is_window.then(|| self.platform_interface("Window"));
            return added.flatten().unwrap_or_else(|| self.one(Head::External));
        }
        self.union(
            declared
                .iter()
                .map(|&def| self.value_of(def))
                .collect::<Vec<_>>(),
        )
    }

    /// The instances of a type of the platform that the tree adds members to; none where it adds none.
    pub(super) fn platform_interface(&self, name: &str) -> Option<SetId> {
        let declared = self.globals_named(name);
        let added = declared.iter().filter_map(|def| {
            let unit = self.unit(def.file);
            let class = unit.class_of(def.id)?;
            let is_interface = unit.kind(def.id) == definition::INTERFACE;
            is_interface.then(|| self.instance_head(def.file, class))
        });
        let added: Vec<SetId> = added.map(|head| self.one(head)).collect();
        (!added.is_empty()).then(|| self.union(added))
    }

    /// The members of `JSX.IntrinsicElements` that the name of an element means.
    pub(super) fn intrinsic_elements(&self, name: &str) -> Vec<Def> {
        let name = self.name_id(name);
        let spaces = self.globals_named("JSX");
        let tables = spaces
            .iter()
            .flat_map(|&space| self.scoped(space, "IntrinsicElements"));
        tables
            .filter_map(|def| {
                Some(Head::Instance(
                    def.file,
                    self.unit(def.file).class_of(def.id)?,
                ))
            })
            .flat_map(|head| self.member_definitions(head, name).to_vec())
            .collect()
    }

    /// The type of the global variable that a member of the window is: `window.state` of `declare global { var state: State }`.
    pub(super) fn declared_of_window(
        &self,
        file: FileId,
        object: NodeId,
        name: &str,
    ) -> Option<SetId> {
        let global = self.unit(file).global_name(Some(object))?;
        if !WINDOW.contains(&global) {
            return None;
        }
        let declared = self.globals_named(name);
        let types: Vec<SetId> = (declared.iter())
            .filter_map(|def| {
                let annotation = self.unit(def.file).annotation(def.id)?;
                Some(self.typed(def.file, Some(annotation)))
            })
            .collect();
        (!types.is_empty()).then(|| self.union(types))
    }

    /// The members of a name that the tree adds to containers of the platform.
    pub(super) fn added_to_container(&self, container: Head, name: NameId) -> Arc<[Def]> {
        let of = match container {
            Head::Array(..) => "Array",
            Head::Generic(file, node) => {
                let unit = self.unit(file);
                match unit.node(node) {
                    Node::TypeRef { name, .. } => unit.global_name(name).unwrap_or_default(),
                    _ => return Arc::default(),
                }
            }
            _ => return Arc::default(),
        };
        let Some(added) = self.platform_interface(of) else {
            return Arc::default();
        };
        let added = self.set(added);
        let found = added.heads();
        found
            .flat_map(|head| self.member_definitions(head, name).to_vec())
            .collect()
    }

    /// The global declarations that a name means which nothing in its file binds.
    pub(super) fn unbound(&self, file: FileId, occurrence: OccurrenceId) -> Vec<Def> {
        const NO_NAME: u32 = role::MEMBER
            | role::DECLARES
            | role::IMPORT
            | role::EXPORT
            | role::INTRINSIC
            | role::ATTRIBUTE;
        let unit = self.unit(file);
        let role = unit.role(occurrence);
        if unit.target(occurrence).is_some() || role & NO_NAME != 0 {
            return Vec::new();
        }
        let is_meant = |def: &&Def| {
            let kind = self.unit(def.file).kind(def.id);
            if role & role::MENTION != 0 {
                true
            } else if role & role::TYPE == 0 {
                !matches!(kind, definition::INTERFACE | definition::TYPE)
            } else {
                !matches!(
                    kind,
                    definition::VARIABLE | definition::CONSTANT | definition::FUNCTION
                )
            }
        };
        let all = self.globals_named(unit.property(occurrence));
        all.iter().filter(is_meant).copied().collect()
    }

    /// The declarations in other scopes that are one with a global declaration: interfaces, namespaces and enums of TypeScript.
    pub(super) fn declared_elsewhere(&self, def: Def) -> Vec<Def> {
        let unit = self.unit(def.file);
        let kind = unit.kind(def.id);
        if !unit.is_typescript() || !is_open(kind) {
            return Vec::new();
        }
        let candidates = if is_global(unit, def.id) {
            self.globals_named(unit.name(def.id)).to_vec()
        } else {
            self.members_of_space(def)
        };
        let is_one = |other: &Def| {
            let of = self.unit(other.file);
            let is_same = other.file == def.file && of.symbol(other.id) == unit.symbol(def.id);
            !is_same && of.is_typescript() && is_merging(kind, of.kind(other.id))
        };
        candidates.into_iter().filter(is_one).collect()
    }

    /// Declarations under the name of one, in the namespaces that are one with its own.
    fn members_of_space(&self, def: Def) -> Vec<Def> {
        let unit = self.unit(def.file);
        let space = unit
            .parent(def.id)
            .filter(|&space| unit.kind(space) == definition::NAMESPACE);
        let Some(space) = space.filter(|_| unit.has(def.id, flag::EXPORTED)) else {
            return Vec::new();
        };
        let name = unit.name(def.id);
        let elsewhere = self.declared_elsewhere(Def {
            file: def.file,
            id: space,
        });
        elsewhere
            .into_iter()
            .filter(|other| self.unit(other.file).kind(other.id) == definition::NAMESPACE)
            .flat_map(|other| self.scoped(other, name))
            .collect()
    }

    /// The parts of a type's name that other scopes add to a declaration.
    pub(super) fn with_those_elsewhere(&self, parts: Arc<[Part]>) -> Arc<[Part]> {
        let more: Vec<Part> = parts
            .iter()
            .filter_map(|part| part.definition())
            .flat_map(|def| self.declared_elsewhere(def))
            .map(Part::Definition)
            .collect();
        if more.is_empty() {
            return parts;
        }
        super::evaluate::once(parts.iter().copied().chain(more))
    }

    /// True when a type can be one of the platform that a script only adds members to.
    pub(super) fn adds_to_platform(&self, head: Head) -> bool {
        let Head::Instance(file, class) = head else {
            return false;
        };
        let unit = self.unit(file);
        let adds = |id| {
            let block = unit.parent(id).filter(|_| unit.is(meta::ESM));
            is_global(unit, id) || block.is_some_and(|block| is_module_block(unit, block))
        };
        unit.is_interface(class) && unit.class_definition(class).is_some_and(adds)
    }

    fn globals_named(&self, name: &str) -> Arc<[Def]> {
        let known = self.globals.borrow().clone();
        let all = known.unwrap_or_else(|| self.collect_globals());
        all.get(name).map_or_else(Arc::default, Arc::clone)
    }

    /// The blocks of the tree that declare what a module from outside of it exports: `declare module 'x'`.
    fn module_blocks(&self, file: FileId, import: ImportId) -> Arc<[Def]> {
        self.globals_named(&quoted(self.unit(file).specifier(import)))
    }

    /// Meaning of an import of a module from outside of the tree: what the tree declares in its name, else something of a package. What a
    /// module only adds to is of the package as well.
    pub(super) fn declared_outside(
        &self,
        file: FileId,
        import: ImportId,
        name: &str,
    ) -> Arc<[Part]> {
        let outside = Part::Value(Value::of(Head::External));
        let blocks = self.module_blocks(file, import);
        let declared = blocks.iter().flat_map(|&block| match name {
            "*" | "=" => vec![Part::Value(Value::of(Head::Namespace(block)))],
            "default" if self.unit(block.file).exports_named(name).next().is_none() => {
                vec![Part::Value(Value::of(Head::Namespace(block)))]
            }
            _ => (self.scoped(block, name).into_iter())
                .map(Part::Definition)
                .collect(),
        });
        let mut parts: Vec<Part> = declared.collect();
        let is_whole = blocks.iter().all(|block| {
            let unit = self.unit(block.file);
            !unit.is(meta::ESM)
        });
        if parts.is_empty() || !is_whole {
            parts.push(outside);
        }
        super::evaluate::once(parts)
    }

    /// The import bindings and re-exports that mean a declaration in such a block, by file.
    pub(super) fn taken_from_block(&self, def: Def) -> Vec<(FileId, OccurrenceId)> {
        let unit = self.unit(def.file);
        let block = unit.parent(def.id);
        let Some(block) = block.filter(|&block| is_module_block(unit, block)) else {
            return Vec::new();
        };
        let (name, module) = (unit.name(def.id), unit.name(block));
        let mut found = Vec::new();
        for &file in self.files_with(name).iter() {
            let unit = self.unit(file);
            let is_of_module = |import: ImportId| {
                unit.specifier(import) == module && self.target(file, import).is_none()
            };
            let named = unit.string(name).into_iter();
            let named = named.flat_map(|text| unit.occurrences_named(text));
            let taken = named.filter(|&occurrence| {
                let mut bindings = unit.bindings_at(occurrence);
                bindings.any(|binding| {
                    unit.binding_name(binding) == name && is_of_module(unit.binding_import(binding))
                })
            });
            found.extend(taken.map(|occurrence| (file, occurrence)));
        }
        found
    }

    fn collect_globals(&self) -> Arc<Globals> {
        let mut found: FxHashMap<&str, Vec<Def>> = FxHashMap::default();
        let mut blocks: FxHashMap<Box<str>, Vec<Def>> = FxHashMap::default();
        for &file in self.files_with(GLOBAL_SCOPE).iter() {
            if !self.step() {
                return Arc::default();
            }
            let unit = self.unit(file);
            for id in unit.definition_ids() {
                if is_global(unit, id) {
                    let same = found.entry(unit.name(id)).or_default();
                    same.push(Def { file, id });
                } else if is_module_block(unit, id) {
                    let same = blocks.entry(quoted(unit.name(id))).or_default();
                    same.push(Def { file, id });
                }
            }
        }
        let is_in_a_script = |def: &Def| self.unit(def.file).parent(def.id).is_none();
        let all: Globals = found
            .into_iter()
            .map(|(name, mut defs)| {
                let mut scripts: Vec<FileId> = defs
                    .iter()
                    .filter(|def| is_in_a_script(def))
                    .map(|def| def.file)
                    .collect();
                scripts.dedup();
                if scripts.len() > MOST_DECLARING {
                    defs.retain(|def| !is_in_a_script(def));
                }
                (name.into(), defs.into())
            })
            .chain(blocks.into_iter().map(|(name, defs)| (name, defs.into())))
            .collect();
        let all = Arc::new(all);
        if !self.is_stopped() {
            *self.globals.borrow_mut() = Some(Arc::clone(&all));
        }
        all
    }
}

/// True when a declaration is seen by every script and module of the tree.
pub(super) fn is_global(unit: &Unit, id: DefinitionId) -> bool {
    const NEVER: u32 = flag::LOCAL | flag::FUNCTION_NAME | flag::JSDOC;
    if unit.owner(id).is_some() || unit.has(id, NEVER) || !is_bound(unit, id) {
        return false;
    }
    match unit.parent(id) {
        None => {
            !unit.is(meta::ESM | meta::COMMONJS | meta::TOKEN_SCAN | meta::SCRIPT_BLOCKS)
                || names_its_module(unit, id)
        }
        Some(block) => {
            unit.kind(block) == definition::NAMESPACE
                && unit.parent(block).is_none()
                && unit.name(block) == "global"
                && !is_bound(unit, block)
        }
    }
}

/// True for the name of `export as namespace Name`, by which scripts mean the module.
fn names_its_module(unit: &Unit, id: DefinitionId) -> bool {
    let value = unit.value(id).map(|value| unit.node(value));
    unit.kind(id) == definition::IMPORT && matches!(value, Some(Node::ModuleExports))
}

/// True when a declaration is `declare module 'x'` of a module that every file calls the same.
fn is_module_block(unit: &Unit, id: DefinitionId) -> bool {
    unit.kind(id) == definition::NAMESPACE
        && unit.parent(id).is_none()
        && !matches!(unit.name(id), "global")
        && !unit.name(id).starts_with('.')
        && !is_bound(unit, id)
}

/// The name of a module as no identifier is called.
fn quoted(name: &str) -> Box<str> {
    format!("\"{name}\"").into()
}

/// True when the name of a declaration is an identifier that can be referred to: that of `declare module 'x'` is none.
fn is_bound(unit: &Unit, id: DefinitionId) -> bool {
    let start = unit.start_name(id);
    unit.occurrences_in((start, start.saturating_add(1)))
        .any(|occurrence| unit.start(occurrence) == start)
}

/// True when a declaration of that kind can be added to.
fn is_open(kind: u32) -> bool {
    matches!(
        kind,
        definition::INTERFACE
            | definition::CLASS
            | definition::NAMESPACE
            | definition::FUNCTION
            | definition::ENUM
    )
}

/// True when two declarations of one name are one thing, by their kinds.
fn is_merging(one: u32, other: u32) -> bool {
    use definition::{CLASS, ENUM, FUNCTION, INTERFACE, NAMESPACE};
    matches!(
        (one, other),
        (INTERFACE, INTERFACE | CLASS)
            | (CLASS, INTERFACE)
            | (NAMESPACE, NAMESPACE | CLASS | FUNCTION | ENUM)
            | (CLASS | FUNCTION | ENUM, NAMESPACE)
            | (ENUM, ENUM)
            | (FUNCTION, FUNCTION)
    )
}
