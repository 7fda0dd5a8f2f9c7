//! Writes requests in the dialect of an identity provider. Pure: sends nothing.

mod group;
mod patch;
mod query;
mod user;

use serde_json::{Map, Value};

use super::{
    habits::{Habits, Update},
    person::Object,
};

pub(super) use group::{ask_member, change_members, create_group, fill_group, rename_group};
pub(super) use query::{look_up_group, look_up_user};
pub(super) use user::{
    ask_manager, create_user, sent_values, set_manager, switch_user, update_user,
};

/// A request without its authentication.
#[derive(Clone, Debug)]
pub(super) struct Request {
    /// What it is for; the row in the table of the verdict.
    pub(super) kind: &'static str,
    /// HTTP method.
    pub(super) method: &'static str,
    /// Path and query below the base URL.
    pub(super) path: String,
    /// Body.
    pub(super) body: Option<Value>,
    /// What it is about.
    pub(super) object: Option<Object>,
}

impl Request {
    /// A request that reads.
    pub(super) fn get(kind: &'static str, path: impl Into<String>) -> Self {
        Self {
            kind,
            method: "GET",
            path: path.into(),
            body: None,
            object: None,
        }
    }

    /// Reads an object by its id.
    pub(super) fn read(kind: &'static str, object: Object, id: &str, query: &str) -> Self {
        let path = format!("{}/{id}{query}", object.endpoint());
        Self::get(kind, path).about(object)
    }

    /// Deletes an object.
    pub(super) fn delete(kind: &'static str, habits: &Habits, object: Object, id: &str) -> Self {
        Self {
            method: "DELETE",
            ..Self::write(kind, "DELETE", habits, object, id, None)
        }
    }

    fn write(
        kind: &'static str,
        method: &'static str,
        habits: &Habits,
        object: Object,
        id: &str,
        body: Option<Value>,
    ) -> Self {
        Self {
            kind,
            method,
            path: format!("{}/{id}{}", object.endpoint(), habits.write_tail),
            body,
            object: Some(object),
        }
    }

    fn post(kind: &'static str, object: Object, body: Value) -> Self {
        Self {
            kind,
            method: "POST",
            path: object.endpoint().to_owned(),
            body: Some(body),
            object: Some(object),
        }
    }

    /// Says what it is about.
    pub(super) const fn about(mut self, object: Object) -> Self {
        self.object = Some(object);
        self
    }
}

/// The ids that the target gave to objects.
pub(super) type Ids<'a> = &'a dyn Fn(Object) -> Option<String>;

/// The method of an update.
const fn method(update: Update) -> &'static str {
    match update {
        Update::Patch(_) => "PATCH",
        Update::Put | Update::PutEcho => "PUT",
    }
}

/// A message of operations.
fn message(operations: Vec<Value>) -> Value {
    serde_json::json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": Value::Array(operations),
    })
}

/// Puts the members of `more` into `body`; objects in both are united.
fn merge(body: &mut Map<String, Value>, more: Value) {
    let Value::Object(more) = more else { return };
    for (key, value) in more {
        match (body.get_mut(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
            (_, value) => {
                body.insert(key, value);
            }
        }
    }
}
