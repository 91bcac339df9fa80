"""Names that the language takes."""

from __future__ import annotations

from clew.errors import InvalidRequest, UnsafeEdit

RESERVED = frozenset(
    {
        *("arguments", "await", "break", "case", "catch", "class", "const", "continue", "debugger", "default", "delete", "do", "else"),
        *("enum", "eval", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import", "in", "instanceof"),
        *("interface", "let", "new", "null", "package", "private", "protected", "public", "return", "static", "super", "switch", "this"),
        *("throw", "true", "try", "typeof", "var", "void", "while", "with", "yield"),
    }
)
"""Words that name no binding in a module: keywords, future keywords, what strict code forbids to bind. ECMA-262, §12.7.2, §13.1.1."""

_LANGUAGE = frozenset({"constructor", "prototype", "__proto__"})
"""Members that the language itself reads."""


def is_identifier(name: str) -> bool:
    """True for what can stand as a name without quotes; a private one has its `#`."""
    bare = name.removeprefix("#")
    return bare.replace("$", "_").replace("\u200c", "_").replace("\u200d", "_").isidentifier()


def refuse_name(old: str, new: str, *, is_member: bool) -> None:
    """Raise InvalidRequest for a new name that is none or the old one, UnsafeEdit for one that the language keeps to itself."""
    if new == old:
        raise InvalidRequest(f"It is called {old} already")
    if not is_identifier(new) or (new.startswith("#") and not old.startswith("#")):
        raise InvalidRequest(f"{new!r} is no name", given=new)
    if not is_member and new in RESERVED:
        raise UnsafeEdit(f"{new} is a word of the language and cannot be bound")
    if is_member and new in _LANGUAGE:
        raise UnsafeEdit(f"{new} is a member that the language reads itself")
