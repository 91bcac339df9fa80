"""`clew`: sessions, stored answers, a tour, many questions in one process."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from clew.cli import record, why
from clew.cli._flags import ACTS as ACT_FLAGS
from clew.cli.flags import command_line, value_of
from clew.cli.main import CHECK_FAILED, Answer, caught, measure_of, outputs, printed, start, wants_json
from clew.cli.watching import shown
from clew.errors import UsageError
from clew.operations import ACTS, act_verb, session_act

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.operations import SessionAct
    from clew.running.replies import Reply


NO_TEXTS: Mapping[str, str] = {}


class Subcommand(NamedTuple):
    """One subcommand: the function that answers it, its words and its own flags."""

    where: str
    """`module:function`; it takes the workspace, its sessions, the words and the flags, and returns a reply."""
    words: tuple[str, ...]
    """Names of the words; one in brackets may be left out."""
    flags: Mapping[str, tuple[str, ...]]
    """Flag -> (name, shape, *choices), beside those that all have."""
    about: str
    texts: Mapping[str, str] = NO_TEXTS
    """Help of these flags, by their names."""


COMMAND = "CMD…"
"""Words without end: a command and its arguments."""
PROGRESS = {"--progress": ("progress", "word", "auto", "always", "never")}
ASKING = {
    "--deadline": ("deadline", "time"),
    "--from": ("from", "word"),
    "--save-session": ("save_session", "word"),
    **PROGRESS,
}
INIT = {"--remove": ("remove", "switch"), "--skill": ("skill", "switch")}
REPAIR = {"--repair": ("repair", "switch"), **PROGRESS}
SERVING = {
    "--http": ("http", "word?"),
    "--allow-host": ("allow_host", "words"),
    "--check": ("check", "words"),
    "--print-config": ("print_config", "word?"),
}
SERVING_TEXTS = {
    "http": "Over HTTP, at this HOST:PORT; 127.0.0.1:7433 otherwise. Every request carries the token of CLEW_MCP_TOKEN.",
    "allow_host": "A further name that the server has in Host and Origin.",
    "check": "NAME=CMD: a command that run_check may run by this name, such as test='npm test'; no shell reads it.",
    "print_config": "Print how this agent is told to start the server: claude, cursor, vscode, codex, gemini, zed; otherwise all of them.",
}
EVERYWHERE: dict[str, tuple[str, ...]] = {
    "--json": ("json", "switch"),
    "--pretty": ("pretty", "switch"),
    "--root": ("root", "word"),
    "--agent": ("agent", "word"),
    "--help": ("help", "switch"),
    "-h": ("help", "switch"),
    "--version": ("version", "switch"),
}

OWN: dict[str, Subcommand] = {
    "record": Subcommand(
        "clew.cli.record:answer", (COMMAND,), record.FLAGS_OF_RECORD, "Run a command, and record its output and findings as a step."
    ),
    "why": Subcommand(
        "clew.cli.why:answer",
        ("[STEP]",),
        {**why.FLAGS_OF_WHY, **PROGRESS},
        why.ABOUT,
        why.TEXTS,
    ),
    "tour": Subcommand("clew.cli.tour:tour", ("[DIR]", "[NAME]"), {}, "Start, continue, branch, show, clean up: on DIR or a sample."),
    "ask": Subcommand("clew.cli.ask:ask", (), ASKING, "Questions as JSON lines on standard input, answers as JSON lines."),
    "init": Subcommand("clew.cli.agents:init", (), INIT, "Write ten lines for agents into AGENTS.md, or take them out."),
    "mcp": Subcommand(
        "clew.mcp.serving:serve", (), SERVING, "Answer agents over the Model Context Protocol: stdio, or --http.", SERVING_TEXTS
    ),
    "doctor": Subcommand(
        "clew.running.doctor:doctor", (), REPAIR, "Check the sessions and the index; with --repair keep what can be read."
    ),
}
"""The subcommands that are no acts on sessions; these follow from the registry."""


def _of_act(row: SessionAct) -> Subcommand:
    """An act as a subcommand; its help is read from the docstring of its request."""
    words, flags = ACT_FLAGS[row.name]
    typed = tuple(f"[{name.upper()}]" if may_be_left_out else name.upper() for name, _, may_be_left_out in words)
    own = {flag: (name, shape, *choices) for flag, (name, shape, choices) in flags.items()}
    return Subcommand(row.where, typed, {**own, **(PROGRESS if row.reads_tree else {})}, "")


_ACTS = {row.name: _of_act(row) for row in ACTS}
SUBCOMMANDS: dict[str, Subcommand] = {
    **{name: taken for name, taken in _ACTS.items() if " " not in name},
    **OWN,
    **{name: taken for name, taken in _ACTS.items() if " " in name},
}


ASK_FORMAT = """\
A line is an object: `op` is the name of an operation of js-scan, `target` or `targets` are addresses, every flag of the operation is
a field in camelCase, and `limit`, `after`, `budget`, `fields`, `deadline`, `changed` and `id` mean what they mean elsewhere. The reply
to a line is a line, in the same order, with its `id`.

    echo '{"id": 1, "op": "callers", "target": "processData", "possible": true}' | clew ask
    echo '{"op": "search", "terms": ["order", "tax"], "any": true, "limit": 5}' | clew ask
    echo '{"op": "text", "pattern": ["out of memory"], "ignoreCase": true}' | clew ask
"""

ALONE = {"tour", "ask", "mcp"}
"""Those that print as they go, and open what they need themselves."""


def answer(argv: list[str], environ: Mapping[str, str]) -> Answer:
    """Answer one command line."""
    return caught(_answer, "clew", argv, environ)


def _answer(_: str, argv: list[str], environ: Mapping[str, str]) -> Answer:
    name, rest = _subcommand(argv)
    if name is None:
        return _without(argv)
    words, flags = parsed(name, rest)
    if flags.get("help"):
        return help_of(name).encode(), b"", 0
    flags["agent"] = flags.get("agent") or environ.get("CLEW_AGENT") or environ.get("AGENT_ID")
    if name == record.NAME:
        return record.answer(words, flags, environ)
    if name == why.NAME:
        return why.answer(words, flags, argv, environ)
    if name in _ACTS:
        return _act(name, words, flags, argv, environ)
    path, _, function = SUBCOMMANDS[name].where.partition(":")
    answering = getattr(import_module(path), function)
    if name in ALONE:
        return b"", b"", int(answering(words, flags))
    if name == "doctor":
        with shown(flags.get("progress")) as progress:
            reply = answering(flags.get("root"), environ, repair=bool(flags.get("repair")), progress=progress)
        return printed(reply, json=wants_json(argv), pretty="--pretty" in argv), b"", CHECK_FAILED if reply.get("failed") else 0
    from clew.running.opening import opened  # only for a line that is right

    with shown(flags.get("progress")) as progress, opened(flags.get("root"), environ, progress) as (workspace, sessions):
        reply = answering(workspace, sessions, words, {**flags, "measure": measure_of(argv)})
    return printed(reply, json=wants_json(argv), pretty="--pretty" in argv), b"", 0


def _act(name: str, words: list[str], flags: Mapping[str, Any], argv: list[str], environ: Mapping[str, str]) -> Answer:
    """Answer a line that is an act on sessions."""
    from clew.running.acts.base import Acting, Door, run_act  # only for a line that is right
    from clew.running.opening import opened  # likewise

    row = session_act(name)
    act = act_verb(row)
    request = act.request(**request_fields(name, words, flags))
    if row.opens_itself:
        with shown(flags.get("progress")) as progress:
            told: list[Reply] = []

            def tell(reply: Reply) -> None:
                for output in outputs:
                    told.append(reply)
                    output.write(printed(reply, json=wants_json(argv), pretty="--pretty" in argv))
                    output.flush()

            reply = act.run(Door(flags.get("root"), environ, progress, flags["agent"], measure_of(argv), tell), request)
        out = b"" if told else printed(reply, json=wants_json(argv), pretty="--pretty" in argv)
        return out, b"", CHECK_FAILED if reply.get("failed") else 0
    with shown(flags.get("progress")) as progress, opened(flags.get("root"), environ, progress) as (workspace, sessions):
        reply = run_act(Acting(workspace, sessions, flags["agent"], measure_of(argv)), act, request)
    status = CHECK_FAILED if reply.get("failed") else 0
    return printed(reply, json=wants_json(argv), pretty="--pretty" in argv), b"", status


def request_fields(name: str, words: list[str], flags: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an act's request, from words by their order and from flags by their names. Raises UsageError."""
    typed, own = ACT_FLAGS[name]
    given = {field: value_of(shape, field.upper(), word) for (field, shape, _), word in zip(typed, words, strict=False)}
    return given | {field: flags[field] for field, _, _ in own.values() if field in flags}


def _subcommand(argv: list[str]) -> tuple[str | None, list[str]]:
    """The subcommand of a line and what stands behind it; flags that all have may stand before it."""
    mine = argv[: argv.index("--")] if "--" in argv else argv
    words = [(at, word) for at, word in enumerate(mine) if not word.startswith("-")]
    for count in (2, 1):
        name = " ".join(word for _, word in words[:count])
        if name in SUBCOMMANDS and len(words) >= count:
            taken = {at for at, _ in words[:count]}
            return name, [word for at, word in enumerate(argv) if at not in taken]
    return None, argv


def _without(argv: list[str]) -> Answer:
    """A line without a subcommand: help, the version, or an error."""
    if not argv or {"--help", "-h"} & set(argv):
        return help_of(None).encode(), b"", 0 if argv else UsageError.exit_status
    if "--version" in argv:
        from clew._native import VERSION  # nothing else is needed then

        return f"clew {VERSION}\n".encode(), b"", 0
    words = [word for word in argv if not word.startswith("-")]
    group = {name: taken for name, taken in SUBCOMMANDS.items() if words and name.startswith(f"{words[0]} ")}
    if group and len(words) == 1:
        return help_of(None, group).encode(), b"", 0
    from clew.near import near  # only who errs pays

    typed = " ".join(words[:2] if len(words) > 1 and near(" ".join(words[:2]), SUBCOMMANDS) else words[:1])
    candidates = near(typed, SUBCOMMANDS)
    if not candidates:
        raise UsageError(f"clew has no {typed or argv[0]!r}", hint="clew --help")
    left = argv.copy()
    for word in typed.split():
        left.remove(word)
    hint = command_line("clew", [*candidates[0].split(), *left])
    raise UsageError(f"clew has no {typed!r}", hint=hint, candidates=candidates)


def parsed(name: str, argv: list[str]) -> tuple[list[str], dict[str, Any]]:
    """The words and flags behind a subcommand."""
    from clew.cli.flags import plain  # argparse is not needed for this either

    taken = SUBCOMMANDS[name]
    words, flags = plain(f"clew {name}", argv, {**taken.flags, **EVERYWHERE})
    needed = [word for word in taken.words if not word.startswith("[")]
    if len(words) < len(needed) and not flags.get("help"):
        raise UsageError(f"clew {name} needs {needed[len(words)]}", hint=f"clew {name} --help")
    if len(words) > len(taken.words) and taken.words[-1:] != (COMMAND,):
        raise UsageError(f"clew {name} does not take {words[len(taken.words)]!r}")
    return words, flags


def help_of(name: str | None, among: Mapping[str, Subcommand] = SUBCOMMANDS) -> str:
    """The help of one subcommand, or the list of those."""
    from clew.cli.help import COMMON_TEXTS, entry  # only who asks pays
    from clew.running.describing import docs_of  # likewise

    docs = {act: docs_of(session_act(act)) for act in (among if name is None else (name,)) if act in _ACTS}
    if name is None:
        lines = [
            f"  {' '.join((known, *taken.words))}".ljust(32) + (docs[known][0] if known in docs else taken.about)
            for known, taken in among.items()
        ]
        return "\n".join(["The thread through a code base: sessions and their steps.\n", "Usage: clew SUBCOMMAND …\n", *lines, ""])
    if name == record.NAME:
        return record.help_text()
    taken = SUBCOMMANDS[name]
    about, fields = docs.get(name, (taken.about, taken.texts))
    parts = [f"clew {' '.join((name, *taken.words))}\n\n{about}\n\n"]
    if name == "ask":
        parts.append(f"{ASK_FORMAT}\n")
    parts.extend(entry(word, fields[word.strip("[]").lower()]) for word in taken.words if name in docs)
    for flag, (key, shape, *choices) in (*taken.flags.items(), *EVERYWHERE.items()):
        if flag == "-h":
            continue
        value = "" if shape == "switch" else f" {'|'.join(choices) or key.strip('_').upper()}"
        text = COMMON_TEXTS.get(flag, "") if flag in EVERYWHERE or flag in PROGRESS else fields.get(key, "")
        parts.append(entry(f"{'-h, ' if key == 'help' else ''}{flag}{value}", text))
    return "".join(parts)


def main() -> None:
    """Enter here from the console script."""
    start(answer)
