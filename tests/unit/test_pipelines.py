"""What a pipeline does when it runs: conditions, loops, errors, types, commands, pipelines inside, changes in the middle."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from clew.cli.clew import answer
from clew.cli.js_edit import answer as js_edit
from clew.cli.js_scan import answer as js_scan
from clew.errors import DiskFull
from clew.pipelines import parallel
from clew.sessions.core import Sessions
from clew.sessions.store.sqlite import SqliteStore
from pipelines import FIND, done, plant, refused, said, states, write


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plant(tmp_path / "root")
    monkeypatch.chdir(tmp_path / "root")
    return tmp_path / "root"


def question_of(reply: dict[str, object], ident: str) -> str:
    return next(row["question"] for row in reply["results"] if row["id"] == ident)  # type: ignore[attr-defined,index]


def test_a_reference_keeps_its_type_and_becomes_a_part_of_a_text(root: Path) -> None:
    write(
        root,
        FIND,
        {"id": "who", "op": "callers", "targets": ["${find.results[0].file}::${find.results[0].name}"]},
        {"id": "reach", "op": "ripple", "targets": ["heat"], "depth": "${find.results[0].line}"},
        {"id": "text", "op": "text", "pattern": "$${x}"},
    )
    reply = done("p.json")
    assert states(reply) == {"find": "ran", "who": "ran", "reach": "ran", "text": "ran"}
    assert question_of(reply, "who") == "callers of lib/kettle.js::exports.heat"
    assert question_of(reply, "text") == "text ${x}"
    stored = json.loads(js_scan(["--ripple", "heat", "--depth", "1", "--json"], {})[0])
    assert stored["cached"]["step"] == "p/1#4"  # it was asked with the number 1


def test_a_step_works_on_what_the_one_before_it_left_unless_it_says_another(root: Path) -> None:
    write(
        root,
        FIND,
        {"id": "brew", "op": "search", "terms": ["brew"]},
        {"id": "before", "op": "callers"},
        {"id": "said", "op": "callers", "inputFrom": "find"},
    )
    reply = done("p.json")
    assert [question_of(reply, ident) for ident in ("before", "said")] == [
        "callers of lib/tea.js::exports.brew",
        "callers of lib/kettle.js::exports.heat",
    ]


def test_a_condition_skips_and_what_leads_nowhere_is_not_true(root: Path) -> None:
    write(
        root,
        FIND,
        {"id": "none", "op": "search", "terms": ["nowhere"]},
        {"id": "if-some", "op": "cycles", "when": "${find.total}"},
        {"id": "if-none", "op": "cycles", "when": "${none.total}"},
        {"id": "of-none", "op": "cycles", "when": "${none.results[0].file}"},
    )
    assert states(done("p.json")) == {"find": "ran", "none": "ran", "if-some": "ran", "if-none": "skipped", "of-none": "skipped"}


def test_a_reference_that_leads_nowhere_in_this_run_has_its_place(root: Path) -> None:
    write(
        root, {"id": "none", "op": "search", "terms": ["nowhere"]}, {"id": "who", "op": "callers", "targets": ["${none.results[0].file}"]}
    )
    assert refused("p.json", code="invalid_request")["message"] == (
        "p.json:1:66: step who: none.results has 0 items, so ${none.results[0].file} leads nowhere"
    )


def test_items_are_recorded_in_their_order_however_many_run_at_once(root: Path) -> None:
    slow_first = ["/bin/sh", "-c", "[ $1 -gt 2 ] || sleep 0.3; echo $1", "sh", "${item}"]
    write(root, {"id": "say", "op": "record", "for_each": [1, 2, 3, 4, 5, 6], "parallel": 3, "command": slow_first})
    rows = done("p.json")["results"]
    assert [(row["id"], row["step"]) for row in rows] == [(f"say[{n}]", f"p/1#{n + 2}") for n in range(6)]


def test_what_ran_side_by_side_is_recorded_and_little_is_begun_behind_an_item_that_fails(root: Path) -> None:
    command = ["/bin/sh", "-c", "echo $1 >> ../ran; [ $1 != 2 ]", "sh", "${item}"]
    write(root, {"id": "say", "op": "record", "for_each": list(range(1, 40)), "parallel": 2, "command": command})
    reply, status = said("run", "p.json")
    assert (status, reply["state"], reply["results"][1]["state"]) == (1, "stopped", "failed")
    recorded = [row["id"] for row in reply["results"] if row["state"] in {"ran", "failed"}]
    assert recorded == [f"say[{int(item) - 1}]" for item in sorted((root.parent / "ran").read_text().split(), key=int)]
    assert len(recorded) < 20


def test_a_loop_over_rows_and_the_answers_of_its_items(root: Path) -> None:
    write(
        root,
        {"id": "find", "op": "search", "terms": ["heat", "brew"], "any": True},
        {"id": "each", "op": "outline", "for_each": "${find.results}", "targets": ["${item.file}"]},
        {"id": "last", "op": "callers", "targets": ["${each[1].results[0].file}::${each[1].results[0].name}"]},
    )
    reply = done("p.json")
    assert [question_of(reply, f"each[{n}]") for n in (0, 1)] == ["outline of lib/kettle.js", "outline of lib/tea.js"]
    assert question_of(reply, "last") == "callers of lib/tea.js::heat"


def test_a_run_of_many_steps_shows_the_first_and_says_how_to_go_on(root: Path) -> None:
    write(root, {"id": "each", "op": "search", "for_each": list(range(40)), "terms": ["heat"]})
    reply = done("p.json")
    assert (reply["total"], reply["shown"], reply["counts"]["ran"]) == (40, 20, 1)
    assert reply["next"] == ["clew show p/1#41"]
    assert done("p.json", "--restart", "--limit", "0")["shown"] == 40


def test_too_many_items_are_refused_when_they_are_known(root: Path) -> None:
    (root / "many.js").write_text("".join(f"// word {n}\n" for n in range(10_000)))
    write(
        root,
        {"id": "find", "op": "text", "pattern": "word"},
        {"id": "each", "op": "outline", "for_each": "${find.results}", "targets": ["${item.file}"]},
    )
    assert refused("p.json", code="invalid_request")["message"].endswith("for_each runs 10000 times at most, not 10001")


def test_a_failed_step_stops_continues_or_is_tried_again(root: Path) -> None:
    fails: dict[str, object] = {"id": "fails", "op": "record", "command": ["/bin/sh", "-c", "echo x >> ../tries; false"]}
    write(root, fails, FIND, name="stop.json")
    reply, status = said("run", "stop.json")
    assert (status, reply["state"], states(reply)) == (1, "stopped", {"fails": "failed"})
    write(root, {**fails, "on_error": "continue"}, FIND, name="continue.json")
    reply, status = said("run", "continue.json")
    assert (status, reply["state"], states(reply)) == (1, "done", {"fails": "failed", "find": "ran"})
    (root.parent / "tries").unlink()
    write(root, {**fails, "on_error": "retry", "attempts": 3}, FIND, name="retry.json")
    reply, status = said("run", "retry.json")
    assert (status, reply["results"][0]["attempts"], (root.parent / "tries").read_text()) == (1, 3, "x\nx\nx\n")


def test_after_a_failure_the_same_command_goes_on(root: Path) -> None:
    write(root, FIND, {"id": "check", "op": "record", "command": ["/bin/sh", "-c", "[ -e ../right ]"]}, {"id": "last", "op": "cycles"})
    assert said("run", "p.json")[1] == 1
    (root.parent / "right").touch()
    reply = done("p.json")
    assert (reply["run"], states(reply)) == ("p/1", {"find": "kept", "check": "ran", "last": "ran"})
    assert done("p.json")["run"] == "p/2"


def test_files_of_one_name_are_pipelines_of_their_own(root: Path) -> None:
    (root / "other").mkdir()
    write(root, FIND, {"id": "check", "op": "record", "command": ["/bin/sh", "-c", "[ -e ../right ]"]})
    write(root, FIND, name="other/p.json")
    assert said("run", "p.json")[1] == 1
    assert done("other/p.json")["run"] == "p/2"
    (root.parent / "right").touch()
    assert done("p.json")["run"] == "p/1"


def test_a_pipeline_that_hides_one_that_ships_says_so(root: Path) -> None:
    (root / ".clew/pipelines").mkdir(parents=True)
    write(root, FIND, name=".clew/pipelines/safe-rename.json")
    assert done("safe-rename")["hides"] == "the safe-rename that ships with clew"
    listed = {row["name"]: row for row in said("pipelines", "list")[0]["results"]}
    assert (listed["safe-rename"]["hides"], "hides" in listed["review-pack"]) == ("shipped", False)


def test_errors_of_a_run_are_counted_once(root: Path) -> None:
    write(root, FIND, {"id": "who", "op": "callers", "targets": ["nowhere"]})
    refused("p.json", code="symbol_not_found")
    write(root, {**FIND, "terms": ["brew"]})
    refused("p.json", code="pipeline_changed")
    assert said("stats")[0]["errors"] == {"symbol_not_found": 1, "pipeline_changed": 1}


def test_what_an_item_did_is_recorded_although_another_one_stops_the_pipeline(root: Path) -> None:
    script = 'if [ "$0" = b ]; then echo x >> ../ran; : > ../b; else while [ ! -e ../b ]; do sleep 0.02; done; exit 1; fi'
    command = ["/bin/sh", "-c", script, "${item}"]
    write(root, {"id": "each", "op": "record", "for_each": ["a", "b"], "parallel": 2, "command": command})
    for _ in range(2):
        reply, status = said("run", "p.json")
        assert (status, reply["state"], (root.parent / "ran").read_text()) == (1, "stopped", "x\n")


def test_an_item_that_was_taken_and_not_begun_keeps_none_waiting(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = {number: threading.Event() for number in range(3)}

    class LateTurns(parallel.Turns):
        """Item 1 looks whether it is over while others could take the next, and is."""

        def is_over(self, number: int) -> bool:
            if number == 1 and not self.stopped:
                begun[2].wait(0.2)
                self.stop(0)
                self.stopped = True
            return super().is_over(number)

        stopped = False

    def work(number: int, _: object, sessions: parallel.InTurn) -> None:
        begun[number].set()
        sessions._turns.wait(number)  # noqa: SLF001 - as recording does

    monkeypatch.setattr(parallel, "Turns", LateTurns)
    sessions = Sessions.open(root / ".clew")
    thread = threading.Thread(target=parallel.side_by_side, args=(sessions, [0, 1, 2], 3, work, lambda: None), daemon=True)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()
    sessions.close()


def test_a_pipeline_inside_another_has_its_own_parameters_and_answers(root: Path) -> None:
    write(root, {"id": "find", "op": "search", "terms": ["${params.name}"]}, name="inner.json", params={"name": {}})
    write(
        root,
        {"id": "one", "pipeline": "inner.json", "params": {"name": "heat"}},
        {"id": "who", "op": "callers", "targets": ["${one.find.results[0].file}::heat"]},
        {"id": "each", "pipeline": "inner.json", "for_each": ["brew", "alone"], "params": {"name": "${item}"}},
    )
    reply = done("p.json")
    assert list(states(reply)) == ["one.find", "who", "each[0].find", "each[1].find"]
    assert question_of(reply, "each[1].find") == "search alone"


def test_a_pipeline_that_changed_in_the_middle_says_what_still_stands(root: Path) -> None:
    check: dict[str, object] = {"id": "check", "op": "record", "command": ["/bin/sh", "-c", "[ -e ../right ]"]}
    write(root, FIND, {"id": "who", "op": "callers"}, check)
    assert said("run", "p.json")[1] == 1
    (root.parent / "right").touch()
    write(root, FIND, {"id": "who", "op": "references"}, check)
    error = refused("p.json", code="pipeline_changed")
    assert (error["message"], error["stands"], error["standsNot"]) == (
        "p.json changed since p/1 began, first steps.who.op; 1 of 3 recorded steps still stand",
        ["find"],
        ["who", "check"],
    )
    assert (error["hint"], error["then"]) == ("clew run p.json --json --go-on", ["clew run p.json --json --restart"])
    reply = done("p.json", "--go-on")
    assert (reply["run"], states(reply)) == ("p/1", {"find": "kept", "who": "ran", "check": "ran"})


def test_a_default_that_changed_in_the_middle_is_a_change(root: Path) -> None:
    check: dict[str, object] = {"id": "check", "op": "record", "command": ["/bin/sh", "-c", "[ -e ../right ]"]}
    find = {"id": "look", "op": "search", "terms": ["${params.word}"]}
    write(root, FIND, find, check, name="inner.json", params={"word": {"type": "string", "default": "heat"}})
    write(root, {"id": "in", "pipeline": "inner.json"})
    assert (said("run", "p.json")[1], said("run", "inner.json")[1]) == (1, 1)
    write(root, FIND, find, check, name="inner.json", params={"word": {"type": "string", "default": "brew"}})
    assert refused("p.json", code="pipeline_changed")["standsNot"] == ["in.find", "in.look", "in.check"]
    assert refused("inner.json", code="pipeline_changed")["stands"] == ["find"]
    assert said("run", "inner.json", "--param", "word=brew")[0]["run"] == "inner/2"


def test_a_run_does_not_go_on_behind_an_edit_that_was_taken_back(root: Path) -> None:
    check: dict[str, object] = {"id": "check", "op": "record", "command": ["/bin/sh", "-c", "[ -e ../right ]"]}
    rename: dict[str, object] = {"id": "plan", "op": "rename", "targets": ["heat"], "to": "warm"}
    write(root, rename, {"id": "write", "op": "fix", "step": "${plan.step}"}, check)
    assert said("run", "p.json")[1] == 1
    assert js_edit(["--undo", "p/1#3"], {})[2] == 0
    (root.parent / "right").touch()
    error = refused("p.json", code="stale_input")
    assert (error["message"], error["hint"]) == (
        "What step write of p/1 wrote was taken back since",
        "clew run p.json --json --restart",
    )
    done("p.json", "--restart")
    assert "warm(3)" in (root / "lib/tea.js").read_text()


def test_items_of_an_answer_that_was_cut_are_not_taken_for_all(root: Path) -> None:
    reach: dict[str, object] = {"id": "reach", "op": "tests", "targets": ["heat"], "deadline": 0.000001}
    write(root, reach, {"id": "each", "op": "outline", "for_each": "${reach.results}", "targets": ["${item.file}"]})
    assert refused("p.json", code="invalid_request")["message"].endswith(
        "the answer that ${reach.results} is of was cut by its deadline; for_each would leave items out"
    )
    write(root, reach, {"id": "last", "op": "cycles"})
    assert done("p.json", "--restart")["results"][0]["cut"] == ["deadline"]


def test_a_run_that_is_renamed_keeps_its_steps(root: Path) -> None:
    say: dict[str, object] = {"id": "say", "op": "record", "command": ["/bin/sh", "-c", "echo x >> ../said"]}
    write(root, say, {"id": "no", "op": "record", "command": "false"})
    assert said("run", "p.json")[1] == 1
    assert answer(["sessions", "rename", "p/1", "p/9"], {})[2] == 0
    assert states(said("run", "p.json")[0]) == {"say": "kept", "no": "failed"}
    assert (root.parent / "said").read_text() == "x\n"


def test_the_step_that_failed_is_what_a_stopped_run_shows(root: Path) -> None:
    command = ["/bin/sh", "-c", "[ $0 != 30 ]", "${item}"]
    write(root, {"id": "each", "op": "record", "for_each": list(range(40)), "command": command})
    reply, status = said("run", "p.json")
    assert (status, reply["failedStep"], reply["next"]) == (1, "each[30]", ["clew show p/1#32 --output"])


def test_files_are_counted_as_parsed_once_in_a_run(root: Path) -> None:
    write(root, FIND, {"id": "who", "op": "callers"}, {"id": "all", "op": "cycles"})
    done("p.json")
    assert said("stats", "--session", "p/1")[0]["spent"]["filesParsed"] == len([*root.rglob("*.js"), *root.rglob("*.md")])


def test_a_redacted_step_stops_a_run_with_a_way_on(root: Path) -> None:
    write(root, FIND, {"id": "no", "op": "record", "command": "false"})
    assert said("run", "p.json")[1] == 1
    assert answer(["sessions", "redact", "p/1#2"], {})[2] == 0
    assert refused("p.json", code="not_allowed")["hint"] == "clew run p.json --json --restart"


def test_a_full_disk_is_said_and_leaves_half_of_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        root, FIND, {"id": "plan", "op": "rename", "targets": ["heat"], "to": "warm"}, {"id": "write", "op": "fix", "step": "${plan.step}"}
    )
    whole, left = SqliteStore.change, [2]

    def change(*args: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise DiskFull("No space left")
        whole(*args)

    monkeypatch.setattr(SqliteStore, "change", change)
    assert refused("p.json", code="disk_full")["completed"] == ["p/1#2", "p/1#3"]
    assert "warm" not in (root / "lib/tea.js").read_text()
    left[0] = 1_000
    assert states(done("p.json")) == {"find": "kept", "plan": "kept", "write": "ran"}
    assert "warm(3)" in (root / "lib/tea.js").read_text()


def test_only_what_was_interrupted_can_be_decided_about(root: Path) -> None:
    write(root, FIND)
    assert refused("p.json", "--again", "find", code="invalid_request")["message"] == (
        "p begins anew, and step 'find' of it was not interrupted"
    )
    write(root, FIND, {"id": "check", "op": "record", "command": ["false"]})
    assert said("run", "p.json")[1] == 1
    assert refused("p.json", "--again", "find", code="invalid_request")["message"] == "Step 'find' of p/1 was not interrupted"


def test_a_run_outlives_any_clock(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, FIND, {"id": "check", "op": "record", "command": ["/bin/sh", "-c", "[ -e ../right ]"]})
    assert said("run", "p.json")[1] == 1
    (root.parent / "right").touch()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 400 * 86_400)
    reply = done("p.json")
    assert (reply["run"], states(reply)) == ("p/1", {"find": "kept", "check": "ran"})
    monkeypatch.setattr(time, "time", lambda: now - 400 * 86_400)
    assert done("p.json")["run"] == "p/2"


def test_a_rename_that_a_check_refuses_is_taken_back_and_its_run_is_over(root: Path) -> None:
    argv = ("safe-rename", "--param", "target=heat", "--param", "to=warm")
    before = (root / "lib/kettle.js").read_text()
    reply, status = said("run", *argv, "--param", "check=false")
    assert (status, states(reply)["check"], (root / "lib/kettle.js").read_text()) == (1, "failed", before)
    reply, status = said("run", *argv, "--param", "check=false")
    assert (status, reply["run"]) == (1, "safe-rename/2")
    assert set(states(done(*argv, "--param", "check=true")).values()) == {"ran", "reused"}
    assert "warm(3)" in (root / "lib/tea.js").read_text()


def test_the_impact_of_changes_runs_the_tests_that_reach_them(root: Path) -> None:
    for line in (["init", "-q"], ["add", "-A"], ["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "first"]):
        subprocess.run(["git", *line], cwd=root, check=True)  # noqa: S603, S607 - git, as found on the PATH
    assert refused("impact-of-changes", code="nothing_changed")
    (root / "lib/kettle.js").write_text((root / "lib/kettle.js").read_text().replace("* 2", "* 3"))
    reply = done("impact-of-changes", "--restart", "--param", "runner=grep -c brews")
    assert states(reply) == {"ripple": "ran", "tests": "ran", "run[0]": "ran"}
    assert question_of(reply, "run[0]") == "record grep -c brews test/tea.test.js"
    reply = done("review-pack")
    assert set(states(reply)) == {"links", "changed", "context", "references", "ripple", "tests", "cycles"}
    assert set(states(reply).values()) <= {"ran", "reused"}
