//! Front matter: data between fences at the very top.

use super::tables::Front;

/// Fence at the top, the fences that end it, and the language between them.
const FENCES: [(&str, &[&str], &str); 4] = [
    ("---", &["---", "..."], "yaml"),
    ("---json", &["---"], "json"),
    ("+++", &["+++"], "toml"),
    (";;;", &[";;;"], "json"),
];

/// The front matter of a text. A `---` before an empty line is a rule between paragraphs.
pub fn find(text: &str) -> Option<Front> {
    let mut lines = text.split_inclusive('\n');
    let first = lines.next()?;
    let (_, ends, language) = FENCES
        .into_iter()
        .find(|(fence, ..)| first.trim_end() == *fence && first.ends_with('\n'))?;
    let start = first.len();
    let mut at = start;
    for line in lines {
        let trimmed = line.trim_end();
        if ends.contains(&trimmed) {
            return Some(Front {
                language,
                span: 0..at + line.len(),
                content: start..at,
            });
        }
        if at == start && trimmed.is_empty() {
            return None;
        }
        at += line.len();
    }
    None
}
