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
    """Load msgspec without what it asks for types that no request or result of ours has, and without its schemas: a third of a start.

    `typing_extensions` is asked for names that `typing` has; `uuid` brings `platform`, `decimal` brings `numbers`. Whoever imports
    these modules later gets the real ones, but for `msgspec.json.schema`, which is that of `msgspec._json_schema`. None is how Python
    is told that a module is not there.
    """
    parts = {name: _StandIn(f"msgspec.{name}") for name in ("inspect", "_json_schema", "toml", "yaml")}
    absent: dict[str, ModuleType | None] = {"typing_extensions": None, "uuid": _StandIn("uuid"), "decimal": _StandIn("decimal")}
    absent |= {f"msgspec.{name}": part for name, part in parts.items()}
    absent = {name: module for name, module in absent.items() if name not in sys.modules}
    sys.modules.update(absent)  # type: ignore[arg-type]
    import msgspec

    for name in absent:
        del sys.modules[name]
    for module, names in ((msgspec, parts), (msgspec.json, ("schema", "schema_components"))):
        for name in names:
            vars(module).pop(name, None)


if "msgspec" not in sys.modules:
    _load_msgspec_lean()
