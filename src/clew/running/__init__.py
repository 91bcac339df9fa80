"""The one way from a face to a verb: context in, verb, step recorded, reply out."""

from clew.running.calls import Asked, Call, Page, Thread
from clew.running.execution import run

__all__ = ["Asked", "Call", "Page", "Thread", "run"]
