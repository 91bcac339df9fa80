"""Facts of Markdown against commonmark.js on the examples of the specification, and every span cut out and read again.

    python benchmarks/commonmark.py

Headings (levels), links and pictures (destinations, titles) and blocks of code (fences, info, content) are compared in order of place.
Bare links, HTML and strikethrough are no CommonMark, so examples that only differ in these are counted apart.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from clew.index.prose import Link, read_prose
from corpora import folder

VERSION = "0.31.2"
_BEYOND = {"bare", "html", "undefined"}


def examples() -> list[dict[str, Any]]:
    """The examples with what commonmark.js says of each."""
    home = folder() / f"commonmark-{VERSION}"
    if not (home / "node_modules" / "commonmark-spec").is_dir():
        wanted = [f"commonmark@{VERSION}", f"commonmark-spec@{VERSION}"]
        subprocess.run(["npm", "install", "--silent", "--prefix", str(home), *wanted], check=True, stdout=subprocess.DEVNULL)
    script = Path(__file__).with_name("commonmark.mjs")
    done = subprocess.run(["node", script, home / "package.json"], check=True, capture_output=True)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def plain(destination: str) -> str:
    """A destination with every form of percent encoding as one."""
    return quote(unquote(destination))


def differences(example: dict[str, Any]) -> list[str]:
    """The things that are told otherwise."""
    source = example["source"].encode()
    prose = read_prose("x.md", source)
    links = [link for link in prose.links if link.kind not in _BEYOND]
    ours = [plain(prose.destination_of(link) or "") for link in links]
    theirs = [plain(destination) for _, destination, _ in example["links"]]
    found: list[str] = []
    if [heading.level for heading in prose.headings if heading.form != "html"] != [level for (level,) in example["headings"]]:
        found.append("headings")
    if ours != theirs:
        found.append(f"links {ours} {theirs}")
    if [link.is_image for link in links] != [kind == "image" for kind, _, _ in example["links"]]:
        found.append("pictures")
    if [(code.is_fenced, code.info) for code in prose.code] != [(fenced, info) for fenced, info, _ in example["code"]]:
        found.append("code")
    found += [f"cut {problem}" for link in (*links, *prose.definitions) if (problem := lost(source, link, prose.destination_of(link)))]
    return found


def lost(source: bytes, link: Link, destination: str | None) -> str | None:
    """The part of a link that reading it alone does not give again."""
    if link.kind in {"reference", "collapsed", "shortcut"}:
        whole = source[link.start : link.end] + b"\n\n[" + source[slice(*link.label_span or (0, 0))] + b"]: /again"
    elif link.destination_span is None:
        return f"{link.kind}: no destination"
    else:
        whole = source[link.start : link.end]
    again = read_prose("x.md", whole)
    same = [one for one in (*again.links, *again.definitions) if one.kind == link.kind]
    if not same:
        return f"{link.kind}: {whole.decode(errors='replace')!r}"
    if link.definition is None and same[0].destination != destination:
        return f"{link.kind}: {same[0].destination} for {destination}"
    return None


def main() -> int:
    """Print every difference."""
    told = [(example, differences(example)) for example in examples()]
    for example, found in told:
        if found:
            print(example["number"], repr(example["source"]), *found, sep="\n    ")
    print(f"{sum(not found for _, found in told)} of {len(told)} the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
