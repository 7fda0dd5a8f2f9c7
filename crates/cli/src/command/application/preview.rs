//! `provost application set --dry-run`: what changed settings would do.

use provost_directory::{
    Directory,
    view_report::{Difference, Sample},
};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Subject},
    output::{Format, Table},
};

/// Shows what settings would change for the application; changes nothing.
pub(super) async fn preview(
    directory: &Directory,
    name: &str,
    settings: &[(String, String)],
    format: Format,
) -> Result<(), Failure> {
    let preview = directory.preview_application(name, settings).await;
    let preview = preview.map_err(|error| Subject::application(name).explain(error))?;
    let mut table = Table::new(
        &["what", "how many", "name", "then"],
        "Nothing would change for the application.",
    );
    rows(
        &mut table,
        "user",
        "becomes inactive or active",
        &preview.users,
    );
    rows(&mut table, "group", "gets other members", &preview.groups);
    let (now, then) = preview.memberships;
    let words = format!(
        "{table}\n\nMemberships: {now} now, {then} then. Nothing was changed; without --dry-run the application synchronises fully."
    );
    format.print(
        &json!({
            "dry_run": true,
            "users": difference_json(&preview.users),
            "groups": difference_json(&preview.groups),
            "memberships": {"now": now, "then": then},
        }),
        words,
    );
    Ok(())
}

fn rows(table: &mut Table, kind: &str, changed: &str, difference: &Difference) {
    for (what, names) in [
        ("appears", &difference.appear),
        ("vanishes", &difference.vanish),
        (changed, &difference.changed),
    ] {
        for (number, name) in names.first.iter().enumerate() {
            let (what, total) = head(number, format!("{kind} {what}"), names);
            table.row([what, total, name.clone(), String::new()]);
        }
    }
    for (number, (old, new)) in difference.renamed.first.iter().enumerate() {
        let (what, total) = head(number, format!("{kind} is renamed"), &difference.renamed);
        table.row([what, total, old.clone(), new.clone()]);
    }
}

/// What it is and how many there are stands in the first row only.
fn head<T>(number: usize, what: String, sample: &Sample<T>) -> (String, String) {
    match number {
        0 => (what, sample.total.to_string()),
        _ => (String::new(), String::new()),
    }
}

fn difference_json(difference: &Difference) -> Value {
    let sample = |sample: &Sample<String>| json!({"total": sample.total, "first": sample.first});
    json!({
        "appear": sample(&difference.appear),
        "vanish": sample(&difference.vanish),
        "changed": sample(&difference.changed),
        "renamed": {"total": difference.renamed.total, "first": difference.renamed.first},
    })
}
