"""What judges an edited package and does not know clew: TypeScript's parser, its compiler, and the tests of the package."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
from collections import Counter
from pathlib import Path
from typing import IO, Any

from corpora import npm_program
from languageserver import compiler

_CONFIG = "tsconfig.trial.json"
_PARSER = """
const ts = require(process.argv[2]), fs = require('fs');
require('readline').createInterface({ input: process.stdin }).on('line', (path) => {
  const file = ts.createSourceFile(path, fs.readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  console.log(file.parseDiagnostics.length);
});
"""
_ALIKE = {"TS2551": "TS2339", "TS2552": "TS2304", "TS2724": "TS2305"}
"""Diagnostics that differ by a name that is near."""
_DIAGNOSTIC = re.compile(r"^(\S.*?)\(\d+,\d+\): error (TS\d+)", re.MULTILINE)
_COUNTS = re.compile(r"\d+\s+(?:passing|passed)|(?:#|\u2139) pass \d+|Passed:\s+\d+")
_FAILURE = re.compile(r"^\s*(?:not ok|FAIL|\d+\) |[\u00d7\u2717\u2716]|\w*Error:).*$", re.MULTILINE)


class Parser:
    """Counts the syntax errors of a file, by TypeScript's own parser."""

    def __init__(self) -> None:
        program = npm_program("typescript", "5.9.3", "tsc")
        if program is None:
            raise SystemExit("npm cannot install TypeScript")
        library = program.resolve().parent.parent / "lib" / "typescript.js"
        self._process = subprocess.Popen(
            ["node", "-e", _PARSER, "-", str(library)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def errors(self, path: str) -> int:
        """How many errors; 0 for a file that is none of its languages."""
        if not re.search(r"\.[cm]?[jt]sx?$", path):
            return 0
        process: Any = self._process
        stdin: IO[str] = process.stdin
        stdin.write(path + "\n")
        stdin.flush()
        return int(process.stdout.readline())


class Judges:
    """The compiler and the tests of one package."""

    def __init__(self, root: Path, tests: str | None, *, compiled: bool) -> None:
        self.root, self.tests, self.compiled = root, tests, compiled
        if compiled:
            self._configure()

    def _configure(self) -> None:
        own = self.root / "tsconfig.json"
        options: dict[str, object] = {"noEmit": True, "allowJs": True, "checkJs": True, "skipLibCheck": True, "noUnusedLocals": False}
        options |= {"noUnusedParameters": False, "incremental": False, "composite": False, "rootDir": ".", "declaration": False}
        options |= {"emitDeclarationOnly": None, "declarationDir": None, "declarationMap": None, "jsx": "preserve"}
        if not own.exists():
            options |= {"target": "esnext", "module": "nodenext", "strict": False}
        config = {"compilerOptions": options, "include": ["**/*"], "exclude": ["node_modules", "**/node_modules", "dist", "**/dist"]}
        (self.root / _CONFIG).write_text(json.dumps(config | ({"extends": "./tsconfig.json"} if own.exists() else {})))

    def diagnostics(self) -> Counter[str]:
        """The compiler's diagnostics by code: files move."""
        if not self.compiled:
            return Counter()
        command = [str(compiler()), "-p", _CONFIG, "--pretty", "false"]
        said = subprocess.run(command, cwd=self.root, stdout=subprocess.PIPE, text=True, check=False).stdout
        return Counter(_ALIKE.get(code, code) for _, code in _DIAGNOSTIC.findall(said))

    def tested(self) -> frozenset[str]:
        """The names of the tests that fail, and what ends the run before it says how many pass."""
        if self.tests is None:
            return frozenset()
        environment = {**os.environ, "CI": "1", "NO_COLOR": "1", "FORCE_COLOR": "0"}
        done = subprocess.run(
            shlex.split(self.tests),
            cwd=self.root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        text = done.stdout.decode("utf-8", "replace")
        failing = {re.sub(r"\d+|\W+", " ", line).strip() for line in _FAILURE.findall(text)}
        return frozenset(failing if _COUNTS.search(text) else {f"ended early: {text[-600:]}"})
