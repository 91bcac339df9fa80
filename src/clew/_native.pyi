"""The native core: what it gives, in which shape. All offsets are UTF-8 bytes, all numbers little-endian `u32`."""

from typing import Protocol, Self, TypeAlias, final

VERSION: str
"""Version of the package, baked in at build."""

BUILD: str
"""Version, and a hash of all that an answer is made by: the native sources, their dependencies, and the Python package as it was built."""

# --- facts of a file ---------------------------------------------------------------------------------------------

FACTS_BUILD: str
"""A hash of what makes facts: tables, extraction, and the versions of the parser and the compression."""

Extracted: TypeAlias = tuple[bytes, bytes, bytes, list[tuple[str, int, int]], list[tuple[str, int, str]], int]
"""Facts of one file.

0. the tables, packed: what a `Linker` reads;
1. the sorted distinct hashes of every name that occurs in the file (`name_hash`), and of every string of at most 64 bytes that is spelt as
   a name (`string_hash`); of a file that did not parse, of every word;
2. a record for each definition a search by name offers:
   `[u32 row][u8 kind][u16 low flags][u16 length][name][u16 length][container]`;
3. specifier, kind and flags of each import, in the order of the table `imports`;
4. message, offset and code (`syntax`, `encoding`, `tokens`, `internal`) of each problem;
5. the flags of the table `meta`.
"""

def extract(batch: list[tuple[str, bytes]]) -> list[Extracted]:
    """Parse sources and give the facts of each, in order.

    A path only says the language. Never raises for what stands in a file; runs on all cores with the GIL released.
    """

Declared: TypeAlias = tuple[int, str, str, int, int, bool]
"""Row, qualified name, kind, start and end of a definition, and whether an outline shows it."""

def declared_in(path: str, source: bytes, lines: list[tuple[int, int]]) -> tuple[list[Declared], list[list[int]]] | None:
    """Read a source that is of no tree: its definitions by place, and which of them each line (a span of bytes) stands in.

    A line stands in what `Linker.around_line` says of it, one of a doc comment in what that is about. The path only says the language;
    None for one that says none.
    """

def comments(path: str, source: bytes) -> list[tuple[int, int]]:
    """The spans of the comments of a source, by place; none of a file in which scripts are parts. The path only says the language."""

def name_hash(name: str) -> int:
    """Give the number a name has in `Extracted`'s names: the low 32 bits of its XXH3."""

def string_hash(text: str) -> int:
    """Give the number that a string literal spelt as a name has there: the low 32 bits of its XXH3 with the seed 1."""

def extract_prose(path: str, source: bytes) -> bytes:
    """The facts of a document of Markdown; the path only says the language. Never raises for what stands in it."""

def prose_tables(facts: bytes) -> bytes:
    """The tables in the facts of a document, as MessagePack: those of `clew.index.prose.Prose`; raises ValueError for other bytes."""

def links_to(facts: list[bytes], anchors: set[str] | frozenset[str]) -> list[list[int]]:
    """Of each document the links and definitions whose fragment is one of some anchors or a line, by index, and rarely others.

    Links are counted first, then definitions; those that a definition gives their destination are left out.
    """

def redirected(documents: list[tuple[bytes, bytes, list[tuple[int, int, bytes]]]]) -> list[list[tuple[int, str]] | None]:
    """Of each document the links that edits give another destination: index among links and definitions, and the destination.

    A document is given by its facts, its bytes, and the edits of these, sorted. None where an edit may change anything else of a document:
    where it reaches beyond a destination, or one has bytes that may mean something. Raises ValueError for bytes that are no facts.
    """

INDEX_BUILD: str
"""A hash of the sources of all that an index stores: of facts, of the index and of resolution. An index of others is made anew."""

def candidate_paths(path: str, specifier: str) -> list[str]:
    """The paths at which a relative import of the file at `path` was looked for, with alternatives in braces; empty for other imports."""

def without_secrets(data: bytes, json: bool) -> tuple[bytes, dict[str, int]] | None:
    """Text, or the strings of JSON, with `[redacted KIND]` in place of every secret, and how many of each kind; None when there is none."""

def digest(source: bytes) -> str:
    """The digest of a file's bytes: xxh3, 128 bits, in hex."""

def unsealed(blob: bytes) -> bytes:
    """The content of a stored blob; raises ValueError when its checksum disagrees, as every reader of stored bytes here does."""

def find_units(buckets: list[bytes], hashed: int) -> list[int]:
    """The units in which a name with this hash occurs, by the buckets it would be in."""

def segment_units(packed: bytes) -> list[int]:
    """The units that a segment was written for."""

Wanted: TypeAlias = tuple[str, int | None, list[tuple[int, int, int]]]
"""A name to look for in texts, the only file that counts, if there is one, and the spans (file, start, end) that do not."""

class Manifest:
    """The files of one generation, in order of path; the place of a file is its id. A unit is a content in a language."""

    def __init__(self, packed: bytes | None = None) -> None: ...
    def __len__(self) -> int: ...
    def dump(self) -> bytes:
        """Bytes that the constructor takes."""

    def is_stale(self, root: str) -> bool:
        """True when anything below the root may differ: one sweep over stats, without reading a file."""

    def renew(self, root: str) -> tuple[list[int], bool] | None:
        """Brings the list up to date: the files to be read, and whether files came or went. None: nothing changed."""

    def read(self, root: str, pending: list[int], budget: int) -> Batch:
        """Reads the first of the pending files, up to `budget` bytes."""

    def forget(self, vanished: set[int]) -> None:
        """Drops files that were gone when they were read; later ids move up."""

    def entries(self, kinds: int) -> list[tuple[int, str, str, int]]:
        """Id, path, digest and flags of the files of these kinds."""

    def marked(self, flags: int, units: list[int]) -> list[tuple[int, str, str, int, int]]:
        """Id, path, digest, flags and unit of the files with one of the flags, or with one of the units."""

    def path(self, file: int) -> str:
        """The path of a file; raises IndexError."""

    def paths(self) -> list[str]:
        """The paths of all files, by id."""

    def entry(self, file: int) -> tuple[str, str, int, int]:
        """Path, digest, flags and unit of a file; raises IndexError."""

    def prose(self) -> list[int]:
        """The files of Markdown, in order of path."""

    def id_of(self, path: str) -> int | None: ...
    def postings(self, buckets: list[bytes]) -> bytes:
        """A hash and a file, four bytes each, for every name in the buckets."""

    def digest(self) -> str:
        """Over all paths and contents, and over which of them have earlier facts."""

    def config_digest(self) -> str:
        """Over the files that decide where imports lead."""

    def notes(self) -> list[tuple[str, str]]:
        """Path and code of everything that the walk could not read or follow."""

    def files_with(self, units: set[int]) -> list[int]:
        """The files that have one of these units."""

    def units(self) -> set[int]:
        """All units that a file has."""

    def overlaid(
        self, root: str, graph: Graph, changes: list[tuple[str, bytes | None]]
    ) -> tuple[Manifest, Graph, list[tuple[int, bytes, list[tuple[str, int, int, str]]]], list[bytes], list[bytes]]:
        """The same tree with files that hold other bytes, are added, or are gone (None). Nothing is written.

        Gives its manifest and imports; unit, facts (as `extract` gives them) and problems of each content that the tree did not have; and
        the buckets and pieces of these, as a segment has them. Files are numbered anew.
        """

    def search(self, pieces: list[bytes], terms: list[str], loose: bool) -> list[tuple[int, int | None, str, str, str, bool, str]]:
        """File, definition, name, container, kind, whether it is exported, and match of what fits all terms (loose: any), best first."""

    def text(
        self, root: str, files: list[int], pattern: str, *, regex: bool, ignore_case: bool, word: bool, limit: int, known: dict[int, bytes]
    ) -> tuple[list[tuple[int, int, int, int, int, str]], list[int]]:
        """File, line, column, start, end and text of the line of each match; and the files whose bytes are no longer those of the manifest.

        `known` are the bytes of files that are not read again. Raises ValueError for a pattern that cannot be read.
        """

    def sources(self, root: str, files: list[int]) -> tuple[list[bytes | None], list[int]]:
        """The bytes of files, None for one that is no longer what the manifest says; then those files."""

    def mentions(self, root: str, files: list[int], names: list[Wanted]) -> tuple[list[tuple[int, int] | None], list[int]]:
        """File and line of the first place of each name as a word; and the files whose bytes are no longer those of the manifest.

        Outside of sources, and in templates, `my-part` stands for `myPart` and `MyPart` too, and `$name` for `name`.
        """

class Batch:
    """Files that were read together."""

    @property
    def taken(self) -> int:
        """How many of the pending files it took."""

    @property
    def vanished(self) -> list[int]:
        """The files that were gone."""

    def keys(self) -> list[bytes]:
        """Digest and language of each source that was read."""

    def extract(
        self, manifest: Manifest, known: dict[bytes, tuple[int, int]], first_unit: int, builder: Builder
    ) -> list[tuple[int, bytes, bytes, bytes, list[tuple[str, int, int, str]], int]]:
        """Parses the sources whose key is not among the known units, which are given with their flags.

        Fills the files' entries, numbers new units from `first_unit`, and puts them into the segment. Returns unit, key, facts, imports,
        problems (message, line, column, code) and flags of each.
        """

class Builder:
    """A segment being made."""

    def __init__(self) -> None: ...
    def absorb(self, units: bytes, buckets: list[bytes], pieces: list[bytes], dead: set[int]) -> None:
        """Takes over a stored segment, without the dead units."""

    def finish(self) -> tuple[int, bytes, list[bytes], list[bytes]] | None:
        """How many units, the units, the buckets of postings, the pieces of definition records; None when empty."""

Edge: TypeAlias = tuple[int, int, str, str, bool, bool, int | None, str | None, str | None]
"""Importer, import, specifier, kind, whether it vanishes at run time, whether it runs later than loading, target, package, path outside."""

class Graph:
    """The imports of every file of a manifest."""

    def __init__(self, packed: bytes | None = None) -> None: ...
    def dump(self) -> bytes:
        """Bytes that the constructor takes."""

    def resolve_imports(self, root: str, manifest: Manifest, fresh: dict[int, bytes], everything: bool) -> None:
        """Resolves the imports of files whose unit changed, or of all. `fresh` holds the packed imports of units not seen before."""

    def edges(self) -> list[Edge]:
        """The edges of all importers."""

    def edges_of(self, importer: int) -> list[Edge]:
        """The edges of one importer."""

    def edges_to(self, target: int) -> list[Edge]:
        """The edges that lead to a file."""

Asked: TypeAlias = tuple[str, str, str]
"""A specifier: root-relative path of the file in which it stands, its text, the kind of its import."""

def resolve_specifiers(root: str, manifest: Manifest, asked: list[Asked]) -> list[tuple[int | None, str | None, str | None]]:
    """The places that specifiers would lead to, whether they stand there or not: target, package, path outside, as an edge has them.

    Raises ValueError for an unknown kind.
    """

def specifier_patterns(root: str, manifest: Manifest, asked: list[Asked]) -> list[list[tuple[str, str]]]:
    """The other ways to name files in place of a specifier: specifier and root-relative path, with a `*` for the same text in both.

    Those of the project's `paths` and `baseUrl`, of `imports` for a `#name`, and of the package of the tree that the specifier names.
    Raises ValueError for an unknown kind.
    """

# --- code by its shape -------------------------------------------------------------------------------------------

AstHit: TypeAlias = tuple[int, int, int, int, int, int, list[tuple[str, str]]]
"""File, start, end, line, UTF-16 column and last line of a place that fits; name and text of its metavariables, as they appear."""

def ast_pattern(root: str, files: list[tuple[int, str]], pattern: str) -> tuple[list[AstHit], list[int]]:
    """Find code of the shape of a pattern (`$A.send($$$)`, as ast-grep writes them) in files given as numbers and root-relative paths.

    Gives the places, by file in the order given, then by start, outer ones first; and the files of which a part could not be parsed.
    Files that cannot hold what the pattern spells out are not parsed; files that cannot be read are passed over. Quotes of strings and a
    last semicolon do not matter. Raises ValueError, with line and column, for a pattern that is no single statement or expression.
    Runs on all cores with the GIL released.
    """

Rewritten: TypeAlias = tuple[int, int, int, int, str | None]
"""File, start, end and line of a place that fits, and what is to stand there; none for a place inside of another one."""

def ast_rewrite(
    sources: list[tuple[int, str, bytes]], pattern: str, template: str, variables: list[tuple[int, int, str]]
) -> tuple[list[Rewritten], list[int]]:
    """Write what fits a pattern as a template says, in sources given as numbers, paths (which say the language) and bytes.

    `variables` are start, end (bytes of the template) and name of its metavariables, by place; the pattern has all of them. What stands for
    one keeps its text, gets parentheses where it needs them in its new place, and its further lines stand as far in as before. Gives the
    places as `ast_pattern` does. Raises ValueError as that does, and for a template that is no code.
    """

# --- paths and graphs --------------------------------------------------------------------------------------------

class Globs:
    """Globs over root-relative paths, as `rg -g` reads them. Raises ValueError for what is no glob."""

    def __new__(cls, patterns: list[str]) -> Self: ...
    def fits(self, path: str) -> bool:
        """True for a path that one of them fits."""

    def fitting(self, path: str) -> list[int]:
        """The globs that fit a path, counted from 0 in the order given."""

def is_test(path: str) -> bool:
    """True for a test and for what stands in a folder of tests, by the names of the folders and its own."""

def strongly_connected(edges: list[tuple[int, int]]) -> list[list[int]]:
    """The sets of nodes that reach each other: of two or more, and single nodes that have an edge to themselves."""

# --- meaning -----------------------------------------------------------------------------------------------------

HAS_ERRORS: int
TOKEN_SCAN: int
MINIFIED: int
GENERATED: int
"""Flags of a file's facts: it did not parse as a whole, only its tokens were read, it looks minified, it says that it is generated."""

DOUBT_GLOBAL: int
DOUBT_KEY: int
DOUBT_HERITAGE: int
DOUBT_DECORATED: int
DOUBT_OFFERED: int
DOUBT_WHOLE: int
DOUBT_LANGUAGE: int
DOUBT_LOCAL: int
DOUBT_UNREAD: int
DOUBT_CALLED: int
DOUBT_LEFT_OUT: int
DOUBT_FACTORY: int
DOUBT_ROOT: int
DOUBT_CLASS: int
"""Bits for what may use a definition without being seen: other scripts of a page, who reads the keys of an object, a base class from
outside, a decorator, who uses the package, who takes the module as a whole, the language. Or: only its file can;
the file was not read whole; the value comes from a call, which may have kept it; elements of JSX can be made
with it; a file that no other imports exports it again; its class is handed on as a value."""

DEFINITION_KINDS: list[str]
"""How kinds of definitions are called."""

Def: TypeAlias = tuple[int, int]
"""A definition of one generation: file, and row of the file's definitions."""

ReferenceRow: TypeAlias = tuple[int, int, int, int, str, int | None, str, bool]
"""File, occurrence, line, byte offset, role, definition around it, evidence, and whether it declares a local name for the definition."""

RenameSite: TypeAlias = tuple[int, int, int, int, str, bool, bool, bool, str, Def | None, str, int | None]
"""A place with the old name: file, start, end, line; how it is spelt: `plain`, `property` (`{ a }`), `pattern` (`const { a } = x`),
`import`, `export`; whether the name that others see, and the one that stands for it here, belong to what is renamed; whether that here is
the definition's own and no alias; evidence; a definition outside of what is renamed that it means as well; role; definition around it."""

@final
class Description:
    """A definition as it is shown; lines are counted from 1, offsets are bytes."""

    file: int
    definition: int
    name: str
    """With what it belongs to: `Class#method`."""
    bare_name: str
    kind: str
    line: int
    """Of the name."""
    at: int
    """Offset of the name."""
    start: int
    end: int
    body: int
    """Start of the body; the end where there is none."""
    first_line: int
    last_line: int
    doc: tuple[int, int] | None
    """The span of its doc comment."""
    exported: bool
    is_default: bool
    local: bool
    """True when only a function around it can see it."""
    is_member: bool
    is_function_name: bool
    """True for the name of a function expression, which only its body can see."""
    is_overload: bool
    thing: int
    """A number of the thing in its file that it is: merged declarations, and members of one owner, are one."""
    mark: int | None
    """The mark that tells it from others of its file that answer to its name; None where it is the only one."""

@final
class References:
    """Everything that refers to a definition, by file and place."""

    certain: list[ReferenceRow]
    flow: list[ReferenceRow]
    """Occurrences that only the values which calls hand on lead here; nothing that is written may rest on them."""
    possible: list[ReferenceRow]
    """Occurrences with the right name and a receiver that could be anything."""
    mentions: list[ReferenceRow]
    """Names in the prose of comments that mean it: `{@link A}`; a comment needs nothing of what it mentions."""
    names: list[str]
    """The property and export names it goes by."""
    passed_on: int
    """How often it is handed to other code as a value."""

@final
class Reached:
    """A definition, or the top of a file, that a change reaches."""

    file: int
    definition: int | None
    line: int
    at: int
    """Offset of the name, or of the place in a file."""
    column: int | None
    """UTF-16 column, counted from 1; None where that takes the text of the line."""
    mark: int | None
    """As that of a description."""
    via: str
    origin: int
    """The row it was reached from, counted from 1; 0 is a start."""
    distance: int
    possible: bool
    name: str | None
    kind: str | None
    exported: bool

@final
class Impact:
    """Everything that a change reaches, nearest first."""

    rows: list[Reached]
    circles: int
    """How often the walk came back to something it had come from."""
    possible: list[int]
    """The file of everything that is not reached and uses a name of something that is, by a receiver that could be anything."""
    totals: list[tuple[int, int]]
    """Of each start how many rows it reaches alone, and in how many files."""

class FactSource(Protocol):
    """The questions that the linker asks of an index, on the calling thread."""

    def blobs(self, files: list[int]) -> list[bytes]:
        """The stored facts of source files, in their order."""

    def with_name(self, name: str) -> list[int]:
        """The files in which a name may stand: all that have it."""

    def postings(self) -> bytes:
        """A hash (`name_hash`) and a file, four bytes each, for every name of every file."""

@final
class Linker:
    """The meaning of a generation's names (`native/core/link`); answers are kept for all questions of a process.

    Every method runs without the GIL, looks at signals every few milliseconds, and raises what the index's functions raise. A deadline that
    has passed raises nothing: the answer holds what was found, and `is_late` is true.
    """

    def __new__(cls, manifest: Manifest, graph: Graph, index: FactSource) -> Self: ...
    def set_deadline(self, seconds: float | None) -> None:
        """Bound the questions from now on."""

    @property
    def is_late(self) -> bool:
        """True when a question was cut since the deadline was set."""

    @property
    def has_failed(self) -> bool:
        """True when a question ended in a bug, which it raised as a RuntimeError: what the linker remembers is not to be trusted."""

    def counters(self) -> list[int]:
        """Rules run, answers read, answers kept, value sets kept, rows looked at outside of rules."""

    def occurrence_at(self, file: int, offset: int) -> int | None:
        """The occurrence whose span holds a byte offset, else the one that ends there."""

    def definitions_at(self, file: int, occurrence: int) -> list[Def]:
        """Every definition that an occurrence can mean, merged declarations together."""

    def taken_at(self, file: int, occurrence: int) -> list[Def]:
        """What a name stands for beside a binding: in `const { a } = x` what it takes out of `x`, in `{ a }` the member that it is."""

    def account(self, definition: Def) -> tuple[int, int, int, int, int, int, int]:
        """Total, certain, possible, another's, external, unread and unexplained occurrences of all names that a definition goes by."""

    def declared_at(self, file: int, occurrence: int) -> list[Def]:
        """The definitions whose name is that occurrence."""

    def meant_at(self, file: int, occurrence: int) -> list[Def]:
        """As `definitions_at`; of a member that only hands a binding on, what it hands on, unless it is asked for itself."""

    def is_declaration_file(self, file: int) -> bool:
        """True for a file that only declares what is written elsewhere (`.d.ts`)."""

    def imported_here(self, file: int, occurrence: int) -> list[Def]:
        """The import that a name comes by, where what it leads to is a whole module, a package, or not there."""

    def merged(self, definition: Def) -> list[Def]:
        """All declarations of the same binding."""

    def representative(self, definition: Def) -> Def:
        """Of merged declarations the one with a body, else the first."""

    def follow_shorthand(self, definitions: list[Def]) -> list[Def]:
        """Of `{ name }` and `exports.name = name` the local binding; otherwise the definition itself."""

    def follow_export_alias(self, definition: Def) -> list[Def]:
        """Of `exports.a = b` and `module.exports = { a: b }` b; otherwise the definition itself."""

    def origins(self, definition: Def) -> list[Def | None]:
        """The definitions behind an import binding or a `require` constant (None: something without one); otherwise the definition."""

    def named(self, name: str, file: int | None = None) -> list[Def]:
        """Definitions of a name (`res.send`), in one file or in all; locals only where there is nothing else.

        A whole name goes before the end of a longer one: in a file always, in the tree for names of several parts.
        """

    def placed(self, name: str, file: int, offset: int | None, mark: int | None) -> tuple[list[Def], bool]:
        """The definition of a name at a byte offset, else the one with that mark, without one all of that name; and whether it is there."""

    def declaring(self, file: int, occurrence: int) -> Def | None:
        """The definition that an occurrence declares; None for an assignment in a function, which is a write there."""

    def standing_at(self, file: int, offset: int) -> list[Def]:
        """The definitions whose name, or first token where they have none, starts at a byte offset."""

    def called(self, name: str, file: int) -> list[Def]:
        """Definitions of a file whose qualified name is exactly that."""

    def describe(self, definitions: list[Def]) -> list[Description]: ...
    def references(self, definition: Def, *, invoked: bool = False) -> References:
        """The occurrences of a definition, or only those that run it."""

    def alike_at(self, file: int, at: int) -> References | None:
        """What stands for the same as a place; None where that is what refers to the definitions it means."""

    def renaming(
        self, definitions: list[Def], spelt: str | None = None
    ) -> tuple[list[Def], list[RenameSite], list[RenameSite], list[RenameSite]]:
        """The definitions that are renamed together with some, and the places with their name: certain, by flow alone, possible.

        With `spelt` the places of the same chain that are spelt so.
        """

    def hidden_uses(self, definition: Def) -> list[ReferenceRow]:
        """Places that can use a definition without its name, of the role `computed` (`x[key]`) or `escape` (given to what nobody reads)."""

    def files_with(self, name: str) -> list[int]:
        """The source files in which a name may stand."""

    def impact(
        self,
        starts: list[tuple[int, int | None]],
        via: list[str],
        depth: int | None,
        list_possible: bool,
        kept: list[bool],
        kinds: list[str],
        exported: bool,
    ) -> Impact:
        """Rows that a change to definitions, or to files as a whole, reaches. No `via` follows all ways, no `depth` goes to the end.

        The totals count what is in `kept` files (by number; empty: all), of one of the `kinds` (empty: all), and can be imported where
        `exported` asks for that.
        """

    def needs(self, starts: list[tuple[int, int | None]], depth: int | None, kept: list[bool], most: int) -> tuple[list[Reached], int]:
        """The first `most` things that definitions, or files as a whole, need, nearest first, and how many uses on the way are not known.

        `kept` says of each file whether it counts; empty keeps all.
        """

    def uses_in(self, definition: Def, *, invoked: bool = False) -> list[tuple[int, str, str, bool, list[Def], list[Def]]]:
        """Line, name, way (call, type, read), whether it is a property, and the definitions it leads to, of each use in a definition.

        Last the definitions that only flow leads to, where what is invoked is asked for.
        """

    def usages(self, tests: list[bool]) -> list[tuple[Def, int, int, int, int]]:
        """Definition, calls, uses in tests, number of files, and possible calls, of each definition that is used; overloads are one.

        `tests` says which files are tests.
        """

    def outlined(self, file: int, kinds: list[str] = ...) -> list[Def]:
        """Declarations at the top of a file, and their members, by place, of these kinds; none is all."""

    def exports(self, file: int) -> list[tuple[str, Def]]:
        """The exports of a file itself, by name; `=` is the whole of a CommonJS module."""

    def offered(self, entries: list[int]) -> set[Def]:
        """The definitions that entry files give to the world, through all re-exports."""

    def export_uses(self, files: list[int]) -> list[tuple[int, str, Def | None, int | None, int | None, int, list[int], int]]:
        """File, name, definition, or the module that it is as a whole, and where the file hands it on, of each export.

        Then certain uses elsewhere, other files that refer to it, and possible uses; of what is handed on, those by way of that file.
        What comes from outside of the tree has neither definition nor module.
        """

    def unused(
        self, files: list[int], entries: list[int], kinds: list[str], exported: bool, tests: list[bool]
    ) -> list[tuple[Def, str, int]]:
        """Definitions that nothing uses; why: `certain`, `exported`, `member`, `tests` or `possible`; what speaks against it, as bits."""

    def own_places(self, definitions: list[Def]) -> list[list[tuple[int, int, int]]]:
        """Files and spans in which the name of each definition stands for itself, or for what it cannot be."""

    def base_members(self, definition: Def) -> list[Def]:
        """A member and all that it overrides or implements."""

    def overriding_members(self, definition: Def) -> list[Def]:
        """Every member of the tree that overrides or implements it."""

    def around_line(self, file: int, start: int, end: int) -> list[int]:
        """The outermost definition that begins on a line, all where there are several; else the innermost one around it."""

    def innermost(self, file: int, offsets: list[int]) -> list[int | None]:
        """The innermost named definition around each byte offset, properties of literals included; the offsets ascend."""

    def names_near(self, file: int, offset: int, most: int) -> list[str]:
        """The names that stand nearest to a byte offset."""

    def names_in(self, file: int) -> list[str]:
        """The names of a file's definitions, imports left out."""

    def lines(self, file: int) -> tuple[list[int], int, bool]:
        """The starts of a file's lines, its length, and whether it is all ASCII."""

    def shown_lines(
        self, manifest: Manifest, root: str, places: list[tuple[int, int, int]]
    ) -> tuple[list[tuple[int, str | None]], list[int]]:
        """UTF-16 column and text of each place (file, line, byte offset), and the files that changed since the manifest was made."""

    def meanings(
        self, file: int, members: list[str] | None = None
    ) -> tuple[list[tuple[int, int, int | None, int]], list[list[tuple[int, int, int, int]]]]:
        """What every occurrence of a file leads to; with names, only those that lead out of it, and of members only those with one of them.

        First the occurrences by place: start, end, where the name of the binding stands that it names, and the number of a set. Then the
        sets of definitions: file, row, offset of the name, and the number of the thing that it is. A name of a binding with nothing known
        behind it leads to the binding. Answers are as far as there was time.
        """

    def has_unknown_receiver(self, file: int, offset: int) -> bool:
        """True for `x.name` at a byte offset where not all is known that x can be."""

    def definitions_in(self, file: int, spans: list[tuple[int, int]]) -> list[tuple[int, int, int, str, bool]]:
        """Row, start and end of the name, qualified name, and whether only a function around it sees it, of definitions named in spans.

        The spans ascend; the definitions are in order of place, imports and locals among them.
        """

    def dangling_specifiers(self, file: int) -> list[tuple[int, int]]:
        """The spans of names in import and export specifiers that another file of the tree is known not to export."""

    def import_spans(self, file: int) -> list[tuple[int, int]]:
        """The spans of the specifiers of a file's imports, without quotes, in the order of their rows."""

    def import_lines(self, imports: list[tuple[int, int]]) -> list[int]:
        """The lines of imports, given by file and row."""

    def import_places(self, imports: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
        """Line, start and end of the specifiers of imports, given by file and row; quotes are outside."""

    def sizes(self, files: list[int]) -> list[tuple[int, int, int]]:
        """Line ends, bytes and flags of files; no bytes where no facts were read."""
