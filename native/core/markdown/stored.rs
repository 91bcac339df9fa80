//! Questions to stored documents, answered from their tables: links by fragment, and links that edits give another destination.

use std::collections::HashSet;
use std::io;

use super::tables::{Span, unpacked};
use crate::index::wire::broken;

/// An edit: start and end of the bytes before, and the text in their place. Those of a file are disjoint and sorted.
pub type Edit<'a> = (usize, usize, &'a [u8]);

/// A link that has another destination: its index among links and definitions, and the destination.
pub type Redirected = (usize, String);

/// The links and definitions whose fragment may be one of some anchors, or a line, by index; rather too many than too few.
pub fn links_to(facts: &[u8], anchors: &HashSet<String>) -> io::Result<Vec<usize>> {
    let tables = unpacked(facts)?;
    let document = Document::read(&tables)?;
    let links = document.links.iter().enumerate().filter(|(_, link)| {
        let fragment = link.destination.and_then(|text| text.split_once('#'));
        fragment.is_some_and(|(_, fragment)| may_name(fragment, anchors))
    });
    Ok(links.map(|(index, _)| index).collect())
}

fn may_name(fragment: &str, anchors: &HashSet<String>) -> bool {
    let plain = fragment.strip_prefix("user-content-").unwrap_or(fragment);
    let line = plain.strip_prefix('L').unwrap_or_default();
    line.starts_with(|one: char| one.is_ascii_digit())
        || fragment.contains('%')
        || anchors.contains(fragment)
        || anchors.contains(plain)
}

/// The links that edits give another destination; None where an edit may change anything else of the document.
///
/// An edit changes a destination only where that stands behind `(` or `:` on its line, and is made of plain bytes before and after (see
/// [`is_plain`]): these neither end a destination nor open or close anything around it, so that all else is read as it was.
pub fn redirected(
    facts: &[u8],
    source: &[u8],
    edits: &[Edit],
) -> io::Result<Option<Vec<Redirected>>> {
    let tables = unpacked(facts)?;
    let document = Document::read(&tables)?;
    if document.size != source.len() {
        return Ok(None);
    }
    let mut found = Vec::with_capacity(edits.len());
    let mut edits = edits.iter().peekable();
    let mut links: Vec<_> = document.written_out().collect();
    links.sort_unstable_by_key(|(_, span)| span.start);
    for (index, span) in links {
        let mut now = Vec::new();
        let (mut at, mut is_edited) = (span.start, false);
        while let Some((start, end, text)) =
            edits.next_if(|(start, end, _)| span.start <= *start && *end <= span.end)
        {
            now.extend_from_slice(&source[at..*start]);
            now.extend_from_slice(text);
            (at, is_edited) = (*end, true);
        }
        if !is_edited {
            continue;
        }
        let was = &source[span.clone()];
        now.extend_from_slice(&source[at..span.end]);
        if !(is_led_in(&source[..span.start]) && is_plain(was) && is_plain(&now)) {
            return Ok(None);
        }
        if now != was {
            found.push((index, String::from_utf8_lossy(&now).into_owned()));
        }
    }
    found.sort_unstable();
    Ok(edits.next().is_none().then_some(found))
}

/// True where what comes next on a line can begin no block: it is behind the bracket of a link, or the colon of a definition.
fn is_led_in(before: &[u8]) -> bool {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    match before.iter().rposition(|byte| !blank(byte)) {
        Some(at) => before[at] == b'(' || before[at] == b':',
        None => false,
    }
}

/// True for a destination that says what it is letter by letter, and means nothing to the text around it: no escapes, references,
/// brackets, blanks or delimiters.
fn is_plain(destination: &[u8]) -> bool {
    let is_inert = |byte: &u8| byte.is_ascii_alphanumeric() || b"/.-_#?=%".contains(byte);
    !destination.is_empty() && destination.iter().all(is_inert)
}

struct Link<'a> {
    kind: &'a str,
    destination: Option<&'a str>,
    destination_span: Option<Span>,
}

struct Document<'a> {
    size: usize,
    /// Links, then definitions.
    links: Vec<Link<'a>>,
}

impl<'a> Document<'a> {
    fn read(tables: &'a [u8]) -> io::Result<Document<'a>> {
        let mut input = Unpacker { tables };
        input.array()?;
        let size = input.number()?;
        input.skip_all(2)?; // front matter and headings
        let mut links = input.rows(Unpacker::link)?;
        links.extend(input.rows(Unpacker::link)?);
        Ok(Document { size, links })
    }

    /// The destinations in brackets behind a text, and those of definitions: index and span.
    fn written_out(&self) -> impl Iterator<Item = (usize, Span)> {
        let links = self.links.iter().enumerate();
        links.filter_map(|(index, link)| {
            let is_written_out = matches!(link.kind, "inline" | "definition");
            let span = link.destination_span.clone().filter(|_| is_written_out)?;
            Some((index, span))
        })
    }
}

/// Reads MessagePack as [`super::tables`] writes it.
struct Unpacker<'a> {
    tables: &'a [u8],
}

impl<'a> Unpacker<'a> {
    fn take(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let (taken, rest) = self.tables.split_at_checked(length).ok_or_else(broken)?;
        self.tables = rest;
        Ok(taken)
    }

    fn mark(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?[0])
    }

    fn big_endian(&mut self, length: usize) -> io::Result<usize> {
        let bytes = self.take(length)?.iter();
        Ok(bytes.fold(0, |number, byte| number << 8 | usize::from(*byte)))
    }

    fn number(&mut self) -> io::Result<usize> {
        match self.mark()? {
            small @ 0..=0x7F => Ok(usize::from(small)),
            mark @ 0xCC..=0xCE => self.big_endian(1 << (mark - 0xCC)),
            _ => Err(broken()),
        }
    }

    fn text(&mut self) -> io::Result<&'a str> {
        let length = match self.mark()? {
            mark @ 0xA0..=0xBF => usize::from(mark & 0x1F),
            mark @ 0xD9..=0xDB => self.big_endian(1 << (mark - 0xD9))?,
            _ => return Err(broken()),
        };
        std::str::from_utf8(self.take(length)?).map_err(|_| broken())
    }

    fn array(&mut self) -> io::Result<usize> {
        match self.mark()? {
            mark @ 0x90..=0x9F => Ok(usize::from(mark & 0x0F)),
            mark @ 0xDC..=0xDD => self.big_endian(2 << (mark - 0xDC)),
            _ => Err(broken()),
        }
    }

    fn optional<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> io::Result<T>,
    ) -> io::Result<Option<T>> {
        if self.tables.first() == Some(&0xC0) {
            self.mark()?;
            return Ok(None);
        }
        read(self).map(Some)
    }

    fn skip(&mut self) -> io::Result<()> {
        match self.tables.first().ok_or_else(broken)? {
            0xC0 | 0xC2 | 0xC3 => self.mark().map(drop),
            0xA0..=0xBF | 0xD9..=0xDB => self.text().map(drop),
            0x90..=0x9F | 0xDC | 0xDD => {
                let length = self.array()?;
                self.skip_all(length)
            }
            _ => self.number().map(drop),
        }
    }

    fn skip_all(&mut self, values: usize) -> io::Result<()> {
        (0..values).try_for_each(|_| self.skip())
    }

    /// Rows; `read` takes the values behind the place of one.
    fn rows<T>(&mut self, read: impl Fn(&mut Self) -> io::Result<T>) -> io::Result<Vec<T>> {
        let rows = 0..self.array()?;
        rows.map(|_| {
            self.array()?;
            self.skip_all(4)?; // line, column, start and end
            read(self)
        })
        .collect()
    }

    fn span(&mut self) -> io::Result<Span> {
        self.array()?;
        Ok(self.number()?..self.number()?)
    }

    fn link(&mut self) -> io::Result<Link<'a>> {
        let kind = self.text()?;
        self.skip()?; // whether it is an image
        let destination = self.optional(Unpacker::text)?;
        let destination_span = self.optional(Unpacker::span)?;
        self.skip_all(5)?; // title, content, label and its span, definition
        Ok(Link {
            kind,
            destination,
            destination_span,
        })
    }
}
