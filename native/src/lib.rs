//! The Python boundary, and nothing else.

mod batch;
mod blob;
mod boundary;
pub mod extract;
pub mod facts;
mod graph;
mod manifest;
mod packages;
mod pattern;
mod resolve;
mod scan;
mod search;
mod segments;
mod text;
mod wire;

use pyo3::prelude::*;

#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("VERSION", env!("CARGO_PKG_VERSION"))?;
    facts_boundary::register(m)?;
    m.add_function(wrap_pyfunction!(pattern_boundary::ast_pattern, m)?)?;
    boundary::register(m)
}

/// Wrappers of `extract` and `facts`.
mod facts_boundary {
    use pyo3::prelude::*;
    use pyo3::types::PyBytes;
    use rayon::prelude::*;

    use crate::extract::Extracted;
    use crate::facts;

    pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
        m.add("FACTS_VERSION", facts::VERSION)?;
        m.add(
            "TABLES",
            facts::TABLES
                .iter()
                .map(|(table, columns)| (*table, columns.to_vec()))
                .collect::<Vec<_>>(),
        )?;
        m.add_function(wrap_pyfunction!(extract, m)?)?;
        m.add_class::<super::blob::Blob>()?;
        m.add_function(wrap_pyfunction!(name_hash, m)?)
    }

    type ExtractedTuple<'py> = (
        Bound<'py, PyBytes>,
        Bound<'py, PyBytes>,
        Bound<'py, PyBytes>,
        Vec<(String, u32, u32)>,
        Vec<(String, u32, &'static str)>,
        u32,
    );

    pub fn to_python(py: Python<'_>, of: Extracted) -> ExtractedTuple<'_> {
        (
            PyBytes::new(py, &of.blob),
            PyBytes::new(py, &of.names),
            PyBytes::new(py, &of.definitions),
            of.imports,
            of.problems,
            of.flags,
        )
    }

    #[pyfunction]
    fn extract(py: Python<'_>, batch: Vec<(String, Vec<u8>)>) -> Vec<ExtractedTuple<'_>> {
        let extracted: Vec<Extracted> = py.detach(|| {
            crate::extract::pool().install(|| {
                batch
                    .par_iter()
                    .map(|(path, source)| crate::extract::extract(path, source))
                    .collect()
            })
        });
        extracted.into_iter().map(|of| to_python(py, of)).collect()
    }

    #[pyfunction]
    fn name_hash(name: &str) -> u32 {
        facts::name_hash(name)
    }
}

/// The wrapper of `pattern`.
mod pattern_boundary {
    use std::path::Path;

    use pyo3::exceptions::PyValueError;
    use pyo3::prelude::*;

    use crate::pattern::Question;

    /// file, start, end, line, column, last line, metavariables
    type Hit = (u32, u32, u32, u32, u32, u32, Vec<(String, String)>);

    #[pyfunction]
    pub fn ast_pattern(
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
}
