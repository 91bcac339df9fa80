//! Modules that are named by their address: of a `new URL(…, import.meta.url)`, of a worker's script.

use oxc_ast::ast::*;

use super::walker::Walker;
use crate::facts::codes::import;

const WORKERS: &[&str] = &["Worker", "SharedWorker"];

impl<'a> Walker<'a, '_> {
    /// Notes the module that a `new` leads to: a worker's, or one that is named beside `import.meta.url`.
    pub fn address(&mut self, new: &NewExpression<'a>) {
        let (name, is_global) = match &new.callee {
            Expression::Identifier(id) => (id.name.as_str(), self.symbol_of(id).is_none()),
            Expression::StaticMemberExpression(member) => (member.property.name.as_str(), true),
            _ => return,
        };
        let first = new.arguments.first().and_then(Argument::as_expression);
        if WORKERS.contains(&name) {
            match first {
                Some(Expression::StringLiteral(text)) if is_relative(text) => {
                    self.import(text.value.as_str(), text.span, import::WORKER, 0);
                }
                Some(Expression::NewExpression(inner)) => {
                    if let Some(text) = beside_this_module(inner) {
                        self.import(text.value.as_str(), text.span, import::WORKER, 0);
                    }
                }
                _ => {}
            }
        } else if name == "URL"
            && is_global
            && let Some(text) = beside_this_module(new)
            && !self.is_imported_at(text)
        {
            self.import(text.value.as_str(), text.span, import::URL, 0);
        }
    }

    /// True when the worker around an address has taken it already.
    fn is_imported_at(&self, text: &StringLiteral<'a>) -> bool {
        let start = text.span.start + 1;
        let last = self.facts.imports.last();
        last.is_some_and(|row| row.start == start && row.kind == import::WORKER)
    }
}

/// The text of `new URL('./x', import.meta.url)`.
fn beside_this_module<'c, 'a>(new: &'c NewExpression<'a>) -> Option<&'c StringLiteral<'a>> {
    let is_url = matches!(&new.callee, Expression::Identifier(id) if id.name == "URL");
    let [first, base] = &new.arguments[..] else {
        return None;
    };
    let is_here = matches!(base.as_expression()?, Expression::StaticMemberExpression(member)
        if member.property.name == "url" && matches!(&member.object, Expression::ImportMeta(_)));
    match first.as_expression()? {
        Expression::StringLiteral(text) if is_url && is_here && !text.value.contains("://") => {
            Some(text)
        }
        _ => None,
    }
}

fn is_relative(text: &StringLiteral) -> bool {
    text.value.starts_with("./") || text.value.starts_with("../")
}
