"""The anchors of headings, against what each renderer makes of them."""

from __future__ import annotations

import pytest

from clew.markdown.slugs import Dialect, anchors

GOLDEN: list[tuple[str, str, str, str]] = [
    # heading as it is shown, GitHub and Docusaurus, GitLab, MkDocs
    ("Set up", "set-up", "set-up", "set-up"),
    ("What's new?", "whats-new", "whats-new", "whats-new"),
    ("A & B", "a--b", "a-b", "a-b"),
    ("`x.y()` - z_1", "xy---z_1", "xy-z_1", "xy-z_1"),
    ("🚀 Go", "-go", "-go", "go"),
    (":rocket: Go", "rocket-go", "rocket-go", "rocket-go"),
    ("Über uns", "über-uns", "über-uns", "uber-uns"),
    ("日本語", "日本語", "日本語", "_1"),
    ("שלום עולם", "שלום-עולם", "שלום-עולם", "_1"),
    ("1.2.3", "123", "anchor-123", "123"),
    ("C++ / C#", "c--c", "c-c", "c-c"),
    ("a  b", "a--b", "a-b", "a-b"),
]


@pytest.mark.parametrize(("text", "github", "gitlab", "mkdocs"), GOLDEN)
def test_each_dialect_makes_its_anchor(text: str, github: str, gitlab: str, mkdocs: str) -> None:
    found = {dialect: anchors([(text, None)], dialect)[0] for dialect in ("github", "docusaurus", "gitlab", "mkdocs")}
    assert found == {"github": github, "docusaurus": github, "gitlab": gitlab, "mkdocs": mkdocs}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("output.hoistTransitiveImports", "output-hoisttransitiveimports"),
        ("What's new?", "what-s-new"),
        ("1.2 Über uns", "_1-2-uber-uns"),
        ("-c/--config <filename>", "c-config-filename"),
        ("日本語", "日本語"),
    ],
)
def test_vitepress_makes_a_hyphen_of_every_run_of_signs(text: str, expected: str) -> None:
    assert anchors([(text, None)], "vitepress") == [expected]


@pytest.mark.parametrize(
    ("dialect", "texts", "expected"),
    [
        ("github", ["a", "a", "a-1", "a"], ["a", "a-1", "a-1-1", "a-2"]),
        ("docusaurus", ["a", "a-1", "a"], ["a", "a-1", "a-2"]),
        ("gitlab", ["a", "a", "a-1", "a"], ["a", "a-1", "a-1", "a-2"]),
        ("mkdocs", ["a", "a", "a_1", "a"], ["a", "a_1", "a_2", "a_3"]),
        ("vitepress", ["a", "a", "a-1", "a"], ["a", "a-1", "a-1-1", "a-2"]),
    ],
)
def test_duplicates_are_numbered_as_each_dialect_does(dialect: Dialect, texts: list[str], expected: list[str]) -> None:
    assert anchors([(text, None) for text in texts], dialect) == expected


@pytest.mark.parametrize("dialect", ["github", "docusaurus", "gitlab", "mkdocs", "vitepress"])
def test_an_explicit_id_wins(dialect: Dialect) -> None:
    assert anchors([("Some Text", "Own_Id"), ("x", None)], dialect) == ["Own_Id", "x"]


@pytest.mark.parametrize("dialect", ["github", "docusaurus", "gitlab", "mkdocs", "vitepress"])
def test_ten_thousand_headings_of_one_name_are_numbered_in_one_pass(dialect: Dialect) -> None:
    found = anchors([("Same", None)] * 10_000, dialect)
    assert len(set(found)) == 10_000
