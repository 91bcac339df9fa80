//! The Python boundary, and nothing else.

mod components;
mod facts;
mod globs;
mod index;
mod linker;
mod pattern;
mod prose;
mod secrets;
mod specifiers;

use pyo3::prelude::*;

#[pymodule]
fn _native(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("VERSION", env!("CARGO_PKG_VERSION"))?;
    m.add(
        "BUILD",
        concat!(env!("CARGO_PKG_VERSION"), "-", env!("CLEW_BUILD")),
    )?;
    components::register(m)?;
    facts::register(m)?;
    pattern::register(m)?;
    prose::register(m)?;
    index::register(m)?;
    globs::register(m)?;
    secrets::register(m)?;
    specifiers::register(m)?;
    linker::register(m)
}
