//! Targets by `paths` and `baseUrl` of the project that a file belongs to.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use oxc_resolver::TsConfig;

use super::packages::upwards;
use super::paths::lexical;
use super::{Asker, Target, Tree};

impl Tree<'_> {
    /// By `paths` and `baseUrl` of the project that the file belongs to.
    pub(super) fn configured(&self, asker: &Asker, specifier: &str) -> Option<Target> {
        let config = self.config_of(asker)?;
        mapped(&config, specifier).iter().find_map(|path| {
            let path = path.strip_prefix(self.root).ok()?.to_str()?;
            let path = if cfg!(windows) {
                Cow::Owned(path.replace('\\', "/"))
            } else {
                Cow::Borrowed(path)
            };
            self.file(&path, true)
                .map(Target::File)
                .or_else(|| self.folder(asker, &path))
                .or_else(|| self.on_disk(&path))
        })
    }

    /// The configuration of the project that the file belongs to.
    pub(super) fn config_of(&self, asker: &Asker) -> Option<Arc<TsConfig>> {
        let near = upwards(asker.folder).find_map(|folder| self.configs.get(folder))?;
        let owner = self
            .resolver
            .find_tsconfig(self.root.join(asker.path))
            .ok()
            .flatten();
        let config = owner.or_else(|| self.resolver.resolve_tsconfig(self.root.join(near)).ok());
        config.or_else(|| self.alone(near).map(Arc::new))
    }

    /// A configuration that is read without those it extends.
    pub(super) fn alone(&self, config: &str) -> Option<TsConfig> {
        let text = String::from_utf8(self.disk.read(config)?).ok()?;
        let path = self.root.join(config);
        TsConfig::parse(true, &path, &path, text).ok()
    }
}

/// Targets that a configuration maps a specifier to; one whose bases are not installed is read alone, without its prepared patterns.
fn mapped(config: &TsConfig, specifier: &str) -> Vec<PathBuf> {
    let found = config.resolve_path_alias_or_base_url(specifier);
    if !found.is_empty() {
        return found;
    }
    let options = &config.compiler_options;
    let Some(base) = config.path.parent() else {
        return found;
    };
    let base = options
        .base_url
        .as_ref()
        .map_or_else(|| base.to_path_buf(), |url| base.join(url));
    let patterns = options.paths.iter().flatten().filter_map(|(key, targets)| {
        let (before, after) = key.split_once('*').unwrap_or((key.as_str(), ""));
        let rest = if key.contains('*') {
            specifier.strip_prefix(before)?.strip_suffix(after)?
        } else {
            (key == specifier).then_some("")?
        };
        Some((before.len(), rest, targets))
    });
    let best = patterns.max_by_key(|(length, ..)| *length);
    best.map(|(_, rest, targets)| {
        targets
            .iter()
            .filter_map(|target| lexical(&base.join(target.to_str()?.replace('*', rest))))
            .collect()
    })
    .unwrap_or_default()
}
