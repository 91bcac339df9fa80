//! The language of a file and its kind, as its path says them.

use super::{ASSET, CODE, TEXT};

const ASSETS: [&str; 47] = [
    "7z", "a", "avif", "avi", "bin", "bmp", "br", "bz2", "class", "db", "dll", "dmg", "dylib",
    "eot", "exe", "flac", "gif", "gz", "ico", "jar", "jpeg", "jpg", "map", "mov", "mp3", "mp4",
    "node", "o", "ogg", "otf", "pdf", "png", "psd", "pyc", "so", "tar", "tgz", "tif", "tiff",
    "ttf", "wasm", "wav", "webm", "webp", "woff", "woff2", "zip",
];

/// The language of a source file, as its extension says; None for files that are not parsed.
pub fn language(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.')?;
    Some(match extension {
        "js" => "js",
        "cjs" => "cjs",
        "mjs" => "mjs",
        "jsx" => "jsx",
        "ts" | "mts" | "cts" if stem.ends_with(".d") => "d.ts",
        "ts" => "ts",
        "mts" => "mts",
        "cts" => "cts",
        "tsx" => "tsx",
        "vue" => "vue",
        "svelte" => "svelte",
        "astro" => "astro",
        "html" | "htm" => "html",
        _ => return None,
    })
}

/// The language of a file of prose; None for every other file.
pub fn prose(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    match extension {
        "md" | "markdown" => Some("md"),
        "mdx" => Some("mdx"),
        _ => None,
    }
}

/// The flag of a file that tells code, text and assets apart.
pub(super) fn kind(path: &str) -> u32 {
    if language(path).is_some() {
        return CODE;
    }
    match path.rsplit('/').next().unwrap_or(path).rsplit_once('.') {
        Some((_, extension)) if ASSETS.contains(&extension.to_ascii_lowercase().as_str()) => ASSET,
        _ => TEXT,
    }
}
