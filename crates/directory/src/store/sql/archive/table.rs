//! The tables of an archive: one row each.
//!
//! A migration that adds a table or a column adds it here and raises [`crate::archive::FORMAT`]; a
//! test compares both engines' catalogs with this list. What an engine keeps for itself, and what
//! is counted anew, is no part of an archive.

use self::{
    Kind::{Bytes, Integer, Text},
    Role::{Applications, Changes, Ends, Head, Members, Registry, Resources, Rows, Tenants},
};

/// A table.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) role: Role,
    /// The columns with what they hold.
    pub(super) columns: &'static [(&'static str, Kind)],
    /// In which order rows come: always the same one for the same rows.
    pub(super) order: &'static str,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Text,
    /// In Base64.
    Bytes,
}

/// What is peculiar to a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Nothing.
    Rows,
    /// One row, which every database has from the beginning.
    Registry,
    /// What counts are kept for.
    Tenants,
    /// Their numbers are not given twice.
    Applications,
    /// Rows that are counted.
    Resources,
    /// Rows that are counted.
    Members,
    /// The log, with what is not numbered yet at its end.
    Changes,
    /// What the log knows of deleted groups.
    Ends,
    /// The end of the log.
    Head,
}

impl Table {
    /// How its rows are read.
    pub(super) fn select(&self) -> String {
        let (columns, name, order) = (self.quoted(), self.name, self.order);
        format!("SELECT {columns} FROM {name} ORDER BY {order}")
    }

    /// How so many rows are written.
    pub(super) fn insert(&self, rows: usize) -> String {
        let width = self.columns.len();
        let row = |row: usize| {
            let places: Vec<String> = (1..=width)
                .map(|column| format!("?{}", row * width + column))
                .collect();
            format!("({})", places.join(", "))
        };
        let rows: Vec<String> = (0..rows).map(row).collect();
        let (columns, name) = (self.quoted(), self.name);
        format!("INSERT INTO {name} ({columns}) VALUES {}", rows.join(", "))
    }

    /// The names of the columns.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }

    /// One of them is a reserved word of PostgreSQL.
    fn quoted(&self) -> String {
        let quoted: Vec<String> = self
            .columns
            .iter()
            .map(|(name, _)| format!("\"{name}\""))
            .collect();
        quoted.join(", ")
    }
}

const fn table(
    name: &'static str,
    role: Role,
    columns: &'static [(&'static str, Kind)],
    order: &'static str,
) -> Table {
    Table {
        name,
        role,
        columns,
        order,
    }
}

/// Every table. A table stands after those that it refers to.
pub(super) const TABLES: &[Table] = &[
    table(
        "registry",
        Registry,
        &[
            ("generation", Integer),
            ("high_water", Integer),
            ("cursor_key", Bytes),
        ],
        "generation",
    ),
    table(
        "tenants",
        Tenants,
        &[
            ("tenant", Integer),
            ("slug", Text),
            ("idp", Text),
            ("settings", Text),
            ("created", Integer),
            ("deleted", Integer),
            ("schemas", Integer),
        ],
        "tenant",
    ),
    table(
        "tokens",
        Rows,
        &[
            ("tenant", Integer),
            ("id", Text),
            ("label", Text),
            ("digest", Bytes),
            ("access", Text),
            ("created", Integer),
            ("expires", Integer),
            ("form", Text),
            ("header", Text),
        ],
        "created, id",
    ),
    table(
        "applications",
        Applications,
        &[
            ("application", Integer),
            ("name", Text),
            ("digest", Bytes),
            ("allowed", Text),
            ("created", Integer),
            ("view_serial", Integer),
            ("view", Text),
            ("makes_names", Integer),
            ("released", Integer),
            ("old_digest", Bytes),
            ("old_digest_until", Integer),
        ],
        "application",
    ),
    table(
        "views",
        Rows,
        &[
            ("application", Integer),
            ("place", Integer),
            ("tenant", Integer),
        ],
        "application, place",
    ),
    table(
        "schemas",
        Rows,
        &[
            ("tenant", Integer),
            ("urn", Text),
            ("kind", Integer),
            ("document", Text),
            ("added", Integer),
        ],
        "tenant, urn",
    ),
    table(
        "ip_sets",
        Rows,
        &[
            ("name", Text),
            ("feed", Text),
            ("parts", Text),
            ("url", Text),
            ("refresh", Integer),
            ("edition", Text),
            ("digest", Text),
            ("networks", Text),
            ("changed", Integer),
            ("fetched", Integer),
            ("tried", Integer),
            ("failures", Integer),
            ("failure", Text),
            ("serial", Integer),
        ],
        "name",
    ),
    table(
        "resources",
        Resources,
        &[
            ("tenant", Integer),
            ("row", Integer),
            ("kind", Integer),
            ("id", Bytes),
            ("version", Integer),
            ("created", Integer),
            ("modified", Integer),
            ("active", Integer),
            ("name", Text),
            ("name_key", Text),
            ("external_id", Text),
            ("made_by", Text),
            ("made_from", Bytes),
            ("body", Text),
        ],
        "\"row\"",
    ),
    table(
        "emails",
        Rows,
        &[("tenant", Integer), ("value", Text), ("owner", Integer)],
        "tenant, value, owner",
    ),
    table(
        "members",
        Members,
        &[
            ("tenant", Integer),
            ("grp", Integer),
            ("kind", Integer),
            ("member", Integer),
        ],
        "tenant, grp, kind, member",
    ),
    table(
        "unique_values",
        Rows,
        &[
            ("tenant", Integer),
            ("kind", Integer),
            ("attribute", Text),
            ("value", Text),
            ("owner", Integer),
        ],
        "tenant, kind, attribute, value",
    ),
    table(
        "tombstones",
        Rows,
        &[
            ("tenant", Integer),
            ("name_key", Text),
            ("id", Bytes),
            ("created", Integer),
            ("deleted", Integer),
            ("body", Text),
        ],
        "rowid",
    ),
    table(
        "tombstone_groups",
        Rows,
        &[("tenant", Integer), ("grp", Bytes), ("id", Bytes)],
        "tenant, grp, id",
    ),
    table(
        "passwords",
        Rows,
        &[("tenant", Integer), ("user", Bytes), ("hash", Text)],
        "\"user\"",
    ),
    table(
        "group_names",
        Rows,
        &[
            ("tenant", Integer),
            ("application", Integer),
            ("id", Bytes),
            ("name", Text),
        ],
        "application, id",
    ),
    table(
        "user_names",
        Rows,
        &[
            ("tenant", Integer),
            ("application", Integer),
            ("name_key", Text),
            ("id", Bytes),
        ],
        "application, name_key, tenant, id",
    ),
    table(
        "synchronisations",
        Rows,
        &[
            ("application", Integer),
            ("number", Integer),
            ("at", Integer),
            ("full_at", Integer),
            ("full_epoch", Integer),
            ("full_number", Integer),
        ],
        "application",
    ),
    table(
        "changes",
        Changes,
        &[
            ("tenant", Integer),
            ("number", Integer),
            ("epoch", Integer),
            ("kind", Integer),
            ("object", Bytes),
            ("name", Text),
            ("member", Bytes),
            ("at", Integer),
            ("actor", Text),
            ("request", Text),
            ("before", Bytes),
            ("after", Bytes),
            ("hash", Bytes),
        ],
        "number",
    ),
    table(
        "group_ends",
        Ends,
        &[
            ("tenant", Integer),
            ("number", Integer),
            ("members", Integer),
        ],
        "number",
    ),
    table(
        "log_head",
        Head,
        &[("epoch", Integer), ("number", Integer), ("hash", Bytes)],
        "epoch",
    ),
];
