//! Which expressions need parentheses in which places.

use super::rewrite::Syntax;

const SEQUENCE: u8 = 1;
const ASSIGNMENT: u8 = 2;
const CONDITIONAL: u8 = 3;
const RELATIONAL: u8 = 10;
const EXPONENT: u8 = 14;
const UNARY: u8 = 15;
const UPDATE: u8 = 16;
const NEW_WITHOUT_ARGUMENTS: u8 = 17;
const CALL: u8 = 18;
const PRIMARY: u8 = 20;

/// What a place takes without parentheses.
#[derive(Clone, Copy, Default)]
pub struct Position {
    /// The least precedence.
    least: u8,
    role: Role,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Role {
    #[default]
    Other,
    /// What a member is taken of, or what is called.
    Object,
    /// What `new` makes one of.
    Constructor,
    /// The body of an arrow function.
    Body,
    /// An operand of `??`, which takes neither `||` nor `&&`.
    Nullish,
    /// An operand of these, which take no `??`.
    Logical,
    /// A type beside an operator of types.
    Type,
}

impl Position {
    /// The place that a node stands in.
    pub fn of(node: &Syntax) -> Position {
        let Some(parent) = node.parent() else {
            return Position::default();
        };
        let is = |field: &str| {
            let field = parent.field(field);
            field.is_some_and(|of| of.node_id() == node.node_id())
        };
        let is_first = parent.range().start == node.range().start;
        let mut role = Role::Other;
        let least = match &*parent.kind() {
            "binary_expression" => {
                let operator = parent.field("operator");
                let operator =
                    operator.map_or(String::new(), |operator| operator.text().into_owned());
                role = match &*operator {
                    "??" => Role::Nullish,
                    "||" | "&&" => Role::Logical,
                    _ => Role::Other,
                };
                let level = operator_level(&operator);
                match (level == EXPONENT, is("left")) {
                    (true, true) => UPDATE,
                    (true, false) | (false, true) => level,
                    (false, false) => level + 1,
                }
            }
            "unary_expression" | "await_expression" | "type_assertion" => UNARY,
            "update_expression" => NEW_WITHOUT_ARGUMENTS,
            "as_expression" | "satisfies_expression" if is_first => RELATIONAL,
            "member_expression" | "subscript_expression" if is("object") => {
                role = Role::Object;
                CALL
            }
            "call_expression" if is("function") => {
                role = Role::Object;
                CALL
            }
            "new_expression" if is("constructor") => {
                role = Role::Constructor;
                CALL
            }
            "non_null_expression" | "class_heritage" | "extends_clause" | "decorator" => CALL,
            "ternary_expression" if is("condition") => CONDITIONAL + 1,
            "ternary_expression"
            | "arguments"
            | "array"
            | "pair"
            | "variable_declarator"
            | "spread_element"
            | "assignment_expression"
            | "augmented_assignment_expression"
            | "assignment_pattern"
            | "yield_expression"
            | "public_field_definition"
            | "field_definition"
            | "export_statement" => ASSIGNMENT,
            "arrow_function" if is("body") => {
                role = Role::Body;
                ASSIGNMENT
            }
            "array_type" | "optional_type" | "rest_type" => {
                role = Role::Type;
                5
            }
            "lookup_type" if is_first => {
                role = Role::Type;
                5
            }
            "index_type_query" | "readonly_type" => {
                role = Role::Type;
                4
            }
            "intersection_type" => {
                role = Role::Type;
                3
            }
            "union_type" => {
                role = Role::Type;
                2
            }
            _ => 0,
        };
        Position { least, role }
    }
}

/// True where a node, written as `text`, can stand in a place as it is; `sign` ends what stands before it.
pub fn is_tight(node: &Syntax, text: &str, position: Position, sign: Option<char>) -> bool {
    if sign.is_some_and(|sign| text.starts_with(sign)) {
        return false;
    }
    if position.role == Role::Type {
        return type_level(&node.kind()) >= position.least;
    }
    let operator = node
        .field("operator")
        .filter(|_| node.kind() == "binary_expression");
    let operator = operator.map_or(String::new(), |operator| operator.text().into_owned());
    match position.role {
        Role::Nullish if matches!(&*operator, "||" | "&&") => return false,
        Role::Logical if operator == "??" => return false,
        Role::Body if text.starts_with('{') && node.kind() != "statement_block" => return false,
        Role::Constructor
            if node.kind() == "call_expression"
                || spine(node).any(|part| part.kind() == "call_expression") =>
        {
            return false;
        }
        Role::Object if node.kind() == "number" => return false,
        Role::Object if is_optional(node) && Position::of(node).role != Role::Object => {
            return false;
        }
        _ => {}
    }
    level(node, &operator) >= position.least
}

/// What a chain of members and calls goes back to, link by link.
fn spine<'t>(node: &Syntax<'t>) -> impl Iterator<Item = Syntax<'t>> {
    let next = |node: &Syntax<'t>| node.field("object").or_else(|| node.field("function"));
    std::iter::successors(next(node), move |node| next(node))
}

/// True for a chain that ends early where something in it is not there: `a?.b`.
fn is_optional(node: &Syntax) -> bool {
    let has = |node: &Syntax| {
        node.children()
            .any(|child| child.kind() == "optional_chain" || child.text() == "?.")
    };
    let is_chain = matches!(
        &*node.kind(),
        "member_expression" | "subscript_expression" | "call_expression"
    );
    is_chain && (has(node) || spine(node).any(|part| has(&part)))
}

fn level(node: &Syntax, operator: &str) -> u8 {
    match &*node.kind() {
        "sequence_expression" => SEQUENCE,
        "assignment_expression"
        | "augmented_assignment_expression"
        | "arrow_function"
        | "yield_expression" => ASSIGNMENT,
        "ternary_expression" => CONDITIONAL,
        "binary_expression" => operator_level(operator),
        "as_expression" | "satisfies_expression" => RELATIONAL,
        "unary_expression" | "await_expression" | "type_assertion" => UNARY,
        "update_expression" => UPDATE,
        "new_expression" if node.field("arguments").is_none() => NEW_WITHOUT_ARGUMENTS,
        "new_expression"
        | "call_expression"
        | "member_expression"
        | "subscript_expression"
        | "non_null_expression" => CALL,
        _ => PRIMARY,
    }
}

fn operator_level(operator: &str) -> u8 {
    match operator {
        "??" | "||" => 4,
        "&&" => 5,
        "|" => 6,
        "^" => 7,
        "&" => 8,
        "==" | "!=" | "===" | "!==" => 9,
        "<<" | ">>" | ">>>" => 11,
        "+" | "-" => 12,
        "*" | "/" | "%" => 13,
        "**" => EXPONENT,
        _ => RELATIONAL,
    }
}

fn type_level(kind: &str) -> u8 {
    match kind {
        "conditional_type" | "function_type" | "constructor_type" => 1,
        "union_type" => 2,
        "intersection_type" => 3,
        "index_type_query" | "readonly_type" | "infer_type" => 4,
        _ => PRIMARY,
    }
}
