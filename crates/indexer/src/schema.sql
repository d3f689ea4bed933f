-- Everything here is derived from finalized blocks and may be dropped at any time.
-- A change of this file raises `VERSION` in `schema.rs`; older files are then rebuilt.

-- What the index knows about itself: the genesis it belongs to.
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE blocks (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    parent_hash BLOB NOT NULL,
    timestamp_ms INTEGER NOT NULL,
    transactions INTEGER NOT NULL,
    events INTEGER NOT NULL,
    gas_used INTEGER NOT NULL,
    proposer BLOB NOT NULL,
    bytes INTEGER NOT NULL
);
CREATE INDEX blocks_by_hash ON blocks (hash);

-- `place` is block << 24 | position (see `keys.rs`).
CREATE TABLE transactions (
    place INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    hash_start INTEGER NOT NULL,
    sender BLOB NOT NULL,
    recipient BLOB,
    created BLOB,
    selector BLOB,
    kind INTEGER NOT NULL,
    succeeded INTEGER NOT NULL,
    gas_used INTEGER NOT NULL,
    bytes INTEGER NOT NULL
);
-- The first 8 bytes of the hash: a third of the size of an index of whole hashes.
CREATE INDEX transactions_by_hash ON transactions (hash_start);

-- Each emitter with each first topic, once; most logs repeat one of few kinds.
CREATE TABLE log_kinds (
    id INTEGER PRIMARY KEY,
    address BLOB NOT NULL,
    topic0 BLOB,
    UNIQUE (address, topic0)
);
CREATE INDEX log_kinds_by_topic ON log_kinds (topic0);

-- `place` is block << 24 | index of the log in the block. Topics are without leading zeros.
CREATE TABLE logs (
    place INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    topic1 BLOB,
    topic2 BLOB,
    topic3 BLOB
);
CREATE INDEX logs_by_kind ON logs (kind, place);
