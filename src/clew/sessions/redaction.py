"""Secrets are taken out of results before they are stored.

High precision: each kind has a fixed shape (the vendors' own prefixes and lengths, as collected by gitleaks and GitHub's secret
scanning), or a telling name with a value that is random enough. What only looks alike stays. A quick look for a few literal
words comes first, so that a result without any pays microseconds and `re` is not imported.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from clew.sessions.steps import StepDraft, Subject

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

SHORTEST_RANDOM = 16
KEY, PRIVATE_KEY = "key", "private-key"
ENTROPY = 3.5
"""Bits per character that a generic secret has at least; words and identifiers have fewer."""

_SIGNS = (
    b"AKIA", b"ASIA", b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"xox", b"PRIVATE KEY", b"eyJ",
)  # fmt: skip
_NAMES = (
    b"api_key", b"api-key", b"apikey", b"secret", b"password", b"passwd", b"access_token", b"access-token", b"accesstoken",
    b"auth_token", b"auth-token", b"authtoken",
)  # fmt: skip
_HEAD = rb"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----"
_BODY = rb"(?:[A-Za-z0-9+/=:,. \r\n\t-]|\\[nrt])"
_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-+/=.~!@$%^&*")


def redacted(draft: StepDraft) -> tuple[StepDraft, dict[str, int]]:
    """The draft without the secrets of its request, result, question and subject, and how many of each kind were taken out."""
    counts: dict[str, int] = {}

    def clean(data: bytes) -> bytes:
        kept, found = without_secrets(data)
        for kind, count in found.items():
            counts[kind] = counts.get(kind, 0) + count
        return kept

    request, result, question = clean(draft.request), clean(draft.result), clean(draft.question.encode("utf-8", "surrogatepass"))
    subject = None if draft.subject is None else clean(msgspec.json.encode(draft.subject))
    if not counts:
        return draft, counts
    about = None if subject is None else msgspec.json.decode(subject, type=Subject)
    return replace(draft, request=request, result=result, question=question.decode("utf-8", "surrogatepass"), subject=about), counts


def without_secrets(data: bytes) -> tuple[bytes, dict[str, int]]:
    """JSON bytes with every secret replaced by `[redacted <kind>]`, and the counts by kind."""
    if not any(sign in data for sign in _SIGNS) and not _assigned(data.lower()):
        return data, {}
    counts: dict[str, int] = {}
    for kind, (signs, pattern) in _patterns().items():
        kept: list[bytes] = []
        end = 0
        for match in _matches(data, signs, pattern, folds=kind == KEY, unended=_unended() if kind == PRIVATE_KEY else None):
            if kind == KEY and not _random(match["value"]):
                continue
            counts[kind] = counts.get(kind, 0) + 1
            kept += [data[end : match.start("value")], b"[redacted %s]" % kind.encode()]
            end = match.end("value")
        data = b"".join([*kept, data[end:]]) if kept else data
    return data, counts


def _matches(
    data: bytes, signs: tuple[bytes, ...], pattern: re.Pattern[bytes], *, folds: bool, unended: re.Pattern[bytes] | None
) -> Iterator[re.Match[bytes]]:
    """The matches of a pattern, each at one of the words that it can begin with: a search everywhere takes a second for 10 MB.

    What `unended` matches is passed over: nothing within it matches either, and looking at each beginning in it is quadratic.
    """
    text = data.lower() if folds else data
    places = sorted(place for sign in signs for place in _places(text, sign))
    end = 0
    for place in places:
        match = pattern.match(data, place) if place >= end else None
        if match is not None:
            end = match.end()
            yield match
        elif unended is not None and place >= end and (passed := unended.match(data, place)):
            end = passed.end()


def _places(text: bytes, sign: bytes) -> Iterator[int]:
    place = text.find(sign)
    while place >= 0:
        yield place
        place = text.find(sign, place + 1)


def _assigned(low: bytes) -> bool:
    """True when one of the telling names is given a quoted value of some length; words like these are common, assignments are not."""
    for name in _NAMES:
        at = low.find(name)
        while at >= 0:
            at += len(name)
            rest = low[at : at + 64].lstrip(b"abcdefghijklmnopqrstuvwxyz_-").lstrip(b"\\\"'").lstrip()
            value = rest.lstrip(b":=> ").lstrip(b"\\\"'")
            if rest[:1] in (b":", b"=") and len(value) >= SHORTEST_RANDOM and _PLAIN.issuperset(value[:SHORTEST_RANDOM]):
                return True
            at = low.find(name, at)
    return False


@cache
def _patterns() -> dict[str, tuple[tuple[bytes, ...], re.Pattern[bytes]]]:
    """Kind -> the words that begin it, and its shape."""
    import re  # 1 ms: only a result with a sign of a secret pays

    shapes = {
        "aws": rb"(?<![A-Za-z0-9])(?P<value>(?:AKIA|ASIA)[A-Z2-7]{16})(?![A-Za-z0-9])",
        "github": rb"(?<![A-Za-z0-9_])(?P<value>gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})(?![A-Za-z0-9_])",
        "slack": rb"(?<![A-Za-z0-9])(?P<value>xox[abposr]-(?:\d{6,}-)+[A-Za-z0-9]{10,})(?![A-Za-z0-9])",
        PRIVATE_KEY: rb"(?P<value>%b%b*?-----END (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----)" % (_HEAD, _BODY),
        "jwt": rb"(?<![A-Za-z0-9_-])(?P<value>eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,})(?![A-Za-z0-9_-])",
        KEY: rb"(?i:(?:api[_-]?key|secret(?:[_-]?(?:access)?[_-]?key)?|access[_-]?token|auth[_-]?token|client[_-]?secret|passw(?:or)?d))"
        rb"(?:\\?[\"'])?\s*(?:=|:|=>)\s*\\?[\"'](?P<value>[A-Za-z0-9_\-+/=.~!@$%^&*]{16,200})\\?[\"']",
    }
    begins = {
        "aws": (b"AKIA", b"ASIA"), "github": (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_"), "slack": (b"xox",),
        PRIVATE_KEY: (b"-----BEGIN ",), "jwt": (b"eyJ",), KEY: _NAMES,
    }  # fmt: skip
    return {kind: (begins[kind], re.compile(shape)) for kind, shape in shapes.items()}


@cache
def _unended() -> re.Pattern[bytes]:
    """The beginning of a private key and all that may stand in one, possessively."""
    import re

    return re.compile(_HEAD + _BODY + rb"*+")


def _random(value: bytes) -> bool:
    """True for a string that no person chose: letters and digits mixed, and hardly a repetition."""
    if len(value) < SHORTEST_RANDOM or not any(48 <= byte < 58 for byte in value) or value.isdigit():  # noqa: PLR2004 - ASCII digits
        return False
    share = [value.count(byte) / len(value) for byte in set(value)]
    return -sum(part * math.log2(part) for part in share) >= ENTROPY and not _worded(value)


def _worded(value: bytes) -> bool:
    """True for names and paths: pieces of lower-case words between separators, as in `process.env.API_KEY_2` or `your-api-key-here1`."""
    pieces = value.replace(b"-", b"_").replace(b".", b"_").replace(b"/", b"_").split(b"_")
    plain = [piece for piece in pieces if piece.rstrip(b"0123456789").isalpha() or len(piece) < 4]  # noqa: PLR2004 - a number between words
    return len(pieces) > 1 and len(plain) == len(pieces)
