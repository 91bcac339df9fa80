"""Replies for people: one line that says what was asked and found, then a line for each row.

hdr#1 callers of res.send: 4 of 4; 402 possible: js-scan --callers res.send --possible
@1 lib/response.js:247:15 res.json: return this.send(body);
"""

from __future__ import annotations

import re
from typing import Any

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")
PLACED = {
    "n",
    "file",
    "line",
    "column",
    "target",
    "name",
    "within",
    "text",
    "kind",
    "exported",
    "match",
    "role",
    "via",
    "from",
    "distance",
    "evidence",
    "variables",
    "first",
    "severity",
    "rule",
    "message",
    "diff",
    "action",
}
GAPS = {
    "possible": ("possible", "the name fits, and its receiver could be anything"),
    "computed": ("by a computed key", "a member of the owner is accessed as `x[key]`, with a key that is not known"),
    "escapes": ("handed to code that is not read", "a value of the owner goes to code that could use any member of it"),
    "passedOn": ("passed on as a value", "the function is handed on, and who calls it there is not known"),
    "parseErrors": ("not parsed whole", "files of which a statement or a member could not be parsed"),
    "unread": ("in files of which only words are known", "occurrences of the name where only tokens were read"),
    "stale": ("known by earlier bytes", "files that do not parse now, and are known as they last did"),
    "changed": ("changed meanwhile", "files that were written while the question was answered"),
    "unresolved": ("lead nowhere", "imports that lead to no file and no package"),
    "unknown": ("of receivers that are not known", "uses of a member of something that is not known"),
    "deadline": ("out of time", "the time was over: how many of them were looked at"),
    "unlinked": (
        "with no known use that leads there",
        "changes that the test is not known to reach, or of which only the module is loaded",
    ),
    "unlocated": ("test not found", "the failure names no test and no place that was found in the tree"),
    "unchanged": ("nothing differs", "no code differs from what it is compared with"),
    "config": ("changed file without code", "configuration, locks and data that differ: no chain leads there, and they can be the cause"),
    "quota": ("more than a step keeps", "how many rows the step keeps, for pages and picks"),
}
"""The codes of gaps: a word for the first line of an answer, and what it means."""
PLACED_BY = {"column", "name", "text", "via", "caller", "message", "of"}
HEADER = {
    "operation", "question", "step", "createdAt", "continuationToken", "session", "branch", "since", "subject", "subjectTotal", "pick",
    "reused", "fromPriorContext", "cached",
    "complete", "why", "earlier", "warnings", "total", "shown", "possible", "next", "filesTotal", "files", "results",
}  # fmt: skip


def text_of(reply: dict[str, Any]) -> str:
    """A whole reply; of a diff the diff alone, for a pipe, exactly."""
    if reply.get("operation") == "diff" and "text" in reply:
        return str(reply["text"])
    return without_controls(_lines(reply))


def without_controls(text: str) -> str:
    r"""A text in which nothing steers a terminal: `\x1b` in place of an escape, whoever wrote the name or the output that it is in."""
    return _CONTROLS.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def _lines(reply: dict[str, Any]) -> str:
    """A whole reply as lines."""
    lines = [_short(done) for done in reply.get("earlier", ())]
    lines.append(_first(reply))
    lines.extend(f"warning: {_problem(problem)}" for problem in reply.get("warnings", ()))
    for name, value in reply.items():
        if name == "targets" and (isinstance(value, int) or len(value) == 1):
            continue  # the first line says it
        if name == "otherProblems":
            lines.append(f"{value['files']} other files have problems: {value['list']}")
        elif name == "changed":
            lines.extend(_changed(value))
        elif name not in HEADER or (name == "session" and "step" not in reply):
            lines.extend(_field(name, value))
    lines += [line for row in reply.get("results", ()) for line in (_lines_of(row) if isinstance(row, dict) else [_plain(row)])]
    if reply.get("files"):
        total = reply.get("filesTotal", len(reply["files"]))
        lines.append(f"files ({len(reply['files'])} of {total}):")
        lines.extend(f"  {file}" for file in reply["files"])
    if isinstance(reply.get("next"), str) and reply.get("operation") == "output":
        lines.append(f"more: clew show {reply['step']} --output --after {reply['next']}")
    elif isinstance(reply.get("next"), str):
        lines.append(f"more: {_going_on(reply)}--after {reply['next']}")
    else:
        lines.extend(f"next: {command}" for command in reply.get("next", ()))
    return "\n".join(lines) + "\n"


def _going_on(reply: dict[str, Any]) -> str:
    """The text before the `--after` of the next page: a command, or what to do where the question has to be asked again."""
    if reply["operation"].startswith("sessions "):
        return f"clew {reply['operation']} "
    return "js-scan " if "#" in reply["next"] else "the same line with "


def _changed(changed: dict[str, Any]) -> list[str]:
    """The lines of a reply for `--changed`: its counts, and one for each definition that is gone."""
    told = (
        ("definitions", "definitions"),
        ("files", "files"),
        ("renamed", "files renamed"),
        ("outside", "lines outside of definitions"),
        ("filesLeftOut", "files that define nothing"),
    )
    parts = [f"{of} {changed[name]}" for name, of in told if name in changed]
    gone = changed.get("gone", [])
    left = changed.get("goneTotal", len(gone)) - len(gone)
    lines = [f"gone: {one['file']}::{one['name']} {one['kind']}" for one in gone]
    return [f"changed since {changed['against']}: {', '.join(parts)}", *lines, *([f"gone: {left} more"] if left else [])]


def _field(name: str, value: Any) -> list[str]:  # noqa: ANN401 - any JSON value
    """A field that only some replies have; a list of objects takes a line for each, and a text is its lines."""
    if name == "text":
        return [value.removesuffix("\n")]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [f"{name}:", *(f"  {_plain(inner)}" for inner in value)]
    return [f"{name}: {_plain(value)}"]


def _first(reply: dict[str, Any]) -> str:
    parts = [f"{reply['step']} " if "step" in reply else "", reply.get("question") or reply.get("operation", "")]
    if "total" in reply:
        parts.append(f": {reply['shown']} of {reply['total']}")
    parts.extend(_gaps(reply.get("why", ())))
    reused = reply.get("reused")
    if reused:
        parts.append(f"; from {reused['step']}" + ("" if reused["verdict"] == "fresh" else f", {reused['verdict']}"))
    elif reply.get("subject") and not reply.get("question", "").startswith(f"{reply['operation']} of "):
        more = reply.get("subjectTotal", 0) - len(reply["subject"])
        parts.append(f"; about {', '.join(reply['subject'])}" + (f" and {more} more" if more > 0 else ""))
        parts.append(f", one: {reply['pick']}" if "pick" in reply else "")
    if reply.get("branch"):
        parts.append(f"; on {reply['branch']}")
    if reply.get("cached"):
        parts.append(f"; answered {reply['cached']['age']} s ago")
    return "".join(parts)


def _gaps(why: list[dict[str, Any]]) -> list[str]:
    """`; 402 possible: js-scan …`, or, of an answer that was cut, `; deadline: 12 of 90 files`; a command is said once."""
    said: list[str] = []
    for at, gap in enumerate(why):
        following = why[at + 1] if at + 1 < len(why) else {}
        listed = gap.get("list")
        said.append(f"; {_gap(gap)}" + (f": {listed}" if listed and following.get("list") != listed else ""))
    return said


def _gap(gap: dict[str, Any]) -> str:
    if "done" in gap:
        return f"{gap['code']}: {gap['done']} of {gap['total']} {gap['unit']}"
    meaning = GAPS.get(gap["code"], (gap["code"],))[0]
    total = f"{gap['total']} " if gap.get("total") else ""
    files = f" ({gap['files'][0]}{', …' if gap['total'] > 1 else ''})" if gap.get("files") else ""
    return f"{total}{meaning}{files}"


def _short(done: dict[str, Any]) -> str:
    total = f": {done['total']}" if "total" in done else ""
    top = f", {done['top']} first" if "top" in done else ""
    return f"{done.get('step', '')} {done['question']}{total}{top}".lstrip()


def _problem(problem: Any) -> str:  # noqa: ANN401 - a file with its problem, or a sentence
    if not isinstance(problem, dict):
        return str(problem)
    if problem["file"] in {".", ".clew/sessions.db"}:
        return str(problem["message"])
    line = f":{problem['line']}" if problem.get("line") else ""
    return f"{problem['file']}{line}: {problem['message']}"


def _lines_of(row: dict[str, Any]) -> list[str]:
    """A row, between the lines around it where it has some, as `rg -C` prints them; or above its line before and after an edit."""
    if "before" in row or "after" in row or "chain" in row:
        own = row_line({name: value for name, value in row.items() if name not in {"before", "after", "chain"}})
        lines = [f"  {mark} {row[name]}" for mark, name in (("-", "before"), ("+", "after")) if name in row]
        return [own, *lines, *(f"  {hop}" for hop in row.get("chain", ()))]
    if "text" not in row or "source" not in row:
        return [row_line(row)]
    around = enumerate(row["source"].split("\n"), row.get("first", 1))
    own = row_line({name: value for name, value in row.items() if name != "source"})
    return [own if number == row["line"] else f"   {row['file']}-{number}- {text}" for number, text in around]


def row_line(row: dict[str, Any]) -> str:
    """One row: its number, where it is, what it is, and how it was reached."""
    if "graph" in row:
        return _step_line(row)
    if "idle" in row:
        return _session_line(row)
    if "state" in row and "op" in row:
        return _run_line(row)
    is_file = PLACED_BY.isdisjoint(row)  # then its line is that of an import, or of a test
    parts = ("file",) if is_file else ("file", "line", "column")
    target = row.get("target") or ""
    is_elsewhere = bool(target) and target.partition("::")[0] != row.get("file", "")
    here = ":".join(str(row[name]) for name in parts if name in row)
    place = target or here
    within = row.get("within") or {}
    label = within.get("name") or row.get("name") or ""
    label = "" if label == place else label
    place = _word(place)
    says = "text" in row or "message" in row
    words = [f"@{row['n']}" if "n" in row else "", place, f"{label}:" if says and label else label, row.get("text", "").strip()]
    words += [
        row.get("action", ""),
        row.get("diff", ""),
        row.get("severity", ""),
        row.get("message", ""),
        f"({row['rule']})" if "rule" in row else "",
    ]
    if "text" not in row:
        words += [row.get("kind", ""), "exported" if row.get("exported") else ""]
    words += [f"by {here}" if is_elsewhere else ""]
    words += [_reached(row), f"({row['evidence']})" if row.get("evidence", "exact") != "exact" else ""]
    words += [f"${name}={value}" for name, value in row.get("variables", {}).items()]
    words += [f"line={row['line']}"] if is_file and "line" in row else []
    words += [f"{name}={_plain(value)}" for name, value in row.items() if name not in PLACED]
    return " ".join(word for word in words if word)


def _word(address: str) -> str:
    """An address as one word, which a shell takes as it stands."""
    if not any(letter.isspace() for letter in address):
        return address
    from shlex import quote  # 1 ms: few names have blanks

    return quote(address)


def _step_line(row: dict[str, Any]) -> str:
    """A step in a log, drawn as a tree."""
    total = f": {row['total']}" if "total" in row else ""
    marks = [mark for mark in ("applied", "verified", "undone", "redacted") if row.get(mark)]
    words = [row["graph"], row["step"], f"{row.get('question') or row['operation']}{total}", row.get("branch", ""), row.get("agent", "")]
    return " ".join(word for word in [*words, *marks, row["at"]] if word)


def _run_line(row: dict[str, Any]) -> str:
    """A step of a run: what became of it, and why."""
    total = f": {row['total']}" if "total" in row else ""
    words = [f"@{row['n']} {row['id']} {row['state']} {row.get('question') or row['op']}{total}", row.get("step", "")]
    words.append(f"(attempt {row['attempts']})" if row.get("attempts", 1) > 1 else "")
    words.append(f"because: {_plain(row['because'])}" if "because" in row else "")
    words.append(f"{row['error']['code']}: {row['error']['message']}" if "error" in row else "")
    return " ".join(word for word in words if word)


def _session_line(row: dict[str, Any]) -> str:
    """A session in a list."""
    marks = [row["state"], *(["pinned"] if row.get("pinned") else []), f"{row['steps']} steps", f"idle {row['idle']} s"]
    goal = f": {row['goal']}" if row.get("goal") else ""
    return f"{row.get('name') or row['sessionId']} ({', '.join(marks)}){goal}"


def _reached(row: dict[str, Any]) -> str:
    if "via" not in row:
        return ""
    return f"<- {row['via']} @{row['from']}" if "from" in row else f"<- {row['via']}"


def _plain(value: Any) -> str:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return " ".join(f"{name}={_plain(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(inner) for inner in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
