//! Turns the rules about secrets into tables, so that nothing is parsed when a command starts: see `secrets/rules.toml`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{env, fs, path::Path};

use regex_syntax::ParserBuilder;
use toml::{Table, Value};

/// The pattern that gitleaks puts between a name and its value.
const ASSIGNMENT: &str = r"(?:[ \t\w.-]{0,20})[\s'";
/// How far a match of a pattern without an end may begin before its keyword.
const LEAD: usize = 64;
const FARTHEST: usize = 600;

struct Rule {
    id: String,
    pattern: String,
    keywords: Vec<String>,
    /// What is looked for in place of a keyword, if anything.
    shape: String,
    group: i64,
    entropy: f64,
    value: String,
    guard: String,
    whole: bool,
}

fn main() {
    let mut rules = Vec::new();
    let own = read("secrets/rules.toml");
    let (off, other) = (table(&own, "off"), table(&own, "keywords"));
    for rule in own["rules"].as_array().expect("an array of rules") {
        rules.push(own_rule(rule));
    }
    for (prefix, shape) in table(&own, "tokens") {
        rules.push(token_rule(prefix, shape.as_str().expect("a shape")));
    }
    let theirs = read("secrets/gitleaks.toml");
    for rule in theirs["rules"].as_array().expect("an array of rules") {
        let rule = rule.as_table().expect("a rule");
        if !off.contains_key(text(rule, "id")) {
            rules.push(their_rule(rule, other));
        }
    }
    let out = Path::new(&env::var_os("OUT_DIR").expect("cargo says where")).join("secrets.rs");
    fs::write(out, tables(&rules)).expect("the tables can be written");
}

fn read(path: &str) -> Table {
    println!("cargo:rerun-if-changed={path}");
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.parse()
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn table<'a>(of: &'a Table, name: &str) -> &'a Table {
    of[name].as_table().expect("a table")
}

fn text<'a>(rule: &'a Table, name: &str) -> &'a str {
    rule.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn words(value: &Value) -> Vec<String> {
    let words = value.as_array().expect("an array of words").iter();
    words
        .map(|word| word.as_str().expect("a word").to_ascii_lowercase())
        .collect()
}

fn number(rule: &Table, name: &str) -> f64 {
    rule.get(name).map_or(0.0, |value| {
        let whole = value.as_integer().map(|whole| whole as f64);
        value.as_float().or(whole).expect("a number")
    })
}

fn own_rule(rule: &Value) -> Rule {
    let rule = rule.as_table().expect("a rule");
    let or = |name, other: &str| match text(rule, name) {
        "" => other.to_owned(),
        given => given.to_owned(),
    };
    Rule {
        id: text(rule, "id").to_owned(),
        pattern: text(rule, "regex").to_owned(),
        keywords: rule.get("keywords").map(words).unwrap_or_default(),
        shape: text(rule, "shape").to_owned(),
        group: 0,
        entropy: number(rule, "entropy"),
        value: or("value", "any"),
        guard: or("guard", "run"),
        whole: rule.get("whole").and_then(Value::as_bool).unwrap_or(false),
    }
}

fn token_rule(prefix: &str, shape: &str) -> Rule {
    let id: String = prefix
        .to_ascii_lowercase()
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    Rule {
        id: format!("{id}-token"),
        pattern: format!(r"\b{}{shape}", regex_syntax::escape(prefix)),
        keywords: vec![prefix.to_ascii_lowercase()],
        shape: String::new(),
        group: 0,
        entropy: 0.0,
        value: "any".to_owned(),
        guard: "run".to_owned(),
        whole: true,
    }
}

fn their_rule(rule: &Table, other: &Table) -> Rule {
    let (id, pattern) = (text(rule, "id"), text(rule, "regex"));
    let keywords = words(other.get(id).unwrap_or_else(|| &rule["keywords"]));
    let (value, guard) = if pattern.contains(ASSIGNMENT) {
        ("mixed", "assigned")
    } else if keywords.iter().any(|word| word.contains([' ', '"'])) {
        ("any", "none")
    } else {
        ("any", "run")
    };
    Rule {
        id: id.to_owned(),
        // Counted repetitions before the value only bound the work, which the windows do; they cost many states.
        pattern: pattern
            .replace(r"[\w.-]{0,50}?", "")
            .replace(r"(?:[ \t\w.-]{0,20})", r"[ \t\w.-]*"),
        keywords,
        shape: String::new(),
        group: number(rule, "secretGroup") as i64,
        // A token that says whose it is needs no chance in it.
        entropy: if guard == "run" {
            0.0
        } else {
            number(rule, "entropy")
        },
        value: value.to_owned(),
        guard: guard.to_owned(),
        whole: false,
    }
}

/// The longest match of a pattern, in bytes, and `None` where there is no bound.
fn longest(rule: &Rule) -> Option<usize> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    let parsed = parser
        .parse(&rule.pattern)
        .unwrap_or_else(|error| panic!("{}: {error}", rule.id));
    parsed.properties().maximum_len()
}

fn variant(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_ascii_uppercase() + rest
}

fn tables(rules: &[Rule]) -> String {
    let mut out = format!("pub static RULES: [Rule; {}] = [\n", rules.len());
    let mut shapes = Vec::new();
    let mut keywords: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, rule) in rules.iter().enumerate() {
        let longest = longest(rule);
        let before = longest.unwrap_or(LEAD).min(FARTHEST);
        let after = longest.unwrap_or(FARTHEST).min(FARTHEST);
        writeln!(
            out,
            "Rule {{ id: {:?}, pattern: {:?}, group: {}, entropy: {:?}, value: Value::{}, guard: Guard::{}, whole: {}, before: {before}, after: {after} }},",
            rule.id, rule.pattern, rule.group, rule.entropy, variant(&rule.value), variant(&rule.guard), rule.whole,
        )
        .expect("a string takes all");
        assert!(
            rule.keywords.is_empty() != rule.shape.is_empty(),
            "{}: keywords or a shape",
            rule.id
        );
        if !rule.shape.is_empty() {
            shapes.push(format!("(Shape::{}, {number})", variant(&rule.shape)));
        }
        for word in &rule.keywords {
            assert!(word.len() > 2, "{}: {word:?} is too short", rule.id);
            keywords.entry(word).or_default().push(number);
        }
    }
    out.push_str("];\n");
    write!(
        out,
        "pub static KEYWORDS: [(&str, &[u16]); {}] = [",
        keywords.len()
    )
    .expect("a string");
    let mut first: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, (word, of)) in keywords.iter().enumerate() {
        write!(out, "({word:?}, &{of:?}),").expect("a string takes all");
        let word = word.as_bytes();
        first.entry(slot(word)).or_default().push(number);
    }
    out.push_str("];\n");
    writeln!(
        out,
        "pub static SHAPES: [(Shape, usize); {}] = [{}];",
        shapes.len(),
        shapes.join(", ")
    )
    .expect("a string takes all");
    let mut bits = vec![0u64; SLOTS / 64];
    for slot in first.keys() {
        bits[slot / 64] |= 1 << (slot % 64);
    }
    writeln!(out, "pub static BEGINS: [u64; {}] = {bits:?};", bits.len()).expect("a string");
    write!(
        out,
        "pub static STARTS: [(u16, &[u16]); {}] = [",
        first.len()
    )
    .expect("a string");
    for (slot, numbers) in &first {
        write!(out, "({slot}, &{numbers:?}),").expect("a string takes all");
    }
    out.push_str("];\n");
    out
}

/// The classes of the first three bytes of a keyword.
fn slot(word: &[u8]) -> usize {
    (class(word[0]) << 10) | (class(word[1]) << 5) | class(word[2])
}

include!("secrets/slots.rs");
