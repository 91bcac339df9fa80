//! The text of a JSDoc type, read by the TypeScript parser and walked like an annotation.

use oxc_allocator::Allocator;
use oxc_ast::ast::{ImportDeclaration, Program, Statement, TSType};
use oxc_ast_visit::VisitMut;
use oxc_parser::Parser;
use oxc_span::{SourceType, Span};

use super::super::walker::Walker;
use crate::facts::codes::node;
use crate::facts::{NONE, len32};

const BEFORE: &str = "type _=";

/// Moves every span of a tree to where its text stands in the file.
struct Shift(u32);

impl VisitMut<'_> for Shift {
    fn visit_span(&mut self, span: &mut Span) {
        *span = Span::new(span.start + self.0, span.end + self.0);
    }
}

impl<'a> Walker<'a, '_> {
    /// The node of the type whose text stands at `place`; none where it cannot be read, or says nothing.
    pub(super) fn written_type(&mut self, place: Span) -> u32 {
        let text = self.slice(place);
        let is_rest = text.trim_start().starts_with("...");
        let Some(of) = parsed(self.jsdoc.allocator, text, place.start) else {
            return NONE;
        };
        let outer = std::mem::replace(&mut self.jsdoc.inside, true);
        let names = self.jsdoc.scope.len();
        let node = self.type_node(of);
        self.jsdoc.scope.truncate(names);
        self.jsdoc.inside = outer;
        if is_rest && node != NONE {
            self.node(node::ARRAY_TYPE, node, NONE, place)
        } else {
            node
        }
    }
}

/// The tree of a type that starts at `start` of the file.
fn parsed<'a>(allocator: &'a Allocator, text: &str, start: u32) -> Option<&'a TSType<'a>> {
    let source = format!("{BEFORE}{};", readable(text));
    match &tree(allocator, &source, start.checked_sub(len32(BEFORE.len()))?)?.body[..] {
        [Statement::TSTypeAliasDeclaration(alias)] => Some(&alias.type_annotation),
        _ => None,
    }
}

/// The tree of an import that starts at `start`; what stands behind its specifier is prose.
pub(super) fn parsed_import<'a>(
    allocator: &'a Allocator,
    text: &str,
    start: u32,
) -> Option<&'a ImportDeclaration<'a>> {
    let open = text.find(['"', '\''])?;
    let quote = &text[open..=open];
    let close = open + 1 + text[open + 1..].find(quote)?;
    match &tree(allocator, &readable(&text[..=close]), start)?.body[..] {
        [Statement::ImportDeclaration(import)] => Some(import),
        _ => None,
    }
}

/// The tree of a text without errors, with every span moved by `shift`.
fn tree<'a>(allocator: &'a Allocator, source: &str, shift: u32) -> Option<&'a Program<'a>> {
    let result = Parser::new(allocator, allocator.alloc_str(source), SourceType::ts()).parse();
    if result.panicked || !result.diagnostics.is_empty() {
        return None;
    }
    let program = allocator.alloc(result.program);
    Shift(shift).visit_program(program);
    Some(program)
}

/// TypeScript's spelling of a JSDoc type, of the same length: no stars before lines, no `...`, `=`, or `Array.<T>`.
fn readable(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut at_line_start = false;
    for at in 0..bytes.len() {
        match bytes[at] {
            b'\n' => at_line_start = true,
            b'*' if at_line_start => {
                bytes[at] = b' ';
                at_line_start = false;
            }
            b'.' if bytes.get(at + 1) == Some(&b'<') => bytes[at] = b' ',
            byte if byte.is_ascii_whitespace() => {}
            _ => at_line_start = false,
        }
    }
    if let Some(last) = bytes.iter().rposition(|byte| !byte.is_ascii_whitespace())
        && bytes[last] == b'='
    {
        bytes[last] = b' ';
    }
    if let Some(first) = bytes.iter().position(|byte| !byte.is_ascii_whitespace())
        && bytes[first..].starts_with(b"...")
    {
        bytes[first..first + 3].fill(b' ');
    }
    String::from_utf8(bytes).unwrap_or_default()
}
