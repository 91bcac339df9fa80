"""The calls of the guide for agents: made in a copy of the sample project, they give what the guide says."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from mcp.client import Client
from shell import Shell

import clew
from clew.mcp.engine import Engine
from clew.mcp.server import ToolRegistry, server_of
from clew.mcp.tools import tools_of

GUIDE = (Path(__file__).parents[2] / "docs/guide/agents.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```mcp\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
CALL = re.compile(r"^(\w+) (\{.*\})\n→ (\{.*\})$", re.MULTILINE)


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    shutil.copytree(f"{clew.__path__[0]}/sample", tmp_path, dirs_exist_ok=True)
    return tmp_path


def within(expected: Any, given: Any) -> Any:
    """The part of an answer that the guide shows."""
    if isinstance(expected, dict) and isinstance(given, dict):
        return {name: within(value, given.get(name)) for name, value in expected.items()}
    return given


@pytest.mark.parametrize("block", BLOCKS, ids=["tools", "errors", "edits"])
def test_the_calls_of_the_guide_give_what_it_says(sample: Path, block: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(sample)
    checks = {"test": ("node", "--test", "test/process-data.test.js")}

    async def made() -> None:
        engine = Engine(str(sample), {})
        async with Client(server_of(ToolRegistry(engine, {}, tools_of(checks)))) as client:
            for tool, arguments, expected in CALL.findall(block):
                reply = (await client.call_tool(tool, json.loads(arguments))).structured_content
                assert within(json.loads(expected), reply) == json.loads(expected), (tool, arguments, reply)
        engine.close()

    assert len(CALL.findall(block)) * 2 == block.count("\n")
    asyncio.run(made())


def test_the_configuration_in_the_guide_is_what_is_printed(shell: Shell) -> None:
    command, printed = re.findall(r"^```console\n\$ clew (mcp .*?)\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)[0]
    assert shell.run("clew", *command.split()).out == printed


def test_the_guide_names_every_argument() -> None:
    from clew.mcp.arguments import ABOUT_THE_ANSWER, ABOUT_THE_CALL

    listed = set(re.findall(r"`(\w+)`", GUIDE.partition("What `args` takes")[2].partition("\n\n")[0])) - {"args"}
    assert listed == {*ABOUT_THE_ANSWER, *ABOUT_THE_CALL} - {"after"}
