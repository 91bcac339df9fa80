"""Circles of imports: components, a shortest way around each, and what a large one costs."""

from pathlib import Path

from clew._native import strongly_connected
from clew.code.cycles import Cycles, circle, cycles
from clew.workspace import Workspace


def test_a_circle_is_a_shortest_way_back_to_its_first_file() -> None:
    graph = {1: {2: None, 3: None}, 2: {4: None}, 3: {1: None}, 4: {1: None}, 5: {5: None}}
    assert (circle(graph, [1, 2, 3, 4]), circle(graph, [2, 1, 3, 4]), circle(graph, [5])) == ((1, 3, 1), (2, 4, 1, 2), (5, 5))


def test_components_are_named_by_path_largest_first(tmp_path: Path) -> None:
    for name, text in {"b": "c", "c": "b", "z": "y", "y": "x", "x": "z", "alone": "alone", "out": "b"}.items():
        (tmp_path / f"{name}.js").write_text(f"import './{text}.js'\n", encoding="utf-8")
    result = cycles(Workspace.open(str(tmp_path)), Cycles())
    assert [(row.size, row.files, row.path) for row in result.results] == [
        (3, ("x.js", "y.js", "z.js"), ("x.js", "z.js", "y.js", "x.js")),
        (2, ("b.js", "c.js"), ("b.js", "c.js", "b.js")),
        (1, ("alone.js",), ("alone.js", "alone.js")),
    ]


def test_a_chain_of_any_length_is_walked() -> None:
    chain = [(node, node + 1) for node in range(200_000)]
    assert strongly_connected(chain) == []
    assert len(strongly_connected([*chain, (200_000, 0)])[0]) == 200_001
