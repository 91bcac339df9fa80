//! Which overloads a call can mean: by how many arguments it hands over, and by what its object literals hold.

use super::Linker;
use super::discriminants;
use super::solve::Standing;
use super::values::{Head, SetId};
use crate::facts::codes::{definition, flag, keyword, literal};
use crate::facts::{DefinitionId, FileId, FunctionId, ListId, Node, NodeId, Unit};

/// Types that name types deeper than this are not followed.
const DEEPEST: u32 = 6;

impl Linker {
    /// The overloads of a function that a call fits; all of them where it fits none.
    pub(super) fn fitting(
        &self,
        file: FileId,
        function: FunctionId,
        call: Option<(FileId, NodeId)>,
    ) -> Vec<FunctionId> {
        let all = self.signatures_seen(file, function);
        let given = call.and_then(|(at, call)| match self.unit(at).node(call) {
            Node::Call { arguments, .. } | Node::New { arguments, .. } => Some((at, arguments)),
            _ => None,
        });
        let Some((at, arguments)) = given.filter(|_| all.len() > 1) else {
            return all.to_vec();
        };
        let fits = |one: &FunctionId| {
            let (fits, standing) = self.watched(|| self.fits(file, *one, at, arguments));
            fits || standing != Standing::Settled
        };
        let kept: Vec<FunctionId> = all.iter().copied().filter(fits).collect();
        match kept.first() {
            None => all.to_vec(),
            Some(&first) if self.is_taken(file, first, at, arguments) => vec![first],
            Some(_) => kept,
        }
    }

    /// True when the first overload that a call fits is the one that it means: it hands over nothing but object literals, in which all
    /// functions surely are what is expected of them.
    fn is_taken(
        &self,
        file: FileId,
        overload: FunctionId,
        at: FileId,
        arguments: Option<ListId>,
    ) -> bool {
        let (unit, caller) = (self.unit(file), self.unit(at));
        let mut given = caller.nodes(arguments).zip(unit.parameters(overload));
        let is_known = |(given, parameter): (Option<NodeId>, Option<DefinitionId>)| {
            let annotation = parameter.and_then(|id| unit.annotation(id));
            let (Some(object), Some(_)) = (given, annotation) else {
                return false;
            };
            let Node::Object(spread) = caller.node(object) else {
                return false;
            };
            let expected = self.typed(file, annotation);
            let mut held = caller.owned_by(object);
            caller.nodes(spread).next().is_none()
                && held.all(|id| self.surely_fits(at, id, expected))
        };
        let (taken, standing) = self.watched(|| given.all(is_known));
        taken && standing == Standing::Settled
    }

    /// True when a property of a literal is what a type declares by its name, as far as functions go: what can be a function is one, and
    /// one that stands for a type that is only inferred gives something.
    fn surely_fits(&self, file: FileId, property: DefinitionId, expected: SetId) -> bool {
        let unit = self.unit(file);
        let declared = self.set(self.property_of(expected, unit.name(property)));
        let value = unit.value(property);
        let function = value.and_then(|value| match unit.node(value) {
            Node::Function(function) => Some(function),
            _ => None,
        });
        let is_function = |head: Head| matches!(head, Head::Function(..));
        match function {
            Some(function) => {
                let mut given = unit.nodes(unit.returns(function)).peekable();
                declared
                    .heads()
                    .all(|head| !matches!(head, Head::Parameter(_)))
                    || given.peek().is_some()
                        && given.all(|value| value.is_some_and(|value| is_something(unit, value)))
            }
            None if declared.heads().any(is_function) => {
                let given = self.set(self.evaluate(file, value));
                !given.open && !given.is_unknown() && given.heads().all(is_function)
            }
            None => true,
        }
    }

    fn fits(
        &self,
        file: FileId,
        overload: FunctionId,
        at: FileId,
        arguments: Option<ListId>,
    ) -> bool {
        let (unit, caller) = (self.unit(file), self.unit(at));
        let given: Vec<Option<NodeId>> = caller.nodes(arguments).collect();
        let parameters: Vec<Option<DefinitionId>> = unit.parameters(overload).collect();
        let has = |id: &Option<DefinitionId>, flags| id.is_some_and(|id| unit.has(id, flags));
        let takes_more = parameters.last().is_some_and(|last| has(last, flag::REST));
        // a spread, like anything that nothing is known of, can be several
        if given.iter().all(Option::is_some) {
            let is_needed = |id: &Option<DefinitionId>| {
                !has(id, flag::OPTIONAL | flag::REST)
                    && id.is_some_and(|id| unit.value(id).is_none())
            };
            let needed = parameters.iter().filter(|id| is_needed(id)).count();
            if given.len() < needed || (given.len() > parameters.len() && !takes_more) {
                return false;
            }
        }
        given.iter().zip(&parameters).all(|(given, parameter)| {
            let annotation = parameter.and_then(|id| unit.annotation(id));
            let (Some(given), Some(annotation)) = (*given, annotation) else {
                return true;
            };
            if !has(parameter, flag::REST) && self.refuses(file, annotation, at, given) {
                return false;
            }
            let Node::Object(spread) = caller.node(given) else {
                return true;
            };
            let has = |name: &str| {
                let text = caller.string(name);
                let mut held = caller.owned_by(given);
                text.is_some_and(|text| held.any(|id| caller.name_id(id) == text))
            };
            caller.nodes(spread).next().is_some() || !self.lacks(file, annotation, &has, DEEPEST)
        })
    }

    /// True when a type is a string, a number, a list or one of some literals, and an argument is certainly something else. Nothing is
    /// refused that is nothing, which everything takes unless the compiler is strict.
    fn refuses(&self, file: FileId, annotation: NodeId, at: FileId, given: NodeId) -> bool {
        let (unit, caller) = (self.unit(file), self.unit(at));
        if matches!(caller.node(given), Node::Literal) && caller.literal(given).0 == literal::NULL {
            return false;
        }
        match unit.node(annotation) {
            Node::Keyword(keyword::STRING) => self.is_another(at, given, literal::STRING, ""),
            Node::Keyword(keyword::NUMBER) => self.is_another(at, given, literal::NUMBER, ""),
            Node::ArrayType(_) | Node::Tuple(_) => matches!(
                caller.node(given),
                Node::Literal | Node::Object(_) | Node::Function(_) | Node::Class(_)
            ),
            Node::Union(parts) => (unit.nodes(parts))
                .all(|part| part.is_some_and(|part| self.refuses(file, part, at, given))),
            _ => self.contradicts(at, given, file, annotation, discriminants::DEEPEST),
        }
    }

    /// True when a type certainly asks for a member that an object does not have.
    pub(super) fn lacks(
        &self,
        file: FileId,
        node: NodeId,
        has: &dyn Fn(&str) -> bool,
        deepest: u32,
    ) -> bool {
        let unit = self.unit(file);
        if deepest == 0 {
            return false;
        }
        let of_part = |part: Option<NodeId>| {
            part.is_some_and(|part| self.lacks(file, part, has, deepest - 1))
        };
        match unit.node(node) {
            Node::Union(parts) => unit.nodes(parts).all(of_part),
            Node::Intersection(parts) => unit.nodes(parts).any(of_part),
            Node::ObjectType => self.lacks_of(file, node, has),
            Node::TypeRef { name, arguments } => {
                let whole = unit.nodes(arguments).next().flatten();
                match unit.global_name(name) {
                    Some("Omit" | "Pick") => {
                        let has =
                            |text: &str| has(text) || !self.selects(file, node, self.name_id(text));
                        whole.is_some_and(|whole| self.lacks(file, whole, &has, deepest - 1))
                    }
                    Some("Readonly" | "NonNullable" | "NoInfer") => of_part(whole),
                    _ => name.is_some_and(|name| self.lacks_of_named(file, name, has, deepest)),
                }
            }
            _ => false,
        }
    }

    fn lacks_of_named(
        &self,
        file: FileId,
        name: NodeId,
        has: &dyn Fn(&str) -> bool,
        deepest: u32,
    ) -> bool {
        let parts = self.type_definitions(file, name);
        parts
            .iter()
            .filter_map(|part| part.definition())
            .any(|def| {
                let (file, unit) = (def.file, self.unit(def.file));
                match unit.kind(def.id) {
                    definition::TYPE => unit
                        .annotation(def.id)
                        .is_some_and(|node| self.lacks(file, node, has, deepest - 1)),
                    definition::INTERFACE => unit.classes_of(def.id).any(|class| {
                        let mut extended = unit.class_implements(class);
                        unit.class_nodes(class)
                            .any(|node| self.lacks_of(file, node, has))
                            || extended.any(|node| {
                                node.is_some_and(|node| self.lacks(file, node, has, deepest - 1))
                            })
                    }),
                    _ => false,
                }
            })
    }

    /// The same of the members that stand in the type itself.
    fn lacks_of(&self, file: FileId, owner: NodeId, has: &dyn Fn(&str) -> bool) -> bool {
        let unit = self.unit(file);
        unit.owned_by(owner).any(|id| {
            !unit.has(id, flag::OPTIONAL | flag::COMPUTED)
                && matches!(unit.kind(id), definition::FIELD | definition::METHOD)
                && !has(unit.name(id))
        })
    }
}

/// True when a value is written out in place, and is not nothing.
fn is_something(unit: &Unit, value: NodeId) -> bool {
    match unit.node(value) {
        Node::Object(_)
        | Node::Array(_)
        | Node::Function(_)
        | Node::Class(_)
        | Node::New { .. } => true,
        Node::Literal => unit.literal(value).0 != literal::NULL,
        _ => false,
    }
}
