//! The places that specifiers would lead to, and the other ways to name a file.

use std::path::Path;

use clew_core::facts::codes::IMPORT_KINDS;
use clew_core::resolve::patterns::Pattern;
use clew_core::resolve::{Target, Tree};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::index::Manifest;

/// importer, specifier, kind
type Asked = (String, String, String);

/// file, package, path outside of the manifest
type Led = (Option<u32>, Option<String>, Option<String>);

fn code(kind: &str) -> PyResult<u8> {
    let place = IMPORT_KINDS.iter().position(|known| *known == kind);
    place
        .and_then(|place| u8::try_from(place).ok())
        .ok_or_else(|| PyValueError::new_err(format!("no kind of import: {kind}")))
}

fn with_codes(asked: Vec<Asked>) -> PyResult<Vec<(String, String, u8)>> {
    asked
        .into_iter()
        .map(|(path, specifier, kind)| Ok((path, specifier, code(&kind)?)))
        .collect()
}

#[pyfunction]
fn resolve_specifiers(
    py: Python<'_>,
    root: &str,
    manifest: &Manifest,
    asked: Vec<Asked>,
) -> PyResult<Vec<Led>> {
    let asked = with_codes(asked)?;
    Ok(py.detach(|| {
        let tree = Tree::new(Path::new(root), &manifest.0);
        let led = asked.iter().map(|(path, specifier, kind)| {
            match tree.resolve(path, specifier, *kind) {
                Target::File(file) => (Some(file), None, None),
                Target::Package(name) => (None, Some(name), None),
                Target::Path(path) => (None, None, Some(path)),
                Target::Unresolved => (None, None, None),
            }
        });
        led.collect()
    }))
}

#[pyfunction]
fn specifier_patterns(
    py: Python<'_>,
    root: &str,
    manifest: &Manifest,
    asked: Vec<Asked>,
) -> PyResult<Vec<Vec<Pattern>>> {
    let asked = with_codes(asked)?;
    Ok(py.detach(|| {
        let tree = Tree::new(Path::new(root), &manifest.0);
        let patterns = asked
            .iter()
            .map(|(path, specifier, kind)| tree.patterns(path, specifier, *kind));
        patterns.collect()
    }))
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(resolve_specifiers, module)?)?;
    module.add_function(wrap_pyfunction!(specifier_patterns, module)?)
}
