"""The documents in which the bare name of a definition means it: all of them, or only those near to its file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from clew._native import is_test
from clew.markdown.paths import is_configuration

if TYPE_CHECKING:
    from clew._native import Def, Description
    from clew.index.generation import Generation
    from clew.markdown.documents import Document
    from clew.markdown.paths import PathBook

_SHOWN = re.compile(r"(?:.*/)?(?:examples?|demos?|playgrounds?|samples?|sandbox(?:es)?|templates?|fixtures?)/[^/]+/", re.IGNORECASE)


class Home(NamedTuple):
    """The part of a tree whose documents mean a definition by its name."""

    folder: str = ""
    """Ends in a slash; empty for the whole tree."""
    package: str = ""
    """The package that a document elsewhere can name to be about it."""

    def holds(self, document: Document) -> bool:
        """True for a document of the folder, and for one that names the package."""
        is_inside = document.path.startswith(self.folder)
        return is_inside or (self.package != "" and self.package.encode() in (document.source or b""))


def example_around(path: str) -> str:
    """The folder of the example that a file belongs to, with a slash at its end; empty for a file of none."""
    shown = _SHOWN.match(path)
    return shown.group() if shown is not None else ""


def home_of(generation: Generation, book: PathBook, definition: Def) -> Home:
    """The example that shows a definition, or the package whose member stands for one that is called the same in another package.

    No document means what a file of configuration sets: it speaks of the option.
    """
    linker, path = generation.linker, generation.path_of(definition[0])
    if is_configuration(path):
        return Home(f"{path}/")
    shown = example_around(path)
    if shown:
        return Home(shown)
    package = book.package_around(path)
    (of,) = linker.describe([definition])
    for base in linker.describe(linker.base_members(definition)) if of.is_member else ():
        if base.name == of.name and book.package_around(generation.path_of(base.file)) != package:
            return _of_package(book, package)
    return _of_package(book, package) if of.is_member and _has_twin_elsewhere(generation, book, of, package) else Home()


def _of_package(book: PathBook, package: str) -> Home:
    return Home(f"{package}/" if package else "", str((book.packages.get(package) or {}).get("name", "")))


def _has_twin_elsewhere(generation: Generation, book: PathBook, of: Description, package: str) -> bool:
    """True for a member that another package has by the same qualified name."""
    linker, is_declared = generation.linker, generation.linker.is_declaration_file(of.file)
    twins = [one for one in linker.describe(linker.named(of.bare_name)) if one.name == of.name and one.file != of.file and not one.local]
    paths = [generation.path_of(one.file) for one in twins if linker.is_declaration_file(one.file) == is_declared]
    return any(not is_test(path) and book.package_around(path) != package for path in paths)
