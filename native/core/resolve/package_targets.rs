//! Targets that package files name: the first that is there, else the source that one is built from.

use super::paths::{inside, is_declaration, join};
use super::{Asker, EXTENSIONS, Package, Target, Tree};

const BUILT: [&str; 8] = ["dist", "lib", "build", "out", "es", "esm", "cjs", "types"];

impl Tree<'_> {
    pub(super) fn entry(&self, asker: &Asker, package: &Package) -> Option<Target> {
        self.first_of(
            asker,
            package,
            package.entries().map(str::to_owned).collect(),
            ".",
        )
    }

    pub(super) fn in_package(
        &self,
        asker: &Asker,
        package: &Package,
        subpath: &str,
    ) -> Option<Target> {
        let exported = self.first_of(
            asker,
            package,
            package.exported(subpath, asker.require),
            subpath,
        );
        exported.or_else(|| {
            if subpath == "." {
                return self.entry(asker, package).or_else(|| {
                    self.index(&package.folder, true)
                        .or_else(|| self.source(package, "."))
                        .map(Target::File)
                });
            }
            self.below(asker, &package.folder, subpath)
                .or_else(|| self.source(package, subpath).map(Target::File))
        })
    }

    /// The first target that is there; else the source that one is built from; declarations only when nothing else is.
    pub(super) fn first_of(
        &self,
        asker: &Asker,
        package: &Package,
        targets: Vec<String>,
        subpath: &str,
    ) -> Option<Target> {
        let foreign = |target: &&String| subpath.starts_with('#') && !target.starts_with('.');
        if let Some(name) = targets.first().filter(foreign) {
            return Some(self.bare(asker, name));
        }
        let mut paths = targets
            .iter()
            .filter_map(|target| join(&package.folder, target));
        let there: Vec<(bool, u32)> = paths
            .clone()
            .filter_map(|path| Some((is_declaration(&path), self.named(&path)?)))
            .collect();
        let source = there
            .iter()
            .find(|(declaration, _)| !declaration)
            .map(|(_, file)| *file);
        source
            .or_else(|| {
                targets
                    .iter()
                    .find_map(|target| self.unbuilt(package, target))
            })
            .or_else(|| {
                (subpath == ".")
                    .then(|| self.source(package, subpath))
                    .flatten()
            })
            .or_else(|| there.first().map(|(_, file)| *file))
            .map(Target::File)
            .or_else(|| paths.find_map(|path| self.on_disk(&path)))
    }

    /// The source of a built file: `dist/a.js` for `src/a.ts`.
    pub(super) fn unbuilt(&self, package: &Package, target: &str) -> Option<u32> {
        let target = target.trim_start_matches("./");
        let stem = EXTENSIONS
            .iter()
            .rev()
            .find_map(|extension| target.strip_suffix(extension)?.strip_suffix('.'))
            .unwrap_or(target);
        let parts: Vec<&str> = stem.split('/').collect();
        let built = parts.iter().position(|part| BUILT.contains(part))?;
        let mut rest = &parts[built + 1..];
        loop {
            for base in ["src", ""] {
                let path = parts[..built]
                    .iter()
                    .copied()
                    .chain([base])
                    .chain(rest.iter().copied())
                    .filter(|part| !part.is_empty())
                    .collect::<Vec<_>>()
                    .join("/");
                if let Some(file) = self.named(&inside(&package.folder, &path)) {
                    return Some(file);
                }
            }
            rest = rest
                .split_first()
                .filter(|(first, _)| BUILT.contains(first))
                .map(|(_, rest)| rest)?;
        }
    }

    /// Usual places of the source of a subpath.
    pub(super) fn source(&self, package: &Package, subpath: &str) -> Option<u32> {
        let name = if subpath == "." {
            "index"
        } else {
            subpath.trim_start_matches("./")
        };
        ["src", "source", "lib"]
            .iter()
            .find_map(|folder| self.named(&inside(&package.folder, &format!("{folder}/{name}"))))
    }
}
