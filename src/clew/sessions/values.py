"""JSON in and out for results that callers hand over as Python values."""

from __future__ import annotations

import math

import msgspec

from clew.errors import InvalidRequest


def json_bytes(value: object, what: str) -> bytes:
    """`value` as JSON that reads back equal. Raises InvalidRequest for what JSON cannot hold."""
    try:
        _require_plain(value, what)
        return msgspec.json.encode(value)
    except RecursionError:
        raise InvalidRequest(f"{what} is nested too deeply") from None
    except UnicodeEncodeError:
        raise InvalidRequest(f"{what} holds a lone surrogate, which is no character") from None
    except (TypeError, ValueError, OverflowError) as error:
        raise InvalidRequest(f"{what} cannot be written as JSON: {error}") from None


def _require_plain(value: object, what: str) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidRequest(f"{what} holds {value}, which JSON cannot say")
    if isinstance(value, dict):
        for key, held in value.items():
            if not isinstance(key, str):
                raise InvalidRequest(f"{what} has a key that is no string: {key!r}")
            _require_plain(held, what)
    elif isinstance(value, (list, tuple)):
        for held in value:
            _require_plain(held, what)
    elif value is not None and not isinstance(value, (str, int, float)):
        _require_plain(msgspec.to_builtins(value), what)  # sets, dataclasses and the like, which may hold anything
