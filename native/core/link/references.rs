//! From a definition outwards to everything that leads to it.
//!
//! Two movements, repeated until neither finds anything new: along bindings (local names, export names, import bindings, re-exports,
//! `require`), which is exact; and over the property names it is reached by, where the receiver's values decide.

mod arrivals;
mod implied;

pub(super) use arrivals::Arrivals;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::definitions::{is_new_name, is_renamed};
use super::values::Head;
use super::{Importer, Linker, NameId};
use crate::facts::codes::{definition, role};
use crate::facts::{BindingId, Def, DefinitionId, FileId, Node, NodeId, OccurrenceId, Place};

/// How sure a reference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evidence {
    /// Bindings and exports lead to it.
    Exact,
    /// The receiver is known.
    Inferred,
    /// The name is the same; the receiver could be anything.
    Possible,
}

impl Evidence {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Inferred => "inferred",
            Self::Possible => "possible",
        }
    }
}

/// An occurrence that refers to the definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    pub place: Place,
    pub evidence: Evidence,
    /// True when it declares a local name for the definition (`const express = require('..')`).
    pub alias: bool,
}

/// Everything that refers to a definition.
#[derive(Default)]
pub struct References {
    /// By file and place.
    pub certain: Vec<Reference>,
    /// Names in the prose of comments that mean it.
    pub mentions: Vec<Place>,
    /// The property names it goes by; where one of them stands behind a receiver that could be anything, it is possible.
    pub names: Vec<NameId>,
    /// Files that hand the whole on without naming it, and the import they do it by: `module.exports = require('./x')`, `export *`.
    pub re_exporters: Vec<Importer>,
    /// The definition and every other name for it: import bindings, constants that hold a `require`, members that hand it on.
    pub aliases: FxHashSet<Def>,
}

impl Linker {
    /// All occurrences of a definition, its own declarations among them.
    ///
    /// With `exported_value` what the file exports is followed by its value too: `var app = module.exports = make()`.
    pub fn references(&self, def: Def, exported_value: bool) -> Arc<References> {
        let key = (def, exported_value);
        if let Some(known) = self.references.borrow().get(&key) {
            return Arc::clone(known);
        }
        let mut walk = Walk::new(self, Some(def), exported_value);
        walk.want(def);
        walk.run();
        let found = Arc::new(walk.finish());
        if !self.is_stopped() {
            self.references.borrow_mut().insert(key, Arc::clone(&found));
        }
        found
    }

    /// The occurrences that refer to a definition, or to something from outside, by way of what a file hands on under a name; with the
    /// specifier that gives the name, where that is asked for.
    pub(super) fn references_through(
        &self,
        file: FileId,
        name: &str,
        def: Option<Def>,
        specifier: Option<Place>,
    ) -> References {
        let mut walk = Walk::new(self, def, false);
        if let Some(place) = specifier {
            walk.find(place.file, place.id);
        }
        walk.follow_export(file, name);
        walk.run();
        walk.search_namespaces();
        walk.run();
        walk.finish()
    }

    /// Occurrences with the right name and a receiver that could be anything, by file and place.
    pub fn possible_references(&self, references: &References) -> Vec<Place> {
        let mut unknown: Vec<Place> = Vec::new();
        for &name in &references.names {
            unknown.extend(&self.member_uses(&self.name(name)).unknown);
        }
        unknown.sort_unstable();
        unknown.dedup();
        let is_certain = |place: &Place| {
            references
                .certain
                .binary_search_by_key(place, |one| one.place)
                .is_ok()
        };
        unknown.retain(|place| !is_certain(place));
        unknown
    }

    /// How many places `possible_references` gives: a place has one name, so only certain ones are to be left out.
    pub(super) fn count_possible(&self, references: &References) -> u32 {
        let mut count = 0;
        for &name in &references.names {
            let uses = self.member_uses(&self.name(name));
            let is_unknown = |one: &&Reference| uses.unknown.binary_search(&one.place).is_ok();
            let certain = if uses.unknown.is_empty() {
                0
            } else {
                references.certain.iter().filter(is_unknown).count()
            };
            count += uses.unknown.len() - certain;
        }
        crate::facts::len32(count)
    }

    /// True when an object is (part of) what the file exports.
    pub(super) fn leaves_with_module(&self, file: FileId, owner: NodeId) -> bool {
        let unit = self.unit(file);
        match unit.node(owner) {
            Node::ModuleExports => return true,
            Node::Object(_) => {}
            _ => return false,
        }
        let rows = ["=", "+", "default"]
            .into_iter()
            .flat_map(|name| unit.exports_named(name));
        let mut values = rows.filter_map(|row| unit.export_value(row));
        if values.any(|node| {
            self.set(self.evaluate(file, Some(node)))
                .holds(Head::Object(file, owner))
        }) {
            return true;
        }
        let holder = self.definition_with_value(file, owner);
        holder.is_some_and(|holder| unit.exports_of(holder).next().is_some())
    }
}

struct Walk<'a> {
    linker: &'a Linker,
    /// None for something from outside of the tree.
    def: Option<Def>,
    exported_value: bool,
    found: FxHashMap<Place, Evidence>,
    alias_declarations: FxHashSet<Place>,
    names: Vec<NameId>,
    /// Those of the names that a receiver which could be anything makes no possible reference of.
    quiet: FxHashSet<NameId>,
    aliases: FxHashSet<Def>,
    /// The aliases in the order they were met: those before `searched` were looked for under all names.
    met: Vec<Def>,
    /// The groups of member uses that were taken: many aliases can share one.
    searched: FxHashSet<(NameId, u32)>,
    re_exporters: FxHashSet<Importer>,
    exported: FxHashSet<(FileId, NameId)>,
    /// Names for a call around the component: `const Shown = memo(App)`.
    wrapped: Vec<Def>,
    todo: Vec<Def>,
}

impl<'a> Walk<'a> {
    fn new(linker: &'a Linker, def: Option<Def>, exported_value: bool) -> Self {
        Self {
            linker,
            def,
            exported_value,
            found: FxHashMap::default(),
            alias_declarations: FxHashSet::default(),
            names: Vec::new(),
            quiet: FxHashSet::default(),
            aliases: FxHashSet::default(),
            met: Vec::new(),
            searched: FxHashSet::default(),
            re_exporters: FxHashSet::default(),
            exported: FxHashSet::default(),
            wrapped: Vec::new(),
            todo: Vec::new(),
        }
    }

    fn run(&mut self) {
        let kind = |asked: Def| self.linker.unit(asked.file).kind(asked.id);
        if self.def.map(kind) == Some(definition::CONSTRUCTOR) {
            self.follow_construction();
        }
        let (mut names, mut met) = (0, 0);
        loop {
            while let Some(def) = self.todo.pop() {
                self.linker.pause();
                if self.linker.is_stopped() {
                    return;
                }
                self.follow(def);
            }
            if (names, met) == (self.names.len(), self.met.len()) || self.linker.is_stopped() {
                return;
            }
            let (all_names, all_met) = (self.names.len(), self.met.len());
            for name in 0..all_names {
                let first = if name < names { met } else { 0 };
                self.search_members(self.names[name], first..all_met);
            }
            (names, met) = (all_names, all_met);
        }
    }

    fn finish(mut self) -> References {
        self.find_elements();
        self.linker.look(self.found.len());
        let is_mention = |place: &Place| {
            let unit = self.linker.unit(place.file);
            unit.role(place.id) & role::MENTION != 0
        };
        let mut mentions: Vec<Place> = self.found.keys().copied().filter(is_mention).collect();
        mentions.sort_unstable();
        for place in &mentions {
            self.found.remove(place);
        }
        let mut certain: Vec<Reference> = self
            .found
            .iter()
            .map(|(&place, &evidence)| Reference {
                place,
                evidence,
                alias: self.alias_declarations.contains(&place),
            })
            .collect();
        certain.sort_unstable_by_key(|one| one.place);
        let mut re_exporters: Vec<Importer> = self.re_exporters.into_iter().collect();
        re_exporters.sort_unstable();
        let names = self.names.into_iter();
        let names = names.filter(|name| !self.quiet.contains(name));
        References {
            certain,
            mentions,
            names: names.collect(),
            re_exporters,
            aliases: self.aliases,
        }
    }

    fn alias(&mut self, def: Def) {
        if self.aliases.insert(def) {
            self.met.push(def);
        }
    }

    fn want(&mut self, def: Def) {
        if !self.aliases.contains(&def) {
            self.todo.push(def);
        }
    }

    fn name(&mut self, name: NameId) {
        self.quiet.remove(&name);
        if !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    fn find(&mut self, file: FileId, id: OccurrenceId) {
        self.found.insert(Place { file, id }, Evidence::Exact);
    }

    /// Everything in the definition's own file, and the export names it leaves by.
    fn follow(&mut self, def: Def) {
        if self.aliases.contains(&def) {
            return;
        }
        self.alias(def);
        let unit = self.linker.unit(def.file);
        if let Some(twin) = self.linker.parameter_property(def) {
            self.want(twin);
        }
        if unit.owner(def.id).is_none() && unit.kind(def.id) != definition::ENUM_MEMBER {
            self.follow_binding(def);
        } else {
            self.follow_member(def);
        }
    }

    /// True when the name of a definition is that of the one asked about: a parameter property declares two.
    fn is_asked(&self, def: Def) -> bool {
        let start = |def: Def| self.linker.unit(def.file).start_name(def.id);
        self.def.is_some_and(|asked| {
            def == asked || (def.file == asked.file && start(def) == start(asked))
        })
    }

    fn follow_binding(&mut self, def: Def) {
        let unit = self.linker.unit(def.file);
        let group: Vec<DefinitionId> = unit.merged(def.id).collect();
        for &id in &group {
            self.alias(Def { file: def.file, id });
        }
        let holds = |asked: Def| self.linker.merged(def).contains(&asked);
        let is_alias = !self.is_asked(def) && !self.def.is_some_and(holds);
        for occurrence in unit.occurrences_of(unit.symbol(def.id)) {
            self.find(def.file, occurrence);
            let role = unit.role(occurrence);
            if is_alias && role & role::DECLARES != 0 {
                self.alias_declarations.insert(Place {
                    file: def.file,
                    id: occurrence,
                });
            }
            if role & role::READ != 0
                && !invokes(role)
                && let Some(node) = unit.node_of(occurrence)
            {
                self.follow_node(def.file, node);
            }
        }
        for id in group {
            self.follow_declaration(Def { file: def.file, id });
        }
    }

    /// A binding that is handed on as it stands: `export default f`, `module.exports = f`, `exports.a = f`, `{ a: f }`.
    fn follow_node(&mut self, file: FileId, node: NodeId) {
        let unit = self.linker.unit(file);
        for row in unit.exports_valued(node) {
            self.follow_export(file, unit.export_name(row));
        }
        for id in unit.valued(node) {
            if unit
                .owner(id)
                .is_some_and(|owner| self.linker.leaves_with_module(file, owner))
            {
                self.want(Def { file, id });
            }
        }
        self.follow_wrappers(file, node);
    }

    /// One of the declarations of a binding: what it is merged with elsewhere, and the names it leaves by.
    fn follow_declaration(&mut self, def: Def) {
        for merged in self.linker.augmented(def) {
            self.want(merged);
        }
        for merged in self.linker.declared_elsewhere(def) {
            self.want(merged);
        }
        self.follow_shared(def);
        for parameter in self.linker.same_type_parameters(def) {
            self.want(parameter);
        }
        self.follow_exports_of(def);
        for (importer, occurrence) in self.linker.taken_from_block(def) {
            let unit = self.linker.unit(importer);
            for binding in unit.bindings_at(occurrence) {
                self.follow_import_binding(importer, binding);
            }
        }
        let unit = self.linker.unit(def.file);
        if unit
            .parent(def.id)
            .is_some_and(|parent| unit.kind(parent) == definition::NAMESPACE)
        {
            self.name(self.linker.name_id(unit.name(def.id)));
        }
        if let Some(value) = unit.value(def.id)
            && (self.exported_value
                || matches!(unit.node(value), Node::Function(_) | Node::Class(_)))
        {
            for row in unit.exports_valued(value) {
                self.follow_export(def.file, unit.export_name(row));
            }
            self.follow_wrappers(def.file, value);
        }
    }

    fn follow_member(&mut self, def: Def) {
        let unit = self.linker.unit(def.file);
        let name = unit.name(def.id);
        self.name(self.linker.name_id(name));
        if let Some(occurrence) = unit.occurrence_at(unit.start_name(def.id)) {
            self.find(def.file, occurrence);
        }
        for occurrence in self.linker.uses_in_enum(def) {
            self.find(def.file, occurrence);
        }
        for occurrence in self.linker.mentions_of_member(def) {
            self.find(def.file, occurrence);
        }
        let literal = unit
            .owner(def.id)
            .filter(|&owner| matches!(unit.node(owner), Node::Object(_)));
        // A function put on an object is not all that the object's type declares, and a call of what a type declares
        // reaches one of many objects: a change is not followed there.
        if self.is_asked(def) && !(literal.is_some() && self.exported_value) {
            for &other in self.linker.base_members(def).iter() {
                self.alias(other);
            }
        }
        self.follow_exports_of(def);
        if literal.is_some_and(|owner| self.linker.leaves_with_module(def.file, owner)) {
            self.follow_export(def.file, name);
        }
    }

    fn follow_exports_of(&mut self, def: Def) {
        let unit = self.linker.unit(def.file);
        for row in unit.exports_of(def.id) {
            if unit.export_import(row).is_none() {
                let occurrence = unit.export_occurrence(row);
                if let Some(name) = occurrence.filter(|&name| is_new_name(unit, name)) {
                    self.find(def.file, name);
                }
                self.follow_export(def.file, unit.export_name(row));
            }
        }
    }

    /// Every file that imports `file`: its bindings of that name, its re-exports, its `require` calls.
    ///
    /// Export names are followed on a worklist: a chain of re-exports can be long.
    fn follow_export(&mut self, file: FileId, name: &str) {
        let mut todo = vec![(file, self.linker.name_id(name))];
        while let Some((file, name)) = todo.pop() {
            if !self.linker.step() {
                return;
            }
            if !self.exported.insert((file, name)) {
                continue;
            }
            let text = self.linker.name(name);
            match &*text {
                "=" => {}
                "default" if self.names.contains(&name) => {}
                "default" => {
                    self.names.push(name);
                    self.quiet.insert(name);
                }
                _ => self.name(name),
            }
            self.follow_arrivals(file, name, &text, &mut todo);
        }
    }

    fn follow_arrivals(
        &mut self,
        file: FileId,
        name: NameId,
        text: &str,
        todo: &mut Vec<(FileId, NameId)>,
    ) {
        let arrivals = self.linker.arrivals(file);
        let whole = text == "=";
        let also: &[&str] = if whole { &["default", "*"] } else { &[] };
        let names = [name]
            .into_iter()
            .chain(also.iter().map(|name| self.linker.name_id(name)));
        for name in names.collect::<Vec<_>>() {
            for &(importer, binding) in arrivals.bindings.get(&name).into_iter().flatten() {
                self.follow_import_binding(importer, binding);
            }
            for &(importer, export) in arrivals.exports.get(&name).into_iter().flatten() {
                let unit = self.linker.unit(importer);
                if whole && unit.export_imported(export) == "*" {
                    continue; // a namespace is handed on, not the whole
                }
                self.find_specifier(importer, unit.export_occurrence(export));
                todo.push((importer, self.linker.name_id(unit.export_name(export))));
            }
        }
        for &Importer {
            file: importer,
            import,
        } in &arrivals.augmentations
        {
            for def in self.linker.added_to(importer, import, text) {
                self.want(def);
            }
        }
        for &star in &arrivals.stars {
            let hides = self
                .linker
                .unit(star.file)
                .exports_named(text)
                .next()
                .is_some();
            if text != "default" && !hides {
                self.re_exporters.insert(star);
                todo.push((star.file, name));
            }
        }
        if text == "default" {
            for &(importer, node) in &arrivals.lazy {
                self.follow_wrapper(importer, node);
                self.follow_wrappers(importer, node);
            }
        }
        if whole {
            for &(importer, node) in &arrivals.requires {
                self.follow_require(importer, node, todo);
            }
        } else if !arrivals.handed_on.is_empty() {
            // `module.exports = require('./x')` hands every name on
            let equal = self.linker.name_id("=");
            let names: Vec<NameId> = self
                .exported
                .iter()
                .filter(|&&(known, name)| known == file && name != equal)
                .map(|&(_, name)| name)
                .collect();
            todo.extend(
                arrivals
                    .handed_on
                    .iter()
                    .flat_map(|&importer| names.iter().map(move |&name| (importer, name))),
            );
        }
    }

    /// The name, or both names, of a re-export.
    fn find_specifier(&mut self, importer: FileId, occurrence: Option<OccurrenceId>) {
        let Some(occurrence) = occurrence else { return };
        self.find(importer, occurrence);
        if is_renamed(self.linker.unit(importer), occurrence) && occurrence.0 > 0 {
            self.find(importer, OccurrenceId(occurrence.0 - 1));
        }
    }

    fn follow_import_binding(&mut self, importer: FileId, binding: BindingId) {
        let unit = self.linker.unit(importer);
        if let Some(occurrence) = unit.binding_occurrence(binding) {
            self.find(importer, occurrence);
        }
        if let Some(id) = unit.binding_local(binding) {
            self.want(Def { file: importer, id });
        }
    }

    /// A `require` call of the whole: the constant that holds it, and what hands it on.
    fn follow_require(&mut self, importer: FileId, node: NodeId, todo: &mut Vec<(FileId, NameId)>) {
        let unit = self.linker.unit(importer);
        let Node::Require(import) = unit.node(node) else {
            return;
        };
        for id in unit.valued(node) {
            self.want(Def { file: importer, id });
        }
        for row in unit.exports_valued(node) {
            self.re_exporters.insert(Importer {
                file: importer,
                import,
            });
            todo.push((importer, self.linker.name_id(unit.export_name(row))));
        }
    }

    /// Every `x.name` whose `x` can be what carries the definition.
    fn search_members(&mut self, name: NameId, aliases: std::ops::Range<usize>) {
        let uses = self.linker.member_uses(&self.linker.name(name));
        for at in aliases {
            let groups = uses.groups_of(self.met[at]);
            let new: Vec<u32> = groups
                .iter()
                .copied()
                .filter(|&group| self.searched.insert((name, group)))
                .collect();
            self.linker.look(1 + groups.len());
            for site in new.into_iter().flat_map(|group| uses.group(group)) {
                self.linker.look(1);
                if self.found.contains_key(&site.place) {
                    continue;
                }
                self.found.insert(
                    site.place,
                    if site.exact {
                        Evidence::Exact
                    } else {
                        Evidence::Inferred
                    },
                );
                if let Some(node) = site.node.filter(|_| site.exact && !self.is_enum_member()) {
                    self.follow_taken_apart(site.place.file, node);
                }
            }
        }
    }

    /// Every `ns.name` of the definition whose `ns` is one of the modules that hand it on.
    fn search_namespaces(&mut self) {
        let Some(def) = self.def else { return };
        for name in self.names.clone() {
            let uses = self.linker.member_uses(&self.linker.name(name));
            for site in uses.of(def) {
                if !self.linker.step() {
                    return;
                }
                if let Some(node) = site.node.filter(|_| site.exact)
                    && self.is_taken_from(site.place.file, node, name)
                    && !self.found.contains_key(&site.place)
                {
                    self.found.insert(site.place, Evidence::Exact);
                    self.follow_taken_apart(site.place.file, node);
                }
            }
        }
    }

    /// True when the receiver of a member access is a module that the walk came through under that name.
    fn is_taken_from(&self, file: FileId, node: NodeId, name: NameId) -> bool {
        let Node::Member { base, .. } = self.linker.unit(file).node(node) else {
            return false;
        };
        let receivers = self
            .linker
            .set(self.linker.expanded(self.linker.evaluate(file, base)));
        receivers.heads().any(
            |head| matches!(head, Head::Exports(from) if self.exported.contains(&(from, name))),
        )
    }

    /// True when it is a value; a constant that holds it is a thing of its own.
    fn is_enum_member(&self) -> bool {
        self.def
            .is_some_and(|def| self.linker.unit(def.file).kind(def.id) == definition::ENUM_MEMBER)
    }
}

/// True when an occurrence of these roles runs what it names.
pub fn invokes(role: u32) -> bool {
    role & (role::CALL | role::NEW | role::JSX | role::TAGGED | role::DECORATOR) != 0
}
