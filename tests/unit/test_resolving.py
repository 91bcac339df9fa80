"""Resolution of imports: as TypeScript, Node and bundlers have it, sources before what is built from them."""

from pathlib import Path

import pytest
from trees import index_of, plant

from clew._native import resolve_specifiers, specifier_patterns

JS = "export {}\n"


def leads(tmp_path: Path, files: dict[str, str], importer: str, statement: str) -> str | None:
    """The target of the one import that `statement` makes in `importer`: a path, `package:name`, or None."""
    root = plant(tmp_path / "tree", {**files, importer: statement})
    generation = index_of(root, tmp_path / "state").generation()
    (edge,) = [edge for edge in generation.edges() if generation.path_of(edge.importer) == importer]
    if edge.package is not None:
        return f"package:{edge.package}"
    return edge.path if edge.target is None else generation.path_of(edge.target)


@pytest.mark.parametrize(
    ("files", "importer", "statement", "target"),
    [
        # what Node finds
        (["lib/x.js"], "a.js", "require('./lib/x')", "lib/x.js"),
        (["lib/index.js"], "a.js", "require('./lib')", "lib/index.js"),
        (["index.js"], "test/a.js", "require('..')", "index.js"),
        (["index.js", "test.js"], "test/a.js", "require('../')", "index.js"),
        (["index.js"], "lib/a.js", "require('../.')", "index.js"),
        (["lib.js", "lib/index.js"], "a.js", "require('./lib')", "lib.js"),
        (["lib.js", "lib/index.js"], "a.js", "require('./lib/')", "lib/index.js"),
        (["data.json"], "a.js", "require('./data')", "data.json"),
        (["a.css"], "a.js", "import './a.css'", "a.css"),
        ([], "a.js", "require('node:fs')", "package:fs"),
        ([], "a.js", "require('fs/promises')", "package:fs"),
        ([], "a.js", "import '@scope/name/deep'", "package:@scope/name"),
        ([], "a.js", "import 'react/jsx-runtime'", "package:react"),
        ([], "a.js", "require('./missing')", None),
        ([], "a.js", "require('../../outside')", None),
        # what TypeScript finds
        (["b.ts", "b.js"], "a.ts", "import './b'", "b.ts"),
        (["b.ts"], "a.ts", "import './b.js'", "b.ts"),
        (["b.tsx"], "a.ts", "import './b.js'", "b.tsx"),
        (["b.mts"], "a.ts", "import './b.mjs'", "b.mts"),
        (["b.ts", "b.js"], "a.js", "import './b.js'", "b.js"),
        (["b.d.ts", "b.js"], "a.ts", "import './b'", "b.js"),
        (["b.d.ts"], "a.ts", "import './b'", "b.d.ts"),
        # what bundlers find
        (["b.vue"], "a.ts", "import './b.vue'", "b.vue"),
        (["b.vue"], "a.ts", "import './b.vue?raw'", "b.vue"),
        (["b.svg"], "a.ts", "import './b.svg?url#x'", "b.svg"),
    ],
)
def test_a_file_is_found(tmp_path: Path, files: list[str], importer: str, statement: str, target: str | None) -> None:
    assert leads(tmp_path, dict.fromkeys(files, JS), importer, statement) == target


PACKAGES = {
    "package.json": '{"private": true, "workspaces": ["packages/*", "!packages/out"]}',
    "packages/built/package.json": '{"name": "@x/built", "exports": {".": {"types": "./dist/index.d.ts", "import": "./dist/index.mjs"}}}',
    "packages/built/src/index.ts": JS,
    "packages/deep/package.json": (
        '{"name": "deep", "exports": {"./*": "./dist/esm/*.js", "./only": {"require": "./o.cjs", "import": "./o.mjs"}}}'
    ),
    "packages/deep/src/part.ts": JS,
    "packages/deep/o.cjs": "",
    "packages/deep/o.mjs": "",
    "packages/main/package.json": '{"name": "main", "main": "lib/main", "types": "types.d.ts"}',
    "packages/main/lib/main.js": JS,
    "packages/main/types.d.ts": JS,
    "packages/plain/package.json": '{"name": "plain", "imports": {"#util": "./src/util.js", "#dep": "main"}}',
    "packages/plain/src/index.ts": JS,
    "packages/plain/src/util.js": JS,
    "packages/plain/sub/page.ts": JS,
    "packages/out/package.json": '{"name": "out"}',
    "packages/out/index.js": JS,
}


@pytest.mark.parametrize(
    ("statement", "target"),
    [
        ("import '@x/built'", "packages/built/src/index.ts"),
        ("import 'deep/part'", "packages/deep/src/part.ts"),
        ("import 'deep/only'", "packages/deep/o.mjs"),
        ("require('deep/only')", "packages/deep/o.cjs"),
        ("import 'main'", "packages/main/lib/main.js"),
        ("import 'plain'", "packages/plain/src/index.ts"),
        ("import 'plain/sub/page'", "packages/plain/sub/page.ts"),
        ("import '#util'", "packages/plain/src/util.js"),
        ("import '#dep'", "packages/main/lib/main.js"),
        ("import 'out'", "package:out"),
    ],
)
def test_a_package_of_the_workspace_is_found_without_an_installation(tmp_path: Path, statement: str, target: str) -> None:
    assert leads(tmp_path, PACKAGES, "packages/plain/src/a.ts", statement) == target


def test_pnpm_workspaces_are_read(tmp_path: Path) -> None:
    files = {
        "pnpm-workspace.yaml": "packages:\n  # ours\n  - 'libs/**'\n\ncatalog:\n  out: 1\n",
        "libs/deep/one/package.json": '{"name": "one"}',
        "libs/deep/one/index.ts": JS,
    }
    assert leads(tmp_path, files, "a.ts", "import 'one'") == "libs/deep/one/index.ts"


def test_a_package_file_that_declares_no_workspace_gives_no_names_away(tmp_path: Path) -> None:
    files = {"package.json": "{}", "fixtures/react/package.json": '{"name": "react"}', "fixtures/react/index.js": JS}
    assert leads(tmp_path, files, "a.js", "import 'react'") == "package:react"


@pytest.mark.parametrize(
    ("config", "statement", "target"),
    [
        ('{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}', "import '@/x'", "src/x.ts"),
        ('{"compilerOptions": {"baseUrl": "src"}}', "import 'x'", "src/x.ts"),
        ('{ // said with a comment\n "extends": "./base.json", }', "import '~x'", "src/x.ts"),
        ('{"files": [], "references": [{"path": "./app.json"}]}', "import 'app/x'", "src/x.ts"),
        ('{"extends": "@not/installed", "compilerOptions": {"paths": {"@/*": ["./src/*"]}}}', "import '@/x'", "src/x.ts"),
    ],
)
def test_a_project_file_maps_names(tmp_path: Path, config: str, statement: str, target: str) -> None:
    files = {
        "tsconfig.json": config,
        "base.json": '{"compilerOptions": {"paths": {"~*": ["./src/*"]}}}',
        "app.json": '{"include": ["src"], "compilerOptions": {"composite": true, "paths": {"app/*": ["./src/*"]}}}',
        "src/x.ts": JS,
    }
    assert leads(tmp_path, files, "src/a.ts", statement) == target


def test_an_ignored_file_is_a_target_by_its_path(tmp_path: Path) -> None:
    files = {".gitignore": "generated\n", "generated/x.js": JS}
    assert leads(tmp_path, files, "a.js", "import './generated/x.js'") == "generated/x.js"


def test_importers_are_the_edges_turned_round(tmp_path: Path) -> None:
    root = plant(tmp_path / "tree", {"a.js": "require('./b'); require('./b')", "b.js": "", "c.js": "import './b.js'"})
    generation = index_of(root, tmp_path / "state").generation()
    assert [(edge.importer, edge.row) for edge in generation.importers(1)] == [(0, 0), (0, 1), (2, 0)]
    assert [edge.specifier for edge in generation.imports(2)] == ["./b.js"]


def test_a_specifier_is_resolved_where_it_does_not_stand(tmp_path: Path) -> None:
    files = {"a.js": "", "lib/b.ts": JS, "out/x.js": JS, ".gitignore": "out\n"}
    generation = index_of(plant(tmp_path / "tree", files), tmp_path / "state").generation()
    root, manifest, *_ = generation.parts()
    asked = [("a.js", specifier, "require") for specifier in ("./lib/b", "./b", "fs", "./out/x.js")]
    led = resolve_specifiers(root, manifest, [*asked, ("lib/new.js", "./b.js", "import")])
    assert led == [
        (generation.id_of("lib/b.ts"), None, None),
        (None, None, None),
        (None, "fs", None),
        (None, None, "out/x.js"),
        (generation.id_of("lib/b.ts"), None, None),
    ]
    with pytest.raises(ValueError, match="no kind of import: wish"):
        resolve_specifiers(root, manifest, [("a.js", "./b", "wish")])


def test_the_patterns_of_a_project_name_files(tmp_path: Path) -> None:
    files = {
        "tsconfig.json": '{"compilerOptions": {"baseUrl": "./src", "paths": {"@/*": ["./*", "../gen/*"], "one": ["one.ts"]}}}',
        "package.json": '{"name": "me", "workspaces": ["packages/*"], "imports": {"#x/*": {"require": "./*.cjs", "default": "./x/*.mjs"}}}',
        "packages/p/package.json": '{"name": "@scope/p", "exports": {".": "./lib/index.js", "./parts/*": "./lib/parts/*.js"}}',
        "packages/q/package.json": '{"name": "q"}',
    }
    generation = index_of(plant(tmp_path / "tree", files), tmp_path / "state").generation()
    root, manifest, *_ = generation.parts()
    project = [("@/*", "src/*"), ("@/*", "gen/*"), ("one", "src/one.ts"), ("*", "src/*")]
    asked = [("src/a.ts", specifier, "import") for specifier in ("@/b", "#x/a", "@scope/p/parts/a", "q")]
    assert specifier_patterns(root, manifest, asked) == [
        project,
        [*project, ("#x/*", "x/*.mjs")],
        [*project, ("@scope/p", "packages/p/lib/index.js"), ("@scope/p/parts/*", "packages/p/lib/parts/*.js")],
        [*project, ("q/*", "packages/q/*")],
    ]
