//! Source of the linker's facts, and its stop.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use clew_core::facts::FileId;
use clew_core::link::Host;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

/// How often signals and the clock are looked at.
const EVERY: Duration = Duration::from_millis(20);

/// Why the linker was stopped.
#[derive(Default)]
pub(super) struct Stop {
    pub(super) deadline: Option<Instant>,
    pub(super) looked: Option<Instant>,
    pub(super) is_late: bool,
    pub(super) error: Option<PyErr>,
}

/// The index of a generation, asked on the calling thread.
pub(super) struct Source {
    pub(super) index: Py<PyAny>,
    pub(super) stop: Arc<Mutex<Stop>>,
}

impl Source {
    /// Result of a function of the index; its error stops the linker.
    fn call<T>(&self, ask: impl FnOnce(Python<'_>) -> PyResult<T>) -> Option<T> {
        Python::attach(ask)
            .map_err(|error| lock(&self.stop).error = Some(error))
            .ok()
    }
}

impl Host for Source {
    fn blobs(&self, files: &[FileId]) -> Option<Vec<Vec<u8>>> {
        let files: Vec<u32> = files.iter().map(|file| file.0).collect();
        self.call(|py| {
            let found: Vec<PyBackedBytes> = self
                .index
                .bind(py)
                .call_method1("blobs", (files,))?
                .extract()?;
            Ok(found.iter().map(|bytes| bytes.to_vec()).collect())
        })
    }

    fn files_with(&self, name: &str) -> Option<Vec<FileId>> {
        self.call(|py| {
            let found: Vec<u32> = self
                .index
                .bind(py)
                .call_method1("with_name", (name,))?
                .extract()?;
            Ok(found.into_iter().map(FileId).collect())
        })
    }

    fn postings(&self) -> Option<Vec<(u32, FileId)>> {
        self.call(|py| {
            let packed: PyBackedBytes = self.index.bind(py).call_method0("postings")?.extract()?;
            let cell = |bytes: &[u8]| {
                bytes
                    .first_chunk::<4>()
                    .map_or(0, |bytes| u32::from_le_bytes(*bytes))
            };
            Ok(packed
                .chunks_exact(8)
                .map(|pair| (cell(pair), FileId(cell(&pair[4..]))))
                .collect())
        })
    }

    fn goes_on(&self) -> bool {
        let now = Instant::now();
        {
            let mut stop = lock(&self.stop);
            if stop.looked.is_some_and(|looked| now < looked + EVERY) {
                return true;
            }
            stop.looked = Some(now);
            if stop.deadline.is_some_and(|deadline| now >= deadline) {
                stop.is_late = true;
                return false;
            }
        }
        match Python::attach(|py| py.check_signals()) {
            Ok(()) => true,
            Err(error) => {
                lock(&self.stop).error = Some(error);
                false
            }
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
