//! Object literals that a comment keeps the compiler from checking: `// @ts-expect-error`, `// @ts-ignore`.
//!
//! Such a comment is about the next line of code. A literal that begins there, or has a property that does, may be none of what is
//! expected where it stands, and so may be what is written in it.

use oxc_ast::ast::Comment;

use super::walker::Walker;
use crate::facts::codes::{flag, node};
use crate::facts::len32;

const DIRECTIVES: [&str; 2] = ["@ts-expect-error", "@ts-ignore"];

impl Walker<'_, '_> {
    /// Notes the line that a comment is about, if it is such a comment.
    pub(super) fn unchecked_line(&mut self, comment: &Comment, text: &str) {
        let last = text.lines().last().unwrap_or_default();
        let said = last.trim_start_matches(|sign: char| {
            sign == '/' || sign == '*' || sign.is_ascii_whitespace()
        });
        if !DIRECTIVES
            .iter()
            .any(|directive| said.starts_with(directive))
        {
            return;
        }
        let behind = comment.span.end as usize;
        let mut start = behind;
        let lines = self.source.get(behind..).unwrap_or_default();
        for (count, line) in lines.split_inclusive('\n').enumerate() {
            let end = start + line.len();
            let text = line.trim_start();
            if count > 0 && !text.is_empty() && !text.starts_with("//") {
                self.unchecked.push((len32(start), len32(end)));
                return;
            }
            start = end;
        }
    }

    /// Marks the properties of literals that are not checked.
    pub(super) fn mark_unchecked(&mut self) {
        let lines = std::mem::take(&mut self.unchecked);
        if lines.is_empty() {
            return;
        }
        let nodes = &self.facts.nodes;
        let is_literal =
            |owner: u32| matches!(nodes.get(owner as usize), Some(of) if of.kind == node::OBJECT);
        let literals = nodes.iter().filter(|node| node.kind == node::OBJECT);
        let begun = literals.filter(|node| holds(&lines, node.start));
        let properties = self.facts.definitions.iter();
        let holders = properties
            .filter(|row| is_literal(row.owner) && holds(&lines, row.start))
            .filter_map(|row| nodes.get(row.owner as usize));
        let mut spans: Vec<(u32, u32)> = begun
            .chain(holders)
            .map(|node| (node.start, node.end))
            .collect();
        spans.sort_unstable();
        spans.dedup_by(|&mut (start, end), (_, before)| {
            let is_inside = start <= *before;
            *before = if is_inside { end.max(*before) } else { *before };
            is_inside
        });
        for row in &mut self.facts.definitions {
            if is_literal(row.owner) && holds(&spans, row.start) {
                row.flags |= flag::UNCHECKED;
            }
        }
    }
}

/// True when one of some spans, which are sorted and apart, holds a place.
fn holds(spans: &[(u32, u32)], place: u32) -> bool {
    let before = spans.partition_point(|&(start, _)| start <= place);
    before > 0 && place < spans[before - 1].1
}
