//! Code by its shape, written anew: what a template makes of each place that fits a pattern.

use std::ops::Range;

use ast_grep_core::matcher::NodeMatch;
use ast_grep_core::tree_sitter::{LanguageExt, StrDoc};
use ast_grep_core::{AstGrep, Node};
use rayon::prelude::*;

use super::precedence::{Position, is_tight};
use super::{Grammar, Question, Shape, complaint, program};
use crate::extract::source;

pub(super) type Syntax<'t> = Node<'t, StrDoc<Grammar>>;

/// A place that fits, in bytes and with its line from 1, and what is to stand there; nothing inside of another place.
pub struct Rewritten {
    pub file: u32,
    pub start: u32,
    pub end: u32,
    pub line: u32,
    pub text: Option<String>,
}

/// The code that is to stand in the place of what fits, as it was typed, and where its metavariables are.
pub struct Template {
    text: String,
    holes: Vec<Hole>,
    /// The grammar that can read it, and the span of its only statement or expression there.
    tree: Option<(AstGrep<StrDoc<Grammar>>, Range<usize>)>,
}

struct Hole {
    span: Range<usize>,
    name: String,
    position: Position,
}

impl Template {
    /// Metavariables are given as spans with their names. Fails with the place when no grammar can read the template.
    pub fn new(text: &str, holes: Vec<(usize, usize, String)>) -> Result<Template, String> {
        let Some(tree) = read(text, &holes) else {
            let tree = Grammar::Tsx.ast_grep(text);
            let root = tree.root();
            let wrong = root.dfs().find(|node| node.is_error() || node.is_missing());
            return Err(complaint(text, &wrong.unwrap_or(root)));
        };
        let root = tree.root();
        let holes = holes
            .into_iter()
            .map(|(start, end, name)| Hole {
                position: node_at(&root, start..end)
                    .map_or_else(Position::default, |node| Position::of(&node)),
                span: start..end,
                name,
            })
            .collect();
        let span = only(&root).map(|node| node.range());
        Ok(Template {
            text: text.to_owned(),
            holes,
            tree: span.map(|span| (tree.clone(), span)),
        })
    }
}

/// The template as the first grammar reads it that can. Where none takes a metavariable as a name it is read as a string: `from $B`.
fn read(text: &str, holes: &[(usize, usize, String)]) -> Option<AstGrep<StrDoc<Grammar>>> {
    let quoted = holes.iter().map(|(start, end, _)| {
        let between = "_".repeat(end - start - 2);
        format!("{}'{between}'{}", &text[..*start], &text[*end..])
    });
    std::iter::once(text.to_owned())
        .chain(quoted)
        .find_map(|text| {
            [Grammar::Tsx, Grammar::TypeScript, Grammar::JavaScript]
                .into_iter()
                .map(|grammar| grammar.ast_grep(&text))
                .find(|tree| !tree.root().get_inner_node().has_error())
        })
}

/// The only statement of a program; of an expression statement its expression.
fn only<'t>(root: &Syntax<'t>) -> Option<Syntax<'t>> {
    let mut statements = root.children();
    let statement = statements.next()?;
    if statements.next().is_some() {
        return None;
    }
    if statement.kind() == "expression_statement" {
        return statement.child(0);
    }
    Some(statement)
}

/// The outermost node with exactly that span.
fn node_at<'t>(root: &Syntax<'t>, span: Range<usize>) -> Option<Syntax<'t>> {
    let mut node = root.clone();
    loop {
        if node.range() == span && node.is_named() && node.parent().is_some() {
            let is_statement = node.kind() == "expression_statement";
            return if is_statement {
                node.child(0)
            } else {
                Some(node)
            };
        }
        let inner = node.children().find(|child| {
            let range = child.range();
            range.start <= span.start && span.end <= range.end
        });
        node = inner?;
    }
}

impl Question {
    /// Every place that fits in sources that are given with a number and a path, and the numbers of those that could not be read whole.
    pub fn rewrite<B: AsRef<[u8]> + Sync>(
        &self,
        template: &Template,
        sources: &[(u32, String, B)],
    ) -> (Vec<Rewritten>, Vec<u32>) {
        crate::extract::pool().install(|| {
            let parts: Vec<_> = sources
                .par_iter()
                .map(|(file, path, bytes)| {
                    self.rewrite_source(template, *file, path, bytes.as_ref())
                })
                .collect();
            let broken = parts.iter().zip(sources);
            let broken = broken
                .filter(|((_, broken), _)| *broken)
                .map(|(_, (file, ..))| *file)
                .collect();
            (
                parts.into_iter().flat_map(|(places, _)| places).collect(),
                broken,
            )
        })
    }

    fn rewrite_source(
        &self,
        template: &Template,
        file: u32,
        path: &str,
        bytes: &[u8],
    ) -> (Vec<Rewritten>, bool) {
        let mut places = Vec::new();
        if !self.0.iter().flatten().any(|shape| shape.may_fit(bytes)) {
            return (places, false);
        }
        let text = source::read(bytes);
        let (program, grammar) = program(path, &text.text);
        let Some(shape) = &self.0[grammar as usize] else {
            return (places, false);
        };
        let Ok(document) = StrDoc::try_new(&program, grammar) else {
            return (places, true);
        };
        let tree: AstGrep<_> = AstGrep::doc(document);
        let top = tree.root();
        let mut reached = 0;
        for fit in top.find_all(&shape.pattern) {
            let range = fit.range();
            let is_inner = range.start < reached;
            let line = text
                .lines
                .partition_point(|line| line.start as usize <= range.start);
            places.push(Rewritten {
                file,
                start: range.start as u32,
                end: range.end as u32,
                line: line as u32,
                text: (!is_inner).then(|| {
                    Writer {
                        template,
                        shape,
                        program: &program,
                        fit: &fit,
                    }
                    .written()
                }),
            });
            reached = reached.max(range.end);
        }
        (places, top.get_inner_node().has_error())
    }
}

/// Writes what stands for one place.
struct Writer<'w, 't> {
    template: &'w Template,
    shape: &'w Shape,
    program: &'w str,
    fit: &'w NodeMatch<'t, StrDoc<Grammar>>,
}

impl<'t> Writer<'_, 't> {
    fn written(&self) -> String {
        let fit: &Syntax<'t> = self.fit;
        let indent = self.indentation(fit.range().start).to_owned();
        let template = &self.template.text;
        let mut out = String::new();
        let mut at = 0;
        for hole in &self.template.holes {
            self.push_template(&mut out, &template[at..hole.span.start], &indent);
            at = hole.span.end;
            let nodes = self.nodes(&hole.name);
            let (Some(first), Some(last)) = (nodes.first(), nodes.last()) else {
                at += skip_separator(&mut out, &template[at..]);
                continue;
            };
            let piece = self.reindented(first.range().start..last.range().end, &out, &indent);
            let wraps =
                nodes.len() == 1 && !is_tight(first, &piece, hole.position, ends_with_sign(&out));
            push_wrapped(&mut out, &piece, wraps);
            if last.kind() == "comment"
                && last.text().starts_with("//")
                && !template[at..].starts_with('\n')
            {
                out.push('\n');
                out.push_str(&indent);
            }
        }
        self.push_template(&mut out, &template[at..], &indent);
        self.fitted(out)
    }

    /// The whole as it can stand in the place of what fits.
    fn fitted(&self, mut out: String) -> String {
        let fit: &Syntax<'t> = self.fit;
        if self.template.text.ends_with(';') && !is_statement(&fit.kind()) {
            out.pop(); // that of the statement around it stays
        }
        let start = fit.range().start;
        let position = Position::of(fit);
        let sign = ends_with_sign(&self.program[..start]);
        let holes = &self.template.holes;
        let whole = &self.template.tree;
        let is_tight = match whole {
            Some((_, span)) if holes.first().is_some_and(|hole| hole.span == *span) => {
                let nodes = self.nodes(&holes[0].name);
                nodes.len() != 1
                    || out.starts_with('(')
                    || is_tight(&nodes[0], &out, position, sign)
            }
            Some((tree, span)) => node_at(&tree.root(), span.clone())
                .is_none_or(|node| is_tight(&node, &out, position, sign)),
            None => true,
        };
        let statement = fit
            .ancestors()
            .find(|node| node.kind() == "expression_statement");
        let opens = statement
            .filter(|node| node.range().start == start && fit.kind() != "expression_statement");
        let reads_as_statement =
            opens.is_some() && begins_a_statement(&out) && !begins_a_statement(&self.template.text);
        let mut text = String::new();
        push_wrapped(&mut text, &out, !is_tight || reads_as_statement);
        let before = opens
            .and_then(|node| node.prev())
            .map(|node| node.text().into_owned());
        let runs_on = text.starts_with(['(', '[', '`', '+', '-', '/', '<']);
        if runs_on && before.is_some_and(|before| !before.ends_with([';', '}', '{'])) {
            text.insert(0, ';');
        }
        if fit.text().ends_with(';') && !text.is_empty() && !text.ends_with([';', '}']) {
            text.push(';');
        }
        text
    }

    /// What a metavariable stands for: one node, or all of a list with what is between them.
    fn nodes(&self, name: &str) -> Vec<Syntax<'t>> {
        debug_assert!(self.shape.variables.iter().any(|known| known == name));
        if let Some(node) = self.fit.get_env().get_match(name) {
            return vec![node.clone()];
        }
        let nodes = self.fit.get_env().get_multiple_matches(name);
        let first = nodes.iter().position(Node::is_named);
        let last = nodes.iter().rposition(Node::is_named);
        match (first, last) {
            (Some(first), Some(last)) => nodes[first..=last].to_vec(),
            _ => Vec::new(),
        }
    }

    fn indentation(&self, at: usize) -> &str {
        let line = &self.program[self.program[..at].rfind('\n').map_or(0, |found| found + 1)..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// A part of the template; its further lines stand as far in as what fits.
    fn push_template(&self, out: &mut String, part: &str, indent: &str) {
        for (number, line) in part.split('\n').enumerate() {
            if number > 0 {
                out.push('\n');
                if !line.trim().is_empty() || !out.is_empty() && part.ends_with(line) {
                    out.push_str(indent);
                }
            }
            out.push_str(line);
        }
    }

    /// A part of the source whose further lines stand as far in, seen from its first one, as they did; lines of a text stay as they are.
    fn reindented(&self, span: Range<usize>, out: &str, indent: &str) -> String {
        let piece = &self.program[span.clone()];
        let was = self.indentation(span.start);
        let line = out.rfind('\n').map(|found| &out[found + 1..]);
        let is = line.map_or(indent, |line| {
            &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
        });
        if was == is || !piece.contains('\n') {
            return piece.to_owned();
        }
        let texts = self.texts_in(&span);
        let mut moved = String::with_capacity(piece.len());
        let mut at = span.start;
        for (number, line) in piece.split('\n').enumerate() {
            if number > 0 {
                moved.push('\n');
            }
            let is_text = texts.iter().any(|text| text.start < at && at <= text.end);
            match line.strip_prefix(was) {
                Some(rest) if number > 0 && !is_text && !line.trim().is_empty() => {
                    moved.push_str(is);
                    moved.push_str(rest);
                }
                _ => moved.push_str(line),
            }
            at += line.len() + 1;
        }
        moved
    }

    /// The spans of texts that can go over several lines.
    fn texts_in(&self, span: &Range<usize>) -> Vec<Range<usize>> {
        let fit: &Syntax<'t> = self.fit;
        fit.dfs()
            .filter(|node| matches!(&*node.kind(), "template_string" | "string"))
            .map(|node| node.range())
            .filter(|range| range.start < span.end && span.start < range.end)
            .collect()
    }
}

/// Takes away the comma, or a blank, before or behind a list that is empty; gives how much of the rest is to be passed over.
fn skip_separator(out: &mut String, rest: &str) -> usize {
    let kept = out.trim_end();
    if kept.ends_with(',') {
        out.truncate(kept.len() - 1);
        return 0;
    }
    if let Some(behind) = rest.trim_start().strip_prefix(',') {
        return rest.len() - behind.trim_start().len();
    }
    usize::from(out.ends_with(' ') && rest.starts_with(' '))
}

fn push_wrapped(out: &mut String, text: &str, wraps: bool) {
    if wraps {
        out.push('(');
    }
    out.push_str(text);
    if wraps {
        out.push(')');
    }
}

/// The sign that a text ends with: another one behind it would be read with it.
fn ends_with_sign(text: &str) -> Option<char> {
    text.chars().last().filter(|last| matches!(last, '+' | '-'))
}

fn is_statement(kind: &str) -> bool {
    kind.ends_with("statement") || kind.ends_with("declaration") || kind == "statement_block"
}

fn begins_a_statement(text: &str) -> bool {
    let word = |word: &str| {
        text.strip_prefix(word).is_some_and(|rest| {
            !rest.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '_' | '$'))
        })
    };
    text.starts_with('{')
        || word("function")
        || word("class")
        || text.starts_with("async function")
        || text.starts_with("let [")
}
