//! Values in a filter: JSON strings, numbers, `true`, `false`, `null` (RFC 8259), and bare words.

use serde_json::Number;

use super::{Literal, cursor::Cursor};
use crate::ScimError;

/// Reads the JSON string that begins at the cursor with its opening quote.
pub(super) fn string(cursor: &mut Cursor<'_>) -> Result<String, ScimError> {
    let start = cursor.position();
    cursor.advance(1);
    let mut text = String::new();
    loop {
        let rest = cursor.rest();
        let plain = rest
            .bytes()
            .position(|b| matches!(b, b'"' | b'\\' | ..0x20));
        let Some(plain) = plain else {
            return Err(cursor.error_at(start, "text that ends with a double quote"));
        };
        text.push_str(rest.get(..plain).unwrap_or_default());
        cursor.advance(plain);
        if cursor.eat("\"") {
            return Ok(text);
        }
        text.push(escape(cursor)?);
    }
}

/// Reads one escape sequence.
fn escape(cursor: &mut Cursor<'_>) -> Result<char, ScimError> {
    let rest = cursor.rest();
    let simple = match rest.as_bytes() {
        [b'\\', b'u', ..] => return unicode(cursor),
        [b'\\', c @ (b'"' | b'\\' | b'/'), ..] => char::from(*c),
        [b'\\', b'b', ..] => '\u{8}',
        [b'\\', b'f', ..] => '\u{c}',
        [b'\\', b'n', ..] => '\n',
        [b'\\', b'r', ..] => '\r',
        [b'\\', b't', ..] => '\t',
        [b'\\', ..] => return Err(cursor.expected("an escape of JSON, such as `\\\\` or `\\\"`")),
        _ => return Err(cursor.expected("an escape sequence for the control character")),
    };
    cursor.advance(2);
    Ok(simple)
}

/// Reads `\u` with its four digits, or two of them that are a surrogate pair.
fn unicode(cursor: &mut Cursor<'_>) -> Result<char, ScimError> {
    let rest = cursor.rest();
    let Some(first) = unit(rest) else {
        return Err(cursor.expected("four hexadecimal digits after `\\u`"));
    };
    let second = rest.get(6..).and_then(unit);
    let units = std::iter::once(first).chain(second);
    let found = char::decode_utf16(units).next().and_then(Result::ok);
    match found {
        None => Err(cursor.expected("a character, not half of a surrogate pair")),
        Some('\0') => Err(cursor.expected("a character other than U+0000")),
        Some(found) => {
            cursor.advance(6 * found.len_utf16());
            Ok(found)
        }
    }
}

/// The code unit of a leading `\u` with its four digits.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    digits
        .bytes()
        .all(|b| b.is_ascii_hexdigit())
        .then(|| u16::from_str_radix(digits, 16).ok())?
}

/// The literal that a word without quotes is in JSON.
pub(super) fn bare(word: &str) -> Option<Literal> {
    match word {
        "true" => Some(Literal::Boolean(true)),
        "false" => Some(Literal::Boolean(false)),
        "null" => Some(Literal::Null),
        _ if word.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
            number(word).map(Literal::Number)
        }
        _ => None,
    }
}

fn number(word: &str) -> Option<Number> {
    let number: Number = word.parse().ok()?;
    if number.is_f64() {
        // serde_json knows the grammar but may round the last digit differently each time.
        return word.parse().ok().and_then(Number::from_f64);
    }
    Some(number)
}

/// A word whose quotes are missing: letters, digits and the punctuation of names, ids and
/// addresses. The JSON words are understood in any case.
pub(crate) fn word(word: &str) -> Option<Literal> {
    let lower = word.to_ascii_lowercase();
    if let Some(literal) = bare(&lower).filter(|literal| !matches!(literal, Literal::Number(_))) {
        return Some(literal);
    }
    let is_word = !word.is_empty()
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+' | ':' | '/'));
    is_word.then(|| Literal::Text(word.to_owned()))
}
