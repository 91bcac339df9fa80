"""Many changes as one plan: what they leave of the files, and what is said of those that cannot be made."""

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from trees import plant

from clew.edits import batch_draft
from clew.edits.batch import Batch, BatchResult, batch
from clew.edits.journal import Journal
from clew.edits.plans import TextEdit, applied
from clew.errors import AmbiguousSymbol, ClewError, InvalidRequest, NoSuchFile, OutsideWorkspace, SymbolNotFound, UnsafeEdit, UsageError
from clew.requests import Target
from clew.workspace import Workspace

SHOP = """\
import { tax } from './tax';

/** What is bought. */
export class Cart {
  items = [];

  /** Puts one in. */
  add(item) {
    this.items.push(item);
  }

  total() {
    return tax(this.items.length);
  }
}

export function fill(cart) {
  cart.add(1);
  return cart;
}
"""
TREE = {"shop.js": SHOP, "tax.js": "export function tax(sum) {\n  return sum * 2;\n}\n", "notes.md": "# Notes\n\nTax is two.\n"}


def opened(folder: Path, tree: Mapping[str, str | bytes] = TREE) -> Workspace:
    plant(folder, {".git/": "", **tree})
    workspace = Workspace.open(str(folder))
    workspace.begin()
    return workspace


def lines(*changes: Mapping[str, Any]) -> str:
    return "".join(json.dumps(change) + "\n" for change in changes)


def asked(workspace: Workspace, edits: str, **more: Any) -> BatchResult:
    return batch(workspace, Batch(edits=edits, **more))


def planned(workspace: Workspace, edits: str, **more: Any) -> dict[str, bytes | None]:
    """The files that the plan of a batch changes, as they would be; None for those that go."""
    result = asked(workspace, edits, **more)
    root = Path(workspace.root)
    after: dict[str, bytes | None] = {}
    for change in Journal(workspace.state).plan(result.stored.plan).changes:
        before = b"" if change.before is None else (root / change.path).read_bytes()
        if change.place != change.path:
            after[change.path] = None
        if change.place is not None:
            after[change.place] = applied(before, change.edits)
    return after


def statuses(error: ClewError) -> list[tuple[int, str, str | None]]:
    listed: Any = error.details["statuses"]
    return [(one["n"], one["status"], one.get("code")) for one in listed]


def test_changes_of_all_sorts_are_one_plan(tmp_path: Path) -> None:
    after = planned(
        opened(tmp_path),
        lines(
            {"op": "replace", "target": "Cart#add", "with": "add(item, count) {\n  this.items.push(item, count);\n}"},
            {"op": "insert-after", "target": "tax.js::tax", "with": "export const none = 0;"},
            {"op": "replace-text", "old": "return cart", "with": "return cart.total()", "file": "shop.js"},
            {"op": "edit", "file": "notes.md", "start": {"line": 3, "column": 8}, "end": {"line": 3, "column": 11}, "with": "three"},
            {"op": "edit", "file": "notes.md", "start": {"line": 1}, "with": "<!-- read -->\n"},
        ),
    )
    assert after == {
        "shop.js": SHOP.replace("add(item) {\n    this.items.push(item);", "add(item, count) {\n    this.items.push(item, count);")
        .replace("return cart;", "return cart.total();")
        .encode(),
        "tax.js": b"export function tax(sum) {\n  return sum * 2;\n}\n\nexport const none = 0;\n",
        "notes.md": b"<!-- read -->\n# Notes\n\nTax is three.\n",
    }


def test_addresses_are_those_before_the_batch(tmp_path: Path) -> None:
    after = planned(
        opened(tmp_path),
        lines(
            {"op": "edit", "file": "shop.js", "start": {"line": 1}, "with": "// one\n// two\n"},
            {"op": "replace", "target": "shop.js:8", "with": "add(item) {}"},
            {"op": "replace", "target": "shop.js:12:3", "with": "total() { return tax(0); }"},
        ),
    )
    text = (after["shop.js"] or b"").decode()
    assert text.startswith("// one\n// two\nimport")
    assert "  add(item) {}\n\n  total() { return tax(0); }\n}\n" in text


def test_insertions_at_one_place_keep_their_order(tmp_path: Path) -> None:
    changes = [{"op": "edit", "file": "tax.js", "start": {"line": 1}, "with": f"// {word}\n"} for word in ("b", "a", "b")]
    assert (planned(opened(tmp_path), lines(*changes))["tax.js"] or b"").startswith(b"// b\n// a\n// b\nexport")


def test_insertions_out_of_order_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The double puts them by their text."""
    monkeypatch.setattr(
        batch_draft, "_joined", lambda numbered: (one.edit for one in sorted(numbered, key=lambda one: (one.edit.start, one.edit.text)))
    )
    with pytest.raises(AssertionError):
        test_insertions_at_one_place_keep_their_order(tmp_path)


@pytest.mark.parametrize("seed", range(20))
def test_a_batch_of_disjoint_edits_is_each_of_them_applied(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    end = rng.choice(["\n", "\r\n"])
    tree = {f"f{n}.md": end.join("".join(rng.choices("añ𝒳 b", k=rng.randrange(12))) for _ in range(20)) for n in range(3)}
    workspace = opened(tmp_path, {**tree, "a.js": "a();\n"})
    changes: list[dict[str, Any]] = []
    expected: dict[str, bytes | None] = {}
    for path, text in tree.items():
        points = sorted(rng.sample(range(len(text) + 1), k=8))
        edits = []
        for start, stop in zip(points[::2], points[1::2], strict=True):
            if "\r" in (text[start - 1 : start], text[stop - 1 : stop]):
                continue  # between the two halves of a line end there is no column
            new = rng.choice(["", "x", f"y{end}z", "ü𝒳"])
            edits.append(TextEdit(len(text[:start].encode()), len(text[:stop].encode()), new.encode()))
            changes.append({"op": "edit", "file": path, "start": place(text, start), "end": place(text, stop), "with": new})
        after = applied(text.encode(), edits)
        if after != text.encode():
            expected[path] = after
    rng.shuffle(changes)
    assert planned(workspace, lines(*changes)) == expected


def place(text: str, at: int) -> dict[str, int]:
    before = text[:at].rpartition("\n")[2]
    return {"line": text.count("\n", 0, at) + 1, "column": len(before.encode("utf-16-le")) // 2 + 1}


def test_one_wrong_line_plans_nothing_and_all_are_told(tmp_path: Path) -> None:
    with pytest.raises(
        SymbolNotFound, match=r"2 of 3 changes cannot be made, so nothing is planned; line 2 of the batch: no definition"
    ) as caught:
        asked(
            opened(tmp_path),
            lines(
                {"op": "delete", "target": "fill"},
                {"op": "replace", "target": "Cart#adds", "with": "adds() {}"},
                {"op": "replace-text", "old": "nowhere at all", "with": "x", "file": "tax.js"},
            ),
        )
    assert statuses(caught.value) == [(1, "ok", None), (2, "failed", "symbol_not_found"), (3, "failed", "symbol_not_found")]
    assert caught.value.candidates == ("add",)
    assert caught.value.hint == "put line 2 of the batch right; nearest: add"


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("{'op': 1}", InvalidRequest, "line 2 of the batch: that is no JSON"),
        ("[1]", InvalidRequest, "a change is an object"),
        ('{"op": "replce", "target": "tax"}', InvalidRequest, "there is no operation 'replce'.*"),
        ('{"target": "tax"}', InvalidRequest, "`op` is missing"),
        ('{"op": "replace", "target": "tax", "wiht": ""}', InvalidRequest, "replace has no field 'wiht'"),
        ('{"op": "replace", "target": "tax"}', UsageError, "needs its code"),
        ('{"op": "replace", "target": "tax", "with": "a\\u0000"}', InvalidRequest, "NUL"),
        ('{"op": "edit", "file": "tax.js", "start": {"line": 9}, "with": ""}', InvalidRequest, "tax.js has 4 lines, no line 9"),
        ('{"op": "edit", "file": "tax.js", "start": {"line": 3, "column": 9}, "with": ""}', InvalidRequest, "ends at column 2"),
        ('{"op": "edit", "file": "tux.js", "start": {"line": 3}, "with": ""}', NoSuchFile, "no file tux.js"),
        ('{"op": "edit", "file": "../x.js", "start": {"line": 3}, "with": ""}', OutsideWorkspace, "outside"),
        ('{"op": "delete", "target": "@3"}', ClewError, "no sessions here"),
    ],
)
def test_a_line_that_cannot_be_meant_is_named(tmp_path: Path, line: str, error: type[ClewError], said: str) -> None:
    good = json.dumps({"op": "replace-text", "old": "two", "with": "three", "file": "notes.md"})
    with pytest.raises(error, match=said) as caught:
        asked(opened(tmp_path), f"{good}\n{line}\n")
    assert "line 2 of the batch" in caught.value.message
    assert [status for _, status, _ in statuses(caught.value)] == ["ok", "failed"]


def test_near_words_are_proposed(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    for line, right in (('{"op": "replce"}', "replace"), ('{"op": "delete", "targt": "x"}', "target")):
        with pytest.raises(InvalidRequest) as caught:
            asked(workspace, line)
        assert caught.value.candidates[0] == right


def test_an_ambiguous_target_names_its_line(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.js": "export function run() {}\n", "b.js": "export function run() {}\n"})
    with pytest.raises(AmbiguousSymbol, match=r"line 1 of the batch") as caught:
        asked(workspace, lines({"op": "delete", "target": "run"}))
    assert caught.value.candidates == ("a.js::run", "b.js::run")


def test_edits_that_overlap_are_refused_by_both_their_lines(tmp_path: Path) -> None:
    with pytest.raises(UnsafeEdit, match=r"changes 1 and 3 overlap in shop.js") as caught:
        asked(
            opened(tmp_path),
            lines(
                {"op": "replace", "target": "Cart#add", "with": "add() {}"},
                {"op": "replace-text", "old": "sum * 2", "with": "sum", "file": "tax.js"},
                {"op": "replace-text", "old": "this.items.push(item)", "with": "0", "file": "shop.js"},
            ),
        )
    assert caught.value.details["overlaps"] == [1, 3]
    assert statuses(caught.value) == [(1, "ok", None), (2, "ok", None), (3, "failed", "unsafe_edit")]


def test_the_same_edit_twice_is_refused(tmp_path: Path) -> None:
    change = {"op": "replace-text", "old": "sum * 2", "with": "sum", "file": "tax.js"}
    with pytest.raises(UnsafeEdit, match=r"overlap"):
        asked(opened(tmp_path), lines(change, change))


def test_overlapping_edits_would_not_go_unseen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The double sees no overlap; the plan itself refuses it then."""
    monkeypatch.setattr(batch_draft.BatchDraft, "overlapping", lambda _: iter(()))
    change = {"op": "replace-text", "old": "sum * 2", "with": "sum", "file": "tax.js"}
    other = {"op": "replace-text", "old": "sum * 2;", "with": "sum;", "file": "tax.js"}
    with pytest.raises(UnsafeEdit):
        asked(opened(tmp_path), lines(change, other))


def test_what_refers_to_each_other_goes_together(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.js": "function one() { two(); }\nfunction two() { one(); }\n\nother();\n"})
    with pytest.raises(UnsafeEdit, match=r"two is still referred to at a.js:1"):
        asked(workspace, lines({"op": "delete", "target": "two"}))
    assert planned(workspace, lines({"op": "delete", "target": "one"}, {"op": "delete", "target": "two"})) == {"a.js": b"\nother();\n"}


def test_the_change_that_breaks_the_syntax_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnsafeEdit, match=r"line 2 of the batch: shop.js.* would not parse") as caught:
        asked(
            opened(tmp_path),
            lines(
                {"op": "replace-text", "old": "sum * 2", "with": "sum", "file": "tax.js"},
                {"op": "replace", "target": "Cart#add", "with": "add( {}"},
            ),
        )
    assert [status for _, status, _ in statuses(caught.value)] == ["ok", "failed"]


def test_the_change_that_leaves_a_name_dangling_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnsafeEdit, match=r"line 2 of the batch: .* leads nowhere"):
        asked(
            opened(tmp_path),
            lines(
                {"op": "insert-after", "target": "fill", "with": "export const last = 1;"},
                {"op": "replace", "target": "tax", "with": "export function taxes(sum) {\n  return sum;\n}"},
            ),
        )


def test_check_fails_where_the_plan_changes_something(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    change = {"op": "replace-text", "old": "sum * 2", "file": "tax.js"}
    assert asked(workspace, lines({**change, "with": "sum * 3"}), check=True).failed
    same = asked(workspace, lines({**change, "with": "sum * 2"}), check=True)
    assert (same.failed, same.edits, same.unchanged) == (False, 0, (1,))


def test_addresses_of_results_are_asked_of_the_session(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    workspace.addressed = lambda text: (Target(text="tax.js::tax"),) if text == "@2.1" else None
    edits = lines({"op": "replace", "target": "@2.1", "with": "export function tax(sum) { return sum; }"})
    result = asked(workspace, edits)
    kept = json.loads(Journal(workspace.state).plan(result.stored.plan).request)["edits"]
    assert json.loads(kept)["target"] == "tax.js::tax"


@pytest.mark.parametrize("text", ["", "\n\n", " \t"])
def test_a_batch_of_nothing_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvalidRequest, match=r"holds no changes"):
        asked(opened(tmp_path), text)


def test_a_nul_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match=r"line 2 of the batch holds a NUL"):
        asked(opened(tmp_path), "{}\n\0")


def test_no_file_outside_of_a_bound_root_is_read(tmp_path: Path) -> None:
    (tmp_path / "secret.jsonl").write_text("{}\n")
    (tmp_path / "in").mkdir()
    workspace = opened(tmp_path / "in")
    workspace.is_bound = True
    with pytest.raises(OutsideWorkspace):
        batch(workspace, Batch(file=(str(tmp_path / "secret.jsonl"),)))
    with pytest.raises(UsageError, match=r"no standard input"):
        batch(workspace, Batch(file=("-",)))
