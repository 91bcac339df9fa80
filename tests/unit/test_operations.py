"""The registry: every row leads to a verb of the form that the faces rely on."""

import msgspec
import pytest

from clew.cli.clew import parsed, request_fields
from clew.cli.help import docs_of
from clew.operations import ACTS, OPERATIONS, Operation, SessionAct, act_verb, operation, schema, session_act, verb
from clew.requests import Request, Result, Target

ROWS = pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: str(row.name))


@ROWS
def test_a_row_leads_to_a_request_a_result_and_a_function(row: Operation) -> None:
    found = verb(row)
    assert issubclass(found.request, Request)
    assert issubclass(found.result, Result)
    assert found.request.__struct_config__.tag == row.name
    assert found.run.__name__ == row.name.replace("-", "_")


@ROWS
def test_a_request_can_be_made_from_nothing_and_read_again(row: Operation) -> None:
    request = verb(row).request()
    assert msgspec.json.decode(msgspec.json.encode(request), type=verb(row).request) == request
    assert request.question().startswith(row.name)


@ROWS
def test_rows_of_a_result_come_last_and_carry_their_number_first(row: Operation) -> None:
    result = verb(row).result
    fields = msgspec.structs.fields(result)
    rows = [field for field in fields if field.name == "results"]
    if rows:
        assert rows[0].required
        if result.__base__ is Result:  # one that extends another has its own fields behind those; a reply has its rows last anyhow
            assert fields[-1].name == "results"
        assert next(iter(msgspec.structs.fields(rows[0].type.__args__[0]))).name == "n"


@ROWS
def test_a_schema_describes_every_field(row: Operation) -> None:
    described = schema(row)
    names = {field.encode_name for field in msgspec.structs.fields(verb(row).request)}
    assert set(described["$defs"][verb(row).request.__name__]["properties"]) == {"op", *names}


def test_names_and_flags_are_used_once() -> None:
    names = [row.name for row in OPERATIONS]
    flags = [(command, flag) for row in OPERATIONS for command in row.commands for flag in (row.flag, *row.aliases)]
    assert (len(set(names)), len(set(flags))) == (len(names), len(flags))
    with pytest.raises(KeyError):
        operation("nothing")


def test_a_question_names_its_first_targets() -> None:
    request = verb(operation("references")).request
    targets = tuple(Target(text=name) for name in "abcde")
    assert request(targets=targets).question() == "references of a, b, c and 2 more"  # type: ignore[call-arg]


@pytest.mark.parametrize("row", ACTS, ids=lambda row: str(row.name))
def test_a_row_leads_to_an_act_whose_fields_its_subcommand_takes(row: SessionAct) -> None:
    act = act_verb(row)
    fields = {field.name: field for field in msgspec.structs.fields(act.request)}
    assert (issubclass(act.request, Request), act.request.__struct_config__.tag) == (True, row.name)
    assert act.run.__name__ == row.name.replace(" ", "_")
    assert set(schema(row)["$defs"][act.request.__name__]["properties"]) == {"op", *(field.encode_name for field in fields.values())}
    about, docs = docs_of(row)
    assert about
    assert [name for name in fields if not docs.get(name)] == []
    assert {name for name, field in fields.items() if field.required} <= set(row.words)


def test_a_line_of_a_subcommand_is_the_request_of_its_act() -> None:
    row = session_act("sessions ttl")
    fields = request_fields(row.name, *parsed(row.name, ["tour", "8h"]))
    assert msgspec.to_builtins(act_verb(row).request(**fields)) == {"op": "sessions ttl", "session": "tour", "time": 28800.0}
    with pytest.raises(KeyError):
        session_act("sessions nothing")
