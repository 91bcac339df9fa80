//! Content of comments: documentation, types, modules imported in types, and references to other files.

use oxc_allocator::Allocator;
use oxc_ast::ast::{Comment, Program};
use oxc_parser::Parser;
use oxc_span::Span;

use super::source::{self, Language};
use super::walker::Walker;
use super::{LEVELS_ANYWHERE, nesting};
use crate::facts::codes::{import, meta};

impl<'a> Walker<'a, '_> {
    pub fn comments(&mut self, program: &Program<'a>) {
        for comment in &program.comments {
            let text = self.slice(comment.span);
            self.unchecked_line(comment, text);
            if comment.is_block() && text.starts_with("/**") {
                self.docs
                    .insert(comment.attached_to, (comment.span.start, comment.span.end));
                self.mentioned_names(comment, text);
                if self.meta & meta::TYPESCRIPT == 0 {
                    self.jsdoc_imports(comment, text);
                    self.jsdoc_tags(comment);
                }
            } else if comment.is_line() && text.starts_with("/// <reference") {
                self.reference_path(comment, text);
            }
        }
        self.jsdoc_declarations(program);
    }

    /// `@type {import('./x').T}` inside a comment.
    fn jsdoc_imports(&mut self, comment: &Comment, text: &'a str) {
        for (at, call) in text.match_indices("import(") {
            let start = at + call.len();
            let rest = &text[start..];
            let Some(quote) = rest
                .chars()
                .next()
                .filter(|quote| matches!(quote, '\'' | '"'))
            else {
                continue;
            };
            let Some(length) = rest[1..].find(quote) else {
                continue;
            };
            let literal = literal_span(comment, start, length);
            self.import(&rest[1..=length], literal, import::JSDOC, import::TYPE_ONLY);
        }
    }

    /// `/// <reference path="…" />`.
    fn reference_path(&mut self, comment: &Comment, text: &'a str) {
        let Some(at) = text.find("path=\"") else {
            return;
        };
        let start = at + "path=".len();
        let Some(length) = text[start + 1..].find('"') else {
            return;
        };
        let literal = literal_span(comment, start, length);
        self.import(
            &text[start + 1..=start + length],
            literal,
            import::TRIPLE_SLASH,
            import::TYPE_ONLY,
        );
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a comment is shorter than its file"
)]
fn literal_span(comment: &Comment, start: usize, length: usize) -> Span {
    let start = comment.span.start + start as u32;
    Span::new(start, start + length as u32 + 2)
}

/// The spans of the comments of a source, by place. None of a file in which scripts are parts, and of one that is nested too deep.
pub fn comment_spans(path: &str, source: &[u8]) -> Vec<(u32, u32)> {
    let language = Language::of(path);
    let text = source::read(source);
    if language.has_blocks() || nesting::depth(&text.text, LEVELS_ANYWHERE) > LEVELS_ANYWHERE {
        return Vec::new();
    }
    let (first, others) = language.readings();
    let mut best = Vec::new();
    for reading in std::iter::once(first).chain(others) {
        let allocator = Allocator::default();
        let read = Parser::new(&allocator, &text.text, reading).parse();
        let comments = read.program.comments.iter();
        let spans = comments.map(|comment| (comment.span.start, comment.span.end));
        best = spans.collect();
        if read.diagnostics.is_empty() {
            break;
        }
    }
    best
}
