//! Bytes → JSON value within limits.
use crate::ScimError;
use serde_json::Value;
/// Deepest nesting of a body.
pub const MAX_DEPTH: usize = 16;
/// Longest text value, in characters; certificates and pictures in binary attributes excepted by their own limit.
pub const MAX_KEYS: usize = 1_000;
/// Reads a JSON object. Refused with `invalidSyntax`: anything that is not one object, invalid UTF-8, a
/// byte order mark, nesting deeper than [`MAX_DEPTH`], an object with more than [`MAX_KEYS`] keys, two keys that are
/// equal without case, and U+0000 in any string.
pub fn parse(_bytes: &[u8]) -> Result<Value, ScimError> {
    todo!()
}
