"""Flags that narrow or widen a question are honoured: for each field of each verb a call whose answer it changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from trees import plant

from clew.cli._flags import FLAGS
from clew.errors import NoSuchFile, UsageError
from clew.operations import operation, verb
from clew.running.asking import answer
from clew.running.narrowing import narrowed
from clew.workspace import Workspace

PROJECT = {
    ".git/HEAD": "ref: refs/heads/main\n",
    "package.json": '{"devDependencies": {"vitest": "3"}}\n',
    "lib/order.ts": (
        "import { Base } from './base';\n"
        "export class Order extends Base {\n  pay(sum: number) { return tax(sum); }\n  static make() { return new Order(); }\n}\n"
        "export function tax(sum: number) { return sum * rate; }\n"
        "const rate = 2;\ninterface Hidden { taxed: number }\nfunction untaxed() {}\n"
        "function unused() {}\nexport interface Priced { sum: number }\nexport enum Sort { a }\n"
        "export let later = (key: any) => key.pay(1);\n"
    ),
    "lib/base.ts": (
        "import type { Order } from './order';\nexport class Base { pay(sum: number): unknown { return this; } }\nexport type Of = Order;\n"
    ),
    "app/main.ts": (
        "import { Order, tax } from '../lib/order';\nimport './lazy';\n"
        "export function main() { return new Order().pay(tax(1)); }\nfunction inner() { return tax(2); }\ninner();\n"
        "const again = () => new Order().pay(3);\n"
    ),
    "app/lazy.ts": "import './main';\nexport const lazily = () => import('../lib/order');\n",
    "test/order.test.ts": (
        "import { Order, tax } from '../lib/order';\nimport { main } from '../app/main';\n"
        "test('pays', () => { new Order().pay(tax(1)); main(); });\n"
    ),
    "test/any.test.ts": "export function check(thing: any) { return thing.pay(2); }\ntest('any', () => check(0));\n",
    "web/page.js": "exports.page = function page(x) { return x.pay(1) + TAX; };\nconst TAX = 'tax of an order';\n// pay tax\n",
}

PAY = {"target": "Order#pay"}
TAX = {"target": "lib/order.ts::tax"}
ORDER = {"target": "lib/order.ts"}
WHERE: dict[str, Any] = {"dir": ["app"], "include": ["*.test.ts"], "exclude": ["**/*.ts"]}
LIB: dict[str, Any] = {"dir": ["app"], "include": ["app/*"], "exclude": ["lib/**"]}
USES = {**WHERE, "kind": ["function"], "exported": True, "possible": True}

CALLS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "search": (
        {"terms": ["order"]},
        {**WHERE, "dir": ["test"], "kind": ["class"], "exported": True, "any": ({"terms": ["order", "tax"]}, True)},
    ),
    "text": (
        {"pattern": ["tax"]},
        {**WHERE, "regex": ({"pattern": ["t.x"]}, True), "ignore_case": True, "word": True, "context": 1, "type": ["js"]},
    ),
    "find-pattern": ({"pattern": ["*a*"]}, {**WHERE, "kind": ["function"], "exported": True}),
    "ast-pattern": ({"pattern": ["$A.pay($B)"]}, {**WHERE, "dir": ["test"]}),
    "find-hash": ({}, {"dir": ["lib"], "include": ["*.test.ts"], "exclude": ["app/**"], "kind": ["class"], "exported": True}),
    "definition": (PAY, {}),
    "references": (PAY, {**USES, "account": True}),
    "callers": (PAY, USES),
    "callees": ({"target": "app/main.ts::main"}, {**LIB}),
    "call-graph": (
        {**PAY, "direction": "in"},
        {**WHERE, "possible": True, "depth": ({**PAY, "direction": "both", "depth": 1}, 3), "direction": "out"},
    ),
    "overrides": (PAY, {**LIB}),
    "importers": (ORDER, {**WHERE, "transitive": ({"target": "lib/base.ts"}, True)}),
    "imports": ({"target": "app/main.ts"}, {**WHERE, "transitive": ({"target": "test/order.test.ts"}, True)}),
    "cycles": ({}, {**WHERE, "dir": ["test"], "check": True, "graph": "runtime"}),
    "ripple": (PAY, {**USES, "depth": 1, "via": ["import"], "if": "signature", "summary": True}),
    "impacts": (PAY, {**WHERE, "possible": True, "depth": ({"target": "lib/base.ts"}, 1)}),
    "impact-preview": (PAY, {**WHERE, "possible": True}),
    "tests": (PAY, {**LIB, "exclude": ["**/*.ts"], "possible": True, "depth": ({"target": "lib/order.ts::rate"}, 1)}),
    "depends-on": ({"target": "app/main.ts::main"}, {**LIB, "depth": 1}),
    "context-slice": ({"target": "app/main.ts::main"}, {**LIB, "depth": 1, "bytes": 1000}),
    "export-usage": ({}, WHERE),
    "dead-code": ({}, {**WHERE, "kind": ["function"], "exported": True, "include_tests": True}),
    "hot-paths": ({}, {**WHERE, "kind": ["function"], "exported": True}),
    "outline": ({}, {**WHERE, "kind": ["function"], "exported": True}),
    "list-types": ({}, {**LIB, "kind": ["enum"], "exported": True}),
    "longest-files": ({}, WHERE),
    "build-index": ({}, {}),
}  # fmt: skip

FIELDS = [
    (name, field)
    for name, row in FLAGS.items()
    if "js-scan" in row[0] and name != "why"  # what is about a recording, runs a command or changes files has tests of its own
    for field in dict.fromkeys(taken[0].rstrip("_") for taken in row[4].values())
]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("narrowed")
    plant(root, PROJECT)
    return Workspace.open(str(root))


def asked(workspace: Workspace, op: str, fields: dict[str, Any]) -> dict[str, Any]:
    if op == "find-hash":
        row = asked(workspace, "definition", {"target": "app/main.ts::inner"})["results"][0]
        fields = {"hash": [row["hash"]], **fields}
    renamed = {{"if_": "if"}.get(name, camel(name)): value for name, value in fields.items()}
    reply: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer(workspace, {"op": op, "limit": 0, **renamed})))
    return reply


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


@pytest.mark.parametrize(("op", "field"), FIELDS)
def test_a_field_that_a_verb_takes_changes_an_answer(workspace: Workspace, op: str, field: str) -> None:
    base, values = CALLS[op]
    value = values[field]
    base, value = value if isinstance(value, tuple) else (base, value)
    assert asked(workspace, op, base) != asked(workspace, op, {**base, field: value})


def test_what_is_only_possible_is_listed_as_often_as_it_is_counted(workspace: Workspace) -> None:
    for op in ("references", "callers", "call-graph", "ripple", "impacts", "tests"):
        fields = {**PAY, "direction": "in", "depth": 1} if op == "call-graph" else PAY
        counted = [gap["total"] for gap in asked(workspace, op, fields)["why"] if gap["code"] == "possible"]
        listed = [row for row in asked(workspace, op, {**fields, "possible": True})["results"] if row.get("evidence") == "possible"]
        assert counted == [sum(row.get("calls", 1) for row in listed)], op


@pytest.mark.parametrize(
    ("fields", "error", "candidates"),
    [
        ({"dir": ["lbi"]}, NoSuchFile, ("lib",)),
        ({"dir": ["nowhere"]}, NoSuchFile, ()),
        ({"kind": ["functoin"]}, UsageError, ("function",)),
    ],
)
def test_what_is_not_there_is_refused_with_near_names(
    workspace: Workspace, fields: dict[str, list[str]], error: type[Exception], candidates: tuple[str, ...]
) -> None:
    request = msgspec.convert({"op": "outline", **fields}, verb(operation("outline")).request)
    with pytest.raises(error) as caught:
        narrowed(workspace, request)
    assert caught.value.candidates == candidates  # type: ignore[attr-defined]


def test_a_folder_means_the_same_from_everywhere(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    request = msgspec.convert({"op": "outline", "dir": ["../lib"]}, verb(operation("outline")).request)
    monkeypatch.chdir(Path(workspace.root) / "app")
    assert getattr(narrowed(workspace, request), "dir", ()) == ("lib",)
