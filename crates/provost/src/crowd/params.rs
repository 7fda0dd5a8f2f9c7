//! The query string of a Crowd request.

use axum::{
    extract::{FromRequestParts, Query},
    http::request::Parts,
};

use super::{entity::Detail, error::Failure, page::Page};

/// The decoded parameters, in order. A name given twice counts with its first value.
pub(super) struct Params(Vec<(String, String)>);

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Query::try_from_uri(&parts.uri)
            .map(|Query(pairs)| Self(pairs))
            .map_err(|_| Failure::bad_request("The query string is not form-encoded"))
    }
}

impl Params {
    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The value of a parameter that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&str, Failure> {
        self.get(name)
            .ok_or_else(|| Failure::bad_request(format!("The parameter {name} is missing")))
    }

    /// `start-index` and `max-results`.
    pub(super) fn page(&self) -> Result<Page, Failure> {
        Page::parse(self.get("start-index"), self.get("max-results"))
    }

    /// How much of each entry of a list is written: `expand=user` or `expand=group`, with
    /// `attributes` beside it for those too.
    pub(super) fn detail_of_entries(&self, element: &str) -> Detail {
        match (self.expands(element), self.expands("attributes")) {
            (false, _) => Detail::Name,
            (true, false) => Detail::Fields,
            (true, true) => Detail::Attributes,
        }
    }

    /// How much of a single entity is written: all, and its attributes if asked for.
    pub(super) fn detail_of_entity(&self) -> Detail {
        if self.expands("attributes") {
            Detail::Attributes
        } else {
            Detail::Fields
        }
    }

    fn expands(&self, what: &str) -> bool {
        let list = self.get("expand").unwrap_or_default();
        list.split(',').any(|part| part.trim() == what)
    }
}
