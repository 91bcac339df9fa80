//! Names that comments mention beside types of JavaScript: `{@link A.b}`, `@see A#b`, `@throws {A}`, `@template T`.
//!
//! A comment needs nothing of what it mentions. Its first name is looked up in the scopes around the declaration that it describes, then
//! among the members beside that (TypeScript's `getTargetOfJSDocLink`); a name that can mean nothing there is prose.

use oxc_ast::ast::Comment;
use oxc_span::Span;
use rustc_hash::FxHashMap;

use super::super::context::Name;
use super::super::walker::Walker;
use super::tags::{is_blank, is_word};
use crate::facts::codes::{definition, flag, meta, role};
use crate::facts::{NONE, len32};

const LINKS: &[&str] = &["link", "linkcode", "linkplain"];
/// Tags of JavaScript whose types are read nowhere else.
const ALSO_IN_JAVASCRIPT: &[&str] = &["exception", "satisfies", "see", "throws"];
/// Definitions around a declaration that are looked through.
const DEEPEST: usize = 64;

/// A path of names in a comment.
#[derive(Clone, Copy)]
pub struct Mention {
    /// Start of the comment.
    comment: u32,
    path: Span,
}

impl<'a> Walker<'a, '_> {
    /// Notes the names that a comment mentions.
    pub fn mentioned_names(&mut self, comment: &Comment, text: &'a str) {
        let bytes = text.as_bytes();
        for at in memchr::memchr_iter(b'@', bytes) {
            let letters = bytes[at + 1..]
                .iter()
                .take_while(|byte| byte.is_ascii_alphabetic());
            let end = at + 1 + letters.count();
            let (tag, before) = (&text[at + 1..end], bytes[at - 1]);
            let from = skip(bytes, end, is_blank);
            if before == b'{' && LINKS.contains(&tag) {
                self.mention(comment, text, from);
            } else if !matches!(before, b' ' | b'\t' | b'\n' | b'*') {
                continue;
            } else if tag == "template" && self.meta & meta::TYPESCRIPT != 0 {
                self.mentioned_parameters_of_types(comment, text, from);
            } else if bytes.get(from) == Some(&b'{') {
                let is_read =
                    self.meta & meta::TYPESCRIPT == 0 && !ALSO_IN_JAVASCRIPT.contains(&tag);
                let start = skip(bytes, from + 1, is_blank);
                let end = skip(bytes, path_end(bytes, start), is_blank);
                if !is_read && (bytes.get(end) == Some(&b'}') || tag == "see") {
                    self.mention(comment, text, start);
                }
            } else if tag == "see" {
                self.mention(comment, text, from);
            }
        }
    }

    fn mention(&mut self, comment: &Comment, text: &str, start: usize) {
        let end = path_end(text.as_bytes(), start);
        if end > start && !text[end..].starts_with("://") {
            let offset = comment.span.start;
            self.jsdoc.mentions.push(Mention {
                comment: offset,
                path: Span::new(offset + len32(start), offset + len32(end)),
            });
        }
    }

    /// The names of `@template {Constraint} A, B`.
    fn mentioned_parameters_of_types(&mut self, comment: &Comment, text: &str, from: usize) {
        let bytes = text.as_bytes();
        let mut at = from;
        if bytes.get(at) == Some(&b'{') {
            let Some(close) = text[at..].find('}') else {
                return;
            };
            at = skip(bytes, at + close + 1, is_blank);
        }
        loop {
            let end = skip(bytes, at, is_word);
            self.mention(comment, text, at);
            let next = skip(bytes, end, is_blank);
            if end == at || bytes.get(next) != Some(&b',') {
                return;
            }
            at = skip(bytes, next + 1, is_blank);
        }
    }

    /// Writes the occurrences of the mentioned names; the walk is over, so that all definitions are known.
    pub fn mentions(&mut self) {
        let mentions = std::mem::take(&mut self.jsdoc.mentions);
        if mentions.is_empty() {
            return;
        }
        let mut described: FxHashMap<u32, u32> = FxHashMap::default();
        let mut named: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        for (index, row) in (0..).zip(&self.facts.definitions) {
            if row.doc_start != NONE {
                described.entry(row.doc_start).or_insert(index);
            }
            named.entry(row.name).or_default().push(index);
        }
        for mention in mentions {
            let host = described.get(&mention.comment).copied();
            let around = match host {
                Some(host) => self.around(host),
                None => vec![NONE],
            };
            self.write_mention(mention, host, &around, &named);
        }
    }

    /// The definitions around one, innermost first; last the file.
    fn around(&self, of: u32) -> Vec<u32> {
        let mut found = Vec::new();
        let mut at = self.facts.definitions[of as usize].parent;
        while at != NONE && found.len() < DEEPEST {
            found.push(at);
            at = self.facts.definitions[at as usize].parent;
        }
        found.push(NONE);
        found
    }

    fn write_mention(
        &mut self,
        mention: Mention,
        host: Option<u32>,
        around: &[u32],
        named: &FxHashMap<u32, Vec<u32>>,
    ) {
        let text = self.slice(mention.path);
        let first = text.split(['.', '#']).next().unwrap_or_default();
        let name = self.string(first);
        let candidates = named.get(&name).map_or(&[][..], Vec::as_slice);
        let target = self.in_scope(candidates, host, around);
        let holder = self.holding(candidates, around);
        let is_script = self.meta & (meta::ESM | meta::COMMONJS | meta::SCRIPT_BLOCKS) == 0;
        if target == NONE && holder == NONE && !is_script {
            return;
        }
        let within = if target == NONE && holder != NONE {
            holder
        } else {
            around.first().copied().unwrap_or(NONE)
        };
        let mut start = mention.path.start;
        for part in text.split(['.', '#']) {
            let end = start + len32(part.len());
            let is_first = start == mention.path.start;
            let kind = if is_first { 0 } else { role::MEMBER };
            let name = Name::new(part, Span::new(start, end));
            let roles = role::JSDOC | role::MENTION | kind;
            let occurrence = self.occurrence(name, roles, NONE, None);
            let row = &mut self.facts.occurrences[occurrence as usize];
            row.within = within;
            row.target = if is_first { target } else { NONE };
            start = end + 1;
        }
    }

    /// The binding that a name means in the scopes around a declaration.
    fn in_scope(&self, candidates: &[u32], host: Option<u32>, around: &[u32]) -> u32 {
        let depth = |&index: &u32| {
            let row = self.facts.definitions[index as usize];
            let is_binding = row.owner == NONE
                && row.kind != definition::ENUM_MEMBER
                && row.flags & flag::FUNCTION_NAME == 0;
            let is_parameter =
                matches!(row.kind, definition::PARAMETER | definition::TYPE_PARAMETER);
            if !is_binding {
                None
            } else if is_parameter && host == Some(row.parent) && row.parent != NONE {
                Some((0, index))
            } else {
                let place = around.iter().position(|&scope| scope == row.parent)?;
                (!is_parameter || row.parent != NONE).then_some((place + 1, index))
            }
        };
        let innermost = candidates.iter().filter_map(depth).min();
        innermost.map_or(NONE, |(_, index)| {
            self.facts.definitions[index as usize].symbol
        })
    }

    /// The innermost definition around that has a member of the name.
    fn holding(&self, candidates: &[u32], around: &[u32]) -> u32 {
        let is_in = |&&scope: &&u32| {
            scope != NONE
                && candidates.iter().any(|&index| {
                    let row = self.facts.definitions[index as usize];
                    row.parent == scope
                        && (row.owner != NONE || row.kind == definition::ENUM_MEMBER)
                })
        };
        around.iter().find(is_in).copied().unwrap_or(NONE)
    }
}

/// End of the bytes from `at` on that satisfy `keep`.
fn skip(bytes: &[u8], at: usize, keep: impl Fn(u8) -> bool) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|&&byte| keep(byte)).count()
}

/// End of a path of names; behind a `#` only another one goes on.
fn path_end(bytes: &[u8], start: usize) -> usize {
    let (mut at, mut between) = (start, b'.');
    loop {
        let starts_name = |byte: &u8| is_word(*byte) && !byte.is_ascii_digit();
        if !bytes.get(at).is_some_and(starts_name) {
            return at.saturating_sub(usize::from(at > start));
        }
        at = skip(bytes, at, is_word);
        match bytes.get(at) {
            Some(b'#') => between = b'#',
            Some(b'.') if between == b'.' => {}
            _ => return at,
        }
        at += 1;
    }
}
