//! Secrets that no word announces, found by how they stand in the text.

use super::guards::{count, count_back};
use super::tables::Shape;

/// Letters between the dots of a dotted token, and in the runs around them.
const MIDDLE: usize = 6;
const SHORTEST_HEAD: usize = 23;
const SHORTEST_TAIL: usize = 27;
/// Letters of a line of a key.
const LINE: usize = 64;
const FEWEST_LINES: usize = 3;

/// Where a shape stands in a text, in order.
pub fn of(shape: Shape, text: &[u8]) -> Vec<(usize, usize)> {
    match shape {
        Shape::Dotted => dotted(text),
        Shape::Lines => lines(text),
    }
}

fn dotted(text: &[u8]) -> Vec<(usize, usize)> {
    let of_run = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    let tokens = memchr::memchr_iter(b'.', text).filter(|&at| {
        let tail = at + 1 + MIDDLE;
        text.get(tail) == Some(&b'.')
            && count(
                &text[tail + 1..(tail + 1 + SHORTEST_TAIL).min(text.len())],
                of_run,
            ) == SHORTEST_TAIL
            && count_back(&text[at.saturating_sub(SHORTEST_HEAD)..at], of_run) == SHORTEST_HEAD
    });
    tokens.map(|at| (at, at + 1)).collect()
}

/// The first line of each run of lines; a line ends with a break or, in a string, with what stands for one.
fn lines(text: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'\n', b'\\', &text[at..]) {
        let end = at + next;
        at = end + joint(&text[end..]).max(1);
        let Some(first) = line_before(&text[..end]) else {
            continue;
        };
        let mut count = 1;
        while is_line(&text[at..]) {
            count += 1;
            at += LINE + joint(&text[at + LINE..]);
        }
        if count >= FEWEST_LINES {
            found.push((first, first + LINE));
        }
    }
    found
}

/// Where the line begins that ends with the text, or before the quotes that it ends with.
fn line_before(text: &[u8]) -> Option<usize> {
    let quotes = count_back(&text[text.len().saturating_sub(8)..], |byte| {
        b"\"'`+, \t\r".contains(&byte)
    });
    let starts = [text.len(), text.len() - quotes]
        .map(|end| end.checked_sub(LINE))
        .into_iter()
        .flatten();
    let is_alone =
        |first: &usize| *first == 0 || !is_base64(text[first - 1]) || is_escape(&text[..*first]);
    starts
        .filter(|first| is_line(&text[*first..]))
        .find(is_alone)
}

fn is_escape(text: &[u8]) -> bool {
    text.len() > 1 && text[text.len() - 2] == b'\\'
}

fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/'
}

fn is_line(text: &[u8]) -> bool {
    text.len() >= LINE
        && count(&text[..LINE], is_base64) == LINE
        && text.get(LINE).is_none_or(|byte| !is_base64(*byte))
}

/// How many bytes stand between two lines: breaks, indents, quotes and what joins strings.
fn joint(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escapes = byte == b'\\'
            && text
                .get(at + 1)
                .is_some_and(|next| b"nrt\"'\\".contains(next));
        if !escapes && !byte.is_ascii_whitespace() && !b"\"'`+,".contains(&byte) {
            break;
        }
        let breaks = escapes && text[at + 1] != b'\\';
        at += 1 + usize::from(breaks);
    }
    at
}
