"""A budget is the whole reply, in every form; pages put together are the whole answer."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clew.cli.main import measure_of, verb_command
from clew.running import fitting
from clew.running.fitting import LEAST_BYTES, Cut, fitted, json_size, shortened

FORMS = (("--json",), ("--pretty",), ())
LINES = (
    ["--search", "part"],
    ["--references", "use0"],
    ["--ripple", "use0"],
    ["--ripple", "use0", "--summary"],
    ["--callers", *(f"use{n}" for n in range(40))],
    ["--context-slice", "main"],
    ["--outline"],
    ["--cycles"],
    ["--dead-code"],
    ["--export-usage"],
    ["--hot-paths"],
    ["--tests", "use0"],
    ["--text", "use", "-C", "3"],
    ["--build-index"],
    ["--search", "part", "--ripple", "use1", "--tests"],
)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tree with long answers: many files, a large circle, long lines, broken files."""
    root = tmp_path_factory.mktemp("wide")
    (root / ".git").mkdir()
    for n in range(60):
        folder = root / f"folder-with-a-long-name-{n % 7}"
        folder.mkdir(exist_ok=True)
        (folder / f"part{n}.test.js").write_text(
            f"import {{ use{n} }} from '../folder-with-a-long-name-{(n + 1) % 7}/part{n + 1 if n < 59 else 0}.test.js';\n"
            f"export function part{n}() {{ return use{n}({', '.join(f'argument{i}' for i in range(30))}); }}\n"
            f"export function use{n - 1 if n else 59}() {{ return part{n}(); }}\n"
            f"function never{n}() {{}}\n"
        )
        (folder / f"broken{n}.js").write_text(f"function broken{n}( {{\n")
    (root / "main.js").write_text(
        "".join(f"import {{ part{n} }} from './folder-with-a-long-name-{n % 7}/part{n}.test.js';\n" for n in range(60))
        + f"export function main() {{ {' '.join(f'part{n}();' for n in range(60))} }}\n"
    )
    return root


def said(argv: list[str]) -> bytes:
    """The output of a line."""
    out, err, _ = verb_command("js-scan", argv, {})
    return out + err


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_no_reply_is_larger_than_its_budget(wide: Path, monkeypatch: pytest.MonkeyPatch, line: list[str], form: tuple[str, ...]) -> None:
    monkeypatch.chdir(wide)
    assert len(said([*line, *form])) <= fitting.DEFAULT_BYTES
    for budget in (LEAST_BYTES, 1500, 3001, 20_000):
        for limit in ((), ("--limit", "0"), ("--limit", "5")):
            assert len(said([*line, *form, *limit, "--budget", str(budget)])) <= budget


def test_random_calls_keep_their_budget_and_their_heads_whole(wide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(wide)
    draw = random.Random(11)
    for _ in range(150):
        line = [*draw.choice(LINES), *draw.choice(FORMS)]
        limit = draw.choice(((), ("--limit", "0"), ("--limit", "1"), ("--limit", "40")))
        budget = draw.randrange(LEAST_BYTES, 12_000)
        out = said([*line, *limit, "--budget", str(budget)])
        assert len(out) <= budget, line
        if line[-1] in {"--json", "--pretty"}:
            reply = msgspec.json.decode(out)
            assert re.fullmatch(r"js--[0-9a-z]{26}-[\w-]+-\d+", reply["continuationToken"])
            assert re.fullmatch(r"sess-call-\w+#\d+", reply["step"])
            assert "total" not in reply or reply["total"] <= reply["shown"] or "…" not in reply["next"]


@pytest.mark.parametrize("budget", [1000, 2500, 8000])
@pytest.mark.parametrize("line", [line for line in LINES if "--context-slice" not in line], ids=" ".join)
def test_pages_put_together_are_the_whole_answer(wide: Path, monkeypatch: pytest.MonkeyPatch, line: list[str], budget: int) -> None:
    monkeypatch.chdir(wide)
    whole = msgspec.json.decode(said([*line, "--json", "--limit", "0", "--budget", "0"]))
    reply = msgspec.json.decode(said([*line, "--json", "--budget", str(budget)]))
    rows: list[int] = []
    lists: dict[str, int] = {}
    while True:
        rows += [row["n"] for row in reply.get("results", ())]
        for name in ("files", "targets", "folders", "leftOut", "warnings" if line == ["--build-index"] else "outside"):
            if isinstance(reply.get(name), list):
                lists[name] = lists.get(name, 0) + len(reply[name])
        if "next" not in reply:
            break
        reply = msgspec.json.decode(said(["--after", reply["next"], "--json", "--budget", str(budget)]))
    assert rows == [row["n"] for row in whole.get("results", ())]
    for name, shown in lists.items():
        assert "cut" in reply or shown == len(whole[name]), name


def reply_of(lists: dict[str, Cut]) -> Callable[[], dict[str, Any]]:
    def build() -> dict[str, Any]:
        return {"step": "s#1", "total": lists["results"].whole, **{name: list(one.items[: one.shown]) for name, one in lists.items()}}

    return build


def test_more_never_gives_less() -> None:
    draw = random.Random(7)
    for _ in range(40):
        items = ["x" * draw.randrange(5, 300) for _ in range(60)]
        shown = []
        for budget in range(1000, 9000, 250):
            lists = {"results": Cut(items=items)}
            fitted(reply_of(lists), lists, budget, json_size)
            shown.append(lists["results"].shown)
        assert shown == sorted(shown)


def test_a_value_that_is_too_large_is_cut_and_named() -> None:
    reply = {"step": "s#1", "question": "q" * 5000, "results": [{"n": 1, "text": "é" * 4000, "file": "a.js"}]}
    short = shortened(reply, 1000, json_size)
    assert json_size(short) <= 1000
    assert (sorted(short["cut"]), short["step"], short["results"][0]["file"]) == (["question", "text"], "s#1", "a.js")


def test_a_measure_that_forgets_the_end_of_the_line_is_noticed(wide: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(argv: list[str], *, json: bool | None = None) -> fitting.Measure:
        whole = measure_of(argv, json=json)

        def measure(reply: Mapping[str, Any]) -> int:
            return whole({name: value for name, value in reply.items() if name != "warnings"})

        return measure

    monkeypatch.chdir(wide)
    monkeypatch.setattr("clew.cli.main.measure_of", forgetful)
    with pytest.raises(AssertionError):
        assert max(len(said(["--dead-code", "--json", "--budget", str(budget)])) - budget for budget in (1500, 2000, 3000)) <= 0
