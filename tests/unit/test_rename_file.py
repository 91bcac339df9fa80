"""Moves of files and folders: an index of the tree after one, made anew, leads from the same places to the same files."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from moved_trees import CASES, LIB
from trees import index_of, plant

from clew.edits import rename_file as verb
from clew.edits.journal import Journal
from clew.edits.plans import applied
from clew.edits.rename_file import RenameFile, RenameFileResult, rename_file
from clew.errors import ClewError, InvalidRequest, NoSuchFile, OutsideWorkspace, UnsafeEdit
from clew.workspace import Workspace

Edges = dict[tuple[str, int], tuple[str, str | None]]


def opened(folder: Path, tree: Mapping[str, str]) -> Workspace:
    plant(folder, {".git/": "", **tree})
    workspace = Workspace.open(str(folder))
    workspace.begin()
    return workspace


def edges(root: Path, state: Path) -> Edges:
    """Of every import by file and place among its imports: kind, and the file or package it leads to; None for nothing."""
    generation = index_of(root, state).generation()
    path = generation.path_of
    return {
        (path(edge.importer), edge.row): (edge.kind, edge.package or edge.path if edge.target is None else path(edge.target))
        for edge in generation.edges()
    }


def written(workspace: Workspace, result: RenameFileResult) -> None:
    """Does to the tree what a plan says, without any of what applies plans."""
    root = Path(workspace.root)
    plan = Journal(workspace.state).plan(result.stored.plan)
    after = {change.to or change.path: applied((root / change.path).read_bytes(), change.edits) for change in plan.changes}
    for change in plan.changes:
        (root / change.path).unlink()
    for path, content in after.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def move(folder: Path, tree: Mapping[str, str], old: str, new: str, *, found: bool = True) -> dict[str, str]:
    """The tree after a move, every edge of which is that of before as the move maps it; by path."""
    root = folder / "tree"
    workspace = opened(root, tree)
    before = edges(root, folder / "before")
    result = rename_file(workspace, RenameFile(paths=(old, new)))
    moved = {change.file: change.to or change.file for change in result.changes}
    written(workspace, result)
    after = edges(root, folder / "after")
    mapped = {(moved.get(path, path), row): (kind, moved.get(to or "", to)) for (path, row), (kind, to) in before.items()}
    assert after == mapped
    if found:
        assert all(to is not None for _, to in after.values())
    shutil.rmtree(root / ".clew")
    kept = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes().decode() for path in kept}


@pytest.mark.parametrize("name", CASES)
def test_every_import_leads_where_it_led(name: str, tmp_path: Path) -> None:
    tree, old, new, expected = CASES[name]
    after = move(tmp_path, tree, old, new)
    moved = {new + path[len(old) :] if path == old or path.startswith(f"{old}/") else path: text for path, text in tree.items()}
    assert after == {**moved, **expected}


def rows(folder: Path, tree: Mapping[str, str], old: str, new: str) -> list[tuple[Any, ...]]:
    result = rename_file(opened(folder, tree), RenameFile(paths=(old, new)))
    return [(row.file, row.line, row.column, row.action, row.role, row.before, row.after, row.why) for row in result.results]


def test_a_row_tells_each_file_and_each_place(tmp_path: Path) -> None:
    tree = {"lib/a.js": "// é\nimport './b.js'\n", "lib/b.js": LIB, "main.js": "import { one } from './lib/b.js';  import './lib/a.js'\n"}
    assert rows(tmp_path, tree, "lib/a.js", "a.js") == [
        ("lib/a.js", 1, 1, "moved", None, "lib/a.js", "a.js", None),
        ("lib/a.js", 2, 9, "replaced", "side-effect", "import './b.js'", "import './lib/b.js'", None),
        (
            *("main.js", 1, 44, "replaced", "side-effect"),
            *("import { one } from './lib/b.js';  import './lib/a.js'", "import { one } from './lib/b.js';  import './a.js'", None),
        ),
    ]


def test_what_mentions_a_path_is_kept_and_said(tmp_path: Path) -> None:
    tree = {
        "lib/a.js": "import './b.js'\nconst data = read('../data/x.json');\nconst same = read('./b.js')\n",
        "lib/b.js": LIB,
        "data/x.json": "{}",
        "main.js": "// see lib/a.js\nconst path = 'lib/a.js'\nread('./lib/a')\nread('./libs/a')\nget('/library/x')\n",
        "jest.config.json": '{"setup": "<rootDir>/lib/a.js"}',
        "README.md": "See lib/a.js.\n",
        "package.json": '{"scripts": {"lib": "run lib"}}',
    }
    kept = [
        (file, line, column, why) for file, line, column, action, *_, why in rows(tmp_path, tree, "lib", "src/core") if action == "kept"
    ]
    other, string, comment = "text that is not read as a path here", "a string that is no import", "a comment or other text"
    assert kept == [
        ("README.md", 1, 5, "prose; --with-docs changes it"),
        ("jest.config.json", 1, 21, other),
        ("lib/a.js", 2, 20, "a path from the folder of this file, which is another one then"),
        ("main.js", 1, 8, comment),
        ("main.js", 2, 15, string),
        ("main.js", 3, 7, string),
        ("package.json", 1, 26, "`lib` may be the folder or a name"),
    ]


def test_a_file_goes_into_a_folder_that_is_there_under_its_own_name(tmp_path: Path) -> None:
    after = move(tmp_path, {"a.js": LIB, "lib/b.js": "import '../a.js'\n"}, "a.js", "lib")
    assert after == {"lib/a.js": LIB, "lib/b.js": "import './a.js'\n"}


def test_a_package_that_moves_still_names_what_is_built_of_it(tmp_path: Path) -> None:
    tree = {"a/package.json": '{"name": "a", "bin": "./dist/x.js"}', "a/src/x.ts": LIB, "package.json": "{}"}
    assert [row[3] for row in rows(tmp_path, tree, "a", "b/c")] == ["moved", "moved"]


def test_another_kind_of_module_is_said(tmp_path: Path) -> None:
    tree = {"package.json": "{}", "a/package.json": '{"type": "module"}', "a/x.js": LIB, "a/y.mjs": LIB, "lib/z.js": LIB}
    workspace = opened(tmp_path, tree)
    said = {
        (old, new): rename_file(workspace, RenameFile(paths=(old, new))).results[-1].why for old, new in (("a/x.js", "b.js"), ("lib", "a"))
    }
    assert said == {
        ("a/x.js", "b.js"): "`type` of the package that it comes into is commonjs",
        ("lib", "a"): "`type` of the package that it comes into is module",
    }
    assert len(rename_file(workspace, RenameFile(paths=("a", "b"))).results) == 3
    assert len(rename_file(workspace, RenameFile(paths=("a/y.mjs", "b.mjs"))).results) == 1


def test_one_path_is_not_enough(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="takes what is moved, and where"):
        rename_file(opened(tmp_path, {"a.js": LIB}), RenameFile(paths=("a.js",)))


def test_two_files_that_move_together_keep_what_leads_from_one_to_the_other(tmp_path: Path) -> None:
    tree = {"lib/a.js": "import './b'\nimport '../lib/b'\n", "lib/b.js": LIB}
    assert move(tmp_path, tree, "lib", "src")["src/a.js"] == "import './b'\nimport './b'\n"


def test_an_import_of_what_is_not_there_still_names_the_same_place(tmp_path: Path) -> None:
    after = move(tmp_path, {"lib/a.js": "import './built.js'\nimport 'nothing'\n"}, "lib/a.js", "a.js", found=False)
    assert after == {"a.js": "import './lib/built.js'\nimport 'nothing'\n"}


def test_hidden_files_go_with_their_folder_and_ignored_ones_stay(tmp_path: Path) -> None:
    tree = {".gitignore": "out\n", "lib/a.js": LIB, "lib/.rc.json": "{}", "lib/out/a.js": LIB, "lib/node_modules/x/index.js": LIB}
    result = rename_file(opened(tmp_path, tree), RenameFile(paths=("lib", "src")))
    assert [(change.file, change.to) for change in result.changes] == [("lib/.rc.json", "src/.rc.json"), ("lib/a.js", "src/a.js")]
    assert result.left == ("lib/node_modules", "lib/out/a.js")


def test_an_ignored_file_is_moved_when_it_is_named(tmp_path: Path) -> None:
    tree = {".gitignore": "out\n", "out/a.js": "import '../b.js'\n", "b.js": "import './out/a.js'\n"}
    result = rename_file(opened(tmp_path, tree), RenameFile(paths=("out/a.js", "lib/deep/a.js")))
    assert [(row.file, row.after) for row in result.results] == [
        ("out/a.js", "lib/deep/a.js"),
        ("b.js", "import './lib/deep/a.js'"),
        ("out/a.js", "import '../../b.js'"),
    ]


def test_an_extension_that_changes_is_said(tmp_path: Path) -> None:
    result = rename_file(opened(tmp_path, {"a.js": LIB}), RenameFile(paths=("a.js", "a.ts")))
    assert result.extensions == (".js → .ts",)


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    rename_file(opened(tmp_path, {"a.js": LIB}), RenameFile(paths=("a.js", "lib/b.js")))
    assert (tmp_path / "a.js").read_text() == LIB
    assert not (tmp_path / "lib").exists()


WORKSPACES = {
    "package.json": '{"workspaces": ["packages/*"]}',
    "packages/a/package.json": '{"name": "a", "exports": {"./parts/*": "./src/parts/*.js"}}',
    "packages/a/src/parts/one.js": LIB,
    "packages/b/package.json": '{"name": "b"}',
    "packages/b/index.js": "\nimport 'a/parts/one'\n",
}

REFUSED: dict[str, tuple[dict[str, str], str, str, type[ClewError], str]] = {
    "what is not there": ({}, "b.js", "c.js", NoSuchFile, "no file b.js"),
    "a place that is taken": ({"b.js": LIB}, "a.js", "b.js", UnsafeEdit, "b.js is there already, and is never overwritten"),
    "a name that is taken in a folder": ({"lib/a.js": LIB}, "a.js", "lib", UnsafeEdit, "lib/a.js is there already"),
    "the place it has": ({}, "a.js", "./a.js", InvalidRequest, "a.js is there already"),
    "a folder into itself": ({"lib/b.js": LIB}, "lib", "lib/deep", InvalidRequest, "lib cannot be moved into itself"),
    "out of the root": ({}, "a.js", "../a.js", OutsideWorkspace, "is outside of"),
    "the root": ({}, ".", "lib", UnsafeEdit, "The root cannot be moved"),
    "a file below a file": ({"b.js": LIB}, "a.js", "b.js/a.js", UnsafeEdit, "b.js is a file, so b.js/a.js cannot be in it"),
    "into what git keeps": ({}, "a.js", ".git/a.js", UnsafeEdit, "is in a folder that is left alone"),
    "no path": ({}, "a.js", "", InvalidRequest, "'' is no path"),
    "a name that no source has": ({}, "a.js", "lib/a", UnsafeEdit, "lib/a is no name for a source"),
    "a NUL": ({}, "a.js", "b\0.js", InvalidRequest, "is no path"),
    "what a package no longer serves": (
        WORKSPACES,
        "packages/a/src/parts/one.js",
        "packages/a/src/one.js",
        UnsafeEdit,
        "packages/b/index.js:2: nothing written in place of a/parts/one would lead to packages/a/src/one.js",
    ),
    "a name that cannot be quoted": ({"b.js": "import './a.js'\n"}, "a.js", "it's.js", UnsafeEdit, "b.js:1: nothing written in place"),
    "an import with escapes": ({"b.js": "import '.\\x2fa.js'\n"}, "a.js", "c.js", UnsafeEdit, "b.js:1: ./a.js is written in a way"),
    "an entry that would leave its package": (
        {"lib/package.json": '{"name": "x",\n "main": "./b.js"}', "lib/b.js": LIB, "m.js": "import './lib'\n"},
        "lib/b.js",
        "b.js",
        UnsafeEdit,
        "lib/package.json:2: `main` cannot lead out of the package",
    ),
    "another file in its way": (
        {"lib/x.ts": LIB, "b.js": "import './lib/x'\nimport fs from 'fs'\n", "tsconfig.json": '{"compilerOptions": {"baseUrl": "."}}'},
        "lib/x.ts",
        "fs.ts",
        UnsafeEdit,
        "b.js:2: fs would lead to fs.ts instead of fs",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_move_that_cannot_be_right_is_refused(name: str, tmp_path: Path) -> None:
    tree, old, new, error, message = REFUSED[name]
    workspace = opened(tmp_path, {"a.js": LIB, **tree})
    with pytest.raises(error) as raised:
        rename_file(workspace, RenameFile(paths=(old, new)))
    assert message in raised.value.message


def test_a_link_that_leads_out_is_no_place(tmp_path: Path) -> None:
    workspace = opened(tmp_path / "tree", {"a.js": LIB})
    (tmp_path / "tree/out").symlink_to(tmp_path)
    with pytest.raises(OutsideWorkspace):
        rename_file(workspace, RenameFile(paths=("a.js", "out/a.js")))
    (tmp_path / "tree/link.js").symlink_to("a.js")
    with pytest.raises(UnsafeEdit, match="symbolic link"):
        rename_file(workspace, RenameFile(paths=("link.js", "b.js")))


def _forgets(_: object) -> Callable[..., list[str | None]]:
    return lambda wanted, *_: [one.specifier for one in wanted]


def test_a_specifier_that_was_forgotten_is_found_by_the_proof(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken double: one that leaves specifiers as they are."""
    monkeypatch.setattr(verb, "respelt", _forgets(verb.respelt))
    with pytest.raises(UnsafeEdit) as raised:
        rename_file(opened(tmp_path, {"a.js": LIB, "b.js": "import './a.js'\n"}), RenameFile(paths=("a.js", "c.js")))
    assert raised.value.message == "b.js:1: ./a.js would lead to nowhere instead of c.js"
    assert raised.value.hint == "js-scan --imports b.js"


def test_what_is_built_of_a_source_that_leaves_is_said(tmp_path: Path) -> None:
    tree = {"package.json": '{"exports": {"./a": "./dist/a.js"}}', "src/a.ts": LIB}
    kept = [(file, column, why) for file, _, column, action, *_, why in rows(tmp_path, tree, "src/a.ts", "tools/a.ts") if action == "kept"]
    assert kept == [("package.json", 22, "what is built of src/a, which goes elsewhere")]
