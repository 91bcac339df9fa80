//! Which files there are: the ignore-aware walk, and the stat of each.
//!
//! The walk sees what `rg` sees (`.gitignore`, `.ignore`, nested, of parents, global, `info/exclude`, in and outside git), never enters a
//! `.git`, `.clew` or `node_modules`, and follows no symbolic link.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

use ignore::gitignore::gitconfig_excludes_path;
use ignore::{DirEntry, ParallelVisitor, ParallelVisitorBuilder, WalkBuilder, WalkState};

/// Files above this size are named and not read.
pub const LARGEST: u64 = 20 << 20;

/// A file stamped this recently may change again without a new stamp (file systems tick every 1–10 ms).
const TICK: i64 = 20_000_000;

const LEFT_OUT: [&str; 3] = ["node_modules", ".git", ".clew"];
const IGNORE_FILES: [&str; 2] = [".gitignore", ".ignore"];

/// Stamp that tells that a file or folder is as it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stat {
    pub size: u64,
    pub modified: i64,
    pub changed: i64,
    pub inode: u64,
}

impl Stat {
    #[cfg(unix)]
    pub fn of(metadata: &Metadata) -> Stat {
        use std::os::unix::fs::MetadataExt;
        Stat {
            size: metadata.len(),
            modified: metadata.mtime() * 1_000_000_000 + metadata.mtime_nsec(),
            changed: metadata.ctime() * 1_000_000_000 + metadata.ctime_nsec(),
            inode: metadata.ino(),
        }
    }

    #[cfg(not(unix))]
    pub fn of(metadata: &Metadata) -> Stat {
        let modified = metadata.modified().map_or(0, nanoseconds);
        Stat {
            size: metadata.len(),
            modified,
            changed: modified,
            inode: 0,
        }
    }

    /// The stat of a path without following a link, or None when there is nothing.
    pub fn read(path: &Path) -> Option<Stat> {
        fs::symlink_metadata(path)
            .ok()
            .map(|metadata| Stat::of(&metadata))
    }

    /// True when a change right after `now` could leave this stat as it is.
    pub fn is_racy(&self, now: i64) -> bool {
        self.changed + TICK >= now
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_nanos() as i64)
}

pub fn now() -> i64 {
    nanoseconds(SystemTime::now())
}

/// A folder that was listed, and the stat it had before; `stat` is None when it must be listed again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder {
    pub path: String,
    pub stat: Option<Stat>,
}

/// Result of a walk. Paths are relative to the root, POSIX; ignore files are full paths.
#[derive(Default)]
pub struct Found {
    pub files: Vec<String>,
    pub folders: Vec<Folder>,
    pub rules: Vec<String>,
    pub notes: Vec<(String, &'static str)>,
}

impl Found {
    fn add(&mut self, mut other: Found) {
        self.files.append(&mut other.files);
        self.folders.append(&mut other.folders);
        self.rules.append(&mut other.rules);
        self.notes.append(&mut other.notes);
    }

    fn see(&mut self, root: &Path, entry: &DirEntry) {
        let Some(path) = relative(root, entry.path()) else {
            self.notes
                .push((entry.path().to_string_lossy().into_owned(), "name_not_utf8"));
            return;
        };
        let Some(kind) = entry.file_type() else {
            return;
        };
        if kind.is_dir() {
            let listed = now();
            let stat = Stat::read(entry.path()).filter(|stat| !stat.is_racy(listed));
            self.folders.push(Folder { path, stat });
            self.rules.extend(
                IGNORE_FILES
                    .iter()
                    .map(|name| entry.path().join(name))
                    .filter(|rule| rule.is_file())
                    .filter_map(text),
            );
        } else if kind.is_file() {
            self.files.push(path);
        } else if kind.is_symlink() && loops(entry.path()) {
            self.notes.push((path, "symlink_loop"));
        }
    }

    fn fail(&mut self, root: &Path, error: &ignore::Error) {
        let Some(path) = failed_path(error) else {
            return;
        };
        if error
            .io_error()
            .is_some_and(|error| error.kind() != std::io::ErrorKind::NotFound)
        {
            self.notes.push((
                relative(root, path).unwrap_or_else(|| path.to_string_lossy().into_owned()),
                "unreadable",
            ));
        }
    }
}

fn failed_path(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
            failed_path(err)
        }
        _ => None,
    }
}

fn text(path: PathBuf) -> Option<String> {
    path.into_os_string().into_string().ok()
}

/// The path below `root` with `/` between its parts; the root itself is the empty string.
fn relative(root: &Path, path: &Path) -> Option<String> {
    let rest = path.strip_prefix(root).ok()?.to_str()?;
    Some(if cfg!(windows) {
        rest.replace('\\', "/")
    } else {
        rest.to_owned()
    })
}

/// True when a symbolic link leads back to a folder that it lies in, or to itself.
fn loops(link: &Path) -> bool {
    match fs::canonicalize(link) {
        Ok(target) => link
            .parent()
            .and_then(|folder| fs::canonicalize(folder).ok())
            .is_some_and(|folder| folder.starts_with(target)),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

fn builder(root: &Path, below: &str) -> WalkBuilder {
    let mut builder = WalkBuilder::new(if below.is_empty() {
        root.to_path_buf()
    } else {
        root.join(below)
    });
    builder
        .require_git(false)
        .current_dir(root)
        .filter_entry(|entry| {
            entry.depth() == 0
                || entry
                    .file_name()
                    .to_str()
                    .is_none_or(|name| !LEFT_OUT.contains(&name))
        });
    builder
}

struct Visitor<'a> {
    root: &'a Path,
    found: Found,
    all: &'a Mutex<Found>,
}

impl ParallelVisitor for Visitor<'_> {
    fn visit(&mut self, entry: Result<DirEntry, ignore::Error>) -> WalkState {
        match entry {
            Ok(entry) => self.found.see(self.root, &entry),
            Err(error) => self.found.fail(self.root, &error),
        }
        WalkState::Continue
    }
}

impl Drop for Visitor<'_> {
    fn drop(&mut self) {
        if let Ok(mut all) = self.all.lock() {
            all.add(std::mem::take(&mut self.found));
        }
    }
}

struct Visitors<'a> {
    root: &'a Path,
    all: &'a Mutex<Found>,
}

impl<'a> ParallelVisitorBuilder<'a> for Visitors<'a> {
    fn build(&mut self) -> Box<dyn ParallelVisitor + 'a> {
        Box::new(Visitor {
            root: self.root,
            found: Found::default(),
            all: self.all,
        })
    }
}

/// Everything below a folder of the root (the root itself: the empty string).
pub fn walk(root: &Path, below: &str) -> Found {
    let all = Mutex::new(Found::default());
    builder(root, below)
        .threads(rayon::current_num_threads())
        .build_parallel()
        .visit(&mut Visitors { root, all: &all });
    all.into_inner().unwrap_or_default()
}

/// Entries directly in one folder; the folder itself comes first among `folders`.
pub fn list(root: &Path, folder: &str) -> Found {
    let mut found = Found::default();
    for entry in builder(root, folder).max_depth(Some(1)).build() {
        match entry {
            Ok(entry) => found.see(root, &entry),
            Err(error) => found.fail(root, &error),
        }
    }
    found
}

/// The files outside the walk that decide what is ignored: rules of parents, of the repository, and of the person.
pub fn outer_rules(root: &Path) -> Vec<String> {
    let mut rules: Vec<PathBuf> = Vec::new();
    for folder in root.ancestors().skip(1) {
        rules.extend(IGNORE_FILES.iter().map(|name| folder.join(name)));
    }
    if let Some(git) = root
        .ancestors()
        .map(|folder| folder.join(".git"))
        .find(|git| git.exists())
    {
        rules.push(common_folder(&git).join("info/exclude"));
    }
    rules.extend(gitconfig_excludes_path());
    if let Some(home) = std::env::home_dir() {
        rules.push(home.join(".gitconfig"));
        rules.push(
            std::env::var_os("XDG_CONFIG_HOME")
                .map_or_else(|| home.join(".config"), PathBuf::from)
                .join("git/config"),
        );
    }
    rules.into_iter().filter_map(text).collect()
}

/// Folder in which a repository keeps what its worktrees share; `git` is a folder, or the file of a worktree that names one.
fn common_folder(git: &Path) -> PathBuf {
    let Ok(pointer) = fs::read_to_string(git) else {
        return git.to_path_buf();
    };
    let Some(folder) = pointer.strip_prefix("gitdir:") else {
        return git.to_path_buf();
    };
    let folder = git.parent().unwrap_or(git).join(folder.trim());
    match fs::read_to_string(folder.join("commondir")) {
        Ok(common) => folder.join(common.trim()),
        Err(_) => folder,
    }
}
