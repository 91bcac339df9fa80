//! The strings of JSON without their secrets: each is looked at as the text that it means, and a value also behind its key.

use std::borrow::Cow;

use super::{Counts, is_suspicious};

const LONGEST_KEY: usize = 200;
const LONGEST_VALUE: usize = 4096;

/// JSON with `[redacted KIND]` in place of the secrets in its strings; `None` when there is none.
pub fn without_secrets(data: &[u8]) -> Option<(Vec<u8>, Counts)> {
    if !is_suspicious(data) {
        return None;
    }
    let mut counts = Counts::new();
    let mut kept = Vec::new();
    let mut copied = 0;
    let mut key: Option<Cow<'_, [u8]>> = None;
    let mut at = 0;
    while let Some(open) = memchr::memchr(b'"', &data[at..]).map(|found| at + found) {
        if data[at..open].iter().any(|byte| b",{[".contains(byte)) {
            key = None;
        }
        let end = closing(data, open + 1);
        let text = unescaped(&data[open + 1..end]);
        at = (end + 1).min(data.len());
        let is_key = data[at..].iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
        let cleaned = match &key {
            Some(key) if !is_key => value_without(key, &text, &mut counts),
            _ => text_without(&text, &mut counts),
        };
        if let Some(clean) = cleaned {
            kept.extend_from_slice(&data[copied..=open]);
            escape(&clean, &mut kept);
            copied = end;
        }
        key = is_key.then_some(text);
    }
    if copied == 0 {
        return None;
    }
    kept.extend_from_slice(&data[copied..]);
    Some((kept, counts))
}

fn text_without(text: &[u8], counts: &mut Counts) -> Option<Vec<u8>> {
    let (clean, more) = super::without_secrets(text)?;
    for (kind, count) in more {
        *counts.entry(kind).or_default() += count;
    }
    Some(clean)
}

/// A value without its secrets, and without itself where its key says that it is one.
fn value_without(key: &[u8], value: &[u8], counts: &mut Counts) -> Option<Vec<u8>> {
    let clean = text_without(value, counts);
    let value = clean.as_deref().unwrap_or(value);
    if key.len() > LONGEST_KEY || value.len() > LONGEST_VALUE {
        return clean;
    }
    let lead = [key, b": \""].concat();
    let assigned = [&lead, value, b"\""].concat();
    if !is_suspicious(&assigned) {
        return clean;
    }
    let (mut both, more) = match super::without_secrets(&assigned) {
        Some(found) if found.0.starts_with(&lead) => found,
        _ => return clean,
    };
    for (kind, count) in more {
        *counts.entry(kind).or_default() += count;
    }
    both.truncate(both.len() - 1);
    both.drain(..lead.len());
    Some(both)
}

/// End of the string that begins at `from`: at its quote, or at the end of the data.
fn closing(data: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(found) = memchr::memchr2(b'"', b'\\', &data[at..]) {
        at += found;
        if data[at] == b'"' {
            return at;
        }
        at = (at + 2).min(data.len());
    }
    data.len()
}

/// The bytes that the inside of a string means.
fn unescaped(text: &[u8]) -> Cow<'_, [u8]> {
    if memchr::memchr(b'\\', text).is_none() {
        return Cow::Borrowed(text);
    }
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        plain.extend_from_slice(&rest[..at]);
        let Some(&kind) = rest.get(at + 1) else {
            plain.push(b'\\');
            return Cow::Owned(plain);
        };
        rest = &rest[at + 2..];
        match kind {
            b'n' => plain.push(b'\n'),
            b'r' => plain.push(b'\r'),
            b't' => plain.push(b'\t'),
            b'b' => plain.push(8),
            b'f' => plain.push(12),
            b'u' => rest = unicode(rest, &mut plain),
            other => plain.push(other),
        }
    }
    plain.extend_from_slice(rest);
    Cow::Owned(plain)
}

/// Adds the character whose four digits `rest` begins with, and its other half where it is one of two; what remains behind them.
fn unicode<'a>(rest: &'a [u8], plain: &mut Vec<u8>) -> &'a [u8] {
    let unit =
        |text: &[u8]| u32::from_str_radix(std::str::from_utf8(text.get(..4)?).ok()?, 16).ok();
    let Some(first) = unit(rest) else {
        return rest;
    };
    let (mut code, mut read) = (first, 4);
    if (0xD800..0xDC00).contains(&first)
        && rest[4..].starts_with(b"\\u")
        && let Some(second) = unit(&rest[6..]).filter(|half| (0xDC00..0xE000).contains(half))
    {
        code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
        read = 10;
    }
    let mut bytes = [0; 4];
    let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    plain.extend_from_slice(letter.encode_utf8(&mut bytes).as_bytes());
    &rest[read..]
}

fn escape(text: &[u8], into: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'"' | b'\\' => into.extend([b'\\', byte]),
            b'\n' => into.extend(b"\\n"),
            b'\r' => into.extend(b"\\r"),
            b'\t' => into.extend(b"\\t"),
            0..0x20 => into.extend(format!("\\u{byte:04x}").bytes()),
            _ => into.push(byte),
        }
    }
}
