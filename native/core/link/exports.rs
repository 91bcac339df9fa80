//! Exports of a file: ECMAScript exports and CommonJS exports, followed through re-exports.
//!
//! ECMA-262 §16.2 (ResolveExport) for modules; Node's CommonJS loader for `module.exports`; the interop of the two as bundlers and
//! TypeScript's `esModuleInterop` do it.

use std::sync::Arc;

use super::evaluate::once;
use super::solve::{Key, Standing};
use super::values::{Head, SetId, Value};
use super::{Linker, Part, Slot};
use crate::facts::codes::{definition, flag, import, meta};
use crate::facts::{Def, DefinitionId, ExportId, FileId, ImportId, Node, NodeId, Unit};

impl Linker {
    /// Meaning of a name of a file, by the name as it is written in tables: `=` is the whole.
    pub(super) fn exported(&self, file: FileId, name: &str) -> Arc<[Part]> {
        self.parts(Key::Exported(file, self.slot(name)))
    }

    pub(super) fn slot(&self, name: &str) -> Slot {
        if name == "=" {
            Slot::Whole
        } else {
            Slot::Named(self.name_id(name))
        }
    }

    pub(super) fn exported_rule(&self, file: FileId, slot: Slot) -> Arc<[Part]> {
        let unit = self.unit(file);
        let text;
        let name = match slot {
            Slot::Whole => "=",
            Slot::Named(name) => {
                text = self.name(name);
                &text
            }
        };
        let mut only_types = true;
        let (mut found, mut standing) = self.watched(|| {
            let mut found: Vec<Part> = Vec::new();
            for row in unit.exports_named(name) {
                found.extend(self.export_meaning(file, row).iter());
                only_types &= unit.is_type_only(row);
            }
            found
        });
        // a typedef may share its name with a value
        let behind_a_type = only_types && unit.is(meta::COMMONJS);
        let settled = |found: &[Part], standing| {
            standing == Standing::Settled && !found.is_empty() && !behind_a_type
        };
        if name == "*" || standing == Standing::Pending || settled(&found, standing) {
            return once(found);
        }
        if name != "default" {
            let (more, stars) = self.watched(|| {
                let targets = unit
                    .exports_named("*")
                    .filter_map(|row| self.target(file, unit.export_import(row)?));
                targets
                    .flat_map(|target| self.parts(Key::Exported(target, slot)).to_vec())
                    .collect::<Vec<_>>()
            });
            found.extend(more);
            standing = standing.min(stars);
        }
        if standing == Standing::Pending {
            return once(found);
        }
        if name != "=" && (standing == Standing::Circular || found.is_empty() || behind_a_type) {
            let (more, whole) = self.watched(|| self.members_of_whole(file, name));
            found.extend(more);
            standing = standing.min(whole);
        }
        if standing == Standing::Pending {
            return once(found);
        }
        let can_be_whole = name == "default" && has_synthetic_default(unit);
        if can_be_whole && (standing == Standing::Circular || found.is_empty()) {
            let (whole, standing) = self.watched(|| self.parts(Key::Exported(file, Slot::Whole)));
            found.extend(whole.iter());
            if whole.is_empty() || standing != Standing::Settled {
                found.push(Part::Value(Value::of(Head::Exports(file))));
            }
        }
        once(found)
    }

    /// A member of what the file exports as a whole, or merges into its exports.
    fn members_of_whole(&self, file: FileId, name: &str) -> Vec<Part> {
        let unit = self.unit(file);
        let name = self.name_id(name);
        let mut found = Vec::new();
        for row in ["=", "+"]
            .into_iter()
            .flat_map(|special| unit.exports_named(special))
        {
            for head in self
                .set(self.expanded(self.export_values(file, row)))
                .heads()
            {
                if head != Head::Exports(file) {
                    found.extend(
                        self.member_definitions(head, name)
                            .iter()
                            .map(|&def| Part::Definition(def)),
                    );
                }
            }
        }
        found
    }

    /// The values of an export.
    fn export_values(&self, file: FileId, row: ExportId) -> SetId {
        let unit = self.unit(file);
        match unit.export_value(row) {
            Some(node) => self.evaluate(file, Some(node)),
            None => self.definition_values(file, unit.export_definition(row)),
        }
    }

    fn definition_values(&self, file: FileId, id: Option<DefinitionId>) -> SetId {
        id.map_or(SetId::BOTTOM, |id| self.value_of(Def { file, id }))
    }

    /// Meaning of a row of exports.
    pub(super) fn export_meaning(&self, file: FileId, row: ExportId) -> Arc<[Part]> {
        let unit = self.unit(file);
        if let Some(import) = unit.export_import(row) {
            return self.imported_parts(file, import, unit.export_imported(row));
        }
        let node = unit.export_value(row);
        let definition = unit
            .export_definition(row)
            .or_else(|| match unit.node(node?) {
                Node::Ident(occurrence) => unit.target(occurrence),
                // `var app = module.exports = make()` hands app on
                Node::Call { .. } | Node::New { .. } => self.definition_with_value(file, node?),
                _ => None,
            });
        if let Some(id) = definition {
            return self.origin(Def { file, id });
        }
        let values = self.set(self.evaluate(file, node));
        once(
            values
                .values
                .iter()
                .map(|&value| match self.declaration(value.head) {
                    Some(def) => Part::Definition(def),
                    None => Part::Value(value),
                }),
        )
    }

    /// The definition whose value is that node: the last one that is. What a function expression calls itself says nothing of where it
    /// stands.
    pub(super) fn definition_with_value(&self, file: FileId, node: NodeId) -> Option<DefinitionId> {
        let unit = self.unit(file);
        let mut valued = unit.valued(node);
        valued.rfind(|&id| !unit.has(id, flag::FUNCTION_NAME))
    }

    /// The declaration of a function or class that has one.
    fn declaration(&self, head: Head) -> Option<Def> {
        let (file, id) = match head {
            Head::Function(file, function) => {
                (file, self.unit(file).function_definition(function)?)
            }
            Head::Class(file, class) => (file, self.unit(file).class_definition(class)?),
            _ => return None,
        };
        Some(Def { file, id })
    }

    /// Origin of a definition: itself, or what an import binding or a `require` constant leads to.
    pub(super) fn origin(&self, def: Def) -> Arc<[Part]> {
        let file = def.file;
        let unit = self.unit(file);
        let itself = || Arc::from([Part::Definition(def)]);
        let node = match unit.kind(def.id) {
            definition::IMPORT => {
                return match unit.bindings_of(def.id).next() {
                    Some(binding) => self.imported_parts(
                        file,
                        unit.binding_import(binding),
                        unit.binding_name(binding),
                    ),
                    None => itself(),
                };
            }
            definition::GETTER => self.only_return(file, unit.value(def.id)),
            definition::VARIABLE | definition::CONSTANT | definition::FIELD => unit.value(def.id),
            _ => None,
        };
        let (found, standing) = self.watched(|| self.handed_over(file, node));
        match found {
            None => itself(),
            Some(found) => match standing {
                Standing::Pending => found,
                Standing::Settled if found.is_empty() => itself(),
                Standing::Settled => found,
                Standing::Circular => once(found.iter().copied().chain([Part::Definition(def)])),
            },
        }
    }

    /// The exports that `require(…)`, or a property of one, stands for; none for any other expression.
    fn handed_over(&self, file: FileId, node: Option<NodeId>) -> Option<Arc<[Part]>> {
        let unit = self.unit(file);
        match node.map(|node| unit.node(node))? {
            Node::Member { base, name } if self.is_required(file, base) => {
                let name = self.name_id(unit.property(name));
                let receivers = self.set(self.evaluate(file, base));
                let members = receivers
                    .heads()
                    .map(|head| self.member_definitions(head, name))
                    .collect::<Vec<_>>();
                Some(once(members.iter().flat_map(|defs| {
                    defs.iter().map(|&def| Part::Definition(def))
                })))
            }
            Node::Require(import) => Some(match self.target(file, import) {
                Some(target) => {
                    let whole = self.parts(Key::Exported(target, Slot::Whole));
                    whole
                        .iter()
                        .filter(|part| part.definition().is_some())
                        .copied()
                        .collect()
                }
                None => Arc::default(),
            }),
            _ => None,
        }
    }

    /// Result of a lazy getter, when that is one expression: `get() { return require('./x').y }`.
    fn only_return(&self, file: FileId, node: Option<NodeId>) -> Option<NodeId> {
        let unit = self.unit(file);
        let Node::Function(function) = unit.node(node?) else {
            return None;
        };
        let mut returns = unit.nodes(unit.returns(function));
        let only = returns.next()?;
        if returns.next().is_none() { only } else { None }
    }

    /// True when a node is a `require` call, or a property of one, as deep as it goes.
    fn is_required(&self, file: FileId, node: Option<NodeId>) -> bool {
        let unit = self.unit(file);
        let mut at = node;
        while let Some(node) = at {
            match unit.node(node) {
                Node::Member { base, .. } => at = base,
                Node::Require(_) => return true,
                _ => return false,
            }
        }
        false
    }

    /// Meaning of an import of `name`; `External` where it leads to no source file.
    pub(super) fn imported_parts(&self, file: FileId, import: ImportId, name: &str) -> Arc<[Part]> {
        match self.target(file, import) {
            Some(target) => self.imported_meaning(target, name),
            None => self.declared_outside(file, import, name),
        }
    }

    /// Meaning of an import of `name` from `target`; `*` is the namespace, `=` the whole.
    pub(super) fn imported_meaning(&self, target: FileId, name: &str) -> Arc<[Part]> {
        let unit = self.unit(target);
        let namespace = Part::Value(Value::of(Head::Exports(target)));
        // `import x = require()` of what exports no whole is its namespace
        let is_namespace =
            name == "=" && unit.is(meta::ESM) && unit.exports_named("=").next().is_none();
        if name != "*" && !is_namespace {
            return self.exported(target, name);
        }
        if unit.is(meta::COMMONJS) && unit.exports_named("=").next().is_some() {
            let whole = self.parts(Key::Exported(target, Slot::Whole));
            return once(whole.iter().copied().chain([namespace]));
        }
        [namespace].into()
    }

    pub(super) fn imported(&self, file: FileId, import: ImportId, name: &str) -> SetId {
        self.values_of(&self.imported_parts(file, import, name))
    }

    /// The values of `require(…)`: the whole of the other module.
    pub(super) fn required(&self, file: FileId, import: ImportId) -> SetId {
        match self.target(file, import) {
            Some(target) => self.whole_values(target),
            None => self.one(Head::External),
        }
    }

    /// The values that a module is as a whole: what it assigns to `module.exports`, and its exports object.
    pub(super) fn whole_values(&self, target: FileId) -> SetId {
        let assigned: Vec<SetId> = self
            .unit(target)
            .exports_named("=")
            .map(|row| self.export_values(target, row))
            .collect();
        self.join(self.union(assigned), self.one(Head::Exports(target)))
    }

    /// The values of what `exported` gave.
    pub(super) fn values_of(&self, parts: &[Part]) -> SetId {
        self.union(
            parts
                .iter()
                .map(|&part| match part {
                    Part::Value(value) => self.lattice.borrow_mut().of([value], false),
                    Part::Definition(def) => self.value_of(def),
                })
                .collect::<Vec<_>>(),
        )
    }

    /// Declarations under a name of the augmentation that is an import of a file: `declare module './x' { … }`.
    pub(super) fn added_to(&self, importer: FileId, row: ImportId, name: &str) -> Vec<Def> {
        let unit = self.unit(importer);
        if unit.import_kind(row) != import::AUGMENT {
            return Vec::new();
        }
        let named = unit
            .string(name)
            .into_iter()
            .flat_map(|text| unit.named(text));
        let inside = named.filter(|&id| {
            unit.parent(id)
                .is_some_and(|block| self.is_block_of(importer, block, row))
        });
        inside.map(|id| Def { file: importer, id }).collect()
    }

    /// Declarations that one in an augmentation is merged with; nothing for any other declaration.
    pub(super) fn augmented(&self, def: Def) -> Vec<Def> {
        let unit = self.unit(def.file);
        let Some(block) = unit
            .parent(def.id)
            .filter(|&block| unit.kind(block) == definition::NAMESPACE)
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for row in unit.imports_of_kind(import::AUGMENT) {
            if let Some(target) = self.target(def.file, row)
                && self.is_block_of(def.file, block, row)
            {
                found.extend(
                    self.exported(target, unit.name(def.id))
                        .iter()
                        .filter_map(|part| part.definition()),
                );
            }
        }
        found
    }

    fn is_block_of(&self, file: FileId, id: DefinitionId, row: ImportId) -> bool {
        let unit = self.unit(file);
        unit.kind(id) == definition::NAMESPACE && unit.name(id) == unit.specifier(row)
    }
}

/// True when a file that exports no default has its whole as one: all but the sources of ECMAScript modules (TypeScript's
/// `allowSyntheticDefaultImports`).
fn has_synthetic_default(unit: &Unit) -> bool {
    unit.is(meta::COMMONJS | meta::DECLARATION_FILE)
        || !unit.is(meta::ESM)
        || unit.exports_named("=").next().is_some()
}
