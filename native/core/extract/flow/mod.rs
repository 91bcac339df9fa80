//! Flow: what its syntax has and TypeScript's has not is written TypeScript's way, and every place is put back to where it stands.
//!
//! <https://flow.org/en/docs/types/>; `rules` and `brackets` tell the syntax by its tokens, `errors` by where the parser gives up on it.

mod brackets;
mod errors;
mod rules;
mod tree;

use std::collections::BTreeMap;

use oxc_ast::ast::Program;

use super::damage::Change;
use super::damage::layout::{Layout, TOP};
use crate::facts::len32;
pub use tree::unnamed_parameters;

/// The bytes at the start of a file in which it says that it is Flow.
const HEAD: usize = 4 << 10;
/// Times that a text may be parsed to find what its tokens do not tell.
const MOST_TRIALS: usize = 64;
/// A pattern without names, for a parameter that has none.
const UNNAMED: &str = "{}:";
/// Bytes that may be parsed to find that.
const MOST_BYTES: usize = 8 << 20;

/// True when a file says that it is Flow: by its pragma, or as a definition of a library.
pub fn is_flow(source: &str) -> bool {
    let head = &source.as_bytes()[..source.len().min(HEAD)];
    [&b"@flow"[..], b"@noflow", b"flow-typed signature"]
        .iter()
        .any(|mark| memchr::memmem::find(head, mark).is_some())
}

/// A text of Flow as TypeScript.
pub struct Rewritten {
    pub text: String,
    /// Replacements, by place.
    changed: Vec<Changed>,
}

/// A stretch of the written text, and the one of the source that it stands for.
struct Changed {
    start: u32,
    end: u32,
    from: u32,
    to: u32,
}

impl Rewritten {
    /// Offset in the source of a start in the text.
    pub fn start_of(&self, at: u32) -> u32 {
        self.moved(at, |change| change.from)
    }

    /// Offset in the source of an end in the text.
    pub fn end_of(&self, at: u32) -> u32 {
        self.moved(at, |change| change.to)
    }

    fn moved(&self, at: u32, inside: impl Fn(&Changed) -> u32) -> u32 {
        let next = self.changed.partition_point(|change| change.start < at);
        match next.checked_sub(1).map(|before| &self.changed[before]) {
            Some(change) if at < change.end => inside(change),
            Some(change) => change.to + (at - change.end),
            None => at,
        }
    }

    /// The parts of the source that something else is read for.
    pub fn replaced(&self) -> impl Iterator<Item = (usize, usize)> {
        self.changed
            .iter()
            .map(|change| (change.from as usize, change.to as usize))
    }

    /// The same changes to the source.
    pub fn change_of(&self, change: Change) -> Change {
        let start = |at: usize| self.start_of(len32(at)) as usize;
        match change {
            Change::LeftOut(from, to) => {
                Change::LeftOut(start(from), self.end_of(len32(to)) as usize)
            }
            Change::Closed(at) => Change::Closed(start(at)),
            Change::Ignored(at) => Change::Ignored(start(at)),
        }
    }

    /// Puts every place in a tree back to where it stands in the source.
    pub fn restore<'a>(&self, program: &mut Program<'a>, source: &'a str) {
        tree::restore(self, program, source);
    }
}

/// How a text is parsed: where the parser gives up on it, else where it holds parameters of function types without a name.
pub type Reading = Result<Vec<u32>, usize>;

/// Writes a text of Flow as TypeScript, which `read` parses.
pub fn rewritten(source: &str, read: &mut dyn FnMut(&str) -> Reading) -> Rewritten {
    let layout = Layout::new(source);
    let levels = levels(&layout);
    let mut edits = Edits::new(source);
    rules::apply(&layout, &levels, &mut edits);
    let mut made = edits.made();
    for _ in 0..(MOST_BYTES / source.len().max(1)).clamp(4, MOST_TRIALS) {
        let before = edits.len();
        let is_read = match read(&made.text) {
            Ok(unnamed) => {
                for at in unnamed {
                    edits.insert(made.start_of(at) as usize, UNNAMED);
                }
                true
            }
            Err(at) => {
                let at = made.start_of(len32(at)) as usize;
                errors::apply(&layout, &levels, at, &mut edits);
                false
            }
        };
        if edits.len() > before {
            made = edits.made();
        }
        if is_read || edits.len() == before {
            break;
        }
    }
    made
}

/// For each group its tokens, with the opening one of each group in it.
fn levels(layout: &Layout) -> Vec<Vec<usize>> {
    let mut levels = vec![Vec::new(); layout.groups.len()];
    for (at, piece) in layout.pieces.iter().enumerate() {
        let group = &layout.groups[piece.group];
        if piece.group != TOP && at == group.open {
            levels[group.parent].push(at);
        } else if at != group.end {
            levels[piece.group].push(at);
        }
    }
    levels
}

/// Replacements for parts of a source.
pub struct Edits<'s> {
    source: &'s str,
    /// By start, and by whether anything is replaced: what is put in comes first.
    edits: BTreeMap<(usize, bool), (usize, String)>,
}

impl<'s> Edits<'s> {
    fn new(source: &'s str) -> Self {
        Self {
            source,
            edits: BTreeMap::new(),
        }
    }

    /// Does the same to a part of the source that is code of its own.
    fn within(&mut self, start: usize, end: usize) {
        let mut part = Edits::new(&self.source[start..end]);
        let layout = Layout::new(part.source);
        rules::apply(&layout, &levels(&layout), &mut part);
        let edits = part.edits.into_iter();
        self.edits
            .extend(edits.map(|((at, replaces), (end, text))| {
                ((start + at, replaces), (start + end, text))
            }));
    }

    fn len(&self) -> usize {
        self.edits.len()
    }

    /// Leaves out what stands from one offset to the other.
    pub fn blank(&mut self, start: usize, end: usize) {
        let blanks = |byte| {
            if matches!(byte, b'\n' | b'\r') {
                char::from(byte)
            } else {
                ' '
            }
        };
        let text = self.source.as_bytes()[start..end].iter().copied();
        let blank = text.map(blanks).collect();
        self.edits.insert((start, true), (end, blank));
    }

    pub fn replace(&mut self, start: usize, end: usize, text: &str) {
        self.edits.insert((start, true), (end, text.to_owned()));
    }

    pub fn insert(&mut self, at: usize, text: &str) {
        self.edits
            .entry((at, false))
            .or_insert_with(|| (at, text.to_owned()));
    }

    /// True when something else stands in place of a part of the source.
    pub fn replaces(&self, start: usize) -> bool {
        self.edits.contains_key(&(start, true))
    }

    fn made(&self) -> Rewritten {
        let mut text = String::with_capacity(self.source.len() + 64);
        let mut changed = Vec::with_capacity(self.edits.len());
        let mut at = 0;
        for (&(start, _), (end, written)) in &self.edits {
            if start < at {
                continue;
            }
            text.push_str(&self.source[at..start]);
            let begin = len32(text.len());
            text.push_str(written);
            changed.push(Changed {
                start: begin,
                end: len32(text.len()),
                from: len32(start),
                to: len32(*end),
            });
            at = *end;
        }
        text.push_str(&self.source[at..]);
        Rewritten { text, changed }
    }
}

#[cfg(test)]
mod tests {
    use oxc_allocator::Allocator;
    use oxc_parser::Parser;
    use oxc_span::SourceType;

    use super::*;

    fn parsed(text: &str) -> Reading {
        let allocator = Allocator::default();
        let result = Parser::new(&allocator, text, SourceType::tsx()).parse();
        let places = result.diagnostics.iter().filter_map(|of| of.labels.first());
        if result.panicked {
            return Err(places
                .map(|label| label.offset() as usize)
                .max()
                .unwrap_or(0));
        }
        Ok(unnamed_parameters(&result.program))
    }

    fn read(source: &str) -> String {
        let made = rewritten(source, &mut parsed);
        assert_eq!(parsed(&made.text), Ok(Vec::new()), "{}", made.text);
        made.text
    }

    /// Blanks aside, for what is left out leaves them.
    fn short(source: &str) -> String {
        read(source)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn exact_and_inexact_objects_are_objects() {
        assert_eq!(short("type A = {| a: b |};"), "type A = { a: b };");
        assert_eq!(short("type A = {a: b, ...};"), "type A = {a: b, };");
        assert_eq!(short("type A = {...};"), "type A = { };");
        assert_eq!(short("f((_: {||}) => 1);"), "f((_: { }) => 1);");
    }

    #[test]
    fn spreads_in_types_are_intersections() {
        assert_eq!(
            short("type A = {a: b, ...C<D, E>, ...F, g: h};"),
            "type A = {a: b, }&C<D, E>&{ }&F&{ g: h};"
        );
        assert_eq!(short("type A = {...B};"), "type A = {}&B&{};");
    }

    #[test]
    fn casts_are_told_from_parameters_and_choices() {
        assert_eq!(short("const a = (b: any);"), "const a = (b as any);");
        assert_eq!(
            short("f(((b: any): Map<C, D>), e);"),
            "f(((b as any) as Map<C, D>), e);"
        );
        assert_eq!(
            short("return1 ? (a: B) : (c: D);"),
            "return1 ? (a as B) : (c as D);"
        );
        for same in [
            "const f = (a: B) => c;",
            "const f = (a: B): C => c;",
            "class A { m(a: B) { return d ? (e) : f; } }",
            "function f(a: B) {}",
            "try {} catch (error: any) {}",
            "f(((a: B): C => d), e);",
            "for (const a of b ? (c) : d) {}",
        ] {
            assert_eq!(read(same), same);
        }
    }

    #[test]
    fn maybe_types_variance_and_bounds_are_taken_off() {
        assert_eq!(
            short("function f<T: ?A, U: B = C>(x: ?T, y?: ?U): ?Z {}"),
            "function f<T extends A, U extends B = C>(x: T, y?: U): Z {}"
        );
        assert_eq!(
            short("class A<+T> { +a: T; -b?: U; static +c: V }"),
            "class A< T> { a: T; b?: U; static c: V }"
        );
        assert_eq!(
            read("const a = b ?? c ? -d : +e;"),
            "const a = b ?? c ? -d : +e;"
        );
    }

    #[test]
    fn parameters_without_names_get_their_types() {
        assert_eq!(
            short("type A = (?B, Array<C>) => D;"),
            "type A = ({}: B, {}:Array<C>) => D;"
        );
        assert_eq!(
            short("type A = (b: string => void, ...Array<C>) => mixed;"),
            "type A = (b: ({}:string) => void, ...[]:Array<C>) => mixed;"
        );
    }

    #[test]
    fn functions_and_templates_hold_casts() {
        assert_eq!(short("f((() => {}: any));"), "f(((() => {}) as any));");
        assert_eq!(short("f(`${(a: any).b}`);"), "f(`${(a as any).b}`);");
    }

    #[test]
    fn methods_without_names_of_parameters_get_their_types() {
        assert_eq!(
            short("interface A { m(B, Array<C>): D; n(E): F }"),
            "interface A { m({}:B, {}:Array<C>): D; n({}:E): F }"
        );
        assert_eq!(
            short("type A = (<T: B>(c: T) => ?D) => E;"),
            "type A = ({}:<T extends B>(c: T) => D) => E;"
        );
        assert_eq!(
            short("type A = {[K in B]: C,};"),
            "type A = {[K in B]: C };"
        );
    }

    #[test]
    fn declarations_of_flow_are_declarations() {
        assert_eq!(short("opaque type A: B = C;"), "type A = C;");
        assert_eq!(short("declare opaque type A: B;"), "declare type A= B;");
        assert_eq!(short("declare opaque type A;"), "declare type A=any;");
        assert_eq!(
            short("import typeof A from 'a'; import {typeof B, type C} from 'b';"),
            "import type A from 'a'; import {type B, type C} from 'b';"
        );
        assert_eq!(
            short("declare export function f(a: B): boolean %checks(a);"),
            "export declare function f(a: B): boolean ;"
        );
        assert_eq!(
            short("declare module.exports: {a: b};"),
            "type exports= {a: b};"
        );
    }

    #[test]
    fn places_lead_back() {
        let source = "const a = (b: ?any) + c;";
        let made = rewritten(source, &mut parsed);
        for name in ["a ", "b", "any", "c;"] {
            let place = |text: &str| len32(text.rfind(name).expect("the name stands there"));
            let end = |text: &str| place(text) + 1;
            assert_eq!(made.start_of(place(&made.text)), place(source), "{name}");
            assert_eq!(made.end_of(end(&made.text)), end(source), "{name}");
        }
    }
}
