//! Object literals, and the keys of members.

use oxc_ast::ast::*;
use oxc_span::{GetSpan, Span};

use super::context::{ExprContext, Name};
use super::expressions::{member_kind, value_form};
use super::walker::{Walker, inside_quotes};
use crate::facts::codes::{definition, flag, function, node, role};
use crate::facts::{NONE, len32};

impl<'a> Walker<'a, '_> {
    pub fn object(&mut self, object: &ObjectExpression<'a>, place: ExprContext) -> u32 {
        let this = self.reserve(node::OBJECT, object.span);
        let owner = if place.owner == NONE {
            this
        } else {
            place.owner
        };
        let outer = self.frame.parent;
        if place.holder != NONE {
            self.frame.parent = place.holder;
        }
        let mut spreads = Vec::new();
        for property in &object.properties {
            match property {
                ObjectPropertyKind::ObjectProperty(property) => {
                    self.property(property, owner, place)
                }
                ObjectPropertyKind::SpreadProperty(spread) => {
                    spreads.push(self.expression(&spread.argument, ExprContext::PLAIN));
                }
            }
        }
        self.frame.parent = outer;
        let list = self.list(&spreads);
        self.fill(this, list, NONE);
        this
    }

    fn property(&mut self, property: &ObjectProperty<'a>, owner: u32, place: ExprContext) {
        let Some(name) = self.key(&property.key, property.computed) else {
            self.expression(
                &property.value,
                ExprContext {
                    this: owner,
                    ..ExprContext::PLAIN
                },
            );
            return;
        };
        let form = value_form(&property.value);
        let kind = match property.kind {
            PropertyKind::Get => definition::GETTER,
            PropertyKind::Set => definition::SETTER,
            PropertyKind::Init => member_kind(form),
        };
        let mut flags = place.member_flags;
        if property.computed {
            flags |= flag::COMPUTED;
        }
        if property.shorthand {
            flags |= flag::SHORTHAND;
        }
        let member = self.define_member(kind, name, property.span, owner, flags);
        if flags & flag::PROTOTYPE != 0 && place.holder != NONE {
            self.standings[member as usize].container =
                self.standings[place.holder as usize].container;
        }
        let top = self.frame.function == NONE && self.frame.parent != NONE;
        let exported = flags & flag::EXPORTED != 0;
        self.standings[member as usize].searchable =
            (kind != definition::FIELD || top || exported) && !property.shorthand;
        if exported && let Expression::Identifier(id) = &property.value {
            self.export_symbol(id, flag::EXPORTED);
        }
        let role = if property.shorthand {
            role::SHORTHAND
        } else {
            0
        };
        let inner = ExprContext {
            this: owner,
            role,
            ..ExprContext::held(member)
        };
        self.describe(member);
        let value = if let Expression::FunctionExpression(function) = &property.value {
            let flags = match property.kind {
                PropertyKind::Get => function::GETTER,
                PropertyKind::Set => function::SETTER,
                PropertyKind::Init => 0,
            };
            self.function(function, inner, NONE, flags)
        } else {
            self.expression(&property.value, inner)
        };
        self.definition(member).value = value;
    }

    /// The name of a member's key, when it can be known; a computed key is walked as well.
    pub fn key(&mut self, key: &PropertyKey<'a>, computed: bool) -> Option<Name<'a>> {
        match key {
            PropertyKey::StaticIdentifier(id) => Some(Name::new(id.name.as_str(), id.span)),
            PropertyKey::PrivateIdentifier(id) => Some(Name::new(self.slice(id.span), id.span)),
            PropertyKey::StringLiteral(string) => Some(self.quoted(string)),
            PropertyKey::NumericLiteral(number) => Some(self.numbered(number)),
            PropertyKey::TemplateLiteral(template) if template.is_no_substitution_template() => {
                let text = template.quasis.first()?.value.cooked?.as_str();
                Some(Name::new(text, inside_quotes(template.span)))
            }
            key => {
                let expression = key.as_expression()?;
                self.expression(expression, ExprContext::PLAIN);
                let span = expression.span();
                if computed
                    && matches!(
                        expression,
                        Expression::Identifier(_) | Expression::StaticMemberExpression(_)
                    )
                {
                    let start = self.source[..span.start as usize].rfind('[')?;
                    let end = span.end as usize + self.source[span.end as usize..].find(']')? + 1;
                    let brackets = Span::new(len32(start), len32(end));
                    return Some(Name::new(&self.source[start..end], brackets));
                }
                None
            }
        }
    }

    /// The name that a number is: `12` is `'12'`, and so is `0xc` (ECMA-262 §6.1.6.1.20, of whole numbers).
    pub fn numbered(&self, number: &NumericLiteral<'a>) -> Name<'a> {
        const LONGEST: usize = 15;
        let written = self.slice(number.span);
        let is_plain =
            written.bytes().all(|byte| byte.is_ascii_digit()) && !written.starts_with('0');
        let whole = format!("{:.0}", number.value);
        let is_whole = number.value.fract() == 0.0 && whole.len() <= LONGEST;
        let text = match is_plain || !is_whole {
            true => written,
            false => self.jsdoc.text(&whole),
        };
        Name::new(text, number.span)
    }

    /// The name a string literal spells; its place is the text between the quotes.
    pub fn quoted(&self, string: &StringLiteral<'a>) -> Name<'a> {
        Name::new(string.value.as_str(), inside_quotes(string.span))
    }
}

/// True when a string is spelt as a name.
pub fn is_name(text: &str) -> bool {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$') || byte >= 0x80;
    text.bytes().all(is_part)
        && text
            .bytes()
            .next()
            .is_some_and(|first| !first.is_ascii_digit())
}
