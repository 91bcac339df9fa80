"""A stored answer is given again only by the build that gave it, and only when it is whole."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import msgspec
import pytest
from msgspec.structs import replace

from clew.cli.main import verb_command
from clew.code.hot_paths import HotPaths
from clew.code.text import Text
from clew.running import execution
from clew.running.calls import Asked, Call, Page
from clew.running.execution import run
from clew.sessions.appending import Quotas
from clew.sessions.core import Sessions
from clew.sessions.cursor import Thread
from clew.workspace import Workspace

SOON = "0.0000001"
FUNCTIONS = 200


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "heat.js").write_text("export function heat() {}\n")
    wide = "".join(f"export function f{number}() {{ return f{(number + 1) % FUNCTIONS}(); }}\n" for number in range(FUNCTIONS))
    (tmp_path / "wide.js").write_text(wide)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*argv: str) -> dict[str, Any]:
    out, _, status = verb_command("js-scan", [*argv, "--json"], {})
    assert status == 0, out
    reply: dict[str, Any] = json.loads(out)
    return reply


def test_an_answer_of_another_build_is_not_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ask("--session-start", "tour", "--search", "heat")
    assert "cached" in ask("--search", "heat")
    monkeypatch.setattr(execution, "BUILD", "another")
    assert ask("--search", "heat", "--check-cache")["cached"] is False
    assert "cached" not in ask("--search", "heat")
    assert "cached" in ask("--search", "heat")


def given_again() -> bool:
    """True when an answer that was cut is taken for the answer when the question is repeated."""
    cut = ask("--session-start", "tour", "--outline", "--deadline", SOON)
    assert (cut["complete"], cut["step"], cut["why"]) == (
        False,
        "tour#1",
        [{"code": "deadline", "total": 2, "done": 0, "unit": "files"}],
    )
    again = ask("--session-start", "again", "--outline")
    return "cached" in again or not again["complete"]


def test_an_answer_that_was_cut_is_not_given_again() -> None:
    assert not given_again()
    assert "cached" in ask("--outline", "--deadline", SOON)
    shown = json.loads(verb_command("js-scan", ["--after", "tour#1:0:0", "--json"], {})[0])
    assert (shown["complete"], shown["why"][0]["code"]) == (False, "deadline")


def test_what_an_answer_without_time_lacks_is_asked_for_again_with_refresh() -> None:
    ask("--session-start", "tour", "--outline", "--include", "heat.js", "--deadline", SOON)
    out, _, status = verb_command("js-scan", ["--from", "tour", "--definition", "--json"], {})
    error = json.loads(out)["error"]
    assert (status, error["message"]) == (6, "tour#1 found nothing to go on with before its time was over")
    assert error["hint"] == "js-scan --from tour --definition --json --refresh"
    assert ask("--from", "tour", "--definition", "--refresh")["total"] == 1


def test_a_cut_answer_that_was_given_again_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "worked_out", lambda *args, **more: replace(WORKED_OUT(*args, **more), lasts=True))
    assert given_again()


WORKED_OUT = execution.worked_out


def test_what_goes_on_from_a_part_says_so() -> None:
    ask("--session-start", "tour", "--text", "return", "--store-as", "all")
    assert "complete" not in ask("--from", "tour#1", "--callers", "--limit", "1")["reused"]
    with Few.opened() as few:
        few.ask(Call(operations=(Asked(request=Text(pattern=("function",))),), thread=Thread(starts=True, name="part")))
    for match, known in (((), False), (("--match", "all"), False), (("--match", "1,2"), None)):
        assert ask("--from", "part#1", *match, "--callers", "--limit", "1")["reused"].get("complete") is known


class Few:
    """Sessions whose steps keep 4 KB."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.workspace = Workspace.open()

    @classmethod
    def opened(cls) -> Self:
        return cls(Sessions.open(Workspace.open().state, quotas=Quotas(step=4096)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.sessions.close()

    def ask(self, call: Call) -> dict[str, Any]:
        reply: dict[str, Any] = json.loads(msgspec.json.encode(run(self.workspace, self.sessions, call)))
        return reply


@pytest.fixture
def few() -> Iterator[Few]:
    with Few.opened() as few:
        yield few


def hot(page: Page, name: str) -> Call:
    return Call(operations=(Asked(request=HotPaths(), page=page),), thread=Thread(starts=True, name=name))


def test_an_answer_that_no_step_can_keep_is_given_and_its_step_keeps_what_fits(few: Few) -> None:
    whole = few.ask(hot(Page(limit=0), "whole"))
    assert (whole["total"], whole["shown"], whole["complete"]) == (FUNCTIONS, FUNCTIONS, False)
    ((gap),) = whole["why"]
    kept = gap["done"]
    assert gap == {"code": "quota", "total": FUNCTIONS, "done": kept, "unit": "rows"}
    assert 0 < kept < FUNCTIONS
    assert "next" not in whole

    page = few.ask(hot(Page(limit=3), "page"))
    assert (page["total"], page["shown"], page["why"], page["next"]) == (FUNCTIONS, 3, [gap], "page#1:3")
    rest = few.ask(Call(page=Page(limit=0, step="page#1", offsets=(3,))))
    assert (rest["total"], rest["shown"], rest["complete"], "next" in rest) == (FUNCTIONS, kept - 3, False, False)
    assert [*page["results"], *rest["results"]] == whole["results"][:kept]


def test_an_answer_that_its_step_does_not_hold_is_not_given_again(few: Few) -> None:
    assert "cached" not in few.ask(hot(Page(limit=3), "one"))
    assert "cached" not in few.ask(hot(Page(limit=3), "two"))


def test_a_step_is_filled_as_far_as_it_goes(few: Few) -> None:
    few.ask(hot(Page(), "one"))
    (stored,) = [step.size for step in few.sessions.store.steps(few.sessions.read_step("one").session_id) if step.seq == 1]
    assert 4096 - 400 < stored <= 4096
