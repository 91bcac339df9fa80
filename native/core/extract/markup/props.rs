//! Props: what a file declares as those of its component, and the attributes of tags, which are props of theirs.

use oxc_span::Span;
use rustc_hash::FxHashMap;

use super::Code;
use crate::extract::context::Name;
use crate::extract::exports::ExportRow;
use crate::extract::source::Language;
use crate::extract::walker::Walker;
use crate::facts::codes::{node, role};
use crate::facts::{NONE, len32};

/// Exports the component that a file is, as an object with its props, where no script of it exports one.
pub fn of_file(walker: &mut Walker, language: Language, declared: &[u32]) {
    let mut props = declared.to_vec();
    if language == Language::Svelte {
        props.extend(runes(walker));
    }
    let is_default = |name: u32| walker.facts.strings[name as usize] == "default";
    if walker.facts.exports.iter().any(|row| is_default(row.name)) {
        return;
    }
    let list = walker.list(&props);
    let value = walker.node(node::OBJECT, list, NONE, Span::new(0, 0));
    walker.export(ExportRow {
        value,
        ..ExportRow::new("default")
    });
}

/// The types that `$props()` is taken apart as.
fn runes(walker: &Walker) -> Vec<u32> {
    let facts = &walker.facts;
    let is_rune = |of: u32| {
        let call = &facts.nodes[of as usize];
        let callee = facts.nodes.get(call.a as usize);
        call.kind == node::CALL
            && callee.is_some_and(|callee| {
                callee.kind == node::IDENT
                    && facts
                        .occurrences
                        .get(callee.a as usize)
                        .is_some_and(|row| facts.strings[row.name as usize] == "$props")
            })
    };
    (0..len32(facts.nodes.len()))
        .filter(|&of| {
            let row = &facts.nodes[of as usize];
            row.kind == node::CAST && (row.a as usize) < facts.nodes.len() && is_rune(row.a)
        })
        .collect()
}

/// Makes props of the attributes of tags, and of the snippets that stand in them. All places are those of the file.
pub fn of_tags(walker: &mut Walker, code: &Code) {
    if code.attributes.is_empty() && code.snippets.is_empty() {
        return;
    }
    let opening = code.tags.iter().filter(|tag| tag.opens);
    let mut tags: FxHashMap<u32, u32> = opening.map(|tag| (tag.start, NONE)).collect();
    for row in &walker.facts.occurrences {
        if let Some(held) = tags.get_mut(&row.start).filter(|_| row.node != NONE) {
            *held = row.node;
        }
    }
    let mut props: FxHashMap<u32, u32> = FxHashMap::default();
    let mut props_of = |walker: &mut Walker, tag: u32| {
        let component = tags.get(&tag).copied().filter(|&node| node != NONE)?;
        let made = props.entry(tag).or_insert_with(|| {
            let row = walker.facts.nodes[component as usize];
            walker.node(node::PROPS, component, NONE, Span::new(row.start, row.end))
        });
        Some(*made)
    };
    for attribute in &code.attributes {
        let Some(props) = props_of(walker, attribute.tag) else {
            continue;
        };
        let (start, end) = attribute.range;
        let span = Span::new(len32(start), len32(end));
        let text = walker.jsdoc.text(&attribute.name);
        walker.member(props, Name::new(text, span), role::ATTRIBUTE, span);
    }
    let mut owners: FxHashMap<u32, u32> = FxHashMap::default();
    for &(name, tag) in &code.snippets {
        owners.extend(props_of(walker, tag).map(|props| (name, props)));
    }
    if owners.is_empty() {
        return;
    }
    for row in &mut walker.facts.definitions {
        if let Some(&owner) = owners.get(&row.start_name).filter(|_| row.owner == NONE) {
            row.owner = owner;
        }
    }
}
