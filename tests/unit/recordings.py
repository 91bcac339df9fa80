"""Outputs of real tools over one small project, and the project itself."""

from __future__ import annotations

import shutil
from pathlib import Path

from clew.recording.output import Kept, plain
from clew.recording.parsers import is_search, parse
from clew.recording.places import Tree
from clew.recording.process import Ended
from clew.recording.record import RecordResult, compared_with, result_of
from clew.workspace import Workspace

DATA = Path(__file__).parents[1] / "data" / "recordings"
COMMANDS = {
    "eslint": ("npx", "eslint", "src"),
    "tsc": ("npx", "tsc"),
    "vitest": ("npx", "vitest", "run"),
    "jest": ("npx", "jest"),
    "mocha": ("npx", "mocha"),
    "node": ("node", "--test"),
    "rg": ("rg", "-n", "coin"),
    "rg-column": ("rg", "--column", "-n", "coin"),
    "grep": ("grep", "-rn", "coin"),
    "pytest": ("python", "-m", "pytest"),
}
OUTPUTS = sorted(path.name for path in (DATA / "outputs").iterdir())


def project(folder: Path) -> Workspace:
    """A copy of the project, opened."""
    shutil.copytree(DATA / "tree", folder, dirs_exist_ok=True)
    (folder / ".git").mkdir(exist_ok=True)
    return Workspace.open(str(folder))


def command_of(name: str) -> tuple[str, ...]:
    """The command whose output it is."""
    base = name.partition(".")[0]
    return COMMANDS.get(base) or COMMANDS[base.partition("-")[0]]


def output_of(name: str, folder: Path) -> str:
    """An output as it is in a copy of the project."""
    return plain((DATA / "outputs" / name).read_bytes()).replace("{root}", str(folder))


def recorded(workspace: Workspace, name: str, text: str | None = None) -> RecordResult:
    """The result of recording the command that had this output."""
    text = output_of(name, Path(workspace.root)) if text is None else text
    parsed, _ = parse(command_of(name), text, text)
    return result_of(Tree(workspace, workspace.root), Ended(1, 0.5), Kept(text, text), parsed, searches=is_search(command_of(name)))


def against(workspace: Workspace, name: str, earlier: RecordResult, depends: dict[str, str], text: str | None = None) -> RecordResult:
    """The same, compared with an earlier one."""
    return compared_with(recorded(workspace, name, text), "before", earlier, depends, workspace)


def depends_of(workspace: Workspace, result: RecordResult) -> dict[str, str]:
    """The digests of the files behind a result, as a step keeps them."""
    generation = workspace.generation
    return {path: generation.digest_of(number) for path in result.behind() if (number := generation.id_of(path)) is not None}
