//! Names builds after their sources, so that what other sources wrote is not read; and lets `cargo test` find libpython wherever
//! the interpreter keeps it (the extension module links no Python).
//!
//! Each name is the XXH3 of what it covers:
//!
//! - `CLEW_FACTS_BUILD`: what makes facts, that is `facts/`, `extract/`, the parser and the compression;
//! - `CLEW_INDEX_BUILD`: all that is stored in an index: facts, `index/`, `resolve/` and their boundary;
//! - `CLEW_BUILD`: all that an answer is made by: everything native, every dependency, and the Python package.

use std::fs;
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::Xxh3;

const CORE: &str = "../core";
const LOCK: &str = "../../Cargo.lock";
const PACKAGE: &str = "../../src/clew";

/// Sources that one name covers, as they are read.
#[derive(Default)]
struct Name(Xxh3);

impl Name {
    fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    /// Adds the files of a folder, or one file, with their paths.
    fn add_sources(&mut self, of: &str, kinds: &[&str]) {
        let mut found = Vec::new();
        sources(Path::new(of), kinds, &mut found);
        found.sort();
        for path in found {
            let name = path.to_string_lossy().replace('\\', "/");
            println!("cargo:rerun-if-changed={name}");
            self.add(name.as_bytes());
            self.add(&fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}")));
        }
    }

    /// Adds name and version of the locked packages that are wanted.
    fn add_versions(&mut self, lock: &str, wanted: impl Fn(&str) -> bool) {
        let field = |package: &str, key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key));
            line.unwrap_or_default().to_owned()
        };
        for package in lock.split("[[package]]").skip(1) {
            let name = field(package, "name = ");
            if wanted(name.trim_matches('"')) {
                self.add(name.as_bytes());
                self.add(field(package, "version = ").as_bytes());
            }
        }
    }

    fn publish(&self, variable: &str) -> String {
        let name = format!("{:016x}", self.0.digest());
        println!("cargo:rustc-env={variable}={name}");
        name
    }
}

/// The files of these kinds at or below a path, tests left out.
fn sources(path: &Path, kinds: &[&str], found: &mut Vec<PathBuf>) {
    if path.ends_with("tests") {
        return;
    }
    if path.is_dir() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            sources(&entry.path(), kinds, found);
        }
    } else if path
        .extension()
        .is_some_and(|kind| kinds.iter().any(|wanted| kind == *wanted))
    {
        found.push(path.to_owned());
    }
}

fn in_core(part: &str) -> String {
    format!("{CORE}/{part}")
}

fn main() {
    // A file that comes or goes changes its folder; one of Python's does nothing before one that was there names it.
    for watched in [CORE, ".", LOCK] {
        println!("cargo:rerun-if-changed={watched}");
    }
    let lock = fs::read_to_string(LOCK).expect("the workspace is locked");

    let mut facts = Name::default();
    facts.add_sources(&in_core("facts"), &["rs"]);
    facts.add_sources(&in_core("extract"), &["rs"]);
    facts.add_versions(&lock, |name| {
        name == "lz4_flex" || name.starts_with("oxc_") && name != "oxc_resolver"
    });
    let facts = facts.publish("CLEW_FACTS_BUILD");

    let mut index = Name::default();
    index.add(facts.as_bytes());
    index.add_sources(&in_core("index"), &["rs"]);
    index.add_sources(&in_core("markdown"), &["rs"]);
    index.add_sources(&in_core("resolve"), &["rs"]);
    index.add_sources("index.rs", &["rs"]);
    index.add_versions(&lock, |name| {
        matches!(
            name,
            "oxc_resolver" | "nodejs-built-in-modules" | "pulldown-cmark"
        )
    });
    index.publish("CLEW_INDEX_BUILD");

    let mut all = Name::default();
    all.add_sources(CORE, &["rs", "toml"]);
    all.add_sources(".", &["rs", "toml"]);
    all.add(lock.as_bytes());
    all.add_sources(PACKAGE, &["py"]);
    all.publish("CLEW_BUILD");

    if std::env::var_os("CARGO_FEATURE_EXTENSION_MODULE").is_none() {
        pyo3_build_config::add_libpython_rpath_link_args();
    }
}
