//! Query strings as the handlers want them.

use axum::{extract::FromRequestParts, http::request::Parts};
use provost_scim::{
    Profile, ScimError, ScimType, list::Parameters, projection::Projection, query,
    schema::ResourceType,
};

use super::{caller::ScimCaller, error::Failure};
use crate::state::AppState;

/// Longest query string in bytes; the longest legal filter fits when every byte is escaped.
const MAX_QUERY: usize = 32 * 1024;

/// The decoded parameters, in the names of 2.0 whatever version is spoken; their own names in lower
/// case.
pub(crate) struct Query(Vec<(String, String)>);

impl FromRequestParts<AppState> for Query {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let caller = ScimCaller::from_request_parts(parts, state).await?;
        let raw = parts.uri.query().unwrap_or_default();
        if raw.len() > MAX_QUERY {
            let sentence =
                format!("The query is longer than {MAX_QUERY} bytes; ask in several requests");
            return Err(ScimError::with_status(414, sentence).into());
        }
        let broken = "The query is not percent-encoded UTF-8";
        let pairs =
            query::decode(raw).ok_or_else(|| ScimError::new(ScimType::InvalidValue, broken))?;
        Ok(Self(caller.wire().query(pairs, caller.profile())?))
    }
}

impl Query {
    /// Whether the parameter was given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Which attributes the answer shall carry.
    pub(super) fn projection(
        &self,
        kind: &'static ResourceType,
        profile: &Profile,
    ) -> Result<Projection, ScimError> {
        Projection::parse(
            kind,
            profile,
            self.get("attributes"),
            self.get("excludedattributes"),
        )
    }

    /// What shall be listed.
    pub(super) fn parameters(&self) -> Result<Parameters, ScimError> {
        Parameters::from_query(&self.0)
    }
}
