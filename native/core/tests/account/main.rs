//! The account closes: every identifier of a source is an occurrence of its facts or one of its other tokens, every occurrence stands
//! in the text, and every name is posted.

mod lexer;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use clew_core::extract;
use clew_core::facts::codes::{literal, node, role, token};
use clew_core::facts::{Column, NONE, StringId, Unit, name_hash, string_hash};
use lexer::{Word, words};

/// Words that are keywords in some places or in all: they are counted only where nothing but a name can stand.
#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "abstract", "accessor", "any", "as", "assert", "asserts", "async", "await", "bigint", "boolean", "break", "case", "catch", "checks",
    "class", "const", "continue", "debugger", "declare", "default", "defer", "delete", "do", "else", "enum", "export", "extends",
    "false", "finally", "for", "from", "function", "get", "global", "if", "implements", "import", "in", "infer", "instanceof",
    "interface", "is", "keyof", "let", "module", "namespace", "never", "new", "null", "number", "object", "of", "opaque", "out", "override",
    "package", "private", "protected", "public", "readonly", "require", "return", "satisfies", "set", "source", "static", "string",
    "super", "switch", "symbol", "this", "throw", "true", "try", "type", "typeof", "undefined", "unique", "unknown", "using", "var",
    "void", "while", "with", "yield",
];

/// Report of the facts of a source about its identifiers.
struct Account {
    /// Start, end and name of each occurrence that is in no comment.
    occurrences: Vec<(usize, usize, String)>,
    /// Start and end of each other token.
    tokens: Vec<(usize, usize)>,
    regions: Vec<(usize, usize)>,
    posted: HashSet<u32>,
    /// String literals with their places.
    strings: Vec<(usize, String)>,
}

impl Account {
    fn of(path: &str, source: &[u8]) -> Self {
        let extracted = extract::pool().install(|| extract::extract(path, source));
        let unit = Unit::new(extracted.blob).expect("our own blob");
        let cell = |column: Column, row: usize| unit.column(column).get(row).expect("a row");
        let place = |column: Column, row: usize| cell(column, row) as usize;
        let text = |string: u32| unit.text(StringId(string)).to_owned();
        let rows = |column: Column| 0..unit.column(column).len();
        let is_region = |row: &usize| cell(Column::TokenName, *row) == NONE;
        let token_at = |row: usize| (place(Column::TokenStart, row), place(Column::TokenEnd, row));
        Self {
            occurrences: rows(Column::OccRole)
                .filter(|&row| cell(Column::OccRole, row) & role::JSDOC == 0)
                .map(|row| {
                    (
                        place(Column::OccStart, row),
                        place(Column::OccEnd, row),
                        text(cell(Column::OccName, row)),
                    )
                })
                .collect(),
            tokens: rows(Column::TokenKind)
                .filter(|row| !is_region(row))
                .map(token_at)
                .collect(),
            regions: rows(Column::TokenKind)
                .filter(is_region)
                .map(token_at)
                .collect(),
            posted: extracted
                .names
                .chunks_exact(4)
                .map(|hash| u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]))
                .collect(),
            strings: rows(Column::NodeKind)
                .filter(|&row| {
                    cell(Column::NodeKind, row) == node::LITERAL
                        && cell(Column::NodeA, row) == literal::STRING
                })
                .filter(|&row| cell(Column::NodeB, row) != NONE)
                .map(|row| {
                    (
                        place(Column::NodeStart, row),
                        text(cell(Column::NodeB, row)),
                    )
                })
                .collect(),
        }
    }

    /// The identifiers that the facts do not hold.
    fn left_over<'w>(&self, words: &'w [Word]) -> Vec<&'w Word> {
        let held: HashSet<(usize, usize)> = self
            .occurrences
            .iter()
            .map(|&(start, end, _)| (start, end))
            .chain(self.tokens.iter().copied())
            .collect();
        let is_unread = |word: &Word| {
            self.regions
                .iter()
                .any(|&(start, end)| start <= word.start && word.end <= end)
        };
        let is_counted = |word: &Word| word.named || !KEYWORDS.contains(&word.text.as_str());
        words
            .iter()
            .filter(|word| {
                is_counted(word) && !held.contains(&(word.start, word.end)) && !is_unread(word)
            })
            .collect()
    }

    /// Occurrences that are no word, no name in quotes, no number, and no computed key.
    fn out_of_thin_air(&self, words: &[Word], source: &str) -> Vec<&str> {
        let spans: HashSet<(usize, usize)> =
            words.iter().map(|word| (word.start, word.end)).collect();
        let stands = |start: usize, end: usize, name: &str| {
            spans.contains(&(start, end))
                || source[..start].ends_with(['\'', '"', '`'])
                || source[start..].starts_with(|first: char| first.is_ascii_digit())
                || name.starts_with('[')
        };
        self.occurrences
            .iter()
            .filter(|(start, end, name)| !stands(*start, *end, name))
            .map(|(_, _, name)| name.as_str())
            .collect()
    }

    fn not_posted<'w>(&self, words: &'w [Word]) -> Vec<&'w str> {
        let is_counted =
            |word: &&Word| !KEYWORDS.contains(&word.text.as_str()) && !word.text.contains('\\');
        words
            .iter()
            .filter(is_counted)
            .map(|word| word.text.as_str())
            .filter(|name| !self.posted.contains(&name_hash(name)))
            .collect()
    }
}

/// Sources with every form that a name can stand in, and those of the golden facts.
fn forms() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["tests/account/sources", "../../tests/cases/facts"];
    let entries =
        folders.map(|folder| fs::read_dir(here.join(folder)).expect("the forms are there"));
    let paths = entries
        .into_iter()
        .flatten()
        .map(|entry| entry.expect("a form").path());
    paths
        .filter(|path| {
            path.extension().is_some_and(|kind| {
                ["facts", "vue", "svelte", "astro", "html"]
                    .iter()
                    .all(|other| kind != *other)
            })
        })
        .collect()
}

fn read(path: &Path) -> (String, String, Vec<Word>) {
    let name = path
        .file_name()
        .expect("a name")
        .to_string_lossy()
        .into_owned();
    let source = fs::read_to_string(path).expect("a form can be read");
    let found = words(&source, !name.ends_with(".ts"));
    (name, source, found)
}

#[test]
fn every_identifier_is_accounted_for() {
    for path in forms() {
        let (name, source, found) = read(&path);
        let account = Account::of(&name, source.as_bytes());
        assert_eq!(
            !account.regions.is_empty(),
            name.starts_with("broken"),
            "{name}"
        );
        assert_eq!(account.left_over(&found), Vec::<&Word>::new(), "{name}");
        assert_eq!(
            account.out_of_thin_air(&found, &source),
            Vec::<&str>::new(),
            "{name}"
        );
        assert_eq!(account.not_posted(&found), Vec::<&str>::new(), "{name}");
    }
}

#[test]
fn the_account_misses_whatever_is_taken_away() {
    for path in forms() {
        let (name, source, found) = read(&path);
        let whole = Account::of(&name, source.as_bytes());
        if !whole.regions.is_empty() {
            continue;
        }
        let counted: Vec<&Word> = found
            .iter()
            .filter(|word| word.named || !KEYWORDS.contains(&word.text.as_str()))
            .collect();
        for word in counted {
            let mut account = Account::of(&name, b"");
            account.occurrences = whole
                .occurrences
                .iter()
                .filter(|one| one.0 != word.start)
                .cloned()
                .collect();
            account.tokens = whole
                .tokens
                .iter()
                .filter(|one| one.0 != word.start)
                .copied()
                .collect();
            assert_eq!(account.left_over(&found), [word], "{name}");
        }
    }
}

#[test]
fn a_string_that_is_spelt_as_a_name_is_posted_apart() {
    let source =
        "emit('send', \"not-one\", type as 'kind'); <Field name=\"title\" class=\"a b\" />";
    let account = Account::of("strings.tsx", source.as_bytes());
    let is_posted = |text: &str| account.posted.contains(&string_hash(text));
    assert_eq!(
        ["send", "not-one", "kind", "title", "a b", "emit"].map(is_posted),
        [true, false, true, true, false, false]
    );
    assert!(!account.posted.contains(&name_hash("send")));
    let at = |text: &str| {
        account
            .strings
            .iter()
            .find(|(_, string)| string == text)
            .map(|(start, _)| *start)
    };
    assert_eq!(
        [at("send"), at("title")],
        [source.find("'send'"), source.find("\"title\"")]
    );
}

#[test]
fn every_word_of_a_file_that_does_not_parse_is_posted() {
    let source = "oh no ( { // in.comments\n'in strings' `in ${templates}` #own";
    let account = Account::of("broken.js", source.as_bytes());
    assert_eq!(account.regions, [(0, source.len())]);
    for name in ["oh", "comments", "strings", "templates", "#own", "own"] {
        assert!(account.posted.contains(&name_hash(name)), "{name}");
    }
}

#[test]
fn labels_of_nothing_and_their_like_are_kept_apart_from_occurrences() {
    let source = "out: for (;;) break gone; import.meta; let a: [b: c]";
    let extracted = extract::extract("kinds.ts", source.as_bytes());
    let unit = Unit::new(extracted.blob).expect("our own blob");
    let kinds: Vec<u32> = unit.column(Column::TokenKind).iter().collect();
    assert_eq!(kinds, [token::LABEL, token::META, token::PARAMETER]);
}

/// Templates in which every name of their code stands between `«` and `»`.
const TEMPLATES: &[(&str, &str)] = &[
    (
        "setup.vue",
        "<script setup>const «count» = 1; const «rows» = []; import «MyRow» from './row'</script>
<template><!-- {{ no }} --><p :title=\"«count» + 'no'\" plain=\"no\" @click=\"«count»++\">no {{ «count» }} é {{ «rows»[«count»] }}</p>
<«my-row» v-for=\"(«row», «at») in «rows»\" v-slot:end=\"{ «one», b: «two» }\" :row=\"«row»\">{{ «one» }}{{ «two» }}{{ «at» }}</«my-row»>
<input v-model.trim=\"«rows»[0].«name»\" v-if='«count»'><p>{{ «count» + }}</p></template>",
    ),
    (
        "options.vue",
        "<template><p @click=\"«go»(1)\">{{ «shown» }}</p></template>
<script>export default { «data»() { return { «shown»: 1 }; }, «methods»: { «go»() { this.«shown» = 2; } } }</script>",
    ),
    (
        "page.svelte",
        "<script>import Row from './row'; let «items» = [], «count» = 1</script>
{#if «count» > 1}no{:else if !«count»}{@const «half» = «count» / 2}{«half»}{/if}
{#each «items» as «item», «at» («item».«id»)}<p class:on={«at»} on:click={() => «count»++} {«count»} {...«item»}>é {«item»}</p>{/each}
{#await «items» then «all»}{«all»}{:catch «error»}{«error»}{/await}<input bind:value={«count»} title=\"no {«count»} no\">
{#snippet «cell»(«one»)}{«one»}{/snippet}{@render «cell»(«count»)}{«count» +}",
    ),
    (
        "page.astro",
        "---\nimport «Card» from './card'; const «all» = [1];\n---\n<!doctype html><p title={«all»}>isn't no</p>
{«all».«map»((«one») => <li><«Card» {...«one»} one=\"no\">é {«one»}</«Card»></li>)}<style>p { color: red }</style>",
    ),
    (
        "page.html",
        "<p onclick=\"«go»(«event»); return false\" title=\"no()\">no()</p><script>function «go»() {}</script>",
    ),
];

/// A template without its marks, and the names that stood between them.
fn unmarked(marked: &str) -> (String, Vec<(usize, usize)>) {
    let (mut source, mut names) = (String::new(), Vec::new());
    for part in marked.split('«') {
        let Some((name, rest)) = part.split_once('»') else {
            source.push_str(part);
            continue;
        };
        names.push((source.len(), source.len() + name.len()));
        source.push_str(name);
        source.push_str(rest);
    }
    (source, names)
}

/// The spans of all names that facts hold.
fn held(account: &Account) -> BTreeSet<(usize, usize)> {
    let occurrences = account.occurrences.iter();
    occurrences
        .map(|&(start, end, _)| (start, end))
        .chain(account.tokens.iter().copied())
        .collect()
}

/// The names of a template's code that are not held.
fn lost(names: &[(usize, usize)], held: &BTreeSet<(usize, usize)>) -> Vec<(usize, usize)> {
    let lost = names.iter().filter(|name| !held.contains(name));
    lost.copied().collect()
}

#[test]
fn every_name_in_the_code_of_a_template_is_accounted_for() {
    for (path, marked) in TEMPLATES {
        let (source, names) = unmarked(marked);
        let held = held(&Account::of(path, source.as_bytes()));
        let shown = |spans: Vec<(usize, usize)>| -> Vec<String> {
            let spans = spans.into_iter();
            spans
                .map(|(start, end)| format!("{start} {}", &source[start..end]))
                .collect()
        };
        assert_eq!(shown(lost(&names, &held)), Vec::<String>::new(), "{path}");
        let is_text = |one: &(usize, usize)| source[one.0..].starts_with("no");
        let taken: Vec<_> = held.into_iter().filter(is_text).collect();
        assert_eq!(shown(taken), Vec::<String>::new(), "{path}: no code");
    }
}

#[test]
fn a_name_of_a_template_that_is_taken_away_is_missed() {
    for (path, marked) in TEMPLATES {
        let (source, names) = unmarked(marked);
        let held = held(&Account::of(path, source.as_bytes()));
        for name in &names {
            let mut fewer = held.clone();
            fewer.remove(name);
            assert_eq!(lost(&names, &fewer), [*name], "{path}");
        }
    }
}
