"""What confirms a plan without proof: random, bound to what is written, used once, for some minutes, by any process of the checkout."""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clew.bounds import Cancelled
from clew.edits import confirming
from clew.edits import fix as fixing
from clew.edits.confirming import LASTS, MOST, Confirmations
from clew.edits.journal import Journal
from clew.errors import ClewError, NeedsConfirmation
from clew.mcp.acting import apply_plan, run_check
from clew.mcp.serving import checks_of
from clew.mcp.tools import plan_edit
from clew.running.opening import let_read_steps, open_sessions
from clew.running.replies import Reply
from clew.sessions.core import Sessions
from clew.workspace import Workspace

CART = "export class Cart {\n  add(item) { this.items.push(item); }\n}\nexport function fill(cart) {\n  cart.add(1);\n}\n"
USE = "import { Cart } from './cart.js';\nexport const total = (carts) => carts.map((cart) => cart.add(2));\nnew Cart().add(3);\n"
POSSIBLE = ["cart.js:5:8", "use.js:2:58"]


def plain(reply: Reply) -> dict[str, Any]:
    """A reply as it goes over the wire."""
    return msgspec.json.decode(msgspec.json.encode(reply), type=dict[str, Any])


class Checkout:
    """A tree, asked through tools."""

    def __init__(self, folder: Path) -> None:
        (folder / ".git").mkdir(parents=True)
        self.folder = folder
        self.write("cart.js", CART)
        self.write("use.js", USE)
        self.open()

    def open(self) -> None:
        """Begin anew, as another server process does."""
        self.workspace = Workspace.open(str(self.folder))
        self.sessions: Sessions = open_sessions(self.workspace, {})
        let_read_steps(self.workspace, self.sessions)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def sources(self) -> dict[str, str]:
        return {path.name: path.read_text(encoding="utf-8") for path in sorted(self.folder.glob("*.js"))}

    def planned(self, name: str, *, unsure: bool = True) -> str:
        """The step of a plan to call `Cart#add` otherwise."""
        args = {"to": name, "includePossible": unsure, "session": "hdr"}
        return str(plan_edit(self.workspace, self.sessions, {}, {"op": "rename", "targets": ["Cart#add"], "args": args})["step"])

    def apply(self, step: str, **more: Any) -> dict[str, Any]:
        return plain(apply_plan(self.workspace, self.sessions, {}, {"step": step, **more}))

    def refused(self, step: str, **more: Any) -> dict[str, Any]:
        """What is told instead of writing: nothing is written, and no step is made."""
        before, tip = self.sources(), self.sessions.read_step("hdr").seq
        with pytest.raises(NeedsConfirmation) as error:
            self.apply(step, **more)
        assert (self.sources(), self.sessions.read_step("hdr").seq) == (before, tip)
        return error.value.details


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "one")


def test_a_plan_with_places_that_nothing_proves_is_written_when_that_is_confirmed(checkout: Checkout) -> None:
    step = checkout.planned("put")
    told = checkout.refused(step)
    assert (told["unsure"], told["places"]) == (2, POSSIBLE)
    checkout.open()
    assert checkout.apply(step, confirm=told["confirm"])["applied"] is True
    assert [text.count("put(") for text in checkout.sources().values()] == [2, 2]
    assert checkout.apply(step)["alreadyApplied"] is True


def test_a_plan_that_is_proved_needs_no_confirmation(checkout: Checkout) -> None:
    assert checkout.apply(checkout.planned("put", unsure=False))["applied"] is True


def test_what_was_confirmed_and_taken_back_is_redone_without_another_round(checkout: Checkout) -> None:
    step = checkout.planned("put")
    checkout.apply(step, confirm=checkout.refused(step)["confirm"])
    assert checkout.apply(step, action="undo")["applied"] is True
    assert checkout.apply(step, action="redo")["applied"] is True
    assert checkout.apply(step, action="undo")["applied"] is True
    checkout.refused(step)


def test_a_part_is_confirmed_by_itself(checkout: Checkout) -> None:
    step = checkout.planned("put")
    whole, part = checkout.refused(step)["confirm"], checkout.refused(step, only=["use.js"])
    assert (part["unsure"], part["places"]) == (1, POSSIBLE[1:])
    checkout.refused(step, only=["use.js"], confirm=whole)
    checkout.refused(step, confirm=part["confirm"])
    assert checkout.apply(step, only=["use.js"], confirm=part["confirm"])["applied"] is True


def test_of_another_checkout_it_is_nothing(checkout: Checkout, tmp_path: Path) -> None:
    other = Checkout(tmp_path / "two")
    step, same = checkout.planned("put"), other.planned("put")
    checkout.refused(step, confirm=other.refused(same)["confirm"])


@pytest.mark.parametrize("value", ["", "x", "0" * 32, "../../../etc/passwd", "\0", "é" * 3000])
def test_what_was_never_given_is_refused(checkout: Checkout, value: str) -> None:
    step = checkout.planned("put")
    assert "or is of another plan" in _message(lambda: checkout.apply(step, confirm=value))


def _message(call: Callable[[], object]) -> str:
    with pytest.raises(NeedsConfirmation) as error:
        call()
    return error.value.message


def uses_of_one(journal: Journal) -> list[bool]:
    """Whether a value is taken the first time, and the second."""
    confirmations = Confirmations(journal)
    value = confirmations.ask("plan")
    return [confirmations.use(value, "plan") for _ in range(2)]


def test_it_is_used_once(tmp_path: Path) -> None:
    assert uses_of_one(Journal(str(tmp_path))) == [True, False]


def test_one_that_can_be_used_again_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The double of the one above: what is used stays."""
    monkeypatch.setattr(confirming.os, "unlink", lambda _: None)
    assert uses_of_one(Journal(str(tmp_path))) == [True, True]


def test_of_many_that_use_it_at_once_one_does(tmp_path: Path) -> None:
    value = Confirmations(Journal(str(tmp_path))).ask("plan")
    ready = threading.Barrier(8)
    used: list[bool] = []

    def use() -> None:
        confirmations = Confirmations(Journal(str(tmp_path)))
        ready.wait()
        used.append(confirmations.use(value, "plan"))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(used) == [False] * 7 + [True]


def test_it_is_of_one_plan_and_of_some_minutes(tmp_path: Path) -> None:
    now = [0.0]
    confirmations = Confirmations(Journal(str(tmp_path), clock=lambda: now[0]))
    value = confirmations.ask("plan")
    assert not confirmations.use(value, "another plan")
    now[0] = LASTS + 1
    assert not confirmations.use(value, "plan")
    now[0] = LASTS
    assert confirmations.use(value, "plan")


def test_who_reads_the_folder_learns_no_value_and_it_does_not_grow(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path))
    values = [Confirmations(journal).ask("plan") for _ in range(MOST + 5)]
    folder = tmp_path / "journal/confirmations"
    kept = sorted(folder.iterdir())
    assert len(kept) == MOST
    assert all(stat.S_IMODE(os.stat(path).st_mode) == 0o600 for path in kept)
    assert not any(value in path.name or value.encode() in path.read_bytes() for value in values for path in kept)
    assert len(set(values)) == len(values)
    assert Confirmations(journal).use(values[-1], "plan")


def test_the_commands_of_a_server_are_read_without_a_shell() -> None:
    assert checks_of(["test=npm test -- --run 'a b'", "lint=npx eslint ."]) == {
        "test": ("npm", "test", "--", "--run", "a b"),
        "lint": ("npx", "eslint", "."),
    }
    for wrong in (["test"], ["=npm test"], ["test="], ["test='"], ["a=b", "a=c"]):
        with pytest.raises(ClewError) as error:
            checks_of(wrong)
        assert (error.value.code, error.value.hint) == ("usage", "clew mcp --check test='npm test'")


def test_a_server_without_commands_says_how_one_is_named(checkout: Checkout) -> None:
    with pytest.raises(ClewError) as error:
        run_check({}, checkout.workspace, checkout.sessions, {}, {"name": "test"})
    assert (error.value.code, error.value.hint) == ("not_allowed", "clew mcp --check test='npm test'")


def test_a_check_that_fails_takes_the_plan_back_unless_it_is_to_be_kept(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout.folder)
    before = checkout.sources()
    step = checkout.planned("put", unsure=False)

    def checked(name: str, **more: Any) -> dict[str, Any]:
        checks = {"pass": ("true",), "fail": ("false",)}
        return plain(run_check(checks, checkout.workspace, checkout.sessions, {}, {"name": name, "step": step, **more}))

    checkout.apply(step)
    assert checked("pass")["verified"] is True
    kept = checked("fail", keep=True)
    assert (kept["failed"], "rolledBack" in kept, checkout.sources() == before) == (True, False, False)
    assert (checked("fail")["rolledBack"], checkout.sources()) == (True, before)


def test_what_is_written_stands_in_the_thread_of_its_plan(checkout: Checkout) -> None:
    """Not on a branch of its own, although there are steps behind the plan by now."""
    step = checkout.planned("put", unsure=False)
    plan_edit(checkout.workspace, checkout.sessions, {}, {"op": "diff", "from": step})
    reply = checkout.apply(step)
    assert (reply["step"], "branch" in reply) == ("hdr#3", False)
    assert checkout.apply("hdr", action="undo")["applied"] is True


def test_an_apply_whose_call_is_cancelled_is_whole_and_the_same_call_again_says_so(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = checkout.planned("put", unsure=False)
    written = fixing.written

    def cancelled(workspace: Workspace, *about: Any) -> Any:
        done = written(workspace, *about)
        workspace.cancel()
        return done

    with monkeypatch.context() as patched:
        patched.setattr(fixing, "written", cancelled)
        with contextlib.suppress(Cancelled):
            checkout.apply(step)
    checkout.workspace.wanted()
    assert checkout.apply(step)["alreadyApplied"] is True
    assert checkout.apply(step, action="undo")["applied"] is True
    assert checkout.sources() == {"cart.js": CART, "use.js": USE}
