-- Custom extension schemas of tenants.
CREATE TABLE schemas (
    tenant   INTEGER NOT NULL REFERENCES tenants,
    urn      TEXT NOT NULL,    -- in lower case
    kind     INTEGER NOT NULL, -- what it extends
    document TEXT NOT NULL,    -- in the form of /Schemas
    added    INTEGER NOT NULL,
    PRIMARY KEY (tenant, urn)
) STRICT, WITHOUT ROWID;

-- Generation at which the schemas of a tenant last changed.
ALTER TABLE tenants ADD COLUMN schemas INTEGER NOT NULL DEFAULT 0;

-- Values of attributes that a custom schema declares unique.
CREATE TABLE unique_values (
    tenant    INTEGER NOT NULL,
    kind      INTEGER NOT NULL,
    attribute TEXT NOT NULL,    -- URN and name, in lower case
    value     TEXT NOT NULL,    -- as it is compared
    owner     INTEGER NOT NULL, -- row of the resource
    PRIMARY KEY (tenant, kind, attribute, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX unique_values_by_owner ON unique_values (tenant, owner);
