//! `provost application show`: settings, what the application sees, where it stands.

use std::fmt::Write as _;

use provost_directory::{
    Directory,
    clock::{Clock, SystemClock},
    view_report::{Hidden, Standing, Survey},
};
use provost_scim::Timestamp;
use serde_json::{Map, Value, json};

use super::{Summary, held};
use crate::{
    failure::{Failure, Subject},
    global::Urls,
    output::{Facts, Format, Table, or_dash},
};

/// How many names are shown as a sample.
const SAMPLE: usize = 5;

/// Shows an application.
pub(super) async fn show(
    directory: &Directory,
    urls: &Urls,
    name: &str,
    format: Format,
) -> Result<(), Failure> {
    let explain = |error| Subject::application(name).explain(error);
    let tenants = directory.tenants().await.map_err(explain)?;
    let application = directory.application(name).await.map_err(explain)?;
    let survey = directory.survey(name).await.map_err(explain)?;
    let standing = directory.standing(name).await.map_err(explain)?;
    let summary = Summary::new(&application, &tenants);
    let settings = application.view.print();
    let mut facts = Facts::default()
        .with("Application", &summary.application)
        .with("Server URL", urls.crowd())
        .with("Sees tenants", or_dash(&summary.tenants.join(", ")))
        .with("May call from", summary.addresses())
        .with("Created", &summary.created);
    if let Some(until) = application
        .old_password_until
        .filter(|until| *until > SystemClock.now())
    {
        facts.push("Old password valid until", until);
    }
    for (key, value) in &settings {
        facts.push(key, value);
    }
    describe(&mut facts, &survey);
    stand(&mut facts, &standing);
    let json = report(&summary, urls, &settings, (&survey, &standing));
    format.print(
        &json,
        format_args!(
            "{facts}{}{}",
            warnings(&survey),
            held::notice(name, &standing)
        ),
    );
    Ok(())
}

fn describe(facts: &mut Facts, survey: &Survey) {
    facts.push("Users", counted(survey.users.total, &survey.users.first));
    facts.push("  inactive", survey.inactive);
    facts.push("  with a derived e-mail", survey.without_email);
    facts.push("Groups", counted(survey.groups.total, &survey.groups.first));
    facts.push("Memberships", survey.memberships);
}

fn counted(total: u64, first: &[String]) -> String {
    if first.is_empty() {
        return total.to_string();
    }
    let shown: Vec<_> = first.iter().take(SAMPLE).map(String::as_str).collect();
    let more = if total > shown.len() as u64 {
        ", …"
    } else {
        ""
    };
    format!("{total} ({}{more})", shown.join(", "))
}

fn stand(facts: &mut Facts, standing: &Standing) {
    let never = || "never".to_owned();
    let at = |at: Option<_>| at.map_or_else(never, |at: Timestamp| at.to_string());
    facts.push("Last synchronisation", at(standing.last_synchronisation));
    facts.push("  last full one", at(standing.last_full_synchronisation));
    facts.push(
        "Not fetched yet",
        format!(
            "{} changes, the first {} seconds ago",
            standing.lag_changes,
            standing.lag_seconds(SystemClock.now())
        ),
    );
    facts.push("Frozen", if standing.is_held { "yes" } else { "no" });
}

fn warnings(survey: &Survey) -> String {
    let mut text = String::new();
    for (title, hidden) in [
        ("users", &survey.hidden_users),
        ("groups", &survey.hidden_groups),
    ] {
        if hidden.total > 0 {
            let table = hidden_table(&hidden.first);
            let _ = write!(
                text,
                "\n\n{} {title} are hidden, because another one has their name in this view. \
                 Rename one of each at the identity provider, or change the settings:\n{table}",
                hidden.total
            );
        }
    }
    if !survey.kept_names.is_empty() {
        let mut table = Table::new(&["seen as", "name now", "members"], "");
        for kept in &survey.kept_names {
            table.row([
                kept.shown.clone(),
                kept.current.clone(),
                kept.members.to_string(),
            ]);
        }
        let _ = write!(
            text,
            "\n\nGroups that were renamed and keep their old name here \
             (`provost application release-groups` hands out the new one):\n{table}"
        );
    }
    text
}

fn hidden_table(hidden: &[Hidden]) -> Table {
    let mut table = Table::new(&["tenant", "name", "would be seen as"], "");
    for one in hidden {
        table.row([one.tenant.clone(), one.name.clone(), one.wanted.clone()]);
    }
    table
}

fn report(
    summary: &Summary,
    urls: &Urls,
    settings: &[(&'static str, String)],
    (survey, standing): (&Survey, &Standing),
) -> Value {
    let settings: Map<_, Value> = settings
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone().into()))
        .collect();
    let hidden = |all: &[Hidden]| -> Vec<Value> {
        let one =
            |one: &Hidden| json!({"tenant": one.tenant, "name": one.name, "wanted": one.wanted});
        all.iter().map(one).collect()
    };
    let text = |at: Option<_>| at.map(|at: Timestamp| at.to_string());
    json!({
        "application": summary.application,
        "tenants": summary.tenants,
        "allowed_addresses": summary.allowed_addresses,
        "created": summary.created,
        "crowd_url": urls.crowd(),
        "settings": settings,
        "users": survey.users.total,
        "inactive_users": survey.inactive,
        "users_without_email": survey.without_email,
        "groups": survey.groups.total,
        "memberships": survey.memberships,
        "first_users": survey.users.first,
        "first_groups": survey.groups.first,
        "hidden_users": survey.hidden_users.total,
        "first_hidden_users": hidden(&survey.hidden_users.first),
        "hidden_groups": survey.hidden_groups.total,
        "first_hidden_groups": hidden(&survey.hidden_groups.first),
        "kept_group_names": survey.kept_names.iter().map(|kept| json!({
            "group": kept.group.to_string(),
            "shown": kept.shown,
            "current": kept.current,
            "members": kept.members,
        })).collect::<Vec<_>>(),
        "last_synchronisation": text(standing.last_synchronisation),
        "last_full_synchronisation": text(standing.last_full_synchronisation),
        "lag_changes": standing.lag_changes,
        "lag_seconds": standing.lag_seconds(SystemClock.now()),
        "frozen": standing.is_held,
        "would_lose": held::loss_json(&standing.loss),
    })
}
