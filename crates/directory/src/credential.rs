//! The forms in which a client presents its secret: bearer token, HTTP Basic, or a header of its
//! own. A secret is valid in the form it was made for and in no other.
//!
//! How the forms stand in a request is read by the SCIM surface.

use std::fmt;

use crate::{DirectoryError, token::Token};

/// Longest name of a header, in characters.
const MAX_NAME: usize = 64;

/// Headers that proxies, servers or SCIM itself give a meaning to.
const TAKEN: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "host",
    "if-match",
    "if-none-match",
    "keep-alive",
    "origin",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-http-method-override",
    "x-real-ip",
];

/// How a client presents its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// `Authorization: Bearer SECRET` (RFC 6750).
    #[default]
    Bearer,
    /// `Authorization: Basic …` (RFC 7617); the user name is the id of the token.
    Basic,
    /// The secret alone in a header of this name.
    Header(HeaderName),
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer => f.write_str("bearer"),
            Self::Basic => f.write_str("basic"),
            Self::Header(name) => write!(f, "header {name}"),
        }
    }
}

/// The name of an HTTP header that may carry a secret; compared without case.
#[derive(Clone, Debug)]
pub struct HeaderName(String);

impl HeaderName {
    /// Checks a name as an administrator types it.
    ///
    /// # Errors
    /// `Invalid` when it cannot name a header (RFC 9110 section 5.1), has more than 64 characters,
    /// or has a meaning already.
    pub fn parse(text: &str) -> Result<Self, DirectoryError> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let fits = (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(legal);
        if !fits {
            return Err(DirectoryError::Invalid(format!(
                "\"{}\" cannot name a header: use 1 to {MAX_NAME} letters, digits and hyphens, such as X-Provost-Key",
                text.escape_debug()
            )));
        }
        if TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(text)) {
            return Err(DirectoryError::Invalid(format!(
                "the header {text} has another meaning in HTTP; choose one of your own, such as X-Provost-Key"
            )));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl PartialEq for HeaderName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for HeaderName {}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a request presents.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// A bearer token.
    Bearer(&'a str),
    /// User name and password of HTTP Basic.
    Basic {
        /// The user name.
        username: &'a str,
        /// The password.
        password: &'a str,
    },
    /// The value of a header that [`crate::Directory::credential_headers`] names.
    Header {
        /// The name of the header.
        name: &'a HeaderName,
        /// Its value.
        value: &'a str,
    },
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented(…)")
    }
}

impl Presented<'_> {
    /// The secret in it.
    pub(crate) const fn secret(&self) -> &str {
        match self {
            Self::Bearer(secret)
            | Self::Basic {
                password: secret, ..
            }
            | Self::Header { value: secret, .. } => secret,
        }
    }

    /// Whether the token was made for this form.
    pub(crate) fn fits(&self, token: &Token) -> bool {
        match (self, &token.form) {
            (Self::Bearer(_), Form::Bearer) => true,
            (Self::Basic { username, .. }, Form::Basic) => *username == token.id.0,
            (Self::Header { name, .. }, Form::Header(own)) => *name == own,
            (_, Form::Bearer | Form::Basic | Form::Header(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_of_one_s_own_is_named_well() {
        for (text, expect) in [
            ("X-Provost-Key", None),
            ("Authorization", None),
            ("apikey", None),
            ("", Some("1 to 64")),
            ("X Key", Some("1 to 64")),
            ("X-Key:", Some("1 to 64")),
            ("X-Schlüssel", Some("1 to 64")),
            ("Host", Some("another meaning")),
            ("content-LENGTH", Some("another meaning")),
            ("X-Forwarded-For", Some("another meaning")),
        ] {
            let got = HeaderName::parse(text);
            match expect {
                None => assert!(got.is_ok(), "{text}"),
                Some(hint) => {
                    let error = got.err().unwrap_or_else(|| panic!("{text} was accepted"));
                    assert!(error.to_string().contains(hint), "{text}: {error}");
                }
            }
        }
        let long = "x".repeat(65);
        assert!(HeaderName::parse(&long).is_err());
    }
}
