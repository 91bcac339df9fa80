//! What does not parse costs its statement or member, and nothing beside it: all else has the facts that it has in a source in which
//! nothing stands in that place.

use std::collections::BTreeSet;

use clew_core::extract;
use clew_core::facts::codes::meta;
use clew_core::facts::{Column, NONE, StringId, Unit};

/// Sources with a place for a part that does not parse, and the parts that may stand there.
const STATEMENTS: [&str; 9] = [
    "let lost = first +* 2;",
    "lost(first second);",
    "if (first) ) lost();",
    "const { lost, = first;",
    "lost..again();",
    "return function ( { lost };",
    "throw new lost(first;",
    "`${first lost}`;",
    "for (const lost of of first) { lost(); }",
];
const MEMBERS: [&str; 5] = [
    "lost(a b) { return a; }",
    "get lost() { return first first; }",
    "static lost = = first;",
    "lost() { first(; }",
    "lost(a,, b) {}",
];
const ITEMS: [&str; 3] = ["lost: first first,", "lost(a b) {},", "[lost: first,"];

const PLACES: [(&str, &[&str]); 9] = [
    ("a.js", &STATEMENTS),
    ("wrapped.js", &STATEMENTS),
    ("nested.ts", &STATEMENTS),
    ("case.mjs", &STATEMENTS),
    ("class.js", &MEMBERS),
    ("class.ts", &MEMBERS),
    ("object.cjs", &ITEMS),
    ("options.js", &ITEMS),
    ("component.vue", &STATEMENTS),
];

fn host(path: &str) -> &'static str {
    match path {
        "a.js" => {
            "import { first } from './first';\n@\nexport function second() {\n  return first();\n}\nsecond();\n"
        }
        "wrapped.js" => {
            "(function (root) {\n  const first = root.first;\n  @\n  function second() { return first; }\n  root.second = second;\n})(this);\n"
        }
        "nested.ts" => {
            "export const make = (first: number): number => {\n  const inner = () => {\n    @\n    return first;\n  };\n  return inner();\n};\nmake(1);\n"
        }
        "case.mjs" => {
            "export function pick(first) {\n  switch (first) {\n    case 1:\n      @\n      return first;\n    default:\n      return pick(2);\n  }\n}\n"
        }
        "class.js" | "class.ts" => {
            "class Base {}\nexport class Pot extends Base {\n  fill() { return this.pour(); }\n\n  @\n\n  pour() { return first; }\n}\nconst first = new Pot();\nfirst.fill();\n"
        }
        "object.cjs" => {
            "const first = require('./first');\nmodule.exports = {\n  brew() { return first; },\n  @\n  pour: () => first,\n};\n"
        }
        "options.js" => {
            "define({\n  first,\n  @\n  pour() { return first; },\n}, function ready() {});\nready();\n"
        }
        _ => {
            "<template><p>{{ a }}</p></template>\n<script setup>\nimport { first } from './first';\n@\nconst second = first();\n</script>\n"
        }
    }
}

fn facts(path: &str, source: &str) -> Unit {
    let of = extract::pool().install(|| extract::extract(path, source.as_bytes()));
    Unit::new(of.blob).expect("our own blob")
}

/// Everything that is defined or named in a source, by its place and with what it means; what is called `lost` is left out.
fn said(facts: &Unit) -> BTreeSet<String> {
    let cell = |column: Column, row: usize| facts.column(column).get(row).expect("a row");
    let text = |name: u32| match name {
        NONE => "",
        name => facts.text(StringId(name)),
    };
    let definition = |row: usize| {
        let start = cell(Column::DefStartName, row);
        format!("{} at {start}", text(cell(Column::DefName, row)))
    };
    let meant = |row: u32| match row {
        NONE => String::new(),
        row => definition(row as usize),
    };
    let is_kept = |name: u32| text(name) != "lost";
    let definitions = 0..facts.column(Column::DefName).len();
    let definitions = definitions
        .filter(|&row| is_kept(cell(Column::DefName, row)))
        .map(|row| {
            let parent = meant(cell(Column::DefParent, row));
            let (kind, flags) = (cell(Column::DefKind, row), cell(Column::DefFlags, row));
            format!("{} kind {kind} flags {flags} in {parent}", definition(row))
        });
    let occurrences = 0..facts.column(Column::OccName).len();
    let occurrences = occurrences
        .filter(|&row| is_kept(cell(Column::OccName, row)))
        .map(|row| {
            let (name, start) = (
                text(cell(Column::OccName, row)),
                cell(Column::OccStart, row),
            );
            format!(
                "{name} at {start} is {}",
                meant(cell(Column::OccTarget, row))
            )
        });
    definitions.chain(occurrences).collect()
}

/// A source with a broken part, and the same with nothing in its place.
fn pair(path: &str, part: &str) -> (String, String) {
    let host = host(path);
    (
        host.replace('@', part),
        host.replace('@', &" ".repeat(part.len())),
    )
}

#[test]
fn what_stands_around_a_part_that_does_not_parse_keeps_its_facts() {
    let mut wrong = Vec::new();
    for (path, parts) in PLACES {
        for part in parts {
            let (broken, whole) = pair(path, part);
            let (found, wanted) = (facts(path, &broken), facts(path, &whole));
            assert!(!wanted.is(meta::HAS_ERRORS), "{whole}");
            if !found.is(meta::LEFT_OUT) || said(&found) != said(&wanted) {
                let lost: Vec<String> = said(&wanted).difference(&said(&found)).cloned().collect();
                let more: Vec<String> = said(&found).difference(&said(&wanted)).cloned().collect();
                wrong.push(format!("{path}: {part}\n  lost {lost:?}\n  more {more:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_part_that_costs_its_neighbour_would_be_seen() {
    for (path, parts) in PLACES {
        let (_, whole) = pair(path, parts[0]);
        let poorer = whole.replacen("first", "     ", 1);
        assert_ne!(
            said(&facts(path, &whole)),
            said(&facts(path, &poorer)),
            "{path}"
        );
    }
}

#[test]
fn what_is_left_out_is_said_with_its_lines_and_is_unread() {
    let source = "const one = 1;\nlet two = one +;\n\nconst three = one;\n";
    let of = extract::extract("a.js", source.as_bytes());
    let problems: Vec<(u32, &str)> = of.problems.iter().map(|of| (of.1, of.2)).collect();
    let start = u32::try_from(source.find("let").expect("it is there")).expect("it is short");
    assert_eq!(problems.last(), Some(&(start, "left_out")));
    let facts = Unit::new(of.blob).expect("our own blob");
    let names = facts.column(Column::TokenName);
    let starts = facts.column(Column::TokenStart);
    let unread: Vec<(u32, bool)> = starts
        .iter()
        .zip(names.iter().map(|of| of == NONE))
        .collect();
    assert_eq!(
        unread,
        [(start, true), (start + 4, false), (start + 10, false)]
    );
}

#[test]
fn a_missing_brace_is_closed_where_its_block_ends() {
    let whole = "class Pot {\n  fill() {\n    if (this.full) {\n      return;\n    }\n    this.pour();\n  }\n\n  pour() {}\n}\nnew Pot().fill();\n";
    for (at, _) in whole.match_indices('}') {
        let mut broken = whole.to_owned();
        broken.replace_range(at..=at, " ");
        let wanted = said(&facts("a.js", whole));
        assert_eq!(
            said(&facts("a.js", &broken)),
            wanted,
            "without the one at {at}"
        );
        let mut doubled = whole.to_owned();
        doubled.insert(at, '}');
        assert_eq!(
            said(&facts("a.js", &doubled)).len(),
            wanted.len(),
            "twice the one at {at}"
        );
    }
}

#[test]
fn errors_after_which_the_parser_goes_on_leave_nothing_out() {
    for source in [
        "class A { constructor() {} constructor() {} }",
        "let a; let a;",
        "delete a; break;",
    ] {
        let facts = facts("a.mjs", source);
        assert!(!facts.is(meta::LEFT_OUT | meta::TOKEN_SCAN), "{source}");
    }
}
