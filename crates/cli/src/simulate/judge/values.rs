//! Compares what was sent with what an answer shows.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::simulate::person::Attribute;

/// What an attribute of a user shows; `None` if it is absent. `enterprise` is the key of the
/// extension in which departments and managers stand.
fn shown(user: &Value, attribute: Attribute, enterprise: &str) -> Option<String> {
    let value = match attribute {
        Attribute::UserName | Attribute::ExternalId | Attribute::DisplayName | Attribute::Title => {
            user.get(attribute.name())
        }
        Attribute::Active => user.get("active"),
        Attribute::GivenName => user.pointer("/name/givenName"),
        Attribute::FamilyName => user.pointer("/name/familyName"),
        Attribute::Email => return email(user),
        Attribute::Department => user.get(enterprise)?.get("department"),
        Attribute::Manager => {
            let manager = user.get(enterprise)?.get("manager")?;
            manager.get("value").or(Some(manager))
        }
    };
    value.map(show)
}

/// The address: the primary one, or the only one.
fn email(user: &Value) -> Option<String> {
    let all = user.get("emails")?.as_array()?;
    let is_primary = |email: &&Value| email.get("primary") == Some(&Value::Bool(true));
    let chosen = all.iter().find(is_primary).or_else(|| all.first())?;
    chosen.get("value").map(show)
}

/// A value as people write it.
pub(in crate::simulate) fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

/// The attributes that differ, each with a sentence. `sent` holds what was sent.
pub(in crate::simulate) fn wrong_values(
    user: &Value,
    sent: &[(Attribute, Value)],
    enterprise: &str,
) -> Vec<(Attribute, String)> {
    let differs = |(attribute, value): &(Attribute, Value)| {
        let wanted = show(value);
        let got = shown(user, *attribute, enterprise);
        let same = got
            .as_deref()
            .is_some_and(|got| is_same(*attribute, got, &wanted));
        let got = got.map_or_else(|| "absent".to_owned(), |got| format!("`{got}`"));
        let name = attribute.name();
        (!same).then(|| (*attribute, format!("{name} is {got}, not `{wanted}`")))
    };
    sent.iter().filter_map(differs).collect()
}

/// A server may store names that compare without case in one case.
fn is_same(attribute: Attribute, got: &str, wanted: &str) -> bool {
    match attribute {
        Attribute::UserName | Attribute::Email => got.to_lowercase() == wanted.to_lowercase(),
        Attribute::ExternalId
        | Attribute::DisplayName
        | Attribute::GivenName
        | Attribute::FamilyName
        | Attribute::Title
        | Attribute::Department
        | Attribute::Active
        | Attribute::Manager => got == wanted,
    }
}

/// The ids of the members that a group shows.
pub(in crate::simulate) fn members(group: &Value) -> BTreeSet<String> {
    let all = group.get("members").and_then(Value::as_array);
    let value = |member: &Value| Some(member.get("value")?.as_str()?.to_owned());
    all.into_iter().flatten().filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_are_named() {
        let user = json!({
            "userName": "ANA@example.com",
            "active": true,
            "name": {"givenName": "Ana"},
            "emails": [{"value": "b@example.com"}, {"value": "a@example.com", "primary": true}],
            "urn:x": {"department": "Ops", "manager": {"value": "7"}},
        });
        for (attribute, sent, expect) in [
            (Attribute::UserName, json!("ana@example.com"), None),
            (Attribute::Active, json!(true), None),
            (
                Attribute::Active,
                json!(false),
                Some("active is `true`, not `false`"),
            ),
            (
                Attribute::FamilyName,
                json!("Rossi"),
                Some("name.familyName is absent, not `Rossi`"),
            ),
            (Attribute::Email, json!("a@example.com"), None),
            (Attribute::Department, json!("Ops"), None),
            (Attribute::Manager, json!("7"), None),
            (
                Attribute::DisplayName,
                json!("Ana"),
                Some("displayName is absent, not `Ana`"),
            ),
        ] {
            let wrong = wrong_values(&user, &[(attribute, sent)], "urn:x");
            let got = wrong.first().map(|(_, sentence)| sentence.as_str());
            assert_eq!(got, expect, "{attribute:?}");
        }
    }

    #[test]
    fn members_are_read_by_value() {
        let group = json!({"members": [{"value": "1"}, {"display": "x"}, {"value": "2"}]});
        assert_eq!(members(&group), ["1", "2"].map(str::to_owned).into());
        assert!(members(&json!({})).is_empty());
    }
}
