//! Documents whose networks stand under names: Azure's service tags, Okta's cells, GitHub's lists.

use std::{collections::BTreeMap, ops::Deref};

use serde::Deserialize;
use serde_json::Value;

use super::{Choice, FeedError, Listed, Text, Version, json};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServiceTags<'a> {
    change_number: u64,
    #[serde(borrow)]
    values: Vec<ServiceTag<'a>>,
}

#[derive(Deserialize)]
struct ServiceTag<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    properties: Properties<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    #[serde(borrow)]
    address_prefixes: Vec<Text<'a>>,
}

/// `ServiceTags_Public_YYYYMMDD.json`.
pub(super) fn azure(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let document: ServiceTags<'_> = json(bytes, choice)?;
    let mut listed = Listed {
        version: Some(Version::Number(document.change_number)),
        ..Listed::default()
    };
    for tag in &document.values {
        if choice.takes(&[&tag.name]) {
            listed.extend(tag.properties.address_prefixes.iter().map(Deref::deref))?;
        }
    }
    Ok(listed)
}

#[derive(Deserialize)]
struct Cell<'a> {
    #[serde(borrow)]
    ip_ranges: Vec<Text<'a>>,
}

/// `ip_ranges.json`: cells and their networks. It has no edition; the digest tells a change.
pub(super) fn okta(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let document: BTreeMap<Text<'_>, Cell<'_>> = json(bytes, choice)?;
    let mut listed = Listed::default();
    for (name, cell) in &document {
        if choice.takes(&[name]) {
            listed.extend(cell.ip_ranges.iter().map(Deref::deref))?;
        }
    }
    Ok(listed)
}

/// `meta`: lists of networks among other things; only lists can be chosen.
pub(super) fn github(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let document: BTreeMap<String, Value> = json(bytes, choice)?;
    let mut listed = Listed::default();
    for (name, value) in &document {
        let Value::Array(entries) = value else {
            continue;
        };
        if choice.takes(&[name]) {
            for entry in entries {
                let text = entry.as_str();
                listed.push(text.ok_or_else(|| choice.malformed(&"an entry is no text"))?)?;
            }
        }
    }
    Ok(listed)
}
