//! Calls of the platform that give what they are given, or make something of the tree.

use super::Linker;
use super::calls::CallSite;
use super::definitions::definitions;
use super::values::{Head, SetId};
use crate::facts::{Def, FileId, Node, NodeId};

impl Linker {
    /// Result of a call of the platform that hands its arguments on, or makes something of the tree.
    pub(super) fn platform_call(&self, site: CallSite, callee: Option<NodeId>) -> Option<SetId> {
        match self.platform_function(site.file, callee)? {
            ("Object", "create") => Some(self.one(Head::Object(site.file, site.call))),
            ("Object", "values" | "entries") | ("Array", "from") => {
                Some(self.one(Head::Array(site.file, site.call)))
            }
            function if hands_on(function) => {
                let arguments = self.unit(site.file).nodes(site.arguments);
                Some(
                    self.union(
                        arguments
                            .map(|argument| self.evaluate(site.file, argument))
                            .collect::<Vec<_>>(),
                    ),
                )
            }
            _ => None,
        }
    }

    /// The global, and its member, that a callee is: `Object.assign`, also under a name that holds it.
    fn platform_function(&self, file: FileId, callee: Option<NodeId>) -> Option<(&str, &str)> {
        let unit = self.unit(file);
        let (unit, function) = match unit.node(callee?) {
            Node::Ident(occurrence) => {
                let id = unit.target(occurrence)?;
                let origin = definitions(&self.origin(Def { file, id }));
                let [def] = origin[..] else { return None };
                let unit = self.unit(def.file);
                (unit, unit.node(unit.value(def.id)?))
            }
            function => (unit, function),
        };
        let Node::Member { base, name } = function else {
            return None;
        };
        Some((unit.global_name(base)?, unit.property(name)))
    }

    /// True when the result of a call is what it is given.
    pub(super) fn gives_its_arguments(&self, file: FileId, call: NodeId) -> bool {
        match self.unit(file).node(call) {
            Node::Call { callee, .. } => self.platform_function(file, callee).is_some_and(hands_on),
            _ => false,
        }
    }
}

/// True when a function of the platform gives what it is given.
fn hands_on(function: (&str, &str)) -> bool {
    matches!(
        function,
        ("Object", "assign" | "freeze" | "seal" | "setPrototypeOf") | ("Promise", "resolve")
    )
}
