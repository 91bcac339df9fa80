"""Links of every form, when the heading, the file or the folder that they lead to has another name."""

import re
from pathlib import Path
from typing import Any

import pytest
from linked_pages import MENTIONS, site
from planned_edits import on, opened

from clew.edits.journal import Journal
from clew.edits.plans import applied
from clew.edits.prose import links, relinking
from clew.edits.prose.rename_heading import RenameHeading, rename_heading
from clew.edits.rename_file import RenameFile, rename_file
from clew.edits.replace_text import ReplaceText, replace_text
from clew.errors import UnsafeEdit
from clew.workspace import Workspace


def after(workspace: Workspace, plan: str) -> dict[str, str]:
    """The files of the tree as a plan leaves them, by their paths then."""
    changes = {change.path: change for change in Journal(workspace.state).plan(plan).changes}
    left: dict[str, str] = {}
    for path in workspace.generation.paths():
        content = (Path(workspace.root) / path).read_bytes()
        change = changes.get(path)
        left[path if change is None else change.place or ""] = applied(content, change.edits if change else ()).decode()
    return left


def kept(result: Any) -> list[tuple[str, int, str]]:
    return [(row.file, row.line, row.why) for row in result.results if row.action == "kept"]


def test_a_renamed_heading_takes_links_of_every_form_along(tmp_path: Path) -> None:
    """The second of two headings of one name has the anchor of the first then, so links to it change, too."""
    workspace = opened(tmp_path, site())
    result = rename_heading(workspace, RenameHeading(targets=on("manual/guide.md:12"), to="Install"))
    expected = site(title="Install", first="install", second="set-up", encoded="install", escaped="manual/guide.md#install")
    assert after(workspace, result.stored.plan) == expected
    assert (result.anchor, result.anchor_after, result.name, result.to) == ("set-up", "install", "Set up", "Install")


def test_what_names_the_anchor_and_is_no_link_is_listed_and_nothing_else(tmp_path: Path) -> None:
    workspace = opened(tmp_path, site())
    result = rename_heading(workspace, RenameHeading(targets=on("manual/guide.md:12"), to="Install"))
    assert kept(result) == MENTIONS


def test_no_place_that_names_the_anchor_is_passed_over(tmp_path: Path) -> None:
    """Every line with a mention, found by its text alone, has a row: of what is rewritten, or of why it is not."""
    workspace = opened(tmp_path, site())
    result = rename_heading(workspace, RenameHeading(targets=on("manual/guide.md:12"), to="Install"))
    mention = re.compile(r"guide(?:\\?\.md)?(?:\?plain=1)?\\?#set(?:-|%2D)up\b(?!-more)")
    mentioned = {
        (path, number) for path, text in site().items() for number, line in enumerate(text.splitlines(), 1) if mention.search(line)
    }
    assert len(mentioned) > len(MENTIONS)
    assert mentioned - {(row.file, row.line) for row in result.results} == set()


def test_letters_of_any_script_become_an_anchor_written_as_the_old_one_was(tmp_path: Path) -> None:
    workspace = opened(tmp_path, site())
    result = rename_heading(workspace, RenameHeading(targets=on("manual/guide.md#grüße--שלום"), to="Über שלום"))
    expected = site(greeting="Über שלום", greeted="über-שלום", quoted="%C3%BCber-%D7%A9%D7%9C%D7%95%D7%9D")
    assert after(workspace, result.stored.plan) == expected


def test_an_explicit_id_stays_and_so_do_its_links(tmp_path: Path) -> None:
    workspace = opened(tmp_path, site())
    result = rename_heading(workspace, RenameHeading(targets=on("manual/guide.md#fixed"), to="Other"))
    assert [(row.file, row.after) for row in result.results] == [("manual/guide.md", "## Other {#fixed}")]


def test_a_renamed_document_takes_links_to_it_and_in_it_along(tmp_path: Path) -> None:
    """A blank in its name is percent-encoded, in angle brackets, too: the path that stood there has none."""
    workspace = opened(tmp_path, site())
    result = rename_file(workspace, RenameFile(paths=("manual/guide.md", "manual/deep/the handbook.md")))
    expected = site(
        guide="manual/deep/the%20handbook.md",
        angled="manual/deep/the%20handbook.md",
        beside="./deep/the%20handbook.md",
        itself="the%20handbook.md",
        route="manual/deep/the%20handbook",
        escaped="manual/deep/the%20handbook.md#set-up",
    )
    expected["manual/deep/the handbook.md"] = expected.pop("manual/guide.md")
    assert after(workspace, result.stored.plan) == expected
    assert ("page.md", 11, "an address on the net, which nothing here can check") in kept(result)


def test_a_renamed_folder_takes_links_to_it_along_and_leaves_those_inside_of_it(tmp_path: Path) -> None:
    workspace = opened(tmp_path, site())
    result = rename_file(workspace, RenameFile(paths=("manual", "handbook")))
    expected = site(
        docs="handbook",
        guide="handbook/guide.md",
        angled="handbook/guide.md",
        route="handbook/guide",
        folder="handbook",
        shot="handbook/img/shot%20one.png",
        blank="handbook/img/shot one.png",
        other="handbook/other.md",
        escaped="handbook/guide.md#set-up",
    )
    assert after(workspace, result.stored.plan) == expected


def test_one_rename_serves_code_and_prose(tmp_path: Path) -> None:
    tree = {
        "lib/cart.js": "export const one = 1;\n",
        "lib/README.md": "[cart](cart.js) [top](../main.js#L1)\n",
        "main.js": "import { one } from './lib/cart.js';\n",
        "guide.md": "[cart](lib/cart.js#L1) [about](lib/)\n",
    }
    workspace = opened(tmp_path, tree)
    result = rename_file(workspace, RenameFile(paths=("lib", "src/core")))
    assert after(workspace, result.stored.plan) == {
        "src/core/cart.js": "export const one = 1;\n",
        "src/core/README.md": "[cart](cart.js) [top](../../main.js#L1)\n",
        "main.js": "import { one } from './src/core/cart.js';\n",
        "guide.md": "[cart](src/core/cart.js#L1) [about](src/core/)\n",
    }


def test_a_link_that_leads_nowhere_names_the_same_place_from_a_new_folder(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"manual/a.md": "[gone](gone.md) [issues](../../issues) [net](https://a.example/b.md)\n"})
    result = rename_file(workspace, RenameFile(paths=("manual/a.md", "a.md")))
    assert after(workspace, result.stored.plan) == {"a.md": "[gone](manual/gone.md) [issues](../issues) [net](https://a.example/b.md)\n"}


@pytest.mark.parametrize(
    ("plan", "request_"),
    [
        (rename_heading, RenameHeading(targets=on("manual/guide.md:12"), to="Install")),
        (rename_file, RenameFile(paths=("manual/guide.md", "manual/handbook.md"))),
    ],
    ids=["heading", "file"],
)
def test_a_plan_that_forgets_a_link_is_refused(plan: Any, request_: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken double: the rewriting of links passes some over."""
    workspace = opened(tmp_path, site())
    right = relinking.relinked

    def forgetful(*args: Any, **named: Any) -> relinking.Relinking:
        found = right(*args, **named)
        return found._replace(edits=[one for one in found.edits if one.link.kind != "html"])

    monkeypatch.setattr(links, "relinked", forgetful)
    monkeypatch.setattr(relinking, "relinked", forgetful)
    with pytest.raises(UnsafeEdit, match=r"component\.mdx:5 .*manual/guide\.md#set-up leads .* instead of to"):
        plan(workspace, request_)


def test_the_guard_sees_a_link_that_leads_to_another_section(tmp_path: Path) -> None:
    """The first of two headings of one name goes, and the second takes over its anchor."""
    workspace = opened(tmp_path, {"a.md": "# A\n\n[one](#x)\n\n## X\n\nfirst\n\n## X\n\nsecond\n"})
    with pytest.raises(UnsafeEdit, match=r"leads to a\.md#x, which is gone"):
        replace_text(workspace, ReplaceText(old=("## X\n\nfirst\n\n",), with_=""))


def test_a_route_that_only_the_site_knows_is_listed(tmp_path: Path) -> None:
    """`../two/` counts from the page, which the generator puts into a folder of its own."""
    pages = {
        "astro.config.mjs": "",
        "src/content/docs/guides/one.mdx": "[a](../two/) [b](../two/#set-up) [c](../three/)\n",
        "src/content/docs/guides/two.mdx": "# Two\n\n## Set up\n",
    }
    workspace = opened(tmp_path, pages)
    why = "a route, which only the generator of the site knows"
    moved = rename_file(workspace, RenameFile(paths=("src/content/docs/guides/two.mdx", "src/content/docs/guides/other.mdx")))
    assert kept(moved) == [("src/content/docs/guides/one.mdx", 1, why)] * 2
    renamed = rename_heading(workspace, RenameHeading(targets=on("src/content/docs/guides/two.mdx#set-up"), to="Install"))
    assert kept(renamed) == [("src/content/docs/guides/one.mdx", 1, why)]
