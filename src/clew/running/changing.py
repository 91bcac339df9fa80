"""Questions about what changed: the targets that `--changed` means, and what is said of them."""

from __future__ import annotations

from shlex import join
from typing import TYPE_CHECKING

from clew.code.changed import touched
from clew.diff import commit_of
from clew.errors import GitUnavailable, InvalidRequest, NoRepository, NothingChanged, UsageError
from clew.running.calls import HEAD

if TYPE_CHECKING:
    from clew.code.changed import Changed, Touched
    from clew.requests import Target
    from clew.running.calls import Asked
    from clew.workspace import Workspace

SHOWN_FILES = 3


def weighed(asked: Asked) -> str:
    """The revision that a question is about.

    Raises UsageError and InvalidRequest for a question that takes no targets, or has others, and for what is no name of a commit.
    """
    revision = asked.changed or ""
    name = asked.request.__struct_config__.tag
    own = getattr(asked.request, "targets", None)
    if own is None:
        raise UsageError(f"--{name} takes no targets, so it cannot be asked about what changed", hint="js-scan --outline --changed")
    if own or asked.match is not None or asked.input_from is not None:
        raise InvalidRequest(f"--changed gives --{name} its targets; leave out the others")
    if not revision or revision.startswith("-") or not revision.isprintable():
        raise UsageError(f"--changed takes the name of a commit, not {revision!r}", hint=f"js-scan --{name} --changed {HEAD}")
    return revision


def changed_since(workspace: Workspace, asked: Asked) -> tuple[tuple[Target, ...], Changed]:
    """The definitions that the working tree changed since the revision of a question, as its targets, and what else there is to say.

    Raises NothingChanged when there is none of these; RevisionNotFound, NoRepository and GitUnavailable; and what `weighed` raises.
    """
    revision = weighed(asked)
    seconds = workspace.generation.bounds.left()
    name = str(asked.request.__struct_config__.tag)
    try:
        commit = (workspace.head() if revision == HEAD else None) or commit_of(workspace.root, revision, seconds)
        found = touched(workspace, revision, commit)
    except (NoRepository, GitUnavailable) as error:
        error.hint = error.hint or f"js-scan --{name} TARGET"
        raise
    if not found.targets:
        raise _nothing(found, name, in_time=not workspace.generation.bounds.was_cut)
    return found.targets, found.changed


def _nothing(found: Touched, name: str, *, in_time: bool) -> NothingChanged:
    changed = found.changed
    if not in_time:
        return NothingChanged(
            f"No definition that differs from {changed.against} was found before the time was over", again=("--deadline", "0")
        )
    if not changed.files:
        return NothingChanged(f"Nothing differs from {changed.against}", revision=changed.against)
    reasons = [
        text
        for count, text in (
            (changed.outside, f"lines outside of definitions {changed.outside}"),
            (changed.gone_total or len(changed.gone), f"definitions gone {changed.gone_total or len(changed.gone)}"),
            (changed.files_left_out, f"files that define nothing {changed.files_left_out}"),
            (changed.renamed, f"files renamed {changed.renamed}"),
        )
        if count
    ]
    return NothingChanged(
        f"No definition that is still there differs from {changed.against}: {', '.join(reasons) or 'blank lines alone'}",
        hint=join(["js-scan", f"--{name}", *found.files_outside[:SHOWN_FILES]]) if found.files_outside else None,
        revision=changed.against,
        changed=changed,
    )
