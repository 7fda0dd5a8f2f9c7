//! Custom schemas of tenants, and the index of the values that they declare unique.

use std::collections::BTreeSet;

use provost_scim::{
    Resource, ScimError, Timestamp,
    schema::{ResourceType, custom},
    unique::{self, UniqueValue},
};

use super::{
    db::{Asked, Conn, params},
    error::{damaged, int, uint},
    rows::{self, kind_code, kind_of},
    txn::Txn,
};
use crate::{
    DirectoryError,
    id::TenantId,
    schemas::{CustomSchema, TenantSchemas},
    store::{Kind, Scope},
};

/// The schemas of a tenant, which last changed at `serial`.
pub(super) fn of_tenant(
    conn: &Conn,
    tenant: TenantId,
    serial: i64,
) -> Result<TenantSchemas, DirectoryError> {
    let mut statement = conn.prepare_cached(
        "SELECT kind, document, added FROM schemas WHERE tenant = ?1 ORDER BY added, urn",
    )?;
    let mut found = statement.query(params![tenant.0])?;
    let mut list = Vec::new();
    while let Some(row) = found.next()? {
        let document: String = row.get(1)?;
        let loaded = custom::load(document.as_bytes())
            .map_err(|error| damaged(&format!("a schema cannot be read: {error}")))?;
        list.push(CustomSchema {
            schema: loaded.schema,
            extends: kind_of(row.get(0)?),
            added: Timestamp::from_micros(row.get(2)?),
        });
    }
    Ok(TenantSchemas::new(list, uint(serial)))
}

/// Keeps a schema instead of an earlier version, if what is stored follows it.
pub(super) fn keep(
    txn: &Txn<'_>,
    tenant: TenantId,
    new: &CustomSchema,
    next: u64,
) -> Result<(), DirectoryError> {
    touch(txn, tenant, next)?;
    let id = new.schema.id.to_ascii_lowercase();
    txn.conn
        .prepare_cached(
            "INSERT INTO schemas (tenant, urn, kind, document, added) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (tenant, urn) DO UPDATE SET document = ?4",
        )?
        .execute(params![
            tenant.0,
            id,
            kind_code(new.extends),
            custom::print(new.schema).to_string(),
            new.added.as_micros(),
        ])?;
    forget_values(txn, tenant, &id)?;
    index_stored(txn, tenant, new)
}

/// Removes a schema; what is stored under it stays.
pub(super) fn remove(
    txn: &Txn<'_>,
    tenant: TenantId,
    urn: &str,
    next: u64,
) -> Result<(), DirectoryError> {
    touch(txn, tenant, next)?;
    let id = urn.to_ascii_lowercase();
    let removed = txn
        .conn
        .prepare_cached("DELETE FROM schemas WHERE tenant = ?1 AND urn = ?2")?
        .execute(params![tenant.0, id])?;
    if removed == 0 {
        return Err(DirectoryError::NotFound);
    }
    forget_values(txn, tenant, &id)
}

fn touch(txn: &Txn<'_>, tenant: TenantId, next: u64) -> Result<(), DirectoryError> {
    let touched = txn
        .conn
        .prepare_cached("UPDATE tenants SET schemas = ?2 WHERE tenant = ?1 AND deleted IS NULL")?
        .execute(params![tenant.0, int(next)])?;
    if touched == 0 {
        return Err(DirectoryError::NotFound);
    }
    Ok(())
}

fn forget_values(txn: &Txn<'_>, tenant: TenantId, urn: &str) -> Result<(), DirectoryError> {
    // Names go on after the URN with a colon, and the semicolon follows the colon in ASCII.
    txn.conn
        .prepare_cached(
            "DELETE FROM unique_values WHERE tenant = ?1 AND attribute > ?2 AND attribute < ?3",
        )?
        .execute(params![tenant.0, format!("{urn}:"), format!("{urn};")])?;
    Ok(())
}

/// Checks every resource that has values under the schema, and indexes those that are unique.
fn index_stored(txn: &Txn<'_>, tenant: TenantId, new: &CustomSchema) -> Result<(), DirectoryError> {
    let alone = TenantSchemas::new(vec![*new], 0).types().of(new.extends);
    let mut statement = txn.conn.prepare_cached(
        "SELECT row, name, body FROM resources INDEXED BY resources_in_order
         WHERE tenant = ?1 AND kind = ?2 AND instr(body, ?3) > 0",
    )?;
    let key = format!("\"{}\":", new.schema.id);
    let mut found = statement.stream(params![tenant.0, kind_code(new.extends), key])?;
    while let Some(row) = found.next()? {
        let (number, name): (i64, String) = (row.get(0)?, row.get(1)?);
        let resource = rows::resource(&row.get::<String>(2)?)?;
        if let Some(problem) = custom::unfit(new.schema, &resource) {
            return Err(DirectoryError::Invalid(format!(
                "the schema does not allow a value that {} `{name}` has already: {problem} Keep the attribute as it was and add one of another name, or clear the value first",
                new.extends.as_str()
            )));
        }
        add(txn, tenant, new.extends, number, unique::values(alone, &resource)).map_err(
            |error| match error {
                DirectoryError::Conflict { attribute, .. } => DirectoryError::Invalid(format!(
                    "the attribute `{attribute}` cannot be unique: {} `{name}` has a value that another one has too; change one of them first",
                    new.extends.as_str()
                )),
                other => other,
            },
        )?;
    }
    Ok(())
}

/// What the store says of the schemas of a tenant, on its way.
pub(super) struct Current<'c>(Asked<'c, (i64, bool)>);

/// Asks which schemas the tenant has now; the answer comes with that of the next statement.
pub(super) fn ask_current<'c>(txn: &Txn<'c>, scope: &Scope) -> Result<Current<'c>, DirectoryError> {
    let mut statement = txn.conn.prepare_cached(
        "SELECT schemas, EXISTS (SELECT 1 FROM applications WHERE makes_names = 1)
         FROM tenants WHERE tenant = ?1",
    )?;
    let asked = statement.ask_row(params![scope.tenant.id.0], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    Ok(Current(asked))
}

impl Current<'_> {
    /// Refuses a write that was validated by schemas which are not the tenant's any more: within a
    /// moment every process knows the new ones, and the request can be sent again.
    pub(super) fn check(self, txn: &mut Txn<'_>, scope: &Scope) -> Result<(), DirectoryError> {
        let Some((serial, makes_names)) = self.0.row()? else {
            return Ok(());
        };
        // Names ask for it next; one look serves both.
        txn.makes_names = Some(makes_names);
        if uint(serial) == scope.tenant.schemas.serial() {
            return Ok(());
        }
        let sentence =
            "The schemas of this tenant have changed this moment; send the request again";
        Err(ScimError::with_status(503, sentence).into())
    }
}

fn is_indexed(kind: &'static ResourceType) -> bool {
    unique::attributes(kind).next().is_some()
}

/// Indexes the unique values of a new resource.
pub(super) fn add_values(
    txn: &Txn<'_>,
    scope: &Scope,
    kind: Kind,
    row: i64,
    resource: &Resource,
) -> Result<(), DirectoryError> {
    let values = unique::values(scope.tenant.types.of(kind), resource);
    add(txn, scope.tenant.id, kind, row, values)
}

/// Follows a change.
pub(super) fn change_values(
    txn: &Txn<'_>,
    scope: &Scope,
    kind: Kind,
    row: i64,
    (before, after): (&Resource, &Resource),
) -> Result<(), DirectoryError> {
    let of = scope.tenant.types.of(kind);
    if !is_indexed(of) {
        return Ok(());
    }
    let set = |resource| -> BTreeSet<_> { unique::values(of, resource).into_iter().collect() };
    let (old, new) = (set(before), set(after));
    for gone in old.difference(&new) {
        txn.conn
            .prepare_cached(
                "DELETE FROM unique_values
                 WHERE tenant = ?1 AND kind = ?2 AND attribute = ?3 AND value = ?4 AND owner = ?5",
            )?
            .execute(params![
                scope.tenant.id.0,
                kind_code(kind),
                gone.attribute,
                gone.value,
                row
            ])?;
    }
    let added = new.difference(&old).cloned().collect();
    add(txn, scope.tenant.id, kind, row, added)
}

/// Forgets the values of a resource.
pub(super) fn remove_values(
    txn: &Txn<'_>,
    scope: &Scope,
    kind: Kind,
    row: i64,
) -> Result<(), DirectoryError> {
    if is_indexed(scope.tenant.types.of(kind)) {
        txn.conn
            .prepare_cached("DELETE FROM unique_values WHERE tenant = ?1 AND owner = ?2")?
            .execute(params![scope.tenant.id.0, row])?;
    }
    Ok(())
}

fn add(
    txn: &Txn<'_>,
    tenant: TenantId,
    kind: Kind,
    row: i64,
    values: Vec<UniqueValue>,
) -> Result<(), DirectoryError> {
    for one in values {
        let inserted = txn
            .conn
            .prepare_cached(
                "INSERT INTO unique_values (tenant, kind, attribute, value, owner)
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            )?
            .execute(params![
                tenant.0,
                kind_code(kind),
                one.attribute,
                one.value,
                row
            ])?;
        if inserted == 0 {
            return Err(taken(txn, tenant, kind, &one)?);
        }
    }
    Ok(())
}

/// The error for a value that another resource has.
fn taken(
    txn: &Txn<'_>,
    tenant: TenantId,
    kind: Kind,
    one: &UniqueValue,
) -> Result<DirectoryError, DirectoryError> {
    let owner = txn
        .conn
        .prepare_cached(
            "SELECT owner FROM unique_values
             WHERE tenant = ?1 AND kind = ?2 AND attribute = ?3 AND value = ?4",
        )?
        .query_row(
            params![tenant.0, kind_code(kind), one.attribute, one.value],
            |row| row.get(0),
        )?;
    Ok(DirectoryError::Conflict {
        attribute: one.name,
        existing: Some(rows::by_row(txn.conn, owner)?.id.to_string()),
    })
}
