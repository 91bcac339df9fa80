//! The tags of a text in markup, one after the other.

use std::cell::Cell;

use super::code::Range;

/// Elements that have no closing tag.
pub const VOID: &[&str] = &[
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Elements whose content is no markup.
const RAW: &[&str] = &["script", "style"];

pub struct Attribute {
    pub name: Range,
    /// The text between the quotes or braces.
    pub value: Option<Value>,
}

#[derive(Clone, Copy)]
pub enum Value {
    Quoted(Range),
    /// `{…}`
    Braced(Range),
}

pub enum Piece {
    /// The text between two tags.
    Text(Range),
    Open {
        name: Range,
        attributes: Vec<Attribute>,
        /// It has no content, or content that is no markup.
        is_closed: bool,
    },
    Close(Range),
}

/// Reads markup piece by piece.
pub struct Tags<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    /// True when braces hold code, so that a `<` in them opens no tag.
    has_braces: bool,
    /// Braces that were not closed.
    open_braces: Cell<u32>,
}

/// With more braces that are not closed than this, braces are text.
const MOST_OPEN: u32 = 50;

impl<'t> Tags<'t> {
    pub fn new(text: &'t str, (start, end): Range, has_braces: bool) -> Self {
        Self {
            text,
            at: start,
            end,
            has_braces,
            open_braces: Cell::new(0),
        }
    }

    /// Behind the brace that closes the one there.
    fn braces(&self, open: usize) -> Option<usize> {
        let open_braces = self.open_braces.get();
        if open_braces > MOST_OPEN {
            return None;
        }
        let end = brace_end(self.text, open, self.end);
        self.open_braces.set(open_braces + u32::from(end.is_none()));
        end
    }

    /// Start of the next piece.
    pub fn at(&self) -> usize {
        self.at
    }

    pub fn skip_to(&mut self, at: usize) {
        self.at = at.min(self.end);
    }

    fn byte(&self, at: usize) -> u8 {
        if at < self.end {
            self.text.as_bytes()[at]
        } else {
            0
        }
    }

    fn seek(&self, what: &str, from: usize) -> Option<usize> {
        let rest = self.text.as_bytes().get(from..self.end)?;
        memchr::memmem::find(rest, what.as_bytes()).map(|at| from + at)
    }

    /// End of a text: before a tag or a comment.
    fn text_end(&self) -> usize {
        let mut at = self.at;
        while at < self.end {
            match self.byte(at) {
                b'<' if self.opens_tag(at) => return at,
                b'{' if self.has_braces => at = self.braces(at).unwrap_or(at + 1),
                _ => at += 1,
            }
        }
        self.end
    }

    fn opens_tag(&self, at: usize) -> bool {
        let next = self.byte(at + 1);
        next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'>')
    }

    fn name_end(&self, from: usize) -> usize {
        let is_part = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'_' | b':' | b'.')
                || byte >= 0x80
        };
        let mut at = from;
        while is_part(self.byte(at)) {
            at += 1;
        }
        at
    }

    fn open(&mut self) -> Piece {
        let name = (self.at + 1, self.name_end(self.at + 1));
        self.at = name.1;
        let (attributes, mut is_closed) = self.attributes();
        let text = self.text[name.0..name.1].to_ascii_lowercase();
        if !is_closed && RAW.contains(&text.as_str()) {
            self.at = self.raw_end(&text);
            is_closed = true;
        }
        if VOID.contains(&text.as_str()) {
            is_closed = true;
        }
        Piece::Open {
            name,
            attributes,
            is_closed,
        }
    }

    /// Behind the tag that closes an element whose content is no markup.
    pub fn raw_end(&self, name: &str) -> usize {
        let mut at = self.at;
        while let Some(open) = self.seek("</", at) {
            let tag = self.text.as_bytes().get(open + 2..open + 2 + name.len());
            if tag.is_some_and(|tag| tag.eq_ignore_ascii_case(name.as_bytes())) {
                return self.seek(">", open).map_or(self.end, |close| close + 1);
            }
            at = open + 2;
        }
        self.end
    }

    /// The attributes of a tag, and whether it closes itself.
    fn attributes(&mut self) -> (Vec<Attribute>, bool) {
        let mut found = Vec::new();
        while self.at < self.end {
            match self.byte(self.at) {
                b'>' => {
                    self.at += 1;
                    return (found, false);
                }
                b'/' if self.byte(self.at + 1) == b'>' => {
                    self.at += 2;
                    return (found, true);
                }
                b'{' if self.has_braces => {
                    let end = self.braces(self.at).unwrap_or(self.at + 1);
                    found.push(Attribute {
                        name: (self.at, self.at),
                        value: Some(Value::Braced(inside(self.at, end))),
                    });
                    self.at = end;
                }
                byte if byte.is_ascii_whitespace() || byte == b'/' || byte == b'=' => self.at += 1,
                _ => {
                    let attribute = self.attribute();
                    found.push(attribute);
                }
            }
        }
        (found, true)
    }

    fn attribute(&mut self) -> Attribute {
        let start = self.at;
        while self.at < self.end {
            let byte = self.byte(self.at);
            let ends = byte.is_ascii_whitespace()
                || matches!(byte, b'=' | b'>')
                || byte == b'/' && self.byte(self.at + 1) == b'>';
            if ends {
                break;
            }
            self.at += 1;
        }
        let name = (start, self.at);
        let mut equals = self.at;
        while self.byte(equals).is_ascii_whitespace() {
            equals += 1;
        }
        if self.byte(equals) != b'=' {
            return Attribute { name, value: None };
        }
        self.at = equals + 1;
        while self.byte(self.at).is_ascii_whitespace() {
            self.at += 1;
        }
        let value = match self.byte(self.at) {
            quote @ (b'"' | b'\'' | b'`') => {
                let start = self.at + 1;
                let end = self.quote_end(start, quote);
                self.at = (end + 1).min(self.end);
                Value::Quoted((start, end))
            }
            b'{' if self.has_braces => {
                let end = self.braces(self.at).unwrap_or(self.end);
                let range = inside(self.at, end);
                self.at = end;
                Value::Braced(range)
            }
            _ => {
                let start = self.at;
                while self.at < self.end
                    && !self.byte(self.at).is_ascii_whitespace()
                    && self.byte(self.at) != b'>'
                {
                    self.at += 1;
                }
                Value::Quoted((start, self.at))
            }
        };
        Attribute {
            name,
            value: Some(value),
        }
    }

    /// End of a value in quotes; quotes in braces do not end it.
    fn quote_end(&self, start: usize, quote: u8) -> usize {
        let mut at = start;
        while at < self.end {
            match self.byte(at) {
                byte if byte == quote => return at,
                b'{' if self.has_braces => at = self.braces(at).unwrap_or(at + 1),
                _ => at += 1,
            }
        }
        self.end
    }
}

fn inside(open: usize, end: usize) -> Range {
    (open + 1, (end - 1).max(open + 1))
}

impl Iterator for Tags<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if self.at >= self.end {
                return None;
            }
            if self.byte(self.at) != b'<' || !self.opens_tag(self.at) {
                let text = (self.at, self.text_end());
                if text.1 > text.0 {
                    self.at = text.1;
                    return Some(Piece::Text(text));
                }
                self.at += 1;
                continue;
            }
            match self.byte(self.at + 1) {
                b'!' if self.text[self.at..self.end].starts_with("<!--") => {
                    self.at = self.seek("-->", self.at).map_or(self.end, |end| end + 3);
                }
                b'!' => self.at = self.seek(">", self.at).map_or(self.end, |end| end + 1),
                b'/' => {
                    let name = (self.at + 2, self.name_end(self.at + 2));
                    self.at = self.seek(">", name.1).map_or(self.end, |end| end + 1);
                    return Some(Piece::Close(name));
                }
                b'>' => self.at += 2, // a fragment
                _ => return Some(self.open()),
            }
        }
    }
}

/// Braces that hold more than this are taken for text.
const LONGEST_BRACES: usize = 1 << 16;

/// Behind the brace that closes the one at `open`.
pub fn brace_end(text: &str, open: usize, end: usize) -> Option<usize> {
    let bytes = &text.as_bytes()[..end.min(open + LONGEST_BRACES)];
    let mut depth = 0usize;
    let mut at = open;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            quote @ (b'"' | b'\'' | b'`') => at = string_end(bytes, at, quote),
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let rest = &bytes[at + 2..];
                at += memchr::memmem::find(rest, b"*/").map_or(1, |end| end + 3);
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The quote that ends a string; the opening one where its line ends first, for then it is an apostrophe of a text.
fn string_end(bytes: &[u8], open: usize, quote: u8) -> usize {
    let mut at = open + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\n' | b'\r' if quote != b'`' => return open,
            byte if byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    open
}
