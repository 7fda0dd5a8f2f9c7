//! `list`, `show` and `feeds`.

use std::fmt::Write as _;

use provost_allowlist::feed::{FEEDS, Parts};
use provost_directory::{
    Directory,
    ip_set::{NamedSet, User},
};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Subject},
    output::{self, Facts, Format, Table, or_dash, yes_no},
};

/// How many networks people are shown.
const SHOWN: usize = 50;

/// The format and the parts of a set, as one phrase.
pub(super) fn origin(set: &NamedSet) -> String {
    let source = &set.source;
    if source.parts.is_empty() {
        return source.feed.name.to_owned();
    }
    format!("{} {}", source.feed.name, source.parts.join(", "))
}

pub(super) fn edition(set: &NamedSet) -> Option<String> {
    set.accepted.version.as_ref().map(ToString::to_string)
}

/// Lists the sets.
pub(super) async fn list(directory: &Directory, format: Format) -> Result<(), Failure> {
    let explain = |error| Subject::ip_set("").explain(error);
    let sets = directory.ip_sets().await.map_err(explain)?;
    let mut table = Table::new(
        &[
            "set",
            "from",
            "edition",
            "networks",
            "read",
            "refreshed",
            "failures",
        ],
        "There is no set; make one with `provost allowlist fetch` or `import`.",
    );
    let mut json = Vec::new();
    for set in &sets {
        table.row([
            set.name.to_string(),
            origin(set),
            or_dash(edition(set).as_deref().unwrap_or_default()),
            set.networks().to_string(),
            set.fetched.to_string(),
            if set.source.refresh { "daily" } else { "no" }.to_owned(),
            set.failures.to_string(),
        ]);
        let users = directory.ip_set_users(&set.name).await.map_err(explain)?;
        json.push(document(directory, set, &users));
    }
    format.print(&json, table);
    Ok(())
}

fn document(directory: &Directory, set: &NamedSet, users: &[User]) -> Value {
    json!({
        "set": set.name.as_str(),
        "feed": set.source.feed.name,
        "parts": set.source.parts,
        "url": set.source.url,
        "refresh": set.source.refresh,
        "edition": edition(set),
        "sha256": set.accepted.digest,
        "networks": set.networks(),
        "changed": set.changed.to_string(),
        "fetched": set.fetched.to_string(),
        "tried": set.tried.to_string(),
        "failures": set.failures,
        "failure": set.failure,
        "overdue": directory.is_overdue(set),
        "used_by": users.iter().map(|user| match user {
            User::Tenant(slug) => json!({ "tenant": slug }),
            User::Application(name) => json!({ "application": name }),
        }).collect::<Vec<_>>(),
    })
}

/// Shows a set; `bare` for its networks alone.
pub(super) async fn show(
    directory: &Directory,
    name: &str,
    bare: bool,
    format: Format,
) -> Result<(), Failure> {
    let explain = |error| Subject::ip_set(name).explain(error);
    let set = directory.ip_set(name).await.map_err(explain)?;
    if bare && format == Format::Human {
        output::line(set.accepted.set.to_string().trim_end());
        return Ok(());
    }
    let users = directory.ip_set_users(&set.name).await.map_err(explain)?;
    let networks: Vec<_> = set.accepted.set.prefixes().map(|p| p.to_string()).collect();
    let mut json = document(directory, &set, &users);
    if let Some(fields) = json.as_object_mut() {
        fields.insert("networks".to_owned(), networks.clone().into());
    }
    let mut text = facts(&set, &users, directory.is_overdue(&set)).to_string();
    text.push('\n');
    for network in networks.iter().take(SHOWN) {
        let _ = write!(text, "\n{network}");
    }
    if networks.len() > SHOWN {
        let more = networks.len() - SHOWN;
        let _ = write!(text, "\n… and {more} more; --networks lists all");
    }
    format.print(&json, text);
    Ok(())
}

fn facts(set: &NamedSet, users: &[User], is_overdue: bool) -> Facts {
    let users: Vec<_> = users.iter().map(User::to_string).collect();
    let mut facts = Facts::default()
        .with("Set", &set.name)
        .with("Format", set.source.feed.name)
        .with("Parts", or_dash(&set.source.parts.join(", ")))
        .with(
            "URL",
            or_dash(set.source.url.as_deref().unwrap_or_default()),
        )
        .with("Refreshed every day", yes_no(set.source.refresh))
        .with(
            "Edition",
            or_dash(edition(set).as_deref().unwrap_or_default()),
        )
        .with("SHA-256", &set.accepted.digest)
        .with("In force since", set.changed)
        .with("Last read", set.fetched)
        .with("Last tried", set.tried)
        .with("Failures since", set.failures);
    if let Some(failure) = &set.failure {
        facts.push("  the last one", failure);
    }
    if is_overdue {
        facts.push(
            "Overdue",
            "yes: addresses that were added since are locked out",
        );
    }
    facts
        .with("Used by", or_dash(&users.join(", ")))
        .with("Networks", set.networks())
}

/// Lists the formats.
pub(super) fn feeds(format: Format) {
    let mut table = Table::new(&["feed", "publisher", "parts", "url"], "");
    let mut json = Vec::new();
    for feed in FEEDS {
        let (parts, rule) = match feed.parts {
            Parts::Required(what) => (format!("name {what}"), "required"),
            Parts::Optional(what) => (format!("all, or {what}"), "optional"),
            Parts::None => (String::new(), "none"),
        };
        table.row([
            feed.name.to_owned(),
            feed.publisher.to_owned(),
            or_dash(&parts),
            or_dash(feed.published_at),
        ]);
        json.push(json!({
            "feed": feed.name,
            "publisher": feed.publisher,
            "parts": rule,
            "url": Some(feed.published_at).filter(|url| !url.is_empty()),
        }));
    }
    format.print(&json, table);
}
