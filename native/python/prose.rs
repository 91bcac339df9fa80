//! Facts of Markdown as Python sees them: MessagePack, which `clew.index.prose` reads.

use std::collections::HashSet;
use std::io;

use clew_core::index::manifest::prose;
use clew_core::markdown;
use clew_core::markdown::stored::{self, Edit, Redirected};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

/// Blobs that are not what was written are a ValueError.
fn damaged(error: io::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The tables in the stored facts of a document.
#[pyfunction]
fn prose_tables<'py>(py: Python<'py>, facts: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let tables = markdown::tables::unpacked(facts).map_err(damaged)?;
    Ok(PyBytes::new(py, &tables))
}

/// The facts of a document that is of no tree; the path only says the language.
#[pyfunction]
fn extract_prose<'py>(py: Python<'py>, path: &str, source: &[u8]) -> Bound<'py, PyBytes> {
    let language = prose(path).unwrap_or("md");
    let facts = py.detach(|| markdown::extract(language, source).blob);
    PyBytes::new(py, &facts)
}

/// Of each document the links and definitions, by index, whose fragment may be one of some anchors, or a line.
#[pyfunction]
fn links_to(
    py: Python<'_>,
    facts: Vec<PyBackedBytes>,
    anchors: HashSet<String>,
) -> PyResult<Vec<Vec<usize>>> {
    let found = |facts: &PyBackedBytes| stored::links_to(facts, &anchors);
    py.detach(|| facts.iter().map(found).collect::<io::Result<_>>())
        .map_err(damaged)
}

/// Facts and bytes of a document, and edits of it as [`Edit`] has them.
type Edited = (
    PyBackedBytes,
    PyBackedBytes,
    Vec<(usize, usize, PyBackedBytes)>,
);

/// Of each edited document the links that edits give another destination; None where they may change anything else.
#[pyfunction]
fn redirected(py: Python<'_>, documents: Vec<Edited>) -> PyResult<Vec<Option<Vec<Redirected>>>> {
    py.detach(|| {
        let found = documents.iter().map(|(facts, source, edits)| {
            let edits: Vec<Edit> = edits
                .iter()
                .map(|(start, end, text)| (*start, *end, &**text))
                .collect();
            stored::redirected(facts, source, &edits)
        });
        found.collect::<io::Result<_>>()
    })
    .map_err(damaged)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(prose_tables, module)?)?;
    module.add_function(wrap_pyfunction!(extract_prose, module)?)?;
    module.add_function(wrap_pyfunction!(links_to, module)?)?;
    module.add_function(wrap_pyfunction!(redirected, module)?)
}
