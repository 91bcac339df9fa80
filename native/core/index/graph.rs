//! Which file imports which: the edges of one generation.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use rayon::prelude::*;

use crate::index::manifest::{CODE, Manifest, NO_UNIT};
use crate::index::wire::{Reader, Writer, broken, seal, unpacked, unseal};
use crate::resolve::packages::folder_of;
use crate::resolve::{Target, Tree};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub specifier: String,
    pub kind: u8,
    pub flags: u8,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    pub import: Import,
    pub target: Target,
}

/// The edges of one file, in the order of its imports, and the unit they were taken from.
#[derive(Clone, Default)]
pub struct Importer {
    unit: u32,
    pub edges: Vec<Edge>,
}

/// One importer for each entry of the manifest.
#[derive(Clone, Default)]
pub struct Graph {
    pub importers: Vec<Importer>,
}

pub fn pack_imports(imports: &[(String, u32, u32)]) -> Vec<u8> {
    let mut writer = Writer::default();
    for (specifier, kind, flags) in imports {
        writer.text(specifier);
        writer.u8(*kind as u8);
        writer.u8(*flags as u8);
    }
    seal(writer.bytes)
}

fn unpack_imports(bytes: &[u8]) -> io::Result<Vec<Import>> {
    let mut reader = Reader::new(unseal(bytes)?);
    let mut imports = Vec::new();
    while !reader.done() {
        imports.push(Import {
            specifier: reader.text()?.to_owned(),
            kind: reader.u8()?,
            flags: reader.u8()?,
        });
    }
    Ok(imports)
}

impl Graph {
    /// Brings the edges up to date with the manifest. `fresh` are packed imports by unit, at least of the units that no file had before;
    /// `everything` resolves all edges again, which is needed when files came or went or a configuration changed.
    pub fn resolve_imports<B: AsRef<[u8]>>(
        &mut self,
        root: &Path,
        manifest: &Manifest,
        fresh: &HashMap<u32, B>,
        everything: bool,
    ) -> io::Result<()> {
        let everything = everything || self.importers.len() != manifest.entries.len();
        let mut known: HashMap<u32, Vec<Import>> = HashMap::new();
        for (unit, packed) in fresh {
            known.insert(*unit, unpack_imports(packed.as_ref())?);
        }
        if everything {
            for importer in std::mem::take(&mut self.importers) {
                known.entry(importer.unit).or_insert_with(|| {
                    importer.edges.into_iter().map(|edge| edge.import).collect()
                });
            }
            self.importers = vec![Importer::default(); manifest.entries.len()];
        }
        let due: Vec<u32> = (0..manifest.entries.len() as u32)
            .filter(|id| {
                let entry = &manifest.entries[*id as usize];
                self.importers[*id as usize].unit != entry.unit
                    && (entry.is(CODE) || self.importers[*id as usize].unit != NO_UNIT)
            })
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let tree = Tree::new(root, manifest);
        let path = |id: &u32| manifest.entries[*id as usize].path.as_str();
        let groups: Vec<&[u32]> = due
            .chunk_by(|a, b| folder_of(path(a)) == folder_of(path(b)))
            .collect();
        let settled: Vec<Vec<Importer>> = groups
            .par_iter()
            .map(|group| resolve_folder(&tree, manifest, &known, group))
            .collect();
        for (id, importer) in due.iter().zip(settled.into_iter().flatten()) {
            self.importers[*id as usize] = importer;
        }
        Ok(())
    }

    /// Takes over the edges of files whose content changed and imports the same as before. Nothing else that decides where they lead may
    /// have changed.
    pub fn keep_imports<B: AsRef<[u8]>>(
        &mut self,
        manifest: &Manifest,
        fresh: &HashMap<u32, B>,
    ) -> io::Result<()> {
        for (importer, entry) in self.importers.iter_mut().zip(&manifest.entries) {
            let Some(packed) = fresh.get(&entry.unit) else {
                continue;
            };
            let now = unpack_imports(packed.as_ref())?;
            if now
                .iter()
                .eq(importer.edges.iter().map(|edge| &edge.import))
            {
                importer.unit = entry.unit;
            }
        }
        Ok(())
    }

    /// The edges that lead to a file: importer and place among its imports.
    pub fn importers_of(&self, id: u32) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        for (from, importer) in self.importers.iter().enumerate() {
            let hits = importer
                .edges
                .iter()
                .enumerate()
                .filter(|(_, edge)| edge.target == Target::File(id));
            found.extend(hits.map(|(at, _)| (from as u32, at as u32)));
        }
        found
    }

    pub fn dump(&self) -> Vec<u8> {
        let mut strings: HashMap<&str, u64> = HashMap::new();
        let mut written = Writer::default();
        let mut body = Writer::default();
        body.varint(self.importers.len() as u64);
        for importer in &self.importers {
            body.varint(u64::from(importer.unit));
            body.varint(importer.edges.len() as u64);
            for edge in &importer.edges {
                let mut put = |body: &mut Writer, text| {
                    let next = strings.len() as u64;
                    let place = *strings.entry(text).or_insert_with(|| {
                        written.text(text);
                        next
                    });
                    body.varint(place);
                };
                put(&mut body, edge.import.specifier.as_str());
                body.u8(edge.import.kind);
                body.u8(edge.import.flags);
                match &edge.target {
                    Target::Unresolved => body.u8(0),
                    Target::File(id) => {
                        body.u8(1);
                        body.varint(u64::from(*id));
                    }
                    Target::Path(path) => {
                        body.u8(2);
                        put(&mut body, path);
                    }
                    Target::Package(name) => {
                        body.u8(3);
                        put(&mut body, name);
                    }
                }
            }
        }
        let mut whole = Writer::default();
        whole.varint(strings.len() as u64);
        whole.raw(&written.bytes);
        whole.raw(&body.bytes);
        whole.packed()
    }

    pub fn load(packed: &[u8]) -> io::Result<Graph> {
        let bytes = unpacked(packed)?;
        let mut reader = Reader::new(&bytes);
        let mut strings = Vec::new();
        for _ in 0..reader.varint()? {
            strings.push(reader.text()?);
        }
        let text = |reader: &mut Reader| {
            strings
                .get(reader.varint()? as usize)
                .map(|text| (*text).to_owned())
                .ok_or_else(broken)
        };
        let mut importers = Vec::new();
        for _ in 0..reader.varint()? {
            let unit = reader.u32()?;
            let mut edges = Vec::new();
            for _ in 0..reader.varint()? {
                let import = Import {
                    specifier: text(&mut reader)?,
                    kind: reader.u8()?,
                    flags: reader.u8()?,
                };
                let target = match reader.u8()? {
                    0 => Target::Unresolved,
                    1 => Target::File(reader.u32()?),
                    2 => Target::Path(text(&mut reader)?),
                    3 => Target::Package(text(&mut reader)?),
                    _ => return Err(broken()),
                };
                edges.push(Edge { import, target });
            }
            importers.push(Importer { unit, edges });
        }
        Ok(Graph { importers })
    }
}

/// Files of one folder ask for the same things, so answers are kept while it lasts.
fn resolve_folder(
    tree: &Tree,
    manifest: &Manifest,
    known: &HashMap<u32, Vec<Import>>,
    group: &[u32],
) -> Vec<Importer> {
    let mut answers: HashMap<(&str, u8, &str), Target> = HashMap::new();
    group
        .iter()
        .map(|id| {
            let entry = &manifest.entries[*id as usize];
            let imports = known.get(&entry.unit).map_or(&[][..], Vec::as_slice);
            let extension = entry.path.rsplit('.').next().unwrap_or_default();
            let edges = imports.iter().map(|import| {
                let answer = answers.entry((&import.specifier, import.kind, extension));
                let target = answer
                    .or_insert_with(|| tree.resolve(&entry.path, &import.specifier, import.kind))
                    .clone();
                Edge {
                    import: import.clone(),
                    target,
                }
            });
            Importer {
                unit: entry.unit,
                edges: edges.collect(),
            }
        })
        .collect()
}
