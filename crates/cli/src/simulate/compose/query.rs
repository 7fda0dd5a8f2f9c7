//! Searches as identity providers write them into URLs.

use std::fmt::Write;

use super::Request;
use crate::simulate::{
    habits::{Encoding, Habits, Key},
    person::{Object, Person, Team},
};

impl Key {
    const fn attribute(self) -> &'static str {
        match self {
            Self::UserName => "userName",
            Self::DisplayName => "displayName",
            Self::ExternalId => "externalId",
        }
    }
}

/// Searches users for that value.
pub(in crate::simulate) fn look_up_user(habits: &Habits, key: Key, value: &str) -> Request {
    Request::get(
        "look up user",
        search(habits, "/Users", "", key.attribute(), value),
    )
}

/// Searches groups for that value.
pub(in crate::simulate) fn look_up_group(habits: &Habits, key: Key, value: &str) -> Request {
    let path = search(
        habits,
        "/Groups",
        habits.group_query,
        key.attribute(),
        value,
    );
    Request::get("look up group", path)
}

fn search(habits: &Habits, endpoint: &str, before: &str, attribute: &str, value: &str) -> String {
    let value = value.replace('\\', r"\\").replace('"', "\\\"");
    let filter = format!("{attribute} eq \"{value}\"");
    with_filter(habits, endpoint, before, &filter, habits.filter_tail)
}

/// A URL with a filter in the encoding of the identity provider.
pub(super) fn with_filter(
    habits: &Habits,
    endpoint: &str,
    before: &str,
    filter: &str,
    tail: &str,
) -> String {
    let filter = encode(filter, habits.encoding);
    let and = if before.is_empty() { "" } else { "&" };
    format!("{endpoint}?{before}{and}filter={filter}{tail}")
}

fn encode(text: &str, encoding: Encoding) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' if encoding == Encoding::Form => out.push('+'),
            b'@' | b'\'' if encoding == Encoding::Url => out.push(char::from(byte)),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

impl Person {
    /// What it is looked up by.
    pub(in crate::simulate) fn key(&self, key: Key) -> String {
        match key {
            Key::UserName => self.user_name.clone(),
            Key::DisplayName => self.display(),
            Key::ExternalId => self.external_id.clone(),
        }
    }

    /// What it is.
    pub(in crate::simulate) const fn object(&self) -> Object {
        Object::User(self.number)
    }
}

impl Team {
    /// What it is looked up by.
    pub(in crate::simulate) fn key(&self, key: Key) -> String {
        match key {
            Key::UserName | Key::DisplayName => self.name.clone(),
            Key::ExternalId => self.external_id.clone(),
        }
    }

    /// What it is.
    pub(in crate::simulate) const fn object(&self) -> Object {
        Object::Group(self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::habits::find;

    #[test]
    fn searches_are_written_as_each_identity_provider_writes_them() {
        for (slug, expect) in [
            ("entra", "/Users?filter=userName+eq+%22o%27b%2Bx%40e.com%22"),
            (
                "okta",
                "/Users?filter=userName%20eq%20%22o%27b%2Bx%40e.com%22&startIndex=1&count=100",
            ),
            (
                "rauthy",
                "/Users?filter=userName%20eq%20%22o'b%2Bx@e.com%22",
            ),
            (
                "onelogin",
                "/Users?filter=userName+eq+%22o%27b%2Bx%40e.com%22&",
            ),
        ] {
            let habits = find(slug).unwrap();
            let request = look_up_user(habits, Key::UserName, "o'b+x@e.com");
            assert_eq!(request.path, expect, "{slug}");
        }
        let groups = look_up_group(find("entra").unwrap(), Key::DisplayName, r#"a "b""#);
        assert_eq!(
            groups.path,
            "/Groups?excludedAttributes=members&filter=displayName+eq+%22a+%5C%22b%5C%22%22"
        );
    }
}
