//! Takes secrets out of text and out of the strings of JSON.
//!
//! The rules are data (`rules.toml`, and those of gitleaks beside it), made into tables when the crate is built. A text is read once for
//! the keywords of all rules, and for the shapes of secrets that no word announces (`shapes`). Where a keyword stands, a quick look beside
//! it (`guards`) says whether a secret can be there, and only then is the pattern of the rule compiled and asked, about the windows around
//! its keywords and nothing else. Windows that touch are one, so that each rule reads a text at most once: what this costs is linear in the
//! text, whatever stands in it.

mod guards;
mod json;
mod shapes;
mod tables;
mod values;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, Span};

use guards::Guards;
use tables::{BEGINS, KEYWORDS, RULES, Rule, SHAPES, STARTS, slot_of};

pub use json::without_secrets as without_secrets_of_json;

/// How many secrets of each kind were taken out.
pub type Counts = BTreeMap<&'static str, u32>;

/// Beginning of every mark that stands in the place of a secret.
pub const MARK: &[u8] = b"[redacted ";
/// Taking something out can make room for another match; so often is looked again.
const ROUNDS: usize = 8;
const LONGEST_TAKEN_APART: usize = 8192;

/// The text with `[redacted KIND]` in place of every secret; `None` when there is none.
pub fn without_secrets(text: &[u8]) -> Option<(Vec<u8>, Counts)> {
    let mut counts = Counts::new();
    let mut kept = taken_out(text, &mut counts)?;
    for _ in 1..ROUNDS {
        match taken_out(&kept, &mut counts) {
            Some(next) => kept = next,
            None => break,
        }
    }
    Some((kept, counts))
}

fn taken_out(text: &[u8], counts: &mut Counts) -> Option<Vec<u8>> {
    let found = secrets(text);
    if found.is_empty() {
        return None;
    }
    let mut kept = Vec::with_capacity(text.len());
    let mut end = 0;
    for (span, kind) in found {
        *counts.entry(kind).or_default() += 1;
        kept.extend_from_slice(&text[end..span.start]);
        kept.extend_from_slice(MARK);
        kept.extend_from_slice(kind.as_bytes());
        kept.push(b']');
        end = span.end;
    }
    kept.extend_from_slice(&text[end..]);
    Some(kept)
}

/// Places of secrets, in order and apart, each with its kind; of those that overlap the kind of the rule that stands first.
fn secrets(text: &[u8]) -> Vec<(Span, &'static str)> {
    let mut found: Vec<(Span, usize)> = Vec::new();
    for (number, windows) in windows(text) {
        for window in windows {
            ask(number, text, window, &mut found);
        }
    }
    found.sort_by_key(|(span, _)| span.start);
    let mut apart: Vec<(Span, usize)> = Vec::with_capacity(found.len());
    for (span, number) in found {
        match apart.last_mut() {
            Some((last, first)) if span.start < last.end => {
                last.end = last.end.max(span.end);
                *first = (*first).min(number);
            }
            _ => apart.push((span, number)),
        }
    }
    apart.retain(|(span, _)| memchr::memmem::find(&text[span.range()], MARK).is_none());
    let named = apart.into_iter();
    named
        .map(|(span, number)| (span, RULES[number].id))
        .collect()
}

/// The parts of the text that each rule has to be asked about.
fn windows(text: &[u8]) -> BTreeMap<usize, Vec<Span>> {
    let mut open: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
    each_candidate(text, |at, end, number| {
        let rule = &RULES[number];
        let window = Span {
            start: at.saturating_sub(rule.before),
            end: end.saturating_add(rule.after).min(text.len()),
        };
        let windows = open.entry(number).or_default();
        match windows.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => windows.push(window),
        }
        true
    });
    open
}

/// False when nothing in the text can be a secret.
fn is_suspicious(text: &[u8]) -> bool {
    let mut any = false;
    each_candidate(text, |_, _, _| {
        any = true;
        false
    });
    any
}

/// Calls `act` with the start and end of each keyword beside which a secret can be and of each shape that one has, and the number of its
/// rule, until that says false.
fn each_candidate(text: &[u8], mut act: impl FnMut(usize, usize, usize) -> bool) {
    if text.len() < 3 {
        return;
    }
    for &(shape, number) in &SHAPES {
        for (at, end) in shapes::of(shape, text) {
            if !act(at, end, number) {
                return;
            }
        }
    }
    let mut guards = Guards::new(text);
    let mut slot = slot_of(text[0], text[1]);
    for at in 0..text.len() - 2 {
        slot = tables::moved(slot, text[at + 2]);
        if BEGINS[slot / 64] >> (slot % 64) & 1 == 0 {
            continue;
        }
        let Ok(place) = STARTS.binary_search_by_key(&(slot as u16), |(slot, _)| *slot) else {
            continue;
        };
        for &keyword in STARTS[place].1 {
            let (word, rules) = KEYWORDS[usize::from(keyword)];
            let end = at + word.len();
            if end > text.len() || !text[at..end].eq_ignore_ascii_case(word.as_bytes()) {
                continue;
            }
            for &number in rules {
                let number = usize::from(number);
                if guards.may_hold(RULES[number].guard, at, end) && !act(at, end, number) {
                    return;
                }
            }
        }
    }
}

/// Adds the secrets that a rule finds in a window. A match that the end of the window cut is looked at again up to the end of the text.
fn ask(number: usize, text: &[u8], window: Span, found: &mut Vec<(Span, usize)>) {
    let rule = &RULES[number];
    let regex = regex_of(number);
    let mut start = window.start;
    while start < window.end {
        let mut whole = regex.search(&Input::new(text).range(start..window.end));
        if whole
            .as_ref()
            .is_some_and(|whole| whole.end() == window.end)
        {
            whole = regex.search(&Input::new(text).range(start..));
        }
        let Some(whole) = whole else {
            return;
        };
        let value = value_of(rule, regex, text, whole.span());
        if values::is_secret(
            rule,
            &text[whole.start()..value.start],
            &text[value.range()],
        ) {
            found.push((if rule.whole { whole.span() } else { value }, number));
        }
        start = value.end.max(start + 1);
    }
}

/// The part of a match that is the secret; all of it where it is very long, for groups are found slowly.
fn value_of(rule: &Rule, regex: &Regex, text: &[u8], whole: Span) -> Span {
    if regex.captures_len() == 1 || whole.len() > LONGEST_TAKEN_APART {
        return whole;
    }
    let mut captures = regex.create_captures();
    let input = Input::new(text).span(whole).anchored(Anchored::Yes);
    regex.search_captures(&input, &mut captures);
    let group = match rule.group {
        0 => (1..captures.group_len()).find_map(|group| captures.get_group(group)),
        group => captures.get_group(group),
    };
    group.unwrap_or(whole)
}

fn regex_of(number: usize) -> &'static Regex {
    static COMPILED: [OnceLock<Regex>; RULES.len()] = [const { OnceLock::new() }; RULES.len()];
    COMPILED[number].get_or_init(|| {
        Regex::builder()
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .configure(Config::new().utf8_empty(false))
            .build(RULES[number].pattern)
            .unwrap_or_else(|error| panic!("{}: {error}", RULES[number].id))
    })
}
