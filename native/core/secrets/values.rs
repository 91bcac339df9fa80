//! Secrets among values of the right shape: what no person would write unless it were one.

use super::MARK;
use super::tables::{Guard, Rule, Value};

const SHORTEST_RANDOM: usize = 16;
const LONG: usize = 24;
const SHORTEST_PASSWORD: usize = 8;
const SHORTEST_MIXED: usize = 10;
const SHORTEST_WORD: usize = 3;
/// Bits for each character; words and identifiers have fewer.
const RANDOM: f64 = 3.5;
const RANDOM_WHEN_SHORT: f64 = 3.0;
const MIXED: f64 = 2.5;
/// A number between words, such as a year.
const LONGEST_NUMBER: usize = 4;

/// Names whose values are no secrets, though they are random.
const HARMLESS: [&str; 9] = [
    "digest",
    "hash",
    "integrity",
    "checksum",
    "sha1",
    "sha256",
    "sha512",
    "etag",
    "public",
];
/// Words that stand for a value that somebody is to fill in, or that is taken from elsewhere, and types.
const PLACEHOLDERS: [&str; 17] = [
    "your",
    "example",
    "placeholder",
    "username",
    "changeme",
    "change_me",
    "change-me",
    "xxxx",
    "****",
    "....",
    "process.env",
    "import.meta",
    "os.environ",
    "8array",
    "16array",
    "32array",
    "64array",
];
/// Passwords that nobody keeps secret, with or without some digits behind them.
const WELL_KNOWN: &str = " pass password testpwd testpass testpassword mypassword mysecret passwd passphrase pwd pw secret token test testing user username admin root guest postgres mysql foo bar baz dummy fake abc auth ";

/// Words that say what is to be filled in, in place of a password.
const TELLING: [&[u8]; 14] = [
    b"here",
    b"the",
    b"some",
    b"database",
    b"key",
    b"value",
    b"change",
    b"this",
    b"insert",
    b"replace",
    b"strong",
    b"secure",
    b"default",
    b"env",
];

/// True when a value of the shape of a rule is a secret; `lead` is what the rule matched before it.
pub fn is_secret(rule: &Rule, lead: &[u8], value: &[u8]) -> bool {
    if value.starts_with(MARK.trim_ascii_end()) || is_own(value) || entropy(value) < rule.entropy {
        return false;
    }
    if rule.guard == Guard::Assigned && is_harmless(lead) {
        return false;
    }
    match rule.value {
        Value::Any => true,
        Value::Mixed => is_mixed(value),
        Value::Random => is_random(value) && !is_placeholder(value),
        Value::Password => {
            let chosen = is_strong(value) || (names_password(lead) && is_interspersed(value));
            (is_random(value) || chosen) && !is_placeholder(value)
        }
        Value::Chosen => is_chosen(value) && !is_placeholder(value),
        Value::Credential => !is_placeholder(value) && !is_well_known(value),
        Value::Phrase => (is_chosen(value) || is_phrase(value)) && !is_placeholder(value),
        Value::Body => lead.is_empty() && is_random(value),
    }
}

/// True for the tokens and the ids of sessions that clew itself gives out.
fn is_own(value: &[u8]) -> bool {
    let token = memchr::memmem::find(value, b"js--").is_some_and(|at| {
        let body = &value[at + 4..];
        let is_body = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        body.len() > 26 && body[..26].iter().all(is_body) && body[26] == b'-'
    });
    token || value.starts_with(b"sess-")
}

fn is_harmless(lead: &[u8]) -> bool {
    let lead = lead.to_ascii_lowercase();
    HARMLESS
        .iter()
        .any(|word| memchr::memmem::find(&lead, word.as_bytes()).is_some())
}

fn names_password(lead: &[u8]) -> bool {
    let lead = lead.to_ascii_lowercase();
    let at = |word| memchr::memmem::find(&lead, word).is_some();
    at(b"pass".as_slice()) || at(b"pwd")
}

fn is_placeholder(value: &[u8]) -> bool {
    let low = value.to_ascii_lowercase();
    let first = value.first().copied().unwrap_or_default();
    let varies = value.iter().any(|byte| *byte != first);
    let template = (first == b'$'
        && value
            .get(1)
            .is_some_and(|byte| byte.is_ascii_alphabetic() || b"{(".contains(byte)))
        || memchr::memmem::find(value, b"${").is_some()
        || memchr::memmem::find(value, b"{{").is_some()
        || (first == b'%' && value.ends_with(b"%"))
        || b"<{[(".contains(&first);
    !varies
        || template
        || PLACEHOLDERS
            .iter()
            .any(|word| memchr::memmem::find(&low, word.as_bytes()).is_some())
}

fn is_well_known(value: &[u8]) -> bool {
    let low = value.to_ascii_lowercase();
    let digits = low
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let word = &low[..low.len() - digits];
    let spaced = [b" ", word, b" "].concat();
    word.is_empty() || memchr::memmem::find(WELL_KNOWN.as_bytes(), &spaced).is_some()
}

/// True for a string that no person chose: letters and digits mixed, and hardly a repetition.
fn is_random(value: &[u8]) -> bool {
    let is_hex = value.iter().all(u8::is_ascii_hexdigit);
    let bits = if is_hex || value.len() < LONG {
        RANDOM_WHEN_SHORT
    } else {
        RANDOM
    };
    value.len() >= SHORTEST_RANDOM
        && has_letters_and_digits(value)
        && entropy(value) >= bits
        && !is_worded(value)
}

fn is_mixed(value: &[u8]) -> bool {
    value.len() >= SHORTEST_MIXED
        && has_letters_and_digits(value)
        && entropy(value) >= MIXED
        && !is_worded(value)
}

/// True for what a person chooses who was told to mix: letters with digits among them, and a sign or both cases.
fn is_strong(value: &[u8]) -> bool {
    if value.len() < SHORTEST_PASSWORD
        || !has_letters_and_digits(value)
        || is_worded(value)
        || is_code(value)
    {
        return false;
    }
    let signs = value
        .iter()
        .filter(|byte| b"!@#$%^&*?".contains(byte))
        .count();
    let cases =
        value.iter().any(u8::is_ascii_uppercase) && value.iter().any(u8::is_ascii_lowercase);
    let is_path = signs == 0 && value.contains(&b'.');
    entropy(value) >= MIXED && !is_path && (signs > 0 || (cases && has_digit_within(value)))
}

/// True for letters of one case or two with digits that are no number behind a word.
fn is_interspersed(value: &[u8]) -> bool {
    value.len() >= SHORTEST_PASSWORD
        && has_letters_and_digits(value)
        && has_digit_within(value)
        && !is_worded(value)
        && !is_code(value)
        && !is_well_known(value)
}

fn has_digit_within(value: &[u8]) -> bool {
    value.windows(3).any(|three| {
        three[0].is_ascii_alphabetic()
            && three[1].is_ascii_digit()
            && three[2].is_ascii_alphabetic()
    })
}

fn is_chosen(value: &[u8]) -> bool {
    let letters = value.iter().any(u8::is_ascii_alphabetic);
    let other = value
        .iter()
        .any(|byte| byte.is_ascii_digit() || b"!@#$%^&*".contains(byte));
    letters && other && !is_code(value) && !is_worded(value) && !is_well_known(value)
}

/// True for words that somebody strung together, none of which says what a password is or does.
fn is_phrase(value: &[u8]) -> bool {
    let mut words = value.split(|byte| b"-_.".contains(byte));
    let are_words = words.all(|word| {
        let low = word.to_ascii_lowercase();
        word.len() >= SHORTEST_WORD
            && word.iter().all(u8::is_ascii_alphabetic)
            && !TELLING.contains(&low.as_slice())
            && !is_well_known(word)
    });
    let joints = value.iter().filter(|byte| b"-_.".contains(byte)).count();
    joints >= 2 && are_words
}

fn is_code(value: &[u8]) -> bool {
    value.iter().any(|byte| b"(){}[]<>|".contains(byte))
        || memchr::memmem::find(value, b"&&").is_some()
        || memchr::memmem::find(value, b"==").is_some_and(|at| at + 2 < value.len())
}

fn has_letters_and_digits(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic)
}

/// True for names and paths: pieces of words between separators, as in `process.env.API_KEY_2` or `your-api-key-here1`.
fn is_worded(value: &[u8]) -> bool {
    let mut pieces = 0;
    for piece in value.split(|byte| b"-_./:@#".contains(byte)) {
        let word = without_digits(piece);
        if piece.len() > LONGEST_NUMBER
            && (word.is_empty() || !word.iter().all(u8::is_ascii_alphabetic))
        {
            return false;
        }
        pieces += 1;
    }
    pieces > 1
}

/// A piece without the digits around it.
fn without_digits(piece: &[u8]) -> &[u8] {
    let is_other = |byte: &u8| !byte.is_ascii_digit();
    let first = piece.iter().position(is_other).unwrap_or(piece.len());
    let last = piece
        .iter()
        .rposition(is_other)
        .map_or(first, |last| last + 1);
    &piece[first..last]
}

/// Bits per character.
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for byte in value {
        counts[usize::from(*byte)] += 1;
    }
    let length = value.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0);
    shares
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}
