//! The brackets of a text that does not parse, matched with the help of its indentation.
//!
//! Where brackets are missing, lines tell more than counting: a `}` closes what a line of its own indentation opened (Nilsson-Nyman,
//! Ekman and Hedin, "Practical Scope Recovery Using Bridge Parsing", SLE 2008).

use crate::extract::tokens::{Placed, Token, Tokens};

/// The whole text, which no bracket opens.
pub const TOP: usize = 0;

/// Brackets without their other half that are looked for in one text; one with more is taken as it is.
const MOST_DEFECTS: usize = 64;
/// Open brackets among which the one that is closed is looked for.
const MOST_OPEN: usize = 64;

/// A token with the line it stands on.
pub struct Piece {
    pub token: Token,
    pub start: usize,
    pub end: usize,
    /// True when it is the first of its line.
    pub leads: bool,
    /// The first token of its line.
    pub line: usize,
    /// How far its line is indented, in bytes.
    pub indent: usize,
    /// The innermost group that it stands in; its own, for what opens or closes one.
    pub group: usize,
}

/// The tokens between two brackets; offsets are those of tokens.
pub struct Group {
    pub parent: usize,
    pub open: usize,
    /// Past its last token, the closing bracket aside.
    pub end: usize,
}

/// A bracket without its other half.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Defect {
    /// This token opens what nothing closes; it was meant to end before the other one.
    Unclosed { open: usize, end: usize },
    /// This token closes what nothing opened.
    Stray(usize),
}

pub struct Layout {
    pub pieces: Vec<Piece>,
    pub groups: Vec<Group>,
    pub defects: Vec<Defect>,
}

impl Layout {
    pub fn new(text: &str) -> Self {
        let mut layout = Self {
            pieces: pieces(text),
            groups: Vec::new(),
            defects: Vec::new(),
        };
        if !layout.is_balanced() {
            layout.defects = layout.find_defects();
        }
        layout.group();
        layout
    }

    pub fn mark(&self, at: usize) -> Option<u8> {
        match self.pieces.get(at)?.token {
            Token::Mark(mark) => Some(mark),
            _ => None,
        }
    }

    fn is_balanced(&self) -> bool {
        let mut open = Vec::new();
        for at in 0..self.pieces.len() {
            match self.mark(at) {
                Some(mark @ (b'(' | b'[' | b'{')) => open.push(mark),
                Some(mark @ (b')' | b']' | b'}')) if open.pop() != opening(mark) => return false,
                _ => {}
            }
        }
        open.is_empty()
    }

    fn find_defects(&self) -> Vec<Defect> {
        let mut matching = Matching {
            layout: self,
            open: Vec::new(),
            closed_by: vec![None; self.pieces.len()],
            defects: Vec::new(),
        };
        for at in 0..self.pieces.len() {
            matching.step(at);
            if matching.defects.len() > MOST_DEFECTS {
                return Vec::new();
            }
        }
        if matching.open.len() > MOST_DEFECTS {
            return Vec::new();
        }
        while let Some((open, _)) = matching.open.pop() {
            matching.unclosed(open, self.pieces.len());
        }
        matching.defects
    }

    /// Puts every token into its group.
    fn group(&mut self) {
        let mut ends: Vec<(usize, usize)> = Vec::new();
        let mut strays = Vec::new();
        for defect in &self.defects {
            match *defect {
                Defect::Unclosed { open, end } => ends.push((end, open)),
                Defect::Stray(at) => strays.push(at),
            }
        }
        ends.sort_unstable();
        strays.sort_unstable();
        let mut ends = ends.into_iter().peekable();
        let all = self.pieces.len();
        self.groups.push(Group {
            parent: TOP,
            open: 0,
            end: all,
        });
        let mut group = TOP;
        for at in 0..all {
            while let Some((_, open)) = ends.next_if(|&(end, _)| end <= at) {
                while group != TOP && self.groups[group].open >= open {
                    self.groups[group].end = at;
                    group = self.groups[group].parent;
                }
            }
            let mark = self.mark(at);
            if matches!(mark, Some(b'(' | b'[' | b'{')) {
                self.groups.push(Group {
                    parent: group,
                    open: at,
                    end: all,
                });
                group = self.groups.len() - 1;
            }
            self.pieces[at].group = group;
            let closes = matches!(mark, Some(b')' | b']' | b'}')) && group != TOP;
            if closes && strays.binary_search(&at).is_err() {
                self.groups[group].end = at;
                group = self.groups[group].parent;
            }
        }
    }
}

fn opening(closing: u8) -> Option<u8> {
    match closing {
        b')' => Some(b'('),
        b']' => Some(b'['),
        b'}' => Some(b'{'),
        _ => None,
    }
}

fn pieces(text: &str) -> Vec<Piece> {
    let bytes = text.as_bytes();
    let mut pieces: Vec<Piece> = Vec::new();
    let (mut end_before, mut line_start, mut indent) = (0, 0, 0);
    for Placed { token, start, end } in Tokens::new(text) {
        let line = memchr::memrchr2(b'\n', b'\r', &bytes[end_before..start]);
        let leads = line.is_some() || pieces.is_empty();
        if leads {
            line_start = pieces.len();
            let line = line.map_or(0, |at| end_before + at + 1);
            indent = bytes[line..start]
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t'))
                .count();
        }
        pieces.push(Piece {
            token,
            start,
            end,
            leads,
            line: line_start,
            indent,
            group: TOP,
        });
        end_before = end;
    }
    pieces
}

struct Matching<'l> {
    layout: &'l Layout,
    /// An open bracket: the token, and the indentation at which it is to be closed.
    open: Vec<(usize, usize)>,
    /// Position of the token that closes what a token opens.
    closed_by: Vec<Option<usize>>,
    defects: Vec<Defect>,
}

impl Matching<'_> {
    fn step(&mut self, at: usize) {
        let piece = &self.layout.pieces[at];
        let mark = self.layout.mark(at);
        match mark {
            Some(b')' | b']' | b'}') => self.close(at),
            _ => {
                if piece.leads {
                    self.leave_brackets(at, piece.indent);
                }
                if mark == Some(b';') {
                    self.leave_calls(at);
                }
            }
        }
        if matches!(mark, Some(b'(' | b'[' | b'{')) {
            self.open.push((at, self.indent_of_opening(at)));
        }
    }

    /// The indentation of the statement that a bracket opens for: a block behind parameters of several lines is closed where they began.
    fn indent_of_opening(&self, at: usize) -> usize {
        let before = at.checked_sub(1);
        let closes_parameters = before
            .filter(|&at| self.layout.mark(at) == Some(b')') && !self.layout.pieces[at].leads);
        let opened = closes_parameters
            .and_then(|at| self.closed_by[at])
            .unwrap_or(at);
        self.layout.pieces[opened].indent
    }

    /// A bracket of a statement ends at the latest where a line starts that is indented no further.
    fn leave_brackets(&mut self, at: usize, indent: usize) {
        while let Some(&(open, of)) = self.open.last() {
            let is_last_of_line = self
                .layout
                .pieces
                .get(open + 1)
                .is_none_or(|next| next.leads);
            if self.layout.mark(open) == Some(b'{') || indent > of || is_last_of_line {
                return;
            }
            if !starts_statement(self.layout, at) {
                return;
            }
            self.open.pop();
            self.unclosed(open, at);
        }
    }

    /// A `;` ends all brackets, but those of a `for`.
    fn leave_calls(&mut self, at: usize) {
        while let Some(&(open, _)) = self.open.last() {
            let is_loop = open > 0 && {
                let before = &self.layout.pieces[open - 1];
                before.token == Token::Word && before.end - before.start <= 5
            };
            if self.layout.mark(open) == Some(b'{') || is_loop {
                return;
            }
            self.open.pop();
            self.unclosed(open, at);
        }
    }

    fn close(&mut self, at: usize) {
        let mark = self.layout.mark(at).and_then(opening);
        let line = self.layout.pieces[at].line;
        let leads = matches!(self.layout.mark(line), Some(b')' | b']' | b'}' | b','));
        let may_go_on = self.layout.mark(line) == Some(b',');
        let indent = self.layout.pieces[line].indent;
        let alike = |&&(open, _): &&(usize, usize)| self.layout.mark(open) == mark;
        let top = self.open.last().filter(alike).copied();
        let found = if leads {
            let same = self.last_open(|one| alike(&one) && one.1 == indent);
            let top = top
                .filter(|&(_, of)| of > indent || may_go_on)
                .map(|_| self.open.len() - 1);
            same.or(top)
        } else {
            let on_line = |&&(open, _): &&(usize, usize)| open >= line;
            let near = self.last_open(|one| alike(&one) && on_line(&one));
            near.or(top.map(|_| self.open.len() - 1))
        };
        let Some(found) = found else {
            self.defects.push(Defect::Stray(at));
            return;
        };
        while self.open.len() > found + 1 {
            if let Some((open, _)) = self.open.pop() {
                self.unclosed(open, at);
            }
        }
        if let Some((open, _)) = self.open.pop() {
            self.closed_by[open] = Some(at);
            self.closed_by[at] = Some(open);
        }
    }

    /// The place of the last of what is open that is so.
    fn last_open(&self, is_so: impl Fn(&(usize, usize)) -> bool) -> Option<usize> {
        let from = self.open.len().saturating_sub(MOST_OPEN);
        let found = self.open[from..].iter().rposition(is_so)?;
        Some(from + found)
    }

    /// Notes what nothing closes up to a token: it ends before the first line that is indented no further.
    fn unclosed(&mut self, open: usize, until: usize) {
        let indent = self.indent_of_opening(open);
        let pieces = &self.layout.pieces;
        let mut end = until;
        let mut at = open + 1;
        // A block whose content is indented no further than itself tells nothing.
        let is_last_of_line = pieces.get(at).is_none_or(|next| next.leads);
        let mut is_flat = if is_last_of_line { None } else { Some(false) };
        while at < until {
            let piece = &pieces[at];
            if piece.leads {
                let within = piece.indent > indent;
                if !within && is_flat == Some(false) {
                    end = at;
                    break;
                }
                is_flat.get_or_insert(!within);
            }
            at = match self.closed_by[at] {
                Some(close) if close > at => close + 1,
                _ => at + 1,
            };
        }
        self.defects.push(Defect::Unclosed { open, end });
    }
}

/// True when what stands before a token ends a statement.
fn ends_statement(layout: &Layout, at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|at| layout.mark(at));
    matches!(before, Some(b';' | b'{' | b'}' | b':'))
}

/// True when a token that leads its line cannot go on with what the lines before began.
pub fn starts_statement(layout: &Layout, at: usize) -> bool {
    !matches!(
        layout.mark(at),
        Some(
            b'.' | b'?'
                | b':'
                | b')'
                | b']'
                | b'}'
                | b','
                | b';'
                | b'='
                | b'+'
                | b'-'
                | b'/'
                | b'%'
                | b'&'
                | b'|'
                | b'^'
                | b'<'
                | b'>'
                | b'{'
        )
    ) && (layout.pieces[at].token != Token::Template || ends_statement(layout, at))
}
