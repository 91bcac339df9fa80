"""The breadth-first walk: levels by distance, every node once."""

from clew.code.breadth import levels

GRAPH = {1: (2, 3), 2: (4, 1), 3: (4, 5), 4: (1,), 5: ()}


def test_every_node_is_in_the_level_of_its_least_distance() -> None:
    asked: list[tuple[int, int]] = []

    def behind(node: int, distance: int) -> tuple[int, ...]:
        asked.append((node, distance))
        return GRAPH[node]

    assert list(levels((1,), behind)) == [[1], [2, 3], [4, 5]]
    assert asked == [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)]


def test_a_walk_ends_at_its_depth_and_where_there_is_no_time() -> None:
    assert list(levels((1, 1), lambda node, _: GRAPH[node], depth=1)) == [[1], [2, 3]]
    assert list(levels((1,), lambda node, _: GRAPH[node], each=lambda level: level[:1])) == [[1], [2, 3], [4]]
    assert list(levels((), lambda node, _: GRAPH[node])) == []
