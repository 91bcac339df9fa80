"""The command line as values: every flag of a command, parsed left to right.

argparse is not used: it cannot say which operation a request flag stands behind (docs/decisions/0002-commands-parse-their-own-lines.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from clew.cli._flags import FLAGS, OPERATIONS
from clew.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

# flag -> (name, shape, *choices): `word?` takes a word when one follows, else it is None; `words` is repeatable.
COMMON: dict[str, tuple[str, ...]] = {
    "--session-start": ("session_start", "word?"),
    "--session_start": ("session_start", "word?"),
    "--save-session": ("save_session", "word"),
    "--session-continue": ("session_continue", "word?"),
    "--session_continue": ("session_continue", "word?"),
    "--from": ("from", "word"),
    "--ttl": ("ttl", "seconds"),
    "--pin": ("pin", "switch"),
    "--revive": ("revive", "switch"),
    "--idempotency-key": ("idempotency_key", "word"),
    "--goal": ("goal", "word"),
    "--note": ("note", "word"),
    "--agent": ("agent", "word"),
    "--no-record": ("no_record", "switch"),
    "--cleanup": ("cleanup", "switch"),
    "--check-cache": ("check_cache", "switch"),
    "--no-cache": ("no_cache", "switch"),
    "--clear-cache": ("clear_cache", "switch"),
    "--refresh": ("refresh", "switch"),
    "--strict": ("strict", "switch"),
    "--deadline": ("deadline", "time"),
    "--progress": ("progress", "word", "auto", "always", "never"),
    "--json": ("json", "switch"),
    "--pretty": ("pretty", "switch"),
    "--root": ("root", "word"),
    "--help": ("help", "switch"),
    "-h": ("help", "switch"),
    "--version": ("version", "switch"),
}

# Flags that belong to one operation, whichever it is.
PER_OPERATION: dict[str, tuple[str, str]] = {
    "--match": ("match", "word"),
    "--input-from": ("input_from", "word"),
    "--changed": ("changed", "word?"),
    "--store-as": ("store_as", "word"),
    "--limit": ("limit", "number"),
    "--after": ("after", "word"),
    "--budget": ("budget", "number"),
    "--fields": ("fields", "word"),
}

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class ParsedOperation(msgspec.Struct):
    """One operation as typed: its words, the fields of its request, and the flags every operation has."""

    operation: str
    flag: str
    words: list[str] = msgspec.field(default_factory=list)
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    own: dict[str, Any] = msgspec.field(default_factory=dict)


class Line(msgspec.Struct):
    """A command line, parsed: the operations in order, and everything that is about the call as a whole."""

    operations: list[ParsedOperation] = msgspec.field(default_factory=list)
    common: dict[str, Any] = msgspec.field(default_factory=dict)
    own: dict[str, Any] = msgspec.field(default_factory=dict)
    """Flags of an operation that stand before the first one, when there is none."""


def parse(command: str, argv: list[str]) -> Line:
    """Read a command line; raises UsageError, whose hint is the same line, corrected, where there is a likely one."""
    return _Reader(command, argv).read()


class _Reader:
    """Walks a command line once, left to right."""

    def __init__(self, command: str, argv: list[str]) -> None:
        self.command = command
        self.operations: Mapping[str, str] = OPERATIONS.get(command, {})
        self.argv = argv
        self.at = 0
        self.line = Line()
        self.open: ParsedOperation | None = None
        self.early: list[tuple[str, str, Any]] = []

    def read(self) -> Line:
        while self.at < len(self.argv):
            word = self.argv[self.at]
            self.at += 1
            if word == "--":
                self.open = self.line.operations[-1] if self.line.operations else None
                for rest in self.argv[self.at :]:
                    self.word(rest)
                break
            if _is_flag(word):
                self.flag(word)
            else:
                self.word(word)
        if self.line.common.get("help"):
            return self.line
        for flag, name, value in self.early:
            self.give(flag, name, value)
        for typed in self.line.operations:
            self.count(typed)
        return self.line

    def word(self, word: str) -> None:
        if self.open is None or not FLAGS[self.open.operation][1]:
            raise UsageError(f"{word!r} stands behind no flag that takes it", hint=self.hint_for_word(word))
        self.open.words.append(word)

    def flag(self, word: str) -> None:
        flag, equals, tail = word.partition("=")
        attached = tail if equals else None
        operations = self.line.operations
        behind, self.open = self.open, None
        if flag in COMMON:
            name, shape, *choices = COMMON[flag]
            _keep(self.line.common, name, self.value(flag, shape, tuple(choices), attached), flag)
        elif flag in self.operations:
            self.open = ParsedOperation(self.operations[flag], flag)
            operations.append(self.open)
            if attached is not None:
                self.word(attached)
        elif flag in PER_OPERATION:
            name, shape = PER_OPERATION[flag]
            _keep(operations[-1].own if operations else self.line.own, name, self.value(flag, shape, (), attached), flag)
        elif operations and flag in FLAGS[operations[-1].operation][4]:
            name, shape, own = FLAGS[operations[-1].operation][4][flag]
            _keep(operations[-1].fields, name, self.value(flag, shape, own, attached), flag)
        else:
            found = None if operations else self.anywhere(flag)
            if found is None:
                raise self.unknown(flag, word, behind)
            self.early.append((flag, found[0], self.value(flag, found[1], found[2], attached)))

    def anywhere(self, flag: str) -> tuple[str, str, tuple[str, ...]] | None:
        """Some operation's reading of a flag; a test sees to it that all operations of this command read it alike."""
        return next((row[4][flag] for row in FLAGS.values() if self.command in row[0] and flag in row[4]), None)

    def give(self, flag: str, name: str, value: Any) -> None:  # noqa: ANN401 - of the flag's shape
        """A request flag before the first operation belongs to all that take it; their own comes on top."""
        takers = [typed for typed in self.line.operations if flag in FLAGS[typed.operation][4]]
        if not takers:
            raise UsageError(f"no operation of this call takes {flag}")
        for typed in takers:
            if isinstance(value, list):
                typed.fields[name] = [*value, *typed.fields.get(name, ())]
            else:
                typed.fields.setdefault(name, value)

    def value(self, flag: str, shape: str, choices: tuple[str, ...], attached: str | None) -> Any:  # noqa: ANN401 - of the shape
        if shape == "switch":
            if attached is not None:
                raise UsageError(f"{flag} takes no value", hint=self.again(f"{flag}={attached}", flag))
            return True
        text = attached if attached is not None else self.following()
        if shape == "word?":
            return text
        if text is None:
            raise self.missing(flag, shape)
        if choices and text not in choices:
            from clew.near import near  # only who errs pays

            candidates = near(text, choices) or choices
            raise UsageError(f"{flag} takes one of {', '.join(choices)}, not {text!r}", given=text, candidates=candidates)
        value = value_of(shape, flag, text)
        return [value] if shape in {"words", "numbers"} else value

    def following(self) -> str | None:
        if self.at == len(self.argv) or _is_flag(self.argv[self.at]):
            return None
        self.at += 1
        return self.argv[self.at - 1]

    def missing(self, flag: str, shape: str) -> UsageError:
        """Nothing stands behind a flag that needs a value; a word with a dash before it can be meant."""
        word = self.argv[self.at] if self.at < len(self.argv) else "--"
        if shape.startswith("number") and word[1:].isdigit():
            return UsageError(f"{flag} takes a whole number of 0 or more, not {word!r}", given=word, candidates=(word[1:],))
        if word != "--" and not word[1:].isdigit() and not self.known(word.partition("=")[0]):
            return self.dashed(flag, word, self.at)
        return UsageError(f"{flag} needs a value")

    def dashed(self, flag: str, word: str, at: int) -> UsageError:
        argv = [*self.argv[: at - 1], f"{flag}={word}", *self.argv[at + 1 :]]
        return UsageError(f"{flag} needs a value, and {word!r} reads like a flag", hint=command_line(self.command, argv))

    def known(self, flag: str) -> bool:
        return flag in COMMON or flag in PER_OPERATION or _command_of(flag) is not None or self.anywhere(flag) is not None

    def unknown(self, flag: str, word: str, behind: ParsedOperation | None) -> UsageError:
        """The error about a flag that is not taken here."""
        from clew.near import near  # only who errs pays

        other = _command_of(flag)
        if other is not None:
            return UsageError(f"{flag} is a flag of {other}", hint=command_line(other, self.argv))
        operations = self.line.operations
        if operations and self.anywhere(flag):
            takers = [operation for operation, name in self.operations.items() if flag in FLAGS[name][4]]
            hint = self.example(operations[-1].operation)
            return UsageError(f"{flag} is not a flag of {operations[-1].flag}", hint=hint, candidates=tuple(takers[:5]))
        own = {flag for row in FLAGS.values() if self.command in row[0] for flag in row[4]}
        candidates = near(flag, own | set(self.operations) | set(COMMON) | set(PER_OPERATION)) if flag.startswith("--") else ()
        if not candidates and behind is not None and len(behind.words) < FLAGS[behind.operation][2]:
            return self.dashed(behind.flag, word, self.at - 1)
        hint = self.again(word, word.replace(flag, candidates[0], 1)) if candidates else None
        return UsageError(f"{self.command} has no flag {flag}", hint=hint, candidates=candidates)

    def hint_for_word(self, word: str) -> str | None:
        """The last operation can take the word, when it stands right behind its flag."""
        if not self.line.operations:
            return self.again(word, f"--search {word}") if self.command == "js-scan" and len(self.argv) == 1 else None
        typed = self.line.operations[-1]
        if not FLAGS[typed.operation][1] or typed.flag not in self.argv:
            return None
        rest = [*self.argv[: self.at - 1], *self.argv[self.at :]]
        place = rest.index(typed.flag) + 1 + len(typed.words)
        return command_line(self.command, [*rest[:place], word, *rest[place:]])

    def count(self, typed: ParsedOperation) -> None:
        """Raise UsageError for an operation with too few words behind it, or too many."""
        _, values, least, most, _ = FLAGS[typed.operation]
        if len(typed.words) < least:
            needed = "a value" if least == 1 else f"{least} values"
            raise UsageError(f"{typed.flag} needs {needed}", hint=self.example(typed.operation))
        if values and most is not None and len(typed.words) > most:
            raise UsageError(f"{typed.flag} takes at most {most}, not {len(typed.words)}", hint=self.example(typed.operation))

    def example(self, name: str) -> str | None:
        """The line that the help of an operation shows."""
        from clew.cli.help import example_of  # only who errs pays

        return example_of(name, self.command)

    def again(self, wrong: str, right: str) -> str:
        """The line as typed, with one word put right."""
        return command_line(self.command, [part for word in self.argv for part in (right.split(" ") if word == wrong else [word])])


def plain(command: str, argv: list[str], flags: Mapping[str, tuple[str, ...]]) -> tuple[list[str], dict[str, Any]]:
    """Words and flags of a line without operations; the flags are `flag -> (name, shape, *choices)`."""
    reader = _Reader(command, argv)
    words: list[str] = []
    given: dict[str, Any] = {}
    while reader.at < len(argv):
        word = argv[reader.at]
        reader.at += 1
        flag, equals, tail = word.partition("=")
        if word == "--":
            return [*words, *argv[reader.at :]], given
        if not _is_flag(word):
            words.append(word)
        elif flag in flags:
            name, shape, *choices = flags[flag]
            _keep(given, name, reader.value(flag, shape, tuple(choices), tail if equals else None), flag)
        else:
            from clew.near import near  # only who errs pays

            candidates = near(flag, flags)
            hint = reader.again(word, word.replace(flag, candidates[0], 1)) if candidates else f"{command} --help"
            raise UsageError(f"{command} has no flag {flag}", hint=hint, candidates=candidates)
    return words, given


def value_of(shape: str, name: str, text: str) -> Any:  # noqa: ANN401 - of the shape
    """A word read as the value of a shape: `8h` as seconds, `3` as a number, a word as itself. Raises UsageError."""
    return _READ[shape](name, text) if shape in _READ else text


def command_line(command: str, argv: list[str]) -> str:
    """A line that can be pasted into a shell."""
    from shlex import join  # only hints need it

    return f"{command} {join(argv)}"


def in_command(command: str, line: str) -> str:
    """A line in the command that the caller uses, where that has the flag, too; any other line as it is."""
    other, blank, rest = line.partition(" ")
    flag = rest.partition(" ")[0].partition("=")[0]
    return command + blank + rest if flag in OPERATIONS.get(other, {}) and flag in OPERATIONS.get(command, {}) else line


def _command_of(flag: str) -> str | None:
    """The first command that has this flag of an operation."""
    return next((command for command, flags in OPERATIONS.items() if flag in flags), None)


def _is_flag(word: str) -> bool:
    return len(word) > 1 and word[0] == "-"


def _keep(where: dict[str, Any], name: str, value: Any, flag: str) -> None:  # noqa: ANN401 - of the flag's shape
    if isinstance(value, list):
        where[name] = [*where.get(name, ()), *value]
    elif where.get(name) not in (None, value) and value is not None:
        raise UsageError(f"{flag} is given as {where[name]!r} and as {value!r}")
    elif value is not None or name not in where:
        where[name] = value


def _number(flag: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 9:  # noqa: PLR2004 - a billion rows are no page
        raise UsageError(f"{flag} takes a whole number, not {text!r}")
    return int(text)


def _seconds(flag: str, text: str) -> float:
    """Durations as `90`, `90s`, `15m`, `8h`, `2d`, `1w`."""
    digits, unit = (text[:-1], text[-1]) if text and text[-1] in _UNITS else (text, "s")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9 or int(digits) == 0:  # noqa: PLR2004 - thirty years
        raise UsageError(f"{flag} takes a time like 90s, 15m, 8h or 2d, not {text!r}")
    return float(int(digits) * _UNITS[unit])


def _time(flag: str, text: str) -> float:
    """Seconds as `0`, `0.5`, `10`, `10s` or `2m`."""
    digits, unit = (text[:-1], text[-1]) if text and text[-1] in _UNITS else (text, "s")
    whole, _, part = digits.partition(".")
    if not (f"{whole}{part}".isdigit() and digits.isascii()) or len(digits) > 9:  # noqa: PLR2004 - thirty years
        raise UsageError(f"{flag} takes seconds like 0.5, 10 or 2m, or 0 for no bound, not {text!r}")
    return float(digits) * _UNITS[unit]


_READ: dict[str, Callable[[str, str], float]] = {"seconds": _seconds, "time": _time, "number": _number, "numbers": _number}
