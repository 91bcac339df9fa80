//! Facts of a file the parser gave up on: names, imports and the usual shapes of definitions, nothing bound.

use super::Trouble;
use super::tokens::{Placed, Token, Tokens};
use super::walker::SearchEntry;
use crate::facts::codes::{definition, export, flag, import, meta, role, token};
use crate::facts::{Definition, Export, Facts, Import, NONE, Occurrence, Token as TokenRow, len32};
use rustc_hash::FxHashMap;

/// Result of a scan, ready to be finished as a walk is.
pub struct Scan<'a> {
    pub facts: Facts<'a>,
    pub standings: Vec<SearchEntry>,
    pub flags: u32,
}

/// Words that are not names, but for members.
pub const KEYWORDS: &[&str] = &[
    "await",
    "break",
    "case",
    "catch",
    "class",
    "const",
    "continue",
    "debugger",
    "default",
    "delete",
    "do",
    "else",
    "enum",
    "export",
    "extends",
    "false",
    "finally",
    "for",
    "function",
    "if",
    "implements",
    "import",
    "in",
    "instanceof",
    "interface",
    "let",
    "new",
    "null",
    "return",
    "super",
    "switch",
    "this",
    "throw",
    "true",
    "try",
    "typeof",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

struct Scanner<'a> {
    text: &'a str,
    tokens: Vec<Placed>,
    at: usize,
    scan: Scan<'a>,
    strings: FxHashMap<&'a str, u32>,
}

pub fn scan(text: &str) -> Scan<'_> {
    let tokens = Tokens::new(text).collect();
    let scan = Scan {
        facts: Facts::default(),
        standings: Vec::new(),
        flags: meta::TOKEN_SCAN | meta::HAS_ERRORS,
    };
    let mut scanner = Scanner {
        text,
        tokens,
        at: 0,
        scan,
        strings: FxHashMap::default(),
    };
    while scanner.at < scanner.tokens.len() {
        scanner.step();
        scanner.at += 1;
    }
    scanner.scan.facts.tokens.push(TokenRow {
        name: NONE,
        start: 0,
        end: len32(text.len()),
        kind: token::UNREAD,
    });
    scanner.scan
}

impl<'a> Scanner<'a> {
    fn step(&mut self) {
        let Some(word) = self.word(0) else { return };
        let placed = self.tokens[self.at];
        match word {
            "import" | "from" if self.token(1) == Some(Token::String) => {
                self.flag(meta::ESM);
                self.import(1, import::IMPORT);
            }
            "import" if self.is_mark(1, b'(') && self.token(2) == Some(Token::String) => {
                self.import(2, import::DYNAMIC);
            }
            "require" if self.is_mark(1, b'(') && self.token(2) == Some(Token::String) => {
                self.flag(meta::COMMONJS);
                self.import(2, import::REQUIRE);
                self.occurrence(placed, role::READ | role::CALL);
            }
            "export" => self.flag(meta::ESM),
            word if KEYWORDS.contains(&word) && !self.is_member() => {}
            word => self.name(word, placed),
        }
    }

    fn name(&mut self, word: &'a str, placed: Placed) {
        let before = self
            .at
            .checked_sub(1)
            .and_then(|at| self.at_word(at))
            .unwrap_or("");
        let exported = self.at >= 2 && self.at_word(self.at - 2) == Some("export");
        let flags = if exported { flag::EXPORTED } else { 0 };
        let kind = match before {
            "function" => Some(definition::FUNCTION),
            "class" => Some(definition::CLASS),
            "interface" => Some(definition::INTERFACE),
            "enum" => Some(definition::ENUM),
            "type" if self.is_mark(1, b'=') => Some(definition::TYPE),
            "const" => Some(if self.is_function(2) {
                definition::FUNCTION
            } else {
                definition::CONSTANT
            }),
            "let" | "var" => Some(if self.is_function(2) {
                definition::FUNCTION
            } else {
                definition::VARIABLE
            }),
            _ => None,
        };
        if let Some(kind) = kind {
            self.define(word, placed, kind, flags);
            if exported {
                self.export(word, 0);
            }
            return;
        }
        let member = self.is_member();
        let assigned =
            member && self.is_mark(1, b'=') && !self.is_mark(2, b'=') && !self.is_mark(2, b'>');
        if assigned {
            let on_exports = self.at >= 2 && self.at_word(self.at - 2) == Some("exports");
            let kind = if self.is_function(2) {
                definition::METHOD
            } else {
                definition::FIELD
            };
            if kind == definition::METHOD || on_exports {
                let flags = if on_exports { flag::EXPORTED } else { 0 };
                self.define(word, placed, kind, flags | flag::ASSIGNED);
            } else {
                self.occurrence(placed, role::WRITE | role::MEMBER);
            }
            if on_exports {
                self.flag(meta::COMMONJS);
                self.export(word, export::COMMONJS);
            }
            return;
        }
        let mut roles = role::READ;
        if member {
            roles |= role::MEMBER;
        }
        if before == "new" {
            roles |= role::NEW;
        } else if self.is_mark(1, b'(') {
            roles |= role::CALL;
        }
        self.occurrence(placed, roles);
    }

    /// True when the word stands behind a dot.
    fn is_member(&self) -> bool {
        self.at > 0 && self.tokens[self.at - 1].token == Token::Mark(b'.')
    }

    fn at_word(&self, at: usize) -> Option<&'a str> {
        let placed = self.tokens.get(at)?;
        (placed.token == Token::Word).then(|| &self.text[placed.start..placed.end])
    }

    fn word(&self, ahead: usize) -> Option<&'a str> {
        self.at_word(self.at + ahead)
    }

    fn token(&self, ahead: usize) -> Option<Token> {
        self.tokens.get(self.at + ahead).map(|placed| placed.token)
    }

    fn is_mark(&self, ahead: usize, mark: u8) -> bool {
        self.token(ahead) == Some(Token::Mark(mark))
    }

    /// True when `function` or an arrow follows an `=`.
    fn is_function(&self, ahead: usize) -> bool {
        let ahead = if self.word(ahead) == Some("async") {
            ahead + 1
        } else {
            ahead
        };
        if self.word(ahead) == Some("function") {
            return true;
        }
        if self.token(ahead) == Some(Token::Word) {
            return self.is_mark(ahead + 1, b'=') && self.is_mark(ahead + 2, b'>');
        }
        let mut depth = 0usize;
        for placed in self.tokens.iter().skip(self.at + ahead).take(200) {
            match placed.token {
                Token::Mark(b'(') => depth += 1,
                Token::Mark(b')') => depth = depth.saturating_sub(1),
                Token::Mark(b'=') if depth == 0 => return self.text[placed.end..].starts_with('>'),
                _ if depth == 0 => return false,
                _ => {}
            }
        }
        false
    }

    fn flag(&mut self, flag: u32) {
        self.scan.flags |= flag;
    }

    fn string(&mut self, text: &'a str) -> u32 {
        let strings = &mut self.scan.facts.strings;
        *self.strings.entry(text).or_insert_with(|| {
            strings.push(text);
            len32(strings.len() - 1)
        })
    }

    fn occurrence(&mut self, placed: Placed, role: u32) {
        let name = self.string(&self.text[placed.start..placed.end]);
        let (start, end) = (len32(placed.start), len32(placed.end));
        self.scan.facts.occurrences.push(Occurrence {
            name,
            start,
            end,
            role,
            target: NONE,
            node: NONE,
            within: NONE,
        });
    }

    fn define(&mut self, word: &'a str, placed: Placed, kind: u32, flags: u32) {
        let name = self.string(word);
        let (start, end) = (len32(placed.start), len32(placed.end));
        let symbol = len32(self.scan.facts.definitions.len());
        self.scan.facts.definitions.push(Definition {
            name,
            kind,
            start_name: start,
            end_name: end,
            start,
            end,
            body: end,
            parent: NONE,
            owner: NONE,
            value: NONE,
            annotation: NONE,
            symbol,
            flags,
            doc_start: NONE,
            doc_end: NONE,
            written: NONE,
        });
        self.scan.standings.push(SearchEntry {
            symbol: None,
            searchable: true,
            container: NONE,
        });
        self.occurrence(placed, role::DECLARES);
    }

    fn export(&mut self, word: &'a str, flags: u32) {
        let name = self.string(word);
        self.scan.facts.exports.push(Export {
            name,
            definition: len32(self.scan.facts.definitions.len() - 1),
            value: NONE,
            import: NONE,
            imported: NONE,
            occurrence: len32(self.scan.facts.occurrences.len() - 1),
            flags,
        });
    }

    fn import(&mut self, ahead: usize, kind: u32) {
        let placed = self.tokens[self.at + ahead];
        if placed.end - placed.start < 2 {
            return;
        }
        let (start, end) = (placed.start + 1, placed.end - 1);
        let Some(specifier) = self.text.get(start..end) else {
            return;
        };
        let specifier = self.string(specifier);
        let (start, end) = (len32(start), len32(end));
        self.scan.facts.imports.push(Import {
            specifier,
            start,
            end,
            kind,
            flags: 0,
        });
    }
}

/// The scan's problem, as it is reported.
pub fn trouble() -> Trouble {
    (
        "the file could not be parsed; names were taken from its tokens".to_owned(),
        0,
        "tokens",
    )
}
