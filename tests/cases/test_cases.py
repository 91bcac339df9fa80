"""Runs the Markdown cases of this folder: files, commands, and what they print.

A second-level heading begins a case. A code block whose info string names a path is a file of the case; in a `console` block,
lines after `$ ` are commands, and the lines below each are its whole output. `CLEW_CASES=write pytest tests/cases` writes what
the commands print now; read the diff before you keep it.
"""

from __future__ import annotations

import os
import shlex
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
FENCE = "```"


class Case(NamedTuple):
    """One case: its files, and its commands with what they print."""

    title: str
    files: dict[str, str]
    console: list[tuple[str, str]]


def cases(document: str) -> list[Case]:
    """The cases of a document."""
    found: list[Case] = []
    info: str | None = None
    block: list[str] = []
    for line in document.splitlines():
        if info is not None:
            if line == FENCE:
                _keep(found[-1], info, block)
                info = None
            else:
                block.append(line)
        elif line.startswith("## "):
            found.append(Case(line[3:], {}, []))
        elif line.startswith(FENCE):
            info, block = line[len(FENCE) :], []
    return found


def _keep(case: Case, info: str, block: list[str]) -> None:
    _, _, path = info.partition(" ")
    if path:
        case.files[path] = "".join(f"{line}\n" for line in block)
    elif info == "console":
        for line in block:
            if line.startswith("$ "):
                case.console.append((line[2:], ""))
            else:
                command, printed = case.console[-1]
                case.console[-1] = (command, f"{printed}{line}\n")


def run(command: str) -> str:
    """The output of a command, errors last; its exit status on a last line where it is not 0."""
    name, *arguments = shlex.split(command)
    command_module = import_module(f"clew.cli.{name.replace('-', '_')}")
    out, err, status = command_module.answer(arguments, {"CLEW_RECORD": "0", "HOME": os.devnull})
    printed: str = (out + err).decode()
    return printed if status == 0 else f"{printed}exit {status}\n"


DOCUMENTS = sorted(HERE.glob("*.md"))
ALL = [
    pytest.param(document, number, id=f"{document.stem}: {case.title}")
    for document in DOCUMENTS
    for number, case in enumerate(cases(document.read_text()))
]


@pytest.mark.parametrize(("document", "number"), ALL)
def test_case(document: Path, number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = cases(document.read_text())[number]
    for path, text in case.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    printed = [(command, run(command)) for command, _ in case.console]
    if os.environ.get("CLEW_CASES") == "write":
        _write(document, number, printed)
    else:
        assert printed == case.console


def _write(document: Path, number: int, printed: list[tuple[str, str]]) -> None:
    block = "".join(f"$ {command}\n{output}" for command, output in printed).rstrip("\n")
    kept: list[str] = []
    info: str | None = None
    at = -1
    for line in document.read_text().splitlines():
        at += info is None and line.startswith("## ")
        if info == "console" and at == number and line != FENCE:
            continue
        kept.append(line)
        if info is not None:
            info = None if line == FENCE else info
        elif line.startswith(FENCE):
            info = line[len(FENCE) :]
            kept += [block] if info == "console" and at == number else []
    document.write_text("\n".join(kept) + "\n")
