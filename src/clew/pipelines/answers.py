"""The answer of a step, as references and later steps see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from clew.operations import operation, verb
from clew.running.replies import total_of

if TYPE_CHECKING:
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step

BOUNDS = frozenset({"deadline", "quota"})
"""The codes of gaps that say that an answer was cut."""


class Answer(Mapping[str, Any]):
    """The answer of a step, as references see it."""

    def __init__(self, sessions: Sessions, step: Step) -> None:
        self._sessions = sessions
        self.step = step
        self._own: dict[str, Any] = {"step": step.address}
        self._result: msgspec.Struct | None = None

    @property
    def raw(self) -> bytes:
        """The stored result."""
        return self._sessions.result_of(self.step)

    @property
    def result(self) -> msgspec.Struct:
        """The stored result, with its types."""
        if self._result is None:
            self._result = msgspec.json.decode(self.raw, type=verb(operation(self.step.operation)).result)
        return self._result

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - any value
        if key in self._own:
            return self._own[key]
        if key == "total":
            return self.step.total if self.step.total is not None else total_of(self.raw)
        for field in msgspec.structs.fields(self.result):
            if field.encode_name == key and field.name != "stored":
                return getattr(self.result, field.name)
        raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        try:
            self[str(key)]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Any:  # noqa: ANN401 - an iterator of names
        return iter(("step", "total", *(field.encode_name for field in msgspec.structs.fields(self.result) if field.name != "stored")))

    def __len__(self) -> int:
        return len(tuple(iter(self)))

    @property
    def cut(self) -> tuple[str, ...]:
        """The bounds that cut it, so that there is more than it says: `deadline`, `quota`."""
        return tuple(gap.code for gap in getattr(self.result, "why", ()) if gap.code in BOUNDS)

    @property
    def has_failed(self) -> bool:
        """True for a check that failed, and for a command with another status than 0."""
        status = getattr(self.result, "status", 0)
        return bool(getattr(self.result, "failed", False)) or bool(status)
