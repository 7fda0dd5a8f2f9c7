//! `provost application`: create, list, show, set, rotate, delete, and what is held back.

mod held;
mod preview;
mod show;

use clap::Subcommand;
use provost_directory::{
    Directory, allowlist::Allowlist, application::Application as Stored, tenant::Tenant,
};
use serde::Serialize;
use std::sync::Arc;

use self::show::show;
use super::key_value;
use crate::{
    failure::{Failure, Subject},
    global::{Global, Urls},
    output::{Facts, Format, Table, or_dash},
};

#[derive(Debug, Subcommand)]
pub(crate) enum Application {
    /// Create an application and its password
    Create {
        /// The name it signs in with
        name: String,
        /// A tenant it sees; give the option again for more, the first one counts on equal names
        #[arg(long = "tenant", value_name = "SLUG", required = true, num_args = 1..)]
        tenants: Vec<String>,
    },
    /// List the applications
    List,
    /// Show an application and what it sees
    Show {
        /// Its name
        name: String,
    },
    /// Change settings; `provost application show NAME` names them
    Set {
        /// Its name
        name: String,
        /// The settings
        #[arg(required = true, value_name = "KEY=VALUE", value_parser = key_value)]
        settings: Vec<(String, String)>,
        /// Show who and which groups would appear, vanish or be renamed; change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Make a new password; the old one stays valid for a day, or as long as you say
    Rotate {
        /// Its name
        name: String,
        /// For how many hours the old password stays valid; 0 ends it at once
        #[arg(long, value_name = "HOURS", default_value_t = 24)]
        keep_old: u32,
    },
    /// End the old password of a rotation now
    FinishRotation {
        /// Its name
        name: String,
    },
    /// Let through what the mass-change brake holds
    Release {
        /// Its name
        name: String,
    },
    /// Undo what the mass-change brake holds: people are active and in their groups again
    Discard {
        /// Its name
        name: String,
    },
    /// Hand out the new names of renamed groups; without groups, list them
    ReleaseGroups {
        /// Its name
        name: String,
        /// Old or new names, or ids, of groups
        groups: Vec<String>,
        /// All of them
        #[arg(long, conflicts_with = "groups")]
        all: bool,
    },
    /// Delete an application
    Delete {
        /// Its name
        name: String,
    },
}

impl Application {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        let format = global.format();
        global.with_directory(async |directory, urls| match self {
            Self::Create { name, tenants } => {
                let created = create(directory, urls, name, tenants).await?;
                created.print(format);
                Ok(())
            }
            Self::List => list(directory, format).await,
            Self::Show { name } => show(directory, urls, name, format).await,
            Self::Set {
                name,
                settings,
                dry_run: true,
            } => preview::preview(directory, name, settings, format).await,
            Self::Set { name, settings, .. } => {
                let set = directory.set_application(name, settings).await;
                set.map_err(|error| Subject::application(name).explain(error))?;
                show(directory, urls, name, format).await
            }
            Self::Rotate { name, keep_old } => {
                let new = rotate(directory, urls, name, *keep_old).await?;
                new.print(format);
                Ok(())
            }
            Self::FinishRotation { name } => finish_rotation(directory, name, format).await,
            Self::Release { name } => held::release(directory, name, format).await,
            Self::Discard { name } => held::discard(directory, name, format).await,
            Self::ReleaseGroups { name, groups, all } => {
                held::release_groups(directory, name, (groups, *all), format).await
            }
            Self::Delete { name } => delete(directory, name, format).await,
        })
    }
}

/// An application with its new password.
#[derive(Debug, Serialize)]
pub(super) struct Created {
    pub(super) application: String,
    pub(super) password: String,
    pub(super) crowd_url: String,
}

impl Created {
    fn print(&self, format: Format) {
        let facts = Facts::default()
            .with("Server URL", &self.crowd_url)
            .with("Application name", &self.application)
            .with("Application password", &self.password);
        format.print(
            self,
            format_args!("{facts}\n\nThe password is shown this once; enter it in the application's directory settings now."),
        );
    }
}

/// Makes an application that sees these tenants.
pub(super) async fn create(
    directory: &Directory,
    urls: &Urls,
    name: &str,
    tenants: &[String],
) -> Result<Created, Failure> {
    let known = directory.tenants().await;
    let known = known.map_err(|error| Subject::application(name).explain(error))?;
    if let Some(missing) = missing(tenants, &known) {
        return Err(Subject::tenant(missing).missing());
    }
    let created = directory.create_application(name, tenants).await;
    let (application, password) =
        created.map_err(|error| Subject::application(name).explain(error))?;
    Ok(Created {
        application: application.name.clone(),
        password: password.reveal().to_owned(),
        crowd_url: urls.crowd(),
    })
}

fn missing<'a>(tenants: &'a [String], known: &[Arc<Tenant>]) -> Option<&'a str> {
    tenants
        .iter()
        .map(String::as_str)
        .find(|slug| !known.iter().any(|tenant| tenant.slug == *slug))
}

async fn rotate(
    directory: &Directory,
    urls: &Urls,
    name: &str,
    keep_old: u32,
) -> Result<Created, Failure> {
    let password = directory.rotate_application(name, keep_old).await;
    let password = password.map_err(|error| Subject::application(name).explain(error))?;
    Ok(Created {
        application: name.to_owned(),
        password: password.reveal().to_owned(),
        crowd_url: urls.crowd(),
    })
}

#[derive(Serialize)]
struct Summary {
    application: String,
    tenants: Vec<String>,
    allowed_addresses: Vec<String>,
    created: String,
}

impl Summary {
    fn new(application: &Stored, tenants: &[Arc<Tenant>]) -> Self {
        let slug = |id| tenants.iter().find(|tenant| tenant.id == id);
        Self {
            application: application.name.clone(),
            tenants: application
                .tenants
                .iter()
                .filter_map(|id| slug(*id).map(|tenant| tenant.slug.clone()))
                .collect(),
            allowed_addresses: entries(&application.allowed_addresses),
            created: application.created.to_string(),
        }
    }

    fn addresses(&self) -> String {
        if self.allowed_addresses.is_empty() {
            "any".to_owned()
        } else {
            self.allowed_addresses.join(", ")
        }
    }
}

async fn list(directory: &Directory, format: Format) -> Result<(), Failure> {
    let explain = |error| Subject::application("").explain(error);
    let tenants = directory.tenants().await.map_err(explain)?;
    let applications = directory.applications().await.map_err(explain)?;
    let json: Vec<Summary> = applications
        .iter()
        .map(|application| Summary::new(application, &tenants))
        .collect();
    let mut table = Table::new(
        &["application", "sees tenants", "may call from", "created"],
        "There is no application; create one with `provost application create NAME --tenant SLUG`.",
    );
    for application in &json {
        table.row([
            application.application.clone(),
            or_dash(&application.tenants.join(", ")),
            application.addresses(),
            application.created.clone(),
        ]);
    }
    format.print(&json, table);
    Ok(())
}

async fn finish_rotation(directory: &Directory, name: &str, format: Format) -> Result<(), Failure> {
    let finished = directory.finish_rotation(name).await;
    finished.map_err(|error| Subject::application(name).explain(error))?;
    format.print(
        &serde_json::json!({ "finished": name }),
        format_args!("The old password of `{name}` no longer works."),
    );
    Ok(())
}

async fn delete(directory: &Directory, name: &str, format: Format) -> Result<(), Failure> {
    let deleted = directory.delete_application(name).await;
    deleted.map_err(|error| Subject::application(name).explain(error))?;
    format.print(
        &serde_json::json!({ "deleted": name }),
        format_args!("Deleted the application `{name}`; its password no longer works."),
    );
    Ok(())
}

fn entries(list: &Allowlist) -> Vec<String> {
    list.entries().iter().map(ToString::to_string).collect()
}
