//! A user as an application sees it: always complete, derived where the identity provider sent
//! nothing (design section 6 rule 10).

use provost_scim::{Resource, Timestamp};

use crate::id::UserId;

/// A user in a view.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The Crowd key.
    pub key: UserId,
    /// The name it signs in with.
    pub name: String,
    /// Given name.
    pub first_name: String,
    /// Family name.
    pub last_name: String,
    /// Display name.
    pub display_name: String,
    /// E-mail address.
    pub email: String,
    /// Whether the account can be used; `false` for a tombstone.
    pub active: bool,
    /// When it was created.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
    /// Which of the fields above were derived, by their Crowd names.
    pub derived: Vec<&'static str>,
    /// The SCIM attributes behind it.
    pub resource: Resource,
}

/// Who and when, beside the attributes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) key: UserId,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// A deleted user that applications still see.
    pub(crate) is_tombstone: bool,
}

/// Domain of addresses that stand where none was sent; `.invalid` never receives mail (RFC 2606).
const NO_EMAIL: &str = "no-email.invalid";

impl Person {
    /// The person behind `resource`.
    pub(crate) fn derive(facts: Facts, resource: Resource) -> Self {
        let mut derived = Vec::new();
        let mut note = |field, (text, is_derived): (String, bool)| {
            if is_derived {
                derived.push(field);
            }
            text
        };
        let display_name = note("display-name", display_name(&resource));
        let first_name = note("first-name", first_name(&resource, &display_name));
        let last_name = note("last-name", last_name(&resource, &display_name));
        let email = note("email", email(&resource));
        Self {
            key: facts.key,
            name: resource.user_name().to_owned(),
            first_name,
            last_name,
            display_name,
            email,
            active: resource.is_active() && !facts.is_tombstone,
            created: facts.created,
            updated: facts.updated,
            derived,
            resource,
        }
    }
}

fn filled(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn name_part<'a>(resource: &'a Resource, part: &str) -> Option<&'a str> {
    filled(resource.sub_text("name", part))
}

fn display_name(resource: &Resource) -> (String, bool) {
    if let Some(given) = filled(resource.display_name()) {
        return (given.to_owned(), false);
    }
    let parts = [
        name_part(resource, "givenName"),
        name_part(resource, "familyName"),
    ];
    let joined = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let text = name_part(resource, "formatted")
        .or_else(|| filled(Some(&joined)))
        .unwrap_or_else(|| resource.user_name());
    (text.to_owned(), true)
}

fn first_name(resource: &Resource, display_name: &str) -> (String, bool) {
    match name_part(resource, "givenName") {
        Some(given) => (given.to_owned(), false),
        None => (split(display_name).0.to_owned(), true),
    }
}

fn last_name(resource: &Resource, display_name: &str) -> (String, bool) {
    match name_part(resource, "familyName") {
        Some(family) => (family.to_owned(), false),
        None => (split(display_name).1.to_owned(), true),
    }
}

/// First word and the rest; a single word is both, because neither may be empty.
fn split(display_name: &str) -> (&str, &str) {
    match display_name.split_once(char::is_whitespace) {
        Some((first, rest)) => (first, rest.trim()),
        None => (display_name, display_name),
    }
}

fn email(resource: &Resource) -> (String, bool) {
    if let Some(given) = resource
        .values("emails")
        .find_map(|mail| filled(Some(mail)))
    {
        return (given.to_owned(), false);
    }
    let user_name = resource.user_name();
    if looks_like_address(user_name) {
        return (user_name.to_owned(), true);
    }
    (format!("{}@{NO_EMAIL}", local_part(user_name)), true)
}

fn looks_like_address(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && text.bytes().all(|b| b.is_ascii_graphic())
            && !domain.contains(['@', ','])
    })
}

/// What a local part may hold without quoting (RFC 5322 `dot-atom`), cut at 64 bytes.
fn local_part(user_name: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+') {
            c
        } else {
            '.'
        }
    };
    let mapped: String = user_name.chars().map(safe).collect();
    let words: Vec<_> = mapped.split('.').filter(|word| !word.is_empty()).collect();
    let mut local = words.join(".");
    local.truncate(64);
    let local = local.trim_end_matches('.');
    if local.is_empty() {
        "user".to_owned()
    } else {
        local.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expect: [&str; 4], derived: &[&str]) {
        let facts = Facts {
            key: UserId::from_uuid(uuid::Uuid::nil()),
            created: Timestamp::from_micros(0),
            updated: Timestamp::from_micros(0),
            is_tombstone: false,
        };
        let person = Person::derive(facts, Resource::from_stored(body).unwrap());
        let got = [
            person.first_name.as_str(),
            &person.last_name,
            &person.display_name,
            &person.email,
        ];
        assert_eq!(got, expect, "{body}");
        assert_eq!(person.derived, derived, "{body}");
    }

    #[test]
    fn what_is_missing_is_derived_and_marked() {
        check(
            r#"{"userName":"a","displayName":"Anna S","name":{"givenName":"Anna","familyName":"Smith"},
               "emails":[{"value":"x@e.org"},{"value":"p@e.org","primary":true}]}"#,
            ["Anna", "Smith", "Anna S", "p@e.org"],
            &[],
        );
        check(
            r#"{"userName":"a","name":{"givenName":"Anna","familyName":"Smith"},"emails":[{"value":"x@e.org"}]}"#,
            ["Anna", "Smith", "Anna Smith", "x@e.org"],
            &["display-name"],
        );
        check(
            r#"{"userName":"anna@e.org","name":{"formatted":"Dr Anna Smith"}}"#,
            ["Dr", "Anna Smith", "Dr Anna Smith", "anna@e.org"],
            &["display-name", "first-name", "last-name", "email"],
        );
        check(
            r#"{"userName":"bjørn ødegård"}"#,
            [
                "bjørn",
                "ødegård",
                "bjørn ødegård",
                "bj.rn.deg.rd@no-email.invalid",
            ],
            &["display-name", "first-name", "last-name", "email"],
        );
        check(
            r#"{"userName":"ø","displayName":"  "}"#,
            ["ø", "ø", "ø", "user@no-email.invalid"],
            &["display-name", "first-name", "last-name", "email"],
        );
    }
}
