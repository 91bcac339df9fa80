"""The common part of edits with code of their own: the code, the one definition, the plan."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from clew.code.addresses import find_definitions
from clew.edits.planning import Draft, Place
from clew.edits.plans import TextEdit
from clew.errors import InvalidRequest, NoSuchFile, OutsideWorkspace, UsageError

if TYPE_CHECKING:
    from clew._native import Description
    from clew.edits.planning import Action, Kept
    from clew.requests import Request, Target
    from clew.workspace import Workspace

_MOST = 4 << 20


def code_of(workspace: Workspace, code: str | None, file: str | None, flag: str, *, thing: str = "code") -> bytes:
    """The code, or another thing, that is given in the line or by a file.

    Raises UsageError, NoSuchFile, OutsideWorkspace and InvalidRequest.
    """
    if (code is None) == (file is None):
        raise UsageError(f"{flag} needs its {thing}: --with {thing.upper()} or --with-file FILE")
    if code is not None:
        if "\0" in code:
            raise InvalidRequest(f"--with holds a NUL, which is no {thing}")
        return code.encode("utf-8", "surrogateescape")
    content = content_of(workspace, file or "", "--with-file", most=_MOST)
    if b"\0" in content:
        raise InvalidRequest(f"--with-file {file}: a binary file, which is no {thing}")
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequest(f"--with-file {file} is not UTF-8") from error
    return content.removesuffix(b"\n").removesuffix(b"\r")


def content_of(workspace: Workspace, file: str, flag: str, *, most: int) -> bytes:
    """The bytes of a file that a caller names. Raises NoSuchFile, OutsideWorkspace, and InvalidRequest for a larger one or a pipe."""
    path = os.path.join(os.getcwd(), file)
    if workspace.is_bound and workspace.relative(path) is None:
        raise OutsideWorkspace(f"{file} is outside of {workspace.root}")
    try:
        is_given = os.path.dirname(path) == "/dev/fd" or path == "/dev/stdin"  # open already, as a shell does it: <(command)
        if not is_given and stat.S_IFMT(os.stat(path).st_mode) not in {stat.S_IFREG, stat.S_IFDIR}:
            raise InvalidRequest(f"{flag} {file}: no regular file")
        with open(path, "rb") as stream:
            content = stream.read(most + 1)
    except OSError as error:
        raise NoSuchFile(f"{flag} {file}: {error.strerror}", given=file) from error
    if len(content) > most:
        raise InvalidRequest(f"{flag} {file}: too large, more than {most >> 20} MB")
    return content


def the_definition(workspace: Workspace, targets: tuple[Target, ...], flag: str) -> Description:
    """The one definition of an edit. Raises InvalidRequest for several things."""
    described = workspace.generation.linker.describe(find_definitions(workspace, targets).definitions)
    if len(described) != 1:
        raise InvalidRequest(f"{flag} takes one definition, not {len(described)}")
    return described[0]


class Changed(Draft):
    """A draft of edits of one definition."""

    def put(self, of: Description, edit: TextEdit, action: Action) -> None:
        """Add an edit and its row."""
        self.edit(of.file, edit)
        line = self.line_of(of.file, edit.start)
        self.places.append(Place(file=of.file, start=edit.start, line=line, action=action, within=(of.file, of.definition)))

    def finish(self, request: Request, *, dangling: bool = False) -> Kept:
        """Prove and keep the plan. With `dangling` references may be left without a target."""
        changes = self.changes()
        proof = self.proof(changes)
        if not dangling:
            proof.require_links()
        return self.keep(request, changes, semantic=True)
