"""The chains of the guides: each is typed in a copy of the sample project, and prints what the guide says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from shell import MODULES, Shell

import clew

GUIDES = sorted((Path(__file__).parents[2] / "docs/guide").glob("*.md"))
NEEDED = ("node", "grep")
"""Programs of the chains that not every machine has."""
VARIES = re.compile(r"(^(?:seconds|outputLines|idle): |\b(?:ms|\w+Ms|negative)=)-?[\d.]+", re.MULTILINE)


def chains(guide: Path) -> list[tuple[str, str]]:
    """The title and the block of each chain of a guide."""
    section = guide.read_text(encoding="utf-8").partition("## Chains\n")[2].partition("\n## ")[0]
    return re.findall(r"^### (.+?)\n.*?^```console\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


CHAINS = [pytest.param(block, id=f"{guide.stem}: {title}") for guide in GUIDES for title, block in chains(guide)]


def typed(folder: Path, block: str) -> str:
    """A block with what its commands print now."""
    environ = Shell(folder).environ({"PATH": f"{folder}/bin:/bin:/usr/bin"})
    said: list[str] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            ran = subprocess.run(["/bin/sh", "-c", line[2:]], cwd=folder, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - lines of the guide
            said += [line, *(ran.stdout + ran.stderr).splitlines()]
    return "\n".join(said) + "\n"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """The sample project, with the commands in its `bin`."""
    shutil.copytree(f"{clew.__path__[0]}/sample", tmp_path, dirs_exist_ok=True)
    (tmp_path / "bin").mkdir()
    for command, module in MODULES.items():
        script = tmp_path / "bin" / command
        script.write_text(f"#!{sys.executable}\nfrom clew.cli.{module} import main\nmain()\n", encoding="utf-8")
        script.chmod(0o755)
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="the chains are written for a POSIX shell")
@pytest.mark.parametrize("block", CHAINS)
def test_a_chain_of_a_guide_prints_what_the_guide_says(sample: Path, block: str) -> None:
    for program in NEEDED:
        if f" {program} " in block and shutil.which(program) is None:
            pytest.skip(f"there is no {program}")
    assert VARIES.sub(r"\g<1>0", typed(sample, block)) == VARIES.sub(r"\g<1>0", block)


def test_the_guides_have_the_chains_that_people_walk() -> None:
    assert {guide.stem: len(found) for guide in GUIDES if (found := chains(guide))} == {
        "edits": 3,
        "markdown": 3,
        "metrics": 2,
        "pipelines": 3,
        "records": 5,
        "sessions": 7,
    }
