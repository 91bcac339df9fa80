"""An answer as it goes over the wire: a page of its rows that fits the budget, counted and continued by a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew.requests import LISTED_AS_POSSIBLE, Gap
from clew.running.fitting import DEFAULT_BYTES, LEAST_BYTES, Cut, fitted, json_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from clew.index.generation import Generation
    from clew.requests import FileProblem, Result
    from clew.running.calls import Page
    from clew.running.fitting import Measure

DEFAULT_ROWS = 20
ROOM_FOR_COUNTS = 160
SHOWN_WARNINGS = 10
LIST_PROBLEMS = "js-scan --build-index --json"

Reply = dict[str, Any]
"""The fields of one reply in the order they are printed; values that are JSON already are `msgspec.Raw`."""

ROWS = "results"
STORED = "stored"
ALWAYS_COUNTED = ("files", "warnings")
BESIDE = ("why", "warnings", "earlier", "since")
"""Lists of a reply that are cut, and not paged."""

_OPENING = ord("[")
_WIDEST = 3
"""How much longer than JSON on one line a row is, at most, in another form."""

_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_WHY = msgspec.json.Decoder(list[Gap])
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def warned(
    generation: Generation, own: Sequence[FileProblem], result: Result, behind: Iterable[str], *, counts_others: bool = False
) -> Reply:
    """The problems of files that matter to an answer: those of the call itself, and of the files behind the answer or named in its gaps.

    With `counts_others` it also says how many other files have some, with the command that lists them.
    """
    concerned = {*behind, *(file for gap in result.why for file in gap.files)}
    known = generation.problems_of(concerned)
    said = [*own, *known][:SHOWN_WARNINGS]
    reply: Reply = {"warningsTotal": len(own) + len(known)} if len(own) + len(known) > len(said) else {}
    if said:
        reply["warnings"] = said
    others = generation.files_with_problems() - len({problem.file for problem in known}) if counts_others else 0
    if others > 0:
        reply["otherProblems"] = {"files": others, "list": LIST_PROBLEMS}
    return reply


def with_output(reply: Mapping[str, Any]) -> Reply:
    """The reply, of a recorded command with the one that shows its whole output; rows stay last."""
    if "step" not in reply or not reply.get("outputLines"):
        return dict(reply)
    rows = {name: reply[name] for name in (ROWS,) if name in reply}
    rest = {name: value for name, value in reply.items() if name not in rows}
    return {**rest, "output": f"clew show {reply['step']} --output", **rows}


def total_of(result: bytes) -> int | None:
    """Number of rows of a result; None when it is no list."""
    rows = _FIELDS.decode(result).get("results")
    return None if rows is None else len(_ROWS.decode(rows))


def fitting(result: bytes, room: int) -> tuple[int, int]:
    """The numbers of rows and files of a result that fit into so many bytes beside the rest of it; files get half at most."""
    fields = _FIELDS.decode(result)
    rows, files = _ROWS.decode(fields.pop("results", b"[]")), _ROWS.decode(fields.pop("files", b"[]"))
    room -= len(msgspec.json.encode(fields)) + ROOM_FOR_COUNTS
    kept_files = _fitting(files, room // 2)
    return len(_fitting(rows, room - sum(len(file) + 1 for file in kept_files))), len(kept_files)


def cut_to(result: bytes, rows: int, files: int) -> bytes:
    """A result with only its first rows and files."""
    fields = _FIELDS.decode(result)
    for name, count in (("files", files), ("results", rows)):
        if name in fields:
            fields[name] = msgspec.Raw(msgspec.json.encode(_ROWS.decode(fields[name])[:count]))
    return msgspec.json.encode(fields)


def paged(
    head: Reply,
    result: bytes,
    page: Page,
    address: str | None,
    listed: str | None = None,
    *,
    total: int | None = None,
    kept: int | None = None,
    measure: Measure = json_size,
    row: Callable[[msgspec.Raw], Any] | None = None,
) -> Reply:
    """`head` followed by the part of `result` that the page means; `listed` is the command that lists what is only possible.

    `total` is how many rows there are and `kept` how many can be paged to, where these are not the rows of `result`. The whole reply
    takes no more bytes than the page allows, as `measure` counts them. `next` is a cursor for the rest of all lists; `row` makes
    the rows that are shown of those of the result.
    """
    draft = _Draft(head, result, page, row)
    draft.say_why(listed)
    rows = draft.cuts.get(ROWS)
    if rows is not None and total is not None:
        rows.total = total
    draft.address = address
    draft.reachable = rows.whole if address is None and rows is not None else draft.reachable if kept is None else kept
    shown = rows.items if rows is not None else ()
    return fitted(draft.build, draft.cuts, _budget(page, shown), measure, rows_first=page.limit is not None)


class _Draft:
    """A reply of which every list can be cut: `build` makes it of what its `cuts` show."""

    def __init__(self, head: Reply, result: bytes, page: Page, row: Callable[[msgspec.Raw], Any] | None) -> None:
        self.fields = _FIELDS.decode(result)
        self.address: str | None = None
        rows = self.fields.pop(ROWS, None)
        self.fields.pop(STORED, None)
        self.gaps = self.fields.pop("why", None)
        self.reply: Reply = {**head, "complete": self.gaps is None}
        if "warnings" in self.fields:
            self.reply.pop("warnings", None)  # those of the result are of all files
            self.reply.pop("warningsTotal", None)
        self.lists = {name: _ROWS.decode(value) for name, value in self.fields.items() if memoryview(value)[0] == _OPENING}
        self.cuts: dict[str, Cut] = {}
        for name in BESIDE:
            if isinstance(self.reply.get(name), list):
                self.cuts[name] = Cut(items=self.reply[name], total=head.get(f"{name}Total"), is_paged=False)
        self.reachable = 0
        if rows is not None:
            found = _ROWS.decode(rows)
            self.reachable = len(found)
            shown: list[Any] = _on(page, found)
            if row is not None:
                shown = [row(one) for one in shown]
            if page.fields:
                shown = [_only(one, page.fields) for one in shown]
            self.cuts[ROWS] = Cut(items=shown, skipped=page.skipped(0), total=len(found))
        for at, (name, items) in enumerate(self.lists.items(), 1):
            if page.without_rows and name == "files":
                items = []  # noqa: PLW2901 - they come with the rows
            self.cuts[name] = Cut(items=items[page.skipped(at) :], skipped=page.skipped(at))

    def say_why(self, listed: str | None) -> None:
        """Say what is not known, with the command that lists what is only possible."""
        if self.gaps is None:
            return
        gaps = _WHY.decode(self.gaps)
        if listed is not None:
            gaps = [replace(gap, list=gap.list or listed) if gap.code in LISTED_AS_POSSIBLE else gap for gap in gaps]
        self.reply["why"] = gaps
        self.cuts = {"why": Cut(items=gaps, is_paged=False), **self.cuts}

    def build(self) -> Reply:
        built = dict(self.reply)
        for name in BESIDE:
            if name in self.cuts and name not in self.lists:
                built.update(_told(name, self.cuts[name]))
                if not self.cuts[name].shown:
                    built.pop(name, None)
        rows = self.cuts.get(ROWS)
        if rows is not None:
            built.update(total=rows.whole, shown=rows.shown)
        seen = [rows.skipped + rows.shown if rows is not None else 0]
        seen += [self.cuts[name].skipped + self.cuts[name].shown for name in self.lists]
        if seen[0] < self.reachable or any(at < len(items) for at, items in zip(seen[1:], self.lists.values(), strict=True)):
            cursor = ":".join([*([self.address] if self.address else []), *map(str, seen)])
            built["next"] = [*built["next"], f"{_command(built)} --after {cursor} --json"] if "next" in built else cursor
        for name, value in self.fields.items():
            if name not in self.lists:
                built[name] = value
            elif self.cuts[name].items:
                built.update(_told(name, self.cuts[name], always=name in ALWAYS_COUNTED))
        if rows is not None:
            built[ROWS] = rows.items[: rows.shown]
        return built


def _command(reply: Reply) -> str:
    """The command that answers what a reply is about."""
    from clew.operations import operation  # loaded by every question that is asked

    return operation(str(reply["operation"])).commands[0]


def _on(page: Page, rows: list[msgspec.Raw]) -> list[msgspec.Raw]:
    """The rows of a page, as far as its limit goes."""
    if page.without_rows:
        return []
    limit, skipped = page.limit if page.limit is not None else DEFAULT_ROWS, page.skipped(0)
    return rows[skipped : skipped + limit] if limit else rows[skipped:]


def _told(name: str, cut: Cut, *, always: bool = False) -> Reply:
    """A list as far as it is shown, behind its total where that is more."""
    shown = cut.items[: cut.shown]
    more = {f"{name}Total": cut.whole} if always or len(shown) < cut.whole else {}
    return {**more, name: shown} if shown else more


def _budget(page: Page, rows: Sequence[Any]) -> int:
    """The bytes of a reply; a limit that was given is kept, and leaves the other lists what the default has beside it."""
    if page.budget is not None:
        return page.budget
    if page.limit is None:
        return DEFAULT_BYTES
    return max(DEFAULT_BYTES, len(msgspec.json.encode(rows)) * _WIDEST + LEAST_BYTES) if page.limit else 0


def _fitting(items: list[msgspec.Raw], room: int) -> list[msgspec.Raw]:
    """The first items that fit into so many bytes, but at least one."""
    used = 0
    for count, item in enumerate(items):
        used += len(item) + 1
        if used > room:
            return items[: max(count, 1)]
    return items


def _only(row: Any, fields: tuple[str, ...]) -> Reply:  # noqa: ANN401 - a row as JSON, or as values
    """A row with its number and the fields asked for."""
    values = _FIELDS.decode(row) if isinstance(row, msgspec.Raw) else row
    return {name: value for name, value in values.items() if name == "n" or name in fields}
