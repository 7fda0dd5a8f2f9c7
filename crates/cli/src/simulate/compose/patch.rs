//! PATCH of users, in each of its forms.

use serde_json::{Map, Value, json};

use super::{merge, message};
use crate::simulate::{
    habits::{Habits, Update, UserPatch},
    person::Attribute,
};

/// A PATCH of these attributes.
pub(super) fn user(
    habits: &Habits,
    form: UserPatch,
    id: &str,
    changes: &[(Attribute, Value)],
) -> Value {
    match form {
        UserPatch::Capitalised => one_each(changes, "Replace", ["True", "False"]),
        UserPatch::Paths => one_each(changes, "replace", ["true", "false"]),
        UserPatch::Merged => merged(changes),
        UserPatch::Pathless => message(vec![json!({"op": "replace", "value": nested(changes)})]),
        UserPatch::Partial => {
            let mut body = nested(changes);
            body.insert("schemas".to_owned(), json!(habits.user_schemas));
            body.insert("id".to_owned(), json!(id));
            Value::Object(body)
        }
    }
}

fn one_each(changes: &[(Attribute, Value)], op: &str, words: [&str; 2]) -> Value {
    let operation = |(attribute, value): &(Attribute, Value)| {
        let value = match value {
            Value::Bool(true) => json!(words.first()),
            Value::Bool(false) => json!(words.last()),
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_) => value.clone(),
        };
        json!({"op": op, "path": attribute.path(), "value": value})
    };
    message(changes.iter().map(operation).collect())
}

/// What has a filter in its path, and `active`, stand apart; the rest is one operation.
fn merged(changes: &[(Attribute, Value)]) -> Value {
    let mut operations = Vec::new();
    let mut together = Map::new();
    for (attribute, value) in changes {
        if matches!(attribute, Attribute::Email | Attribute::Active) {
            let path = attribute.path();
            operations.push(json!({"op": "replace", "path": path, "value": value}));
        } else {
            together.insert(attribute.path().to_owned(), value.clone());
        }
    }
    if !together.is_empty() {
        operations.push(json!({"op": "replace", "value": together}));
    }
    message(operations)
}

fn nested(changes: &[(Attribute, Value)]) -> Map<String, Value> {
    let mut body = Map::new();
    for (attribute, value) in changes {
        let piece = match attribute {
            Attribute::GivenName => json!({"name": {"givenName": value}}),
            Attribute::FamilyName => json!({"name": {"familyName": value}}),
            Attribute::Email => {
                json!({"emails": [{"primary": true, "type": "work", "value": value}]})
            }
            Attribute::UserName
            | Attribute::ExternalId
            | Attribute::DisplayName
            | Attribute::Title
            | Attribute::Department
            | Attribute::Active
            | Attribute::Manager => json!({attribute.name(): value}),
        };
        merge(&mut body, piece);
    }
    body
}

/// Sets the manager as a bare string.
pub(super) fn reference(habits: &Habits, manager: &Value) -> Value {
    let op = match habits.update {
        Update::Patch(UserPatch::Capitalised) => "Add",
        Update::Patch(_) | Update::Put | Update::PutEcho => "add",
    };
    message(vec![
        json!({"op": op, "path": Attribute::Manager.path(), "value": manager}),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::habits::find;

    #[test]
    fn every_form_says_the_same_in_its_own_way() {
        let changes = [
            (Attribute::Active, json!(false)),
            (Attribute::FamilyName, json!("Rossi")),
        ];
        for (form, expect) in [
            (
                UserPatch::Capitalised,
                r#"[{"op":"Replace","path":"active","value":"False"},{"op":"Replace","path":"name.familyName","value":"Rossi"}]"#,
            ),
            (
                UserPatch::Paths,
                r#"[{"op":"replace","path":"active","value":"false"},{"op":"replace","path":"name.familyName","value":"Rossi"}]"#,
            ),
            (
                UserPatch::Merged,
                r#"[{"op":"replace","path":"active","value":false},{"op":"replace","value":{"name.familyName":"Rossi"}}]"#,
            ),
            (
                UserPatch::Pathless,
                r#"[{"op":"replace","value":{"active":false,"name":{"familyName":"Rossi"}}}]"#,
            ),
        ] {
            let body = user(find("entra").unwrap(), form, "7", &changes);
            let expect: Value = serde_json::from_str(expect).unwrap();
            assert_eq!(body["Operations"], expect, "{form:?}");
        }
        let body = user(find("okta-1.1").unwrap(), UserPatch::Partial, "7", &changes);
        let expect = json!({
            "schemas": ["urn:scim:schemas:core:1.0"],
            "id": "7",
            "active": false,
            "name": {"familyName": "Rossi"},
        });
        assert_eq!(body, expect);
    }
}
