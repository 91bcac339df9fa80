//! Names the build after its sources, so that facts written by other sources are not read; and lets `cargo test` find libpython wherever the
//! interpreter keeps it (the extension module links no Python).

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
    {
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=Cargo.toml");
    let mut found = vec![PathBuf::from("Cargo.toml")];
    sources(Path::new("src"), &mut found);
    found.sort();
    let mut hasher = DefaultHasher::new();
    for path in found {
        fs::read(path).unwrap_or_default().hash(&mut hasher);
    }
    println!("cargo:rustc-env=CLEW_BUILD={:016x}", hasher.finish());
    if std::env::var_os("CARGO_FEATURE_EXTENSION_MODULE").is_none() {
        pyo3_build_config::add_libpython_rpath_link_args();
    }
}
