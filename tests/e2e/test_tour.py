"""`clew tour`, walked in this process."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from clew.cli.tour import SAMPLE, tour


def stops(printed: str) -> list[str]:
    """The commands that were typed, with the flag that says what each does."""
    typed = re.findall(r"^\$ (\S+) (.*)$", printed, re.MULTILINE)
    said = ("--mentions", "--rename", "--fix", "--undo", "--references", "--analyze-ripple", "--cleanup", "--search", "show", "resume")
    return [next(f"{command} {word}" for word in said if word in rest.split()) for command, rest in typed]


def test_the_tour_renames_code_and_prose_and_takes_that_back(capsys: pytest.CaptureFixture[str]) -> None:
    assert tour([], {}) == 0
    printed = capsys.readouterr().out
    assert stops(printed) == [
        "js-scan --search",
        "js-scan --analyze-ripple",
        "js-scan --references",
        "md-scan --mentions",
        "js-edit --rename",
        "js-edit --fix",
        "js-edit --undo",
        "clew show",
        "clew resume",
        "js-scan --cleanup",
    ]
    assert "README.md edits=1" in printed


def test_the_tour_of_a_folder_of_ones_own_writes_nothing_to_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.relative_to(SAMPLE): path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}
    for path, content in before.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    here = os.getcwd()
    assert tour([str(tmp_path)], {}) == 0
    assert os.getcwd() == here
    assert "js-edit" not in " ".join(stops(capsys.readouterr().out))
    assert {path: (tmp_path / path).read_bytes() for path in before} == before
