"""The base of every verb's input and output: `Request`, `Target`, `Result`, `Gap`, `FileProblem`.

A verb inherits the narrowing flags that it honours: `Paths`, `Kinds`, `Possible` or `Uses`, which is both.
"""

from typing import Annotated, ClassVar

import msgspec

Seconds = Annotated[float, msgspec.Meta(gt=0)]
"""A time; on a command line `90s`, `15m`, `8h` or `2d`."""


class Target(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A place in the code: an address as typed, or a row of an earlier answer.

    `text` alone must suffice to find the place again (`lib/express.js::createApplication`); the other fields are known when
    the target came from an earlier answer whose files have not changed since.
    """

    text: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    name: str | None = None


RECORDINGS = frozenset({"record", "verify"})
"""Operations whose steps hold a run of a command."""
POSSIBLE = "possible"
COMPUTED = "computed"
ESCAPES = "escapes"
LISTED_AS_POSSIBLE = frozenset({POSSIBLE, COMPUTED, ESCAPES})
"""Codes of the gaps whose places `--possible` lists."""


class Gap(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One reason why an answer is not complete."""

    code: str
    """`possible`, `computed`, `escapes`, `passedOn`, `parseErrors`, `unread`, `stale`, `changed`, `unresolved`,
    `unknown`, `unlinked`, `unlocated`, `unchanged`, `config`, `deadline`, `quota`"""
    total: int = 0
    """Number of rows or files concerned."""
    list: str | None = None
    """A command that lists them."""
    done: int | None = None
    """Of an answer that was cut: how many were looked at before the time was over, or how many the step keeps."""
    unit: str | None = None
    """Of an answer that was cut: what they are: `files`, `rows`, `targets`, …"""
    files: tuple[str, ...] = ()
    """The first of the files concerned, where it is about files; their problems are among the warnings."""


class FileProblem(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A file that could not be read or parsed as a whole, and why."""

    file: str
    message: str
    line: int | None = None
    column: int | None = None
    code: str | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="op", rename="camel"):
    """The base of every request: one field is one flag, and its docstring is the help text of every face.

    A field is `bool` (a switch), `int | None`, `str | None`, a `Literal` (choices), or a tuple of one of these (repeatable).
    Two fields are filled by the position of words, not by a flag of their own: the one the registry names as `values`
    (the words after the operation flag), and `targets` (a continued step fills it when it is empty).
    """

    takes_input: ClassVar[bool] = True
    """True where an empty `targets` is filled from the continued step."""

    stands_alone: ClassVar[bool] = False
    """True where an empty `targets` with nothing to continue means something: the whole tree."""

    cacheable: ClassVar[bool] = True
    """True where a stored answer to the same request about the same tree is as good as a new one."""

    acts: ClassVar[bool] = False
    """True if answering does more than read: such a request is run only where it is typed, and never again."""

    writes: ClassVar[bool] = False
    """True where it plans a change: it is about one definition, and about several only when they are named or picked."""

    about_prose: ClassVar[bool] = False
    """True where its targets are documents and sections of Markdown, not code."""

    takes_step: ClassVar[bool] = False
    """True where it is about a step: an empty `step` is filled with the answer before it, else with the continued step."""

    takes_finding: ClassVar[bool] = False
    """True where that step is a recording, or a row of one: an empty `step` is filled with the newest recording of the session."""

    bytes_of_reply: ClassVar[int | None] = None
    """The bytes of a reply unless another budget is given; None is the default of all."""

    def question(self) -> str:
        """The question in a few words, as `resume` and `log` list it."""
        tag = str(self.__struct_config__.tag)
        targets: tuple[Target, ...] = getattr(self, "targets", ())
        if not targets:
            return tag
        more = f" and {len(targets) - 3} more" if len(targets) > 3 else ""  # noqa: PLR2004 - three fit one line
        return f"{tag} of {', '.join(target.text for target in targets[:3])}{more}"


class Paths(Request, frozen=True, kw_only=True):
    """A request that can be narrowed to a part of the tree."""

    dir: tuple[str, ...] = ()
    """Only files under this folder."""
    include: tuple[str, ...] = ()
    """Only files that fit this glob."""
    exclude: tuple[str, ...] = ()
    """No files that fit this glob."""


class Possible(Paths, frozen=True, kw_only=True):
    """A request whose answer can list what is only possible."""

    possible: bool = False
    """List rows too whose receiver is unknown."""


class Kinds(Paths, frozen=True, kw_only=True):
    """A request for definitions, which can be narrowed to sorts of them."""

    kind: tuple[str, ...] = ()
    """Only this kind of definition: function, class, method, variable, interface, type, …"""
    exported: bool = False
    """Only what other files can import."""


class Uses(Possible, frozen=True, kw_only=True):
    """A request for uses, which can be narrowed by the definitions that these stand in."""

    kind: tuple[str, ...] = ()
    """Only uses that stand in this kind of definition: function, class, method, variable, …"""
    exported: bool = False
    """Only uses in definitions that other files can import."""


class Row(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The base of every row of a result."""

    n: int
    """Number of the row, counted from 1."""


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The base of every result, always whole: paging is the face's work.

    Rows stand in `results`, the last field and one without a default, each with its number `n` first, counted from 1.
    Optional, by these names: `files: tuple[str, ...]` (paged beside the rows),
    `warnings: tuple[FileProblem, ...]`, `failed: bool` (a check that was asked for failed: exit status 1), `stored` (what only the
    step keeps: no reply shows it).
    """

    reads_facts: ClassVar[bool] = True
    """True where rows come from what is known of files; those of a search through their text do not."""

    files_left_out: int = 0
    """The number of targets that are files beside definitions; a question about definitions is not about these."""
    why: tuple[Gap, ...] = ()
    """The reasons why it is not complete. Empty means complete."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The targets of the rows with these numbers; for None, what the answer leaves its session to be about.

        An empty answer to None: it looked for something, and nothing, or nothing clear, was found. None: it says nothing about that, as
        surveys do, and answers about targets, whose subject is those.
        """
        return None if picked is None else ()

    def then(self, step: str) -> tuple[str, ...]:  # noqa: ARG002 - an answer that is acted on names it
        """The commands that go on from the answer, once the step that keeps it is known."""
        return ()

    def apart(self) -> int:
        """The bytes of the result that are output of a command: a step has room of its own for these."""
        return 0

    def behind(self) -> tuple[str, ...]:
        """The root-relative files this answer was read from."""
        return ()
