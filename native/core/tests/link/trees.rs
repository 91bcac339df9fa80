//! A tree of sources in memory, and linkers over it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use clew_core::extract::{self, Extracted};
use clew_core::facts::{FileId, name_hash};
use clew_core::index::graph::{Graph, pack_imports};
use clew_core::index::manifest::{CODE, Entry, Manifest};
use clew_core::link::{Host, Linker};

/// Index of a few sources; paths say the language, relative imports lead to each other.
pub struct Tree {
    manifest: Manifest,
    graph: Graph,
    kept: Arc<Kept>,
}

struct Kept {
    blobs: Vec<Vec<u8>>,
    /// Sorted.
    postings: Vec<(u32, FileId)>,
}

impl Tree {
    pub fn of<'a>(sources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let sources: BTreeMap<&str, &str> = sources.into_iter().collect();
        let mut manifest = Manifest::default();
        let (mut blobs, mut postings, mut imports) = (Vec::new(), Vec::new(), HashMap::new());
        for (file, (path, source)) in (0u32..).zip(sources) {
            let of = extracted(path, source);
            // units are numbered from 1, for 0 says that there is none
            manifest.entries.push(Entry {
                path: path.to_owned(),
                flags: CODE,
                unit: file + 1,
                ..Entry::default()
            });
            imports.insert(file + 1, pack_imports(&of.imports));
            postings.extend(hashes(&of).map(|hash| (hash, FileId(file))));
            blobs.push(of.blob);
        }
        postings.sort_unstable();
        let mut graph = Graph::default();
        graph
            .resolve_imports(Path::new("/nowhere"), &manifest, &imports, true)
            .expect("our own imports");
        Self {
            manifest,
            graph,
            kept: Arc::new(Kept { blobs, postings }),
        }
    }

    /// A linker that knows nothing yet.
    pub fn linker(&self) -> Linker {
        Linker::new(
            &self.manifest,
            &self.graph,
            Box::new(Memory(Arc::clone(&self.kept))),
        )
    }

    pub fn files(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.manifest.entries.len() as u32).map(FileId)
    }

    pub fn path(&self, file: FileId) -> &str {
        &self.manifest.entries[file.0 as usize].path
    }
}

fn extracted(path: &str, source: &str) -> Extracted {
    extract::pool().install(|| extract::extract(path, source.as_bytes()))
}

fn hashes(of: &Extracted) -> impl Iterator<Item = u32> + '_ {
    let cells = of.names.chunks_exact(4);
    cells.map(|cell| u32::from_le_bytes(cell.try_into().expect("four bytes")))
}

struct Memory(Arc<Kept>);

impl Host for Memory {
    fn blobs(&self, files: &[FileId]) -> Option<Vec<Vec<u8>>> {
        let blob = |file: &FileId| self.0.blobs[file.0 as usize].clone();
        Some(files.iter().map(blob).collect())
    }

    fn files_with(&self, name: &str) -> Option<Vec<FileId>> {
        let hash = name_hash(name);
        let (first, postings) = (
            self.0.postings.partition_point(|&(other, _)| other < hash),
            &self.0.postings,
        );
        let same = postings[first..]
            .iter()
            .take_while(|&&(other, _)| other == hash);
        Some(same.map(|&(_, file)| file).collect())
    }

    fn postings(&self) -> Option<Vec<(u32, FileId)>> {
        Some(self.0.postings.clone())
    }

    fn goes_on(&self) -> bool {
        true
    }
}
