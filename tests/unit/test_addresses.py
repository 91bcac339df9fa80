"""Laws of addresses: what an answer prints is accepted and means the same thing, also when the tree has changed since."""

from __future__ import annotations

import random
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from trees import plant

from clew.cli.text import row_line
from clew.code.addresses import find
from clew.errors import AmbiguousSymbol, NotFound
from clew.requests import Target
from clew.running.asking import answer
from clew.workspace import Workspace

PIECES = (
    "export function load{0}() {{ return at{0}(); }}",
    "function local{0}() {{ const load = at{0}(); return load; }}",
    "routes.push({{ url: at{0}, handler() {{ return 1; }} }});",
    "export const table{0} = {{ get: {{ url: at{0}, handler: () => at{0}() }} }};",
    "class Pot{0} {{ #seal = at{0}; seal() {{ return this.#seal; }} static load() {{ return at{0}; }} }}",
    "describe(() => {{ class Cup {{ fill() {{ at{0}(); }} }} new Cup(); }});",
    "const [n{0}, set{0}] = use(at{0});",
    "interface Shape{0} {{ (a: At{0}): void; (a: number): void; [key: string]: unknown; 'text/html; q=0.5': At{0} }}",
    "declare module 'pack{0}' {{ export const load: At{0}; }}",
    "thing{0}.load = () => at{0}();",
)
"""Each holds names that stand in no other piece, so that a definition can be told from its namesakes."""

Resolve = Callable[[Workspace, str], tuple[int, int] | None]


def found(workspace: Workspace, text: str) -> tuple[int, int] | None:
    """The definition an address means, None where it is refused with a reason."""
    try:
        place = find(workspace, Target(text=text))
    except (NotFound, AmbiguousSymbol):
        return None
    return None if place.row is None else place.definition


def found_by_position(workspace: Workspace, text: str) -> tuple[int, int] | None:
    """A double that believes the place in an address."""
    placed = re.fullmatch(r"([^:]+)::.*(:\d+:\d+)~\w+", text)
    return found(workspace, f"{placed[1]}{placed[2]}" if placed else text)


def rows(workspace: Workspace, operation: str, **more: Any) -> list[dict[str, Any]]:
    reply = msgspec.json.decode(msgspec.json.encode(answer(workspace, {"op": operation, "limit": 0, **more})))
    return list(reply["results"])


def printed(row: dict[str, Any]) -> str:
    """The address of a definition row, as the documents tell it."""
    return str(row.get("target") or f"{row['file']}::{row['name']}")


def spot(workspace: Workspace, definition: tuple[int, int]) -> tuple[str, str, int]:
    (of,) = workspace.generation.linker.describe([definition])
    return workspace.generation.path_of(of.file), of.name, of.line


def opened(root: Path, pieces: list[str]) -> Workspace:
    (root / "a.ts").write_text("\n".join(pieces) + "\nexport default function () { return last(); }\n")
    workspace = Workspace.open(str(root))
    workspace.begin(0)
    return workspace


def pieces(chance: random.Random, first: int, count: int) -> list[str]:
    return [chance.choice(PIECES).format(number) for number in range(first, first + count)]


def names_inside(workspace: Workspace, root: Path, definition: tuple[int, int]) -> tuple[str, frozenset[str]]:
    """A definition by its name and the names of its piece: two pieces share none."""
    (of,) = workspace.generation.linker.describe([definition])
    line = (root / "a.ts").read_text().splitlines()[of.line - 1]
    return of.name, frozenset(re.findall(r"[aA]t\d+|last", line))


@pytest.mark.parametrize("seed", range(12))
def test_every_printed_definition_is_accepted_and_is_that_definition(seed: int, tmp_path: Path) -> None:
    plant(tmp_path, {".git/": ""})
    workspace = opened(tmp_path, pieces(random.Random(seed), 0, 20))
    listed = [*rows(workspace, "outline"), *rows(workspace, "search", terms=["load"]), *rows(workspace, "find-pattern", pattern=["*l*"])]
    for row in (row for row in listed if row["kind"] != "file"):
        definition = found(workspace, printed(row))
        assert definition is not None, row
        assert spot(workspace, definition) == (row["file"], row["name"], row["line"])
        assert row_line(row).split()[1] == (printed(row) if "target" in row else f"{row['file']}:{row['line']}:{row['column']}")
    for row in rows(workspace, "text", pattern=["at"]):
        if "within" in row:
            definition = found(workspace, row["within"].get("target") or f"{row['file']}::{row['within']['name']}")
            assert definition is not None
            assert spot(workspace, definition) == (row["file"], row["within"]["name"], row["within"]["line"])


@pytest.mark.parametrize("name", ["load", "url", "Cup#fill", "handler"])
def test_every_candidate_of_an_ambiguous_name_is_another_thing_and_is_accepted(name: str, tmp_path: Path) -> None:
    plant(tmp_path, {".git/": ""})
    workspace = opened(tmp_path, [piece.format(number) for number, piece in enumerate(PIECES + PIECES)])
    with pytest.raises(AmbiguousSymbol) as error:
        find(workspace, Target(text=f"a.ts::{name}"))
    meant = [found(workspace, candidate) for candidate in error.value.candidates]
    assert None not in meant
    assert len(set(meant)) == len(meant) > 1
    assert f"a.ts::{name}" not in error.value.candidates


def wrong_after_edits(root: Path, resolve: Resolve, seed: int) -> list[str]:
    """The addresses that lead to another definition once pieces were added, removed and moved."""
    plant(root, {".git/": ""})
    chance = random.Random(seed)
    old = pieces(chance, 0, 20)
    workspace = opened(root, old)
    before = {printed(row): row for row in rows(workspace, "outline")}
    meant = {}
    for text in before:
        definition = found(workspace, text)
        assert definition is not None
        meant[text] = names_inside(workspace, root, definition)
    for number in range(100, 110):
        at = chance.randrange(len(old))
        change = chance.choice(("add", "remove", "move", "blank"))
        if change == "remove":
            del old[at]
        elif change == "move":
            old.insert(chance.randrange(len(old)), old.pop(at))
        else:
            old.insert(at, pieces(chance, number, 1)[0] if change == "add" else "")
    later = opened(root, old)
    wrong = []
    for text, thing in meant.items():
        definition = resolve(later, text)
        if definition is not None and names_inside(later, root, definition) != thing:
            wrong.append(text)
    return wrong


@pytest.mark.parametrize("seed", range(12))
def test_an_old_address_never_leads_to_another_definition(seed: int, tmp_path: Path) -> None:
    assert wrong_after_edits(tmp_path, found, seed) == []


def test_a_double_that_goes_by_position_is_caught(tmp_path: Path) -> None:
    assert any(wrong_after_edits(tmp_path / str(seed), found_by_position, seed) for seed in range(3))


def test_a_definition_that_moved_is_found_again_and_that_is_said(tmp_path: Path) -> None:
    plant(tmp_path, {".git/": ""})
    twins = ["use({ go() { one(); } });", "use({ go() { two(); } });"]
    _, second = (printed(row) for row in rows(opened(tmp_path, twins), "outline", kind=["method"]))
    workspace = opened(tmp_path, ["", "", *twins[::-1]])
    reply = answer(workspace, {"op": "definition", "target": second})
    assert reply["verdict"] == "moved"
    assert msgspec.json.decode(reply["results"][0])["line"] == 3
    assert found(opened(tmp_path, twins[:1]), second) is None, "its namesake is left, and is not it"


def test_twins_that_differ_in_a_text_only_are_told_apart(tmp_path: Path) -> None:
    plant(tmp_path, {".git/": ""})
    twins = ["routes.push({ go() { return ask('/tea'); } });", "routes.push({ go() { return ask('/pot'); } });"]
    first, _ = (printed(row) for row in rows(opened(tmp_path, twins), "outline", kind=["method"]))
    workspace = opened(tmp_path, twins[::-1])
    definition = found(workspace, first)
    assert definition is not None
    assert spot(workspace, definition)[2] == 2
    assert found_by_position(workspace, first) != definition, "a double that goes by position is caught"


PLACES = """\
import { boil, Pot } from './pot';
import { far } from 'far-away';
const heat = 1;
export default { heat, boil };
export { far };
const pot: Pot = { size: 1 };
pot.size = 2;
"""


def in_text(row: dict[str, Any]) -> str:
    """The address of a row off a terminal."""
    return shlex.split(row_line(row))[1]


def in_text_by_position(row: dict[str, Any]) -> str:
    """A double that prints the position of every definition."""
    return f"{row['file']}:{row['line']}:{row['column']}"


@pytest.mark.parametrize(("shown", "is_right"), [(in_text, True), (in_text_by_position, False)])
def test_a_definition_row_in_text_begins_with_an_address_that_means_it(
    shown: Callable[[dict[str, Any]], str], is_right: bool, tmp_path: Path
) -> None:
    """A shorthand, an export and an assigned member stand where the position means what they refer to."""
    pot = "export function boil() {}\nexport interface Pot { size: number }\n"
    plant(tmp_path, {".git/": "", "a b/pot.ts": pot, "a b/main.ts": PLACES})
    workspace = Workspace.open(str(tmp_path))
    listed = [row for row in rows(workspace, "find-pattern", pattern=["*"]) if row["kind"] != "file"]
    meant = {(row["file"], row["name"], row["line"]): found(workspace, shown(row)) for row in listed}
    wrong = [row for row, definition in meant.items() if definition is None or spot(workspace, definition) != row]
    assert (wrong == []) is is_right


@pytest.mark.parametrize("typed", ["loadd", "a.ts::loadd", "a.ts::loadss", "loaff", "a.ts:4:1"])
def test_candidates_of_what_means_nothing_are_accepted(typed: str, tmp_path: Path) -> None:
    source = "function load() {}\nimport { loaf } from 'bread';\nexport const routes = { '/loads': load };\nconsole.log(load);"
    plant(tmp_path, {".git/": "", "b.ts": "export const load = 1;\n"})
    workspace = opened(tmp_path, [source])
    with pytest.raises(NotFound) as error:
        find(workspace, Target(text=typed))
    assert [candidate for candidate in error.value.candidates if found(workspace, candidate) is None] == []


def test_a_private_member_is_not_the_public_one_of_its_name(tmp_path: Path) -> None:
    plant(tmp_path, {".git/": "", "b.ts": "export function seal() {}\n"})
    workspace = opened(tmp_path, [PIECES[4].format(1)])
    definition = found(workspace, "Pot1##seal")
    assert definition is not None
    assert spot(workspace, definition) == ("a.ts", "Pot1##seal", 1)


def test_a_line_with_two_definitions_is_ambiguous(tmp_path: Path) -> None:
    plant(tmp_path, {".git/": ""})
    workspace = opened(tmp_path, [PIECES[6].format(1)])
    with pytest.raises(AmbiguousSymbol) as error:
        find(workspace, Target(text="a.ts:1"))
    assert error.value.candidates == ("a.ts::n1", "a.ts::set1")


@pytest.mark.parametrize("typed", ["a.js::pourr", "a.js::opur", "a.js::Kettle#puor", "./a.js::puor:1"])
def test_a_name_with_a_typo_in_a_file_is_told_with_the_names_of_that_file(typed: str, tmp_path: Path) -> None:
    plant(tmp_path, {"a.js": "export class Kettle { pour() {} }\n", "b.js": "export function poured() {}\n"})
    workspace = Workspace.open(str(tmp_path))
    workspace.begin()
    with pytest.raises(NotFound) as raised:
        find(workspace, Target(text=typed))
    assert [candidate.partition(":1")[0] for candidate in raised.value.candidates] == ["a.js::Kettle#pour"]
