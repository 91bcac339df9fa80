//! Files beside the sources, told by the names of their folders and their own.

const TEST_FOLDERS: [&str; 9] = [
    "test",
    "tests",
    "__tests__",
    "spec",
    "specs",
    "__mocks__",
    "e2e",
    "testing",
    "fixtures",
];
const TEST_MARKS: [&str; 5] = [".test.", ".spec.", "-test.", "_test.", ".e2e."];
const EXAMPLE_FOLDERS: [&str; 3] = ["examples", "example", "benchmarks"];

/// True for a test and for what stands in a folder of tests.
pub fn is_test(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    in_one_of(folders, &TEST_FOLDERS) || TEST_MARKS.iter().any(|mark| name.contains(mark))
}

/// True for tests, examples and benchmarks.
pub fn is_aside(path: &str) -> bool {
    let (folders, _) = path.rsplit_once('/').unwrap_or(("", path));
    in_one_of(folders, &EXAMPLE_FOLDERS) || is_test(path)
}

fn in_one_of(folders: &str, names: &[&str]) -> bool {
    folders.split('/').any(|folder| names.contains(&folder))
}
