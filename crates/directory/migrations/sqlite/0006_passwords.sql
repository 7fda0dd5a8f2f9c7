-- Second secrets of applications, and passwords of users where a tenant accepts them.
CREATE TABLE passwords (
    tenant INTEGER NOT NULL,
    user   BLOB NOT NULL PRIMARY KEY,
    hash   TEXT NOT NULL -- PHC string, Argon2id
) STRICT, WITHOUT ROWID;
CREATE INDEX passwords_by_tenant ON passwords (tenant);
