//! How definitions are called: `res.send`, `View#lookup`, `Kind.Circle`.

use super::Linker;
use crate::facts::codes::{definition, flag};
use crate::facts::{ClassId, Def, DefinitionId, ExportKind, FunctionId, Node, NodeId, Unit};

/// Owners nested deeper than this have no name.
pub(super) const DEEPEST: u32 = 64;

impl Linker {
    /// The name of a definition with what it belongs to: `Class#method`, `Class.static`, `object.member`.
    pub fn qualified_name(&self, def: Def) -> String {
        qualified(self.unit(def.file), def.id, DEEPEST)
    }
}

/// The parts of a name as typed: `View.prototype.lookup` and `View#lookup` are (`View`, `lookup`), `View##seen` is (`View`, `#seen`).
pub(super) fn split_name(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let hash = usize::from(rest.starts_with('#'));
        let end = rest[hash..]
            .find(['.', '#'])
            .map_or(rest.len(), |at| hash + at);
        let part = &rest[..end];
        if !matches!(part, "" | "#" | "prototype") {
            parts.push(part);
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    parts
}

pub(super) fn qualified(unit: &Unit, id: DefinitionId, depth: u32) -> String {
    let name = unit.name(id);
    if depth == 0 {
        return name.to_owned();
    }
    if let Some(owner) = unit.owner(id) {
        if name == "exports" && matches!(unit.node(owner), Node::ModuleExports) {
            return "module.exports".to_owned();
        }
        let (holder, instance) = owner_name(unit, owner, depth - 1);
        if holder.is_empty() {
            return name.to_owned();
        }
        let on_instances =
            (instance || unit.has(id, flag::PROTOTYPE)) && !unit.has(id, flag::STATIC);
        return format!("{holder}{}{name}", if on_instances { '#' } else { '.' });
    }
    match unit.parent(id) {
        Some(parent) if is_scope(unit, parent) && unit.kind(id) != definition::PARAMETER => {
            format!("{}.{name}", qualified(unit, parent, depth - 1))
        }
        _ => name.to_owned(),
    }
}

fn is_scope(unit: &Unit, id: DefinitionId) -> bool {
    matches!(unit.kind(id), definition::ENUM | definition::NAMESPACE)
}

/// Owner of a member, by name, and whether it is on instances of it; empty when it has no name.
fn owner_name(unit: &Unit, node: NodeId, depth: u32) -> (String, bool) {
    if depth == 0 {
        return (String::new(), false);
    }
    match unit.node(node) {
        Node::Class(class) => (class_name(unit, Some(class)), true),
        Node::Object(_) => match unit.valued(node).next() {
            Some(holder) => (qualified(unit, holder, depth - 1), false),
            None => (module_name(unit, node), false),
        },
        Node::ObjectType => match unit.annotated(node).next() {
            Some(holder) => (qualified(unit, holder, depth - 1), false),
            None => (module_name(unit, node), false),
        },
        Node::Ident(occurrence) => (unit.property(occurrence).to_owned(), false),
        Node::Prototype(base) => (
            base.map_or_else(String::new, |base| owner_name(unit, base, depth - 1).0),
            true,
        ),
        Node::Member { base, name } => {
            let base = base.map_or_else(String::new, |base| owner_name(unit, base, depth - 1).0);
            let name = unit.property(name);
            (
                if base.is_empty() {
                    name.to_owned()
                } else {
                    format!("{base}.{name}")
                },
                false,
            )
        }
        Node::ModuleExports => ("exports".to_owned(), false),
        Node::StaticThis(class) => (class_name(unit, Some(class)), false),
        Node::This { function, class } => this_name(unit, function, class, depth),
        _ => (String::new(), false),
    }
}

/// `exports` for the object that a CommonJS module exports as a whole.
pub(super) fn module_name(unit: &Unit, node: NodeId) -> String {
    let whole = unit
        .exports_valued(node)
        .any(|row| unit.export_kind(row) == ExportKind::Whole);
    if whole {
        "exports".to_owned()
    } else {
        String::new()
    }
}

fn class_name(unit: &Unit, class: Option<ClassId>) -> String {
    class
        .and_then(|class| unit.class_definition(class))
        .map_or_else(String::new, |id| unit.name(id).to_owned())
}

fn this_name(
    unit: &Unit,
    function: Option<FunctionId>,
    class: Option<ClassId>,
    depth: u32,
) -> (String, bool) {
    let Some(function) = function else {
        let name = class_name(unit, class);
        let instance = !name.is_empty();
        return (name, instance);
    };
    if let Some(owner) = unit.function_owner(function) {
        return (class_name(unit, Some(owner)), true);
    }
    if let Some(node) = unit.function_this(function) {
        return owner_name(unit, node, depth - 1);
    }
    match unit.function_definition(function) {
        Some(id) => (unit.name(id).to_owned(), true),
        None => (String::new(), false),
    }
}
