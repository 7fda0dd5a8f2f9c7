//! Living users that a view hides because another user has their name, found once for a whole
//! listing: to ask for each membership who has the name costs more than the listing itself.
//!
//! Takes a bit per hidden user. Says nothing about the group filter, nor about tombstones.

use uuid::Uuid;

use super::{
    db::params,
    lens::{Lens, Place, UserAt},
    scope::RowSet,
};
use crate::{DirectoryError, id::TenantId};

/// Folded names that several users claim.
const CONTESTED: &str =
    "SELECT name_key FROM user_names WHERE application = ?1 GROUP BY name_key HAVING count(*) > 1";
const CLAIMS: &str = "SELECT id FROM user_names WHERE application = ?1 AND name_key = ?2";
/// Users of a later tenant whose name somebody in an earlier one has.
const LATER: &str = "SELECT later.row FROM resources later INDEXED BY resources_by_name
     WHERE later.tenant = ?2 AND later.kind = 0 AND EXISTS (
         SELECT 1 FROM resources earlier INDEXED BY resources_by_name
         WHERE earlier.tenant = ?1 AND earlier.kind = 0 AND earlier.name_key = later.name_key)";

/// Rows of the users that are hidden behind another; agrees with [`Lens::owns_name`].
pub(super) fn rows(lens: &Lens<'_>) -> Result<RowSet, DirectoryError> {
    let mut hidden = RowSet::default();
    if lens.settings().renames_users() {
        by_claims(lens, &mut hidden)?;
        return Ok(hidden);
    }
    let mut later = lens.tenants();
    while let Some((earlier, rest)) = later.split_first() {
        for tenant in rest {
            behind(lens, *earlier, *tenant, &mut hidden)?;
        }
        later = rest;
    }
    Ok(hidden)
}

fn by_claims(lens: &Lens<'_>, hidden: &mut RowSet) -> Result<(), DirectoryError> {
    let application = lens.seen.application.0;
    let mut contested = lens.conn.prepare_cached(CONTESTED)?;
    let mut keys = contested.query(params![application])?;
    while let Some(row) = keys.next()? {
        let key = row.get_ref(0)?.as_str().unwrap_or_default();
        let owner = lens.user_named(key)?.map(|user| user.id);
        let mut claims = lens.conn.prepare_cached(CLAIMS)?;
        let mut claims = claims.query(params![application, key])?;
        while let Some(row) = claims.next()? {
            let id = Uuid::from_bytes(row.get(0)?);
            if owner == Some(id) {
                continue;
            }
            if let Some(UserAt {
                place: Place::Living(row),
                ..
            }) = lens.user_by_id(id)?
            {
                hidden.insert(row);
            }
        }
    }
    Ok(())
}

fn behind(
    lens: &Lens<'_>,
    earlier: TenantId,
    later: TenantId,
    hidden: &mut RowSet,
) -> Result<(), DirectoryError> {
    let mut statement = lens.conn.prepare_cached(LATER)?;
    let mut found = statement.stream(params![earlier.0, later.0])?;
    while let Some(row) = found.next()? {
        hidden.insert(row.get(0)?);
    }
    Ok(())
}
