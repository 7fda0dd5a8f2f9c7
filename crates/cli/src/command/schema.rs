//! `provost tenant schema`: extension schemas of a tenant's users and groups.

use std::{fs::File, io::Read as _, path::Path};

use clap::{Subcommand, ValueEnum};
use provost_directory::{
    Directory,
    schemas::{AddedSchema, CustomSchema},
};
use provost_scim::{
    member::MemberKind,
    schema::{AttributeDef, Mutability, Uniqueness, custom},
};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Subject},
    global::Global,
    output::{Facts, Format, Table, or_dash},
};

/// What a schema extends.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Resource {
    /// Users
    #[value(name = "User")]
    User,
    /// Groups
    #[value(name = "Group")]
    Group,
}

impl From<Resource> for MemberKind {
    fn from(resource: Resource) -> Self {
        match resource {
            Resource::User => Self::User,
            Resource::Group => Self::Group,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Schema {
    /// Add a schema, or replace an earlier version of it
    Add {
        /// The tenant
        slug: String,
        /// A file in the form of /Schemas (RFC 7643 section 7); - reads standard input
        file: String,
        /// What it extends
        #[arg(long, value_enum, ignore_case = true, default_value = "User")]
        resource: Resource,
    },
    /// List the schemas that were added to a tenant
    List {
        /// The tenant
        slug: String,
    },
    /// Show a schema; --json prints the document that `add` reads
    Show {
        /// The tenant
        slug: String,
        /// The URN of the schema
        urn: String,
    },
    /// Remove a schema; values stored under it stay and are not shown
    Remove {
        /// The tenant
        slug: String,
        /// The URN of the schema
        urn: String,
    },
}

impl Schema {
    pub(super) async fn run(&self, directory: &Directory, global: &Global) -> Result<(), Failure> {
        let format = global.format();
        match self {
            Self::Add {
                slug,
                file,
                resource,
            } => add(directory, slug, file, (*resource).into(), format).await,
            Self::List { slug } => list(directory, slug, format).await,
            Self::Show { slug, urn } => show(directory, slug, urn, format).await,
            Self::Remove { slug, urn } => remove(directory, slug, urn, format).await,
        }
    }
}

/// The document, as far as it could be one; a longer one is refused by whoever reads it.
fn document(file: &str) -> Result<Vec<u8>, Failure> {
    let most = custom::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = if file == "-" {
        std::io::stdin().take(most).read_to_end(&mut bytes)
    } else {
        File::open(Path::new(file)).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(Failure::failed(format!(
            "the schema file {file} cannot be read: {error}; name a JSON file, or - for standard input"
        ))),
    }
}

async fn add(
    directory: &Directory,
    slug: &str,
    file: &str,
    extends: MemberKind,
    format: Format,
) -> Result<(), Failure> {
    let document = document(file)?;
    let added = directory.add_schema(slug, extends, &document).await;
    let added = added.map_err(|error| Subject::tenant(slug).explain(error))?;
    let AddedSchema {
        schema,
        replaced,
        warnings,
    } = added;
    let done = if replaced { "Replaced" } else { "Added" };
    let mut human = format!(
        "{done} {} with {} attributes for {}s of the tenant `{slug}`.\nEvery server uses it within a second; map to its attributes in the identity provider with the URN in front, such as {}.",
        schema.schema.id,
        schema.schema.attributes.len(),
        extends.as_str(),
        example(&schema),
    );
    for warning in &warnings {
        human.push_str("\nNote: ");
        human.push_str(warning);
        human.push('.');
    }
    let json = json!({
        "tenant": slug,
        "schema": schema.schema.id,
        "resource": extends.as_str(),
        "replaced": replaced,
        "warnings": warnings,
    });
    format.print(&json, human);
    Ok(())
}

/// One attribute as clients name it.
fn example(known: &CustomSchema) -> String {
    let first = known.schema.attributes.first().map_or("", |def| def.name);
    format!("{}:{first}", known.schema.id)
}

async fn list(directory: &Directory, slug: &str, format: Format) -> Result<(), Failure> {
    let tenant = directory.tenant(slug).await;
    let tenant = tenant.map_err(|error| Subject::tenant(slug).explain(error))?;
    let mut table = Table::new(
        &["schema", "extends", "attributes", "added"],
        "The tenant has no custom schema; add one with `provost tenant schema add`.",
    );
    for known in tenant.schemas.list() {
        table.row([
            known.schema.id.to_owned(),
            known.extends.as_str().to_owned(),
            known.schema.attributes.len().to_string(),
            known.added.to_string(),
        ]);
    }
    let json: Vec<_> = tenant.schemas.list().iter().map(summary).collect();
    format.print(&json, table);
    Ok(())
}

fn summary(known: &CustomSchema) -> Value {
    json!({
        "schema": known.schema.id,
        "resource": known.extends.as_str(),
        "attributes": known.schema.attributes.len(),
        "added": known.added.to_string(),
    })
}

async fn show(directory: &Directory, slug: &str, urn: &str, format: Format) -> Result<(), Failure> {
    let tenant = directory.tenant(slug).await;
    let tenant = tenant.map_err(|error| Subject::tenant(slug).explain(error))?;
    let Some(known) = tenant.schemas.find(urn) else {
        return Err(Failure::failed(format!(
            "the tenant {slug} has no custom schema `{urn}`; `provost tenant schema list {slug}` shows those it has"
        )));
    };
    let facts = Facts::default()
        .with("Schema", known.schema.id)
        .with("Name", or_dash(known.schema.name))
        .with("Description", or_dash(known.schema.description))
        .with("Extends", known.extends.as_str())
        .with("Added", known.added);
    let mut table = Table::new(&["attribute", "type", "rules", "description"], "");
    for def in known.schema.attributes {
        row(&mut table, def.name.to_owned(), def);
        for sub in def.sub_attributes {
            row(&mut table, format!("{}.{}", def.name, sub.name), sub);
        }
    }
    format.print(&custom::print(known.schema), format!("{facts}\n\n{table}"));
    Ok(())
}

fn row(table: &mut Table, name: String, def: &AttributeDef) {
    let kind = def.kind.as_str();
    let kind = if def.multi_valued {
        format!("list of {kind}")
    } else {
        kind.to_owned()
    };
    let mut rules = Vec::new();
    if def.required {
        rules.push("required");
    }
    if def.uniqueness != Uniqueness::None {
        rules.push("unique");
    }
    if def.mutability != Mutability::ReadWrite {
        rules.push(def.mutability.as_str());
    }
    let returned = format!("returned {}", def.returned.as_str());
    if !matches!(def.returned, provost_scim::schema::Returned::Default) {
        rules.push(&returned);
    }
    table.row([
        name,
        kind,
        or_dash(&rules.join(", ")),
        def.description.to_owned(),
    ]);
}

async fn remove(
    directory: &Directory,
    slug: &str,
    urn: &str,
    format: Format,
) -> Result<(), Failure> {
    let removed = directory.remove_schema(slug, urn).await;
    let removed = removed.map_err(|error| Subject::tenant(slug).explain(error))?;
    let id = removed.schema.id;
    format.print(
        &json!({ "tenant": slug, "removed": id }),
        format_args!(
            "Removed {id} from the tenant `{slug}`.\nValues that users or groups have under it stay in the store and are shown to nobody; add the schema again to see them."
        ),
    );
    Ok(())
}
