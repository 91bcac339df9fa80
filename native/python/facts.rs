//! Facts as Python sees them: extracted in batches, as bytes that the linker reads.

use clew_core::extract::{self, Extracted};
use clew_core::facts;
use clew_core::facts::codes::DEFINITION_KINDS;
use clew_core::index::manifest::language;
use clew_core::link::{Alone, read_alone};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use rayon::prelude::*;

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("FACTS_BUILD", env!("CLEW_FACTS_BUILD"))?;
    m.add_function(wrap_pyfunction!(extract_all, m)?)?;
    m.add_function(wrap_pyfunction!(declared_in, m)?)?;
    m.add_function(wrap_pyfunction!(name_hash, m)?)?;
    m.add_function(wrap_pyfunction!(comments, m)?)?;
    m.add_function(wrap_pyfunction!(string_hash, m)?)
}

type ExtractedTuple<'py> = (
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    Vec<(String, u32, u32)>,
    Vec<(String, u32, &'static str)>,
    u32,
);

fn to_python(py: Python<'_>, of: Extracted) -> ExtractedTuple<'_> {
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
#[pyo3(name = "extract")]
fn extract_all(py: Python<'_>, batch: Vec<(String, Vec<u8>)>) -> Vec<ExtractedTuple<'_>> {
    let extracted: Vec<Extracted> = py.detach(|| {
        extract::pool().install(|| {
            batch
                .par_iter()
                .map(|(path, source)| extract::extract(path, source))
                .collect()
        })
    });
    extracted.into_iter().map(|of| to_python(py, of)).collect()
}

type DeclaredTuple = (u32, String, &'static str, u32, u32, bool);
type AloneTuple = (Vec<DeclaredTuple>, Vec<Vec<u32>>);

#[pyfunction]
fn declared_in(
    py: Python<'_>,
    path: &str,
    source: Vec<u8>,
    lines: Vec<(u32, u32)>,
) -> PyResult<Option<AloneTuple>> {
    if language(path).is_none() {
        return Ok(None);
    }
    let read = py.detach(|| read_alone(extract::extract(path, &source).blob, &lines));
    let Alone {
        definitions,
        around,
    } = read.map_err(|_| PyValueError::new_err("facts that cannot be read"))?;
    let kind_name = |kind: u32| DEFINITION_KINDS.get(kind as usize).copied().unwrap_or("");
    let definitions = definitions.into_iter();
    let definitions = definitions.map(|of| {
        let kind = kind_name(of.kind);
        (of.id.0, of.name, kind, of.start, of.end, of.is_outlined)
    });
    Ok(Some((definitions.collect(), around)))
}

#[pyfunction]
fn name_hash(name: &str) -> u32 {
    facts::name_hash(name)
}

#[pyfunction]
fn string_hash(text: &str) -> u32 {
    facts::string_hash(text)
}

#[pyfunction]
fn comments(py: Python<'_>, path: &str, source: Vec<u8>) -> Vec<(u32, u32)> {
    py.detach(|| extract::comments::comment_spans(path, &source))
}
