"""Replies and errors for people."""

from typing import Any

import pytest
from inline_snapshot import snapshot

from clew.cli.failures import error_text, said
from clew.cli.text import row_line, text_of
from clew.errors import AmbiguousSymbol, SessionExists, SessionExpired, StaleInput, SymbolNotFound


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            {"n": 1, "file": "lib/response.js", "line": 247, "column": 15, "role": "call", "within": {"name": "res.json", "line": 234},
             "text": "    return this.send(body);"},
            "@1 lib/response.js:247:15 res.json: return this.send(body);",
        ),
        (
            {"n": 2, "name": "createApplication", "kind": "function", "file": "lib/express.js", "line": 36, "column": 10, "exported": True},
            "@2 lib/express.js:36:10 createApplication function exported",
        ),
        ({"n": 3, "file": "a.js", "line": 1, "via": "import"}, "@3 a.js:1 <- import"),
        ({"n": 4, "file": "a.js", "line": 9, "name": "f", "kind": "function", "via": "call", "from": 3, "distance": 2},
         "@4 a.js:9 f function <- call @3"),
        ({"n": 5, "file": "a.js", "line": 2, "column": 1, "evidence": "possible", "text": "x.send()"}, "@5 a.js:2:1 x.send() (possible)"),
        ({"n": 6, "size": 2, "files": ["a.js", "b.js"]}, "@6 size=2 files=a.js, b.js"),
        ({"n": 7, "file": "a.js", "line": 2, "text": "f(1, 2);", "variables": {"A": "1", "REST": "2"}}, "@7 a.js:2 f(1, 2); $A=1 $REST=2"),
    ],
)  # fmt: skip
def test_a_row_is_one_line(row: dict[str, Any], line: str) -> None:
    assert row_line(row) == line


def test_the_first_line_says_what_was_asked_and_found() -> None:
    reply = {
        "operation": "callers",
        "question": "callers of res.send",
        "step": "hdr#2",
        "branch": "hdr~2",
        "reused": {"step": "hdr#1", "used": [1], "of": 3, "verdict": "changed"},
        "complete": False,
        "why": [{"code": "possible", "total": 402, "list": "js-scan --callers res.send --possible"}, {"code": "parseErrors", "total": 1}],
        "earlier": [{"step": "hdr#1", "question": "search send", "total": 3, "top": "lib/response.js::res.send"}],
        "warnings": [{"file": "a.js", "line": 3, "message": "Unexpected token"}],
        "total": 4,
        "shown": 1,
        "next": "hdr#2:1:0",
        "possible": 402,
        "files": ["a.js"],
        "filesTotal": 2,
        "results": [{"n": 1, "file": "a.js", "line": 1}],
    }
    assert text_of(reply) == snapshot("""\
hdr#1 search send: 3, lib/response.js::res.send first
hdr#2 callers of res.send: 1 of 4; 402 possible: js-scan --callers res.send --possible; 1 not parsed whole; from hdr#1, changed; on hdr~2
warning: a.js:3: Unexpected token
@1 a.js line=1
files (1 of 2):
  a.js
more: js-scan --after hdr#2:1:0
""")


def test_what_only_some_replies_have_is_told_too() -> None:
    assert text_of(
        {"operation": "resume", "session": "hdr", "steps": [{"step": "hdr#1", "total": 2}], "next": ["clew show hdr#1"]}
    ) == snapshot("""\
resume
session: hdr
steps:
  step=hdr#1 total=2
next: clew show hdr#1
""")


@pytest.mark.parametrize(
    ("error", "argv", "hint"),
    [
        (SessionExpired("over", again=("--revive",)), ["--from", "a"], "js-scan --from a --revive"),
        (SessionExists("is there"), ["--session-start", "a", "--cycles"], "js-scan --session-continue a --cycles"),
        (SessionExists("is there"), ["--session-start=a b"], "js-scan '--session-continue=a b'"),
        (StaleInput("changed"), ["--from", "a", "--strict"], "js-scan --from a"),
        (StaleInput("gone"), ["--from", "a"], "js-scan --from a --refresh"),
        (
            SymbolNotFound("no definition named snd", given="snd", candidates=("send",)),
            ["--references", "snd"],
            "js-scan --references send",
        ),
        (
            AmbiguousSymbol("several fit", given="x", candidates=("a.js::x",)),
            ["--from", "a", "--ripple"],
            "js-scan --from a --ripple a.js::x",
        ),
        (SymbolNotFound("nothing like it", hint="look elsewhere"), ["--references", "snd"], "look elsewhere"),
    ],
)
def test_a_hint_is_the_line_put_right(error: Any, argv: list[str], hint: str) -> None:
    assert said(error, "js-scan", argv)["hint"] == hint


def test_an_error_is_told_in_lines() -> None:
    body = {"message": "several fit", "candidates": ["a", "b"], "completed": ["hdr#1"], "hint": "js-scan --references a"}
    assert error_text(body) == "error: several fit\n  a\n  b\ndone before: hdr#1\ntry: js-scan --references a\n"


def test_a_hint_puts_flags_before_the_command_that_is_recorded() -> None:
    error = SessionExpired("Session fix expired", again=("--revive",))
    argv = ["record", "--session", "fix", "--json", "--", "npm", "test"]
    assert said(error, "clew", argv)["hint"] == "clew record --session fix --json --revive -- npm test"
