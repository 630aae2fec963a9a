-- Rows that can be told from damaged ones, requests of several operations, undo after a restart.

-- A checksum over the rest of the row; NULL on rows from before, which are given one at the start.
ALTER TABLE operation ADD COLUMN crc INTEGER;
-- The same for rows whose damage would mislead; of `known` only who it is, its body has `hash`.
ALTER TABLE fact ADD COLUMN crc INTEGER;
ALTER TABLE profile ADD COLUMN crc INTEGER;
ALTER TABLE known ADD COLUMN crc INTEGER;
ALTER TABLE queue ADD COLUMN crc INTEGER;
ALTER TABLE sent ADD COLUMN crc INTEGER;
ALTER TABLE draft ADD COLUMN crc INTEGER;
-- The last operation of the request it went out with; NULL if it went out alone or never.
ALTER TABLE operation ADD COLUMN request BLOB;
-- What a create said when it was sent, to recognise it by: JSON of text and media.
ALTER TABLE operation ADD COLUMN sent TEXT;

-- Rows that make no sense: shown, never sent, never thrown away by themselves.
CREATE TABLE quarantine (
  seq    INTEGER PRIMARY KEY,
  source TEXT    NOT NULL,
  word   TEXT,
  body   BLOB,
  at     INTEGER NOT NULL
) STRICT;

-- What was done and can be taken back (0) or done again (1).
CREATE TABLE done (
  id    BLOB    NOT NULL PRIMARY KEY,
  stack INTEGER NOT NULL,
  place INTEGER NOT NULL,
  body  TEXT    NOT NULL,
  crc   INTEGER
) STRICT, WITHOUT ROWID;
