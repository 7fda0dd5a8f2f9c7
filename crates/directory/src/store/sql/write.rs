//! Creating, changing and deleting users and groups.

use provost_scim::Resource;
use uuid::Uuid;

use super::{
    db::{self, Asked, Optional as _, params},
    error::int,
    index, membership, names, passwords,
    rows::{self, Raw, kind_code},
    schemas, tombstones,
    txn::Txn,
};
use crate::{
    DirectoryError,
    change::ChangeKind,
    directory::Created,
    id::TenantId,
    log::{Entry, body_digest},
    replay::{self, Origin},
    store::{Decide, Kind, Load, NewResource, Outcome, Scope, Stored, Target},
    tenant::DeletedUsers,
};

/// The name that is the key of its kind.
fn name_of(kind: Kind, resource: &Resource) -> &str {
    match kind {
        Kind::User => resource.user_name(),
        Kind::Group => resource.display_name().unwrap_or_default(),
    }
}

fn active_of(resource: &Resource) -> Option<bool> {
    let given = resource.attributes().contains_key("active");
    given.then(|| resource.is_active())
}

/// An entry about an object, without member and digests.
pub(super) fn entry<'a>(
    scope: &'a Scope,
    kind: ChangeKind,
    object: Uuid,
    name: &'a str,
) -> Entry<'a> {
    Entry {
        tenant: scope.tenant.id,
        kind,
        object,
        name,
        member: None,
        at: scope.now,
        actor: &scope.actor.name,
        request: &scope.actor.request,
        before: None,
        after: None,
    }
}

fn pick(kind: Kind, user: ChangeKind, group: ChangeKind) -> ChangeKind {
    match kind {
        Kind::User => user,
        Kind::Group => group,
    }
}

/// Creates a resource, or finds the one that the same request made.
pub(super) fn create(
    txn: &mut Txn<'_>,
    scope: &Scope,
    new: &NewResource,
) -> Result<Created<Outcome>, DirectoryError> {
    let tenant = scope.tenant.id;
    let body = new.resource.to_stored();
    let name = name_of(new.kind, &new.resource).to_owned();
    let key = provost_scim::text::fold(&name).into_owned();
    let schemas = schemas::ask_current(txn, scope)?;
    let made = insert(txn, scope, new, &key, &body)?;
    // After the insertion, which waits for whoever is about to bury somebody of that name.
    let buried = match new.kind {
        Kind::User => tombstones::find(txn, scope, &key)?,
        Kind::Group => None,
    };
    schemas.check(txn, scope)?;
    let Some(row) = made.row()? else {
        return clash(txn, scope, new, &key);
    };
    index::count(txn, tenant, new.kind, row, 1)?;
    schemas::add_values(txn, scope, new.kind, row, &new.resource)?;
    if new.kind == Kind::User {
        index::add_emails(txn.conn, tenant, row, &new.resource)?;
        if let Some(buried) = buried {
            tombstones::give_way(txn, scope, (&key, &name), buried)?;
        }
        names::claim(txn, tenant, new.id, &name)?;
    }
    if let Some(password) = &new.password {
        passwords::set(txn, tenant, new.id, password)?;
    }
    let kind = pick(new.kind, ChangeKind::UserCreated, ChangeKind::GroupCreated);
    txn.log(&Entry {
        after: Some(body_digest(&body)),
        ..entry(scope, kind, new.id, &name)
    })?;
    let group = membership::Group {
        row,
        id: new.id,
        name: &name,
    };
    let applied = membership::add_all(txn, scope, &group, &new.members)?;
    let members = if applied.effective > 0 {
        rows::members_of(txn.conn, tenant, row)?
    } else {
        Vec::new()
    };
    Ok(Created::New(Outcome {
        stored: Stored {
            id: new.id,
            version: 1,
            created: scope.now,
            last_modified: scope.now,
            resource: new.resource.clone(),
            groups: Vec::new(),
            members,
        },
        skipped: applied.skipped,
    }))
}

/// The new row, if nobody has its unique values.
fn insert<'c>(
    txn: &Txn<'c>,
    scope: &Scope,
    new: &NewResource,
    key: &str,
    body: &str,
) -> db::Result<Asked<'c, i64>> {
    txn.conn
        .prepare_cached(
            "INSERT INTO resources (tenant, kind, id, version, created, modified, active, name, name_key, external_id, made_by, made_from, body)
             VALUES (?1, ?2, ?3, 1, ?4, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT DO NOTHING RETURNING row",
        )?
        .ask_row(
            params![
            scope.tenant.id.0,
            kind_code(new.kind),
            new.id.as_bytes(),
            scope.now.as_micros(),
            active_of(&new.resource),
            name_of(new.kind, &new.resource),
            key,
            new.resource.external_id(),
            new.origin.token,
            new.origin.body_hash,
            body,
        ], |row| row.get(0))
}

/// The key attribute of a kind.
const fn key_attribute(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
    }
}

/// Who holds a unique value that `except` wants: the attribute and the row.
fn holder(
    txn: &Txn<'_>,
    tenant: TenantId,
    kind: Kind,
    key: &str,
    external_id: Option<&str>,
    except: i64,
) -> Result<Option<(&'static str, i64)>, DirectoryError> {
    let by_name = txn
        .conn
        .prepare_cached(
            "SELECT row FROM resources WHERE tenant = ?1 AND kind = ?2 AND name_key = ?3 AND row <> ?4",
        )?
        .query_row(params![tenant.0, kind_code(kind), key, except], |row| row.get(0))
        .optional()?;
    if let Some(row) = by_name {
        return Ok(Some((key_attribute(kind), row)));
    }
    let by_external_id = txn
        .conn
        .prepare_cached(
            "SELECT row FROM resources WHERE tenant = ?1 AND kind = ?2 AND external_id = ?3 AND row <> ?4",
        )?
        .query_row(params![tenant.0, kind_code(kind), external_id, except], |row| row.get(0))
        .optional()?;
    Ok(by_external_id.map(|row| ("externalId", row)))
}

fn conflict(attribute: &'static str, existing: Uuid) -> DirectoryError {
    DirectoryError::Conflict {
        attribute,
        existing: Some(existing.to_string()),
    }
}

/// A unique value is taken: by the same request, sent again, or by somebody else.
fn clash(
    txn: &Txn<'_>,
    scope: &Scope,
    new: &NewResource,
    key: &str,
) -> Result<Created<Outcome>, DirectoryError> {
    let tenant = scope.tenant.id;
    let external_id = new.resource.external_id();
    let held = holder(txn, tenant, new.kind, key, external_id, 0)?;
    let Some((attribute, row)) = held else {
        return Err(vanished(txn, new.id));
    };
    let raw = rows::by_row(txn.conn, row)?;
    let made = made_by(txn, row)?;
    let repeated = replay::is_replay(&made, raw.version, raw.created, &new.origin, scope.now);
    if scope.tenant.settings.strict_replay || !repeated {
        return Err(conflict(attribute, raw.id));
    }
    let members = new.kind == Kind::Group;
    let stored = rows::load(
        txn.conn,
        tenant,
        raw,
        Load {
            groups: false,
            members,
        },
    )?;
    Ok(Created::Replayed(Outcome {
        stored,
        skipped: Vec::new(),
    }))
}

/// What was in the way is not there: only another writer can have taken it away meanwhile.
fn vanished(txn: &Txn<'_>, id: Uuid) -> DirectoryError {
    if txn.conn.is_shared() {
        return DirectoryError::Unavailable("another write was in the way".to_owned());
    }
    conflict("id", id)
}

fn made_by(txn: &Txn<'_>, row: i64) -> Result<Origin, DirectoryError> {
    Ok(txn
        .conn
        .prepare_cached("SELECT made_by, made_from FROM resources WHERE row = ?1")?
        .query_row(params![row], |row| {
            Ok(Origin {
                token: row.get(0)?,
                body_hash: row.get(1)?,
            })
        })?)
}

fn find(
    txn: &Txn<'_>,
    scope: &Scope,
    target: &Target,
    hold: rows::Hold,
) -> Result<Raw, DirectoryError> {
    let raw = rows::find_held(txn.conn, scope.tenant.id, (target.kind, target.id), hold)?;
    match &target.expected {
        Some(versions) if !versions.contains(&raw.version) => Err(DirectoryError::VersionMismatch),
        _ => Ok(raw),
    }
}

/// Changes a resource by a function of what it is now.
pub(super) fn change(
    txn: &mut Txn<'_>,
    scope: &Scope,
    target: &Target,
    load: Load,
    decide: &Decide,
) -> Result<Outcome, DirectoryError> {
    let schemas = schemas::ask_current(txn, scope)?;
    let raw = find(txn, scope, target, rows::Hold::Change)?;
    schemas.check(txn, scope)?;
    let current = raw.resource()?;
    let decision = decide(&current)?;
    let row = raw.row;
    let name = name_of(target.kind, &decision.resource).to_owned();
    if let Some(password) = &decision.password {
        passwords::set(txn, scope.tenant.id, raw.id, password)?;
    }
    let is_changed = decision.password.is_some() || !current.same_as(&decision.resource);
    if is_changed {
        let change = Change {
            current: &current,
            next: &decision.resource,
            name: &name,
        };
        rewrite(txn, scope, target.kind, &raw, &change)?;
    }
    let mut skipped = Vec::new();
    if target.kind == Kind::Group && !decision.members.is_empty() {
        let group = membership::Group {
            row,
            id: raw.id,
            name: &name,
        };
        let applied = membership::apply(txn, scope, &group, &decision.members)?;
        skipped = applied.skipped;
        if applied.effective > 0 && !is_changed {
            touch(txn, scope, row)?;
        }
    }
    let stored = rows::load(
        txn.conn,
        scope.tenant.id,
        rows::by_row(txn.conn, row)?,
        load,
    )?;
    Ok(Outcome { stored, skipped })
}

/// Attributes before and after.
struct Change<'a> {
    current: &'a Resource,
    next: &'a Resource,
    name: &'a str,
}

/// Writes new attributes and everything that follows from them.
fn rewrite(
    txn: &mut Txn<'_>,
    scope: &Scope,
    kind: Kind,
    raw: &Raw,
    change: &Change<'_>,
) -> Result<(), DirectoryError> {
    let tenant = scope.tenant.id;
    let Change {
        current,
        next,
        name,
    } = change;
    let body = next.to_stored();
    let key = provost_scim::text::fold(name);
    let is_renamed = raw.name != *name;
    if is_renamed && kind == Kind::Group {
        names::keep(txn, tenant, raw)?;
    }
    if is_renamed || current.external_id() != next.external_id() {
        let held = holder(txn, tenant, kind, &key, next.external_id(), raw.row)?;
        if let Some((attribute, row)) = held {
            return Err(conflict(attribute, rows::by_row(txn.conn, row)?.id));
        }
    }
    update(txn, scope, raw, change, &key, &body)?;
    schemas::change_values(txn, scope, kind, raw.row, (current, next))?;
    if kind == Kind::User {
        index::change_emails(txn.conn, tenant, raw.row, current, next)?;
        if is_renamed {
            if let Some(buried) = tombstones::find(txn, scope, &key)? {
                tombstones::give_way(txn, scope, (&key, name), buried)?;
            }
            names::give_up(txn, raw.id.as_bytes())?;
            names::claim(txn, tenant, raw.id, name)?;
        }
    }
    let what = kind_of_change(kind, is_renamed, current, next);
    txn.log(&Entry {
        before: Some(body_digest(&raw.body)),
        after: Some(body_digest(&body)),
        ..entry(scope, what, raw.id, name)
    })
}

fn kind_of_change(kind: Kind, is_renamed: bool, current: &Resource, next: &Resource) -> ChangeKind {
    match (kind, is_renamed) {
        (Kind::User, true) => ChangeKind::UserRenamed,
        (Kind::Group, true) => ChangeKind::GroupRenamed,
        (Kind::Group, false) => ChangeKind::GroupUpdated,
        (Kind::User, false) => match (current.is_active(), next.is_active()) {
            (true, false) => ChangeKind::UserDeactivated,
            (false, true) => ChangeKind::UserActivated,
            _ => ChangeKind::UserUpdated,
        },
    }
}

/// Columns with an index are named only when they change: naming one makes SQLite rewrite its
/// index entry.
fn update(
    txn: &Txn<'_>,
    scope: &Scope,
    raw: &Raw,
    change: &Change<'_>,
    key: &str,
    body: &str,
) -> db::Result<()> {
    let Change {
        current,
        next,
        name,
    } = change;
    let conn = txn.conn;
    conn.prepare_cached(
        "UPDATE resources SET version = ?2, modified = ?3, active = ?4, body = ?5 WHERE row = ?1",
    )?
    .execute(params![
        raw.row,
        int(raw.version + 1),
        scope.now.max(raw.modified).as_micros(),
        active_of(next),
        body,
    ])?;
    if raw.name != *name {
        conn.prepare_cached("UPDATE resources SET name = ?2, name_key = ?3 WHERE row = ?1")?
            .execute(params![raw.row, name, key])?;
    }
    if current.external_id() != next.external_id() {
        conn.prepare_cached("UPDATE resources SET external_id = ?2 WHERE row = ?1")?
            .execute(params![raw.row, next.external_id()])?;
    }
    Ok(())
}

/// A group changed by its members alone.
pub(super) fn touch(txn: &Txn<'_>, scope: &Scope, row: i64) -> Result<(), DirectoryError> {
    txn.conn
        .prepare_cached(
            "UPDATE resources SET version = version + 1, modified = max(modified, ?2) WHERE row = ?1",
        )?
        .post(params![row, scope.now.as_micros()])?;
    Ok(())
}

/// Deletes a resource.
pub(super) fn delete(
    txn: &mut Txn<'_>,
    scope: &Scope,
    target: &Target,
) -> Result<(), DirectoryError> {
    let raw = find(txn, scope, target, rows::Hold::Removal)?;
    remove(txn, scope, target.kind, raw)
}

/// Removes a row with its memberships, leaving a tombstone where the policy wants one.
pub(super) fn remove(
    txn: &mut Txn<'_>,
    scope: &Scope,
    kind: Kind,
    raw: Raw,
) -> Result<(), DirectoryError> {
    let tenant = scope.tenant.id;
    let is_buried =
        kind == Kind::User && scope.tenant.settings.deleted_users != DeletedUsers::Remove;
    if is_buried {
        note_groups(txn, tenant, &raw)?;
    }
    membership::leave_all(txn, scope, &raw)?;
    let before = Some(body_digest(&raw.body));
    let members = match kind {
        Kind::Group => membership::empty(txn, tenant, raw.row)?,
        Kind::User => 0,
    };
    index::count(txn, tenant, kind, raw.row, -1)?;
    schemas::remove_values(txn, scope, kind, raw.row)?;
    txn.conn
        .prepare_cached("DELETE FROM resources WHERE row = ?1")?
        .execute(params![raw.row])?;
    let what = pick(kind, ChangeKind::UserDeleted, ChangeKind::GroupDeleted);
    let end = Entry {
        before,
        ..entry(scope, what, raw.id, &raw.name)
    };
    // The memberships that end with a group have no entries of their own.
    txn.log_end(&end, members)?;
    if kind == Kind::User {
        passwords::remove(txn, raw.id)?;
        let (row, stored) = (raw.row, raw.into_stored()?);
        index::remove_emails(txn.conn, tenant, row, &stored.resource)?;
        if is_buried {
            tombstones::bury(txn, scope, &stored)?;
        } else {
            names::give_up(txn, stored.id.as_bytes())?;
        }
    }
    Ok(())
}

/// Keeps in mind which groups a user is in, who is about to be deleted.
fn note_groups(txn: &Txn<'_>, tenant: TenantId, raw: &Raw) -> Result<(), DirectoryError> {
    txn.conn
        .prepare_cached(
            "INSERT INTO tombstone_groups (tenant, grp, id)
             SELECT m.tenant, r.id, ?3 FROM members m JOIN resources r ON r.row = m.grp
             WHERE m.tenant = ?1 AND m.member = ?2 ON CONFLICT DO NOTHING",
        )?
        .execute(params![tenant.0, raw.row, raw.id.as_bytes()])?;
    Ok(())
}

/// Brings a deleted user back under its id; `false` if there is no tombstone, or what it was
/// called has another owner.
pub(super) fn revive(txn: &mut Txn<'_>, scope: &Scope, id: Uuid) -> Result<bool, DirectoryError> {
    let found: Option<(i64, String)> = txn
        .conn
        .prepare_cached("SELECT created, body FROM tombstones WHERE id = ?1 AND tenant = ?2")?
        .query_row(params![id.as_bytes(), scope.tenant.id.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((created, body)) = found else {
        return Ok(false);
    };
    let new = NewResource {
        kind: Kind::User,
        id,
        resource: rows::resource(&body)?,
        members: Vec::new(),
        password: None,
        origin: Origin {
            token: scope.actor.name.clone(),
            body_hash: [0; 32],
        },
    };
    match create(txn, scope, &new) {
        Ok(Created::New(_)) => {}
        Ok(Created::Replayed(_)) | Err(DirectoryError::Conflict { .. }) => return Ok(false),
        Err(error) => return Err(error),
    }
    txn.conn
        .prepare_cached("UPDATE resources SET created = ?2 WHERE id = ?1")?
        .execute(params![id.as_bytes(), created])?;
    Ok(true)
}
