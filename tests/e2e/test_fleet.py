"""Checkouts on several machines, one set of sessions: `CLEW_STORE` names the server, `CLEW_WORKSPACE` what they share."""

from pathlib import Path

import pytest
from shell import TREE, Shell


@pytest.fixture
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Another checkout of the same tree."""
    other = Shell(tmp_path_factory.mktemp("elsewhere"))
    other.write(".git/HEAD", "")
    for path, text in TREE.items():
        other.write(path, text)
    return other


def test_a_session_goes_on_in_another_checkout_of_the_workspace(shell: Shell, elsewhere: Shell, postgres_url: str) -> None:
    team = {"CLEW_STORE": postgres_url, "CLEW_WORKSPACE": str(shell.folder)}
    shell.ask("--session-start", "tour", "--search", "createKettle", environ=team)
    reached = elsewhere.ask("--from", "tour", "--callers", environ=team)
    reused = reached["reused"]
    assert (reached["step"], reused["step"], reused["verdict"]) == ("tour#2", "tour#1", "fresh")
    assert shell.ask("--from", reached["continuationToken"], "--ripple", environ=team)["step"] == "tour#3"
    assert not (shell.folder / ".clew" / "sessions.db").exists()


def test_the_sessions_of_another_workspace_look_unknown(shell: Shell, elsewhere: Shell, postgres_url: str) -> None:
    store = {"CLEW_STORE": postgres_url}
    token = shell.ask("--session-start", "tour", "--search", "heat", environ=store)["continuationToken"]
    assert shell.ask("--from", token, "--callers", environ=store)["step"] == "tour#2"
    assert elsewhere.refused("--from", token, "--callers", status=3, environ=store)["code"] == "token_unknown"
    assert elsewhere.refused("--from", "tour", "--callers", status=3, environ=store)["code"] == "session_not_found"


def test_the_doctor_looks_at_the_server(shell: Shell, postgres_url: str) -> None:
    store = {"CLEW_STORE": postgres_url}
    shell.ask("--session-start", "tour", "--search", "heat", "--callers", environ=store)
    ran = shell.run("clew", "doctor", "--json", environ=store)
    assert (ran.status, ran.json["sessions"]) == (0, {"sessions": 1, "steps": 2, "problems": []})
    refused = shell.run("clew", "doctor", "--repair", "--json", environ=store)
    assert (refused.status, refused.json["error"]["code"]) == (7, "not_allowed")
    assert "other machines write to it" in refused.json["error"]["message"]


def test_a_server_that_cannot_be_reached_is_said_and_can_be_done_without(shell: Shell, tmp_path: Path) -> None:
    nowhere = {"CLEW_STORE": f"postgresql://ann:secret@/team?host={tmp_path}"}
    refused = shell.refused("--search", "heat", status=8, environ=nowhere)
    assert refused["code"] == "store_unavailable"
    assert "--no-record" in refused["hint"]
    assert "secret" not in str(refused)
    assert shell.ask("--search", "heat", "--no-record", environ=nowhere)["total"] > 0
