//! The tree of a text that was rewritten: its places, and the types in it that TypeScript takes for names.

use oxc_ast::ast::*;
use oxc_ast_visit::{Visit, VisitMut, walk};
use oxc_span::Span;

use super::Rewritten;

struct Restore<'r>(&'r Rewritten);

impl VisitMut<'_> for Restore<'_> {
    fn visit_span(&mut self, span: &mut Span) {
        let start = self.0.start_of(span.start);
        *span = Span::new(start, self.0.end_of(span.end).max(start));
    }
}

pub(super) fn restore<'a>(made: &Rewritten, program: &mut Program<'a>, source: &'a str) {
    Restore(made).visit_program(program);
    for comment in &mut program.comments {
        let start = made.start_of(comment.span.start);
        comment.span = Span::new(start, made.end_of(comment.span.end).max(start));
        comment.attached_to = made.start_of(comment.attached_to);
    }
    program.source_text = source;
}

/// Starts of parameters of function types that have no type: what looks like their name is one.
pub fn unnamed_parameters(program: &Program) -> Vec<u32> {
    let mut found = Unnamed(Vec::new());
    found.visit_program(program);
    found.0
}

struct Unnamed(Vec<u32>);

impl Unnamed {
    fn look_at(&mut self, params: &FormalParameters) {
        let unnamed = params.items.iter().filter(|item| {
            item.type_annotation.is_none()
                && !item.optional
                && matches!(item.pattern, BindingPattern::BindingIdentifier(_))
        });
        self.0.extend(unnamed.map(|item| item.span.start));
    }
}

impl<'a> Visit<'a> for Unnamed {
    fn visit_ts_function_type(&mut self, of: &TSFunctionType<'a>) {
        self.look_at(&of.params);
        walk::walk_ts_function_type(self, of);
    }

    fn visit_ts_method_signature(&mut self, of: &TSMethodSignature<'a>) {
        self.look_at(&of.params);
        walk::walk_ts_method_signature(self, of);
    }
}
