"""The tables of the index and every statement over them.

A *unit* is a content in a language: its facts, its imports, its problems. Which file has which unit says the manifest, one blob for
the whole tree. A *segment* holds what is asked across files: in which units a name occurs (postings, by hash of the name) and the
searchable definitions. There is no row per name, definition or reference.
"""

SCHEMA = 1

CREATE = """
CREATE TABLE generation(
    one INTEGER PRIMARY KEY CHECK (one = 1), made_by TEXT NOT NULL, number INTEGER NOT NULL, next_unit INTEGER NOT NULL,
    manifest BLOB NOT NULL, graph BLOB NOT NULL
);
CREATE TABLE facts(
    unit INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, flags INTEGER NOT NULL, facts BLOB NOT NULL, imports BLOB NOT NULL
);
CREATE TABLE problems(unit INTEGER PRIMARY KEY, problems BLOB NOT NULL);
CREATE TABLE segments(segment INTEGER PRIMARY KEY, count INTEGER NOT NULL, buckets INTEGER NOT NULL, units BLOB NOT NULL);
CREATE TABLE postings(place INTEGER PRIMARY KEY, names BLOB NOT NULL);
CREATE TABLE definitions(place INTEGER PRIMARY KEY, records BLOB NOT NULL);
"""

TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table'"
DROP = "DROP TABLE"

GENERATION = "SELECT made_by, number, next_unit, manifest, graph FROM generation"
PUT_GENERATION = "INSERT OR REPLACE INTO generation VALUES (1, ?, ?, ?, ?, ?)"

UNIT_OF_KEY = "SELECT unit, flags, imports FROM facts WHERE key = ?"
PUT_FACTS = "INSERT INTO facts VALUES (?, ?, ?, ?, ?)"
PUT_PROBLEMS = "INSERT INTO problems VALUES (?, ?)"
FACTS = "SELECT facts FROM facts WHERE unit = ?"
FACTS_OF_UNITS = "SELECT unit, facts FROM facts WHERE unit IN (SELECT value FROM json_each(?))"
PROBLEMS = "SELECT unit, problems FROM problems"
PROBLEMS_OF = "SELECT problems FROM problems WHERE unit = ?"
UNITS_WITH_PROBLEMS = "SELECT unit FROM problems"
# A key is a digest and a language; 16 is the flag of facts that only a scan of the tokens gave.
PROBLEMS_OF_UNPARSED = (
    "SELECT p.problems FROM facts f JOIN problems p ON p.unit = f.unit WHERE f.key >= ?1 AND f.key < ?2 AND f.flags & 2064 LIMIT 1"
)
DROP_FACTS = "DELETE FROM facts WHERE unit = ?"
DROP_PROBLEMS = "DELETE FROM problems WHERE unit = ?"

SEGMENTS = "SELECT segment, count, buckets, units FROM segments ORDER BY segment"
NEXT_SEGMENT = "SELECT coalesce(max(segment), 0) + 1 FROM segments"
PUT_SEGMENT = "INSERT INTO segments VALUES (?, ?, ?, ?)"
DROP_SEGMENT = "DELETE FROM segments WHERE segment = ?"

# A place is segment * PLACES + bucket or piece, so that a segment is one range of keys.
PLACES = 1 << 20
PUT_POSTINGS = "INSERT INTO postings VALUES (?, ?)"
POSTINGS_WITH = "SELECT p.names FROM segments s JOIN postings p ON p.place = s.segment * 1048576 + (?1 % s.buckets)"
POSTINGS = "SELECT names FROM postings"
POSTINGS_OF = "SELECT names FROM postings WHERE place >= ?1 * 1048576 AND place < (?1 + 1) * 1048576 ORDER BY place"
DROP_POSTINGS = "DELETE FROM postings WHERE place >= ?1 * 1048576 AND place < (?1 + 1) * 1048576"
PUT_DEFINITIONS = "INSERT INTO definitions VALUES (?, ?)"
DEFINITIONS = "SELECT records FROM definitions ORDER BY place"
DEFINITIONS_OF = "SELECT records FROM definitions WHERE place >= ?1 * 1048576 AND place < (?1 + 1) * 1048576 ORDER BY place"
DROP_DEFINITIONS = "DELETE FROM definitions WHERE place >= ?1 * 1048576 AND place < (?1 + 1) * 1048576"
