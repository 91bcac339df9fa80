"""Gaps of an answer: files that could not be read as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from clew._native import HAS_ERRORS, TOKEN_SCAN
from clew.index.rows import FACTS_SHIFT, STALE
from clew.requests import COMPUTED, ESCAPES, Gap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew._native import Def
    from clew.index.generation import Generation
    from clew.requests import Result

PARSE_ERRORS = "parseErrors"
DOUBTFUL = frozenset({"stale", PARSE_ERRORS, "changed"})
"""Codes of the gaps that files make; each of these files has a warning that says more."""

_NAMED = 3
"""Files that a gap names."""
_BROKEN = (HAS_ERRORS | TOKEN_SCAN) << FACTS_SHIFT


def gaps(generation: Generation, files: Iterable[int]) -> tuple[Gap, ...]:
    """The numbers of files that are known by earlier facts only (`stale`) and that could not be parsed whole (`parseErrors`)."""
    flags = {file: generation.flags_of(file) for file in set(files)}
    stale = [file for file, flag in flags.items() if flag & STALE]
    broken = [file for file, flag in flags.items() if flag & _BROKEN and not flag & STALE]
    return tuple(
        Gap(code, len(files_concerned), files=tuple(map(generation.path_of, sorted(files_concerned)[:_NAMED])))
        for code, files_concerned in (("stale", stale), (PARSE_ERRORS, broken))
        if files_concerned
    )


def hidden_gaps(generation: Generation, definitions: list[Def]) -> tuple[Gap, ...]:
    """The gaps of places that may use one of the definitions without its name, with the command that lists them."""
    roles = [use[4] for definition in definitions for use in generation.linker.hidden_uses(definition)]
    counted = ((COMPUTED, roles.count("computed")), (ESCAPES, roles.count("escape")))
    if not roles:
        return ()
    from shlex import join  # only a few answers need it

    from clew.code.addresses import addresses  # loaded by every verb that has targets

    listing = join(["js-scan", "--references", *addresses(generation, definitions), "--possible", "--json"])
    return tuple(Gap(code, total, list=listing) for code, total in counted if total)


def gaps_anywhere(generation: Generation) -> tuple[Gap, ...]:
    """The gaps of an answer that any file could change."""
    return gaps(generation, (entry.id for entry in generation.files()))


def with_gaps(generation: Generation, result: Result) -> Result:
    """The answer, saying what the files behind it leave open, unless the verb looked at more files than these and said it itself.

    `changed` counts files that were written while the question was answered, `deadline` what there was no time for.
    """
    numbers = map(generation.id_of, result.behind() if result.reads_facts else ())
    gaps_of_files = gaps(generation, (file for file in numbers if file is not None))
    changed = len(generation.changes)
    if changed:
        gaps_of_files = (*gaps_of_files, Gap("changed", changed, files=tuple(problem.file for problem in generation.changes[:_NAMED])))
    gaps_of_files = (*gaps_of_files, *generation.bounds.gaps())
    said = {gap.code for gap in result.why}
    more = tuple(gap for gap in gaps_of_files if gap.code not in said)
    return replace(result, why=(*result.why, *more)) if more else result
