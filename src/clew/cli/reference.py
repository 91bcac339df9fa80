"""The pages of `docs/reference`: what `--help` says, command by command."""

from __future__ import annotations

from clew.cli._flags import FLAGS
from clew.cli.clew import SUBCOMMANDS
from clew.cli.clew import help_of as help_of_subcommand
from clew.cli.help import ABOUT, help_of
from clew.operations import operation

NOTE = "Written by `python -m clew.cli.generate` from the help texts."


def pages() -> dict[str, str]:
    """File name -> text of every page."""
    written = {f"{command}.md": _page(command, help_of(command, []), _operations(command)) for command in ABOUT}
    about = [(f"clew {name}", help_of_subcommand(name)) for name in SUBCOMMANDS]
    return {**written, "clew.md": _page("clew", help_of_subcommand(None), about)}


def _operations(command: str) -> list[tuple[str, str]]:
    return [(f"{command} {operation(name).flag}", help_of(command, [name])) for name, row in FLAGS.items() if command in row[0]]


def _page(title: str, overview: str, parts: list[tuple[str, str]]) -> str:
    sections = [f"## {heading}\n\n{_block(text)}" for heading, text in parts]
    return "\n".join([f"# {title}\n\n{NOTE}\n\n{_block(overview)}", *sections])


def _block(text: str) -> str:
    return f"```text\n{text.rstrip()}\n```\n"
