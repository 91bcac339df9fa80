//! What of a file did not parse: the names that its tree does not hold, and all words of a text without a tree.

use oxc_span::Span;
use rustc_hash::FxHashSet;

use super::token_scan::KEYWORDS;
use super::tokens::{Token, Tokens};
use super::walker::Walker;
use crate::facts::codes::token;
use crate::facts::len32;

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

/// Records the names that a parser which recovered from an error has passed over.
pub fn record_lost_names(walker: &mut Walker) {
    let occurrences = walker.facts.occurrences.iter().map(|row| row.start);
    let tokens = walker.facts.tokens.iter().map(|row| row.start);
    let held: FxHashSet<u32> = occurrences.chain(tokens).collect();
    for placed in Tokens::new(walker.source).filter(|placed| placed.token == Token::Word) {
        let span = Span::new(len32(placed.start), len32(placed.end));
        let word = walker.slice(span);
        if !held.contains(&span.start) && !KEYWORDS.contains(&word) && !CONTEXTUAL.contains(&word) {
            walker.token(token::UNREAD, word, span);
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
