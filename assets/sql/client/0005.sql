-- The tags a person put on updates: by local id, as a JSON list. `seen` is when the update was last
-- tagged or waiting; a year later its tags are forgotten.
CREATE TABLE tag (
  id   BLOB    NOT NULL PRIMARY KEY,
  body TEXT    NOT NULL,
  seen INTEGER NOT NULL,
  crc  INTEGER
) STRICT, WITHOUT ROWID;
