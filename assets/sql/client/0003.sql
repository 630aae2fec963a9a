-- Where every operation that was ever made is: what is in no table any more is counted.

-- made = rows of operation + ended + pruned + aside + lost. The checksum is NULL until the first
-- change, as SQL cannot compute it.
CREATE TABLE tally (
  one    INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  made   INTEGER NOT NULL,
  -- Rows of history now.
  ended  INTEGER NOT NULL,
  -- Rows that history no longer holds, as they were old.
  pruned INTEGER NOT NULL,
  -- Rows of operations in quarantine.
  aside  INTEGER NOT NULL,
  -- What could not be found any more in a damaged store.
  lost   INTEGER NOT NULL,
  crc    INTEGER
) STRICT;
INSERT INTO tally (one, made, ended, pruned, aside, lost)
SELECT 1, waiting + ended + aside, ended, 0, aside, 0 FROM (
  SELECT (SELECT count(*) FROM operation) AS waiting,
         (SELECT count(*) FROM history) AS ended,
         (SELECT count(*) FROM quarantine WHERE source = 'operation') AS aside
);
