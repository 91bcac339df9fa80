"""Real code to measure on: pinned npm packages, fetched by npm, checked by their hashes, unpacked outside the tree.

    python benchmarks/corpora.py [NAME …]

The folder is `$XDG_CACHE_HOME/clew-corpora`. A package whose bytes differ from the hash here is refused.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from measuring import megabytes, print_table

SOURCES = {".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx"}


class Package(NamedTuple):
    """One version of a package, and the hash of its tarball as package-lock files write it."""

    version: str
    integrity: str


PACKAGES = {
    "express": Package("5.3.0", "sha512-qCqy1xSoaugxOD4IVHb1ZWdkvCF2W3aE2okKouWj8VwJ+ztskSiXoBnCSJqfKT+cVPJhuJqe9YLbY425+Zh00g=="),
    "lodash": Package("4.18.1", "sha512-dMInicTPVE8d1e5otfwmmjlxkZoUpiVLwyeTdUsi/Caj/gfzzblBcCE5sRHV/AsjuCmxWrte2TNGSYuCeCq+0Q=="),
    "webpack": Package("5.112.2", "sha512-B2tp1LI9D8GVpPDqprdt12ukTkXXahj9MzqSWJq4faSPgOUM7CdZaGAB6HrL/8E6UwbBpdj4vzWDbKoFnVoU6g=="),
    "eslint": Package("10.15.0", "sha512-+5Wg4p+ze3sG1WErYgUO/3H1IQIfFBymVUA0Fo/XTeBOLS6UQIUekpSJ8sdRkn7O7wjh84b55w/roqavH2aScg=="),
    "rxjs": Package("7.8.2", "sha512-dhKf903U/PQZY6boNNtAGdWbG85WAbjT/1xYoZIC7FAY0yWapOBQVsVrDl58W86//e1VpMNBtRV4MaXfdMySFA=="),
    "three": Package("0.187.0", "sha512-Qiu7R+Cmh8CstZsY1uJOSWnVlfo7ZtNLV7mF8Jltk3LB3AtDu9cRZlcnRKkAk8Y4z6KKw35z7Y7Urd7jWY8etA=="),
    "typescript": Package("5.9.3", "sha512-jl1vZzPDinLr9eUt3J/t7V6FgNEw9QjvBPdysz9KfQDD41fQrC2Y4vKQdiaUpFT4bXlb1RHhLpp8wtm6M5TgSw=="),
}
OXLINT = "1.94.0"
KNIP = "6.44.2"


class Tampered(Exception):
    """The bytes of a package are not those that its hash promises."""


def folder() -> Path:
    """Folder in which corpora and the tools that they are compared with are kept."""
    place = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "clew-corpora"
    place.mkdir(parents=True, exist_ok=True)
    return place


def integrity_of(tarball: Path) -> str:
    """Return the SHA-512 of a file as package-lock files write it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()


def corpus(name: str) -> Path:
    """Return the folder of an unpacked package, fetched when it is not there yet. Raises Tampered."""
    package = PACKAGES[name]
    home = folder() / f"{name}-{package.version}"
    if home.is_dir():
        return home
    with tempfile.TemporaryDirectory(dir=folder()) as room:
        wanted = f"{name}@{package.version}"
        subprocess.run(["npm", "pack", wanted, "--silent", "--pack-destination", room], check=True, stdout=subprocess.DEVNULL)
        (tarball,) = Path(room).glob("*.tgz")
        if (found := integrity_of(tarball)) != package.integrity:
            raise Tampered(f"{wanted} is {found}, not {package.integrity}")
        with tarfile.open(tarball) as archive:
            archive.extractall(room, filter="data")
        (Path(room) / "package").rename(home)
    return home


def forest() -> Path:
    """Every corpus side by side in one folder, as one tree."""
    home = folder() / "forest"
    for name in PACKAGES:
        if not (home / name).is_dir():
            shutil.copytree(corpus(name), home / name, ignore=shutil.ignore_patterns(".clew"))
    return home


def tree(name: str) -> Path:
    """Return the folder of a corpus, of all of them (`forest`), or the folder of that name."""
    if name == "forest":
        return forest()
    return corpus(name) if name in PACKAGES else Path(name).resolve()


@contextmanager
def copied(folder: Path) -> Iterator[Path]:
    """Copy a tree without what clew keeps in it, so that no corpus keeps an index or a changed file."""
    with tempfile.TemporaryDirectory() as room:
        root = Path(room) / "tree"
        shutil.copytree(folder, root, ignore=shutil.ignore_patterns(".clew"), symlinks=True)
        yield root


def oxlint() -> Path | None:
    """Return the linter to compare an index with; see `npm_program`."""
    return npm_program("oxlint", OXLINT)


def knip() -> Path | None:
    """Return the finder of unused code to compare `--dead-code` with; see `npm_program`."""
    return npm_program("knip", KNIP)


def npm_program(package: str, version: str, program: str = "") -> Path | None:
    """Return a program (default: called like its package), installed by npm when it is not there yet; None where npm cannot."""
    home = npm_home(package, version)
    found = home and home / "node_modules" / ".bin" / (program or package)
    return found if found and found.exists() else None


def npm_home(package: str, version: str) -> Path | None:
    """Return the folder whose `node_modules` hold a package, installed by npm when it is not there yet; None where npm cannot."""
    home = folder() / f"{package}-{version}"
    if not (home / "node_modules" / package).exists() and shutil.which("npm"):
        wanted = f"{package}@{version}"
        subprocess.run(["npm", "install", "--silent", "--prefix", str(home), wanted], check=False, stdout=subprocess.DEVNULL)
    return home if (home / "node_modules" / package).exists() else None


def sources(root: Path) -> list[Path]:
    """Every file of JavaScript or TypeScript below a folder."""
    return [path for path in sorted(root.rglob("*")) if path.suffix in SOURCES and path.is_file() and ".clew" not in path.parts]


def main(names: list[str]) -> None:
    """Fetch, and say what is there."""
    rows: list[tuple[object, ...]] = [("package", "version", "files", "source", "folder")]
    for name in names or PACKAGES:
        files = sources(corpus(name))
        size = sum(path.stat().st_size for path in files)
        rows.append((name, PACKAGES[name].version, len(files), megabytes(size), corpus(name)))
    print_table(rows)


if __name__ == "__main__":
    main(sys.argv[1:])
