"""Every secret below is made up; it is put together here so that no scanner takes this file for a leak."""

from __future__ import annotations

import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clew.sessions import redaction
from clew.sessions.redaction import redacted, without_secrets
from clew.sessions.steps import StepDraft

RANDOM = "q9Xv7Lk2Zt4Rw8Yb3Nm6Pd1Hs5Gf0JcQ7aE2"
SECRETS = {
    "aws": "AKIA" + "QWERTYUIOP234567",
    "github": "ghp_" + RANDOM[:36].ljust(36, "a"),
    "slack": "xoxb-" + "123456789012-1234567890123-" + RANDOM[:24],
    "private-key": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEpAIBAAKCAQEA75\nabc+/=\n-----END RSA " + "PRIVATE KEY-----",
    "jwt": "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0." + RANDOM,
    "key": f'const api_key = "{RANDOM}"',
}
LOOK_ALIKES = [
    "const api_key = process.env.API_KEY_2",
    'apiKey: "your-api-key-goes-here1"',
    'password = "correct horse battery staple 1"',
    'secret: "aaaaaaaaaaaaaaaaaaaaaaa1"',
    'const token = "function"',
    'const access_token = "req.headers.authorization.v2"',
    "AKIA is how the ids of AWS start",
    "AKIA" + "qwertyuiop234567",
    "XAKIA" + "QWERTYUIOP234567",
    "ghp_short",
    "xoxb-is-a-prefix",
    "-----BEGIN PUBLIC " + "KEY-----\nMIIBIjANBg\n-----END PUBLIC KEY-----",
    "-----BEGIN PRIVATE " + "KEY----- is how a key starts",
    "eyJhbGciOiJIUzI1NiJ9",
    "sha512-" + RANDOM * 2 + "==",
    '"integrity": "sha512-' + RANDOM * 2 + '=="',
    "js--7f3k9q2m8x4c1v5b6n0p3r7t2w-search-001",
    'commit = "0123456789abcdef0123456789abcdef01234567"',
    'password: "1234567890123456"',
    'secret_key: "lib/response/send.v2.test"',
]


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_taken_out_and_counted(kind: str) -> None:
    text = msgspec.json.encode({"results": [{"n": 1, "text": f"before {SECRETS[kind]} after"}]})
    data, counts = without_secrets(text)
    held = msgspec.json.decode(data)["results"][0]["text"]
    assert counts == {kind: 1}
    assert f"[redacted {kind}]" in held
    assert held.startswith("before ")
    assert held.endswith(" after")
    assert RANDOM[:20] not in held


@pytest.mark.parametrize("text", LOOK_ALIKES)
def test_a_look_alike_stays_untouched(text: str) -> None:
    data = msgspec.json.encode({"results": [{"text": text}]})
    assert without_secrets(data) == (data, {})


WORDS = ["client_", "secret", "_key", "PASSWORD", "-----BEGIN ", "eyJ", "xox", " = ", ": '", "'", "\n", "x", "_"]
PIECES = [*SECRETS.values(), *LOOK_ALIKES, *WORDS]


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_looking_where_a_secret_can_begin_finds_what_a_search_everywhere_finds(pieces: list[str]) -> None:
    data = "".join(pieces).encode()
    assert without_secrets(data)[0] == searched(data)


def searched(data: bytes) -> bytes:
    """The plain way: every pattern everywhere."""
    for kind, (_, pattern) in redaction._patterns().items():  # noqa: SLF001 - the shapes themselves are not in question

        def taken(match: re.Match[bytes], kind: str = kind) -> bytes:
            if kind == redaction.KEY and not redaction._random(match["value"]):  # noqa: SLF001
                return match[0]
            start = match.start()
            return match[0][: match.start("value") - start] + f"[redacted {kind}]".encode() + match[0][match.end("value") - start :]

        data = pattern.sub(taken, data)
    return data


def test_keys_without_an_end_are_passed_over_and_whole_ones_taken_out() -> None:
    """100 KB of beginnings: looking from each of them to the end would take minutes."""
    begins = SECRETS["private-key"].partition("\n")[0] * 4000
    data = f"{begins}\x00{SECRETS['private-key']}\x00{begins}".encode()
    assert without_secrets(data) == (f"{begins}\x00[redacted private-key]\x00{begins}".encode(), {"private-key": 1})


def test_several_secrets_are_counted_by_kind() -> None:
    data = msgspec.json.encode([*SECRETS.values(), *SECRETS.values()])
    kept, counts = without_secrets(data)
    assert counts == dict.fromkeys(SECRETS, 2)
    assert len(msgspec.json.decode(kept)) == 2 * len(SECRETS)


def test_a_draft_without_secrets_is_the_same_draft() -> None:
    draft = StepDraft(operation="search", request=b"{}", result=b'{"results":["token"]}', question="search token")
    assert redacted(draft) == (draft, {})


def test_the_question_is_looked_at_too() -> None:
    draft = StepDraft(operation="text", request=b"{}", result=b"{}", question=f"text {SECRETS['github']}")
    kept, counts = redacted(draft)
    assert (kept.question, counts) == ("text [redacted github]", {"github": 1})
