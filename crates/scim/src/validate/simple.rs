//! The value of a simple attribute → its stored form.

use serde_json::{Number, Value};

use super::{MAX_BINARY, Spot, error::wrong_type, invalid_value, list::check_count, text};
use crate::{
    Profile, ScimError, Timestamp,
    quirk::Misfit,
    schema::{AttributeDef, AttributeType, Uniqueness},
};

/// The greatest whole number up to which a double holds every one.
const EXACT: u64 = 1 << 53;

/// The stored form of one simple value; `None` when it means unassigned.
pub(crate) fn simple(
    profile: &Profile,
    spot: Spot,
    value: Value,
) -> Result<Option<Value>, ScimError> {
    if value.is_null() {
        return Ok(None);
    }
    if fits(spot.def, &value) {
        return typed(spot, value).map(Some);
    }
    match profile.quirks.value(Misfit::Simple(spot.def), value) {
        Ok(value) => simple(profile, spot, value),
        Err(value) => typed(spot, value).map(Some),
    }
}

/// Whether the value has the type of the attribute and no form that only a quirk explains.
fn fits(def: &AttributeDef, value: &Value) -> bool {
    match (def.kind, value) {
        (AttributeType::String, Value::String(text)) if def.uniqueness != Uniqueness::None => {
            !text.is_empty() && text.trim().len() == text.len()
        }
        (AttributeType::Binary, Value::String(text)) => {
            !text.is_empty() && !text.contains(char::is_whitespace)
        }
        (
            AttributeType::String | AttributeType::DateTime | AttributeType::Reference,
            Value::String(text),
        ) => !text.is_empty(),
        (AttributeType::Boolean, Value::Bool(_))
        | (AttributeType::Decimal | AttributeType::Integer, Value::Number(_)) => true,
        _ => false,
    }
}

/// The stored form of a part of a complex value, which may be a list of simple values
/// (R-7643-2.3.8-03); `None` when it means unassigned.
pub(crate) fn part(
    profile: &Profile,
    spot: Spot,
    value: Value,
) -> Result<Option<Value>, ScimError> {
    if !spot.def.multi_valued {
        return simple(profile, spot, value);
    }
    let given = match value {
        Value::Null => return Ok(None),
        Value::Array(given) => given,
        other => {
            return match profile.quirks.value(Misfit::List(spot.def), other) {
                Ok(value) => part(profile, spot, value),
                Err(other) => Err(wrong_type(spot, "a list", &other)),
            };
        }
    };
    check_count(spot, given.len())?;
    let mut kept = Vec::with_capacity(given.len());
    for item in given {
        if let Some(item) = simple(profile, spot, item)?
            && !kept.contains(&item)
        {
            kept.push(item);
        }
    }
    Ok((!kept.is_empty()).then_some(Value::Array(kept)))
}

fn typed(spot: Spot, value: Value) -> Result<Value, ScimError> {
    match (spot.def.kind, value) {
        (AttributeType::String, Value::String(text)) => text::string(spot, text),
        (AttributeType::Boolean, Value::Bool(flag)) => Ok(Value::Bool(flag)),
        (AttributeType::Integer, Value::Number(number)) => integer(spot, number),
        (AttributeType::Decimal, Value::Number(number)) => decimal(spot, &number),
        (AttributeType::DateTime, Value::String(text)) => date_time(spot, &text),
        (AttributeType::Binary, Value::String(text)) => binary(spot, text),
        (AttributeType::Reference, Value::String(text)) => reference(spot, text),
        (kind, value) => Err(wrong_type(spot, expected(kind), &value)),
    }
}

const fn expected(kind: AttributeType) -> &'static str {
    match kind {
        AttributeType::String | AttributeType::Reference => "text",
        AttributeType::Boolean => "true or false",
        AttributeType::Decimal => "a number",
        AttributeType::Integer => "a whole number",
        AttributeType::DateTime => "text such as \"2011-05-13T04:42:34Z\"",
        AttributeType::Binary => "base64 text",
        AttributeType::Complex => "an object",
    }
}

fn integer(spot: Spot, number: Number) -> Result<Value, ScimError> {
    if number.is_i64() {
        return Ok(Value::Number(number));
    }
    Err(invalid_value(
        spot,
        "must be a whole number of at most 63 bits without fraction or exponent",
    ))
}

/// A decimal has a digit on both sides of the point (R-7643-2.3.3-01), so `5` is kept as `5.0`.
fn decimal(spot: Spot, number: &Number) -> Result<Value, ScimError> {
    let whole = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
    let is_exact = whole.is_none_or(|whole| whole <= EXACT);
    let value = number.as_f64().and_then(Number::from_f64);
    match value.filter(|_| is_exact) {
        Some(value) => Ok(Value::Number(value)),
        None => Err(invalid_value(
            spot,
            "must be a number that a double can hold; round it to 15 digits",
        )),
    }
}

fn date_time(spot: Spot, text: &str) -> Result<Value, ScimError> {
    match Timestamp::parse(text) {
        Some(instant) => Ok(Value::String(instant.to_string())),
        None => Err(invalid_value(
            spot,
            "must be a date with a time, such as \"2011-05-13T04:42:34Z\"",
        )),
    }
}

/// RFC 4648 section 4; the padding may be left out.
fn binary(spot: Spot, text: String) -> Result<Value, ScimError> {
    within_limit(spot, &text)?;
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let alphabet = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    let complete = if padding == 0 {
        digits.len() % 4 != 1
    } else {
        padding < 3 && text.len().is_multiple_of(4)
    };
    if digits.is_empty() || !complete || !digits.bytes().all(alphabet) {
        return Err(invalid_value(spot, "must be base64 text"));
    }
    Ok(Value::String(text))
}

/// RFC 7643 section 2.3.7: absolute or relative; letters outside ASCII are let through.
fn reference(spot: Spot, text: String) -> Result<Value, ScimError> {
    within_limit(spot, &text)?;
    let illegal = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '\\' | '^' | '`' | '{' | '|' | '}')
    };
    if text.is_empty() || text.contains(illegal) {
        return Err(invalid_value(
            spot,
            "must be a URI; blanks and quotes have to be percent-encoded",
        ));
    }
    Ok(Value::String(text))
}

fn within_limit(spot: Spot, text: &str) -> Result<(), ScimError> {
    if text.len() > MAX_BINARY {
        return Err(invalid_value(
            spot,
            format_args!("is longer than {MAX_BINARY} bytes; send a shorter value"),
        ));
    }
    Ok(())
}
