//! Templates of Vue's single-file components: `{{ … }}`, directives, component tags.
//!
//! Scopes: <https://vuejs.org/guide/essentials/list.html>, <https://vuejs.org/guide/components/slots.html#scoped-slots>.

use super::code::{Code, Range};
use super::tags::{Attribute, Piece, Tags, VOID, Value};

/// Open elements that a closing tag is looked for in.
const MOST_LOOKED_AT: usize = 1_000;

/// An element that is open, and what closes its scopes.
struct Element<'t> {
    name: &'t str,
    closers: Vec<&'static str>,
}

/// Writes the code of all templates;
pub fn write(code: &mut Code) {
    let file = code.file;
    let mut tags = Tags::new(file, (0, file.len()), false);
    while let Some(piece) = tags.next() {
        let Piece::Open {
            name,
            attributes,
            is_closed,
        } = piece
        else {
            continue;
        };
        if is_closed {
            continue;
        }
        let text = &file[name.0..name.1];
        if text != "template" {
            let end = tags.raw_end(text);
            tags.skip_to(end);
            continue;
        }
        let start = tags.at();
        let end = template_end(file, start);
        tags.skip_to(end);
        if is_html(file, &attributes) {
            write_template(code, (start, end));
        } else {
            code.lost((start, end));
        }
    }
}

fn is_html(file: &str, attributes: &[Attribute]) -> bool {
    attributes.iter().all(|one| match one.value {
        Some(Value::Quoted(range)) if &file[one.name.0..one.name.1] == "lang" => {
            &file[range.0..range.1] == "html"
        }
        _ => true,
    })
}

/// End of the content of a template that starts there: templates may stand in each other.
fn template_end(file: &str, start: usize) -> usize {
    let mut depth = 0usize;
    let mut tags = Tags::new(file, (start, file.len()), false);
    let name_of = |name: Range| &file[name.0..name.1];
    loop {
        match tags.next() {
            None => return file.len(),
            Some(Piece::Open {
                name,
                is_closed: false,
                ..
            }) if name_of(name) == "template" => depth += 1,
            Some(Piece::Close(name)) if name_of(name) == "template" => {
                if depth == 0 {
                    return name.0 - "</".len();
                }
                depth -= 1;
            }
            Some(_) => {}
        }
    }
}

fn write_template(code: &mut Code, range: Range) {
    let file = code.file;
    let mut open: Vec<Element> = Vec::new();
    for piece in Tags::new(file, range, false) {
        match piece {
            Piece::Text(range) => write_text(code, range),
            Piece::Open {
                name,
                attributes,
                is_closed,
            } => {
                let text = &file[name.0..name.1];
                let closers = write_element(code, name, &attributes);
                if is_closed || VOID.contains(&text) {
                    closers.iter().rev().for_each(|closer| code.close(closer));
                } else {
                    open.push(Element {
                        name: text,
                        closers,
                    });
                }
            }
            Piece::Close(name) => {
                let text = &file[name.0..name.1];
                let first = open.len().saturating_sub(MOST_LOOKED_AT);
                if let Some(at) = open[first..].iter().rposition(|one| one.name == text) {
                    close(code, open.split_off(first + at));
                }
                write_tag(code, name, false);
            }
        }
    }
    close(code, open);
}

fn close(code: &mut Code, elements: Vec<Element>) {
    for element in elements.into_iter().rev() {
        for closer in element.closers.into_iter().rev() {
            code.close(closer);
        }
    }
}

fn write_text(code: &mut Code, (start, end): Range) {
    let file = code.file;
    let mut at = start;
    while let Some(open) = file[at..end].find("{{").map(|open| at + open + 2) {
        let Some(close) = file[open..end].find("}}").map(|close| open + close) else {
            return code.lost((open, end));
        };
        code.expression((open, close));
        at = close + 2;
    }
}

/// The name of a component as scripts call it: `my-item` is `MyItem` where the file says that anywhere.
fn component_name(tag: &str, file: &str) -> Option<String> {
    if tag.contains('.') || tag.starts_with(|first: char| first.is_ascii_uppercase()) {
        return Some(tag.to_owned());
    }
    let name = camel_case(tag, true);
    (tag.contains('-') && memchr::memmem::find(file.as_bytes(), name.as_bytes()).is_some())
        .then_some(name)
}

fn camel_case(name: &str, is_upper: bool) -> String {
    let mut rises = is_upper;
    let mut made = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter == '-' {
            rises = true;
        } else if std::mem::take(&mut rises) {
            made.extend(letter.to_uppercase());
        } else {
            made.push(letter);
        }
    }
    made
}

fn write_tag(code: &mut Code, name: Range, opens: bool) -> Option<u32> {
    let component = component_name(&code.file[name.0..name.1], code.file)?;
    code.tag(&component, name, opens)
}

/// Attributes that Vue keeps to itself, or puts on the element.
const KEPT: &[&str] = &["class", "is", "key", "ref", "slot", "style"];

/// The prop that an attribute hands over, and where it stands: `:title`, `title`, `v-model:title`.
fn prop_of(file: &str, name: Range) -> Option<(String, Range)> {
    let directive = &file[name.0..name.1];
    let plain = match head_of(directive) {
        ("v-bind" | "v-model", "") => return None,
        ("v-bind" | "v-model", argument) => argument.split('.').next().unwrap_or_default(),
        (head, _) if head.starts_with("v-") || head == "slot-scope" => return None,
        _ => directive,
    };
    let at = name.0 + directive.find(plain)?;
    (!KEPT.contains(&plain)).then(|| (camel_case(plain, false), (at, at + plain.len())))
}

/// Writes the code of a tag; gives what closes the scopes of its element.
fn write_element(code: &mut Code, name: Range, attributes: &[Attribute]) -> Vec<&'static str> {
    let file = code.file;
    let text = |range: Range| &file[range.0..range.1];
    let quoted = |one: &Attribute| match one.value {
        Some(Value::Quoted(range)) => Some(range),
        _ => None,
    };
    let mut closers = Vec::new();
    let is_loop = |one: &&Attribute| text(one.name) == "v-for";
    if let Some(range) = attributes.iter().find(is_loop).and_then(quoted) {
        closers.push(write_loop(code, range));
    }
    let tag = write_tag(code, name, true);
    let mut slot = None;
    for attribute in attributes {
        if tag.is_some()
            && (attribute.value.is_some() || !text(attribute.name).starts_with([':', '.', 'v']))
            && let Some((prop, range)) = prop_of(file, attribute.name)
        {
            code.attribute(tag, prop, range);
        }
        let directive = text(attribute.name);
        let value = quoted(attribute);
        let (head, argument) = head_of(directive);
        match (head, value) {
            ("v-for", _) => {}
            ("v-slot" | "slot-scope", Some(range)) => slot = Some(range),
            ("scope", Some(range)) if text(name) == "template" => slot = Some(range),
            ("v-on", Some(range)) => code.handler(range),
            ("v-model", Some(range)) => code.target(range),
            ("v-bind", None) if !argument.is_empty() => {
                let plain = argument.split('.').next().unwrap_or_default();
                let start = attribute.name.0 + directive.len() - argument.len();
                code.shorthand(&camel_case(plain, false), (start, start + plain.len()));
            }
            (head, Some(range)) if head.starts_with("v-") => code.expression(range),
            _ => {}
        }
    }
    if let Some(range) = slot.filter(|&range| !text(range).trim().is_empty()) {
        closers.push(code.parameters(range));
    }
    closers
}

/// The name of a directive and its argument, shorthands written out.
fn head_of(directive: &str) -> (&str, &str) {
    let shorthand = [
        ("@", "v-on"),
        (":", "v-bind"),
        (".", "v-bind"),
        ("#", "v-slot"),
    ];
    for (mark, head) in shorthand {
        if let Some(argument) = directive.strip_prefix(mark) {
            return (head, argument);
        }
    }
    let end = directive.find([':', '.']).unwrap_or(directive.len());
    (
        &directive[..end],
        directive.get(end + 1..).unwrap_or_default(),
    )
}

/// `(item, index) in items`
fn write_loop(code: &mut Code, range: Range) -> &'static str {
    let text = &code.file[range.0..range.1];
    let split = [" in ", " of ", "\nin ", "\nof "]
        .iter()
        .filter_map(|word| text.find(word).map(|at| (at, at + word.len())))
        .min();
    let Some((end, start)) = split else {
        code.lost(range);
        return "";
    };
    let names = names_of(code.file, (range.0, range.0 + end));
    code.each(&names, (range.0 + start, range.1))
}

/// The names in `(item, key, index)`, patterns among them.
pub fn names_of(file: &str, range: Range) -> Vec<Range> {
    let (mut start, mut end) = trimmed(file, range);
    if file[start..end].starts_with('(') && file[start..end].ends_with(')') {
        (start, end) = (start + 1, end - 1);
    }
    let mut names = Vec::new();
    let (mut depth, mut from) = (0usize, start);
    for (at, byte) in file.bytes().enumerate().take(end).skip(start) {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => {
                names.push(trimmed(file, (from, at)));
                from = at + 1;
            }
            _ => {}
        }
    }
    names.push(trimmed(file, (from, end)));
    names.retain(|&(start, end)| start < end);
    names
}

pub fn trimmed(file: &str, (start, end): Range) -> Range {
    let text = &file[start..end];
    let start = start + (text.len() - text.trim_start().len());
    (start, start + text.trim().len())
}
