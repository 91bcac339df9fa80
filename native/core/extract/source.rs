//! A file's bytes as text the parser can take, with every offset kept.

use std::borrow::Cow;

use oxc_span::SourceType;

use crate::facts::codes::meta;
use crate::facts::{Line, len32};

/// How a file is to be read, after its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    JavaScript,
    Module,
    Script,
    TypeScript,
    TypeScriptJsx,
    Declarations,
    Html,
    Vue,
    Svelte,
    /// Astro: TypeScript between `---` fences, and script blocks.
    Astro,
}

impl Language {
    pub fn of(path: &str) -> Self {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        match extension {
            "ts" | "mts" | "cts" if stem.ends_with(".d") || stem.contains(".d.") => {
                Self::Declarations
            }
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::TypeScriptJsx,
            "mjs" => Self::Module,
            "cjs" => Self::Script,
            "html" | "htm" => Self::Html,
            "vue" => Self::Vue,
            "svelte" => Self::Svelte,
            "astro" => Self::Astro,
            _ => Self::JavaScript,
        }
    }

    /// True when all of it is JavaScript, for which Flow has types too.
    pub fn is_javascript(self) -> bool {
        matches!(self, Self::JavaScript | Self::Module | Self::Script)
    }

    /// True when scripts stand in it among other things.
    pub fn has_blocks(self) -> bool {
        matches!(self, Self::Html | Self::Vue | Self::Svelte | Self::Astro)
    }

    /// The likeliest way to parse, and the ways to try where it finds errors.
    pub fn readings(self) -> (SourceType, Vec<SourceType>) {
        let javascript = SourceType::unambiguous().with_jsx(true);
        let script = SourceType::script().with_jsx(true);
        let typescript = SourceType::ts().with_unambiguous(true);
        let typescript_jsx = SourceType::tsx().with_unambiguous(true);
        match self {
            Self::JavaScript => (javascript, vec![script, typescript_jsx]),
            Self::Module => (
                SourceType::mjs().with_jsx(true),
                vec![javascript, typescript_jsx],
            ),
            Self::Script => (
                SourceType::cjs().with_jsx(true),
                vec![javascript, typescript_jsx],
            ),
            Self::TypeScript | Self::Astro => (typescript, vec![typescript_jsx]),
            Self::TypeScriptJsx => (typescript_jsx, vec![typescript]),
            Self::Declarations => (SourceType::d_ts(), vec![typescript]),
            Self::Html | Self::Vue | Self::Svelte => (javascript, vec![typescript_jsx, typescript]),
        }
    }
}

/// The text of a file, what was found out about it, and whether bytes had to be replaced.
pub struct Text<'b> {
    pub text: Cow<'b, str>,
    pub lines: Vec<Line>,
    pub flags: u32,
    pub first_invalid: Option<u32>,
}

/// Reads bytes as UTF-8; every invalid byte becomes one `?`, so that offsets stay exact.
pub fn read(source: &[u8]) -> Text<'_> {
    let text = as_utf8(source);
    let first_invalid = match &text {
        Cow::Borrowed(_) => None,
        Cow::Owned(_) => std::str::from_utf8(source)
            .err()
            .map(|error| len32(error.valid_up_to())),
    };
    let text = if text.starts_with("\u{feff}#!") {
        // Behind a byte order mark the parser does not know a shebang line for a comment.
        Cow::Owned(text.replacen("#!", "//", 1))
    } else {
        text
    };
    let lines = line_starts(source);
    let mut flags = 0;
    if source.is_ascii() {
        flags |= meta::ASCII;
    }
    if is_minified(source.len(), lines.len()) {
        flags |= meta::MINIFIED;
    }
    if is_generated(source) {
        flags |= meta::GENERATED;
    }
    Text {
        text,
        lines,
        flags,
        first_invalid,
    }
}

/// Bytes as text of the same length, with a `?` for every invalid byte.
pub fn as_utf8(source: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(source) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(source.len());
    for chunk in source.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '?'));
    }
    Cow::Owned(text)
}

/// Lines end with `\n`, `\r\n` or a lone `\r`.
fn line_starts(source: &[u8]) -> Vec<Line> {
    let mut lines = vec![Line { start: 0 }];
    for at in memchr::memchr2_iter(b'\n', b'\r', source) {
        let carriage_return_of_a_pair = source[at] == b'\r' && source.get(at + 1) == Some(&b'\n');
        if !carriage_return_of_a_pair {
            lines.push(Line {
                start: len32(at + 1),
            });
        }
    }
    lines
}

/// Long lines on the whole: people do not write them.
fn is_minified(length: usize, lines: usize) -> bool {
    length > 5_000 && length / lines > 400
}

/// Generators say so in the first lines.
fn is_generated(source: &[u8]) -> bool {
    let head = &source[..source.len().min(1_000)];
    [
        &b"@generated"[..],
        b"DO NOT EDIT",
        b"do not edit",
        b"Do not edit",
        b"Code generated by",
    ]
    .iter()
    .any(|mark| memchr::memmem::find(head, mark).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_bytes_keep_every_offset() {
        let read = read(b"a\xff\xe2\x82b\r\nc\rd\n");
        assert_eq!(read.text, "a???b\r\nc\rd\n");
        assert_eq!(read.first_invalid, Some(1));
        let starts: Vec<u32> = read.lines.iter().map(|line| line.start).collect();
        assert_eq!(starts, [0, 7, 9, 11]);
    }
}
