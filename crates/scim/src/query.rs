//! Query strings → decoded pairs (D-23: the client's own encoding decides what `+` means).
/// Decodes a raw query string once. Names are lower-cased; empty parts (a dangling `&`) are dropped.
/// `None` if a percent escape is broken or the result is not UTF-8.
pub fn decode(_raw: &str) -> Option<Vec<(String, String)>> {
    todo!()
}
