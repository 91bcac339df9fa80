"""Names in blocks of code that nothing exports or has any more, and blocks that do not parse."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from clew._native import extract, is_test
from clew.code.manifests import strings
from clew.markdown.drift_names import OF_ALL, Owner, is_known, members_of
from clew.markdown.drifted import Drifted
from clew.markdown.naming import BUILT_IN
from clew.markdown.past import is_of_the_past, is_placeholder
from clew.markdown.snippets import code_of, package_of, without_taken_away
from clew.near import near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew._native import Def
    from clew.index.generation import Generation
    from clew.index.overlay import Overlay
    from clew.markdown.paths import Evidence, PathBook
    from clew.markdown.snippets import Snippet, Snippets

_IMPORT = re.compile(rb"import\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?\{([^{}]*)\}\s*from\s*['\"]([^'\"\n]+)['\"]")
_REQUIRE = re.compile(rb"\{([^{}]*)\}\s*=\s*(?:await\s+)?(?:require|import)\(\s*['\"]([^'\"\n]+)['\"]\s*\)")
_NEW = re.compile(rb"\b(?:const|let|var)\s+([\w$]+)\s*(?::[^=\n]*)?=\s*(?:await\s+)?new\s+([\w$]+)")
_WHOLE = re.compile(rb"\bexport\s*\*\s*from\s*['\"]([^'\"\n]+)['\"]")
_KEY = re.compile(rb"(?<=[{,])\s*(?:type\s+)?([A-Za-z_$][\w$]*)\s*(?=[},:=]|\bas\b)")
_LOOKED_AT = 400
"""Definitions that begin alike, of which the nearest are given."""
_OLD = re.compile(rb"(?i)(?://|#|/\*)\s*(?:before\b|old\b|deprecated|removed|wrong|bad\b|incorrect|legacy|\xe2\x9d\x8c|v\d)|\xe2\x9d\x8c")
"""A comment that says that the code below is not how it is done."""
_GAPS = re.compile(
    rb"\.\.\.(?![\w$\[({'\"`])|\xe2\x80\xa6|<[A-Za-z]+[ -][^>=\n]*>|\[\s*\.\.\.|\{\{|\{%|^\s*[-+] |^\s*[$>] "
    rb"|\b(?:const|let|var)\s+\?|(?:\b(?:if|while|switch|return)\s*\(|[=:?&|]|=>)\s*/\*(?:(?!\*/).)*\*/\s*[;,)}\]]|<\*>|@flow\b"
    rb"|:[^\n;,]*\|\s*(?:null|undefined|void);?[ \t]*$|^[ \t]*[\w$]+\??:[ \t]*(?:string|number|boolean)(?:\[\])*,"
    rb"|^[ \t]*[\w$]+\?:[^\n]*,[ \t]*$"
    rb"|^[\w$.]+(?:\([^()\n]*\))+[ \t]*=[^=>]|//[ \t]*@(?:noErrors|errors)\b|//[ \t]*\^\|"
    rb"|(?:[=:?(&|]|=>)\s*(?://[^\n]*\n\s*)+[;,)}\]]"
    rb"|\A\s*(?:<(?:script|template|style)\b|@(?:import|use|media)\b)|\s[:@][a-z-]+=\"",
    re.MULTILINE,
)
"""Marks of what a block leaves out or to the reader, a comment or a type in place of a value too, and of another language."""
_WRAPPED = (
    *(
        (b"async function _() {", b"\n}"),
        (b"function* _() {", b"\n}"),
        (b"class _ {", b"\n}"),
        (b"({", b"\n})"),
        (b"type _ = {", b"\n}"),
        (b"x = ", b""),
    ),
    (b"declare module 'x' {", b"\n}"),
    (b"", b"\nclass _ {}"),
)
"""The code around that a block can be a part of."""
_ENTRIES = ("main", "module", "types", "typings")
_MADE = frozenset({"dist", "lib", "build", "out", "es", "esm", "cjs", "target", "umd", "bin", "src", "types"})
"""Folders of what is built of the sources beside them."""
_TYPED = re.compile(r"\.[cm]?tsx?$")
_STATEMENTS = re.compile(
    rb"^[ \t]*(?:import\s+(?:type\s+)?(?:(?:[\w$]+|\*\s*as\s+[\w$]+)\s*,?\s*)?"
    rb"(?:\{\s*(?:(?:type\s+)?[\w$]+(?:\s+as\s+[\w$]+)?\s*(?:,\s*|(?=\})))*\}\s*)?(?:from\s*)?['\"][^'\"\n]*['\"];?|//.*)[ \t]*$",
    re.MULTILINE,
)
"""The imports of a block, which stand in no function, as far as they are whole, and its comments."""
_MODIFIERS = re.compile(rb"^(?:(?:public|private|protected|readonly|static|override)[ \t]+)+(?=[\w$#]+[ \t]*[:=(<?!])", re.MULTILINE)
"""The beginning of a member of a class that stands without its class behind imports."""
_ELEMENT = re.compile(rb"^(?=<[A-Za-z])", re.MULTILINE)
"""The beginning of an element behind a statement that ends without a semicolon."""
_OPENED = re.compile(rb"\A<([A-Za-z][\w.]*)\b.*[^/]>\Z", re.DOTALL)
"""An element of which only the opening tag is shown."""
_OPTIONAL = re.compile(rb"([(,]\s*[\w$]+)\?(?:\s*:\s*[\w$.]+(?:<[\w$.,\s]*>)?(?:\[\])*)?(?=\s*[,)=])")
"""A parameter that a call in the notation of a signature may leave out: `of(items?: Item[])`."""


def drifted_in_code(generation: Generation, book: PathBook, snippets: Snippets) -> Iterator[Drifted]:
    """The names in blocks of code that a package of the tree does not export, and the members that what they come from does not have."""
    for snippet in generation.bounds.each(snippets.all, "blocks"):
        yield from _in_snippet(generation, book, snippets, snippet)


def _in_snippet(generation: Generation, book: PathBook, snippets: Snippets, snippet: Snippet) -> Iterator[Drifted]:
    document, source = snippet.document, snippet.document.source or b""
    file, tree = snippets.file(snippet), snippets.tree
    edges = {edge.specifier: edge for edge in tree.imports(file)}
    own_edges = {specifier: edge for specifier, edge in edges.items() if package_of(specifier) in book.own_packages}
    if not own_edges:
        return
    start, end = snippet.block.content_start, snippet.block.content_end
    dangling = {snippet.offset + at for at, _ in tree.linker.dangling_specifiers(file)}
    uses = snippets.uses(snippet)
    kept = without_taken_away(source[start:end])
    past = is_of_the_past(document, snippet.block.start) or _OLD.search(source, start, end) is not None
    for statement in (*_IMPORT.finditer(source, start, end), *_REQUIRE.finditer(source, start, end)):
        edge = own_edges.get(statement[2].decode())
        if edge is None:
            continue
        for key in _KEY.finditer(source, statement.start(1), statement.end(1) + 1):
            name, at = key[1].decode(), key.start(1)
            if name in {"default", "type"} or is_placeholder(name):
                continue
            use = uses.get(at)
            if edge.target is None and _is_built(book, edge.specifier):
                continue
            is_unmeant = edge.target is None or (statement.re is _REQUIRE and use is not None and all(map(snippets.is_own, use.meant)))
            if at in dangling or (is_unmeant and not is_anywhere(generation, name)):
                is_sure = not past and kept[at - start : key.end(1) - start].strip() != b"" and not _is_unread(tree, edge.target, name)
                is_sure = is_sure and not _is_built_elsewhere(book, edge.specifier)
                is_sure = is_sure and not (snippet.path.endswith((".ts", ".tsx")) and _may_be_typed(tree, book, edge.target, name, kept))
                evidence: Evidence = "possible" if not is_sure else "exact" if at in dangling else "inferred"
                candidates = _alike(generation, name)
                why = f"{edge.specifier} exports no {name}"
                yield Drifted(document, at, key.end(1), "import", evidence, name, candidates, why)
    yield from _members_in(generation, snippets, snippet)


def _is_built(book: PathBook, specifier: str) -> bool:
    """True for a part of a package that its manifest offers, and whose file the tree has not."""
    package = package_of(specifier)
    part = f".{specifier.removeprefix(package)}"
    offered = next((manifest.get("exports") for manifest in book.packages.values() if manifest.get("name") == package), None)
    if part == "." or not isinstance(offered, dict):
        return False
    cut = (str(key).partition("*") for key in offered)
    return any(part == before if not star else part.startswith(before) and part.endswith(after) for before, star, after in cut)


def _is_built_elsewhere(book: PathBook, specifier: str) -> bool:
    """True for a package whose manifest states an entry that the tree has not, and in no folder that is built of its sources."""
    named = ((folder, manifest) for folder, manifest in book.packages.items() if manifest.get("name") == specifier)
    folder, manifest = next(named, ("", {}))
    offered = manifest.get("exports")
    whole = offered.get(".") if isinstance(offered, dict) and "." in offered else offered
    stated = [posixpath.normpath(path) for path in strings([manifest.get(key) for key in _ENTRIES] + [whole])]
    is_here = any(posixpath.normpath(posixpath.join(folder, path)) in book.files for path in stated)
    return bool(stated) and not is_here and all("/" in path and path.split("/")[0] not in _MADE for path in stated)


def is_anywhere(generation: Generation, name: str) -> bool:
    """True where a source that is no test defines the name or hands it on, or one of any sort exports it."""
    described = generation.linker.describe(generation.linker.named(name))
    if any(of.exported or not is_test(generation.path_of(of.file)) for of in described):
        return True
    files = (file for file in generation.linker.files_with(name) if not is_test(generation.path_of(file)))
    return any(_hands_on(generation.source(file), name) for file in files)


def _hands_on(source: bytes, name: str) -> bool:
    """True where a source exports a name in braces, whatever that is."""
    clause = rb"\bexport\s+(?:type\s+)?\{[^{}]*(?<![\w$])" + re.escape(name.encode()) + rb"\s*[,}]"
    return re.search(clause, source) is not None


def _may_export(tree: Overlay | Generation, file: int, name: str, seen: set[int]) -> bool:
    """True where a file, or one that it hands on as a whole, exports a name from what is not read, or hands on what is not there."""
    if file in seen:
        return False
    seen.add(file)
    source, edges = tree.source(file), {edge.specifier: edge.target for edge in tree.imports(file)}
    wholes = [edges.get(found[1].decode("utf-8", "replace")) for found in _WHOLE.finditer(source)]
    return _hands_on(source, name) or any(target is None or _may_export(tree, target, name, seen) for target in wholes)


def _is_unread(tree: Overlay | Generation, target: int | None, name: str) -> bool:
    """True for an export that may come from what is not read, or that a declaration file states beside the JavaScript that is imported."""
    if target is None:
        return False
    if _may_export(tree, target, name, set()):
        return True
    if tree.linker.is_declaration_file(target):  # what it declares is exported, unless it says otherwise
        return bool(tree.linker.called(name, target))
    if not tree.path_of(target).endswith((".js", ".cjs", ".mjs")):
        return False
    stem = posixpath.splitext(tree.path_of(target))[0]
    if any(of.exported and tree.linker.is_declaration_file(of.file) for of in tree.linker.describe(tree.linker.named(name))):
        return True
    stated = [file for ending in (".d.ts", ".d.mts", ".d.cts") if (file := tree.id_of(stem + ending)) is not None]
    return name[:1].isupper() and any(_may_export(tree, file, name, set()) for file in stated)  # of values the JavaScript tells


def _may_be_typed(tree: Overlay | Generation, book: PathBook, target: int | None, name: str, code: bytes) -> bool:
    """True for a name that code uses as a type alone, of a package without types, which another one can declare (`@types`)."""
    if target is None or not name[:1].isupper():
        return False
    folder, word = book.package_around(tree.path_of(target)), re.escape(name.encode())
    is_typed = any(path.startswith(folder) and _TYPED.search(path) and not is_test(path) for path in book.files)
    as_value = rb"\b(?:new|extends|instanceof)\s+" + word + rb"\b|(?<![\w$.])" + word + rb"\s*[.(]|</?" + word + rb"[\s/]"
    return not is_typed and re.search(as_value, code) is None


def _members_in(generation: Generation, snippets: Snippets, snippet: Snippet) -> Iterator[Drifted]:
    """The members of instances that a block makes itself, and of classes and modules, that these do not have."""
    document, source = snippet.document, snippet.document.source or b""
    file, tree = snippets.file(snippet), snippets.tree
    uses = snippets.uses(snippet)
    start, end = snippet.block.content_start, snippet.block.content_end
    made = {found[1]: uses.get(found.start(2)) for found in _NEW.finditer(source, start, end)}
    for found in re.finditer(rb"(?<![\w$.])([A-Za-z_$][\w$]*)\.([A-Za-z_$][\w$]*)", source[start:end]):
        at = start + found.start(2)
        receiver, use = made.get(found[1]), uses.get(at)
        if receiver is None or use is None or use.meant or not _is_class(snippets, receiver.meant):
            continue
        member = found[2].decode()
        is_write = source[at + len(member) : at + len(member) + 3].strip().startswith(b"=")
        if is_write or member in OF_ALL or member in BUILT_IN or tree.linker.has_unknown_receiver(file, at - snippet.offset):
            continue
        (of, *_) = tree.linker.describe(list(receiver.meant))
        owner = Owner(of.name, tree.path_of(of.file), of.name)
        is_sure = is_known(generation, owner)
        is_past = is_of_the_past(document, snippet.block.start) or _OLD.search(source, start, end) is not None
        evidence: Evidence = "inferred" if is_sure and not is_past else "possible"
        candidates = tuple(f"{of.name}.{name}" for name in near(member, members_of(generation, owner), 2))
        yield Drifted(document, at, at + len(member), "member", evidence, member, candidates, f"{of.name} of {owner.file} has no {member}")


def _is_class(snippets: Snippets, meant: frozenset[Def]) -> bool:
    described = snippets.tree.linker.describe(list(meant))
    return bool(described) and all(of.kind == "class" and not snippets.is_own((of.file, of.definition)) for of in described)


def _alike(generation: Generation, name: str) -> tuple[str, ...]:
    """Exports of sources that are called so, by address, or almost so."""
    hits = generation.search([name[: max(len(name) // 2, 3)]], any_term=True)
    exported = [hit for hit in hits[:_LOOKED_AT] if hit.exported and not is_test(generation.path_of(hit.file))]
    same = [f"{generation.path_of(hit.file)}::{name}" for hit in exported if hit.name == name]
    return (*same[:1], *near(name, {hit.name for hit in exported} - {name}, 1))


def drifted_syntax(snippets: Snippets, book: PathBook) -> Iterator[Drifted]:
    """The blocks of code that parse neither as they are nor as a part of a function, a class, a literal or a type."""
    broken = {problem.file: problem for problem in snippets.tree.problems_of(snippet.path for snippet in snippets.all)}
    for snippet in snippets.all:
        problem = broken.get(snippet.path)
        document, block = snippet.document, snippet.block
        code = without_taken_away(code_of(document, block))
        if problem is None or not block.language or snippet.path.endswith((".vue", ".svelte", ".astro", ".html")) or _GAPS.search(code):
            continue
        if _parses_somehow(code):
            continue
        takes_from_own = any(package_of(edge.specifier) in book.own_packages for edge in snippets.tree.imports(snippets.file(snippet)))
        is_past = is_of_the_past(document, block.start) or _OLD.search(code) is not None
        evidence: Evidence = "inferred" if takes_from_own and not is_past else "possible"
        line = block.line + (problem.line or 1)
        yield Drifted(document, block.start, block.content_start, "syntax", evidence, "", (), f"{problem.message}, in line {line}")


def _parses_somehow(code: bytes) -> bool:
    variants = [("x.tsx", code), ("x.ts", code), ("x.jsx", code), ("x.ts", _OPTIONAL.sub(rb"\1", code))]
    plain = _MODIFIERS.sub(b"", code)
    variants += [("x.ts", plain), ("x.tsx", _ELEMENT.sub(b";", plain))]
    inner = _STATEMENTS.sub(b"", code)
    elements = inner.strip()
    variants += [("x.tsx", b"<>" + elements + b"</>")] if elements.startswith(b"<") else []
    variants.append(("x.tsx", b"<x " + elements + b" />"))
    opened = _OPENED.search(elements)
    variants += [("x.tsx", b"<>" + elements + b"</" + opened[1] + b"></>")] if opened else []
    variants += [(path, before + inner + after) for path in ("x.tsx", "x.ts") for before, after in _WRAPPED]
    return any(not problems for _, _, _, _, problems, _ in extract(variants))
