"""What is kept of an output, and how it is read: codes of terminals, binary output, floods, several tools in one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.recording import output
from clew.recording.output import Transcript, plain
from clew.recording.parsers import parse
from clew.recording.process import STDERR, STDOUT


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\x1b[31mred\x1b[0m\n", "red\n"),
        (b"\x1b]8;;http://x\x07link\x1b]8;;\x1b\\ end\n", "link end\n"),
        (b"10%\r20%\rdone\nnext\n", "done\nnext\n"),
        (b"one\r\ntwo\r\n", "one\ntwo\n"),
        (b"a\x00\x01\xff\xfeb\tc\n", "a\ufffdb\tc\n"),
        ("größe 𝒳 \u2716\n".encode(), "größe 𝒳 \u2716\n"),
    ],
)
def test_codes_of_a_terminal_and_binary_output_become_text(data: bytes, text: str) -> None:
    assert plain(data) == text


@given(st.binary(max_size=300))
def test_any_bytes_become_text_that_json_keeps_at_three_bytes_each(data: bytes) -> None:
    text = plain(data)
    assert all(letter in "\n\t" or letter.isprintable() or ord(letter) > 0x9F for letter in text)
    assert len(text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").encode()) <= 3 * len(data)


@given(st.lists(st.tuples(st.sampled_from([STDOUT, STDERR]), st.binary(max_size=30)), max_size=40))
def test_of_a_small_output_nothing_is_lost_and_each_stream_keeps_its_order(chunks: list[tuple[int, bytes]]) -> None:
    transcript = Transcript()
    for stream, data in chunks:
        transcript.add(stream, data)
    kept = transcript.kept()
    out = b"".join(data for stream, data in chunks if stream == STDOUT)
    assert (kept.stdout, kept.cut_bytes) == (plain(out), 0)
    assert sorted(kept.text) == sorted(kept.text if len({stream for stream, _ in chunks}) > 1 else kept.stdout or kept.text)


def flooded(lines: int = 2000) -> Transcript:
    """An output of which a small part is kept, with a finding in its middle."""
    transcript = Transcript(head=1000, tail=1000, between=500)
    for number in range(lines):
        line = "src/a.js:7:3: error: bad" if number == lines // 2 else f"working on part {number} of the whole"
        transcript.add(STDOUT, f"{line}\n".encode())
    return transcript


def test_of_a_flood_the_head_the_tail_and_the_lines_of_findings_are_kept_and_the_rest_is_counted() -> None:
    kept = flooded().kept()
    assert kept.text.startswith("working on part 0 of")
    assert kept.text.endswith("working on part 1999 of the whole\n")
    assert "src/a.js:7:3: error: bad\n" in kept.text
    assert len(kept.text) < 3000
    mark = next(line for line in kept.text.split("\n") if line.startswith("[clew: "))
    assert mark == f"[clew: {kept.cut_bytes} bytes in {kept.cut_lines} lines left out here; lines that tell of findings are kept]"
    lines = [f"working on part {number} of the whole\n" for number in range(2000)]
    whole = sum(map(len, lines)) - len(lines[1000]) + len("src/a.js:7:3: error: bad\n")
    assert len(kept.text) - len(mark) - 1 + kept.cut_bytes == whole
    assert kept.text.count("\n") - 1 + kept.cut_lines == 2000


def test_a_transcript_that_drops_the_middle_blindly_would_be_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "telling", lambda _: ())
    assert "error: bad" not in flooded().kept().text


def test_a_line_without_an_end_is_kept_in_bounded_memory() -> None:
    transcript = Transcript(head=100_000, tail=100_000, between=1000)
    for _ in range(100):
        transcript.add(STDOUT, b"x" * 65536)
    kept = transcript.kept()
    assert len(kept.text) < 400_000
    assert kept.text.count("x") + kept.cut_bytes == 100 * 65536


SEVERAL = """\
> till@1.0.0 check
> eslint src && tsc && node --test

/r/src/money.js
  2:5  error  'rate' is never used  no-unused-vars

1 problem
src/cart.ts(10,26): error TS2339: Property 'label' does not exist on type 'Item'.
  Did you mean 'name'?
src/own.js:3:1 something odd: warning, beware
lib/a.py:4: in thing
"""


MOCHA = """\
  1) purse
       in a router
         adds up:

      AssertionError: expected 1 to equal 2
      + expected - actual

      -1
      +2

      at Context.<anonymous> (test/purse.js:8:12)

  2) purse
       in a router
         adds up:
     Error: no
      at Context.<anonymous> (test/purse.js:8:12)
"""


def test_tests_that_mocha_numbers_are_findings_of_their_own_without_their_differences() -> None:
    found = parse(("npm", "test"), f"  3 passing (1s)\n  2 failing\n\n{MOCHA}", "")[0].found
    assert [(one.rule, one.message) for one in found] == [
        ("purse > in a router > adds up", "AssertionError: expected 1 to equal 2"),
        ("purse > in a router > adds up", "Error: no"),
    ]


def test_one_command_may_run_several_tools() -> None:
    parsed, _ = parse(("npm", "run", "check"), SEVERAL, SEVERAL)
    assert [(one.tool, one.rule, one.severity, one.spots[0].line) for one in parsed.found] == [
        ("eslint", "no-unused-vars", "error", 2),
        ("tsc", "TS2339", "error", 10),
        ("check", None, "warning", 3),
        ("check", None, None, 4),
    ]


def test_json_behind_the_lines_of_whoever_ran_the_tool_is_found() -> None:
    text = (
        '> lint\n> eslint -f json\n\n[{"filePath":"/r/a.js","messages":[{"ruleId":"x","severity":1,"message":"m","line":2,"column":3}]}]\n'
    )
    parsed, misread = parse(("npm", "run", "lint"), text, text)
    assert misread is None
    assert [(one.tool, one.rule, one.severity) for one in parsed.found] == [("eslint", "x", "warning")]


def test_a_format_that_was_wanted_and_is_not_there_is_said() -> None:
    assert parse(("x",), "src/a.js:1:2: error: bad\n", "", "sarif")[1] == "sarif"
    assert len(parse(("x",), "src/a.js:1:2: error: bad\n", "", "sarif")[0].found) == 1


@given(
    st.text(max_size=400), st.sampled_from(["auto", "json", "sarif", "junit", "tap", "eslint", "tsc", "rg", "pytest", "stacks", "lines"])
)
def test_any_text_is_read_to_an_end_in_every_format(text: str, wanted: str) -> None:
    parse(("tool",), text, text, wanted)


MANGLED = st.lists(
    st.sampled_from(["not ok 1 - x", "ok 2", "1..2", "  ---", "  at: 'a.js:1:2'", " FAIL  a.test.js > b", " ❯ a.js:1:2", "  ● b", "E   x",
                     "____ t ____", "= FAILURES =", "✖ failing tests:", "test at a.js:1:2", "  1 failing", "  1) x", "    at f (a.js:1:2)",
                     "",
                     "[{", '{"runs":[{"results":[{}]}],"version":1}', "<testsuite><testcase><failure/></testcase></testsuite>"]),
    max_size=12,
)  # fmt: skip


@given(MANGLED)
def test_pieces_of_all_formats_in_any_order_are_read_to_an_end(lines: list[str]) -> None:
    text = "\n".join(lines)
    parse(("tool",), text, text)
