"""An index of a tree, and the files that it reads again when the tree changes."""

import os
import weakref
from pathlib import Path

import pytest
from trees import index_of, plant, said

from clew.index.generation import SourceChanged
from clew.index.opening import Index
from clew.index.rows import CODE, TEXT, TextHit
from clew.requests import FileProblem


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "tree"


@pytest.fixture
def index(root: Path, tmp_path: Path) -> Index:
    return index_of(root, tmp_path / "state")


def paths(index: Index, kinds: int = CODE) -> list[str]:
    return [file.path for file in index.generation().files(kinds)]


def test_the_walk_keeps_what_rg_keeps(root: Path, index: Index) -> None:
    plant(
        root,
        {
            "a.js": "",
            "b.ts": "",
            "c.d.ts": "",
            "page.vue": "",
            "README.md": "",
            "logo.png": "",
            ".hidden/d.js": "",
            ".eslintrc.js": "",
            ".gitignore": "built/\n*.gen.js\n",
            "built/e.js": "",
            "f.gen.js": "",
            "lib/.ignore": "g.js\n",
            "lib/g.js": "",
            "lib/h.js": "",
            "node_modules/p/index.js": "",
            "lib/node_modules/p/index.js": "",
            ".clew/i.js": "",
            ".git/info/exclude": "private.js\n",
            "private.js": "",
        },
    )
    assert paths(index) == ["a.js", "b.ts", "c.d.ts", "lib/h.js", "page.vue"]
    assert paths(index, TEXT) == ["README.md"]


def test_a_rule_of_a_parent_folder_counts_outside_git(root: Path, index: Index, tmp_path: Path) -> None:
    plant(tmp_path, {".ignore": "secret.js\n", "tree/secret.js": "", "tree/open.js": ""})
    assert paths(index) == ["open.js"]
    (tmp_path / ".ignore").unlink()
    assert paths(index) == ["open.js", "secret.js"]


def test_only_what_changed_is_parsed_again(root: Path, index: Index, tmp_path: Path) -> None:
    plant(root, {"a.js": "const a = 1", "b.js": "const b = 1", "same.js": "const b = 1"})
    assert index.generation().parsed == 2  # two files share one content
    assert index_of(root, tmp_path / "state").generation().parsed == 0
    plant(root, {"a.js": "const a = 2"})
    assert index.generation().parsed == 1
    (root / "a.js").rename(root / "moved.js")
    assert (index.generation().parsed, paths(index)) == (0, ["b.js", "moved.js", "same.js"])
    plant(root, {"moved.js": "const a = 1"})
    assert index.generation().parsed == 0  # it was parsed before


def test_a_change_that_keeps_size_and_modification_time_is_noticed(root: Path, index: Index) -> None:
    plant(root, {"a.js": "const a = 1"})
    before = (root / "a.js").stat()
    assert index.generation().with_name("b") == []
    plant(root, {"a.js": "const b = 1"})
    os.utime(root / "a.js", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert index.generation().with_name("b") == [0]


def test_the_number_of_a_generation_moves_with_content_only(root: Path, index: Index) -> None:
    plant(root, {"a.js": "const a = 1"})
    first = index.generation().number
    os.utime(root / "a.js", ns=(0, 0))
    assert index.generation().number == first
    plant(root, {"b.js": ""})
    assert index.generation().number == first + 1


def test_an_earlier_generation_stays_as_it_was(root: Path, index: Index) -> None:
    plant(root, {"a.js": "export const a = 1", "b.js": "import './a'"})
    old = index.generation()
    before = said(old, ("a",))
    plant(root, {"a.js": "export const other = 1", "c.js": "import './a'"})
    (root / "b.js").unlink()
    assert index.generation().number == old.number + 1
    assert said(old, ("a",)) == before


def test_a_source_is_given_only_as_it_was_read(root: Path, index: Index) -> None:
    plant(root, {"a.js": "const a = 1"})
    generation = index.generation()
    assert generation.source(0) == b"const a = 1"
    plant(root, {"a.js": "const a = 2"})
    with pytest.raises(SourceChanged, match=r"a\.js"):
        generation.source(0)


def test_odd_files_are_named_and_the_others_are_read(root: Path, index: Index, tmp_path: Path) -> None:
    plant(
        root,
        {
            "binary.js": b"\x00\x01\x02",
            "broken.js": "const x = ;\n",
            "fine.js": "function fine() {}\n",
            "large.js": b" " * (20 * 1024 * 1024 + 1),
            "latin.js": "const e = 1 // à\n".encode("latin-1"),
            "crlf.js": b"\xef\xbb\xbffunction bom() {}\r\n",
        },
    )
    (root / "up").symlink_to(root)
    (root / "outside").symlink_to(plant(tmp_path / "elsewhere", {"away.js": ""}))
    generation = index.generation()
    assert [(problem.file, problem.code, problem.line) for problem in generation.warnings if problem.file != "broken.js"] == [
        ("binary.js", "binary", None),
        ("large.js", "too_large", None),
        ("latin.js", "encoding", 1),
        ("up", "symlink_loop", None),
    ]
    assert FileProblem(file="broken.js", message="Unexpected token", line=1, column=11, code="syntax") in generation.warnings
    assert [hit.name for hit in generation.search(["fine"])] == ["fine", "fine.js"]
    assert [hit.name for hit in generation.search(["bom"])] == ["bom"]


def test_a_search_gives_the_best_fit_first(root: Path, index: Index) -> None:
    plant(
        root,
        {
            "lib/send.js": "export function send() {}\nfunction sendFile() {}\nfunction resend() {}\nfunction fileSend() {}\n",
            "lib/res.js": "const res = {}\nres.send = function () {}\nfunction SEND() {}\nfunction Send() {}\n",
            "test/send.js": "export function send() {}\n",
        },
    )
    found = index.generation().search(["send"])
    path = index.generation().path_of
    assert [(hit.match, hit.container, hit.name, path(hit.file)) for hit in found] == [
        ("exact", "", "send", "lib/send.js"),
        ("exact", "res", "send", "lib/res.js"),
        ("exact", "", "send", "test/send.js"),
        ("case", "", "SEND", "lib/res.js"),
        ("case", "", "Send", "lib/res.js"),
        ("word", "", "sendFile", "lib/send.js"),
        ("word", "", "fileSend", "lib/send.js"),
        ("substring", "", "resend", "lib/send.js"),
        ("path", "", "send.js", "lib/send.js"),
        ("path", "", "send.js", "test/send.js"),
    ]


@pytest.mark.parametrize("term", ["View.prototype.lookup", "View#lookup", "View.lookup"])
def test_a_qualified_name_is_exact(root: Path, index: Index, term: str) -> None:
    plant(root, {"view.js": "function View() {}\nView.prototype.lookup = function lookup() {}\nfunction lookup() {}\n"})
    first = index.generation().search([term])[0]
    assert (first.match, first.container, first.name) == ("exact", "View", "lookup")


def test_all_terms_of_a_search_must_fit_unless_any_may(root: Path, index: Index) -> None:
    plant(root, {"lib/router.js": "function handle() {}\nfunction route() {}\n", "lib/other.js": "function handle() {}\n"})
    generation = index.generation()
    assert [(hit.name, generation.path_of(hit.file)) for hit in generation.search(["router", "handle"])] == [("handle", "lib/router.js")]
    names = {hit.name for hit in generation.search(["route", "handle"], any_term=True)}
    assert names == {"route", "handle", "router.js"}


def test_camel_case_finds_by_the_beginnings_of_words(root: Path, index: Index) -> None:
    plant(root, {"a.js": "function createETagGenerator() {}\nfunction create() {}\n"})
    assert [(hit.match, hit.name) for hit in index.generation().search(["crTaGen"])] == [("camel", "createETagGenerator")]


def test_text_is_found_with_line_and_utf16_column(root: Path, index: Index) -> None:
    plant(root, {"a.js": "// one\r\nconst 𝒳 = 'needle'\r\n", "notes.md": "a needle\rneedles\n", "skip.png": "needle"})
    generation = index.generation()
    assert generation.text("needle") == [
        TextHit(0, 2, 13, 22, 28, "const 𝒳 = 'needle'"),
        TextHit(1, 1, 3, 2, 8, "a needle"),
        TextHit(1, 2, 1, 9, 15, "needles"),
    ]
    assert [hit.line for hit in generation.text("NEEDLE", ignore_case=True, word=True)] == [2, 1]
    assert [hit.text for hit in generation.text(r"^need\w+$", regex=True)] == ["needles"]
    assert generation.text(r"one\s+const", regex=True) == []
    with pytest.raises(ValueError, match="unclosed"):
        generation.text("(", regex=True)


def test_a_file_that_no_longer_parses_keeps_its_facts_but_not_its_lines(root: Path, index: Index) -> None:
    plant(root, {"a.js": "export const one = 1\n"})
    index.generation()
    plant(root, {"a.js": "export const one = 1\nfunction half(a, {\n"})
    generation = index.generation()
    assert [hit.name for hit in generation.search(["one"])] == ["one"]
    assert generation.search(["half"]) == []
    assert generation.warnings == (
        FileProblem(
            file="a.js",
            message="Expected `}` but found `EOF`; what is known of it is from when it last parsed",
            line=3,
            column=1,
            code="stale",
        ),
    )
    with pytest.raises(SourceChanged):
        generation.source(0)


def test_a_generation_that_was_asked_is_let_go_with_its_last_user(root: Path, index: Index) -> None:
    plant(root, {"a.js": "export const one = 1\n"})
    generation = index.generation()
    assert generation.linker.names_in(0) == ["one"]
    watched = weakref.ref(generation)
    plant(root, {"b.js": ""})
    generation = index.generation()
    assert watched() is None


def test_nothing_is_kept_of_a_file_that_was_empty(root: Path, index: Index) -> None:
    plant(root, {"a.js": "export const one = 1\n"})
    index.generation()
    plant(root, {"a.js": ""})
    index.generation()
    plant(root, {"a.js": "function half(a, {\n"})
    generation = index.generation()
    assert [hit.name for hit in generation.search(["half"])] == ["half"]
    assert [problem.code for problem in generation.warnings] == ["syntax", "tokens"]


def test_which_facts_were_kept_tells_two_generations_apart(root: Path, index: Index, tmp_path: Path) -> None:
    plant(root, {"a.js": "export const one = 1\n"})
    index.generation()
    plant(root, {"a.js": "function half(a, {\n"})
    assert index.generation().manifest_digest() != index_of(root, tmp_path / "fresh").generation().manifest_digest()


def test_files_that_change_while_they_are_read_are_named(root: Path, index: Index) -> None:
    plant(root, {"a.js": "const one = 1\n", "b.js": "const one = 2\n", "c.js": "const one = 3\n"})
    generation = index.generation()
    plant(root, {"a.js": "const one = 10\n"})
    (root / "b.js").unlink()
    assert len(generation.text("one")) == 2
    message = f"changed during the question; the answer is about the tree before (generation {generation.number})"
    assert generation.changes == tuple(FileProblem(file=path, message=message, code="changed") for path in ("a.js", "b.js"))
    assert [generation.has_facts_of_disk(file) for file in range(3)] == [False, False, True]
    assert index.generation().changes == ()
