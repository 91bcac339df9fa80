"""Facts of Markdown: what is found, and that every span is exact."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from clew.index.prose import Link, Prose, prose_of, read_prose
from clew.markdown.documents import sections_of

if TYPE_CHECKING:
    from collections.abc import Callable

LINKS = {
    # source of a paragraph -> (kind, is_image, destination as written, destination, title, content, label)
    "[a](b.md)": ("inline", False, "b.md", "b.md", None, "a", None),
    "[a](b.md 'a title')": ("inline", False, "b.md", "b.md", "a title", "a", None),
    '[a](<b c.md> "t \\" u")': ("inline", False, "b c.md", "b c.md", 't \\" u', "a", None),
    "[a](b_\\(c\\).md)": ("inline", False, "b_\\(c\\).md", "b_(c).md", None, "a", None),
    "[a](b_(c).md (t))": ("inline", False, "b_(c).md", "b_(c).md", "t", "a", None),
    "[a](b.md?x&amp;y)": ("inline", False, "b.md?x&amp;y", "b.md?x&y", None, "a", None),
    "[a\nb](\nc.md\n'two\nlines')": ("inline", False, "c.md", "c.md", "two\nlines", "a\nb", None),
    "[a]()": ("inline", False, "", "", None, "a", None),
    "[](b.md)": ("inline", False, "b.md", "b.md", None, "", None),
    "[`a](b`](c.md)": ("inline", False, "c.md", "c.md", None, "`a](b`", None),
    "[*a* [b]](c.md)": ("inline", False, "c.md", "c.md", None, "*a* [b]", None),
    "[a \\] b](c.md)": ("inline", False, "c.md", "c.md", None, "a \\] b", None),
    "![a *b*](c.png)": ("inline", True, "c.png", "c.png", None, "a *b*", None),
    "[ü 🎉](d.md)": ("inline", False, "d.md", "d.md", None, "ü 🎉", None),
    "[a][x y]\n\n[x y]: b.md": ("reference", False, None, "b.md", None, "a", "x y"),
    "[X  Y][]\n\n[x y]: b.md": ("collapsed", False, None, "b.md", None, "X  Y", "X  Y"),
    "[xy]\n\n[xy]: b.md": ("shortcut", False, None, "b.md", None, "xy", "xy"),
    "![xy]\n\n[xy]: b.md": ("shortcut", True, None, "b.md", None, "xy", "xy"),
    "<https://a.b/c>": ("autolink", False, "https://a.b/c", "https://a.b/c", None, None, None),
    "<me@a.b>": ("autolink", False, "me@a.b", "mailto:me@a.b", None, None, None),
    "see https://a.b/c_d?e=(f). Then": ("bare", False, "https://a.b/c_d?e=(f)", "https://a.b/c_d?e=(f)", None, None, None),
    "(www.a.b/c)": ("bare", False, "www.a.b/c", "http://www.a.b/c", None, None, None),
    "write to me.you+x@a.b.": ("bare", False, "me.you+x@a.b", "mailto:me.you+x@a.b", None, None, None),
    "<a class=x href='b.md#c'>d</a>": ("html", False, "b.md#c", "b.md#c", None, None, None),
    '<div>\n<img\n  src="b.png" alt=">">\n</div>': ("html", True, "b.png", "b.png", None, None, None),
    "[a][nowhere]": ("undefined", False, None, None, None, "a", "nowhere"),
}
NO_LINKS = (
    "`[a](b)`", "    [a](b)", "\\[a](b)", "[a] (b)", "[a](b c)", "<!-- <a href='b'> -->", "list[0][1]", "https:// x", "a@b", "www.",
    "[a](<b\nc>)", "```\n[a](b)\n```", "<script>x = '<a href=\"b\">'</script>", "x://y", "[ ] task",
)  # fmt: skip
VARIANTS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda source: source,
    "crlf": lambda source: source.replace(b"\n", b"\r\n"),
    "bom": lambda source: b"\xef\xbb\xbf" + source,
    "behind front matter": lambda source: b"---\ntitle: x\n---\n" + source,
    "in a quote": lambda source: b"".join(b"> " + line for line in source.splitlines(keepends=True)),
    "in an item": lambda source: b"- " + source.replace(b"\n", b"\n  "),
    "behind invalid bytes": lambda source: b"\xff\xfe \xc3\n\n" + source,
}


def cut(source: bytes, span: tuple[int, int] | None) -> str | None:
    return None if span is None else source[slice(*span)].decode()


def described(prose: Prose, link: Link, source: bytes) -> tuple[object, ...]:
    return (
        link.kind,
        link.is_image,
        cut(source, link.destination_span),
        prose.destination_of(link),
        cut(source, link.title_span),
        cut(source, link.content_span),
        link.label,
    )


def is_cut_by_marks(text: str, variant: str) -> bool:
    """True for a tag over several lines, inside of which the marks of a quote would stand."""
    return variant == "in a quote" and text.startswith("<div")


@pytest.mark.parametrize(
    ("text", "variant"), [(text, variant) for text in LINKS for variant in VARIANTS if not is_cut_by_marks(text, variant)]
)
def test_the_parts_of_a_link_are_cut_out_exactly(text: str, variant: str) -> None:
    source = VARIANTS[variant](text.encode())
    prose = read_prose("x.md", source)
    (link,) = [link for link in prose.links if link.kind != "bare" or LINKS[text][0] == "bare"]
    prefixes = ("\r\n", "\n> ", "\n  ")
    found = [described(prose, link, source)]
    for prefix in prefixes:
        found.append(tuple(part.replace(prefix, "\n") if isinstance(part, str) else part for part in found[-1]))
    assert found[-1] == LINKS[text]


@pytest.mark.parametrize("text", LINKS)
def test_a_link_that_is_cut_out_is_the_same_link(text: str) -> None:
    source = f"Before ü. {text}\n\nBehind".encode() if not text.startswith("<div") else text.encode()
    prose = read_prose("x.md", source)
    (link,) = prose.links
    own = source[link.start : link.end] + b"\n\n" + b"\n".join(source[one.start : one.end] for one in prose.definitions)
    again = read_prose("x.md", own)
    assert described(again, again.links[0], own) == described(prose, link, source)


@pytest.mark.parametrize("text", NO_LINKS)
def test_what_is_no_link_is_none(text: str) -> None:
    assert read_prose("x.md", text.encode()).links == ()


def test_headings_have_their_lines_their_text_and_their_id() -> None:
    text = (
        "# A `b` *c* #\n\nSet\n*up*\n---\n\n## D [e](f) ![g](h) {#own-id}\n\n> ### Quoted\n\n<h2 id=x>In <b>HTML</b> &amp; so</h2>\n\n#\n"
    )
    source = text.encode()
    prose = read_prose("x.md", source)
    assert [(h.level, h.text, h.id, h.form, h.opens_section, cut(source, (h.content_start, h.content_end))) for h in prose.headings] == [
        (1, "A b c", None, "atx", True, "A `b` *c*"),
        (2, "Set up", None, "setext", True, "Set\n*up*"),
        (2, "D e", "own-id", "atx", True, "D [e](f) ![g](h)"),
        (3, "Quoted", None, "atx", False, "Quoted"),
        (2, "In HTML & so", "x", "html", False, "In <b>HTML</b> &amp; so"),
        (1, "", None, "atx", True, ""),
    ]
    assert [cut(source, (h.start, h.end)) for h in prose.headings] == [
        "# A `b` *c* #",
        "Set\n*up*\n---",
        "## D [e](f) ![g](h) {#own-id}",
        "### Quoted",
        "<h2 id=x>In <b>HTML</b> &amp; so</h2>",
        "#",
    ]


def test_code_front_matter_anchors_and_footnotes_are_found() -> None:
    text = (
        "---\na: 1\n---\n\n```js {1} x\nlet a\n\n```\n\n    b\n    c\n\n~~~\n~~~\n\n<a name='n'></a> <p id=\"m\">t</p>[^1]\n\n[^1]: note\n"
    )
    source = text.encode()
    prose = read_prose("x.md", source)
    assert prose.front_matter is not None
    assert cut(source, (prose.front_matter.content_start, prose.front_matter.content_end)) == "a: 1\n"
    assert [(c.language, c.is_fenced, cut(source, (c.content_start, c.content_end))) for c in prose.code] == [
        ("js", True, "let a\n\n"),
        ("", False, "b\n    c\n"),
        ("", True, ""),
    ]
    assert [anchor.name for anchor in prose.anchors] == ["n", "m"]
    assert [(note.label, note.is_definition) for note in prose.footnotes] == [("1", False), ("1", True)]


@pytest.mark.parametrize("variant", VARIANTS)
def test_code_within_a_line_is_cut_out_between_its_marks(variant: str) -> None:
    text = "# In `a` heading\n\n`b` and `` c`d `` [`e`](f) \\`no\\` `g\nh`\n\n| `i` |\n| --- |\n| `j` |\n\n```\n`no`\n```\n\n    `no`\n"
    source = VARIANTS[variant](text.encode())
    spans = read_prose("x.md", source).spans
    found = [cut(source, (one.content_start, one.content_end)) for one in spans]
    assert [text and text.split()[-1] for text in found] == ["a", "b", "c`d", "e", "h", "i", "j"]
    assert all(
        set((cut(source, (one.start, one.content_start)) or "") + (cut(source, (one.content_end, one.end)) or "")) == {"`"} for one in spans
    )


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("---\na: 1\n---\n", "yaml"),
        ("---\n: no [ yaml\n...\nx", "yaml"),
        ("+++\na = 1\n+++\n", "toml"),
        (';;;\n{"a": 1}\n;;;\n', "json"),
        ("---\n\nA rule\n\n---\n", None),
        ("---\na: 1\n", None),
        ("x\n---\na: 1\n---\n", None),
    ],
)
def test_front_matter_stands_between_fences_at_the_top(text: str, language: str | None) -> None:
    front = read_prose("x.md", text.encode()).front_matter
    assert (front.language if front else None) == language


def test_lines_and_columns_count_as_editors_do() -> None:
    source = "\ufeff[a](b)\r\n🎉ü [c](d)\r[e](f)".encode()
    assert [(link.line, link.column) for link in read_prose("x.md", source).links] == [(1, 1), (2, 5), (3, 1)]


def test_code_of_mdx_is_no_prose() -> None:
    code = "import A from './a.mdx'\nexport const b = <a href='c'>x</a>\n\n# T\n\n<Card\n  title={<a href='no'>x</a>}\n>\n\n"
    text = code + "[a](b)\n\n</Card>\n\n{/* [c](d) */}\n\n```\nimport x\n```\n"
    prose = read_prose("x.mdx", text.encode())
    assert [link.destination for link in prose.links] == ["b"]
    assert [heading.text for heading in prose.headings] == ["T"]
    assert len(read_prose("x.md", text.encode()).links) > 1


@pytest.mark.parametrize(
    ("text", "destinations"),
    [
        (
            "<picture>\n<source srcset='a,b.webp 1x,c.webp  2x , d.webp'>\n<img src=e.png srcset=f.png>\n</picture>\n",
            "a,b.webp c.webp d.webp e.png f.png",
        ),
        ('<video src="a.mp4" poster="b.png"><source src="c.mp4"><track src="d.vtt"></video>', "a.mp4 b.png c.mp4 d.vtt"),
        ('<iframe src="a.html"></iframe> <map><area href="b.md"></map> <script src="no.js"></script>', "a.html b.md"),
    ],
)
@pytest.mark.parametrize("path", ["x.md", "x.mdx"])
def test_every_tag_with_an_address_is_a_link(path: str, text: str, destinations: str) -> None:
    source = text.encode()
    links = read_prose(path, source).links
    assert [link.destination for link in links] == destinations.split()
    assert [source[slice(*link.destination_span)].decode() for link in links if link.destination_span] == destinations.split()
    assert len({link.start for link in links}) == len(links)


@pytest.mark.parametrize(
    ("text", "destinations"),
    [
        ('<LinkCard\n  title={x > 1 ? "<a href=\'no\'>" : ""}\n  href="/guides/use/"\n/>\n', ["/guides/use/"]),
        ('<Link to="/a">the [b](c.md)</Link> and\n[d](e.md)\n', ["/a", "c.md", "e.md"]),
        ('See <Link to="./b.md#c" className={clsx("a")} {...x}>z</Link>, `<Link to="/no" a={b}>`.\n', ["./b.md#c"]),
        ('<Link\n  to="./b.md"\n  when={a > 1}>z</Link> [c](d.md)\n', ["./b.md", "d.md"]),
        ('See <Link to="./b.md#c">this</Link>, <Since to="1.2" href={`x`} />.\n', ["./b.md#c"]),
        ('<Tab href="b"><Card href=\'/c\' /></Tab>\n\n{/* <Card href="/no" /> */}\n', ["b", "/c"]),
        ('```jsx\n<Card href="/no" />\n```\n\n<code>\n<Card href="/d" {...props} />\n</code>\n', ["/d"]),
    ],
)
def test_components_lead_where_their_attributes_say(text: str, destinations: list[str]) -> None:
    source = text.encode()
    links = read_prose("x.mdx", source).links
    assert [link.destination for link in links] == destinations
    assert [source[slice(*link.destination_span)].decode() for link in links if link.destination_span] == destinations


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("# T\t#", "T"),
        ("## T \t ## ", "T"),
        ("# a\t# b\t###", "a\t# b"),
        ("# T {#id}\t#", "T"),
        ("# T\t\\#", "T\t\\#"),
        ("# T\t#x", "T\t#x"),
        ("# `T\t#`", "`T\t#`"),
        ("#\t#", ""),
    ],
)
def test_marks_that_close_a_heading_may_stand_behind_a_tab(text: str, content: str) -> None:
    (heading,) = read_prose("x.md", f"{text}\n".encode()).headings
    assert text[heading.content_start : heading.content_end] == content
    assert heading.text == content.replace("\\", "").strip("`")


@pytest.mark.parametrize(
    ("text", "destinations", "headings"),
    [
        ("<Details>[a](b)\n[c](d)</Details>", ["b", "d"], []),
        ("<div>[a](b)</div>", ["b"], []),
        ("</Details>[a](b)", ["b"], []),
        ("- <Details id='i'>[a](b)", ["b"], []),
        ("> <p align='center'>[a](b) <img src='c'/></p>", ["b", "c"], []),
        ("<Frame\n  title={<b>x</b>}>[a](b)</Frame>\n\n# T", ["b"], ["T"]),
        ("<div id='i'><h2>T</h2></div>\n\n[a](b)", ["b"], ["T"]),
        ("<table>\n  <tr>\n    <td><a href='b'>a</a></td>\n  </tr>\n</table>", ["b"], []),
        ("<http://a.b>", ["http://a.b"], []),
        ("```\n<Details>[a](b)\n```", [], []),
    ],
)
def test_what_stands_between_tags_of_mdx_is_markdown(text: str, destinations: list[str], headings: list[str]) -> None:
    prose = read_prose("x.mdx", text.encode())
    assert [link.destination for link in prose.links] == destinations
    assert [heading.text for heading in prose.headings] == headings
    assert_sound(text.encode(), prose)
    assert [anchor.name for anchor in prose.anchors] == (["i"] if "id=" in text else [])


HOSTILE = {
    "brackets": b"[" * 50_000,
    "closed brackets": b"[a](" * 20_000,
    "images": b"![" * 50_000 + b"](x)" * 50_000,
    "tags": b"<a " * 50_000,
    "quoted tags": b"<a href='" * 50_000,
    "tags with braces": b"<a {" * 50_000,
    "comments": b"<!-- " * 50_000,
    "parentheses": b"[a](" + b"(" * 50_000,
    "emphasis": b"*a _b " * 20_000,
    "quotes": b">" * 20_000 + b"a",
    "mails": b"a@" * 50_000,
    "urls": b"http://" * 20_000,
    "fences": b"```\n~~~\n" * 20_000,
    "definitions": b"".join(b"[%d]: x\n" % number for number in range(20_000)) + b"[1][2] " * 20_000,
    "one name": b"# Same\n\n" * 10_000,
    "broken table": b"|a|b|\n|-|\n" * 5_000,
    "table": b"|" * 20_000 + b"\n" + b"|-" * 20_000 + b"|\n" + b"|" * 20_000,
    "components": b"<Card {\n" * 20_000,
    "components with text": b"<Details a\n" * 20_000 + b">x",
    "names of HTML": b"<div a=\n" * 20_000 + b">x",
    "tags on a line": b"<div>" * 50_000,
    "links on a line": "ü[a](b) ".encode() * 50_000,
    "ids": b"# a {#" * 10_000,
    "carriage returns": b"# a\r" * 20_000,
    "nul": b"# a\0b\n[c](d\0e)",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("path", ["x.md", "x.mdx"])
def test_whatever_stands_in_a_file_spans_lie_within_and_tile_it(name: str, path: str) -> None:
    assert_sound(HOSTILE[name], read_prose(path, HOSTILE[name]))


def assert_sound(source: bytes, prose: Prose) -> None:
    assert prose.size == len(source)
    for rows in (prose.headings, prose.links, prose.definitions, prose.code, prose.anchors, prose.footnotes):
        assert all(0 <= row.start <= row.end <= len(source) and row.line > 0 and row.column > 0 for row in rows)
        assert [row.start for row in rows] == sorted(row.start for row in rows)
    for link in (*prose.links, *prose.definitions):
        spans = [link.destination_span, link.title_span, link.content_span, link.label_span]
        assert all(link.start <= span[0] <= span[1] <= link.end for span in spans if span)
    opening = [section for section in sections_of(prose, "github") if section.heading.opens_section]
    first = opening[0].start if opening else len(source)
    assert b"".join([source[:first], *(source[section.start : section.own_end] for section in opening)]) == source
    assert all(section.own_end <= section.end for section in opening)


def test_a_section_that_lost_its_last_byte_would_be_seen() -> None:
    source = b"# a\n\nb\n\n## c\n\nd\n"
    prose = read_prose("x.md", source)
    assert_sound(source, prose)
    with pytest.raises(AssertionError):
        assert_sound(source + b"e", prose)


def test_facts_of_other_bytes_are_refused() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the only promise
        prose_of(b"\x05\0\0\0no")


def test_cut_pieces_of_documents_are_read_to_an_end() -> None:
    chance = random.Random(7)
    pieces = [*(text.encode() for text in LINKS), *(source[:400] for source in HOSTILE.values()), b"\n\n", b"\r\n", b"> ", b"- ", b"\xc3"]
    for _ in range(1500):
        source = b"".join(chance.choice(pieces)[chance.randrange(8) :] for _ in range(chance.randrange(1, 8)))
        for path in ("x.md", "x.mdx"):
            assert_sound(source, read_prose(path, source))
