//! Whatever stands in a file, it is read to an end, and what is said of it lies within.
//!
//! A source of the cases is cut, doubled, mixed with another, or gets bytes of chance. They are read in a process of their own,
//! which may take only so much memory; a panic, an overflow of the stack or a hang ends it. `CLEW_SOAK_MINUTES` reads more of them.

#[path = "../support/chance.rs"]
#[allow(dead_code, reason = "each suite needs a part of it")]
mod chance;
mod memory;
mod mutating;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use chance::Chance;
use clew_core::extract;
use clew_core::facts::{Column, NONE, Unit};
use mutating::{MUTATIONS, sources};

const SEEDS: u64 = 4;
/// How many sources one seed breaks.
const SOURCES: usize = 150;
/// Time after which a process hangs; it takes about a second.
const HANGS: Duration = Duration::from_secs(300);
/// Most bytes of heap of a process.
const MEMORY: usize = 2 << 30;

/// Contradictions in the facts of a source; nothing when all is well.
fn stray(path: &str, source: &[u8]) -> Option<String> {
    let of = extract::pool().install(|| extract::extract(path, source));
    let facts = Unit::new(of.blob).expect("our own blob");
    let length = u32::try_from(source.len()).expect("a source that fits");
    let spans = [
        ("definition", Column::DefStart, Column::DefEnd),
        ("name", Column::DefStartName, Column::DefEndName),
        ("node", Column::NodeStart, Column::NodeEnd),
        ("occurrence", Column::OccStart, Column::OccEnd),
        ("import", Column::ImpStart, Column::ImpEnd),
        ("token", Column::TokenStart, Column::TokenEnd),
    ];
    for (what, starts, ends) in spans {
        let spans = facts.column(starts).iter().zip(facts.column(ends).iter());
        for (row, (start, end)) in spans.enumerate() {
            if start > end || end > length {
                return Some(format!("{what} {row}: {start} to {end} in {length} bytes"));
            }
        }
    }
    let definitions = facts.definition_count();
    for column in [Column::DefParent, Column::OccTarget] {
        let mut cells = facts.column(column).iter();
        if cells.any(|cell| cell != NONE && cell >= definitions) {
            return Some(format!("{column:?}: one of {definitions} is meant"));
        }
    }
    if of.problems.iter().any(|&(_, start, _)| start > length) {
        return Some("a problem stands outside".to_owned());
    }
    if of.imports.len() != facts.column(Column::ImpStart).len() {
        return Some("imports are listed that are not in the table".to_owned());
    }
    None
}

/// How many times longer than in a quick run.
fn soak() -> u32 {
    let minutes = std::env::var("CLEW_SOAK_MINUTES").ok();
    let minutes = minutes.and_then(|text| text.parse::<u32>().ok());
    (15 * minutes.unwrap_or(0)).max(1)
}

/// How many sources one process reads.
fn count() -> usize {
    SOURCES * soak() as usize
}

/// Runs a test of this file that is ignored otherwise, in a process of its own; whether it ended well, and what it told.
fn run(child: &str, seed: u64) -> (bool, String) {
    let program = std::env::current_exe().expect("ourselves");
    let mut process = Command::new(program)
        .args(["--ignored", "--exact", child, "--nocapture"])
        .env("CLEW_SEED", seed.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("we can be started");
    let pipe = process.stderr.take().expect("a pipe");
    let (send, told) = mpsc::channel();
    thread::spawn(move || send.send(std::io::read_to_string(pipe).unwrap_or_default()));
    let told = told.recv_timeout(HANGS * soak());
    if told.is_err() {
        process.kill().expect("our own process");
    }
    let is_well = process.wait().expect("our own process").success();
    (is_well, told.unwrap_or_else(|_| "it hangs".to_owned()))
}

/// Breaks and reads one source after the other, each named before it is read.
#[test]
#[ignore = "run in a process of its own"]
fn reader() {
    memory::bound(MEMORY);
    let seed = std::env::var("CLEW_SEED").unwrap_or_default();
    let mut chance = Chance::seeded(seed.parse().unwrap_or(0));
    let known = sources();
    for number in 0..count() {
        let (path, source) = chance.choice(&known);
        let mut source = source.clone();
        for _ in 0..=chance.below(2) {
            let mutation = chance.choice(&MUTATIONS);
            let other = &chance.choice(&known).1;
            source = mutation(&mut chance, &source, other);
        }
        let _ = writeln!(std::io::stderr(), "source {number}: {path}");
        if let Some(wrong) = stray(path, &source) {
            panic!("{wrong}\n{}", source.escape_ascii());
        }
    }
}

/// Wants more memory than a process may take.
#[test]
#[ignore = "run in a process of its own"]
fn glutton() {
    if std::env::var_os("CLEW_SEED").is_none() {
        return;
    }
    memory::bound(MEMORY);
    assert!(Vec::<u8>::with_capacity(MEMORY).is_empty());
}

#[test]
fn broken_sources_are_read_to_an_end() {
    for seed in 0..SEEDS {
        let (is_well, told) = run("reader", seed);
        let sources = told.lines().filter(|line| line.starts_with("source "));
        let last: Vec<&str> = told.lines().rev().take(12).collect();
        assert!(is_well, "seed {seed}, its last lines first: {last:#?}");
        assert_eq!(sources.count(), count(), "seed {seed}");
    }
}

#[test]
fn a_reader_that_takes_too_much_memory_would_be_seen() {
    let (is_well, told) = run("glutton", 0);
    assert!(!is_well && told.contains("memory allocation"), "{told}");
}

#[test]
fn there_are_sources_of_every_language_to_break() {
    let known = sources();
    let kinds: BTreeSet<&str> = known
        .iter()
        .filter_map(|(path, _)| Some(path.rsplit_once('.')?.1))
        .collect();
    assert!(
        kinds.is_superset(&BTreeSet::from([
            "astro", "html", "js", "jsx", "mjs", "svelte", "ts", "vue"
        ])),
        "{kinds:?}"
    );
}

#[test]
fn whole_sources_are_read_without_strays() {
    let strays: Vec<(String, String)> = sources()
        .into_iter()
        .filter_map(|(path, source)| stray(&path, &source).map(|wrong| (path, wrong)))
        .collect();
    assert_eq!(strays, []);
}
