//! Links, anchors and headings in the HTML of a document.

use super::tables::{Anchor, Heading, Link, Prose, Span};

/// An attribute: its name in lower case, and the span of its value inside of the quotes.
type Attribute = (String, Span);

/// The tags with a `src`; what a script is, no document shows.
const MEDIA: [&str; 7] = [
    "img", "video", "audio", "source", "track", "embed", "iframe",
];

/// Adds what the tags of a part of the text say; `opens` is the heading that was opened before.
pub fn read(text: &str, part: Span, prose: &mut Prose) {
    let bytes = &text.as_bytes()[..part.end];
    let mut heading: Option<Heading> = None;
    let mut at = part.start;
    while let Some(open) = memchr::memchr(b'<', &bytes[at..]).map(|found| at + found) {
        if bytes[open..].starts_with(b"<!--") {
            let Some(end) = memchr::memmem::find(&bytes[open..], b"-->") else {
                return;
            };
            at = open + end + 3;
            continue;
        }
        let is_closing = bytes.get(open + 1) == Some(&b'/');
        let named = open + 1 + usize::from(is_closing);
        let length = bytes[named..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric())
            .count();
        let written = &text[named..named + length];
        let name = written.to_ascii_lowercase();
        if !name.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            at = open + 1;
            continue;
        }
        // A tag that does not end leaves none behind it.
        let Some((attributes, end)) = attributes(text, bytes, named + length) else {
            return;
        };
        let span = open..end;
        at = end;
        if is_closing {
            if let Some(begun) = heading.take_if(|begun| level(&name) == Some(begun.level)) {
                let content = begun.content.start..open;
                prose.headings.push(Heading {
                    span: begun.span.start..end,
                    text: plain(&text[content.clone()]),
                    content,
                    ..begun
                });
            }
            continue;
        }
        if matches!(name.as_str(), "script" | "style") {
            let close = format!("</{name}");
            let Some(end) = memchr::memmem::find(&bytes[at..], close.as_bytes()) else {
                return;
            };
            at += end;
            continue;
        }
        let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted);
        // Of a component only what reads like a way is taken for one: its attributes mean what it likes.
        let is_route = |(name, value): &&Attribute| {
            let is_quoted = matches!(bytes[value.start - 1], b'"' | b'\'');
            let leads = |text: &str| text.starts_with(['/', '.', '#']) || name == "href";
            is_quoted && leads(&text[value.clone()])
        };
        let id = value("id").map(|(_, span)| unescaped(&text[span.clone()]));
        if let Some(level) = level(&name) {
            heading = Some(Heading {
                span: span.clone(),
                level,
                content: end..end,
                text: String::new(),
                id: id.clone(),
                form: "html",
                opens_section: false,
            });
        } else {
            let old = value("name").filter(|_| name == "a");
            let names = id
                .into_iter()
                .chain(old.map(|(_, span)| unescaped(&text[span.clone()])));
            prose.anchors.extend(names.map(|name| Anchor {
                span: span.clone(),
                name,
            }));
        }
        let mut lead = |span: Span, found: Span, is_image| {
            prose.links.push(Link {
                is_image,
                destination: Some(unescaped(&text[found.clone()])),
                destination_span: Some(found),
                ..Link::new(span, "html")
            });
        };
        let target = match name.as_str() {
            _ if is_component(written) => value("href").or_else(|| value("to")).filter(is_route),
            "a" | "area" | "link" => value("href"),
            _ if MEDIA.contains(&name.as_str()) => value("src"),
            _ => None,
        };
        let is_image = name == "img";
        if let Some((_, found)) = target {
            lead(span, found.clone(), is_image);
        }
        // No two links begin at one place.
        let pictures = match name.as_str() {
            "img" | "source" => {
                value("srcset").map_or_else(Vec::new, |(_, found)| candidates(text, found.clone()))
            }
            "video" => value("poster")
                .map(|(_, found)| found.clone())
                .into_iter()
                .collect(),
            _ => Vec::new(),
        };
        for found in pictures {
            lead(found.clone(), found, true);
        }
    }
}

/// The addresses in a `srcset`: each up to a blank, with what describes it behind that, up to a comma.
fn candidates(text: &str, set: Span) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = set.start;
    while at < set.end {
        let rest = &text[at..set.end];
        let start = at + rest.len()
            - rest
                .trim_start_matches(|one: char| one == ',' || one.is_whitespace())
                .len();
        let rest = &text[start..set.end];
        let length = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let address = rest[..length].trim_end_matches(',');
        if !address.is_empty() {
            found.push(start..start + address.len());
        }
        at = start + length;
        if address.len() == length {
            at += text[at..set.end].find(',').unwrap_or(set.end - at);
        }
    }
    found
}

/// True for the name of a component of MDX; HTML may be written in capitals, too, but not in such that only begin a word.
pub fn is_component(name: &str) -> bool {
    name.starts_with(|letter: char| letter.is_ascii_uppercase())
        && name.contains(|letter: char| letter.is_ascii_lowercase())
}

fn level(name: &str) -> Option<u8> {
    let digit = name.strip_prefix('h')?.parse().ok()?;
    (1..=6).contains(&digit).then_some(digit)
}

/// The attributes of a tag, and where it ends; None for one that does not. A value in braces is code, and none.
fn attributes(text: &str, bytes: &[u8], mut at: usize) -> Option<(Vec<Attribute>, usize)> {
    let mut found = Vec::new();
    loop {
        at += bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace() || **byte == b'/')
            .count();
        match *bytes.get(at)? {
            b'>' => return Some((found, at + 1)),
            b'{' => at = braces_end(bytes, at)?,
            _ => {}
        }
        let is_name = |byte: &&u8| !byte.is_ascii_whitespace() && !b"=>/".contains(byte);
        let length = bytes[at..].iter().take_while(is_name).count();
        let name = at..at + length;
        at = name.end;
        let equals = at
            + bytes[at..]
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count();
        if *bytes.get(equals)? != b'=' {
            continue;
        }
        at = equals + 1;
        at += bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace())
            .count();
        let value = match *bytes.get(at)? {
            b'{' => {
                at = braces_end(bytes, at)?;
                continue;
            }
            quote @ (b'"' | b'\'') => {
                let length = memchr::memchr(quote, &bytes[at + 1..])?;
                at + 1..at + 1 + length
            }
            _ => {
                let is_value = |byte: &&u8| !byte.is_ascii_whitespace() && **byte != b'>';
                at..at + bytes[at..].iter().take_while(is_value).count()
            }
        };
        at = value.end + usize::from(matches!(bytes[at], b'"' | b'\''));
        found.push((text[name].to_ascii_lowercase(), value));
    }
}

/// The offset behind the brace that closes one.
pub fn braces_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// The text of HTML, without its tags.
fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut is_tag = false;
    for letter in html.chars() {
        match letter {
            '<' => is_tag = true,
            '>' if is_tag => is_tag = false,
            _ if !is_tag => text.push(letter),
            _ => {}
        }
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    unescaped(&words.join(" "))
}

/// The five entities that stand in attributes, as their letters.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.trim().to_owned();
    }
    let plain = text.trim().replace("&lt;", "<").replace("&gt;", ">");
    plain
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}
