-- Second secrets of applications, and passwords of users where a tenant accepts them.

ALTER TABLE applications ADD COLUMN old_digest BLOB;        -- of the password before
ALTER TABLE applications ADD COLUMN old_digest_until INTEGER; -- when it ends

CREATE TABLE passwords (
    tenant INTEGER NOT NULL,
    user   BLOB NOT NULL PRIMARY KEY,
    hash   TEXT NOT NULL -- PHC string, Argon2id
) STRICT, WITHOUT ROWID;
CREATE INDEX passwords_by_tenant ON passwords (tenant);
