//! Syntax of Flow that only the place where the parser gives up tells from JavaScript: spreads and bare function types.

use super::{Edits, brackets};
use crate::extract::damage::layout::{Layout, TOP};
use crate::extract::tokens::Token;

/// Writes another way what stands where the parser gives up.
pub fn apply(layout: &Layout, levels: &[Vec<usize>], error: usize, edits: &mut Edits) {
    let at = layout.pieces.partition_point(|piece| piece.end <= error);
    match layout.mark(at) {
        Some(b'.') => spreads(layout, levels, at, edits),
        Some(b'=') if layout.mark(at + 1) == Some(b'>') => bare_parameter(layout, at, edits),
        _ => parameters(layout, levels, at, edits),
    }
}

/// Types that stand where a method declares its parameters.
fn parameters(layout: &Layout, levels: &[Vec<usize>], at: usize, edits: &mut Edits) {
    let Some(piece) = layout.pieces.get(at) else {
        return;
    };
    let mut group = piece.group;
    while group != TOP {
        let of = &layout.groups[group];
        let is_method = matches!(
            before(layout, of.open),
            Some(Token::Word | Token::Mark(b'>'))
        );
        if is_method && layout.mark(of.open) == Some(b'(') && layout.mark(of.end + 1) == Some(b':')
        {
            return brackets::parameters(layout, levels, group, edits);
        }
        group = of.parent;
    }
}

/// `{a: b, ...C}` is `{a: b} & C`, for all that is spread in the same object.
fn spreads(layout: &Layout, levels: &[Vec<usize>], at: usize, edits: &mut Edits) {
    let group = layout.pieces[at].group;
    if group == TOP || layout.mark(layout.groups[group].open) != Some(b'{') {
        return;
    }
    let level = &levels[group];
    let mark = |place: usize| level.get(place).and_then(|&at| layout.mark(at));
    let (mut place, mut depth) = (0, 0usize);
    let mut is_open = false;
    while place < level.len() {
        let piece = &layout.pieces[level[place]];
        match mark(place) {
            Some(b'.') if mark(place + 1) == Some(b'.') && mark(place + 2) == Some(b'.') => {
                let end = layout.pieces[level[place + 2]].end;
                if !edits.replaces(piece.start) {
                    edits.replace(piece.start, end, "}&");
                    is_open = true;
                }
                place += 2;
            }
            Some(b'<') => depth += 1,
            Some(b'>') if place > 0 && mark(place - 1) != Some(b'=') => {
                depth = depth.saturating_sub(1);
            }
            Some(b',' | b';') if depth == 0 && is_open => {
                edits.replace(piece.start, piece.end, "&{");
                is_open = false;
            }
            _ => {}
        }
        place += 1;
    }
    if is_open && let Some(close) = layout.pieces.get(layout.groups[group].end) {
        edits.insert(close.start, "&{");
    }
}

/// `A => B` in a type is `({}: A) => B`.
fn bare_parameter(layout: &Layout, arrow: usize, edits: &mut Edits) {
    let Some(last) = arrow.checked_sub(1) else {
        return;
    };
    let Some(start) = type_start(layout, last) else {
        return;
    };
    edits.insert(layout.pieces[start].start, "({}:");
    edits.insert(layout.pieces[last].end, ")");
}

/// Start of the type that ends with a token: a name with what qualifies it and its arguments, a literal, an object, a list.
fn type_start(layout: &Layout, last: usize) -> Option<usize> {
    let mut at = last;
    loop {
        match layout.pieces[at].token {
            Token::Mark(b']') => {
                at = layout.groups[layout.pieces[at].group].open;
                if matches!(
                    before(layout, at),
                    Some(Token::Word | Token::Mark(b']' | b'>'))
                ) {
                    at -= 1;
                    continue;
                }
                return Some(at);
            }
            Token::Mark(b'}' | b')') => return Some(layout.groups[layout.pieces[at].group].open),
            Token::Mark(b'>') => at = angle_start(layout, at)?.checked_sub(1)?,
            Token::Word | Token::String | Token::Number => {
                if before(layout, at) != Some(Token::Mark(b'.')) {
                    return Some(at);
                }
                at = at.checked_sub(2)?;
            }
            _ => return None,
        }
    }
}

fn before(layout: &Layout, at: usize) -> Option<Token> {
    Some(layout.pieces[at.checked_sub(1)?].token)
}

/// The `<` that a `>` closes.
fn angle_start(layout: &Layout, close: usize) -> Option<usize> {
    let mut depth = 0usize;
    for at in (0..=close).rev() {
        match layout.mark(at) {
            Some(b'>') if at == 0 || layout.mark(at - 1) != Some(b'=') => depth += 1,
            Some(b'<') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            Some(b';') => return None,
            _ => {}
        }
    }
    None
}
