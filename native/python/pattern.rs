//! Code by its shape, as Python asks for it.

use std::path::Path;

use clew_core::pattern::{Question, Template};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(ast_pattern, m)?)?;
    m.add_function(wrap_pyfunction!(ast_rewrite, m)?)
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

/// file, start, end, line, what is to stand there
type Rewritten = (u32, u32, u32, u32, Option<String>);

#[pyfunction]
fn ast_rewrite(
    py: Python<'_>,
    sources: Vec<(u32, String, PyBackedBytes)>,
    pattern: &str,
    template: &str,
    variables: Vec<(usize, usize, String)>,
) -> PyResult<(Vec<Rewritten>, Vec<u32>)> {
    let question = Question::new(pattern).map_err(PyValueError::new_err)?;
    let template = Template::new(template, variables).map_err(PyValueError::new_err)?;
    let (places, broken) = py.detach(|| question.rewrite(&template, &sources));
    let places = places.into_iter().map(|place| {
        let (start, end) = (place.start, place.end);
        (place.file, start, end, place.line, place.text)
    });
    Ok((places.collect(), broken))
}
