"""Breadth-first walks: the nodes of a graph by their distance."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def levels(
    starts: Iterable[Node],
    behind: Callable[[Node, int], Iterable[Node]],
    *,
    depth: int | None = None,
    each: Callable[[Sequence[Node]], Iterable[Node]] = iter,
) -> Iterator[list[Node]]:
    """The nodes at each distance from the starts, which are the first level, up to `depth`; every node once, at its least distance.

    `behind(node, distance)` gives the nodes that a node leads to, and the distance that they are at. It is asked once for each node, in
    the order of the levels, and `each` gives the nodes of a level that there is time for.

    From 1 in 1 → 2, 1 → 3, 2 → 4, 3 → 4: [1], [2, 3], [4].
    """
    level = list(dict.fromkeys(starts))
    seen = set(level)
    distance = 0
    while level:
        yield level
        if distance == depth:
            return
        distance += 1
        following: list[Node] = []
        for node in each(level):
            for other in behind(node, distance):
                if other not in seen:
                    seen.add(other)
                    following.append(other)
        level = following
