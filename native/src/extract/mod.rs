//! Bytes of one source file in, its facts out. This folder alone knows the parser's syntax tree.
//!
//! [`walker`] holds the state of the one walk over the tree; the modules beside it walk one family of syntax each.

mod codes;
mod comments;
mod commonjs;
mod expressions;
mod finish;
mod functions;
mod modules;
mod source;
mod statements;
mod types;
mod walker;

use std::panic::{AssertUnwindSafe, catch_unwind};

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_semantic::SemanticBuilder;
use oxc_span::SourceType;

use crate::facts::{Facts, Meta, NONE, Problem, VERSION};
use codes::meta;
use source::{Language, Text};
use walker::Walker;

/// What one file gives.
#[derive(Default, PartialEq, Eq, Debug)]
pub struct Extracted {
    /// The facts, packed.
    pub blob: Vec<u8>,
    /// Sorted hashes of all names that occur, little-endian.
    pub names: Vec<u8>,
    /// One record for each definition that a search by name offers.
    pub definitions: Vec<u8>,
    /// Specifier, kind and flags of each import, in the order of the table.
    pub imports: Vec<(String, u32, u32)>,
    /// Message, offset and code of each problem.
    pub problems: Vec<(String, u32, &'static str)>,
    /// Flags of the file, as in the table `meta`.
    pub flags: u32,
}

/// A problem of the file: what to say, where, and its code.
type Trouble = (String, u32, &'static str);

/// More problems than this in one file help nobody.
const MOST_PROBLEMS: usize = 20;

/// The facts of a file. Depends on the bytes, and on the path only for its language. Never fails.
pub fn extract(path: &str, source: &[u8]) -> Extracted {
    let language = Language::of(path);
    let text = source::read(source);
    catch_unwind(AssertUnwindSafe(|| parsed(&text, language))).unwrap_or_else(|_| {
        bare(
            &text,
            vec![(
                "the extractor failed on this file".to_owned(),
                0,
                "internal",
            )],
        )
    })
}

/// Facts by way of the parser.
fn parsed(text: &Text, language: Language) -> Extracted {
    let allocator = Allocator::default();
    let mut troubles = encoding_troubles(text);
    let (result, reading) = best_reading(&allocator, &text.text, language);
    for diagnostic in result.diagnostics.iter().take(MOST_PROBLEMS) {
        let start = diagnostic.labels.first().map_or(0, |label| label.offset());
        troubles.push((diagnostic.message.to_string(), start, "syntax"));
    }
    if result.panicked {
        return bare(text, troubles);
    }
    let program = allocator.alloc(result.program);
    let semantic = SemanticBuilder::new().build(program).semantic;
    let mut walker = Walker::new(program.source_text, semantic.scoping());
    walker.meta = text.flags | language_flags(language, reading);
    if !troubles.is_empty() {
        walker.meta |= meta::HAS_ERRORS;
    }
    walker.frame.ambient = language == Language::Declarations;
    walker.comments(program);
    walker.statements(&program.body);
    finish::finish(walker, text, troubles)
}

fn language_flags(language: Language, reading: SourceType) -> u32 {
    let mut flags = 0;
    if reading.is_typescript() {
        flags |= meta::TYPESCRIPT;
    }
    if language == Language::Declarations {
        flags |= meta::DECLARATION_FILE;
    }
    flags
}

fn encoding_troubles(text: &Text) -> Vec<Trouble> {
    text.first_invalid
        .map(|at| {
            (
                "not UTF-8; these bytes were read as `?`".to_owned(),
                at,
                "encoding",
            )
        })
        .into_iter()
        .collect()
}

/// The reading of the text with the fewest errors.
fn best_reading<'a>(
    allocator: &'a Allocator,
    text: &'a str,
    language: Language,
) -> (ParserReturn<'a>, SourceType) {
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    let mut best: Option<(ParserReturn<'a>, SourceType)> = None;
    for reading in language.readings() {
        let result = Parser::new(allocator, text, reading)
            .with_options(options)
            .parse();
        let clean = result.diagnostics.is_empty() && !result.panicked;
        let badness = |result: &ParserReturn| (result.panicked, result.diagnostics.len());
        if best
            .as_ref()
            .is_none_or(|(best, _)| badness(&result) < badness(best))
        {
            best = Some((result, reading));
        }
        if clean {
            break;
        }
    }
    best.expect("every language has a reading")
}

/// Facts of a file of which only the text is known.
fn bare(text: &Text, troubles: Vec<Trouble>) -> Extracted {
    let flags = text.flags | meta::HAS_ERRORS | meta::TOKEN_SCAN;
    let mut facts = Facts {
        lines: text.lines.clone(),
        ..Facts::default()
    };
    facts.meta.push(Meta {
        length: crate::facts::len32(text.text.len()),
        flags,
        version: VERSION,
    });
    for (message, start, _) in &troubles {
        facts.strings.push(message);
        facts.problems.push(Problem {
            message: crate::facts::len32(facts.strings.len() - 1),
            start: *start,
        });
    }
    debug_assert_ne!(flags, NONE);
    Extracted {
        blob: facts.pack(),
        flags,
        problems: troubles.clone(),
        ..Extracted::default()
    }
}
