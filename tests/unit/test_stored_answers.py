"""A stored answer is given again only by the build that gave it."""

import json
from pathlib import Path

import pytest

from clew.cli.main import verb_command
from clew.running import execution


def ask(*argv: str) -> dict[str, object]:
    out, _, status = verb_command("js-scan", [*argv, "--json"], {})
    assert status == 0, out
    reply: dict[str, object] = json.loads(out)
    return reply


def test_an_answer_of_another_build_is_not_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "heat.js").write_text("export function heat() {}\n")
    monkeypatch.chdir(tmp_path)
    ask("--session-start", "tour", "--search", "heat")
    assert "cached" in ask("--search", "heat")
    monkeypatch.setattr(execution, "BUILD", "another")
    assert ask("--search", "heat", "--check-cache")["cached"] is False
    assert "cached" not in ask("--search", "heat")
    assert "cached" in ask("--search", "heat")
