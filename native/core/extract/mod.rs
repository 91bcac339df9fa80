//! Bytes of one source file in, its facts out. This folder alone knows the parser's syntax tree.
//!
//! [`walker`] holds the state of the one walk over the tree; the modules beside it walk one family of syntax each.

mod addresses;
pub(crate) mod blocks;
mod calls;
mod classes;
pub mod comments;
mod commonjs;
mod context;
mod damage;
mod declarations;
mod descriptors;
mod exports;
mod expressions;
mod finish;
mod flow;
mod functions;
mod guards;
mod jsdoc;
mod jsx;
mod markup;
mod modules;
mod namespaces;
mod nesting;
mod objects;
mod patterns;
mod signatures;
pub(crate) mod source;
mod statements;
mod token_scan;
mod tokens;
mod types;
mod unchecked;
mod unread;
mod walker;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

use oxc_allocator::Allocator;
use oxc_ast::ast::Statement;
use oxc_parser::{ParseOptions, Parser, ParserReturn};
use oxc_semantic::SemanticBuilder;
use oxc_span::{SourceType, Span};

use crate::facts::codes::{import, meta};
use crate::facts::{len32, name_hash};
use damage::Mended;
use source::{Language, Text};
use walker::Walker;

/// Facts and problems of one file.
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
    pub problems: Vec<Trouble>,
    /// Flags of the file, as in the table `meta`.
    pub flags: u32,
}

/// A problem of the file: what to say, where, and its code.
type Trouble = (String, u32, &'static str);

/// More problems than this in one file help nobody.
const MOST_PROBLEMS: usize = 20;

/// Stack that one level of nesting may take while a tree is parsed, bound and walked.
const STACK_PER_LEVEL: usize = 6 << 10;
/// Levels that fit a thread of any origin.
const LEVELS_ANYWHERE: usize = 150;
/// Levels that fit a thread of [`pool`].
const LEVELS_IN_POOL: usize = 20_000;
/// Levels beyond which a file is not parsed.
const MOST_LEVELS: usize = 150_000;

thread_local! {
    static IN_POOL: Cell<bool> = const { Cell::new(false) };
}

/// Threads whose stacks hold the trees of ordinary files; [`extract`] is fastest on them.
pub fn pool() -> &'static rayon::ThreadPool {
    static POOL: OnceLock<rayon::ThreadPool> = OnceLock::new();
    POOL.get_or_init(|| {
        rayon::ThreadPoolBuilder::new()
            .stack_size(STACK_PER_LEVEL * LEVELS_IN_POOL)
            .start_handler(|_| IN_POOL.set(true))
            .build()
            .expect("threads can be started")
    })
}

/// The facts of a file. Depends on the bytes, and on the path only for its language. Never fails.
pub fn extract(path: &str, source: &[u8]) -> Extracted {
    let language = Language::of(path);
    let text = source::read(source);
    let enough = if IN_POOL.get() {
        LEVELS_IN_POOL
    } else {
        LEVELS_ANYWHERE
    };
    let templates = if language.has_blocks() {
        markup::LEVELS
    } else {
        0
    };
    let levels = nesting::depth(&text.text, enough) + templates;
    if levels <= enough {
        return guarded(&text, language);
    }
    if levels > MOST_LEVELS {
        return scanned(
            &text,
            &text.text,
            vec![("nested too deep to parse".to_owned(), 0, "syntax")],
        );
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK_PER_LEVEL * levels.max(LEVELS_IN_POOL))
            .spawn_scoped(scope, || guarded(&text, language))
            .ok()
            .and_then(|thread| thread.join().ok())
    })
    .unwrap_or_else(|| {
        scanned(
            &text,
            &text.text,
            vec![("no room to parse".to_owned(), 0, "internal")],
        )
    })
}

/// A bug in the parser or here costs the facts of one file, not the run.
fn guarded(text: &Text, language: Language) -> Extracted {
    catch_unwind(AssertUnwindSafe(|| parsed(text, language))).unwrap_or_else(|_| {
        scanned(
            text,
            &text.text,
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
    if !language.has_blocks() {
        return read(text, &text.text, language, None)
            .unwrap_or_else(|troubles| scanned(text, &text.text, troubles));
    }
    let blocks = blocks::blocks(&text.text, language);
    let mut code = markup::code(&text.text, language, &blocks);
    let reading = if blocks.typescript {
        Language::TypeScript
    } else {
        language
    };
    let has_code = !code.is_empty();
    if has_code {
        let together = Templates {
            blocks: &blocks,
            code: &code,
            language,
        };
        if let Ok(found) = read(text, &code.text, reading, Some(together))
            && is_of_scripts(&found, blocks.text.len())
        {
            return found;
        }
        code.give_up();
    }
    let alone = Templates {
        blocks: &blocks,
        code: &code,
        language,
    };
    read(text, &blocks.text, reading, Some(alone))
        .unwrap_or_else(|troubles| scanned(text, &blocks.text, troubles))
}

/// True when all that did not parse is in the scripts of a file, and was left out of them.
fn is_of_scripts(found: &Extracted, scripts: usize) -> bool {
    let mut wrong = found.problems.iter().filter(|(.., code)| *code == "syntax");
    let is_left_out = found.flags & meta::LEFT_OUT != 0;
    wrong.all(|&(_, at, _)| is_left_out && (at as usize) < scripts)
}

/// The markup around the scripts of a file.
#[derive(Clone, Copy)]
struct Templates<'t> {
    blocks: &'t blocks::Blocks,
    code: &'t markup::Code<'t>,
    language: Language,
}

/// Facts by way of the parser, or the troubles that left no tree.
fn read(
    text: &Text,
    source: &str,
    language: Language,
    templates: Option<Templates>,
) -> Result<Extracted, Vec<Trouble>> {
    let allocator = Allocator::default();
    let mut troubles = encoding_troubles(text);
    let (mut result, reading) = best_reading(&allocator, source, language);
    let flow = (reading.is_typescript() && language.is_javascript() && flow::is_flow(source))
        .then(|| flow_rewritten(source, reading));
    if let Some(flow) = &flow {
        result = parse(&allocator, allocator.alloc_str(&flow.text), reading);
        if !result.panicked {
            // What TypeScript's grammar refuses without giving up is no trouble of Flow.
            result.diagnostics.clear();
        }
    }
    let written = flow.as_ref().map_or(source, |flow| &flow.text);
    for diagnostic in result.diagnostics.iter().take(MOST_PROBLEMS) {
        let start = diagnostic.labels.first().map_or(0, |label| label.offset());
        let start = flow.as_ref().map_or(start, |flow| flow.start_of(start));
        troubles.push((diagnostic.message.to_string(), start, "syntax"));
    }
    if let Some(Templates { code, .. }) = templates {
        let unread = code.unread.iter().take(MOST_PROBLEMS);
        troubles.extend(unread.map(|&(start, _)| {
            let message =
                "code of the template could not be parsed; names were taken from its words";
            (message.to_owned(), len32(start), "template")
        }));
    }
    let mut changes = Vec::new();
    if result.panicked
        && let Some(mended) = mended(written, reading, &result)
    {
        let text = allocator.alloc_str(&mended.text);
        result = parse(&allocator, text, reading);
        changes = mended.changes;
    }
    if let Some(flow) = &flow {
        flow.restore(&mut result.program, allocator.alloc_str(source));
        changes = changes
            .into_iter()
            .map(|change| flow.change_of(change))
            .collect();
    }
    let scripts = templates.map_or(source.len(), |of| of.blocks.text.len());
    if changes.iter().any(|change| change.end() > scripts) {
        return Err(troubles);
    }
    let is_empty = result.program.directives.is_empty()
        && result
            .program
            .body
            .iter()
            .all(|of| matches!(of, Statement::EmptyStatement(_)));
    if result.panicked || is_empty && !(result.diagnostics.is_empty() && changes.is_empty()) {
        return Err(troubles);
    }
    troubles.extend(damage::troubles(source, &changes));
    let program = allocator.alloc(result.program);
    let semantic = SemanticBuilder::new().build(program).semantic;
    let mut walker = Walker::new(program.source_text, semantic.scoping(), &allocator);
    walker.meta = text.flags | language_flags(language, reading);
    if !troubles.is_empty() {
        walker.meta |= meta::HAS_ERRORS;
    }
    walker.one_space = reading.is_typescript() && language.is_javascript();
    walker.frame.ambient = language == Language::Declarations;
    walker.comments(program);
    if let Some(Templates { blocks, .. }) = templates {
        walker.meta |= meta::SCRIPT_BLOCKS;
        for &(start, end) in &blocks.sources {
            let literal = Span::new(len32(start.saturating_sub(1)), len32(end + 1));
            walker.import(&text.text[start..end], literal, import::SIDE_EFFECT, 0);
        }
    }
    walker.statements(&program.body);
    if let Some(Templates {
        blocks,
        code,
        language,
    }) = templates
    {
        markup::settle(&mut walker, code, language, blocks.setup);
        markup::record_unread(&mut walker, &text.text, &code.unread);
    }
    if let Some(flow) = &flow {
        unread::record_replaced(&mut walker, source, flow.replaced());
    }
    let scripts = &source[..scripts];
    let left_out = unread::record_left_out(&mut walker, scripts, &changes);
    Ok(finish::finish_walk(
        walker, text, scripts, troubles, left_out,
    ))
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

/// The reading of the text with the fewest errors, or the one that gives up last.
fn best_reading<'a>(
    allocator: &'a Allocator,
    text: &'a str,
    language: Language,
) -> (ParserReturn<'a>, SourceType) {
    let badness = |result: &ParserReturn| match stuck(result) {
        Some(at) => (true, usize::MAX - at),
        None => (false, result.diagnostics.len()),
    };
    let (first, others) = language.readings();
    let mut best = (parse(allocator, text, first), first);
    for &reading in &others {
        if best.0.diagnostics.is_empty() && !best.0.panicked {
            break;
        }
        let result = parse(allocator, text, reading);
        if badness(&result) < badness(&best.0) {
            best = (result, reading);
        }
    }
    best
}

/// A text of Flow as TypeScript.
fn flow_rewritten(source: &str, reading: SourceType) -> flow::Rewritten {
    let mut allocator = Allocator::default();
    flow::rewritten(source, &mut |text| {
        let result = parse(&allocator, text, reading);
        let read = match stuck(&result) {
            Some(at) => Err(at),
            None => Ok(flow::unnamed_parameters(&result.program)),
        };
        drop(result);
        allocator.reset();
        read
    })
}

fn parse<'a>(allocator: &'a Allocator, text: &'a str, reading: SourceType) -> ParserReturn<'a> {
    let options = ParseOptions {
        allow_return_outside_function: true,
        preserve_parens: false,
        ..ParseOptions::default()
    };
    Parser::new(allocator, text, reading)
        .with_options(options)
        .parse()
}

/// Offset at which the parser gave up on a text; nothing when it did not.
fn stuck(result: &ParserReturn) -> Option<usize> {
    let places = result.diagnostics.iter().filter_map(|of| of.labels.first());
    result.panicked.then(|| {
        places
            .map(|label| label.offset() as usize)
            .max()
            .unwrap_or(0)
    })
}

/// The text with what does not parse left out.
fn mended(source: &str, reading: SourceType, result: &ParserReturn) -> Option<Mended> {
    let mut allocator = Allocator::default();
    damage::mend(source, stuck(result)?, &mut |text| {
        let at = stuck(&parse(&allocator, text, reading));
        allocator.reset();
        at
    })
}

/// Facts from tokens alone.
fn scanned(text: &Text, source: &str, mut troubles: Vec<Trouble>) -> Extracted {
    troubles.push(token_scan::trouble());
    let mut scan = token_scan::scan(source);
    scan.flags |= text.flags;
    let words: Vec<u32> = unread::words(source).map(name_hash).collect();
    finish::finish(
        scan.facts,
        &scan.standings,
        text,
        troubles,
        scan.flags,
        words,
    )
}
