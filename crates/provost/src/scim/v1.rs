//! What HTTP carries in SCIM 1.1 alone: a method in a header, a format in a suffix or in `Accept`.
//!
//! The gate settles it, and from there on a request of 1.1 is routed like any other.

use axum::http::{HeaderMap, HeaderName, Method, header};
use provost_scim::ScimError;

use super::error::Failure;

static METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// The method that is meant by a POST (SCIM protocol 1.1, section 3.10): for clients behind
/// proxies that let no other one through.
///
/// # Errors
/// 400 for any method but PUT, PATCH and DELETE, and for more than one.
pub(super) fn method(method: &Method, headers: &HeaderMap) -> Result<Option<Method>, Failure> {
    let mut given = headers.get_all(&METHOD_OVERRIDE).iter();
    let (true, Some(value)) = (method == Method::POST, given.next()) else {
        return Ok(None);
    };
    let named = |method: &Method| {
        value
            .as_bytes()
            .eq_ignore_ascii_case(method.as_str().as_bytes())
    };
    let found = [Method::PUT, Method::PATCH, Method::DELETE]
        .into_iter()
        .find(named);
    if let (Some(method), None) = (found, given.next()) {
        return Ok(Some(method));
    }
    let sentence = "X-HTTP-Method-Override must be PUT, PATCH or DELETE, once";
    Err(ScimError::with_status(400, sentence).into())
}

/// The path without the suffix for JSON (SCIM protocol 1.1, section 3.7).
///
/// # Errors
/// 406 for the suffix of XML.
pub(super) fn path(path: &str) -> Result<&str, Failure> {
    match path.rsplit_once('.') {
        Some((_, suffix)) if suffix.eq_ignore_ascii_case("xml") => Err(Failure::NoXml),
        Some((name, suffix)) if suffix.eq_ignore_ascii_case("json") => Ok(name),
        Some(_) | None => Ok(path),
    }
}

/// Refuses a client that can read nothing but XML. Other types are answered with JSON: clients
/// write much into `Accept` that they do not mean.
///
/// # Errors
/// 406 when every type in `Accept` is XML.
pub(super) fn check_accept(headers: &HeaderMap) -> Result<(), Failure> {
    let values = headers.get_all(header::ACCEPT).iter();
    let mut types = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|part| part.split(';').next().unwrap_or_default().trim())
        .filter(|name| !name.is_empty())
        .peekable();
    let is_xml = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.ends_with("/xml") || name.ends_with("+xml")
    };
    if types.peek().is_some() && types.all(is_xml) {
        return Err(Failure::NoXml);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for value in values {
            map.append(name.clone(), value.parse().unwrap());
        }
        map
    }

    #[test]
    fn a_post_may_mean_another_writing_method() {
        for (sent, values, expect) in [
            (Method::POST, &[][..], Ok(None)),
            (Method::POST, &["PUT"], Ok(Some(Method::PUT))),
            (Method::POST, &["patch"], Ok(Some(Method::PATCH))),
            (Method::POST, &["DELETE"], Ok(Some(Method::DELETE))),
            (Method::POST, &["GET"], Err(())),
            (Method::POST, &["POST"], Err(())),
            (Method::POST, &[""], Err(())),
            (Method::POST, &["PUT", "DELETE"], Err(())),
            (Method::GET, &["DELETE"], Ok(None)),
            (Method::PUT, &["DELETE"], Ok(None)),
        ] {
            let got = method(&sent, &headers(&METHOD_OVERRIDE, values));
            assert_eq!(got.map_err(|_| ()), expect, "{sent} {values:?}");
        }
    }

    #[test]
    fn only_a_client_that_reads_nothing_but_xml_is_refused() {
        for (values, accepted) in [
            (&[][..], true),
            (&[""], true),
            (&["*/*"], true),
            (&["application/json"], true),
            (&["application/scim+json"], true),
            (&["text/html"], true),
            (&["application/xml, application/json;q=0.5"], true),
            (&["application/xml", "*/*;q=0.1"], true),
            (&["application/xml"], false),
            (&["text/xml;q=0.9, Application/SCIM+XML"], false),
        ] {
            let got = check_accept(&headers(&header::ACCEPT, values));
            assert_eq!(got.is_ok(), accepted, "{values:?}");
        }
    }

    #[test]
    fn a_suffix_is_no_part_of_a_name() {
        for (text, expect) in [
            ("/scim/t/v1/Users.json", Some("/scim/t/v1/Users")),
            ("/scim/t/v1/Users/2819.json", Some("/scim/t/v1/Users/2819")),
            (
                "/scim/t/v1/Schemas/urn:x:1.0",
                Some("/scim/t/v1/Schemas/urn:x:1.0"),
            ),
            ("/scim/t/v1/Users.JSON", Some("/scim/t/v1/Users")),
            ("/scim/t/v1/Users", Some("/scim/t/v1/Users")),
            ("/scim/t/v1/Users.xml", None),
        ] {
            assert_eq!(path(text).ok(), expect, "{text}");
        }
    }
}
