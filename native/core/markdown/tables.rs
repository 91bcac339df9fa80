//! The tables of a document and their blob: MessagePack, rows as arrays, compressed. `clew.index.prose` reads it.

use std::ops::Range;

use super::places::Places;

pub type Span = Range<usize>;

#[derive(Default, Debug, PartialEq, Eq)]
pub struct Prose {
    pub front: Option<Front>,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    /// Link reference definitions: those that links find, each label once.
    pub definitions: Vec<Link>,
    pub code: Vec<Code>,
    pub spans: Vec<CodeSpan>,
    pub anchors: Vec<Anchor>,
    pub footnotes: Vec<Footnote>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Front {
    pub language: &'static str,
    pub span: Span,
    pub content: Span,
}

impl Front {
    pub fn moved(self, by: usize) -> Front {
        Front {
            span: self.span.start + by..self.span.end + by,
            content: self.content.start + by..self.content.end + by,
            ..self
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its lines, without the last line break.
    pub span: Span,
    pub level: u8,
    /// The text between the marks, without an explicit id.
    pub content: Span,
    /// The content as plain text.
    pub text: String,
    pub id: Option<String>,
    pub form: &'static str,
    /// False in a quote, a list or HTML: it begins no section.
    pub opens_section: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Link {
    pub span: Span,
    pub kind: &'static str,
    pub is_image: bool,
    /// The destination without escapes; None for one whose definition says it.
    pub destination: Option<String>,
    pub destination_span: Option<Span>,
    pub title_span: Option<Span>,
    /// The text between the first brackets.
    pub content: Option<Span>,
    pub label: Option<String>,
    pub label_span: Option<Span>,
    /// The place of its definition among the definitions.
    pub definition: Option<usize>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    pub span: Span,
    pub is_fenced: bool,
    pub info: String,
    pub content: Span,
}

/// Code within a line of text.
#[derive(Debug, PartialEq, Eq)]
pub struct CodeSpan {
    pub span: Span,
    /// What stands between its marks.
    pub content: Span,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Anchor {
    pub span: Span,
    pub name: String,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Footnote {
    pub span: Span,
    pub label: String,
    pub is_definition: bool,
}

impl Link {
    pub fn new(span: Span, kind: &'static str) -> Link {
        Link {
            span,
            kind,
            is_image: false,
            destination: None,
            destination_span: None,
            title_span: None,
            content: None,
            label: None,
            label_span: None,
            definition: None,
        }
    }
}

/// The tables in a blob; an error for bytes that are none.
pub fn unpacked(blob: &[u8]) -> std::io::Result<Vec<u8>> {
    lz4_flex::decompress_size_prepended(blob).map_err(|_| crate::index::wire::broken())
}

impl Prose {
    /// The tables as they are stored; places are counted in `source`.
    pub fn packed(&self, source: &[u8]) -> Vec<u8> {
        let mut out = Packer::default();
        out.array(9);
        out.number(source.len());
        match &self.front {
            None => out.nil(),
            Some(front) => {
                out.array(5);
                out.text(front.language);
                out.span(&front.span);
                out.span(&front.content);
            }
        }
        let places = Places::new(source);
        out.table(&places, &self.headings, 11, |out, row| {
            out.span(&row.span);
            out.number(usize::from(row.level));
            out.span(&row.content);
            out.text(&row.text);
            out.optional(row.id.as_deref(), Packer::text);
            out.text(row.form);
            out.flag(row.opens_section);
        });
        out.links(&places, &self.links);
        out.links(&places, &self.definitions);
        out.table(&places, &self.code, 8, |out, row| {
            out.span(&row.span);
            out.flag(row.is_fenced);
            out.text(&row.info);
            out.span(&row.content);
        });
        out.table(&places, &self.spans, 6, |out, row| {
            out.span(&row.span);
            out.span(&row.content);
        });
        out.table(&places, &self.anchors, 5, |out, row| {
            out.span(&row.span);
            out.text(&row.name);
        });
        out.table(&places, &self.footnotes, 6, |out, row| {
            out.span(&row.span);
            out.text(&row.label);
            out.flag(row.is_definition);
        });
        lz4_flex::compress_prepend_size(&out.bytes)
    }
}

/// A row that stands somewhere.
trait Placed {
    fn start(&self) -> usize;
}

macro_rules! placed {
    ($($row:ty),*) => {$(
        impl Placed for $row {
            fn start(&self) -> usize {
                self.span.start
            }
        }
    )*};
}
placed!(Heading, Link, Code, CodeSpan, Anchor, Footnote);

/// Writes MessagePack.
#[derive(Default)]
struct Packer {
    bytes: Vec<u8>,
}

impl Packer {
    fn nil(&mut self) {
        self.bytes.push(0xC0);
    }

    fn flag(&mut self, value: bool) {
        self.bytes.push(0xC2 + u8::from(value));
    }

    fn number(&mut self, value: usize) {
        match value {
            0..=0x7F => self.bytes.push(value as u8),
            0x80..=0xFF => self.bytes.extend([0xCC, value as u8]),
            0x100..=0xFFFF => {
                self.bytes.push(0xCD);
                self.bytes.extend((value as u16).to_be_bytes());
            }
            _ => {
                self.bytes.push(0xCE);
                self.bytes.extend((value as u32).to_be_bytes());
            }
        }
    }

    fn text(&mut self, value: &str) {
        match value.len() {
            length @ 0..=31 => self.bytes.push(0xA0 | length as u8),
            length @ 32..=0xFF => self.bytes.extend([0xD9, length as u8]),
            length @ 0x100..=0xFFFF => {
                self.bytes.push(0xDA);
                self.bytes.extend((length as u16).to_be_bytes());
            }
            length => {
                self.bytes.push(0xDB);
                self.bytes.extend((length as u32).to_be_bytes());
            }
        }
        self.bytes.extend_from_slice(value.as_bytes());
    }

    fn array(&mut self, length: usize) {
        match length {
            0..=15 => self.bytes.push(0x90 | length as u8),
            16..=0xFFFF => {
                self.bytes.push(0xDC);
                self.bytes.extend((length as u16).to_be_bytes());
            }
            _ => {
                self.bytes.push(0xDD);
                self.bytes.extend((length as u32).to_be_bytes());
            }
        }
    }

    fn optional<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Packer, T)) {
        match value {
            None => self.nil(),
            Some(value) => write(self, value),
        }
    }

    fn span(&mut self, span: &Span) {
        self.number(span.start);
        self.number(span.end);
    }

    /// A span as a value of its own.
    fn pair(&mut self, span: &Span) {
        self.array(2);
        self.span(span);
    }

    /// Rows of `width` values, of which the first two are line and column.
    fn table<R: Placed>(
        &mut self,
        places: &Places,
        rows: &[R],
        width: usize,
        write: impl Fn(&mut Packer, &R),
    ) {
        self.array(rows.len());
        let mut cursor = places.cursor();
        for row in rows {
            let (line, column) = cursor.place(row.start());
            self.array(width);
            self.number(line);
            self.number(column);
            write(self, row);
        }
    }

    fn links(&mut self, places: &Places, links: &[Link]) {
        self.table(places, links, 13, |out, row| {
            out.span(&row.span);
            out.text(row.kind);
            out.flag(row.is_image);
            out.optional(row.destination.as_deref(), Packer::text);
            out.optional(row.destination_span.as_ref(), Packer::pair);
            out.optional(row.title_span.as_ref(), Packer::pair);
            out.optional(row.content.as_ref(), Packer::pair);
            out.optional(row.label.as_deref(), Packer::text);
            out.optional(row.label_span.as_ref(), Packer::pair);
            out.optional(row.definition, Packer::number);
        });
    }
}
