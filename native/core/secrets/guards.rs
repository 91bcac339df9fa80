//! Quick looks beside a keyword: what none of them lets through, no pattern would match.
//!
//! Each remembers how far it looked and what it found, so that keywords that stand close together are not looked beside again and again.

use super::tables::Guard;

const LONGEST_GAP: usize = 48;
const SHORTEST_VALUE: usize = 6;
const LONGEST_VALUE: usize = 64;
const SHORTEST_RUN: usize = 16;
const LONG_RUN: usize = 20;
const NEARBY: usize = 200;
const SHORTEST_NEARBY: usize = 8;

/// A part of the text, and whether a secret can be there.
#[derive(Default)]
struct Known {
    from: usize,
    to: usize,
    holds: bool,
}

impl Known {
    fn covers(&self, at: usize) -> bool {
        self.from <= at && at < self.to
    }
}

/// Looks beside the keywords of one text, from its start to its end.
pub struct Guards<'t> {
    text: &'t [u8],
    run: Known,
    name: Known,
    authority: Known,
    /// Start of the next run that could be a secret, and where it is long enough; both are behind the text when there is none.
    near: Known,
}

impl<'t> Guards<'t> {
    pub fn new(text: &'t [u8]) -> Self {
        Guards {
            text,
            run: Known::default(),
            name: Known::default(),
            authority: Known::default(),
            near: Known::default(),
        }
    }

    /// True when a secret can stand beside the keyword from `at` to `end`.
    pub fn may_hold(&mut self, guard: Guard, at: usize, end: usize) -> bool {
        match guard {
            Guard::None => true,
            Guard::Run => self.in_run(at, end),
            Guard::Assigned => self.is_assigned(end),
            Guard::Userinfo => self.has_userinfo(end),
            Guard::Near => self.has_run_nearby(end),
        }
    }

    fn in_run(&mut self, at: usize, end: usize) -> bool {
        if !self.run.covers(at) || end > self.run.to {
            let from = at - count_back(&self.text[..at], |byte| is(byte, OF_TOKEN));
            let to = end + count(&self.text[end..], |byte| is(byte, OF_TOKEN));
            let run = &self.text[from..to];
            let holds = run.len() >= SHORTEST_RUN
                && (run.len() >= LONG_RUN || run.iter().any(u8::is_ascii_digit));
            self.run = Known { from, to, holds };
        }
        self.run.holds
    }

    /// True when the name goes on to an assignment of something with a digit or a sign in it.
    fn is_assigned(&mut self, end: usize) -> bool {
        if !self.name.covers(end) {
            let to = end + count(&self.text[end..], |byte| is(byte, OF_NAME));
            let holds = assigns(&self.text[to..]);
            self.name = Known {
                from: end,
                to: to + 1,
                holds,
            };
        }
        self.name.holds
    }

    /// True when an `@` stands before the host of an address ends.
    fn has_userinfo(&mut self, end: usize) -> bool {
        if !self.authority.covers(end) {
            let to = end + count(&self.text[end..], |byte| is(byte, OF_AUTHORITY));
            self.authority = Known {
                from: end,
                to: to + 1,
                holds: self.text.get(to) == Some(&b'@'),
            };
        }
        self.authority.holds
    }

    fn has_run_nearby(&mut self, end: usize) -> bool {
        if !self.near.covers(end) {
            let (mut from, mut digit) = (end, false);
            let mut to = end;
            while to < self.text.len() && !(to - from >= SHORTEST_NEARBY && digit) {
                let byte = self.text[to];
                to += 1;
                if !is(byte, OF_RUN) {
                    (from, digit) = (to, false);
                }
                digit |= is(byte, MIXES);
            }
            let holds = to - from >= SHORTEST_NEARBY && digit;
            self.near = Known {
                from: end,
                to: if holds { from + 1 } else { usize::MAX },
                holds,
            };
        }
        self.near.holds && self.near.to <= end + NEARBY
    }
}

/// Words that stand between a name and its value: types, an alternative, and the key of the value itself.
const BETWEEN: [&[u8]; 10] = [
    b"or ",
    b"static ",
    b"string",
    b"str",
    b"undefined",
    b"default",
    b"value",
    b"content",
    b"b'",
    b"b\"",
];

/// What stands behind the signs and spaces between a name and its value, and whether they assign it.
fn behind_gap(rest: &[u8]) -> (&[u8], bool) {
    let of_gap = |byte: u8| byte.is_ascii_whitespace() || b"\"'`\\])({[=:>,|?!&".contains(&byte);
    let near = &rest[..rest.len().min(LONGEST_GAP)];
    let mut gap = count(near, of_gap);
    while gap > 0
        && near[gap - 1] == b'\\'
        && near.get(gap).is_some_and(|next| b"nrt".contains(next))
    {
        gap += 1;
        gap += count(&near[gap..], of_gap);
    }
    let joins = rest[..gap].iter().any(|byte| b"=:>,|?(".contains(byte));
    (&rest[gap..], joins)
}

fn assigns(rest: &[u8]) -> bool {
    let (mut rest, mut joins) = behind_gap(rest);
    for inner in BETWEEN {
        let begins = rest
            .get(..inner.len())
            .is_some_and(|word| word.eq_ignore_ascii_case(inner));
        if begins {
            let (behind, joined) = behind_gap(&rest[inner.len()..]);
            joins |= joined || inner == b"or ";
            rest = behind;
        }
    }
    if !joins {
        return false;
    }
    let value = &rest[..rest.len().min(LONGEST_VALUE)];
    let value = &value[..count(value, |byte| is(byte, OF_VALUE))];
    value.len() >= SHORTEST_VALUE && value.iter().any(|byte| is(*byte, MIXES))
}

const OF_TOKEN: u8 = 1;
const OF_NAME: u8 = 2;
const OF_VALUE: u8 = 4;
const OF_AUTHORITY: u8 = 8;
const OF_RUN: u8 = 16;
/// Digits and signs: what a word has none of.
const MIXES: u8 = 32;

/// Classes of each byte.
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let letter = byte as u8;
        let mut kind = 0;
        if letter.is_ascii_alphanumeric() || is_in(letter, b"_-.+/=~:%$|@") {
            kind |= OF_TOKEN;
        }
        if letter.is_ascii_alphanumeric() || is_in(letter, b"_-. \t") {
            kind |= OF_NAME;
        }
        if !letter.is_ascii_whitespace() {
            if !is_in(letter, b"\"'`\\<>(){}[],;") {
                kind |= OF_VALUE;
            }
            if !is_in(letter, b"@/\"'`<>\\") {
                kind |= OF_AUTHORITY;
            }
            if !is_in(letter, b"\"'`\\;,(){}<>") {
                kind |= OF_RUN;
            }
        }
        if letter.is_ascii_digit() || is_in(letter, b"!@#$%^&*+?~=") {
            kind |= MIXES;
        }
        kinds[byte] = kind;
        byte += 1;
    }
    kinds
};

fn is(byte: u8, kind: u8) -> bool {
    KINDS[usize::from(byte)] & kind != 0
}

const fn is_in(byte: u8, list: &[u8]) -> bool {
    let mut at = 0;
    while at < list.len() {
        if list[at] == byte {
            return true;
        }
        at += 1;
    }
    false
}

pub fn count(text: &[u8], is_wanted: impl Fn(u8) -> bool) -> usize {
    let end = text.iter().position(|byte| !is_wanted(*byte));
    end.unwrap_or(text.len())
}

pub fn count_back(text: &[u8], is_wanted: impl Fn(u8) -> bool) -> usize {
    let end = text.iter().rev().position(|byte| !is_wanted(*byte));
    end.unwrap_or(text.len())
}
