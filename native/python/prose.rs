//! Facts of Markdown as Python sees them: MessagePack, which `clew.index.prose` reads.

use clew_core::index::manifest::prose;
use clew_core::markdown;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// The tables in the stored facts of a document.
#[pyfunction]
fn prose_tables<'py>(py: Python<'py>, facts: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let tables = markdown::tables::unpacked(facts);
    let tables = tables.map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &tables))
}

/// The facts of a document that is of no tree; the path only says the language.
#[pyfunction]
fn extract_prose<'py>(py: Python<'py>, path: &str, source: &[u8]) -> Bound<'py, PyBytes> {
    let language = prose(path).unwrap_or("md");
    let facts = py.detach(|| markdown::extract(language, source).blob);
    PyBytes::new(py, &facts)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(prose_tables, module)?)?;
    module.add_function(wrap_pyfunction!(extract_prose, module)?)
}
