//! Unread parts of a file: the names that its tree does not hold, and all words of a text without a tree.

use oxc_span::Span;
use rustc_hash::FxHashSet;

use super::damage::Change;
use super::token_scan::KEYWORDS;
use super::tokens::{Token, Tokens};
use super::walker::Walker;
use crate::facts::codes::{meta, token};
use crate::facts::{NONE, Token as TokenRow, len32, name_hash};

/// Words that are names in some places and keywords in others.
const CONTEXTUAL: &[&str] = &[
    "abstract",
    "accessor",
    "any",
    "as",
    "assert",
    "asserts",
    "async",
    "bigint",
    "boolean",
    "checks",
    "declare",
    "defer",
    "from",
    "get",
    "global",
    "infer",
    "is",
    "keyof",
    "module",
    "namespace",
    "never",
    "number",
    "object",
    "of",
    "opaque",
    "out",
    "override",
    "package",
    "private",
    "protected",
    "public",
    "readonly",
    "require",
    "satisfies",
    "set",
    "source",
    "static",
    "string",
    "symbol",
    "type",
    "undefined",
    "unique",
    "unknown",
    "using",
];

/// Records what was left out of a source; the hashes of all words in it.
pub fn record_left_out(walker: &mut Walker, source: &str, changes: &[Change]) -> Vec<u32> {
    if !changes.is_empty() {
        walker.meta |= meta::LEFT_OUT;
    }
    let mut hashes = Vec::new();
    for change in changes {
        if let Change::LeftOut(start, end) = *change {
            walker.facts.tokens.push(TokenRow {
                name: NONE,
                start: len32(start),
                end: len32(end),
                kind: token::UNREAD,
            });
            hashes.extend(words(&source[start..end]).map(name_hash));
        }
    }
    hashes
}

/// Records the names of a source that its parser has passed over.
pub fn record_lost_names<'a>(walker: &mut Walker<'a, '_>, source: &'a str) {
    let occurrences = walker.facts.occurrences.iter().map(|row| row.start);
    let tokens = walker.facts.tokens.iter().map(|row| row.start);
    let held: FxHashSet<u32> = occurrences.chain(tokens).collect();
    for placed in Tokens::new(source).filter(|placed| placed.token == Token::Word) {
        let span = Span::new(len32(placed.start), len32(placed.end));
        let word = &source[placed.start..placed.end];
        if !held.contains(&span.start) && !KEYWORDS.contains(&word) && !CONTEXTUAL.contains(&word) {
            walker.token(token::UNREAD, word, span);
        }
    }
}

/// Records the names in parts of a source that something else is read for.
pub fn record_replaced<'a>(
    walker: &mut Walker<'a, '_>,
    source: &'a str,
    parts: impl Iterator<Item = (usize, usize)>,
) {
    for (start, end) in parts {
        let words = Tokens::new(&source[start..end]).filter(|placed| placed.token == Token::Word);
        for placed in words {
            let span = Span::new(len32(start + placed.start), len32(start + placed.end));
            let word = &source[start + placed.start..start + placed.end];
            if !KEYWORDS.contains(&word) && !CONTEXTUAL.contains(&word) {
                walker.token(token::UNREAD, word, span);
            }
        }
    }
}

/// Every word of a text, wherever it stands: in code, strings or comments. A private name comes with its `#` and without.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$');
    let words = text.split(move |letter: char| letter.is_ascii() && !is_part(letter));
    words
        .filter(|word| word.starts_with(|first: char| !first.is_ascii_digit()))
        .flat_map(|word| {
            let start = word.as_ptr().addr() - text.as_ptr().addr();
            let private = text[..start].ends_with('#');
            [
                private.then(|| &text[start - 1..start + word.len()]),
                Some(word),
            ]
        })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_everywhere() {
        let text = "a.b('ünï-c') // e#d 1e\n`{_$}`";
        let found: Vec<&str> = words(text).collect();
        assert_eq!(found, ["a", "b", "ünï", "c", "e", "#d", "d", "_$"]);
    }
}
