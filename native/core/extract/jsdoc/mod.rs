//! JSDoc types of JavaScript, as TypeScript reads them.
//!
//! Where a file has no annotation of TypeScript's, the comment in front of a function, variable or member gives its types;
//! typedefs are definitions that the file exports. All of it goes into the columns that annotations go into.

mod declarations;
mod mentions;
mod tags;
mod types;

use std::ops::Range;

use oxc_allocator::Allocator;
use oxc_ast::ast::Comment;
use oxc_span::Span;
use rustc_hash::FxHashMap;

use self::mentions::Mention;
use self::tags::{Subject, Tag};
use super::context::Name;
use super::walker::Walker;
use crate::facts::codes::{definition, flag, function, node};
use crate::facts::{Item, NONE, len32};

/// Types in the comments of a file.
pub struct Jsdoc<'a> {
    /// Arena of the trees of types.
    allocator: &'a Allocator,
    tags: Vec<Tag<'a>>,
    /// Tags of the comment that starts there.
    comments: FxHashMap<u32, Range<usize>>,
    /// Types that comments declare for the whole file.
    declared: FxHashMap<&'a str, u32>,
    /// Type parameters in force, innermost last.
    pub scope: Vec<(&'a str, u32)>,
    /// Types of casts, by where the parenthesised expression starts.
    casts: FxHashMap<u32, Span>,
    mentions: Vec<Mention>,
    /// True when the walk is inside the type of a comment.
    pub inside: bool,
}

impl<'a> Jsdoc<'a> {
    pub fn new(allocator: &'a Allocator) -> Self {
        Self {
            allocator,
            tags: Vec::new(),
            comments: FxHashMap::default(),
            declared: FxHashMap::default(),
            scope: Vec::new(),
            casts: FxHashMap::default(),
            mentions: Vec::new(),
            inside: false,
        }
    }

    /// The definition that a name in a type stands for, when a comment declares it.
    /// A text that lives as long as the tree.
    pub fn text(&self, text: &str) -> &'a str {
        self.allocator.alloc_str(text)
    }

    pub fn definition(&self, name: &str) -> Option<u32> {
        let innermost = self.scope.iter().rev().find(|(known, _)| *known == name);
        innermost
            .map(|&(_, index)| index)
            .or_else(|| self.declared.get(name).copied())
    }
}

/// The part of a comment that describes the declaration behind it.
pub struct Description {
    tags: Range<usize>,
    /// Definitions of its type parameters.
    type_parameters: Vec<u32>,
    /// Type parameters in force outside.
    outer: usize,
}

impl<'a> Walker<'a, '_> {
    /// Reads the tags of one comment, and what they cast.
    pub fn jsdoc_tags(&mut self, comment: &Comment) {
        let found = tags::tags(self.source, comment.span);
        if found.is_empty() {
            return;
        }
        let first = self.jsdoc.tags.len();
        self.jsdoc.tags.extend(found);
        let all = first..self.jsdoc.tags.len();
        let bytes = self.source.as_bytes();
        let next = comment.attached_to as usize;
        if bytes.get(next) == Some(&b'(')
            && let Some(of) = self.tag(&all, &["type"]).and_then(|tag| tag.of)
        {
            let blanks = bytes[next + 1..]
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace());
            let start = next + 1 + blanks.count();
            self.jsdoc.casts.insert(len32(start), of);
        }
        self.jsdoc.comments.insert(comment.span.start, all);
    }

    /// A type, or the object that the tags `names` list member by member, each called `prefix` and its own name.
    fn shape(
        &mut self,
        of: Option<Span>,
        span: Span,
        tags: &Range<usize>,
        names: &[&str],
        prefix: &str,
    ) -> u32 {
        let text = of.map_or("object", |of| self.slice(of).trim());
        if !text.eq_ignore_ascii_case("object") {
            return of.map_or(NONE, |of| self.written_type(of));
        }
        let members: Vec<(Tag<'a>, Subject<'a>, &'a str)> = self.jsdoc.tags[tags.clone()]
            .iter()
            .filter(|tag| names.contains(&tag.name))
            .filter_map(|tag| Some((*tag, tag.subject(self.source)?)))
            .filter_map(|(tag, subject)| {
                let rest = subject.name.strip_prefix(prefix)?;
                (!rest.is_empty() && !rest.contains('.')).then_some((tag, subject, rest))
            })
            .collect();
        if members.is_empty() {
            return NONE;
        }
        let this = self.node(node::OBJECT_TYPE, NONE, NONE, span);
        for (tag, subject, name) in members {
            let start = subject.span.end - len32(name.len());
            let name = Name::new(name, Span::new(start, subject.span.end));
            let flags = if subject.optional { flag::OPTIONAL } else { 0 };
            let outer = std::mem::replace(&mut self.jsdoc.inside, true);
            let member = self.define_member(definition::FIELD, name, tag.span, this, flags);
            self.jsdoc.inside = outer;
            let inner = format!("{prefix}{}.", name.text);
            let annotation = match self.shape(tag.of, tag.span, tags, names, &inner) {
                NONE => tag.of.map_or(NONE, |of| self.written_type(of)),
                listed => listed,
            };
            self.definition(member).annotation = annotation;
        }
        this
    }

    fn param_type(&mut self, tag: &Tag<'a>, subject: Subject<'a>, tags: &Range<usize>) -> u32 {
        let prefix = format!("{}.", subject.name);
        match tag.of {
            Some(of) => self.shape(Some(of), tag.span, tags, PARAM, &prefix),
            None => NONE,
        }
    }

    /// The first of the tags with one of the names.
    fn tag(&self, tags: &Range<usize>, names: &[&str]) -> Option<Tag<'a>> {
        let found = self.jsdoc.tags[tags.clone()]
            .iter()
            .find(|tag| names.contains(&tag.name));
        found.copied()
    }

    fn type_of(&mut self, tags: &Range<usize>, names: &[&str]) -> u32 {
        let of = self.tag(tags, names).and_then(|tag| tag.of);
        of.map_or(NONE, |of| self.inline_type(of))
    }

    /// A type outside of a typedef: its members are no answers of a search.
    fn inline_type(&mut self, of: Span) -> u32 {
        let first = self.standings.len();
        let node = self.written_type(of);
        for standing in &mut self.standings[first..] {
            standing.searchable = false;
        }
        node
    }

    /// The tags in front of a declaration; those of a typedef in the same comment are not its own.
    fn own_tags(&self, doc_start: u32) -> Range<usize> {
        let Some(all) = self.jsdoc.comments.get(&doc_start).cloned() else {
            return 0..0;
        };
        let end = all.clone().find(|&at| self.declares(at));
        all.start..end.unwrap_or(all.end)
    }

    /// True when the comment that starts there declares the members of an object to be those of an enumeration.
    pub fn is_described_as_enum(&self, doc_start: u32) -> bool {
        let tags = self.jsdoc.comments.get(&doc_start).cloned();
        tags.is_some_and(|tags| self.tag(&tags, &["enum"]).is_some())
    }

    /// The `@type` in front of a declaration.
    pub fn jsdoc_type(&mut self, doc_start: u32) -> u32 {
        let tags = self.own_tags(doc_start);
        self.type_of(&tags, &["type"])
    }

    /// Gives a variable or member the type in front of it, where it has none of its own.
    pub fn describe(&mut self, index: u32) {
        if self.jsdoc.comments.is_empty() || index == NONE {
            return;
        }
        let row = self.definition(index);
        let doc_start = row.doc_start;
        if row.annotation == NONE && doc_start != NONE {
            let annotation = self.jsdoc_type(doc_start);
            self.definition(index).annotation = annotation;
        }
    }

    /// The comment of a function or class: at its own start, else in front of what holds it.
    pub fn description(&mut self, holder: u32, start: u32) -> Description {
        let own = self.own_tags(self.doc(start).0);
        let tags = if own.is_empty() && holder != NONE {
            let doc_start = self.definition(holder).doc_start;
            self.own_tags(doc_start)
        } else {
            own
        };
        let outer = self.jsdoc.scope.len();
        let type_parameters = self.described_templates(&tags);
        Description {
            tags,
            type_parameters,
            outer,
        }
    }

    /// Ends the reach of a description's type parameters.
    pub fn leave(&mut self, description: &Description) {
        self.jsdoc.scope.truncate(description.outer);
    }

    fn described_templates(&mut self, tags: &Range<usize>) -> Vec<u32> {
        let mut found = Vec::new();
        for at in tags.clone() {
            let tag = self.jsdoc.tags[at];
            if tag.name != "template" {
                continue;
            }
            let constraint = tag.of.map_or(NONE, |of| self.inline_type(of));
            for subject in tag.type_parameters(self.source) {
                let name = Name::new(subject.name, subject.span);
                let flags = flag::LOCAL | flag::JSDOC;
                let index = self.define(definition::TYPE_PARAMETER, name, subject.span, flags);
                self.standings[index as usize].searchable = false;
                self.definition(index).annotation = constraint;
                self.declaring_occurrence(name, index);
                self.jsdoc.scope.push((subject.name, index));
                found.push(index);
            }
        }
        found
    }

    /// Notes where the comment of a function names its parameters: `@param id`, and `options` of `@param options.force`.
    pub fn mentioned_parameters(&mut self, holder: u32, start: u32, params: u32) {
        let own = self.doc(start);
        let doc = match own {
            (NONE, _) if holder != NONE => {
                let row = self.definition(holder);
                (row.doc_start, row.doc_end)
            }
            own => own,
        };
        if doc.0 == NONE || !self.slice(Span::new(doc.0, doc.1)).contains("@") {
            return;
        }
        let tags = tags::tags(self.source, Span::new(doc.0, doc.1));
        // the tags of `@overload` describe another signature, up to what it returns
        let mut of_overload = false;
        let is_own = |tag: &&Tag| {
            match tag.name {
                "overload" => of_overload = true,
                "return" | "returns" => of_overload = false,
                _ => {}
            }
            is_param(tag) && !of_overload
        };
        for tag in tags.iter().filter(is_own) {
            let Some(subject) = tag.subject(self.source) else {
                continue;
            };
            let text = subject.name.split('.').next().unwrap_or_default();
            let start = subject.span.start;
            let end = start + len32(text.len());
            let name = self.string(text);
            let row = params as usize;
            let length = self.facts.lists[row].item as usize;
            let mut all = self.facts.lists[row + 1..=row + length].iter();
            let named = |item: &&Item| self.facts.definitions[item.item as usize].name == name;
            let Some(param) = all.find(named).map(|item| item.item) else {
                continue;
            };
            let outer = std::mem::replace(&mut self.jsdoc.inside, true);
            let occurrence = self.occurrence(Name::new(text, Span::new(start, end)), 0, NONE, None);
            self.jsdoc.inside = outer;
            let symbol = self.definition(param).symbol;
            self.facts.occurrences[occurrence as usize].target = symbol;
        }
    }

    /// Gives the parameters of a function the types of their tags: by name, patterns by position.
    pub fn describe_parameters(&mut self, description: &Description, params: u32) {
        let start = params as usize + 1;
        let length = self.facts.lists[params as usize].item as usize;
        for position in 0..length {
            let param = self.facts.lists[start + position].item;
            self.describe(param);
            let row = *self.definition(param);
            if row.annotation != NONE || description.tags.is_empty() {
                continue;
            }
            let name = self.facts.strings[row.name as usize];
            let tags = self.jsdoc.tags[description.tags.clone()].iter();
            let mut of_parameters = tags
                .filter(|tag| is_param(tag))
                .filter_map(|tag| Some((*tag, tag.subject(self.source)?)))
                .filter(|(_, subject)| !subject.name.contains('.'));
            let found = if name.is_empty() {
                of_parameters.nth(position)
            } else {
                of_parameters.find(|(_, subject)| subject.name == name)
            };
            if let Some((tag, subject)) = found {
                let first = self.standings.len();
                let annotation = self.param_type(&tag, subject, &description.tags);
                self.standings[first..]
                    .iter_mut()
                    .for_each(|standing| standing.searchable = false);
                self.definition(param).annotation = annotation;
            }
        }
    }

    /// Types of the result and of `this` of a function.
    pub fn described_result(&mut self, description: &Description, flags: u32) -> (u32, u32) {
        if description.tags.is_empty() {
            return (NONE, NONE);
        }
        let mut returns = self.type_of(&description.tags, &["returns", "return"]);
        if returns == NONE && flags & function::GETTER != 0 {
            returns = self.type_of(&description.tags, &["type"]);
        }
        (returns, self.type_of(&description.tags, &["this"]))
    }

    /// The list of a class's type parameters, or `NONE` where it has none.
    pub fn described_type_parameters(&mut self, description: &Description) -> u32 {
        if description.type_parameters.is_empty() {
            NONE
        } else {
            self.list(&description.type_parameters)
        }
    }

    /// The base class with its type arguments, and the interfaces.
    pub fn described_heritage(&mut self, description: &Description) -> (u32, Vec<u32>) {
        if description.tags.is_empty() {
            return (NONE, Vec::new());
        }
        let base = self.type_of(&description.tags, &["extends", "augments"]);
        let implements: Vec<Span> = self.jsdoc.tags[description.tags.clone()]
            .iter()
            .filter(|tag| tag.name == "implements")
            .filter_map(|tag| tag.of)
            .collect();
        let implements = implements
            .into_iter()
            .map(|of| self.inline_type(of))
            .filter(|&node| node != NONE)
            .collect();
        (base, implements)
    }

    /// The type that a comment casts the expression at `span` to: `/** @type {T} */ (expression)`.
    pub fn cast_of(&mut self, span: Span) -> Option<Span> {
        if self.jsdoc.casts.is_empty() || !self.jsdoc.casts.contains_key(&span.start) {
            return None;
        }
        let rest = self.source[span.end as usize..].trim_start();
        if rest.starts_with(')') {
            self.jsdoc.casts.remove(&span.start)
        } else {
            None
        }
    }

    /// The value of a cast. What is written there in full is known better than by its type.
    pub fn cast_value(&mut self, value: u32, of: Span, span: Span) -> u32 {
        let to = self.inline_type(of);
        let in_full = matches!(
            self.node_kind(value),
            Some(
                node::OBJECT | node::FUNCTION | node::CLASS | node::REQUIRE | node::MODULE_EXPORTS
            )
        );
        if to == NONE || in_full {
            value
        } else {
            self.node(node::CAST, value, to, span)
        }
    }
}

const PARAM: &[&str] = &["param", "arg", "argument"];

fn is_param(tag: &Tag) -> bool {
    PARAM.contains(&tag.name)
}
