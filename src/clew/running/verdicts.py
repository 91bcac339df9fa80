"""Verdicts on the files behind an earlier answer: fresh, moved, changed or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.sessions.staleness import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.index.generation import Generation


def verdict_on(depends: Mapping[str, str], generation: Generation) -> Verdict:
    """Judge root-relative files with their digests then; only a missing file costs a look at the whole tree."""
    now = {path: generation.digest_of(found) for path in depends if (found := generation.id_of(path)) is not None}
    elsewhere = {} if len(now) == len(depends) else {entry.digest: entry.path for entry in generation.files()}
    return judge(depends, now, elsewhere)
