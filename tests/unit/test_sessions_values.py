"""Names, tokens, staleness, the memory cache, the times and the hot path of sessions, each on its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clew.errors import InvalidRequest
from clew.sessions.cache import CacheCounts, SessionCache
from clew.sessions.names import session_name, slug
from clew.sessions.staleness import Verdict, all_gone, judge
from clew.sessions.store.mounts import network_file_system
from clew.sessions.tokens import ALPHABET, TokenCodec


@pytest.mark.parametrize("name", ["hdr", "feature/login", "a" * 200, "Größe", "名前", "a b", "v1.2", "...", "a~2", "\u00e9"])
def test_a_label_is_a_name(name: str) -> None:
    assert session_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a" * 201,
        "a" * 300,
        "a\x00b",
        "a\nb",
        "a\tb",
        "a\u202eb",
        "a\u200bb",
        "a\u2028b",
        "a\u2029b",
        "\ud800",
        "js--x",
        "sess-x",
        "@1",
        "-x",
        "a#1",
        ".",
        "..",
        "../../x",
        "a/../b",
        "a/./b",
        "a\\..\\b",
    ],
)
def test_what_is_no_label_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest):
        session_name(name)


def test_composed_and_decomposed_accents_are_one_name_also_at_the_limit() -> None:
    assert session_name("e\u0301") == "\u00e9"
    assert session_name("e\u0301" * 200) == "\u00e9" * 200


def test_an_id_echoes_the_name_in_ascii() -> None:
    assert [slug(name) for name in (None, "Feature/Login  now", "名前", "a" * 99)] == ["call", "feature-login-now", "session", "a" * 24]


def test_a_token_carries_130_random_bits() -> None:
    ones = TokenCodec(lambda size: b"\xff" * size).body()
    zeros = TokenCodec(lambda size: b"\x00" * size).body()
    assert (ones, zeros, TokenCodec.token(zeros, "search", 7)) == ("z" * 26, "0" * 26, f"js--{'0' * 26}-search-007")
    bodies = {TokenCodec().body() for _ in range(1000)}
    assert len(bodies) == 1000
    assert set("".join(bodies)) == set(ALPHABET)


def test_every_random_bit_counts() -> None:
    def body(bit: int) -> str:
        return TokenCodec((1 << bit).to_bytes).body()

    assert len({body(bit) for bit in range(130)}) == 130


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("js--" + "0" * 26 + "-search-001", "0" * 26),
        ("js--" + "0" * 8, "0" * 8),
        ("js--" + "0" * 7, None),
        ("js--" + "0" * 26 + "x", None),
        ("js--" + "0" * 25 + "u-search-001", None),
        ("js--" + "0" * 25 + "A-search-001", None),
        ("0" * 26, None),
        ("", None),
    ],
)
def test_the_random_part_of_a_text(text: str, body: str | None) -> None:
    assert TokenCodec.body_of(text) == body


DEPENDS = {"a.js": "1", "b.js": "2"}


@pytest.mark.parametrize(
    ("now", "elsewhere", "expected"),
    [
        (DEPENDS, {}, Verdict()),
        ({**DEPENDS, "c.js": "9"}, {}, Verdict()),
        ({"a.js": "1", "c.js": "2"}, {"2": "c.js"}, Verdict(verdict="moved", moved={"b.js": "c.js"})),
        ({"a.js": "1", "b.js": "3"}, {}, Verdict(verdict="changed", changed=("b.js",))),
        ({"a.js": "3", "c.js": "2"}, {"2": "c.js"}, Verdict(verdict="changed", moved={"b.js": "c.js"}, changed=("a.js",))),
        ({"a.js": "3"}, {}, Verdict(verdict="gone", changed=("a.js",), gone=("b.js",))),
    ],
)
def test_the_verdict_over_the_inputs_files(now: dict[str, str], elsewhere: dict[str, str], expected: Verdict) -> None:
    assert judge(DEPENDS, now, elsewhere) == expected


def test_everything_gone_is_told_apart() -> None:
    assert [all_gone(DEPENDS, judge(DEPENDS, now)) for now in ({}, {"a.js": "1"}, DEPENDS)] == [True, False, False]
    assert not all_gone({}, judge({}, {}))


def test_a_verdict_names_its_files() -> None:
    assert judge({**DEPENDS, "c.js": "3"}, {"a.js": "9", "d.js": "2"}, {"2": "d.js"}).files == ("a.js", "b.js", "c.js")


def test_the_least_recently_used_entry_goes_first() -> None:
    cache = SessionCache(entries=2, clock=lambda: 0.0)
    cache.put("a", 1, b"a")
    cache.put("b", 1, b"b")
    assert cache.get("a", 1) == (b"a", 0.0)
    cache.put("c", 1, b"c")
    assert (cache.get("b", 1), cache.get("a", 1), cache.get("c", 1)) == (None, (b"a", 0.0), (b"c", 0.0))
    assert cache.counts() == CacheCounts(hits=3, misses=1, evictions=1, entries=2, bytes=2)


def test_bytes_are_bounded_too() -> None:
    cache = SessionCache(entries=9, max_bytes=10, clock=lambda: 0.0)
    cache.put("a", 1, b"123456")
    cache.put("b", 1, b"123456")
    cache.put("huge", 1, b"12345678901")
    assert [cache.get(key, 1) is not None for key in ("a", "b", "huge")] == [False, True, False]
    cache.put("b", 2, b"1")
    cache.drop("missing")
    assert cache.counts() == CacheCounts(hits=1, misses=2, evictions=1, entries=1, bytes=1)


def test_another_revision_is_a_miss_and_is_dropped() -> None:
    cache = SessionCache(clock=lambda: 0.0)
    cache.put("a", 1, b"old")
    assert (cache.get("a", 2), cache.get("a", 1)) == (None, None)
    assert cache.counts().bytes == 0


def test_a_network_drive_is_recognised_by_the_longest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"none / ext4 rw\nhost:/x {tmp_path} nfs4 rw\n/dev/b {tmp_path}/local ext4 rw\nbroken\n")
    places = [str(tmp_path / "a" / "sessions.db"), str(tmp_path / "local" / "sessions.db"), "/elsewhere"]
    assert [network_file_system(place, str(mounts)) for place in places] == ["nfs4", None, None]
    assert network_file_system("/", str(tmp_path / "missing")) is None


def test_the_hot_path_imports_little(tmp_path: Path) -> None:
    """The modules that a command loads for its sessions, beside apsw and msgspec."""
    script = f"""
import sys, apsw, msgspec
before = set(sys.modules)
from clew.sessions.core import Sessions
from clew.sessions.steps import StepDraft
sessions = Sessions.open({str(tmp_path)!r})
step = sessions.append(sessions.begin("tour"), StepDraft(operation="search", request=b"{{}}", result=b"{{}}"))
sessions.append(sessions.locate(step.token), StepDraft(operation="ripple", request=b"{{}}", result=b"{{}}"))
sessions.summary(step.session_id)
sessions.tidy()
print(sorted(name for name in set(sys.modules) - before if not name.startswith("clew")))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - the script above
    allowed = {"_blake2", "_bisect", "bisect", "fcntl", "math", "struct", "_struct", "time", "zlib", "msgspec.structs"}
    assert set(eval(done.stdout)) - allowed == set()  # noqa: S307 - a list that the script printed
