//! `provost user`: what the directory holds about users, and why.

use clap::Subcommand;
use provost_directory::{
    Directory, id::UserId, token::Caller, user::User as Stored, view::PersonKey,
};
use serde::Serialize;

use super::{
    history::{self, CHANGES, change_json, change_table},
    seen::{Seen, seen, seen_table},
};
use crate::{
    failure::{Failure, Subject},
    global::Global,
    lookup::{self, Selection},
    output::{Facts, Format, Table, or_dash, yes_no},
};

#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// List users
    List(Selection),
    /// Show a user: state, groups, last changes, and what applications see
    Show {
        /// Its userName or id
        user: String,
        /// Only this tenant
        #[arg(long)]
        tenant: Option<String>,
    },
}

impl User {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        let format = global.format();
        global.with_directory(async |directory, _| match self {
            Self::List(selection) => list(directory, selection, format).await,
            Self::Show { user, tenant } => show(directory, user, tenant.as_deref(), format).await,
        })
    }
}

#[derive(Serialize)]
struct Row {
    tenant: String,
    id: String,
    user_name: String,
    display_name: String,
    active: bool,
}

async fn list(directory: &Directory, selection: &Selection, format: Format) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let mut total = 0;
    for caller in selection.callers(directory).await? {
        let request = selection.request(caller.tenant.types.user, &caller)?;
        let page = directory.users(&caller, &request, selection.limit).await;
        let page = page.map_err(|error| Subject::user("").explain(error))?;
        total += page.total;
        rows.extend(page.items.iter().map(|user| Row {
            tenant: caller.tenant.slug.clone(),
            id: user.id.to_string(),
            user_name: user.resource.user_name().to_owned(),
            display_name: user.resource.display_name().unwrap_or_default().to_owned(),
            active: user.resource.is_active(),
        }));
    }
    let mut table = Table::new(
        &["user name", "display name", "active", "tenant", "id"],
        "There is no such user.",
    );
    for row in &rows {
        table.row([
            row.user_name.clone(),
            or_dash(&row.display_name),
            yes_no(row.active).to_owned(),
            row.tenant.clone(),
            row.id.clone(),
        ]);
    }
    let json = serde_json::json!({ "total": total, "users": rows });
    format.print(&json, format_args!("{table}\n\n{} of {total}", rows.len()));
    Ok(())
}

async fn show(
    directory: &Directory,
    name: &str,
    tenant: Option<&str>,
    format: Format,
) -> Result<(), Failure> {
    let mut found = Vec::new();
    for caller in lookup::callers(directory, tenant).await? {
        if let Some(user) = lookup::user(directory, &caller, name).await? {
            found.push((caller, user));
        }
    }
    match found.as_slice() {
        [] => show_tombstone(directory, name, format).await,
        [(caller, user)] => show_user(directory, caller, user, format).await,
        several => {
            let slugs: Vec<_> = several
                .iter()
                .map(|(caller, _)| &*caller.tenant.slug)
                .collect();
            Err(Failure::usage(format!(
                "`{name}` is a user of the tenants {}; choose one with --tenant",
                slugs.join(" and ")
            )))
        }
    }
}

#[derive(Serialize)]
struct Shown {
    tenant: String,
    id: String,
    user_name: String,
    active: bool,
    version: u64,
    created: String,
    last_modified: String,
    attributes: serde_json::Value,
    groups: Vec<serde_json::Value>,
    changes: Vec<serde_json::Value>,
    seen_by: Vec<Seen>,
}

async fn show_user(
    directory: &Directory,
    caller: &Caller,
    user: &Stored,
    format: Format,
) -> Result<(), Failure> {
    let id = user.id.to_string();
    let explain = |error| Subject::user(user.resource.user_name()).explain(error);
    let changes = history::history(directory, &id, CHANGES)
        .await
        .map_err(explain)?;
    let seen_by = seen(directory, PersonKey::Key(user.id)).await?;
    let shown = Shown {
        tenant: caller.tenant.slug.clone(),
        user_name: user.resource.user_name().to_owned(),
        active: user.resource.is_active(),
        version: user.version,
        created: user.created.to_string(),
        last_modified: user.last_modified.to_string(),
        attributes: serde_json::Value::Object(user.resource.visible(caller.tenant.types.user)),
        groups: user.groups.iter().map(group_json).collect(),
        changes: changes.iter().map(change_json).collect(),
        seen_by: seen_by.into_iter().map(|(_, seen)| seen).collect(),
        id,
    };
    let human = format_args!(
        "{}\n\nLast changes\n{}\n\nWhat applications see\n{}",
        facts(&shown, user),
        change_table(&changes, &shown.id),
        seen_table(shown.seen_by.iter())
    )
    .to_string();
    format.print(&shown, human);
    Ok(())
}

fn facts(shown: &Shown, user: &Stored) -> Facts {
    let names = |direct: bool| {
        let names: Vec<_> = user
            .groups
            .iter()
            .filter(|group| group.direct == direct)
            .collect();
        let names: Vec<_> = names.iter().map(|group| &*group.display).collect();
        or_dash(&names.join(", "))
    };
    Facts::default()
        .with("User name", &shown.user_name)
        .with("Tenant", &shown.tenant)
        .with("Id and Crowd key", &shown.id)
        .with("Active", yes_no(shown.active))
        .with("Created", &shown.created)
        .with("Last changed", &shown.last_modified)
        .with("Groups, direct", names(true))
        .with("Groups, through others", names(false))
}

fn group_json(group: &provost_scim::member::GroupRef) -> serde_json::Value {
    serde_json::json!({ "id": group.id, "name": group.display, "direct": group.direct })
}

/// A user that is gone for the identity provider may still be there, inactive, for applications.
async fn show_tombstone(directory: &Directory, name: &str, format: Format) -> Result<(), Failure> {
    let key = UserId::parse(name).map_or(PersonKey::Name(name), PersonKey::Key);
    let all = seen(directory, key).await?;
    let Some((person, _)) = all.first() else {
        return Err(Subject::user(name).missing());
    };
    let id = person.key.to_string();
    let explain = |error| Subject::user(name).explain(error);
    let changes = history::history(directory, &id, CHANGES)
        .await
        .map_err(explain)?;
    let json = serde_json::json!({
        "id": id,
        "user_name": person.name,
        "deleted": true,
        "changes": changes.iter().map(change_json).collect::<Vec<_>>(),
        "seen_by": all.iter().map(|(_, seen)| seen).collect::<Vec<_>>(),
    });
    let human = format!(
        "The identity provider deleted `{}` ({id}); applications keep it as an inactive account.\n\nLast changes\n{}\n\nWhat applications see\n{}",
        person.name,
        change_table(&changes, &id),
        seen_table(all.iter().map(|(_, seen)| seen))
    );
    format.print(&json, human);
    Ok(())
}
