"""The documents: their commands are read by the real parsers, their links lead somewhere."""

import re
import shlex
from pathlib import Path

import pytest

from clew.cli import md_scan
from clew.cli.clew import SUBCOMMANDS, parsed
from clew.cli.flags import parse

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SCANNERS = {"js-scan", "js-edit", "md-scan", "md-edit"}


def commands(document: str) -> list[str]:
    """Command lines of ours in the blocks of a document: `sh` blocks whole, `console` blocks behind `$ `."""
    found = []
    for info, block in re.findall(r"^```(sh|console)\n(.*?)^```", document, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if info == "console" and not line.startswith("$ "):
                continue
            for part in line.removeprefix("$ ").split(" && "):
                command = shlex.split(re.sub(r"(?:^|\s)#\s.*", "", part))
                if command and command[0] in {*SCANNERS, "clew"}:
                    found.append(shlex.join(command))
    return found


def read(command: str) -> None:
    """Parse a command as its program does; raises UsageError."""
    name, *arguments = shlex.split(command)
    if name in SCANNERS:
        parse(name, arguments)
        return
    words = 2 if " ".join(arguments[:2]) in SUBCOMMANDS else 1
    parsed(" ".join(arguments[:words]), arguments[words:])


ALL = [
    pytest.param(command, id=f"{document.relative_to(ROOT)}: {command}")
    for document in DOCUMENTS
    for command in commands(document.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("command", ALL)
def test_a_command_in_a_document_is_one_that_its_program_takes(command: str) -> None:
    read(command)


def test_the_readme_opens_with_the_two_commands_of_a_session() -> None:
    first = commands((ROOT / "README.md").read_text(encoding="utf-8"))[:2]
    assert ["--session-start" in first[0], "--session-continue" in first[1]] == [True, True]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
    assert [target for target in targets if not (document.parent / target).exists()] == []


def test_documents_that_the_code_names_exist() -> None:
    named = {
        (path.relative_to(ROOT).as_posix(), page)
        for folder in ("src", "native", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".rs", ".pyi"}
        for page in re.findall(r"\b(docs/[\w/-]+\.md)\b", path.read_text(encoding="utf-8"))
    }
    assert sorted(place for place in named if not (ROOT / place[1]).is_file()) == []


@pytest.mark.parametrize("question", ["--check-links", "--drift"])
def test_our_own_documents_lead_somewhere_and_name_what_is_there(question: str) -> None:
    argv = [question, "--check", "--no-record", "--exclude", "tests/**", "--root", str(ROOT), "--json"]
    out, _, status = md_scan.answer(argv, {})
    assert status == 0, out.decode()


def test_a_file_that_our_documents_name_and_is_gone_is_found(tmp_path: Path) -> None:
    text = "".join(f"| question | `cli/part{number}.py` |\n" for number in range(12))
    for path in re.findall(r"`(\S+)`", text):
        (tmp_path / "src/clew" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "src/clew" / path).touch()
    (tmp_path / "ARCHITECTURE.md").write_text(f"{text}| question | `cli/gone.py` |\n", encoding="utf-8")
    out, _, status = md_scan.answer(["--drift", "--check", "--no-record", "--root", str(tmp_path), "--json"], {})
    assert (status, b'"missing":"cli/gone.py"' in out) == (1, True), out.decode()
