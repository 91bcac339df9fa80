//! Golden facts: what stands in the tables for every form of `tests/cases/facts`.
//!
//! `CLEW_CASES=write cargo test --release -p clew-core --test facts` writes what the extractor says now; read the diff before you
//! keep it.

mod rendering;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clew_core::extract::{self, Extracted};
use clew_core::facts::codes::meta;
use clew_core::facts::{Column, OccurrenceId, Unit};
use rendering::rendered;

fn extracted(path: &str, source: &[u8]) -> Extracted {
    extract::pool().install(|| extract::extract(path, source))
}

/// The facts of one source, and the codes of its problems.
fn facts(path: &str, source: &[u8]) -> (Unit, Vec<&'static str>) {
    let of = extracted(path, source);
    let codes = of.problems.iter().map(|(_, _, code)| *code).collect();
    (Unit::new(of.blob).expect("our own blob"), codes)
}

fn names(facts: &Unit) -> Vec<&str> {
    (0..facts.occurrence_count())
        .map(|row| facts.text(facts.occurrence_name(OccurrenceId(row))))
        .collect()
}

/// The forms: every source that has, or ought to have, its facts beside it.
fn forms() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/facts");
    let found: BTreeSet<PathBuf> = fs::read_dir(folder)
        .expect("the forms are there")
        .map(|entry| entry.expect("a form").path())
        .filter(|path| path.extension().is_some_and(|kind| kind != "facts"))
        .collect();
    found.into_iter().collect()
}

#[test]
fn every_form_has_its_facts() {
    let is_written = std::env::var("CLEW_CASES").is_ok_and(|wish| wish == "write");
    let mut differences = Vec::new();
    for path in forms() {
        let name = path.file_name().expect("a name").to_string_lossy();
        let source = fs::read(&path).expect("a form can be read");
        let now = rendered(&facts(&name, &source).0, &source);
        let golden = path.with_file_name(format!("{name}.facts"));
        if is_written {
            fs::write(&golden, &now).expect("golden facts can be written");
        }
        let kept = fs::read_to_string(&golden).unwrap_or_default();
        if now != kept {
            differences.push(format!("{name}\n{}", difference(&kept, &now)));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

/// The first line in which two texts differ.
fn difference(kept: &str, now: &str) -> String {
    let is_same = |(one, other): &(&str, &str)| one == other;
    let at = kept.lines().zip(now.lines()).take_while(is_same).count();
    let line = |text: &str| text.lines().nth(at).unwrap_or("(the end)").to_owned();
    format!("line {}:\n- {}\n+ {}", at + 1, line(kept), line(now))
}

#[test]
fn another_line_is_told_as_a_difference() {
    assert_eq!(difference("a\nb\n", "a\nc\n"), "line 2:\n- b\n+ c");
    assert_eq!(difference("a\n", "a\nc\n"), "line 2:\n- (the end)\n+ c");
}

#[test]
fn there_are_forms_of_every_language() {
    let kinds: BTreeSet<String> = forms()
        .iter()
        .filter_map(|path| path.extension()?.to_str().map(str::to_owned))
        .collect();
    let wanted = ["astro", "html", "js", "jsx", "mjs", "svelte", "ts", "vue"].map(str::to_owned);
    assert_eq!(kinds, BTreeSet::from(wanted));
}

#[test]
fn offsets_stay_exact_behind_odd_bytes() {
    let source = b"\xef\xbb\xbf#!/usr/bin/env node\r\nlet a = \"\xff\xc3\";\r\nb(a)\rc(a)";
    let (facts, codes) = facts("odd.js", source);
    let spans = facts
        .column(Column::OccStart)
        .iter()
        .zip(facts.column(Column::OccEnd).iter());
    let written: Vec<&[u8]> = spans
        .map(|(start, end)| &source[start as usize..end as usize])
        .collect();
    assert_eq!(written, [b"a", b"b", b"a", b"c", b"a"]);
    let lines: Vec<u32> = facts
        .column(Column::OccStart)
        .iter()
        .map(|start| facts.line_of(start))
        .collect();
    assert_eq!(lines, [2, 3, 3, 4, 4]);
    assert_eq!(codes, ["encoding"]);
}

#[test]
fn a_js_file_may_be_sloppy_a_module_or_jsx() {
    for (source, wanted) in [
        (
            "with (a) { b = 010 }\nvar await = 1; return await",
            &["a", "b", "await", "await"][..],
        ),
        ("await a; export {}", &["a"]),
        ("<a>{b}</a>", &["a", "b", "a"]),
    ] {
        let (facts, codes) = facts("any.js", source.as_bytes());
        assert_eq!(
            (names(&facts).as_slice(), codes.as_slice()),
            (wanted, &[][..]),
            "{source}"
        );
    }
}

#[test]
fn five_thousand_levels_are_parsed() {
    for (opening, closing) in [
        ("(", ")"),
        ("[", "]"),
        ("{a:", "}"),
        ("f(", ")"),
        ("a + ", ""),
        ("a => ", ""),
        ("!", ""),
        ("`${", "}`"),
    ] {
        let source = format!("x = {}y{}", opening.repeat(5_000), closing.repeat(5_000));
        let (facts, codes) = facts("deep.js", source.as_bytes());
        assert_eq!(names(&facts).last(), Some(&"y"), "{opening}");
        assert!(codes.is_empty(), "{opening}: {codes:?}");
    }
}

#[test]
fn a_million_levels_cost_one_file_its_facts_and_nothing_else() {
    let source = [b"x = ".as_slice(), &b"[".repeat(1_000_000)].concat();
    let (facts, codes) = facts("deeper.js", &source);
    assert!(facts.is(meta::TOKEN_SCAN));
    assert_eq!(codes, ["syntax", "tokens"]);
}

#[test]
fn facts_depend_on_bytes_and_language_alone() {
    let source = b"export const a = require('./b')";
    assert_eq!(extracted("x/one.js", source), extracted("two.js", source));
    assert_ne!(extracted("two.ts", source), extracted("two.js", source));
}

#[test]
fn bytes_that_are_no_blob_are_refused() {
    let blob = extracted("one.js", b"export const one = 1").blob;
    assert!(Unit::new(vec![0, 1, 2]).is_err());
    for end in 0..blob.len() {
        assert!(Unit::new(blob[..end].to_vec()).is_err(), "{end} bytes");
    }
    assert!(Unit::new(blob).is_ok());
}

#[test]
fn a_damaged_column_is_said() {
    let mut blob = extracted("one.js", b"export const one = 1").blob;
    *blob.last_mut().expect("a column") = 0x80;
    let ledger = Arc::default();
    let unit = Unit::in_ledger(blob, &ledger).expect("a whole directory");
    assert!(!unit.column(Column::DefName).is_empty() && !ledger.is_damaged());
    assert!(unit.column(Column::TokenKind).is_empty() && ledger.is_damaged());
}

#[test]
fn what_is_forgotten_is_decoded_again() {
    let ledger = Arc::default();
    let blob = extracted("one.js", b"export const one = 1").blob;
    let mut unit = Unit::in_ledger(blob, &ledger).expect("our own blob");
    let names = |unit: &Unit| -> Vec<String> {
        let ids = unit.definition_ids();
        ids.map(|id| unit.name(id).to_owned()).collect()
    };
    let first = names(&unit);
    assert!(ledger.decoded() > 0);
    unit.forget();
    assert_eq!((ledger.decoded(), names(&unit)), (0, first));
}
