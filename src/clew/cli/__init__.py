"""The commands: flags in, text or JSON out. No logic lives here."""

from __future__ import annotations

import sys
from types import ModuleType


class _StandIn(ModuleType):
    """A module whose every name is an empty class."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"unknown": None})


def _load_msgspec_lean() -> None:
    """Load msgspec without what it asks for types that no request or result of ours has: a quarter of a start.

    `typing_extensions` is asked for names that `typing` has; `uuid` brings `platform`, `decimal` brings `numbers`. Whoever imports
    these modules later gets the real ones. None is how Python is told that a module is not there.
    """
    absent: dict[str, ModuleType | None] = {"typing_extensions": None, "uuid": _StandIn("uuid"), "decimal": _StandIn("decimal")}
    absent = {name: module for name, module in absent.items() if name not in sys.modules}
    sys.modules.update(absent)  # type: ignore[arg-type]
    import msgspec  # noqa: F401 - loaded for everybody after

    for name in absent:
        del sys.modules[name]


if "msgspec" not in sys.modules:
    _load_msgspec_lean()
