//! From the walk's rows to the finished tables: order, targets, exported flags, names, records for search.

use oxc_span::Span;
use oxc_syntax::symbol::SymbolId;
use rustc_hash::FxHashMap;
use xxhash_rust::xxh3::Xxh3;

use super::objects::is_name;
use super::source::Text;
use super::walker::{SearchEntry, Walker};
use super::{Extracted, Trouble, unread};
use crate::facts::codes::{definition, flag, import, literal, meta, node, role};
use crate::facts::{
    Facts, GLOBAL_SCOPE, Meta, NONE, Problem, VERSION, len32, name_hash, string_hash,
};

/// A variable that is assigned more values than this is not followed through all of them.
const MOST_ASSIGNED: usize = 8;
/// The bytes of a definition that are hashed at most: definitions of one name may nest, and each is read.
const MOST_HASHED: u32 = 1 << 14;
/// The bytes on each side that tell definitions apart in which the same is written.
const BESIDE: u32 = 256;

/// Finishes what a walk over a tree wrote. `source` is the text before anything was left out of it, `left_out` the hashes of what was.
pub fn finish_walk<'a>(
    mut walker: Walker<'a, '_>,
    text: &Text,
    source: &'a str,
    troubles: Vec<Trouble>,
    left_out: Vec<u32>,
) -> Extracted {
    walker.mentions();
    resolve(&mut walker);
    walker.join_namespaces();
    unbind_jsdoc_value_names(&mut walker);
    mark_exported(&mut walker);
    join_assigned(&mut walker);
    sort_occurrences(&mut walker.facts, &walker.occurrence_lists);
    walker.mark_unchecked();
    if troubles.iter().any(|(.., code)| *code == "syntax") {
        unread::record_lost_names(&mut walker, source);
    }
    walker.facts.tokens.sort_by_key(|row| row.start);
    let flags = walker.meta;
    finish(
        walker.facts,
        &walker.standings,
        text,
        troubles,
        flags,
        left_out,
    )
}

/// Adds what every file has, and packs it; `names` are hashes of further names.
pub fn finish<'a>(
    mut facts: Facts<'a>,
    standings: &[SearchEntry],
    text: &'a Text,
    troubles: Vec<Trouble>,
    flags: u32,
    names: Vec<u32>,
) -> Extracted {
    let definitions = definition_records(&facts, standings);
    hash_texts(&mut facts, &text.text);
    let mut names = names;
    if shares_names(&facts, flags | text.flags) {
        names.push(name_hash(GLOBAL_SCOPE));
    }
    let names = posted(&facts, names);
    let imports = facts
        .imports
        .iter()
        .map(|row| {
            (
                facts.strings[row.specifier as usize].to_owned(),
                row.kind,
                row.flags,
            )
        })
        .collect();
    facts.lines.clone_from(&text.lines);
    facts.meta.push(Meta {
        length: len32(text.text.len()),
        flags,
        version: VERSION,
    });
    let mut facts = Facts { ..facts };
    for (message, start, _) in &troubles {
        facts.strings.push(message);
        facts.problems.push(Problem {
            message: len32(facts.strings.len() - 1),
            start: *start,
        });
    }
    let blob = facts.pack();
    drop(facts);
    Extracted {
        blob,
        names,
        definitions,
        imports,
        problems: troubles,
        flags,
    }
}

/// Notes what is written in definitions of one name, blanks aside, for the names in them may all be the same; where that is the same
/// too, with what is written beside them.
fn hash_texts(facts: &mut Facts, text: &str) {
    let mut called: FxHashMap<u32, u32> = FxHashMap::default();
    for row in &facts.definitions {
        *called.entry(row.name).or_default() += 1;
    }
    let mut alike: FxHashMap<(u32, u32), u32> = FxHashMap::default();
    for row in &mut facts.definitions {
        if called[&row.name] > 1 {
            row.written = hash_text(text, row.start, row.end);
            *alike.entry((row.name, row.written)).or_default() += 1;
        }
    }
    for row in &mut facts.definitions {
        if alike
            .get(&(row.name, row.written))
            .is_some_and(|&count| count > 1)
        {
            let (start, end) = (
                row.start.saturating_sub(BESIDE),
                row.end.saturating_add(BESIDE),
            );
            row.written = hash_text(text, start, end.min(len32(text.len())));
        }
    }
}

/// A hash of so much of a text that is the same in every build, blanks aside.
fn hash_text(text: &str, start: u32, end: u32) -> u32 {
    let end = end.min(start.saturating_add(MOST_HASHED));
    let words = text.as_bytes().get(start as usize..end as usize);
    let mut hasher = Xxh3::new();
    for word in words.unwrap_or_default().split(u8::is_ascii_whitespace) {
        hasher.update(word);
    }
    u32::try_from(hasher.digest() >> u32::BITS).unwrap_or_default()
}

/// Points occurrences, exports and assignments at the first definition of their symbol.
fn resolve(walker: &mut Walker) {
    let target = |symbol: SymbolId| walker.symbols[symbol.index()];
    for (row, symbol) in walker
        .facts
        .occurrences
        .iter_mut()
        .zip(&walker.occurrence_symbols)
    {
        row.target = symbol.map_or(row.target, target);
    }
    for &(row, symbol) in &walker.export_symbols {
        walker.facts.exports[row].definition = target(symbol);
    }
}

/// In a comment, the name of a variable is not the name of a type, unless the variable holds what was required, or its comment says
/// `@enum`.
fn unbind_jsdoc_value_names(walker: &mut Walker) {
    for index in 0..walker.facts.occurrences.len() {
        let row = walker.facts.occurrences[index];
        if row.role & (role::JSDOC | role::TYPE) != role::JSDOC | role::TYPE || row.target == NONE {
            continue;
        }
        let target = walker.facts.definitions[row.target as usize];
        if matches!(target.kind, definition::VARIABLE | definition::CONSTANT)
            && !walker.is_imported(target.value)
            && !walker.is_described_as_enum(target.doc_start)
        {
            walker.facts.occurrences[index].target = NONE;
        }
    }
}

/// A variable's value is one of its initialiser and what it is assigned later.
fn join_assigned(walker: &mut Walker) {
    let assigned = std::mem::take(&mut walker.assigned);
    let mut values: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
    for (symbol, value) in assigned {
        let definition = walker.symbols[symbol.index()];
        if definition == NONE {
            continue;
        }
        let first = walker.facts.definitions[definition as usize].value;
        let all = values.entry(definition).or_insert_with(|| vec![first]);
        if all.len() <= MOST_ASSIGNED && !all.contains(&value) {
            all.push(value);
        }
    }
    let mut values: Vec<(u32, Vec<u32>)> = values.into_iter().collect();
    values.sort_unstable_by_key(|&(definition, _)| definition);
    for (definition, all) in values {
        let row = walker.facts.definitions[definition as usize];
        let value = walker.choice(&all, Span::new(row.start, row.end));
        walker.facts.definitions[definition as usize].value = value;
    }
}

fn mark_exported(walker: &mut Walker) {
    if walker.exported_symbols.is_empty() {
        return;
    }
    let mut flags: FxHashMap<SymbolId, u32> = FxHashMap::default();
    for &(symbol, bits) in &walker.exported_symbols {
        *flags.entry(symbol).or_default() |= bits;
    }
    for (row, standing) in walker.facts.definitions.iter_mut().zip(&walker.standings) {
        if let Some(bits) = standing.symbol.and_then(|symbol| flags.get(&symbol)) {
            row.flags |= bits;
        }
    }
}

fn sort_occurrences(facts: &mut Facts, occurrence_lists: &[u32]) {
    if facts.occurrences.is_sorted_by_key(|row| row.start) {
        return;
    }
    let mut order: Vec<u32> = (0..len32(facts.occurrences.len())).collect();
    order.sort_by_key(|&index| facts.occurrences[index as usize].start);
    let mut places = vec![0u32; order.len()];
    for (place, &index) in order.iter().enumerate() {
        places[index as usize] = len32(place);
    }
    facts.occurrences = order
        .iter()
        .map(|&index| facts.occurrences[index as usize])
        .collect();
    let place = |index: &mut u32| {
        if *index != NONE {
            *index = places[*index as usize];
        }
    };
    for row in &mut facts.nodes {
        match row.kind {
            node::IDENT => place(&mut row.a),
            node::MEMBER => place(&mut row.b),
            _ => {}
        }
    }
    for &list in occurrence_lists {
        let start = list as usize;
        let length = facts.lists[start].item as usize;
        for row in &mut facts.lists[start + 1..=start + length] {
            place(&mut row.item);
        }
    }
    facts
        .bindings
        .iter_mut()
        .for_each(|row| place(&mut row.occurrence));
    facts
        .exports
        .iter_mut()
        .for_each(|row| place(&mut row.occurrence));
}

/// True when other files can see a declaration without importing it: at the top of a script, inside `declare global` or `declare module 'x'`,
/// or by `export as namespace`.
fn shares_names(facts: &Facts, flags: u32) -> bool {
    let is_script =
        flags & (meta::ESM | meta::COMMONJS | meta::TOKEN_SCAN | meta::SCRIPT_BLOCKS) == 0;
    let adds_to_module = facts.imports.iter().any(|row| row.kind == import::AUGMENT);
    adds_to_module
        || facts.definitions.iter().any(|row| {
            if row.parent == NONE {
                let is_local = row.flags & flag::LOCAL != 0;
                let is_block = row.kind == definition::NAMESPACE
                    && facts.strings[row.name as usize] == "global";
                let is_module = row.kind == definition::IMPORT
                    && (facts.nodes.get(row.value as usize))
                        .is_some_and(|value| value.kind == node::MODULE_EXPORTS);
                is_block || is_module || (is_script && row.owner == NONE && !is_local)
            } else {
                false
            }
        })
}

/// Hashes of all names that occur in the file and of its strings that could be names, sorted, each once.
fn posted(facts: &Facts, mut hashes: Vec<u32>) -> Vec<u8> {
    let mut used = vec![false; facts.strings.len()];
    let mut mark = |name: u32| {
        if let Some(cell) = used.get_mut(name as usize) {
            *cell = true;
        }
    };
    facts.occurrences.iter().for_each(|row| mark(row.name));
    facts.tokens.iter().for_each(|row| mark(row.name));
    facts.definitions.iter().for_each(|row| mark(row.name));
    facts.bindings.iter().for_each(|row| mark(row.name));
    facts.exports.iter().for_each(|row| {
        mark(row.name);
        mark(row.imported);
    });
    let names = facts.strings.iter().zip(used).filter(|&(_, used)| used);
    hashes.extend(names.map(|(name, _)| name_hash(name)));
    hashes.extend(quoted_names(facts).map(string_hash));
    hashes.sort_unstable();
    hashes.dedup();
    hashes.iter().flat_map(|hash| hash.to_le_bytes()).collect()
}

/// The strings of literals and of literal types that are spelt as a name.
fn quoted_names<'f>(facts: &'f Facts) -> impl Iterator<Item = &'f str> {
    let mut seen = vec![false; facts.strings.len()];
    let strings = facts.nodes.iter().map(|row| match row.kind {
        node::LITERAL if row.a == literal::STRING => row.b,
        node::LITERAL_TYPE => row.a,
        _ => NONE,
    });
    strings
        .filter(move |&string| {
            seen.get_mut(string as usize)
                .is_some_and(|seen| !std::mem::replace(seen, true))
        })
        .map(|string| facts.strings[string as usize])
        .filter(|text| is_name(text))
}

/// `[u32 index][u8 kind][u16 flags][u16 length][name][u16 length][container]` for each searchable definition.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the low flags are the ones a search reads"
)]
fn definition_records(facts: &Facts, standings: &[SearchEntry]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, (row, standing)) in facts.definitions.iter().zip(standings).enumerate() {
        if !standing.searchable {
            continue;
        }
        out.extend_from_slice(&len32(index).to_le_bytes());
        out.push(row.kind as u8);
        out.extend_from_slice(&(row.flags as u16).to_le_bytes());
        put_text(&mut out, facts.strings[row.name as usize]);
        put_text(
            &mut out,
            facts
                .strings
                .get(standing.container as usize)
                .unwrap_or(&""),
        );
    }
    out
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    let length = u16::try_from(text.len()).unwrap_or(0);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&text.as_bytes()[..usize::from(length)]);
}
