"""Laws of an index that follows edits: where all files parse it says what a fresh one says, else it keeps what was known last."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from trees import index_of, plant, said

from clew._native import digest, extract
from clew.index.rows import STALE

PATHS = (
    "a.js",
    "b.ts",
    "a.vue",
    "lib/index.js",
    "lib/a.js",
    "lib/deep/c.mjs",
    "pkg/src/index.ts",
    "pkg/src/a.d.ts",
    "node_modules/x/index.js",
    "notes.md",
    "lib/page.mdx",
)
HALF_WRITTEN = ("export function half(a, {\n", "const lib = require('./lib'\nfunction {{")
SOURCES = (
    "export const one = 1\n",
    "import { one } from './a'\nexport function two() { return one }\n",
    "const lib = require('./lib'); const up = require('../b'); exports.three = lib\n",
    "import p from 'pkg'\nimport a from '@/a'\nimport fs from 'node:fs'\n",
    "class Half { \n",
    "---\na: 1\n---\n# Notes\n\nSee [one](a.js) and [two][].\n\n[two]: lib/\n",
    HALF_WRITTEN[0],
    b"\xff\xfe broken \x00",
)
CONFIGS = (
    ("package.json", '{"name": "root", "workspaces": ["pkg"]}'),
    ("package.json", '{"name": "root"}'),
    ("pkg/package.json", '{"name": "pkg", "exports": {".": "./dist/index.js"}}'),
    ("lib/package.json", '{"main": "deep/c.mjs"}'),
    ("tsconfig.json", '{"compilerOptions": {"paths": {"@/*": ["./lib/*"]}}}'),
    ("tsconfig.json", '{"compilerOptions": {"paths": {"@/*": ["./pkg/src/*"]}}}'),
    (".gitignore", "lib/\n"),
    (".gitignore", "*.ts\n!b.ts\n"),
    ("lib/.ignore", "a.js\n"),
    ("lib/deep/.gitignore", "*\n"),
)
FOLDERS = ("lib", "lib/deep", "pkg", "other", "pkg/lib")
NAMES = ("one", "two", "three", "Half")

write = st.tuples(st.just("write"), st.sampled_from(PATHS), st.sampled_from(SOURCES))
configure = st.tuples(st.just("write"), st.sampled_from(CONFIGS)).map(lambda pair: ("write", *pair[1]))
delete = st.tuples(st.just("delete"), st.sampled_from((*PATHS, *(path for path, _ in CONFIGS), *FOLDERS)), st.just(""))
move = st.tuples(st.just("move"), st.sampled_from((*PATHS, *FOLDERS)), st.sampled_from((*PATHS, *FOLDERS)))
link = st.tuples(st.just("link"), st.sampled_from(("lib/loop", "linked.js", "lib/deep/up")), st.sampled_from(("..", "a.js", "nowhere")))
look = st.just(("look", "", ""))
steps = st.lists(st.one_of(write, write, configure, delete, move, link, look), max_size=14)


def act(root: Path, kind: str, at: str, what: str | bytes) -> None:
    """One edit, as far as it can be done."""
    path = root / at
    try:
        if kind == "write":
            plant(root, {at: what})
        elif kind == "delete":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        elif kind == "move":
            target = root / str(what)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        elif kind == "link":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(str(what))
    except OSError:
        pass  # nothing to delete or move, or something in the way: the tree is as it was


@settings(deadline=None, max_examples=60)
@given(steps=steps)
def test_an_index_that_followed_edits_equals_a_fresh_one(steps: list[tuple[str, str, str | bytes]]) -> None:
    with TemporaryDirectory() as folder:
        root = plant(Path(folder) / "tree", {"a.js": SOURCES[0], "lib/index.js": SOURCES[1]})
        followed = index_of(root, Path(folder) / "followed")
        followed.generation()
        for kind, at, what in steps:
            if kind == "look":
                followed.generation()
            else:
                act(root, kind, at, what)
        for file in list(followed.generation().files()):
            if file.flags & STALE:  # a fresh index has nothing to keep
                plant(root, {file.path: SOURCES[0]})
        fresh = index_of(root, Path(folder) / "fresh")
        assert said(followed.generation(), NAMES) == said(fresh.generation(), NAMES)


@settings(deadline=None, max_examples=40)
@given(versions=st.lists(st.sampled_from((*SOURCES[:3], *HALF_WRITTEN)), min_size=1, max_size=8))
def test_a_file_is_known_by_the_last_version_that_parsed(versions: list[str]) -> None:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        index = index_of(root, Path(folder) / "state")
        last_good = None
        for version in versions:
            plant(root, {"a.js": version})
            generation = index.generation()
            last_good = version if version not in HALF_WRITTEN else last_good
            known = extract([("a.js", (last_good or version).encode())])[0][0]
            assert generation.blobs([0]) == [known]
            assert generation.digest_of(0) == digest(version.encode())
            is_stale = version != last_good and last_good is not None
            assert bool(generation.flags_of(0) & STALE) == is_stale
            codes = {problem.code for problem in generation.warnings}
            assert codes == (set() if version == last_good else {"stale"} if is_stale else {"syntax", "tokens"})
