//! What applications see of a user, for `user show`.

use provost_directory::{Directory, person::Person, view::PersonKey};
use serde::Serialize;

use crate::{
    failure::{Failure, Subject},
    output::{Table, or_dash, yes_no},
};

/// A user as one application sees it.
#[derive(Serialize)]
pub(super) struct Seen {
    application: String,
    name: String,
    display_name: String,
    email: String,
    active: bool,
    derived: Vec<&'static str>,
    groups: Vec<String>,
}

impl Seen {
    fn mark(&self, field: &str, value: &str) -> String {
        if self.derived.contains(&field) {
            format!("{value} (derived)")
        } else {
            value.to_owned()
        }
    }
}

/// What every application that sees the user sees of it.
pub(super) async fn seen(
    directory: &Directory,
    key: PersonKey<'_>,
) -> Result<Vec<(Person, Seen)>, Failure> {
    let explain = |error| Subject::user("").explain(error);
    let mut all = Vec::new();
    for application in directory.applications().await.map_err(explain)? {
        let view = directory.view(&application);
        if let Some(person) = view.person(key).await.map_err(explain)? {
            let groups = view.groups_of_user(&person.name).await.map_err(explain)?;
            let seen = Seen {
                application: application.name.clone(),
                name: person.name.clone(),
                display_name: person.display_name.clone(),
                email: person.email.clone(),
                active: person.active,
                derived: person.derived.clone(),
                groups: groups.into_iter().map(|group| group.name).collect(),
            };
            all.push((person, seen));
        }
    }
    Ok(all)
}

pub(super) fn seen_table<'a>(all: impl Iterator<Item = &'a Seen>) -> Table {
    let mut table = Table::new(
        &[
            "application",
            "sees",
            "display name",
            "e-mail",
            "active",
            "groups",
        ],
        "No application sees this user.",
    );
    for seen in all {
        table.row([
            seen.application.clone(),
            seen.name.clone(),
            seen.mark("display-name", &seen.display_name),
            seen.mark("email", &seen.email),
            yes_no(seen.active).to_owned(),
            or_dash(&seen.groups.join(", ")),
        ]);
    }
    table
}
