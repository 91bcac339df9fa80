"""`clew`: sessions, stored answers, a tour, many questions in one process."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

from clew.cli.flags import command_line
from clew.cli.main import CHECK_FAILED, Answer, caught, measure_of, printed, start, wants_json
from clew.cli.watching import shown
from clew.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Subcommand(NamedTuple):
    """One subcommand: what answers it, the words it takes, and its own flags."""

    where: str
    """`module:function`; it takes the workspace, its sessions, the words and the flags, and returns a reply."""
    words: tuple[str, ...]
    """Names of the words; one in brackets may be left out."""
    flags: Mapping[str, tuple[str, ...]]
    """Flag -> (name, shape, *choices), beside those that all have."""
    about: str


PROGRESS = {"--progress": ("progress", "word", "auto", "always", "never")}
ASKING = {
    "--deadline": ("deadline", "time"),
    "--from": ("from", "word"),
    "--save-session": ("save_session", "word"),
    **PROGRESS,
}
PAGE = {"--limit": ("limit", "number"), "--after": ("after", "word"), "--budget": ("budget", "number"), "--fields": ("fields", "word")}
INIT = {"--remove": ("remove", "switch"), "--skill": ("skill", "switch")}
REPAIR = {"--repair": ("repair", "switch"), **PROGRESS}
LIMITED = {"--limit": ("limit", "number")}
NAMED = {"--name": ("name", "word")}
MERGING = {"--prefer": ("prefer", "word", "ours", "theirs")}
STARTING = {"--ttl": ("ttl", "seconds"), "--pin": ("pin", "switch"), "--goal": ("goal", "word")}
LISTING: dict[str, tuple[str, ...]] = {
    "--name": ("name", "word"),
    "--by": ("by", "word"),
    "--state": ("state", "word", "live", "expired"),
    "--used-within": ("used_within", "seconds"),
    "--calls": ("calls", "switch"),
    "--limit": ("limit", "number"),
    "--after": ("after", "word"),
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

SUBCOMMANDS: dict[str, Subcommand] = {
    "resume": Subcommand("clew.running.resuming:resume", ("[SESSION]",), PROGRESS, "What the newest session was about, and how to go on."),
    "show": Subcommand("clew.cli.sessions:show", ("STEP",), PAGE, "The answer of a step, as it was given."),
    "note": Subcommand("clew.cli.sessions:note", ("TEXT",), {"--from": ("from", "word")}, "Leave a note in a session."),
    "tour": Subcommand("clew.cli.tour:tour", ("[DIR]", "[NAME]"), {}, "Start, continue, branch, show, clean up: on DIR or a sample."),
    "ask": Subcommand("clew.cli.ask:ask", (), ASKING, "Questions as JSON lines on standard input, answers as JSON lines."),
    "init": Subcommand("clew.cli.agents:init", (), INIT, "Write ten lines for agents into AGENTS.md, or take them out."),
    "doctor": Subcommand(
        "clew.running.doctor:doctor", (), REPAIR, "Check the sessions and the index; with --repair keep what can be read."
    ),
    "sessions list": Subcommand("clew.cli.sessions:sessions_list", (), LISTING, "The sessions, newest use first."),
    "sessions show": Subcommand("clew.cli.sessions:sessions_show", ("[SESSION]",), {}, "A session, as its replies describe it."),
    "sessions log": Subcommand("clew.cli.sessions:sessions_log", ("[SESSION]",), LIMITED, "Its steps and branches, newest first."),
    "sessions diff": Subcommand("clew.cli.sessions:sessions_diff", ("STEP", "LATER"), {}, "What LATER knows that STEP did not."),
    "sessions start": Subcommand("clew.cli.sessions:start", ("[NAME]",), STARTING, "Start a session without a first question."),
    "sessions fork": Subcommand("clew.cli.sessions:sessions_fork", ("[STEP]",), {}, "Grow a branch at a step, or at the tip."),
    "sessions undo": Subcommand("clew.cli.sessions:sessions_undo", ("[SESSION]",), {}, "Go back behind the newest step; nothing is lost."),
    "sessions rename": Subcommand("clew.cli.sessions:sessions_rename", ("SESSION", "NAME"), {}, "Give a session another name."),
    "sessions goal": Subcommand("clew.cli.sessions:sessions_goal", ("SESSION", "TEXT"), {}, "Say what a session is for."),
    "sessions pin": Subcommand("clew.cli.sessions:sessions_pin", ("SESSION",), {}, "Keep a session until it is unpinned."),
    "sessions unpin": Subcommand("clew.cli.sessions:sessions_unpin", ("SESSION",), {}, "Let the time of a pinned session run again."),
    "sessions ttl": Subcommand("clew.cli.sessions:sessions_ttl", ("SESSION", "TIME"), {}, "Set how long it may be idle: 8h."),
    "sessions copy": Subcommand("clew.cli.sessions:sessions_copy", ("SESSION", "NAME"), {}, "Copy a session, with new tokens."),
    "sessions revive": Subcommand("clew.cli.sessions:sessions_revive", ("SESSION",), {}, "Bring an expired session back."),
    "sessions redact": Subcommand("clew.cli.sessions:sessions_redact", ("STEP",), {}, "Take the content of a step out for good."),
    "sessions delete": Subcommand("clew.cli.sessions:sessions_delete", ("SESSION",), {}, "Take a session away with all its steps."),
    "sessions merge": Subcommand("clew.cli.sessions:sessions_merge", ("INTO", "SOURCE"), MERGING, "Add what SOURCE knows to INTO."),
    "sessions export": Subcommand("clew.cli.sessions:sessions_export", ("SESSION", "FILE"), {}, "Write a session to a bundle."),
    "sessions import": Subcommand("clew.cli.sessions:sessions_import", ("FILE",), NAMED, "Take a bundle in, verified whole first."),
    "sessions gc": Subcommand("clew.cli.sessions:sessions_gc", (), {}, "Take away what was kept long enough, and give its space back."),
}


ASK_FORMAT = """\
A line is an object: `op` is the name of an operation of js-scan, `target` or `targets` are addresses, every flag of the operation is
a field in camelCase, and `limit`, `after`, `budget`, `fields`, `deadline`, `changed` and `id` mean what they mean elsewhere. The reply
to a line is a line, in the same order, with its `id`.

    echo '{"id": 1, "op": "callers", "target": "processData", "possible": true}' | clew ask
    echo '{"op": "search", "terms": ["order", "tax"], "any": true, "limit": 5}' | clew ask
    echo '{"op": "text", "pattern": ["out of memory"], "ignoreCase": true}' | clew ask
"""

ALONE = {"tour", "ask"}
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


def _subcommand(argv: list[str]) -> tuple[str | None, list[str]]:
    """The subcommand of a line and what stands behind it; flags that all have may stand before it."""
    words = [(at, word) for at, word in enumerate(argv) if not word.startswith("-")]
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
    if len(words) > len(taken.words):
        raise UsageError(f"clew {name} does not take {words[len(taken.words)]!r}")
    return words, flags


def help_of(name: str | None, among: Mapping[str, Subcommand] = SUBCOMMANDS) -> str:
    """The help of one subcommand, or the list of those."""
    if name is None:
        lines = [f"  {' '.join((known, *taken.words))}".ljust(32) + taken.about for known, taken in among.items()]
        return "\n".join(["The thread through a code base: sessions and their steps.\n", "Usage: clew SUBCOMMAND …\n", *lines, ""])
    taken = SUBCOMMANDS[name]
    flags = {**taken.flags, **EVERYWHERE}
    lines = [
        f"  {flag}" + ("" if shape == "switch" else f" {'|'.join(choices) or key.upper()}")
        for flag, (key, shape, *choices) in flags.items()
    ]
    more = [ASK_FORMAT] if name == "ask" else []
    return "\n".join([f"clew {' '.join((name, *taken.words))}\n", f"{taken.about}\n", *more, *lines, ""])


def main() -> None:
    """Enter here from the console script."""
    start(answer)
