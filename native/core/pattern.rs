//! Code by its shape: patterns with metavariables (`$A.send($$$)`), through ast-grep and tree-sitter.

mod precedence;
mod rewrite;

use std::borrow::Cow;
use std::fs;
use std::path::Path;

use ast_grep_core::language::Language;
use ast_grep_core::matcher::{NodeMatch, Pattern, PatternBuilder, PatternError, PatternNode};
use ast_grep_core::meta_var::MetaVariable;
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc, TSLanguage};
use ast_grep_core::{AstGrep, Node};
use memchr::memmem;
use rayon::prelude::*;

use crate::extract::blocks;
use crate::extract::source::{self, Language as Extension};

pub use rewrite::{Rewritten, Template};

/// The grammars a file can be read by; all of JavaScript's takes JSX.
#[derive(Clone, Copy)]
pub enum Grammar {
    JavaScript,
    TypeScript,
    Tsx,
}

impl Language for Grammar {
    fn kind_to_id(&self, kind: &str) -> u16 {
        self.get_ts_language().id_for_node_kind(kind, true)
    }

    fn field_to_id(&self, field: &str) -> Option<u16> {
        let id = self.get_ts_language().field_id_for_name(field)?;
        Some(id.get())
    }

    fn build_pattern(&self, builder: &PatternBuilder) -> Result<Pattern, PatternError> {
        builder.build(|text| StrDoc::try_new(text, *self))
    }
}

impl LanguageExt for Grammar {
    fn get_ts_language(&self) -> TSLanguage {
        match self {
            Grammar::JavaScript => tree_sitter_javascript::LANGUAGE.into(),
            Grammar::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Grammar::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
        }
    }
}

/// A place that fits: byte offsets, lines and UTF-16 column from 1, and the text each named metavariable stands for.
pub struct Hit {
    pub file: u32,
    pub start: u32,
    pub end: u32,
    pub line: u32,
    pub column: u32,
    pub end_line: u32,
    pub variables: Vec<(String, String)>,
}

/// Places found, by file in the order given, and the files in which a part could not be read.
#[derive(Default)]
pub struct Found {
    pub hits: Vec<Hit>,
    pub broken: Vec<u32>,
}

/// A pattern as one grammar reads it.
struct Shape {
    pattern: Pattern,
    /// Names of its metavariables, in order of appearance.
    variables: Vec<String>,
    /// A text without which no file can fit.
    literal: Option<memmem::Finder<'static>>,
}

/// A pattern as each grammar reads it; None where it cannot be written in that language.
pub struct Question([Option<Shape>; 3]);

impl Question {
    /// Fails with the place when no grammar can read the pattern.
    pub fn new(text: &str) -> Result<Question, String> {
        // Without its semicolon a statement also fits where none was written.
        let text = text
            .trim()
            .trim_end_matches(|last: char| last == ';' || last.is_whitespace());
        let javascript = Shape::new(text, Grammar::JavaScript);
        let typescript = Shape::new(text, Grammar::TypeScript);
        match Shape::new(text, Grammar::Tsx) {
            Err(error) if javascript.is_err() && typescript.is_err() => Err(error),
            tsx => Ok(Question([javascript.ok(), typescript.ok(), tsx.ok()])),
        }
    }

    /// Looks through files that are given as ids and paths below the root; passes over those that cannot be read.
    pub fn search(&self, root: &Path, files: &[(u32, String)]) -> Found {
        crate::extract::pool().install(|| {
            files
                .par_iter()
                .filter_map(|(file, path)| {
                    let bytes = fs::read(root.join(path)).ok()?;
                    Some(self.search_file(*file, path, &bytes))
                })
                .reduce(Found::default, |mut all, found| {
                    all.hits.extend(found.hits);
                    all.broken.extend(found.broken);
                    all
                })
        })
    }

    fn search_file(&self, file: u32, path: &str, bytes: &[u8]) -> Found {
        let mut found = Found::default();
        if !self.0.iter().flatten().any(|shape| shape.may_fit(bytes)) {
            return found;
        }
        let text = source::read(bytes);
        let (program, grammar) = program(path, &text.text);
        let Some(shape) = &self.0[grammar as usize] else {
            return found;
        };
        let tree: AstGrep<_> = match StrDoc::try_new(&program, grammar) {
            Ok(document) => AstGrep::doc(document),
            Err(_) => {
                found.broken.push(file);
                return found;
            }
        };
        let top = tree.root();
        if top.get_inner_node().has_error() {
            found.broken.push(file);
        }
        let line_of = |offset: usize| {
            text.lines
                .partition_point(|line| line.start as usize <= offset)
        };
        for fit in top.find_all(&shape.pattern) {
            let range = fit.range();
            let line = line_of(range.start);
            found.hits.push(Hit {
                file,
                start: range.start as u32,
                end: range.end as u32,
                line: line as u32,
                column: column(&program[text.lines[line - 1].start as usize..range.start]),
                end_line: line_of(range.end.max(range.start + 1) - 1) as u32,
                variables: shape.values(&fit, &program),
            });
        }
        found
    }
}

impl Shape {
    fn new(text: &str, grammar: Grammar) -> Result<Shape, String> {
        let tree = grammar.ast_grep(text);
        if let Some(wrong) = tree
            .root()
            .dfs()
            .find(|node| node.is_error() || node.is_missing())
        {
            return Err(complaint(text, &wrong));
        }
        let mut pattern =
            Pattern::try_new(text, grammar).map_err(|error| refusal(text, &tree.root(), &error))?;
        if let PatternNode::MetaVar { .. } = pattern.node {
            return Err("line 1, column 1: a metavariable alone fits everything".to_owned());
        }
        forget_quotes(&mut pattern.node, grammar.kind_to_id("string"));
        let (mut variables, mut literals) = (Vec::new(), Vec::new());
        collect(&pattern.node, &mut variables, &mut literals);
        let longest = literals.into_iter().max_by_key(|literal| literal.len());
        let literal = longest.map(|literal| memmem::Finder::new(literal).into_owned());
        Ok(Shape {
            pattern,
            variables,
            literal,
        })
    }

    fn may_fit(&self, bytes: &[u8]) -> bool {
        self.literal
            .as_ref()
            .is_none_or(|literal| literal.find(bytes).is_some())
    }

    fn values(&self, fit: &NodeMatch<StrDoc<Grammar>>, program: &str) -> Vec<(String, String)> {
        let value = |name: &String| {
            if let Some(node) = fit.get_env().get_match(name) {
                return node.text().into_owned();
            }
            let nodes = fit.get_env().get_multiple_matches(name);
            let mut named = nodes.iter().filter(|node| node.is_named());
            match (named.clone().next(), named.next_back()) {
                (Some(first), Some(last)) => {
                    program[first.range().start..last.range().end].to_owned()
                }
                _ => String::new(),
            }
        };
        self.variables
            .iter()
            .map(|name| (name.clone(), value(name)))
            .collect()
    }
}

/// The text to be parsed, every offset kept: of formats that hold scripts, the scripts alone.
fn program<'t>(path: &str, text: &'t str) -> (Cow<'t, str>, Grammar) {
    let scripts = |extension| {
        let blocks = blocks::blocks(text, extension);
        let grammar = if blocks.typescript {
            Grammar::TypeScript
        } else {
            Grammar::JavaScript
        };
        (Cow::Owned(blocks.text), grammar)
    };
    match Extension::of(path) {
        Extension::JavaScript | Extension::Module | Extension::Script => {
            (Cow::Borrowed(text), Grammar::JavaScript)
        }
        Extension::TypeScript | Extension::Declarations => {
            (Cow::Borrowed(text), Grammar::TypeScript)
        }
        Extension::TypeScriptJsx => (Cow::Borrowed(text), Grammar::Tsx),
        extension @ (Extension::Html | Extension::Vue | Extension::Svelte | Extension::Astro) => {
            scripts(extension)
        }
    }
}

/// Lets `'a'` fit `"a"`: the quotes of a string that is not empty are dropped from the pattern.
fn forget_quotes(node: &mut PatternNode, string: u16) {
    if let PatternNode::Internal { kind_id, children } = node {
        if *kind_id == string && children.len() > 2 {
            children.retain(|child| !child.is_trivial());
        }
        for child in children {
            forget_quotes(child, string);
        }
    }
}

/// The names of metavariables, and the texts that every place that fits must contain.
fn collect<'p>(node: &'p PatternNode, variables: &mut Vec<String>, literals: &mut Vec<&'p str>) {
    match node {
        PatternNode::MetaVar {
            meta_var: MetaVariable::Capture(name, _) | MetaVariable::MultiCapture(name),
        } if !variables.contains(name) => variables.push(name.clone()),
        PatternNode::MetaVar { .. } => {}
        PatternNode::Terminal { text, .. } => literals.push(text),
        PatternNode::Internal { children, .. } => {
            // Beside `$$$`, punctuation and keywords are allowed to be absent.
            let elastic = children.iter().any(is_ellipsis);
            for child in children
                .iter()
                .filter(|child| !(elastic && child.is_trivial()))
            {
                collect(child, variables, literals);
            }
        }
    }
}

fn is_ellipsis(node: &PatternNode) -> bool {
    matches!(
        node,
        PatternNode::MetaVar {
            meta_var: MetaVariable::Multiple | MetaVariable::MultiCapture(_)
        }
    )
}

/// Message about an error and its place: in the words of the parser of facts, which knows better where it stopped, when it objects too.
fn complaint(text: &str, wrong: &Node<StrDoc<Grammar>>) -> String {
    let problems = crate::extract::extract("pattern.tsx", text.as_bytes()).problems;
    if let Some((message, offset, _)) = problems.first() {
        return format!("{}: {message}", place(text, *offset as usize));
    }
    let unread: String = wrong.text().chars().take(40).collect();
    format!(
        "{}: cannot be read: `{unread}`",
        place(text, wrong.range().start)
    )
}

fn refusal(text: &str, top: &Node<StrDoc<Grammar>>, error: &PatternError) -> String {
    match error {
        PatternError::NoContent(_) => "line 1, column 1: there is no code in it".to_owned(),
        PatternError::RootMultiMetaVar(_) => {
            "line 1, column 1: `$$$` fits a list, and needs something around it".to_owned()
        }
        PatternError::MultipleNode(_) => {
            let second = top.child(1).map_or(0, |node| node.range().start);
            let at = place(text, second);
            format!(
                "{at}: a second statement begins here; a pattern is one statement or expression"
            )
        }
        other => other.to_string(),
    }
}

fn place(text: &str, offset: usize) -> String {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    format!("line {line}, column {}", column(&before[line_start..]))
}

/// The UTF-16 column, from 1, behind this beginning of a line; a byte order mark does not count.
fn column(before: &str) -> u32 {
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    before.encode_utf16().count() as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, path: &str, text: &str) -> Vec<String> {
        let question = Question::new(pattern).expect("the pattern can be read");
        let found = question.search_file(0, path, text.as_bytes());
        let hits = found.hits.iter();
        hits.map(|hit| text[hit.start as usize..hit.end as usize].to_owned())
            .collect()
    }

    #[test]
    fn every_language_is_read_by_its_grammar() {
        assert_eq!(found("f($$$)", "a.ts", "f(<any>x);"), ["f(<any>x)"]);
        assert_eq!(
            found("f($$$)", "a.js", "f(a < b, c > (d));"),
            ["f(a < b, c > (d))"]
        );
        assert_eq!(
            found("<A $$$ />", "a.jsx", "x = <A b={1} />;"),
            ["<A b={1} />"]
        );
        assert_eq!(
            found("<A $$$ />", "a.tsx", "x = <A b={1 as any} />;"),
            ["<A b={1 as any} />"]
        );
        assert_eq!(
            found(
                "f($A)",
                "a.vue",
                "<p>f(0)</p><script lang=\"ts\">f(1 as any)</script>"
            ),
            ["f(1 as any)"]
        );
    }

    #[test]
    fn quotes_and_the_last_semicolon_do_not_matter() {
        let text = "const a = require(\"x\")\nconst b = require('x');\nconst c = require('y');\n";
        let fits = ["const a = require(\"x\")", "const b = require('x');"];
        assert_eq!(found("const $A = require('x');", "a.js", text), fits);
        assert_eq!(found("f('')", "a.js", "f(''); f('a');"), ["f('')"]);
    }

    #[test]
    fn the_literal_is_one_that_must_be_there() {
        let literal = |pattern: &str| {
            let shape = Shape::new(pattern, Grammar::Tsx).expect("the pattern can be read");
            shape
                .literal
                .map(|literal| String::from_utf8(literal.needle().to_vec()).expect("UTF-8"))
        };
        assert_eq!(literal("$A.send($$$)"), Some("send".to_owned()));
        assert_eq!(
            literal("try { $$$ } catch ($E) { $$$ }"),
            Some("catch".to_owned())
        );
        assert_eq!(literal("$A($$$)"), None);
    }

    #[test]
    fn a_file_that_cannot_be_read_whole_is_named() {
        let question = Question::new("f($A)").expect("the pattern can be read");
        let found = question.search_file(7, "a.js", b"f(1);\nlet = = ;\n");
        assert_eq!((found.hits.len(), found.broken), (1, vec![7]));
    }
}
