//! Bare links of GFM: `https://…`, `www.…` and addresses of mail in running text.

use super::tables::{Link, Span};

/// The bare links in a part of the text that is nothing but text.
pub fn find(text: &str, run: Span, found: &mut impl FnMut(Link)) {
    let bytes = text.as_bytes();
    let mut at = run.start;
    while let Some(next) = next_sign(bytes, at, run.end) {
        let link = match bytes[next] {
            b'@' => mail(bytes, &run, at, next),
            b':' => scheme(bytes, at, next).and_then(|start| url(bytes, start, next + 3, run.end)),
            _ => url(bytes, next, next, run.end).filter(|link| link.len() > 4),
        };
        let Some(span) = link else {
            at = next + 1;
            continue;
        };
        at = span.end;
        let written = &text[span.clone()];
        let mut link = Link::new(span.clone(), "bare");
        link.destination = Some(match bytes[next] {
            b'@' => format!("mailto:{written}"),
            b':' => written.to_owned(),
            _ => format!("http://{written}"),
        });
        link.destination_span = Some(span);
        found(link);
    }
}

/// The next `://`, `@`, or `www.` that a link may begin with.
fn next_sign(bytes: &[u8], from: usize, end: usize) -> Option<usize> {
    memchr::memchr3_iter(b':', b'@', b'w', bytes.get(from..end)?)
        .map(|at| from + at)
        .find(|at| match bytes[*at] {
            b':' => bytes[*at..end].starts_with(b"://"),
            b'w' => bytes[*at..end].starts_with(b"www.") && may_begin(bytes, *at),
            _ => true,
        })
}

fn may_begin(bytes: &[u8], at: usize) -> bool {
    at == 0 || bytes[at - 1].is_ascii_whitespace() || b"*_~(".contains(&bytes[at - 1])
}

/// The beginning of the scheme in front of a `://`.
fn scheme(bytes: &[u8], from: usize, colon: usize) -> Option<usize> {
    let before = &bytes[from..colon];
    let length = [&b"https"[..], b"http", b"ftp"]
        .into_iter()
        .find(|scheme| {
            before.len() >= scheme.len()
                && before[before.len() - scheme.len()..].eq_ignore_ascii_case(scheme)
        })?
        .len();
    let start = colon - length;
    may_begin(bytes, start).then_some(start)
}

/// The span of a link that begins at `start`, and its domain at `domain`.
fn url(bytes: &[u8], start: usize, domain: usize, end: usize) -> Option<Span> {
    let is_domain =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte) || !byte.is_ascii();
    let length = bytes[domain..end]
        .iter()
        .take_while(|byte| is_domain(byte))
        .count();
    let name = bytes[domain..domain + length].trim_ascii_end();
    let mut last_two = name.rsplit(|byte| *byte == b'.').take(2);
    if length == 0 || name[0] == b'.' || last_two.any(|part| part.contains(&b'_')) {
        return None;
    }
    let stop = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'<';
    let reach = bytes[start..end]
        .iter()
        .position(stop)
        .map_or(end, |at| start + at);
    Some(start..trimmed(bytes, start, reach)).filter(|span| span.end > domain)
}

/// The end of a link without the punctuation of the sentence around it.
fn trimmed(bytes: &[u8], start: usize, mut end: usize) -> usize {
    let count = |byte: u8| bytes[start..end].iter().filter(|one| **one == byte).count();
    let mut unmatched = count(b')').saturating_sub(count(b'('));
    while end > start {
        match bytes[end - 1] {
            b'?' | b'!' | b'.' | b',' | b':' | b'*' | b'_' | b'~' | b'\'' | b'"' => end -= 1,
            b')' if unmatched > 0 => {
                unmatched -= 1;
                end -= 1;
            }
            b';' => match entity(&bytes[start..end]) {
                Some(length) => end -= length,
                None => break,
            },
            _ => break,
        }
    }
    end
}

/// The length of an entity `&name;` at the end.
fn entity(bytes: &[u8]) -> Option<usize> {
    let name = bytes[..bytes.len() - 1]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    let at = bytes.len().checked_sub(name + 2)?;
    (name > 0 && bytes[at] == b'&').then_some(name + 2)
}

fn mail(bytes: &[u8], run: &Span, from: usize, at: usize) -> Option<Span> {
    let is_local = |byte: &&u8| byte.is_ascii_alphanumeric() || b".+-_".contains(byte);
    let is_domain = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let start = at - bytes[from..at].iter().rev().take_while(is_local).count();
    let mut end = at + 1 + bytes[at + 1..run.end].iter().take_while(is_domain).count();
    while bytes[end - 1] == b'.' {
        end -= 1;
    }
    let domain = &bytes[at + 1..end];
    let is_whole = start < at
        && domain.contains(&b'.')
        && domain.last().is_some_and(u8::is_ascii_alphanumeric);
    is_whole.then_some(start..end)
}
