//! Statements and members around a place of a text that does not parse, found by lines and brackets alone.

use super::layout::{Layout, TOP, starts_statement};
use crate::extract::tokens::Token;

/// Sorts of parts of a group.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Parts {
    /// A `;` may stand for a statement or a member of a class.
    Statements,
    Members,
    /// Parts between commas, or members of a type: nothing stands for one.
    Items,
}

/// A stretch of a text that may be left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Region {
    pub start: usize,
    pub end: usize,
    /// True when a `;` takes its place.
    pub closes: bool,
}

/// Words that go on with a statement, whatever line they stand on.
const GOING_ON: [&str; 10] = [
    "as",
    "catch",
    "else",
    "extends",
    "finally",
    "implements",
    "in",
    "instanceof",
    "of",
    "satisfies",
];

/// Blocks around a place in which a statement is looked for, the whole text aside.
const MOST_BLOCKS: usize = 16;

pub struct Regions<'l> {
    text: &'l str,
    layout: &'l Layout,
}

impl<'l> Regions<'l> {
    pub fn new(text: &'l str, layout: &'l Layout) -> Self {
        Self { text, layout }
    }

    /// The regions around an offset, smallest first: each holds a statement or member, or two that meet there.
    pub fn around(&self, offset: usize) -> Vec<Region> {
        let pieces = &self.layout.pieces;
        let at = pieces.partition_point(|piece| piece.end <= offset);
        let mut group = pieces.get(at).map_or_else(
            || pieces.last().map_or(TOP, |piece| piece.group),
            |piece| piece.group,
        );
        let mut at = at;
        let mut regions = Vec::new();
        // What opens a group belongs to the statement around it, and is no place inside.
        if group != TOP && self.layout.groups[group].open == at {
            group = self.layout.groups[group].parent;
        }
        let (mut blocks, mut is_inside) = (0, true);
        loop {
            let is_braced =
                group == TOP || self.layout.mark(self.layout.groups[group].open) == Some(b'{');
            blocks += usize::from(is_braced);
            if is_braced && (group == TOP || blocks <= MOST_BLOCKS) {
                self.of_group(group, at, is_inside, &mut regions);
            }
            if group == TOP {
                return regions;
            }
            is_inside = false;
            at = self.layout.groups[group].open;
            group = self.layout.groups[group].parent;
        }
    }

    /// The parts of a block, whatever they are.
    pub fn of_block(&self, group: usize) -> Vec<Region> {
        let parts = self.parts(group);
        let starts = self.starts(group, parts);
        let ends = starts.iter().skip(1).copied();
        let ends = ends.chain([self.layout.groups[group].end]);
        let spans = starts.iter().zip(ends);
        spans
            .map(|(&start, end)| self.region(start, end, parts))
            .collect()
    }

    /// The outermost blocks of a region, each in the block given.
    pub fn blocks_in(&self, region: Region, block: usize) -> Vec<usize> {
        let groups = &self.layout.groups;
        let is_braced = |group: usize| self.layout.mark(groups[group].open) == Some(b'{');
        let block_around = |group: usize| {
            let mut around = groups[group].parent;
            while around != TOP && !is_braced(around) {
                around = groups[around].parent;
            }
            around
        };
        let first = groups.partition_point(|group| {
            self.layout
                .pieces
                .get(group.open)
                .is_some_and(|piece| piece.start < region.start)
        });
        let last = groups.partition_point(|group| {
            self.layout
                .pieces
                .get(group.open)
                .is_some_and(|piece| piece.start < region.end)
        });
        (first.max(TOP + 1)..last)
            .filter(|&group| is_braced(group) && block_around(group) == block)
            .collect()
    }

    /// End of the line that follows an offset, or of the line of the offset when nothing follows.
    pub fn end_of_next_line(&self, offset: usize) -> usize {
        let pieces = &self.layout.pieces;
        let next = pieces.partition_point(|piece| piece.start < offset);
        let line = pieces.get(next).map(|piece| piece.line);
        let after = pieces[next..]
            .iter()
            .take_while(|piece| Some(piece.line) == line)
            .last();
        after.map_or(offset, |piece| piece.end)
    }

    /// The regions around a token of a group, which is where the parser is stuck or holds that.
    fn of_group(&self, group: usize, at: usize, is_stuck: bool, regions: &mut Vec<Region>) {
        let parts = self.parts(group);
        let starts = self.starts(group, parts);
        let end_of = |number: usize| {
            starts
                .get(number + 1)
                .copied()
                .unwrap_or(self.layout.groups[group].end)
        };
        let Some(number) = starts.partition_point(|&start| start <= at).checked_sub(1) else {
            return;
        };
        let mut add = |start: usize, end: usize| {
            if start < end {
                let region = self.region(start, end, parts);
                if !regions.contains(&region) {
                    regions.push(region);
                }
            }
        };
        if parts == Parts::Statements {
            let (start, end) = self.line(group, starts[number], end_of(number), at);
            if start > starts[number] {
                add(start, end);
            }
        }
        let (start, end) = (starts[number], end_of(number));
        add(start, end);
        if is_stuck && start == at && number > 0 {
            // What stands before may lack its end.
            add(starts[number - 1], start);
            add(starts[number - 1], end);
        }
        if number + 1 < starts.len() {
            add(start, end_of(number + 1));
        }
    }

    /// The line of a statement that holds a token, with those that are indented further: a statement of a `case`, or behind an `if`.
    fn line(&self, group: usize, start: usize, end: usize, at: usize) -> (usize, usize) {
        let pieces = &self.layout.pieces;
        let at = at.min(end.saturating_sub(1));
        let leads = |at: usize| {
            pieces[at].leads && self.stands_in(at, group) && starts_statement(self.layout, at)
        };
        let Some(first) = (start..=at).rev().find(|&at| leads(at)) else {
            return (start, end);
        };
        let next =
            (first + 1..end).find(|&at| leads(at) && pieces[at].indent <= pieces[first].indent);
        (first, next.unwrap_or(end))
    }

    /// True when a token stands directly in a group, or opens one that does.
    fn stands_in(&self, at: usize, group: usize) -> bool {
        let own = self.layout.pieces[at].group;
        let opened = &self.layout.groups[own];
        own == group || own != TOP && opened.open == at && opened.parent == group
    }

    fn region(&self, start: usize, end: usize, parts: Parts) -> Region {
        let pieces = &self.layout.pieces;
        // Comments before an item would stand before the next one.
        let begin = match parts {
            Parts::Items if start > 0 => pieces[start - 1].end,
            _ => pieces[start].start,
        };
        Region {
            start: begin,
            end: pieces[end - 1].end,
            closes: parts != Parts::Items,
        }
    }

    fn word(&self, at: usize) -> &'l str {
        match self.layout.pieces.get(at) {
            Some(piece) if piece.token == Token::Word => &self.text[piece.start..piece.end],
            _ => "",
        }
    }

    /// The sort of a group, told by what stands before it.
    fn parts(&self, group: usize) -> Parts {
        if group == TOP {
            return Parts::Statements;
        }
        let open = self.layout.groups[group].open;
        let Some(before) = open.checked_sub(1) else {
            return Parts::Statements;
        };
        match (self.layout.mark(before), self.word(before)) {
            (Some(b')' | b';' | b'{' | b'}'), _) => Parts::Statements,
            (Some(b'>'), _) if before > 0 && self.layout.mark(before - 1) == Some(b'=') => {
                Parts::Statements
            }
            (Some(b'>' | b']'), _) => self.header(open),
            (Some(_), _)
            | (_, "return" | "default" | "import" | "export" | "type" | "typeof" | "in" | "of") => {
                Parts::Items
            }
            _ => self.header(open),
        }
    }

    /// The declaration that the words before a `{` begin.
    fn header(&self, open: usize) -> Parts {
        for at in (open.saturating_sub(40)..open).rev() {
            match self.word(at) {
                "class" => return Parts::Members,
                "interface" | "enum" => return Parts::Items,
                "function" | "namespace" | "module" => return Parts::Statements,
                _ => {}
            }
            if matches!(self.layout.mark(at), Some(b';' | b'}' | b'{')) {
                break;
            }
        }
        Parts::Statements
    }

    /// The tokens that a group's parts start with.
    fn starts(&self, group: usize, parts: Parts) -> Vec<usize> {
        let pieces = &self.layout.pieces;
        let (first, end) = match group {
            TOP => (0, pieces.len()),
            _ => (
                self.layout.groups[group].open + 1,
                self.layout.groups[group].end,
            ),
        };
        let inside = || (first..end).filter(|&at| self.stands_in(at, group));
        let base = inside()
            .find(|&at| pieces[at].leads)
            .map_or(0, |at| pieces[at].indent);
        let mut starts: Vec<usize> = Vec::new();
        for at in inside() {
            let is_start = match starts.last() {
                None => true,
                Some(&start) => {
                    self.goes_on_new(at, base, parts) && !self.is_decorator(group, start, at)
                }
            };
            if is_start {
                starts.push(at);
            }
        }
        starts
    }

    /// True when a token that stands directly in a group starts another part of it.
    fn goes_on_new(&self, at: usize, base: usize, parts: Parts) -> bool {
        let piece = &self.layout.pieces[at];
        let before = self.layout.mark(at - 1);
        if matches!(self.layout.mark(at), Some(b')' | b']' | b'}'))
            || GOING_ON.contains(&self.word(at))
        {
            return false;
        }
        match before {
            Some(b',') if parts == Parts::Items => return true,
            Some(b';') if !piece.leads || piece.indent <= base => return true,
            Some(b'}') if !piece.leads && parts != Parts::Items => {
                return piece.token == Token::Word
                    && !matches!(self.word(at), "while" | "from")
                    && self.parts(self.layout.pieces[at - 1].group) != Parts::Items;
            }
            _ => {}
        }
        let opens_member = parts != Parts::Statements && self.layout.mark(at) == Some(b'*');
        piece.leads && piece.indent <= base && (opens_member || starts_statement(self.layout, at))
    }

    /// True when nothing but decorators stands in a part of a group up to a token.
    fn is_decorator(&self, group: usize, start: usize, until: usize) -> bool {
        let mut is_named = true;
        self.layout.mark(start) == Some(b'@')
            && (start..until)
                .filter(|&at| self.stands_in(at, group))
                .all(|at| {
                    match (self.layout.mark(at), self.layout.pieces[at].token) {
                        (Some(b'@' | b'.'), _) => is_named = false,
                        (Some(b'('), _) => {}
                        (None, Token::Word) => return !std::mem::replace(&mut is_named, true),
                        _ => return false,
                    }
                    true
                })
    }
}
