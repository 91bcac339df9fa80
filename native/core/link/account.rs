//! The account of a name: every occurrence that is called like a definition, in exactly one class.

use rustc_hash::FxHashSet;

use super::{Evidence, Linker};
use crate::facts::codes::{definition, meta, role, token};
use crate::facts::{Column, Def, FileId, Node, OccurrenceId, Place, StringId};

/// How many occurrences of a definition's names are of each class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// All occurrences of the names.
    pub total: u32,
    /// Those that refer to the definition, by flow too.
    pub certain: u32,
    /// Those whose receiver could be anything.
    pub possible: u32,
    /// Those that mean another definition of the tree.
    pub another: u32,
    /// Those that mean something of a package or of the platform.
    pub external: u32,
    /// Those in files, or parts of files, of which only the tokens were read.
    pub unread: u32,
    /// Those that no rule explains: none, unless something is wrong.
    pub unexplained: u32,
}

/// Verdict on an occurrence of a definition's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Certain,
    Possible,
    /// It means this other definition.
    Another(Def),
    External,
    Unread,
    Unexplained,
}

impl Linker {
    /// The account of a definition over its own name and every name it goes by.
    pub fn account(&self, def: Def) -> Account {
        let mut account = Account::default();
        for name in self.names_of(def) {
            for &file in self.files_with(&name).iter() {
                let unread = self
                    .unit(file)
                    .string(&name)
                    .map_or(0, |text| self.unread_tokens(file, text));
                account.total += unread;
                account.unread += unread;
            }
        }
        self.classify_namesakes(def, |_, class| {
            account.total += 1;
            *match class {
                Class::Certain => &mut account.certain,
                Class::Possible => &mut account.possible,
                Class::Another(_) => &mut account.another,
                Class::External => &mut account.external,
                Class::Unread => &mut account.unread,
                Class::Unexplained => &mut account.unexplained,
            } += 1;
        });
        account
    }

    /// Identifiers of parts that did not parse, by name.
    fn unread_tokens(&self, file: FileId, name: StringId) -> u32 {
        let unit = self.unit(file);
        let kinds = unit.column(Column::TokenKind);
        let rows = unit.rows(Column::TokenName, name.0);
        crate::facts::len32(
            rows.filter(|&row| kinds.get(row as usize) == Some(token::UNREAD))
                .count(),
        )
    }

    /// Calls back with every occurrence that is called like a definition, and what it is to it, until the question is stopped.
    pub fn classify_namesakes(&self, def: Def, mut each: impl FnMut(Place, Class)) {
        let found = self.references(def, false);
        let possible: FxHashSet<Place> = self.possible_references(&found).into_iter().collect();
        let by_flow = self.flow_references(def);
        for name in self.names_of(def) {
            for &file in self.files_with(&name).iter() {
                let unit = self.unit(file);
                for id in unit
                    .string(&name)
                    .into_iter()
                    .flat_map(|text| unit.occurrences_named(text))
                {
                    if !self.step() {
                        return;
                    }
                    let place = Place { file, id };
                    let certain = found.certain.binary_search_by_key(&place, |one| one.place);
                    let class = match certain {
                        Ok(at) if found.certain[at].evidence != Evidence::Possible => {
                            Class::Certain
                        }
                        _ if by_flow
                            .binary_search_by_key(&place, |one| one.place)
                            .is_ok_and(|at| by_flow[at].names) =>
                        {
                            Class::Certain
                        }
                        _ if found.mentions.binary_search(&place).is_ok() => Class::Certain,
                        _ if possible.contains(&place) => Class::Possible,
                        _ => self.meaning_elsewhere(file, id),
                    };
                    each(place, class);
                }
            }
        }
    }

    /// Every name that a definition goes by, local ones too.
    fn names_of(&self, def: Def) -> Vec<String> {
        let found = self.references(def, false);
        let mut names: Vec<String> = vec![self.unit(def.file).name(def.id).to_owned()];
        names.extend(found.names.iter().map(|&name| self.name(name).to_string()));
        names.extend(
            found
                .aliases
                .iter()
                .map(|alias| self.unit(alias.file).name(alias.id).to_owned()),
        );
        names.sort_unstable();
        names.dedup();
        names
    }

    /// True for the local name of something that is imported from outside the tree.
    fn is_external(&self, def: Def) -> bool {
        self.unit(def.file).kind(def.id) == definition::IMPORT
            && self
                .origins(def)
                .iter()
                .all(|origin| origin.is_none_or(|origin| origin == def))
    }

    /// Meaning of an occurrence that does not mean the definition.
    fn meaning_elsewhere(&self, file: FileId, id: OccurrenceId) -> Class {
        let unit = self.unit(file);
        if unit.is(meta::TOKEN_SCAN) {
            return Class::Unread;
        }
        let local = unit.target(id).map(|id| Def { file, id });
        if let Some(def) = self
            .definitions_at(Place { file, id })
            .first()
            .copied()
            .or(local)
        {
            return if self.is_external(def) {
                Class::External
            } else {
                Class::Another(def)
            };
        }
        let role = unit.role(id);
        let is_property = role & role::MEMBER != 0;
        let is_access = unit.node_of(id).is_some_and(|node| {
            matches!(
                unit.node(node),
                Node::Member { .. } | Node::ImportType { .. }
            )
        });
        if !is_property || is_access || role == 0 {
            // a name that nothing binds, a property of something of the platform, the name of an import from outside
            return Class::External;
        }
        Class::Unexplained
    }
}
