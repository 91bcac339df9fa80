//! Meanings of the names of a template that no binding of it has: members of Vue's component, Svelte's stores.

use oxc_span::Span;
use rustc_hash::{FxHashMap, FxHashSet};

use super::Code;
use crate::extract::walker::Walker;
use crate::facts::NONE;
use crate::facts::codes::{node, role};

/// Options of a component whose members are members of its instance.
const MEMBERS: &[&str] = &["methods", "computed", "props", "inject"];
/// Options of a component that give an object with members of its instance.
const MAKERS: &[&str] = &["data", "setup", "asyncData"];

/// The globals that a template sees.
const GLOBALS: &[&str] = &[
    "Array",
    "BigInt",
    "Boolean",
    "Date",
    "Error",
    "Infinity",
    "Intl",
    "JSON",
    "Map",
    "Math",
    "NaN",
    "Number",
    "Object",
    "RegExp",
    "Set",
    "String",
    "Symbol",
    "console",
    "isFinite",
    "isNaN",
    "parseFloat",
    "parseInt",
    "undefined",
    "arguments",
    "require",
];

/// Runes of Svelte, which are called like stores.
const RUNES: &[&str] = &[
    "$bindable",
    "$derived",
    "$effect",
    "$host",
    "$inspect",
    "$props",
    "$state",
];

/// Makes members of the names in a template of Vue that the component's instance gives it.
pub fn of_component(walker: &mut Walker, code: &Code, has_setup: bool) {
    let instance = if has_setup {
        let props = std::mem::take(&mut walker.props);
        if props.is_empty() {
            return;
        }
        made(walker, &props, code.base())
    } else {
        component(walker).map_or(NONE, |options| instance(walker, options))
    };
    let root = walker.scoping.root_scope_id();
    let tags: FxHashSet<u32> = code.tags.iter().map(|tag| tag.start).collect();
    for index in 0..walker.facts.occurrences.len() {
        let row = walker.facts.occurrences[index];
        let is_free = match walker.occurrence_symbols[index] {
            None => true,
            Some(symbol) => !has_setup && walker.scoping.symbol_scope_id(symbol) == root,
        };
        let name = walker.facts.strings[row.name as usize];
        let is_member = row.start >= code.base()
            && is_free
            && row.role & role::DECLARES == 0
            && walker.node_kind(row.node) == Some(node::IDENT)
            && !name.starts_with('$')
            && !GLOBALS.contains(&name)
            && !tags.contains(&code.start_of(row.start));
        if !is_member {
            continue;
        }
        walker.occurrence_symbols[index] = None;
        walker.facts.occurrences[index].role |= role::MEMBER;
        let node = &mut walker.facts.nodes[row.node as usize];
        (node.kind, node.b) = (node::MEMBER, node.a);
        node.a = instance;
    }
}

/// A node without members of its own, which stands nowhere in the text.
fn made(walker: &mut Walker, spread: &[u32], at: u32) -> u32 {
    let list = walker.list(spread);
    walker.node(node::OBJECT, list, NONE, Span::new(at, at))
}

/// The node of what a file exports as its component: the options, or a class.
fn component(walker: &Walker) -> Option<u32> {
    let default = |name: u32| walker.facts.strings[name as usize] == "default";
    let row = walker.facts.exports.iter().find(|row| default(row.name))?;
    let mut node = row.value;
    for _ in 0..3 {
        let known = walker.facts.nodes.get(node as usize)?;
        match known.kind {
            node::OBJECT | node::CLASS => return Some(node),
            node::CALL => node = *walker.list_items(known.b).first()?,
            node::IDENT => {
                let symbol = walker.occurrence_symbols[known.a as usize]?;
                let definition = walker.symbols[symbol.index()];
                node = walker.facts.definitions.get(definition as usize)?.value;
            }
            _ => return None,
        }
    }
    None
}

/// The node of an instance of the component; the functions in its options get it for their `this`.
fn instance(walker: &mut Walker, component: u32) -> u32 {
    let at = walker.facts.nodes[component as usize].start;
    if walker.node_kind(component) == Some(node::CLASS) {
        return walker.node(node::NEW, component, 0, Span::new(at, at));
    }
    let mut owners: FxHashMap<u32, Vec<(u32, u32)>> = FxHashMap::default();
    for row in walker
        .facts
        .definitions
        .iter()
        .filter(|row| row.owner != NONE)
    {
        owners
            .entry(row.owner)
            .or_default()
            .push((row.name, row.value));
    }
    let members = |owner: u32| owners.get(&owner).map_or(&[][..], Vec::as_slice);
    let mut of_instance = FxHashSet::from_iter([component]);
    let mut spread = Vec::new();
    for &(name, value) in members(component) {
        let name = walker.facts.strings[name as usize];
        match walker.node_kind(value) {
            Some(node::OBJECT) => {
                of_instance.insert(value);
                of_instance.extend(members(value).iter().map(|&(_, value)| value));
                if MEMBERS.contains(&name) {
                    spread.push(value);
                }
            }
            Some(node::FUNCTION) if MAKERS.contains(&name) => {
                spread.push(walker.node(node::CALL, value, 0, Span::new(at, at)));
            }
            _ => {}
        }
    }
    let instance = made(walker, &spread, at);
    for row in &mut walker.facts.functions {
        if row.this != NONE && of_instance.contains(&row.this) {
            row.this = instance;
        }
    }
    instance
}

/// `$count` is what the store `count` holds.
pub fn stores(walker: &mut Walker) {
    let root = walker.scoping.root_scope_id();
    for index in 0..walker.facts.occurrences.len() {
        let row = walker.facts.occurrences[index];
        let name = walker.facts.strings[row.name as usize];
        let Some(store) = name.strip_prefix('$') else {
            continue;
        };
        let is_free = walker.occurrence_symbols[index].is_none()
            && walker.node_kind(row.node) == Some(node::IDENT)
            && !RUNES.contains(&name);
        let symbol = walker.scoping.get_binding(root, store.into());
        let Some(symbol) = symbol.filter(|_| is_free) else {
            continue;
        };
        let text = walker.string(store);
        walker.occurrence_symbols[index] = Some(symbol);
        let row = &mut walker.facts.occurrences[index];
        (row.name, row.start) = (text, row.start + 1);
        // what a store holds is not known
        let node = &mut walker.facts.nodes[row.node as usize];
        (node.kind, node.a) = (node::YIELD, NONE);
    }
}
