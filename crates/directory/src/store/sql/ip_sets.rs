//! Named sets of IP addresses, and that none goes which somebody uses.

use std::sync::Arc;

use provost_allowlist::{
    IpSet, Prefix,
    feed::{self, Version},
    update::Accepted,
};
use provost_scim::Timestamp;

use super::{
    db::{Conn, Optional as _, params},
    error::{damaged, int, uint},
    registry,
    txn::Txn,
};
use crate::{
    DirectoryError,
    allowlist::Allowlist,
    ip_set::{IpSetName, NamedSet, Source, User},
    settings,
    store::IpSetChange,
};

/// Every set, by name.
pub(super) fn all(conn: &Conn) -> Result<Vec<Arc<NamedSet>>, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT name, feed, parts, url, refresh, edition, digest, networks, changed, fetched,
                tried, failures, failure, serial
         FROM ip_sets ORDER BY name",
    )?;
    let mut rows = statement.query(params![])?;
    let mut sets = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        let broken = || damaged(&format!("the set of addresses {text} cannot be read"));
        let feed: String = row.get(1)?;
        let parts: String = row.get(2)?;
        let networks: String = row.get(7)?;
        let edition: Option<String> = row.get(5)?;
        let failures: i64 = row.get(11)?;
        sets.push(Arc::new(NamedSet {
            name: IpSetName::parse(&text).map_err(|_| broken())?,
            source: Source {
                feed: feed::find(&feed).ok_or_else(broken)?,
                parts: serde_json::from_str(&parts).map_err(|_| broken())?,
                url: row.get(3)?,
                refresh: row.get::<i64>(4)? != 0,
            },
            accepted: Accepted {
                set: read_networks(&networks).ok_or_else(broken)?,
                version: edition.as_deref().map(Version::of),
                digest: row.get(6)?,
            },
            changed: Timestamp::from_micros(row.get(8)?),
            fetched: Timestamp::from_micros(row.get(9)?),
            tried: Timestamp::from_micros(row.get(10)?),
            failures: u32::try_from(failures).unwrap_or(u32::MAX),
            failure: row.get(12)?,
            serial: uint(row.get(13)?),
        }));
    }
    Ok(sets)
}

fn read_networks(text: &str) -> Option<IpSet> {
    text.lines().map(|line| Prefix::parse(line).ok()).collect()
}

/// Carries a change out; the generation of the registry will be `next`.
pub(super) fn carry_out(
    txn: &Txn<'_>,
    change: &IpSetChange,
    next: u64,
) -> Result<(), DirectoryError> {
    match change {
        IpSetChange::Keep { set, replaces } => keep(txn, set, *replaces, next),
        IpSetChange::NoteFailure { name, at, failure } => note_failure(txn, name, *at, failure),
        IpSetChange::Claim { name, tried, now } => claim(txn, name, *tried, *now),
        IpSetChange::Refresh { name, refresh } => set_refresh(txn, name, *refresh),
        IpSetChange::Remove(name) => remove(txn, name),
    }
}

/// Puts a set in the place of the one that it was compared with; `VersionMismatch` if another one
/// is there by now.
fn keep(
    txn: &Txn<'_>,
    set: &NamedSet,
    replaces: Option<u64>,
    next: u64,
) -> Result<(), DirectoryError> {
    let present = txn
        .conn
        .prepare_cached("SELECT serial FROM ip_sets WHERE name = ?1")?
        .query_row(params![set.name.as_str()], |row| row.get::<i64>(0))
        .optional()?;
    if present.map(uint) != replaces {
        return Err(DirectoryError::VersionMismatch);
    }
    txn.conn
        .prepare_cached(
            "INSERT INTO ip_sets (name, feed, parts, url, refresh, edition, digest, networks,
                                  changed, fetched, tried, failures, failure, serial)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10, 0, NULL, ?11)
             ON CONFLICT (name) DO UPDATE SET feed = ?2, parts = ?3, url = ?4, refresh = ?5,
                 edition = ?6, digest = ?7, networks = ?8, changed = ?9, fetched = ?10,
                 tried = ?10, failures = 0, failure = NULL, serial = ?11",
        )?
        .execute(params![
            set.name.as_str(),
            set.source.feed.name,
            serde_json::Value::from(set.source.parts.clone()).to_string(),
            set.source.url,
            i64::from(set.source.refresh),
            set.accepted.version.as_ref().map(Version::to_text),
            set.accepted.digest,
            set.accepted.set.to_string(),
            set.changed.as_micros(),
            set.fetched.as_micros(),
            int(next),
        ])?;
    Ok(())
}

/// Notes that the document of a set could not be used; what is in force stays.
fn note_failure(
    txn: &Txn<'_>,
    name: &IpSetName,
    at: Timestamp,
    failure: &str,
) -> Result<(), DirectoryError> {
    registry::one(
        txn,
        "UPDATE ip_sets SET tried = ?2, failures = failures + 1, failure = ?3 WHERE name = ?1",
        params![name.as_str(), at.as_micros(), failure],
    )
}

/// Lets one node refresh a set: the first one that saw when it was last tried.
fn claim(
    txn: &Txn<'_>,
    name: &IpSetName,
    tried: Timestamp,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    registry::one(
        txn,
        "UPDATE ip_sets SET tried = ?3 WHERE name = ?1 AND tried = ?2 AND refresh = 1",
        params![name.as_str(), tried.as_micros(), now.as_micros()],
    )
    .map_err(|error| match error {
        DirectoryError::NotFound => DirectoryError::VersionMismatch,
        other => other,
    })
}

/// Lets servers refresh a set, or not.
fn set_refresh(txn: &Txn<'_>, name: &IpSetName, refresh: bool) -> Result<(), DirectoryError> {
    registry::one(
        txn,
        "UPDATE ip_sets SET refresh = ?2 WHERE name = ?1",
        params![name.as_str(), i64::from(refresh)],
    )
}

/// Removes a set that nobody uses.
fn remove(txn: &Txn<'_>, name: &IpSetName) -> Result<(), DirectoryError> {
    let users = users(txn.conn, name)?;
    if !users.is_empty() {
        let users: Vec<_> = users.iter().map(User::to_string).collect();
        return Err(DirectoryError::Invalid(format!(
            "the set {name} is used by {}; take set:{name} out of allowed_addresses there first",
            users.join(", ")
        )));
    }
    registry::one(
        txn,
        "DELETE FROM ip_sets WHERE name = ?1",
        params![name.as_str()],
    )
}

fn users(conn: &Conn, name: &IpSetName) -> Result<Vec<User>, DirectoryError> {
    let mut users = Vec::new();
    for tenant in registry::tenants(conn)? {
        if tenant
            .settings
            .allowed_addresses
            .sets()
            .any(|used| used == name)
        {
            users.push(User::Tenant(tenant.slug.clone()));
        }
    }
    for record in registry::applications(conn)? {
        let application = &record.application;
        if application
            .allowed_addresses
            .sets()
            .any(|used| used == name)
        {
            users.push(User::Application(application.name.clone()));
        }
    }
    Ok(users)
}

/// Refuses an allowlist with a name that stands for nothing: it would admit nobody.
pub(super) fn check(conn: &Conn, list: &Allowlist) -> Result<(), DirectoryError> {
    if list.sets().next().is_none() {
        return Ok(());
    }
    let sets = all(conn)?;
    list.check_names(&sets)
}

/// Of the stored settings of a tenant.
pub(super) fn check_settings(conn: &Conn, stored: &str) -> Result<(), DirectoryError> {
    check(conn, &settings::from_stored(stored)?.allowed_addresses)
}
