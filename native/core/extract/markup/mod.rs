//! Templates of Vue, Svelte and Astro, handlers of HTML: their code is written behind the scripts of the file, read with them as one
//! program, and put back to where it stands.
//!
//! | file | gives |
//! | --- | --- |
//! | `code` | the text that is read, and where each part of it stands |
//! | `tags` | tags, attributes, text between them |
//! | `vue`, `svelte`, `astro`, `html` | the code in a template, in the scopes that its language gives it |
//! | `members` | the names of a template that are members of Vue's component; Svelte's stores |
//! | `props` | attributes of tags, which are props of their components |

mod astro;
mod code;
mod html;
mod members;
mod props;
mod svelte;
mod tags;
mod vue;

use oxc_span::Span;
use rustc_hash::FxHashMap;

use super::blocks::Blocks;
use super::source::Language;
use super::token_scan::KEYWORDS;
use super::unread;
use super::walker::Walker;
use crate::facts::codes::{flag, role, token};
use crate::facts::{NONE, len32};
pub use code::Code;

/// Levels that the code of a template may add to the syntax tree of a file: those of its scopes, and of the deepest expression.
pub const LEVELS: usize = 4 * code::MOST_SCOPES + code::MOST_LEVELS;

/// The code of a file's templates.
pub fn code<'t>(file: &'t str, language: Language, blocks: &Blocks) -> Code<'t> {
    let mut code = Code::new(file, blocks.text.clone(), blocks.typescript);
    match language {
        Language::Vue => vue::write(&mut code),
        Language::Svelte => svelte::write(&mut code),
        Language::Astro => astro::write(&mut code, blocks.template),
        _ => html::write(&mut code),
    }
    code
}

/// Gives the names of templates their meaning and their places in the file.
pub fn settle(walker: &mut Walker, code: &Code, language: Language, has_setup: bool) {
    let declared = walker.props.clone();
    match language {
        Language::Vue => members::of_component(walker, code, has_setup),
        Language::Svelte => members::stores(walker),
        _ => {}
    }
    if has_setup || language == Language::Svelte {
        props::of_file(walker, language, &declared);
    }
    for row in &mut walker.facts.definitions {
        if row.start >= code.base() && row.owner != NONE {
            row.flags |= flag::LOCAL;
        }
    }
    place(walker, code);
    let tags: FxHashMap<u32, bool> = code.tags.iter().map(|tag| (tag.start, tag.opens)).collect();
    for row in &mut walker.facts.occurrences {
        match tags.get(&row.start) {
            Some(true) => row.role |= role::CALL | role::JSX,
            // A closing tag repeats the name; it neither calls nor reads it.
            Some(false) => row.role &= role::MEMBER,
            None => {}
        }
    }
    props::of_tags(walker, code);
}

/// Puts everything that was found in the text back to where it stands in the file.
fn place(walker: &mut Walker, code: &Code) {
    let span = |start: &mut u32, end: &mut u32| {
        *start = code.start_of(*start);
        *end = code.end_of(*end).max(*start);
    };
    let facts = &mut walker.facts;
    for row in &mut facts.definitions {
        span(&mut row.start_name, &mut row.end_name);
        span(&mut row.start, &mut row.end);
        row.body = code.end_of(row.body).clamp(row.start, row.end);
        if row.doc_start != NONE {
            span(&mut row.doc_start, &mut row.doc_end);
        }
    }
    for row in &mut facts.nodes {
        span(&mut row.start, &mut row.end);
    }
    for row in &mut facts.occurrences {
        span(&mut row.start, &mut row.end);
    }
    for row in &mut facts.imports {
        span(&mut row.start, &mut row.end);
    }
    for row in &mut facts.tokens {
        span(&mut row.start, &mut row.end);
    }
}

/// Records the names in what is written as code and did not parse.
pub fn record_unread<'a>(walker: &mut Walker<'a, '_>, file: &'a str, ranges: &[code::Range]) {
    for &(start, end) in ranges {
        for word in unread::words(&file[start..end]) {
            if KEYWORDS.contains(&word) || word.starts_with('#') {
                continue;
            }
            let at = len32(word.as_ptr().addr() - file.as_ptr().addr());
            walker.token(token::UNREAD, word, Span::new(at, at + len32(word.len())));
        }
    }
}
