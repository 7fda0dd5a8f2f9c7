//! The `schemas` attribute of a body (RFC 7643 section 3, D-12).

use serde_json::Value;

use crate::{
    Profile, ScimError, ScimType, name,
    schema::{ResourceType, is_foreign},
};

/// Checks `schemas`; `None` when the body has none.
///
/// What is stored is derived from the attributes, so nothing is returned.
///
/// # Errors
/// `invalidSyntax` when it names the base schema of another resource type or is no list of text;
/// unless the profile infers schemas also when it is missing, lists an unknown URN, or leaves out
/// the base schema.
pub(super) fn check(
    kind: &'static ResourceType,
    profile: &Profile,
    value: Option<Value>,
) -> Result<(), ScimError> {
    let urns = urns(profile, value)?;
    if let Some(foreign) = urns.iter().find(|urn| is_foreign(kind, urn)) {
        return Err(refused(&format!(
            "schemas lists {foreign:.200?}, which is not a schema of {}; send {:?}",
            kind.name, kind.schema.id
        )));
    }
    if profile.infer_schemas {
        return Ok(());
    }
    let is_base = |urn: &String| name::same(urn, kind.schema.id);
    if let Some(unknown) = urns
        .iter()
        .find(|urn| !is_base(urn) && kind.extension(urn).is_none())
    {
        return Err(refused(&format!(
            "schemas lists {unknown:.200?}, which is not served here; see /Schemas"
        )));
    }
    if !urns.iter().any(is_base) {
        return Err(refused(&format!("schemas must list {:?}", kind.schema.id)));
    }
    Ok(())
}

/// The URNs in a `schemas` value.
fn urns(profile: &Profile, value: Option<Value>) -> Result<Vec<String>, ScimError> {
    match value {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(urn)) if profile.infer_schemas => Ok(vec![urn]),
        Some(Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::String(urn) => Ok(urn),
                _ => Err(refused("schemas must list URNs as text")),
            })
            .collect(),
        Some(_) => Err(refused("schemas must be a list of URNs")),
    }
}

fn refused(problem: &str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, format!("{problem}."))
}
