"""Help texts, read from the docstrings of the requests with `ast`: they do not survive as attributes, and only help needs them."""

from __future__ import annotations

import ast
from textwrap import fill

from clew.cli._flags import FLAGS
from clew.cli.flags import in_command
from clew.cli.text import GAPS
from clew.operations import Operation, operation
from clew.running.describing import camel, classes_of, docs_of, field_docs

ABOUT = {
    "js-scan": "Ask about JavaScript and TypeScript; every answer is a step that can be continued.",
    "js-edit": "Change JavaScript and TypeScript by plans that are applied later.",
    "md-scan": "Ask about Markdown; every answer is a step that can be continued.",
    "md-edit": "Change Markdown by plans that are applied later.",
}

COMMON_HELP: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "Session",
        (
            ("--session-start [NAME]", "Start a session and record this call in it."),
            ("--save-session NAME", "Record in NAME, which is created when there is none; behind a bare --session-start, its name."),
            ("--session-continue [X], --from X", "Continue X: a name, id, token or step; without X the only live session."),
            ("--match 1,4-9|all|PATH|NAME", "Which results of the continued step to work on."),
            ("--changed [REV]", "As target: the definitions that the working tree changed since the commit REV; HEAD otherwise."),
            ("--input-from ADDRESS", "Work on the results of another step, without branching."),
            ("--store-as KEY", "The context key to store under; the operation's name otherwise."),
            ("--ttl 8h", "How long the session may be idle; 1h otherwise."),
            ("--pin", "Keep the session from expiring."),
            ("--revive", "Continue a session although it expired."),
            ("--goal TEXT", "What the session is for; `clew resume` shows it."),
            ("--note TEXT", "Leave a note behind the step."),
            ("--agent NAME", "Who asks; CLEW_AGENT, then AGENT_ID otherwise."),
            ("--idempotency-key KEY", "The same key and request give the same step again."),
            ("--no-record", "Record nothing; CLEW_RECORD=0 does so for calls without session flags."),
        ),
    ),
    (
        "Cache and staleness",
        (
            ("--refresh", "Ask the continued step's question again first."),
            ("--strict", "Refuse when any file behind the input changed."),
            ("--check-cache", "Ask only whether the answer is stored and still holds."),
            ("--no-cache", "Take nothing from stored answers."),
            ("--clear-cache", "Forget stored answers, for later calls too."),
            ("--cleanup", "Delete every expired session now."),
        ),
    ),
    (
        "Output",
        (
            ("--json", "One compact JSON object on standard output, errors too."),
            ("--pretty", "The same, indented."),
            ("--limit N", "At most so many rows; 0 is all."),
            ("--after CURSOR", "The page behind the one whose `next` this is; or skip so many rows."),
            ("--budget BYTES", "At most so many bytes; 0 is no bound, 8000 otherwise."),
            ("--fields a,b", "Only these fields of each row."),
            (
                "--deadline SECONDS",
                "Time for each question once the index is fresh; 10 otherwise, 0 is no bound. What was found is answered.",
            ),
            ("--progress auto|always|never", "Say on standard error what is being done: at a terminal (auto), anywhere, or never."),
        ),
    ),
    (
        "Where",
        (
            ("--root DIR", "The root; otherwise the nearest folder up with .clew, then with .git, then this one."),
            ("-h, --help", "This text; behind an operation, what that takes."),
            ("--version", "The version."),
        ),
    ),
)

COMMON_TEXTS = {flag.partition(" ")[0]: text for _, flags in COMMON_HELP for spelt, text in flags for flag in spelt.split(", ")}
"""Flag -> help text, of the flags that commands share."""

WIDTH = 110
COLUMN = 36


def help_of(command: str, operations: list[str]) -> str:
    """The help of a command, or of the operations that stand on its line."""
    if operations:
        return "\n".join(_operation_help(operation(name), command) for name in dict.fromkeys(operations))
    names = [name for name, row in FLAGS.items() if command in row[0]]
    parts = [f"{ABOUT[command]}\n\nUsage: {command} [OPERATION …] [FLAGS]\n"]
    if names:
        parts.append("Operations, run left to right (each takes its own flags: OPERATION --help):\n")
        parts.extend(entry(usage(operation(name)), docs_of(operation(name))[0].partition("\n")[0]) for name in names)
    else:
        parts.append("This release has no operations here yet.\n")
    for title, flags in COMMON_HELP:
        parts.append(f"\n{title}:\n")
        parts.extend(entry(flag, text) for flag, text in flags)
    if names:
        parts.append("\nWhy an answer is not complete (`why`), and how many:\n")
        parts.extend(entry(code, text) for code, (_, text) in GAPS.items())
    return "".join(parts)


def usage(row: Operation) -> str:
    """The usage of an operation: `--ripple [TARGET …]`."""
    if row.commands == ("clew",):
        return f"{row.name} [FLAGS] -- {row.values.upper()} …"
    flag = flag_of(row)
    if not row.values:
        return flag
    word = row.values.rstrip("s").upper()
    many = "" if row.most == 1 else " …"
    return f"{flag} {word}{many}" if row.least else f"{flag} [{word}{many}]"


def flag_of(row: Operation) -> str:
    """The shortest flag of an operation: `--undo` for undo-edit."""
    return min((row.flag, *row.aliases), key=len)


def example_of(name: str, command: str) -> str | None:
    """The line that ends the docstring of an operation's request, in a command; None where there is none."""
    about = docs_of(operation(name))[0]
    line = about.rpartition("\n\n")[2].strip()
    return None if "\n" in line or line == about.strip() else in_command(command, line)


def _operation_help(row: Operation, command: str) -> str:
    about, fields = docs_of(row)
    said, _, rest = about.partition("\n\n")
    parts = [f"{command} {usage(row)}\n\n{said}\n"]
    if rest:
        parts.append(f"\n  {in_command(command, rest.strip())}\n\n")
    if row.aliases:
        parts.append(f"Also: {', '.join(flag for flag in (row.flag, *row.aliases) if flag != flag_of(row))}\n")
    if row.values and row.values in fields:
        parts.append(f"\n{entry(row.values.rstrip('s').upper(), fields[row.values])}")
    for flag, (field, shape, choices) in FLAGS[row.name][4].items():
        if not flag.startswith("--"):
            continue
        shorts = "".join(f", {short}" for name, short in row.shorts if name == field)
        value = (
            ""
            if shape == "switch"
            else f" {'|'.join(choices) or ('N' if shape.startswith('number') else 'SECONDS' if shape == 'time' else field.upper())}"
        )
        parts.append(entry(f"{flag}{shorts}{value}", fields.get(field, "")))
    for title, docs in answer_docs_of(row):
        parts.append(f"\n{title}:\n")
        parts.extend(entry(name, text) for name, text in docs.items())
    return "".join(parts)


def answer_docs_of(row: Operation) -> tuple[tuple[str, dict[str, str]], ...]:
    """The docstrings of the fields that an answer has beside its rows, and of those that each row has."""
    path, _, name = row.where.partition(":")
    classes = {
        **classes_of("clew.requests"),
        **classes_of("clew.code.rows"),
        **classes_of("clew.code.outline"),
        **classes_of("clew.code.references"),
        **classes_of("clew.markdown.rows"),
        **classes_of("clew.markdown.links"),
    }
    classes |= classes_of("clew.code.ripple") | classes_of(path)
    fields: dict[str, str] = {}
    pending, rows = [f"{name}Result"], None
    while pending:
        node = classes.get(pending.pop())
        if node is not None:
            rows = rows or next((found for found in map(_row_class, node.body) if found is not None), None)
            fields = {**field_docs(node), **fields}
            pending.extend(base.id for base in node.bases if isinstance(base, ast.Name))
    of_rows = field_docs(classes[rows]) if rows in classes else {}
    aside = {"results", "failed", "stored"} | (set() if row.values == "targets" else {"files_left_out"})
    said = {camel(field): text for field, text in fields.items() if field not in aside}
    return ("The answer", said), ("A row", {camel(field): text for field, text in of_rows.items() if field != "n"})


def _row_class(field: ast.stmt) -> str | None:
    """The class of the rows, of the declaration `results: tuple[Row, ...]`."""
    is_rows = isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.target.id == "results"
    if not (is_rows and isinstance(field, ast.AnnAssign) and isinstance(field.annotation, ast.Subscript)):
        return None
    first = field.annotation.slice.elts[0] if isinstance(field.annotation.slice, ast.Tuple) else None
    return first.id if isinstance(first, ast.Name) else None


def entry(flag: str, text: str) -> str:
    """A flag and its text, in two columns."""
    if not text:
        return f"  {flag}\n"
    indent = " " * COLUMN
    if len(flag) > COLUMN - 4:
        return f"  {flag}\n{fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)}\n"
    return f"{fill(text, WIDTH, initial_indent=f'  {flag}'.ljust(COLUMN), subsequent_indent=indent)}\n"
