//! Texts without their secrets, as Python asks for them.

use std::collections::BTreeMap;

use pyo3::prelude::*;
use pyo3::types::PyBytes;

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(without_secrets, m)?)
}

type Cleaned<'py> = Option<(Bound<'py, PyBytes>, BTreeMap<&'static str, u32>)>;

#[pyfunction]
fn without_secrets<'py>(py: Python<'py>, data: &[u8], json: bool) -> Cleaned<'py> {
    let clean = if json {
        clew_core::secrets::without_secrets_of_json
    } else {
        clew_core::secrets::without_secrets
    };
    let (kept, counts) = py.detach(|| clean(data))?;
    Some((PyBytes::new(py, &kept), counts))
}
