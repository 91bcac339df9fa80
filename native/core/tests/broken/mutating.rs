//! Sources of the cases, and ways to break them.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::chance::Chance;

/// A place in a source, its end among them.
fn place(chance: &mut Chance, source: &[u8]) -> usize {
    chance.below(source.len() + 1)
}

/// Breaks a source; the other one is there to be mixed in.
pub type Mutation = fn(&mut Chance, &[u8], &[u8]) -> Vec<u8>;

pub const MUTATIONS: [Mutation; 6] = [cut, delete, double, mix, sprinkle, nest];

const ODD_BYTES: &[u8] = b"(){}[]<>`'\"/*\\;,:=?!@#$.\n\r\x00\xff\xe2\x80\xa8";
const OPENINGS: [&str; 11] = [
    "(",
    "[",
    "{",
    "a?",
    "!",
    "<a>",
    "`${",
    "async()=>",
    "new ",
    "class extends ",
    "x.y(",
];

/// The beginning only, wherever it stops: half a letter, half a string.
fn cut(chance: &mut Chance, source: &[u8], _: &[u8]) -> Vec<u8> {
    source[..place(chance, source)].to_vec()
}

fn delete(chance: &mut Chance, source: &[u8], _: &[u8]) -> Vec<u8> {
    let start = place(chance, source);
    let end = source.len().min(start + 1 + chance.below(59));
    [&source[..start], &source[end..]].concat()
}

fn double(chance: &mut Chance, source: &[u8], _: &[u8]) -> Vec<u8> {
    let start = place(chance, source);
    let end = source.len().min(start + 1 + chance.below(59));
    let part = source[start..end].repeat(*chance.choice(&[2, 3, 400]));
    [&source[..start], &part, &source[start..]].concat()
}

fn mix(chance: &mut Chance, source: &[u8], other: &[u8]) -> Vec<u8> {
    let (at, from) = (place(chance, source), place(chance, other));
    let part = &other[from..other.len().min(from + 200)];
    [&source[..at], part, &source[at..]].concat()
}

fn sprinkle(chance: &mut Chance, source: &[u8], _: &[u8]) -> Vec<u8> {
    let mut changed = source.to_vec();
    for _ in 0..=chance.below(11) {
        let at = place(chance, &changed);
        changed.insert(at, *chance.choice(ODD_BYTES));
    }
    changed
}

fn nest(chance: &mut Chance, source: &[u8], _: &[u8]) -> Vec<u8> {
    let at = place(chance, source);
    let opening = chance.choice(&OPENINGS).as_bytes();
    let levels = opening.repeat(*chance.choice(&[20, 6000]));
    [&source[..at], &levels, &source[at..]].concat()
}

/// Every source of the cases with its path; paths tell the language.
pub fn sources() -> Vec<(String, Vec<u8>)> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases");
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    for path in files(&cases.join("facts"), |kind| kind != "facts") {
        let name = path.file_name().expect("a name").to_string_lossy();
        found.push((name.into_owned(), fs::read(&path).expect("a form")));
    }
    let fenced = Regex::new(r"(?ms)^```\w+ (\S+)\n(.*?)^```$").expect("a pattern");
    for document in files(&cases, |kind| kind == "md") {
        let text = fs::read_to_string(&document).expect("a document");
        for block in fenced.captures_iter(&text) {
            found.push((block[1].to_owned(), block[2].as_bytes().to_vec()));
        }
    }
    found
}

fn files(folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the cases are there")
        .map(|entry| entry.expect("a case").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|kind| wanted(&kind.to_string_lossy()))
        })
        .collect();
    found.sort();
    found
}
