"""Where a property name stands behind a dot, and what its receiver makes of it: worked out once for each name."""

from __future__ import annotations

from clew.code.linking import members, modules, types, values
from clew.code.linking.context import Def, Links, Site, Sites, Value, Values
from clew.index.facts import NONE, Node, Role

_NAMED_RECEIVERS = frozenset({"exports", "namespace", "enum"})
_KNOWN_ELSEWHERE = frozenset({"external", "primitive", "array", "generic"})


def member_sites(links: Links, name: str) -> Sites:
    """Every place of the tree where `name` is a property."""
    known = links.sites.get(name)
    if known is None:
        known = links.sites[name] = _sites(links, name)
    return known


def _sites(links: Links, name: str) -> Sites:
    found: list[Site] = []
    unknown: set[tuple[int, int]] = set()
    for file in links.generation.with_name(name):
        facts = links.facts(file)
        text = facts.string_id(name)
        if text is None:
            continue
        roles, nodes, kinds = facts.occ_role, facts.occ_node, facts.node_kind
        for occurrence in facts.where("occ_name", text):
            if roles[occurrence] & Role.MEMBER:
                node = nodes[occurrence]
                if node != NONE and kinds[node] == Node.MEMBER:
                    judged = _judged(links, file, node, name)
                elif node != NONE and kinds[node] == Node.IMPORT_TYPE:
                    judged = _imported(links, file, node, occurrence)
                else:
                    judged = _declared(links, file, facts.occ_start[occurrence])
                if judged is None:
                    unknown.add((file, occurrence))
                elif judged[0]:
                    found.append(Site(file, occurrence, node, *judged))
    return Sites(tuple(found), frozenset(unknown))


def _declared(links: Links, file: int, start: int) -> tuple[frozenset[Def], bool] | None:
    """What the name of a member in a class, a type or a literal leads to: itself, and what it overrides or implements."""
    facts = links.facts(file)
    rows = [row for row in facts.where("def_start_name", start) if facts.def_owner[row] != NONE]
    return (frozenset().union(*(members.kin(links, (file, row)) for row in rows)), True) if rows else None


def _imported(links: Links, file: int, node: int, occurrence: int) -> tuple[frozenset[Def], bool] | None:
    """What a name in `import('./x').A` leads to."""
    parts = types.import_meaning(links, file, node, occurrence)
    leads_to = frozenset(part for part in parts if not isinstance(part, Value))
    return (leads_to, True) if leads_to or parts else None


def _judged(links: Links, file: int, node: int, name: str) -> tuple[frozenset[Def], bool] | None:
    """What a member node leads to, and whether that is exact; None when its receiver could be anything."""
    receivers = values.evaluate(links, file, links.facts(file).node_a[node])
    leads_to: set[Def] = set()
    for receiver in receivers:
        for definition in members.member_definitions(links, receiver, name):
            leads_to |= members.kin(links, definition)
            leads_to.update(part for part in modules.origin(links, definition) if not isinstance(part, Value))
    if not leads_to and not (receivers and all(receiver.kind in _KNOWN_ELSEWHERE for receiver in receivers)):
        return None
    return frozenset(leads_to), _is_named(receivers)


def _is_named(receivers: Values) -> bool:
    """Whether all receivers are modules, namespaces or enums, or what a CommonJS module is as a whole."""
    modules_met = {receiver.file for receiver in receivers if receiver.kind == "exports"}
    return all(receiver.kind in _NAMED_RECEIVERS or receiver.file in modules_met for receiver in receivers)
