"""Edits of functions, by their tokens: bugs, as mutation testing seeds them, and edits that keep what the code does."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

from clew.causes.tokens import Token, tokens_of

FLIPPED = {"===": "!==", "!==": "===", "==": "!=", "!=": "==", "<": ">=", ">": "<=", "<=": ">", ">=": "<"}
BOUNDARY = {"<": "<=", ">": ">=", "<=": "<", ">=": ">"}
SWAPPED = {"&&": "||", "||": "&&"}
OPERATORS = {"comparison flipped": FLIPPED, "off by one": BOUNDARY, "and for or": SWAPPED}
ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*"}
KEYWORDS = frozenset(
    {
        *("const", "let", "var", "if", "else", "for", "while", "do", "return", "throw", "function", "class", "switch", "case", "default"),
        *("try", "catch", "finally", "break", "continue", "new", "typeof", "import", "export", "async", "await", "yield", "delete"),
        *("in", "of", "instanceof", "void", "this", "super"),
    }
)
_STATEMENT = re.compile(r"^(?:await )?[A-Za-z_$][\w$.]*(?:\(.*\)| ?=[^=>].*);?$")
_SIMPLE = re.compile(r"^(?:const|let|var) ([A-Za-z_$][\w$]*) = ([\w$.'\"\[\] +-]+);?$")


class Edit(NamedTuple):
    """Text in place of a span of a function."""

    what: str
    start: int
    end: int
    text: str


class Function:
    """The text of a function with a block as its body, and its tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokens_of(text)
        self.body = self._body()

    def _body(self) -> int | None:
        """The number of the brace that opens the body; None for an arrow without one."""
        depth, seen = 0, False
        for at, token in enumerate(self.tokens):
            if token.text == "(":
                depth, seen = depth + 1, True
            elif token.text == ")":
                depth -= 1
            elif token.text == "{" and depth == 0 and seen:
                return at
        return None

    @property
    def inner(self) -> list[tuple[int, Token]]:
        """The tokens of the body, with their numbers."""
        return [] if self.body is None else list(enumerate(self.tokens))[self.body + 1 : -1]

    def lines(self) -> Iterator[tuple[int, int, str]]:
        """Start, end and text of each whole line of the body that is balanced in itself, and stands between statements."""
        if self.body is None:
            return
        at = self.text.find("\n", self.tokens[self.body].start) + 1
        before = "{"
        while 0 < at < len(self.text):
            end = self.text.find("\n", at)
            if end < 0:
                return
            line = self.text[at:end].strip()
            behind = self.text[end + 1 :].lstrip()[:1]
            if line and before in {";", "{", "}"} and _balanced(line) and behind not in {".", "?", ":", "+", "&", "|", ",", "("}:
                yield at, end + 1, line
            before = line[-1:] or before
            if line.startswith(("//", "*", "/*")):
                before = ";"
            elif before not in {";", "{", "}"} and (_balanced(line) and _STATEMENT.match(line)):
                before = ";"  # code without semicolons
            at = end + 1

    def indentation(self) -> str:
        """That of the first line of the body."""
        if self.body is None or self.body + 1 >= len(self.tokens):
            return "  "
        start = self.tokens[self.body + 1].start
        line = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        return line if not line.strip() else "  "

    def top(self, what: str, statement: str) -> Edit:
        """A statement put in at the top of the body."""
        at = self.tokens[self.body or 0].start + 1
        return Edit(what, at, at, f"\n{self.indentation()}{statement}")


def _balanced(line: str) -> bool:
    depth = 0
    for token in tokens_of(line):
        depth += token.text in {"(", "[", "{"}
        depth -= token.text in {")", "]", "}"}
        if depth < 0:
            return False
    return depth == 0


def bugs(function: Function) -> list[Edit]:
    """Every bug that can be seeded into a function."""
    found = [edit for at, token in function.inner for edit in _bugs_at(function.tokens, at, token)]
    for start, end, line in function.lines():
        if _STATEMENT.match(line) and line.split("(")[0].split(" ")[0] not in KEYWORDS:
            found.append(Edit("statement removed", start, end, ""))
    if function.body is not None:
        found.append(function.top("early return", "return;"))
    return found


def _bugs_at(tokens: list[Token], at: int, token: Token) -> Iterator[Edit]:
    """The bugs that are another token in place of one, or two in another order."""
    before, after, text = tokens[at - 1], tokens[at + 1], token.text
    put: list[tuple[str, str]] = []
    if token.kind == "sign" and before.text != "(" and not _is_generic(tokens, at):
        put += [(what, table[text]) for what, table in OPERATORS.items() if text in table]
    if text in ARITHMETIC and _is_value(before) and "string" not in {before.kind, after.kind}:
        put.append(("wrong operator", ARITHMETIC[text]))
    if token.kind == "number" and text.isdigit():
        put.append(("off by one", str(int(text) + 1)))
    if text in {"true", "false"}:
        put.append(("wrong constant", "false" if text == "true" else "true"))
    if token.kind == "string" and text[1:-1] and "require" not in {before.text, tokens[at - 2].text}:
        put.append(("wrong constant", f"{text[:-1]}x{text[-1]}"))
    if text == "!" and after.text != "=":
        put.append(("dropped negation", ""))
    yield from (Edit(what, token.start, token.start + len(text), instead) for what, instead in put)
    if text == "(" and before.kind == "word" and before.text not in KEYWORDS and (swap := _swap(tokens, at)) is not None:
        yield swap


def _is_generic(tokens: list[Token], at: int) -> bool:
    """True for `<` and `>` that may be those of types."""
    return tokens[at].text in {"<", ">"} and not (
        _is_value(tokens[at - 1]) and tokens[at + 1].kind in {"number", "word"} and tokens[at + 2].text in {")", ";", "&&", "||", "?"}
    )


def _is_value(token: Token) -> bool:
    return (token.kind in {"word", "number"} and token.text not in KEYWORDS) or token.text in {")", "]"}


def _swap(tokens: list[Token], at: int) -> Edit | None:
    """The first two arguments of a call changed for each other, where both are plain."""
    if at + 4 >= len(tokens):
        return None
    one, comma, other, close = tokens[at + 1 : at + 5]
    plain = {"word", "number", "string"}
    if comma.text != "," or close.text not in {")", ","} or one.kind not in plain or other.kind not in plain or one.text == other.text:
        return None
    if {one.text, other.text} & KEYWORDS - {"this"} or tokens[at - 2].text in {"function", "async"}:
        return None
    depth = 0
    for token in tokens[at:]:
        depth += (token.text == "(") - (token.text == ")")
        if depth == 0:
            behind = tokens.index(token) + 1
            if behind < len(tokens) and tokens[behind].text in {"{", "=>"}:
                return None
            break
    return Edit("swapped arguments", one.start, other.start + len(other.text), f"{other.text}, {one.text}")


def innocent(function: Function, choose: random.Random) -> tuple[str, list[Edit]] | None:
    """An edit of a function that keeps what it does; None where none of those that were tried fits."""
    ways = list(WAYS)
    choose.shuffle(ways)
    for what in ways:
        edits = WAYS[what](function, choose)
        if edits:
            return what, edits
    return None


def _rename(function: Function, choose: random.Random) -> list[Edit]:
    names = [
        function.tokens[at + 1].text
        for at, token in function.inner
        if token.text in {"const", "let", "var"} and function.tokens[at + 1].kind == "word" and function.tokens[at + 2].text == "="
    ]
    fit = [name for name in dict.fromkeys(names) if names.count(name) == 1 and _can_be_renamed(function, name)]
    if not fit:
        return []
    name = choose.choice(fit)
    to = f"{name}Value"
    places = [token for token in function.tokens if token.text == name and token.kind == "word"]
    return [Edit("local renamed", token.start, token.start + len(name), to) for token in places]


def _can_be_renamed(function: Function, name: str) -> bool:
    tokens = function.tokens
    for at, token in enumerate(tokens):
        if token.kind == "template" and re.search(rf"\b{re.escape(name)}\b", token.text):
            return False
        if token.text != name or token.kind != "word":
            continue
        before, after = tokens[at - 1].text, tokens[at + 1].text if at + 1 < len(tokens) else ""
        if before in {".", "?."} or after == ":" or (before in {"{", ","} and after in {",", "}"}):
            return False
    return not any(token.text == f"{name}Value" for token in tokens)


def _extract(function: Function, choose: random.Random) -> list[Edit]:
    found = [
        token
        for at, token in function.inner
        if token.kind in {"number", "string"}
        and function.tokens[at + 1].text != ":"
        and function.tokens[at - 1].text not in {"case", "import", "from", "{", ";", "<", ":", "|"}
        and function.tokens[at - 2].text not in {"require", "import"}
    ]
    if not found or function.body is None or not function.tokens[function.body + 1].fresh:
        return []
    token = choose.choice(found)
    name = "DEFAULT_VALUE" if token.kind == "number" else "DEFAULT_TEXT"
    return [
        function.top("constant extracted", f"const {name} = {token.text};"),
        Edit("constant extracted", token.start, token.start + len(token.text), name),
    ]


def _reorder(function: Function, choose: random.Random) -> list[Edit]:
    lines = list(function.lines())
    pairs = []
    for one, other in pairwise(lines):
        a, b = _SIMPLE.match(one[2]), _SIMPLE.match(other[2])
        if a and b and one[1] == other[0] and a[1] not in b[2] and b[1] not in a[2]:
            pairs.append((one, other))
    if not pairs:
        return []
    one, other = choose.choice(pairs)
    text = function.text
    return [Edit("statements reordered", one[0], other[1], text[other[0] : other[1]] + text[one[0] : one[1]])]


def _parameter(function: Function, _: random.Random) -> list[Edit]:
    """An optional parameter behind the last one, and code that only it leads to."""
    tokens, depth = function.tokens, 0
    for at, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")")
        if token.text == ")" and depth == 0:
            if function.body is None or at + 1 != function.body or any(one.text == "..." for one in tokens[:at]):
                return []
            comma = "" if tokens[at - 1].text == "(" else ", "
            guarded = function.top("optional parameter", "if (extra !== undefined) { console.debug(extra) }")
            return [Edit("optional parameter", token.start, token.start, f"{comma}extra"), guarded]
    return []


def _log(function: Function, _: random.Random) -> list[Edit]:
    return [function.top("logging", "if (process.env.TRACE_CALLS) console.error('called')")] if function.body is not None else []


def _helper(function: Function, _: random.Random) -> list[Edit]:
    if function.body is None:
        return []
    return [function.top("code that nothing calls", "function inspectState() { return { at: Date.now(), seen: [] } }")]


def _comment(function: Function, _: random.Random) -> list[Edit]:
    return [function.top("comment", "// Callers rely on the order of what follows.")] if function.body is not None else []


def _operands(function: Function, choose: random.Random) -> list[Edit]:
    """The operands of an equality changed for each other."""
    found = []
    tokens = function.tokens
    for at, token in function.inner:
        if token.text in {"===", "!=="} and at + 2 < len(tokens):
            one, other, before, after = tokens[at - 1], tokens[at + 1], tokens[at - 2].text, tokens[at + 2].text
            plain = all(part.kind in {"word", "number", "string"} and part.text not in KEYWORDS for part in (one, other))
            if plain and before in {"(", "&&", "||", "return", "="} and after in {")", "&&", "||", ";", "?"}:
                found.append(Edit("operands swapped", one.start, other.start + len(other.text), f"{other.text} {token.text} {one.text}"))
    return [choose.choice(found)] if found else []


def _temporary(function: Function, choose: random.Random) -> list[Edit]:
    """The value that is returned gets a name first."""
    found = [(start, end, line) for start, end, line in function.lines() if re.match(r"^return [^;{]+;?$", line) and _balanced(line)]
    if not found:
        return []
    start, end, line = choose.choice(found)
    indent = function.text[start : start + len(function.text[start:end]) - len(function.text[start:end].lstrip())]
    value = line.removeprefix("return ").rstrip(";")
    return [Edit("value named", start, end, f"{indent}const outcome = {value};\n{indent}return outcome;\n")]


WAYS: dict[str, Callable[[Function, random.Random], list[Edit]]] = {
    "local renamed": _rename,
    "constant extracted": _extract,
    "statements reordered": _reorder,
    "optional parameter": _parameter,
    "logging": _log,
    "code that nothing calls": _helper,
    "comment": _comment,
    "operands swapped": _operands,
    "value named": _temporary,
}
"""Edits that keep what a function does, by what they do."""


def applied(text: str, edits: list[Edit]) -> str:
    """A text after edits that do not overlap."""
    for edit in sorted(edits, key=lambda edit: -edit.start):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
