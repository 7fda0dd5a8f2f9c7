//! Text attributes: length, and what must not be in a name that identifies.

use serde_json::Value;

use super::{MAX_TEXT, Spot, invalid_value};
use crate::{ScimError, schema::Uniqueness};

/// The stored form of a text.
///
/// Text is kept as sent. Only a name that identifies within the tenant (`userName`, the
/// `displayName` of a group) may be refused, because two names that look alike must not be
/// two accounts.
pub(super) fn string(spot: Spot, text: String) -> Result<Value, ScimError> {
    if text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT {
        return Err(invalid_value(
            spot,
            format_args!("is longer than {MAX_TEXT} characters; send a shorter value"),
        ));
    }
    if spot.def.uniqueness == Uniqueness::None {
        return Ok(Value::String(text));
    }
    identifying(spot, text)
}

fn identifying(spot: Spot, text: String) -> Result<Value, ScimError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(invalid_value(spot, "must not be blank"));
    }
    if trimmed.len() != text.len() {
        return Err(invalid_value(spot, "must not begin or end with a blank"));
    }
    if let Some(found) = trimmed.chars().find(|c| is_invisible(*c)) {
        return Err(invalid_value(
            spot,
            format_args!(
                "contains the invisible character U+{:04X}; send it without",
                u32::from(found)
            ),
        ));
    }
    Ok(Value::String(text))
}

/// Control characters, zero-width characters and marks that turn the reading direction.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}
