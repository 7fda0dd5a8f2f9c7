//! Lists that people keep themselves, for providers that publish no document.

use std::{ops::Deref, str};

use serde::Deserialize;

use super::{Choice, FeedError, Listed, Text, Version, json};

/// One network a line; `#` begins a remark.
pub(super) fn text(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let mut listed = Listed::default();
    for line in decoded(bytes, choice)?.lines() {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if !entry.is_empty() {
            listed.push(entry)?;
        }
    }
    Ok(listed)
}

/// A table (RFC 4180) whose first line names a column `cidr`; other columns are passed over.
pub(super) fn csv(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let mut lines = decoded(bytes, choice)?.lines();
    let head = fields(lines.next().unwrap_or_default());
    let column = head
        .iter()
        .position(|name| name.trim().eq_ignore_ascii_case("cidr"))
        .ok_or_else(|| choice.malformed(&"the first line names no column cidr"))?;
    let mut listed = Listed::default();
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let row = fields(line);
        let entry = row
            .get(column)
            .filter(|_| row.len() == head.len())
            .ok_or_else(|| choice.malformed(&"a line has not as many fields as the first one"))?;
        listed.push(entry.trim())?;
    }
    Ok(listed)
}

/// The fields of one line; quotes are doubled inside quotes.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match (c, fields.last_mut()) {
            ('"', _) => quoted = !quoted,
            (',', _) if !quoted => fields.push(String::new()),
            (_, Some(field)) => field.push(c),
            (_, None) => {}
        }
    }
    fields
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Own<'a> {
    Array(#[serde(borrow)] Vec<Text<'a>>),
    Object {
        #[serde(default)]
        version: Option<u64>,
        #[serde(borrow)]
        prefixes: Vec<Text<'a>>,
    },
}

/// `["198.51.100.0/24"]` or `{"version": 1, "prefixes": ["198.51.100.0/24"]}`.
pub(super) fn json_list(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let (version, prefixes) = match json(bytes, choice)? {
        Own::Array(prefixes) => (None, prefixes),
        Own::Object { version, prefixes } => (version, prefixes),
    };
    let mut listed = Listed {
        version: version.map(Version::Number),
        ..Listed::default()
    };
    listed.extend(prefixes.iter().map(Deref::deref))?;
    Ok(listed)
}

/// UTF-8, with or without a byte order mark.
fn decoded<'a>(bytes: &'a [u8], choice: &Choice<'_>) -> Result<&'a str, FeedError> {
    let text = str::from_utf8(bytes).map_err(|_| choice.malformed(&"it is no UTF-8 text"))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
