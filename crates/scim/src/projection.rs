//! `attributes` and `excludedAttributes` (RFC 7644 section 3.9).
use crate::{Profile, ScimError, schema::ResourceType};
/// Which attributes an answer carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    _todo: (),
}
impl Projection {
    /// From the two parameters, each a comma-separated list; unknown names are ignored.
    pub fn parse(
        _kind: &'static ResourceType,
        _profile: &Profile,
        _attributes: Option<&str>,
        _excluded: Option<&str>,
    ) -> Result<Self, ScimError> {
        todo!()
    }
    /// Whether one of the two parameters was given.
    pub fn is_given(&self) -> bool {
        todo!()
    }
    /// Whether an answer carries any part of the top-level attribute of that name (`members`, `groups`), so that it must be loaded.
    pub fn wants(&self, _attribute: &str) -> bool {
        todo!()
    }
}
