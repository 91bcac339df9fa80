"""Places of prose that speak of a definition or a file, with the evidence for each."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from clew.code.entries import indexed
from clew.code.manifests import commands_of
from clew.index.prose import Code, Link
from clew.markdown.drift_names import taken_from_others
from clew.markdown.holders import MODULES
from clew.markdown.homes import example_around, home_of
from clew.markdown.naming import Saying, is_taken, names_of, saying
from clew.markdown.paths import Meant, PathBook, ending_of, is_of_any_project, path_around
from clew.markdown.regions import Regions
from clew.markdown.resolving import Resolver
from clew.markdown.snippets import Snippet, Snippets, Use, extension, package_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from clew._native import Def
    from clew.markdown.documents import Document, Library
    from clew.markdown.homes import Home
    from clew.markdown.naming import Name
    from clew.markdown.paths import Evidence, PathText
    from clew.markdown.regions import Region

_LINES = re.compile(r"L(\d+)")
_SHELLS = frozenset({"sh", "bash", "shell", "console", "zsh", "shellsession", "cmd", "powershell", "terminal", "shell-session"})
_BEFORE_COMMAND = re.compile(r"\s*(?:[$>#]\s+|(?:sudo|npx|bunx|exec|--yes|-y|pnpm|yarn|npm|dlx|\w+=\S+)\s+)*")
_OF_PACKAGE = re.compile(rb"[`*_'\"]*\s+(?:from|of|in)\s+(?:the\s+)?[`*]+([^`*\s]+)[`*]+\s+(?:dependency|package|module|repository)\b")
_IN_PATTERN = re.compile(rb"\b(?:const|let|var)\s+[\[{][\w$\s,:]*$")
"""The end of the text before a name that is declared by taking a value apart."""
_OWNER = re.compile(rb"([@\w./-]+)(?:(?:'|\xe2\x80\x99)s)?[*_]*[ \t\n]+[`*_]+$")
"""The end of the text before code that the word before it gives to something: lodash `once()`."""
_RECEIVER = re.compile(rb"([A-Za-z_$][\w$]*)\??\.$")
_FURTHEST = 100
_VARIABLES = frozenset({"constant", "variable"})
_RANKS: dict[str, int] = {"exact": 0, "inferred": 1, "possible": 2}


class Subject(NamedTuple):
    """A definition or a file that prose may speak of."""

    address: str
    path: str
    """The file that it is, or stands in."""
    definition: Def | None = None


class Mention(NamedTuple):
    """A place that speaks of a subject."""

    document: Document
    start: int
    end: int
    subject: int
    """Index of the subject."""
    by: str
    """path, link, member, export, name, code or command."""
    evidence: Evidence
    meant: Meant | None = None
    """The spelling, for a path or a link to the file."""


class _Hit(NamedTuple):
    """A place that has a name of a subject."""

    document: Document
    start: int
    end: int
    subject: int
    name: Name


class Finder:
    """Looks through documents for what they say of some subjects."""

    def __init__(self, library: Library, subjects: Sequence[Subject], keeps: Callable[[str], bool]) -> None:
        self._library = library
        self._generation = library.generation
        self._subjects = subjects
        self._files = [file for file in sorted(library.files) if keeps(self._generation.path_of(file))]
        self._regions: dict[int, Regions] = {}
        self._found: dict[tuple[int, int, int], Mention] = {}
        self._homes: dict[int, Home] = {}
        self._taken: set[tuple[int, int]] = set()
        """Documents, and subjects whose name is a member of something else in them."""

    @cached_property
    def book(self) -> PathBook:
        """The paths of the tree."""
        return PathBook(self._generation)

    @cached_property
    def _resolver(self) -> Resolver:
        return Resolver(self._library)

    def find(self) -> list[Mention]:
        """The mentions, by document and place; of several of one subject at a place the surest."""
        for number, subject in self._generation.bounds.each(list(enumerate(self._subjects)), "targets"):
            is_all = subject.definition is None or self._is_alone(subject.definition)
            self._find_paths(number, subject, "exact" if is_all else "possible")
            if is_all:
                self._find_commands(number, subject)
        named = {
            number: names_of(self._generation, self.book, subject.definition)
            for number, subject in enumerate(self._subjects)
            if subject.definition is not None
        }
        for number, subject in enumerate(self._subjects):
            if subject.definition is not None:
                self._homes[number] = home_of(self._generation, self.book, subject.definition)
        self._find_names(named)
        self._taken -= {(one.document.file, one.subject) for one in self._found.values() if one.evidence == "exact"}
        found = (self._weighed(one) for one in self._found.values())
        return sorted(found, key=lambda one: (one.document.path, one.start, one.subject))

    def _weighed(self, mention: Mention) -> Mention:
        """A mention, by how much a name says in a document like that."""
        if mention.by not in {"name", "export", "member"}:
            return mention
        is_far = not self._homes[mention.subject].holds(mention.document)
        is_taken = mention.by != "member" and (mention.document.file, mention.subject) in self._taken
        return mention._replace(evidence="possible") if is_far or is_taken else mention

    def _add(self, mention: Mention) -> None:
        key = (mention.document.file, mention.start, mention.subject)
        known = self._found.get(key)
        if known is None or _RANKS[mention.evidence] < _RANKS[known.evidence]:
            self._found[key] = mention

    def _regions_of(self, document: Document) -> Regions:
        if document.file not in self._regions:
            self._regions[document.file] = Regions(document.prose)
        return self._regions[document.file]

    def _hits(self, text: str, *, word: bool) -> Iterator[tuple[Document, int, int]]:
        """The places of a text in documents that hold the bytes that were read."""
        for hit in self._generation.text(text, word=word, files=self._files):
            document = self._library.document(hit.file)
            if document.source is not None:
                yield document, hit.start, hit.end

    def _find_paths(self, number: int, subject: Subject, of_file: Evidence) -> None:
        """Add paths and links to the file of a subject; `of_file` is how far what is said of the file is about it."""
        name = posixpath.basename(subject.path)
        stem = name.removesuffix(ending_of(name)) or name
        is_index = stem == "index"
        needle = posixpath.basename(posixpath.dirname(subject.path)) or name if is_index else stem
        seen: set[tuple[int, int]] = set()
        for document, start, _ in self._hits(needle, word=False):
            region = self._regions_of(document).at(start)
            source = document.source or b""
            if isinstance(region.thing, Link):
                self._find_link(number, document, region.thing, of_file)
                continue
            text = path_around(source, start)
            if (document.file, text.start) in seen or not text.start <= start < text.end:
                continue
            seen.add((document.file, text.start))
            meant = self.book.meant(document.path, text.text)
            if meant is None or meant.path != subject.path or not _is_written_as_path(text, meant, region):
                continue
            # The title of a block, what its code imports, and a file of an example elsewhere, are files that the reader makes.
            is_import = isinstance(region.thing, Code) and extension(document, region.thing) is not None and text.text.startswith(".")
            is_of_reader = region.kind == "info" or is_import or not document.path.startswith(example_around(subject.path))
            evidence: Evidence = "possible" if is_of_reader and meant.evidence != "exact" else meant.evidence
            if is_of_any_project(text.text) or self._is_of_another(source, text.end):
                evidence = "possible"
            evidence = max(evidence, of_file, key=_RANKS.__getitem__)
            self._add(Mention(document, text.start, text.end, number, "path", evidence, meant))

    def _is_of_another(self, source: bytes, end: int) -> bool:
        """True for a file that the words behind it give to a package that is not of the tree."""
        found = _OF_PACKAGE.match(source, end)
        return found is not None and found[1].decode("utf-8", "replace") not in self.book.own_packages

    def _is_alone(self, definition: Def) -> bool:
        """True for what its file exports alone."""
        linker = self._generation.linker
        exported = [one for _, one in linker.exports(definition[0])]
        if len(exported) != 1:
            return False
        same = {definition, *linker.merged(definition)}
        return not same.isdisjoint([*exported, *linker.follow_shorthand(exported), *linker.follow_export_alias(exported[0])])

    def _find_link(self, number: int, document: Document, link: Link, of_file: Evidence) -> None:
        """Add a link to the file of a subject."""
        subject = self._subjects[number]
        span = link.destination_span
        if span is None:
            return
        text = document.prose.destination_of(link) or ""
        found = self._resolver.resolve(document, link)
        path, anchor = found.path, found.anchor
        meant = None if path is None else Meant(path, posixpath.dirname(document.path), "exact")
        if found.external:
            bare, _, anchor = text.partition("#")
            meant = self.book.meant(document.path, bare.partition(":")[2])
            path = None if meant is None else meant.path
        if path != subject.path:
            return
        evidence = of_file
        lines = _LINES.match(anchor or "")
        if subject.definition is not None and lines is not None:
            evidence = "exact" if self._is_at(subject.definition, document, link, int(lines[1])) else "possible"
        self._add(Mention(document, *span, number, "link", evidence, meant))

    def _is_at(self, definition: Def, document: Document, link: Link, line: int) -> bool:
        """True for a line of a definition that the line of the link, or a heading above it, names too: lines move."""
        (of,) = self._generation.linker.describe([definition])
        source, section = document.source or b"", document.section_around(link.start)
        around = source[source.rfind(b"\n", 0, link.start) + 1 : link.end].decode("utf-8", "replace")
        said = [around, *(section.trail if section else ())]
        return of.first_line <= line <= of.last_line and any(of.bare_name in text for text in said)

    def _find_commands(self, number: int, subject: Subject) -> None:
        """Commands and scripts of the package around that run the file."""
        folder = self.book.package_around(subject.path)
        manifest = self.book.packages.get(folder) or {}
        file = self._generation.id_of(subject.path)
        words = [name for name, path in commands_of(manifest).items() if file in indexed(self._generation, folder, path)]
        scripts = manifest.get("scripts")
        own = subject.path[len(folder) + 1 :] if folder else subject.path
        run = [name for name, line in scripts.items() if own in str(line).split()] if isinstance(scripts, dict) else []
        for command in words:
            for document, start, end in self._hits(command, word=True):
                region = self._regions_of(document).at(start)
                if _is_command(document.source or b"", start, end, region):
                    self._add(Mention(document, start, end, number, "command", "exact"))
        for script in run:
            for document, start, end in self._hits(f"run {script}", word=True):
                region = self._regions_of(document).at(start)
                is_near = self.book.package_around(document.path) == folder
                if is_near and region.kind in {"block", "span"} and (document.source or b"")[end : end + 1] not in {b":", b"-"}:
                    self._add(Mention(document, start + 4, end, number, "command", "inferred"))

    def _find_names(self, named: dict[int, tuple[Name, ...]]) -> None:
        blocks: dict[tuple[int, int], tuple[Document, Code]] = {}
        in_blocks: dict[tuple[int, int], list[_Hit]] = {}
        for number, name in self._generation.bounds.each([(number, name) for number, names in named.items() for name in names], "names"):
            for document, start, end in self._hits(name.text, word=True):
                region, hit = self._regions_of(document).at(start), _Hit(document, start, end, number, name)
                if region.kind == "block" and isinstance(region.thing, Code):
                    block = region.thing
                    if extension(document, block) is not None:
                        blocks[document.file, block.start] = (document, block)
                        in_blocks.setdefault((document.file, block.start), []).append(hit)
                elif region.kind in {"span", "heading", "text"}:
                    self._say(hit, region)
        if blocks:
            self._find_in_code(Snippets(self._generation, self.book, blocks.values()), in_blocks)

    def _say(self, hit: _Hit, region: Region) -> None:
        """Add what text speaks of, by the words around the name."""
        document, start, end, number, name = hit
        source = document.source or b""
        said = saying(name, source, start, end, (region.start, region.end), is_code=region.kind != "text")
        if said is None and is_taken(name, source[region.start : start]):
            self._taken.add((document.file, number))
        link = self._regions_of(document).link_around(start) if region.kind == "span" else None
        if link is not None:
            found = self._resolver.resolve(document, link)
            if found.path == self._subjects[number].path:
                said = Saying("link", "exact")
            elif said is not None and said.by in {"name", "export"} and (found.external or not name.is_distinctive):
                said = said._replace(evidence="possible")  # the link says what it is about
        if said is not None and said.by in {"name", "export"} and region.kind == "span" and self._is_of_dependency(source, region.start):
            said = said._replace(evidence="possible")
        if said is not None:
            if region.kind == "heading" and said.by in {"name", "export"} and not name.is_distinctive:
                return
            self._add(Mention(document, start, end, number, said.by, said.evidence))

    def _is_of_dependency(self, source: bytes, start: int) -> bool:
        """True for code that the word before it gives to a package that the tree depends on."""
        owner = _OWNER.search(source, max(start - _FURTHEST, 0), start)
        return owner is not None and owner[1].decode("utf-8", "replace").lower() in self.book.dependencies

    def _find_in_code(self, snippets: Snippets, wanted: Mapping[tuple[int, int], Sequence[_Hit]]) -> None:
        """Add what blocks of code use, by what the linker says of them; where it knows nothing, by the words around the name."""
        meant = {number: self._family(snippets, number) for found in wanted.values() for _, _, _, number, _ in found}
        for snippet in self._generation.bounds.each(snippets.all, "blocks"):
            uses, source = snippets.uses(snippet), snippet.document.source or b""
            edges = snippets.tree.imports(snippets.file(snippet))
            takes_from_own = any(package_of(edge.specifier) in self.book.own_packages for edge in edges)
            for hit in wanted[snippet.document.file, snippet.block.start]:
                use = uses.get(hit.start)
                if use is not None and use.meant & meant[hit.subject]:
                    is_sure = (hit.name.is_unique or not self._is_global(hit.subject)) and not self._may_mean_others(
                        snippets, use, hit.subject
                    )
                    said: Saying | None = Saying("code", "exact" if is_sure else "possible")
                elif (use is not None and not takes_from_own and _is_own_value(snippets, use)) or is_taken(
                    hit.name, source[snippet.block.content_start : hit.start]
                ):
                    self._taken.add((hit.document.file, hit.subject))
                    said = None
                elif (use is None or not use.meant) and _IN_PATTERN.search(source, max(hit.start - _FURTHEST, 0), hit.start) is not None:
                    self._taken.add((hit.document.file, hit.subject))  # of a block that does not parse
                    said = None
                elif use is None:  # a comment or a string
                    is_own_word = hit.name.is_distinctive and hit.name.is_unique
                    said = Saying("name", "possible") if is_own_word else None
                else:
                    said = self._used(snippets, snippet, use, hit.name, takes_from_own=takes_from_own)
                if said is not None:
                    self._add(Mention(hit.document, hit.start, hit.end, hit.subject, *said))

    def _used(self, snippets: Snippets, snippet: Snippet, use: Use, name: Name, *, takes_from_own: bool) -> Saying | None:
        """The way in which code speaks of a definition where the linker does not lead to it; None where it leads elsewhere."""
        document, block = snippet.document, snippet.block
        said = saying(name, document.source or b"", use.start, use.end, (block.content_start, block.content_end), is_code=True)
        if said is not None and said.by == "member" and self._is_made_by_others(document.source or b"", block, use.start):
            return said._replace(evidence="possible")
        if not use.meant:
            if said is None or said.by == "member" or (document.source or b"")[use.end : use.end + 1] in {b"(", b"."}:
                return said
            return said._replace(evidence="possible")
        # An import from a package of the tree whose sources do not say what it exports.
        described = snippets.tree.linker.describe(list(use.meant))
        is_import = all(of.kind == "import" and snippets.is_own((of.file, of.definition)) for of in described)
        return Saying("code", said.evidence) if is_import and takes_from_own and said is not None and said.by == "export" else None

    def _is_made_by_others(self, source: bytes, block: Code, start: int) -> bool:
        """True for a member of a variable that the block gets from a package which is not of the tree."""
        receiver = _RECEIVER.search(source, max(start - _FURTHEST, block.content_start), start)
        if receiver is None:
            return False
        made = re.compile(rb"\b(?:const|let|var)\s+" + re.escape(receiver[1]) + rb"\s*(?::[^=\n]*)?=\s*(?:await\s+)?(?:new\s+)?([\w$]+)")
        found = made.search(source, block.content_start, block.content_end)
        return found is not None and found[1].decode("utf-8", "replace") in taken_from_others(source, self.book.own_packages)

    def _may_mean_others(self, snippets: Snippets, use: Use, number: int) -> bool:
        """True for a member that code asks of a choice of things, of which the subject belongs to one."""
        definition, linker = self._subjects[number].definition, self._generation.linker
        described = snippets.tree.linker.describe([one for one in use.meant if not snippets.is_own(one)])
        if definition is None or len({of.name for of in described}) == 1 or not all(of.is_member for of in described):
            return False
        alike = {definition, *linker.base_members(definition), *linker.overriding_members(definition), *linker.merged(definition)}
        return not {(of.file, of.definition) for of in described} <= snippets.here(alike)

    def _is_global(self, number: int) -> bool:
        """True for what a module declares for all others (`declare global`), where nothing says which of one name code means."""
        definition = self._subjects[number].definition
        return definition is not None and self._generation.linker.describe([definition])[0].name.startswith("global.")

    def _family(self, snippets: Snippets, number: int) -> frozenset[Def]:
        """A definition as the tree with the snippets has it: merged, and under the names that hand it on."""
        definition = self._subjects[number].definition
        if definition is None:
            return frozenset()
        linker = self._generation.linker
        family = dict.fromkeys([definition, *linker.merged(definition)])
        (of,) = linker.describe([definition])
        # `{ of }` in an object that is no module's exports is a member of that object, and no other name of what it holds.
        is_alias = not of.is_member or of.name.rpartition(".")[0] in MODULES - {"default"}
        for one in list(family) if is_alias else ():
            family |= dict.fromkeys([*linker.follow_shorthand([one]), *linker.follow_export_alias(one)])
        return snippets.here(family)


def _is_own_value(snippets: Snippets, use: Use) -> bool:
    """True for a variable or function that blocks of code make themselves; a signature alone may tell of one of the tree."""
    described = snippets.tree.linker.describe(list(use.meant))
    return bool(described) and all(
        snippets.is_own((of.file, of.definition)) and (of.kind in _VARIABLES or (of.kind == "function" and of.body < of.end))
        for of in described
    )


def _is_written_as_path(text: PathText, meant: Meant, region: Region) -> bool:
    """False for a word that only happens to be a file."""
    if "/" in text.text.removeprefix("./").strip("/") or region.kind == "span":
        return "." in text.text or "/" in text.text
    is_name_of_product = re.fullmatch(r"[a-z]+\.js", text.text) is not None  # Node.js, written small
    return "." in text.text.removeprefix("./") and meant.evidence != "possible" and not is_name_of_product


def _is_command(source: bytes, start: int, end: int, region: Region) -> bool:
    """True for the first word of a line of a shell, or of code in a line that goes on with words."""
    line = source[max(source.rfind(b"\n", 0, start) + 1, region.start) : start].decode("utf-8", "replace")
    if _BEFORE_COMMAND.fullmatch(line) is None:
        return False
    behind = source[end : end + 1]
    if region.kind == "span":
        return behind == b" " or (line.strip() != "" and end == region.end)
    return isinstance(region.thing, Code) and region.thing.language in _SHELLS and behind in {b" ", b"\n", b"\r", b""}
