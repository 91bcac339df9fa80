"""Laws of the tree as a whole: who imports whom, where SQL may stand, how long a file gets, what must be documented."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from clew.operations import OPERATIONS, Operation

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "clew"
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|BEGIN|COMMIT|ROLLBACK|PRAGMA|ATTACH|SAVEPOINT|WITH \w+ AS)\b")
DATABASES = {"apsw", "sqlite3", "psycopg"}
SQL_HOMES = (PACKAGE / "index", PACKAGE / "sessions" / "store")
MOST_LINES = {".py": 400, ".rs": 720}
README_LINES = 120
MOST_RIDDLES = 0.03
"""The part of all docstrings that may open with a question word."""
DOC_COMMENT = re.compile(r"\s*//[/!] ?(.*)")


def sources(*folders: str, kinds: tuple[str, ...] = (".py", ".rs")) -> list[Path]:
    """Every source file of ours below the folders; generated tables and built things are not sources."""
    found = (path for folder in folders for path in sorted((ROOT / folder).rglob("*")))
    return [path for path in found if path.suffix in kinds and path.name != "_flags.py" and "target" not in path.parts]


def strings_of(tree: ast.AST) -> Iterator[ast.Constant]:
    """Every string of a module that is not a docstring."""
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in statements:
            yield node


def imports_of(tree: ast.AST) -> Iterator[str]:
    """The top-level packages that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def sql_outside_its_homes(package: Path, homes: tuple[Path, ...]) -> list[str]:
    """Places with a statement of SQL, or an import of a database, that is not in one of its homes."""
    found = []
    for path in sorted(package.rglob("*.py")):
        if any(path.is_relative_to(home) for home in homes):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        place = path.relative_to(package).as_posix()
        found += [f"{place}:{node.lineno}" for node in strings_of(tree) if SQL.match(str(node.value))]
        found += [f"{place} imports {name}" for name in sorted(DATABASES.intersection(imports_of(tree)))]
    return found


def fields_without_docstring(source: str) -> list[str]:
    """`Class.field` of every annotated public field that no string follows."""
    bare = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ClassDef):
            continue
        for field, after in zip(node.body, [*node.body[1:], None], strict=True):
            if (
                not isinstance(field, ast.AnnAssign)
                or not isinstance(field.target, ast.Name)
                or "ClassVar" in ast.unparse(field.annotation)
            ):
                continue
            if not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)):
                bare.append(f"{node.name}.{field.target.id}")
    return bare


def test_arrows_between_layers_point_one_way() -> None:
    assert lint_imports(str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_sql_stands_only_beside_its_store() -> None:
    assert sql_outside_its_homes(PACKAGE, SQL_HOMES) == []


def test_sql_elsewhere_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "sqlite.py").write_text('import apsw\nREAD = "SELECT 1"\n', encoding="utf-8")
    (tmp_path / "verb.py").write_text('"""SELECT is a word here."""\nimport apsw\n\nREAD = "select" + "SELECT 1"\n', encoding="utf-8")
    assert sql_outside_its_homes(tmp_path, (tmp_path / "store",)) == ["verb.py:4", "verb.py imports apsw"]


def test_a_file_can_be_read_in_one_sitting() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for path in sources("src", "native", "tests", "benchmarks")
    }
    assert {name: lines for name, lines in long.items() if lines > MOST_LINES[Path(name).suffix]} == {}


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_every_field_of_a_request_and_its_result_is_documented(row: Operation) -> None:
    module = ROOT / "src" / row.where.partition(":")[0].replace(".", "/")
    assert fields_without_docstring(module.with_suffix(".py").read_text(encoding="utf-8")) == []


def test_a_bare_field_would_be_found() -> None:
    source = 'class Move(Request):\n    here: str\n    """Where from."""\n    there: str\n    _memo: ClassVar[int] = 0\n'
    assert fields_without_docstring(source) == ["Move.there"]


def test_every_row_of_where_to_look_leads_to_a_file() -> None:
    table = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Where to look")[2].partition("\n## ")[0]
    rows = [line.split(" | ") for line in table.splitlines() if line.startswith("| ") and not line.startswith(("| ---", "| question"))]
    assert len(rows) > 30
    for question, answer in rows:
        folder = PACKAGE
        named = re.findall(r"`((?:[\w.]+/)*(?:[\w]+\.(?:rs|py|pyi|md|toml))|(?:\w+/)+)`", answer)
        assert named, question
        for name in named:
            path = next((base / name for base in (PACKAGE, ROOT, folder) if (base / name).exists()), None)
            assert path is not None, (question, name)
            folder = path if path.is_dir() else path.parent


def docstrings_of(source: str) -> Iterator[str]:
    """Every docstring of a module: its own, those of classes and functions, those under fields."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def doc_comments_of(source: str) -> Iterator[str]:
    """The first line of every doc comment of a Rust file."""
    before = ""
    for line in source.splitlines():
        comment = DOC_COMMENT.match(line)
        if comment and not DOC_COMMENT.match(before):
            yield comment[1]
        before = line


def riddles(texts: list[str]) -> list[str]:
    """Texts that open with a question word instead of the thing that they are about."""
    return [text for text in texts if re.match(r"\s*(What|Where|Whether)\b", text)]


def test_a_docstring_opens_with_what_it_is_about() -> None:
    python = [path.read_text(encoding="utf-8") for path in sources("src", "tests", "benchmarks", kinds=(".py", ".pyi"))]
    rust = [path.read_text(encoding="utf-8") for path in sources("native", kinds=(".rs",))]
    for read, texts in ((docstrings_of, python), (doc_comments_of, rust)):
        said = [said for text in texts for said in read(text)]
        assert len(riddles(said)) <= MOST_RIDDLES * len(said), riddles(said)


def test_a_riddle_would_be_found() -> None:
    source = '"""What it is."""\nclass A:\n    """A thing."""\n    b: int\n    """Whether it is."""\n'
    assert riddles([*docstrings_of(source)]) == ["What it is.", "Whether it is."]
    assert riddles([*doc_comments_of("//! Where.\n//! What.\nfn a() {}\n    /// What\n    /// else\n")]) == ["Where.", "What"]


def test_the_readme_is_short() -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n") < README_LINES


def test_decisions_are_numbered_and_of_one_form() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        headings = [line for line in text.splitlines() if line.startswith("#")]
        assert [re.sub(r"^# \d+\. .+", "# title", heading) for heading in headings] == [
            "# title",
            "## Context",
            "## Decision",
            "## What we gave up",
        ], page.name
        assert text.startswith(f"# {int(page.name[:4])}. "), page.name


def test_every_invariant_of_the_architecture_names_a_test_that_exists() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", text)
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).is_file() or (name and f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8"))
    ]
    assert missing == []
    rows = [
        line
        for line in text.partition("## Invariants")[2].splitlines()
        if line.startswith("| ") and not line.startswith(("| ---", "| what"))
    ]
    assert [row for row in rows if "`tests/" not in row and "`native/" not in row] == []
    assert rows
