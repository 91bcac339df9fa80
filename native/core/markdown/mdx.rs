//! The lines of MDX that are code: imports, exports, and tags of components on lines of their own.
//!
//! MDX has no HTML: what stands between tags is Markdown, whatever the tags are called. Markdown takes a line that begins with a tag of
//! some names (`<Details>`, `<div>`), and the lines below it, for HTML in which nothing is read.

use std::borrow::Cow;

use super::html::{braces_end, is_component};
use super::tables::Span;

/// The names in which [`super::html`] reads a destination or a heading, and those whose content is no Markdown even in MDX.
const READ_AS_HTML: [&str; 20] = [
    "a", "area", "link", "img", "video", "audio", "source", "track", "embed", "iframe", "h1", "h2",
    "h3", "h4", "h5", "h6", "pre", "script", "style", "textarea",
];

/// Tags of components in the midst of a line that are longer are not read.
const LONGEST_TAG: usize = 4096;

/// The text with blanks in place of code, and with names that are none of HTML in tags that have text behind them on a line, so that
/// every offset stays; and the spans of the tags that it has blanks for.
pub fn without_code(text: &str) -> (Cow<'_, str>, Vec<Span>) {
    let mut spans: Vec<Span> = Vec::new();
    let mut tags: Vec<Span> = Vec::new();
    let mut names: Vec<Span> = Vec::new();
    let mut values: Vec<Span> = Vec::new();
    let mut fence: Option<&str> = None;
    let mut is_after_blank = true;
    let mut is_code = false;
    let mut skipped_to = 0;
    let mut may_end = true;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let (start, trimmed) = (at, line.trim());
        at += line.len();
        if start < skipped_to {
            continue;
        }
        if let Some(mark) = fence {
            let is_end =
                trimmed.starts_with(mark) && trimmed.chars().all(|one| mark.starts_with(one));
            fence = fence.filter(|_| !is_end);
            continue;
        }
        let marks = |mark: char| trimmed.len() - trimmed.trim_start_matches(mark).len();
        if marks('`').max(marks('~')) > 2 {
            fence = Some(&trimmed[..marks('`').max(marks('~'))]);
        }
        is_code = !trimmed.is_empty() && (is_code || is_after_blank && is_module_code(line));
        is_after_blank = trimmed.is_empty();
        if is_code {
            spans.push(start..at);
        } else if may_end && begins_tag(trimmed) {
            let tag = start + line.len() - line.trim_start().len();
            match tag_end(text.as_bytes(), tag) {
                Some(end) => {
                    let rest = text[end..].lines().next().unwrap_or_default();
                    skipped_to = end;
                    if rest.trim().is_empty() {
                        if trimmed.starts_with('<') {
                            tags.push(tag..end);
                        }
                        skipped_to = end + rest.len();
                        spans.push(start..skipped_to);
                        is_after_blank = true;
                    } else {
                        names.extend(name_in_tag(text, tag, end));
                        values_in_tag(text.as_bytes(), tag, end, &mut values);
                    }
                }
                None => may_end = false,
            }
        } else if let Some(tag) = tag_in_front(line).map(|tag| start + tag)
            && let Some(end) = tag_end(&text.as_bytes()[..at], tag)
            && !text[end..at].trim().is_empty()
        {
            names.extend(name_in_tag(text, tag, end));
        }
        if !is_code && start >= skipped_to {
            values_in_line(text.as_bytes(), start..at, &mut values);
        }
    }
    if spans.is_empty() && names.is_empty() && values.is_empty() {
        return (Cow::Borrowed(text), tags);
    }
    let mut bytes = text.as_bytes().to_vec();
    for span in spans {
        let blank = |byte: &&mut u8| !matches!(**byte, b'\n' | b'\r');
        bytes[span]
            .iter_mut()
            .filter(blank)
            .for_each(|byte| *byte = b' ');
    }
    for value in values {
        bytes[value].fill(b'x');
    }
    for name in names {
        let is_component = bytes[name.start].is_ascii_uppercase();
        bytes[name.clone()].fill(b'x');
        if is_component {
            bytes[name.start] = b'X';
        }
    }
    let text = String::from_utf8(bytes).unwrap_or_default();
    (Cow::Owned(text), tags)
}

/// Adds the code in braces of the tags of components in a line, behind which Markdown would not read them as tags.
fn values_in_line(bytes: &[u8], line: Span, values: &mut Vec<Span>) {
    let mut is_quoted = false;
    let mut at = line.start;
    while at < line.end {
        let is_tag = bytes[at] == b'<' && bytes.get(at + 1).is_some_and(u8::is_ascii_uppercase);
        is_quoted ^= bytes[at] == b'`';
        at += 1;
        if is_tag && !is_quoted {
            let farthest = bytes.len().min(at + LONGEST_TAG);
            if let Some(end) = tag_end(&bytes[..farthest], at - 1) {
                values_in_tag(bytes, at, end, values);
                at = end;
            }
        }
    }
}

fn values_in_tag(bytes: &[u8], tag: usize, end: usize, values: &mut Vec<Span>) {
    let mut at = tag;
    while let Some(open) = memchr::memchr(b'{', &bytes[at..end]).map(|found| at + found) {
        at = braces_end(&bytes[..end], open).unwrap_or(end);
        values.push(open..at);
    }
}

fn is_module_code(line: &str) -> bool {
    ["import", "export"].iter().any(|word| {
        let rest = line.strip_prefix(word);
        rest.is_some_and(|rest| rest.starts_with([' ', '{', '*', '"', '\'']))
    })
}

fn begins_tag(line: &str) -> bool {
    if line.starts_with("{/*") {
        return true;
    }
    let name = line
        .strip_prefix('<')
        .map(|rest| rest.strip_prefix('/').unwrap_or(rest));
    name.is_some_and(|name| name.starts_with(|one: char| one.is_ascii_uppercase() || one == '>'))
}

/// The offset of the tag that a line begins with, behind the marks of lists and quotes.
fn tag_in_front(line: &str) -> Option<usize> {
    let is_mark = |one: char| one.is_ascii_digit() || " \t>-*+.)".contains(one);
    let rest = line.trim_start_matches(is_mark);
    rest.starts_with('<').then(|| line.len() - rest.len())
}

/// The span of the name in a tag; None for one that is read by its name, and before a heading on the same line, which is read as a whole.
fn name_in_tag(text: &str, tag: usize, end: usize) -> Option<Span> {
    let rest = text[end..].lines().next().unwrap_or_default();
    let is_heading = |at: &[u8]| at[0] == b'<' && at[1] | 0x20 == b'h' && at[2].is_ascii_digit();
    if rest.as_bytes().windows(3).any(is_heading) {
        return None;
    }
    let inside = text[tag + 1..end].strip_prefix('/');
    let inside = inside.unwrap_or(&text[tag + 1..end]);
    let length = inside.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = inside[..length].to_ascii_lowercase();
    let ends_name = |one: char| one.is_ascii_whitespace() || "/>".contains(one);
    let is_name = name.starts_with(|one: char| one.is_ascii_alphabetic())
        && inside[length..].starts_with(ends_name);
    let start = end - inside.len();
    let is_read = READ_AS_HTML.contains(&name.as_str()) && !is_component(&inside[..length]);
    (is_name && !is_read).then(|| start..start + length)
}

/// The end of a tag, or of a comment in braces; braces and quotes in it count.
fn tag_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 && bytes[start] == b'{' {
                    return Some(at + 1);
                }
            }
            b'>' if depth == 0 => return Some(at + 1),
            b'"' if depth == 0 => at += 1 + memchr::memchr(b'"', &bytes[at + 1..])?,
            _ => {}
        }
        at += 1;
    }
    None
}
