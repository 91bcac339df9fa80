"""A bundle from elsewhere, weighed against the own tree, then continued."""

import shlex
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from inline_snapshot import snapshot
from shell import TREE, Ran, Shell

from clew.sessions.steps import digest


@pytest.fixture
def bundle(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A session about `heat`, as somebody else exported it from an equal tree."""
    shell.ask("--session-start", "tour", "--search", "heat", "--callers")
    shell.ask("--from", "tour", "--ripple", "lib/tea.mjs")
    path = tmp_path_factory.mktemp("given") / "tour.clew"
    assert shell.run("clew", "sessions", "export", "tour", str(path)).status == 0
    return path


@pytest.fixture
def mine(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Another checkout of the same tree."""
    shell = Shell(tmp_path_factory.mktemp("mine"))
    (shell.folder / ".git").mkdir()
    for path, text in TREE.items():
        shell.write(path, text)
    return shell


def verify(shell: Shell, bundle: Path) -> Ran:
    return shell.run("clew", "verify", str(bundle), "--json")


def rows(ran: Ran) -> list[tuple[str, str, list[str]]]:
    return [(row["operation"], row.get("verdict", "fresh"), row.get("files", [])) for row in ran.json["results"]]


def test_a_bundle_about_an_equal_tree_is_fresh(mine: Shell, bundle: Path) -> None:
    ran = verify(mine, bundle)
    assert (ran.status, {name: ran.json[name] for name in ("session", "chain", "verdict", "steps")}) == (
        0,
        {"session": "tour", "chain": "intact", "verdict": "fresh", "steps": {"fresh": 3}},
    )
    assert rows(ran) == [("search", "fresh", []), ("callers", "fresh", []), ("ripple", "fresh", [])]


def test_files_that_changed_moved_or_are_gone_are_named_by_step_with_status_1(mine: Shell, bundle: Path) -> None:
    mine.write("lib/kettle.js", "exports.heat = () => 1;\n")
    ran = verify(mine, bundle)
    assert (ran.status, ran.json["verdict"], ran.json["failed"]) == (1, "changed", True)
    assert rows(ran) == snapshot(
        [("search", "changed", ["lib/kettle.js"]), ("callers", "changed", ["lib/kettle.js"]), ("ripple", "fresh", [])]
    )
    mine.write("lib/kettle.js", TREE["lib/kettle.js"])
    (mine.folder / "lib" / "tea.mjs").rename(mine.folder / "lib" / "cup.mjs")
    ran = verify(mine, bundle)
    assert (ran.status, rows(ran)[-1]) == (1, ("ripple", "moved", ["lib/tea.mjs"]))
    (mine.folder / "lib" / "cup.mjs").unlink()
    ran = verify(mine, bundle)
    assert (ran.status, ran.json["steps"], rows(ran)[-1]) == (1, {"fresh": 2, "gone": 1}, ("ripple", "gone", ["lib/tea.mjs"]))


def test_the_commands_of_the_reply_take_it_in_and_go_on(mine: Shell, bundle: Path) -> None:
    assert verify(mine, bundle).status == 0
    assert mine.run("clew", "sessions", "list", "--json").json["results"] == []
    for command in verify(mine, bundle).json["then"]:
        name, *argv = shlex.split(command)
        assert mine.run(name, *argv).status == 0
    reply = mine.ask("--from", "tour", "--match", "1", "--tests", "--input-from", "tour#1")
    assert (reply["step"], reply["reused"]["step"]) == ("tour#4", "tour#1")
    assert verify(mine, bundle).json["then"] == ["clew resume tour --json"]


def test_a_session_that_is_here_with_other_steps_is_not_what_the_bundle_holds(
    shell: Shell, mine: Shell, bundle: Path, tmp_path: Path
) -> None:
    assert mine.run("clew", "sessions", "import", str(bundle)).status == 0
    shell.ask("--from", "tour", "--search", "tea")
    assert shell.run("clew", "sessions", "export", "tour", str(tmp_path / "longer.clew")).status == 0
    reply = verify(mine, tmp_path / "longer.clew").json
    assert (reply["here"], reply["then"]) == (
        "tour is here with other steps, and cannot be imported beside it",
        ["clew sessions log tour --json"],
    )
    assert mine.run("clew", "sessions", "log", "tour", "--json").status == 0


def test_a_live_session_of_that_name_gets_another_name_in_the_hint(mine: Shell, bundle: Path) -> None:
    mine.ask("--session-start", "tour", "--search", "brew")
    for command in verify(mine, bundle).json["then"]:
        name, *argv = shlex.split(command)
        assert mine.run(name, *argv).status == 0
    assert mine.steps("tour-2") == ["search", "callers", "ripple"]


def test_a_verified_edit_is_verified_where_the_tree_is_the_same(shell: Shell, mine: Shell, tmp_path: Path) -> None:
    passing = [sys.executable, "-c", "pass"]
    ran = shell.run("js-edit", "--save-session", "fix", "--rename", "heat", "--to", "warm", "--fix", "--json", "--verify", "--", *passing)
    assert ran.status == 0, ran.out
    assert shell.run("clew", "sessions", "export", "fix", str(tmp_path / "fix.clew")).status == 0
    for path in TREE:
        mine.write(path, (shell.folder / path).read_text())
    ran = verify(mine, tmp_path / "fix.clew")
    assert [row["verified"] for row in ran.json["results"] if "verified" in row] == [True]
    mine.write("another.txt", "not there before\n")
    ran = verify(mine, tmp_path / "fix.clew")
    assert (ran.status, [row["verified"] for row in ran.json["results"] if "verified" in row]) == (1, [False])


def forged(change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    """Steps are changed, and all digests but those of the chain made anew."""

    def rewrite(members: dict[str, bytes]) -> dict[str, bytes]:
        lines = change(members["steps.jsonl"])
        manifest = msgspec.json.decode(members["manifest.json"]) | {"steps": digest(lines).hex(), "seal": ""}
        manifest["seal"] = digest(msgspec.json.encode(manifest)).hex()
        return {**members, "steps.jsonl": lines, "manifest.json": msgspec.json.encode(manifest)}

    return rewrite


@pytest.mark.parametrize(
    "change",
    [
        forged(lambda lines: lines.replace(b'"operation":"callers"', b'"operation":"ripples"')),
        forged(lambda lines: lines.replace(b'"filesParsed"', b'"rowsParsed"', 1)),
        lambda members: {**members, "manifest.json": members["manifest.json"].replace(b'"format":2', b'"format":99')},
        lambda members: {**members, "../../evil.js": b"x"},
        lambda members: {**members, "bytes/" + "0" * 64: b"x"},
        lambda members: {**members, "steps.jsonl": b"[" * 200_000},
        lambda members: {name: data for name, data in members.items() if name != "steps.jsonl"},
    ],
)
def test_a_bundle_that_nobody_exported_is_refused(
    mine: Shell, bundle: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]
) -> None:
    with zipfile.ZipFile(bundle) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as written:
        for name, data in change(members).items():
            written.writestr(name, data)
    before = sorted(path for path in mine.folder.rglob("*") if ".clew" not in path.parts)
    ran = verify(mine, bundle)
    assert (ran.status, ran.error["code"]) == (2, "invalid_request")
    assert mine.run("clew", "sessions", "list", "--calls", "--json").json["results"] == []
    assert sorted(path for path in mine.folder.rglob("*") if ".clew" not in path.parts) == before


def test_a_bundle_whose_files_lie_outside_reads_none_of_them(mine: Shell, bundle: Path, tmp_path: Path) -> None:
    """The chain of somebody who knows the format holds, so what it names is looked for in the index alone."""
    from clew.sessions.bundles import export_bundle
    from clew.sessions.manager import SessionManager
    from clew.sessions.steps import StepDraft

    manager = SessionManager.open(str(tmp_path / "forger"))
    near = f"../{bundle.parent.name}/tour.clew"
    depends = {near: digest(bundle.read_bytes()).hex()[:32], "/etc/passwd": "0" * 32}
    manager.append(manager.begin("evil"), StepDraft(operation="search", request=b"{}", result=b'{"results":[]}', depends=depends))
    export_bundle(manager, "evil", str(tmp_path / "evil.clew"))
    manager.close()
    ran = verify(mine, tmp_path / "evil.clew")
    assert (ran.status, rows(ran)) == (1, [("search", "gone", [near, "/etc/passwd"])])


def test_a_redacted_step_is_unknown_and_fails_nothing(shell: Shell, mine: Shell, tmp_path: Path) -> None:
    shell.ask("--session-start", "tour", "--search", "heat", "--callers")
    assert shell.run("clew", "sessions", "redact", "tour#1").status == 0
    assert shell.run("clew", "sessions", "export", "tour", str(tmp_path / "tour.clew")).status == 0
    ran = verify(mine, tmp_path / "tour.clew")
    assert (ran.status, ran.json["steps"]) == (0, {"fresh": 2, "unknown": 1})
