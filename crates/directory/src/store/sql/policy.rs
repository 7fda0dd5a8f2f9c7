//! Whose tombstones are due.

use std::sync::Arc;

use provost_scim::Timestamp;

use super::{db::Conn, registry};
use crate::{
    DirectoryError,
    change::Actor,
    store::Scope,
    tenant::{DeletedUsers, Tenant},
};

const DAY: i64 = 86_400 * 1_000_000;

/// For each tenant that lets tombstones go: its scope, and the instant of deletion up to which
/// they do.
pub(super) fn due(conn: &Conn, now: Timestamp) -> Result<Vec<(Scope, i64)>, DirectoryError> {
    let registry = registry::read(conn)?;
    let scopes = registry.tenants().iter().filter_map(|tenant| {
        let until = forget_until(tenant, now)?;
        let scope = Scope {
            tenant: Arc::clone(tenant),
            actor: Actor {
                name: "policy".to_owned(),
                request: String::new(),
            },
            now,
        };
        Some((scope, until))
    });
    Ok(scopes.collect())
}

/// Tombstones of users deleted at this instant or before go.
fn forget_until(tenant: &Tenant, now: Timestamp) -> Option<i64> {
    match tenant.settings.deleted_users {
        DeletedUsers::Inactive => None,
        DeletedUsers::RemoveAfterDays(days) => Some(now.as_micros() - i64::from(days) * DAY),
        DeletedUsers::Remove => Some(i64::MAX),
    }
}
