"""Sections of documents: put in, replaced, moved, taken out; what they take along, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from planned_edits import on, opened

from clew.edits.batch import Batch, batch
from clew.edits.journal import Journal
from clew.edits.plans import applied
from clew.edits.prose.insert_section import InsertSection, insert_section
from clew.edits.prose.move_section import MoveSection, move_section
from clew.edits.prose.remove_section import RemoveSection, remove_section
from clew.edits.prose.rename_heading import RenameHeading, rename_heading
from clew.edits.prose.replace_section import ReplaceSection, replace_section
from clew.edits.prose.toc import Toc, toc
from clew.edits.replace_text import ReplaceText, replace_text
from clew.errors import AmbiguousSection, ClewError, InvalidRequest, NoSuchFile, SectionNotFound, StaleInput, UnsafeEdit
from clew.requests import Request

VERBS: dict[type[Request], Any] = {
    Batch: batch,
    InsertSection: insert_section,
    MoveSection: move_section,
    RemoveSection: remove_section,
    RenameHeading: rename_heading,
    ReplaceSection: replace_section,
    ReplaceText: replace_text,
    Toc: toc,
}


def lines(*changes: dict[str, str]) -> Batch:
    """A batch of such lines."""
    return Batch(edits="\n".join(json.dumps(change) for change in changes))


A = "# A\n\n## Use\n\nold\n\n### Inner\n\ndeep\n\n## Last\n\nend\n"


def planned(folder: Path, tree: dict[str, str], request: Request) -> dict[str, str]:
    """The files that a plan changes or makes, as they would be."""
    workspace = opened(folder, tree)
    result = VERBS[type(request)](workspace, request)
    changes = Journal(workspace.state).plan(result.stored.plan).changes
    return {change.path: applied(tree.get(change.path, "").encode(), change.edits).decode() for change in changes}


PLANS: dict[str, tuple[dict[str, str], Request, dict[str, str]]] = {
    "a text takes the place of a section and of those inside of it": (
        {"a.md": A},
        ReplaceSection(targets=on("a.md#use"), with_="new\n"),
        {"a.md": "# A\n\n## Use\n\nnew\n\n## Last\n\nend\n"},
    ),
    "a text with a heading takes the level of the old one": (
        {"a.md": A},
        ReplaceSection(targets=on("a.md#use"), with_="# Usage\n\n## More\n\nnew"),
        {"a.md": "# A\n\n## Usage\n\n### More\n\nnew\n\n## Last\n\nend\n"},
    ),
    "only the section's own text is replaced": (
        {"a.md": A},
        ReplaceSection(targets=on("a.md#use"), with_="new", own=True),
        {"a.md": "# A\n\n## Use\n\nnew\n\n### Inner\n\ndeep\n\n## Last\n\nend\n"},
    ),
    "headings of a text without one at its front stand below the one that stays": (
        {"a.md": A},
        ReplaceSection(targets=on("a.md#use"), with_="new\n\n# Below"),
        {"a.md": "# A\n\n## Use\n\nnew\n\n### Below\n\n## Last\n\nend\n"},
    ),
    "line breaks, a mark and a missing one at the end are kept": (
        {"a.md": "\ufeff# A\r\n\r\n## Use\r\n\r\n\told"},
        ReplaceSection(targets=on("a.md#use"), with_="new\nlines"),
        {"a.md": "\ufeff# A\r\n\r\n## Use\r\n\r\nnew\r\nlines"},
    ),
    "a heading with an underline right behind it stays apart": (
        {"a.md": "# A\n\n[r]: b.md\nB\n===\n\nC\n===\n"},
        ReplaceSection(targets=on("a.md#a"), with_="new"),
        {"a.md": "# A\n\nnew\n\nB\n===\n\nC\n===\n"},
    ),
    "and so it does where one is taken out before it": (
        {"a.md": "text\n# A\nB\n===\n"},
        RemoveSection(targets=on("a.md#a")),
        {"a.md": "text\n\nB\n===\n"},
    ),
    "behind a section and those inside of it": (
        {"a.md": A},
        InsertSection(targets=on("a.md#use"), with_="# New\n\ntext"),
        {"a.md": A.replace("## Last", "## New\n\ntext\n\n## Last")},
    ),
    "before a section": (
        {"a.md": A},
        InsertSection(targets=on("a.md#last"), with_="#### New", at="before"),
        {"a.md": A.replace("## Last", "## New\n\n## Last")},
    ),
    "into a section": (
        {"a.md": A},
        InsertSection(targets=on("a.md#last"), with_="# New", at="child"),
        {"a.md": A + "\n### New\n"},
    ),
    "behind front matter": (
        {"a.md": "---\ntitle: [broken\n---\n\n# A\n"},
        InsertSection(targets=on("a.md"), with_="# New", at="before"),
        {"a.md": "---\ntitle: [broken\n---\n\n# New\n\n# A\n"},
    ),
    "into a document that is made": (
        {"a.md": A},
        InsertSection(targets=on("new/b.md"), with_="# New", create=True),
        {"new/b.md": "# New\n"},
    ),
    "a section of the name of a later one takes its anchor, whose links follow": (
        {"a.md": A + "\n[use](#use)\n"},
        InsertSection(targets=on("a.md#use"), with_="# Use", at="before"),
        {"a.md": A.replace("## Use", "## Use\n\n## Use") + "\n[use](#use-1)\n"},
    ),
    "a section goes with the blank lines behind it": (
        {"a.md": A},
        RemoveSection(targets=on("a.md#use")),
        {"a.md": "# A\n\n## Last\n\nend\n"},
    ),
    "the last section goes with those before it": (
        {"a.md": A.removesuffix("\n")},
        RemoveSection(targets=on("a.md#last")),
        {"a.md": "# A\n\n## Use\n\nold\n\n### Inner\n\ndeep"},
    ),
    "a link to one that is gone stays where that is forced": (
        {"a.md": A, "b.md": "[use](a.md#use)\n"},
        RemoveSection(targets=on("a.md#use"), force=True),
        {"a.md": "# A\n\n## Last\n\nend\n"},
    ),
    "a moved section has the level of its place": (
        {"a.md": A},
        MoveSection(targets=on("a.md#last"), to="a.md#inner", at="child"),
        {"a.md": "# A\n\n## Use\n\nold\n\n### Inner\n\ndeep\n\n#### Last\n\nend\n"},
    ),
    "one that goes into the section before it only changes its level": (
        {"a.md": "# A\n\nUse\n---\n\nLast\n----\n\nend\n"},
        MoveSection(targets=on("a.md#last"), to="a.md#use", at="child"),
        {"a.md": "# A\n\nUse\n---\n\n### Last\n\nend\n"},
    ),
    "links to and in a moved section lead where they led": (
        {
            "a.md": "# A\n\n[use](#use)\n\n## Use\n\n[a](#a) [in](#in) [b](manual/b.md) ![](p) [r]\n\n### In\n\n[r]: manual/b.md#b 'T'\n",
            "manual/b.md": "# B\r\n\r\n[use](../a.md#use)",
            "p": "p\n",
        },
        MoveSection(targets=on("a.md#use"), to="manual/b.md#b", at="child"),
        {
            "a.md": "# A\n\n[use](manual/b.md#use)\n",
            "manual/b.md": (
                "# B\r\n\r\n[use](#use)\r\n\r\n## Use\r\n\r\n[a](../a.md#a) [in](#in) [b](b.md) ![](../p) [r]\r\n\r\n"
                "### In\r\n\r\n[r]: #b 'T'"
            ),
        },
    ),
    "a definition that a moved section needs comes along": (
        {"a.md": "# A\n\n[r]\n\n## Use\n\n[r]\n\n## Last\n\n[r]: b.md 'T'\n", "manual/c.md": "# C\n", "b.md": "# B\n"},
        MoveSection(targets=on("a.md#use"), to="manual/c.md"),
        {"a.md": "# A\n\n[r]\n\n## Last\n\n[r]: b.md 'T'\n", "manual/c.md": "# C\n\n## Use\n\n[r]\n\n[r]: ../b.md 'T'\n"},
    ),
    "a section becomes a document": (
        {"a.md": A + "\n[use](#use)\n"},
        MoveSection(targets=on("a.md#use"), to="manual/use.md", create=True),
        {"a.md": "# A\n\n## Last\n\nend\n\n[use](manual/use.md#use)\n", "manual/use.md": "# Use\n\nold\n\n## Inner\n\ndeep\n"},
    ),
    "a link to a line leads to the same line": (
        {"a.md": A, "b.md": "[line](a.md#L11) [lines](a.md#L1-L11)\n"},
        InsertSection(targets=on("a.md#use"), with_="# New", at="before"),
        {"a.md": A.replace("## Use", "## New\n\n## Use"), "b.md": "[line](a.md#L13) [lines](a.md#L1-L13)\n"},
    ),
    "a heading with a closing mark and a tab": (
        {"a.md": "#\tOld ##\n\n[x](#old)\n"},
        RenameHeading(targets=on("a.md#old"), to="New"),
        {"a.md": "#\tNew ##\n\n[x](#new)\n"},
    ),
    "a heading of HTML": (
        {"a.md": "<h2>Old</h2>\n\n[x](#old)\n"},
        RenameHeading(targets=on("a.md#old"), to="New"),
        {"a.md": "<h2>New</h2>\n\n[x](#new)\n"},
    ),
    "a heading gets an id": (
        {"a.md": "# Old\n\n[x](#old)\n"},
        RenameHeading(targets=on("a.md#old"), to="New {#fixed}"),
        {"a.md": "# New {#fixed}\n\n[x](#fixed)\n"},
    ),
    "a table of contents": (
        {"a.md": "# A\n\n<!-- toc -->\n<!-- tocstop -->\n\n## Use `it`\n\n### [In](x) *side*\n\n## Use `it`\n"},
        Toc(targets=on("a.md")),
        {
            "a.md": (
                "# A\n\n<!-- toc -->\n\n- [Use `it`](#use-it)\n  - [In side](#in-side)\n- [Use `it`](#use-it-1)\n\n"
                "<!-- tocstop -->\n\n## Use `it`\n\n### [In](x) *side*\n\n## Use `it`\n"
            )
        },
    ),
    "a table that is there keeps its marks and what stands around it": (
        {"a.md": "<!-- START doctoc -->\n**Contents**\n* [X](#x)\n    * [Y](#y)\n<!-- END doctoc -->\n# X\n## Y\n### Z\n"},
        Toc(targets=on("a.md")),
        {
            "a.md": (
                "<!-- START doctoc -->\n**Contents**\n* [X](#x)\n    * [Y](#y)\n        * [Z](#z)\n<!-- END doctoc -->\n# X\n## Y\n### Z\n"
            )
        },
    ),
    "a table of so many levels, where there was none": (
        {"a.md": "# A\n\nText.\n\n## B\n\n### C\n"},
        Toc(targets=on("a.md"), depth=1, create=True),
        {"a.md": "# A\n\nText.\n\n<!-- toc -->\n\n- [B](#b)\n\n<!-- tocstop -->\n\n## B\n\n### C\n"},
    ),
    "a text within a section": (
        {"a.md": "# A\n\n## One\n\nsame\n\n## Two\n\nsame\n"},
        ReplaceText(old=("same",), with_="other", within=("a.md#two",)),
        {"a.md": "# A\n\n## One\n\nsame\n\n## Two\n\nother\n"},
    ),
    "a batch of sections, whose links follow": (
        {"a.md": A, "b.md": "[use](a.md#use) [last](a.md#last)\n"},
        lines(
            {"op": "rename-heading", "target": "a.md#use", "to": "Usage"},
            {"op": "insert-section", "target": "a.md#use", "with": "# Last", "at": "before"},
            {"op": "replace-section", "target": "a.md#inner", "with": "new"},
        ),
        {
            "a.md": "# A\n\n## Last\n\n## Usage\n\nold\n\n### Inner\n\nnew\n\n## Last\n\nend\n",
            "b.md": "[use](a.md#usage) [last](a.md#last-1)\n",
        },
    ),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_plan_leaves_files_as(name: str, tmp_path: Path) -> None:
    tree, request, expected = PLANS[name]
    assert planned(tmp_path, tree, request) == expected


REFUSED: dict[str, tuple[dict[str, str], Request, type[ClewError], str]] = {
    "a name of several sections": (
        {"a.md": "# A\n\n## B\n\n## B\n"},
        RenameHeading(targets=on("B"), to="C"),
        AmbiguousSection,
        "B names 2 sections",
    ),
    "a document in place of a section": ({"a.md": A}, RemoveSection(targets=on("a.md")), InvalidRequest, "takes a section, and a.md is"),
    "a section that is not there": ({"a.md": A}, RemoveSection(targets=on("a.md#uses")), SectionNotFound, "no section a.md#uses"),
    "a section that a link leads to": (
        {"a.md": A, "b.md": "x\n\n[in](a.md#inner)\n"},
        RemoveSection(targets=on("a.md#use")),
        UnsafeEdit,
        r"Links would lead nowhere, as a\.md#inner is gone then: b\.md:3:1",
    ),
    "a text that swallows the headings behind it": (
        {"a.md": A},
        ReplaceSection(targets=on("a.md#use"), with_="```\nnot closed"),
        UnsafeEdit,
        "'Last' would be no heading any more",
    ),
    "a comment before it that nothing closes": (
        {"a.md": "# A\n\n<!-- open\n\ntext\n"},
        InsertSection(targets=on("a.md#a"), with_="# B"),
        UnsafeEdit,
        "would be no section there",
    ),
    "a section of a batch in a comment that nothing closes": (
        {"a.md": "# A\n\n<!-- open\n\ntext\n", "b.md": A},
        lines({"op": "insert-section", "target": "b.md#use", "with": "# C"}, {"op": "insert-section", "target": "a.md#a", "with": "# B"}),
        UnsafeEdit,
        r"1 of 2 changes cannot be made, so nothing is planned; line 2 of the batch: a\.md: the text would be no section there",
    ),
    "a heading of a batch behind a comment that nothing closes": (
        {"a.md": A},
        lines(
            {"op": "replace-section", "target": "a.md#use", "with": "<!-- open"},
            {"op": "rename-heading", "target": "a.md#last", "to": "End"},
        ),
        UnsafeEdit,
        "'Last' would be no heading any more",
    ),
    "a heading of a batch with marks that close it": (
        {"a.md": A},
        lines({"op": "rename-heading", "target": "a.md#last", "to": "End #"}),
        UnsafeEdit,
        "'End #' would be read as 'End'",
    ),
    "a text whose headings leave the section": (
        {"a.md": A},
        ReplaceSection(targets=on("a.md#use"), with_="## One\n\n# Two"),
        UnsafeEdit,
        "'Two' of the text stands above its first one",
    ),
    "a level that there is not": (
        {"a.md": A},
        InsertSection(targets=on("a.md#inner"), with_="# 1\n\n## 2\n\n### 3\n\n#### 4", at="child"),
        UnsafeEdit,
        "'4' would be of level 7",
    ),
    "a text that defines a label anew": (
        {"a.md": "# A\n\n## B\n\ntext\n\n## C\n\n[r]\n\n[r]: #a\n"},
        ReplaceSection(targets=on("a.md#b"), with_="[r]: #c"),
        UnsafeEdit,
        "leads to a.md#c instead of to a.md#a",
    ),
    "a section without its heading": (
        {"a.md": A},
        InsertSection(targets=on("a.md#use"), with_="text"),
        InvalidRequest,
        "begins with its heading",
    ),
    "an empty text": ({"a.md": A}, ReplaceSection(targets=on("a.md#use"), with_=" \n"), InvalidRequest, "the text is empty"),
    "a document that is not there": (
        {"a.md": A},
        InsertSection(targets=on("b.md"), with_="# B"),
        NoSuchFile,
        "no file b.md",
    ),
    "a section into itself": (
        {"a.md": A},
        MoveSection(targets=on("a.md#use"), to="a.md#inner"),
        InvalidRequest,
        "cannot be moved into itself",
    ),
    "a section to where it stands": ({"a.md": A}, MoveSection(targets=on("a.md#last"), to="a.md#use"), InvalidRequest, "there already"),
    "a label that means something else there": (
        {"a.md": "# A\n\n## B\n\n[r]\n\n## C\n\n[r]: #a\n", "b.md": "# B\n\n[r]: #b\n"},
        MoveSection(targets=on("a.md#b"), to="b.md"),
        UnsafeEdit,
        r"b\.md has another definition of \[r\]",
    ),
    "a footnote that is told elsewhere": (
        {"a.md": "# A\n\n## B\n\nx[^1]\n\n## C\n\n[^1]: told\n"},
        RemoveSection(targets=on("a.md#c")),
        UnsafeEdit,
        r"the footnote \[\^1\] would be parted",
    ),
    "a heading in a quote as a section": (
        {"a.md": "# A\n\n> ## B\n>\n> text\n"},
        RemoveSection(targets=on("a.md#b")),
        UnsafeEdit,
        "stands in a quote, a list or HTML",
    ),
    "a heading of two lines": ({"a.md": A}, RenameHeading(targets=on("a.md#use"), to="a\nb"), InvalidRequest, "one line"),
    "a heading whose end is a mark": (
        {"a.md": A},
        RenameHeading(targets=on("a.md#use"), to="C #"),
        UnsafeEdit,
        "'C #' would be read as 'C'",
    ),
    "the text that it has": ({"a.md": A}, RenameHeading(targets=on("a.md#use"), to="Use"), InvalidRequest, "called Use already"),
    "a document without marks": ({"a.md": A}, Toc(targets=on("a.md")), InvalidRequest, "a.md has no `<!-- toc -->`"),
    "marks that do not end": ({"a.md": "<!-- toc -->\n"}, Toc(targets=on("a.md")), UnsafeEdit, "that begins at line 1 has no end"),
    "code": ({"a.js": "f();\n"}, RemoveSection(targets=on("a.js::f")), InvalidRequest, "a.js::f is code"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_plan_is_refused_for(name: str, tmp_path: Path) -> None:
    tree, request, kind, message = REFUSED[name]
    with pytest.raises(kind, match=message):
        planned(tmp_path, tree, request)


def test_an_ambiguous_heading_is_refused_with_addresses_that_mean_one(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.md": "# A\n\n## B\n\n## B\n"})
    with pytest.raises(AmbiguousSection) as refused:
        remove_section(workspace, RemoveSection(targets=on("B")))
    assert refused.value.candidates == ("a.md#b", "a.md#b-1")
    remove_section(workspace, RemoveSection(targets=on("a.md#b-1")))


def test_a_document_that_changed_meanwhile_is_not_written_over(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.md": A, "b.md": "[use](a.md#use)\n", "c.md": "[use](a.md#use)\n"})
    (tmp_path / "c.md").write_text("[used](a.md#use)\n")
    with pytest.raises(StaleInput, match=r"c\.md changed while it was read"):
        rename_heading(workspace, RenameHeading(targets=on("a.md#use"), to="Usage"))


def test_a_link_that_stays_dangling_is_listed(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.md": A, "b.md": "[use](a.md#use)\n"})
    result = remove_section(workspace, RemoveSection(targets=on("a.md#use"), force=True))
    kept = [(row.file, row.line, row.role, row.why) for row in result.results if row.action == "kept"]
    assert kept == [("b.md", 1, "link", "a.md#use is gone then")]


def test_every_plan_minds_links_of_documents(tmp_path: Path) -> None:
    """A text that is known by heart can be a heading, and a file that is deleted can have links to it."""
    workspace = opened(tmp_path, {"a.md": A + "\n[use](#use)\n", "b.js": "b();\n", "c.md": "[b](b.js)\n"})
    with pytest.raises(UnsafeEdit, match=r"a\.md:15 .*: #use leads nowhere instead of to a\.md#usage"):
        replace_text(workspace, ReplaceText(old=("## Use",), with_="## Usage"))
    gone = "--- a/b.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-b();\n"
    with pytest.raises(UnsafeEdit, match=r"c\.md:1 .*: b\.js leads to b\.js, which is gone"):
        batch(workspace, Batch(edits=gone))
    batch(workspace, Batch(edits=gone, force=True))


def test_a_table_that_is_up_to_date_changes_nothing_and_passes_the_check(tmp_path: Path) -> None:
    text = "# A\n\n<!-- toc -->\n\n- [B](#b)\n\n<!-- tocstop -->\n\n## B\n"
    workspace = opened(tmp_path, {"a.md": text, "b.md": text.replace("## B", "## C")})
    fresh = toc(workspace, Toc(targets=on("a.md"), check=True))
    stale = toc(workspace, Toc(targets=on("b.md"), check=True))
    assert [(one.edits, one.failed) for one in (fresh, stale)] == [(0, False), (1, True)]
