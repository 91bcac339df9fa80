"""The renderer that makes the anchors of a document: a configuration beside it says so, else the remote of its repository, else GitHub."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from clew import git

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew.index.generation import Generation
    from clew.markdown.slugs import Dialect

_MKDOCS = re.compile(r"(.*/)?mkdocs\.ya?ml")
_DOCUSAURUS = re.compile(r"(.*/)?docusaurus\.config\.[cm]?[jt]s")
_ASTRO = re.compile(r"(.*/)?astro\.config\.[cm]?[jt]s")
_DOCS_DIR = re.compile(r"^docs_dir:\s*['\"]?([^'\"#\n]+)", re.MULTILINE)


class Site(NamedTuple):
    """A folder that a renderer is configured for."""

    folder: str
    """Root-relative path with `/` at the end; empty for the root."""
    dialect: Dialect
    served: tuple[str, ...]
    """The folders, from the root, in which a path with `/` in front begins."""


class Dialects:
    """The dialect of each document of a generation."""

    def __init__(self, generation: Generation) -> None:
        self._sites = sorted(_sites(generation), key=lambda site: -len(site.folder))
        remotes = git.remotes(generation.root)
        self._else: Dialect = "gitlab" if remotes and "gitlab" in remotes[0] else "github"

    def of(self, path: str) -> Dialect:
        """The dialect of a document; the nearest site around it decides."""
        site = self.site(path)
        return self._else if site is None else site.dialect

    def site(self, path: str) -> Site | None:
        """The nearest site around a document."""
        return next((site for site in self._sites if path.startswith(site.folder)), None)


def _sites(generation: Generation) -> list[Site]:
    sites = [
        _site(folder, "vitepress", (folder, f"{folder}/public"))
        for folder in folders_of(map(generation.path_of, generation.prose_files()))
        if os.path.isdir(os.path.join(generation.root, folder, ".vitepress"))
    ]
    for path in generation.paths():
        if "mkdocs." in path and (found := _MKDOCS.fullmatch(path)):
            folder = os.path.normpath(os.path.join(found[1] or "", _docs_dir(generation.root, path))).replace(os.sep, "/")
            sites.append(_site(folder, "mkdocs", (folder,)))
        elif "docusaurus." in path and (found := _DOCUSAURUS.fullmatch(path)):
            here = found[1] or ""
            above = here.rstrip("/").rpartition("/")[0]
            # The documents stand in the site, or beside it.
            beside = [f"{above}/" if above else ""] if here else []
            served = (f"{here}static", f"{here}src/pages")
            folders = (
                (around, f"{around}{name}") for around in [here, *beside] for name in ("docs", "blog", "versioned_docs", "src/pages")
            )
            sites += [_site(folder, "docusaurus", (around, folder, *served)) for around, folder in folders]
        elif "astro." in path and (found := _ASTRO.fullmatch(path)):
            # Starlight is the collection `docs` of a site.
            content, here = f"{found[1] or ''}src/content/docs", found[1] or ""
            sites.append(_site(content, "starlight", (content, f"{here}public", f"{here}src/pages")))
    return sites


def _site(folder: str, dialect: Dialect, served: tuple[str, ...]) -> Site:
    plain = folder.strip("/").removeprefix("./")
    return Site("" if plain in {"", "."} else f"{plain}/", dialect, tuple(one.strip("/") for one in served))


def folders_of(paths: Iterable[str]) -> set[str]:
    """The folders of root-relative paths, and those around them; empty for the root."""
    found = {""}
    for held in {path.rpartition("/")[0] for path in paths}:
        folder = held
        while folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return found


def _docs_dir(root: str, path: str) -> str:
    try:
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as stream:
            found = _DOCS_DIR.search(stream.read())
    except OSError:
        found = None
    return found[1].strip() if found else "docs"
