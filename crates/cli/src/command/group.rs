//! `provost group`: what the directory holds about groups, and why.

use clap::Subcommand;
use provost_directory::{Directory, group::Group as Stored, token::Caller};
use serde::Serialize;

use super::history::{self, CHANGES, change_json, change_table};
use crate::{
    failure::{Failure, Subject},
    global::Global,
    lookup::{self, Selection},
    output::{Facts, Format, Table, or_dash},
};

/// How many members `group show` lists for people; `--json` lists all.
const MEMBERS: usize = 50;

#[derive(Debug, Subcommand)]
pub(crate) enum Group {
    /// List groups
    List(Selection),
    /// Show a group: members, last changes, and which applications see it
    Show {
        /// Its displayName or id
        group: String,
        /// Only this tenant
        #[arg(long)]
        tenant: Option<String>,
    },
}

impl Group {
    pub(super) fn run(&self, global: &Global) -> Result<(), Failure> {
        let format = global.format();
        global.with_directory(async |directory, _| match self {
            Self::List(selection) => list(directory, selection, format).await,
            Self::Show { group, tenant } => show(directory, group, tenant.as_deref(), format).await,
        })
    }
}

#[derive(Serialize)]
struct Row {
    tenant: String,
    id: String,
    display_name: String,
    external_id: String,
}

async fn list(directory: &Directory, selection: &Selection, format: Format) -> Result<(), Failure> {
    let mut rows = Vec::new();
    let mut total = 0;
    for caller in selection.callers(directory).await? {
        let request = selection.request(caller.tenant.types.group, &caller)?;
        let page = directory.groups(&caller, &request, selection.limit).await;
        let page = page.map_err(|error| Subject::group("").explain(error))?;
        total += page.total;
        rows.extend(page.items.iter().map(|group| Row {
            tenant: caller.tenant.slug.clone(),
            id: group.id.to_string(),
            display_name: group.resource.display_name().unwrap_or_default().to_owned(),
            external_id: group.resource.external_id().unwrap_or_default().to_owned(),
        }));
    }
    let mut table = Table::new(
        &["group", "external id", "tenant", "id"],
        "There is no such group.",
    );
    for row in &rows {
        table.row([
            row.display_name.clone(),
            or_dash(&row.external_id),
            row.tenant.clone(),
            row.id.clone(),
        ]);
    }
    let json = serde_json::json!({ "total": total, "groups": rows });
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
        if let Some(group) = lookup::group(directory, &caller, name).await? {
            found.push((caller, group));
        }
    }
    match found.as_slice() {
        [] => Err(Subject::group(name).missing()),
        [(caller, group)] => show_group(directory, caller, group, format).await,
        several => {
            let slugs: Vec<_> = several
                .iter()
                .map(|(caller, _)| &*caller.tenant.slug)
                .collect();
            Err(Failure::usage(format!(
                "`{name}` is a group of the tenants {}; choose one with --tenant",
                slugs.join(" and ")
            )))
        }
    }
}

/// The applications that see a group of that name.
async fn seen_by(directory: &Directory, name: &str) -> Result<Vec<String>, Failure> {
    let explain = |error| Subject::group(name).explain(error);
    let mut names = Vec::new();
    for application in directory.applications().await.map_err(explain)? {
        let group = directory.view(&application).group(name).await;
        if group.map_err(explain)?.is_some() {
            names.push(application.name.clone());
        }
    }
    Ok(names)
}

fn members(group: &Stored) -> String {
    let mut table = Table::new(&["member", "kind", "id"], "The group has no member.");
    for member in group.members.iter().take(MEMBERS) {
        table.row([
            member.display.clone(),
            member.kind.as_str().to_owned(),
            member.id.clone(),
        ]);
    }
    match group.members.len().saturating_sub(MEMBERS) {
        0 => table.to_string(),
        more => format!("{table}\n… and {more} more; --json lists all"),
    }
}

async fn show_group(
    directory: &Directory,
    caller: &Caller,
    group: &Stored,
    format: Format,
) -> Result<(), Failure> {
    let id = group.id.to_string();
    let name = group.resource.display_name().unwrap_or_default();
    let changes = history::history(directory, &id, CHANGES).await;
    let changes = changes.map_err(|error| Subject::group(name).explain(error))?;
    let seen_by = seen_by(directory, name).await?;
    let facts = Facts::default()
        .with("Group", name)
        .with("Tenant", &caller.tenant.slug)
        .with("Id", &id)
        .with(
            "External id",
            or_dash(group.resource.external_id().unwrap_or_default()),
        )
        .with("Created", group.created)
        .with("Last changed", group.last_modified)
        .with("Members", group.members.len())
        .with("Seen by", or_dash(&seen_by.join(", ")));
    let json = serde_json::json!({
        "tenant": caller.tenant.slug,
        "id": id,
        "display_name": name,
        "version": group.version,
        "created": group.created.to_string(),
        "last_modified": group.last_modified.to_string(),
        "members": group.members.iter().map(|member| serde_json::json!({
            "id": member.id, "kind": member.kind.as_str(), "display": member.display,
        })).collect::<Vec<_>>(),
        "changes": changes.iter().map(change_json).collect::<Vec<_>>(),
        "seen_by": seen_by,
    });
    let human = format!(
        "{facts}\n\n{}\n\nLast changes\n{}",
        members(group),
        change_table(&changes, &id)
    );
    format.print(&json, human);
    Ok(())
}
