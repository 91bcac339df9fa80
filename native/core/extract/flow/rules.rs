//! Syntax of Flow that its tokens tell from JavaScript.

use super::Edits;
use crate::extract::damage::layout::{Layout, Piece, TOP};
use crate::extract::tokens::{Token, Tokens};

/// Writes another way all that can be told.
pub fn apply(layout: &Layout, levels: &[Vec<usize>], edits: &mut Edits) {
    let mut rules = Rules {
        layout,
        levels,
        edits,
    };
    for at in 0..layout.pieces.len() {
        match layout.pieces[at].token {
            Token::Mark(b'|') => rules.exact(at),
            Token::Mark(b'.') => rules.inexact(at),
            Token::Mark(b'+' | b'-') => rules.variance(at),
            Token::Mark(b'?') => rules.maybe(at),
            Token::Mark(b'*') => rules.existential(at),
            Token::Mark(b'%') => rules.checks(at),
            Token::Mark(b'<') => rules.angle(at),
            Token::Mark(b'[') => rules.mapped(at),
            Token::Word => rules.word(at),
            Token::Template => rules.template(at),
            _ => {}
        }
    }
    // These look at what was taken off.
    for group in 1..layout.groups.len() {
        if layout.mark(layout.groups[group].open) == Some(b'(') {
            rules.bracket(group);
        }
    }
}

pub(super) struct Rules<'l, 'e, 's> {
    pub(super) layout: &'l Layout,
    pub(super) levels: &'l [Vec<usize>],
    pub(super) edits: &'e mut Edits<'s>,
}

impl<'l> Rules<'l, '_, '_> {
    pub(super) fn mark(&self, at: usize) -> Option<u8> {
        self.layout.mark(at)
    }

    pub(super) fn before(&self, at: usize) -> Option<&'l Piece> {
        self.layout.pieces.get(at.checked_sub(1)?)
    }

    pub(super) fn is_mark_before(&self, at: usize, marks: &[u8]) -> bool {
        matches!(self.before(at), Some(Piece { token: Token::Mark(mark), .. }) if marks.contains(mark))
    }

    pub(super) fn text(&self, at: usize) -> &str {
        let piece = self.layout.pieces.get(at);
        piece.map_or("", |piece| &self.edits.source[piece.start..piece.end])
    }

    /// True when nothing stands between a token and the next one.
    pub(super) fn touches_next(&self, at: usize) -> bool {
        let pieces = &self.layout.pieces;
        pieces
            .get(at + 1)
            .is_some_and(|next| next.start == pieces[at].end)
    }

    pub(super) fn touches_last(&self, at: usize) -> bool {
        at > 0 && self.touches_next(at - 1)
    }

    pub(super) fn is_word(&self, at: usize) -> bool {
        matches!(
            self.layout.pieces.get(at),
            Some(Piece {
                token: Token::Word,
                ..
            })
        )
    }

    fn blank(&mut self, at: usize) {
        let piece = &self.layout.pieces[at];
        self.edits.blank(piece.start, piece.end);
    }

    /// The token past the group that one opens.
    pub(super) fn past_group(&self, open: usize) -> usize {
        self.layout.groups[self.layout.pieces[open].group].end + 1
    }

    /// `{| … |}`
    fn exact(&mut self, at: usize) {
        let opens = self.is_mark_before(at, b"{") && self.touches_last(at);
        let closes = self.mark(at + 1) == Some(b'}') && self.touches_next(at);
        if opens || closes {
            self.blank(at);
        }
    }

    /// `{a: b, ...}`
    fn inexact(&mut self, at: usize) {
        let is_spread = self.mark(at + 1) == Some(b'.')
            && self.mark(at + 2) == Some(b'.')
            && self.layout.pieces[at + 2].end == self.layout.pieces[at].start + 3;
        let comma = matches!(self.mark(at + 3), Some(b',' | b';'));
        let end = at + 3 + usize::from(comma);
        let is_last = self.mark(end) == Some(b'}')
            || self.mark(end) == Some(b'|') && self.mark(end + 1) == Some(b'}');
        if is_spread && is_last {
            self.edits.blank(
                self.layout.pieces[at].start,
                self.layout.pieces[end - 1].end,
            );
        }
    }

    /// `+name: T`, `-[key: K]: T`
    fn variance(&mut self, at: usize) {
        let piece = &self.layout.pieces[at];
        let starts = piece.leads
            || self.is_mark_before(at, b"{,;|}")
            || at > 0 && matches!(self.text(at - 1), "static" | "declare");
        if !starts || !self.touches_next(at) {
            return;
        }
        let next = &self.layout.pieces[at + 1];
        let mut end = match next.token {
            Token::Word | Token::String => at + 2,
            Token::Mark(b'[') => self.past_group(at + 1),
            _ => return,
        };
        if self.mark(end) == Some(b'?') {
            end += 1;
        }
        if self.mark(end) == Some(b':') {
            self.blank(at);
        }
    }

    pub(super) fn is_arrow_before(&self, at: usize) -> bool {
        at > 1 && self.mark(at - 1) == Some(b'>') && self.mark(at - 2) == Some(b'=')
    }

    /// `?T`
    fn maybe(&mut self, at: usize) {
        let is_taken_off =
            self.is_mark_before(at, b"?") && self.edits.replaces(self.layout.pieces[at - 1].start);
        let is_type =
            self.is_mark_before(at, b":<,|&([=") || self.is_arrow_before(at) || is_taken_off;
        if is_type || at > 0 && matches!(self.text(at - 1), "as" | "extends") {
            self.blank(at);
        }
    }

    /// `{[K in L]: T,}`
    fn mapped(&mut self, at: usize) {
        let group = &self.layout.groups[self.layout.groups[self.layout.pieces[at].group].parent];
        let last = group.end.wrapping_sub(1);
        let is_mapped = group.open + 1 == at && self.text(at + 2) == "in";
        if is_mapped && self.mark(last) == Some(b',') {
            self.blank(last);
        }
    }

    /// The code in `${…}`.
    fn template(&mut self, at: usize) {
        let piece = &self.layout.pieces[at];
        let source = self.edits.source;
        let mut from = piece.start;
        while let Some(open) = source[from..piece.end]
            .find("${")
            .map(|ahead| from + ahead + 2)
        {
            let mut depth = 0usize;
            let end = Tokens::new(&source[open..piece.end]).find_map(|placed| {
                match placed.token {
                    Token::Mark(b'{') => depth += 1,
                    Token::Mark(b'}') if depth == 0 => return Some(open + placed.start),
                    Token::Mark(b'}') => depth -= 1,
                    _ => {}
                }
                None
            });
            let Some(end) = end else { return };
            if source[open..end].contains(':') {
                self.edits.within(open, end);
            }
            from = end;
        }
    }

    /// `: *`, `<*>`
    fn existential(&mut self, at: usize) {
        let starts = self.is_mark_before(at, b":<") || self.is_arrow_before(at);
        let ends = matches!(
            self.mark(at + 1),
            Some(b'{' | b',' | b')' | b'=' | b';' | b'>' | b'|')
        );
        if starts && ends {
            let piece = &self.layout.pieces[at];
            self.edits.replace(piece.start, piece.end, "0");
        }
    }

    /// `%checks`, `%checks(…)`
    fn checks(&mut self, at: usize) {
        if self.text(at + 1) != "checks" || !self.touches_next(at) {
            return;
        }
        let last = if self.mark(at + 2) == Some(b'(') {
            self.past_group(at + 2) - 1
        } else {
            at + 1
        };
        if let Some(last) = self.layout.pieces.get(last) {
            self.edits.blank(self.layout.pieces[at].start, last.end);
        }
    }

    /// Parameters of types, and `Name<>`.
    fn angle(&mut self, at: usize) {
        if self.is_word(at.wrapping_sub(1))
            && self.touches_last(at)
            && self.touches_next(at)
            && self.mark(at + 1) == Some(b'>')
        {
            self.blank(at);
            self.blank(at + 1);
            return;
        }
        let Some(close) = self.angle_end(at) else {
            return;
        };
        let is_open = self.mark(close + 1) == Some(b'(')
            && !(self.is_word(at.wrapping_sub(1)) && self.touches_last(at));
        if close == at + 2 && is_open && self.is_word(at + 1) {
            let past = self.past_group(close + 1);
            let is_arrow = self.mark(past) == Some(b'=') && self.mark(past + 1) == Some(b'>');
            if is_arrow || self.mark(past) == Some(b':') {
                // Without a comma it would be an element of JSX.
                self.edits.insert(self.layout.pieces[close].start, ",");
            }
        }
        let mut depth = 0usize;
        let mut starts = true;
        let mut place = at + 1;
        while place < close {
            match self.mark(place) {
                Some(b'+' | b'-') if starts => self.blank(place),
                Some(b'<') => depth += 1,
                Some(b'>') if self.mark(place - 1) != Some(b'=') => depth -= 1,
                Some(b',') if depth == 0 => starts = true,
                Some(b'(' | b'[' | b'{') => place = self.past_group(place) - 1,
                _ if starts && self.is_word(place) && self.mark(place + 1) == Some(b':') => {
                    let colon = &self.layout.pieces[place + 1];
                    self.edits.replace(colon.start, colon.end, " extends ");
                    starts = false;
                }
                _ => starts = false,
            }
            place += 1;
        }
    }

    /// The `>` that closes a list of parameters, which touches its `<`.
    fn angle_end(&self, open: usize) -> Option<usize> {
        let leads = self.layout.pieces.get(open + 1)?.leads;
        if !(self.touches_next(open) || leads && self.touches_last(open)) {
            return None;
        }
        let is_first = match self.mark(open + 1) {
            Some(b'+' | b'-') => self.is_word(open + 2),
            _ => {
                self.is_word(open + 1)
                    && matches!(self.mark(open + 2), Some(b':' | b',' | b'=' | b'>'))
            }
        };
        if !is_first {
            return None;
        }
        let mut depth = 0usize;
        let mut at = open;
        loop {
            match self.layout.pieces.get(at)?.token {
                Token::Mark(b'<') => depth += 1,
                Token::Mark(b'>') if self.mark(at - 1) != Some(b'=') => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                Token::Mark(b'(' | b'[' | b'{') => at = self.past_group(at) - 1,
                Token::Mark(b';' | b')' | b']' | b'}' | b'/') | Token::Template | Token::RegExp => {
                    return None;
                }
                _ => {}
            }
            at += 1;
        }
    }

    fn word(&mut self, at: usize) {
        match self.text(at) {
            "typeof" => {
                let is_named = || {
                    let group = self.layout.pieces[at].group;
                    group != TOP
                        && self.is_mark_before(at, b"{,")
                        && matches!(
                            self.text(self.layout.groups[group].open.wrapping_sub(1)),
                            "import" | "type"
                        )
                };
                if at > 0 && self.text(at - 1) == "import" || is_named() {
                    let piece = &self.layout.pieces[at];
                    self.edits.replace(piece.start, piece.end, "type");
                }
            }
            "opaque" if self.text(at + 1) == "type" && self.is_word(at + 2) => self.opaque(at),
            "declare" => self.declare(at),
            "interface" if self.mark(at + 1) == Some(b'{') => self.blank(at),
            "of" if at > 1 && self.text(at - 2) == "enum" && self.is_word(at + 1) => {
                self.blank(at);
                self.blank(at + 1);
            }
            _ => {}
        }
    }

    /// `opaque type A: B = C`
    fn opaque(&mut self, at: usize) {
        self.blank(at);
        let mut end = at + 3;
        if self.mark(end) == Some(b'<') {
            let Some(close) = self.angle_end(end) else {
                return;
            };
            end = close + 1;
        }
        let level = &self.levels[self.layout.pieces[at].group];
        let from = level.partition_point(|&piece| piece < end);
        let mut rest = level[from..].iter().copied();
        if self.mark(end) == Some(b':') {
            let colon = &self.layout.pieces[end];
            let stop = rest.find(|&piece| {
                matches!(self.mark(piece), Some(b'=' | b';')) && self.mark(piece + 1) != Some(b'>')
            });
            match stop {
                Some(stop) if self.mark(stop) == Some(b'=') => {
                    self.edits
                        .blank(colon.start, self.layout.pieces[stop].start);
                }
                _ => self.edits.replace(colon.start, colon.end, "="),
            }
        } else if self.mark(end) != Some(b'=') {
            self.edits.insert(self.layout.pieces[end - 1].end, "=any");
        }
    }

    fn declare(&mut self, at: usize) {
        let piece = &self.layout.pieces[at];
        let next = &self.layout.pieces.get(at + 1);
        let Some(next) = next else { return };
        match self.text(at + 1) {
            "export" if matches!(self.text(at + 2), "default") => self.blank(at),
            "export" if self.is_word(at + 2) => {
                self.edits.replace(piece.start, next.end, "export declare");
            }
            "export" => self.blank(at),
            "module" if self.mark(at + 2) == Some(b'.') && self.mark(at + 4) == Some(b':') => {
                let name = &self.layout.pieces[at + 3];
                let colon = &self.layout.pieces[at + 4];
                self.edits.replace(piece.start, name.start, "type ");
                self.edits.replace(colon.start, colon.end, "=");
            }
            _ => {}
        }
    }
}
