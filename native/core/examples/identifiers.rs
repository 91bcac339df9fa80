//! Report of the facts of sources about their identifiers.
//!
//!     cargo run --release --example identifiers
//!
//! A line of input is `{ "path", "text" }` as JSON. A line of output is `{ "unparsed", "rows", "posted" }`: whether the file did not parse;
//! start, end, kind and name of each occurrence that is in no comment and of each other token, without a name for an unread region; and the
//! hashes under which names are posted.

use std::io::{self, BufRead, Write};

use clew_core::extract;
use clew_core::facts::codes::{TOKEN_KINDS, meta, role};
use clew_core::facts::{Column, NONE, StringId, Unit};
use serde_json::{Value, json};

fn told(path: &str, text: &str) -> Value {
    let extracted = extract::pool().install(|| extract::extract(path, text.as_bytes()));
    let unit = Unit::new(extracted.blob).expect("our own blob");
    let cell = |column: Column, row: usize| unit.column(column).get(row).expect("a row");
    let name = |string: u32| (string != NONE).then(|| unit.text(StringId(string)));
    let occurrences = (0..unit.column(Column::OccRole).len())
        .filter(|&row| cell(Column::OccRole, row) & role::JSDOC == 0)
        .map(|row| {
            json!([
                cell(Column::OccStart, row),
                cell(Column::OccEnd, row),
                "occurrence",
                name(cell(Column::OccName, row)),
            ])
        });
    let tokens = (0..unit.column(Column::TokenKind).len()).map(|row| {
        json!([
            cell(Column::TokenStart, row),
            cell(Column::TokenEnd, row),
            TOKEN_KINDS[cell(Column::TokenKind, row) as usize],
            name(cell(Column::TokenName, row)),
        ])
    });
    let posted = extracted.names.chunks_exact(4);
    json!({
        "unparsed": extracted.flags & meta::TOKEN_SCAN != 0,
        "rows": occurrences.chain(tokens).collect::<Vec<_>>(),
        "posted": posted
            .map(|hash| u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]]))
            .collect::<Vec<_>>(),
    })
}

fn main() -> io::Result<()> {
    let mut out = io::BufWriter::new(io::stdout());
    for line in io::stdin().lock().lines() {
        let source: Value = serde_json::from_str(&line?)?;
        let field = |name: &str| source[name].as_str().unwrap_or_default();
        writeln!(out, "{}", told(field("path"), field("text")))?;
    }
    out.flush()
}
