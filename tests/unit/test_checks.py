"""The checks of the project are the same wherever they are started, and their versions are locked."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_make_check_runs_what_ci_runs() -> None:
    recipe = re.search(r"^check:\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert recipe is not None
    assert recipe[1].split() == [".ci/run"]


def test_ci_runs_the_two_commands_of_the_readme_and_every_check() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    wanted = ["pip install --quiet -e '.[dev]'", "pytest", "ruff check", "ruff format --check", "mypy", "lint-imports", "cargo fmt --check"]
    assert [command for command in [*wanted, "clippy -- -D warnings", "cargo_here test"] if command not in script] == []


def test_every_dependency_is_locked() -> None:
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"], *PROJECT["optional-dependencies"]["postgres"]]
    locked = re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    names = {re.split(r"[\[<>=!~ ]", requirement)[0] for requirement in wanted}
    assert sorted(name for name in names if name not in {entry.replace("_", "-") for entry in locked}) == []


def test_the_crates_and_the_package_tell_one_version() -> None:
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"]["version"]
    assert workspace == PROJECT["version"]
