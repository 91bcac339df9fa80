//! Values under an index: `x[0]`, `x[key]`, and `x[symbol]` by the constant that holds the symbol.

use super::Linker;
use super::evaluate::has_parents;
use super::solve::{Key, Standing};
use super::values::{Head, SetId};
use crate::facts::codes::{definition, flag, literal};
use crate::facts::{Def, FileId, Node, NodeId, OccurrenceId};

/// Aliases of the types of symbols deeper than this are not followed.
const DEEPEST: u32 = 4;

impl Linker {
    /// `x[key]`: the member that is declared under a number, or under a constant's name in brackets, else what x holds.
    pub(super) fn under_index(
        &self,
        file: FileId,
        base: Option<NodeId>,
        index: Option<NodeId>,
    ) -> SetId {
        let unit = self.unit(file);
        let held = || self.elements(self.evaluate(file, base), None);
        let occurrence = match index.map(|index| (unit.node(index), unit.literal(index))) {
            Some((Node::Ident(occurrence), _)) => occurrence,
            Some((Node::Literal, (literal::NUMBER, Some(number)))) => {
                let name = unit.text(number);
                if let Some(taken) = self.taken_by_rest(file, base, name) {
                    return taken;
                }
                return self.each(self.evaluate(file, base), |value| match value.head {
                    head if has_parents(head) => self.property(value, name),
                    Head::Array(at, node) if matches!(self.unit(at).node(node), Node::Tuple(_)) => {
                        self.elements_of(value, name.parse().ok())
                    }
                    _ => self.elements_of(value, None),
                });
            }
            _ => return held(),
        };
        let Some(name) = self.symbol_name(file, occurrence) else {
            return held();
        };
        let declared = || {
            self.each(self.evaluate(file, base), |value| {
                if has_parents(value.head) {
                    self.property(value, &name)
                } else {
                    SetId::OPEN
                }
            })
        };
        self.or_else(declared, held)
    }

    /// `all[1]` of a rest parameter without a type, by what is expected of its function.
    fn taken_by_rest(&self, file: FileId, base: Option<NodeId>, place: &str) -> Option<SetId> {
        let unit = self.unit(file);
        let Node::Ident(occurrence) = unit.node(base?) else {
            return None;
        };
        let id = unit.target(occurrence)?;
        if !unit.has(id, flag::REST) || unit.annotation(id).is_some() {
            return None;
        }
        let (function, position) = unit.parameter_place(id)?;
        let place = position.checked_add(place.parse().ok()?)?;
        Some(self.values(Key::Parameter(file, function, place)))
    }

    /// The name, in brackets, under which a member is declared with the symbol that a name holds: that of the constant, which the name
    /// is or has the type of.
    fn symbol_name(&self, file: FileId, key: OccurrenceId) -> Option<String> {
        let unit = self.unit(file);
        let id = unit.target(key)?;
        let name = match unit.kind(id) {
            definition::CONSTANT | definition::IMPORT => unit.property(key),
            _ => {
                let annotation = unit.annotation(id)?;
                let (symbol, standing) =
                    self.watched(|| self.symbol_of_type(file, annotation, DEEPEST));
                let symbol = symbol.filter(|_| standing == Standing::Settled)?;
                self.unit(symbol.file).name(symbol.id)
            }
        };
        Some(format!("[{name}]"))
    }

    /// The constant that a type of a unique symbol names: `typeof key`, or an alias of that.
    fn symbol_of_type(&self, file: FileId, node: NodeId, deepest: u32) -> Option<Def> {
        let unit = self.unit(file);
        let (name, is_alias) = match unit.node(node) {
            Node::TypeQuery(name) => (name?, false),
            Node::TypeRef {
                name,
                arguments: None,
            } if deepest > 0 => (name?, true),
            _ => return None,
        };
        let parts = self.type_definitions(file, name);
        let [part] = parts[..] else { return None };
        let def = part.definition()?;
        let unit = self.unit(def.file);
        match unit.kind(def.id) {
            definition::TYPE if is_alias => {
                self.symbol_of_type(def.file, unit.annotation(def.id)?, deepest - 1)
            }
            definition::CONSTANT if !is_alias => Some(def),
            _ => None,
        }
    }
}
