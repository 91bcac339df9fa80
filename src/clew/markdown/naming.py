"""The names that prose has for a definition, and how sure a text that has one of them is about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from clew._native import is_test
from clew.markdown.holders import MODULES, holder_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew._native import Def, Description
    from clew.index.generation import Generation
    from clew.markdown.holders import Holder
    from clew.markdown.paths import Evidence, PathBook

_QUALIFIER = re.compile(rb"(?:([\w$]+)(?:\([^()]*\))?|([)\]]))?(#|\.prototype\.|\?\.|\.|::|~)$")
_FURTHEST = 200
"""Number of bytes around a name that say what it is: all text of a document is one region."""
_NO_NAMES = frozenset({"default", "=", "exports", "module.exports", "constructor"})
BUILT_IN = frozenset(
    """
    toString valueOf hasOwnProperty addEventListener removeEventListener forEach indexOf lastIndexOf findIndex toJSON toLowerCase
    toUpperCase startsWith endsWith padStart trimEnd trimStart replaceAll flatMap getElementById querySelector appendChild
    preventDefault stopPropagation setTimeout setInterval clearTimeout clearInterval parseInt parseFloat isArray defineProperty fromEntries
    DocumentFragment HTMLElement ShadowRoot CustomEvent MutationObserver AbortSignal AbortController FormData URLSearchParams ReadableStream
    ElementInternals setValidity setFormValue requestAnimationFrame IntersectionObserver ResizeObserver
    writeFile readFile readFileSync writeFileSync setHeader getHeader removeHeader writeHead statusCode
    """.split()  # noqa: SIM905 - words are read more easily
)
"""Names that the language and its hosts have: alone they say nothing."""
_SEVERAL_WORDS = re.compile(r"[a-z0-9]_?[A-Z]|[A-Za-z0-9]_[A-Za-z0-9]|[A-Za-z][0-9]")
_OF_ANY = frozenset({"Props", "Options", "Args", "Params"})
"""Names of types that any function has: a variable called so is of that type by chance."""
_PRIMITIVES = frozenset({"string", "number", "boolean", "array", "object", "date", "symbol", "bigint", "function"})
"""Words of prose for any value of a type."""
_AROUND = frozenset({b"-", b"/", b"'", b'"', b"\\"})
"""Letters beside which a name is a part of another word, or of a string."""
_LABEL = re.compile(rb"[A-Z][a-z]+(?: [A-Z][a-z]+)+")
"""Words that all begin with a capital, as of a button or a title: `Save All`."""
_INSTANCE_OF_ITS_OWN = frozenset({"this", "self"})


class Saying(NamedTuple):
    """The way in which a text speaks of a definition."""

    by: str
    evidence: Evidence


class Name(NamedTuple):
    """A name of a definition, and what speaks for it."""

    text: str
    holder: Holder | None
    """The class or object that it is a member of."""
    is_exported: bool
    is_of_unnamed: bool
    """True for a member of a literal or type that has no name, that is exported as a default at the most."""
    is_unique: bool
    """True where nothing else in the sources of the tree is called so."""
    packages: frozenset[str]
    """Names in prose of the packages and modules that it can be taken from: `express`, `typeorm`."""

    @property
    def is_distinctive(self) -> bool:
        """True for a name that is no word of a language."""
        return _SEVERAL_WORDS.search(self.text) is not None and self.text not in BUILT_IN


def names_of(generation: Generation, book: PathBook, definition: Def) -> tuple[Name, ...]:
    """The names of a definition: its own, and those that it is exported by."""
    linker = generation.linker
    (of,) = linker.describe([definition])
    called = dict.fromkeys([of.bare_name, *linker.references(definition).names])
    packages = frozenset(map(_said, book.own_packages)) - {""}
    family = {definition, *linker.merged(definition)}
    family |= {part for one in list(family) for part in (*linker.follow_shorthand([one]), *linker.follow_export_alias(one))}
    holder = holder_of(generation, of, packages)
    is_of_default = of.is_member and of.name == f"default.{of.bare_name}"
    exported = of.exported or holder is not None or any(part.exported for part in linker.describe(list(family)))
    exported = exported and not is_of_default
    is_of_unnamed = is_of_default or (of.is_member and of.name == of.bare_name)
    return tuple(
        Name(text, holder, exported, is_of_unnamed, _is_unique(generation, of, text, family), packages)
        for text in called
        if text not in _NO_NAMES and re.fullmatch(r"[\w$]+", text)
    )


def _said(name: str) -> str:
    """A package as code calls it: `@scope/some-thing` is `someThing`."""
    return re.sub(r"[-.]+(\w)", lambda found: found[1].upper(), name.rpartition("/")[2])


def _is_unique(generation: Generation, of: Description, text: str, family: Iterable[Def]) -> bool:
    """True where every definition of that name that is no local and in no test is this one, or is declared by the same qualified name."""
    linker, known = generation.linker, set(family)
    for other in linker.describe([one for one in linker.named(text) if one not in known]):
        is_declared_alike = other.name == of.name and (of.is_member or linker.is_declaration_file(other.file))
        if other.local or is_declared_alike or is_test(generation.path_of(other.file)) or other.kind in {"import", "parameter"}:
            continue
        meant = {part for origin in linker.origins((other.file, other.definition)) if origin for part in linker.follow_shorthand([origin])}
        local = linker.follow_shorthand([(other.file, other.definition)])
        aliases = {*meant, *local, *(origin for one in local for origin in linker.origins(one) if origin)}
        if not aliases & known:
            return False
    return of.is_member or not _is_module(generation, text)


def _is_module(generation: Generation, text: str) -> bool:
    """True for a name by which a source hands on all of another: `export * as parser`."""
    files = (file for file in generation.linker.files_with(text) if not is_test(generation.path_of(file)))
    return any(re.search(rb"\bexport\s*\*\s*as\s+" + re.escape(text.encode()) + rb"\b", generation.source(file)) for file in files)


def is_taken(name: Name, before: bytes) -> bool:
    """True where the text before the name of no member makes it one, of something that is none of its packages: `db.findById`."""
    found = _QUALIFIER.search(before[-_FURTHEST:]) if name.holder is None and name.is_distinctive else None
    qualifier = found[1].decode("utf-8", "replace") if found is not None and found[1] else ""
    return qualifier[:1].islower() and qualifier not in name.packages and qualifier not in MODULES


def saying(name: Name, source: bytes, start: int, end: int, bounds: tuple[int, int], *, is_code: bool) -> Saying | None:
    """The way in which a text speaks of the definition named between two places; None where it means something else, or is a common word.

    `is_code` is true in code within a line, and in headings; elsewhere only what is qualified, called or no word of a language counts.
    """
    before, behind = source[max(bounds[0], start - _FURTHEST) : start], source[end : min(bounds[1], end + _FURTHEST)]
    is_called = behind.lstrip(b" ").startswith(b"(") if is_code else behind.startswith(b"(")
    found = _QUALIFIER.search(before)
    if found is not None:
        return _qualified(name, before[: found.start(3)], found, is_called=is_called, is_code=is_code)
    is_in_word = before[-1:] in _AROUND | {b"@", b"$", b"&"} or behind[:1] in _AROUND
    if is_in_word or (before.endswith(b">") and behind.startswith(b"</")):  # or text between tags
        return None
    if is_code and behind[:1] == b":" and behind[:2] != b"::":
        return None  # a key
    if is_code and _LABEL.fullmatch(source, *bounds) is not None:
        return Saying("name", "possible")
    is_element = before.endswith((b"<", b"</", b"new "))
    if name.holder is not None:
        if name.is_distinctive and name.is_unique and (is_called or is_code):
            return Saying("name", "inferred" if is_called and is_code else "possible")
        return Saying("name", "possible") if is_called and is_code and name.is_unique else None
    is_word = not name.is_distinctive and name.text[:1].islower()
    if not is_code:
        is_sure = is_called and not name.is_of_unnamed
        return Saying("export", "inferred" if is_sure else "possible") if name.is_distinctive and name.is_unique else None
    if not name.is_exported:
        return Saying("name", "inferred" if name.is_unique and not name.is_of_unnamed else "possible") if name.is_distinctive else None
    if is_word and not (is_called or is_element):
        return Saying("name", "possible") if name.is_unique and before.strip() == b"" and behind.strip() == b"" else None
    return Saying("export", "inferred" if name.is_unique and name.text not in BUILT_IN else "possible")


def _qualified(name: Name, receiver: bytes, found: re.Match[bytes], *, is_called: bool, is_code: bool) -> Saying | None:
    """The way in which a name speaks that stands behind a receiver; `found` is the last word of that, and what separates them."""
    qualifier = found[1].decode("utf-8", "replace") if found[1] else ""
    holder = name.holder
    if holder is None:
        is_of_package = name.is_exported and name.is_unique and (qualifier in name.packages or qualifier in MODULES)
        return Saying("export", "inferred") if is_of_package else None
    if "." in holder.name and receiver.endswith(holder.name.encode()):
        said: Saying | None = Saying("member", "exact")
    else:
        said = _of_holder(name, holder, qualifier, is_called=is_called, is_code=is_code)
    is_reached = {
        "both": True,
        "class": qualifier[:1].isupper(),
        "instance": qualifier != holder.last or found[3] != b".",
        "nothing": False,
    }[holder.through]
    return said if said is None or is_reached else said._replace(evidence="possible")


def _of_holder(name: Name, holder: Holder, qualifier: str, *, is_called: bool, is_code: bool) -> Saying | None:
    owner = holder.last
    if qualifier == owner in _PRIMITIVES:
        return Saying("member", "possible")
    if qualifier == owner:
        # Of what stands deeper in a literal only the end of its path is said.
        return Saying("member", "exact" if owner == holder.name.removeprefix("exports.") else "possible")
    if not is_code:
        return None
    if qualifier and qualifier[:1].lower() + qualifier[1:] == owner[:1].lower() + owner[1:]:
        is_of_any = owner in _OF_ANY and not name.is_distinctive
        return Saying("member", "possible" if qualifier[:1].isupper() or holder.is_ambiguous or is_of_any else "inferred")
    if qualifier[:1].isupper():
        return None  # a class or namespace of another name
    if owner[:1].isupper() and qualifier.endswith(owner):  # `userRepository.find` of a Repository
        fits_better = any(len(rival) > len(owner) and qualifier.lower().endswith(rival.lower()) for rival in holder.rivals)
        return Saying("member", "possible" if fits_better or holder.is_ambiguous else "inferred")
    if qualifier and owner.lower().endswith(qualifier.lower()) and owner[:1].isupper() and len(qualifier) > 2:  # noqa: PLR2004 - no letter
        return Saying("member", "inferred" if name.is_unique and name.is_distinctive else "possible")
    if not name.is_distinctive:
        return Saying("member", "possible") if is_called or not qualifier else None
    return Saying("member", "inferred" if name.is_unique and qualifier not in _INSTANCE_OF_ITS_OWN else "possible")
