"""Whose commands a pipeline runs, and what may be put into them; pipelines that are made of recorded steps."""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from msgspec.structs import replace

from clew.cli.clew import answer
from clew.cli.js_scan import answer as js_scan
from clew.sessions.appending import Quotas
from clew.sessions.bundles import BYTES, MANIFEST, STEPS, read_bundle
from clew.sessions.steps import Step, digest
from clew.sessions.store.rows import encode
from pipelines import FIND, done, plant, refused, said, states, write


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plant(tmp_path / "root")
    monkeypatch.chdir(tmp_path / "root")
    return tmp_path / "root"


def test_what_is_put_into_a_command_is_one_argument_and_no_flag(root: Path) -> None:
    echo = ["/bin/sh", "-c", 'printf "%s\\n" "$@" > ../said', "sh", "${params.x}", "--is=${params.x}", "${params.words}"]
    params = {"x": {"type": "string"}, "words": {"type": "command", "default": []}}
    write(root, {"id": "say", "op": "record", "command": echo}, params=params)
    for words in ("words=one 'two three'", 'words=["one", "two three"]'):
        done("p.json", "--restart", "--param", "x=a b; c", "--param", words)
        assert (root.parent / "said").read_text() == "a b; c\n--is=a b; c\none\ntwo three\n"
    assert refused("p.json", "--param", "x=--force", code="not_allowed")["message"] == (
        "p.json:1:94: step say: ${params.x} is '--force'; what is put into a command may not begin with '-'"
    )


def test_words_put_into_a_command_one_by_one_are_no_flags_either(root: Path) -> None:
    write(
        root,
        {"id": "say", "op": "record", "command": ["/bin/echo", "${params.words}"]},
        params={"words": {"type": "strings"}},
    )
    done("p.json", "--param", "words=a", "--param", "words=b")
    error = refused("p.json", "--param", "words=a", "--param", "words=--force", code="not_allowed")
    assert error["message"].endswith("${params.words} is '--force'; what is put into a command may not begin with '-'")


def test_commands_start_at_the_root_wherever_the_run_is_called(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root, {"id": "say", "op": "record", "command": ["/bin/sh", "-c", "pwd >> ../where"]})
    done("p.json")
    monkeypatch.chdir(root / "lib")
    done("../p.json")
    assert (root.parent / "where").read_text() == f"{root}\n" * 2


def test_items_side_by_side_count_their_own_cpu(root: Path) -> None:
    burn = "for i in range(3_000_000): i * i"
    wait = "import os, time\nwhile not os.path.exists('../burnt'): time.sleep(0.01)"
    both = {"busy": f"{burn}\nopen('../burnt', 'w')", "idle": wait}
    command = [sys.executable, "-c", "${item}"]
    write(root, {"id": "each", "op": "record", "for_each": list(both.values()), "parallel": 2, "command": command})
    done("p.json")
    busy, idle = (row["cpuMs"] for row in said("stats", "--steps", "--session", "p/1", "--limit", "2")[0]["results"][::-1])
    assert idle < busy / 2


def test_a_program_that_is_not_there_was_not_running(root: Path) -> None:
    write(root, {"id": "say", "op": "record", "command": ["no-such-program"]})
    for _ in range(2):
        refused("p.json", code="program_not_found")


def test_commands_of_strangers_run_only_when_that_is_said(root: Path) -> None:
    write(root, {"id": "say", "op": "record", "command": ["/bin/sh", "-c", "echo x >> ../said"]}, origin="bundle")
    error = refused("p.json", code="not_allowed")
    assert (error["hint"], (root.parent / "said").exists()) == ("clew run p.json --json --allow-commands", False)
    done("p.json", "--allow-commands")
    assert (root.parent / "said").read_text() == "x\n"


def test_commands_of_strangers_are_no_more_one_s_own_inside_of_another_pipeline(root: Path) -> None:
    say: dict[str, object] = {"id": "say", "op": "record", "command": ["/bin/sh", "-c", "echo x >> ../said"]}
    write(root, say, name="inner.json", origin="bundle")
    write(root, {"id": "one", "pipeline": "inner.json"})
    refused("p.json", code="not_allowed")
    write(root, {"id": "one", "pipeline": "inner.json"}, {**say, "id": "mine"})
    done("p.json", "--go-on", "--allow-commands")
    assert (root.parent / "said").read_text() == "x\nx\n"


def test_recorded_text_is_never_read_as_a_reference(root: Path) -> None:
    assert js_scan(["--session-start", "home", "--text", "[$][{]HOME"], {})[2] == 0
    assert js_scan(["--from", "home", "--search", "${HOME}"], {})[2] == 0
    assert done("home")["counts"]


def test_the_steps_of_a_session_and_of_a_bundle_are_a_pipeline(root: Path) -> None:
    for line in (["--session-start", "hdr", "--search", "heat"], ["--from", "hdr", "--callers"]):
        assert js_scan(line, {})[2] == 0
    assert answer(["record", "--session", "hdr", "--json", "--", "/bin/echo", "hello"], {})[2] == 0
    assert answer(["sessions", "export", "hdr", "../hdr.clew"], {})[2] == 0
    (root / "lib/new.js").write_text("exports.more = () => require('./kettle').heat(1);\n")
    for called in ("hdr", "../hdr.clew"):
        assert "completed" not in refused(called, code="not_allowed")
        reply = done(called, "--allow-commands")
        assert (list(states(reply)), states(reply)["s3"], reply["results"][1]["total"]) == (["s1", "s2", "s3"], "ran", 2)


def test_what_was_undone_is_not_done_again(root: Path) -> None:
    for line in (["--session-start", "hdr", "--search", "heat"], ["--from", "hdr", "--text", "watts"]):
        assert js_scan(line, {})[2] == 0
    assert answer(["sessions", "undo", "hdr"], {})[2] == 0
    assert js_scan(["--from", "hdr", "--callers"], {})[2] == 0
    assert answer(["sessions", "export", "hdr", "../hdr.clew"], {})[2] == 0
    for called in ("hdr", "../hdr.clew"):
        assert list(states(done(called))) == ["s1", "s4"]


def test_another_branch_of_a_bundle_is_not_done(root: Path) -> None:
    for line in (["--session-start", "hdr", "--search", "heat"], ["--from", "hdr", "--text", "watts"], ["--from", "hdr#1", "--callers"]):
        assert js_scan(line, {})[2] == 0
    assert answer(["sessions", "export", "hdr", "../hdr.clew"], {})[2] == 0
    assert list(states(done("../hdr.clew"))) == ["s1", "s2"]


def test_every_pipeline_that_can_be_run_can_be_checked(root: Path) -> None:
    assert js_scan(["--session-start", "hdr", "--search", "heat"], {})[2] == 0
    reply, status = said("pipelines", "check", "hdr")
    assert (status, reply["steps"], reply["results"]) == (0, 1, [])


def test_commands_of_strangers_are_no_more_one_s_own_beside_one_another(root: Path) -> None:
    each: dict[str, object] = {
        "id": "say",
        "op": "record",
        "for_each": [1, 2],
        "parallel": 2,
        "command": ["/bin/sh", "-c", "echo x >> ../said"],
    }
    write(root, each, name="inner.json", origin="bundle")
    write(root, {"id": "one", "pipeline": "inner.json"})
    refused("p.json", code="not_allowed")
    assert not (root.parent / "said").exists()


def test_an_answer_chooses_no_program_through_however_many_pipelines(root: Path) -> None:
    params = {"x": {"type": "string"}}
    write(root, {"id": "say", "op": "record", "command": ["${params.x}", "y"]}, name="inner.json", params=params)
    write(root, {"id": "in", "pipeline": "inner.json", "params": {"x": "${params.x}"}}, name="middle.json", params=params)
    write(root, FIND, {"id": "out", "pipeline": "middle.json", "params": {"x": "./${find.results[0].file}"}})
    error = refused("p.json", code="invalid_pipeline")
    assert error["message"] == "inner.json:1:49: the program of a command is written out, or a parameter that holds nothing of an answer"
    write(root, {"id": "out", "pipeline": "middle.json", "params": {"x": "/bin/echo"}})
    assert states(done("p.json")) == {"out.in.say": "ran"}


def test_an_answer_is_no_part_of_a_whole_command_through_however_many_pipelines(root: Path) -> None:
    write(root, {"id": "say", "op": "record", "command": "${params.c}"}, name="inner.json", params={"c": {"type": "command"}})
    step = {"id": "in", "pipeline": "inner.json", "params": {"c": ["/bin/echo", "${params.x}"]}}
    write(root, step, name="middle.json", params={"x": {"type": "string"}})
    write(root, FIND, {"id": "out", "pipeline": "middle.json", "params": {"x": "${find.results[0].file}"}})
    assert refused("p.json", code="invalid_pipeline")["message"].endswith(
        "c is a command, and nothing of an answer is put into one by a parameter"
    )


def test_nothing_of_a_borrowed_pipeline_is_done_before_its_commands_are_allowed(root: Path) -> None:
    rename = {"id": "plan", "op": "rename", "targets": ["heat"], "to": "warm"}
    command = {"id": "say", "op": "record", "command": ["/bin/echo"]}
    write(root, rename, {"id": "write", "op": "fix", "step": "${plan.step}"}, command, origin="bundle")
    refused("p.json", code="not_allowed")
    assert "warm" not in (root / "lib/tea.js").read_text()
    assert said("sessions", "list")[0]["results"] == []
    assert states(said("run", "p.json", "--explain")[0])["plan"] == "runs"  # to look is allowed


@pytest.mark.parametrize("command", ["", "[]", "''", "node 'x"])
def test_a_command_that_names_no_program_is_refused_before_anything_is_done(root: Path, command: str) -> None:
    refused("safe-rename", "--param", "target=heat", "--param", "to=warm", "--param", f"check={command}", code="invalid_request")
    assert "warm" not in (root / "lib/tea.js").read_text()


def test_a_command_in_one_text_is_taken_apart_as_a_shell_would(root: Path) -> None:
    write(root, {"id": "say", "op": "record", "command": "/bin/sh -c 'echo a > ../said'"})
    done("p.json")
    assert (root.parent / "said").read_text() == "a\n"
    write(root, FIND, {"id": "say", "op": "record", "command": "/bin/echo ${find.total}"})
    assert "is a list of words" in refused("p.json", "--restart", code="invalid_pipeline")["message"]
    write(root, FIND, {"id": "say", "op": "record", "command": ["/bin/echo", "${find.total}"]})
    assert states(done("p.json", "--restart")) == {"find": "ran", "say": "ran"}


def test_a_bundle_whose_steps_stand_on_later_ones_is_refused(root: Path) -> None:
    for line in (["--session-start", "hdr", "--search", "heat"], ["--from", "hdr", "--callers"]):
        assert js_scan(line, {})[2] == 0
    assert answer(["sessions", "export", "hdr", "../hdr.clew"], {})[2] == 0
    manifest, steps, values = read_bundle(str(root.parent / "hdr.clew"), Quotas())
    forged: dict[int | None, Step] = {}
    for step, on in zip(steps, (2, 1), strict=True):
        turned = replace(step, stands_on=on)
        before = forged[step.parent].hash if step.parent in forged else b""
        forged[step.seq] = replace(turned, hash=turned.expected_hash(before))
    lines = b"\n".join(map(encode, forged.values()))
    unsealed = replace(manifest, steps=digest(lines).hex(), seal="")
    with ZipFile(root.parent / "forged.clew", "w") as bundle:
        bundle.writestr(MANIFEST, encode(replace(unsealed, seal=digest(encode(unsealed)).hex())))
        bundle.writestr(STEPS, lines)
        for name, data in values.items():
            bundle.writestr(BYTES + name, data)
    for line in (["pipelines", "check", "../forged.clew"], ["verify", "../forged.clew"], ["sessions", "import", "../forged.clew"]):
        reply, status = said(*line)
        assert (status, reply["error"]["message"].endswith("stands on a later one")) == (2, True)
