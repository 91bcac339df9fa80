//! Declarations of comments for the whole file: `@typedef`, `@callback` and `@import`.

use std::ops::Range;

use oxc_ast::ast::Program;
use oxc_span::Span;

use super::super::context::Name;
use super::super::exports::ExportRow;
use super::super::walker::Walker;
use super::is_param;
use super::types::parsed_import;
use crate::facts::NONE;
use crate::facts::codes::{definition, export, flag, node, role};

impl<'a> Walker<'a, '_> {
    /// Defines the types that comments declare: first all names, then what they stand for.
    pub fn jsdoc_declarations(&mut self, program: &Program<'a>) {
        let mut found = Vec::new();
        for comment in &program.comments {
            let Some(all) = self.jsdoc.comments.get(&comment.span.start).cloned() else {
                continue;
            };
            for at in all.clone() {
                if self.jsdoc.tags[at].name == "import" {
                    self.imported_types(at);
                }
                if !self.declares(at) {
                    continue;
                }
                let end = (at + 1..all.end)
                    .find(|&next| self.declares(next))
                    .unwrap_or(all.end);
                if let Some(index) = self.declared_name(at, end, comment.span) {
                    found.push((index, all.clone(), at..end));
                }
            }
        }
        for (index, all, own) in found {
            self.declared_type(index, all, own);
        }
    }

    /// `@import { A } from './x'` is an import of types.
    fn imported_types(&mut self, at: usize) {
        let tag = self.jsdoc.tags[at];
        let place = Span::new(tag.span.start + 1, tag.span.end);
        let Some(of) = parsed_import(self.jsdoc.allocator, self.slice(place), place.start) else {
            return;
        };
        let outer = std::mem::replace(&mut self.jsdoc.inside, true);
        self.import_declaration(of);
        self.jsdoc.inside = outer;
        let names = std::mem::take(&mut self.jsdoc.scope);
        self.jsdoc.declared.extend(names);
    }

    /// True when a tag declares a type, so that the tags behind it belong to it.
    pub(super) fn declares(&self, at: usize) -> bool {
        matches!(self.jsdoc.tags[at].name, "typedef" | "callback")
    }

    fn declared_name(&mut self, at: usize, end: usize, comment: Span) -> Option<u32> {
        let tag = self.jsdoc.tags[at];
        let subject = tag.subject(self.source)?;
        let is_no_name = subject.optional || subject.name.contains('.');
        if is_no_name || self.jsdoc.declared.contains_key(subject.name) {
            return None;
        }
        let span = Span::new(tag.span.start, self.jsdoc.tags[end - 1].span.end);
        let flags = flag::EXPORTED | flag::JSDOC;
        let name = Name::new(subject.name, subject.span);
        let index = self.define(definition::TYPE, name, span, flags);
        let row = self.definition(index);
        row.doc_start = comment.start;
        row.doc_end = comment.end;
        let occurrence = self.declaring_occurrence(name, index);
        self.export(ExportRow {
            definition: index,
            occurrence,
            flags: export::TYPE_ONLY,
            ..ExportRow::new(subject.name)
        });
        self.jsdoc.declared.insert(subject.name, index);
        Some(index)
    }

    pub(super) fn declaring_occurrence(&mut self, name: Name<'a>, index: u32) -> u32 {
        let role = role::TYPE | role::DECLARES | role::JSDOC;
        let occurrence = self.occurrence(name, role, NONE, None);
        self.facts.occurrences[occurrence as usize].target = index;
        occurrence
    }

    fn declared_type(&mut self, index: u32, all: Range<usize>, own: Range<usize>) {
        let outer = self.frame;
        self.frame.parent = index;
        self.frame.within = index;
        let names = self.jsdoc.scope.len();
        self.described_templates(&(all.start..own.end));
        let tag = self.jsdoc.tags[own.start];
        let children = own.start + 1..own.end;
        let annotation = if tag.name == "callback" {
            self.callback(tag.span, &children)
        } else {
            self.shape(tag.of, tag.span, &children, &["property", "prop"], "")
        };
        self.jsdoc.scope.truncate(names);
        self.frame = outer;
        self.definition(index).annotation = annotation;
    }

    /// The function type of a `@callback`.
    fn callback(&mut self, span: Span, tags: &Range<usize>) -> u32 {
        let index = self.function_row(node::FUNCTION_TYPE, span, NONE, 0);
        let mut params = Vec::new();
        for at in tags.clone() {
            let tag = self.jsdoc.tags[at];
            let Some(subject) = tag
                .subject(self.source)
                .filter(|subject| is_param(&tag) && !subject.name.contains('.'))
            else {
                continue;
            };
            let name = Name::new(subject.name, subject.span);
            let flags = flag::LOCAL | flag::JSDOC;
            let param = self.define(definition::PARAMETER, name, tag.span, flags);
            self.standings[param as usize].searchable = false;
            self.declaring_occurrence(name, param);
            let annotation = self.param_type(&tag, subject, tags);
            self.definition(param).annotation = annotation;
            params.push(param);
        }
        let params = self.list(&params);
        let returns = self.type_of(tags, &["returns", "return"]);
        let row = &mut self.facts.functions[index as usize];
        row.params = params;
        row.annotation = returns;
        row.node
    }
}
