"""Laws of the questions: what must hold in every project, whatever its modules are written in."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from projects import DEEP, FLAT, LAYOUTS, Module, Project, Spot, modules, project
from trees import plant

from clew.running.asking import answered
from clew.workspace import Workspace

law = settings(deadline=None, max_examples=15, derandomize=True)


@contextmanager
def opened(files: dict[str, str]) -> Iterator[Workspace]:
    with TemporaryDirectory() as folder:
        yield Workspace.open(str(plant(Path(folder), {".git/": "", **files})))


def ask(workspace: Workspace, operation: str, target: str, **more: Any) -> list[dict[str, Any]]:
    question = json.dumps({"op": operation, "target": target, "limit": 0, **more})
    reply = json.loads(msgspec.json.encode(answered(workspace, question.encode())))
    assert "error" not in reply, reply
    return list(reply["results"])


def spots(rows: list[dict[str, Any]]) -> frozenset[Spot]:
    return frozenset((row["file"], row["line"], row["column"]) for row in rows)


def address(spot: Spot) -> str:
    return ":".join(map(str, spot))


def every_reference(workspace: Workspace, truth: Project) -> dict[str, frozenset[Spot]]:
    return {name: spots(ask(workspace, "references", address(spot))) for name, spot in truth.declared.items()}


@law
@given(made=modules(), layout=st.sampled_from(LAYOUTS))
def test_references_are_exactly_the_places_that_mean_the_definition(made: tuple[Module, ...], layout: tuple[str, ...]) -> None:
    truth = project(made, layout)
    with opened(truth.files) as workspace:
        assert every_reference(workspace, truth) == truth.places


@law
@given(made=modules())
def test_every_reference_has_the_definition_as_its_definition(made: tuple[Module, ...]) -> None:
    truth = project(made, FLAT)
    with opened(truth.files) as workspace:
        for name, spot in truth.declared.items():
            for place in truth.places[name]:
                assert spot in spots(ask(workspace, "definition", address(place))), (name, place)


@law
@given(made=modules(), layout=st.sampled_from(LAYOUTS))
def test_who_imports_is_who_is_imported_seen_from_the_other_side(made: tuple[Module, ...], layout: tuple[str, ...]) -> None:
    truth = project(made, layout)
    with opened(truth.files) as workspace:
        imports = {(path, row["file"]) for path in truth.files for row in ask(workspace, "imports", path)}
        importers = {(row["file"], path) for path in truth.files for row in ask(workspace, "importers", path)}
        assert (imports, importers) == (truth.imports, truth.imports)


@law
@given(made=modules())
def test_a_ripple_holds_the_callers(made: tuple[Module, ...]) -> None:
    truth = project(made, FLAT)
    with opened(truth.files) as workspace:
        for name, spot in truth.declared.items():
            called_in = {row["within"]["name"] for row in ask(workspace, "callers", address(spot))}
            reached = {row["name"] for row in ask(workspace, "ripple", address(spot)) if "name" in row}
            assert (called_in, called_in - reached) == (truth.callers[name], set())


@law
@given(made=modules())
def test_moving_files_changes_no_meaning(made: tuple[Module, ...]) -> None:
    here, there = project(made, FLAT), project(made, DEEP)
    moved = dict(zip(here.files, there.files, strict=True))
    with opened(here.files) as workspace:
        before = every_reference(workspace, here)
    with opened(there.files) as workspace:
        after = every_reference(workspace, there)
    assert {name: {(moved[path], line, column) for path, line, column in found} for name, found in before.items()} == after


@law
@given(first=modules(), later=st.lists(modules(), min_size=1, max_size=3))
def test_a_workspace_that_followed_a_change_of_branches_answers_as_if_it_had_just_been_opened(
    first: tuple[Module, ...], later: list[tuple[Module, ...]]
) -> None:
    with opened(project(first, FLAT).files) as workspace:
        for number, made in enumerate([first, *later]):
            truth = project(made, LAYOUTS[number % 2])
            switch(Path(workspace.root), truth.files)
            workspace.refresh()
            assert every_reference(workspace, truth) == truth.places


def switch(root: Path, files: dict[str, str]) -> None:
    """The tree of another branch: what is not on it goes."""
    for entry in os.scandir(root):
        if entry.name not in {".git", ".clew"}:
            shutil.rmtree(entry.path) if entry.is_dir() else os.unlink(entry.path)
    plant(root, files)
