-- From schema 2: all that was stored for a subject, and is not erased.

CREATE INDEX records_subject ON records (application, subject)
    WHERE subject IS NOT NULL AND erased_at IS NULL;
