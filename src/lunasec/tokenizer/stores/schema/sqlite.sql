-- Times are whole seconds since the epoch. Secrets are kept as their SHA-256 alone.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE records (
    record_id BLOB NOT NULL UNIQUE,
    application TEXT NOT NULL,
    lookup_version INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    commitment BLOB NOT NULL,
    wrapped BLOB NOT NULL,
    kind TEXT NOT NULL,
    size INTEGER NOT NULL,
    metadata TEXT NOT NULL,
    subject TEXT,
    created_at INTEGER NOT NULL,
    verified_at INTEGER,
    erased_at INTEGER,
    blob BLOB UNIQUE,
    file_size INTEGER,
    ciphertext BLOB NOT NULL,
    -- Who made it, as a hash, where the tokenizer itself verified that.
    owner BLOB
) STRICT;
-- These end with the row's number, so that new records are written to their ends and not all over.
CREATE INDEX records_lookup ON records (lookup_version);
CREATE INDEX records_epoch ON records (epoch);
CREATE INDEX records_erased ON records (erased_at) WHERE erased_at IS NOT NULL;
CREATE INDEX records_unverified ON records (created_at)
    WHERE verified_at IS NULL AND erased_at IS NULL;
CREATE INDEX records_subject ON records (application, subject)
    WHERE subject IS NOT NULL AND erased_at IS NULL;

-- How often the wrap key of each epoch was used, for good: records that are gone count too.
CREATE TABLE wraps (
    epoch INTEGER PRIMARY KEY,
    count INTEGER NOT NULL
) STRICT;

-- Files on their way. One that was ended has 0 in expires_at, until upkeep has removed its bytes.
CREATE TABLE uploads (
    upload_hash BLOB NOT NULL UNIQUE,
    application TEXT NOT NULL,
    reference TEXT NOT NULL,
    blob BLOB NOT NULL UNIQUE,
    file_size INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_reference ON uploads (application, reference);
CREATE INDEX uploads_end ON uploads (expires_at);

CREATE TABLE grants (
    application TEXT NOT NULL,
    reference TEXT NOT NULL,
    record_id BLOB NOT NULL,
    action TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    reads_left INTEGER,
    may_copy INTEGER NOT NULL,
    PRIMARY KEY (application, reference, record_id, action)
) STRICT, WITHOUT ROWID;
CREATE INDEX grants_record ON grants (record_id);
CREATE INDEX grants_end ON grants (expires_at);

CREATE TABLE sessions (
    secret_hash BLOB PRIMARY KEY,
    application TEXT NOT NULL,
    reference TEXT NOT NULL,
    subject TEXT,
    temporary INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    absolute_end INTEGER NOT NULL,
    -- Of a session without cookies: the key that its requests are signed with, and their counters.
    public_key BLOB NOT NULL,
    highest INTEGER NOT NULL,
    seen BLOB NOT NULL,
    -- Of one that an auth proxy vouches for: what stands for the proxy's session and user, and the
    -- oldest log-in that it was entered with, where the two are the same.
    session_id TEXT NOT NULL DEFAULT '',
    user_id TEXT NOT NULL DEFAULT '',
    login INTEGER NOT NULL DEFAULT 0,
    -- Whose the records are that are made in it.
    owner BLOB,
    -- What an identity provider said at the log-in (JSON), where policies may ask for it.
    person TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_proxied ON sessions (application, session_id) WHERE session_id <> '';
CREATE INDEX sessions_user ON sessions (application, user_id) WHERE user_id <> '';
CREATE INDEX sessions_reference ON sessions (application, reference);
CREATE INDEX sessions_end ON sessions (expires_at);

CREATE TABLE handles (
    handle_hash BLOB PRIMARY KEY,
    application TEXT NOT NULL,
    reference TEXT NOT NULL,
    subject TEXT,
    temporary INTEGER NOT NULL,
    state TEXT NOT NULL,
    origin TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    session_end INTEGER NOT NULL,
    used INTEGER NOT NULL,
    purpose TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handles_reference ON handles (application, reference);
CREATE INDEX handles_age ON handles (created_at);

-- References that were ended; they are refused until then.
CREATE TABLE tombstones (
    application TEXT NOT NULL,
    reference TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (application, reference)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_end ON tombstones (until);

-- When a reference, or an auth proxy's user, was logged out; older log-ins are refused until then.
CREATE TABLE log_outs (
    application TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (application, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_outs_end ON log_outs (until);

-- Log-out tokens that were used; none is good twice.
CREATE TABLE log_out_tokens (
    application TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (application, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_out_tokens_end ON log_out_tokens (until);

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    line TEXT NOT NULL,
    digest BLOB NOT NULL
) STRICT;
