//! Components of a graph, as Python asks for them.

use clew_core::components;
use pyo3::prelude::*;

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(strongly_connected, m)?)
}

#[pyfunction]
fn strongly_connected(py: Python<'_>, edges: Vec<(u32, u32)>) -> Vec<Vec<u32>> {
    py.detach(|| components::strongly_connected(&edges))
}
