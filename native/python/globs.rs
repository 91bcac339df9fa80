//! Globs over paths, as Python asks for them.

use clew_core::globs;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_class::<Globs>()
}

#[pyclass(frozen)]
struct Globs(globs::Globs);

#[pymethods]
impl Globs {
    #[new]
    fn new(patterns: Vec<String>) -> PyResult<Globs> {
        globs::Globs::new(&patterns)
            .map(Globs)
            .map_err(PyValueError::new_err)
    }

    fn fits(&self, path: &str) -> bool {
        self.0.fits(path)
    }

    fn fitting(&self, path: &str) -> Vec<usize> {
        self.0.fitting(path)
    }
}
