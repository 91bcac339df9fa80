"""Code of a shape, written anew: what a template makes of it, what is left, and what a second run would do."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from trees import plant

from clew import _native
from clew.edits.journal import Journal
from clew.edits.plans import applied
from clew.edits.rewrite import Rewrite, RewriteResult, rewrite
from clew.errors import UnsafeEdit, UsageError
from clew.workspace import Workspace


def opened(folder: Path, tree: Mapping[str, str]) -> Workspace:
    plant(folder, {".git/": "", **tree})
    workspace = Workspace.open(str(folder))
    workspace.begin()
    return workspace


def asked(workspace: Workspace, pattern: str, template: str, **more: Any) -> RewriteResult:
    return rewrite(workspace, Rewrite(pattern=(pattern,), with_=template, **more))


def written(workspace: Workspace, result: RewriteResult) -> dict[str, str]:
    changes = Journal(workspace.state).plan(result.stored.plan).changes
    return {change.path: applied((Path(workspace.root) / change.path).read_bytes(), change.edits).decode() for change in changes}


def rewritten(folder: Path, pattern: str, template: str, source: str, path: str = "a.ts") -> str:
    workspace = opened(folder, {path: source})
    return written(workspace, asked(workspace, pattern, template)).get(path, source)


@pytest.mark.parametrize(
    ("pattern", "template", "source", "after"),
    [
        ("dbl($A)", "$A * 2", "x = dbl(a + b) - dbl(c);", "x = (a + b) * 2 - c * 2;"),
        ("dbl($A)", "$A * 2", "x = 3 ** dbl(c); y = dbl(c).toFixed();", "x = 3 ** (c * 2); y = (c * 2).toFixed();"),
        ("sub($A, $B)", "$A - $B", "x = sub(a - b, c - d);", "x = a - b - (c - d);"),
        ("pow($A, $B)", "$A ** $B", "x = pow(-a, b ** c) + pow(a ** b, -c);", "x = (-a) ** b ** c + (a ** b) ** -c;"),
        ("neg($A)", "-$A", "x = neg(-a); y = b -neg(c);", "x = -(-a); y = b -(-c);"),
        ("f($A)", "$A.g", "f(1); f(a?.b); f(x => x); f(new X); f(new X());", "(1).g; (a?.b).g; (x => x).g; (new X).g; new X().g;"),
        ("$A.foo", "$A.bar", "a?.b.foo; (a, b).foo;", "a?.b.bar; (a, b).bar;"),
        ("f($A)", "$A", "x = 2 * f(a + b); f(function () {}); f({});", "x = 2 * (a + b); (function () {}); ({});"),
        ("mk($A)", "{ a: $A }", "f = () => mk(1); g(mk(2));", "f = () => ({ a: 1 }); g({ a: 2 });"),
        ("or($A, $B)", "$A || $B", "x = or(a ?? b, c); y = or(a, b) ?? c;", "x = (a ?? b) || c; y = (a || b) ?? c;"),
        ("inst($A)", "new $A()", "inst(f()); inst(a.b);", "new (f())(); new a.b();"),
        ("p($A)", "await $A", "async () => { p(a + b); p(c).x; };", "async () => { await (a + b); (await c).x; };"),
        ("f($A)", "($A)", "a()\nf(b)\n", "a()\n;(b)\n"),
        ("cast($A)", "$A as T", "x = cast(a ? b : c); y = cast(d).e;", "x = (a ? b : c) as T; y = (d as T).e;"),
    ],
)
def test_parentheses_stand_where_they_are_needed_and_nowhere_else(
    tmp_path: Path, pattern: str, template: str, source: str, after: str
) -> None:
    assert rewritten(tmp_path, pattern, template, source) == after


def test_a_rewrite_without_parentheses_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _native.ast_rewrite

    def bare(*asked: Any) -> Any:
        places, broken = whole(*asked)
        return [(*place[:4], place[4] and place[4].replace("(a + b)", "a + b")) for place in places], broken

    monkeypatch.setattr(_native, "ast_rewrite", bare)
    with pytest.raises(AssertionError):
        test_parentheses_stand_where_they_are_needed_and_nowhere_else(tmp_path, "dbl($A)", "$A * 2", "x = dbl(a + b);", "x = (a + b) * 2;")


@pytest.mark.parametrize(
    ("pattern", "template", "source", "after"),
    [
        ("f($A, $$$REST)", "g($$$REST, $A)", "f(1,  2,   3);", "g(2,   3, 1);"),
        ("f($A, $$$)", "g($A, $$$)", "f(1, /* two */ 2);", "g(1, /* two */ 2);"),
        ("f($$$A)", "g(0, $$$A)", "f();", "g(0);"),
        ("<A $$$P />", "<B $$$P />", "x = [<A a={1} {...q} />, <A />];", "x = [<B a={1} {...q} />, <B />];"),
        ("f($$$A)", "g($$$A)", "f(1, // one\n  2 // two\n);", "g(1, // one\n  2 // two\n);"),
        ("const $A = require($B)", "import $A from $B", "const a = require('a');\n", "import a from 'a';\n"),
        ("f($A)", "`${$A}`", "f(x);", "`${x}`;"),
    ],
)
def test_lists_keep_what_is_between_them(tmp_path: Path, pattern: str, template: str, source: str, after: str) -> None:
    assert rewritten(tmp_path, pattern, template, source, "a.tsx").replace("\n)", ")") == after.replace("\n)", ")")


def test_lines_stand_as_far_in_as_before_and_texts_stay_as_they_are(tmp_path: Path) -> None:
    source = "function q() {\r\n  if (a && b) {\r\n    one();\r\n    two(`\r\n  keep\r\n`);\r\n  }\r\n}\r\n"
    after = "function q() {\r\n  unless(!(a && b), () => {\r\n      one();\r\n      two(`\r\n  keep\r\n`);\r\n  });\r\n}\r\n"
    template = "unless(!$A, () => {\n    $$$B\n});"
    assert rewritten(tmp_path, "if ($A) { $$$B }", template, source) == after


def test_what_an_empty_template_takes_out_leaves_no_empty_line(tmp_path: Path) -> None:
    assert rewritten(tmp_path, "console.log($$$)", "", "a();\n  console.log(1);\nb(); console.log(2);\n") == "a();\nb(); \n"


def test_only_the_outermost_place_is_written_and_what_still_fits_is_listed(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.js": "f(f(x));\n", "b.js": "f(y);\n"})
    result = asked(workspace, "f($A)", "g($A)")
    assert written(workspace, result) == {"a.js": "g(f(x));\n", "b.js": "g(y);\n"}
    assert (result.fitting, result.edits, result.left, result.again) == (3, 2, 1, 1)
    kept = [(row.file, row.line, row.why) for row in result.results if row.action == "kept"]
    assert kept == [("a.js", 1, "it still fits")]


def test_a_template_that_fits_its_own_pattern_is_told(tmp_path: Path) -> None:
    result = asked(opened(tmp_path, {"a.js": "f(x);\n"}), "f($A)", "f(f($A))")
    assert (result.left, result.again) == (2, 1)


def test_a_second_run_does_what_was_said_of_it(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.js": "f(f(f(x)));\n"})
    for expected in (2, 1, 0):
        result = asked(workspace, "f($A)", "g($A)")
        assert result.again == min(expected, 1)
        (tmp_path / "a.js").write_text(written(workspace, result)["a.js"])
        workspace.refresh()
        workspace.begin()
    assert asked(workspace, "f($A)", "g($A)").edits == 0


@pytest.mark.parametrize(
    ("pattern", "template", "said", "candidates"),
    [
        ("f($ARG)", "g($AGR)", r"\$AGR of the template stands for nothing in the pattern; it has \$ARG", ("$ARG",)),
        ("f($A)", "g($$$A)", r"\$\$\$A of the template", ("$A",)),
        ("f()", "g($$$)", r"\$\$\$ of the template stands for nothing in the pattern; it has none", ()),
        ("f($A)", "g($A", "bad template: line 1", ()),
        ("f($A", "g()", "bad pattern: line 1", ()),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(tmp_path: Path, pattern: str, template: str, said: str, candidates: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        asked(opened(tmp_path, {"a.js": "f(1);\n"}), pattern, template)
    assert caught.value.candidates == candidates


def test_code_that_would_not_parse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeEdit, match=r"would not parse"):
        asked(opened(tmp_path, {"a.js": "x = f(1);\n"}), "f($A)", "if ($A) {}")


def test_names_that_would_lead_nowhere_are_refused_unless_forced(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.js": "export const x = 1;\n", "b.js": "import { x } from './a';\nx;\n"})
    with pytest.raises(UnsafeEdit, match=r"leads nowhere"):
        asked(workspace, "const x = $A", "const y = $A")
    assert written(workspace, asked(workspace, "const x = $A", "const y = $A", force=True)) == {"a.js": "export const y = 1;\n"}


def test_only_the_files_that_are_meant_are_written(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"src/a.js": "f(1);\n", "test/a.js": "f(1);\n"})
    assert written(workspace, asked(workspace, "f($A)", "g($A)", dir=("src",))) == {"src/a.js": "g(1);\n"}
