-- Every table starts with the tenant, so that it can be split by tenant later. Instants are
-- microseconds since 1970. `kind` is 0 for users and 1 for groups.

CREATE TABLE registry (
    only       INTEGER PRIMARY KEY CHECK (only = 1),
    generation INTEGER NOT NULL, -- grows with every change of tenants, tokens and applications
    high_water INTEGER NOT NULL  -- latest instant at which a token was seen expired
) STRICT;
INSERT INTO registry VALUES (1, 1, 0);

CREATE TABLE tenants (
    tenant   INTEGER PRIMARY KEY AUTOINCREMENT,
    slug     TEXT NOT NULL,
    idp      TEXT,
    settings TEXT NOT NULL, -- JSON object of text values
    created  INTEGER NOT NULL,
    deleted  INTEGER        -- the row stays, because the change log refers to it
) STRICT;
CREATE UNIQUE INDEX tenants_by_slug ON tenants (slug) WHERE deleted IS NULL;

CREATE TABLE tokens (
    tenant  INTEGER NOT NULL REFERENCES tenants,
    id      TEXT NOT NULL UNIQUE,
    label   TEXT NOT NULL,
    digest  BLOB NOT NULL UNIQUE, -- SHA-256 of the token
    access  TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER
) STRICT;

CREATE TABLE applications (
    application INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT NOT NULL UNIQUE,
    digest      BLOB NOT NULL,    -- SHA-256 of the password
    allowed     TEXT NOT NULL,    -- networks, separated by commas
    created     INTEGER NOT NULL,
    view_serial INTEGER NOT NULL  -- generation at which the view last changed
) STRICT;

CREATE TABLE views (
    application INTEGER NOT NULL REFERENCES applications ON DELETE CASCADE,
    place       INTEGER NOT NULL,
    tenant      INTEGER NOT NULL REFERENCES tenants,
    PRIMARY KEY (application, place)
) STRICT, WITHOUT ROWID;

-- Users and groups in the order of insertion.
CREATE TABLE resources (
    tenant      INTEGER NOT NULL,
    row         INTEGER PRIMARY KEY,
    kind        INTEGER NOT NULL,
    id          BLOB NOT NULL,
    version     INTEGER NOT NULL,
    created     INTEGER NOT NULL,
    modified    INTEGER NOT NULL,
    active      INTEGER,         -- as given; NULL when not given
    name        TEXT NOT NULL,   -- userName or displayName
    name_key    TEXT NOT NULL,   -- folded
    external_id TEXT,
    made_by     TEXT NOT NULL,   -- token that created it
    made_from   BLOB NOT NULL,   -- SHA-256 of the request body that created it
    body        TEXT NOT NULL    -- attributes as JSON; members are rows of their own
) STRICT;
CREATE UNIQUE INDEX resources_by_id ON resources (id);
CREATE UNIQUE INDEX resources_by_name ON resources (tenant, kind, name_key);
-- Not partial, although many have none: a partial index makes SQLite compile statements with
-- parameters anew each time they run.
CREATE UNIQUE INDEX resources_by_external_id ON resources (tenant, kind, external_id);
CREATE INDEX resources_in_order ON resources (tenant, kind);
CREATE INDEX resources_by_modified ON resources (tenant, kind, modified);

-- How many live rows of a kind a block of 1,024 row numbers holds: deep pages skip by blocks.
CREATE TABLE blocks (
    tenant INTEGER NOT NULL,
    kind   INTEGER NOT NULL,
    block  INTEGER NOT NULL,
    live   INTEGER NOT NULL,
    PRIMARY KEY (tenant, kind, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE counts (
    tenant      INTEGER PRIMARY KEY,
    users       INTEGER NOT NULL,
    groups      INTEGER NOT NULL,
    memberships INTEGER NOT NULL
) STRICT;

CREATE TABLE emails (
    tenant INTEGER NOT NULL,
    value  TEXT NOT NULL,    -- folded
    owner  INTEGER NOT NULL, -- row of the user
    PRIMARY KEY (tenant, value, owner)
) STRICT, WITHOUT ROWID;

-- The kind stands before the member, so that child groups are found without reading the users.
CREATE TABLE members (
    tenant INTEGER NOT NULL,
    grp    INTEGER NOT NULL, -- row of the group
    kind   INTEGER NOT NULL, -- of the member
    member INTEGER NOT NULL, -- row of the member
    PRIMARY KEY (tenant, grp, kind, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_by_member ON members (tenant, member, grp);

-- Deleted users that applications still see, inactive.
CREATE TABLE tombstones (
    tenant   INTEGER NOT NULL,
    name_key TEXT NOT NULL,
    id       BLOB NOT NULL,
    created  INTEGER NOT NULL,
    deleted  INTEGER NOT NULL,
    body     TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX tombstones_by_name ON tombstones (tenant, name_key);
CREATE UNIQUE INDEX tombstones_by_id ON tombstones (id);

CREATE TABLE log_head (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    epoch  INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash   BLOB NOT NULL
) STRICT;

CREATE TABLE changes (
    tenant  INTEGER NOT NULL,
    number  INTEGER PRIMARY KEY,
    epoch   INTEGER NOT NULL,
    kind    INTEGER NOT NULL,
    object  BLOB NOT NULL,
    name    TEXT NOT NULL,
    member  BLOB,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    request TEXT NOT NULL,
    before  BLOB,
    after   BLOB,
    hash    BLOB NOT NULL
) STRICT;
CREATE INDEX changes_by_time ON changes (at);
