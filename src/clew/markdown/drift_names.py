"""Names in prose that what they are said to belong to has no more: members of classes, exports of packages."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from clew._native import is_test
from clew.index.overlay import overlaid
from clew.markdown.drifted import Drifted
from clew.markdown.homes import example_around
from clew.markdown.naming import BUILT_IN
from clew.markdown.past import is_of_the_past, is_placeholder
from clew.markdown.snippets import package_of
from clew.near import near

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from clew.index.generation import Generation
    from clew.markdown.documents import Document
    from clew.markdown.paths import Evidence, PathBook
    from clew.markdown.regions import Regions

_QUALIFIED = re.compile(
    rb"(?<![\w$./@'\"#-])([A-Za-z_$][\w$]*)(#|\.prototype\.|\.)([A-Za-z_$][\w$]*)(?![\w$-])(?=(?:\([^\n]*\)|<[^\n]*>)?(?:[.\s;:,)]|$))"
)
_DECLARATION = re.compile(r"\.d\.[cm]?ts$")
_FILE_ENDING = re.compile(rb"\.[cm]?[jt]sx?\b|\.json|\.vue")
_INDEXED = re.compile(rb"[{;,\n]\s*(?:(?:static|readonly)\s+)*\[\s*\w+\s*:\s*(?!number\b)[\w$.]+\s*\]\s*\??:")
"""A signature by which every name is a member: `[key: string]: unknown`."""
_IMPORT = re.compile(rb"\bimport\s+([^'\";]{1,400}?)\s+from\s*['\"]([^'\"\n]+)['\"]")
_HERITAGE = re.compile(rb"\bextends\b(.*)", re.DOTALL)
_BELOW = re.compile(rb"\b(?:extends|implements)\b(.*)", re.DOTALL)
_NAME = re.compile(rb"(?<![\w$.<])[A-Za-z_$][\w$]*(?![\w$])")
_TYPES = re.compile(rb"<[^<>]*>")
_DEEPEST = 10
_OWNERS = frozenset({"class", "interface", "enum", "namespace"})
_CONSTRUCTED = frozenset({"class", "function"})
OF_ALL = frozenset(
    ("prototype", "name", "length", "call", "apply", "bind", "constructor", "caller", "arguments", "message", "stack", "cause", "code")
)
_GLOBALS = frozenset(
    """
    Array Object String Number Boolean Symbol Function Promise Map Set WeakMap WeakSet Date RegExp Error TypeError Math JSON Reflect
    Proxy Intl Buffer URL URLSearchParams Request Response Headers Event EventTarget Node Element Document Window Blob File FormData
    Uint8Array AbortController AbortSignal ReadableStream WritableStream TransformStream Worker Performance Storage Location History
    Iterator Record Partial Module
    """.split()  # noqa: SIM905 - words are read more easily
)


class Owner(NamedTuple):
    """A class, interface, enum or namespace that prose can name, and how a file takes it in."""

    name: str
    file: str
    exported_as: str
    kind: str = "class"


class _Asked(NamedTuple):
    """A name that something is said to have."""

    document: Document
    start: int
    end: int
    owner: Owner
    member: str


def owners(generation: Generation) -> dict[str, Owner]:
    """The definitions that the sources of a tree export by one name alone, and whose members are known."""
    linker = generation.linker
    found: dict[str, list[Owner]] = {}
    kinds = [*_OWNERS, "function"]
    for entry in generation.files():
        if is_test(entry.path) or entry.path.endswith((".vue", ".svelte", ".astro", ".html")):
            continue
        own = set(linker.outlined(entry.id, kinds))
        exported = {definition: name for name, definition in linker.exports(entry.id) if definition in own}
        for of in linker.describe(list(exported)):
            name = exported[of.file, of.definition]
            is_plain = of.name[:1].isupper() and "." not in of.name and "#" not in of.name
            if is_plain and (of.kind in _OWNERS or members_of(generation, Owner(of.name, entry.path, name))):
                found.setdefault(of.name, []).append(Owner(of.name, entry.path, name, of.kind))
    alone = {name: listed[0] for name, listed in found.items() if len(listed) == 1 and name not in _GLOBALS}
    return {name: owner for name, owner in alone.items() if _is_only(generation, owner)}


def _is_only(generation: Generation, owner: Owner) -> bool:
    """True where no other class, interface or the like in the sources has the name, and no value beside a type."""
    described = generation.linker.describe(generation.linker.named(owner.name))
    kinds = _OWNERS | ({"constant", "variable", "function"} if owner.kind == "interface" else set())
    others = {of.file for of in described if of.kind in kinds and not of.local and not is_test(generation.path_of(of.file))}
    return others <= {generation.id_of(owner.file)}


def drifted_members(
    generation: Generation, book: PathBook, known: dict[str, Owner], documents: Iterable[tuple[Document, Regions]]
) -> Iterator[Drifted]:
    """The members in code within lines and in headings that their owner does not have."""
    asked: list[_Asked] = []
    # A namespace that is called as a dependency declares what that has: prose means the dependency.
    known = {name: owner for name, owner in known.items() if owner.kind != "namespace" or name.lower() not in book.dependencies}
    for document, regions in documents:
        source = document.source or b""
        foreign = taken_from_others(source, book.own_packages)
        for region in (*regions.spans(), *regions.headings()):
            for found in _QUALIFIED.finditer(source, region.start, region.end):
                owner = known.get(found[1].decode())
                member = found[3].decode()
                behind = source[found.end(3) : found.end(3) + 5]
                is_file = _FILE_ENDING.match(behind) is not None or _reads_like_a_file(member)
                if owner is None or not document.path.startswith(example_around(owner.file)):
                    continue
                if owner.name in foreign or is_file or member in OF_ALL or member in BUILT_IN or is_placeholder(member):
                    continue
                asked.append(_Asked(document, found.start(1), found.end(3), owner, member))
    missing = {pair for pair in _missing(generation, {(one.owner, one.member) for one in asked}) if not _is_of_module(generation, *pair)}
    for one in asked:
        if (one.owner, one.member) not in missing:
            continue
        is_sure = is_known(generation, one.owner) and not _has_below(generation, one.owner, one.member)
        evidence: Evidence = "inferred" if is_sure and not is_of_the_past(one.document, one.start) else "possible"
        members = members_of(generation, one.owner)
        candidates = tuple(f"{one.owner.name}.{name}" for name in near(one.member, members, 2))
        why = f"{one.owner.name} of {one.owner.file} has no {one.member}"
        yield Drifted(one.document, one.start, one.end, "member", evidence, one.member, candidates, why)


def _is_of_module(generation: Generation, owner: Owner, member: str) -> bool:
    """True for an export of the module that has the name of the owner: `IO.of` of `IO.ts` beside its `IO`."""
    file = generation.id_of(owner.file)
    is_named_so = posixpath.basename(owner.file).partition(".")[0] == owner.name
    return is_named_so and file is not None and any(name == member for name, _ in generation.linker.exports(file))


def _has_below(generation: Generation, owner: Owner, member: str) -> bool:
    """True where a class or interface has the member that says to take over from the owner, or to be one."""
    linker = generation.linker
    holders = {(of.file, of.name.removesuffix(member).rstrip("#.")) for of in linker.describe(linker.named(member)) if of.is_member}
    for of in linker.describe([found for file, name in holders if name for found in linker.called(name, file)]):
        heritage = _BELOW.search(_without_types(generation.source(of.file)[of.start : of.body])) if of.kind in _OWNERS else None
        if heritage is not None and owner.name.encode() in _NAME.findall(heritage[1]):
            return True
    return False


def taken_from_others(source: bytes, own_packages: Collection[str]) -> frozenset[str]:
    """The names that the blocks of a document import from what is no package of the tree."""
    taken: set[str] = set()
    for found in _IMPORT.finditer(source):
        if package_of(found[2].decode("utf-8", "replace")) not in own_packages:
            taken.update(name.decode("utf-8", "replace") for name in _NAME.findall(found[1]))
    return frozenset(taken)


def is_known(generation: Generation, owner: Owner, depth: int = 0) -> bool:
    """True for a class or interface that takes over only from others of the tree, as far as their sources say by name."""
    linker, file = generation.linker, generation.id_of(owner.file)
    described = linker.describe(linker.called(owner.name, file)) if file is not None else []
    source = generation.source(file) if file is not None and described else b""
    if _is_given_members(source, owner.name):
        return False
    for of in described:
        code = source[of.start : of.end]
        if _INDEXED.search(code) or _is_given_members(code, "this"):
            return False
        heritage = _HERITAGE.search(_without_types(source[of.start : of.body]))
        for base in _NAME.findall(heritage[1]) if heritage else ():
            files = {
                found.file
                for found in linker.describe(linker.named(base.decode()))
                if found.kind in _OWNERS and not is_test(generation.path_of(found.file))
            }
            bases = [Owner(base.decode(), generation.path_of(found), "") for found in files]
            if len(bases) != 1 or depth > _DEEPEST or not is_known(generation, bases[0], depth + 1):
                return False
    return bool(described)


def _is_given_members(code: bytes, receiver: str) -> bool:
    """True for code that gives something members by names that do not stand there: `this[name] = …`."""
    of = rb"(?<![\w$.])" + re.escape(receiver.encode()) + rb"(?:\.prototype)?\s*"
    by_key = of + rb"\[(?!\s*['\"])[^\]\n]+\]\s*=(?!=)"
    all_at_once = rb"\bObject\.(?:assign|definePropert(?:y|ies)|setPrototypeOf)\(\s*" + of + rb",(?!\s*['\"{])"
    return re.search(by_key + b"|" + all_at_once, code) is not None


def _without_types(header: bytes) -> bytes:
    """The head of a class without its type parameters and arguments, in which `extends` bounds a type."""
    plain = header.replace(b"=>", b"  ")
    while (shorter := _TYPES.sub(b"", plain)) != plain:
        plain = shorter
    return plain


def _reads_like_a_file(member: str) -> bool:
    return member in {"js", "ts", "json", "md", "jsx", "tsx", "mjs", "cjs", "css", "html", "yml", "yaml", "io", "com", "org", "dev"}


def members_of(generation: Generation, owner: Owner) -> list[str]:
    """The names of the members that an owner declares itself."""
    file = generation.id_of(owner.file)
    if file is None:
        return []
    described = generation.linker.describe(generation.linker.outlined(file))
    prefixes = (f"{owner.name}#", f"{owner.name}.")
    return sorted({of.bare_name for of in described if of.is_member and of.name in {f"{prefix}{of.bare_name}" for prefix in prefixes}})


def _missing(generation: Generation, asked: set[tuple[Owner, str]]) -> set[tuple[Owner, str]]:
    """Those of the members that nothing has: a file that uses each, by the class and by an instance, says so."""
    by_folder: dict[str, list[tuple[Owner, str]]] = {}
    for owner, member in sorted(asked):
        by_folder.setdefault(posixpath.dirname(owner.file), []).append((owner, member))
    files: dict[str, tuple[bytes, list[tuple[int, int]], list[tuple[Owner, str]]]] = {}
    for folder, pairs in by_folder.items():
        code, places = _probe(pairs)
        files[posixpath.join(folder, "probe~of~members.ts")] = (code, places, pairs)
    if not files:
        return set()
    tree = overlaid(generation, {path: code for path, (code, _, _) in files.items()})
    missing: set[tuple[Owner, str]] = set()
    for path, (_, places, pairs) in files.items():
        file = tree.id_of(path)
        if file is None:
            continue
        occurrences, sets = tree.linker.meanings(file)
        meant = {start: bool(sets[number]) for start, _, _, number in occurrences}
        for pair, spots in zip(pairs, places, strict=True):
            if all(spot in meant and not meant[spot] and not tree.linker.has_unknown_receiver(file, spot) for spot in spots):
                missing.add(pair)
    return missing


def _probe(pairs: list[tuple[Owner, str]]) -> tuple[bytes, list[tuple[int, int]]]:
    """Code that uses members, and where each stands, by an instance and by the class."""
    lines: list[str] = []
    named = {owner: f"O{number}" for number, owner in enumerate(dict.fromkeys(owner for owner, _ in pairs))}
    for owner, local in named.items():
        name = posixpath.basename(owner.file)
        stem = name if _DECLARATION.search(name) else re.sub(r"\.[cm]?[jt]sx?$", "", name)
        taken = local if owner.exported_as == "default" else f"{{ {owner.exported_as} as {local} }}"
        taken = f"* as {local}" if owner.exported_as == "=" else taken
        made = f"const i{local} = new {local}()" if owner.kind in _CONSTRUCTED else f"declare const i{local}: {local}"
        lines.append(f"import {taken} from './{stem}'; {made};\n")
    code = "".join(lines)
    places: list[tuple[int, int]] = []
    for owner, member in pairs:
        local = named[owner]
        places.append((len(code) + len(local) + 2, len(code) + 2 * len(local) + len(member) + 4))
        code += f"i{local}.{member};{local}.{member};\n"
    return code.encode(), places
