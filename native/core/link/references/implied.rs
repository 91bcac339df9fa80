//! Uses that no binding shows: elements that run a component, names of scripts that share a scope, `new` that runs a constructor.

use rustc_hash::FxHashSet;

use super::super::globals::is_global;
use super::{Evidence, Walk, invokes};
use crate::facts::codes::{definition, role};
use crate::facts::{Def, FileId, NodeId, Place};

impl Walk<'_> {
    /// The elements that run the definition without naming it, and the props that are handed to it.
    pub(super) fn find_elements(&mut self) {
        let linker = self.linker;
        let Some(asked) = self.def else {
            return;
        };
        let mut places = linker.elements_that_run(asked);
        for def in std::mem::take(&mut self.wrapped) {
            places.extend(linker.shown_places(def).iter());
        }
        if let Some(prop) = linker.prop_of_parameter(asked) {
            let name = linker.unit(asked.file).text(prop);
            places.extend(linker.member_uses(name).of(asked).map(|site| site.place));
        }
        for place in places {
            self.found.entry(place).or_insert(Evidence::Inferred);
        }
    }

    /// `const Shown = memo(App)`, `export default memo(App)`: elements of these are elements of App.
    pub(super) fn follow_wrappers(&mut self, file: FileId, component: NodeId) {
        let unit = self.linker.unit(file);
        for node in self.linker.wrappers(file, component) {
            self.follow_wrapper(file, node);
            for row in unit.exports_valued(node) {
                self.follow_export(file, unit.export_name(row));
            }
        }
    }

    pub(super) fn follow_wrapper(&mut self, file: FileId, node: NodeId) {
        let named = self.linker.unit(file).valued(node);
        let new: Vec<Def> = named
            .map(|id| Def { file, id })
            .filter(|&def| Some(def) != self.def && !self.wrapped.contains(&def))
            .collect();
        self.wrapped.extend(new);
    }

    /// Declarations of scripts are meant by every name that nothing else binds.
    pub(super) fn follow_shared(&mut self, def: Def) {
        let unit = self.linker.unit(def.file);
        if !is_global(unit, def.id) {
            return;
        }
        let name = unit.name(def.id);
        for &file in self.linker.files_with(name).iter() {
            let unit = self.linker.unit(file);
            let text = unit.string(name).into_iter();
            for occurrence in text.flat_map(|text| unit.occurrences_named(text)) {
                if !self.linker.step() {
                    return;
                }
                if !self.linker.unbound(file, occurrence).contains(&def) {
                    continue;
                }
                let place = Place {
                    file,
                    id: occurrence,
                };
                self.found.entry(place).or_insert(Evidence::Inferred);
                let role = unit.role(occurrence);
                if role & role::READ != 0
                    && !invokes(role)
                    && let Some(node) = unit.node_of(occurrence)
                {
                    self.follow_node(file, node);
                }
            }
        }
    }

    /// Every `new C()` that runs the constructor asked about: of its class, and of those that inherit it.
    pub(super) fn follow_construction(&mut self) {
        let Some(asked) = self.def else {
            return;
        };
        let mut todo: Vec<Def> = self.linker.class_around(asked).into_iter().collect();
        let mut seen: FxHashSet<Def> = todo.iter().copied().collect();
        while let Some(class) = todo.pop() {
            for one in &self.linker.references(class, false).certain {
                let place = one.place;
                let role = self.linker.unit(place.file).role(place.id);
                if role & role::NEW != 0 && self.linker.makers(place).contains(&asked) {
                    self.found.insert(place, one.evidence);
                }
                if role & role::HERITAGE != 0 {
                    let heirs = self.linker.heirs(place);
                    let inherits = heirs.into_iter().filter(|&heir| {
                        let made = self.linker.makers_of(heir);
                        made.contains(&asked)
                    });
                    todo.extend(inherits.filter(|&heir| seen.insert(heir)));
                }
            }
        }
    }

    /// `const { name } = require('./m')`, `const local = ns.name`: the local name is one more for the same thing, and so is the
    /// name that the file exports it by (`exports.local = require('./m').name`).
    pub(super) fn follow_taken_apart(&mut self, file: FileId, node: NodeId) {
        let unit = self.linker.unit(file);
        for row in unit.exports_valued(node) {
            self.follow_export(file, unit.export_name(row));
        }
        for id in unit.valued(node) {
            let is_handed_on = match unit.owner(id) {
                None => unit.kind(id) != definition::PARAMETER,
                Some(owner) => self.linker.leaves_with_module(file, owner),
            };
            if is_handed_on {
                self.want(Def { file, id });
            }
        }
    }
}
