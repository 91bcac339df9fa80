//! Svelte: `{…}`, blocks, directives, component tags.
//!
//! <https://svelte.dev/docs/svelte/basic-markup> and the directives of Svelte 4.

use super::code::{Code, Range};
use super::tags::{Attribute, Piece, Tags, Value, brace_end};
use super::vue::{names_of, trimmed};
use crate::facts::len32;

/// An open tag: an element or a block, by name, and what closes its scopes.
struct Open<'t> {
    name: &'t str,
    is_block: bool,
    /// Start of the tag of a component.
    component: Option<u32>,
    closers: Vec<&'static str>,
}

/// Open elements that a closing tag is looked for in.
const MOST_LOOKED_AT: usize = 1_000;

pub fn write(code: &mut Code) {
    let file = code.file;
    let mut open: Vec<Open> = Vec::new();
    for piece in Tags::new(file, (0, file.len()), true) {
        match piece {
            Piece::Text(range) => write_braces(code, range, &mut open),
            Piece::Open {
                name,
                attributes,
                is_closed,
            } => {
                let text = &file[name.0..name.1];
                if matches!(text, "script" | "style") {
                    continue;
                }
                let (component, closers) = write_element(code, name, &attributes);
                if is_closed {
                    closers.iter().rev().for_each(|closer| code.close(closer));
                } else {
                    open.push(Open {
                        name: text,
                        is_block: false,
                        component,
                        closers,
                    });
                }
            }
            Piece::Close(name) => {
                close(code, &mut open, &file[name.0..name.1], false);
                write_tag(code, name, false);
            }
        }
    }
    let all = open.split_off(0);
    close_all(code, all);
}

/// Closes the innermost element or block of a name, and all in it.
fn close(code: &mut Code, open: &mut Vec<Open>, name: &str, is_block: bool) {
    let first = open.len().saturating_sub(MOST_LOOKED_AT);
    let inside = &open[first..];
    let fence = inside
        .iter()
        .rposition(|one| one.is_block && !is_block)
        .map_or(0, |at| at + 1);
    let found = inside[fence..]
        .iter()
        .rposition(|one| one.name == name && one.is_block == is_block);
    if let Some(at) = found {
        let closed = open.split_off(first + fence + at);
        close_all(code, closed);
    }
}

fn close_all(code: &mut Code, closed: Vec<Open>) {
    for one in closed.into_iter().rev() {
        for closer in one.closers.into_iter().rev() {
            code.close(closer);
        }
    }
}

fn write_tag(code: &mut Code, name: Range, opens: bool) -> Option<u32> {
    let text = &code.file[name.0..name.1];
    let is_component = text.starts_with(|first: char| first.is_ascii_uppercase())
        || text.contains('.') && !text.contains([':', '-']);
    is_component.then(|| code.tag(text, name, opens)).flatten()
}

/// Every `{…}` of a text.
fn write_braces<'t>(code: &mut Code<'t>, (start, end): Range, open: &mut Vec<Open<'t>>) {
    let file = code.file;
    let mut at = start;
    while let Some(brace) = memchr::memchr(b'{', &file.as_bytes()[at..end]).map(|ahead| at + ahead)
    {
        let Some(close) = brace_end(file, brace, end) else {
            return code.lost((brace, end));
        };
        write_brace(code, (brace + 1, close - 1), open);
        at = close;
    }
}

/// The content of one pair of braces.
fn write_brace<'t>(code: &mut Code<'t>, range: Range, open: &mut Vec<Open<'t>>) {
    let file = code.file;
    let text = &file[range.0..range.1];
    let word_end = text
        .bytes()
        .skip(1)
        .position(|byte| !byte.is_ascii_alphabetic())
        .map_or(text.len(), |at| at + 1);
    let (word, rest) = match text.bytes().next() {
        Some(b'#' | b':' | b'/' | b'@') => (&text[..word_end], (range.0 + word_end, range.1)),
        _ => return code.expression(range),
    };
    match word {
        "#if" | "#key" => {
            code.expression(rest);
            let closers = vec![code.block()];
            push(open, &word[1..], closers);
        }
        "#each" => {
            let closers = write_each(code, rest);
            push(open, "each", closers);
        }
        "#await" => {
            let closers = write_await(code, rest);
            push(open, "await", closers);
        }
        "#snippet" => {
            let rest = trimmed(file, rest);
            if let Some(component) = open.last().and_then(|around| around.component) {
                code.snippets.push((len32(rest.0), component));
            }
            let closers = vec![code.function(rest)];
            push(open, "snippet", closers);
        }
        ":else" | ":then" | ":catch" => {
            if let Some(block) = open.iter().rposition(|one| one.is_block) {
                let name = open[block].name;
                let closed = open.split_off(block);
                close_all(code, closed);
                let rest = trimmed(file, rest);
                let condition = file[rest.0..rest.1].strip_prefix("if");
                let mut closers = vec![code.block()];
                match condition {
                    Some(condition) if word == ":else" => {
                        code.expression((rest.1 - condition.len(), rest.1));
                    }
                    _ if rest.0 < rest.1 && word != ":else" => closers.push(code.parameters(rest)),
                    _ => {}
                }
                push(open, name, closers);
            }
        }
        "@const" => code.statement(";const ", rest),
        _ if word.starts_with('/') => close(code, open, &word[1..], true),
        _ => code.expression(rest),
    }
}

fn push<'t>(open: &mut Vec<Open<'t>>, name: &'t str, closers: Vec<&'static str>) {
    open.push(Open {
        name,
        is_block: true,
        component: None,
        closers,
    });
}

/// `items as item, index (key)`
fn write_each(code: &mut Code, range: Range) -> Vec<&'static str> {
    let file = code.file;
    let text = &file[range.0..range.1];
    let Some(split) = text.rfind(" as ") else {
        // `{#each { length: 8 }, index}`
        let whole = names_of(file, range);
        if let [of, .., index] = whole[..] {
            return vec![code.each(&[index], of)];
        }
        code.expression(range);
        return vec![code.block()];
    };
    let of = (range.0, range.0 + split);
    let mut names = trimmed(file, (of.1 + " as ".len(), range.1));
    let mut key = None;
    if file[names.0..names.1].ends_with(')')
        && let Some(open) = key_start(&file[names.0..names.1])
    {
        key = Some((names.0 + open + 1, names.1 - 1));
        names = trimmed(file, (names.0, names.0 + open));
    }
    let closer = code.each(&names_of(file, names), of);
    if let Some(key) = key {
        code.expression(key);
    }
    vec![closer]
}

/// Start of the bracket that closes at the end.
fn key_start(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate().rev() {
        match byte {
            b')' => depth += 1,
            b'(' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// `promise`, `promise then value`
fn write_await(code: &mut Code, range: Range) -> Vec<&'static str> {
    let text = &code.file[range.0..range.1];
    for word in [" then ", " catch "] {
        if let Some(at) = text.find(word) {
            code.expression((range.0, range.0 + at));
            return vec![code.parameters((range.0 + at + word.len(), range.1))];
        }
    }
    code.expression(range);
    vec![code.block()]
}

/// Writes the code of a tag; gives what closes the scopes of its element.
fn write_element(
    code: &mut Code,
    name: Range,
    attributes: &[Attribute],
) -> (Option<u32>, Vec<&'static str>) {
    let file = code.file;
    let component = write_tag(code, name, true);
    let mut lets = Vec::new();
    for attribute in attributes {
        let full = &file[attribute.name.0..attribute.name.1];
        let (head, rest) = full.split_once(':').unwrap_or((full, ""));
        let argument = rest.split('|').next().unwrap_or_default();
        let start = attribute.name.1 - rest.len();
        let argument = (start, start + argument.len());
        match head {
            "let" if !rest.is_empty() => {
                lets.push(match attribute.value {
                    Some(Value::Braced(range)) => range,
                    _ => argument,
                });
                continue;
            }
            "use" | "transition" | "in" | "out" | "animate" if !rest.is_empty() => {
                code.expression(argument);
            }
            "bind" | "class" | "style" if !rest.is_empty() && attribute.value.is_none() => {
                if head == "bind" {
                    code.target(argument);
                } else {
                    let name = file[argument.0..argument.1].to_owned();
                    code.shorthand(&name, argument);
                }
            }
            "bind" if !rest.is_empty() && attribute.value.is_some() => {
                code.attribute(component, file[argument.0..argument.1].to_owned(), argument);
            }
            _ if rest.is_empty() && attribute.name.0 < attribute.name.1 => {
                code.attribute(component, full.to_owned(), attribute.name);
            }
            _ => {}
        }
        match attribute.value {
            Some(Value::Braced(range)) if head == "bind" => code.target(range),
            Some(Value::Braced(range)) => write_value(code, range),
            Some(Value::Quoted(range)) => write_braces(code, range, &mut Vec::new()),
            None => {}
        }
    }
    let closers = lets.into_iter().map(|range| code.parameters(range));
    (component, closers.collect())
}

/// `{value}`, `{...spread}`, `{@attach f}`
fn write_value(code: &mut Code, range: Range) {
    let text = &code.file[range.0..range.1];
    let lead = text.len() - text.trim_start().len();
    let text = text.trim_start();
    let skipped = ["...", "@attach"]
        .iter()
        .find(|mark| text.starts_with(**mark))
        .map_or(0, |mark| mark.len());
    code.expression((range.0 + lead + skipped, range.1));
}
