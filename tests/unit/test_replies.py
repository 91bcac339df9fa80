"""An answer goes out in pages that fit, counted, and continued by a cursor."""

import unicodedata

import msgspec
from inline_snapshot import snapshot

from clew.cli.text import text_of
from clew.running.calls import Page
from clew.running.replies import paged


def result(rows: int, files: int = 0, **more: object) -> bytes:
    fields = {**more, "files": [f"lib/file-number-{at}.js" for at in range(files)]} if files else more
    return msgspec.json.encode({**fields, "results": [{"n": n, "name": f"name{n}", "file": "lib/a.js"} for n in range(1, rows + 1)]})


def page_of(raw: bytes, page: Page, head: dict[str, object] | None = None) -> dict[str, object]:
    decoded: dict[str, object] = msgspec.json.decode(msgspec.json.encode(paged(head or {}, raw, page, "hdr#1")))
    return decoded


def test_rows_come_last_and_are_counted() -> None:
    reply = page_of(result(2, 1, possible=3, why=[{"code": "possible", "total": 3}]), Page(), {"operation": "references"})
    assert list(reply) == ["operation", "complete", "why", "total", "shown", "possible", "filesTotal", "files", "results"]
    assert (reply["complete"], reply["total"], reply["shown"]) == (False, 2, 2)


def test_a_cut_page_is_complete_and_has_a_cursor() -> None:
    reply = page_of(result(50), Page())
    assert (reply["complete"], reply["total"], reply["shown"], reply["next"]) == (True, 50, 20, "hdr#1:20")


def test_pages_put_together_are_the_whole_answer() -> None:
    raw = result(400, 700)
    rows: list[object] = []
    files: list[object] = []
    while True:
        reply = page_of(raw, Page(offsets=(len(rows), len(files))))
        assert len(msgspec.json.encode(reply)) <= 8000
        rows += reply["results"]  # type: ignore[operator]
        files += reply.get("files", [])  # type: ignore[operator]
        if "next" not in reply:
            break
        assert reply["next"] == f"hdr#1:{len(rows)}:{len(files)}"
    whole = msgspec.json.decode(raw)
    assert (rows, files) == (whole["results"], whole["files"])


def test_a_limit_that_was_asked_for_lifts_the_budget() -> None:
    assert page_of(result(1000), Page(limit=0))["shown"] == 1000
    assert page_of(result(1000), Page(limit=500))["shown"] == 500


def test_a_budget_counts_the_whole_reply() -> None:
    reply = page_of(result(1000), Page(limit=0, budget=3000), {"operation": "search"})
    assert len(msgspec.json.encode(reply)) <= 3000
    assert reply["shown"] == snapshot(68)


def test_a_page_always_goes_on() -> None:
    assert page_of(result(3), Page(budget=1))["shown"] == 1


def test_chosen_fields_keep_the_number() -> None:
    assert page_of(result(1), Page(fields=("name",)))["results"] == snapshot([{"n": 1, "name": "name1"}])


def test_an_answer_without_rows_has_no_counts() -> None:
    assert page_of(b'{"indexed":149,"parsed":0}', Page()) == {"complete": True, "indexed": 149, "parsed": 0}


def test_nothing_in_a_text_steers_a_terminal() -> None:
    row = {"n": 1, "file": "a\x1b[2J.js", "text": "say\x9b31m\r\x07 hello\tworld"}
    text = text_of({"operation": "search", "question": "search \x1b]0;x\x07", "results": [row]})
    assert "\\x1b[2J" in text
    assert not {character for character in text if unicodedata.category(character) == "Cc"} - {"\n", "\t"}
    assert text_of({"operation": "diff", "text": "+a\x1b\n"}) == "+a\x1b\n"
