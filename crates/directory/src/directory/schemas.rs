//! Custom extension schemas: added, replaced and removed by administrators.

use provost_scim::{
    member::MemberKind,
    schema::{Schema, custom},
};

use super::Directory;
use crate::{
    DirectoryError,
    schemas::{AddedSchema, CustomSchema},
    store::AdminChange,
    tenant::Tenant,
};

fn invalid<T>(sentence: String) -> Result<T, DirectoryError> {
    Err(DirectoryError::Invalid(sentence))
}

impl Directory {
    /// Adds a schema to the users or groups of a tenant, or replaces an earlier version of it. It
    /// takes effect within a second in every process. `document` has the form that `/Schemas` serves.
    ///
    /// # Errors
    /// `NotFound` if there is no such tenant; `Invalid` for a document that is no schema, for a
    /// schema that cannot stand beside the others of the tenant, and for one that does not allow a
    /// value which is stored already.
    pub async fn add_schema(
        &self,
        slug: &str,
        extends: MemberKind,
        document: &[u8],
    ) -> Result<AddedSchema, DirectoryError> {
        let loaded = custom::load(document);
        let loaded = loaded.map_err(|error| DirectoryError::Invalid(error.to_string()))?;
        self.renewed_registry().await?;
        let tenant = self.tenant(slug).await?;
        check_beside(&tenant, loaded.schema, extends)?;
        let mut warnings = loaded.warnings;
        warnings.extend(same_names(&tenant, loaded.schema, extends));
        let replaced = tenant.schemas.find(loaded.schema.id).is_some();
        let schema = CustomSchema {
            schema: loaded.schema,
            extends,
            added: self.now(),
        };
        let change = AdminChange::KeepSchema {
            tenant: tenant.id,
            schema,
        };
        self.administer(change).await?;
        Ok(AddedSchema {
            schema,
            replaced,
            warnings,
        })
    }

    /// Removes a schema. Values stored under it stay, but nobody sees them; they are shown again
    /// when the schema is added again. Returns what was removed.
    ///
    /// # Errors
    /// `NotFound` if there is no such tenant; `Invalid` if it has no such schema.
    pub async fn remove_schema(
        &self,
        slug: &str,
        urn: &str,
    ) -> Result<CustomSchema, DirectoryError> {
        self.renewed_registry().await?;
        let tenant = self.tenant(slug).await?;
        let Some(known) = tenant.schemas.find(urn) else {
            return invalid(format!(
                "the tenant {slug} has no custom schema \"{}\"; `provost tenant schema list {slug}` shows those it has",
                urn.escape_debug()
            ));
        };
        let change = AdminChange::RemoveSchema {
            tenant: tenant.id,
            urn: known.schema.id.to_owned(),
        };
        self.administer(change).await?;
        Ok(*known)
    }
}

/// Whether the schema's names can be told from those of the other schemas of the tenant.
fn check_beside(
    tenant: &Tenant,
    schema: &'static Schema,
    extends: MemberKind,
) -> Result<(), DirectoryError> {
    let slug = &tenant.slug;
    let list = tenant.schemas.list();
    let close = |known: &&CustomSchema| custom::is_ambiguous(known.schema.id, schema.id);
    match list.iter().find(close) {
        Some(known) if known.schema.id == schema.id && known.extends == extends => return Ok(()),
        Some(known) if known.schema.id == schema.id => {
            return invalid(format!(
                "the schema {} extends {}s of the tenant {slug} already; give the one for {}s another URN",
                schema.id,
                known.extends.as_str(),
                extends.as_str()
            ));
        }
        Some(known) => {
            return invalid(format!(
                "the tenant {slug} has the schema {}, whose names could not be told from those of {}; use the same URN to replace it, or another one",
                known.schema.id, schema.id
            ));
        }
        None => {}
    }
    if list.len() >= custom::MAX_SCHEMAS {
        return invalid(format!(
            "the tenant {slug} has {} custom schemas, which is the most; remove one with `provost tenant schema remove`, or put the attributes into one of them",
            list.len()
        ));
    }
    Ok(())
}

/// Attributes that another custom schema of the same resources has too.
fn same_names<'a>(
    tenant: &'a Tenant,
    schema: &'static Schema,
    extends: MemberKind,
) -> impl Iterator<Item = String> + use<'a> {
    let others = tenant
        .schemas
        .list()
        .iter()
        .filter(move |known| known.extends == extends && known.schema.id != schema.id);
    others.flat_map(move |known| {
        let twice = schema.attributes.iter();
        let twice = twice.filter(|def| known.schema.attribute(def.name).is_some());
        twice.map(|def| {
            format!(
                "the attribute `{}` is in {} too; both are kept apart, and only the URN in front says which one is meant",
                def.name, known.schema.id
            )
        })
    })
}
