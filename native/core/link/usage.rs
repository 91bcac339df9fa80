//! How often every definition of the tree is used: one pass over all occurrences.

use rustc_hash::FxHashMap;

use super::Linker;
use super::references::invokes;
use crate::facts::codes::role;
use crate::facts::{Def, FileId, OccurrenceId, Place};

/// Uses of one definition from outside of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    pub def: Def,
    /// Invocations.
    pub calls: u32,
    /// Uses in test files.
    pub tests: u32,
    /// How many files use it.
    pub files: u32,
}

struct Count {
    calls: u32,
    tests: u32,
    files: u32,
    last: FileId,
}

impl Linker {
    /// The uses of every definition that is used at all, by definition; `is_test` tells of each file whether it is a test.
    pub fn usages(&self, is_test: impl Fn(FileId) -> bool) -> Vec<Usage> {
        let files: Vec<FileId> = self.code_files().collect();
        self.load(&files);
        let mut counted: FxHashMap<Def, Count> = FxHashMap::default();
        for file in files {
            let unit = self.unit(file);
            let test = u32::from(is_test(file));
            for id in (0..unit.occurrence_count()).map(OccurrenceId) {
                let role = unit.role(id);
                if role & (role::DECLARES | role::IMPORT) != 0 {
                    continue;
                }
                let holder = unit.within(id).map(|id| Def { file, id });
                for &def in self.definitions_at(Place { file, id }).iter() {
                    if holder == Some(def) {
                        continue;
                    }
                    let count = counted.entry(def).or_insert(Count {
                        calls: 0,
                        tests: 0,
                        files: 1,
                        last: file,
                    });
                    count.calls += u32::from(invokes(role));
                    count.tests += test;
                    count.files += u32::from(std::mem::replace(&mut count.last, file) != file);
                }
            }
            if self.is_stopped() {
                return Vec::new();
            }
        }
        let mut usages: Vec<Usage> = counted
            .into_iter()
            .map(|(def, count)| Usage {
                def,
                calls: count.calls,
                tests: count.tests,
                files: count.files,
            })
            .collect();
        usages.sort_unstable_by_key(|usage| usage.def);
        usages
    }
}
