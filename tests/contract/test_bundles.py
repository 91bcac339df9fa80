from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from worlds import World, draft, session_with

from clew.errors import InvalidRequest, NotAllowed, QuotaExceeded, SessionExists, TokenUnknown
from clew.sessions import acts
from clew.sessions.appending import Quotas
from clew.sessions.bundles import export_bundle, import_bundle
from clew.sessions.manager import SessionManager
from clew.sessions.merging import merge
from clew.sessions.steps import SubjectTarget, digest

Members = dict[str, bytes]


def exported(manager: SessionManager, path: Path) -> None:
    manager.append(manager.begin("tour"), draft(depends={"a.js": "1"}))
    manager.append(manager.locate("tour"), draft("ripple", 2, result=b'{"results":"' + b"x" * 4000 + b'"}'))
    manager.append(manager.locate("tour#1"), draft("callers", 3))
    acts.set_goal(manager, "tour", "a goal")
    export_bundle(manager, "tour", str(path))


def test_a_session_read_back_from_a_bundle_is_the_same_session(world: World, tmp_path: Path) -> None:
    here, there = world.manager(), world.foreign_manager()
    path = tmp_path / "tour.clew"
    exported(here, path)
    carried = import_bundle(there, str(path))
    session = here.read_step("tour").session_id
    assert (carried.session_id, carried.name, carried.steps, carried.members) == (session, "tour", 4, 5)
    assert there.store.steps(session) == here.store.steps(session)
    for step in here.store.steps(session):
        assert (there.result_of(there.read_step(step.token)), there.depends_of(step)) == (here.result_of(step), here.depends_of(step))
    assert there.append(there.locate("tour~2"), draft("imports", 4)).parent == 3


def test_equal_sessions_give_equal_bundles(world: World, tmp_path: Path) -> None:
    manager = world.manager()
    exported(manager, tmp_path / "one")
    export_bundle(manager, "tour", str(tmp_path / "two"))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_redacted_step_is_carried_without_its_bytes(world: World, tmp_path: Path) -> None:
    here, there = world.manager(), world.foreign_manager()
    exported(here, tmp_path / "whole")
    acts.redact(here, "tour#2")
    export_bundle(here, "tour", str(tmp_path / "tour.clew"))
    import_bundle(there, str(tmp_path / "tour.clew"))
    step = here.read_step("tour#2")
    assert there.read_step("tour#2") == step
    with pytest.raises(NotAllowed):
        there.result_of(step)
    assert there.result_of(there.read_step("tour#1")) == here.result_of(here.read_step("tour#1"))


def test_a_bundle_does_not_overwrite_a_file_or_a_session(world: World, tmp_path: Path) -> None:
    manager, there = world.manager(), world.foreign_manager()
    path = tmp_path / "tour.clew"
    exported(manager, path)
    before = path.read_bytes()
    with pytest.raises(InvalidRequest):
        export_bundle(manager, "tour", str(path))
    assert (path.read_bytes(), sorted(tmp_path.glob("tour.clew*"))) == (before, [path])
    with pytest.raises(SessionExists):
        import_bundle(manager, str(path))
    session_with(there, "tour", "search")
    with pytest.raises(SessionExists):
        import_bundle(there, str(path))
    assert import_bundle(there, str(path), name="trip").name == "trip"
    assert there.read_step("trip#2").operation == "ripple"


def rewritten(path: Path, change: Callable[[Members], Members]) -> None:
    with zipfile.ZipFile(path) as bundle:
        members = {name: bundle.read(name) for name in bundle.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in change(members).items():
            bundle.writestr(name, data)


def without(kind: str) -> Callable[[Members], Members]:
    return lambda members: {name: data for name, data in members.items() if not name.startswith(kind)}


def altered(kind: str, old: bytes, new: bytes) -> Callable[[Members], Members]:
    return lambda members: {name: data.replace(old, new) if name.startswith(kind) else data for name, data in members.items()}


def with_chain_broken(members: Members) -> Members:
    """Everything fits but the hashes: as somebody would do it who knows the format."""
    lines = members["steps.jsonl"].replace(b'"operation":"ripple"', b'"operation":"search"')
    manifest = msgspec.json.decode(members["manifest.json"])
    manifest |= {"steps": digest(lines).hex(), "seal": ""}
    manifest["seal"] = digest(msgspec.json.encode(manifest)).hex()
    return {**members, "steps.jsonl": lines, "manifest.json": msgspec.json.encode(manifest)}


def resealed(**fields: object) -> Callable[[Members], Members]:
    """The metadata of the session is changed, and the seal made anew."""

    def change(members: Members) -> Members:
        manifest = msgspec.json.decode(members["manifest.json"])
        manifest["session"] |= fields
        manifest["seal"] = ""
        manifest["seal"] = digest(msgspec.json.encode(manifest)).hex()
        return {**members, "manifest.json": msgspec.json.encode(manifest)}

    return change


@pytest.mark.parametrize(
    "change",
    [
        resealed(created_at=1e300),
        resealed(kept_from=-1.0),
        resealed(ttl=-1.0),
        resealed(goal="x" * 20_000),
        resealed(goal="another"),
        resealed(metadata={"agentId": 5}),
        resealed(head=5),
        resealed(branches=9),
        resealed(initial_keys=["x"]),
        resealed(initial={"x": 1}),
        without("manifest.json"),
        without("steps.jsonl"),
        without("bytes/"),
        altered("manifest.json", b'"name":"tour"', b'"name":"../x"'),
        altered("manifest.json", b'"format":2', b'"format":3'),
        altered("manifest.json", b'"head":4', b'"head":2'),
        altered("manifest.json", b'"goal":"a goal"', b'"goal":"x"'),
        altered("manifest.json", b"{", b"["),
        altered("steps.jsonl", b"search", b"sEarch"),
        altered("bytes/", b"results", b"resultS"),
        with_chain_broken,
        lambda members: {**members, "../evil": b"x"},
        lambda members: {**members, "/etc/passwd": b"x"},
        lambda members: {**members, "bytes/../../x": b"x"},
        lambda members: {**members, "bytes/" + "0" * 64: b"x"},
    ],
)
def test_an_altered_bundle_is_refused_and_nothing_is_written(world: World, tmp_path: Path, change: Callable[[Members], Members]) -> None:
    manager, there = world.manager(), world.foreign_manager()
    path = tmp_path / "tour.clew"
    exported(manager, path)
    rewritten(path, change)
    with pytest.raises(InvalidRequest):
        import_bundle(there, str(path))
    assert there.store.count() == 0
    with pytest.raises(TokenUnknown):
        there.read_step(manager.read_step("tour#1").token)


def test_a_truncated_bundle_is_refused_wherever_it_ends(world: World, tmp_path: Path) -> None:
    manager, there = world.manager(), world.foreign_manager()
    exported(manager, tmp_path / "tour.clew")
    data = (tmp_path / "tour.clew").read_bytes()
    for end in range(0, len(data), 97):
        (tmp_path / "cut").write_bytes(data[:end])
        with pytest.raises(InvalidRequest):
            import_bundle(there, str(tmp_path / "cut"))
    assert there.store.count() == 0


def test_a_bundle_that_swells_is_refused(world: World, tmp_path: Path) -> None:
    manager = world.manager()
    path = tmp_path / "bomb"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("manifest.json", b"{}")
        bundle.writestr("steps.jsonl", bytes(8_000_000))
    manager.quotas = Quotas(session=1_000_000)
    with pytest.raises(QuotaExceeded):
        import_bundle(manager, str(path))


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip" * 100])
def test_a_file_that_is_no_bundle_is_refused(world: World, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    for path in (tmp_path / "x", tmp_path, tmp_path / "missing"):
        with pytest.raises(InvalidRequest):
            import_bundle(world.manager(), str(path))


def test_merging_branches_unites_their_contexts(world: World) -> None:
    manager = world.manager()
    first, second = session_with(manager, "tour", "search", "ripple")
    side = manager.append(manager.locate(first.token), draft("callers", 3))
    merged = merge(manager, "tour", side.token)
    assert manager.context(merged) == {"search": first, "ripple": second, "callers": side}
    assert manager.locate("tour").input == second


def test_merging_names_the_keys_that_conflict(world: World) -> None:
    manager = world.manager()
    first = session_with(manager, "tour", "search", "ripple")[0]
    side = manager.append(manager.locate(first.token), draft("ripple", 9))
    with pytest.raises(InvalidRequest) as caught:
        merge(manager, "tour", side.token)
    assert caught.value.candidates == ("ripple",)
    assert manager.context(merge(manager, "tour", side.token, prefer="ours"))["ripple"].seq == 2
    assert manager.context(merge(manager, "tour", side.token, prefer="theirs"))["ripple"] == side


def test_merging_another_session_copies_what_it_knows(world: World) -> None:
    manager = world.manager()
    session_with(manager, "tour", "search")
    other = session_with(manager, "other", "callers", "imports")
    merged = manager.context(merge(manager, "tour", "other"))
    assert {key: (step.session_name, manager.result_of(step)) for key, step in merged.items()} == {
        "search": ("tour", b'{"results":[{"n":1}]}'),
        "callers": ("tour", manager.result_of(other[0])),
        "imports": ("tour", manager.result_of(other[1])),
    }


def test_a_file_that_is_named_like_a_password_costs_no_step_its_content(world: World, tmp_path: Path) -> None:
    here, there = world.manager(), world.foreign_manager()
    depends = {"lib/auth.js": "1d95cf8f0bdcf425157b6689ec0bdcbd", "password": "5d111797fb8016e84be66776c392aaea"}
    step = here.append(here.begin("tour"), draft(depends=depends))
    assert export_bundle(here, "tour", str(tmp_path / "tour")).redacted == 0
    assert import_bundle(there, str(tmp_path / "tour")).redacted == 0
    assert there.depends_of(there.read_step(step.token)) == depends


def test_a_step_that_shares_its_subject_with_a_redacted_one_is_carried(world: World, tmp_path: Path) -> None:
    here, there = world.manager(), world.foreign_manager()
    about = (SubjectTarget(text="a.js::heat", file="a.js"),)
    here.append(here.begin("tour"), draft(subject=about))
    step = here.append(here.locate("tour"), draft("callers", 2))
    acts.redact(here, "tour#1")
    export_bundle(here, "tour", str(tmp_path / "tour"))
    import_bundle(there, str(tmp_path / "tour"))
    assert there.result_of(there.read_step(step.token)) == here.result_of(step)
    assert (here.subject_of(step), there.subject_of(step)) == (None, None)
