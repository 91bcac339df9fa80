//! Globs over root-relative paths, as `rg -g` reads them.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A set of globs. One without a slash fits the name of a file in any folder; `*` stays in its folder, `**` does not.
pub struct Globs(GlobSet);

impl Globs {
    /// Gives a message for a pattern that is no glob.
    pub fn new(patterns: &[String]) -> Result<Globs, String> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            let plain = pattern.strip_prefix("./").unwrap_or(pattern);
            let anchored = if plain.contains('/') {
                plain.trim_start_matches('/').to_owned()
            } else {
                format!("**/{plain}")
            };
            let glob = GlobBuilder::new(&anchored)
                .literal_separator(true)
                .backslash_escape(true)
                .build()
                .map_err(|error| format!("'{pattern}' is no glob: {}", error.kind()))?;
            set.add(glob);
        }
        set.build().map(Globs).map_err(|error| error.to_string())
    }

    pub fn fits(&self, path: &str) -> bool {
        self.0.is_match(path)
    }

    /// The numbers of the globs that a path fits, counted from 0 in the order given.
    pub fn fitting(&self, path: &str) -> Vec<usize> {
        self.0.matches(path)
    }
}
