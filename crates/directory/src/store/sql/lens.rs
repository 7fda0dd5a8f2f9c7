//! Which user and which group a name of a view stands for.
//!
//! Where several claim a name, one has it and the others are hidden, so that two are never taken
//! for one. A renamed group keeps the name under which the application knows it; inside a tenant
//! the user that was there first keeps a name that a rule makes equal; across tenants the first
//! living one in the view's order counts, and a tombstone only where nobody lives.

use std::{
    cell::{OnceCell, RefCell},
    collections::{BTreeSet, HashMap},
};

use provost_scim::text::fold;
use uuid::Uuid;

use super::{
    db::{self, Conn, Optional as _, Row, params},
    error::int,
    hidden,
    rows::kind_code,
    scope::RowSet,
};
use crate::{
    DirectoryError,
    id::TenantId,
    store::{Kind, Seen},
    view_settings::ViewSettings,
};

/// A group that lives.
#[derive(Clone, Debug)]
pub(super) struct GroupRow {
    pub(super) tenant: TenantId,
    pub(super) row: i64,
    pub(super) id: Uuid,
    /// Its displayName now.
    pub(super) name: String,
}

impl GroupRow {
    /// Columns: tenant, row, id, name.
    pub(super) fn read(row: &Row<'_>) -> db::Result<Self> {
        Ok(Self {
            tenant: TenantId(row.get(0)?),
            row: row.get(1)?,
            id: Uuid::from_bytes(row.get(2)?),
            name: row.get(3)?,
        })
    }
}

/// A user, living or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UserAt {
    pub(super) tenant: TenantId,
    pub(super) id: Uuid,
    pub(super) place: Place,
}

/// Where its attributes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Row of the resource.
    Living(i64),
    /// Row of the tombstone.
    Gone(i64),
}

/// Claims on names that are not in the store, by tenant and folded name.
pub(super) type Claims = HashMap<(TenantId, String), Uuid>;

/// A view's eyes on one state of the database.
pub(super) struct Lens<'c> {
    pub(super) conn: &'c Conn,
    pub(super) seen: Seen,
    /// Names of renamed groups.
    kept: HashMap<Uuid, String>,
    /// Who has which of them, by folded name.
    kept_by: HashMap<String, Vec<Uuid>>,
    /// Groups that were found in the scope of the filter, or out of it.
    pub(super) scopes: RefCell<HashMap<i64, bool>>,
    /// Claims for a view that is only tried.
    tried: Option<Claims>,
    /// Living users that do not have their names, once a listing has asked for them.
    hidden: OnceCell<RowSet>,
    /// Users in groups in scope, once they were found for a listing.
    pub(super) scoped: OnceCell<RowSet>,
}

/// The row with that name in one tenant.
fn named(
    conn: &Conn,
    tenant: TenantId,
    kind: Kind,
    key: &str,
) -> Result<Option<(i64, Uuid)>, DirectoryError> {
    Ok(conn
        .prepare_cached(
            "SELECT row, id FROM resources WHERE tenant = ?1 AND kind = ?2 AND name_key = ?3",
        )?
        .query_row(params![tenant.0, kind_code(kind), key], |row| {
            Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?)))
        })
        .optional()?)
}

/// The living group with that id.
pub(super) fn group_by_id(conn: &Conn, id: Uuid) -> Result<Option<GroupRow>, DirectoryError> {
    Ok(conn
        .prepare_cached("SELECT tenant, row, id, name FROM resources WHERE id = ?1 AND kind = 1")?
        .query_row(params![id.as_bytes()], GroupRow::read)
        .optional()?)
}

/// The living group of that row.
pub(super) fn group_by_row(conn: &Conn, row: i64) -> Result<GroupRow, DirectoryError> {
    Ok(conn
        .prepare_cached("SELECT tenant, row, id, name FROM resources WHERE row = ?1")?
        .query_row(params![row], GroupRow::read)?)
}

impl<'c> Lens<'c> {
    /// The lens of a view.
    ///
    /// # Errors
    /// `Unavailable` if the view has changed since it was looked up.
    pub(super) fn open(conn: &'c Conn, seen: &Seen) -> Result<Self, DirectoryError> {
        let is_current = conn
            .prepare_cached(
                "SELECT 1 FROM applications WHERE application = ?1 AND view_serial = ?2",
            )?
            .exists(params![seen.application.0, int(seen.serial)])?;
        if !is_current {
            return Err(DirectoryError::Unavailable(
                "the view of an application has just been changed".to_owned(),
            ));
        }
        let mut lens = Self {
            conn,
            seen: Seen::clone(seen),
            kept: HashMap::new(),
            kept_by: HashMap::new(),
            scopes: RefCell::default(),
            tried: None,
            hidden: OnceCell::new(),
            scoped: OnceCell::new(),
        };
        if !seen.settings.follow_group_names {
            let mut statement =
                conn.prepare_cached("SELECT id, name FROM group_names WHERE application = ?1")?;
            let mut rows = statement.query(params![seen.application.0])?;
            while let Some(row) = rows.next()? {
                let (id, name) = (Uuid::from_bytes(row.get(0)?), row.get::<String>(1)?);
                let by = lens.kept_by.entry(fold(&name).into_owned()).or_default();
                by.push(id);
                lens.kept.insert(id, name);
            }
        }
        Ok(lens)
    }

    /// The lens of a view that is not in the store, with the claims that its users would have.
    pub(super) fn tried(
        conn: &'c Conn,
        seen: &Seen,
        claims: Option<Claims>,
    ) -> Result<Self, DirectoryError> {
        Ok(Self {
            tried: claims,
            ..Self::open(conn, seen)?
        })
    }

    pub(super) fn settings(&self) -> &ViewSettings {
        &self.seen.settings
    }

    pub(super) fn tenants(&self) -> &[TenantId] {
        &self.seen.tenants
    }

    pub(super) fn sees(&self, tenant: TenantId) -> bool {
        self.tenants().contains(&tenant)
    }

    /// Whether the view keeps a name for this group.
    pub(super) fn keeps(&self, id: &Uuid) -> bool {
        self.kept.contains_key(id)
    }

    /// Whether the view keeps this folded name for some group, living or not.
    pub(super) fn keeps_name(&self, key: &str) -> bool {
        self.kept_by.contains_key(key)
    }

    /// The name under which the application knows a group, before a change of letter case.
    pub(super) fn known_as<'a>(&'a self, id: &Uuid, name: &'a str) -> &'a str {
        self.kept.get(id).map_or(name, String::as_str)
    }

    /// The name of a group in the view.
    pub(super) fn group_name(&self, group: &GroupRow) -> String {
        self.settings()
            .group_name(self.known_as(&group.id, &group.name))
    }

    /// Every living group that claims a folded name, the one that has it first.
    pub(super) fn group_claims(&self, key: &str) -> Result<Vec<GroupRow>, DirectoryError> {
        let mut claims = Vec::new();
        for id in self.kept_by.get(key).into_iter().flatten() {
            claims.extend(group_by_id(self.conn, *id)?.filter(|group| self.sees(group.tenant)));
        }
        for tenant in self.tenants() {
            if let Some((row, id)) = named(self.conn, *tenant, Kind::Group, key)?
                && !self.keeps(&id)
            {
                claims.push(group_by_row(self.conn, row)?);
            }
        }
        Ok(claims)
    }

    /// Whether a group is the one that has its name.
    pub(super) fn owns(&self, group: &GroupRow) -> Result<bool, DirectoryError> {
        if self.kept.is_empty() && self.tenants().len() == 1 {
            return Ok(self.sees(group.tenant));
        }
        let key = fold(self.known_as(&group.id, &group.name)).into_owned();
        let claims = self.group_claims(&key)?;
        Ok(claims.first().is_some_and(|first| first.row == group.row))
    }

    /// The user of a tenant that claims a folded name first.
    fn claimant(&self, tenant: TenantId, key: &str) -> Result<Option<UserAt>, DirectoryError> {
        if !self.settings().renames_users() {
            return self.stored(tenant, key);
        }
        let id = match &self.tried {
            Some(claims) => claims.get(&(tenant, key.to_owned())).copied(),
            None => self.first_claim(tenant, key)?,
        };
        match id {
            Some(id) => self.user_by_id(id),
            None => Ok(None),
        }
    }

    fn first_claim(&self, tenant: TenantId, key: &str) -> Result<Option<Uuid>, DirectoryError> {
        let found = self
            .conn
            .prepare_cached(
                "SELECT id FROM user_names WHERE application = ?1 AND name_key = ?2 AND tenant = ?3
                 ORDER BY id LIMIT 1",
            )?
            .query_row(params![self.seen.application.0, key, tenant.0], |row| {
                row.get(0).map(Uuid::from_bytes)
            });
        Ok(found.optional()?)
    }

    /// The user whose userName is that folded name.
    fn stored(&self, tenant: TenantId, key: &str) -> Result<Option<UserAt>, DirectoryError> {
        if let Some((row, id)) = named(self.conn, tenant, Kind::User, key)? {
            return Ok(Some(UserAt {
                tenant,
                id,
                place: Place::Living(row),
            }));
        }
        let found = self
            .conn
            .prepare_cached("SELECT rowid, id FROM tombstones WHERE tenant = ?1 AND name_key = ?2")?
            .query_row(params![tenant.0, key], |row| {
                Ok(UserAt {
                    tenant,
                    place: Place::Gone(row.get(0)?),
                    id: Uuid::from_bytes(row.get(1)?),
                })
            });
        Ok(found.optional()?)
    }

    /// The user with that id, living or tombstone.
    pub(super) fn user_by_id(&self, id: Uuid) -> Result<Option<UserAt>, DirectoryError> {
        let find = |sql, place: fn(i64) -> Place| {
            let mut statement = self.conn.prepare_cached(sql)?;
            let found = statement.query_row(params![id.as_bytes()], |row| {
                Ok(UserAt {
                    tenant: TenantId(row.get(0)?),
                    id,
                    place: place(row.get(1)?),
                })
            });
            found.optional()
        };
        let living = "SELECT tenant, row FROM resources WHERE id = ?1 AND kind = 0";
        Ok(match find(living, Place::Living)? {
            Some(found) => Some(found),
            None => find(
                "SELECT tenant, rowid FROM tombstones WHERE id = ?1",
                Place::Gone,
            )?,
        })
    }

    /// The user that has a folded name.
    pub(super) fn user_named(&self, key: &str) -> Result<Option<UserAt>, DirectoryError> {
        let mut buried = None;
        for tenant in self.tenants() {
            match self.claimant(*tenant, key)? {
                Some(user) if matches!(user.place, Place::Living(_)) => return Ok(Some(user)),
                found => buried = buried.or(found),
            }
        }
        Ok(buried)
    }

    /// Whether a user is the one that has its name in the view.
    pub(super) fn owns_name(
        &self,
        tenant: TenantId,
        id: Uuid,
        user_name: &str,
    ) -> Result<bool, DirectoryError> {
        if self.tenants().len() == 1 && !self.settings().renames_users() {
            return Ok(self.sees(tenant));
        }
        let key = self.user_key(user_name);
        Ok(self.user_named(&key)?.is_some_and(|user| user.id == id))
    }

    /// Finds out at once which living users do not have their names, for a listing of them all.
    pub(super) fn find_hidden(&self) -> Result<(), DirectoryError> {
        if self.tried.is_none() && self.hidden.get().is_none() {
            // Nobody else can have set it since.
            let _ = self.hidden.set(hidden::rows(self)?);
        }
        Ok(())
    }

    /// Whether a living user of a tenant of the view is the one that has its name.
    pub(super) fn living_owns_name(
        &self,
        tenant: TenantId,
        row: i64,
        id: Uuid,
        user_name: &str,
    ) -> Result<bool, DirectoryError> {
        match self.hidden.get() {
            Some(hidden) => Ok(!hidden.contains(row)),
            None => self.owns_name(tenant, id, user_name),
        }
    }

    /// The folded name of a user in the view.
    pub(super) fn user_key(&self, user_name: &str) -> String {
        if self.settings().renames_users() {
            fold(&self.settings().user_name(user_name)).into_owned()
        } else {
            fold(user_name).into_owned()
        }
    }

    /// Whether a folded name is claimed in another tenant than `moved` has, or `moved` has several.
    pub(super) fn is_claimed_beside(
        &self,
        key: &str,
        moved: &BTreeSet<TenantId>,
    ) -> Result<bool, DirectoryError> {
        let mut owners = moved.clone();
        for tenant in self.tenants() {
            if self.claimant(*tenant, key)?.is_some() {
                owners.insert(*tenant);
            }
        }
        Ok(owners.len() > 1)
    }
}
