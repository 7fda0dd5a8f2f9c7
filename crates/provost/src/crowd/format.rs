//! XML or JSON: which of the two an answer is written in.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// What the Atlassian applications speak, and the default.
    Xml,
    /// For clients that ask for JSON and name no XML type.
    Json,
}

impl Format {
    /// What the `Accept` headers ask for. `application/json, */*` is a wish for JSON.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let ranges = || {
            headers
                .get_all(header::ACCEPT)
                .iter()
                .filter_map(|value| value.to_str().ok())
                .flat_map(|value| value.split(','))
                .filter_map(|range| range.split(';').next())
                .map(|range| range.trim().to_ascii_lowercase())
        };
        if ranges().any(|range| is_json(&range)) && !ranges().any(|range| range.ends_with("xml")) {
            Self::Json
        } else {
            Self::Xml
        }
    }

    /// The `Content-Type` of answers.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Xml => "application/xml;charset=UTF-8",
            Self::Json => "application/json",
        }
    }
}

/// Whether a media type, in lower case and without parameters, is JSON.
pub(super) fn is_json(media_type: &str) -> bool {
    media_type == "application/json" || media_type.ends_with("+json")
}

impl<S: Sync> FromRequestParts<S> for Format {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_only_where_no_xml_is_named() {
        for (accept, expect) in [
            (None, Format::Xml),
            (Some("application/xml"), Format::Xml),
            (Some("*/*"), Format::Xml),
            (Some("text/html"), Format::Xml),
            (Some("application/json"), Format::Json),
            (Some("Application/JSON; q=0.9"), Format::Json),
            (Some("application/json, text/plain, */*"), Format::Json),
            (Some("application/json, application/xml"), Format::Xml),
            (Some("application/json;q=1, text/xml;q=0.1"), Format::Xml),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, accept.parse().unwrap());
            }
            assert_eq!(Format::of(&headers), expect, "{accept:?}");
        }
    }
}
