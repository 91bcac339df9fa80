"""A question ends when its time is over: what was found by then is true, what was not looked at is said, nothing of it is given again."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from planned_edits import on, planned
from trees import plant

from clew.bounds import DEADLINE, Bounds, OutOfTime
from clew.edits.delete import Delete
from clew.edits.rename import Rename
from clew.edits.rewrite import Rewrite
from clew.errors import ClewError, UnsafeEdit
from clew.operations import operation, verb
from clew.requests import Gap, Request, Result, Target
from clew.running.answering import KEPT_ROWS, rows_of_use, worked_out
from clew.running.asking import answer
from clew.running.calls import Page
from clew.workspace import Workspace

MODULES = 40
LONG_AGO, LONG_AFTER = 0.0, 1000.0


class Ticking:
    """A clock that stands still for so many looks; then all time is over."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def __call__(self) -> float:
        self.looks -= 1
        return LONG_AGO if self.looks >= 0 else LONG_AFTER


def module(number: int, modules: int) -> str:
    """A module that calls the one before it, and the last one the first: a circle."""
    before = (number - 1) % modules
    return (
        f"import {{ f{before} }} from './m{before}.mjs';\n"
        f"export class C{number} {{ run() {{ return f{before}(); }} }}\n"
        f"export function f{number}(x) {{ return f{before}(x) + new C{number}().run(); }}\n"
        f"function unused{number}() {{ return 'needle'; }}\n"
    )


def circle(folder: Path, modules: int) -> str:
    files = {f"m{number}.mjs": module(number, modules) for number in range(modules)}
    return str(plant(folder, {".git/": "", **files}))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> str:
    return circle(tmp_path_factory.mktemp("circle"), MODULES)


@pytest.fixture(scope="module")
def hard(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A circle so long that the linker looks at the clock on its way."""
    return circle(tmp_path_factory.mktemp("hard"), 10 * MODULES)


QUESTIONS: dict[str, dict[str, Any]] = {
    "search": {"terms": ("f1",)},
    "text": {"pattern": ("needle",)},
    "find-pattern": {"pattern": ("f*",)},
    "ast-pattern": {"pattern": ("return $A",)},
    "references": {"targets": (Target(text="f1"), Target(text="f2"), Target(text="C3")), "account": True},
    "callers": {"targets": (Target(text="f1"), Target(text="f2"))},
    "callees": {"targets": (Target(text="f1"), Target(text="f2"))},
    "importers": {"targets": (Target(text="m1.mjs"),), "transitive": True},
    "imports": {"targets": (Target(text="m1.mjs"),), "transitive": True},
    "ripple": {"targets": (Target(text="f1"),)},
    "depends-on": {"targets": (Target(text="f1"),)},
    "call-graph": {"targets": (Target(text="f1"),), "depth": 9},
    "cycles": {},
    "dead-code": {},
    "hot-paths": {},
    "export-usage": {},
    "outline": {},
    "list-types": {},
    "longest-files": {},
}


def ask(workspace: Workspace, name: str, bounds: Bounds) -> Result:
    """The answer of a verb within bounds."""
    workspace.generation.bound(bounds)
    asked = verb(operation(name))
    return worked_out(workspace, asked, asked.request(**QUESTIONS[name]), room=None).result


def why(reply: dict[str, Any]) -> list[dict[str, Any]]:
    """The gaps of a reply."""
    gaps: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(reply["why"]))
    return gaps


def rows(result: Result) -> list[bytes]:
    """The rows of an answer without what depends on the others: their numbers, and the numbers they point at."""
    found: list[dict[str, Any]] = msgspec.to_builtins(result)["results"]
    return [msgspec.json.encode({name: value for name, value in row.items() if name not in {"n", "from", "calls"}}) for row in found]


def late(root: str, name: str, make: Callable[..., Bounds] = Bounds) -> list[str]:
    """The same where only the linker is late."""
    whole = rows(ask(Workspace.open(root), name, Bounds()))
    workspace = Workspace.open(root)
    generation, bounds = workspace.generation, make()
    generation.bound(bounds)
    generation.linker.set_deadline(0)
    asked = verb(operation(name))
    result = worked_out(workspace, asked, asked.request(**QUESTIONS[name]), room=None).result
    cut = rows(result)
    told = any(gap.code == DEADLINE for gap in result.why)
    return [*(["says what is not so"] if not set(cut) <= set(whole) else []), *([] if told or cut == whole else ["hides that it was cut"])]


def breaches(root: str, name: str, make: Callable[..., Bounds] = Bounds) -> list[str]:
    """Lies of answers that were cut after some looks at the clock: things that the whole answer does not say, or no word of the cut."""
    whole = rows(ask(Workspace.open(root), name, Bounds()))
    found = []
    for looks in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 1000, 10_000):
        result = ask(Workspace.open(root), name, make(10.0, clock=Ticking(looks)))
        cut = rows(result)
        said = [gap for gap in result.why if gap.code == DEADLINE]
        if not set(cut) <= set(whole):
            found.append(f"{looks}: says what is not so")
        if not said and cut != whole:
            found.append(f"{looks}: hides that it was cut")
        if any(gap.done is not None and not 0 <= gap.done < gap.total for gap in said):
            found.append(f"{looks}: did more than there is")
    if said or cut != whole:
        found.append("is cut with time enough")
    return found


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_that_was_cut_is_true_and_says_so(root: str, name: str) -> None:
    assert breaches(root, name) == []


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_a_late_linker_says_is_true_and_said_to_be_cut(hard: str, name: str) -> None:
    assert late(hard, name) == []


class Silent(Bounds):
    """Bounds that say nothing of what they cut."""

    def gaps(self) -> tuple[Gap, ...]:
        return ()


class Untimely(Bounds):
    """Bounds that keep what the linker said of a part in which it was cut."""

    def _is_late(self) -> bool:
        return False


def test_bounds_that_are_silent_would_be_found(root: str, hard: str) -> None:
    assert any("hides" in breach for breach in breaches(root, "outline", Silent))
    assert late(hard, "export-usage", Untimely) == ["hides that it was cut"]


def test_no_deadline_is_no_bound(root: str) -> None:
    workspace = Workspace.open(root)
    assert (workspace.begin().left(), workspace.begin(0).left()) == (None, None)
    assert answer(workspace, {"op": "hot-paths", "deadline": 0})["complete"] is True


def test_a_tiny_deadline_ends_a_hard_question_early(hard: str) -> None:
    workspace = Workspace.open(hard)
    cut = answer(workspace, {"op": "hot-paths", "deadline": 1e-9})
    assert (cut["complete"], why(cut)) == (False, [{"code": DEADLINE}])
    rules = workspace.generation.linker.counters()[0]
    whole = answer(workspace, {"op": "hot-paths", "limit": 0})
    assert (whole["complete"], whole["total"]) == (True, 30 * MODULES)
    assert 5 * rules < workspace.generation.linker.counters()[0]


def test_what_a_deadline_cut_is_not_remembered(root: str) -> None:
    whole = {name: rows(ask(Workspace.open(root), name, Bounds())) for name in QUESTIONS}
    workspace = Workspace.open(root)
    for name in QUESTIONS:
        ask(workspace, name, Bounds(1e-9))
    assert {name: rows(ask(workspace, name, Bounds())) for name in QUESTIONS} == whole


def test_a_target_that_nobody_had_time_to_look_for_is_not_called_missing(root: str) -> None:
    reply = answer(Workspace.open(root), {"op": "references", "target": "f1", "deadline": 1e-9})
    assert why(reply) == [{"code": "deadline", "total": 1, "done": 0, "unit": "targets"}]
    assert answer(Workspace.open(root), {"op": "references", "target": "f1"})["total"] > 0


def test_a_check_is_not_passed_where_nobody_looked(root: str) -> None:
    workspace = Workspace.open(root)
    workspace.generation.bound(Bounds(10.0, clock=Ticking(1)))
    asked = verb(operation("cycles"))
    result = asked.run(workspace, asked.request(check=True))
    assert (result.results, getattr(result, "failed", None)) == ((), True)


def test_more_rows_than_are_of_use_are_counted_only(root: str) -> None:
    workspace = Workspace.open(root)
    whole = answer(workspace, {"op": "hot-paths", "limit": 0})
    page = answer(workspace, {"op": "hot-paths", "limit": 3})
    assert (page["total"], page["shown"], page["complete"]) == (whole["total"], 3, True)
    assert page["results"] == whole["results"][:3]
    assert answer(workspace, {"op": "hot-paths", "limit": 3, "after": int(page["next"])})["results"] == whole["results"][3:6]


def test_only_rows_of_use_are_listed(root: str) -> None:
    workspace = Workspace.open(root)
    bounds = workspace.begin(rows=3)
    asked = verb(operation("hot-paths"))
    found = asked.run(workspace, asked.request())
    assert (len(rows(found)), bounds.left_out, bounds.gaps()) == (3, 3 * MODULES - 3, ())


@pytest.mark.parametrize("deadline", [-1, "soon", None])
def test_a_deadline_that_is_no_time_is_refused(root: str, deadline: object) -> None:
    with pytest.raises(Exception, match="hot-paths: "):
        answer(Workspace.open(root), {"op": "hot-paths", "deadline": deadline})


def test_the_rows_of_a_step_are_bounded_by_what_it_can_keep() -> None:
    assert rows_of_use(Page(limit=0), records=True) is None
    assert rows_of_use(Page(limit=3), records=True) == KEPT_ROWS
    assert rows_of_use(Page(limit=3, offsets=(4,)), records=False) == 7


def test_a_linker_that_failed_is_not_asked_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plant(tmp_path, {".git/": "", "one.js": "export function one() {}\n"})
    generation = Workspace.open(str(tmp_path)).generation
    failed = generation.linker
    with pytest.raises(RuntimeError, match="the linker failed: index out of bounds"):
        failed.describe([(7, 0)])
    assert (failed.has_failed, generation.linker is failed) == (True, False)
    assert (generation.linker.has_failed, generation.linker.names_in(0)) == (False, ["one"])
    assert "panicked" in capfd.readouterr().err


@pytest.mark.parametrize(
    "request_",
    [
        Rename(targets=on("m3.mjs::f3"), to="other"),
        Delete(targets=on("m3.mjs::unused3")),
        Rewrite(pattern=("return 'needle'",), with_="return 'pin'", force=True),
    ],
)
def test_an_edit_is_planned_whole_or_not_at_all(root: str, request_: Request) -> None:
    workspace = Workspace.open(root)
    workspace.begin()
    whole = planned(workspace, request_)
    refusals: list[Exception] = []
    for looks in range(200):
        workspace = Workspace.open(root)
        workspace.begin()
        workspace.generation.bound(Bounds(10.0, clock=Ticking(looks)))
        try:
            assert planned(workspace, request_) == whole
        except (OutOfTime, ClewError) as error:
            refusals.append(error)
    assert refusals
    assert {error.again for error in refusals if isinstance(error, UnsafeEdit)} == {("--deadline", "0")}
