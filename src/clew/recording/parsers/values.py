"""JSON in an output, which may stand behind lines of whoever ran the tool; and its values, which may be anything."""

from __future__ import annotations

import json
import re
from typing import Any

_BEGINS = re.compile(r"^\s*[\[{]", re.MULTILINE)
_TRIES = 20
_decoder = json.JSONDecoder()


def document(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """The first object or list of an output that begins on a line of its own; None where there is none."""
    for tried, begins in enumerate(_BEGINS.finditer(text)):
        if tried == _TRIES:
            break
        try:
            value, end = _decoder.raw_decode(text, begins.end() - 1)
        except (ValueError, RecursionError):
            continue
        if value and (begins.end() == 1 or end - begins.end() > 1):
            return value
    return None


def objects(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any JSON value
    """The objects of a list; none of anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def inside(value: Any, *keys: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value at a path of keys in nested objects; None if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def text(value: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """A text that is one, and not empty."""
    return value if isinstance(value, str) and value else None


def number(value: Any) -> int | None:  # noqa: ANN401 - any JSON value
    """A number of 1 or more that is one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
