//! Text → [`Filter`]: recursive descent with limits.
use super::Filter;
use crate::{Profile, ScimError};
pub(super) fn filter(_text: &str, _profile: &Profile) -> Result<Filter, ScimError> {
    todo!()
}
