-- The store of one account: outbox, mirror, local ids, draft. Released migrations never change.

-- Facts: 'user' (the API's id of whose store this is).
CREATE TABLE fact (key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- The profiles as last read, in the API's order.
CREATE TABLE profile (id TEXT NOT NULL PRIMARY KEY, place INTEGER NOT NULL, body TEXT NOT NULL) STRICT;

-- Every update that was ever seen or made: our id and the API's. `body` is there while the update
-- is pending or failed; it has no due time, as times move with places (see queue).
CREATE TABLE known (
  local   BLOB NOT NULL PRIMARY KEY,
  remote  TEXT UNIQUE,
  profile TEXT NOT NULL,
  hash    INTEGER,
  body    TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX known_profile ON known (profile);

-- The order of each queue as last read: one blob per list, 25 bytes per row (local id, due time,
-- flags), so that a queue of which every time moved is still one small write.
CREATE TABLE queue (
  profile    TEXT    NOT NULL PRIMARY KEY,
  generation INTEGER NOT NULL,
  read_at    INTEGER NOT NULL,
  revision   INTEGER,
  pending    BLOB    NOT NULL,
  failed     BLOB    NOT NULL
) STRICT;

-- The first page of each profile's sent updates.
CREATE TABLE sent (profile TEXT NOT NULL PRIMARY KEY, body TEXT NOT NULL) STRICT;

-- The outbox. `wanted` is the order the last try of a reorder asked for.
CREATE TABLE operation (
  seq      INTEGER PRIMARY KEY AUTOINCREMENT,
  id       BLOB    NOT NULL UNIQUE,
  profile  TEXT    NOT NULL,
  word     TEXT    NOT NULL,
  body     TEXT    NOT NULL,
  state    TEXT    NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  tried_at INTEGER,
  wanted   BLOB
) STRICT;

-- Every try to send an operation, written before its first byte.
CREATE TABLE attempt (
  operation BLOB    NOT NULL,
  number    INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  outcome   TEXT,
  PRIMARY KEY (operation, number)
) STRICT, WITHOUT ROWID;

-- Operations that left the outbox, and how: settled, cancelled, discarded.
CREATE TABLE history (
  seq   INTEGER PRIMARY KEY,
  id    BLOB    NOT NULL,
  body  TEXT    NOT NULL,
  ended TEXT    NOT NULL,
  at    INTEGER NOT NULL
) STRICT;

-- What was being typed.
CREATE TABLE draft (one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), body TEXT NOT NULL) STRICT;
