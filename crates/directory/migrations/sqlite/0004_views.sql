-- What a view shows beside its tenants, and what holds it.

ALTER TABLE applications ADD COLUMN view TEXT NOT NULL DEFAULT '{}'; -- JSON object of text values
-- Whether the view makes user names by a rule.
ALTER TABLE applications ADD COLUMN makes_names INTEGER NOT NULL DEFAULT 0;
-- Number of the log up to which an administrator let a mass change through.
ALTER TABLE applications ADD COLUMN released INTEGER NOT NULL DEFAULT 0;

-- The names under which an application goes on seeing groups that were renamed.
CREATE TABLE group_names (
    tenant      INTEGER NOT NULL,
    application INTEGER NOT NULL REFERENCES applications ON DELETE CASCADE,
    id          BLOB NOT NULL, -- of the group
    name        TEXT NOT NULL,
    PRIMARY KEY (application, id)
) STRICT, WITHOUT ROWID;

-- Who claims which user name in a view that makes names of its own; the first claim counts.
CREATE TABLE user_names (
    tenant      INTEGER NOT NULL,
    application INTEGER NOT NULL REFERENCES applications ON DELETE CASCADE,
    name_key    TEXT NOT NULL, -- folded
    id          BLOB NOT NULL, -- of the user, living or tombstone
    PRIMARY KEY (application, name_key, tenant, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX user_names_by_id ON user_names (id);

-- The groups that deleted users were directly in: a view with a group filter shows the tombstones
-- of its own people only.
CREATE TABLE tombstone_groups (
    tenant INTEGER NOT NULL,
    grp    BLOB NOT NULL, -- id of the group
    id     BLOB NOT NULL, -- id of the user
    PRIMARY KEY (tenant, grp, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstone_groups_by_id ON tombstone_groups (id);

-- How many memberships ended with the deletion of a group: the log has no entry for each.
CREATE TABLE group_ends (
    tenant  INTEGER NOT NULL,
    number  INTEGER PRIMARY KEY, -- of the deletion in the log
    members INTEGER NOT NULL
) STRICT;

-- How far each application has read.
CREATE TABLE synchronisations (
    application INTEGER PRIMARY KEY REFERENCES applications ON DELETE CASCADE,
    number      INTEGER NOT NULL, -- the log up to which it has the changes
    at          INTEGER NOT NULL, -- when it last asked
    full_at     INTEGER,          -- when it last began to list everything
    full_epoch  INTEGER,          -- at which position of its view that was
    full_number INTEGER
) STRICT;
