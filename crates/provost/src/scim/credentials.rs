//! Where a request carries its secret. Whether it is a right one is decided by the directory.

use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, engine::general_purpose::STANDARD_PAD_INDIFFERENT};
use provost_directory::credential::Presented;

use super::error::Failure;

/// Longest secret in bytes that is looked at; ours are far shorter.
const MAX_SECRET: usize = 512;

/// The `Authorization` header of a request.
pub(super) enum Credentials<'a> {
    /// A bearer token.
    Bearer(&'a str),
    /// The decoded pair of HTTP Basic, `username:password`.
    Basic(String),
}

impl Credentials<'_> {
    /// As the directory takes it.
    pub(super) fn presented(&self) -> Presented<'_> {
        match self {
            Self::Bearer(token) => Presented::Bearer(token),
            Self::Basic(pair) => {
                let (username, password) = pair.split_once(':').unwrap_or_default();
                Presented::Basic { username, password }
            }
        }
    }
}

/// The credentials in `Authorization`; `None` if there are none of a known scheme. The scheme has no
/// case (RFC 9110 section 11.1).
///
/// # Errors
/// `Malformed` for more than one such header.
pub(super) fn read(headers: &HeaderMap) -> Result<Option<Credentials<'_>>, Failure> {
    let Some(text) = single(headers, header::AUTHORIZATION.as_str())? else {
        return Ok(None);
    };
    let Some((scheme, rest)) = text.split_once(' ') else {
        return Ok(None);
    };
    let rest = rest.trim_start_matches(' ');
    if !is_plausible(rest) {
        return Ok(None);
    }
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(Some(Credentials::Bearer(rest)));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        return Ok(basic(rest));
    }
    Ok(None)
}

fn basic(encoded: &str) -> Option<Credentials<'_>> {
    let bytes = STANDARD_PAD_INDIFFERENT.decode(encoded).ok()?;
    let pair = String::from_utf8(bytes).ok()?;
    pair.contains(':').then_some(Credentials::Basic(pair))
}

/// The secret in the header `name`, if the request has it.
///
/// # Errors
/// `Malformed` for more than one such header.
pub(super) fn own_header<'a>(
    headers: &'a HeaderMap,
    name: &str,
) -> Result<Option<&'a str>, Failure> {
    Ok(single(headers, name)?.filter(|text| is_plausible(text)))
}

fn is_plausible(secret: &str) -> bool {
    !secret.is_empty() && secret.len() <= MAX_SECRET && secret.bytes().all(|b| b.is_ascii_graphic())
}

/// The text of the only header of that name.
fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Failure> {
    let mut values = headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(Failure::Malformed(
            "A request carries its credentials in one header, once",
        ));
    }
    Ok(value.and_then(|value: &HeaderValue| value.to_str().ok()))
}
