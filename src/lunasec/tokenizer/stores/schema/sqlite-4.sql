-- From schema 3: what an identity provider said at the log-in, where policies may ask for it.

ALTER TABLE sessions ADD COLUMN person TEXT;
