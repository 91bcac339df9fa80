//! The ways in which a file can name others without saying where they lie from it: pairs of a specifier and a root-relative path, each with at
//! most one `*`, which stands for the same text in both.

use std::path::Path;

use super::packages::folder_of;
use super::{Asker, Tree, inside, join, split};

/// A specifier, and the path that it means.
pub type Pattern = (String, String);

impl Tree<'_> {
    /// The patterns of the project that the file at `path` belongs to; those of `imports` for a `#name`, else those of the package that the
    /// specifier names, if it lies in the tree.
    pub fn patterns(&self, path: &str, specifier: &str, kind: u8) -> Vec<Pattern> {
        let asker = Asker::new(path, kind);
        let mut found = Vec::new();
        if let Some(config) = self.config_of(&asker) {
            let options = &config.compiler_options;
            let folder = config.path.parent().unwrap_or(self.root);
            let base = options
                .base_url
                .as_ref()
                .map_or_else(|| folder.to_path_buf(), |url| folder.join(url));
            for (key, targets) in options.paths.iter().flatten() {
                let below = targets
                    .iter()
                    .filter_map(|target| self.below_root(&base.join(target)));
                found.extend(below.map(|target| (key.clone(), target)));
            }
            if options.base_url.is_some() {
                found.extend(
                    self.below_root(&base.join("*"))
                        .map(|to| ("*".to_owned(), to)),
                );
            }
        }
        if specifier.starts_with('#') {
            if let Some(package) = self.packages.around(asker.folder) {
                for (key, target) in package.all_imported(asker.require) {
                    found.extend(join(&package.folder, &target).map(|target| (key, target)));
                }
            }
        } else if let Some(package) = self.packages.named(split(specifier).0, asker.folder) {
            let name = package.name().unwrap_or_default();
            for (key, target) in package.all_exported(asker.require) {
                let key = inside(name, key.trim_start_matches('.').trim_start_matches('/'));
                let key = key.trim_end_matches('/').to_owned();
                found.extend(join(&package.folder, &target).map(|target| (key, target)));
            }
            if package.manifest.get("exports").is_none() {
                found.push((inside(name, "*"), inside(&package.folder, "*")));
            }
        }
        found
    }

    fn below_root(&self, path: &Path) -> Option<String> {
        let path = super::paths::lexical(path)?;
        Some(
            path.strip_prefix(self.root)
                .ok()?
                .to_str()?
                .replace('\\', "/"),
        )
    }
}

impl<'p> Asker<'p> {
    pub(super) fn new(path: &'p str, kind: u8) -> Self {
        Asker {
            path,
            folder: folder_of(path),
            typescript: !matches!(path.rsplit('.').next(), Some("js" | "jsx" | "mjs" | "cjs")),
            require: super::REQUIRES.contains(&kind),
        }
    }
}
