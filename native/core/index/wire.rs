//! The small binary vocabulary of the index's blobs: varints, strings, lz4.

use std::io;

use xxhash_rust::xxh3::xxh3_64;

/// Appends values to a growing buffer.
#[derive(Default)]
pub struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push((value as u8) | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub fn signed(&mut self, value: i64) {
        self.varint(((value << 1) ^ (value >> 63)) as u64);
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub fn blob(&mut self, bytes: &[u8]) {
        self.varint(bytes.len() as u64);
        self.raw(bytes);
    }

    pub fn text(&mut self, text: &str) {
        self.blob(text.as_bytes());
    }

    /// A string that shares a beginning with the one written before it.
    pub fn after(&mut self, before: &str, text: &str) {
        let shared = before
            .bytes()
            .zip(text.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        self.varint(shared as u64);
        self.blob(&text.as_bytes()[shared..]);
    }

    pub fn packed(&self) -> Vec<u8> {
        seal(lz4_flex::compress_prepend_size(&self.bytes))
    }
}

/// Reads what `Writer` wrote; anything else is an error, never a panic.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// The bytes are not what was written.
pub fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "index blob is damaged")
}

/// Puts a checksum behind the bytes: a database page carries none.
pub fn seal(mut bytes: Vec<u8>) -> Vec<u8> {
    let checksum = xxh3_64(&bytes) as u32;
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}

/// The bytes in front of a checksum that agrees with them.
pub fn unseal(bytes: &[u8]) -> io::Result<&[u8]> {
    let (content, checksum) = bytes.split_last_chunk::<4>().ok_or_else(broken)?;
    if xxh3_64(content) as u32 == u32::from_le_bytes(*checksum) {
        Ok(content)
    } else {
        Err(broken())
    }
}

pub fn unpacked(bytes: &[u8]) -> io::Result<Vec<u8>> {
    lz4_flex::decompress_size_prepended(unseal(bytes)?).map_err(|_| broken())
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    pub fn done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    pub fn u8(&mut self) -> io::Result<u8> {
        let value = *self.bytes.get(self.at).ok_or_else(broken)?;
        self.at += 1;
        Ok(value)
    }

    pub fn varint(&mut self) -> io::Result<u64> {
        let mut value = 0u64;
        let mut shift = 0;
        loop {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7F)
                .checked_shl(shift)
                .ok_or_else(broken)?;
            if byte < 0x80 {
                return Ok(value);
            }
            shift += 7;
        }
    }

    pub fn u32(&mut self) -> io::Result<u32> {
        u32::try_from(self.varint()?).map_err(|_| broken())
    }

    pub fn signed(&mut self) -> io::Result<i64> {
        let value = self.varint()?;
        Ok(((value >> 1) as i64) ^ -((value & 1) as i64))
    }

    pub fn raw(&mut self, length: usize) -> io::Result<&'a [u8]> {
        let end = self.at.checked_add(length).ok_or_else(broken)?;
        let bytes = self.bytes.get(self.at..end).ok_or_else(broken)?;
        self.at = end;
        Ok(bytes)
    }

    pub fn blob(&mut self) -> io::Result<&'a [u8]> {
        let length = self.varint()? as usize;
        self.raw(length)
    }

    pub fn text(&mut self) -> io::Result<&'a str> {
        std::str::from_utf8(self.blob()?).map_err(|_| broken())
    }

    pub fn after(&mut self, before: &str) -> io::Result<String> {
        let shared = self.varint()? as usize;
        let rest = self.blob()?;
        let mut bytes = before.as_bytes().get(..shared).ok_or_else(broken)?.to_vec();
        bytes.extend_from_slice(rest);
        String::from_utf8(bytes).map_err(|_| broken())
    }
}
