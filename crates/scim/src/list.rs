//! List requests (RFC 7644 section 3.4.2).
use crate::{
    Profile, ScimError, filter::BoundFilter, projection::Projection, schema::ResourceType,
};
/// A list request whose parts exist and fit.
#[derive(Clone, Debug)]
pub struct ListRequest {
    /// The filter.
    pub filter: Option<BoundFilter>,
    /// 1-based; values below 1 have become 1.
    pub start_index: u64,
    /// Page size asked for; negative values have become 0. `None` when not given.
    pub count: Option<u64>,
    /// Which attributes.
    pub projection: Projection,
}
impl ListRequest {
    /// From decoded query pairs; unknown parameters are ignored, a parameter given twice is refused (D20).
    pub fn parse(
        _pairs: &[(String, String)],
        _kind: &'static ResourceType,
        _profile: &Profile,
    ) -> Result<Self, ScimError> {
        todo!()
    }
}
