//! Facts of Markdown: headings, links, code, front matter, anchors and footnotes, each with its bytes in the file.
//!
//! `pulldown-cmark` says what a document is made of and from where to where; the parts of a link are found by a scan inside of the span
//! that it gives ([`parts`]), and what it does not know by scans of ours: bare links of GFM ([`bare`]), links and anchors in HTML
//! ([`html`]), front matter ([`front`]), and what MDX adds ([`mdx`]).

mod bare;
mod front;
mod html;
mod mdx;
mod parts;
mod places;
pub mod stored;
pub mod tables;
mod walk;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::extract::Extracted;
use crate::extract::source::as_utf8;
use crate::facts::codes::meta;
use tables::Prose;

const BOM: &str = "\u{feff}";

/// The facts of a file, packed as a blob. Depends on the bytes, and on the language (`md`, `mdx`). Never fails.
pub fn extract(language: &str, source: &[u8]) -> Extracted {
    match catch_unwind(AssertUnwindSafe(|| read(language, source).packed(source))) {
        Ok(blob) => Extracted {
            blob,
            ..Extracted::default()
        },
        Err(_) => Extracted {
            blob: Prose::default().packed(&[]),
            problems: vec![("the parser failed on this file".to_owned(), 0, "internal")],
            flags: meta::HAS_ERRORS | meta::TOKEN_SCAN,
            ..Extracted::default()
        },
    }
}

/// The facts of a file, as tables.
pub fn read(language: &str, source: &[u8]) -> Prose {
    let text = as_utf8(source);
    let marked = if text.starts_with(BOM) { BOM.len() } else { 0 };
    let front = front::find(&text[marked..]).map(|front| front.moved(marked));
    let base = front.as_ref().map_or(marked, |front| front.span.end);
    let body = &text[base..];
    let mut prose = Prose::default();
    let text = if language == "mdx" {
        let (text, tags) = mdx::without_code(body);
        tags.into_iter()
            .for_each(|tag| html::read(body, tag, &mut prose));
        text
    } else {
        Cow::Borrowed(body)
    };
    let mut prose = walk::walk(&text, base, prose);
    prose.front = front;
    prose
}
