"""Where a property name stands behind a dot, and what its receiver makes of it: worked out once for each name."""

from __future__ import annotations

from typing import NamedTuple

from clew.code.linking import members, values
from clew.code.linking.context import Def, Links
from clew.index.facts import NONE, Node, Role

_NAMED_RECEIVERS = frozenset({"exports", "namespace", "enum"})
_KNOWN_ELSEWHERE = frozenset({"external", "primitive", "array", "generic"})


class Site(NamedTuple):
    """One `x.name`."""

    file: int
    occurrence: int
    node: int
    leads_to: frozenset[Def]
    """The members it can mean, with all that they override or implement."""
    exact: bool
    """Whether the receiver is a module, a namespace or an enum."""
    unknown: bool
    """Whether the receiver could be anything."""


def member_sites(links: Links, name: str) -> tuple[Site, ...]:
    """Every place of the tree where `name` is a property."""
    known = links.sites.get(name)
    if known is None:
        known = links.sites[name] = tuple(_sites(links, name))
    return known


def _sites(links: Links, name: str) -> list[Site]:
    found = []
    for file in links.generation.with_name(name):
        facts = links.facts(file)
        text = facts.string_id(name)
        if text is None:
            continue
        roles, nodes, kinds = facts.occ_role, facts.occ_node, facts.node_kind
        for occurrence in facts.where("occ_name", text):
            if roles[occurrence] & Role.MEMBER:
                node = nodes[occurrence]
                if node == NONE or kinds[node] != Node.MEMBER:
                    found.append(Site(file, occurrence, NONE, frozenset(), exact=False, unknown=True))
                else:
                    found.append(_judged(links, file, occurrence, node, name))
    return found


def _judged(links: Links, file: int, occurrence: int, node: int, name: str) -> Site:
    receivers = values.evaluate(links, file, links.facts(file).node_a[node])
    leads_to: set[Def] = set()
    for receiver in receivers:
        for definition in members.member_definitions(links, receiver, name):
            leads_to |= members.kin(links, definition)
    return Site(
        file,
        occurrence,
        node,
        frozenset(leads_to),
        exact=all(receiver.kind in _NAMED_RECEIVERS for receiver in receivers),
        unknown=not leads_to and not (receivers and all(receiver.kind in _KNOWN_ELSEWHERE for receiver in receivers)),
    )
