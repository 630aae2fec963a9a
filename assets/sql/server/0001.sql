-- The server's database. Only what SQLite and PostgreSQL share.
-- Ids are 24 lower-case hex digits, times unix seconds, flags 0 or 1.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE profiles (
    id TEXT PRIMARY KEY,
    position BIGINT NOT NULL,
    service TEXT NOT NULL,
    name TEXT NOT NULL,
    timezone TEXT NOT NULL,
    schedule TEXT NOT NULL,
    connection TEXT NOT NULL,
    paused BIGINT NOT NULL,
    -- The first update of the queue gets the first free slot after this instant.
    anchor BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    followers BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE updates (
    id TEXT PRIMARY KEY,
    profile_id TEXT NOT NULL,
    -- buffer, sending, sent or error
    stage TEXT NOT NULL,
    -- The order of the updates that take a slot, with gaps; null for all others.
    position BIGINT,
    -- A time of its own.
    own_time BIGINT,
    pinned BIGINT NOT NULL,
    -- When it went out or should have; for a pending one only once its slot has come.
    due_at BIGINT,
    text TEXT NOT NULL,
    -- Of the text's normal form; finds equal texts.
    text_hash BIGINT NOT NULL,
    link TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    picture TEXT NOT NULL,
    thumbnail TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    sent_at BIGINT,
    service_update_id TEXT,
    shared_now BIGINT NOT NULL,
    -- As its connection reported them; null: none.
    statistics TEXT,
    error TEXT,
    via TEXT NOT NULL
);

CREATE INDEX updates_queue ON updates (profile_id, stage, position);
CREATE INDEX updates_sent ON updates (profile_id, stage, sent_at);
CREATE INDEX updates_text ON updates (profile_id, text_hash);

-- One row per attempt to publish, written before the attempt is made. Without an end its outcome
-- is not known.
CREATE TABLE attempts (
    update_id TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    ended_at BIGINT,
    outcome TEXT
);

CREATE INDEX attempts_open ON attempts (ended_at, update_id);

CREATE TABLE interactions (
    update_id TEXT NOT NULL,
    id TEXT NOT NULL,
    event TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    interaction_id TEXT NOT NULL,
    username TEXT NOT NULL,
    followers BIGINT NOT NULL,
    avatar TEXT NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (update_id, interaction_id)
);
