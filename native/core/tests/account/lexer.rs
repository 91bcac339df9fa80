//! A lexer of JavaScript and TypeScript that shares nothing with the product: the words of a source, outside of strings, comments,
//! regular expressions and the text of JSX.
//!
//! It judges by tokens alone, so sources that it reads keep to a few rules: a regular expression stands behind no `)` or `}`, and in
//! JSX files a `<` that opens type parameters is followed by a name and a comma or `extends`.

/// A word, as it is spelt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub text: String,
    pub start: usize,
    pub end: usize,
    /// True when nothing but a name can stand there: behind a dot, or in a tag of JSX.
    pub named: bool,
}

/// Words behind which an expression starts.
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

pub fn words(source: &str, jsx: bool) -> Vec<Word> {
    let mut lexer = Lexer {
        text: source.as_bytes(),
        at: 0,
        jsx,
        words: Vec::new(),
    };
    if source.starts_with("#!") {
        lexer.skip_line();
    }
    lexer.code(b"");
    lexer.words
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    jsx: bool,
    words: Vec<Word>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.text.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn done(&self) -> bool {
        self.at >= self.text.len()
    }

    fn skip_line(&mut self) {
        while !self.done() && self.peek(0) != b'\n' {
            self.at += 1;
        }
    }

    /// Past blanks and comments.
    fn skip_blanks(&mut self) {
        loop {
            match (self.peek(0), self.peek(1)) {
                (b'/', b'/') => self.skip_line(),
                (b'/', b'*') => {
                    self.at += 2;
                    while !self.done() && (self.peek(0), self.peek(1)) != (b'*', b'/') {
                        self.at += 1;
                    }
                    self.at += 2;
                }
                (byte, _) if byte.is_ascii_whitespace() => self.at += 1,
                _ => return,
            }
        }
    }

    /// Code up to the byte that closes it, and past that; an empty `close` takes all.
    fn code(&mut self, close: &[u8]) {
        let mut open = 0usize;
        // Whether the last token ends an expression, so that `/` divides and `<` compares.
        let mut value = false;
        // Whether the last token is one dot, behind which any word is a name.
        let mut dot = false;
        loop {
            self.skip_blanks();
            if self.done() {
                return;
            }
            let byte = self.peek(0);
            if open == 0 && close.contains(&byte) {
                self.at += 1;
                return;
            }
            match byte {
                b'\'' | b'"' => {
                    self.quoted(byte);
                    value = true;
                }
                b'`' => {
                    self.template();
                    value = true;
                }
                b'/' if !value => {
                    self.regular_expression();
                    value = true;
                }
                b'<' if self.jsx && !value && self.opens_element() => {
                    self.element();
                    value = true;
                }
                b'0'..=b'9' => {
                    self.number();
                    value = true;
                }
                _ if self.starts_word() => {
                    self.word(dot, false);
                    let text = self.words.last().map_or("", |word| word.text.as_str());
                    value = dot || !BEFORE_EXPRESSIONS.contains(&text);
                }
                _ => {
                    self.at += 1;
                    match byte {
                        b'{' | b'(' | b'[' => open += 1,
                        b'}' | b')' | b']' => open = open.saturating_sub(1),
                        _ => {}
                    }
                    value = matches!(byte, b'}' | b')' | b']');
                }
            }
            dot = byte == b'.' && !self.text[..self.at - 1].ends_with(b".") && self.peek(0) != b'.';
        }
    }

    fn quoted(&mut self, quote: u8) {
        self.at += 1;
        while !self.done() && self.peek(0) != quote && self.peek(0) != b'\n' {
            self.at += if self.peek(0) == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    fn template(&mut self) {
        self.at += 1;
        while !self.done() && self.peek(0) != b'`' {
            match (self.peek(0), self.peek(1)) {
                (b'\\', _) => self.at += 2,
                (b'$', b'{') => {
                    self.at += 2;
                    self.code(b"}");
                }
                _ => self.at += 1,
            }
        }
        self.at += 1;
    }

    fn regular_expression(&mut self) {
        self.at += 1;
        let mut class = false;
        while !self.done() && self.peek(0) != b'\n' && (class || self.peek(0) != b'/') {
            match self.peek(0) {
                b'\\' => self.at += 1,
                b'[' => class = true,
                b']' => class = false,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        while self.peek(0).is_ascii_alphabetic() {
            self.at += 1;
        }
    }

    fn number(&mut self) {
        while self.peek(0).is_ascii_alphanumeric() || self.peek(0) == b'_' {
            self.at += 1;
        }
    }

    fn starts_word(&self) -> bool {
        let is_start =
            |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'$') || byte >= 0x80;
        match self.peek(0) {
            b'#' => is_start(self.peek(1)),
            b'\\' => self.peek(1) == b'u',
            byte => is_start(byte),
        }
    }

    /// One word; those of JSX may hold hyphens.
    fn word(&mut self, named: bool, hyphens: bool) {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek(0) {
                b'_' | b'$' | 0x80.. => self.at += 1,
                b'-' if hyphens => self.at += 1,
                byte if byte.is_ascii_alphanumeric() => self.at += 1,
                b'\\' if self.peek(1) == b'u' => self.at += 2,
                b'{' if self.text[start..self.at].ends_with(b"\\u") => {
                    while self.peek(0) != b'}' {
                        self.at += 1;
                    }
                    self.at += 1;
                }
                _ => break,
            }
        }
        self.words.push(Word {
            text: String::from_utf8_lossy(&self.text[start..self.at]).into_owned(),
            start,
            end: self.at,
            named,
        });
    }

    /// True when a tag or a fragment starts here, and no type parameters.
    fn opens_element(&self) -> bool {
        let rest = &self.text[self.at + 1..];
        let name = rest.iter().take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.' | b':' | b'-')
        });
        let after = rest[name.count()..].trim_ascii_start();
        !after.starts_with(b",") && !after.starts_with(b"extends ")
    }

    /// An element from its `<` to the end of its closing tag.
    fn element(&mut self) {
        self.at += 1;
        if !self.tag() {
            return;
        }
        loop {
            match (self.peek(0), self.peek(1)) {
                _ if self.done() => return,
                (b'{', _) => {
                    self.at += 1;
                    self.code(b"}");
                }
                (b'<', b'/') => {
                    self.at += 2;
                    self.tag();
                    return;
                }
                (b'<', _) => self.element(),
                _ => self.at += 1,
            }
        }
    }

    /// A tag behind its `<` or `</`, up to its end; whether children follow.
    fn tag(&mut self) -> bool {
        let mut last = b'<';
        loop {
            self.skip_blanks();
            let byte = self.peek(0);
            match byte {
                _ if self.done() => return false,
                b'>' => {
                    self.at += 1;
                    return last != b'/';
                }
                b'\'' | b'"' => {
                    self.at += 1;
                    while !self.done() && self.peek(0) != byte {
                        self.at += 1;
                    }
                    self.at += 1;
                }
                b'{' => {
                    self.at += 1;
                    self.code(b"}");
                }
                b'<' if last == b'=' => self.element(),
                b'<' => {
                    self.at += 1;
                    self.code(b">");
                }
                _ if self.starts_word() => {
                    self.word(true, true);
                    let word = self.words.last_mut().expect("a word was read");
                    // `<this.Part />`
                    word.named = word.text != "this" || !matches!(last, b'<' | b'/');
                }
                _ => self.at += 1,
            }
            last = byte;
        }
    }
}

#[test]
fn words_are_read_where_they_are_code() {
    let texts = |source: &str, jsx: bool| -> Vec<String> {
        words(source, jsx)
            .into_iter()
            .map(|word| word.text)
            .collect()
    };
    assert_eq!(
        texts(
            "a // b\n/* c */ 'd' `e${f`${g}`}h` + /i/u + \\u006a / 1 / k",
            false
        ),
        ["a", "f", "g", "\\u006a", "k"]
    );
    assert_eq!(
        texts("<a b-c='d' e={<f/>}>g {h} <i.j>k</i.j></a>, l < m", true),
        ["a", "b-c", "e", "f", "h", "i", "j", "i", "j", "a", "l", "m"]
    );
    assert_eq!(
        texts("<T,>(a: T) => <B<T> c/>", true),
        ["T", "a", "T", "B", "T", "c"]
    );
    let named: Vec<bool> = words("a.if ? ...b", false)
        .into_iter()
        .map(|word| word.named)
        .collect();
    assert_eq!(named, [false, true, false]);
}
