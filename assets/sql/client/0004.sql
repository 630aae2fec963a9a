-- Several drafts, each by its id. The one there was before, and those of editors that did not send,
-- get their ids here; their checksums at the start, as other rows from before.
CREATE TABLE drafts (id BLOB NOT NULL PRIMARY KEY, body TEXT NOT NULL, crc INTEGER) STRICT, WITHOUT ROWID;
INSERT INTO drafts (id, body) SELECT zeroblob(16), body FROM draft;
INSERT INTO drafts (id, body) SELECT randomblob(16), value FROM fact WHERE key > 'draft ' AND key < 'draft!';
DELETE FROM fact WHERE key > 'draft ' AND key < 'draft!';
DROP TABLE draft;
ALTER TABLE drafts RENAME TO draft;
