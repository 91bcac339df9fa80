"""Forbidden in modules: to write where only others write, wait for an event loop, use a database or a clock out of place."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "src" / "clew"
WRITERS = {"write_text", "write_bytes", "unlink", "rename", "replace", "remove", "rmtree", "mkdir", "makedirs", "truncate", "chmod"}
FILES_OF_OS = {"os", "shutil", "path"}
QUESTIONS = ("code", "markdown", "metrics", "operations.py", "requests.py")


def modules(*places: str) -> Iterator[tuple[str, ast.Module]]:
    """Every module below the places, with its root-relative name."""
    for place in places:
        found = PACKAGE / place
        for path in sorted(found.rglob("*.py")) or [path for path in [found] if path.is_file()]:
            yield path.relative_to(PACKAGE).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def writes(tree: ast.AST) -> list[int]:
    """Lines that open a file for writing, or move, remove or make one."""
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        words = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
        modes = {word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)}
        opened = isinstance(node.func, ast.Name) and node.func.id == "open" and any(set(mode) & set("wax+") for mode in modes)
        member = node.func if isinstance(node.func, ast.Attribute) and node.func.attr in WRITERS else None
        of_os = member is not None and isinstance(member.value, ast.Name) and member.value.id in FILES_OF_OS
        if opened or of_os or (member is not None and member.attr.startswith("write_")):
            lines.append(node.lineno)
    return lines


def waits(tree: ast.AST) -> list[int]:
    """Lines that belong to an event loop."""
    loops = (ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith, ast.Await)
    return [node.lineno for node in ast.walk(tree) if isinstance(node, loops)]


def test_questions_never_write_a_file() -> None:
    assert {name: lines for name, tree in modules(*QUESTIONS) if (lines := writes(tree))} == {}


def test_the_core_is_synchronous() -> None:
    assert {name: lines for name, tree in modules(".") if not name.startswith("mcp/") and (lines := waits(tree))} == {}


def test_what_is_forbidden_would_be_found() -> None:
    source = (
        'open(p, "rb")\nopen(p, "w")\nopen(p, mode="a")\nos.replace(a, b)\ntext.replace(a, b)\np.write_text("")\nasync def f(): await g()\n'
    )
    tree = ast.parse(source)
    assert writes(tree) == [2, 3, 4, 6]
    assert waits(tree) == [7, 7]
