//! Paths below `/scim/`: one clean form, or none.
//!
//! Doubled and trailing slashes are dropped, because identity providers append to base URLs that
//! end in one. Anything that proxies and servers could read in two ways is never routed.

use std::borrow::Cow;

/// Whether the path belongs to the SCIM API, however many slashes it begins with.
pub(crate) fn is_scim(path: &str) -> bool {
    segments(path).next() == Some("scim")
}

/// The name of the tenant, if the path has one that cannot mean anything else.
pub(super) fn tenant(path: &str) -> Option<&str> {
    segments(path).nth(1).filter(|slug| {
        slug.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

/// The segment after the tenant, which names the version of SCIM.
pub(super) fn version(path: &str) -> Option<&str> {
    segments(path).nth(2)
}

/// The path with single slashes and none at its end; `None` if a segment is a dot segment or
/// hides a slash, a backslash or a control character.
pub(super) fn clean(path: &str) -> Option<Cow<'_, str>> {
    if !segments(path).all(is_plain) {
        return None;
    }
    if !path.contains("//") && !path.ends_with('/') {
        return Some(Cow::Borrowed(path));
    }
    let mut clean = String::with_capacity(path.len());
    for segment in segments(path) {
        clean.push('/');
        clean.push_str(segment);
    }
    Some(Cow::Owned(clean))
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|segment| !segment.is_empty())
}

fn is_plain(segment: &str) -> bool {
    if segment == "." || segment == ".." || segment.contains('\\') {
        return false;
    }
    if !segment.contains('%') {
        return true;
    }
    decode(segment).is_some_and(|bytes| {
        bytes != b"."
            && bytes != b".."
            && !bytes
                .iter()
                .any(|b| b"/\\".contains(b) || b.is_ascii_control())
    })
}

/// Percent-decodes once.
fn decode(segment: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
        bytes.push(high * 16 + low);
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_clean_form_or_none() {
        for (path, expect) in [
            ("/scim/t/v2/Users", Some("/scim/t/v2/Users")),
            ("/scim/t/v2/Users/", Some("/scim/t/v2/Users")),
            ("//scim//t/v2///Users//", Some("/scim/t/v2/Users")),
            ("/scim/t/v2/Users/.search", Some("/scim/t/v2/Users/.search")),
            (
                "/scim/t/v2/Schemas/urn%3Aietf",
                Some("/scim/t/v2/Schemas/urn%3Aietf"),
            ),
            ("/scim/t/v2/Users/a%2Fb", None),
            ("/scim/t/v2/Users/a%5cb", None),
            ("/scim/t/v2/Users/a\\b", None),
            ("/scim/t/v2/Users/%00", None),
            ("/scim/t/v2/Users/%0d%0a", None),
            ("/scim/t/v2/Users/%zz", None),
            ("/scim/t/v2/Users/%2", None),
            ("/scim/../admin", None),
            ("/scim/t/./Users", None),
            ("/scim/t/%2e%2E/x", None),
            ("/scim/t/.%2e/x", None),
            ("/scim/t/...", Some("/scim/t/...")),
        ] {
            assert_eq!(clean(path).as_deref(), expect, "{path}");
        }
    }

    #[test]
    fn a_tenant_is_named_in_one_way_only() {
        for (path, expect) in [
            ("/scim/okta-1/v2/Users", Some("okta-1")),
            ("//scim//okta-1", Some("okta-1")),
            ("/scim", None),
            ("/scim/Okta/v2", None),
            ("/scim/okta./v2", None),
            ("/scim/okta;x/v2", None),
            ("/scim/okt%61/v2", None),
        ] {
            assert_eq!(tenant(path), expect, "{path}");
        }
    }
}
