//! A scanner of tokens, for files the parser gives up on and for measuring how deep a file nests.

/// Sorts of tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Token {
    Word,
    Number,
    /// A string in quotes.
    String,
    Template,
    RegExp,
    Mark(u8),
}

/// A token with its place in the text.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub token: Token,
    pub start: usize,
    pub end: usize,
}

/// The tokens of a text; comments and blanks are left out.
pub struct Tokens<'t> {
    bytes: &'t [u8],
    at: usize,
    /// True when a `/` here would divide, and not open a regular expression.
    after_value: bool,
}

impl<'t> Tokens<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            bytes: text.as_bytes(),
            at: 0,
            after_value: false,
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_blanks(&mut self) {
        loop {
            match self.peek(0) {
                b'/' if self.peek(1) == b'/' => self.skip_line(),
                b'#' if self.at == 0 && self.peek(1) == b'!' => self.skip_line(),
                b'/' if self.peek(1) == b'*' => {
                    let rest = &self.bytes[self.at + 2..];
                    self.at = memchr::memmem::find(rest, b"*/")
                        .map_or(self.bytes.len(), |end| self.at + end + 4);
                }
                byte if byte.is_ascii_whitespace() => self.at += 1,
                0 if self.at < self.bytes.len() => self.at += 1,
                _ => return,
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at = memchr::memchr2(b'\n', b'\r', rest).map_or(self.bytes.len(), |end| self.at + end);
    }

    /// Past a string or template; one in quotes ends with its line at the latest.
    fn skip_quoted(&mut self, quote: u8) {
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' => self.at += 2,
                b'\n' | b'\r' if quote != b'`' => break,
                byte if byte == quote => {
                    self.at += 1;
                    break;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
    }

    fn skip_regexp(&mut self) {
        self.at += 1;
        let mut in_class = false;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'\\' => self.at += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'\n' | b'\r' => break,
                b'/' if !in_class => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.at.min(self.bytes.len());
    }
}

/// Words after which a value starts.
const BEFORE_VALUES: &[&[u8]] = &[
    b"return",
    b"typeof",
    b"case",
    b"in",
    b"of",
    b"do",
    b"else",
    b"new",
    b"delete",
    b"void",
    b"throw",
    b"instanceof",
    b"yield",
    b"await",
];

impl Iterator for Tokens<'_> {
    type Item = Placed;

    fn next(&mut self) -> Option<Placed> {
        self.skip_blanks();
        let start = self.at;
        let first = *self.bytes.get(start)?;
        let token = match first {
            b'"' | b'\'' => {
                self.skip_quoted(first);
                Token::String
            }
            b'`' => {
                self.skip_quoted(first);
                Token::Template
            }
            // `</` closes a tag of JSX.
            b'/' if !self.after_value && !self.bytes[..start].ends_with(b"<") => {
                self.skip_regexp();
                Token::RegExp
            }
            byte if byte.is_ascii_digit() => {
                while is_word(self.peek(0)) || self.peek(0) == b'.' {
                    self.at += 1;
                }
                Token::Number
            }
            byte if is_word(byte) || byte == b'#' => {
                self.at += 1;
                while is_word(self.peek(0)) {
                    self.at += 1;
                }
                Token::Word
            }
            mark => {
                self.at += 1;
                Token::Mark(mark)
            }
        };
        self.after_value = match token {
            Token::Word => !BEFORE_VALUES.contains(&&self.bytes[start..self.at]),
            Token::Mark(mark) => matches!(mark, b')' | b']' | b'}'),
            _ => true,
        };
        Some(Placed {
            token,
            start,
            end: self.at,
        })
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80
}
