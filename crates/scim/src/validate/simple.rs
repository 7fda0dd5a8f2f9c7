//! The value of a simple attribute → its stored form.

use serde_json::{Number, Value};

use super::{MAX_BINARY, Spot, error::wrong_type, invalid_value, reader::take, text};
use crate::{Profile, ScimError, Timestamp, schema::AttributeType};

/// The stored form of one simple value; `None` when it means unassigned.
pub(crate) fn simple(
    profile: &Profile,
    spot: Spot,
    value: Value,
) -> Result<Option<Value>, ScimError> {
    let value = if profile.loose_shapes {
        unwrapped(value)
    } else {
        value
    };
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.is_empty() && profile.loose_shapes => Ok(None),
        value => typed(profile, spot, value).map(Some),
    }
}

fn typed(profile: &Profile, spot: Spot, value: Value) -> Result<Value, ScimError> {
    match (spot.def.kind, value) {
        (AttributeType::String, Value::String(text)) => text::string(profile, spot, text),
        (AttributeType::Boolean, value) => boolean(profile, spot, &value),
        (AttributeType::Integer, Value::Number(number)) => integer(spot, number),
        (AttributeType::Decimal, Value::Number(number)) => Ok(Value::Number(number)),
        (AttributeType::DateTime, Value::String(text)) => date_time(spot, &text),
        (AttributeType::Binary, Value::String(text)) => binary(profile, spot, text),
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

/// `["x"]` and `[{"value":"x"}]` are `"x"`: the forms of Entra jobs made before 2018.
fn unwrapped(value: Value) -> Value {
    let Value::Array(mut items) = value else {
        return value;
    };
    if items.len() > 1 {
        return Value::Array(items);
    }
    match items.pop() {
        None => Value::Null,
        Some(Value::Object(mut object)) => match take(&mut object, "value") {
            Some(inner) => inner,
            None => Value::Object(object),
        },
        Some(inner) => inner,
    }
}

fn boolean(profile: &Profile, spot: Spot, value: &Value) -> Result<Value, ScimError> {
    match value {
        Value::Bool(flag) => Ok(Value::Bool(*flag)),
        Value::String(text) if profile.boolean_strings && text.eq_ignore_ascii_case("true") => {
            Ok(Value::Bool(true))
        }
        Value::String(text) if profile.boolean_strings && text.eq_ignore_ascii_case("false") => {
            Ok(Value::Bool(false))
        }
        other => Err(wrong_type(spot, expected(AttributeType::Boolean), other)),
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
fn binary(profile: &Profile, spot: Spot, mut text: String) -> Result<Value, ScimError> {
    within_limit(spot, &text)?;
    if profile.loose_shapes {
        text.retain(|c| !c.is_ascii_whitespace());
    }
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
