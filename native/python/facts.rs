//! Facts as Python sees them: extracted in batches, and blobs whose columns and strings are decoded when they are asked for.

use std::sync::OnceLock;

use clew_core::extract::{self, Extracted};
use clew_core::facts::{self, Damaged, Directory, NONE, len32};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyString};
use rayon::prelude::*;

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("FACTS_VERSION", facts::VERSION)?;
    m.add("FACTS_BUILD", env!("CLEW_FACTS_BUILD"))?;
    m.add(
        "TABLES",
        facts::TABLES
            .iter()
            .map(|(table, columns)| (*table, columns.to_vec()))
            .collect::<Vec<_>>(),
    )?;
    m.add_function(wrap_pyfunction!(extract_all, m)?)?;
    m.add_class::<Blob>()?;
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

#[pyfunction]
fn name_hash(name: &str) -> u32 {
    facts::name_hash(name)
}

/// One blob, of which a reader decodes what it asks for.
#[pyclass(frozen, module = "clew._native")]
pub struct Blob {
    bytes: Py<PyBytes>,
    directory: Directory,
    ends: OnceLock<Vec<usize>>,
    strings: PyOnceLock<Py<PyList>>,
    columns: Vec<OnceLock<Vec<u32>>>,
}

#[pymethods]
impl Blob {
    #[new]
    fn new(blob: &Bound<'_, PyBytes>) -> PyResult<Self> {
        let directory = Directory::read(blob.as_bytes()).map_err(refused)?;
        let columns = (0..directory.width()).map(|_| OnceLock::new()).collect();
        Ok(Self {
            bytes: blob.clone().unbind(),
            directory,
            ends: OnceLock::new(),
            strings: PyOnceLock::new(),
            columns,
        })
    }

    #[getter]
    fn strings(&self, py: Python<'_>) -> PyResult<Py<PyList>> {
        let list = self.strings.get_or_try_init(py, || {
            let ends = self.ends(py)?;
            let texts: Vec<&str> = (0..ends.len())
                .map(|at| self.text(py, ends, at))
                .collect::<PyResult<_>>()?;
            PyList::new(py, texts).map(Bound::unbind)
        })?;
        Ok(list.clone_ref(py))
    }

    fn string<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Bound<'py, PyString>> {
        let ends = self.ends(py)?;
        if at >= ends.len() {
            return Err(PyIndexError::new_err("there is no such string"));
        }
        Ok(PyString::new(py, self.text(py, ends, at)?))
    }

    fn string_id(&self, py: Python<'_>, name: &str) -> PyResult<Option<u32>> {
        let ends = self.ends(py)?;
        let bytes = self.bytes.as_bytes(py);
        let mut start = self.directory.text_start();
        for (at, &end) in ends.iter().enumerate() {
            if end - start == name.len() && &bytes[start..end] == name.as_bytes() {
                return Ok(Some(len32(at)));
            }
            start = end;
        }
        Ok(None)
    }

    fn column<'py>(&self, py: Python<'py>, slot: usize) -> PyResult<Bound<'py, PyBytes>> {
        let cells = self.cells(py, slot)?;
        PyBytes::new_with(py, 4 * cells.len(), |room| {
            for (place, cell) in room.chunks_exact_mut(4).zip(cells) {
                place.copy_from_slice(&cell.to_ne_bytes());
            }
            Ok(())
        })
    }

    fn r#where(&self, py: Python<'_>, slot: usize, value: u32) -> PyResult<Vec<u32>> {
        let cells = self.cells(py, slot)?.iter().enumerate();
        Ok(cells
            .filter(|&(_, &cell)| cell == value)
            .map(|(row, _)| len32(row))
            .collect())
    }

    fn where_name(&self, py: Python<'_>, slot: usize, name: &str) -> PyResult<Vec<u32>> {
        match self.string_id(py, name)? {
            Some(id) if id != NONE => self.r#where(py, slot, id),
            _ => Ok(Vec::new()),
        }
    }
}

impl Blob {
    fn ends(&self, py: Python<'_>) -> PyResult<&[usize]> {
        if let Some(ends) = self.ends.get() {
            return Ok(ends);
        }
        let ends = self
            .directory
            .string_ends(self.bytes.as_bytes(py))
            .map_err(refused)?;
        Ok(self.ends.get_or_init(|| ends))
    }

    fn cells(&self, py: Python<'_>, slot: usize) -> PyResult<&[u32]> {
        let cell = self
            .columns
            .get(slot)
            .ok_or_else(|| PyIndexError::new_err("there is no such column"))?;
        if let Some(cells) = cell.get() {
            return Ok(cells);
        }
        let cells = self
            .directory
            .column(self.bytes.as_bytes(py), slot)
            .map_err(refused)?;
        Ok(cell.get_or_init(|| cells))
    }

    fn text<'b>(&'b self, py: Python<'b>, ends: &[usize], at: usize) -> PyResult<&'b str> {
        let start = if at == 0 {
            self.directory.text_start()
        } else {
            ends[at - 1]
        };
        std::str::from_utf8(&self.bytes.as_bytes(py)[start..ends[at]]).map_err(|_| refused(Damaged))
    }
}

fn refused(damaged: Damaged) -> PyErr {
    PyValueError::new_err(damaged.to_string())
}
