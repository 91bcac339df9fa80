//! Script blocks of HTML, Vue, Svelte and Astro files: all else is blanked, so that every position stays right.

use super::source::Language;

/// A file's script blocks in place, with everything around them blanked.
pub struct Blocks {
    pub text: String,
    pub typescript: bool,
    /// True when a script says `setup`: what it binds is what a template of Vue sees.
    pub setup: bool,
    /// Start of the template: behind the front matter of Astro.
    pub template: usize,
    /// `src` attributes of scripts: where the value starts and ends.
    pub sources: Vec<(usize, usize)>,
}

pub fn blocks(text: &str, language: Language) -> Blocks {
    let mut kept: Vec<(usize, usize)> = Vec::new();
    let mut typescript = false;
    let mut setup = false;
    let mut sources = Vec::new();
    let mut at = 0;
    let mut template = 0;
    if language == Language::Astro {
        typescript = true;
        if let Some((start, end)) = front_matter(text) {
            kept.push((start, end));
            at = end;
            template = (end + "---".len()).min(text.len());
        }
    }
    while let Some(open) = find(text, at, "<") {
        if text[open..].starts_with("<!--") {
            at = find(text, open, "-->").map_or(text.len(), |end| end + 3);
            continue;
        }
        if !starts_script(&text[open..]) {
            at = open + 1;
            continue;
        }
        let Some((start, attributes)) = attributes(text, open + "<script".len()) else {
            break;
        };
        let end = closing_tag(text, start);
        if is_code(text, &attributes) {
            kept.push((start, end));
            let language = attributes
                .iter()
                .find(|of| of.name == "lang")
                .map_or("", |of| of.value(text));
            setup |= attributes.iter().any(|of| of.name == "setup");
            typescript |= matches!(language, "ts" | "tsx" | "typescript");
        }
        sources.extend(
            attributes
                .iter()
                .filter(|of| of.name == "src")
                .map(|of| (of.start, of.end)),
        );
        at = end;
    }
    Blocks {
        text: blank(text, &kept),
        typescript,
        setup,
        template,
        sources,
    }
}

fn find(text: &str, from: usize, what: &str) -> Option<usize> {
    text.get(from..)?.find(what).map(|at| from + at)
}

/// Astro's code between the first two `---` lines.
fn front_matter(text: &str) -> Option<(usize, usize)> {
    let open = text.find("---")?;
    if !text[..open].trim().is_empty() {
        return None;
    }
    let start = open + 3;
    let end = find(text, start, "\n---")? + 1;
    Some((start, end))
}

fn starts_script(tag: &str) -> bool {
    let word = tag.as_bytes().get(1..7);
    word.is_some_and(|word| word.eq_ignore_ascii_case(b"script"))
        && tag
            .as_bytes()
            .get(7)
            .is_some_and(|next| next.is_ascii_whitespace() || matches!(next, b'>' | b'/'))
}

/// Start of the next `</script`.
fn closing_tag(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'<', &bytes[from..])
        .map(|at| from + at)
        .find(|&at| {
            bytes
                .get(at..at + 8)
                .is_some_and(|tag| tag.eq_ignore_ascii_case(b"</script"))
        })
        .unwrap_or(bytes.len())
}

struct Attribute {
    name: String,
    start: usize,
    end: usize,
}

impl Attribute {
    fn value<'t>(&self, text: &'t str) -> &'t str {
        &text[self.start..self.end]
    }
}

/// The attributes of a tag, and where its content starts.
fn attributes(text: &str, from: usize) -> Option<(usize, Vec<Attribute>)> {
    let bytes = text.as_bytes();
    let mut attributes = Vec::new();
    let mut at = from;
    loop {
        match *bytes.get(at)? {
            b'>' => return Some((at + 1, attributes)),
            byte if byte.is_ascii_whitespace() || matches!(byte, b'/' | b'=') => at += 1,
            _ => {
                let start = at;
                while bytes.get(at).is_some_and(|&byte| {
                    !byte.is_ascii_whitespace() && !matches!(byte, b'=' | b'>')
                }) {
                    at += 1;
                }
                let name = text[start..at].to_ascii_lowercase();
                let (mut start, mut end) = (at, at);
                if bytes.get(at) == Some(&b'=') {
                    at += 1;
                    match bytes.get(at).copied() {
                        Some(quote @ (b'"' | b'\'')) => {
                            start = at + 1;
                            end = start + memchr::memchr(quote, &bytes[start..])?;
                            at = end + 1;
                        }
                        _ => {
                            start = at;
                            while bytes
                                .get(at)
                                .is_some_and(|&byte| !byte.is_ascii_whitespace() && byte != b'>')
                            {
                                at += 1;
                            }
                            end = at;
                        }
                    }
                }
                attributes.push(Attribute { name, start, end });
            }
        }
    }
}

/// Scripts of other types hold data or templates.
fn is_code(text: &str, attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|of| of.name == "type").all(|of| {
        let kind = of.value(text);
        kind.is_empty()
            || kind == "module"
            || kind.contains("javascript")
            || kind.contains("typescript")
            || kind.contains("babel")
    })
}

fn blank(text: &str, kept: &[(usize, usize)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for &(start, end) in kept {
        blank_between(&mut out, &text[at..start]);
        out.push_str(&text[start..end]);
        at = end;
        if at < text.len() && text.is_char_boundary(at + 1) {
            // The statements of two blocks must not run into each other.
            out.push(';');
            at += 1;
        }
    }
    blank_between(&mut out, &text[at..]);
    out
}

fn blank_between(out: &mut String, text: &str) {
    out.extend(text.bytes().map(|byte| {
        if matches!(byte, b'\n' | b'\r') {
            byte as char
        } else {
            ' '
        }
    }));
}
