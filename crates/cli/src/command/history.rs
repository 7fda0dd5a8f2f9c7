//! What the log says about one user or group, for `user show` and `group show`.

use provost_directory::{
    Directory, DirectoryError,
    change::{Change, ChangeKind, Position},
};

use crate::output::{Table, or_dash};

/// How many changes are told.
pub(super) const CHANGES: usize = 10;

/// How many entries of the log are read at a time when looking back.
const WINDOW: u64 = 2_000;

/// The last changes of a user or group, newest first, back to its creation; at most `limit`.
pub(super) async fn history(
    directory: &Directory,
    object: &str,
    limit: usize,
) -> Result<Vec<Change>, DirectoryError> {
    let Position { epoch, number } = directory.head().await?;
    let mut changes = Vec::new();
    let mut end = number;
    while end > 0 && changes.len() < limit {
        let start = end.saturating_sub(WINDOW);
        let count = usize::try_from(end - start).unwrap_or(usize::MAX);
        let from = Position {
            epoch,
            number: start,
        };
        let window = directory.changes_after(from, count).await?;
        let own = window
            .into_iter()
            .rev()
            .filter(|change| concerns(change, object));
        changes.extend(own);
        if changes
            .last()
            .is_some_and(|change| is_creation(change, object))
        {
            break;
        }
        end = start;
    }
    changes.truncate(limit);
    Ok(changes)
}

fn concerns(change: &Change, object: &str) -> bool {
    change.object == object || change.member.as_deref() == Some(object)
}

fn is_creation(change: &Change, object: &str) -> bool {
    change.object == object
        && matches!(
            change.kind,
            ChangeKind::UserCreated | ChangeKind::GroupCreated
        )
}

/// What happened, in words, from the point of view of `object`.
fn words(change: &Change, object: &str) -> String {
    let name = &change.name;
    let is_member = change.member.as_deref() == Some(object);
    match change.kind {
        ChangeKind::UserCreated | ChangeKind::GroupCreated => format!("created as {name}"),
        ChangeKind::UserUpdated | ChangeKind::GroupUpdated => "attributes changed".to_owned(),
        ChangeKind::UserDeactivated => "deactivated".to_owned(),
        ChangeKind::UserActivated => "activated".to_owned(),
        ChangeKind::UserRenamed | ChangeKind::GroupRenamed => format!("renamed to {name}"),
        ChangeKind::UserDeleted | ChangeKind::GroupDeleted => "deleted".to_owned(),
        ChangeKind::UserForgotten => "tombstone removed".to_owned(),
        ChangeKind::MemberAdded if is_member => format!("joined the group {name}"),
        ChangeKind::MemberRemoved if is_member => format!("left the group {name}"),
        ChangeKind::MemberAdded => format!("member {} joined", member(change)),
        ChangeKind::MemberRemoved => format!("member {} left", member(change)),
    }
}

fn member(change: &Change) -> &str {
    change.member.as_deref().unwrap_or_default()
}

/// A change for scripts.
pub(super) fn change_json(change: &Change) -> serde_json::Value {
    serde_json::json!({
        "position": change.position.to_string(),
        "at": change.at.to_string(),
        "kind": format!("{:?}", change.kind),
        "object": change.object,
        "name": change.name,
        "member": change.member,
        "actor": change.actor,
        "request": change.request,
    })
}

/// Changes for people, newest first.
pub(super) fn change_table(changes: &[Change], object: &str) -> Table {
    let mut table = Table::new(
        &["when", "what", "by", "request", "position"],
        "The log holds no change of it.",
    );
    for change in changes {
        table.row([
            change.at.to_string(),
            words(change, object),
            change.actor.clone(),
            or_dash(&change.request),
            change.position.to_string(),
        ]);
    }
    table
}
