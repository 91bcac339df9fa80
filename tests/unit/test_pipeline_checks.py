"""A pipeline is checked whole before its first step; what is wrong has its line, its column and the nearest names."""

from __future__ import annotations

import json
import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clew.cli.clew import answer
from clew.operations import OPERATIONS, verb
from clew.pipelines.checking_steps import CONTROLS
from clew.pipelines.places import Path as Way
from clew.pipelines.places import json_places, toml_places
from pipelines import done, plant, refused, said, states

FIND = '[[steps]]\nid = "find"\nop = "search"\nterms = ["heat"]\n'


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plant(tmp_path / "root")
    monkeypatch.chdir(tmp_path / "root")
    return tmp_path / "root"


def step(*lines: str, ident: str = "two") -> str:
    return "\n".join(["[[steps]]", f'id = "{ident}"', *lines, ""])


WRONG: dict[str, tuple[str, str]] = {
    "no TOML": ("[[steps]\n", "p.toml:1:8: no TOML: Expected ']]' at the end of an array declaration"),
    "no steps": ("about = 'x'\n", "p.toml:1:1: `steps` is a list with one step or more"),
    "an unknown field at the top": (f"stepz = 1\n{FIND}", "p.toml:1:1: there is no field of a pipeline 'stepz'; did you mean 'steps'?"),
    "an unknown operation": (FIND + step('op = "serch"'), "p.toml:7:1: there is no operation 'serch'; did you mean 'search'?"),
    "an unknown field": (
        FIND + step('op = "text"', 'patern = "x"'),
        "p.toml:8:1: there is no field of text 'patern'; did you mean 'pattern'?",
    ),
    "a field of the wrong type": (
        FIND + step('op = "callers"', 'targets = ["heat"]', "possible = 3"),
        "p.toml:9:1: possible: expected true or false, got a whole number",
    ),
    "no id": (FIND + '[[steps]]\nop = "cycles"\n', "p.toml:5:1: a step has an `id` of letters, digits, '-' and '_'"),
    "two steps of one id": (FIND + step('op = "cycles"', ident="find"), "p.toml:6:1: two steps are called 'find'"),
    "a needed field": (FIND + step('op = "text"'), "p.toml:5:1: text needs `pattern`"),
    "a step before it is there": (
        step('op = "callers"', 'targets = ["${find.results[0].file}"]') + FIND,
        "p.toml:4:1: ${find.results[0].file}: 'find' is a later step",
    ),
    "itself": (FIND + step('op = "callers"', 'targets = ["${two.step}"]'), "p.toml:8:1: ${two.step}: 'two' is this step"),
    "a step that is not there": (
        FIND + step('op = "callers"', 'targets = ["${fynd.results[0].file}"]'),
        "p.toml:8:1: ${fynd.results[0].file}: the pipeline has no 'fynd'; did you mean 'find'?",
    ),
    "a field of a row that is not there": (
        FIND + step('op = "callers"', 'targets = ["${find.results[0].fille}"]'),
        "p.toml:8:1: ${find.results[0].fille}: find.results[0] has no 'fille'; did you mean 'file'?",
    ),
    "a list without a number": (
        FIND + step('op = "callers"', 'targets = ["${find.results.file}"]'),
        "p.toml:8:1: ${find.results.file}: find.results is a list, so an item of it has a number: ${find.results[0]}",
    ),
    "a reference of the wrong type": (
        FIND + step('op = "ripple"', 'targets = ["heat"]', 'depth = "${find.results[0].file}"'),
        "p.toml:9:1: depth takes a whole number, and ${find.results[0].file} is a text",
    ),
    "what is no reference": (
        FIND + step('op = "callers"', 'targets = ["${find results}"]'),
        "p.toml:8:1: '${find results}' is no reference; one is written ${find.results[0].file}",
    ),
    "for_each over no list": (
        FIND + step('op = "outline"', 'for_each = "${find.total}"', 'targets = ["${item}"]'),
        "p.toml:8:1: for_each takes a list, and ${find.total} is a whole number",
    ),
    "for_each over a text": (FIND + step('op = "outline"', 'for_each = "lib"'), "p.toml:8:1: for_each takes a list, or a reference to one"),
    "too many iterations": (
        FIND + step('op = "outline"', f"for_each = {list(range(10_001))}"),
        "p.toml:8:1: for_each runs 10000 times at most, not 10001",
    ),
    "an item outside of a loop": (
        FIND + step('op = "outline"', 'targets = ["${item}"]'),
        "p.toml:8:1: ${item} is for a step with for_each",
    ),
    "an edit that is tried again": (
        FIND + step('op = "rename"', 'targets = ["heat"]', 'to = "warm"', 'on_error = "retry"'),
        "p.toml:10:1: an edit is not tried again: it would happen twice; `stop` or `continue`",
    ),
    "edits side by side": (
        FIND + step('op = "rename"', 'for_each = ["a"]', "parallel = 2", 'targets = ["${item}"]', 'to = "b"'),
        "p.toml:9:1: edits and pipelines run one after the other",
    ),
    "an unknown way to go on": (
        FIND + step('op = "cycles"', 'on_error = "contine"'),
        "p.toml:8:1: there is no value of on_error 'contine'; did you mean 'continue'?",
    ),
    "effects of a question": (FIND + step('op = "cycles"', 'effects = "none"'), "p.toml:8:1: effects is for a step that runs a command"),
    "input from a later step": (
        step('op = "callers"', 'input_from = "find"') + FIND,
        "p.toml:4:1: 'find' is a later step",
    ),
    "a command by a reference": (
        FIND + step('op = "record"', 'command = "${find.results[0].file}"'),
        "p.toml:8:1: ${find.results[0].file} is one argument; a whole command is a list, or a parameter of type `command`",
    ),
    "a program of another pipeline by a reference": (
        FIND + step('pipeline = "safe-rename"', 'params = { target = "a", to = "b", check = ["${find.results[0].file}"] }'),
        "p.toml:8:36: check is a command, and nothing of an answer is put into one by a parameter",
    ),
    "a program by a reference": (
        FIND + step('op = "record"', 'command = ["${find.results[0].file}"]'),
        "p.toml:8:12: the program of a command is written out, or a parameter",
    ),
    "an unknown type": ('params.x.type = "strng"\n' + FIND, "p.toml:1:1: there is no type 'strng'; did you mean 'string'?"),
    "a default of the wrong type": (
        'params.x = { type = "integer", default = "3" }\n' + FIND,
        "p.toml:1:32: the default of x: expected a whole number, got a text",
    ),
    "an unknown pipeline": (
        FIND + step('pipeline = "safe-renam"'),
        "p.toml:7:1: There is no pipeline 'safe-renam', neither by name nor as a file",
    ),
    "a parameter that is missing": (FIND + step('pipeline = "other.toml"'), "p.toml:7:1: other needs the parameter 'name'"),
    "a parameter that is not there": (
        FIND + step('pipeline = "other.toml"', 'params = { name = "heat", nme = 1 }'),
        "p.toml:8:27: there is no parameter of other 'nme'; did you mean 'name'?",
    ),
    "itself inside": (FIND + step('pipeline = "p.toml"'), "p.toml:7:1: a pipeline cannot be a part of itself: p.toml → p.toml"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_has_its_line_and_column(root: Path, name: str) -> None:
    text, message = WRONG[name]
    (root / "other.toml").write_text('[params.name]\n[[steps]]\nid = "find"\nop = "search"\nterms = ["${params.name}"]\n')
    (root / "p.toml").write_text(text)
    error = refused("p.toml", code="invalid_pipeline")
    assert error["message"] == message
    assert not (root / ".clew").exists()  # nothing was begun


ONE = '"steps": [{"id": "a", "op": "cycles"}]'
ODD = {
    "a quote in the default of a command": ("p.toml", "[params.c]\ntype = 'command'\ndefault = 'node \"abc'\n" + FIND),
    "a list for a type": ("p.toml", "params.x = ['string']\n" + FIND),
    "a list for an origin": ("p.toml", "origin = ['learned']\n" + FIND),
    "a number of many digits in TOML": ("p.toml", f"x = {'9' * 5000}\n" + FIND),
    "a number of many digits in JSON": ("p.json", f'{{"x": {"9" * 5000}, {ONE}}}'),
    "deep TOML": ("p.toml", f"x = {'[' * 5000}{']' * 5000}\n" + FIND),
    "half of a character": ("p.json", f'{{"about": "\\ud800", {ONE}}}'),
    "a deadline that is no number": ("p.toml", FIND + "deadline = nan\n"),
    "a deadline below nothing": ("p.toml", FIND + "deadline = -5\n"),
    "results for a step that takes none": ("p.toml", FIND + step('op = "search"', 'terms = ["x"]', 'input_from = "find"', ident="b")),
    "a name that none can have": ("1st check.toml", FIND),
}
"""Files that are wrong, by how."""


@pytest.mark.parametrize("name", ODD)
def test_whatever_is_wrong_with_a_file_is_said_with_a_line_that_can_be_pasted(root: Path, name: str) -> None:
    file, text = ODD[name]
    (root / file).write_text(text)
    error = refused(file, code="invalid_pipeline")
    assert (error["file"], error["line"] >= 1, error["hint"]) == (file, True, shlex.join(["clew", "pipelines", "check", file]))
    assert said(*shlex.split(error["hint"])[1:])[1] == 1


def test_every_problem_is_listed_at_once(root: Path) -> None:
    (root / "p.json").write_text('{\n "steps": [\n  {"id": "a", "op": "serch"},\n  {"id": "b", "op": "cycles", "frob": 1}\n ]\n}')
    reply, status = said("pipelines", "check", "p.json")
    assert status == 1
    assert [(row["line"], row["column"], row["message"]) for row in reply["results"]] == [
        (3, 15, "there is no operation 'serch'; did you mean 'search'?"),
        (4, 31, "there is no field of cycles 'frob'"),
    ]


def test_a_circle_through_another_file_is_refused(root: Path) -> None:
    (root / "a.toml").write_text(step('pipeline = "b.toml"'))
    (root / "b.toml").write_text(step('pipeline = "a.toml"'))
    error = refused("a.toml", code="invalid_pipeline")
    assert error["message"] == "b.toml:3:1: a pipeline cannot be a part of itself: a.toml → b.toml → a.toml"


def test_the_same_pipeline_in_three_forms_does_the_same(root: Path) -> None:
    steps = [{"id": "find", "op": "search", "terms": ["heat"]}, {"id": "who", "op": "callers", "storeAs": "them"}]
    (root / "p.json").write_text(json.dumps({"name": "form", "steps": steps}))
    (root / "p.toml").write_text('name = "form"\n' + FIND + step('op = "callers"', 'store_as = "them"', ident="who"))
    (root / "p.yaml").write_text(
        "name: form\nsteps:\n- id: find\n  op: search\n  terms: [heat]\n- {id: who, op: callers, store_as: them}\n"
    )
    runs = [done(file) for file in ("p.json", "p.toml", "p.yaml")]
    assert [states(run) for run in runs] == [{"find": "ran", "who": "ran"}, *[{"find": "reused", "who": "reused"}] * 2]


def test_a_parameter_has_its_type(root: Path) -> None:
    (root / "p.toml").write_text(
        '[params]\nname = { }\ndepth = { type = "integer", default = 2 }\n'
        + step('op = "ripple"', 'targets = ["${params.name}"]', 'depth = "${params.depth}"', ident="r")
    )
    assert refused("p.toml", code="invalid_request")["message"] == "p needs the parameter 'name'"
    assert refused("p.toml", "--param", "name=heat", "--param", "depth=two", code="invalid_request")["message"] == (
        "--param depth is a whole number, not 'two'"
    )
    error = refused("p.toml", "--param", "nam=heat", code="invalid_request")
    assert (error["message"], error["hint"]) == (
        "p has no parameter 'nam'; did you mean 'name'?",
        "clew run p.toml --param name=heat --json",
    )
    assert states(done("p.toml", "--param", "name=heat", "--param", "depth=1")) == {"r": "ran"}


def test_no_operation_has_a_field_that_says_how_a_step_is_run() -> None:
    own = set(CONTROLS) - {"id"}
    assert [row.name for row in OPERATIONS if own & set(verb(row).request.__struct_fields__)] == []


def test_the_pipelines_that_ship_are_listed_and_right() -> None:
    reply, status = said("pipelines", "list")
    assert (status, [row["name"] for row in reply["results"] if "problem" in row]) == (0, [])
    assert answer(["pipelines", "show", "safe-rename"], {})[2] == 0


def test_the_pipeline_of_the_guide_is_right_and_runs(root: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs/guide/pipelines.md").read_text(encoding="utf-8")
    (root / "callers.toml").write_text(guide.partition("```toml\n")[2].partition("```")[0])
    assert states(done("callers.toml", "--param", "target=heat")) == {"callers": "ran", "outlines[0]": "ran"}


SCALARS = st.one_of(st.booleans(), st.integers(-99, 99), st.text(alphabet="ab\"#'\\]}=[{ ,\n", max_size=6))
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet="ab .\"#'", max_size=3), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(st.text(alphabet="abc-\"' .#", min_size=0, max_size=4), VALUES, max_size=4)


def ways(value: Any, way: Way = ()) -> list[Way]:
    """The way to every key and item of a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(deep for key, held in inner for deep in ways(held, (*way, key)))]


def as_toml(value: Any) -> str:
    """A value as TOML, in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {as_toml(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps(value)


def tables(document: dict[str, Any]) -> str:
    """A document as TOML, with a header for every table and every list of tables at the top."""
    plain, headed = [], []
    for key, value in document.items():
        items = value if isinstance(value, list) and value and all(isinstance(item, dict) for item in value) else None
        if isinstance(value, dict) or items:
            for item in items or [value]:
                headed.append(f"[[{json.dumps(key)}]]  # [a]" if items else f"[{json.dumps(key)}]")
                headed += [f"{json.dumps(inner)} = {as_toml(held)} # '" for inner, held in item.items()]
        else:
            plain.append(f"{json.dumps(key)}= {as_toml(value)}")
    return "\n".join([*plain, "", *headed, ""])


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS)
@pytest.mark.parametrize("write", [lambda value: "\n".join(f"{json.dumps(k)} = {as_toml(v)}" for k, v in value.items()), tables])
def test_every_key_of_a_toml_document_has_its_place(write: Callable[[Any], str], document: dict[str, Any]) -> None:
    text = write(document)
    assert tomllib.loads(text) == document
    places = toml_places(text)
    assert set(places) == set(ways(document))
    lines = text.split("\n")
    for way, place in places.items():
        if len(way) > 1 and isinstance(way[-1], str):
            assert lines[place.line - 1][place.column - 1 :].startswith((json.dumps(way[-1]), "["))


@settings(max_examples=200, deadline=None)
@given(DOCUMENTS, st.sampled_from([None, 1]))
def test_every_key_of_a_json_document_has_its_place(document: dict[str, Any], indent: int | None) -> None:
    text = json.dumps(document, indent=indent)
    places, twice = json_places(text)
    assert (set(places), twice) == (set(ways(document)), [])
    lines = text.split("\n")
    for way, place in places.items():
        if way and isinstance(way[-1], str):
            assert lines[place.line - 1][place.column - 1 :].startswith(json.dumps(way[-1]))
