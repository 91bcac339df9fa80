//! Uses of members that no name shows: accesses by a computed key, and values that are handed to code that nobody reads.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::references::References;
use super::values::{Head, SetId};
use super::{Linker, NameId};
use crate::facts::codes::{definition, flag, keyword, literal, node};
use crate::facts::{FileId, Node, NodeId, StringId, Unit};

/// How a use is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hiding {
    /// `x[key]`, or `{ [key]: y } = x`.
    Computed,
    /// `x` as an argument of something of a package, or of what looks at members by reflection.
    Escape,
}

/// Place at which a member may be used without being named: the access, or the argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    pub file: FileId,
    pub node: NodeId,
    pub by: Hiding,
}

/// A place that hides uses of what its values hold.
pub(super) struct HidingPlace {
    node: NodeId,
    by: Hiding,
    values: SetId,
}

impl Linker {
    /// The places that can hide uses of a definition, by file and place: something of the value there is known, a member of that leads to
    /// the definition, and nothing says that the key is another one.
    ///
    /// Only files that can know the value are looked at: those of the definition, and whatever imports them in some steps.
    pub fn hidden_uses(&self, references: &References) -> Vec<Hidden> {
        let mut found = Vec::new();
        if references.names.is_empty() {
            return found;
        }
        let mut leads: FxHashMap<SetId, Vec<NameId>> = FxHashMap::default();
        for file in self.files_that_know(references) {
            if !self.step() {
                return found;
            }
            let unit = self.unit(file);
            for place in self.hiding_places(file).iter() {
                let names = leads
                    .entry(place.values)
                    .or_insert_with(|| self.names_that_lead(place.values, references));
                let fits = |&name: &NameId| match unit.node(place.node) {
                    Node::Index { index, .. } if place.by == Hiding::Computed => {
                        can_be(unit, index, unit.string(&self.name(name)))
                    }
                    _ => true,
                };
                if names.iter().any(fits) {
                    found.push(Hidden {
                        file,
                        node: place.node,
                        by: place.by,
                    });
                }
            }
        }
        found.sort_by_key(|one| (one.file, self.unit(one.file).node_start(one.node)));
        found
    }

    /// The files of a definition and its aliases, and all that import these in some steps.
    fn files_that_know(&self, references: &References) -> Vec<FileId> {
        let mut files: Vec<FileId> = references.aliases.iter().map(|def| def.file).collect();
        files.sort_unstable();
        files.dedup();
        let mut seen: FxHashSet<FileId> = files.iter().copied().collect();
        let mut next = 0;
        while let Some(&file) = files.get(next) {
            next += 1;
            let importers = self.importers(file).iter().map(|importer| importer.file);
            files.extend(importers.filter(|&importer| seen.insert(importer)));
        }
        self.load(&files);
        files
    }

    /// The places of a file that hide uses of what is known of their values.
    fn hiding_places(&self, file: FileId) -> Arc<[HidingPlace]> {
        if let Some(known) = self.hiding_places.borrow().get(&file) {
            return Arc::clone(known);
        }
        let unit = self.unit(file);
        let mut found = Vec::new();
        let mut hide = |node: NodeId, value: Option<NodeId>, by: Hiding| {
            let values = self.expanded(self.evaluate(file, value));
            if !self.set(values).heads().all(Head::is_elsewhere) {
                found.push(HidingPlace { node, by, values });
            }
        };
        for access in unit.nodes_of_kind(node::INDEX) {
            if !self.step() {
                return Arc::default();
            }
            if let Node::Index { base, .. } = unit.node(access) {
                hide(access, base, Hiding::Computed);
            }
        }
        for call in [node::CALL, node::NEW]
            .into_iter()
            .flat_map(|kind| unit.nodes_of_kind(kind))
        {
            if !self.step() {
                return Arc::default();
            }
            let (Node::Call { callee, arguments } | Node::New { callee, arguments }) =
                unit.node(call)
            else {
                continue;
            };
            let mut given = unit.nodes(arguments).flatten().peekable();
            if given.peek().is_some() && self.is_unread(file, callee) {
                given.for_each(|argument| hide(argument, Some(argument), Hiding::Escape));
            }
        }
        let found: Arc<[HidingPlace]> = found.into();
        if !self.is_stopped() {
            self.hiding_places
                .borrow_mut()
                .insert(file, Arc::clone(&found));
        }
        found
    }

    /// True when what is called can be a package's, or looks at members by reflection.
    fn is_unread(&self, file: FileId, callee: Option<NodeId>) -> bool {
        let unit = self.unit(file);
        let mut root = callee;
        let mut property = None;
        while let Some(Node::Member { base, name }) = root.map(|node| unit.node(node)) {
            (root, property) = (base, Some(unit.property(name)));
        }
        match unit.global_name(root) {
            Some(name) => is_reflective(name, property),
            None => self.set(self.evaluate(file, callee)).holds(Head::External),
        }
    }

    /// Of the names that a definition goes by those under which it is a member of one of the values.
    fn names_that_lead(&self, receivers: SetId, references: &References) -> Vec<NameId> {
        let receivers = self.set(receivers);
        let leads = |&name: &NameId| {
            let resolved = self.resolve_access(&receivers, name);
            resolved.is_some_and(|(leads_to, _)| {
                leads_to.iter().any(|def| references.aliases.contains(def))
            })
        };
        references.names.iter().copied().filter(leads).collect()
    }
}

/// True when a function of the platform looks at the members of what it is given; the rest of it does not know ours, and what it defines or
/// copies has names where it is used.
fn is_reflective(global: &str, property: Option<&str>) -> bool {
    match (global, property) {
        ("Object", Some(property)) => matches!(
            property,
            "keys" | "values" | "entries" | "getOwnPropertyNames" | "getOwnPropertyDescriptors"
        ),
        ("JSON" | "Reflect", Some(_)) | ("Proxy" | "structuredClone", None) => true,
        _ => false,
    }
}

/// True for a key that can be a name; true unless what is written of it says otherwise. A name that the file does not have is none of its literals.
fn can_be(unit: &Unit, key: Option<NodeId>, name: Option<StringId>) -> bool {
    let Some(key) = key else { return true };
    match unit.node(key) {
        Node::Literal => match unit.literal(key) {
            (literal::STRING, Some(text)) => Some(text) == name,
            (literal::STRING | literal::TEMPLATE, _) => true,
            _ => false,
        },
        Node::Choice(parts) => unit.nodes(parts).any(|part| can_be(unit, part, name)),
        Node::Cast { annotation, .. } => can_be_of_type(unit, annotation, name),
        Node::Ident(occurrence) => {
            let Some(id) = unit.target(occurrence) else {
                return true;
            };
            if let Some(annotation) = unit.annotation(id) {
                return can_be_of_type(unit, Some(annotation), name);
            }
            let value = unit.value(id).filter(|_| !unit.has(id, flag::DESTRUCTURED));
            let is_literal = |value: &NodeId| matches!(unit.node(*value), Node::Literal);
            match (unit.kind(id), value.filter(is_literal)) {
                (definition::CONSTANT, value @ Some(_)) => can_be(unit, value, name),
                // a variable that starts as a number counts
                (definition::VARIABLE, Some(value)) => unit.literal(value).0 != literal::NUMBER,
                _ => true,
            }
        }
        _ => true,
    }
}

fn can_be_of_type(unit: &Unit, of: Option<NodeId>, name: Option<StringId>) -> bool {
    let Some(of) = of else { return true };
    match unit.node(of) {
        Node::PlainType { text: Some(text) } => Some(text) == name,
        Node::Union(parts) => unit
            .nodes(parts)
            .any(|part| can_be_of_type(unit, part, name)),
        Node::Keyword(which) => !matches!(
            which,
            keyword::NUMBER | keyword::BOOLEAN | keyword::NOTHING | keyword::SYMBOL
        ),
        _ => true,
    }
}
