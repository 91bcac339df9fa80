//! Questions to stored documents, answered from their tables: links by fragment, and what edits of destinations leave of a document.

use std::collections::HashSet;
use std::io;

use super::tables::{Span, unpacked};
use crate::index::wire::broken;

/// An edit: start and end of the bytes before, and the length of the text in their place. Those of a file are disjoint and sorted.
pub type Edit = (usize, usize, usize);

/// A link that has another destination: its index among links and definitions, and the destination.
pub type Redirected = (usize, String);

/// The links and definitions whose fragment may be one of some anchors, or a line, by index; rather too many than too few.
pub fn links_to(facts: &[u8], anchors: &HashSet<String>) -> io::Result<Vec<usize>> {
    let tables = unpacked(facts)?;
    let document = Document::read(&tables)?;
    let links = document.links.iter().enumerate().filter(|(_, (_, link))| {
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

/// The links that have another destination after edits of destinations.
///
/// None where an edit reaches beyond a destination, and where a heading, an anchor or a link is not what it was, or not where the edits
/// leave it: then more than destinations may have changed.
pub fn redirected(
    before: &[u8],
    after: &[u8],
    edits: &[Edit],
) -> io::Result<Option<Vec<Redirected>>> {
    let (before, after) = (unpacked(before)?, unpacked(after)?);
    let (before, after) = (Document::read(&before)?, Document::read(&after)?);
    if !before.holds_in_destinations(edits) || !before.is_outlined_as(&after, edits) {
        return Ok(None);
    }
    let pairs = before.links.iter().zip(&after.links).enumerate();
    let changed = pairs.filter_map(|(index, ((_, one), (_, other)))| {
        let (was, now) = (before.destination_of(one), after.destination_of(other));
        now.filter(|_| was != now)
            .map(|now| (index, now.to_owned()))
    });
    Ok(Some(changed.collect()))
}

#[derive(PartialEq)]
struct Heading<'a> {
    level: usize,
    text: &'a str,
    id: Option<&'a str>,
    form: &'a str,
    opens_section: bool,
}

struct Link<'a> {
    kind: &'a str,
    is_image: bool,
    destination: Option<&'a str>,
    destination_span: Option<Span>,
    definition: Option<usize>,
}

impl Link<'_> {
    /// True for one that differs in its destination, or not at all.
    fn is_written_as(&self, other: &Link) -> bool {
        self.kind == other.kind
            && self.is_image == other.is_image
            && self.destination.is_some() == other.destination.is_some()
            && self.definition == other.definition
    }
}

/// What links can lead to, and the links, of a document; offsets beside them are where they begin.
struct Document<'a> {
    headings: Vec<(usize, Heading<'a>)>,
    anchors: Vec<(usize, &'a str)>,
    /// Links, then definitions.
    links: Vec<(usize, Link<'a>)>,
    /// The number of links without definitions.
    own_links: usize,
}

impl<'a> Document<'a> {
    fn read(tables: &'a [u8]) -> io::Result<Document<'a>> {
        let mut input = Unpacker { tables };
        input.array()?;
        input.skip()?; // the size
        input.skip()?; // front matter
        let headings = input.rows(|input| {
            let level = input.number()?;
            input.skip_all(2)?; // the span of the content
            Ok(Heading {
                level,
                text: input.text()?,
                id: input.optional(Unpacker::text)?,
                form: input.text()?,
                opens_section: input.flag()?,
            })
        })?;
        let mut links = input.rows(Unpacker::link)?;
        let own_links = links.len();
        links.extend(input.rows(Unpacker::link)?);
        input.skip_all(2)?; // blocks and spans of code
        let anchors = input.rows(Unpacker::text)?;
        Ok(Document {
            headings,
            anchors,
            links,
            own_links,
        })
    }

    fn destination_of(&self, link: &Link<'a>) -> Option<&'a str> {
        match link.definition {
            Some(at) => self.links.get(self.own_links + at)?.1.destination,
            None => link.destination,
        }
    }

    /// True where each edit stands in the destination of a link.
    fn holds_in_destinations(&self, edits: &[Edit]) -> bool {
        let spans = self
            .links
            .iter()
            .filter_map(|(_, link)| link.destination_span.as_ref());
        let mut spans: Vec<&Span> = spans.collect();
        spans.sort_unstable_by_key(|span| span.start);
        edits.iter().all(|(start, end, _)| {
            let next = spans.partition_point(|span| span.start <= *start);
            next > 0 && *end <= spans[next - 1].end
        })
    }

    /// True where another document has the same headings, anchors and links, destinations aside, each where edits leave it.
    fn is_outlined_as(&self, other: &Document, edits: &[Edit]) -> bool {
        self.own_links == other.own_links
            && are_alike(&self.headings, &other.headings, edits, |one, other| {
                one == other
            })
            && are_alike(&self.anchors, &other.anchors, edits, |one, other| {
                one == other
            })
            && are_alike(&self.links, &other.links, edits, Link::is_written_as)
    }
}

fn are_alike<T>(
    before: &[(usize, T)],
    after: &[(usize, T)],
    edits: &[Edit],
    alike: impl Fn(&T, &T) -> bool,
) -> bool {
    before.len() == after.len()
        && before
            .iter()
            .zip(after)
            .all(|((start, one), (place, other))| {
                moved(*start, edits) == Some(*place) && alike(one, other)
            })
}

/// The offset at which begins then what began at one; None inside of a replacement, and where it is deleted.
fn moved(start: usize, edits: &[Edit]) -> Option<usize> {
    let behind = edits.partition_point(|(_, end, _)| *end <= start);
    let is_gone = |(from, _, length): &Edit| *from < start || (*from == start && *length == 0);
    if edits.get(behind).is_some_and(is_gone) {
        return None;
    }
    let (mut grown, mut shrunk) = (0, 0);
    for (from, end, length) in &edits[..behind] {
        grown += length;
        shrunk += end - from;
    }
    (start + grown).checked_sub(shrunk)
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

    fn flag(&mut self) -> io::Result<bool> {
        match self.mark()? {
            mark @ (0xC2 | 0xC3) => Ok(mark == 0xC3),
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

    /// Rows, each with the offset at which it begins; `read` takes the values behind its span.
    fn rows<T>(
        &mut self,
        read: impl Fn(&mut Self) -> io::Result<T>,
    ) -> io::Result<Vec<(usize, T)>> {
        let rows = 0..self.array()?;
        rows.map(|_| {
            self.array()?;
            self.skip_all(2)?; // line and column
            let start = self.number()?;
            self.skip()?; // the end
            Ok((start, read(self)?))
        })
        .collect()
    }

    fn span(&mut self) -> io::Result<Span> {
        self.array()?;
        Ok(self.number()?..self.number()?)
    }

    fn link(&mut self) -> io::Result<Link<'a>> {
        let (kind, is_image) = (self.text()?, self.flag()?);
        let destination = self.optional(Unpacker::text)?;
        let destination_span = self.optional(Unpacker::span)?;
        self.skip_all(4)?; // title, content, label and its span
        Ok(Link {
            kind,
            is_image,
            destination,
            destination_span,
            definition: self.optional(Unpacker::number)?,
        })
    }
}
