//! Query strings → decoded pairs (D-23: the client's own encoding decides what `+` means).
//!
//! Entra encodes like a form (`userName+eq+%22a%2Bb%40x%22`), Okta like a URI
//! (`userName%20eq%20%22a+b@x%22`), and both send e-mail sub-addresses, so neither reading of `+`
//! is right for everybody. The filter shows which one a client uses: what stands between its first
//! two words can only be a space.

#[cfg(test)]
mod tests;

/// What `+` stands for in one query.
#[derive(Clone, Copy, PartialEq)]
enum Plus {
    Space,
    Plus,
}

/// Decodes a raw query string once.
///
/// Names are lower-cased; empty parts (a dangling `&`) are dropped; a part without `=` has an empty
/// value. `None` if a percent escape is broken or the result is not UTF-8.
pub fn decode(raw: &str) -> Option<Vec<(String, String)>> {
    let plus = plus_in(raw);
    parts(raw)
        .map(|(name, value)| {
            let mut name = unescape(name, plus)?;
            name.make_ascii_lowercase();
            Some((name, unescape(value, plus)?))
        })
        .collect()
}

fn parts(raw: &str) -> impl Iterator<Item = (&str, &str)> {
    raw.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
}

fn plus_in(raw: &str) -> Plus {
    let is_filter = |name: &str| {
        unescape(name, Plus::Plus).is_some_and(|name| name.eq_ignore_ascii_case("filter"))
    };
    parts(raw)
        .find(|(name, _)| is_filter(name))
        .and_then(|(_, filter)| first_separator(filter))
        .unwrap_or(Plus::Space)
}

/// How the first separator of a raw filter is written, text in quotes left aside.
fn first_separator(filter: &str) -> Option<Plus> {
    let mut rest = filter.as_bytes();
    let mut is_quoted = false;
    while let Some((first, tail)) = rest.split_first() {
        let (unit, after) = match rest {
            [b'%', high, low, after @ ..] => (hex(*high, *low).unwrap_or(b'%'), after),
            _ => (*first, tail),
        };
        match unit {
            b'"' => is_quoted = !is_quoted,
            b'\\' if is_quoted => {
                rest = skip_unit(after);
                continue;
            }
            b' ' if !is_quoted => return Some(Plus::Plus),
            b'+' if !is_quoted && *first == b'+' => return Some(Plus::Space),
            _ => {}
        }
        rest = after;
    }
    None
}

/// Leaves out one byte or one percent escape.
fn skip_unit(bytes: &[u8]) -> &[u8] {
    match bytes {
        [b'%', _, _, after @ ..] | [_, after @ ..] => after,
        [] => bytes,
    }
}

fn unescape(text: &str, plus: Plus) -> Option<String> {
    if !text.contains(['%', '+']) {
        return Some(text.to_owned());
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        decoded.push(match first {
            b'%' => {
                let (digits, after) = tail.split_at_checked(2)?;
                rest = after;
                hex(*digits.first()?, *digits.get(1)?)?
            }
            b'+' if plus == Plus::Space => b' ',
            other => *other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
