"""Brings the index up to date with the disk, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable

import apsw
import msgspec

from clew import _native
from clew.bounds import Progress
from clew.index import schema

BATCH = 8 << 20
"""Bytes of source held at a time."""
SMALL_SEGMENTS = 16
"""With more small segments than this they are merged."""
SPARE_UNITS = 256
"""Dead units are kept at least up to this number: going back to an earlier content then costs nothing."""

MADE_BY = f"{_native.INDEX_BUILD} {schema.SCHEMA}"
"""Raised for an index that other sources, or another schema, wrote; it is not read."""


def refresh(database: apsw.Connection, root: str, progress: Progress) -> int:
    """Writes a new generation if the disk differs from the newest one; returns how many files were parsed.

    The caller holds the lock. Whatever interrupts it, the generation before stays as it was; signals are handled between two batches.
    """
    progress.report("reading the tree")
    database.execute("BEGIN IMMEDIATE")
    try:
        parsed = _renew(database, root, progress)
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
    return parsed


def _renew(database: apsw.Connection, root: str, progress: Progress) -> int:
    row = _newest(database)
    number, next_unit, packed, edges = row[1:] if row else (0, 1, None, None)
    manifest = _native.Manifest(packed)
    before, config_before = manifest.digest(), manifest.config_digest()
    renewal = manifest.renew(root)
    if renewal is None:
        return 0
    pending, listing_changed = renewal
    imports: dict[int, bytes] = {}
    seen: dict[bytes, tuple[int, int]] = {}
    builder = _native.Builder()
    vanished: set[int] = set()
    first_unit = next_unit
    total = len(pending)
    while pending:
        progress.report("indexing", total - len(pending), total, "files")
        batch = manifest.read(root, pending, BATCH)
        known = {**seen, **_known(database, batch.keys(), imports)} if row else seen
        rows = batch.extract(manifest, known, next_unit, builder)
        imports.update((unit, found) for unit, _, _, found, _, _ in rows)
        seen.update((key, (unit, flags)) for unit, key, _, _, _, flags in rows)
        database.executemany(schema.PUT_FACTS, [(unit, key, flags, facts, found) for unit, key, facts, found, _, flags in rows])
        blamed = [(unit, msgspec.json.encode(problems)) for unit, _, _, _, problems, _ in rows if problems]
        database.executemany(schema.PUT_PROBLEMS, blamed)
        next_unit += len(rows)
        vanished.update(batch.vanished)
        pending = pending[batch.taken :]
    progress.report("resolving imports")
    if vanished:
        manifest.forget(vanished)
    everything = listing_changed or bool(vanished) or manifest.config_digest() != config_before
    graph = _native.Graph(edges)
    graph.resolve_imports(root, manifest, imports, everything)
    _put_segment(database, builder)
    _merge(database, manifest)
    changed = row is None or manifest.digest() != before
    database.execute(schema.PUT_GENERATION, (MADE_BY, number + changed, next_unit, manifest.dump(), graph.dump()))
    return next_unit - first_unit


def _newest(database: apsw.Connection) -> tuple[str, int, int, bytes, bytes] | None:
    """The row of the newest generation; tables of another build or schema are made anew, empty."""
    tables = [name for (name,) in database.execute(schema.TABLES)]
    row: tuple[str, int, int, bytes, bytes] | None = database.execute(schema.GENERATION).fetchone() if "generation" in tables else None
    if row is not None and row[0] == MADE_BY:
        return row
    for name in tables:
        database.execute(f'{schema.DROP} "{name}"')
    database.execute(schema.CREATE)
    return None


def _known(database: apsw.Connection, keys: Iterable[bytes], imports: dict[int, bytes]) -> dict[bytes, tuple[int, int]]:
    """Unit and flags of the contents that were parsed before; adds their imports to `imports`."""
    found = {}
    for key in keys:
        row = database.execute(schema.UNIT_OF_KEY, (key,)).fetchone()
        if row is not None:
            unit, flags, imports[unit] = row
            found[key] = (unit, flags)
    return found


def _put_segment(database: apsw.Connection, builder: _native.Builder) -> None:
    segment = builder.finish()
    if segment is None:
        return
    count, units, buckets, pieces = segment
    ((number,),) = database.execute(schema.NEXT_SEGMENT)
    first = number * schema.PLACES
    database.execute(schema.PUT_SEGMENT, (number, count, len(buckets), units))
    database.executemany(schema.PUT_POSTINGS, list(enumerate(buckets, first)))
    database.executemany(schema.PUT_DEFINITIONS, list(enumerate(pieces, first)))


def _merge(database: apsw.Connection, manifest: _native.Manifest) -> None:
    """Keeps the number of segments and of dead units bounded."""
    segments = list(database.execute(schema.SEGMENTS))
    live = manifest.units()
    total = sum(count for _, count, _, _ in segments)
    if total > 2 * len(live) + SPARE_UNITS:
        chosen = segments
    else:
        chosen = [row for row in segments if row[2] == 1]
        if len(chosen) <= SMALL_SEGMENTS:
            return
    builder = _native.Builder()
    for number, _, _, packed in chosen:
        dead = set(_native.segment_units(packed)) - live
        buckets = [names for (names,) in database.execute(schema.POSTINGS_OF, (number,))]
        pieces = [records for (records,) in database.execute(schema.DEFINITIONS_OF, (number,))]
        builder.absorb(packed, buckets, pieces, dead)
        for statement in (schema.DROP_SEGMENT, schema.DROP_POSTINGS, schema.DROP_DEFINITIONS):
            database.execute(statement, (number,))
        for statement in (schema.DROP_FACTS, schema.DROP_PROBLEMS):
            database.executemany(statement, [(unit,) for unit in dead])
    _put_segment(database, builder)
