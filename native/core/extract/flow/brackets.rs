//! Brackets of Flow: casts, and parameters without names.

use super::rules::Rules;
use super::{Edits, UNNAMED};
use crate::extract::damage::layout::{Layout, Piece, TOP};
use crate::extract::tokens::Token;

/// Words in front of a bracket that holds an expression.
const BEFORE_EXPRESSIONS: &[&str] = &[
    "await",
    "case",
    "default",
    "delete",
    "do",
    "else",
    "extends",
    "in",
    "instanceof",
    "new",
    "of",
    "return",
    "throw",
    "typeof",
    "void",
    "yield",
];
/// Words that are types and no names.
const TYPES: &[&str] = &["false", "null", "this", "true", "typeof", "void"];
/// Tokens that a choice is looked for in.
const MOST_LOOKED_AT: usize = 1_000;

/// A part between two commas.
#[derive(Default)]
struct Part<'l> {
    level: &'l [usize],
    /// True when it has a type, or a value in case that none is given.
    is_named: bool,
}

/// Gives the types in a list of parameters their place, where the parser gave up on it.
pub fn parameters(layout: &Layout, levels: &[Vec<usize>], group: usize, edits: &mut Edits) {
    let mut rules = Rules {
        layout,
        levels,
        edits,
    };
    rules.parameters(group);
}

impl<'l> Rules<'l, '_, '_> {
    /// A cast, or the parameters of a function type.
    pub(super) fn bracket(&mut self, group: usize) {
        let open = self.layout.groups[group].open;
        let close = self.layout.groups[group].end;
        if self.mark(close) != Some(b')') {
            return;
        }
        match (self.mark(close + 1), self.mark(close + 2)) {
            (Some(b'='), Some(b'>')) => self.parameters(group),
            (Some(b'{'), _) => {}
            (Some(b':'), _) if !self.is_chosen(open) && !self.is_cast_again(open, close) => {}
            _ if self.holds_expression(open) => self.cast(group),
            _ => {}
        }
    }

    /// True when what opens there can only be an expression in brackets.
    fn holds_expression(&self, open: usize) -> bool {
        match self.before(open).map(|piece| piece.token) {
            None => true,
            Some(Token::Word) => BEFORE_EXPRESSIONS.contains(&self.text(open - 1)),
            Some(Token::Mark(mark)) => !matches!(mark, b')' | b']'),
            Some(_) => false,
        }
    }

    /// True when a bracket is what is chosen by a condition, so that a `:` behind it is no type.
    fn is_chosen(&self, open: usize) -> bool {
        let parent = self.layout.groups[self.layout.pieces[open].group].parent;
        let level = &self.levels[parent];
        let place = level.partition_point(|&piece| piece < open);
        let mut pending = 0i32;
        for &at in level[..place].iter().rev().take(MOST_LOOKED_AT) {
            match self.mark(at) {
                Some(b',' | b';') => break,
                Some(b':') => pending -= 1,
                Some(b'?') if self.asks(at) => pending += 1,
                _ => {}
            }
            if pending > 0 {
                return true;
            }
        }
        false
    }

    /// True when a bracket is the value of another cast: `((a: any): T)`, but not `((a: A): B => c)`.
    fn is_cast_again(&self, open: usize, close: usize) -> bool {
        let parent = self.layout.groups[self.layout.pieces[open].group].parent;
        if parent == TOP || self.layout.groups[parent].open + 1 != open {
            return false;
        }
        let end = self.layout.groups[parent].end;
        let is_function = (close..end).any(|at| {
            self.layout.pieces[at].group == parent
                && self.mark(at) == Some(b'=')
                && self.mark(at + 1) == Some(b'>')
                && self.mark(at - 1) != Some(b')')
        });
        self.mark(self.layout.groups[parent].open) == Some(b'(') && !is_function
    }

    /// True when a `?` asks which of two to take.
    fn asks(&self, at: usize) -> bool {
        let is_type = self.edits.replaces(self.layout.pieces[at].start);
        let is_doubled = at > 0 && self.mark(at - 1) == Some(b'?') && self.touches_last(at);
        let is_other = match self.mark(at + 1) {
            Some(b':' | b',' | b')' | b'=') => true,
            Some(b'.') => self.touches_next(at) && !self.is_number_next(at),
            Some(b'?') => self.touches_next(at),
            _ => false,
        };
        !(is_type || is_doubled || is_other)
    }

    fn is_number_next(&self, at: usize) -> bool {
        matches!(
            self.layout.pieces.get(at + 2),
            Some(Piece {
                token: Token::Number,
                ..
            })
        )
    }

    /// `(a: T)`
    fn cast(&mut self, group: usize) {
        let level = self.levels[group].as_slice();
        let mut asked = 0i32;
        let is_arrow = |place: usize| {
            self.mark(level[place]) == Some(b'=') && self.mark(level[place] + 1) == Some(b'>')
        };
        for (place, &at) in level.iter().enumerate() {
            match self.mark(at) {
                Some(b',' | b';') => return,
                Some(b'?') if self.asks(at) => asked += 1,
                Some(b':') if self.is_behind_parameters(at) => {}
                Some(b':') if asked > 0 => asked -= 1,
                Some(b':') => {
                    let is_result = self.mark(at - 1) == Some(b')')
                        && (place..level.len())
                            .any(|of| is_arrow(of) && self.mark(level[of] - 1) != Some(b')'));
                    if is_result {
                        return;
                    }
                    let has_arrow = (0..place).any(is_arrow);
                    let (first, colon) = (level[0], &self.layout.pieces[at]);
                    if has_arrow {
                        // A function is in brackets where something follows it.
                        self.edits.insert(self.layout.pieces[first].start, "(");
                    }
                    let written = if has_arrow { ") as " } else { " as " };
                    self.edits.replace(colon.start, colon.end, written);
                    return;
                }
                _ => {}
            }
        }
    }

    /// True for the `:` of `function (a): T { … }`.
    fn is_behind_parameters(&self, colon: usize) -> bool {
        let close = colon.wrapping_sub(1);
        if self.mark(close) != Some(b')') {
            return false;
        }
        let mut before = self.layout.groups[self.layout.pieces[close].group].open;
        for _ in 0..3 {
            before = before.wrapping_sub(1);
            if self.text(before) == "function" {
                return true;
            }
            if !self.is_word(before) && self.mark(before) != Some(b'*') {
                return false;
            }
        }
        false
    }

    /// `(A, Array<B>) => C`: where a part can be no parameter of a function, all that have no name are types.
    fn parameters(&mut self, group: usize) {
        let open = self.layout.groups[group].open;
        if self.is_mark_before(open, b":") && self.is_mark_before(open - 1, b")") {
            // The result of a function, whose arrow follows.
            return;
        }
        let parts = self.parts(group);
        if !parts.iter().any(|part| self.is_type(part)) {
            return;
        }
        for part in parts.iter().filter(|part| !part.is_named) {
            let is_rest = part.level.len() > 3 && self.mark(part.level[0]) == Some(b'.');
            let (at, pattern) = if is_rest {
                (part.level[3], "[]:")
            } else {
                (part.level[0], UNNAMED)
            };
            self.edits.insert(self.layout.pieces[at].start, pattern);
        }
    }

    /// The parts between the commas of a group.
    fn parts(&self, group: usize) -> Vec<Part<'l>> {
        let mut parts = Vec::new();
        let mut part = Part::default();
        let (mut depth, mut start) = (0usize, 0);
        let level = self.levels[group].as_slice();
        for (place, &at) in level.iter().enumerate() {
            match self.mark(at) {
                Some(b'<') => depth += 1,
                Some(b'>') if self.mark(at - 1) != Some(b'=') => depth = depth.saturating_sub(1),
                Some(b':') if depth == 0 => part.is_named = true,
                Some(b'=') if depth == 0 && self.mark(at + 1) != Some(b'>') => part.is_named = true,
                Some(b',') if depth == 0 => {
                    part.level = &level[start..place];
                    parts.push(std::mem::take(&mut part));
                    start = place + 1;
                }
                _ => {}
            }
        }
        part.level = &level[start..];
        parts.push(part);
        parts.retain(|part| !part.level.is_empty());
        parts
    }

    /// True when a part of a list in brackets is a type, and cannot be a parameter.
    fn is_type(&self, part: &Part) -> bool {
        let first = part.level[0];
        let has_more = part.level.len() > 1;
        !part.is_named
            && match self.layout.pieces[first].token {
                Token::Word => TYPES.contains(&self.text(first)) || has_more,
                Token::Mark(b'.') => part.level.len() > 4,
                Token::Mark(b'[' | b'{') => has_more || self.is_rewritten(first),
                Token::Mark(b'@') => false,
                _ => true,
            }
    }

    /// True when something of Flow stands in the group that a token opens.
    fn is_rewritten(&self, open: usize) -> bool {
        let level = &self.levels[self.layout.pieces[open].group];
        level
            .iter()
            .any(|&at| self.edits.replaces(self.layout.pieces[at].start))
    }
}
