//! Groups and their members in the dialect of an identity provider.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Ids, Request, merge, message, query::with_filter};
use crate::simulate::{
    habits::{FirstMembers, Habits, Membership, Rename},
    person::{Object, Team},
};

const CHANGE: &str = "change members";

/// Members as a list: ids, and the labels that some send along.
fn values(numbers: impl IntoIterator<Item = usize>, ids: Ids<'_>) -> Vec<Value> {
    let id = |number| ids(Object::User(number));
    let ids = numbers.into_iter().filter_map(id);
    ids.map(|id| json!({"value": id})).collect()
}

/// A whole group.
fn body(habits: &Habits, team: &Team) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!(habits.group_schemas));
    body.insert("displayName".to_owned(), json!(team.name));
    if habits.group_external_id {
        body.insert("externalId".to_owned(), json!(team.external_id));
    }
    merge(&mut body, (habits.group_extras)(team));
    body
}

/// POST of a new group.
pub(in crate::simulate) fn create_group(habits: &Habits, team: &Team, ids: Ids<'_>) -> Request {
    let mut body = body(habits, team);
    let members = match habits.first_members {
        FirstMembers::Absent => Value::Null,
        FirstMembers::Empty => json!({"members": []}),
        FirstMembers::Listed => json!({"members": values(team.members.iter().copied(), ids)}),
    };
    merge(&mut body, members);
    Request::post("create group", team.object(), Value::Object(body))
}

/// The requests that bring the first members into a new group; none if they are in it already.
pub(in crate::simulate) fn fill_group(
    habits: &Habits,
    team: &Team,
    id: &str,
    ids: Ids<'_>,
) -> Vec<Request> {
    if habits.first_members == FirstMembers::Listed {
        return Vec::new();
    }
    if habits.full_push {
        let members = values(team.members.iter().copied(), ids);
        let operation = json!({"op": "replace", "path": "members", "value": members});
        return vec![patch(habits, CHANGE, team, id, message(vec![operation]))];
    }
    let empty = Team {
        members: BTreeSet::new(),
        ..team.clone()
    };
    change_members(habits, (&empty, team), id, ids)
}

fn patch(habits: &Habits, kind: &'static str, team: &Team, id: &str, body: Value) -> Request {
    Request::write(kind, "PATCH", habits, team.object(), id, Some(body))
}

/// PUT of the whole group.
fn put(habits: &Habits, kind: &'static str, team: &Team, id: &str, ids: Ids<'_>) -> Request {
    let mut whole = body(habits, team);
    whole.insert("id".to_owned(), json!(id));
    let members = values(team.members.iter().copied(), ids);
    if !(members.is_empty() && habits.membership == Membership::PutOmitEmpty) {
        whole.insert("members".to_owned(), json!(members));
    }
    let whole = Value::Object(whole);
    Request::write(kind, "PUT", habits, team.object(), id, Some(whole))
}

/// Renames a group.
pub(in crate::simulate) fn rename_group(
    habits: &Habits,
    team: &Team,
    id: &str,
    ids: Ids<'_>,
) -> Request {
    let kind = "rename group";
    let name = &team.name;
    let body = match habits.rename {
        Rename::Put => return put(habits, kind, team, id, ids),
        Rename::Partial => json!({"schemas": habits.group_schemas, "id": id, "displayName": name}),
        Rename::Capitalised => message(vec![
            json!({"op": "Replace", "path": "displayName", "value": name}),
        ]),
        Rename::Path => message(vec![
            json!({"op": "replace", "path": "displayName", "value": name}),
        ]),
        Rename::WithId => message(vec![
            json!({"op": "replace", "value": {"id": id, "displayName": name}}),
        ]),
        Rename::Whole => {
            let mut whole = body(habits, team);
            whole.insert("id".to_owned(), json!(id));
            json!({"Operations": [{"op": "replace", "value": whole}]})
        }
    };
    patch(habits, kind, team, id, body)
}

/// Asks whether somebody is a member already.
pub(in crate::simulate) fn ask_member(
    habits: &Habits,
    team: &Team,
    id: &str,
    member: &str,
) -> Request {
    let filter = format!("id eq \"{id}\" and members eq \"{member}\"");
    let path = with_filter(habits, "/Groups", "", &filter, "&attributes=id");
    Request::get("ask for reference", path).about(team.object())
}

/// The requests that take a group from one set of members to the other.
pub(in crate::simulate) fn change_members(
    habits: &Habits,
    (before, after): (&Team, &Team),
    id: &str,
    ids: Ids<'_>,
) -> Vec<Request> {
    if matches!(
        habits.membership,
        Membership::Put | Membership::PutOmitEmpty
    ) {
        return vec![put(habits, CHANGE, after, id, ids)];
    }
    let added = values(after.members.difference(&before.members).copied(), ids);
    let removed = values(before.members.difference(&after.members).copied(), ids);
    let mut requests = Vec::new();
    if habits.membership == Membership::Delta {
        requests.push(rename_group(habits, after, id, ids));
    }
    // One chunk may hold both, as long as neither is larger than what is sent at once.
    let mut added = added.chunks(habits.batch);
    let mut removed = removed.chunks(habits.batch);
    loop {
        let (more, less) = (added.next(), removed.next());
        if more.is_none() && less.is_none() {
            return requests;
        }
        let body = delta(
            habits,
            id,
            more.unwrap_or_default(),
            less.unwrap_or_default(),
        );
        requests.push(patch(habits, CHANGE, after, id, body));
    }
}

/// One PATCH that adds and removes.
fn delta(habits: &Habits, id: &str, added: &[Value], removed: &[Value]) -> Value {
    let list = |op: &str, members: &[Value]| {
        let some = (!members.is_empty()).then_some(members);
        some.map(|members| json!({"op": op, "path": "members", "value": members}))
    };
    let each = |op: &'static str, members: &[Value]| -> Vec<Value> {
        let one = |member: &Value| json!({"op": op, "path": "members", "value": [member]});
        members.iter().map(one).collect()
    };
    let add = || list("add", added).into_iter();
    match habits.membership {
        Membership::Capitalised => {
            let operations = list("Add", &with_null(added)).into_iter();
            message(
                operations
                    .chain(list("Remove", &with_null(removed)))
                    .collect(),
            )
        }
        Membership::Values => message(add().chain(list("remove", removed)).collect()),
        Membership::OneEach => {
            let mut operations = each("add", added);
            operations.extend(each("remove", removed));
            message(operations)
        }
        Membership::Filter => message(add().chain(filters(removed)).collect()),
        Membership::Delta => message(filters(removed).chain(add()).collect()),
        Membership::Partial | Membership::Put | Membership::PutOmitEmpty => {
            partial(habits, id, added, removed)
        }
    }
}

/// Members as they are sent with an empty reference.
fn with_null(members: &[Value]) -> Vec<Value> {
    let with = |member: &Value| json!({"$ref": null, "value": member.get("value")});
    members.iter().map(with).collect()
}

fn filters(removed: &[Value]) -> impl Iterator<Item = Value> {
    let ids = removed
        .iter()
        .filter_map(|member| member.get("value")?.as_str());
    ids.map(|id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}))
}

fn partial(habits: &Habits, id: &str, added: &[Value], removed: &[Value]) -> Value {
    let gone = |member: &Value| json!({"value": member.get("value"), "operation": "delete"});
    let mut members = added.to_vec();
    members.extend(removed.iter().map(gone));
    json!({"schemas": habits.group_schemas, "id": id, "members": members})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::habits::find;

    fn team(members: &[usize]) -> Team {
        Team {
            number: 0,
            external_id: "g".to_owned(),
            name: "G".to_owned(),
            members: members.iter().copied().collect(),
        }
    }

    #[test]
    fn every_form_adds_and_removes_the_same_people() {
        let ids: Ids<'_> = &|object| match object {
            Object::User(number) => Some(format!("u{number}")),
            Object::Group(_) => None,
        };
        for (slug, pointer, expect) in [
            (
                "entra",
                "/Operations",
                r#"[{"op":"Add","path":"members","value":[{"$ref":null,"value":"u3"}]},{"op":"Remove","path":"members","value":[{"$ref":null,"value":"u1"}]}]"#,
            ),
            (
                "entra-scim-flag",
                "/Operations",
                r#"[{"op":"add","path":"members","value":[{"value":"u3"}]},{"op":"remove","path":"members[value eq \"u1\"]"}]"#,
            ),
            (
                "okta-catalogue",
                "/Operations",
                r#"[{"op":"remove","path":"members[value eq \"u1\"]"},{"op":"add","path":"members","value":[{"value":"u3"}]}]"#,
            ),
            (
                "jumpcloud",
                "/Operations",
                r#"[{"op":"add","path":"members","value":[{"value":"u3"}]},{"op":"remove","path":"members","value":[{"value":"u1"}]}]"#,
            ),
            (
                "okta-1.1",
                "/members",
                r#"[{"value":"u3"},{"value":"u1","operation":"delete"}]"#,
            ),
            ("okta", "/members", r#"[{"value":"u2"},{"value":"u3"}]"#),
        ] {
            let habits = find(slug).unwrap();
            let requests = change_members(habits, (&team(&[1, 2]), &team(&[2, 3])), "7", ids);
            let body = requests
                .last()
                .and_then(|request| request.body.clone())
                .unwrap();
            let expect: Value = serde_json::from_str(expect).unwrap();
            assert_eq!(body.pointer(pointer), Some(&expect), "{slug}");
        }
    }

    #[test]
    fn an_empty_group_is_put_with_or_without_its_list() {
        let nobody: Ids<'_> = &|_| None;
        for (slug, expect) in [("okta", true), ("keycloak", false)] {
            let habits = find(slug).unwrap();
            let requests = change_members(habits, (&team(&[1]), &team(&[])), "7", nobody);
            let body = requests
                .first()
                .and_then(|request| request.body.clone())
                .unwrap();
            assert_eq!(body.get("members").is_some(), expect, "{slug}");
        }
    }

    #[test]
    fn large_changes_are_sent_in_batches() {
        let ids: Ids<'_> = &|object| Some(format!("{object:?}"));
        let all: Vec<_> = (0..250).collect();
        let requests = change_members(find("entra").unwrap(), (&team(&[]), &team(&all)), "7", ids);
        assert_eq!(requests.len(), 3);
    }
}
