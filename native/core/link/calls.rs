//! Results of calls: signatures, type arguments taken from arguments, `new`, and the platform's calls that hand values on.

use std::sync::Arc;

use super::Linker;
use super::evaluate::constructed;
use super::solve::{Key, Standing};
use super::values::{EnvId, Head, SetId, Value};
use crate::facts::codes::{definition, flag, function, keyword, meta, role};
use crate::facts::{Def, DefinitionId, FileId, FunctionId, ListId, Node, NodeId, Place};

/// A call as far as type arguments are inferred from it.
#[derive(Clone, Copy)]
pub struct CallSite {
    pub file: FileId,
    pub call: NodeId,
    pub arguments: Option<ListId>,
}

/// Overloads.
impl Linker {
    /// The head of a function; the declarations of an overloaded function share that of the first.
    pub(super) fn function_head(&self, file: FileId, function: FunctionId) -> Head {
        Head::Function(
            file,
            self.overloads(file, function)
                .first()
                .copied()
                .unwrap_or(function),
        )
    }

    /// The declarations of a function, itself alone where it is not overloaded.
    pub(super) fn overloads(&self, file: FileId, function: FunctionId) -> Arc<[FunctionId]> {
        if let Some(known) = self.overloads.borrow().get(&(file, function)) {
            return Arc::clone(known);
        }
        let together = self.declared_together(file, function);
        let mut overloads = self.overloads.borrow_mut();
        for &one in together.iter() {
            overloads.insert((file, one), Arc::clone(&together));
        }
        together
    }

    fn declared_together(&self, file: FileId, function: FunctionId) -> Arc<[FunctionId]> {
        let unit = self.unit(file);
        let Some(id) = unit.function_definition(function) else {
            return [function].into();
        };
        let function_of = |other: DefinitionId| match unit.node(unit.value(other)?) {
            Node::Function(function) | Node::FunctionType(function) => Some(function),
            _ => None,
        };
        let alike = |other: &DefinitionId| {
            unit.kind(*other) == unit.kind(id)
                && (unit.flags_of(*other) ^ unit.flags_of(id)) & flag::STATIC == 0
        };
        let together: Arc<[FunctionId]> = match unit.owner(id) {
            None if unit.kind(id) == definition::FUNCTION => {
                let declared = unit.merged(id).filter(alike);
                declared.filter_map(function_of).collect()
            }
            Some(owner) if matches!(unit.node(owner), Node::Class(_) | Node::ObjectType) => {
                let name = unit.name_id(id);
                let named = unit
                    .owned_by(owner)
                    .filter(|&other| unit.name_id(other) == name);
                named.filter(alike).filter_map(function_of).collect()
            }
            _ => return [function].into(),
        };
        if together.contains(&function) {
            together
        } else {
            [function].into()
        }
    }

    /// The declaration of a function that has its body.
    pub(super) fn implementation(&self, file: FileId, function: FunctionId) -> FunctionId {
        let unit = self.unit(file);
        let has_body = |function: &FunctionId| {
            unit.function_definition(*function)
                .is_some_and(|id| !unit.has(id, flag::OVERLOAD))
        };
        let declared = self.overloads(file, function);
        declared.iter().copied().find(has_body).unwrap_or(function)
    }

    /// The signatures that callers of a function see: without its implementation where it has overloads.
    pub(super) fn signatures_seen(&self, file: FileId, function: FunctionId) -> Arc<[FunctionId]> {
        let unit = self.unit(file);
        let all = self.overloads(file, function);
        let is_overload = |function: &FunctionId| {
            unit.function_definition(*function)
                .is_some_and(|id| unit.has(id, flag::OVERLOAD))
        };
        let is_method = all
            .first()
            .and_then(|&first| unit.function_definition(first))
            .is_some_and(|id| unit.owner(id).is_some());
        if is_method || !all.iter().any(is_overload) {
            return all;
        }
        all.iter().copied().filter(is_overload).collect()
    }
}

/// Calls.
impl Linker {
    pub(super) fn call(
        &self,
        file: FileId,
        node: NodeId,
        callee: Option<NodeId>,
        arguments: Option<ListId>,
    ) -> SetId {
        let unit = self.unit(file);
        let site = CallSite {
            file,
            call: node,
            arguments,
        };
        let called = callee.map(|callee| unit.node(callee));
        let hook = match called {
            Some(Node::Ident(name) | Node::Member { name, .. }) => {
                self.hook(site, unit.property(name))
            }
            _ => None,
        };
        if let Some(known) = hook {
            return known;
        }
        let Some(Node::Member { base, name }) = called else {
            let callees = self.evaluate(file, callee);
            if callees == self.one(Head::External)
                && let Some(known) = self.platform_call(site, callee)
            {
                return known;
            }
            return self.each(callees, |value| self.returned(value, Some(site)));
        };
        if let Some(known) = self.platform_call(site, callee) {
            return known;
        }
        let name = unit.property(name);
        let receivers = self.evaluate(file, base);
        self.each(receivers, |value| match value.head {
            Head::Array(..) | Head::Generic(..) => self.container_call(value, name, site),
            Head::Function(..) if name == "bind" => self.lattice.borrow_mut().of([value], false),
            Head::Function(..) if matches!(name, "call" | "apply") => self.returned(value, None),
            head => {
                let by_member = || {
                    self.each(self.property(value, name), |method| {
                        // of an intersection a method gives the whole, too
                        if self.gives_receiver(method.head) {
                            receivers
                        } else {
                            self.returned(method, Some(site))
                        }
                    })
                };
                let (is_awaited, standing) = self.watched(|| self.is_awaited(head, name));
                match standing {
                    Standing::Pending => SetId::BOTTOM,
                    Standing::Settled if is_awaited => self.container_call(value, name, site),
                    Standing::Settled => by_member(),
                    Standing::Circular if is_awaited => {
                        self.join(self.container_call(value, name, site), by_member())
                    }
                    Standing::Circular => by_member(),
                }
            }
        })
    }

    /// True for a method that gives what it is called on: its type is `this`, or without one all that it returns is.
    fn gives_receiver(&self, head: Head) -> bool {
        let Head::Function(file, function) = head else {
            return false;
        };
        let unit = self.unit(file);
        let signatures = self.signatures_seen(file, function);
        signatures.iter().all(|&id| {
            if let Some(annotation) = unit.return_annotation(id) {
                return matches!(unit.node(annotation), Node::Keyword(keyword::THIS));
            }
            let is_this = |node: Option<NodeId>| {
                let node = node.map(|node| unit.node(node));
                matches!(node, Some(Node::This { function: Some(of), .. }) if of == id)
            };
            let mut returns = unit.nodes(unit.returns(id)).peekable();
            unit.function_owner(id).is_some() && returns.peek().is_some() && returns.all(is_this)
        })
    }

    /// Result of calling a value: its annotated type, else what its `return` statements give.
    pub(super) fn returned(&self, value: Value, site: Option<CallSite>) -> SetId {
        if matches!(value.head, Head::Primitive | Head::Text(_)) {
            return SetId::BOTTOM;
        }
        let Head::Function(file, function) = value.head else {
            let (signatures, standing) = self.watched(|| self.signatures(value, "()"));
            if signatures == SetId::BOTTOM {
                return SetId::OPEN;
            }
            let made = self.each(signatures, |signature| self.returned(signature, site));
            return self.open_unless_settled(made, standing);
        };
        let apply = |scheme: SetId| {
            let bound = self.substitute(scheme, value.env);
            match site {
                Some(site) => self.substitute(bound, self.inferred(file, function, bound, site)),
                None => bound,
            }
        };
        let declared = || match site {
            Some(site) => self.returned_to(file, function, site),
            None => self.values(Key::Returned(file, function)),
        };
        let body = || apply(self.values(Key::Body(file, function)));
        if self.flows() && self.only_says_shape(declared()) {
            return self.join(apply(declared()), body());
        }
        self.or_else(|| apply(declared()), body)
    }

    /// What a function is annotated to give to a call: of overloads what those do that the call fits.
    fn returned_to(&self, file: FileId, function: FunctionId, site: CallSite) -> SetId {
        let seen = self.signatures_seen(file, function).len();
        if seen < 2 {
            return self.values(Key::Returned(file, function));
        }
        let fitting = self.fitting(file, function, Some((site.file, site.call)));
        if fitting.len() == seen {
            return self.values(Key::Returned(file, function));
        }
        let unit = self.unit(file);
        let given = fitting
            .iter()
            .filter_map(|&id| unit.return_annotation(id))
            .map(|annotation| self.typed(file, Some(annotation)));
        self.union(given.collect::<Vec<_>>())
    }

    pub(super) fn returned_rule(&self, file: FileId, function: FunctionId) -> SetId {
        let unit = self.unit(file);
        let signatures = self.signatures_seen(file, function);
        self.union(
            signatures
                .iter()
                .map(|&id| match unit.return_annotation(id) {
                    Some(annotation) => self.typed(file, Some(annotation)),
                    None => SetId::BOTTOM,
                })
                .collect::<Vec<_>>(),
        )
    }

    pub(super) fn body_rule(&self, file: FileId, function: FunctionId) -> SetId {
        let unit = self.unit(file);
        let all = self.overloads(file, function);
        let seen = self.signatures_seen(file, function);
        if seen.len() < all.len() && !self.flows() {
            return SetId::OPEN;
        }
        let mut returns = Vec::new();
        for &id in all.iter() {
            returns.extend(
                unit.nodes(unit.returns(id))
                    .map(|node| self.evaluate(file, node)),
            );
            if unit.function_flags(id) & function::GENERATOR != 0
                || (unit.returns(id).is_none() && unit.is(meta::DECLARATION_FILE))
            {
                returns.push(SetId::OPEN);
            }
        }
        self.union(returns)
    }

    /// The call signatures (`new()` for construct signatures) that a type declares, as functions.
    pub(super) fn signatures(&self, value: Value, name: &str) -> SetId {
        if !matches!(value.head, Head::Instance(..) | Head::Object(..)) {
            return SetId::BOTTOM;
        }
        let set = self.set(self.property(value, name));
        if set.top {
            return SetId::TOP;
        }
        let functions = set
            .values
            .iter()
            .copied()
            .filter(|value| matches!(value.head, Head::Function(..)));
        self.lattice.borrow_mut().of(functions, false)
    }

    /// Result of `new` on a value.
    pub(super) fn made(&self, value: Value, site: CallSite) -> SetId {
        let ((signatures, is_declared), standing) = self.watched(|| {
            let signatures = self.signatures(value, "new()");
            (signatures, self.names_something(signatures))
        });
        let declared = || self.each(signatures, |signature| self.returned(signature, Some(site)));
        match standing {
            Standing::Settled if is_declared => declared(),
            Standing::Circular => self.join(declared(), self.instance(value, site)),
            _ => self.instance(value, site),
        }
    }

    /// The instance that `new` makes of a value that declares no construct signature.
    fn instance(&self, value: Value, site: CallSite) -> SetId {
        let head = constructed(value.head);
        let env = match (value.head, head) {
            (Head::Class(file, class), Head::Instance(..)) if value.env == EnvId::EMPTY => {
                self.made_of(file, class, site)
            }
            (_, Head::Instance(..)) => value.env,
            _ => EnvId::EMPTY,
        };
        self.lattice.borrow_mut().of([Value { head, env }], false)
    }
}

/// Constructors.
impl Linker {
    /// The constructors that `new C()` runs, by the place of the class's name.
    pub fn makers(&self, place: Place) -> Vec<Def> {
        let unit = self.unit(place.file);
        if unit.role(place.id) & role::NEW == 0 {
            return Vec::new();
        }
        let made = self.set(self.evaluate(place.file, unit.node_of(place.id)));
        made.heads()
            .flat_map(|head| self.own_makers(head))
            .collect()
    }

    /// The constructors of the class that a definition declares, inherited ones where it has none.
    pub(super) fn makers_of(&self, class: Def) -> Vec<Def> {
        let made = self.set(self.value_of(class));
        made.heads()
            .flat_map(|head| self.own_makers(head))
            .collect()
    }

    fn own_makers(&self, head: Head) -> Vec<Def> {
        match head {
            Head::Class(file, class) => {
                let constructor = self.name_id("constructor");
                let found = self.member_definitions(Head::Instance(file, class), constructor);
                found.to_vec()
            }
            _ => Vec::new(),
        }
    }

    /// The class whose member a definition is.
    pub(super) fn class_around(&self, member: Def) -> Option<Def> {
        let unit = self.unit(member.file);
        match unit.node(unit.owner(member.id)?) {
            Node::Class(class) => unit.class_definition(class).map(|id| Def {
                file: member.file,
                id,
            }),
            _ => None,
        }
    }

    /// The classes that extend what a name stands for where it stands.
    pub(super) fn heirs(&self, place: Place) -> Vec<Def> {
        let unit = self.unit(place.file);
        let Some(node) = unit.node_of(place.id) else {
            return Vec::new();
        };
        let casts = unit.parents(node.0).filter(
            |&cast| matches!(unit.node(cast), Node::Cast { value, .. } if value == Some(node)),
        );
        let bases: Vec<NodeId> = casts.chain([node]).collect();
        let heirs = bases.into_iter().flat_map(|base| unit.extending(base));
        heirs
            .filter_map(|class| unit.class_definition(class))
            .map(|id| Def {
                file: place.file,
                id,
            })
            .collect()
    }
}
