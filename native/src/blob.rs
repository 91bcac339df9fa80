//! A blob of facts as Python sees it: columns and strings are decoded when they are asked for.

use std::sync::OnceLock;

use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyString};

use crate::facts::{Damaged, Directory, NONE, len32};

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
