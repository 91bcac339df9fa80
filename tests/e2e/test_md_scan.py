"""Questions about Markdown, from the line to the reply."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from clew.cli import js_scan, md_scan
from clew.markdown import check_links
from clew.markdown.resolving import Destination, Resolver

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = """---
title: Guide
---
Before.

# Guide

See [set up](#set-up), [the code](../lib/a.js#L2) and [the readme][r].

## Set up

Text with needle. ![shot](shot%20one.png)

```js
go()
```

## Use

### Set up

Needle and thread.

> ## Quoted

[r]: ../README.md#guides "t"
[unused]: x.md
"""
README = """# Project

<a name="old"></a>

## Guides

[guide](manual/guide.md) [use](manual/guide.md#use) [second](manual/guide.md#set-up-1) <a href="manual/">all</a> https://a.b/c

## Broken

[no file](manual/guid.md) [no anchor](manual/guide.md#uses) [no line](lib/a.js#L99) [no label][nothing] [old](#old) [up](../../issues)
"""
TREE = {
    "README.md": README,
    "manual/guide.md": GUIDE,
    "manual/alone.md": "# Alone\n\n[home](/README.md)\n",
    "manual/shot one.png": "",
    "lib/a.js": "export function go() {\n  return 1;\n}\n",
    ".git/HEAD": "ref: refs/heads/main\n",
}


class Tree:
    def __init__(self, root: Path) -> None:
        self.root = root
        for path, text in TREE.items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def said(self, *argv: str, status: int = 0, command: Any = md_scan) -> dict[str, Any]:
        out, err, left = command.answer([*argv, "--root", str(self.root), "--json"], {"CLEW_AGENT": "test"})
        assert (left, err) == (status, b""), out
        reply: dict[str, Any] = msgspec.json.decode(out)
        return reply

    def rows(self, *argv: str, **more: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.said(*argv, **more)["results"]
        return rows


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_an_outline_gives_headings_with_addresses_that_are_accepted(tree: Tree) -> None:
    rows = tree.rows("--outline", "manual/guide.md")
    assert [(row["target"], row["level"], row.get("nested", False)) for row in rows] == [
        ("manual/guide.md#guide", 1, False),
        ("manual/guide.md#set-up", 2, False),
        ("manual/guide.md#use", 2, False),
        ("manual/guide.md#set-up-1", 3, False),
        ("manual/guide.md#quoted", 2, True),
    ]
    for row in rows:
        (section,) = tree.rows("--section", row["target"])
        assert (section["target"], section["line"]) == (row["target"], row["line"])


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("manual/guide.md#set-up-1", "manual/guide.md#set-up-1"),
        ("manual/guide.md::Use > Set up", "manual/guide.md#set-up-1"),
        ("Guide > Use > Set up", "manual/guide.md#set-up-1"),
        ("use > set up", "manual/guide.md#set-up-1"),
        ("Use", "manual/guide.md#use"),
        ("#broken", "README.md#broken"),
        ("README.md#old", "README.md#project"),
        ("manual/guide.md:19", "manual/guide.md#use"),
        ("manual/guide.md", "manual/guide.md"),
    ],
)
def test_a_section_is_named_in_many_ways(tree: Tree, address: str, target: str) -> None:
    assert [row["target"] for row in tree.rows("--section", address)] == [target]


def test_the_text_of_a_section_reaches_to_the_next_of_its_level(tree: Tree) -> None:
    (row,) = tree.rows("--section", "manual/guide.md#use")
    assert row["source"] == GUIDE[GUIDE.index("## Use") :]
    long = "# A\n\n" + "text\n" * 200 + "\n## B\n\nb\n"
    tree.write("manual/long.md", long)
    (small,) = tree.rows("--section", "manual/long.md", "--bytes", "1000")
    assert (small["cut"], small["leftOut"]) == (True, ["manual/long.md#b"])
    assert 20 < len(small["source"]) < 1000
    assert long.startswith(small["source"])


def test_an_ambiguous_or_missing_section_is_an_error_with_candidates(tree: Tree) -> None:
    error = tree.said("--section", "Set up", status=4)["error"]
    assert (error["code"], error["candidates"]) == ("ambiguous_section", ["manual/guide.md#set-up", "manual/guide.md#set-up-1"])
    error = tree.said("--section", "manual/guide.md#uze", status=3)["error"]
    assert (error["code"], error["candidates"]) == ("section_not_found", ["manual/guide.md#use"])


def test_links_lead_to_what_they_mean(tree: Tree) -> None:
    rows = tree.rows("--links", "manual/guide.md")
    assert [(row["kind"], row["leadsTo"]) for row in rows] == [
        ("inline", "manual/guide.md#set-up"),
        ("inline", "lib/a.js"),
        ("reference", "README.md#guides"),
        ("inline", "manual/shot one.png"),
    ]
    reply = tree.said("--links", "README.md", "--external")
    assert (reply["external"], [row["to"] for row in reply["results"]]) == (1, ["https://a.b/c"])


BROKEN = [
    ("no_such_file", "manual/guid.md"),
    ("no_such_anchor", "manual/guide.md#uses"),
    ("no_such_line", "lib/a.js#L99"),
    ("undefined_reference", None),
]


def test_links_that_lead_nowhere_are_listed_and_nothing_else(tree: Tree) -> None:
    reply = tree.said("--check-links")
    found = [(row["problem"], row.get("to")) for row in reply["results"]]
    assert found == [*BROKEN, ("no_such_file", "x.md")]
    assert (reply["external"], reply["unchecked"], reply["dialects"]) == (1, 1, ["github"])
    assert reply["results"][1]["candidates"] == ["use"]
    tree.said("--check-links", "--check", status=1)
    tree.said("--check-links", "manual/alone.md", "--check")
    (unused,) = [row for row in tree.rows("--check-links", "--unused") if row["problem"] == "unused_definition"]
    assert unused["label"] == "unused"


def test_a_checker_that_takes_any_anchor_would_be_seen(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lenient(Resolver):
        def resolve(self, *args: Any) -> Destination:
            found = super().resolve(*args)
            return found._replace(problem=None) if found.problem == "no_such_anchor" else found

    monkeypatch.setattr(check_links, "Resolver", Lenient)
    with pytest.raises(AssertionError):
        test_links_that_lead_nowhere_are_listed_and_nothing_else(tree)


def test_backlinks_and_orphans(tree: Tree) -> None:
    assert [row["to"] for row in tree.rows("--backlinks", "manual/guide.md#use")] == ["manual/guide.md#use"]
    assert len(tree.rows("--backlinks", "manual/guide.md")) == 5
    found = [(row["file"], row.get("problem")) for row in tree.rows("--backlinks", "lib/a.js")]
    assert found == [
        ("README.md", "no_such_line"),
        ("manual/guide.md", None),
    ]
    assert [row["file"] for row in tree.rows("--orphans")] == ["manual/alone.md"]


def test_code_front_matter_and_numbers(tree: Tree) -> None:
    assert [(row["language"], row["source"], row["section"]) for row in tree.rows("--code-blocks", "--lang", "js")] == [
        ("js", "go()\n", "manual/guide.md#set-up")
    ]
    assert [(row["file"], row["keys"]) for row in tree.rows("--front-matter")] == [("manual/guide.md", ["title"])]
    (row,) = tree.rows("--stats", "manual/guide.md")
    assert (row["target"], row["headings"], row["images"], row["codeBlocks"]) == ("manual/guide.md", 5, 1, 1)


def test_a_search_finds_headings_first_and_wants_all_terms(tree: Tree) -> None:
    assert [(row["target"], row["match"]) for row in tree.rows("--search", '"set up"')] == [
        ("manual/guide.md#set-up", "exact"),
        ("manual/guide.md#set-up-1", "exact"),
        ("manual/guide.md#guide", "text"),
    ]
    assert [row["target"] for row in tree.rows("--search", "needle", "thread")] == ["manual/guide.md#set-up-1"]
    assert [row["target"] for row in tree.rows("--search", '"needle and thread"')] == ["manual/guide.md#set-up-1"]
    assert tree.rows("--search", '"thread needle"') == []


def test_a_slice_has_what_a_section_links_to(tree: Tree) -> None:
    rows = tree.rows("--context-slice", "README.md#guides", "--depth", "1")
    assert [(row["target"], row.get("distance", 0)) for row in rows] == [("README.md#guides", 0), ("manual/guide.md", 1)]


def test_sessions_go_on_between_prose_and_code(tree: Tree) -> None:
    tree.said("--session-start", "s", "--search", "needle thread")
    reply = tree.said("--from", "s", "--section")
    assert (reply["subject"], reply["fromPriorContext"]) == (["manual/guide.md#set-up-1"], True)
    error = tree.said("--from", "s", "--callers", status=2, command=js_scan)["error"]
    assert (error["code"], error["hint"]) == ("invalid_request", "md-scan --section 'manual/guide.md#set-up-1'")
    tree.said("--from", "s", "--search", "go", command=js_scan)
    error = tree.said("--from", "s", "--section", status=2)["error"]
    assert (error["code"], error["hint"]) == ("invalid_request", "js-scan --definition lib/a.js::go")
    tree.said("--from", "s", "--text", "thread", command=js_scan)
    assert "manual/guide.md#guide" in [row["target"] for row in tree.rows("--from", "s", "--outline")]


def test_a_section_is_found_again_after_an_edit_and_said_to_be_gone(tree: Tree) -> None:
    tree.said("--session-start", "s", "--section", "Use > Set up")
    tree.write("manual/guide.md", "# New\n\n" + GUIDE.partition("---\n")[2].partition("---\n")[2])
    reply = tree.said("--from", "s", "--section")
    assert (reply["reused"]["verdict"], reply["results"][0]["target"]) == ("changed", "manual/guide.md#set-up-1")
    tree.write("manual/guide.md", "# New\n")
    assert tree.said("--from", "s", "--section", status=6)["error"]["code"] == "stale_input"


@pytest.mark.parametrize(
    ("path", "text", "dialect"),
    [
        ("mkdocs.yml", "docs_dir: 'manual'  # here\n", "mkdocs"),
        ("mkdocs.yml", "", "github"),
        ("docusaurus.config.js", "", "docusaurus"),
        ("website/docusaurus.config.ts", "", "docusaurus"),
        ("manual/.vitepress/config.ts", "", "vitepress"),
        ("site/astro.config.mjs", "", "starlight"),
        (".git/config", '[remote "origin"]\n\turl = https://gitlab.example/x.git\n', "gitlab"),
        (".git/config", '[remote "up"]\n\turl = https://gitlab.example/x.git\n[remote "origin"]\n\turl = git@github.com:a/b\n', "github"),
    ],
)
def test_the_dialect_is_chosen_by_configuration_then_remote(tree: Tree, path: str, text: str, dialect: str) -> None:
    tree.write(path, text)
    pages = {"docusaurus": "docs/page.mdx", "starlight": "site/src/content/docs/page.mdx"}
    page = pages.get(dialect, "manual/guide.md")
    tree.write(page, "# Page\n")
    assert tree.said("--outline", page)["dialects"] == [dialect]


def test_a_route_that_ends_in_a_version_is_no_file_that_is_missing(tree: Tree) -> None:
    tree.write("docusaurus.config.js", "")
    tree.write("docs/page.mdx", "[a](/docs/upgrading-from-0.3) [b](/docs/gone.png)\n")
    reply = tree.said("--check-links", "docs/page.mdx")
    assert ([row["to"] for row in reply["results"]], reply["unchecked"]) == (["/docs/gone.png"], 1)


@pytest.mark.parametrize(
    ("path", "docs", "served"),
    [
        ("site/astro.config.mjs", "site/src/content/docs", "site/public"),
        ("site/.vitepress/config.ts", "site", "site/public"),
        ("site/docusaurus.config.ts", "site/docs", "site/static"),
    ],
)
def test_a_path_from_the_root_of_a_site_begins_where_the_site_does(tree: Tree, path: str, docs: str, served: str) -> None:
    tree.write(path, "")
    tree.write(f"{served}/logo.svg", "")
    tree.write(f"{docs}/guides/use.md", "# Use\n\n## Set up\n")
    tree.write(f"{docs}/page.md", "[a](/guides/use/#set-up) [b](/guides/use#gone) ![c](/logo.svg) [d](/gone.svg)\n")
    rows = tree.rows("--check-links", f"{docs}/page.md")
    assert [(row["to"], row["problem"]) for row in rows] == [("/guides/use#gone", "no_such_anchor"), ("/gone.svg", "no_such_file")]
    assert [row["file"] for row in tree.rows("--backlinks", f"{docs}/guides/use.md#set-up")] == [f"{docs}/page.md"]


def test_two_commands_may_share_a_flag(tree: Tree) -> None:
    assert tree.said("--outline", "lib/a.js", command=js_scan)["operation"] == "outline"
    assert tree.said("--outline", "manual/guide.md")["operation"] == "md-outline"
    error = tree.said("--callers", "go", status=2)["error"]
    assert error["message"] == "--callers is a flag of js-scan"


def test_only_what_changed_is_parsed_again(tree: Tree) -> None:
    tree.said("--stats")
    tree.write("manual/alone.md", "# Alone\n")
    (tree.root / "manual/copy.md").write_bytes((tree.root / "README.md").read_bytes())
    shutil.rmtree(tree.root / ".git")
    reply = tree.said("--session-start", "s", "--outline", "manual/alone.md")
    assert [row["name"] for row in reply["results"]] == ["Alone"]
    assert tree.rows("--outline", "manual/copy.md")[0]["name"] == "Project"
