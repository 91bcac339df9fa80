//! Specifiers and paths as texts: what they can only mean, their parts, and how they are put together.

use std::path::{Path, PathBuf};

/// True when a specifier can only mean a folder.
pub(super) fn names_folder(specifier: &str) -> bool {
    specifier.is_empty()
        || specifier.ends_with('/')
        || specifier
            .rsplit('/')
            .next()
            .is_some_and(|last| last == "." || last == "..")
}

pub(super) fn is_relative(specifier: &str) -> bool {
    specifier == "."
        || specifier == ".."
        || specifier.starts_with("./")
        || specifier.starts_with("../")
}

pub(super) fn is_declaration(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|name| name.contains(".d.") && name.ends_with("ts"))
}

/// A specifier without a bundler's loaders in front of it and queries behind it.
pub(super) fn bare_of_queries(specifier: &str) -> &str {
    let name = specifier.rsplit('!').next().unwrap_or(specifier);
    name.split_at_checked(1)
        .and_then(|(_, rest)| rest.find(['?', '#']))
        .map_or(name, |at| &name[..=at])
}

/// The package's name and the path within it (`.`, `./x`).
pub(super) fn split(specifier: &str) -> (&str, String) {
    let parts = if specifier.starts_with('@') { 2 } else { 1 };
    match specifier.match_indices('/').nth(parts - 1) {
        Some((at, _)) if specifier.len() > at + 1 => {
            (&specifier[..at], format!("./{}", &specifier[at + 1..]))
        }
        _ => (specifier.trim_end_matches('/'), ".".to_owned()),
    }
}

pub(super) fn inside(folder: &str, path: &str) -> String {
    if folder.is_empty() {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    }
}

/// A path from a folder; None when it leaves the root.
pub(super) fn join(folder: &str, specifier: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in specifier.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A path without `.` and `..`.
pub(super) fn lexical(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                plain.pop();
            }
            std::path::Component::CurDir => {}
            part => plain.push(part),
        }
    }
    Some(plain)
}
