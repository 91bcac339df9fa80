"""`clew sessions …` in real processes: each verb does what it says, and says what it did."""

from shell import Ran, Shell


def clew(shell: Shell, *argv: str) -> Ran:
    ran = shell.run("clew", *argv, "--json")
    assert (ran.status, ran.err) == (0, ""), ran.out
    return ran


def begun(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "brew")
    shell.ask("--from", "tour", "--references")


def test_a_list_can_be_narrowed_and_paged(shell: Shell) -> None:
    for name in ("a/one", "a/two", "b"):
        shell.ask("--session-start", name, "--search", "brew", "--agent", name[-1])
    assert [row["name"] for row in clew(shell, "sessions", "list", "--name", "a/").json["results"]] == ["a/two", "a/one"]
    assert [row["name"] for row in clew(shell, "sessions", "list", "--by", "b").json["results"]] == ["b"]
    assert clew(shell, "sessions", "list", "--state", "expired").json["results"] == []
    first = clew(shell, "sessions", "list", "--limit", "2").json
    second = clew(shell, "sessions", "list", "--limit", "2", "--after", first["next"]).json
    assert [row["name"] for reply in (first, second) for row in reply["results"]] == ["b", "a/two", "a/one"]


def test_undo_goes_back_and_fork_goes_beside(shell: Shell) -> None:
    begun(shell)
    assert clew(shell, "sessions", "undo", "tour").json["step"] == "tour#3"
    assert shell.ask("--from", "tour", "--callers")["reused"]["step"] == "tour#1"
    assert clew(shell, "sessions", "fork", "tour#2").json["branch"] == "tour~2"
    assert shell.ask("--from", "tour~2", "--ripple")["reused"]["step"] == "tour#1"
    undone = [row["step"] for row in clew(shell, "sessions", "log", "tour").json["results"] if row.get("undone")]
    assert undone == ["tour#2"]


def test_names_pins_and_goals_can_be_changed(shell: Shell) -> None:
    begun(shell)
    clew(shell, "sessions", "rename", "tour", "tea")
    clew(shell, "sessions", "pin", "tea")
    clew(shell, "sessions", "goal", "tea", "find the leak")
    shown = clew(shell, "sessions", "show", "tea").json
    assert (shown["session"]["sessionName"], shown["goal"], shown["pinned"]) == ("tea", "find the leak", True)
    assert "expiresIn" not in shown["session"]
    clew(shell, "sessions", "unpin", "tea")
    assert clew(shell, "sessions", "show", "tea").json["session"]["expiresIn"] > 0


def test_a_difference_names_what_a_later_step_knows_more(shell: Shell) -> None:
    begun(shell)
    reply = clew(shell, "sessions", "diff", "tour#1", "tour#2").json
    assert ([key["key"] for key in reply["keys"]], [row["step"] for row in reply["results"]]) == (["references"], ["tour#2"])


def test_a_bundle_carries_a_session_to_another_root(shell: Shell) -> None:
    begun(shell)
    token = shell.ask("--from", "tour", "--ripple")["continuationToken"]
    bundle = str(shell.folder / "tour.clew")
    clew(shell, "sessions", "export", "tour", bundle)
    clew(shell, "sessions", "delete", "tour")
    assert shell.refused("--from", token, "--references", status=3)["code"] == "token_unknown"
    clew(shell, "sessions", "import", bundle)
    assert shell.ask("--from", token, "--input-from", "tour#1", "--references")["step"] == "tour#4"


def test_merge_adds_what_another_session_knows(shell: Shell) -> None:
    begun(shell)
    shell.ask("--session-start", "other", "--cycles")
    clew(shell, "sessions", "merge", "tour", "other")
    assert "cycles" in clew(shell, "sessions", "show", "tour").json["session"]["contextKeys"]


def test_a_redacted_step_cannot_be_read_and_the_chain_still_holds(shell: Shell) -> None:
    begun(shell)
    clew(shell, "sessions", "redact", "tour#1")
    ran = shell.run("clew", "show", "tour#1", "--json")
    assert (ran.status, ran.error["code"]) == (7, "not_allowed")
    assert clew(shell, "doctor").json["sessions"]["sessions"] == 1


def test_a_session_can_begin_without_a_question(shell: Shell) -> None:
    reply = clew(shell, "sessions", "start", "tour", "--goal", "tea").json
    assert reply["session"].get("operationsCompleted", 0) == 0
    assert shell.ask("--from", reply["continuationToken"], "--search", "brew")["step"] == "tour#1"
    assert shell.ask("--session-start", "plain")["session"]["sessionName"] == "plain"


def test_gc_says_what_it_freed(shell: Shell) -> None:
    begun(shell)
    reply = clew(shell, "sessions", "gc").json
    assert (reply["operation"], reply["sessions"]) == ("gc", 0)


def test_a_note_stands_between_the_steps(shell: Shell) -> None:
    begun(shell)
    clew(shell, "note", "the kettle is old", "--from", "tour")
    assert shell.ask("--from", "tour", "--ripple")["reused"]["step"] == "tour#1"
    assert "the kettle is old" in shell.run("clew", "sessions", "log", "tour").out


def test_a_copy_has_tokens_of_its_own_and_a_time_to_live_can_be_changed(shell: Shell) -> None:
    begun(shell)
    copied = clew(shell, "sessions", "copy", "tour", "trip").json
    assert (copied["session"]["sessionName"], copied["session"]["operationsCompleted"]) == ("trip", 2)
    assert clew(shell, "sessions", "ttl", "trip", "8h").json["session"]["expiresIn"] == 8 * 3600
    assert shell.ask("--from", "trip#1", "--callers")["reused"]["step"] == "trip#1"
    assert clew(shell, "sessions", "log", "tour").json["total"] == 2


def test_a_session_says_which_tool_made_it(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "brew", "--agent", "ann")
    metadata = clew(shell, "sessions", "show", "tour").json["metadata"]
    assert (metadata["agentId"], metadata["tool"], sorted(metadata)) == ("ann", "js-scan", ["agentId", "tool", "version"])


def test_wrong_values_on_the_command_line_are_typed_errors(shell: Shell) -> None:
    begun(shell)
    for argv, status in (
        (("sessions", "show", "tour#" + "9" * 5000), 3),
        (("sessions", "log", "x" * 100_000), 3),
        (("sessions", "ttl", "tour", "nan"), 2),
        (("sessions", "goal", "tour", "x" * 20_000), 2),
        (("sessions", "copy", "tour", ".."), 2),
    ):
        ran = shell.run("clew", *argv, "--json")
        assert ran.status == status, ran.out[:200]
    assert clew(shell, "sessions", "log", "tour").json["total"] == 2
