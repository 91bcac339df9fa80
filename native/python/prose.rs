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

/// Of each document (facts before and after, edits) the links that have another destination, where nothing else is another; else None.
#[pyfunction]
fn redirected(
    py: Python<'_>,
    documents: Vec<(PyBackedBytes, PyBackedBytes, Vec<Edit>)>,
) -> PyResult<Vec<Option<Vec<Redirected>>>> {
    let found = |(before, after, edits): &(PyBackedBytes, PyBackedBytes, Vec<Edit>)| {
        stored::redirected(before, after, edits)
    };
    py.detach(|| documents.iter().map(found).collect::<io::Result<_>>())
        .map_err(damaged)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(prose_tables, module)?)?;
    module.add_function(wrap_pyfunction!(extract_prose, module)?)?;
    module.add_function(wrap_pyfunction!(links_to, module)?)?;
    module.add_function(wrap_pyfunction!(redirected, module)?)
}
