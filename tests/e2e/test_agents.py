"""`clew init`: the lines for agents are true, stand once, and touch nothing else."""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path

import pytest
from shell import Shell

import clew
from clew.cli.agents import BEGIN, END, LINES, SKILL
from clew.cli.clew import answer


@pytest.fixture
def sample(tmp_path: Path) -> Shell:
    folder = tmp_path / "project"
    shutil.copytree(f"{clew.__path__[0]}/sample", folder)
    (folder / ".git").mkdir()
    return Shell(folder)


def test_the_block_has_ten_lines() -> None:
    assert (len(LINES), LINES[0], LINES[-1]) == (10, BEGIN, END)


def test_an_example_session_of_the_lines_runs(sample: Shell) -> None:
    commands = [line for text in LINES[1:-1] for line in re.findall(r"`((?:js-scan|js-edit|clew) [^`]+)`", text)]
    assert len(commands) == 10
    for line in commands:
        if "--changed" in line or "--after" in line:
            continue
        words = line.replace("TASK", "orders").replace("NAME", "processData").replace("NEW", "readRows").replace("'TEXT'", "kept").split()
        ran = sample.run(words[0], *words[1:])
        assert ran.status == 0, f"{line}\n{ran.out}{ran.err}"
    assert sample.run("clew", "resume", "--json").json["operationsCompleted"] > 1


def test_the_flags_of_the_lines_exist(sample: Shell) -> None:
    helped = sample.run("js-scan", "--help").out + sample.run("js-edit", "--help").out
    assert [
        flag
        for flag in re.findall(r"--[a-z][a-z-]+", " ".join(LINES[1:-1]))
        if flag not in helped and flag not in {"--possible", "--if", "--to"}
    ] == []


def test_it_stands_once_and_is_taken_out_whole(sample: Shell) -> None:
    path = sample.folder / "AGENTS.md"
    own = "# Agents\r\n\r\nBe kind."
    path.write_bytes(own.encode())
    path.chmod(0o640)
    assert sample.run("clew", "init", "--json").json["done"] == "written"
    written = path.read_bytes()
    assert written.startswith(own.encode())
    assert (written.count(BEGIN.encode()), written.count(b"\r\n"), written.count(b"\n")) == (1, 14, 14)
    assert sample.run("clew", "init", "--json").json["done"] == "unchanged"
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (written, 0o640)
    path.write_bytes(written.replace(b"never read", b"always read") + b"More.\r\n")
    assert sample.run("clew", "init", "--json").json["done"] == "updated"
    assert path.read_bytes() == written + b"More.\r\n"
    assert sample.run("clew", "init", "--remove", "--json").json["done"] == "removed"
    assert path.read_bytes().replace(b"\r\n", b"") == b"# AgentsBe kind.More."
    assert sample.run("clew", "init", "--remove", "--json").json["done"] == "unchanged"


def test_a_file_of_ours_alone_goes_with_the_block(sample: Shell) -> None:
    assert sample.run("clew", "init", "--skill", "--json").json["skill"] == {"file": SKILL, "done": "written"}
    assert (sample.folder / SKILL).read_text().startswith("---\nname: clew\n")
    sample.run("clew", "init", "--remove", "--skill")
    assert not (sample.folder / "AGENTS.md").exists()
    assert not (sample.folder / ".agents").exists()


def test_what_is_not_ours_is_left_as_it_is(sample: Shell, tmp_path: Path) -> None:
    path = sample.folder / "AGENTS.md"
    for text in (f"{BEGIN}\n{BEGIN}\n{END}\n{END}\n", f"{BEGIN}\n", f"{END}\n{BEGIN}\n"):
        path.write_text(text)
        ran = sample.run("clew", "init", "--json")
        assert (ran.status, ran.error["code"], path.read_text()) == (7, "not_allowed", text)
    path.unlink()
    outside = tmp_path / "outside.md"
    outside.write_text("theirs")
    path.symlink_to(outside)
    ran = sample.run("clew", "init", "--json")
    assert (ran.status, ran.error["code"], outside.read_text()) == (7, "outside_workspace", "theirs")
    path.unlink()
    (sample.folder / SKILL).parent.mkdir(parents=True)
    (sample.folder / SKILL).write_text("mine")
    ran = sample.run("clew", "init", "--skill", "--json")
    assert (ran.status, (sample.folder / SKILL).read_text()) == (7, "mine")


def test_a_link_inside_is_followed_and_stays_a_link(sample: Shell) -> None:
    (sample.folder / "CLAUDE.md").write_text("ours\n")
    (sample.folder / "AGENTS.md").symlink_to("CLAUDE.md")
    assert sample.run("clew", "init", "--json").json["done"] == "written"
    assert (sample.folder / "AGENTS.md").is_symlink()
    assert BEGIN in (sample.folder / "CLAUDE.md").read_text()


def test_a_file_that_cannot_be_written_is_refused(sample: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    (sample.folder / "AGENTS.md").write_text("theirs\n")
    monkeypatch.setattr(os, "access", lambda path, mode: not (path.endswith("AGENTS.md") and mode == os.W_OK))  # root may write anything
    monkeypatch.chdir(sample.folder)
    out, _, status = answer(["init", "--json"], {})
    assert (status, b'"not_allowed"' in out, (sample.folder / "AGENTS.md").read_text()) == (7, True, "theirs\n")
