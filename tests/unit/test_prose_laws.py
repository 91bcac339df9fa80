"""Laws of edits of documents, whatever stands in these: all comes back, nothing else changes, and links lead where they led."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from planned_edits import on

from clew._native import digest, extract_prose, links_to
from clew.edits.apply import apply
from clew.edits.journal import Journal
from clew.edits.plans import FileChange, TextEdit, applied, ordered
from clew.edits.proof import Proof
from clew.edits.prose.guarding import ProseGuard, redirected_only
from clew.edits.prose.insert_section import InsertSection, insert_section
from clew.edits.prose.move_section import MoveSection, move_section
from clew.edits.prose.remove_section import RemoveSection, remove_section
from clew.edits.prose.rename_heading import RenameHeading, rename_heading
from clew.edits.prose.replace_section import ReplaceSection, replace_section
from clew.edits.undoing import inverse
from clew.errors import ClewError
from clew.index.prose import prose_of
from clew.markdown.documents import Library
from clew.markdown.resolving import Resolver
from clew.workspace import Workspace

if TYPE_CHECKING:
    from clew.index.prose import Prose
    from clew.requests import Request

VERBS: dict[type[Request], Any] = {
    InsertSection: insert_section,
    MoveSection: move_section,
    RemoveSection: remove_section,
    RenameHeading: rename_heading,
    ReplaceSection: replace_section,
}
NAMES = ("Set up", "Use", "שלום 😀", "Wörter", "a-1", "a")
DESTINATIONS = (
    "#set-up",
    "#use",
    "#a",
    "#a-1",
    "b.md",
    "b.md#use",
    "a.md#set-up",
    "manual/c.md#w%C3%B6rter",
    "./b.md#use-1",
    "gone.md",
    "#L3",
)

headings = st.builds(
    lambda level, name, form: (
        f"{name}\n{'=' if level == 1 else '-'}{'-='[level == 1] * 3}" if form and level < 3 else f"{'#' * level} {name}"
    ),
    st.integers(1, 4),
    st.sampled_from(NAMES),
    st.booleans(),
)
links = st.builds(
    lambda form, to: form.format(to),
    st.sampled_from(("[x]({})", "[x](<{}>)", "![x]({} 'T')", '<a href="{}">x</a>', "- [x]({})", "> [x]({})", "[y][r]\n\n[r]: {}")),
    st.sampled_from(DESTINATIONS),
)
blocks = st.one_of(
    headings, headings, links, st.sampled_from(("text\twith tabs  ", "```\n# no heading\n```", "- item\n\n  # In a list", "<b>x</b>"))
)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    text = "\n\n".join(draw(st.lists(blocks, min_size=2, max_size=8)))
    text += draw(st.sampled_from(("", "\n", "\n\n")))
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from((b"", b"\xef\xbb\xbf"))) + text.encode()


trees = st.fixed_dictionaries({"a.md": documents(), "b.md": documents(), "manual/c.md": documents()})
texts = st.sampled_from(("text", "# New\n\ntext", "# Use\n\n## Set up", "[x](#use)"))
positions = st.sampled_from(("after", "before", "child"))


@st.composite
def requests(draw: st.DrawFn, addresses: list[str]) -> Request:
    target = on(draw(st.sampled_from(addresses)))
    return draw(
        st.one_of(
            st.builds(RenameHeading, targets=st.just(target), to=st.sampled_from(NAMES)),
            st.builds(RemoveSection, targets=st.just(target), force=st.booleans()),
            st.builds(ReplaceSection, targets=st.just(target), with_=texts, own=st.booleans(), force=st.booleans()),
            st.builds(InsertSection, targets=st.just(target), with_=texts, at=positions),
            st.builds(MoveSection, targets=st.just(target), to=st.sampled_from([*addresses, "b.md", "manual/c.md"]), at=positions),
        )
    )


def leading(workspace: Workspace) -> Counter[str | None]:
    """How many links lead to a section of each heading, or (None) to a file; those to lines and to nowhere are left out."""
    library = Library(workspace.generation)
    resolver = Resolver(library)
    found: Counter[str | None] = Counter()
    for document in library.all():
        for link in document.prose.links:
            to = resolver.resolve(document, link)
            if to.path is None or to.problem is not None or (to.anchor or "").startswith("L"):
                continue
            section = None if to.document is None else next((one for one in to.document.sections if one.anchor == to.anchor), None)
            found[section and section.trail[-1]] += 1
    return found


@settings(max_examples=25, deadline=None)
@given(trees, st.data())
def test_an_edit_that_is_taken_back_leaves_every_byte(tree: dict[str, bytes], data: st.DataObject) -> None:
    """What stands outside of its edits is as before, and what is put in or moved leaves every link a heading of the same text."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, content in tree.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_bytes(content)
        workspace = Workspace.open(folder)
        workspace.begin()
        library = Library(workspace.generation)
        addresses = [f"{one.path}:{section.heading.line}" for one in library.all() for section in one.sections]
        assume(addresses)
        request = data.draw(requests(addresses))
        before = leading(workspace)
        try:
            result = VERBS[type(request)](workspace, request)
        except ClewError:
            return
        journal = Journal(workspace.state)
        plan = journal.plan(result.stored.plan)
        entry = apply(workspace.root, journal, plan, result.stored.plan).entry
        for change in plan.changes:
            outside = [tree[change.path][: change.edits[0].start], tree[change.path][change.edits[-1].end :]]
            now = (root / change.path).read_bytes()
            assert now.startswith(outside[0])
            assert now.endswith(outside[1])
        workspace.refresh().bound(workspace.begin())
        if isinstance(request, InsertSection | MoveSection):
            assert before <= leading(workspace)
        back, skipped = inverse(workspace.root, journal, entry)
        assert not skipped
        apply(workspace.root, journal, back)
        assert {path: (root / path).read_bytes() for path in tree} == tree


@st.composite
def edits_of(draw: st.DrawFn, source: bytes, prose: Prose) -> tuple[TextEdit, ...]:
    """Edits of a document: other destinations, and rarely another text anywhere."""
    spans = [link.destination_span for link in prose.all_links if link.destination_span is not None]
    wanted = st.sampled_from([*DESTINATIONS, "b.md#a", "#use-1", "x)y", ""]).map(str.encode)
    made = [TextEdit(*span, draw(wanted)) for span in spans if draw(st.booleans())]
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(source)))
        made.append(TextEdit(at, at, draw(st.sampled_from((b"x", b"# Use", b"\n", b"[", b"`")))))
    try:
        return ordered("", made)
    except ClewError:
        return ()


@settings(max_examples=100, deadline=None)
@given(trees, st.data())
def test_documents_in_which_only_destinations_change_need_no_second_look(tree: dict[str, bytes], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for path, content in tree.items():
            (root / path).parent.mkdir(exist_ok=True)
            (root / path).write_bytes(content)
        workspace = Workspace.open(folder)
        workspace.begin()
        library = Library(workspace.generation)
        changes = []
        for document in library.all():
            edits = data.draw(edits_of(tree[document.path], document.prose))
            if edits:
                after = digest(applied(tree[document.path], edits))
                changes.append(FileChange(path=document.path, before=digest(tree[document.path]), after=after, edits=edits))
        redirected = redirected_only(library, changes, tree.__getitem__)
        quick, slow = (Proof(workspace.generation, changes, tree, known) for known in (redirected, {}))
        for path, links in redirected.items():
            before, after = library.generation.id_of(path), slow.after.id_of(path)
            assert before is not None
            assert after is not None
            was, now = library.generation.markdown(before), slow.after.markdown(after)
            assert with_destinations(was, dict(links)) == with_destinations(now, {})
        quick_guard, slow_guard = (
            ProseGuard(library, proof.after, changes, redirected=known) for proof, known in ((quick, redirected), (slow, {}))
        )
        assert list(quick_guard.links()) == list(slow_guard.links())
        assert list(quick_guard.headings()) == list(slow_guard.headings())


def with_destinations(prose: Prose, others: dict[int, str]) -> list[object]:
    """All that a document says but offsets and columns, with other destinations of some links."""
    links = [
        (link.kind, link.is_image, others.get(at, link.destination), link.label, link.definition, link.line)
        for at, link in enumerate(prose.all_links)
    ]
    headings = [(one.level, one.text, one.id, one.form, one.opens_section, one.line) for one in prose.headings]
    blocks = [(one.info, one.is_fenced, one.line) for one in prose.code]
    return [links, headings, blocks, [one.name for one in prose.anchors], [one.label for one in prose.footnotes]]


@given(documents(), st.sets(st.sampled_from(("set-up", "use", "a", "a-1", "wörter", "use-1"))))
def test_links_to_anchors_are_found_without_a_look_at_others(source: bytes, anchors: set[str]) -> None:
    facts = extract_prose("a.md", source)
    links = prose_of(facts).all_links
    (found,) = links_to([facts], anchors)
    named = [unquote((link.destination or "").partition("#")[2]) for link in links]
    assert {at for at, name in enumerate(named) if name in anchors or name == "L3"} <= set(found)
    assert all("#" in (links[at].destination or "") for at in found)
