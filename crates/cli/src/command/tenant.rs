//! `provost tenant`: create, list, show, set, delete, and schemas.

use clap::Subcommand;
use provost_directory::{
    Directory,
    credential::Form,
    tenant::Tenant as Stored,
    token::{Access, NewToken},
};
use serde::Serialize;

use super::{key_value, schema::Schema};
use crate::{
    failure::{Failure, Subject},
    global::{Global, Urls},
    output::{Facts, Format, Table, or_dash},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Tenant {
    /// Create a tenant and its first token
    Create {
        /// Its name in URLs: lower-case letters, digits, hyphens
        slug: String,
        /// The identity provider behind it, such as entra, okta or onelogin
        #[arg(long)]
        idp: Option<String>,
    },
    /// List the tenants
    List,
    /// Show a tenant: URLs, settings, what it holds
    Show {
        /// Its name
        slug: String,
    },
    /// Change settings; `provost tenant show SLUG` names them
    Set {
        /// Its name
        slug: String,
        /// The settings
        #[arg(required = true, value_name = "KEY=VALUE", value_parser = key_value)]
        settings: Vec<(String, String)>,
    },
    /// Delete a tenant with its tokens, users and groups
    Delete {
        /// Its name
        slug: String,
    },
    /// Extension schemas with attributes of your own
    #[command(subcommand)]
    Schema(Schema),
}

impl Tenant {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        global.with_directory(async |directory, urls| match self {
            Self::Create { slug, idp } => {
                let created = create(directory, urls, slug, idp.as_deref()).await?;
                created.print(global.format());
                Ok(())
            }
            Self::List => list(directory, global.format()).await,
            Self::Show { slug } => show(directory, urls, slug, global.format()).await,
            Self::Set { slug, settings } => {
                let tenant = directory.set_tenant(slug, settings).await;
                tenant.map_err(|error| Subject::tenant(slug).explain(error))?;
                show(directory, urls, slug, global.format()).await
            }
            Self::Delete { slug } => delete(directory, slug, global.format()).await,
            Self::Schema(schema) => schema.run(directory, global).await,
        })
    }
}

/// A new tenant with its first token.
#[derive(Debug, Serialize)]
pub(super) struct Created {
    pub(super) tenant: String,
    pub(super) v2_base_url: String,
    pub(super) v1_base_url: String,
    pub(super) token: String,
}

impl Created {
    fn print(&self, format: Format) {
        let facts = Facts::default()
            .with("Tenant", &self.tenant)
            .with("SCIM 2.0 URL", &self.v2_base_url)
            .with("SCIM 1.1 URL", &self.v1_base_url)
            .with("Token", &self.token);
        format.print(
            self,
            format_args!(
                "{facts}\n\nThe token is shown this once; store it in the identity provider now."
            ),
        );
    }
}

/// Makes a tenant and its first token.
pub(super) async fn create(
    directory: &Directory,
    urls: &Urls,
    slug: &str,
    idp: Option<&str>,
) -> Result<Created, Failure> {
    let subject = Subject::tenant(slug);
    let tenant = directory.create_tenant(slug, idp).await;
    let tenant = tenant.map_err(|error| subject.explain(error))?;
    let new = NewToken {
        label: "first".to_owned(),
        expires_days: None,
        access: Access::ReadWrite,
        form: Form::Bearer,
    };
    let token = directory.create_token(&tenant.slug, new).await;
    let (_, secret) = token.map_err(|error| subject.explain(error))?;
    Ok(Created {
        v2_base_url: urls.v2(&tenant.slug),
        v1_base_url: urls.v1(&tenant.slug),
        tenant: tenant.slug.clone(),
        token: secret.reveal().to_owned(),
    })
}

#[derive(Serialize)]
struct Summary<'a> {
    tenant: &'a str,
    idp: Option<&'a str>,
    created: String,
}

impl<'a> From<&'a Stored> for Summary<'a> {
    fn from(tenant: &'a Stored) -> Self {
        Self {
            tenant: &tenant.slug,
            idp: tenant.idp.as_deref(),
            created: tenant.created.to_string(),
        }
    }
}

async fn list(directory: &Directory, format: Format) -> Result<(), Failure> {
    let tenants = directory.tenants().await;
    let tenants = tenants.map_err(|error| Subject::tenant("").explain(error))?;
    let mut table = Table::new(
        &["tenant", "identity provider", "created"],
        "There is no tenant; create one with `provost tenant create SLUG`.",
    );
    for tenant in &tenants {
        table.row([
            tenant.slug.clone(),
            or_dash(tenant.idp.as_deref().unwrap_or_default()),
            tenant.created.to_string(),
        ]);
    }
    let json: Vec<_> = tenants
        .iter()
        .map(|tenant| Summary::from(&**tenant))
        .collect();
    format.print(&json, table);
    Ok(())
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    v2_base_url: String,
    v1_base_url: String,
    users: u64,
    groups: u64,
    memberships: u64,
    schemas: Vec<&'static str>,
    settings: serde_json::Map<String, serde_json::Value>,
}

async fn show(
    directory: &Directory,
    urls: &Urls,
    slug: &str,
    format: Format,
) -> Result<(), Failure> {
    let explain = |error| Subject::tenant(slug).explain(error);
    let tenant = directory.tenant(slug).await.map_err(explain)?;
    let (users, groups, memberships) = directory.counts(slug).await.map_err(explain)?;
    let settings = Directory::tenant_settings(&tenant.settings);
    let schemas = tenant.schemas.list().iter();
    let schemas: Vec<_> = schemas.map(|known| known.schema.id).collect();
    let shown = Shown {
        summary: Summary::from(&*tenant),
        v2_base_url: urls.v2(slug),
        v1_base_url: urls.v1(slug),
        users,
        groups,
        memberships,
        schemas: schemas.clone(),
        settings: settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), value.clone().into()))
            .collect(),
    };
    let mut facts = Facts::default()
        .with("Tenant", slug)
        .with(
            "Identity provider",
            or_dash(tenant.idp.as_deref().unwrap_or_default()),
        )
        .with("Created", tenant.created)
        .with("SCIM 2.0 URL", &shown.v2_base_url)
        .with("SCIM 1.1 URL", &shown.v1_base_url)
        .with("Users", users)
        .with("Groups", groups)
        .with("Memberships", memberships)
        .with("Custom schemas", or_dash(&schemas.join(", ")));
    for (key, value) in &settings {
        facts.push(key, value);
    }
    format.print(&shown, facts);
    Ok(())
}

async fn delete(directory: &Directory, slug: &str, format: Format) -> Result<(), Failure> {
    let deleted = directory.delete_tenant(slug).await;
    deleted.map_err(|error| Subject::tenant(slug).explain(error))?;
    format.print(
        &serde_json::json!({ "deleted": slug }),
        format_args!("Deleted the tenant `{slug}` with its tokens, users and groups."),
    );
    Ok(())
}
