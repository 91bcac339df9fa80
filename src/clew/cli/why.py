"""`clew why [STEP]`: `js-scan --why`, which goes on with the session of the recording that it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clew.cli._flags import FLAGS
from clew.cli.main import answered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.cli.main import Answer

NAME = "why"
FLAGS_OF_WHY: dict[str, tuple[str, ...]] = {
    **{flag: (name, shape, *choices) for flag, (name, shape, choices) in FLAGS[NAME][4].items()},
    "--from": ("from", "word"),
    "--limit": ("limit", "number"),
    "--after": ("after", "word"),
    "--budget": ("budget", "number"),
    "--fields": ("fields", "word"),
    "--deadline": ("deadline", "time"),
    "--no-record": ("no_record", "switch"),
    "--revive": ("revive", "switch"),
}
ABOUT = (
    "Rank the changes that can explain a recorded failure. STEP is a recording, as fix#1, or a row of one, as @2; without it the newest one"
    " of the session. The same as js-scan --why."
)
TEXTS = {
    "since": "The revision that the changes are counted from; HEAD otherwise.",
    "from": "Continue this session; otherwise that of STEP, else the only live one.",
    "limit": "Rows at most; 0 is all.",
    "after": "The next page: `next` of an earlier reply.",
    "budget": "Bytes of the reply at most; 0 is no bound, 2000 otherwise.",
    "fields": "Only these fields of each row.",
    "deadline": "Seconds that the question has; 0 is no bound.",
    "no_record": "Record nothing.",
    "revive": "Go on with an expired session.",
}


def answer(words: list[str], flags: Mapping[str, Any], argv: list[str], environ: Mapping[str, str]) -> Answer:
    """Answer one line of `clew why`, as `js-scan` answers it."""
    rest = [word for word in argv if word != NAME and word not in words]
    return answered("js-scan", [*_session(words, flags), "--why", *words, *rest], environ)


def _session(words: list[str], flags: Mapping[str, Any]) -> list[str]:
    """The flags that continue a session: that of the step that is named, else the only live one."""
    if flags.get("from") is not None:
        return []
    if not words or words[0].startswith("@"):
        return ["--session-continue"]
    return ["--from", words[0].partition("#")[0]]
