"""The command that runs test files: the test runner that a file imports, or that its package has, with the package's manager.

Told by, in this order: what the file imports (`node:test`, `vitest`, …), the script `test` of the nearest `package.json` that names a
runner, a config file beside it (`jest.config.js`, `.mocharc.yml`, …), its dependencies.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from shlex import join
from typing import Any

from clew.code.manifests import manifest_in

_RUN = {
    "vitest": ("vitest", "run"),
    "jest": ("jest", "--runTestsByPath"),
    "mocha": ("mocha",),
    "playwright": ("playwright", "test"),
    "ava": ("ava",),
}
"""How a runner of a package takes files."""

_IMPORTED = {
    "vitest": "vitest",
    "@jest/globals": "jest",
    "mocha": "mocha",
    "@playwright/test": "playwright",
    "ava": "ava",
    "node:test": "node",
    "bun:test": "bun",
}
_IMPORT = re.compile(rf"""(?:from|require\()\s*['"]({"|".join(map(re.escape, _IMPORTED))})['"]""")
_DEPENDENCY = {"@playwright/test": "playwright", "vitest": "vitest", "jest": "jest", "mocha": "mocha", "ava": "ava"}
_CONFIG = re.compile(r"(?:(vitest|jest|playwright|ava)\.config\.\w+|\.(mocha)rc(?:\.\w+)?)")
_NODE = re.compile(r"\bnode\s[^&|;]*--test\b")
_CASES = re.compile(r"\b(?:describe|it|test|suite|specify|Deno\.test)\b[\w.]*\s*[(<`]")
"""A call that declares a test; a file in a folder of tests that has none only helps others."""
_WORD = re.compile(r"(?<![\w@/.-])(vitest|jest|mocha|playwright|ava)(?![\w/-])|\b(bun) test\b")
_LOCKS = (("pnpm-lock.yaml", "pnpm exec"), ("yarn.lock", "yarn"), ("bun.lock", "bunx"), ("bun.lockb", "bunx"))
_LOADING = frozenset({"--require", "-r", "--import", "--loader", "--config", "-c", "--file", "--conditions", "-C"})
"""Flags of a script, with a value, that say how tests are loaded."""

_MOST_READ = 65536
"""Letters of a test that are looked at."""


def commands(root: str, files: Sequence[str]) -> tuple[str, ...]:
    """Commands that run root-relative files, to be given at the root: one for each runner and package that has it."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for path in files:
        how = _runner(root, path)
        if how is not None:
            found.setdefault(how, []).append(path)
    lines = []
    for (folder, command), paths in found.items():
        line = join([*command, *(posixpath.relpath(path, folder or ".") for path in paths)])
        lines.append(f"cd {join([folder])} && {line}" if folder else line)
    return tuple(lines)


def _runner(root: str, path: str) -> tuple[str, tuple[str, ...]] | None:
    """The folder of the package whose runner runs a file, and the words before the file; None where no runner is known."""
    source = _source(os.path.join(root, path))
    if not _CASES.search(source):
        return None
    found = _IMPORT.search(source)
    imported = "deno" if "Deno.test" in source else _IMPORTED[found.group(1)] if found else None
    for folder, manifest in _packages(root, path):
        name = imported or _of_package(os.path.join(root, folder), manifest)
        if name == "node":
            return folder, ("node", *_flags("node", manifest), "--test")
        if name in {"bun", "deno"}:
            return folder, (name, "test")
        if name is not None and (imported is None or name in _named_by(manifest) or not folder):
            return folder, (*_manager(root, folder).split(" "), *_RUN[name], *_flags(name, manifest))
    return None


def _packages(root: str, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The packages around a file, the nearest first: folder and manifest; the root last, without a manifest where it has none."""
    folder = posixpath.dirname(path)
    while True:
        manifest = manifest_in(root, folder)
        if manifest is not None or not folder:
            yield folder, manifest or {}
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _source(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read(_MOST_READ)
    except OSError:
        return ""


def _of_package(folder: str, manifest: dict[str, Any]) -> str | None:
    """The runner of a package."""
    for text in _test_scripts(manifest):
        if _NODE.search(text):
            return "node"
        word = _WORD.search(text)
        if word:
            return word.group(1) or word.group(2)
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        names = []
    for name in names:
        config = _CONFIG.fullmatch(name)
        if config:
            return config.group(1) or config.group(2)
    return next((runner for name, runner in _DEPENDENCY.items() if name in _named_by(manifest)), None)


def _flags(runner: str, manifest: dict[str, Any]) -> tuple[str, ...]:
    """The flags by which the scripts of a package tell a runner to load tests: `--require test/support/env`."""
    for text in _test_scripts(manifest):
        for command in re.split(r"&&|\|\||[;|]", text):
            words = command.split()
            if runner not in words or (runner == "node" and "--test" not in words):
                continue
            own = words[words.index(runner) + 1 :]
            pairs = zip(own, [*own[1:], "-"], strict=False)
            return tuple(
                part
                for word, value in pairs
                if word.partition("=")[0] in _LOADING
                for part in ((word,) if "=" in word else (word, value) if not value.startswith("-") else ())
            )
    return ()


def _test_scripts(manifest: dict[str, Any]) -> list[str]:
    """The scripts that test, `test` itself first."""
    scripts = manifest.get("scripts")
    if not isinstance(scripts, dict):
        return []
    named = [(name, text) for name, text in scripts.items() if name.partition(":")[0] == "test" and isinstance(text, str)]
    return [text for _, text in sorted(named, key=lambda one: one[0])]


def _named_by(manifest: dict[str, Any]) -> frozenset[str]:
    """Dependencies of a package, and the runners that its scripts name."""
    depends = (manifest.get(field) for field in ("devDependencies", "dependencies", "peerDependencies"))
    names = {name for part in depends if isinstance(part, dict) for name in part}
    names |= {word.group(1) for text in _test_scripts(manifest) for word in _WORD.finditer(text) if word.group(1)}
    return frozenset(names | ({"playwright"} if "@playwright/test" in names else set()))


def _manager(root: str, folder: str) -> str:
    """The command by which the package manager of a folder runs a program of its packages, by the lock file there or above."""
    while True:
        for lock, words in _LOCKS:
            if os.path.exists(os.path.join(root, folder, lock)):
                return words
        if not folder:
            return "npx"
        folder = posixpath.dirname(folder)
