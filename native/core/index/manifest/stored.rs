//! A manifest as the bytes that are stored, and back.

use std::io;

use super::{Entry, Manifest, Rule};
use crate::index::scan::{Folder, Stat};
use crate::index::wire::{Reader, Writer, unpacked};

impl Manifest {
    pub fn load(packed: &[u8]) -> io::Result<Manifest> {
        let bytes = unpacked(packed)?;
        let mut reader = Reader::new(&bytes);
        let mut manifest = Manifest::default();
        let mut before = String::new();
        for _ in 0..reader.varint()? {
            let path = reader.after(&before)?;
            before.clone_from(&path);
            let flags = reader.u32()?;
            let stat = read_stat(&mut reader)?;
            let unit = reader.u32()?;
            let mut digest = [0; 16];
            digest.copy_from_slice(reader.raw(16)?);
            manifest.entries.push(Entry {
                path,
                flags,
                stat,
                unit,
                digest: u128::from_be_bytes(digest),
                planned: None,
            });
        }
        for _ in 0..reader.varint()? {
            let path = reader.after(&before)?;
            before.clone_from(&path);
            manifest.folders.push(Folder {
                path,
                stat: read_optional_stat(&mut reader)?,
            });
        }
        for _ in 0..reader.varint()? {
            manifest.rules.push(Rule {
                path: reader.text()?.to_owned(),
                stat: read_optional_stat(&mut reader)?,
            });
        }
        for _ in 0..reader.varint()? {
            manifest
                .notes
                .push((reader.text()?.to_owned(), reader.text()?.to_owned()));
        }
        Ok(manifest)
    }

    pub fn dump(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        let mut before = "";
        writer.varint(self.entries.len() as u64);
        for entry in &self.entries {
            writer.after(before, &entry.path);
            before = &entry.path;
            writer.varint(u64::from(entry.flags));
            write_stat(&mut writer, &entry.stat);
            writer.varint(u64::from(entry.unit));
            writer.raw(&entry.digest.to_be_bytes());
        }
        writer.varint(self.folders.len() as u64);
        for folder in &self.folders {
            writer.after(before, &folder.path);
            before = &folder.path;
            write_optional_stat(&mut writer, folder.stat.as_ref());
        }
        writer.varint(self.rules.len() as u64);
        for rule in &self.rules {
            writer.text(&rule.path);
            write_optional_stat(&mut writer, rule.stat.as_ref());
        }
        writer.varint(self.notes.len() as u64);
        for (path, code) in &self.notes {
            writer.text(path);
            writer.text(code);
        }
        writer.packed()
    }
}

fn read_stat(reader: &mut Reader) -> io::Result<Stat> {
    let size = reader.varint()?;
    let modified = reader.signed()?;
    let changed = modified.wrapping_add(reader.signed()?);
    Ok(Stat {
        size,
        modified,
        changed,
        inode: reader.varint()?,
    })
}

fn write_stat(writer: &mut Writer, stat: &Stat) {
    writer.varint(stat.size);
    writer.signed(stat.modified);
    writer.signed(stat.changed.wrapping_sub(stat.modified));
    writer.varint(stat.inode);
}

fn read_optional_stat(reader: &mut Reader) -> io::Result<Option<Stat>> {
    Ok(if reader.u8()? == 0 {
        None
    } else {
        Some(read_stat(reader)?)
    })
}

fn write_optional_stat(writer: &mut Writer, stat: Option<&Stat>) {
    writer.u8(u8::from(stat.is_some()));
    if let Some(stat) = stat {
        write_stat(writer, stat);
    }
}
