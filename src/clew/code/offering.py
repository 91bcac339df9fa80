"""The targets that rows offer to a following operation, and the files behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clew.code.names import path_in
from clew.requests import Target

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol

    from clew.code.rows import Within

    class NamedRow(Protocol):
        """A row that is a definition, or (without a name, or of kind `file`) a file."""

        @property
        def n(self) -> int: ...  # noqa: D102 - as in every row
        @property
        def file(self) -> str: ...  # noqa: D102
        @property
        def name(self) -> str | None: ...  # noqa: D102
        @property
        def target(self) -> str | None: ...  # noqa: D102

    class PlaceRow(Protocol):
        """A row that is a place in a file, with the definition around it."""

        @property
        def n(self) -> int: ...  # noqa: D102
        @property
        def file(self) -> str: ...  # noqa: D102
        @property
        def within(self) -> Within | None: ...  # noqa: D102


def definitions(rows: Iterable[NamedRow], picked: frozenset[int] | None) -> tuple[Target, ...]:
    """The definitions that rows are; files for rows that are no definition."""
    return tuple(
        Target(text=row.file, file=row.file)
        if row.name is None or getattr(row, "kind", None) == "file"
        else Target(text=row.target or f"{row.file}::{row.name}", file=path_in(row.target) if row.target else row.file)
        for row in rows
        if picked is None or row.n in picked
    )


def enclosing(rows: Iterable[PlaceRow], picked: frozenset[int] | None) -> tuple[Target, ...]:
    """The definitions around rows, each once; a row at the top of a module offers its file."""
    targets: dict[str, Target] = {}
    for row in rows:
        if picked is not None and row.n not in picked:
            continue
        if row.within is None:
            targets.setdefault(row.file, Target(text=row.file, file=row.file))
        else:
            text = row.within.target or f"{row.file}::{row.within.name}"
            targets.setdefault(text, Target(text=text, file=row.file))
    return tuple(targets.values())


def files(rows: Iterable[Any]) -> tuple[str, ...]:
    """The files of rows, each once."""
    return tuple(dict.fromkeys(row.file for row in rows))
