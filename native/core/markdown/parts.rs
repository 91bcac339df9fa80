//! The parts of a link inside of the span that the parser gives it.
//!
//! What is found is compared with what the parser says of it; a part that does not agree is left out.

use super::tables::{Link, Span};

/// Sets content, destination and title of `[content](destination "title")`; `inner_end` is where the last thing in the brackets ends.
pub fn inline(text: &str, link: &mut Link, inner_end: usize, destination: &str) {
    let bytes = &text.as_bytes()[..link.span.end];
    let start = opening(link);
    let Some(close) = find(bytes, inner_end.max(start), b"](") else {
        return;
    };
    link.content = Some(start..close);
    let rest = destination_and_title(bytes, blank(bytes, close + 2));
    keep(text, link, rest, destination);
}

/// Sets content and label of `[content][label]`, `[label][]` and `[label]`.
pub fn reference(text: &str, link: &mut Link, inner_end: usize) {
    let bytes = &text.as_bytes()[..link.span.end];
    let start = opening(link);
    let Some(close) = find(bytes, inner_end.max(start), b"]") else {
        return;
    };
    link.content = Some(start..close);
    let has_own = bytes.get(close + 1) == Some(&b'[') && bytes.len() > close + 3;
    let label = if has_own {
        close + 2..bytes.len() - 1
    } else {
        start..close
    };
    link.label = Some(text[label.clone()].to_owned());
    link.label_span = Some(label);
}

/// Sets the parts of `[label]: destination "title"`.
pub fn definition(text: &str, link: &mut Link, destination: &str) {
    let end = link.span.start + text[link.span.clone()].trim_end().len();
    let bytes = &text.as_bytes()[..end];
    let Some(open) = find(bytes, link.span.start, b"[") else {
        return;
    };
    link.span = open..end;
    let Some(close) = (open + 1..end).find(|at| bytes[*at] == b']' && !is_escaped(bytes, *at))
    else {
        return;
    };
    link.label_span = Some(open + 1..close);
    link.label = Some(text[open + 1..close].to_owned());
    let rest = destination_and_title(bytes, blank(bytes, close + 2));
    keep(text, link, rest, destination);
}

fn keep(text: &str, link: &mut Link, (found, title): (Option<Span>, Option<Span>), said: &str) {
    if let Some(found) = found.filter(|found| agrees(&text[found.clone()], said)) {
        link.destination_span = Some(found);
        link.title_span = title;
    }
}

/// True when what is written may say this; escapes and entities are not compared.
fn agrees(written: &str, said: &str) -> bool {
    written == said || written.contains(['\\', '&'])
}

fn opening(link: &Link) -> usize {
    link.span.start + 1 + usize::from(link.is_image)
}

fn find(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    memchr::memmem::find(bytes.get(from..)?, wanted).map(|at| from + at)
}

fn is_escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at]
        .iter()
        .rev()
        .take_while(|byte| **byte == b'\\')
        .count()
        % 2
        == 1
}

/// The next byte that is no blank; the marks of quotes at the beginning of a line are blank too.
fn blank(bytes: &[u8], mut at: usize) -> usize {
    let mut is_line_start = false;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' | b'\r' => is_line_start = true,
            b' ' | b'\t' => {}
            b'>' if is_line_start => {}
            _ => break,
        }
        at += 1;
    }
    at
}

fn destination_and_title(bytes: &[u8], at: usize) -> (Option<Span>, Option<Span>) {
    let Some((found, behind)) = destination(bytes, at) else {
        return (None, None);
    };
    let at = blank(bytes, behind);
    let title = (at > behind).then(|| title(bytes, at)).flatten();
    (Some(found), title)
}

/// The span of a destination, inside of its angle brackets, and where it ends with them.
fn destination(bytes: &[u8], start: usize) -> Option<(Span, usize)> {
    let mut at = start;
    if bytes.get(start) == Some(&b'<') {
        loop {
            at += 1;
            match bytes.get(at)? {
                b'>' => return Some((start + 1..at, at + 1)),
                b'\\' => at += 1,
                b'\n' | b'\r' => return None,
                _ => {}
            }
        }
    }
    let mut depth = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => at += 1,
            b'(' => depth += 1,
            b')' if depth == 0 => break,
            b')' => depth -= 1,
            0..=b' ' => break,
            _ => {}
        }
        at += 1;
    }
    Some((start..at, at))
}

/// The span of a title inside of its quotes.
fn title(bytes: &[u8], start: usize) -> Option<Span> {
    let close = match bytes.get(start)? {
        b'(' => b')',
        quote @ (b'"' | b'\'') => *quote,
        _ => return None,
    };
    let mut at = start + 1;
    while *bytes.get(at)? != close {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    Some(start + 1..at)
}
