"""The facts of one file, as columns: what `native/` wrote, read without copying.

Every table is a set of columns of equal length; a row is an index into them. `NONE` stands where a row has no such thing. Spans
are UTF-8 byte offsets. The meaning of each column is told where it is written, in `native/core/facts/tables.rs`.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from clew import _native

NONE = 0xFFFFFFFF


class Kind:
    """Kinds of definitions (LSP `SymbolKind`, in our order)."""

    VARIABLE, CONSTANT, FUNCTION, CLASS, METHOD, GETTER, SETTER, FIELD, PARAMETER, IMPORT = range(10)
    INTERFACE, TYPE, ENUM, ENUM_MEMBER, NAMESPACE, TYPE_PARAMETER, CONSTRUCTOR = range(10, 17)


KIND_NAMES = (
    "variable",
    "constant",
    "function",
    "class",
    "method",
    "getter",
    "setter",
    "field",
    "parameter",
    "import",
    "interface",
    "type",
    "enum",
    "enumMember",
    "namespace",
    "typeParameter",
    "constructor",
)


class Flag:
    """Flags of definitions."""

    EXPORTED, DEFAULT, LOCAL, STATIC, ASYNC, GENERATOR, OPTIONAL, READONLY = (1 << i for i in range(8))
    AMBIENT, PRIVATE, ABSTRACT, ASSIGNED, PROTOTYPE, FUNCTION_NAME, COMPUTED = (1 << i for i in range(8, 15))
    REST, SHORTHAND, OVERLOAD, DESTRUCTURED, JSDOC = (1 << i for i in range(15, 20))


class Role:
    """What an occurrence does; bits can be combined."""

    READ, WRITE, CALL, NEW, TYPE, IMPORT, EXPORT, MEMBER, DECLARES = (1 << i for i in range(9))
    JSX, TAGGED, DECORATOR, HERITAGE, SHORTHAND, DESTRUCTURE_KEY, ELEMENT, TYPEOF, ARGUMENT, DELETE, JSDOC = (1 << i for i in range(9, 20))
    INVOKES = CALL | NEW | JSX | TAGGED | DECORATOR


class Node:
    """Kinds of nodes of the value and type graph."""

    IDENT, MEMBER, CALL, NEW, REQUIRE, DYNAMIC_IMPORT, AWAIT, THIS, SUPER, FUNCTION, CLASS, OBJECT, ARRAY, CHOICE, LITERAL = range(15)
    INDEX, ELEMENT, CAST, MODULE_EXPORTS, META, REST, YIELD, IMPORTED, PROTOTYPE, ASSIGNED, PARAM = range(15, 26)
    TYPE_REF, UNION, INTERSECTION, ARRAY_TYPE, TUPLE, FUNCTION_TYPE, OBJECT_TYPE, TYPE_QUERY, IMPORT_TYPE, KEY_OF = range(40, 50)
    INDEXED_ACCESS, CONDITIONAL, MAPPED, LITERAL_TYPE, KEYWORD, TYPE_PREDICATE = range(50, 56)


class ImportKind:
    """How a file names another."""

    IMPORT, EXPORT_FROM, REQUIRE, DYNAMIC, IMPORT_TYPE, IMPORT_EQUALS, SIDE_EFFECT, REQUIRE_RESOLVE, MOCK, JSDOC = range(10)
    AUGMENT = 13
    """`declare module './x'`: adds to the types of a module, without importing it."""


IMPORT_KIND_NAMES = (
    "import",
    "export-from",
    "require",
    "dynamic",
    "import-type",
    "import-equals",
    "side-effect",
    "require-resolve",
    "mock",
    "jsdoc",
    "glob",
    "path",
    "script",
    "augment",
)


class ImportFlag:
    """Flags of imports."""

    TYPE_ONLY, LAZY, CONDITIONAL = 1, 2, 4


class FileFlag:
    """Flags of a whole file."""

    ASCII, HAS_ERRORS, MINIFIED, GENERATED, TOKEN_SCAN, SCRIPT_BLOCKS, COMMONJS, ESM, TYPESCRIPT, DECLARATIONS = (1 << i for i in range(10))


# Column names in the order of a blob's columns.
_COLUMNS = tuple(
    f"{table}_{column}"
    for table, columns in (
        ("def", "name kind start_name end_name start end body parent owner value type symbol flags doc_start doc_end"),
        ("node", "kind a b start end"),
        ("occ", "name start end role target node within"),
        ("imp", "specifier start end kind flags"),
        ("bind", "import name local occurrence flags"),
        ("exp", "name definition value import imported occurrence flags"),
        ("fn", "definition params returns type owner this context_call context_position flags node"),
        ("cls", "definition node extends implements flags type_parameters"),
        ("lists", "items"),
        ("problem", "message start"),
        ("lines", "start"),
        ("meta", "length flags version"),
    )
    for column in columns.split()
)
_SLOT = {column: slot for slot, column in enumerate(_COLUMNS)}


class Facts:
    """One file's tables. `facts.def_name[3]` is the name (a string id) of definition 3; `facts.strings` resolves it."""

    def __init__(self, blob: bytes) -> None:
        self._blob = _native.Blob(blob)
        self.string_id = self._blob.string_id

    def __getattr__(self, column: str) -> memoryview[int]:
        slot = _SLOT.get(column)
        if slot is None:
            raise AttributeError(column)
        view = memoryview(self._blob.column(slot)).cast("I")
        setattr(self, column, view)  # from now on found without coming here
        return view

    @cached_property
    def strings(self) -> list[str]:
        """All strings of the file, by their ids."""
        return self._blob.strings

    def where(self, column: str, value: int) -> list[int]:
        """Rows of `column` that hold `value`, ascending."""
        return self._blob.where(_SLOT[column], value)

    def where_name(self, column: str, name: str) -> list[int]:
        """Rows of `column` that hold the string `name`, ascending."""
        return self._blob.where_name(_SLOT[column], name)

    def text(self, string: int) -> str:
        """A string by its id; empty for NONE."""
        return "" if string == NONE else self._blob.string(string)

    def name(self, definition: int) -> str:
        """The name of a definition."""
        return self._blob.string(self.def_name[definition])

    def items(self, at: int) -> list[int]:
        """A list by its id; empty for NONE."""
        if at == NONE:
            return []
        lists = self.lists_items
        return lists[at + 1 : at + 1 + lists[at]].tolist()

    def line_of(self, offset: int) -> int:
        """The line of a byte offset, counted from 1."""
        return bisect_right(self.lines_start, offset)

    @property
    def flags(self) -> int:
        """The file's flags (`FileFlag`)."""
        return self.meta_flags[0]

    def occurrence_at(self, offset: int) -> int | None:
        """The occurrence whose span holds `offset`, or ends there."""
        row = bisect_right(self.occ_start, offset) - 1
        best = None
        while row >= 0 and self.occ_start[row] + 256 > offset:
            if self.occ_start[row] <= offset <= self.occ_end[row]:
                if offset < self.occ_end[row]:
                    return row
                best = row if best is None else best
            row -= 1
        return best
