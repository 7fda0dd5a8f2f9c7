//! The PATCH message: JSON → operations with parsed paths.

use serde_json::Value;

use super::{MAX_OPERATIONS, OpKind, PatchForm, PatchOp, PatchRequest};
use crate::{
    Profile, ScimError, ScimType, name, path::Path, quirk::EMPTY_TEXT, urn, validate::take,
};

/// Reads the message.
pub(super) fn read(body: Value, profile: &Profile) -> Result<PatchRequest, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(malformed("The body must be a JSON object."));
    };
    check_schemas(take(&mut body, "schemas"), profile)?;
    let Some(Value::Array(operations)) = take(&mut body, "Operations") else {
        return Err(malformed("The body must have a list named Operations."));
    };
    if operations.is_empty() {
        return Err(malformed("Operations must list at least one operation."));
    }
    if operations.len() > MAX_OPERATIONS {
        return Err(malformed(&format!(
            "Operations lists {} operations; send at most {MAX_OPERATIONS} in one request.",
            operations.len()
        )));
    }
    let operations = operations.into_iter().enumerate().map(|(index, value)| {
        operation(value, profile).map_err(|error| error.prefixed(&number(index)))
    });
    Ok(PatchRequest {
        operations: operations.collect::<Result<_, _>>()?,
        form: PatchForm::Operations,
    })
}

/// The words in front of an error of the operation at `index`.
pub(super) fn number(index: usize) -> String {
    format!("Operation {}: ", index + 1)
}

fn check_schemas(schemas: Option<Value>, profile: &Profile) -> Result<(), ScimError> {
    let is_message = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| name::same(text, urn::PATCH_OP))
    };
    let fits = match schemas {
        None | Some(Value::Null) => profile.infer_schemas,
        Some(Value::Array(urns)) if urns.is_empty() => profile.infer_schemas,
        Some(Value::Array(urns)) => urns.iter().any(is_message),
        Some(one) => profile.infer_schemas && is_message(&one),
    };
    if fits {
        return Ok(());
    }
    Err(malformed(&format!(
        "schemas must list {:?}.",
        urn::PATCH_OP
    )))
}

fn operation(value: Value, profile: &Profile) -> Result<PatchOp, ScimError> {
    let Value::Object(mut members) = value else {
        return Err(malformed("an operation must be a JSON object."));
    };
    let kind = op_kind(take(&mut members, "op").as_ref())?;
    let path = match take(&mut members, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text))
            if text.is_empty() && (kind == OpKind::Remove || profile.quirks.has(&EMPTY_TEXT)) =>
        {
            None
        }
        Some(Value::String(text)) => Some(Path::parse(&text, profile)?),
        Some(_) => {
            return Err(ScimError::new(ScimType::InvalidPath, "path must be text."));
        }
    };
    let value = take(&mut members, "value");
    if path.is_none() && profile.path_required {
        return Err(malformed(
            "an operation needs a path; send one operation for each attribute.",
        ));
    }
    if kind == OpKind::Remove && path.is_none() {
        return Err(ScimError::new(
            ScimType::NoTarget,
            "remove needs a path that says what to remove.",
        ));
    }
    if kind != OpKind::Remove && value.is_none() {
        return Err(ScimError::new(
            ScimType::InvalidValue,
            "add and replace need a value.",
        ));
    }
    Ok(PatchOp { kind, path, value })
}

fn op_kind(op: Option<&Value>) -> Result<OpKind, ScimError> {
    let text = op.and_then(Value::as_str).unwrap_or_default();
    [
        ("add", OpKind::Add),
        ("remove", OpKind::Remove),
        ("replace", OpKind::Replace),
    ]
    .into_iter()
    .find(|(word, _)| name::same(word, text))
    .map(|(_, kind)| kind)
    .ok_or_else(|| {
        malformed(&format!(
            "op must be add, remove or replace, not {text:.20?}."
        ))
    })
}

fn malformed(detail: &str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail)
}
