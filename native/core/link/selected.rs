//! `Omit<T, 'a'>` and `Pick<T, 'a'>`: a type with some of another's members.

use super::solve::Standing;
use super::values::{Head, SetId};
use super::{Linker, NameId};
use crate::facts::codes::definition;
use crate::facts::{Def, FileId, Node, NodeId};

/// Aliases of aliases for keys deeper than this are not followed.
const DEEPEST: u32 = 4;

/// Which members a type takes: those with one of the keys, or all others.
struct Selection {
    /// The type that they are taken from, and the keys, as they stand where the type is named.
    whole: Option<NodeId>,
    keys: Option<NodeId>,
    leaves_out: bool,
}

impl Linker {
    /// The values of a type that names `Omit` or `Pick`, or an alias of one; none where it does neither.
    ///
    /// What is taken from a type parameter is the argument as a whole: which members that has is not known before it is given.
    pub(super) fn selected(&self, file: FileId, node: NodeId) -> Option<SetId> {
        let of = self.selection(file, node)?;
        let whole = self.set(self.typed(file, of.whole));
        if whole.top {
            return Some(SetId::TOP);
        }
        let known = whole.values.iter().map(|&value| match value.head {
            Head::Instance(..) | Head::Object(..) | Head::Selected(..) => {
                self.one(Head::Selected(file, node))
            }
            _ => self.lattice.borrow_mut().of([value], false),
        });
        let known = self.union(known.collect::<Vec<_>>());
        Some(if whole.open {
            self.opened(known)
        } else {
            known
        })
    }

    /// Source of a head that has some of another's members.
    pub(super) fn whole_of(&self, file: FileId, node: NodeId) -> SetId {
        match self.selection(file, node) {
            Some(of) => self.typed(file, of.whole),
            None => SetId::OPEN,
        }
    }

    /// True when such a type has a member; true unless the keys say otherwise.
    pub(super) fn selects(&self, file: FileId, node: NodeId, name: NameId) -> bool {
        let Some(of) = self.selection(file, node) else {
            return true;
        };
        let (held, standing) = self.watched(|| self.holds_key(file, of.keys, name, DEEPEST));
        match held {
            Some(held) if standing == Standing::Settled => held != of.leaves_out,
            _ => true,
        }
    }

    /// True when a type of keys holds a name for certain.
    pub(super) fn is_key(&self, file: FileId, keys: Option<NodeId>, name: NameId) -> bool {
        let (held, standing) = self.watched(|| self.holds_key(file, keys, name, DEEPEST));
        held == Some(true) && standing == Standing::Settled
    }

    /// True when a value can have a member from what it is taken from.
    pub(super) fn hands_down(&self, head: Head, name: NameId) -> bool {
        match head {
            Head::Selected(file, node) => self.selects(file, node, name),
            _ => true,
        }
    }

    /// The set with those that have some members of others replaced by these others.
    pub(super) fn unselected(&self, set: SetId) -> SetId {
        self.each(set, |value| match value.head {
            Head::Selected(file, node) => self.unselected(self.whole_of(file, node)),
            _ => self.lattice.borrow_mut().of([value], false),
        })
    }

    /// The same, of those alone that have a member of a name.
    pub(super) fn unselected_under(&self, set: SetId, name: NameId) -> SetId {
        self.each(set, |value| match value.head {
            head if !self.hands_down(head, name) => SetId::BOTTOM,
            Head::Selected(file, node) => self.unselected_under(self.whole_of(file, node), name),
            _ => self.lattice.borrow_mut().of([value], false),
        })
    }

    fn selection(&self, file: FileId, node: NodeId) -> Option<Selection> {
        let unit = self.unit(file);
        let Node::TypeRef { name, arguments } = unit.node(node) else {
            return None;
        };
        let name = name?;
        let given: Vec<Option<NodeId>> = unit.nodes(arguments).collect();
        let [whole, keys, ..] = given[..] else {
            return None;
        };
        if let Some(leaves_out) = self.takes_members(file, name) {
            return Some(Selection {
                whole,
                keys,
                leaves_out,
            });
        }
        let parts = self.type_definitions(file, name);
        let [part] = parts[..] else { return None };
        let alias = part.definition()?;
        let (leaves_out, [whole, keys]) = self.alias_of_selection(alias)?;
        Some(Selection {
            whole: given.get(whole).copied().flatten(),
            keys: given.get(keys).copied().flatten(),
            leaves_out,
        })
    }

    /// True for a name that means `Omit`, false for `Pick` of the platform; none when it means neither.
    fn takes_members(&self, file: FileId, name: NodeId) -> Option<bool> {
        match self.unit(file).global_name(Some(name))? {
            "Omit" => Some(true),
            "Pick" => Some(false),
            _ => None,
        }
    }

    /// Of `type Without<K, T> = Omit<T, K>`, which is `Pick<T, Exclude<keyof T, K>>`, also where it is said for each part of a union
    /// (`T extends unknown ? Omit<T, K> : never`): which of its parameters are the whole and the keys.
    fn alias_of_selection(&self, alias: Def) -> Option<(bool, [usize; 2])> {
        let (file, unit) = (alias.file, self.unit(alias.file));
        if unit.kind(alias.id) != definition::TYPE {
            return None;
        }
        let mut stands = unit.annotation(alias.id)?;
        if let Node::Conditional(branches) = unit.node(stands) {
            stands = unit.nodes(branches).next()??;
        }
        let Node::TypeRef { name, arguments } = unit.node(stands) else {
            return None;
        };
        let leaves_out = self.takes_members(file, name?)?;
        let parameters: Vec<_> = unit
            .inside(alias.id)
            .filter(|&other| unit.kind(other) == definition::TYPE_PARAMETER)
            .collect();
        let place = |argument: Option<NodeId>| {
            let Node::TypeRef {
                name: Some(name), ..
            } = unit.node(argument?)
            else {
                return None;
            };
            let Node::Ident(occurrence) = unit.node(name) else {
                return None;
            };
            let target = unit.target(occurrence)?;
            parameters.iter().position(|&parameter| parameter == target)
        };
        let mut given = unit.nodes(arguments);
        let (whole, keys) = (place(given.next()?)?, given.next()?);
        match self.excluded_keys(file, keys).filter(|_| !leaves_out) {
            Some([of, without]) if place(of) == Some(whole) => {
                Some((true, [whole, place(without)?]))
            }
            _ => Some((leaves_out, [whole, place(keys)?])),
        }
    }

    /// Of `Exclude<keyof T, K>` the types T and K.
    fn excluded_keys(&self, file: FileId, node: Option<NodeId>) -> Option<[Option<NodeId>; 2]> {
        let unit = self.unit(file);
        let Node::TypeRef { name, arguments } = unit.node(node?) else {
            return None;
        };
        let mut given = unit.nodes(arguments);
        match (unit.global_name(name)?, unit.node(given.next()??)) {
            ("Exclude", Node::KeyOf(of)) => Some([of, given.next()?]),
            _ => None,
        }
    }

    /// True when a type of keys holds a name; none where that is not known.
    fn holds_key(
        &self,
        file: FileId,
        keys: Option<NodeId>,
        name: NameId,
        deepest: u32,
    ) -> Option<bool> {
        let unit = self.unit(file);
        match unit.node(keys?) {
            Node::PlainType { text } => Some(unit.text(text?) == &*self.name(name)),
            Node::Union(parts) => {
                let mut held = Some(false);
                for part in unit.nodes(parts) {
                    match self.holds_key(file, part, name, deepest) {
                        Some(true) => return Some(true),
                        Some(false) => {}
                        None => held = None,
                    }
                }
                held
            }
            Node::KeyOf(of) => {
                let owners = self.set(self.expanded(self.typed(file, of)));
                let has = owners
                    .heads()
                    .any(|head| !self.member_definitions(head, name).is_empty());
                let is_whole = !owners.is_unknown() && !owners.open;
                (has || is_whole).then_some(has)
            }
            Node::TypeRef {
                name: Some(of),
                arguments: None,
            } if deepest > 0 => {
                let (at, stands) = self.aliased(file, of)?;
                self.holds_key(at, Some(stands), name, deepest - 1)
            }
            _ => None,
        }
    }
}
