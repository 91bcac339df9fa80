"""Names and imports before a plan and after it, and those that lead elsewhere."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from clew.code.rows import SourceMap, address
from clew.edits.tracking import EditMap, Following, Place
from clew.index.rows import CODE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clew.edits.plans import FileChange
    from clew.edits.tracking import Changed
    from clew.index.generation import Generation
    from clew.index.overlay import Overlay
    from clew.index.rows import Edge

Sort = Literal["dangling", "captured", "elsewhere"]
"""It leads nowhere any more; something that the plan puts in, or a nearer binding, takes it; it leads to something else."""

HANDS_ON = "export-from"
UNNAMED = frozenset({"default", "="})
"""Exports that their importers call as they like."""
CONFIGURATIONS = (".json", "pnpm-workspace.yaml")


class Broken(msgspec.Struct, frozen=True, omit_defaults=True):
    """A name, or the specifier of an import, that no longer leads where it led. The place is that after the plan."""

    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column, counted from 1."""
    name: str
    """The name, or the specifier."""
    sort: Sort
    meant: str | None = None
    """The address of what it led to before; None for an import that the plan puts in."""
    now: str | None = None
    """The address of what it leads to after; None where that is nothing."""


class Definition(NamedTuple):
    """A definition as the linker gives it: file, row, offset of the name, number of the thing that it is."""

    file: int
    row: int
    at: int
    thing: int


class Pair(NamedTuple):
    """An occurrence before and after: its binding, and the definitions that it led to and of which some are missing."""

    was_bound: Place | None
    is_bound: Place | None
    missing: tuple[Definition, ...]
    means: dict[Place, Definition]


class Judged:
    """The definitions that are missing between two sets of definitions, before and after; many occurrences have the same."""

    def __init__(self, following: Following, before: Sets, after: Sets) -> None:
        self._meant = [[(Definition(*of), following.place(of[0], of[2])) for of in group] for group in before]
        self.means = [{Place(of[0], of[2]): Definition(*of) for of in group} for group in after]
        self._missing: dict[tuple[int, tuple[int, ...]], tuple[Definition, ...]] = {}

    def missing(self, number: int, after: tuple[int, ...]) -> tuple[Definition, ...]:
        """Definitions that a set before has and sets after have not; of a thing with several declarations one that is left is enough."""
        key = number, after
        if key not in self._missing:
            present = {place for number_now in after for place in self.means[number_now]}
            left = {(of.file, of.thing) for of, place in self._meant[number] if place in present}
            lacking = (of for of, place in self._meant[number] if place not in present and (of.file, of.thing) not in left)
            self._missing[key] = tuple(lacking)
        return self._missing[key]


Sets = list[list[tuple[int, int, int, int]]]
Target = tuple[str, int | str | None]


class Comparison:
    """One comparison of a tree with the same under a plan."""

    def __init__(self, before: Generation, after: Overlay, changes: Sequence[FileChange]) -> None:
        self.before, self.after = before, after
        self._sources_before, self._sources = SourceMap(before), SourceMap(after)
        self._following = Following(before, after, changes)
        self._changes = changes
        self._found: dict[tuple[int, int], Broken] = {}

    def broken(self) -> tuple[Broken, ...]:
        """Every name and import that leads elsewhere, or nowhere, by file and place."""
        lost = {name for file in self._following.by_file for name in self._names_lost(file)}
        for file in self.before.bounds.each(list(self._following.by_file), "changed files"):
            self._compare(file, [])
        self._compare_imports()
        unnamed = list(self._following.by_file) if lost & UNNAMED or self._hands_on_less() else []
        self._compare_elsewhere(self._following.names | lost, unnamed)
        return tuple(sorted(self._found.values(), key=lambda row: (row.file, row.line, row.column)))

    def _names_lost(self, file: int) -> set[str]:
        """The names under which a file exports nothing any more, or something else."""
        now = set(self._exported(self.after, self._following.file(file)))
        before = self._exported(self.before, file)
        return {name for name, place in before if (name, self._following.place(*place)) not in now}

    @staticmethod
    def _exported(generation: Generation, file: int | None) -> Iterator[tuple[str, Place]]:
        exports = [] if file is None else generation.linker.exports(file)
        described = generation.linker.describe([definition for _, definition in exports])
        return ((name, Place(of.file, of.at)) for (name, _), of in zip(exports, described, strict=True))

    def _hands_on_less(self) -> bool:
        """True where an edit touches an import whose names are handed on."""
        for changed in self._following.changed:
            if changed.before is not None:
                handed = [edge.row for edge in self.before.imports(changed.before) if edge.kind == HANDS_ON]
                spans = self.before.linker.import_spans(changed.before) if handed else []
                if any(changed.after is None or changed.map.touches(*spans[row]) for row in handed):
                    return True
        return False

    def _compare_elsewhere(self, names: set[str], unnamed: list[int]) -> None:
        """Other files that have a touched name, or import what has none; and those that take what broke in one of them by other names."""
        done = set(self._following.by_file)
        while names or unnamed:
            todo = {file for name in names for file in self.before.with_name(name)} | self._importers(unnamed)
            lost: set[str] = set()
            unnamed = []
            for file in self.before.bounds.each(sorted(todo - done), "files"):
                done.add(file)
                if self.before.flags_of(file) & CODE and self._compare(file, sorted(names)):
                    here = self._names_lost(file)
                    lost |= here - names
                    unnamed += [file] if here & UNNAMED else []
            if self.before.bounds.was_cut:
                return
            names = lost

    def _importers(self, files: Iterable[int]) -> set[int]:
        """The files that import some, through those that hand on what they import."""
        found: set[int] = set()
        todo = list(files)
        while todo:
            for edge in self.before.importers(todo.pop()):
                if edge.importer not in found:
                    found.add(edge.importer)
                    if edge.kind == HANDS_ON or (edge.kind == "require" and self._is_whole(edge.importer)):
                        todo.append(edge.importer)
        return found

    def _is_whole(self, file: int) -> bool:
        return any(name == "=" for name, _ in self.before.linker.exports(file))

    def _compare(self, file: int, names: list[str]) -> bool:
        """Compares the names of a file, of a changed one all, of another those that lead out of it; True where one broke."""
        there = self._following.file(file)
        if there is None:
            return False
        changed = self._following.by_file.get(file)
        pairs = self._pairs_elsewhere(file, there, names) if changed is None else self._pairs(file, there, changed.map)
        broke = False
        for start, end, pair in pairs:
            broke = True
            self._say_name(there, start, end, pair)
        return broke

    def _pairs(self, file: int, there: int, map_: EditMap) -> Iterator[tuple[int, int, Pair]]:
        """The occurrences of a changed file outside of its edits that miss something, by their places after."""
        rows, sets = self.before.linker.meanings(file)
        rows_after, sets_after = self.after.linker.meanings(there)
        if self.before.bounds.was_cut:
            return
        now: defaultdict[int, list[tuple[int, int | None, int]]] = defaultdict(list)
        for start, end, binding, number in rows_after:
            now[start].append((end, binding, number))
        judged = Judged(self._following, sets, sets_after)
        last = same = -1
        for start, end, binding, number in rows:
            last, same = start, same + 1 if start == last else 0
            at = map_.moved(start)
            if at is None or at not in now or map_.touches(start, end):
                continue  # it is edited, or no name any more
            end_now, binding_now, number_now = now[at][min(same, len(now[at]) - 1)]
            missing = judged.missing(number, (number_now,))
            if missing and end_now - at == end - start:
                was = None if binding is None else self._following.place(file, binding)
                is_ = None if binding_now is None else Place(there, binding_now)
                yield at, end_now, Pair(was, is_, missing, judged.means[number_now])

    def _pairs_elsewhere(self, file: int, there: int, names: list[str]) -> Iterator[tuple[int, int, Pair]]:
        """The occurrences of a file that is as before, and that miss something: its own bindings are the same."""
        rows, sets = self.before.linker.meanings(file, names)
        if not rows:
            return
        rows_after, sets_after = self.after.linker.meanings(there, names)
        if self.before.bounds.was_cut:
            return
        now: defaultdict[int, tuple[int, ...]] = defaultdict(tuple)
        for start, _, _, number in rows_after:
            now[start] += (number,)
        judged = Judged(self._following, sets, sets_after)
        for start, end, _, number in rows:
            missing = judged.missing(number, now[start])
            if missing:
                means = {place: of for number_now in now[start] for place, of in judged.means[number_now].items()}
                yield start, end, Pair(None, None, missing, means)

    def _say_name(self, file: int, start: int, end: int, pair: Pair) -> None:
        is_rebound = pair.is_bound is not None and pair.is_bound != pair.was_bound
        # a name that leads to its own declaration and nothing behind it leads nowhere
        own = set() if is_rebound else {Place(file, start), pair.is_bound}
        now = [of for place, of in pair.means.items() if place not in own]
        is_taken = is_rebound or any(Place(of.file, of.at) in self._following.new for of in now)
        sort: Sort = "dangling" if not now else "captured" if is_taken else "elsewhere"
        if sort == "dangling" and self.after.linker.has_unknown_receiver(file, start):
            return  # it may lead there still
        self._say(
            file,
            (start, end),
            sort,
            meant=self._address(self._sources_before, pair.missing[0]),
            now=self._address(self._sources, now[0]) if now else None,
        )

    @staticmethod
    def _address(sources: SourceMap, of: Definition) -> str:
        return address(sources, sources.generation.linker.describe([(of.file, of.row)])[0])

    def _say(self, file: int, span: tuple[int, int], sort: Sort, *, meant: str | None = None, now: str | None = None) -> None:
        start, end = span
        line = bisect_right(self._sources.lines(file)[0], start)
        source = self._sources.source(file) or b""
        self._found.setdefault(
            (file, start),
            Broken(
                file=self.after.path_of(file),
                line=line,
                column=self._sources.column(file, line, start),
                name=source[start:end].decode("utf-8", "replace"),
                sort=sort,
                meant=meant,
                now=now,
            ),
        )

    def _compare_imports(self) -> None:
        """Imports that led to a file and lead to another one, or nowhere; and those that the plan puts in and that lead nowhere."""
        files: Iterable[int] = self._following.by_file
        if any(change.place != change.path or change.before is None or change.path.endswith(CONFIGURATIONS) for change in self._changes):
            files = (file.id for file in self.before.files(CODE))
        for file in files:
            there = self._following.file(file)
            if there is not None:
                self._compare_imports_of(file, there)
        for changed in self._following.changed:
            if changed.after is not None:
                self._say_unresolved(changed, changed.after)
                self._say_unexported(changed, changed.after)

    def _compare_imports_of(self, file: int, there: int) -> None:
        changed = self._following.by_file.get(file)
        edges, edges_now = self.before.imports(file), self.after.imports(there)
        pairs: Iterable[tuple[Edge, Edge]] = zip(edges, edges_now, strict=False)
        if changed is not None and edges and edges_now:
            row_at = {start: row for row, (start, _) in enumerate(self.after.linker.import_spans(there))}
            starts = [changed.map.moved(start) for start, _ in self.before.linker.import_spans(file)]
            pairs = [(edge, edges_now[row_at[at]]) for edge, at in zip(edges, starts, strict=True) if at is not None and at in row_at]
        for edge, now in pairs:
            led = _leads_to(edge) if edge.target is None else ("file", self._following.file(edge.target))
            leads = _leads_to(now)
            if led is not None and led != leads and edge.package is None and (leads is None or edge.specifier == now.specifier):
                meant = edge.path if edge.target is None else self.before.path_of(edge.target)
                to = now.path or now.package if now.target is None else self.after.path_of(now.target)
                span = self.after.linker.import_spans(there)[now.row]
                self._say(there, span, "elsewhere" if to else "dangling", meant=meant, now=to)

    def _say_unresolved(self, changed: Changed, file: int) -> None:
        """Imports that the plan puts in and that lead nowhere; one that is written as before led nowhere then, too."""
        edges = [edge for edge in self.after.imports(file) if _leads_to(edge) is None]
        before = [] if changed.before is None else self.before.imports(changed.before)
        known = {edge.specifier for edge in before if _leads_to(edge) is None}
        spans = self.after.linker.import_spans(file) if edges else []
        for edge in edges:
            start, end = spans[edge.row]
            if edge.specifier not in known and _is_put(changed, start, end):
                self._say(file, (start, end), "dangling")

    def _say_unexported(self, changed: Changed, file: int) -> None:
        """Names that the plan imports from files that export no such thing."""
        for start, end in self.after.linker.dangling_specifiers(file):
            if _is_put(changed, start, end):
                self._say(file, (start, end), "dangling")


def _is_put(changed: Changed, start: int, end: int) -> bool:
    """True for a span after the plan that it puts in, or some of it."""
    return changed.before is None or any(first < end and start < last for first, last in changed.map.spans_after)


def _leads_to(edge: Edge) -> Target | None:
    if edge.target is not None:
        return "file", edge.target
    if edge.path is not None:
        return "path", edge.path
    return None if edge.package is None else ("package", edge.package)
