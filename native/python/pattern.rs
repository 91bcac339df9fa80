//! Code by its shape, as Python asks for it.

use std::path::Path;

use clew_core::pattern::Question;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(ast_pattern, m)?)
}

/// file, start, end, line, column, last line, metavariables
type Hit = (u32, u32, u32, u32, u32, u32, Vec<(String, String)>);

#[pyfunction]
fn ast_pattern(
    py: Python<'_>,
    root: &str,
    files: Vec<(u32, String)>,
    pattern: &str,
) -> PyResult<(Vec<Hit>, Vec<u32>)> {
    let question = Question::new(pattern).map_err(PyValueError::new_err)?;
    let found = py.detach(|| question.search(Path::new(root), &files));
    let hits = found.hits.into_iter();
    Ok((
        hits.map(|hit| {
            let (start, end) = (hit.start, hit.end);
            (
                hit.file,
                start,
                end,
                hit.line,
                hit.column,
                hit.end_line,
                hit.variables,
            )
        })
        .collect(),
        found.broken,
    ))
}
