//! How deep the syntax tree of a text can be, judged before it is parsed: a stack that overflows cannot be caught.

use super::tokens::{Token, Tokens};

/// A bound for the depth of a text's tree; rough where that is already at most `enough`.
///
/// Nested brackets make a level each; so does every operator of a chain such as `a + b + c`, every link of
/// `a.b().c()`, and every `else if`.
pub fn depth(text: &str, enough: usize) -> usize {
    if text.len() <= enough {
        // Every level takes a byte.
        return text.len();
    }
    let rough = rough_depth(text.as_bytes());
    if rough <= enough {
        rough
    } else {
        exact_depth(text).min(rough)
    }
}

/// Effect of a byte on the depth: nothing, opens, closes, ends a block, ends a chain, adds to a chain.
const EFFECTS: [u8; 256] = {
    let mut effects = [5u8; 256];
    let mut byte = 0;
    while byte < 256 {
        effects[byte] = match byte as u8 {
            b'(' | b'[' | b'{' => 1,
            b')' | b']' => 2,
            b'}' => 3,
            b';' | b',' => 4,
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => 0,
            _ => 5,
        };
        byte += 1;
    }
    effects
};

/// Counts bytes, comments and strings included, so it never comes out too low.
fn rough_depth(bytes: &[u8]) -> usize {
    let (mut open, mut chain, mut deepest) = (0usize, 0usize, 0usize);
    let mut in_blanks = false;
    for &byte in bytes {
        // Blanks count once: several together are no deeper than one.
        let blank = byte == b' ' || byte == b'\n';
        if blank && in_blanks {
            continue;
        }
        in_blanks = blank;
        match EFFECTS[byte as usize] {
            0 => continue,
            1 => {
                open += 1;
                chain += 1;
            }
            2 => open = open.saturating_sub(1),
            3 => {
                open = open.saturating_sub(1);
                chain = 0;
            }
            4 => chain = 0,
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
