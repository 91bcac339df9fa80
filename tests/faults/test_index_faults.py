"""Faults of an index: damage, signals, death, company. Answers stay right, and nothing is done twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import apsw
import pytest

from clew import _native
from clew.errors import StoreUnavailable
from clew.index import refresh
from clew.index.generation import Generation
from clew.index.opening import Index
from clew.markdown.documents import Library

INDEX_ONCE = """
import sys
from clew.index.opening import Index
sys.stdin.readline()
generation = Index(*sys.argv[1:]).generation()
print(generation.number, generation.parsed, len(generation.search(["one"])), len(generation.warnings))
"""
DIE_HALFWAY = """
import os, signal, sys
from clew.index import refresh
from clew.index.opening import Index
refresh._merge = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Index(*sys.argv[1:]).generation()
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    for number in range(40):
        (folder / f"f{number:02}.js").write_text(f"export function one{number}() {{ return {number} }}\n")
    (folder / "one.js").write_text("export const one = 1\n")
    return folder


@pytest.fixture
def index(root: Path, tmp_path: Path) -> Index:
    (tmp_path / "state").mkdir()
    return Index(str(root), str(tmp_path / "state"))


def again(index: Index) -> Index:
    """The same index as another process would open it."""
    return Index(index.root, os.path.dirname(index.path))


def settle(index: Index) -> None:
    """Refresh until no file is so young that its times cannot be trusted: a refresh would heal what a test has damaged."""
    while index.generation().is_stale():
        pass


def answers(index: Index) -> tuple[object, ...]:
    """The answers of the questions that read each table."""
    generation = index.generation()
    names = [hit.name for hit in generation.search(["one"])]
    return (names, generation.with_name("one"), generation.blobs([0]), generation.linker.names_in(0), generation.imports(0))


def users_of_one(generation: Generation) -> list[str]:
    """The files in which the linker finds a use of the function `one`."""
    linker = generation.linker
    (one,) = linker.named("one")
    return [generation.path_of(row[0]) for row in linker.references(one).certain]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b"garbage" * 4000), id="garbage"),
        pytest.param(lambda path: path.write_bytes(b""), id="emptied"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]), id="cut in half"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\0" * (path.stat().st_size - 4096)), id="zeroed"),
    ],
)
def test_a_damaged_index_is_built_anew(index: Index, damage: object) -> None:
    expected = answers(index)
    _flush(index)
    damage(Path(index.path))  # type: ignore[operator]
    opened = again(index)
    assert answers(opened) == expected
    assert answers(again(index)) == expected


@pytest.mark.parametrize(
    "alteration",
    [
        "UPDATE facts SET facts = substr(facts, 1, length(facts) - 2) || x'0000'",
        "UPDATE postings SET names = x'00' || substr(names, 2)",
        "UPDATE definitions SET records = substr(records, 2)",
        "UPDATE generation SET graph = x''",
        "UPDATE generation SET manifest = zeroblob(length(manifest))",
    ],
)
def test_a_blob_that_was_altered_is_noticed_and_said(index: Index, alteration: str) -> None:
    expected = answers(index)
    settle(index)
    index.generation().close()
    _alter(index, alteration)
    opened = again(index)
    assert answers(opened) == expected
    assert [problem.code for problem in opened.generation().warnings] == ["index_rebuilt"]
    assert again(index).generation().warnings == ()


def test_a_question_that_comes_upon_damaged_facts_is_answered_from_new_ones(index: Index, root: Path) -> None:
    (root / "user.js").write_text("import { one } from './one.js'\nexport const two = one\n")
    settle(index)
    expected = users_of_one(index.generation())
    index.generation().close()
    _alter(index, "UPDATE facts SET facts = zeroblob(length(facts)) WHERE unit = (SELECT max(unit) FROM facts)")
    generation = again(index).generation()
    linker = generation.linker
    assert (linker.names_in(0), [problem.code for problem in generation.warnings]) == (["one0"], [])
    assert users_of_one(generation) == expected == ["one.js", "user.js", "user.js"]
    assert [problem.code for problem in generation.warnings] == ["index_rebuilt"]
    assert linker.names_in(generation.id_of("user.js") or 0) == ["two"]


@pytest.mark.parametrize("alteration", ["UPDATE facts SET facts = zeroblob(length(facts))", "DELETE FROM facts WHERE unit > 1"])
def test_damaged_facts_of_documents_are_read_anew(index: Index, root: Path, alteration: str) -> None:
    (root / "a.md").write_text("# A\n\n[b](b.md#b)\n")
    (root / "b.md").write_text("# B\n")
    settle(index)
    index.generation().close()
    _alter(index, alteration)
    generation = again(index).generation()
    library = Library(generation)
    assert library.links_to({"b"}) == {generation.id_of("a.md"): [0]}
    assert [document.sections[0].anchor for document in library.all()] == ["a", "b"]
    assert [problem.code for problem in generation.warnings] == ["index_rebuilt"]


def test_a_question_about_a_tree_that_is_gone_is_refused_and_the_next_one_is_about_the_new_tree(index: Index, root: Path) -> None:
    settle(index)
    index.generation().close()
    _alter(index, "UPDATE facts SET facts = zeroblob(length(facts))")
    generation = again(index).generation()
    linker = generation.linker
    (root / "a.js").write_text("export const first = 1\n")
    with pytest.raises(StoreUnavailable, match="ask again"):
        linker.names_in(0)
    assert (generation.path_of(0), generation.linker.names_in(0)) == ("a.js", ["first"])


def test_a_linker_refuses_bytes_that_are_no_facts_and_goes_on_with_others(root: Path) -> None:
    manifest = _native.Manifest()
    renewal = manifest.renew(str(root))
    assert renewal is not None
    (facts, *_), *_ = _native.extract([("one.js", b"export const one = 1")])
    source = FaultySource([b"no facts", facts[:-1], OSError("a broken disk"), facts])
    linker = _native.Linker(manifest, _native.Graph(), source)
    for _ in range(2):
        with pytest.raises(ValueError, match="not a blob"):
            linker.names_in(0)
    with pytest.raises(OSError, match="a broken disk"):
        linker.names_in(0)
    assert linker.names_in(0) == ["one"]


def test_facts_that_are_gone_are_read_from_their_files_again(index: Index) -> None:
    expected = answers(index)
    index.generation().close()
    _alter(index, "DELETE FROM facts")
    assert answers(again(index)) == expected
    assert answers(again(index)) == expected


def test_an_index_of_another_build_is_built_anew_without_a_word(index: Index) -> None:
    expected = answers(index)
    index.generation().close()
    _alter(index, "UPDATE generation SET made_by = 'another'; ALTER TABLE facts RENAME TO other")
    opened = again(index)
    assert (answers(opened), opened.generation().warnings) == (expected, ())


def test_an_interrupt_leaves_the_old_index(index: Index, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = index.generation().number
    (root / "one.js").write_text("export const other = 1\n")
    with monkeypatch.context() as patch:
        patch.setattr(refresh, "_merge", lambda *_: signal.raise_signal(signal.SIGINT))
        with pytest.raises(KeyboardInterrupt):
            again(index).generation()
    assert _stored_number(index) == before
    assert (again(index).generation().number, again(index).generation().parsed) == (before + 1, 0)


def test_a_refresher_that_is_killed_leaves_the_old_index(index: Index, root: Path) -> None:
    before = index.generation().number
    (root / "one.js").write_text("export const other = 1\n")
    process = subprocess.run([sys.executable, "-c", DIE_HALFWAY, index.root, os.path.dirname(index.path)], check=False)  # noqa: S603 - our own interpreter
    assert process.returncode == -signal.SIGKILL
    assert _stored_number(index) == before
    assert again(index).generation().number == before + 1


def test_eight_cold_starters_make_one_index(index: Index) -> None:
    arguments = [sys.executable, "-c", INDEX_ONCE, index.root, os.path.dirname(index.path)]
    starters = [
        subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own interpreter
        for _ in range(8)
    ]
    for starter in starters:
        assert starter.stdin is not None
        starter.stdin.write("\n")
        starter.stdin.flush()
    printed = sorted(starter.communicate()[0].split() for starter in starters)
    assert [starter.returncode for starter in starters] == [0] * 8
    found = str(len(index.generation().search(["one"])))
    assert printed == [["1", "0", found, "0"]] * 7 + [["1", "41", found, "0"]]


def test_a_file_that_vanishes_between_walk_and_read_is_left_out(root: Path) -> None:
    manifest = _native.Manifest()
    renewal = manifest.renew(str(root))
    assert renewal is not None
    (root / "f07.js").unlink()
    batch = manifest.read(str(root), renewal[0], 1 << 20)
    assert batch.vanished == [7]
    batch.extract(manifest, {}, 1, _native.Builder())
    manifest.forget(set(batch.vanished))
    assert (len(manifest), manifest.id_of("f07.js"), manifest.entry(7)[0]) == (40, None, "f08.js")


class FaultySource:
    """Gives the linker one thing after the other for the facts of a file; an error is raised."""

    def __init__(self, given: list[bytes | OSError]) -> None:
        self._given = iter(given)

    def blobs(self, files: list[int]) -> list[bytes]:
        blob = next(self._given)
        if isinstance(blob, OSError):
            raise blob
        return [blob] * len(files)

    def with_name(self, _name: str) -> list[int]:
        return []

    def postings(self) -> bytes:
        return b""


def _alter(index: Index, statements: str) -> None:
    """Changes what is stored, behind the back of the index."""
    database = apsw.Connection(index.path)
    database.execute(statements)
    database.close()


def _flush(index: Index) -> None:
    """Moves everything from the write-ahead log into the database file."""
    index.generation().close()
    _alter(index, "PRAGMA wal_checkpoint(TRUNCATE)")


def _stored_number(index: Index) -> int:
    database = apsw.Connection(index.path)
    ((number,),) = database.execute("SELECT number FROM generation")
    database.close()
    return int(number)
