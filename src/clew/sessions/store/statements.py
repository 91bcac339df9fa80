"""Every SQL statement of the SQLite store, by name, and the numbered migrations."""

from __future__ import annotations

APPLICATION_ID = 0x636C6577
"""`clew` in ASCII."""

MIGRATIONS = (
    """
    CREATE TABLE sessions (
        key INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        address TEXT UNIQUE,
        name TEXT,
        last_used_at REAL NOT NULL,
        transient INTEGER NOT NULL,
        record BLOB NOT NULL,
        seal BLOB NOT NULL
    );
    CREATE INDEX session_use ON sessions (last_used_at, id);
    CREATE TABLE blobs (
        key INTEGER PRIMARY KEY,
        digest BLOB NOT NULL UNIQUE,
        size INTEGER NOT NULL,
        codec INTEGER NOT NULL,
        refs INTEGER NOT NULL
    );
    CREATE TABLE payloads (blob INTEGER PRIMARY KEY, data BLOB NOT NULL);
    CREATE TABLE steps (
        session INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        branch INTEGER NOT NULL,
        parent INTEGER,
        body TEXT NOT NULL,
        operation TEXT NOT NULL,
        store_as TEXT,
        created_at REAL NOT NULL,
        agent TEXT,
        idempotency_key TEXT,
        depth INTEGER NOT NULL,
        hands_on INTEGER,
        stands_on INTEGER NOT NULL,
        context BLOB NOT NULL,
        request BLOB,
        request_digest BLOB NOT NULL,
        details BLOB,
        details_digest BLOB NOT NULL,
        size INTEGER NOT NULL,
        result INTEGER NOT NULL,
        depends INTEGER,
        hash BLOB NOT NULL,
        PRIMARY KEY (session, seq)
    ) WITHOUT ROWID;
    CREATE UNIQUE INDEX step_tokens ON steps (body);
    CREATE INDEX step_branches ON steps (session, branch, seq);
    CREATE INDEX step_agents ON steps (session, agent, branch, seq) WHERE agent IS NOT NULL;
    CREATE INDEX step_keys ON steps (idempotency_key) WHERE idempotency_key IS NOT NULL;
    CREATE INDEX step_requests ON steps (request_digest);
    CREATE TABLE doomed (session INTEGER PRIMARY KEY);
    """,
    """
    ALTER TABLE steps ADD COLUMN format INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE steps ADD COLUMN base INTEGER;
    ALTER TABLE steps ADD COLUMN subject INTEGER;
    """,
)

SESSION = "SELECT record, seal FROM sessions WHERE id = ?"
SESSION_NAMED = "SELECT record, seal FROM sessions WHERE address = ?"
ANY_SESSION = "SELECT 1 FROM sessions LIMIT 1"
SIZE = "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
SESSION_COUNT = "SELECT count(*) FROM sessions"
SESSION_KEY = "SELECT record, seal, key FROM sessions WHERE id = ?"
SESSION_INSERT = (
    "INSERT INTO sessions (id, address, name, last_used_at, transient, record, seal) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING key"
)
SESSION_UPDATE = "UPDATE sessions SET address = ?, name = ?, last_used_at = ?, transient = ?, record = ?, seal = ? WHERE key = ?"
SESSION_RECORD = "UPDATE sessions SET last_used_at = ?, transient = ?, record = ?, seal = ? WHERE key = ?"
SESSION_DELETE = "DELETE FROM sessions WHERE key = ?"
SESSION_LIST = """
    SELECT s.record, s.seal FROM sessions s
    WHERE (:name IS NULL OR instr(s.name, :name) > 0)
      AND (:transient IS NULL OR s.transient = :transient)
      AND s.last_used_at >= :used_since AND s.last_used_at < :used_before
      AND (:agent IS NULL OR EXISTS (SELECT 1 FROM steps WHERE session = s.key AND agent = :agent))
      AND (s.last_used_at, s.id) < (:after_time, :after_id)
    ORDER BY s.last_used_at DESC, s.id DESC LIMIT :limit
"""

_STEP = """
    SELECT s.id, s.name, t.seq, t.branch, t.parent, t.body, t.operation, t.store_as, t.created_at, t.agent, t.idempotency_key, t.depth,
           t.hands_on, t.stands_on, t.context, t.request, t.request_digest, t.details, t.details_digest,
           (SELECT digest FROM blobs WHERE key = t.result), t.size, (SELECT digest FROM blobs WHERE key = t.depends), t.hash,
           t.format, t.base, (SELECT digest FROM blobs WHERE key = t.subject),
           (SELECT p.hash FROM steps p WHERE p.session = t.session AND p.seq = t.parent)
    FROM sessions s JOIN steps t ON t.session = s.key
"""
STEP = _STEP + "WHERE s.id = ? AND t.seq = ?"
STEPS = _STEP + "WHERE s.id = ? AND t.seq > ? ORDER BY t.seq LIMIT ?"
STEPS_NEWEST = _STEP + "WHERE s.id = ? AND t.seq > ? ORDER BY t.seq DESC LIMIT ?"
_BRANCH = _STEP.replace("steps t ON", "steps t INDEXED BY step_branches ON")
"""Left to itself the planner walks the whole session where that gives the wanted order."""
BRANCH_STEPS = _BRANCH + "WHERE s.id = ? AND t.branch = ? AND t.seq > ? ORDER BY t.seq LIMIT ?"
BRANCH_STEPS_NEWEST = _BRANCH + "WHERE s.id = ? AND t.branch = ? AND t.seq > ? ORDER BY t.seq DESC LIMIT ?"
NEWEST_OF = _STEP + "WHERE s.id = ? AND t.agent = ? AND t.branch = 1 ORDER BY t.seq DESC LIMIT 1"
STEPS_BY_TOKEN = _STEP + "WHERE t.body >= ? AND t.body < ? ORDER BY t.body LIMIT ?"
STEPS_BY_KEY = _STEP + "WHERE t.idempotency_key = ? ORDER BY t.created_at DESC, t.seq DESC"
STEPS_BY_REQUEST = f"""
    {_STEP} WHERE (t.session, t.seq) IN (
        SELECT session, seq FROM steps WHERE request_digest = ? AND operation = ? ORDER BY created_at DESC, seq DESC LIMIT ?
    ) ORDER BY t.created_at DESC, t.seq DESC
"""  # noqa: S608 - constants
"""Chosen first: a question that was asked thousands of times has as many rows."""
_SOURCE = "CASE WHEN t.base IS NULL OR t.base = t.seq THEN NULL WHEN t.stands_on <> t.seq THEN t.stands_on ELSE t.parent END"
CONTEXT_CHAIN = f"""
    WITH RECURSIVE chain (session, seq, source) AS (
        SELECT t.session, t.seq, {_SOURCE} FROM steps t WHERE t.session = (SELECT key FROM sessions WHERE id = ?) AND t.seq = ?
        UNION ALL
        SELECT t.session, t.seq, {_SOURCE} FROM chain c JOIN steps t ON t.session = c.session AND t.seq = c.source WHERE c.source < c.seq
    )
    {_STEP} JOIN chain c ON c.session = t.session AND c.seq = t.seq ORDER BY t.seq DESC
"""  # noqa: S608 - constants
"""`Step.context_source`, followed to its end; every source is older, so that damaged rows end it too."""
STEP_INSERT = "INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
STEP_STRIP = "UPDATE steps SET request = NULL, details = NULL WHERE session = ? AND seq = ?"

BLOB_FIND = "UPDATE blobs SET refs = refs + 1 WHERE digest = ? RETURNING key, codec"
BLOB_INSERT = "INSERT INTO blobs (digest, size, codec, refs) VALUES (?, ?, ?, 1) RETURNING key"
BLOB_CODEC = "UPDATE blobs SET codec = ? WHERE key = ?"
BLOB_READ = "SELECT b.codec, p.data FROM blobs b LEFT JOIN payloads p ON p.blob = b.key WHERE b.digest = ?"
BLOB_KEY = "SELECT key FROM blobs WHERE digest = ?"
BLOB_RELEASE = "UPDATE blobs SET refs = refs - 1 WHERE key = ? RETURNING refs"
BLOB_DELETE = "DELETE FROM blobs WHERE key = ?"
PAYLOAD_INSERT = "INSERT INTO payloads VALUES (?, ?)"
PAYLOAD_DELETE = "DELETE FROM payloads WHERE blob = ?"

ADD_TOMBSTONE = "INSERT INTO doomed VALUES (?)"
NEXT_TOMBSTONE = "SELECT session FROM doomed LIMIT 1"
DOOMED_STEPS = "SELECT seq, result, depends, subject FROM steps WHERE session = ? ORDER BY seq LIMIT ?"
DOOMED_STEP_DELETE = "DELETE FROM steps WHERE session = ? AND seq <= ?"
CLEAR_TOMBSTONE = "DELETE FROM doomed WHERE session = ?"

SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"
EVERY_SESSION = "SELECT id, address, name, last_used_at, transient, record, seal FROM sessions NOT INDEXED"
EVERY_BLOB = "SELECT b.digest, b.size, b.codec, p.data FROM blobs b LEFT JOIN payloads p ON p.blob = b.key"
WRONG_REFERENCES = """
    SELECT b.digest, b.refs, coalesce(r.found, 0)
    FROM blobs b LEFT JOIN (
        SELECT blob, count(*) AS found
        FROM (SELECT result AS blob FROM steps UNION ALL SELECT depends FROM steps UNION ALL SELECT subject FROM steps) GROUP BY blob
    ) r ON r.blob = b.key
    WHERE b.refs != coalesce(r.found, 0)
"""
STRAY_STEPS = "SELECT count(*) FROM steps WHERE session NOT IN (SELECT key FROM sessions UNION SELECT session FROM doomed)"
STRAY_PAYLOADS = "SELECT count(*) FROM payloads WHERE blob NOT IN (SELECT key FROM blobs)"
