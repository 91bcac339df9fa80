"""The callers of a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import asdict

from clew.code.references import ReferencesResult, used
from clew.requests import Target, Uses

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Callers(Uses, frozen=True, kw_only=True, tag="callers"):
    """List every invocation of a definition: calls, `new`, tagged templates, JSX, decorators.

    js-scan --callers processData --possible
    """

    targets: tuple[Target, ...] = ()
    """The definitions that are called. Empty means: what the continued step found."""


class CallersResult(ReferencesResult, frozen=True, kw_only=True):
    """The invocations, by file and place; `within` is the caller."""


def callers(workspace: Workspace, request: Callers) -> CallersResult:
    """Every place that invokes the targets.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    found = used(workspace, request, request.targets, invoked=True)
    return CallersResult(**asdict(found))
