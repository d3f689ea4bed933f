-- Everything here is derived from finalized blocks and may be dropped at any time.
-- A change of this file raises `VERSION` in `schema.rs`; older files are then rebuilt.
-- It is written for SQLite; `database/postgres.rs` says what PostgreSQL calls otherwise.

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
-- The first 4 bytes tell senders apart well enough, and cost a fifth of the whole.
CREATE INDEX transactions_by_sender ON transactions (substr(sender, 1, 4));
CREATE INDEX transactions_that_create ON transactions (place) WHERE created IS NOT NULL;

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

-- Member organisations and their accounts, as of the newest block.
CREATE TABLE organisations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    gln TEXT,
    frozen TEXT,
    since_block INTEGER NOT NULL
);
-- `roles` has bit n set for role n; `frozen` is the reason.
CREATE TABLE accounts (
    address BLOB PRIMARY KEY,
    organisation INTEGER NOT NULL,
    roles INTEGER NOT NULL,
    frozen TEXT,
    since_block INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX accounts_by_organisation ON accounts (organisation);

-- What owners call their contracts; `place` is that of the declaration.
CREATE TABLE contracts (
    address BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    place INTEGER NOT NULL
) WITHOUT ROWID;

-- Every URI, word and unit of an event, once; `start` is the start of its hash.
CREATE TABLE names (
    id INTEGER PRIMARY KEY,
    start INTEGER NOT NULL,
    name TEXT NOT NULL
);
CREATE INDEX names_by_start ON names (start);

-- `id` counts the events in the order of the chain. Columns that end in _name point to `names`.
CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    hash_start INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    action INTEGER NOT NULL,
    event_time_ms INTEGER NOT NULL,
    time_zone TEXT NOT NULL,
    record_time_ms INTEGER NOT NULL,
    step_name INTEGER,
    disposition_name INTEGER,
    read_point_name INTEGER,
    biz_location_name INTEGER,
    parent_name INTEGER,
    transformation_name INTEGER,
    event_id_name INTEGER,
    party INTEGER NOT NULL,
    capturer BLOB NOT NULL,
    transaction_place INTEGER NOT NULL,
    position INTEGER NOT NULL,
    withdrawn_ms INTEGER,
    withdrawn_reason TEXT
);
CREATE INDEX events_by_hash ON events (hash_start);
CREATE INDEX events_by_event_time ON events (event_time_ms);
CREATE INDEX events_by_record_time ON events (record_time_ms);
CREATE INDEX events_by_step ON events (step_name, event_time_ms);
CREATE INDEX events_by_disposition ON events (disposition_name, event_time_ms);
CREATE INDEX events_by_read_point ON events (read_point_name, event_time_ms);
CREATE INDEX events_by_biz_location ON events (biz_location_name, event_time_ms);
CREATE INDEX events_by_transformation ON events (transformation_name)
    WHERE transformation_name IS NOT NULL;
CREATE INDEX events_by_event_id ON events (event_id_name) WHERE event_id_name IS NOT NULL;

-- The events as they were captured: apart, so that walking `events` touches few pages.
CREATE TABLE bodies (
    event INTEGER PRIMARY KEY,
    body TEXT NOT NULL
);

-- Every thing in an event, with its role: 0 object, 1 parent, 2 child, 3 input, 4 output, 5 parent
-- that is emptied, 6 object whose life begins or ends.
CREATE TABLE items (
    event INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    role INTEGER NOT NULL,
    identifier INTEGER NOT NULL,
    event_time_ms INTEGER NOT NULL,
    class INTEGER NOT NULL,
    quantity TEXT,
    uom_name INTEGER,
    PRIMARY KEY (event, nth)
) WITHOUT ROWID;
CREATE INDEX items_by_identifier ON items (identifier, role, event_time_ms);

-- Orders, invoices, despatch advices.
CREATE TABLE documents (
    event INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    type_name INTEGER,
    document INTEGER NOT NULL,
    PRIMARY KEY (event, nth)
) WITHOUT ROWID;
CREATE INDEX documents_by_name ON documents (document);

-- Sources (side 0) and destinations (side 1).
CREATE TABLE parties (
    event INTEGER NOT NULL,
    side INTEGER NOT NULL,
    nth INTEGER NOT NULL,
    type_name INTEGER NOT NULL,
    party INTEGER NOT NULL,
    PRIMARY KEY (event, side, nth)
) WITHOUT ROWID;
CREATE INDEX parties_by_name ON parties (party);
