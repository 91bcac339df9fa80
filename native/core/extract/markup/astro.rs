//! Astro: `{…}` with markup in it, attributes, component tags; all of it is one list of expressions.

use super::code::{Code, Range};
use super::tags::{Attribute, Piece, Tags, Value, brace_end};

/// How deep markup may stand in expressions in markup.
const DEEPEST: usize = 30;

/// Writes the code of the template that starts there.
pub fn write(code: &mut Code, start: usize) {
    let range = (start, code.file.len());
    code.whole(|code| {
        code.glue(";[");
        write_markup(code, range, 0);
        code.glue("];");
    });
}

fn write_markup(code: &mut Code, range: Range, depth: usize) {
    let file = code.file;
    for piece in Tags::new(file, range, true) {
        match piece {
            Piece::Text(range) => write_braces(code, range, depth),
            Piece::Open {
                name, attributes, ..
            } => {
                write_tag(code, name, true);
                for attribute in &attributes {
                    write_attribute(code, attribute, depth);
                }
            }
            Piece::Close(name) => write_tag(code, name, false),
        }
    }
}

fn write_tag(code: &mut Code, name: Range, opens: bool) {
    let text = &code.file[name.0..name.1];
    let is_component = text.starts_with(|first: char| first.is_ascii_uppercase());
    if is_component && !text.contains([':', '-']) {
        code.listed_tag(name, opens);
    }
}

fn write_attribute(code: &mut Code, attribute: &Attribute, depth: usize) {
    match attribute.value {
        Some(Value::Braced(range)) => write_expression(code, range, depth),
        Some(Value::Quoted(range)) if code.file[..range.0].ends_with('`') => {
            code.copy((range.0 - 1, (range.1 + 1).min(code.file.len())));
            code.glue(",");
        }
        _ => {}
    }
}

fn write_braces(code: &mut Code, (start, end): Range, depth: usize) {
    let file = code.file;
    let mut at = start;
    while let Some(brace) = memchr::memchr(b'{', &file.as_bytes()[at..end]).map(|ahead| at + ahead)
    {
        let Some(close) = brace_end(file, brace, end) else {
            return code.lost((brace, end));
        };
        write_expression(code, (brace + 1, close - 1), depth);
        at = close;
    }
}

/// An expression, with a list for each piece of markup in it.
fn write_expression(code: &mut Code, range: Range, depth: usize) {
    let file = code.file;
    let text = &file[range.0..range.1];
    let trimmed = text.trim_start();
    if trimmed.is_empty() || trimmed.starts_with("/*") && trimmed.trim_end().ends_with("*/") {
        return;
    }
    if depth > DEEPEST {
        return code.lost(range);
    }
    let mut at = range.0 + text.len() - trimmed.len();
    code.glue(if trimmed.starts_with("...") { "" } else { "(" });
    let closer = if trimmed.starts_with("...") {
        ","
    } else {
        "\n),"
    };
    while let Some(open) = next_markup(file, (at, range.1)) {
        let end = markup_end(file, (open, range.1));
        code.copy((at, open));
        code.glue("[");
        write_markup(code, (open, end), depth + 1);
        code.glue("]");
        at = end;
    }
    code.copy((at, range.1));
    code.glue(closer);
}

/// Start of markup in an expression: at a tag where a value is expected.
fn next_markup(file: &str, (start, end): Range) -> Option<usize> {
    let bytes = file.as_bytes();
    memchr::memchr_iter(b'<', &bytes[start..end])
        .map(|ahead| start + ahead)
        .find(|&at| {
            let next = bytes.get(at + 1).copied().unwrap_or(0);
            let before = file[start..at].trim_end();
            let is_expected = before.is_empty()
                || before.ends_with(['(', ',', '?', ':', '>', '&', '|', '{', '[', '=', ';'])
                || before.ends_with("return");
            is_expected && (next.is_ascii_alphabetic() || next == b'>')
        })
}

/// End of the markup that begins there: when all its elements are closed.
fn markup_end(file: &str, range: Range) -> usize {
    let mut depth = 0usize;
    let mut tags = Tags::new(file, range, true);
    if file[range.0..range.1].starts_with("<>") {
        let close = file[range.0..range.1].rfind("</>");
        return close.map_or(range.1, |at| range.0 + at + "</>".len());
    }
    while let Some(piece) = tags.next() {
        match piece {
            Piece::Open {
                is_closed: false, ..
            } => depth += 1,
            Piece::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return tags.at();
        }
    }
    range.1
}
