//! `If-Match` and `If-None-Match` (RFC 7644 section 3.14, RFC 9110 section 13.1).
//!
//! Versions are numbers in weak tags, compared weakly in both headers: the strong comparison of
//! HTTP would never match a weak tag (D-26).

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, header, request::Parts},
};

use super::error::Failure;
use crate::state::AppState;

/// The versions a client expects; any of them will do.
pub(crate) struct IfMatch(pub(super) Option<Vec<u64>>);

/// The versions a client has already.
pub(crate) struct IfNoneMatch(Tags);

/// What such a header names.
#[derive(Debug, PartialEq, Eq)]
enum Tags {
    Absent,
    Any,
    /// These versions. Tags that are none of ours match nothing and are left out.
    These(Vec<u64>),
}

impl FromRequestParts<AppState> for IfMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        Ok(Self(
            Tags::read(&parts.headers, &header::IF_MATCH).expected(),
        ))
    }
}

impl FromRequestParts<AppState> for IfNoneMatch {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Failure> {
        Ok(Self(Tags::read(&parts.headers, &header::IF_NONE_MATCH)))
    }
}

/// The versions in the `version` of a bulk operation, which reads like `If-Match`.
pub(super) fn expected(version: Option<&str>) -> Option<Vec<u64>> {
    version.and_then(|version| Tags::parse([version].into_iter()).expected())
}

impl IfNoneMatch {
    /// Whether the client has this version.
    pub(super) fn has(&self, version: u64) -> bool {
        match &self.0 {
            Tags::Absent => false,
            Tags::Any => true,
            Tags::These(versions) => versions.contains(&version),
        }
    }
}

impl Tags {
    fn read(headers: &HeaderMap, name: &HeaderName) -> Self {
        if !headers.contains_key(name) {
            return Self::Absent;
        }
        let values = headers.get_all(name).iter();
        Self::parse(values.filter_map(|value| value.to_str().ok()))
    }

    fn parse<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let tags: Vec<_> = values
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        if tags == ["*"] {
            return Self::Any;
        }
        Self::These(tags.into_iter().filter_map(version).collect())
    }

    /// Any of these versions will do; `None` for every version. `*` asks that the resource exists,
    /// which every write needs anyway.
    fn expected(self) -> Option<Vec<u64>> {
        match self {
            Self::Absent | Self::Any => None,
            Self::These(versions) => Some(versions),
        }
    }
}

fn version(tag: &str) -> Option<u64> {
    let opaque = tag.strip_prefix("W/").unwrap_or(tag);
    let digits = opaque.strip_prefix('"')?.strip_suffix('"')?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_name_versions() {
        for (values, expect) in [
            (&[][..], Tags::Absent),
            (&["*"], Tags::Any),
            (&["W/\"3\""], Tags::These(vec![3])),
            (&["\"3\""], Tags::These(vec![3])),
            (&["W/\"3\", \"7\"", "W/\"9\""], Tags::These(vec![3, 7, 9])),
            (&["W/\"3\", *"], Tags::These(vec![3])),
            (&["w/\"3\""], Tags::These(vec![])),
            (
                &["3", "\"03\"", "\"+3\"", "\"\"", "\"99999999999999999999\""],
                Tags::These(vec![]),
            ),
            (&[""], Tags::These(vec![])),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::IF_MATCH, value.parse().unwrap());
            }
            assert_eq!(
                Tags::read(&headers, &header::IF_MATCH),
                expect,
                "{values:?}"
            );
        }
    }
}
