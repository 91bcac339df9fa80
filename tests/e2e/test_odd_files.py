"""Odd files never stop an answer: each is named with its problem, and positions in all others stay exact."""

import os
import sys

import pytest
from shell import Shell

DEEP = "x = " + "[" * 5000 + "]" * 5000 + ";\n"
ODD: dict[str, bytes] = {
    "broken.js": b"export function half(a, {\n",
    "binary.js": b"\x7fELF\x00\x01\x02\x00\x00\xff\xfe" * 50,
    "latin.js": b"// caf\xe9\nexports.latin = () => heat;\n",
    "deep.js": DEEP.encode(),
}
FINE: dict[str, tuple[bytes, str, tuple[int, int]]] = {
    "bom.mjs": (b"\xef\xbb\xbfexport function bomb() {}\n", "bomb", (1, 17)),
    "crlf.mjs": (b"// one\r\n// two\r\nexport function third() {}\r\n", "third", (3, 17)),
    "shebang.js": (b"#!/usr/bin/env node\nexports.run = () => 1;\n", "run", (2, 9)),
    "astral.mjs": ("/* 𝒳é */ export function afterwards() {}\n".encode(), "afterwards", (1, 27)),
}


@pytest.fixture
def odd(shell: Shell) -> Shell:
    for path, content in {**ODD, **{path: content for path, (content, _, _) in FINE.items()}}.items():
        shell.write(f"odd/{path}", content)
    return shell


def test_each_odd_file_is_named_with_its_problem(odd: Shell) -> None:
    reply = odd.ask("--build-index")
    named = {problem["file"]: problem["message"] for problem in reply["warnings"]}
    assert set(named) >= {"odd/broken.js", "odd/binary.js", "odd/latin.js"}
    assert all(named.values())


def test_the_answer_still_comes(odd: Shell) -> None:
    assert odd.ask("--search", "createKettle")["total"] == 1
    assert "lib/tea.mjs" in odd.ask("--ripple", "createKettle")["files"]


@pytest.mark.parametrize("path", FINE)
def test_positions_stay_exact(odd: Shell, path: str) -> None:
    _, name, place = FINE[path]
    row = odd.ask("--search", name)["results"][0]
    assert (row["file"], row["line"], row["column"]) == (f"odd/{path}", *place)


def test_a_minified_file_of_ten_megabytes_is_read(shell: Shell) -> None:
    shell.write("dist/all.min.js", "".join(f"function f{n}(a){{return a+f{n - 1}(a)}}" for n in range(1, 260_000)))
    assert shell.ask("--search", "createKettle")["total"] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a privilege there")
def test_a_loop_of_folders_ends(shell: Shell) -> None:
    os.symlink(shell.folder / "lib", shell.folder / "lib" / "again")
    os.symlink("/", shell.folder / "outside")
    reply = shell.ask("--search", "createKettle")
    assert [row["file"] for row in reply["results"]] == ["lib/kettle.js"]


def test_a_file_that_is_gone_is_no_longer_in_the_answer(shell: Shell) -> None:
    assert shell.ask("--importers", "lib/kettle.js")["total"] == 3
    (shell.folder / "lib/tea.mjs").unlink()
    assert shell.ask("--importers", "lib/kettle.js")["total"] == 2


def test_an_empty_root_has_an_answer(bare: Shell) -> None:
    assert bare.ask("--search", "anything")["total"] == 0


def test_a_half_written_file_is_known_by_its_last_good_version_until_it_parses_again(shell: Shell) -> None:
    good = (shell.folder / "lib/tea.mjs").read_text()
    before = shell.ask("--callers", "createKettle")
    shell.write("lib/tea.mjs", f"{good}export function pour(cup, {{\n")
    half = shell.ask("--callers", "createKettle")
    assert (half["complete"], half["why"]) == (False, [{"code": "stale", "total": 1, "files": ["lib/tea.mjs"]}])
    assert [(problem["file"], problem["code"]) for problem in half["warnings"]] == [("lib/tea.mjs", "stale")]
    assert [(row["file"], row["line"]) for row in half["results"]] == [(row["file"], row["line"]) for row in before["results"]]
    shell.write("lib/tea.mjs", f"// whole again\n{good}")
    whole = shell.ask("--callers", "createKettle")
    assert (whole["complete"], "warnings" in whole) == (True, False)
    assert [row["line"] for row in whole["results"] if row["file"] == "lib/tea.mjs"] == [5]
