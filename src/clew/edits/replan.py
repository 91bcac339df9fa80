"""Plan again what was planned before."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.edits.journal import Journal
from clew.edits.landing import asked_again, named_by
from clew.edits.planning import PlanResult
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
    journal = Journal(workspace.state)
    planned = asked_again(workspace, journal.plan(named_by(workspace, request.step, "replan").plan))
    return ReplanResult(**{name: getattr(planned, name) for name in PlanResult.__struct_fields__})
