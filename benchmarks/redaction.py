"""How many secrets are taken out of what is written, how many look-alikes with them, and how fast.

    python benchmarks/redaction.py [FOLDER …] [--seeds N] [--megabytes N]

`FOLDER` is a tree of sources, in which hardly anything is a secret: what is taken out there is listed. The forms are those of the tests,
drawn anew for each seed. Hostile inputs repeat what rules look for; the slowest decides. Seconds are those of the processor.
"""

from __future__ import annotations

import argparse
import json
import os
import string
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from clew._native import without_secrets

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from forms import forms

KINDS = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte", ".md", ".html", ".json", ".py")
LEFT_OUT = {".git", ".clew", "node_modules"}
SHOWN = 20
KEPT = 4
"""So many letters at the start of a secret may say whose it is."""
HOSTILE = (
    "a", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n" + "A" * 24, "-----BEGIN ", "eyJ", "eyJhbGciOiJIUzI1NiJ9.", "key=",
    "token='a1", 'password: "hunter2x" ', "://", "a://a:a1@", "http://a:b1c", "bearer ", "authorization: bearer a1b2c3d4",
    "cookie: a1b2c3d4=b; ",
    "curl a1b2c3d4e5 ", "machine a login b2222222222 ", "sk-", "sk-a1", "xoxb-1", "AAAA1", "host=a1b2c3d4 password=", "A_KEY_", '"a":"b1",',
    "\\\\", "\n", "pypi-a1", "ops_eyJ1", "key      ", "KEY\n\n\n=1234567", '"auth":"a1b2c3d4"', "?token=a1&", "EXPORT A_KEY=a1b2c3 ",
    " --token a1b2c3d4", "api_key_key_key_key_key:", "mysql a ", "curl -b a", "password is ", "a.bcdefg.", "A" * 64 + "\n",
    "A" * 64 + "\\n", "token ? a : ", "password=a ", "<token>a1b2c3d4", "docker login -p a", "set token ", "value ", string.printable,
)  # fmt: skip


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--megabytes", type=float, default=1.0)
    arguments = parser.parse_args()
    taken_out(arguments.seeds)
    for folder in arguments.folders:
        sources(folder)
    hostile(int(arguments.megabytes * 1e6))


def taken_out(seeds: int) -> None:
    """Say how many of the forms are found, as text and in JSON."""
    tried = found = 0
    for seed in range(seeds):
        for form in forms(seed):
            for data, is_json in ((form.text.encode(), False), (json.dumps({"text": form.text}).encode(), True)):
                kept = (without_secrets(data, is_json) or (data, {}))[0].decode()
                core = max(form.secret.replace("\\n", "\n").split("\n"), key=len)
                core = core[KEPT:-KEPT] if len(core) > 4 * KEPT else core
                tried += 1
                if core in kept:
                    print(f"  left: {form.name}, seed {seed}")
                else:
                    found += 1
    print(f"forms: {found} of {tried} taken out ({found / tried:.1%})")


def sources(folder: Path) -> None:
    """Say what is taken out of a tree, and how fast it is read."""
    texts = [(path, path.read_bytes()) for path in _files(folder)]
    begun = time.process_time()
    answers = [(path, without_secrets(text, False)) for path, text in texts]
    seconds = time.process_time() - begun
    size = sum(len(text) for _, text in texts) / 1e6
    hits = [(path, answer[1]) for path, answer in answers if answer is not None]
    print(f"{folder.name}: {len(texts)} files, {size:.1f} MB, {size / seconds:.0f} MB/s; taken out in {len(hits)} files")
    for path, counts in hits[:SHOWN]:
        print(f"  {path.relative_to(folder)}: {counts}")


def hostile(size: int) -> None:
    """Say how fast inputs are read that were made to be slow."""
    for text in HOSTILE:
        data = (text * (size // len(text) + 1)).encode()
        without_secrets(data[:1000], False)  # compiles what it needs
        begun = time.process_time()
        without_secrets(data, False)
        print(f"hostile {text[:30]!r}: {len(data) / 1e6 / max(time.process_time() - begun, 1e-9):.0f} MB/s")


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - LEFT_OUT)
        yield from (Path(parent, name) for name in sorted(names) if name.endswith(KINDS) and not Path(parent, name).is_symlink())


if __name__ == "__main__":
    main()
