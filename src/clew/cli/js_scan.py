"""`js-scan`: questions about JavaScript and TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.cli.main import Answer, start, verb_command

if TYPE_CHECKING:
    from collections.abc import Mapping


def answer(argv: list[str], environ: Mapping[str, str]) -> Answer:
    """Answer one command line."""
    return verb_command("js-scan", argv, environ)


def main() -> None:
    """Enter here from the console script."""
    start(answer)
