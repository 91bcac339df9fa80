"""Sessions written with the clew of commit 166c94a, always the same bytes: `make.py FOLDER [URL of PostgreSQL]`."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import apsw

from clew.sessions import acts
from clew.sessions.bundles import export_bundle
from clew.sessions.manager import SessionManager
from clew.sessions.merging import merge
from clew.sessions.steps import StepDraft
from clew.sessions.tokens import TokenCodec


class Clock:
    now = 1_000_000_000.0

    def __call__(self) -> float:
        self.now += 1
        return self.now


def draft(operation: str, number: int, **fields: str) -> StepDraft:
    return StepDraft(
        operation=operation,
        request=b'{"op":"%s","number":%d}' % (operation.encode(), number),
        result=b'{"results":[{"n":1,"name":"f%d","file":"a.js","line":%d,"column":1}]}' % (number, number),
        question=f"{operation} f{number}",
        depends={"a.js": "0" * 16},
        total=1,
        manifest="m",
        tool="old",
        **fields,
    )


def write(manager: SessionManager) -> None:
    manager.create_session("tour", {"brief": "find it", "limits": {"b": 1, "a": 2}}, metadata={"agentId": "ann"}, goal="read")
    first = manager.append(manager.locate("tour"), draft("search", 1, agent="ann", idempotency_key="k1"))
    manager.append(manager.locate("tour"), draft("callers", 2, agent="ben"))
    manager.append(manager.locate("tour"), draft("ripple", 3))
    acts.note(manager, "tour", "so far", agent="ann")
    acts.undo(manager, "tour")
    manager.append(manager.locate(first.token), draft("imports", 4, store_as="who"))
    merge(manager, "tour", "tour~2", prefer="ours")
    manager.append(manager.locate("tour"), draft("search", 5))
    acts.redact(manager, "tour#2")
    manager.append_result("tour", "risk", {"risk": "low", "b": 1, "a": 2})
    manager.record_once(draft("search", 6))
    manager.append(manager.begin("other"), draft("search", 1))


folder, *urls = sys.argv[1:]
url = urls[0] if urls else None
manager = SessionManager.open(folder, url=url, workspace="here", clock=Clock(), codec=TokenCodec(Random(166).randbytes))
write(manager)
if not urls:
    export_bundle(manager, "tour", str(Path(folder, "tour.clew")))
manager.close()
if not urls:
    connection = apsw.Connection(str(Path(folder, "sessions.db")))
    connection.pragma("journal_mode", "delete")
    connection.close()
