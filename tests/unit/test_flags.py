"""A command line is read left to right; what is wrong with it is told with the line put right."""

from pathlib import Path

import pytest
from inline_snapshot import snapshot

from clew.cli import _flags
from clew.cli.flags import COMMON, PER_OPERATION, Line, ParsedOperation, parse, plain
from clew.cli.generate import table
from clew.cli.reference import pages
from clew.errors import UsageError
from clew.operations import OPERATIONS, Operation
from clew.running.describing import docs_of


def refused(*argv: str, command: str = "js-scan") -> tuple[str, str | None, tuple[str, ...]]:
    with pytest.raises(UsageError) as caught:
        parse(command, list(argv))
    return caught.value.message, caught.value.hint, caught.value.candidates


def test_the_checked_in_table_is_what_the_registry_gives() -> None:
    assert _flags.__file__ is not None
    with open(_flags.__file__, encoding="utf-8") as file:
        assert file.read() == table()


def test_a_flag_is_read_alike_by_every_operation_of_a_command() -> None:
    shapes: dict[tuple[str, str], set[tuple[str, str, tuple[str, ...]]]] = {}
    for command, _, _, _, flags in _flags.FLAGS.values():
        for flag, shape in flags.items():
            shapes.setdefault((command, flag), set()).add(shape)
    assert {place: found for place, found in shapes.items() if len(found) > 1} == {}


def test_no_flag_means_two_things() -> None:
    of_requests = {flag for row in _flags.FLAGS.values() for flag in row[4]}
    sets = [set(COMMON), set(PER_OPERATION), {flag for flags in _flags.OPERATIONS.values() for flag in flags}, of_requests]
    assert sum(map(len, sets)) == len(set().union(*sets))


def test_operations_keep_their_order_and_their_own_flags() -> None:
    line = parse("js-scan", ["--kind", "function", "--search", "a", "b c", "--exported", "--references", "--limit", "0", "--json"])
    assert line == Line(
        operations=[
            ParsedOperation("search", "--search", words=["a", "b c"], fields={"kind": ["function"], "exported": True}),
            ParsedOperation("references", "--references", fields={"kind": ["function"]}, own={"limit": 0}),
        ],
        common={"json": True},
    )


def test_a_value_may_be_attached_and_an_optional_one_left_out() -> None:
    line = parse("js-scan", ["--session-continue", "--from=tour", "--ttl", "8h", "--search=-foo"])
    assert line == Line(
        operations=[ParsedOperation("search", "--search", words=["-foo"])],
        common={"session_continue": None, "from": "tour", "ttl": 28800.0},
    )


def test_an_empty_name_is_not_a_missing_one() -> None:
    assert parse("js-scan", ["--session-start", "", "--cycles"]).common == {"session_start": ""}


def test_words_behind_two_dashes_are_never_flags() -> None:
    expected = [ParsedOperation("search", "--search", words=["--exported"])]
    assert parse("js-scan", ["--search", "--json", "--", "--exported"]).operations == expected


def test_an_unknown_flag_is_told_with_near_ones() -> None:
    assert refused("--serach", "x", "--json") == snapshot(("js-scan has no flag --serach", "js-scan --search x --json", ("--search",)))


def test_an_abbreviated_flag_is_not_taken() -> None:
    assert refused("--session-s", "x")[2][0] == "--session-start"


def test_a_missing_value_that_looks_like_a_flag_is_shown_attached() -> None:
    assert refused("--search", "-foo", "--json") == snapshot(
        ("--search needs a value, and '-foo' reads like a flag", "js-scan --search=-foo --json", ())
    )
    assert refused("--limit", "-5", "--cycles") == snapshot(("--limit takes a whole number of 0 or more, not '-5'", None, ("5",)))


def test_a_missing_value_is_named() -> None:
    assert refused("--search")[:2] == ("--search needs a value", "js-scan --search processData --kind function")
    assert refused("--rename-file", "a.js", command="js-edit")[0] == "--rename-file needs 2 values"
    assert refused("--cycles", "--store-as")[0] == "--store-as needs a value"


def test_a_flag_of_another_operation_is_told_with_those_that_take_it() -> None:
    message, _, candidates = refused("--build-index", "--depth", "3")
    assert message == "--depth is not a flag of --build-index"
    assert "--ripple" in candidates


def test_an_early_flag_that_no_operation_takes_is_refused() -> None:
    assert refused("--depth", "3", "--cycles")[0] == "no operation of this call takes --depth"


def test_a_stray_word_is_told_where_it_can_stand() -> None:
    assert refused("--search", "a", "--exported", "b") == snapshot(
        ("'b' stands behind no flag that takes it", "js-scan --search a b --exported", ())
    )
    assert refused("createApplication") == snapshot(
        ("'createApplication' stands behind no flag that takes it", "js-scan --search createApplication", ())
    )


def test_values_are_checked_before_anything_runs() -> None:
    assert refused("--cycles", "--limit", "many")[0] == "--limit takes a whole number, not 'many'"
    assert refused("--cycles", "--ttl", "soon")[0] == "--ttl takes a time like 90s, 15m, 8h or 2d, not 'soon'"
    assert refused("--cycles", "--graph", "some")[2] == ("all", "runtime", "static")
    assert refused("--cycles", "--json=1")[1] == "js-scan --cycles --json"
    assert refused("--text", "a", "b")[0] == "--text takes at most 1, not 2"


@pytest.mark.parametrize(("text", "seconds"), [("0", 0.0), ("0.5", 0.5), (".5", 0.5), ("10", 10.0), ("10s", 10.0), ("2m", 120.0)])
def test_a_deadline_is_seconds_or_none(text: str, seconds: float) -> None:
    assert parse("js-scan", ["--cycles", "--deadline", text]).common == {"deadline": seconds}


def test_a_deadline_that_is_no_time_and_progress_that_is_no_choice_are_refused() -> None:
    for wrong in ("soon", "-1", "1e3", "", ".", "s", "1.2.3"):
        assert "--deadline" in refused("--cycles", f"--deadline={wrong}")[0]
    assert refused("--cycles", "--progress", "loud")[2] == ("auto", "always", "never")


def test_one_flag_with_two_values_is_refused() -> None:
    assert refused("--from", "a", "--from", "b", "--cycles")[0] == "--from is given as 'a' and as 'b'"


def test_a_plain_line_gives_words_and_flags() -> None:
    assert plain("clew show", ["hdr#1", "--limit", "3", "--", "--x"], {"--limit": ("limit", "number")}) == (["hdr#1", "--x"], {"limit": 3})


def test_the_reference_is_what_help_says() -> None:
    folder = Path(__file__).parents[2] / "docs" / "reference"
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")} == pages()


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: str(row.name))
def test_every_flag_has_a_help_text(row: Operation) -> None:
    about, fields = docs_of(row)
    assert about
    assert [name for name, _, _ in _flags.FLAGS[row.name][4].values() if not fields.get(name)] == []
    assert not row.values or fields[row.values]
