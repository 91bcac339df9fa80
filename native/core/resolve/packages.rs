//! The packages whose sources lie in the tree: their names, their workspaces, and what their `exports` and `imports` lead to.

use std::collections::HashMap;

use rayon::prelude::*;
use serde_json::Value;

use super::disk::Disk;

/// Conditions that a source tree is not run under; every other one may lead to a source.
const OTHER_WORLDS: [&str; 10] = [
    "browser",
    "production",
    "react-native",
    "react-server",
    "deno",
    "bun",
    "worker",
    "workerd",
    "edge-light",
    "electron",
];

pub struct Package {
    pub folder: String,
    pub manifest: Value,
}

/// A folder that declares workspaces, and the folders of its members by name.
struct Workspace {
    folder: String,
    members: HashMap<String, Vec<String>>,
}

#[derive(Default)]
pub struct Packages {
    by_folder: HashMap<String, Package>,
    workspaces: Vec<Workspace>,
}

impl Packages {
    /// Reads every `package.json` and `pnpm-workspace.yaml` among `paths`.
    pub(super) fn read(disk: &Disk, paths: &[&str]) -> Packages {
        let named = |name: &str| {
            paths
                .iter()
                .copied()
                .filter(move |path| path.rsplit('/').next() == Some(name))
                .collect::<Vec<_>>()
        };
        let read = |path: &&str| {
            let bytes = disk.read(path)?;
            let manifest =
                serde_json::from_slice(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes))
                    .ok()?;
            Some(Package {
                folder: folder_of(path).to_owned(),
                manifest,
            })
        };
        let packages: Vec<Package> = named("package.json").par_iter().filter_map(read).collect();
        let mut declared: Vec<(String, Vec<String>)> = packages
            .iter()
            .filter_map(|package| Some((package.folder.clone(), globs(&package.manifest)?)))
            .collect();
        for path in named("pnpm-workspace.yaml") {
            declared.push((
                folder_of(path).to_owned(),
                pnpm_globs(
                    &String::from_utf8(disk.read(path).unwrap_or_default()).unwrap_or_default(),
                ),
            ));
        }
        let workspaces = declared
            .into_iter()
            .map(|(folder, globs)| Workspace {
                members: members(&folder, &globs, &packages),
                folder,
            })
            .collect();
        Packages {
            by_folder: packages
                .into_iter()
                .map(|package| (package.folder.clone(), package))
                .collect(),
            workspaces,
        }
    }

    pub fn at(&self, folder: &str) -> Option<&Package> {
        self.by_folder.get(folder)
    }

    /// The package that a folder belongs to.
    pub fn around(&self, folder: &str) -> Option<&Package> {
        upwards(folder).find_map(|above| self.at(above))
    }

    /// The package with this name that a file in `folder` would get: its own, else one of its workspaces, the nearest first.
    pub fn named(&self, name: &str, folder: &str) -> Option<&Package> {
        let own = self
            .around(folder)
            .filter(|package| package.name() == Some(name));
        own.or_else(|| {
            let inside = |workspace: &&Workspace| is_below(folder, &workspace.folder);
            let candidates = self
                .workspaces
                .iter()
                .filter(inside)
                .filter_map(|workspace| workspace.members.get(name))
                .flatten();
            candidates
                .max_by_key(|candidate| shared(candidate, folder))
                .and_then(|folder| self.at(folder))
        })
    }
}

impl Package {
    pub fn name(&self) -> Option<&str> {
        self.manifest.get("name")?.as_str()
    }

    /// Targets of `exports` for a subpath (`.` or `./x`), in order of preference.
    pub fn exported(&self, subpath: &str, require: bool) -> Vec<String> {
        let mut targets = Vec::new();
        match self.manifest.get("exports") {
            Some(Value::Object(map)) if map.keys().any(|key| key.starts_with('.')) => {
                matched(map, subpath, require, &mut targets)
            }
            Some(exports) if subpath == "." => collect(exports, None, require, &mut targets),
            _ => {}
        }
        targets
    }

    /// Targets of `imports` for a `#name`.
    pub fn imported(&self, name: &str, require: bool) -> Vec<String> {
        let mut targets = Vec::new();
        if let Some(Value::Object(map)) = self.manifest.get("imports") {
            matched(map, name, require, &mut targets);
        }
        targets
    }

    /// Every key of `exports` with each of its targets; a `*` stays.
    pub(super) fn all_exported(&self, require: bool) -> Vec<(String, String)> {
        match self.manifest.get("exports") {
            Some(Value::Object(map)) if map.keys().any(|key| key.starts_with('.')) => {
                pairs(map, require)
            }
            _ => Vec::new(),
        }
    }

    /// Every key of `imports` with each of its targets; a `*` stays.
    pub(super) fn all_imported(&self, require: bool) -> Vec<(String, String)> {
        let map = self.manifest.get("imports").and_then(Value::as_object);
        map.map_or_else(Vec::new, |map| pairs(map, require))
    }

    /// Entries by the fields before `exports`, sources first.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        ["source", "types", "typings", "module", "main"]
            .into_iter()
            .filter_map(|field| self.manifest.get(field)?.as_str())
    }
}

/// The entry of a map of subpaths: exact, else the pattern with the longest beginning.
fn matched(
    map: &serde_json::Map<String, Value>,
    subpath: &str,
    require: bool,
    targets: &mut Vec<String>,
) {
    if let Some(value) = map.get(subpath) {
        return collect(value, None, require, targets);
    }
    let fits = |key: &&String| {
        let (before, after) = key.split_once('*')?;
        let rest = subpath.strip_prefix(before)?.strip_suffix(after)?;
        Some((before.len(), rest))
    };
    let best = map
        .keys()
        .filter_map(|key| Some((fits(&key)?, key)))
        .max_by_key(|((length, _), _)| *length);
    if let Some(((_, rest), key)) = best {
        collect(&map[key], Some(rest), require, targets);
    }
}

fn pairs(map: &serde_json::Map<String, Value>, require: bool) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (key, value) in map {
        let mut targets = Vec::new();
        collect(value, None, require, &mut targets);
        found.extend(targets.into_iter().map(|target| (key.clone(), target)));
    }
    found
}

fn collect(value: &Value, rest: Option<&str>, require: bool, targets: &mut Vec<String>) {
    match value {
        Value::String(target) => {
            targets.push(rest.map_or_else(|| target.clone(), |rest| target.replace('*', rest)))
        }
        Value::Array(values) => values
            .iter()
            .for_each(|value| collect(value, rest, require, targets)),
        Value::Object(conditions) => {
            let other_form = if require { "import" } else { "require" };
            for (_, value) in conditions.iter().filter(|(condition, _)| {
                *condition != other_form && !OTHER_WORLDS.contains(&condition.as_str())
            }) {
                collect(value, rest, require, targets);
            }
        }
        _ => {}
    }
}

/// `workspaces` of npm, yarn and bun: a list, or an object with one.
fn globs(manifest: &Value) -> Option<Vec<String>> {
    let field = manifest.get("workspaces")?;
    let list = field
        .as_array()
        .or_else(|| field.get("packages")?.as_array())?;
    Some(
        list.iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    )
}

/// The list below `packages:`; nothing else of YAML is needed.
fn pnpm_globs(text: &str) -> Vec<String> {
    let below = text
        .lines()
        .skip_while(|line| line.trim_end() != "packages:")
        .skip(1);
    let items = below
        .map(str::trim)
        .take_while(|line| line.is_empty() || line.starts_with(['-', '#']));
    items
        .filter_map(|line| line.strip_prefix('-'))
        .map(|item| {
            item.split(" #")
                .next()
                .unwrap_or(item)
                .trim()
                .trim_matches(['"', '\''])
                .to_owned()
        })
        .collect()
}

fn members(folder: &str, globs: &[String], packages: &[Package]) -> HashMap<String, Vec<String>> {
    let (without, with): (Vec<&str>, Vec<&str>) = globs
        .iter()
        .map(|glob| glob.as_str())
        .partition(|glob| glob.starts_with('!'));
    let mut members: HashMap<String, Vec<String>> = HashMap::new();
    for package in packages
        .iter()
        .filter(|package| is_below(&package.folder, folder))
    {
        let below = package.folder[folder.len()..].trim_start_matches('/');
        let included = below.is_empty() || with.iter().any(|glob| fits(glob, below));
        let chosen = included && !without.iter().any(|glob| fits(&glob[1..], below));
        if let Some(name) = package.name().filter(|_| chosen) {
            let folders = members.entry(name.to_owned()).or_default();
            folders.push(package.folder.clone());
        }
    }
    members
}

/// True when a path fits a glob of `*` within, and `**` across folders.
fn fits(glob: &str, path: &str) -> bool {
    fn parts(glob: &[&str], path: &[&str]) -> bool {
        match (glob.split_first(), path.split_first()) {
            (None, None) => true,
            (Some((&"**", rest)), _) => {
                parts(rest, path)
                    || path
                        .split_first()
                        .is_some_and(|(_, below)| parts(glob, below))
            }
            (Some((first, rest)), Some((name, below))) => part(first, name) && parts(rest, below),
            _ => false,
        }
    }
    fn part(glob: &str, name: &str) -> bool {
        match glob.split_once('*') {
            None => glob == name,
            Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
                (0..=rest.len())
                    .filter(|at| rest.is_char_boundary(*at))
                    .any(|at| part(after, &rest[at..]))
            }),
        }
    }
    let glob: Vec<&str> = glob
        .trim_start_matches("./")
        .trim_end_matches('/')
        .split('/')
        .collect();
    parts(&glob, &path.split('/').collect::<Vec<_>>())
}

pub fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folder itself and those above it, up to the root (the empty string).
pub fn upwards(folder: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(folder), |at| (!at.is_empty()).then(|| folder_of(at)))
}

fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path == folder
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// How many folders two paths begin with in common.
fn shared(a: &str, b: &str) -> usize {
    a.split('/')
        .zip(b.split('/'))
        .take_while(|(a, b)| a == b)
        .count()
}
