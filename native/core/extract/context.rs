//! Context of the walk, and of an expression within it.

use oxc_span::Span;

use crate::facts::NONE;

/// Position of the walk in the file's structure.
#[derive(Clone, Copy)]
pub struct Frame {
    /// Innermost definition that holds others: function, class, object-holding variable, namespace.
    pub parent: u32,
    /// Innermost named function, method or class.
    pub within: u32,
    /// Innermost function of any form.
    pub function: u32,
    /// Function that owns `this`.
    pub this_function: u32,
    /// Class whose field initialiser or static block owns `this`.
    pub this_class: u32,
    /// True when that is a static field or block, so that `this` is the class itself.
    pub this_static: bool,
    /// Innermost class.
    pub class: u32,
    /// Innermost namespace, when no function or class stands between.
    pub namespace: u32,
    /// Inside `declare …` or a declaration file.
    pub ambient: bool,
    /// Inside `try`, `if`, a conditional or a logical expression.
    pub conditional: bool,
}

/// Context of an expression: what is known from its position.
#[derive(Clone, Copy)]
pub struct ExprContext {
    /// Definition the value belongs to.
    pub holder: u32,
    /// Role bits its name takes on.
    pub role: u32,
    /// The value of `this` in a function here.
    pub this: u32,
    /// Call it is an argument of, and its position there.
    pub call: u32,
    pub position: u32,
    /// Node that owns the members of an object literal here; `NONE`: the literal itself.
    pub owner: u32,
    /// Flags for the members of an object literal here.
    pub member_flags: u32,
}

impl ExprContext {
    pub const PLAIN: Self = Self {
        holder: NONE,
        role: 0,
        this: NONE,
        call: NONE,
        position: 0,
        owner: NONE,
        member_flags: 0,
    };

    pub const fn role(role: u32) -> Self {
        Self {
            role,
            ..Self::PLAIN
        }
    }

    pub const fn held(holder: u32) -> Self {
        Self {
            holder,
            ..Self::PLAIN
        }
    }
}

/// A name with the place of its token.
#[derive(Clone, Copy)]
pub struct Name<'a> {
    pub text: &'a str,
    pub start: u32,
    pub end: u32,
}

impl<'a> Name<'a> {
    pub const fn new(text: &'a str, span: Span) -> Self {
        Self {
            text,
            start: span.start,
            end: span.end,
        }
    }
}
