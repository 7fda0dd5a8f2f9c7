-- Single sign-on sessions of Crowd clients. They belong to no tenant, because an application may see
-- the users of several; a copy of the directory's data does not need them.
CREATE TABLE sessions (
    digest  BLOB NOT NULL PRIMARY KEY, -- SHA-256 of the token
    id      BLOB NOT NULL,             -- of the user
    factors BLOB NOT NULL,             -- SHA-256 of the token and of where the session is used
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    lasts   INTEGER NOT NULL           -- microseconds from one use to the end
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_id ON sessions (id);
CREATE INDEX sessions_by_end ON sessions (expires);
