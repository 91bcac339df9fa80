//! Hooks of React: what they hand on of their arguments, as far as the tree does not declare functions that are called so.

use super::Linker;
use super::calls::CallSite;
use super::solve::Standing;
use super::values::{Head, SetId};
use crate::facts::{Def, FileId, ListId, Node, NodeId};

impl Linker {
    /// Result of `useContext(C)`, `useMemo(make)` and `useCallback(f)`; none for any other call.
    pub(super) fn hook(&self, site: CallSite, name: &str) -> Option<SetId> {
        if !matches!(name, "useContext" | "useMemo" | "useCallback") {
            return None;
        }
        let first = self.unit(site.file).nodes(site.arguments).next()??;
        let (is_ours, standing) = self.watched(|| self.calls_ours(site.file, site.call));
        if standing != Standing::Settled || is_ours {
            return None;
        }
        if let Some(&given) = self.given_types(site.file, site.call).first() {
            return Some(given);
        }
        Some(match name {
            "useContext" => self.held_by_context(site.file, first),
            "useMemo" => self.each(self.evaluate(site.file, Some(first)), |make| {
                self.returned(make, None)
            }),
            _ => self.evaluate(site.file, Some(first)),
        })
    }

    /// The state in `const [state, setState] = useState(start)`; none for any other call or position.
    pub(super) fn state(
        &self,
        file: FileId,
        iterated: Option<NodeId>,
        position: Option<u32>,
    ) -> Option<SetId> {
        let unit = self.unit(file);
        let call = iterated.filter(|_| position == Some(0))?;
        let arguments = self.called_as(file, call, "useState")?;
        let (is_ours, standing) = self.watched(|| self.calls_ours(file, call));
        if standing != Standing::Settled || is_ours {
            return None;
        }
        if let Some(&given) = self.given_types(file, call).first() {
            return Some(given);
        }
        let start = unit.nodes(arguments).next()??;
        let state = self.each(self.evaluate(file, Some(start)), |value| match value.head {
            Head::Function(..) => self.returned(value, None),
            _ => self.lattice.borrow_mut().of([value], false),
        });
        Some(self.unless_declared(file, state))
    }

    /// The arguments of a call of something with that name: `useState()`, `React.useState()`.
    fn called_as(&self, file: FileId, call: NodeId, wanted: &str) -> Option<Option<ListId>> {
        let unit = self.unit(file);
        let Node::Call {
            callee: Some(callee),
            arguments,
        } = unit.node(call)
        else {
            return None;
        };
        match unit.node(callee) {
            Node::Ident(name) | Node::Member { name, .. } if unit.property(name) == wanted => {
                Some(arguments)
            }
            _ => None,
        }
    }

    /// Values that a context holds: the type that `createContext<T>(…)` gives, else what it starts with.
    fn held_by_context(&self, file: FileId, context: NodeId) -> SetId {
        let unit = self.unit(file);
        let Node::Ident(occurrence) = unit.node(context) else {
            return SetId::OPEN;
        };
        let Some(id) = unit.target(occurrence) else {
            return SetId::OPEN;
        };
        let parts = self.origin(Def { file, id });
        let made = parts.iter().filter_map(|part| part.definition());
        let held: Vec<SetId> = made.map(|def| self.held_by_created(def)).collect();
        if held.is_empty() {
            return SetId::OPEN;
        }
        self.union(held)
    }

    /// What a provider of a context takes as its value: `<Context.Provider value={…}>`, `<Context value={…}>`.
    pub(super) fn provided(&self, file: FileId, prop: NodeId) -> SetId {
        let unit = self.unit(file);
        let Node::Member {
            base: Some(props),
            name,
        } = unit.node(prop)
        else {
            return SetId::OPEN;
        };
        let Node::Props(component) = unit.node(props) else {
            return SetId::OPEN;
        };
        if unit.property(name) != "value" {
            return SetId::OPEN;
        }
        match component.map(|component| (component, unit.node(component))) {
            Some((
                _,
                Node::Member {
                    base: Some(context),
                    name,
                },
            )) if unit.property(name) == "Provider" => self.held_by_context(file, context),
            Some((context, Node::Ident(_))) => self.held_by_context(file, context),
            _ => SetId::OPEN,
        }
    }

    fn held_by_created(&self, context: Def) -> SetId {
        let unit = self.unit(context.file);
        let made = unit.value(context.id).and_then(|value| {
            let arguments = self.called_as(context.file, value, "createContext")?;
            Some((value, arguments))
        });
        let Some((call, arguments)) = made else {
            return SetId::OPEN;
        };
        match self.given_types(context.file, call).first() {
            Some(&given) => given,
            None => {
                let start = unit.nodes(arguments).next().flatten();
                self.unless_declared(context.file, self.evaluate(context.file, start))
            }
        }
    }

    /// What something starts with: in TypeScript its type, in JavaScript one of the values that it may come to hold.
    fn unless_declared(&self, file: FileId, start: SetId) -> SetId {
        if self.unit(file).is_typescript() {
            start
        } else {
            self.opened(start)
        }
    }
}
