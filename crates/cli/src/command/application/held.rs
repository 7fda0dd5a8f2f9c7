//! What is held back from an application, and letting it go: changes that the mass-change brake
//! holds, and new names of groups.

use provost_directory::{
    Directory,
    brake::Loss,
    id::GroupId,
    view_report::{KeptName, Standing},
};
use serde_json::{Value, json};

use crate::{
    failure::{Failure, Subject},
    output::{Format, Table},
};

/// What would be lost, for scripts.
pub(super) fn loss_json(loss: &Loss) -> Value {
    json!({
        "users": loss.users,
        "of_users": loss.of_users,
        "memberships": loss.memberships,
        "of_memberships": loss.of_memberships,
        "groups": loss.groups,
    })
}

fn words(loss: &Loss) -> String {
    format!(
        "{} of {} people would be deactivated or removed, {} of {} memberships and {} groups would go",
        loss.users, loss.of_users, loss.memberships, loss.of_memberships, loss.groups
    )
}

/// What to do about a frozen view; nothing if it is not.
pub(super) fn notice(name: &str, standing: &Standing) -> String {
    if !standing.is_held {
        return String::new();
    }
    format!(
        "\n\nThe mass-change brake has frozen this view: {}.\n\
         If that is right, `provost application release {name}` lets the changes through.\n\
         If not, `provost application discard {name}` undoes them here; correct the identity provider first.",
        words(&standing.loss)
    )
}

/// Lets held changes through.
pub(super) async fn release(
    directory: &Directory,
    name: &str,
    format: Format,
) -> Result<(), Failure> {
    let released = directory.release_changes(name).await;
    let loss = released.map_err(|error| Subject::application(name).explain(error))?;
    tracing::warn!(
        application = name,
        users = loss.users,
        memberships = loss.memberships,
        "changes released"
    );
    format.print(
        &json!({"released": name, "lost": loss_json(&loss)}),
        format_args!(
            "Released. With its next synchronisation `{name}` gets everything up to now: {}.",
            words(&loss)
        ),
    );
    Ok(())
}

/// Undoes held changes.
pub(super) async fn discard(
    directory: &Directory,
    name: &str,
    format: Format,
) -> Result<(), Failure> {
    let discarded = directory.discard_changes(name).await;
    let done = discarded.map_err(|error| Subject::application(name).explain(error))?;
    tracing::warn!(
        application = name,
        users = done.users,
        memberships = done.memberships,
        "changes discarded"
    );
    let rest = if done.is_held {
        format!(
            "\nSome of it cannot be brought back here, so the view stays frozen: {}.\n\
             Let the identity provider push it again, or release what is left with `provost application release {name}`.",
            words(&done.left)
        )
    } else {
        String::new()
    };
    format.print(
        &json!({
            "discarded": name,
            "users": done.users,
            "memberships": done.memberships,
            "frozen": done.is_held,
            "would_lose": loss_json(&done.left),
        }),
        format_args!(
            "Discarded. {} people are active again and {} memberships are back, for every application.{rest}",
            done.users, done.memberships
        ),
    );
    Ok(())
}

/// Hands out the present names of groups: those named, or all. Without either, lists them.
pub(super) async fn release_groups(
    directory: &Directory,
    name: &str,
    (groups, all): (&[String], bool),
    format: Format,
) -> Result<(), Failure> {
    let explain = |error| Subject::application(name).explain(error);
    let kept = directory.survey(name).await.map_err(explain)?.kept_names;
    let chosen: Vec<&KeptName> = if all {
        kept.iter().collect()
    } else {
        let chosen = groups.iter().map(|group| choose(&kept, name, group));
        chosen.collect::<Result<_, _>>()?
    };
    if !chosen.is_empty() {
        let ids: Vec<GroupId> = chosen.iter().map(|kept| kept.group).collect();
        let released = directory.release_group_names(name, &ids).await;
        released.map_err(explain)?;
        for kept in &chosen {
            tracing::info!(
                application = name,
                from = kept.shown,
                to = kept.current,
                "group name released"
            );
        }
    }
    let shown = if chosen.is_empty() {
        kept.iter().collect()
    } else {
        chosen.clone()
    };
    print(name, &shown, !chosen.is_empty(), format);
    Ok(())
}

fn choose<'a>(kept: &'a [KeptName], name: &str, group: &str) -> Result<&'a KeptName, Failure> {
    let fits =
        |k: &&KeptName| k.shown == group || k.current == group || k.group.to_string() == group;
    kept.iter().find(fits).ok_or_else(|| {
        Failure::failed(format!(
            "`{name}` keeps no old name for the group `{group}`; `provost application release-groups {name}` lists those it keeps"
        ))
    })
}

fn print(name: &str, groups: &[&KeptName], is_done: bool, format: Format) {
    let json: Vec<_> = groups
        .iter()
        .map(|kept| json!({"group": kept.group.to_string(), "shown": kept.shown, "current": kept.current, "members": kept.members}))
        .collect();
    let mut table = Table::new(
        &["seen as", "name now", "members"],
        "No group of this application was renamed.",
    );
    for kept in groups {
        table.row([
            kept.shown.clone(),
            kept.current.clone(),
            kept.members.to_string(),
        ]);
    }
    let words = match (groups.is_empty(), is_done) {
        (true, _) => String::new(),
        (false, true) => format!(
            "\n\nReleased. With its next synchronisation `{name}` deletes the old groups and creates the new ones; permissions given to an old name do not move along."
        ),
        (false, false) => format!(
            "\n\nNothing was released. `provost application release-groups {name} GROUP…`, or --all, hands out the new names; permissions given to an old name do not move along."
        ),
    };
    format.print(
        &json!({"released": is_done, "groups": json}),
        format_args!("{table}{words}"),
    );
}
