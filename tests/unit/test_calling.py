"""Session flags are weighed against each other before anything is opened."""

from collections.abc import Mapping

import pytest

from clew.cli.calling import call_of
from clew.cli.flags import parse
from clew.code.references import References
from clew.code.search import Search
from clew.errors import ClewError, InvalidRequest, UsageError
from clew.requests import Target
from clew.running.calls import Asked, Call, Page
from clew.running.narrowing import cursor
from clew.sessions.cursor import Thread


def call(*argv: str, environ: Mapping[str, str] | None = None) -> Call:
    return call_of(parse("js-scan", list(argv)), environ or {})


def refused(kind: type[ClewError], *argv: str) -> str:
    with pytest.raises(kind) as caught:
        call(*argv)
    return caught.value.message


def test_operations_become_requests() -> None:
    assert call("--kind", "function", "--search", "a", "--references", "lib/a.js::b", "--limit", "0", "--match", "1,3") == Call(
        operations=(
            Asked(request=Search(terms=("a",), kind=("function",))),
            Asked(request=References(targets=(Target(text="lib/a.js::b"),), kind=("function",)), match="1,3", page=Page(limit=0)),
        )
    )


def test_what_stands_before_the_first_operation_is_for_all_but_a_match_for_the_first() -> None:
    first, second = call("--limit", "3", "--match", "2", "--references", "--callers").operations
    assert (first.page.limit, first.match, second.page.limit, second.match) == (3, "2", 3, None)


@pytest.mark.parametrize(
    ("argv", "thread"),
    [
        ([], Thread()),
        (["--session-start"], Thread(starts=True)),
        (["--session-start", "a"], Thread(starts=True, name="a")),
        (["--session_start", "--save-session", "a"], Thread(starts=True, name="a")),
        (["--session-start", "a", "--save-session", "a"], Thread(starts=True, name="a")),
        (["--save-session", "a"], Thread(name="a")),
        (["--session-continue"], Thread(continues=True)),
        (["--from", "a"], Thread(continues=True, refs=("a",))),
        (["--session_continue", "a", "--from", "a#2"], Thread(continues=True, refs=("a", "a#2"))),
        (["--session-continue", "--from", "a", "--save-session", "a"], Thread(continues=True, refs=("a",))),
        (["--no-record"], Thread(records=False)),
    ],
)
def test_session_flags_mean_one_thread(argv: list[str], thread: Thread) -> None:
    assert call("--cycles", *argv).thread == thread


def test_the_environment_gives_what_the_line_leaves_open() -> None:
    environ = {"CLEW_SESSION": "team", "AGENT_ID": "b", "CLEW_AGENT": "a", "CLEW_RECORD": "0"}
    assert call("--cycles", environ=environ).thread == Thread(name="team", agent="a", records=False)
    assert call("--cycles", "--session-continue", "--agent", "c", environ=environ).thread == Thread(
        continues=True, refs=("team",), agent="c"
    )
    assert call("--cycles", environ={"AGENT_ID": "b"}).thread == Thread(agent="b")


def test_names_that_disagree_are_refused() -> None:
    assert refused(InvalidRequest, "--cycles", "--session-start", "a", "--save-session", "b") == (
        "Two names that disagree: --session-start 'a' and --save-session 'b'"
    )


def test_starting_and_continuing_exclude_each_other() -> None:
    refused(InvalidRequest, "--cycles", "--session-start", "a", "--from", "b")
    refused(InvalidRequest, "--cycles", "--session-start", "a", "--no-record")


def test_a_question_has_ten_seconds_unless_it_is_said() -> None:
    assert (call("--cycles").deadline, call("--cycles", "--deadline", "0").deadline) == (10.0, 0.0)


def test_flags_of_an_operation_need_one() -> None:
    assert refused(UsageError, "--match", "1") == "These flags need an operation: --match"


def test_a_cursor_names_a_step_and_what_was_shown_of_it() -> None:
    assert cursor("20") == (None, (20,))
    assert cursor("hdr#2:20:96") == ("hdr#2", (20, 96))
    assert cursor("a:b#2:20:96") == ("a:b#2", (20, 96))
    for wrong in ("", "x", "hdr#2", "hdr#2:x:1", ":1:2"):
        with pytest.raises(UsageError):
            cursor(wrong)
