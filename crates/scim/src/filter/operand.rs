//! Literals → operands: what the type of an attribute can be compared with.

use serde_json::Value;

use super::{CompareOp, Literal, Operand, invalid};
use crate::{
    Profile, ScimError, Timestamp,
    quirk::Misfit,
    schema::{AttributeDef, AttributeRef, AttributeType},
    text,
};

/// Refuses an operator that the type does not have.
pub(super) fn check_operator(at: &AttributeRef, op: CompareOp) -> Result<(), ScimError> {
    let is_supported = if is_made_by_server(at) {
        matches!(op, CompareOp::Eq | CompareOp::Ne)
    } else {
        supports(at.leaf().kind, op)
    };
    if is_supported {
        return Ok(());
    }
    Err(invalid(format!(
        "`{}` cannot be compared with {}.",
        at.notation(),
        op.as_str()
    )))
}

/// The literal in the type of the attribute.
pub(super) fn read(
    at: &AttributeRef,
    literal: &Literal,
    profile: &Profile,
) -> Result<Operand, ScimError> {
    let leaf = at.leaf();
    let operand = match (leaf.kind, literal) {
        (
            AttributeType::String | AttributeType::Reference | AttributeType::Binary,
            Literal::Text(text),
        ) => Some(Operand::Text(comparison_key(at, text))),
        (AttributeType::Boolean, Literal::Boolean(value)) => Some(Operand::Boolean(*value)),
        (AttributeType::Boolean, Literal::Text(text)) => {
            let text = Value::String(text.clone());
            match profile.quirks.value(Misfit::Simple(leaf), text) {
                Ok(Value::Bool(flag)) => Some(Operand::Boolean(flag)),
                Ok(_) | Err(_) => None,
            }
        }
        (AttributeType::Decimal | AttributeType::Integer, Literal::Number(number)) => {
            number.as_f64().map(Operand::Number)
        }
        (AttributeType::DateTime, Literal::Text(text)) => {
            Timestamp::parse(text).map(Operand::Instant)
        }
        _ => None,
    };
    operand.ok_or_else(|| wrong_type(at, leaf))
}

/// URIs of resources served here; they end in the id and are not stored.
pub(super) fn is_made_by_server(at: &AttributeRef) -> bool {
    match at.sub.map(|sub| sub.name) {
        Some("$ref") => at.is_core("members") || at.is_core("groups"),
        Some("location") => at.is_core("meta"),
        _ => false,
    }
}

/// RFC 7644 table 3; where it is silent, an operator without meaning is refused (D-05).
fn supports(kind: AttributeType, op: CompareOp) -> bool {
    let is_equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    let is_substring = matches!(op, CompareOp::Co | CompareOp::Sw | CompareOp::Ew);
    match kind {
        AttributeType::String => true,
        AttributeType::Boolean | AttributeType::Binary => is_equality,
        AttributeType::Decimal | AttributeType::Integer | AttributeType::DateTime => !is_substring,
        AttributeType::Reference => is_equality || is_substring,
        AttributeType::Complex => false,
    }
}

fn comparison_key(at: &AttributeRef, operand: &str) -> String {
    if is_made_by_server(at) {
        last_segment(operand).to_owned()
    } else if at.leaf().case_exact {
        operand.to_owned()
    } else {
        text::fold(operand).into_owned()
    }
}

fn last_segment(uri: &str) -> &str {
    let uri = uri.trim_end_matches('/');
    uri.rsplit_once('/').map_or(uri, |(_, last)| last)
}

fn wrong_type(at: &AttributeRef, leaf: &AttributeDef) -> ScimError {
    let form = match leaf.kind {
        AttributeType::Boolean => "true or false, without quotes",
        AttributeType::Decimal | AttributeType::Integer => "a number",
        AttributeType::DateTime => "a date and time, such as \"2011-05-13T04:42:34Z\"",
        AttributeType::String
        | AttributeType::Reference
        | AttributeType::Binary
        | AttributeType::Complex => "text in double quotes",
    };
    invalid(format!("`{}` is compared with {form}.", at.notation()))
}
