"""Settings that tell agents how to start the server, in the form that each of them reads."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from clew.errors import UsageError

COMMAND, ARGUMENTS = "clew", ("mcp",)


class Agent(NamedTuple):
    """The file that an agent reads its servers from, and its content."""

    name: str
    file: str
    text: str


def _json(key: str, **more: str) -> str:
    server: dict[str, Any] = {**more, "command": COMMAND, "args": list(ARGUMENTS)}
    return msgspec.json.format(msgspec.json.encode({key: {"clew": server}})).decode()


AGENTS: dict[str, Agent] = {
    "claude": Agent("Claude Code", ".mcp.json", _json("mcpServers", type="stdio")),
    "cursor": Agent("Cursor", ".cursor/mcp.json", _json("mcpServers")),
    "vscode": Agent("VS Code", ".vscode/mcp.json", _json("servers", type="stdio")),
    "codex": Agent("Codex", "~/.codex/config.toml", '[mcp_servers.clew]\ncommand = "clew"\nargs = ["mcp"]'),
    "gemini": Agent("Gemini CLI", ".gemini/settings.json", _json("mcpServers")),
    "zed": Agent("Zed", ".zed/settings.json", _json("context_servers")),
}


def config_text(name: str | None) -> str:
    """The content of the file of one agent, ready to be written there, or that of each with its file. Raises UsageError."""
    if name is None:
        return "\n".join(f"# {agent.name}: {agent.file}   (clew mcp --print-config {key})\n{agent.text}\n" for key, agent in AGENTS.items())
    if name not in AGENTS:
        raise UsageError(f"--print-config knows {', '.join(AGENTS)}, not {name!r}", given=name, candidates=tuple(AGENTS))
    return AGENTS[name].text + "\n"
