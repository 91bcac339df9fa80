//! Names that nothing in the tree declares: of the platform, of a package, or of nothing.

use std::sync::Arc;

use super::super::Linker;
use super::super::references::{Evidence, Reference, References};
use super::{Alike, Word};
use crate::facts::codes::{role, token};
use crate::facts::{Column, Def, FileId, Node, NodeId, Place, StringId};

impl Linker {
    /// Everything that is called like a place and means as little; none where something is declared.
    pub(super) fn undeclared_at(&self, place: Place) -> Option<References> {
        if !self.definitions_at(place).is_empty() || !self.imported_here(place).is_empty() {
            return None;
        }
        let unit = self.unit(place.file);
        let name = unit.property(place.id);
        let role = unit.role(place.id);
        if role & role::MEMBER != 0 && role & role::TYPE == 0 {
            return Some(references(vec![place], vec![self.name_id(name)]));
        }
        if role & role::ATTRIBUTE != 0 {
            return None;
        }
        let path = self.path_to(place);
        let spaces = self.spaces_at(place);
        let mut found = Vec::new();
        for &file in self.files_with(name).iter() {
            let unit = self.unit(file);
            let named = unit.string(name).into_iter();
            for id in named.flat_map(|text| unit.occurrences_named(text)) {
                if !self.step() {
                    break;
                }
                let other = Place { file, id };
                let is_alike = unit.role(id) & role::INTRINSIC == role & role::INTRINSIC
                    && self.spaces_at(other) == spaces
                    && self.path_to(other) == path;
                if is_alike && (other == place || self.means_nothing(other)) {
                    found.push(other);
                }
            }
        }
        Some(references(found, Vec::new()))
    }

    fn means_nothing(&self, place: Place) -> bool {
        let unit = self.unit(place.file);
        unit.target(place.id).is_none()
            && unit.bindings_at(place.id).next().is_none()
            && self.definitions_at(place).is_empty()
    }

    /// The names before a name of a type: `A.B` of `A.B.C`, with the binding of the first; none for one that is no path.
    fn path_to(&self, place: Place) -> Option<Vec<(Option<Def>, &str)>> {
        let unit = self.unit(place.file);
        let mut names = Vec::new();
        let mut at: Option<NodeId> = unit.node_of(place.id);
        while let Some(node) = at {
            at = match unit.node(node) {
                Node::Member { base, name } => {
                    names.push((None, unit.property(name)));
                    base
                }
                Node::Ident(name) => {
                    let bound = unit.target(name).map(|id| Def {
                        file: place.file,
                        id,
                    });
                    names.push((bound, unit.property(name)));
                    None
                }
                _ => return None,
            };
        }
        Some(names)
    }

    /// `meta` of every `import.meta`, where a place is one.
    pub(super) fn words_at(&self, file: FileId, offset: u32) -> Option<Alike> {
        let unit = self.unit(file);
        let starts = unit.column(Column::TokenStart);
        let (ends, names) = (
            unit.column(Column::TokenEnd),
            unit.column(Column::TokenName),
        );
        let kinds = unit.column(Column::TokenKind);
        let row = starts
            .partition_point(|start| start <= offset)
            .checked_sub(1)?;
        if kinds.get(row) != Some(token::META) || offset > ends.get(row)? {
            return None;
        }
        let name = unit.text(StringId(names.get(row)?));
        let mut words = Vec::new();
        for &file in self.files_with(name).iter() {
            let unit = self.unit(file);
            let starts = unit.column(Column::TokenStart);
            let kinds = unit.column(Column::TokenKind);
            let rows = unit.string(name).into_iter();
            let rows = rows.flat_map(|text| unit.rows(Column::TokenName, text.0));
            let rows = rows.filter(|&row| kinds.get(row as usize) == Some(token::META));
            words.extend(rows.filter_map(|row| {
                Some(Word {
                    file,
                    at: starts.get(row as usize)?,
                    role: "read",
                })
            }));
        }
        Some(Alike {
            found: Arc::default(),
            words,
        })
    }
}

fn references(mut places: Vec<Place>, names: Vec<super::super::NameId>) -> References {
    places.sort_unstable();
    let certain = places.into_iter().map(|place| Reference {
        place,
        evidence: Evidence::Exact,
        alias: false,
    });
    References {
        certain: certain.collect(),
        names,
        ..References::default()
    }
}
