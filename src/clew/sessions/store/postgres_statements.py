"""Every SQL statement of the PostgreSQL store, by name, and the numbered migrations.

A session's row has a version; whatever is written about a session is one statement that does nothing unless the version is
still the one that was read. Stored values have no count of references, which would make writers of different sessions wait
for each other: a foreign key keeps a value that a step refers to.
"""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE clew.workspaces (
        key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text COLLATE "C" NOT NULL UNIQUE
    );
    CREATE TABLE clew.sessions (
        key bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        workspace bigint NOT NULL REFERENCES clew.workspaces,
        id text COLLATE "C" NOT NULL,
        address text COLLATE "C",
        name text COLLATE "C",
        last_used_at float8 NOT NULL,
        transient boolean NOT NULL,
        version bigint NOT NULL,
        record bytea NOT NULL,
        seal bytea NOT NULL,
        UNIQUE (id, workspace),
        UNIQUE (address, workspace)
    ) WITH (fillfactor = 70);
    CREATE INDEX session_workspaces ON clew.sessions (workspace);
    CREATE TABLE clew.blobs (
        workspace bigint NOT NULL,
        digest bytea NOT NULL,
        size int NOT NULL,
        codec smallint NOT NULL,
        data bytea,
        PRIMARY KEY (digest, workspace)
    );
    ALTER TABLE clew.blobs ALTER COLUMN data SET STORAGE EXTERNAL;
    CREATE TABLE clew.steps (
        workspace bigint NOT NULL,
        session bigint NOT NULL,
        seq int NOT NULL,
        branch int NOT NULL,
        parent int,
        body text COLLATE "C" NOT NULL,
        operation text COLLATE "C" NOT NULL,
        store_as text COLLATE "C",
        created_at float8 NOT NULL,
        agent text COLLATE "C",
        idempotency_key text COLLATE "C",
        depth int NOT NULL,
        hands_on int,
        stands_on int NOT NULL,
        context bytea NOT NULL,
        request bytea,
        request_digest bytea NOT NULL,
        details bytea,
        details_digest bytea NOT NULL,
        size int NOT NULL,
        result bytea NOT NULL,
        depends bytea,
        hash bytea NOT NULL,
        PRIMARY KEY (session, seq),
        UNIQUE (body, workspace),
        FOREIGN KEY (result, workspace) REFERENCES clew.blobs,
        FOREIGN KEY (depends, workspace) REFERENCES clew.blobs
    );
    CREATE INDEX step_branches ON clew.steps (session, branch, seq);
    CREATE INDEX step_agents ON clew.steps (session, agent, branch, seq) WHERE agent IS NOT NULL;
    CREATE INDEX step_keys ON clew.steps (idempotency_key, workspace) WHERE idempotency_key IS NOT NULL;
    CREATE INDEX step_requests ON clew.steps (request_digest, workspace);
    CREATE INDEX step_results ON clew.steps (result, workspace);
    CREATE INDEX step_depends ON clew.steps (depends, workspace) WHERE depends IS NOT NULL;
    CREATE TABLE clew.doomed (session bigint PRIMARY KEY, workspace bigint NOT NULL);
    """,
    """
    ALTER TABLE clew.steps ADD COLUMN format int NOT NULL DEFAULT 1, ADD COLUMN base int, ADD COLUMN subject bytea,
        ADD FOREIGN KEY (subject, workspace) REFERENCES clew.blobs;
    ALTER TABLE clew.steps ALTER COLUMN format DROP DEFAULT;
    CREATE INDEX step_subjects ON clew.steps (subject, workspace) WHERE subject IS NOT NULL;
    """,
)

SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
OPENED = """
    SELECT (SELECT coalesce(max(number), 0) FROM clew.migrations), (SELECT key FROM clew.workspaces WHERE name = %s),
           set_config('default_transaction_isolation', 'read committed', false), set_config('enable_seqscan', 'off', false),
           set_config('plan_cache_mode', 'force_generic_plan', false),
           CASE current_setting('synchronous_commit') WHEN 'off' THEN set_config('synchronous_commit', 'on', false) END
"""
"""Every question has its index; tables that were just made have no statistics yet that would say so. So a plan is good for all values,
and making one takes several times as long as running it."""
COMMIT_UNFLUSHED = "SET LOCAL synchronous_commit = off"
FLUSH = "SELECT pg_logical_emit_message(true, 'clew', '')"
"""A transaction of its own that writes to the log: its commit waits until the log is on disk, what other commits wrote before included."""
LEASE = "SELECT pg_advisory_lock(hashtextextended(%s, 0))"
MIGRATION_LOCK = "SELECT pg_advisory_xact_lock(x'636C6577'::bigint)"
SCHEMA_STATE = """
    SELECT to_regnamespace('clew') IS NOT NULL, to_regclass('clew.migrations') IS NOT NULL,
           EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace('clew'))
"""
SCHEMA_CREATE = "CREATE SCHEMA clew"
MIGRATIONS_CREATE = "CREATE TABLE clew.migrations (number int PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
MIGRATED = "SELECT coalesce(max(number), 0) FROM clew.migrations"
MIGRATION_DONE = "INSERT INTO clew.migrations (number) VALUES (%s)"
WORKSPACE_LOCK = "SELECT FROM clew.workspaces WHERE key = %s FOR NO KEY UPDATE"
WORKSPACE_INSERT = "INSERT INTO clew.workspaces (name) VALUES (%s) ON CONFLICT DO NOTHING"

SESSION = "SELECT record, seal FROM clew.sessions WHERE workspace = %s AND id = %s"
SESSION_NAMED = "SELECT record, seal FROM clew.sessions WHERE workspace = %s AND address = %s"
SESSION_COUNT = "SELECT count(*) FROM clew.sessions WHERE workspace = %s"
SIZE = """
    SELECT pg_total_relation_size('clew.sessions') + pg_total_relation_size('clew.steps') + pg_total_relation_size('clew.blobs')
"""
SESSION_LIST = """
    SELECT s.record, s.seal FROM clew.sessions s
    WHERE s.workspace = %(workspace)s
      AND (%(name)s::text IS NULL OR strpos(s.name, %(name)s) > 0)
      AND (%(transient)s::boolean IS NULL OR s.transient = %(transient)s)
      AND (%(used_since)s::float8 IS NULL OR s.last_used_at >= %(used_since)s)
      AND (%(used_before)s::float8 IS NULL OR s.last_used_at < %(used_before)s)
      AND (%(agent)s::text IS NULL OR EXISTS (SELECT FROM clew.steps WHERE session = s.key AND agent = %(agent)s))
      AND (%(after_time)s::float8 IS NULL OR (s.last_used_at, s.id) < (%(after_time)s, %(after_id)s::text))
    ORDER BY s.last_used_at DESC, s.id DESC LIMIT %(limit)s
"""

_COLUMNS = """
    SELECT s.id, s.name, t.seq, t.branch, t.parent, t.body, t.operation, t.store_as, t.created_at, t.agent, t.idempotency_key, t.depth,
           t.hands_on, t.stands_on, t.context, t.request, t.request_digest, t.details, t.details_digest, t.result, t.size, t.depends,
           t.hash, t.format, t.base, t.subject,
           (SELECT p.hash FROM clew.steps p WHERE p.session = t.session AND p.seq = t.parent)
"""
_FROM_SESSION = """
    FROM (SELECT key, id, name FROM clew.sessions WHERE workspace = %s AND id = %s) s,
         LATERAL (SELECT * FROM clew.steps WHERE session = s.key
"""
_OF_SESSION = _COLUMNS + _FROM_SESSION
STEP = _OF_SESSION + "AND seq = %s) t"
STEPS = _OF_SESSION + "AND seq > %s ORDER BY seq LIMIT %s) t ORDER BY t.seq"
STEPS_NEWEST = _OF_SESSION + "AND seq > %s ORDER BY seq DESC LIMIT %s) t ORDER BY t.seq DESC"
BRANCH_STEPS = _OF_SESSION + "AND branch = %s AND seq > %s ORDER BY seq LIMIT %s) t ORDER BY t.seq"
BRANCH_STEPS_NEWEST = _OF_SESSION + "AND branch = %s AND seq > %s ORDER BY seq DESC LIMIT %s) t ORDER BY t.seq DESC"
NEWEST_OF = _OF_SESSION + "AND agent = %s AND branch = 1 ORDER BY seq DESC LIMIT 1) t"
_OF_WORKSPACE = _COLUMNS + "FROM clew.steps t JOIN clew.sessions s ON s.key = t.session WHERE t.workspace = %s "
STEPS_BY_TOKEN = _OF_WORKSPACE + "AND t.body >= %s AND t.body < %s ORDER BY t.body LIMIT %s"
STEPS_BY_KEY = _OF_WORKSPACE + "AND t.idempotency_key = %s ORDER BY t.created_at DESC, t.seq DESC"
STEPS_BY_REQUEST = _OF_WORKSPACE + "AND t.request_digest = %s AND t.operation = %s ORDER BY t.created_at DESC, t.seq DESC LIMIT %s"
_SOURCE = "CASE WHEN t.base IS NULL OR t.base = t.seq THEN NULL WHEN t.stands_on <> t.seq THEN t.stands_on ELSE t.parent END"
CONTEXT_CHAIN = f"""
    WITH RECURSIVE chain (session, seq, source) AS (
        SELECT t.session, t.seq, {_SOURCE}
        FROM clew.sessions s JOIN clew.steps t ON t.session = s.key WHERE s.workspace = %s AND s.id = %s AND t.seq = %s
        UNION ALL
        SELECT t.session, t.seq, {_SOURCE}
        FROM chain c JOIN clew.steps t ON t.session = c.session AND t.seq = c.source WHERE c.source < c.seq
    )
    {_COLUMNS}
    FROM chain c JOIN clew.steps t ON t.session = c.session AND t.seq = c.seq JOIN clew.sessions s ON s.key = t.session
    ORDER BY t.seq DESC
"""  # noqa: S608 - constants
"""`Step.context_source`, followed to its end; every source is older, so that damaged rows end it too."""
STEP_RECORDED = "SELECT 1 FROM clew.steps WHERE workspace = %s AND body = %s"
PAYLOAD = "SELECT codec, data FROM clew.blobs WHERE workspace = %s AND digest = %s"

SESSION_STATE = "SELECT record, seal, key, version FROM clew.sessions WHERE workspace = %s AND id = %s"
SESSION_STATE_LOCKED = """
    SELECT record, seal, key, version, set_config('idle_in_transaction_session_timeout', '30s', true)
    FROM clew.sessions WHERE workspace = %s AND id = %s FOR NO KEY UPDATE
"""
"""Waits in line for the session's row; a writer that stops while it has it loses its place after half a minute."""

_WITH_STEPS = """
    given AS (
        SELECT * FROM unnest(%(digests)b::bytea[], %(sizes)s::int[], %(codecs)s::smallint[], %(values)b::bytea[])
            AS g (digest, size, codec, data)
    ), kept AS (
        INSERT INTO clew.blobs (workspace, digest, size, codec, data)
        SELECT w.workspace, g.digest, g.size, g.codec, CASE WHEN g.codec <> 2 THEN g.data END FROM written w, given g ORDER BY g.digest
        ON CONFLICT DO NOTHING
    ), restored AS (
        UPDATE clew.blobs b SET size = g.size, codec = g.codec, data = g.data FROM written w, given g
        WHERE b.workspace = w.workspace AND b.digest = g.digest AND b.codec = 2 AND g.codec <> 2 AND b.digest <> ALL (%(forget)b::bytea[])
    ), forgotten AS (
        UPDATE clew.blobs b SET codec = 2, data = NULL FROM written w
        WHERE b.workspace = w.workspace AND b.digest = ANY (%(forget)b::bytea[])
    ), stripped AS (
        UPDATE clew.steps t SET request = NULL, details = NULL FROM written w WHERE t.session = w.key AND t.seq = %(strip)s::int
    ), added AS (
        INSERT INTO clew.steps
        SELECT w.workspace, w.key, s.* FROM written w, unnest(
            %(seq)s::int[], %(branch)s::int[], %(parent)s::int[], %(body)s::text[], %(operation)s::text[], %(store_as)s::text[],
            %(created_at)s::float8[], %(agent)s::text[], %(idempotency_key)s::text[], %(depth)s::int[], %(hands_on)s::int[],
            %(stands_on)s::int[], %(context)b::bytea[], %(request)b::bytea[], %(request_digest)b::bytea[], %(details)b::bytea[],
            %(details_digest)b::bytea[], %(size)s::int[], %(result)b::bytea[], %(depends)b::bytea[], %(hash)b::bytea[],
            %(format)s::int[], %(base)s::int[], %(subject)b::bytea[]
        ) AS s
    )
    SELECT count(*) FROM written
"""
_CREATED = """
    WITH written AS (
        INSERT INTO clew.sessions (workspace, id, address, name, last_used_at, transient, version, record, seal)
        VALUES (%(workspace)s, %(id)s, %(address)s, %(name)s, %(last_used_at)s, %(transient)s, 1, %(record)s, %(seal)s)
        RETURNING workspace, key
    ),
"""
_CHANGED = """
    WITH written AS (
        UPDATE clew.sessions
        SET address = %(address)s, name = %(name)s, last_used_at = %(last_used_at)s, transient = %(transient)s, version = version + 1,
            record = %(record)s, seal = %(seal)s
        WHERE key = %(key)s AND version = %(version)s
        RETURNING workspace, key
    ),
"""
CREATE = _CREATED + _WITH_STEPS
CHANGE = _CHANGED + _WITH_STEPS
"""Gives 1 when the session was still as it was read; else nothing is written."""

DELETE = """
    WITH gone AS (DELETE FROM clew.sessions WHERE key = %s AND version = %s RETURNING key, workspace)
    INSERT INTO clew.doomed SELECT key, workspace FROM gone RETURNING session
"""
NEXT_TOMBSTONE = "SELECT session FROM clew.doomed WHERE workspace = %s LIMIT 1 FOR UPDATE SKIP LOCKED"
TOMBSTONE_STEPS_DELETE = """
    DELETE FROM clew.steps
    WHERE session = %(session)s AND seq IN (SELECT seq FROM clew.steps WHERE session = %(session)s ORDER BY seq LIMIT %(limit)s)
    RETURNING result, depends, subject
"""
BLOBS_HOLD = """
    SELECT FROM clew.blobs WHERE workspace = %(workspace)s AND digest = ANY (%(digests)b::bytea[]) ORDER BY digest FOR UPDATE
"""
"""Two that free the last two users of a value at once would each see the other's step still standing, and both leave the value."""
BLOBS_FREE = """
    DELETE FROM clew.blobs b
    WHERE b.workspace = %(workspace)s AND b.digest = ANY (%(digests)b::bytea[])
      AND NOT EXISTS (SELECT FROM clew.steps t WHERE t.workspace = b.workspace AND t.result = b.digest)
      AND NOT EXISTS (SELECT FROM clew.steps t WHERE t.workspace = b.workspace AND t.depends = b.digest)
      AND NOT EXISTS (SELECT FROM clew.steps t WHERE t.workspace = b.workspace AND t.subject = b.digest)
"""
CLEAR_TOMBSTONE = "DELETE FROM clew.doomed WHERE session = %s"
VACUUM = "VACUUM clew.sessions, clew.steps, clew.blobs"

EVERY_SESSION = "SELECT id, address, name, last_used_at, transient, record, seal FROM clew.sessions WHERE workspace = %s"
EVERY_BLOB = "SELECT digest, size, codec, data FROM clew.blobs WHERE workspace = %s"
STRAY_STEPS = """
    SELECT count(*) FROM clew.steps t
    WHERE t.workspace = %s AND NOT EXISTS (SELECT FROM clew.sessions WHERE key = t.session)
      AND NOT EXISTS (SELECT FROM clew.doomed WHERE session = t.session)
"""
STRAY_BLOBS = """
    SELECT count(*) FROM clew.blobs b
    WHERE b.workspace = %s
      AND NOT EXISTS (SELECT FROM clew.steps t WHERE t.workspace = b.workspace AND t.result = b.digest)
      AND NOT EXISTS (SELECT FROM clew.steps t WHERE t.workspace = b.workspace AND t.depends = b.digest)
      AND NOT EXISTS (SELECT FROM clew.steps t WHERE t.workspace = b.workspace AND t.subject = b.digest)
"""
