"""Plan again what was planned before."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.edits.journal import Journal
from clew.edits.planning import PlanResult
from clew.edits.rebasing import asked_again, named_by
from clew.errors import PlanExpired
from clew.requests import Request

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Replan(Request, frozen=True, kw_only=True, tag="replan"):
    """Ask the question of an earlier plan again, about the tree as it is.

    js-edit --replan cart#3
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False
    takes_step: ClassVar[bool] = True

    step: tuple[str, ...] = ()
    """The step of the plan. Empty means: the answer before it, or the continued step."""

    def question(self) -> str:
        """Name the plan."""
        return f"replan {' '.join(self.step)}".rstrip()


class ReplanResult(PlanResult, frozen=True, kw_only=True):
    """The new plan."""


def replan(workspace: Workspace, request: Replan) -> ReplanResult:
    """Plan anew.

    Raises NotAPlan, and what the question raises.
    """
    planned = asked_again(workspace, _question(workspace, request.step))
    return ReplanResult(**{name: getattr(planned, name) for name in PlanResult.__struct_fields__})


def _question(workspace: Workspace, step: tuple[str, ...]) -> bytes:
    """The question of a plan: as this checkout keeps it, else as the step does, which is without secrets."""
    plan = named_by(workspace, step, "replan").plan
    try:
        return Journal(workspace.state).plan(plan).request
    except PlanExpired:
        return workspace.asked(step[0])
