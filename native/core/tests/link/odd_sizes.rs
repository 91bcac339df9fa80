//! Sources that are large in one way: long, deep, wide or circular. The work that a question takes grows as they do.
//!
//! Each shape is asked one question at two sizes, n and 2n, by linkers that know nothing yet. Work is what the linker counts: rules
//! run, answers read, and rows looked at outside of rules. It at most doubles, and a little for what does not grow.
//!
//! Not here, for it grows faster: what has so many answers (each of n members overrides all others: n references each), and many overloads
//! that are called often.

use clew_core::facts::{Def, FileId};
use clew_core::link::Linker;

use crate::answers::{definitions, occurrences};
use crate::trees::Tree;

type Files = Vec<(String, String)>;

/// A question.
#[derive(Clone, Copy, Debug)]
enum Asked {
    /// The meaning of each name.
    Meanings,
    /// The uses of each definition.
    Usages,
    /// The references of the first definition of the first file.
    References,
    /// The definitions that nothing uses, each with what tells it from its namesakes.
    Unused,
    /// Values that flow to each name.
    Flow,
}

use Asked::{Flow, Meanings, References, Unused, Usages};

/// A name, the files of a size, what is asked about them, and the smaller size.
type Shape = (&'static str, fn(usize) -> Files, Asked, usize);

const SHAPES: &[Shape] = &[
    ("a type of itself", type_of_itself, Meanings, 100),
    ("overloads", overloads, Meanings, 200),
    ("a chain of calls", chain_of_calls, Meanings, 300),
    ("many functions", many_functions, Usages, 2000),
    (
        "a circle of re-exports",
        circle_of_re_exports,
        Meanings,
        200,
    ),
    ("nested generics", nested_generics, Meanings, 100),
    ("types that grow", types_that_grow, Meanings, 50),
    ("a chain of classes", chain_of_classes, Usages, 200),
    ("a circle of types", circle_of_types, Meanings, 100),
    ("one line", one_line, Usages, 500),
    ("deep brackets", deep_brackets, Meanings, 100),
    ("many importers", many_importers, References, 200),
    ("a circle of variables", circle_of_variables, Meanings, 200),
    ("a circle of classes", circle_of_classes, Unused, 100),
    ("a circle with one name", circle_with_one_name, Unused, 100),
    ("a long heritage", chain_of_classes, Unused, 200),
    (
        "many functions of one name",
        functions_of_one_name,
        Unused,
        200,
    ),
    ("many members of one name", members_of_one_name, Unused, 200),
    ("a chain of functions that hand on", handed_on, Flow, 100),
    ("many calls of one function", many_calls, Flow, 100),
    ("a circle of callbacks", circle_of_callbacks, Flow, 100),
    ("one line", one_line, Flow, 500),
    ("deep brackets", deep_brackets, Flow, 100),
];

/// Work at 2n for 1000 of work at n.
const MOST: u64 = 2200;
/// Work that does not grow.
const AT_REST: u64 = 200;

fn one(path: &str, text: String) -> Files {
    vec![(path.to_owned(), text)]
}

fn each(n: usize, line: impl Fn(usize) -> String) -> String {
    (0..n).map(line).collect()
}

fn type_of_itself(n: usize) -> Files {
    one(
        "a.ts",
        each(n, |i| {
            format!(
                "type T{i} = T{i} | {{ next: T{i} }}; declare const t{i}: T{i}; t{i}.next.next;\n"
            )
        }),
    )
}

fn overloads(n: usize) -> Files {
    let all = each(n, |i| format!("  on(name: 'e{i}'): this;\n"));
    one(
        "a.ts",
        format!("declare class Emitter {{\n{all}}}\nnew Emitter().on('e0').on('e1');\n"),
    )
}

fn chain_of_calls(n: usize) -> Files {
    one(
        "a.js",
        format!(
            "class A {{ m() {{ return this }} }}\nnew A(){};\n",
            ".m()".repeat(n)
        ),
    )
}

fn many_functions(n: usize) -> Files {
    one(
        "a.js",
        each(n, |i| {
            format!("function f{i}() {{ return f{}().x }}\n", i / 2)
        }),
    )
}

fn circle_of_re_exports(n: usize) -> Files {
    let file = |i: usize| {
        (
            format!("f{i}.js"),
            format!("export * from './f{}';\n", (i + 1) % n),
        )
    };
    let first = ("a.js".to_owned(), "export function first() {}\nexport * from './f0';\nimport { first as own } from './f0';\nown().x;\n".to_owned());
    let mut files: Files = (0..n).map(file).collect();
    files[n - 1].1 = "export * from './f0';\nexport * from './a';\n".to_owned();
    files.push(first);
    files
}

fn nested_generics(n: usize) -> Files {
    one(
        "a.ts",
        format!(
            "interface Box<T> {{ value: T }}\ndeclare const b: {}number{};\nb.value.value;\n",
            "Box<".repeat(n),
            ">".repeat(n)
        ),
    )
}

fn types_that_grow(n: usize) -> Files {
    one(
        "a.ts",
        each(n, |i| {
            format!(
                "type Wrap{i}<T> = T extends 0 ? never : Wrap{i}<[T]>;\ninterface Nest{i}<T> {{ in: Nest{i}<T[]>; as: Wrap{i}<T> }}\ndeclare const w{i}: Nest{i}<1>;\nw{i}.in.in.in.as;\n"
            )
        }),
    )
}

fn chain_of_classes(n: usize) -> Files {
    let all = each(n, |i| {
        format!(
            "class C{} extends C{i} {{ own{i}() {{ return this.own() }} }}\n",
            i + 1
        )
    });
    one("a.js", format!("class C0 {{ own() {{}} }}\n{all}"))
}

fn circle_of_types(n: usize) -> Files {
    one(
        "a.ts",
        each(n, |i| {
            format!(
                "interface I{i} {{ next: I{} }}\ndeclare const v{i}: I{i};\nv{i}.next.next;\n",
                (i + 1) % n
            )
        }),
    )
}

fn one_line(n: usize) -> Files {
    let all = each(n, |i| {
        format!(
            "function a{i}(e){{var t=e.x,n={{x:t}};return n.x?a{}(n):t}}",
            i / 2
        )
    });
    one("a.js", format!("!function(){{{all}a0({{x:1}})}}();"))
}

fn deep_brackets(n: usize) -> Files {
    one(
        "a.js",
        format!(
            "function f(x) {{ return x }}\nvar v = {}1{};\nv.a;\n",
            "f([{ a: (".repeat(n),
            ") }])".repeat(n)
        ),
    )
}

fn many_importers(n: usize) -> Files {
    let mut files: Files = (0..n)
        .map(|i| {
            (
                format!("f{i}.js"),
                "const { make } = require('./a');\nmake().m();\n".to_owned(),
            )
        })
        .collect();
    files.push((
        "a.js".to_owned(),
        "exports.make = function () { return { m() {} } };\n".to_owned(),
    ));
    files
}

fn circle_of_variables(n: usize) -> Files {
    let all = each(n, |i| {
        format!("var v{i} = x ? v{} : new A();\nv{i}.m();\n", (i + 1) % n)
    });
    one("a.js", format!("class A {{ m() {{}} }}\n{all}"))
}

fn circle_of_classes(n: usize) -> Files {
    let class = |i: usize| format!("class C{i} extends C{} {{ own{i}() {{}} }}\n", (i + 1) % n);
    one("a.js", each(n, class))
}

/// Of a few of its classes each has a member that others have too.
fn circle_with_one_name(n: usize) -> Files {
    let class = |i: usize| {
        let member = if i.is_multiple_of(n / 10) {
            "own() {}"
        } else {
            ""
        };
        format!("class C{i} extends C{} {{ {member} }}\n", (i + 1) % n)
    };
    one("a.js", each(n, class))
}

fn functions_of_one_name(n: usize) -> Files {
    one(
        "a.js",
        each(n, |i| format!("{{ function f() {{ return {i} }} }}\n")),
    )
}

fn members_of_one_name(n: usize) -> Files {
    one(
        "a.js",
        each(n, |i| format!("const o{i} = {{ m() {{}} }};\n")),
    )
}

fn handed_on(n: usize) -> Files {
    let all = each(n, |i| {
        format!(
            "function f{}(x) {{ x.m(); return f{i}(x) }}\nf{i}(new A()).m();\n",
            i + 1
        )
    });
    one(
        "a.js",
        format!("class A {{ m() {{}} }}\nfunction f0(x) {{ return {{ x }} }}\n{all}"),
    )
}

fn many_calls(n: usize) -> Files {
    let all = each(n, |i| {
        format!("class A{i} {{ m() {{}} }}\nsame(new A{i}()).m();\n")
    });
    one(
        "a.js",
        format!("function same(x) {{ x.m(); return x }}\n{all}"),
    )
}

fn circle_of_callbacks(n: usize) -> Files {
    one(
        "a.js",
        each(n, |i| {
            format!(
                "function f{i}(go) {{ go(); return () => f{}(() => go()) }}\nf{i}(f{i}());\n",
                (i + 1) % n
            )
        }),
    )
}

/// The work of a linker that knows nothing.
fn work(files: &Files, asked: Asked) -> u64 {
    let tree = Tree::of(files.iter().map(|(path, text)| (&**path, &**text)));
    let linker = tree.linker();
    ask(&tree, &linker, asked);
    let [runs, reads, _, _, looks] = linker.counters();
    runs + reads + looks
}

fn ask(tree: &Tree, linker: &Linker, asked: Asked) {
    match asked {
        Meanings => {
            for place in tree.files().flat_map(|file| occurrences(linker, file)) {
                linker.definitions_at(place);
            }
        }
        Usages => drop(linker.usages(|_| false)),
        Flow => {
            for place in tree.files().flat_map(|file| occurrences(linker, file)) {
                linker.flow_at(place);
            }
        }
        References => {
            let first: Option<Def> = tree
                .files()
                .flat_map(|file| definitions(linker, file))
                .next();
            let found = linker.references(first.expect("a definition"), false);
            assert!(found.certain.len() > 1, "the question leads somewhere");
            linker.possible_references(&found);
        }
        Unused => {
            let files: Vec<FileId> = tree.files().collect();
            let offered = linker.offered(&[]);
            let found = linker.unused(&files, &offered, |_, _| true, |_| false);
            assert!(!found.is_empty(), "the question finds something");
            for one in found {
                linker.distinguishing(one.def);
            }
        }
    }
}

/// Shapes whose work grows faster than they do, with the work at n and at 2n.
fn growing_faster(shapes: &[Shape]) -> Vec<String> {
    let mut found = Vec::new();
    for &(name, shape, asked, n) in shapes {
        let [less, more] = [n, 2 * n].map(|size| work(&shape(size), asked));
        assert!(less > 0, "{name}: the question takes work");
        if more * 1000 > less * MOST + AT_REST * 1000 {
            found.push(format!("{name}: {less}, then {more}"));
        }
    }
    found
}

#[test]
fn work_grows_as_the_sources_do() {
    assert_eq!(growing_faster(SHAPES), Vec::<String>::new());
}

#[test]
fn work_that_grows_as_the_square_is_seen() {
    let squared = |n: usize| many_functions(n * n);
    let found = growing_faster(&[("squared", squared, Usages, 30)]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn rows_looked_at_outside_of_rules_are_seen() {
    let all_override = |n: usize| {
        let class = |i: usize| format!("class C{i} extends C{} {{ own() {{}} }}\n", (i + 1) % n);
        one("a.js", each(n, class))
    };
    let found = growing_faster(&[("all override", all_override, Unused, 50)]);
    assert_eq!(found.len(), 1, "{found:?}");
}
