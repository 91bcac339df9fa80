//! The tags of a JSDoc comment: plain text, with places in the file.

use oxc_span::Span;

use crate::facts::len32;

/// `@name {type} rest`, up to the next tag.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    pub name: &'a str,
    /// From the `@` to the end of the rest.
    pub span: Span,
    /// The text inside the braces.
    pub of: Option<Span>,
    /// The text behind the type.
    pub rest: Span,
}

/// The name that a tag is about: the first word behind its type.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub name: &'a str,
    pub span: Span,
    /// Written in brackets.
    pub optional: bool,
}

/// All tags of a comment, in order.
pub fn tags<'a>(source: &'a str, comment: Span) -> Vec<Tag<'a>> {
    let bytes = source.as_bytes();
    let last = (comment.end as usize).saturating_sub("*/".len());
    let mut found: Vec<Tag<'a>> = Vec::new();
    let mut at = comment.start as usize + "/**".len();
    while at < last {
        let Some(next) = memchr::memchr(b'@', &bytes[at..last]) else {
            break;
        };
        let start = at + next;
        let end_of_name = end_of(bytes, start + 1, last, |byte| byte.is_ascii_alphabetic());
        at = end_of_name.max(start + 1);
        if end_of_name == start + 1 || !matches!(bytes[start - 1], b' ' | b'\t' | b'\n' | b'*') {
            continue;
        }
        if let Some(before) = found.last_mut() {
            before.close(bytes, start);
        }
        let mut rest = end_of(bytes, end_of_name, last, is_blank);
        let of = braced(&bytes[..last], rest);
        if let Some(of) = of {
            rest = end_of(bytes, of.end as usize + 1, last, is_blank);
        }
        at = rest;
        found.push(Tag {
            name: &source[start + 1..end_of_name],
            span: Span::new(len32(start), len32(rest)),
            of,
            rest: Span::new(len32(rest), len32(rest)),
        });
    }
    if let Some(before) = found.last_mut() {
        before.close(bytes, last);
    }
    found
}

impl<'a> Tag<'a> {
    /// Ends the rest before `limit`, without the blanks and stars in between.
    fn close(&mut self, bytes: &[u8], limit: usize) {
        let start = self.rest.start as usize;
        let text = &bytes[start..limit.max(start)];
        let kept = text
            .iter()
            .rposition(|byte| !byte.is_ascii_whitespace() && *byte != b'*');
        self.rest.end = len32(start + kept.map_or(0, |last| last + 1));
        self.span.end = self.rest.end;
    }

    /// The name the tag is about: `name`, `[name]` or `[name=default]`, with the path of `name.part`.
    pub fn subject(&self, source: &'a str) -> Option<Subject<'a>> {
        let bytes = source.as_bytes();
        let (mut start, last) = (self.rest.start as usize, self.rest.end as usize);
        let optional = start < last && bytes[start] == b'[';
        if optional {
            start = end_of(bytes, start + 1, last, is_blank);
        }
        let end = end_of(bytes, start, last, |byte| {
            is_word(byte) || byte == b'.' || optional && byte == b'-'
        });
        let end = start + source[start..end].trim_end_matches('.').len();
        (end > start).then(|| Subject {
            name: &source[start..end],
            span: Span::new(len32(start), len32(end)),
            optional,
        })
    }

    /// The names of `@template {Constraint} A, B`, or `[A=Default]`.
    pub fn type_parameters(&self, source: &'a str) -> Vec<Subject<'a>> {
        let mut found = Vec::new();
        let mut tag = *self;
        while let Some(subject) = tag.subject(source) {
            found.push(subject);
            let after = source[subject.span.end as usize..tag.rest.end as usize].trim_start();
            let Some(next) = after.strip_prefix(',') else {
                break;
            };
            tag.rest.start = tag.rest.end - len32(next.trim_start().len());
        }
        found
    }
}

/// End of the bytes that satisfy `keep`.
fn end_of(bytes: &[u8], from: usize, last: usize, keep: impl Fn(u8) -> bool) -> usize {
    let mut at = from.min(last);
    while at < last && keep(bytes[at]) {
        at += 1;
    }
    at
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || !byte.is_ascii()
}

/// The text between the brace at `open` and the one that closes it.
fn braced(bytes: &[u8], open: usize) -> Option<Span> {
    if bytes.get(open) != Some(&b'{') {
        return None;
    }
    let mut depth = 0usize;
    let mut at = open;
    while at < bytes.len() {
        match bytes[at] {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            quote @ (b'"' | b'\'' | b'`') => {
                at += 1 + memchr::memchr2(quote, b'\n', &bytes[at + 1..])?;
            }
            _ => {}
        }
        if depth == 0 {
            return Some(Span::new(len32(open + 1), len32(at)));
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> Vec<(&str, &str, &str)> {
        let of = |span: Span| &source[span.start as usize..span.end as usize];
        tags(source, Span::new(0, len32(source.len())))
            .into_iter()
            .map(|tag| (tag.name, tag.of.map_or("", of), of(tag.rest)))
            .collect()
    }

    #[test]
    fn tags_have_types_and_end_where_the_next_one_starts() {
        let source = "/**\n * Mail me@home {@link x}.\n * @param {{ a: \"}\" }} [one=1] first\n *   of all\n * @returns {T}\n */";
        assert_eq!(
            read(source),
            [
                ("param", "{ a: \"}\" }", "[one=1] first\n *   of all"),
                ("returns", "T", ""),
            ]
        );
    }

    #[test]
    fn a_brace_that_never_closes_is_no_type() {
        assert_eq!(read("/** @type {T */"), [("type", "", "{T")]);
    }

    #[test]
    fn a_template_names_several_parameters() {
        let source = "/** @template {object} A, [B=A] rest */";
        let tag = tags(source, Span::new(0, len32(source.len())))[0];
        let names: Vec<&str> = tag
            .type_parameters(source)
            .iter()
            .map(|one| one.name)
            .collect();
        assert_eq!(names, ["A", "B"]);
    }
}
