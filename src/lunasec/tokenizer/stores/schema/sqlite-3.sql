-- From schema 2: all that was stored for a subject, and is not erased.

-- Log-out behind auth proxies.
ALTER TABLE sessions ADD COLUMN session_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN user_id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN login INTEGER NOT NULL DEFAULT 0;
CREATE INDEX sessions_proxied ON sessions (application, session_id) WHERE session_id <> '';
CREATE INDEX sessions_user ON sessions (application, user_id) WHERE user_id <> '';

CREATE TABLE log_outs (
    application TEXT NOT NULL,
    name TEXT NOT NULL,
    at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (application, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_outs_end ON log_outs (until);

CREATE TABLE log_out_tokens (
    application TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (application, token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX log_out_tokens_end ON log_out_tokens (until);

CREATE INDEX records_subject ON records (application, subject)
    WHERE subject IS NOT NULL AND erased_at IS NULL;

-- Who made a record, where the tokenizer itself verified that.
ALTER TABLE records ADD COLUMN owner BLOB;
ALTER TABLE sessions ADD COLUMN owner BLOB;
