"""The names that prose has for a definition, and how sure a text that has one of them is about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from clew._native import is_test

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew._native import Def, Description
    from clew.index.generation import Generation
    from clew.markdown.paths import Evidence, PathBook

_QUALIFIER = re.compile(rb"(?:([\w$]+)(?:\([^()]*\))?|([)\]]))?(#|\.prototype\.|\?\.|\.|::|~)$")
_FURTHEST = 200
_MODULES = frozenset({"exports", "module.exports", "module", "default"})
_NO_NAMES = frozenset({"default", "=", "exports", "module.exports", "constructor"})
BUILT_IN = frozenset(
    """
    toString valueOf hasOwnProperty addEventListener removeEventListener forEach indexOf lastIndexOf findIndex toJSON toLowerCase
    toUpperCase startsWith endsWith padStart trimEnd trimStart replaceAll flatMap getElementById querySelector appendChild
    preventDefault stopPropagation setTimeout setInterval clearTimeout parseInt parseFloat isArray defineProperty fromEntries
    writeFile readFile readFileSync writeFileSync setHeader getHeader removeHeader writeHead statusCode
    """.split()  # noqa: SIM905 - words are read more easily
)
"""Names of members that the language and its hosts have: alone they say nothing."""
_SEVERAL_WORDS = re.compile(r"[a-z0-9]_?[A-Z]|[A-Za-z0-9]_[A-Za-z0-9]|[A-Za-z][0-9]")
_NAMEABLE = frozenset({"class", "interface", "enum", "namespace", "type"})
_INSTANCE_OF_ITS_OWN = frozenset({"this", "self"})


class Saying(NamedTuple):
    """The way in which a text speaks of a definition."""

    by: str
    evidence: Evidence


class Name(NamedTuple):
    """A name of a definition, and what speaks for it."""

    text: str
    owner: str | None
    """The class or object that it is a member of."""
    is_of_local: bool
    """True where only a function around it can see the object that it is a member of."""
    rivals: frozenset[str]
    """The other classes and objects of the sources that have a member called so."""
    is_exported: bool
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
    owner = of.name.removesuffix(of.bare_name).rstrip("#.~") if of.is_member else ""
    is_module = not owner or owner in _MODULES
    called = dict.fromkeys([of.bare_name, *linker.references(definition).names])
    packages = frozenset(_said(manifest.get("name")) for manifest in book.packages.values()) - {""}
    family = {definition, *linker.merged(definition)}
    family |= {part for one in list(family) for part in (*linker.follow_shorthand([one]), *linker.follow_export_alias(one))}
    exported = of.exported or (not is_module) or any(part.exported for part in linker.describe(list(family)))
    is_of_local = not is_module and owner not in packages and _is_local(generation, owner, of.file)
    return tuple(
        Name(
            text,
            None if is_module else owner,
            is_of_local,
            frozenset() if is_module else _owners(generation, text, is_declared=linker.is_declaration_file(of.file)) - {owner},
            exported,
            _is_unique(generation, of, text, family),
            packages,
        )
        for text in called
        if text not in _NO_NAMES and re.fullmatch(r"[\w$]+", text)
    )


def _is_local(generation: Generation, owner: str, file: int) -> bool:
    """True for a variable or parameter that only a function can see: what prose calls so is another one."""
    described = generation.linker.describe(generation.linker.called(owner, file))
    return bool(described) and all(of.local and of.kind not in _NAMEABLE for of in described)


def _owners(generation: Generation, member: str, *, is_declared: bool) -> frozenset[str]:
    """The last words of all that has a member of that name: in declaration files, or in the other sources that are no tests."""
    linker = generation.linker
    described = (of for of in linker.describe(linker.named(member)) if of.is_member and linker.is_declaration_file(of.file) == is_declared)
    return frozenset(_last(of.name.removesuffix(of.bare_name)) for of in described if not is_test(generation.path_of(of.file)))


def _last(owner: str) -> str:
    return owner.rstrip("#.~").rpartition(".")[2].rpartition("#")[2]


def _said(name: object) -> str:
    """A package as code calls it: `@scope/some-thing` is `someThing`."""
    last = name.rpartition("/")[2] if isinstance(name, str) else ""
    return re.sub(r"[-.]+(\w)", lambda found: found[1].upper(), last)


def _is_unique(generation: Generation, of: Description, text: str, family: Iterable[Def]) -> bool:
    """True where every definition of that name that is no local and in no test is this one, or is declared by the same qualified name."""
    linker, known = generation.linker, set(family)
    for other in linker.describe([one for one in linker.named(text) if one not in known]):
        is_declared_alike = other.name == of.name and (of.is_member or linker.is_declaration_file(other.file))
        if other.local or is_declared_alike or is_test(generation.path_of(other.file)) or other.kind in {"import", "parameter"}:
            continue
        meant = {part for origin in linker.origins((other.file, other.definition)) if origin for part in linker.follow_shorthand([origin])}
        aliases = {*meant, *linker.follow_shorthand([(other.file, other.definition)])}
        if not aliases & known:
            return False
    return True


def is_taken(name: Name, before: bytes) -> bool:
    """True where the text before the name of no member makes it one, of something that is none of its packages: `db.findById`."""
    found = _QUALIFIER.search(before[-_FURTHEST:]) if name.owner is None and name.is_distinctive else None
    qualifier = found[1].decode("utf-8", "replace") if found is not None and found[1] else ""
    return qualifier[:1].islower() and qualifier not in name.packages and qualifier not in _MODULES


def saying(name: Name, source: bytes, start: int, end: int, bounds: tuple[int, int], *, is_code: bool) -> Saying | None:
    """The way in which a text speaks of the definition named between two places; None where it means something else, or is a common word.

    `is_code` is true in code within a line, and in headings; elsewhere only what is qualified, called or no word of a language counts.
    """
    before, behind = source[bounds[0] : start], source[end : bounds[1]]
    is_called = behind.lstrip(b" ").startswith(b"(") if is_code else behind.startswith(b"(")
    found = _QUALIFIER.search(before)
    if found is not None:
        qualifier = found[1].decode("utf-8", "replace") if found[1] else ""
        if name.owner is not None and "." in name.owner and before[: found.start(3)].endswith(name.owner.encode()):
            return Saying("member", "exact")
        return _qualified(name, qualifier, is_called=is_called, is_code=is_code)
    if before[-1:] in {b"-", b"/", b"@", b"$", b"'", b'"', b"\\", b"&"} or behind[:1] in {b"-", b"/", b"'", b'"', b"\\"}:
        return None
    if is_code and behind[:1] == b":" and behind[:2] != b"::":
        return None  # a key
    is_element = before.endswith((b"<", b"</", b"new "))
    if name.owner is not None:
        if name.is_distinctive and name.is_unique and (is_called or is_code):
            return Saying("name", "inferred" if is_called and is_code else "possible")
        return Saying("name", "possible") if is_called and is_code and name.is_unique else None
    is_word = not name.is_distinctive and name.text[:1].islower()
    if not is_code:
        return Saying("export", "inferred" if is_called else "possible") if name.is_distinctive and name.is_unique else None
    if not name.is_exported:
        return Saying("name", "inferred" if name.is_unique else "possible") if name.is_distinctive else None
    if is_word and not (is_called or is_element):
        return Saying("name", "possible") if name.is_unique and before.strip() == b"" and behind.strip() == b"" else None
    return Saying("export", "inferred" if name.is_unique else "possible")


def _qualified(name: Name, qualifier: str, *, is_called: bool, is_code: bool) -> Saying | None:
    if name.owner is None:
        is_of_package = name.is_exported and name.is_unique and (qualifier in name.packages or qualifier in _MODULES)
        return Saying("export", "inferred") if is_of_package else None
    owner = _last(name.owner)
    if qualifier == owner and name.is_of_local:
        return Saying("member", "possible")
    if qualifier == owner:
        # Of what stands deeper in a literal only the end of its path is said.
        return Saying("member", "exact" if owner == name.owner.removeprefix("exports.") else "possible")
    if not is_code:
        return None
    if qualifier and qualifier[:1].lower() + qualifier[1:] == owner[:1].lower() + owner[1:]:
        return Saying("member", "inferred")
    if owner[:1].isupper() and qualifier.endswith(owner):  # `userRepository.find` of a Repository
        fits_better = any(len(rival) > len(owner) and qualifier.lower().endswith(rival.lower()) for rival in name.rivals)
        return Saying("member", "possible" if fits_better else "inferred")
    if qualifier[:1].isupper():
        return None  # a class or namespace of another name
    if qualifier and owner.lower().endswith(qualifier.lower()) and owner[:1].isupper() and len(qualifier) > 2:  # noqa: PLR2004 - no letter
        fits_others = any(rival.lower().endswith(qualifier.lower()) for rival in name.rivals)
        return Saying("member", "inferred" if name.is_unique or (name.is_distinctive and not fits_others) else "possible")
    if not name.is_distinctive:
        return Saying("member", "possible") if is_called or not qualifier else None
    return Saying("member", "inferred" if name.is_unique and qualifier not in _INSTANCE_OF_ITS_OWN else "possible")
