//! Tenants, tokens and applications.

use std::sync::Arc;

use provost_scim::Timestamp;

use super::{
    db::{self, Conn, Optional as _, params},
    ending,
    error::{damaged, int, uint},
    ip_sets, names, passwords, schemas,
    txn::Txn,
};
use crate::{
    DirectoryError,
    allowlist::Allowlist,
    application::Application,
    credential::{Form, HeaderName},
    cursor::CursorKey,
    id::{ApplicationId, TenantId, TokenId},
    registry::{ApplicationRecord, Registry, TokenRecord},
    secret::SecretDigest,
    settings,
    store::{AdminChange, Viewer},
    tenant::Tenant,
    token::{Access, Token},
    view_settings::ViewSettings,
};

/// The generation and the high-water mark of token expiry.
pub(super) fn generation(conn: &Conn) -> Result<(u64, Timestamp), DirectoryError> {
    Ok(conn
        .prepare_cached("SELECT generation, high_water FROM registry")?
        .query_row(params![], |row| {
            Ok((uint(row.get(0)?), Timestamp::from_micros(row.get(1)?)))
        })?)
}

/// Reads everything.
pub(super) fn read(conn: &Conn) -> Result<Registry, DirectoryError> {
    let (generation, high_water) = generation(conn)?;
    let mut registry = Registry::new(
        generation,
        high_water,
        tenants(conn)?,
        tokens(conn)?,
        applications(conn)?,
        ip_sets::all(conn)?,
    );
    registry.cursor_key = conn
        .prepare_cached("SELECT cursor_key FROM registry")?
        .query_row(params![], |row| row.get::<Option<[u8; 32]>>(0))?
        .map(CursorKey::new);
    Ok(registry)
}

pub(super) fn tenants(conn: &Conn) -> Result<Vec<Arc<Tenant>>, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT tenant, slug, idp, settings, created, schemas FROM tenants WHERE deleted IS NULL",
    )?;
    let mut rows = statement.query(params![])?;
    let mut tenants = Vec::new();
    while let Some(row) = rows.next()? {
        let id = TenantId(row.get(0)?);
        let schemas = schemas::of_tenant(conn, id, row.get(5)?)?;
        tenants.push(Arc::new(Tenant {
            id,
            slug: row.get(1)?,
            idp: row.get(2)?,
            settings: settings::from_stored(&row.get::<String>(3)?)?,
            types: schemas.types(),
            schemas,
            created: Timestamp::from_micros(row.get(4)?),
        }));
    }
    Ok(tenants)
}

const fn access_text(access: Access) -> &'static str {
    match access {
        Access::ReadWrite => "read-write",
        Access::ReadOnly => "read-only",
    }
}

fn access(text: &str) -> Result<Access, DirectoryError> {
    match text {
        "read-write" => Ok(Access::ReadWrite),
        "read-only" => Ok(Access::ReadOnly),
        _ => Err(damaged("a token has an unknown access")),
    }
}

/// A form and the name of its header as columns.
fn form_text(form: &Form) -> (&'static str, Option<&str>) {
    match form {
        Form::Bearer => ("bearer", None),
        Form::Basic => ("basic", None),
        Form::Header(name) => ("header", Some(name.as_str())),
    }
}

fn form(text: &str, header: Option<String>) -> Result<Form, DirectoryError> {
    match (text, header) {
        ("bearer", None) => Ok(Form::Bearer),
        ("basic", None) => Ok(Form::Basic),
        ("header", Some(name)) => HeaderName::parse(&name)
            .map(Form::Header)
            .map_err(|_| damaged("a token has an unknown header")),
        _ => Err(damaged("a token has an unknown form")),
    }
}

fn tokens(conn: &Conn) -> Result<Vec<TokenRecord>, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT tenant, id, label, digest, access, created, expires, form, header FROM tokens",
    )?;
    let mut rows = statement.query(params![])?;
    let mut tokens = Vec::new();
    while let Some(row) = rows.next()? {
        let expires: Option<i64> = row.get(6)?;
        tokens.push(TokenRecord {
            tenant: TenantId(row.get(0)?),
            digest: SecretDigest(row.get(3)?),
            token: Token {
                id: TokenId(row.get(1)?),
                label: row.get(2)?,
                access: access(&row.get::<String>(4)?)?,
                form: form(&row.get::<String>(7)?, row.get(8)?)?,
                created: Timestamp::from_micros(row.get(5)?),
                expires: expires.map(Timestamp::from_micros),
            },
        });
    }
    Ok(tokens)
}

/// Every application.
pub(super) fn applications(conn: &Conn) -> Result<Vec<ApplicationRecord>, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT application, name, digest, allowed, created, view_serial, view, released,
                old_digest, old_digest_until
         FROM applications",
    )?;
    let mut rows = statement.query(params![])?;
    let mut applications = Vec::new();
    while let Some(row) = rows.next()? {
        let id = row.get(0)?;
        let (tenants, until) = (seen_by(conn, id)?, row.get::<Option<i64>>(9)?);
        let settings = ViewSettings::from_stored(row.get_ref(6)?.as_str().unwrap_or_default());
        let settings = Arc::new(settings?);
        let allowed = Allowlist::from_stored(row.get_ref(3)?.as_str().unwrap_or_default());
        applications.push(ApplicationRecord {
            digest: SecretDigest(row.get(2)?),
            old_digest: row.get::<Option<[u8; 32]>>(8)?.map(SecretDigest),
            seen: Arc::new(Viewer {
                application: ApplicationId(id),
                tenants: tenants.clone(),
                settings: Arc::clone(&settings),
                released: uint(row.get(7)?),
                serial: uint(row.get(5)?),
            }),
            application: Arc::new(Application {
                id: ApplicationId(id),
                name: row.get(1)?,
                tenants,
                view: settings,
                allowed_addresses: allowed?,
                old_password_until: until.map(Timestamp::from_micros),
                created: Timestamp::from_micros(row.get(4)?),
            }),
        });
    }
    Ok(applications)
}

fn seen_by(conn: &Conn, application: i64) -> Result<Vec<TenantId>, DirectoryError> {
    let mut statement =
        conn.prepare_cached("SELECT tenant FROM views WHERE application = ?1 ORDER BY place")?;
    let rows = statement.query_map(params![application], |row| row.get(0).map(TenantId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Carries out a change and grows the generation.
pub(super) fn administer(txn: &mut Txn<'_>, change: &AdminChange) -> Result<(), DirectoryError> {
    let next = generation(txn.conn)?.0 + 1;
    carry_out(txn, change, next)?;
    txn.conn
        .prepare_cached("UPDATE registry SET generation = ?1")?
        .execute(params![int(next)])?;
    Ok(())
}

fn carry_out(txn: &mut Txn<'_>, change: &AdminChange, next: u64) -> Result<(), DirectoryError> {
    match change {
        AdminChange::CreateTenant { .. } => create_tenant(txn, change),
        AdminChange::SetTenant {
            tenant,
            settings,
            keeps_passwords,
        } => {
            ip_sets::check_settings(txn.conn, settings)?;
            if !keeps_passwords {
                passwords::remove_all(txn, *tenant)?;
            }
            one(
                txn,
                "UPDATE tenants SET settings = ?2 WHERE tenant = ?1 AND deleted IS NULL",
                params![tenant.0, settings],
            )
        }
        AdminChange::DeleteTenant(scope) => ending::delete_tenant(txn, scope, next),
        AdminChange::CreateToken {
            tenant,
            token,
            digest,
        } => create_token(txn, *tenant, token, digest),
        AdminChange::RevokeToken(id) => one(txn, "DELETE FROM tokens WHERE id = ?1", params![id]),
        AdminChange::CreateApplication { .. } => create_application(txn, change, next),
        AdminChange::SetApplication {
            application,
            tenants,
            allowed,
            view,
        } => set_application(txn, *application, (tenants, allowed, view), next),
        AdminChange::RotateApplication { .. } | AdminChange::EndOldPassword(_) => {
            change_password(txn, change)
        }
        AdminChange::ReleaseView {
            application,
            number,
        } => one(
            txn,
            "UPDATE applications SET released = max(released, ?2) WHERE application = ?1",
            params![application.0, int(*number)],
        ),
        AdminChange::ReleaseGroupNames {
            application,
            groups,
        } => match names::release(txn.conn, *application, groups)? {
            0 => Ok(()),
            _ => expire_view(txn, application.0, next),
        },
        AdminChange::DeleteApplication(id) => one(
            txn,
            "DELETE FROM applications WHERE application = ?1",
            params![id.0],
        ),
        AdminChange::KeepSchema { tenant, schema } => schemas::keep(txn, *tenant, schema, next),
        AdminChange::RemoveSchema { tenant, urn } => schemas::remove(txn, *tenant, urn, next),
        AdminChange::IpSet(change) => ip_sets::carry_out(txn, change, next),
        AdminChange::RaiseHighWater(at) => one(
            txn,
            "UPDATE registry SET high_water = max(high_water, ?1)",
            params![at.as_micros()],
        ),
        AdminChange::KeepCursorKey(key) => one(
            txn,
            "UPDATE registry SET cursor_key = coalesce(cursor_key, ?1)",
            params![key.bytes()],
        ),
    }
}

/// Changes which passwords of an application are valid.
fn change_password(txn: &Txn<'_>, change: &AdminChange) -> Result<(), DirectoryError> {
    match change {
        AdminChange::RotateApplication {
            application,
            digest,
            old_until,
        } => one(
            txn,
            "UPDATE applications SET digest = ?2, old_digest_until = ?3,
                 old_digest = CASE WHEN CAST(?3 AS BIGINT) IS NULL THEN NULL ELSE digest END
             WHERE application = ?1",
            params![application.0, digest.0, old_until.map(Timestamp::as_micros)],
        ),
        AdminChange::EndOldPassword(application) => one(
            txn,
            "UPDATE applications SET old_digest = NULL, old_digest_until = NULL
             WHERE application = ?1",
            params![application.0],
        ),
        _ => Ok(()),
    }
}

/// Runs a statement that must change one row; `NotFound` if there is none.
pub(super) fn one(
    txn: &Txn<'_>,
    sql: &str,
    values: &[db::Value<'_>],
) -> Result<(), DirectoryError> {
    match txn.conn.prepare_cached(sql)?.execute(values)? {
        0 => Err(DirectoryError::NotFound),
        _ => Ok(()),
    }
}

const fn taken(attribute: &'static str) -> DirectoryError {
    DirectoryError::Conflict {
        attribute,
        existing: None,
    }
}

fn create_tenant(txn: &Txn<'_>, change: &AdminChange) -> Result<(), DirectoryError> {
    let AdminChange::CreateTenant {
        slug,
        idp,
        settings,
        now,
    } = change
    else {
        return Ok(());
    };
    let tenant = txn
        .conn
        .prepare_cached(
            "INSERT INTO tenants (slug, idp, settings, created) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO NOTHING RETURNING tenant",
        )?
        .query_row(params![slug, idp, settings, now.as_micros()], |row| {
            row.get::<i64>(0)
        })
        .optional()?
        .ok_or_else(|| taken("slug"))?;
    one(
        txn,
        "INSERT INTO counts (tenant, users, groups, memberships) VALUES (?1, 0, 0, 0)",
        params![tenant],
    )
}

fn create_token(
    txn: &Txn<'_>,
    tenant: TenantId,
    token: &Token,
    digest: &SecretDigest,
) -> Result<(), DirectoryError> {
    let (form, header) = form_text(&token.form);
    one(
        txn,
        "INSERT INTO tokens (tenant, id, label, digest, access, created, expires, form, header)
         SELECT tenant, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM tenants WHERE tenant = ?1 AND deleted IS NULL",
        params![
            tenant.0,
            token.id.0,
            token.label,
            digest.0,
            access_text(token.access),
            token.created.as_micros(),
            token.expires.map(Timestamp::as_micros),
            form,
            header,
        ],
    )
}

fn create_application(
    txn: &Txn<'_>,
    change: &AdminChange,
    next: u64,
) -> Result<(), DirectoryError> {
    let AdminChange::CreateApplication {
        name,
        tenants,
        digest,
        now,
    } = change
    else {
        return Ok(());
    };
    let id = txn
        .conn
        .prepare_cached(
            "INSERT INTO applications (name, digest, allowed, created, view_serial)
             VALUES (?1, ?2, '', ?3, 0)
             ON CONFLICT DO NOTHING RETURNING application",
        )?
        .query_row(params![name, digest.0, now.as_micros()], |row| row.get(0))
        .optional()?
        .ok_or_else(|| taken("name"))?;
    show(txn, ApplicationId(id), tenants, next)
}

fn record(txn: &Txn<'_>, application: ApplicationId) -> Result<ApplicationRecord, DirectoryError> {
    let mut all = applications(txn.conn)?.into_iter();
    all.find(|record| record.application.id == application)
        .ok_or(DirectoryError::NotFound)
}

/// Changes what an application sees and from where; its event tokens end if it sees anything else
/// than before.
fn set_application(
    txn: &Txn<'_>,
    application: ApplicationId,
    (tenants, allowed, view): (&[TenantId], &Allowlist, &ViewSettings),
    next: u64,
) -> Result<(), DirectoryError> {
    ip_sets::check(txn.conn, allowed)?;
    let before = record(txn, application)?.seen;
    one(
        txn,
        "UPDATE applications SET allowed = ?2, view = ?3 WHERE application = ?1",
        params![application.0, allowed.to_string(), view.to_stored()],
    )?;
    show(txn, application, tenants, next)?;
    if before.tenants == tenants && before.settings.shows_same(view) {
        return Ok(());
    }
    let after = record(txn, application)?.seen;
    names::prune(txn.conn, &after)?;
    names::rebuild(txn.conn, &after)?;
    expire_view(txn, application.0, next)
}

/// Sets the tenants that an application sees.
fn show(
    txn: &Txn<'_>,
    application: ApplicationId,
    tenants: &[TenantId],
    next: u64,
) -> Result<(), DirectoryError> {
    if seen_by(txn.conn, application.0)? == tenants {
        return Ok(());
    }
    txn.conn
        .prepare_cached("DELETE FROM views WHERE application = ?1")?
        .execute(params![application.0])?;
    for (place, tenant) in tenants.iter().enumerate() {
        one(
            txn,
            "INSERT INTO views (application, place, tenant)
             SELECT ?1, ?2, tenant FROM tenants WHERE tenant = ?3 AND deleted IS NULL",
            params![application.0, int(place as u64), tenant.0],
        )?;
    }
    expire_view(txn, application.0, next)
}

pub(super) fn expire_view(
    txn: &Txn<'_>,
    application: i64,
    next: u64,
) -> Result<(), DirectoryError> {
    one(
        txn,
        "UPDATE applications SET view_serial = ?2 WHERE application = ?1",
        params![application, int(next)],
    )
}
