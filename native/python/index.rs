//! The native core as the index sees it: a manifest, batches of files, segments.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;

use clew_core::facts::codes::{DEFINITION_KINDS, IMPORT_KINDS, flag, import};
use clew_core::index::batch::{self, Problem};
use clew_core::index::graph::{self, pack_imports};
use clew_core::index::mentions::{self, Wanted};
use clew_core::index::overlay::{Change, Overlay};
use clew_core::index::sources::Sources;
use clew_core::index::wire::{seal, unseal};
use clew_core::index::{aside, manifest, search, segments, text};
use clew_core::resolve::{self, Target};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};
use xxhash_rust::xxh3::xxh3_128;

/// Blobs that are not what was written are a ValueError.
fn damaged(error: io::Error) -> PyErr {
    PyValueError::new_err(error.to_string())
}

#[pyclass]
pub struct Manifest(pub manifest::Manifest);

#[pyclass]
struct Batch(batch::Batch);

#[pyclass]
struct Builder(Option<segments::Builder>);

/// unit, key, facts, imports, problems, flags
type Row<'py> = (
    u32,
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    Bound<'py, PyBytes>,
    Vec<Problem>,
    u32,
);

/// unit, facts, problems
type FreshRow<'py> = (u32, Bound<'py, PyBytes>, Vec<Problem>);

type NameHit = (
    u32,
    Option<u32>,
    String,
    String,
    &'static str,
    bool,
    &'static str,
);
type TextHit = (u32, u32, u32, u32, u32, String);

#[pymethods]
impl Manifest {
    #[new]
    #[pyo3(signature = (packed=None))]
    fn new(packed: Option<&[u8]>) -> PyResult<Self> {
        Ok(Manifest(
            packed
                .map(manifest::Manifest::load)
                .transpose()
                .map_err(damaged)?
                .unwrap_or_default(),
        ))
    }

    fn dump<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.dump())
    }

    fn is_stale(&self, py: Python<'_>, root: &str) -> bool {
        py.detach(|| self.0.is_stale(Path::new(root)))
    }

    fn renew(&mut self, py: Python<'_>, root: &str) -> Option<(Vec<u32>, bool)> {
        py.detach(|| self.0.renew(Path::new(root)))
            .map(|renewal| (renewal.pending, renewal.listing_changed))
    }

    fn read(&self, py: Python<'_>, root: &str, pending: Vec<u32>, budget: u64) -> Batch {
        py.detach(|| {
            Batch(batch::Batch::read(
                Path::new(root),
                &self.0.entries,
                &pending,
                budget,
            ))
        })
    }

    fn forget(&mut self, vanished: HashSet<u32>) {
        self.0.forget(&vanished);
    }

    fn __len__(&self) -> usize {
        self.0.entries.len()
    }

    fn entries(&self, kinds: u32) -> Vec<(u32, &str, String, u32)> {
        let entries = self
            .0
            .entries
            .iter()
            .enumerate()
            .filter(|(_, entry)| entry.is(kinds));
        entries
            .map(|(id, entry)| {
                (
                    id as u32,
                    entry.path.as_str(),
                    format!("{:032x}", entry.digest),
                    entry.shown_flags(),
                )
            })
            .collect()
    }

    /// Entries with one of the flags, or with one of the units, and which unit each has.
    fn marked(&self, flags: u32, mut units: Vec<u32>) -> Vec<(u32, &str, String, u32, u32)> {
        units.sort_unstable();
        let entries = (0u32..).zip(&self.0.entries);
        entries
            .filter(|(_, entry)| entry.is(flags) || units.binary_search(&entry.unit).is_ok())
            .map(|(id, entry)| {
                let digest = format!("{:032x}", entry.digest);
                let flags = entry.shown_flags();
                (id, entry.path.as_str(), digest, flags, entry.unit)
            })
            .collect()
    }

    fn path(&self, file: usize) -> PyResult<&str> {
        let entry = self.0.entries.get(file);
        entry
            .map(|entry| entry.path.as_str())
            .ok_or_else(|| pyo3::exceptions::PyIndexError::new_err(format!("no file {file}")))
    }

    fn paths(&self) -> Vec<&str> {
        self.0
            .entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect()
    }

    fn entry(&self, file: usize) -> PyResult<(&str, String, u32, u32)> {
        let entry =
            self.0.entries.get(file).ok_or_else(|| {
                pyo3::exceptions::PyIndexError::new_err(format!("no file {file}"))
            })?;
        Ok((
            entry.path.as_str(),
            format!("{:032x}", entry.digest),
            entry.shown_flags(),
            entry.unit,
        ))
    }

    /// The files of prose.
    fn prose(&self) -> Vec<u32> {
        let entries = (0..).zip(&self.0.entries);
        entries
            .filter(|(_, entry)| manifest::prose(&entry.path).is_some())
            .map(|(id, _)| id)
            .collect()
    }

    fn id_of(&self, path: &str) -> Option<u32> {
        self.0.id_of(path)
    }

    fn digest(&self) -> String {
        format!("{:032x}", self.0.digest())
    }

    fn config_digest(&self) -> String {
        format!("{:032x}", self.0.config_digest())
    }

    fn notes(&self) -> Vec<(String, String)> {
        self.0.notes.clone()
    }

    /// The manifest, the imports and the fresh facts of the tree with changes; last the buckets and pieces of the fresh ones.
    #[expect(clippy::type_complexity, reason = "an overlay in one go")]
    fn overlaid<'py>(
        &self,
        py: Python<'py>,
        root: &str,
        graph: &Graph,
        changes: Vec<Change>,
    ) -> PyResult<(
        Manifest,
        Graph,
        Vec<FreshRow<'py>>,
        Vec<Bound<'py, PyBytes>>,
        Vec<Bound<'py, PyBytes>>,
    )> {
        let overlay = py
            .detach(|| Overlay::new(Path::new(root), &self.0, &graph.0, changes))
            .map_err(damaged)?;
        let rows = overlay.fresh.into_iter().map(|fresh| {
            let facts = PyBytes::new(py, &fresh.facts.blob);
            (fresh.unit, facts, fresh.problems)
        });
        let (buckets, pieces) = overlay
            .segment
            .map(|segment| (segment.buckets, segment.pieces))
            .unwrap_or_default();
        Ok((
            Manifest(overlay.manifest),
            Graph(overlay.graph),
            rows.collect(),
            all_bytes(py, &buckets),
            all_bytes(py, &pieces),
        ))
    }

    /// file, definition (None for the file itself), name, container, kind, whether it is exported, match
    fn search(
        &self,
        py: Python<'_>,
        pieces: Vec<PyBackedBytes>,
        terms: Vec<String>,
        loose: bool,
    ) -> PyResult<Vec<NameHit>> {
        let hits = py
            .detach(|| search::search(&self.0, &pieces, &terms, loose))
            .map_err(damaged)?;
        let definition =
            |hit: &search::Hit| (hit.definition != search::WHOLE_FILE).then_some(hit.definition);
        Ok(hits
            .into_iter()
            .map(|hit| {
                (
                    hit.file,
                    definition(&hit),
                    hit.name,
                    hit.container,
                    DEFINITION_KINDS
                        .get(usize::from(hit.kind))
                        .copied()
                        .unwrap_or("file"),
                    u32::from(hit.flags) & flag::EXPORTED != 0,
                    hit.fit.label(),
                )
            })
            .collect())
    }

    /// file, line, column, start, end, text of the line; then the files that are no longer what the manifest says
    #[pyo3(signature = (root, files, pattern, *, regex, ignore_case, word, limit, known))]
    #[expect(clippy::too_many_arguments, reason = "named where they are given")]
    fn text(
        &self,
        py: Python<'_>,
        root: &str,
        files: Vec<u32>,
        pattern: &str,
        regex: bool,
        ignore_case: bool,
        word: bool,
        limit: usize,
        known: HashMap<u32, PyBackedBytes>,
    ) -> PyResult<(Vec<TextHit>, Vec<u32>)> {
        let question = text::Question {
            pattern,
            regex,
            ignore_case,
            word,
            limit,
        };
        let found =
            py.detach(|| text::search(Path::new(root), &self.0.entries, &files, &question, &known));
        let (found, changed) = found.map_err(|error| PyValueError::new_err(error.to_string()))?;
        let hits = found
            .into_iter()
            .map(|hit| (hit.file, hit.line, hit.column, hit.start, hit.end, hit.text));
        Ok((hits.collect(), changed))
    }

    /// The bytes of files as the manifest says, None for one that is another now; then the files that are.
    fn sources<'py>(
        &self,
        py: Python<'py>,
        root: &str,
        files: Vec<u32>,
    ) -> (Vec<Option<Bound<'py, PyBytes>>>, Vec<u32>) {
        let (found, changed) = py.detach(|| {
            let mut sources = Sources::new(Path::new(root), &self.0.entries);
            let found = sources.all(&files);
            (found, sources.changed)
        });
        let bytes = found.iter().map(|source| {
            let source = source.as_ref()?;
            Some(PyBytes::new(py, source))
        });
        (bytes.collect(), changed)
    }

    /// Of each name the file and line where it stands first as a word outside of its own spans, in its only file if one is given;
    /// then the files that are no longer what the manifest says.
    #[expect(clippy::type_complexity, reason = "a row of a table")]
    fn mentions(
        &self,
        py: Python<'_>,
        root: &str,
        files: Vec<u32>,
        names: Vec<(String, Option<u32>, Vec<(u32, u32, u32)>)>,
    ) -> mentions::Answer {
        let wanted: Vec<Wanted> = names
            .into_iter()
            .map(|(name, only, own)| Wanted { name, only, own })
            .collect();
        py.detach(|| mentions::mentions(Path::new(root), &self.0.entries, &files, &wanted))
    }

    /// The files whose facts are one of these units, in order of path.
    fn files_with(&self, units: HashSet<u32>) -> Vec<u32> {
        let entries = self.0.entries.iter().enumerate();
        entries
            .filter(|(_, entry)| units.contains(&entry.unit))
            .map(|(id, _)| id as u32)
            .collect()
    }

    /// A hash and a file, eight bytes, for each name of each file.
    fn postings<'py>(
        &self,
        py: Python<'py>,
        buckets: Vec<PyBackedBytes>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let packed = py.detach(|| {
            let mut files: HashMap<u32, Vec<u32>> = HashMap::new();
            for (id, entry) in (0u32..).zip(&self.0.entries) {
                files.entry(entry.unit).or_default().push(id);
            }
            let mut packed = Vec::new();
            for (hash, unit) in segments::postings(&buckets)? {
                for file in files.get(&unit).into_iter().flatten() {
                    packed.extend_from_slice(&hash.to_le_bytes());
                    packed.extend_from_slice(&file.to_le_bytes());
                }
            }
            io::Result::Ok(packed)
        });
        Ok(PyBytes::new(py, &packed.map_err(damaged)?))
    }

    fn units(&self) -> HashSet<u32> {
        self.0.entries.iter().map(|entry| entry.unit).collect()
    }
}

#[pymethods]
impl Batch {
    #[getter]
    fn taken(&self) -> usize {
        self.0.taken
    }

    #[getter]
    fn vanished(&self) -> Vec<u32> {
        self.0.vanished.clone()
    }

    fn keys<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        self.0
            .keys()
            .iter()
            .map(|key| PyBytes::new(py, key))
            .collect()
    }

    /// Facts of the sources that are not among the known units; fills the manifest and the segment.
    fn extract<'py>(
        &self,
        py: Python<'py>,
        manifest: &mut Manifest,
        known: &Bound<'py, PyDict>,
        first_unit: u32,
        builder: &mut Builder,
    ) -> PyResult<Vec<Row<'py>>> {
        let known: HashMap<PyBackedBytes, (u32, u32)> = known.extract()?;
        let entries = &mut manifest.0.entries;
        let (before, parsed) = py.detach(|| {
            let before: Vec<_> = self
                .0
                .loaded
                .iter()
                .map(|file| entries[file.place as usize].good_facts())
                .collect();
            self.0.fill(entries);
            let units = known
                .iter()
                .map(|(key, (unit, _))| (key.to_vec(), *unit))
                .collect();
            let fresh = self.0.assign(&units, first_unit, entries);
            (before, self.0.parse(&fresh))
        });
        let mut flags: HashMap<u32, u32> = known.into_values().collect();
        let mut rows = Vec::with_capacity(parsed.len());
        for (at, facts, problems) in parsed {
            let file = &self.0.loaded[at];
            let unit = entries[file.place as usize].unit;
            flags.insert(unit, facts.flags);
            if let Some(builder) = &mut builder.0 {
                builder.add(unit, &facts.names, &facts.definitions);
            }
            let imports = pack_imports(&facts.imports);
            rows.push((
                unit,
                PyBytes::new(py, &file.key()),
                PyBytes::new(py, &seal(facts.blob)),
                PyBytes::new(py, &imports),
                problems,
                facts.flags,
            ));
        }
        for (file, before) in self.0.loaded.iter().zip(before) {
            let entry = &mut entries[file.place as usize];
            let flags = flags.get(&entry.unit).copied().unwrap_or_default();
            entry.apply_facts(flags, before);
        }
        Ok(rows)
    }
}

#[pyclass]
pub struct Graph(pub graph::Graph);

/// importer, import, specifier, kind, vanishes at run time, runs later than loading, target, package, path
type Edge<'a> = (
    u32,
    u32,
    &'a str,
    &'static str,
    bool,
    bool,
    Option<u32>,
    Option<&'a str>,
    Option<&'a str>,
);

#[pymethods]
impl Graph {
    #[new]
    #[pyo3(signature = (packed=None))]
    fn new(packed: Option<&[u8]>) -> PyResult<Self> {
        Ok(Graph(
            packed
                .map(graph::Graph::load)
                .transpose()
                .map_err(damaged)?
                .unwrap_or_default(),
        ))
    }

    fn dump<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.0.dump())
    }

    fn resolve_imports(
        &mut self,
        py: Python<'_>,
        root: &str,
        manifest: &Manifest,
        fresh: HashMap<u32, PyBackedBytes>,
        everything: bool,
    ) -> PyResult<()> {
        py.detach(|| {
            self.0
                .resolve_imports(Path::new(root), &manifest.0, &fresh, everything)
        })
        .map_err(damaged)
    }

    fn edges(&self) -> Vec<Edge<'_>> {
        (0..self.0.importers.len() as u32)
            .flat_map(|from| self.edges_of(from))
            .collect()
    }

    fn edges_of(&self, importer: u32) -> Vec<Edge<'_>> {
        let edges = self
            .0
            .importers
            .get(importer as usize)
            .map_or(&[][..], |importer| &importer.edges);
        (0..)
            .zip(edges)
            .map(|(at, edge)| row(importer, at, edge))
            .collect()
    }

    fn edges_to(&self, target: u32) -> Vec<Edge<'_>> {
        let found = self.0.importers_of(target).into_iter();
        found
            .map(|(from, at)| {
                row(
                    from,
                    at,
                    &self.0.importers[from as usize].edges[at as usize],
                )
            })
            .collect()
    }
}

fn row(from: u32, at: u32, edge: &graph::Edge) -> Edge<'_> {
    let (target, package, path) = match &edge.target {
        Target::File(id) => (Some(*id), None, None),
        Target::Package(name) => (None, Some(name.as_str()), None),
        Target::Path(path) => (None, None, Some(path.as_str())),
        Target::Unresolved => (None, None, None),
    };
    (
        from,
        at,
        &edge.import.specifier,
        IMPORT_KINDS
            .get(usize::from(edge.import.kind))
            .copied()
            .unwrap_or("import"),
        u32::from(edge.import.flags) & import::TYPE_ONLY != 0,
        u32::from(edge.import.flags) & import::LAZY != 0,
        target,
        package,
        path,
    )
}

/// How many units, the units, the buckets, the pieces of definitions.
type Stored<'py> = (
    usize,
    Bound<'py, PyBytes>,
    Vec<Bound<'py, PyBytes>>,
    Vec<Bound<'py, PyBytes>>,
);

fn all_bytes<'py>(py: Python<'py>, blobs: &[Vec<u8>]) -> Vec<Bound<'py, PyBytes>> {
    blobs.iter().map(|blob| PyBytes::new(py, blob)).collect()
}

#[pymethods]
impl Builder {
    #[new]
    fn new() -> Self {
        Builder(Some(segments::Builder::default()))
    }

    fn absorb(
        &mut self,
        units: &[u8],
        buckets: Vec<PyBackedBytes>,
        pieces: Vec<PyBackedBytes>,
        dead: HashSet<u32>,
    ) -> PyResult<()> {
        if let Some(builder) = &mut self.0 {
            builder
                .absorb(units, &buckets, &pieces, &dead)
                .map_err(damaged)?;
        }
        Ok(())
    }

    /// The number of units, the units, the buckets and the pieces of definitions; None when there is nothing. Empties the builder.
    fn finish<'py>(&mut self, py: Python<'py>) -> Option<Stored<'py>> {
        let builder = self
            .0
            .replace(segments::Builder::default())
            .filter(|builder| !builder.is_empty())?;
        let segment = py.detach(|| builder.finish());
        Some((
            segment.count,
            PyBytes::new(py, &segment.units),
            all_bytes(py, &segment.buckets),
            all_bytes(py, &segment.pieces),
        ))
    }
}

/// The units in which a name with this hash occurs, by the buckets given.
#[pyfunction]
fn find_units(buckets: Vec<PyBackedBytes>, hashed: u32) -> PyResult<Vec<u32>> {
    segments::find(&buckets, hashed).map_err(damaged)
}

/// The units a segment was written for.
#[pyfunction]
fn segment_units(packed: &[u8]) -> PyResult<Vec<u32>> {
    segments::read_units(packed).map_err(damaged)
}

/// The bytes of a stored blob, when its checksum agrees.
#[pyfunction]
fn unsealed<'py>(py: Python<'py>, blob: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    Ok(PyBytes::new(py, unseal(blob).map_err(damaged)?))
}

/// Paths at which an import that leads to nothing was looked for.
#[pyfunction]
fn candidate_paths(path: &str, specifier: &str) -> Vec<String> {
    resolve::candidate_paths(path, specifier)
}

/// The digest of a file's bytes, as the manifest has it.
#[pyfunction]
fn digest(source: &[u8]) -> String {
    format!("{:032x}", xxh3_128(source))
}

#[pyfunction]
fn is_test(path: &str) -> bool {
    aside::is_test(path)
}

pub fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("INDEX_BUILD", env!("CLEW_INDEX_BUILD"))?;
    module.add_class::<Manifest>()?;
    module.add_class::<Batch>()?;
    module.add_class::<Builder>()?;
    module.add_class::<Graph>()?;
    module.add_function(wrap_pyfunction!(find_units, module)?)?;
    module.add_function(wrap_pyfunction!(segment_units, module)?)?;
    module.add_function(wrap_pyfunction!(unsealed, module)?)?;
    module.add_function(wrap_pyfunction!(is_test, module)?)?;
    module.add_function(wrap_pyfunction!(candidate_paths, module)?)?;
    module.add_function(wrap_pyfunction!(digest, module)?)
}
