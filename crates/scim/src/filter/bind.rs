//! [`Filter`] → [`BoundFilter`].
use super::{BoundFilter, Filter};
use crate::{Profile, ScimError, schema::ResourceType};
pub(super) fn bind(
    _f: &Filter,
    _kind: &'static ResourceType,
    _p: &Profile,
) -> Result<BoundFilter, ScimError> {
    todo!()
}
