//! A JSON body → validated input for POST and PUT.
use crate::{Profile, Resource, ScimError, schema::ResourceType};
use serde_json::Value;

/// A password in a client's body. Debug shows dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub(crate) String);
impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What a body said, validated.
#[derive(Clone, Debug)]
pub struct Input {
    /// The attributes.
    pub resource: Resource,
    /// Ids in `members`; `None` when the body had no `members` (`null` counts as none given… `[]` is `Some(vec![])`).
    pub members: Option<Vec<String>>,
    /// The password, if one was sent.
    pub password: Option<Password>,
    /// Names of attributes given as `null`, `[]` or `""`, in the schema's spelling.
    pub cleared: Vec<&'static str>,
    /// Unknown attributes that were left out.
    pub ignored: Vec<String>,
}

/// Reads the body of a POST or PUT. Required attributes are checked here.
pub fn input(
    _kind: &'static ResourceType,
    _profile: &Profile,
    _body: Value,
) -> Result<Input, ScimError> {
    todo!()
}

impl Input {
    /// The resource to create: defaults applied (`active: true` on users).
    pub fn for_create(&self, _kind: &'static ResourceType) -> Resource {
        todo!()
    }
    /// The resource after a PUT on `current`: what the body omits is cleared, except `active` (kept) and, with
    /// [`Profile::keep_external_id`], `externalId`.
    pub fn for_replace(
        &self,
        _kind: &'static ResourceType,
        _profile: &Profile,
        _current: &Resource,
    ) -> Resource {
        todo!()
    }
}
