//! Users in the dialect of an identity provider.

use serde_json::{Map, Value, json};

use super::{Ids, Request, merge, method, patch, query::with_filter};
use crate::simulate::{
    habits::{Habits, Update},
    person::{Attribute, Object, Person},
};

/// The value that the identity provider has for an attribute; `None` if it has none to send.
pub(super) fn value(person: &Person, attribute: Attribute, ids: Ids<'_>) -> Option<Value> {
    Some(match attribute {
        Attribute::UserName | Attribute::Email => json!(person.user_name),
        Attribute::ExternalId => json!(person.external_id),
        Attribute::DisplayName => json!(person.display()),
        Attribute::GivenName => json!(person.given),
        Attribute::FamilyName => json!(person.family),
        Attribute::Title => json!(person.title),
        Attribute::Department => json!(person.department),
        Attribute::Active => json!(person.active),
        Attribute::Manager => json!(ids(Object::User(person.manager?))?),
    })
}

/// Everything that the target should show of a person.
pub(in crate::simulate) fn sent_values(
    habits: &Habits,
    person: &Person,
    ids: Ids<'_>,
) -> Vec<(Attribute, Value)> {
    let all = habits.attributes.iter();
    all.filter_map(|attribute| Some((*attribute, value(person, *attribute, ids)?)))
        .collect()
}

/// What has changed.
fn changes(
    habits: &Habits,
    before: &Person,
    after: &Person,
    ids: Ids<'_>,
) -> Vec<(Attribute, Value)> {
    let old = sent_values(habits, before, ids);
    let mut new = sent_values(habits, after, ids);
    new.retain(|one| !old.contains(one));
    new
}

/// Puts the attributes of a person into a body.
fn put_values(habits: &Habits, body: &mut Map<String, Value>, person: &Person, ids: Ids<'_>) {
    for (attribute, value) in sent_values(habits, person, ids) {
        let piece = match attribute {
            Attribute::GivenName => json!({"name": {"givenName": value}}),
            Attribute::FamilyName => json!({"name": {"familyName": value}}),
            Attribute::Email => json!({"emails": [email(habits, &value)]}),
            Attribute::Department => in_extension(habits, "department", &value),
            // The reference follows when both exist.
            Attribute::Manager => Value::Null,
            Attribute::UserName
            | Attribute::ExternalId
            | Attribute::DisplayName
            | Attribute::Title
            | Attribute::Active => json!({attribute.name(): value}),
        };
        merge(body, piece);
    }
}

fn email(habits: &Habits, address: &Value) -> Value {
    match habits.email_type {
        Some(kind) => json!({"primary": true, "type": kind, "value": address}),
        None => json!({"primary": true, "value": address}),
    }
}

fn in_extension(habits: &Habits, name: &str, value: &Value) -> Value {
    json!({habits.enterprise: {name: value}})
}

/// A whole user.
fn body(habits: &Habits, person: &Person, ids: Ids<'_>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!(habits.user_schemas));
    merge(&mut body, (habits.user_extras)(person));
    put_values(habits, &mut body, person, ids);
    body
}

/// POST of a new user.
pub(in crate::simulate) fn create_user(habits: &Habits, person: &Person, ids: Ids<'_>) -> Request {
    let body = Value::Object(body(habits, person, ids));
    Request::post("create user", person.object(), body)
}

/// A change of the profile. `read` is what was read just before.
pub(in crate::simulate) fn update_user(
    habits: &Habits,
    (before, after): (&Person, &Person),
    id: &str,
    read: &Value,
    ids: Ids<'_>,
) -> Request {
    write(
        "update user",
        habits,
        habits.update,
        (before, after),
        id,
        read,
        ids,
    )
}

/// Activates or deactivates. `read` is what was read just before.
pub(in crate::simulate) fn switch_user(
    habits: &Habits,
    (before, after): (&Person, &Person),
    id: &str,
    read: &Value,
    ids: Ids<'_>,
) -> Request {
    let kind = if after.active {
        "activate user"
    } else {
        "deactivate user"
    };
    write(kind, habits, habits.switch, (before, after), id, read, ids)
}

fn write(
    kind: &'static str,
    habits: &Habits,
    update: Update,
    (before, after): (&Person, &Person),
    id: &str,
    read: &Value,
    ids: Ids<'_>,
) -> Request {
    let body = match update {
        Update::Patch(form) => patch::user(habits, form, id, &changes(habits, before, after, ids)),
        Update::Put => whole(habits, after, id, ids),
        Update::PutEcho => echo(habits, after, id, read, ids),
    };
    Request::write(kind, method(update), habits, after.object(), id, Some(body))
}

fn whole(habits: &Habits, person: &Person, id: &str, ids: Ids<'_>) -> Value {
    let mut body = body(habits, person, ids);
    body.insert("id".to_owned(), json!(id));
    Value::Object(body)
}

/// What was read, with the person's attributes in it.
fn echo(habits: &Habits, person: &Person, id: &str, read: &Value, ids: Ids<'_>) -> Value {
    let Value::Object(read) = read else {
        return whole(habits, person, id, ids);
    };
    let mut body = read.clone();
    put_values(habits, &mut body, person, ids);
    Value::Object(body)
}

/// Asks whether the manager is set already.
pub(in crate::simulate) fn ask_manager(
    habits: &Habits,
    person: &Person,
    id: &str,
    manager: &str,
) -> Request {
    let filter = format!("id eq \"{id}\" and manager eq \"{manager}\"");
    let path = with_filter(habits, "/Users", "", &filter, "&attributes=id");
    Request::get("ask for reference", path).about(person.object())
}

/// Sets the manager.
pub(in crate::simulate) fn set_manager(
    habits: &Habits,
    person: &Person,
    id: &str,
    manager: &str,
) -> Request {
    let body = patch::reference(habits, &json!(manager));
    let object = person.object();
    Request::write("set manager", "PATCH", habits, object, id, Some(body))
}
