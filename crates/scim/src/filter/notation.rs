//! The shape of attribute notation (RFC 7644 section 3.10): `[URN:]name[.sub]`.
//!
//! Only the shape: whether the names exist is decided when a filter or path is bound. The URN is
//! cut off first, because it contains dots itself.

use crate::{name, schema::ResourceTypes};

/// Longest notation, in bytes; the longest of the served schemas has less than a quarter.
pub(crate) const MAX_LENGTH: usize = 512;

/// Whether `text` has the shape of an attribute, with or without sub-attribute and URN.
pub(crate) fn is_attribute(text: &str) -> bool {
    if text.len() > MAX_LENGTH {
        return false;
    }
    if name::is_valid(text) {
        return true;
    }
    match split_urn(text) {
        None => is_name_with_sub(text),
        Some((_, rest)) => is_name_with_sub(rest),
    }
}

/// Whether `text` has the shape of a bare schema URN. The last part may be a version (`1.0`),
/// which no attribute name can be.
pub(crate) fn is_urn(text: &str) -> bool {
    if text.len() > MAX_LENGTH {
        return false;
    }
    ResourceTypes::STANDARD
        .schemas()
        .any(|schema| name::same(schema.id, text))
        || text.rsplit_once(':').is_some_and(|(urn, version)| {
            is_schema_uri(urn)
                && !version.is_empty()
                && version.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        })
}

/// The URN and what follows it: a known URN first, otherwise everything up to the last colon.
fn split_urn(text: &str) -> Option<(&str, &str)> {
    let (urn, rest) = text.rsplit_once(':')?;
    if !is_schema_uri(urn) {
        return None;
    }
    ResourceTypes::STANDARD
        .schemas()
        .filter_map(|schema| {
            let (head, rest) = text.split_at_checked(schema.id.len())?;
            // A dot after the URN is an old Entra form.
            let rest = rest.strip_prefix([':', '.'])?;
            name::same(head, schema.id).then_some((head, rest))
        })
        .max_by_key(|(head, _)| head.len())
        .or(Some((urn, rest)))
}

fn is_name_with_sub(text: &str) -> bool {
    match text.split_once('.') {
        Some((attribute, sub)) => name::is_valid(attribute) && name::is_valid(sub),
        None => name::is_valid(text),
    }
}

fn is_schema_uri(text: &str) -> bool {
    ["urn:", "http://", "https://"].iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|head| name::same(head, scheme))
    }) && text.bytes().all(is_uri_byte)
}

fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'*+,;=%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_urn_is_cut_off_before_dots_are_counted() {
        for (text, expect) in [
            ("userName", true),
            ("name.givenName", true),
            ("members.$ref", true),
            ("$ref", true),
            ("a.b.c", false),
            ("a.", false),
            (".a", false),
            ("", false),
            ("9a", false),
            ("a b", false),
            ("/emails/0", false),
            ("a:b", false),
            ("urn:", false),
            ("urn:x:", false),
            ("urn:x:y", true),
            ("urn:x:y.z", true),
            ("urn:x:2.0:y.z", true),
            ("urn:x:y.z.z", false),
            ("urn:x\u{e9}:y", false),
            ("urn:x\"y:z", false),
            ("urn:ietf:params:scim:schemas:core:2.0:User", true),
            ("urn:ietf:params:scim:schemas:core:2.0:User:name", true),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User:name.givenName",
                true,
            ),
            (
                "URN:IETF:params:scim:schemas:core:2.0:user:name.givenName",
                true,
            ),
            ("urn:ietf:params:scim:schemas:core:2.0:User:name.a.b", false),
            (
                "urn:ietf:params:scim:schemas:core:2.0:User.name.givenName",
                true,
            ),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User.manager",
                true,
            ),
            ("http://schemas.microsoft.com/2.0/Group:name", true),
            ("ftp://x/y:name", false),
            ("urn:okta:custom:group:1.0", false),
            ("urn:okta:custom:group:1.0:description", true),
        ] {
            assert_eq!(is_attribute(text), expect, "{text}");
        }
        assert!(is_attribute(&"a".repeat(MAX_LENGTH)));
        assert!(!is_attribute(&"a".repeat(MAX_LENGTH + 1)));
        assert!(!is_attribute(&format!("urn:{}:a", "x".repeat(4096))));
    }

    #[test]
    fn a_bare_urn_is_known_or_ends_in_a_version() {
        for (text, expect) in [
            ("urn:okta:custom:group:1.0", true),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                true,
            ),
            ("urn:okta:onprem_app:1.0", true),
            ("urn:okta:onprem_app:1.0:user", false),
            ("urn:x:", false),
            ("1.0", false),
            ("userName", false),
        ] {
            assert_eq!(is_urn(text), expect, "{text}");
        }
    }
}
