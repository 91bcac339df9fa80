"""The three forms of a batch, told from each other by how they begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from clew.edits.patches import is_patch

if TYPE_CHECKING:
    from clew.edits.batch_draft import Asked

Form = Literal["lines", "diff", "workspaceEdit"]


def read_batch(text: bytes) -> tuple[Form, list[Asked]]:
    """The form of a batch, and its changes. Raises InvalidRequest where it cannot be read at all."""
    # Only the form that is given is loaded.
    if text.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        from clew.edits.batch_documents import of_documents, whole_of

        whole = whole_of(text)
        if whole is not None:
            return "workspaceEdit", list(of_documents(whole))
    elif is_patch(text):
        from clew.edits.batch_diffs import of_diff

        return "diff", list(of_diff(text))
    from clew.edits.batch_lines import of_lines

    return "lines", list(of_lines(text))
