"""A pipeline in YAML, by PyYAML, whose nodes know their places."""

from __future__ import annotations

from typing import Any

import yaml

from clew.pipelines.places import Path, Place, Places

Problem = tuple[Place, str]


class _Twice(Exception):
    """A key that stands twice."""

    def __init__(self, place: Place, key: str) -> None:
        super().__init__(key)
        self.problem = (place, f"{key!r} stands twice in one mapping")


def parsed(text: str) -> tuple[Any, Places, Problem | None]:
    """The value of a document and the places in it, or the first problem. Aliases are none of what a pipeline needs."""
    places: Places = {(): Place(1, 1)}
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken):
                return None, places, (_place(token.start_mark), "aliases are not taken: say each value where it stands")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if node is not None:
            _walk(node, (), places)
        return yaml.safe_load(text), places, None
    except _Twice as error:
        return None, places, error.problem
    except yaml.MarkedYAMLError as error:
        return None, places, (_place(error.problem_mark), f"no YAML: {error.problem or error.context}")
    except (yaml.YAMLError, RecursionError) as error:
        return None, places, (Place(1, 1), f"no YAML: {error}")


def _walk(node: yaml.Node, path: Path, places: Places) -> None:
    places.setdefault(path, _place(node.start_mark))
    if isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _walk(value, (*path, number), places)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            own = (*path, str(key.value))
            if own in places:
                raise _Twice(_place(key.start_mark), str(key.value))
            places[own] = _place(key.start_mark)
            _walk(value, own, places)


def _place(mark: Any) -> Place:  # noqa: ANN401 - a mark of PyYAML, or None
    return Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)
