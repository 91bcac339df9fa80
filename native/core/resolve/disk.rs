//! The files below a root as resolution reads them: those on disk, but for what a plan makes of them.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use oxc_resolver::{FileMetadata, FileSystem, FileSystemOs, ResolveError};

use crate::index::manifest::Manifest;

/// A file with other bytes, or one that is gone, by its whole path.
type Planned = HashMap<PathBuf, Option<Arc<[u8]>>>;

#[derive(Clone)]
pub(super) struct Disk {
    root: PathBuf,
    planned: Arc<Planned>,
}

impl Disk {
    pub(super) fn of(root: &Path, manifest: &Manifest) -> Self {
        let bytes = manifest.entries.iter().filter_map(|entry| {
            Some((
                root.join(&entry.path),
                Some(Arc::clone(entry.planned.as_ref()?)),
            ))
        });
        let gone = manifest.gone.iter().map(|path| (root.join(path), None));
        Self {
            root: root.to_path_buf(),
            planned: Arc::new(bytes.chain(gone).collect()),
        }
    }

    /// The bytes of a file, by its root-relative path.
    pub(super) fn read(&self, path: &str) -> Option<Vec<u8>> {
        FileSystem::read(self, &self.root.join(path)).ok()
    }

    pub(super) fn has(&self, path: &str) -> bool {
        let metadata = FileSystem::metadata(self, &self.root.join(path));
        metadata.is_ok_and(FileMetadata::is_file)
    }

    fn planned(&self, path: &Path) -> Option<io::Result<&Arc<[u8]>>> {
        let planned = self.planned.get(path)?.as_ref();
        Some(planned.ok_or_else(|| io::ErrorKind::NotFound.into()))
    }
}

impl FileSystem for Disk {
    fn new() -> Self {
        Self {
            root: PathBuf::new(),
            planned: Arc::default(),
        }
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.planned(path) {
            Some(planned) => planned.map(|bytes| bytes.to_vec()),
            None => std::fs::read(path),
        }
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        FileSystemOs::validate_string(FileSystem::read(self, path)?)
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        match self.planned(path) {
            Some(planned) => planned.map(|_| FileMetadata::new(true, false, false)),
            None => FileSystemOs::metadata(path),
        }
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        match self.planned(path) {
            Some(planned) => planned.map(|_| FileMetadata::new(true, false, false)),
            None => FileSystemOs::symlink_metadata(path),
        }
    }

    fn read_link(&self, path: &Path) -> Result<PathBuf, ResolveError> {
        FileSystemOs::read_link(path)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        match self.planned(path) {
            Some(planned) => planned.map(|_| path.to_path_buf()),
            None => FileSystemOs::canonicalize(path),
        }
    }
}
