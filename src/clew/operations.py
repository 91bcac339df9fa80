"""The registry of verbs and of acts on sessions: two tables of names, imported on demand.

A verb is a module with a request `class X(Request, tag="x")`, a result `class XResult(Result)` and a function
`x(workspace, request) -> XResult`; a row here makes it a flag of a command, a method of `clew ask` and a word of every
other face. An act on sessions is a request and a function `sessions_x(acting, request) -> Reply`; a row makes it a subcommand of
`clew`. After changing a row or the fields of a request, run `python -m clew.cli.generate`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from clew.requests import Request, Result


class Operation(msgspec.Struct, frozen=True):
    """One row: the name on the wire, where the verb is written, and how its flag is typed."""

    name: str
    """The name on the wire, the tag of the request."""
    where: str
    """`module:RequestClass`; the result is `RequestClassResult`, the function is the name with `_`."""
    commands: tuple[str, ...] = ("js-scan",)
    """The commands it is a flag of, the one that hints name first."""
    word: str = ""
    """The word of its flag, where that is not the name: two commands may share one."""
    aliases: tuple[str, ...] = ()
    """Other flags that mean the same."""
    values: str = ""
    """The field that the words after the flag fill; empty when the flag takes none."""
    least: int = 0
    """Number of words the flag needs."""
    most: int | None = None
    """Number of words the flag takes at most; None is any number."""
    shorts: tuple[tuple[str, str], ...] = ()
    """Short flags: (field, flag), as `rg` has them."""

    @property
    def flag(self) -> str:
        """Its flag."""
        return f"--{self.word or self.name}"

    @property
    def edits(self) -> bool:
        """True for a flag of a command that plans edits, or writes and takes back what was planned."""
        return any(command in EDITS for command in self.commands)


JS_EDIT, MD_SCAN, MD_EDIT = ("js-edit",), ("md-scan",), ("md-edit",)
EDITS = JS_EDIT + MD_EDIT
"""The commands that share what is done with a plan."""


OPERATIONS: tuple[Operation, ...] = (
    Operation("search", "clew.code.search:Search", values="terms", least=1),
    Operation(
        "text",
        "clew.code.text:Text",
        values="pattern",
        least=1,
        most=1,
        shorts=(("context", "-C"), ("ignore_case", "-i"), ("type", "-t"), ("word", "-w")),
    ),
    Operation("find-pattern", "clew.code.find_pattern:FindPattern", values="pattern", least=1, most=1),
    Operation("ast-pattern", "clew.code.ast_pattern:AstPattern", values="pattern", least=1, most=1),
    Operation("find-hash", "clew.code.find_hash:FindHash", values="hash", least=1, most=1),
    Operation("definition", "clew.code.definition:Definition", values="targets"),
    Operation("references", "clew.code.references:References", values="targets"),
    Operation("callers", "clew.code.callers:Callers", aliases=("--who-calls",), values="targets"),
    Operation("callees", "clew.code.callees:Callees", aliases=("--what-calls",), values="targets"),
    Operation("call-graph", "clew.code.call_graph:CallGraph", values="targets"),
    Operation("overrides", "clew.code.overrides:Overrides", values="targets"),
    Operation("importers", "clew.code.importers:Importers", aliases=("--what-imports",), values="targets"),
    Operation("imports", "clew.code.imports:Imports", aliases=("--deps-of",), values="targets"),
    Operation("cycles", "clew.code.cycles:Cycles"),
    Operation("ripple", "clew.code.ripple:Ripple", aliases=("--analyze-ripple", "--ripple-analysis"), values="targets"),
    Operation("impacts", "clew.code.impacts:Impacts", values="targets"),
    Operation("impact-preview", "clew.code.impact_preview:ImpactPreview", values="targets"),
    Operation("tests", "clew.code.tests:Tests", values="targets"),
    Operation("depends-on", "clew.code.depends_on:DependsOn", values="targets"),
    Operation("context-slice", "clew.code.context_slice:ContextSlice", values="targets"),
    Operation("export-usage", "clew.code.export_usage:ExportUsage", values="targets"),
    Operation("dead-code", "clew.code.dead_code:DeadCode"),
    Operation("hot-paths", "clew.code.hot_paths:HotPaths"),
    Operation("outline", "clew.code.outline:Outline", values="targets"),
    Operation("list-types", "clew.code.list_types:ListTypes", values="targets"),
    Operation("why", "clew.causes.why:Why", values="step", most=1),
    Operation("longest-files", "clew.code.longest_files:LongestFiles"),
    Operation("build-index", "clew.code.build_index:BuildIndex"),
    Operation("rename", "clew.edits.rename:Rename", commands=JS_EDIT, values="targets"),
    Operation("rename-file", "clew.edits.rename_file:RenameFile", commands=EDITS, values="paths", least=2, most=2),
    Operation("replace", "clew.edits.replace:Replace", commands=JS_EDIT, values="targets"),
    Operation("insert-before", "clew.edits.insert_before:InsertBefore", commands=JS_EDIT, values="targets"),
    Operation("insert-after", "clew.edits.insert_after:InsertAfter", commands=JS_EDIT, values="targets"),
    Operation("delete", "clew.edits.delete:Delete", commands=JS_EDIT, values="targets"),
    Operation("replace-text", "clew.edits.replace_text:ReplaceText", commands=EDITS, values="old", least=1, most=1),
    Operation("batch", "clew.edits.batch:Batch", commands=EDITS, values="file", most=1),
    Operation("rewrite", "clew.edits.rewrite:Rewrite", commands=JS_EDIT, values="pattern", least=1, most=1),
    Operation("fix", "clew.edits.fix:Fix", commands=EDITS, aliases=("--apply",), values="step", most=1),
    Operation("undo-edit", "clew.edits.undo:UndoEdit", commands=EDITS, aliases=("--undo",), values="step", most=1),
    Operation("redo-edit", "clew.edits.redo:RedoEdit", commands=EDITS, aliases=("--redo",), values="step", most=1),
    Operation("replan", "clew.edits.replan:Replan", commands=EDITS, values="step", most=1),
    Operation("diff", "clew.edits.diff:Diff", commands=EDITS, values="step", most=1),
    Operation("who", "clew.edits.who:Who", commands=EDITS, values="file", least=1, most=1),
    Operation("verify", "clew.edits.verify:Verify", commands=EDITS, values="command", least=1),
    Operation("replace-section", "clew.edits.prose.replace_section:ReplaceSection", commands=MD_EDIT, values="targets"),
    Operation("insert-section", "clew.edits.prose.insert_section:InsertSection", commands=MD_EDIT, values="targets"),
    Operation("move-section", "clew.edits.prose.move_section:MoveSection", commands=MD_EDIT, values="targets"),
    Operation("remove-section", "clew.edits.prose.remove_section:RemoveSection", commands=MD_EDIT, values="targets"),
    Operation("rename-heading", "clew.edits.prose.rename_heading:RenameHeading", commands=MD_EDIT, values="targets"),
    Operation("toc", "clew.edits.prose.toc:Toc", commands=MD_EDIT, values="targets"),
    Operation("md-outline", "clew.markdown.outline:Outline", commands=MD_SCAN, word="outline", values="targets"),
    Operation("section", "clew.markdown.section:Section", commands=MD_SCAN, values="targets"),
    Operation("links", "clew.markdown.links:Links", commands=MD_SCAN, values="targets"),
    Operation("check-links", "clew.markdown.check_links:CheckLinks", commands=MD_SCAN, values="targets"),
    Operation("backlinks", "clew.markdown.backlinks:Backlinks", commands=MD_SCAN, values="targets"),
    Operation("orphans", "clew.markdown.orphans:Orphans", commands=MD_SCAN),
    Operation("code-blocks", "clew.markdown.code_blocks:CodeBlocks", commands=MD_SCAN, values="targets"),
    Operation("front-matter", "clew.markdown.front_matter:FrontMatter", commands=MD_SCAN, values="targets"),
    Operation("md-search", "clew.markdown.search:Search", commands=MD_SCAN, word="search", values="terms", least=1),
    Operation("md-stats", "clew.markdown.stats:Stats", commands=MD_SCAN, word="stats", values="targets"),
    Operation("md-context-slice", "clew.markdown.context_slice:ContextSlice", commands=MD_SCAN, word="context-slice", values="targets"),
    Operation("record", "clew.recording.record:Record", commands=("clew",), values="command", least=1),
    Operation("mentions", "clew.markdown.mentions:Mentions", commands=MD_SCAN, values="targets"),
    Operation("drift", "clew.markdown.drift:Drift", commands=MD_SCAN, values="targets"),
)


class SessionAct(msgspec.Struct, frozen=True):
    """One row: an act on sessions, which is a subcommand of `clew`."""

    name: str
    """The words of the subcommand, the tag of the request; the function is the name with `_`."""
    where: str
    """`module:RequestClass`"""
    words: tuple[str, ...] = ()
    """The fields that words fill, in their order; one with a default can be left out. The others are flags."""
    reads_tree: bool = False
    """True where it looks at the tree, which can take a while: its face says how far it is."""
    opens_itself: bool = False
    """True where it takes a `Door` and opens what it needs: it may be asked to leave everything as it is."""


_READING, _ALTERING, _KEEPING = "clew.running.acts.reading", "clew.running.acts.altering", "clew.running.acts.keeping"
_METRICS = "clew.running.acts.metrics"
_PIPELINES = "clew.pipelines"

ACTS: tuple[SessionAct, ...] = (
    SessionAct("resume", "clew.running.resuming:Resume", ("session",), reads_tree=True),
    SessionAct("show", f"{_READING}:Show", ("step",)),
    SessionAct("run", f"{_PIPELINES}.acts:Run", ("pipeline",), reads_tree=True, opens_itself=True),
    SessionAct("note", f"{_ALTERING}:Note", ("text",)),
    SessionAct("feedback", f"{_METRICS}:Feedback", ("step",)),
    SessionAct("stats", f"{_METRICS}:Stats", reads_tree=True),
    SessionAct("verify", "clew.running.acts.links:Verify", ("bundle",), reads_tree=True),
    SessionAct("sessions list", f"{_READING}:SessionsList"),
    SessionAct("sessions show", f"{_READING}:SessionsShow", ("session",)),
    SessionAct("sessions log", f"{_READING}:SessionsLog", ("session",)),
    SessionAct("sessions diff", f"{_READING}:SessionsDiff", ("step", "later")),
    SessionAct("sessions start", f"{_ALTERING}:SessionsStart", ("name",)),
    SessionAct("sessions fork", f"{_ALTERING}:SessionsFork", ("step",)),
    SessionAct("sessions undo", f"{_ALTERING}:SessionsUndo", ("session",)),
    SessionAct("sessions rename", f"{_ALTERING}:SessionsRename", ("session", "name")),
    SessionAct("sessions goal", f"{_ALTERING}:SessionsGoal", ("session", "text")),
    SessionAct("sessions pin", f"{_ALTERING}:SessionsPin", ("session",)),
    SessionAct("sessions unpin", f"{_ALTERING}:SessionsUnpin", ("session",)),
    SessionAct("sessions ttl", f"{_ALTERING}:SessionsTtl", ("session", "time")),
    SessionAct("sessions copy", f"{_KEEPING}:SessionsCopy", ("session", "name")),
    SessionAct("sessions revive", f"{_ALTERING}:SessionsRevive", ("session",)),
    SessionAct("sessions redact", f"{_ALTERING}:SessionsRedact", ("step",)),
    SessionAct("sessions delete", f"{_KEEPING}:SessionsDelete", ("session",)),
    SessionAct("sessions merge", f"{_ALTERING}:SessionsMerge", ("into", "source")),
    SessionAct("sessions export", f"{_KEEPING}:SessionsExport", ("session", "file")),
    SessionAct("sessions import", f"{_KEEPING}:SessionsImport", ("file",)),
    SessionAct("sessions gc", f"{_KEEPING}:SessionsGc"),
    SessionAct("pipelines list", f"{_PIPELINES}.showing:PipelinesList", opens_itself=True),
    SessionAct("pipelines show", f"{_PIPELINES}.showing:PipelinesShow", ("pipeline",), opens_itself=True),
    SessionAct("pipelines check", f"{_PIPELINES}.showing:PipelinesCheck", ("pipeline",), opens_itself=True),
)


Row = TypeVar("Row", Operation, SessionAct)


class Verb(msgspec.Struct, frozen=True):
    """A verb, imported."""

    request: type[Request]
    result: type[Result]
    run: Callable[[Any, Any], Result]


def operation(name: str) -> Operation:
    """Return the row of that name; KeyError when there is none."""
    return _named(OPERATIONS, name)


def _named(rows: tuple[Row, ...], name: str) -> Row:
    for row in rows:
        if row.name == name:
            return row
    raise KeyError(name)


def verb(row: Operation) -> Verb:
    """Import the verb behind a row."""
    path, _, request = row.where.partition(":")
    module = import_module(path)
    return Verb(getattr(module, request), getattr(module, f"{request}Result"), getattr(module, row.name.replace("-", "_")))


class ActVerb(msgspec.Struct, frozen=True):
    """An act on sessions, imported."""

    request: type[Request]
    run: Callable[[Any, Any], dict[str, Any]]


def session_act(name: str) -> SessionAct:
    """Return the row of that name; KeyError when there is none."""
    return _named(ACTS, name)


def act_verb(row: SessionAct) -> ActVerb:
    """Import the act behind a row."""
    path, _, request = row.where.partition(":")
    module = import_module(path)
    return ActVerb(getattr(module, request), getattr(module, row.name.replace(" ", "_")))


def schema(row: Operation | SessionAct) -> dict[str, Any]:
    """The JSON schema of a request, as `clew ask` and other faces take it."""
    from msgspec.json import schema as schema_of  # only who describes the verbs needs it

    described: dict[str, Any] = schema_of(verb(row).request if isinstance(row, Operation) else act_verb(row).request)
    return described
