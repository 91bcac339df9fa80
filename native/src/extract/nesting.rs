//! How deep the syntax tree of a text can be, judged before it is parsed: a stack that overflows cannot be caught.

use super::tokens::{Token, Tokens};

/// Trees up to this depth fit any thread's stack.
const SHALLOW: usize = 150;

/// A bound for the depth of a text's tree.
///
/// Nested brackets make a level each; so does every operator of a chain such as `a + b + c`, every link of
/// `a.b().c()`, and every `else if`. The bound is rough where a rough one shows the tree to be shallow.
pub fn depth(text: &str) -> usize {
    let rough = rough_depth(text.as_bytes());
    if rough <= SHALLOW {
        0
    } else {
        exact_depth(text).min(rough)
    }
}

/// Counts bytes, comments and strings included, so it never comes out too low.
fn rough_depth(bytes: &[u8]) -> usize {
    let (mut open, mut chain, mut deepest) = (0usize, 0usize, 0usize);
    for &byte in bytes {
        match byte {
            b'(' | b'[' | b'{' => {
                open += 1;
                chain += 1;
            }
            b')' | b']' => open = open.saturating_sub(1),
            b'}' => {
                open = open.saturating_sub(1);
                chain = 0;
            }
            b';' | b',' => chain = 0,
            byte if byte.is_ascii_alphanumeric() || byte >= 0x80 => continue,
            _ => chain += 1,
        }
        deepest = deepest.max(open + chain);
    }
    deepest + memchr::memmem::find_iter(bytes, b"else").count()
}

/// Counts tokens, and lets a chain end where its statement ends.
fn exact_depth(text: &str) -> usize {
    let mut open: Vec<usize> = Vec::new();
    let (mut chain, mut deepest, mut branches) = (0usize, 0usize, 0usize);
    let mut last = (Token::Mark(b';'), 0);
    for placed in Tokens::new(text) {
        let base = open.last().map_or(0, |&outer| outer + 1);
        match placed.token {
            Token::Mark(b'(' | b'[' | b'{') => {
                open.push(chain);
                chain += 1;
            }
            Token::Mark(b')' | b']') => chain = open.pop().map_or(0, |outer| outer + 1),
            Token::Mark(b'}') => chain = open.pop().unwrap_or(0),
            Token::Mark(b';' | b',') => chain = base,
            Token::Word if last.0 == Token::Mark(b'}') => chain = base,
            Token::Word if ends_value(last.0) && text[last.1..placed.start].contains('\n') => {
                chain = base
            }
            _ => chain += 1,
        }
        if placed.token == Token::Word && &text[placed.start..placed.end] == "else" {
            branches += 1;
        }
        deepest = deepest.max(chain);
        last = (placed.token, placed.end);
    }
    deepest + branches
}

fn ends_value(token: Token) -> bool {
    match token {
        Token::Mark(mark) => matches!(mark, b')' | b']'),
        Token::Word | Token::Number | Token::String | Token::Template | Token::RegExp => true,
    }
}
