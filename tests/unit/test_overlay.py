"""A tree with a plan laid over it says what an index says of the tree where the plan was written."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st
from trees import index_of, plant, said

from clew.index.generation import Generation
from clew.index.overlay import Overlay, overlaid

SOURCES = (
    "export const one = 1\n",
    "import { one } from './a'\nexport function two() { return one }\n",
    "const lib = require('./lib'); const up = require('../b'); exports.three = lib; lib.two()\n",
    "import p, { two } from 'pkg'\nimport a from '@/a'\nimport fs from 'node:fs'\np(a, fs, two())\n",
    "export * from './lib'\nexport class Half { two() { return new Half().two() } }\n",
    "export { one as two } from './a'\nexport default class { one() {} }\n",
    "import { Half } from './lib'\nnew Half().two()\nnew Half().one()\n",
    "class Half { \n",
    b"\xff\xfe broken \x00",
    "// h\xe9, \U0001f642\nimport { one } from './a.js'; one\n".encode(),
)
PATHS = ("a.js", "b.ts", "a.vue", "lib/index.js", "lib/a.js", "lib/deep/c.mjs", "pkg/src/index.ts", "pkg/src/a.d.ts", "notes.md", "p.png")
CONFIGS = {
    "package.json": ('{"name": "root", "workspaces": ["pkg"]}', '{"name": "root"}'),
    "pkg/package.json": ('{"name": "pkg", "exports": {".": "./dist/index.js"}}', "{"),
    "lib/package.json": ('{"main": "deep/c.mjs"}',),
    "tsconfig.json": (
        '{"compilerOptions": {"paths": {"@/*": ["./lib/*"]}}}',
        '{"compilerOptions": {"paths": {"@/*": ["./pkg/src/*"]}}}',
        '{"extends": "./base.json"}',
    ),
    "base.json": ('{"compilerOptions": {"paths": {"@/*": ["./lib/deep/*"]}}}',),
}
NAMES = ("one", "two", "three", "Half")

content = st.sampled_from(SOURCES)
sources = st.dictionaries(st.sampled_from(PATHS), content, max_size=6)
configs = st.fixed_dictionaries({}, optional={path: st.sampled_from(texts) for path, texts in CONFIGS.items()})
changes = st.dictionaries(st.sampled_from((*PATHS, *CONFIGS)), st.none() | content, max_size=4)


def meant(generation: Generation) -> dict[str, object]:
    """References, exports and columns, by path."""
    linker, path = generation.linker, generation.path_of
    said: dict[str, object] = {}
    for file in generation.files():
        said[file.path] = sorted((name, path(of), row) for name, (of, row) in linker.exports(file.id))
        for definition in linker.outlined(file.id):
            found = linker.references(definition)
            rows = [(path(row[0]), *row[1:]) for row in (*found.certain, *found.possible)]
            shown = generation.shown_lines([(row[0], row[2], row[3]) for row in found.certain])
            said[f"{file.path}:{definition[1]}"] = rows, shown
    return said


def everything(generation: Generation) -> dict[str, object]:
    return {
        **said(generation, NAMES),
        **meant(generation),
        "text": [(generation.path_of(hit.file), hit.line, hit.column, hit.text) for hit in generation.text("one")],
        "sources": {file.path: generation.source(file.id) for file in generation.files()},
        "gone": generation.changes,
    }


def encoded(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


@settings(deadline=None, max_examples=80)
@given(sources=sources, configs=configs, changes=changes)
@example(
    sources={"a.js": SOURCES[0], "b.ts": SOURCES[3], "lib/a.js": SOURCES[0]},
    configs={},
    changes={"tsconfig.json": CONFIGS["tsconfig.json"][0]},
)
@example(sources={"a.js": SOURCES[0], "b.ts": SOURCES[1]}, configs={}, changes={"a.js": None, "lib/a.js": SOURCES[0]})
def test_an_overlay_says_what_an_index_of_the_same_bytes_says(
    sources: dict[str, str | bytes], configs: dict[str, str], changes: dict[str, str | bytes | None]
) -> None:
    with TemporaryDirectory() as folder:
        root = plant(Path(folder) / "tree", {**sources, **configs, "kept.ts": SOURCES[3], "keeps.ts": SOURCES[6]})
        below = index_of(root, Path(folder) / "below").generation()
        before = everything(below)
        planned = overlaid(below, {path: None if content is None else encoded(content) for path, content in changes.items()})
        answer = everything(planned)
        assert everything(below) == before
        for path, content in changes.items():
            if content is None:
                (root / path).unlink(missing_ok=True)
            else:
                plant(root, {path: content})
        assert answer == everything(index_of(root, Path(folder) / "fresh").generation())


class Forgetful(Overlay):
    """A broken double: the names of what is planned are not looked up."""

    def __init__(self, below: Generation, changes: Mapping[str, bytes | None]) -> None:
        super().__init__(below, changes)
        self._postings = []


def test_names_that_only_the_plan_has_are_found(tmp_path: Path) -> None:
    root = plant(tmp_path / "tree", {"a.js": "export const one = 1\n", "b.js": "export {}\n"})
    below = index_of(root, tmp_path / "state").generation()
    changes = {"b.js": b"import * as a from './a'\na.one\n"}

    def users(generation: Generation) -> list[str]:
        linker = generation.linker
        (one,) = linker.named("one", generation.id_of("a.js"))
        return [generation.path_of(row[0]) for row in linker.references(one).certain]

    assert users(below) == ["a.js"]
    assert users(Forgetful(below, changes)) == ["a.js"]
    assert users(overlaid(below, changes)) == ["a.js", "b.js"]


def test_a_moved_file_is_not_parsed_again_and_leaves_its_importers_behind(tmp_path: Path) -> None:
    root = plant(tmp_path / "tree", {"a.js": "export const one = 1\n", "b.js": "import { one } from './a'\none\n"})
    below = index_of(root, tmp_path / "state").generation()
    moved = overlaid(below, {"a.js": None, "lib/a.js": b"export const one = 1\n"})
    assert moved.parsed == 0
    assert [(file.path, file.id) for file in moved.files()] == [("b.js", 0), ("lib/a.js", 1)]
    assert [(edge.specifier, edge.target, edge.path) for edge in moved.edges()] == [("./a", None, None)]


def test_a_planned_configuration_leads_imports(tmp_path: Path) -> None:
    before = '{"compilerOptions": {"paths": {"@/*": ["./one/*"]}}}'
    files = {"one/x.ts": "export {}", "two/x.ts": "export {}", "a.ts": "import '@/x'", "tsconfig.json": before}
    below = index_of(plant(tmp_path / "tree", files), tmp_path / "state").generation()
    led = overlaid(below, {"tsconfig.json": before.replace("one", "two").encode()})
    assert [led.path_of(edge.target or 0) for edge in led.edges()] == ["two/x.ts"]
