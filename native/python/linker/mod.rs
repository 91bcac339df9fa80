//! The linker as Python sees it: questions in, plain values out. Files, definitions and occurrences are numbers of one generation.

mod meanings;
mod renaming;
mod rows;
mod source;

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clew_core::facts::codes::{DEFINITION_KINDS, flag, meta};
use clew_core::facts::{Def, FileId, ImportId, OccurrenceId, Place};
use clew_core::index::sources::Sources;
use clew_core::link::{self, Spot, Stopped};
use pyo3::exceptions::{PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::index::{Graph, Manifest};
use meanings::{Named, PyMeanings, dangling_specifiers, definitions_in, meanings};
use renaming::{PyRenaming, renaming};
use rows::{
    DOUBTS, ExportRow, PyDef, PyDescription, PyImpact, PyReached, PyReference, PyReferences, PyUse,
    VIAS, from_def, from_defs, hidden_use, kind_name, needed, reached, references, shown_alike,
    to_def, to_spots, uses_in, verdict_name,
};
use source::{Source, Stop, lock};

pub fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add("DEFINITION_KINDS", DEFINITION_KINDS.to_vec())?;
    for (name, flag) in [
        ("HAS_ERRORS", meta::HAS_ERRORS),
        ("TOKEN_SCAN", meta::TOKEN_SCAN),
        ("MINIFIED", meta::MINIFIED),
        ("GENERATED", meta::GENERATED),
    ] {
        m.add(name, flag)?;
    }
    for (name, doubt) in DOUBTS {
        m.add(name, doubt)?;
    }
    m.add_class::<PyDescription>()?;
    m.add_class::<PyReferences>()?;
    m.add_class::<PyReached>()?;
    m.add_class::<PyImpact>()?;
    m.add_class::<Linker>()
}

#[pyclass(frozen, module = "clew._native")]
struct Linker {
    linker: Mutex<link::Linker>,
    stop: Arc<Mutex<Stop>>,
    has_failed: AtomicBool,
}

/// The message of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("it did not say why")
}

impl Linker {
    /// Runs a question without the GIL. What stopped it is raised, except a deadline: then the answer holds what was found.
    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        question: impl FnOnce(&mut link::Linker) -> T + Send,
    ) -> PyResult<T> {
        py.detach(|| {
            let mut linker = lock(&self.linker);
            let answer = catch_unwind(AssertUnwindSafe(|| linker.answer(question)));
            match answer {
                Ok((answer, Ok(()))) => Ok(answer),
                Ok((_, Err(Stopped::Damaged))) => {
                    self.has_failed
                        .fetch_or(linker.is_damaged(), Ordering::Relaxed);
                    Err(PyValueError::new_err("these bytes are not a blob of facts"))
                }
                Ok((answer, Err(Stopped::ByHost))) => match lock(&self.stop).error.take() {
                    Some(error) => Err(error),
                    None => Ok(answer),
                },
                Err(panic) => {
                    self.has_failed.store(true, Ordering::Relaxed);
                    let message = said(&*panic);
                    Err(PyRuntimeError::new_err(format!(
                        "the linker failed: {message}"
                    )))
                }
            }
        })
    }
}

#[pymethods]
impl Linker {
    #[new]
    fn new(py: Python<'_>, manifest: &Manifest, graph: &Graph, index: Py<PyAny>) -> Self {
        let stop = Arc::new(Mutex::new(Stop::default()));
        let host = Source {
            index,
            stop: Arc::clone(&stop),
        };
        let linker = py.detach(|| link::Linker::new(&manifest.0, &graph.0, Box::new(host)));
        Self {
            linker: Mutex::new(linker),
            stop,
            has_failed: AtomicBool::new(false),
        }
    }

    /// Seconds from now after which questions give what they have found; none: no bound.
    fn set_deadline(&self, seconds: Option<f64>) {
        let mut stop = lock(&self.stop);
        stop.deadline = seconds.and_then(|seconds| {
            Instant::now().checked_add(Duration::try_from_secs_f64(seconds.max(0.0)).ok()?)
        });
        stop.is_late = false;
        stop.looked = None;
    }

    #[getter]
    fn is_late(&self) -> bool {
        lock(&self.stop).is_late
    }

    /// True when a question ended in a panic, or facts were damaged: what the linker remembers may then be half of something.
    #[getter]
    fn has_failed(&self) -> bool {
        self.has_failed.load(Ordering::Relaxed)
    }

    fn counters(&self) -> [u64; 5] {
        lock(&self.linker).counters()
    }

    fn occurrence_at(&self, py: Python<'_>, file: u32, offset: u32) -> PyResult<Option<u32>> {
        self.ask(py, |linker| {
            linker.occurrence_at(FileId(file), offset).map(|id| id.0)
        })
    }

    fn definitions_at(&self, py: Python<'_>, file: u32, occurrence: u32) -> PyResult<Vec<PyDef>> {
        let place = Place {
            file: FileId(file),
            id: OccurrenceId(occurrence),
        };
        self.ask(py, |linker| {
            from_defs(linker.definitions_at(place).iter().copied())
        })
    }

    /// Of `a` in `const { a } = x`, which declares a binding, what it takes out of `x`.
    fn taken_at(&self, py: Python<'_>, file: u32, occurrence: u32) -> PyResult<Vec<PyDef>> {
        let place = Place {
            file: FileId(file),
            id: OccurrenceId(occurrence),
        };
        self.ask(py, |linker| {
            from_defs(linker.taken_at(place).iter().copied())
        })
    }

    /// Total, certain, possible, another's, external, unread and unexplained occurrences of a definition's names.
    fn account(
        &self,
        py: Python<'_>,
        definition: PyDef,
    ) -> PyResult<(u32, u32, u32, u32, u32, u32, u32)> {
        let of = self.ask(py, |linker| linker.account(to_def(definition)))?;
        Ok((
            of.total,
            of.certain,
            of.possible,
            of.another,
            of.external,
            of.unread,
            of.unexplained,
        ))
    }

    fn declared_at(&self, py: Python<'_>, file: u32, occurrence: u32) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| {
            from_defs(linker.declared_at(FileId(file), OccurrenceId(occurrence)))
        })
    }

    /// Meaning of an occurrence; of a member that only hands a binding on, what it hands on, unless it is asked for itself.
    fn meant_at(&self, py: Python<'_>, file: u32, occurrence: u32) -> PyResult<Vec<PyDef>> {
        let (file, id) = (FileId(file), OccurrenceId(occurrence));
        self.ask(py, |linker| from_defs(linker.meant_at(Place { file, id })))
    }

    fn is_declaration_file(&self, py: Python<'_>, file: u32) -> PyResult<bool> {
        self.ask(py, |linker| {
            linker.flags(FileId(file)) & meta::DECLARATION_FILE != 0
        })
    }

    fn imported_here(&self, py: Python<'_>, file: u32, occurrence: u32) -> PyResult<Vec<PyDef>> {
        let place = Place {
            file: FileId(file),
            id: OccurrenceId(occurrence),
        };
        self.ask(py, |linker| from_defs(linker.imported_here(place)))
    }

    fn merged(&self, py: Python<'_>, definition: PyDef) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| from_defs(linker.merged(to_def(definition))))
    }

    fn representative(&self, py: Python<'_>, definition: PyDef) -> PyResult<PyDef> {
        self.ask(py, |linker| {
            from_def(linker.representative(to_def(definition)))
        })
    }

    fn follow_shorthand(&self, py: Python<'_>, definitions: Vec<PyDef>) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| {
            from_defs(
                definitions
                    .into_iter()
                    .map(|def| linker.follow_shorthand(to_def(def))),
            )
        })
    }

    fn follow_export_alias(&self, py: Python<'_>, definition: PyDef) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| {
            from_defs(linker.follow_export_alias(to_def(definition)))
        })
    }

    fn origins(&self, py: Python<'_>, definition: PyDef) -> PyResult<Vec<Option<PyDef>>> {
        self.ask(py, |linker| {
            linker
                .origins(to_def(definition))
                .into_iter()
                .map(|def| def.map(from_def))
                .collect()
        })
    }

    #[pyo3(signature = (name, file=None))]
    fn named(&self, py: Python<'_>, name: &str, file: Option<u32>) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| {
            from_defs(match file {
                Some(file) => linker.named_in(name, FileId(file)),
                None => linker.named(name),
            })
        })
    }

    fn placed(
        &self,
        py: Python<'_>,
        name: &str,
        file: u32,
        offset: Option<u32>,
        mark: Option<u32>,
    ) -> PyResult<(Vec<PyDef>, bool)> {
        self.ask(py, |linker| {
            let (found, is_here) = linker.placed(name, FileId(file), offset, mark);
            (from_defs(found), is_here)
        })
    }

    fn declaring(&self, py: Python<'_>, file: u32, occurrence: u32) -> PyResult<Option<PyDef>> {
        self.ask(py, |linker| {
            linker
                .declaring(FileId(file), OccurrenceId(occurrence))
                .map(from_def)
        })
    }

    fn standing_at(&self, py: Python<'_>, file: u32, offset: u32) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| {
            from_defs(linker.standing_at(FileId(file), offset))
        })
    }

    fn called(&self, py: Python<'_>, name: &str, file: u32) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| from_defs(linker.called(name, FileId(file))))
    }

    fn describe(&self, py: Python<'_>, definitions: Vec<PyDef>) -> PyResult<Vec<PyDescription>> {
        self.ask(py, |linker| {
            definitions
                .into_iter()
                .map(|def| linker.describe(to_def(def)).into())
                .collect()
        })
    }

    #[pyo3(signature = (definition, *, invoked=false))]
    fn references(
        &self,
        py: Python<'_>,
        definition: PyDef,
        invoked: bool,
    ) -> PyResult<PyReferences> {
        self.ask(py, |linker| references(linker, to_def(definition), invoked))
    }

    /// What stands for the same as a place; none where that is what refers to the definitions it means.
    fn alike_at(&self, py: Python<'_>, file: u32, at: u32) -> PyResult<Option<PyReferences>> {
        self.ask(py, |linker| {
            let alike = linker.alike_at(FileId(file), at);
            alike.map(|alike| shown_alike(linker, &alike))
        })
    }

    /// True for `x.name` at an offset where not all is known that x can be.
    fn has_unknown_receiver(&self, py: Python<'_>, file: u32, offset: u32) -> PyResult<bool> {
        self.ask(py, |linker| {
            let file = FileId(file);
            let id = linker.occurrence_at(file, offset);
            id.is_some_and(|id| linker.has_unknown_receiver(Place { file, id }))
        })
    }

    /// The definitions that are renamed together with some, and the places: certain, by flow, possible.
    #[pyo3(signature = (definitions, spelt=None))]
    fn renaming(
        &self,
        py: Python<'_>,
        definitions: Vec<PyDef>,
        spelt: Option<&str>,
    ) -> PyResult<PyRenaming> {
        self.ask(py, |linker| renaming(linker, definitions, spelt))
    }

    /// Places that can use a definition without its name.
    fn hidden_uses(&self, py: Python<'_>, definition: PyDef) -> PyResult<Vec<PyReference>> {
        self.ask(py, |linker| {
            let found = linker.references(to_def(definition), false);
            let hidden = linker.hidden_uses(&found).into_iter();
            hidden.map(|one| hidden_use(linker, one)).collect()
        })
    }

    fn files_with(&self, py: Python<'_>, name: &str) -> PyResult<Vec<u32>> {
        self.ask(py, |linker| {
            linker.files_with(name).iter().map(|file| file.0).collect()
        })
    }

    /// The rows that starts reach. The totals of each start count what stands in `kept` files (empty: all), is of one of the `kinds` (empty: all), and
    /// can be imported where `exported` asks for that.
    #[expect(
        clippy::too_many_arguments,
        reason = "one question, and what its totals count"
    )]
    fn impact(
        &self,
        py: Python<'_>,
        starts: Vec<(u32, Option<u32>)>,
        via: Vec<String>,
        depth: Option<u32>,
        list_possible: bool,
        kept: Vec<bool>,
        kinds: Vec<String>,
        exported: bool,
    ) -> PyResult<PyImpact> {
        let starts = to_spots(starts);
        let mut ways = 0;
        for way in &via {
            let way = VIAS
                .iter()
                .find(|(_, name)| name == way)
                .ok_or_else(|| PyValueError::new_err("no such way"))?;
            ways |= way.0 as u32;
        }
        let (rows, circles, possible, totals) = self.ask(py, |linker| {
            let counts = |spot: &Spot| {
                let unit = linker.unit(spot.file);
                let is = |id| {
                    let kind = kind_name(unit.kind(id));
                    (kinds.is_empty() || kinds.iter().any(|one| one == kind))
                        && (!exported || unit.has(id, flag::EXPORTED))
                };
                (kept.is_empty() || kept.get(spot.file.0 as usize) == Some(&true))
                    && spot.definition.map_or(kinds.is_empty() && !exported, is)
            };
            let impact = linker.impact(&starts, ways, depth, list_possible, |spot| counts(&spot));
            let rows: Vec<PyReached> = impact.rows.iter().map(|row| reached(linker, row)).collect();
            let totals = impact.totals.iter();
            (
                rows,
                impact.circles,
                impact
                    .possible
                    .iter()
                    .filter(|spot| counts(spot))
                    .map(|spot| spot.file.0)
                    .collect(),
                totals.map(|total| (total.reached, total.files)).collect(),
            )
        })?;
        let rows = rows
            .into_iter()
            .map(|row| Py::new(py, row))
            .collect::<PyResult<_>>()?;
        Ok(PyImpact {
            rows,
            circles,
            possible,
            totals,
        })
    }

    /// The first `most` things that definitions, or files as a whole, need, and the uses that lead to something that is not known. `kept` says of
    /// each file whether it counts; empty keeps all.
    fn needs(
        &self,
        py: Python<'_>,
        starts: Vec<(u32, Option<u32>)>,
        depth: Option<u32>,
        kept: Vec<bool>,
        most: usize,
    ) -> PyResult<(Vec<Py<PyReached>>, u32)> {
        let starts = to_spots(starts);
        let (rows, unknown) = self.ask(py, |linker| {
            let keeps = |file: FileId| kept.is_empty() || kept.get(file.0 as usize) == Some(&true);
            let needs = linker.needs(&starts, depth, keeps, most);
            let rows = needs.rows.iter().map(|need| needed(linker, need));
            (rows.collect::<Vec<_>>(), needs.unknown)
        })?;
        let rows = rows.into_iter().map(|row| Py::new(py, row));
        Ok((rows.collect::<PyResult<_>>()?, unknown))
    }

    /// Line, name, way, whether it is a property, and what it leads to, of each use in a definition.
    #[pyo3(signature = (definition, *, invoked=false))]
    fn uses_in(&self, py: Python<'_>, definition: PyDef, invoked: bool) -> PyResult<Vec<PyUse>> {
        let def = to_def(definition);
        self.ask(py, |linker| uses_in(linker, def, invoked))
    }

    /// Definition, calls, uses in tests, files, of each definition that is used; `tests` says of each file whether it is a test.
    #[expect(clippy::type_complexity, reason = "a row of a table")]
    fn usages(
        &self,
        py: Python<'_>,
        tests: Vec<bool>,
    ) -> PyResult<Vec<(PyDef, u32, u32, u32, u32)>> {
        self.ask(py, |linker| {
            let is_test = |file: FileId| tests.get(file.0 as usize).copied().unwrap_or(false);
            let usages = linker.usages_in_bounds(is_test);
            usages
                .into_iter()
                .map(|one| {
                    (
                        from_def(one.def),
                        one.calls,
                        one.tests,
                        one.files,
                        one.possible,
                    )
                })
                .collect()
        })
    }

    /// The definitions of an outline, of all kinds where none is named, for a reader that describes them in parts.
    #[pyo3(signature = (file, kinds = Vec::new()))]
    fn outlined(&self, py: Python<'_>, file: u32, kinds: Vec<String>) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| {
            let file = FileId(file);
            let unit = linker.unit(file);
            let mut shown = linker.outline(file);
            shown.retain(|&id| {
                kinds.is_empty() || kinds.iter().any(|name| name == kind_name(unit.kind(id)))
            });
            from_defs(shown.into_iter().map(|id| Def { file, id }))
        })
    }

    fn exports(&self, py: Python<'_>, file: u32) -> PyResult<Vec<(String, PyDef)>> {
        self.ask(py, |linker| {
            linker
                .exports(FileId(file))
                .into_iter()
                .map(|(name, def)| (name, from_def(def)))
                .collect()
        })
    }

    fn offered(
        &self,
        py: Python<'_>,
        entries: Vec<u32>,
    ) -> PyResult<std::collections::HashSet<PyDef>> {
        let entries: Vec<FileId> = entries.into_iter().map(FileId).collect();
        self.ask(py, |linker| {
            let offered = linker.offered(&entries);
            offered.iter().map(|&def| from_def(def)).collect()
        })
    }

    /// The exports of files and their uses.
    fn export_uses(&self, py: Python<'_>, files: Vec<u32>) -> PyResult<Vec<ExportRow>> {
        let files: Vec<FileId> = files.into_iter().map(FileId).collect();
        self.ask(py, |linker| {
            let rows = linker.export_uses(&files).into_iter();
            rows.map(|row| {
                (
                    row.file.0,
                    row.name,
                    row.def.map(from_def),
                    row.module.map(|module| module.0),
                    row.handed_on_at,
                    row.uses,
                    row.files.iter().map(|file| file.0).collect(),
                    row.possible,
                )
            })
            .collect()
        })
    }

    /// Definitions that nothing uses, why they seem so, and what speaks against it.
    fn unused(
        &self,
        py: Python<'_>,
        files: Vec<u32>,
        entries: Vec<u32>,
        kinds: Vec<String>,
        exported: bool,
        tests: Vec<bool>,
    ) -> PyResult<Vec<(PyDef, &'static str, u32)>> {
        let files: Vec<FileId> = files.into_iter().map(FileId).collect();
        let entries: Vec<FileId> = entries.into_iter().map(FileId).collect();
        self.ask(py, |linker| {
            let judges = |kind: u32, flags: u32| {
                (kinds.is_empty() || kinds.iter().any(|name| name == kind_name(kind)))
                    && (!exported || flags & flag::EXPORTED != 0)
            };
            let is_test = |file: FileId| tests.get(file.0 as usize).copied().unwrap_or(false);
            let found = linker.unused(&files, &linker.offered(&entries), judges, is_test);
            found
                .into_iter()
                .map(|one| (from_def(one.def), verdict_name(one.verdict), one.doubts))
                .collect()
        })
    }

    /// Of each definition the files and spans in which its name stands for itself, or for what it cannot be.
    fn own_places(
        &self,
        py: Python<'_>,
        definitions: Vec<PyDef>,
    ) -> PyResult<Vec<Vec<(u32, u32, u32)>>> {
        self.ask(py, |linker| {
            let places = |def| linker.own_places(to_def(def)).into_iter();
            let rows = definitions.into_iter().map(places);
            rows.map(|own| own.map(|(file, start, end)| (file.0, start, end)).collect())
                .collect()
        })
    }

    fn base_members(&self, py: Python<'_>, definition: PyDef) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| {
            from_defs(linker.base_members(to_def(definition)).iter().copied())
        })
    }

    fn overriding_members(&self, py: Python<'_>, definition: PyDef) -> PyResult<Vec<PyDef>> {
        self.ask(py, |linker| {
            from_defs(linker.overriding_members(to_def(definition)))
        })
    }

    fn around_line(&self, py: Python<'_>, file: u32, start: u32, end: u32) -> PyResult<Vec<u32>> {
        self.ask(py, |linker| {
            let found = linker.around_line(FileId(file), (start, end));
            found.into_iter().map(|id| id.0).collect()
        })
    }

    fn innermost(
        &self,
        py: Python<'_>,
        file: u32,
        offsets: Vec<u32>,
    ) -> PyResult<Vec<Option<u32>>> {
        self.ask(py, |linker| {
            linker
                .innermost(FileId(file), &offsets)
                .into_iter()
                .map(|id| id.map(|id| id.0))
                .collect()
        })
    }

    fn names_near(
        &self,
        py: Python<'_>,
        file: u32,
        offset: u32,
        most: usize,
    ) -> PyResult<Vec<String>> {
        self.ask(py, |linker| linker.names_near(FileId(file), offset, most))
    }

    fn names_in(&self, py: Python<'_>, file: u32) -> PyResult<Vec<String>> {
        self.ask(py, |linker| linker.names_in(FileId(file)))
    }

    fn lines(&self, py: Python<'_>, file: u32) -> PyResult<(Vec<u32>, u32, bool)> {
        self.ask(py, |linker| {
            let (starts, length, ascii) = linker.lines(FileId(file));
            (starts.iter().collect(), length, ascii)
        })
    }

    /// Column and text of each place (file, line, byte offset), and the files that are no longer what the facts were taken from.
    #[expect(clippy::type_complexity, reason = "a row of a table")]
    fn shown_lines(
        &self,
        py: Python<'_>,
        manifest: &Manifest,
        root: &str,
        places: Vec<(u32, u32, u32)>,
    ) -> PyResult<(Vec<(u32, Option<String>)>, Vec<u32>)> {
        let root = Path::new(root);
        self.ask(py, |linker| {
            let mut sources = Sources::new(root, &manifest.0.entries);
            let rows = places.into_iter().map(|(file, line, at)| {
                let (starts, _, ascii) = linker.lines(FileId(file));
                sources.show(file, starts, ascii, line, at)
            });
            let rows = rows.collect();
            (rows, sources.changed)
        })
    }

    /// The occurrences of a file by place, each with the binding it names and the set it leads to; and the sets.
    #[pyo3(signature = (file, members=None))]
    fn meanings(
        &self,
        py: Python<'_>,
        file: u32,
        members: Option<Vec<String>>,
    ) -> PyResult<PyMeanings> {
        self.ask(py, |linker| {
            meanings(linker, FileId(file), members.as_deref())
        })
    }

    fn dangling_specifiers(&self, py: Python<'_>, file: u32) -> PyResult<Vec<(u32, u32)>> {
        self.ask(py, |linker| dangling_specifiers(linker, FileId(file)))
    }

    /// The definitions whose names start in spans.
    fn definitions_in(
        &self,
        py: Python<'_>,
        file: u32,
        spans: Vec<(u32, u32)>,
    ) -> PyResult<Vec<Named>> {
        self.ask(py, |linker| definitions_in(linker, FileId(file), &spans))
    }

    /// The spans of the specifiers of a file's imports, in the order of their rows.
    fn import_spans(&self, py: Python<'_>, file: u32) -> PyResult<Vec<(u32, u32)>> {
        self.ask(py, |linker| {
            let unit = linker.unit(FileId(file));
            let imports = (0..unit.import_count()).map(ImportId);
            imports.map(|id| unit.import_span(id)).collect()
        })
    }

    fn import_lines(&self, py: Python<'_>, imports: Vec<(u32, u32)>) -> PyResult<Vec<u32>> {
        self.ask(py, |linker| {
            imports
                .into_iter()
                .map(|(file, row)| linker.import_line(FileId(file), ImportId(row)))
                .collect()
        })
    }

    fn import_places(
        &self,
        py: Python<'_>,
        imports: Vec<(u32, u32)>,
    ) -> PyResult<Vec<(u32, u32, u32)>> {
        self.ask(py, |linker| {
            let mut files: Vec<FileId> = imports.iter().map(|(file, _)| FileId(*file)).collect();
            files.dedup();
            linker.load(&files);
            imports
                .into_iter()
                .map(|(file, row)| linker.import_place(FileId(file), ImportId(row)))
                .collect()
        })
    }

    /// Lines, bytes and flags of files.
    fn sizes(&self, py: Python<'_>, files: Vec<u32>) -> PyResult<Vec<(usize, u32, u32)>> {
        let files: Vec<FileId> = files.into_iter().map(FileId).collect();
        self.ask(py, |linker| {
            linker.load(&files);
            files
                .iter()
                .map(|&file| {
                    let (starts, length, _) = linker.lines(file);
                    (starts.len().saturating_sub(1), length, linker.flags(file))
                })
                .collect()
        })
    }
}
