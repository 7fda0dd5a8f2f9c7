-- Named sets of IP addresses.
CREATE TABLE ip_sets (
    name     TEXT NOT NULL PRIMARY KEY,
    feed     TEXT NOT NULL,    -- format of the document
    parts    TEXT NOT NULL,    -- JSON array of the parts that are taken
    url      TEXT,             -- from where it is fetched, if it is
    refresh  INTEGER NOT NULL, -- 1 if a server fetches it every day
    edition  TEXT,             -- of the document, where it says so
    digest   TEXT NOT NULL,    -- SHA-256 of the document
    networks TEXT NOT NULL,    -- what is in force, one network a line
    changed  INTEGER NOT NULL, -- since when
    fetched  INTEGER NOT NULL, -- when the document was last read
    tried    INTEGER NOT NULL, -- when that was last tried
    failures INTEGER NOT NULL, -- attempts that failed since
    failure  TEXT,             -- why the last one did
    serial   INTEGER NOT NULL  -- generation of the registry at which the row was last replaced
) STRICT, WITHOUT ROWID;
