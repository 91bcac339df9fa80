//! The lines of MDX that are code: imports, exports, and tags of components on lines of their own.

use std::borrow::Cow;

/// The text with blanks in place of code, so that every offset stays.
pub fn without_code(text: &str) -> Cow<'_, str> {
    let mut spans: Vec<(usize, usize)> = Vec::new();
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
            spans.push((start, at));
        } else if may_end && begins_tag(trimmed) {
            let tag = start + line.len() - line.trim_start().len();
            match tag_end(text.as_bytes(), tag) {
                Some(end) => {
                    let rest = text[end..].lines().next().unwrap_or_default();
                    if rest.trim().is_empty() {
                        skipped_to = end + rest.len();
                        spans.push((start, skipped_to));
                        is_after_blank = true;
                    }
                }
                None => may_end = false,
            }
        }
    }
    if spans.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut bytes = text.as_bytes().to_vec();
    for (start, end) in spans {
        let blank = |byte: &&mut u8| !matches!(**byte, b'\n' | b'\r');
        bytes[start..end]
            .iter_mut()
            .filter(blank)
            .for_each(|byte| *byte = b' ');
    }
    Cow::Owned(String::from_utf8(bytes).unwrap_or_default())
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
