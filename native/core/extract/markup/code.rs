//! Code taken out of a template: written behind the scripts of its file, with where each part of it stands.

use oxc_allocator::Allocator;
use oxc_parser::{ParseOptions, Parser};
use oxc_span::SourceType;

use crate::extract::nesting;
use crate::facts::len32;

/// Scopes of a template within each other; of deeper ones the names stay unbound.
pub const MOST_SCOPES: usize = 40;
/// Levels that the syntax tree of one expression may have.
pub const MOST_LEVELS: usize = 100;

/// A stretch of code that stands in the file as well.
#[derive(Clone, Copy)]
struct Part {
    at: u32,
    length: u32,
    start: u32,
    end: u32,
}

/// A byte range of the file.
pub type Range = (usize, usize);

/// A name that stands for a component, where its tag opens or closes.
pub struct Tag {
    pub start: u32,
    pub opens: bool,
}

/// Input of the code of a template.
pub struct Code<'t> {
    pub file: &'t str,
    /// Start of the code: the length of the scripts, which stand as in the file.
    base: u32,
    /// The scripts and the code.
    pub text: String,
    parts: Vec<Part>,
    pub tags: Vec<Tag>,
    pub attributes: Vec<Handed>,
    /// Snippets of Svelte that a component is given: where their name starts, and that of its tag.
    pub snippets: Vec<(u32, u32)>,
    /// Text that is written as code and is none.
    pub unread: Vec<Range>,
    scopes: usize,
    reading: SourceType,
    allocator: Allocator,
}

/// An attribute of a component's tag.
pub struct Handed {
    /// Start of the name of the tag.
    pub tag: u32,
    /// As scripts spell it.
    pub name: String,
    pub range: Range,
}

impl<'t> Code<'t> {
    pub fn new(file: &'t str, scripts: String, is_typescript: bool) -> Self {
        let mut text = scripts;
        text.push('\n');
        Self {
            file,
            base: len32(text.len()),
            text,
            parts: Vec::new(),
            tags: Vec::new(),
            attributes: Vec::new(),
            snippets: Vec::new(),
            unread: Vec::new(),
            scopes: 0,
            reading: if is_typescript {
                SourceType::ts()
            } else {
                SourceType::mjs()
            },
            allocator: Allocator::default(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Start of the code.
    pub fn base(&self) -> u32 {
        self.base
    }

    /// Writes what stands nowhere in the file.
    pub fn glue(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub fn copy(&mut self, (start, end): Range) {
        self.name(&self.file[start..end], (start, end));
    }

    /// Writes a name that the file spells another way.
    pub fn name(&mut self, name: &str, (start, end): Range) {
        self.parts.push(Part {
            at: len32(self.text.len()),
            length: len32(name.len()),
            start: len32(start),
            end: len32(end),
        });
        self.text.push_str(name);
    }

    /// True when a text is a program.
    fn reads(&mut self, text: &str) -> bool {
        if nesting::depth(text, MOST_LEVELS) > MOST_LEVELS {
            return false;
        }
        self.allocator.reset();
        let options = ParseOptions {
            allow_return_outside_function: true,
            ..ParseOptions::default()
        };
        let parser = Parser::new(&self.allocator, text, self.reading);
        let result = parser.with_options(options).parse();
        !result.panicked && result.diagnostics.is_empty()
    }

    /// Writes `before`, the text of the file and `after`; false, and nothing written, where that is no program once it is `closed`.
    fn wrapped(&mut self, before: &str, range: Range, after: &str, closed: &str) -> bool {
        let text = &self.file[range.0..range.1];
        if text.trim().is_empty() || !self.reads(&format!("{before}{text}{after}{closed}")) {
            return false;
        }
        self.glue(before);
        self.copy(range);
        self.glue(after);
        true
    }

    pub fn expression(&mut self, range: Range) {
        if !self.wrapped(";(", range, "\n);", "") {
            self.lost(range);
        }
    }

    /// An expression that is read and written.
    pub fn target(&mut self, range: Range) {
        if !self.wrapped(";(", range, "\n)++;", "") {
            self.expression(range);
        }
    }

    /// An expression, else statements.
    pub fn handler(&mut self, range: Range) {
        if !self.wrapped(";(", range, "\n);", "") && !self.wrapped("{", range, "\n}", "") {
            self.lost(range);
        }
    }

    /// A declaration or another whole statement: `before` what stands in the file.
    pub fn statement(&mut self, before: &str, range: Range) {
        if !self.wrapped(before, range, ";\n", "") {
            self.lost(range);
        }
    }

    /// Opens the scope of parameters; gives what closes it.
    pub fn parameters(&mut self, range: Range) -> &'static str {
        self.scope(";((", range, "\n)=>{", "});")
    }

    /// Opens the scope of a function that is declared: `name(parameters)`.
    pub fn function(&mut self, range: Range) -> &'static str {
        self.scope(";function ", range, "{", "}")
    }

    fn scope(
        &mut self,
        before: &str,
        range: Range,
        after: &str,
        closer: &'static str,
    ) -> &'static str {
        if self.scopes < MOST_SCOPES && self.wrapped(before, range, after, closer) {
            self.scopes += 1;
            return closer;
        }
        self.lost(range);
        ""
    }

    /// Opens a block; gives what closes it.
    pub fn block(&mut self) -> &'static str {
        if self.scopes < MOST_SCOPES {
            self.scopes += 1;
            self.glue("{");
            return "}";
        }
        ""
    }

    /// Opens a loop over `of`; `names` are those of the element, of its key and of its place. Gives what closes it.
    pub fn each(&mut self, names: &[Range], of: Range) -> &'static str {
        let text = |range: Range| &self.file[range.0..range.1];
        let Some((&element, others)) = names.split_first() else {
            self.expression(of);
            return "";
        };
        let counted: String = others
            .iter()
            .map(|&other| format!("const {}=0;", text(other)))
            .collect();
        let whole = format!(
            "for(const {} of ({}\n)){{{counted}}}",
            text(element),
            text(of)
        );
        if self.scopes >= MOST_SCOPES || !self.reads(&whole) {
            names.iter().for_each(|&name| self.lost(name));
            self.expression(of);
            return "";
        }
        self.scopes += 1;
        self.glue(";for(const ");
        self.copy(element);
        self.glue(" of (");
        self.copy(of);
        self.glue("\n)){");
        for &other in others {
            self.glue("const ");
            self.copy(other);
            self.glue("=0;");
        }
        "}"
    }

    /// Closes a scope.
    pub fn close(&mut self, closer: &str) {
        if !closer.is_empty() {
            self.scopes -= 1;
            self.glue(closer);
        }
    }

    /// A tag that is named after a component: `name` is how scripts call it, and its last part ends where the tag's name does.
    ///
    /// Gives where that part starts.
    pub fn tag(&mut self, name: &str, (start, end): Range, opens: bool) -> Option<u32> {
        if !self.reads(&format!("({name})")) {
            return None;
        }
        let last = self.file[start..end].rfind('.').map_or(0, |dot| dot + 1);
        self.glue(";(");
        self.name(name, (start, end));
        self.glue(");");
        let start = len32(start + last);
        self.tags.push(Tag { start, opens });
        Some(start)
    }

    /// An attribute that hands over a prop, if a component takes it.
    pub fn attribute(&mut self, tag: Option<u32>, name: String, range: Range) {
        let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '$'));
        if let Some(tag) = tag.filter(|_| is_name) {
            self.attributes.push(Handed { tag, name, range });
        }
    }

    /// A name that an attribute repeats: `:title` is `:title="title"`.
    pub fn shorthand(&mut self, name: &str, range: Range) {
        if range.0 < range.1 && self.reads(&format!("({name})")) {
            self.glue(";(");
            self.name(name, range);
            self.glue(");");
        }
    }

    /// The same as an element of a list.
    pub fn listed_tag(&mut self, (start, end): Range, opens: bool) {
        self.copy((start, end));
        self.glue(",");
        let last = self.file[start..end].rfind('.').map_or(0, |dot| dot + 1);
        self.tags.push(Tag {
            start: len32(start + last),
            opens,
        });
    }

    /// Keeps what is written by `write` where it is a program, else what it took of the file is unread.
    pub fn whole(&mut self, write: impl FnOnce(&mut Self)) {
        let (text, parts, tags) = (self.text.len(), self.parts.len(), self.tags.len());
        write(self);
        let made = self.text[text..].to_owned();
        if parts < self.parts.len() && self.reads(&made) {
            return;
        }
        self.text.truncate(text);
        self.tags.truncate(tags);
        for part in self.parts.split_off(parts) {
            self.lost((part.start as usize, part.end as usize));
        }
    }

    /// Drops all code: what was taken of the file is unread.
    pub fn give_up(&mut self) {
        let scripts = self.base as usize - 1;
        self.text.truncate(scripts);
        self.tags.clear();
        self.attributes.clear();
        self.snippets.clear();
        for part in std::mem::take(&mut self.parts) {
            self.lost((part.start as usize, part.end as usize));
        }
    }

    pub fn lost(&mut self, range: Range) {
        if !self.file[range.0..range.1].trim().is_empty() {
            self.unread.push(range);
        }
    }

    /// Offset in the file of a name, or anything else, that starts there in the text.
    pub fn start_of(&self, at: u32) -> u32 {
        if at < self.base {
            return at.min(len32(self.file.len()));
        }
        let next = self.parts.partition_point(|part| part.at <= at);
        let inside = next.checked_sub(1).map(|before| self.parts[before]);
        match inside.filter(|part| at < part.at + part.length) {
            Some(part) => part.place(at),
            None => self
                .parts
                .get(next)
                .map_or(len32(self.file.len()), |part| part.start),
        }
    }

    /// Offset in the file of an end in the text.
    pub fn end_of(&self, at: u32) -> u32 {
        if at <= self.base {
            return at.min(len32(self.file.len()));
        }
        let next = self.parts.partition_point(|part| part.at < at);
        match next.checked_sub(1).map(|before| self.parts[before]) {
            Some(part) if at <= part.at + part.length => part.place(at),
            Some(part) => part.end,
            None => len32(self.file.len()),
        }
    }
}

impl Part {
    fn place(self, at: u32) -> u32 {
        let ahead = at - self.at;
        if self.length == self.end - self.start {
            self.start + ahead
        } else if ahead == 0 {
            self.start
        } else {
            self.end
        }
    }
}
