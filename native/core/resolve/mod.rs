//! From specifiers to files, as TypeScript, Node and bundlers find them, with one difference: sources are preferred to what is built from them, and
//! packages of the tree's own workspaces are found without an installed `node_modules`.
//!
//! Files are looked up in the manifest, not on the disk, so that resolving everything again is cheap; only what the manifest does not know is looked
//! for on the disk (an ignored file that is there is a target too).

mod configured;
mod disk;
mod package_targets;
pub(crate) mod packages;
mod paths;
pub mod patterns;

use std::collections::HashMap;
use std::path::Path;

use nodejs_built_in_modules::BUILTINS;
use oxc_resolver::{ResolveOptions, ResolverGeneric, TsconfigDiscovery};

use crate::index::manifest::Manifest;
use disk::Disk;
use packages::{Package, Packages, folder_of};
use paths::{bare_of_queries, inside, is_relative, join, names_folder, split};

/// Kinds of import (see the facts) that Node resolves with `require` conditions.
const REQUIRES: [u8; 3] = [2, 5, 7];
const TRIPLE_SLASH: u8 = 11;

/// Sources first, declarations last: of several acceptable targets the source is meant.
const EXTENSIONS: [&str; 15] = [
    "ts", "tsx", "mts", "cts", "js", "jsx", "mjs", "cjs", "json", "vue", "svelte", "astro", "d.ts",
    "d.mts", "d.cts",
];
/// Extensions that one written in an import may stand for.
const STANDS_FOR: [(&str, &[&str]); 4] = [
    ("js", &["ts", "tsx", "js", "jsx", "d.ts"]),
    ("jsx", &["tsx", "jsx"]),
    ("mjs", &["mts", "mjs", "d.mts"]),
    ("cjs", &["cts", "cjs", "d.cts"]),
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file of the manifest.
    File(u32),
    /// A file of the root that the manifest leaves out.
    Path(String),
    /// Something installed, or part of the platform: the name of the package.
    Package(String),
    Unresolved,
}

pub struct Tree<'a> {
    root: &'a Path,
    files: HashMap<&'a str, u32>,
    packages: Packages,
    configs: HashMap<&'a str, &'a str>,
    resolver: ResolverGeneric<Disk>,
    disk: Disk,
}

/// Who asks: the folder of the importing file, and how it imports.
struct Asker<'a> {
    path: &'a str,
    folder: &'a str,
    typescript: bool,
    require: bool,
}

/// Paths at which a relative import that leads to nothing was looked for, with alternatives in braces; empty for other imports.
pub fn candidate_paths(path: &str, specifier: &str) -> Vec<String> {
    let specifier = bare_of_queries(specifier);
    let found = is_relative(specifier).then(|| join(folder_of(path), specifier));
    let Some(path) = found.flatten() else {
        return Vec::new();
    };
    let any = EXTENSIONS.join(",");
    if names_folder(specifier) {
        return vec![format!("{}.{{{any}}}", inside(&path, "index"))];
    }
    let written = stand_ins(&path).map_or_else(
        || path.clone(),
        |(stem, others)| format!("{stem}.{{{}}}", others.join(",")),
    );
    vec![written, format!("{path}{{,/index}}.{{{any}}}")]
}

/// The path without its extension, and the extensions of what it may stand for.
fn stand_ins(path: &str) -> Option<(&str, &'static [&'static str])> {
    let (stem, extension) = path.rsplit_once('.')?;
    let (_, others) = STANDS_FOR
        .iter()
        .find(|(written, _)| *written == extension)?;
    Some((stem, others))
}

impl<'a> Tree<'a> {
    pub fn new(root: &'a Path, manifest: &'a Manifest) -> Tree<'a> {
        let paths: Vec<&str> = manifest
            .entries
            .iter()
            .map(|entry| entry.path.as_str())
            .collect();
        let disk = Disk::of(root, manifest);
        let packages = Packages::read(&disk, &paths);
        let mut configs = HashMap::new();
        for name in ["jsconfig.json", "tsconfig.json"] {
            configs.extend(
                paths
                    .iter()
                    .filter(|path| path.rsplit('/').next() == Some(name))
                    .map(|path| (folder_of(path), *path)),
            );
        }
        let files = paths.into_iter().zip(0..).collect();
        let options = ResolveOptions {
            tsconfig: Some(TsconfigDiscovery::Auto),
            ..ResolveOptions::default()
        };
        let resolver = ResolverGeneric::new_with_file_system(disk.clone(), options);
        Tree {
            root,
            files,
            packages,
            configs,
            resolver,
            disk,
        }
    }

    /// The target of one import of the file at `path`.
    pub fn resolve(&self, path: &str, specifier: &str, kind: u8) -> Target {
        let asker = Asker::new(path, kind);
        let specifier = bare_of_queries(specifier);
        if kind == TRIPLE_SLASH || is_relative(specifier) {
            return self.relative(&asker, specifier);
        }
        if let Some(rooted) = specifier.strip_prefix('/') {
            // What a browser or a bundler asks of its server: from the package's folder.
            let base = self
                .packages
                .around(asker.folder)
                .map_or("", |package| package.folder.as_str());
            return self
                .below(&asker, base, rooted)
                .or_else(|| self.below(&asker, "", rooted))
                .unwrap_or(Target::Unresolved);
        }
        if specifier.starts_with('#') {
            let package = self.packages.around(asker.folder);
            let found = package.and_then(|package| {
                self.first_of(
                    &asker,
                    package,
                    package.imported(specifier, asker.require),
                    specifier,
                )
            });
            return found
                .or_else(|| self.configured(&asker, specifier))
                .unwrap_or(Target::Unresolved);
        }
        if let Some((scheme, name)) = specifier.split_once(':') {
            return if scheme == "node" {
                Target::Package(name.to_owned())
            } else {
                Target::Package(specifier.to_owned())
            };
        }
        self.bare(&asker, specifier)
    }

    /// A package, or what a project maps its name to.
    fn bare(&self, asker: &Asker, specifier: &str) -> Target {
        let (name, subpath) = split(specifier);
        let found = self.configured(asker, specifier).or_else(|| {
            let package = self.packages.named(name, asker.folder);
            package
                .filter(|_| !BUILTINS.contains(&name))
                .and_then(|package| self.in_package(asker, package, &subpath))
        });
        match found.or_else(|| self.by_convention(asker, specifier)) {
            Some(target) => target,
            None if name.is_empty() => Target::Unresolved,
            None => Target::Package(name.to_owned()),
        }
    }

    /// Mappings of frameworks that no file declares: `@/` and `~/` of Vue and Nuxt, `$lib` of SvelteKit. No package is called so.
    fn by_convention(&self, asker: &Asker, specifier: &str) -> Option<Target> {
        let (first, rest) = specifier.split_once('/').unwrap_or((specifier, ""));
        let folders: &[&str] = match first {
            "$lib" => &["src/lib"],
            "@" | "~" => &["src", "app", ""],
            _ => return None,
        };
        let package = self.packages.around(asker.folder);
        let base = package.map_or("", |package| package.folder.as_str());
        folders
            .iter()
            .find_map(|folder| self.below(asker, &join(base, folder)?, rest))
    }

    fn relative(&self, asker: &Asker, specifier: &str) -> Target {
        self.below(asker, asker.folder, specifier)
            .unwrap_or(Target::Unresolved)
    }

    fn below(&self, asker: &Asker, folder: &str, specifier: &str) -> Option<Target> {
        let path = join(folder, specifier)?;
        let file = if names_folder(specifier) {
            None
        } else {
            self.file(&path, asker.typescript)
        };
        file.map(Target::File)
            .or_else(|| self.folder(asker, &path))
            .or_else(|| self.on_disk(&path))
    }

    /// A file by its path, with or without extension.
    fn file(&self, path: &str, typescript: bool) -> Option<u32> {
        let known = |path: String| self.files.get(path.as_str()).copied();
        let stands_for = || {
            let (stem, others) = stand_ins(path)?;
            others
                .iter()
                .find_map(|other| known(format!("{stem}.{other}")))
        };
        let exact = || self.files.get(path).copied();
        let written = if typescript {
            stands_for().or_else(exact)
        } else {
            exact().or_else(stands_for)
        };
        written.or_else(|| {
            EXTENSIONS
                .iter()
                .find_map(|extension| known(format!("{path}.{extension}")))
        })
    }

    fn folder(&self, asker: &Asker, path: &str) -> Option<Target> {
        let package = self.packages.at(path);
        package
            .and_then(|package| self.entry(asker, package))
            .or_else(|| self.index(path, asker.typescript).map(Target::File))
    }

    fn index(&self, folder: &str, typescript: bool) -> Option<u32> {
        self.file(&inside(folder, "index"), typescript)
    }

    /// Like `file` or the index of a folder, for targets that package files name.
    fn named(&self, path: &str) -> Option<u32> {
        self.file(path, false).or_else(|| self.index(path, false))
    }

    /// A file that is there although the manifest leaves it out.
    fn on_disk(&self, path: &str) -> Option<Target> {
        if !self.disk.has(path) {
            return None;
        }
        let real = self.root.join(path).canonicalize().ok()?;
        let path = real
            .strip_prefix(self.root)
            .ok()?
            .to_str()?
            .replace('\\', "/");
        Some(
            self.files
                .get(path.as_str())
                .map_or(Target::Path(path.clone()), |file| Target::File(*file)),
        )
    }
}
