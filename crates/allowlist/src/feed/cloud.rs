//! Documents that list networks with regions and services, or networks alone.

use std::ops::Deref;

use serde::Deserialize;

use super::{Choice, FeedError, Listed, Text, Version, json, plain};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Aws<'a> {
    #[serde(borrow)]
    sync_token: Text<'a>,
    #[serde(borrow)]
    prefixes: Vec<AwsPrefix<'a>>,
    #[serde(borrow, rename = "ipv6_prefixes")]
    v6: Vec<AwsPrefix<'a>>,
}

#[derive(Deserialize)]
struct AwsPrefix<'a> {
    #[serde(borrow, alias = "ipv6_prefix")]
    ip_prefix: Text<'a>,
    #[serde(borrow)]
    region: Text<'a>,
    #[serde(borrow)]
    service: Text<'a>,
}

/// `ip-ranges.json`.
pub(super) fn aws(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let document: Aws<'_> = json(bytes, choice)?;
    let mut listed = Listed {
        version: Some(Version::of(&document.sync_token)),
        ..Listed::default()
    };
    for entry in document.prefixes.iter().chain(&document.v6) {
        let both = format!("{}:{}", &*entry.service, &*entry.region);
        if choice.takes(&[&entry.service, &entry.region, &both]) {
            listed.push(&entry.ip_prefix)?;
        }
    }
    Ok(listed)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Google<'a> {
    #[serde(borrow)]
    sync_token: Text<'a>,
    #[serde(borrow)]
    prefixes: Vec<GooglePrefix<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GooglePrefix<'a> {
    #[serde(borrow, alias = "ipv6Prefix")]
    ipv4_prefix: Text<'a>,
    #[serde(borrow, default)]
    scope: Text<'a>,
}

/// `goog.json` and `cloud.json`; the former has no scopes.
pub(super) fn google(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let document: Google<'_> = json(bytes, choice)?;
    let mut listed = Listed {
        version: Some(Version::of(&document.sync_token)),
        ..Listed::default()
    };
    for entry in &document.prefixes {
        if choice.takes(&[&entry.scope]) {
            listed.push(&entry.ipv4_prefix)?;
        }
    }
    Ok(listed)
}

#[derive(Deserialize)]
struct Cloudflare<'a> {
    success: bool,
    #[serde(borrow)]
    result: CloudflareResult<'a>,
}

#[derive(Deserialize)]
struct CloudflareResult<'a> {
    #[serde(borrow)]
    ipv4_cidrs: Vec<Text<'a>>,
    #[serde(borrow)]
    ipv6_cidrs: Vec<Text<'a>>,
}

/// The answer of the API, or the text of `ips-v4` and `ips-v6`.
pub(super) fn cloudflare(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return plain::text(bytes, choice);
    }
    let document: Cloudflare<'_> = json(bytes, choice)?;
    if !document.success {
        return Err(choice.malformed(&"it says that the request had no success"));
    }
    two_lists(&document.result.ipv4_cidrs, &document.result.ipv6_cidrs)
}

#[derive(Deserialize)]
struct Fastly<'a> {
    #[serde(borrow)]
    addresses: Vec<Text<'a>>,
    #[serde(borrow)]
    ipv6_addresses: Vec<Text<'a>>,
}

/// `public-ip-list`.
pub(super) fn fastly(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let document: Fastly<'_> = json(bytes, choice)?;
    two_lists(&document.addresses, &document.ipv6_addresses)
}

fn two_lists(v4: &[Text<'_>], v6: &[Text<'_>]) -> Result<Listed, FeedError> {
    let mut listed = Listed::default();
    listed.extend(v4.iter().chain(v6).map(Deref::deref))?;
    Ok(listed)
}

#[derive(Deserialize)]
struct Oracle<'a> {
    #[serde(borrow)]
    last_updated_timestamp: Text<'a>,
    #[serde(borrow)]
    regions: Vec<OracleRegion<'a>>,
}

#[derive(Deserialize)]
struct OracleRegion<'a> {
    #[serde(borrow)]
    region: Text<'a>,
    #[serde(borrow)]
    cidrs: Vec<OracleCidr<'a>>,
}

#[derive(Deserialize)]
struct OracleCidr<'a> {
    #[serde(borrow)]
    cidr: Text<'a>,
    #[serde(borrow, default)]
    tags: Vec<Text<'a>>,
}

/// `public_ip_ranges.json`.
pub(super) fn oracle(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let document: Oracle<'_> = json(bytes, choice)?;
    let mut listed = Listed {
        version: Some(Version::of(&document.last_updated_timestamp)),
        ..Listed::default()
    };
    for region in &document.regions {
        for entry in &region.cidrs {
            let both = entry
                .tags
                .iter()
                .map(|tag| format!("{}:{}", &*region.region, &**tag));
            let both: Vec<_> = both.collect();
            let names = std::iter::once(&*region.region)
                .chain(entry.tags.iter().map(Deref::deref))
                .chain(both.iter().map(String::as_str));
            if choice.takes(&names.collect::<Vec<_>>()) {
                listed.push(&entry.cidr)?;
            }
        }
    }
    Ok(listed)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Zscaler<'a> {
    #[serde(borrow)]
    hub_prefixes: Vec<Text<'a>>,
}

/// The hub addresses that a firewall needs.
pub(super) fn zscaler(bytes: &[u8], choice: &mut Choice<'_>) -> Result<Listed, FeedError> {
    let document: Zscaler<'_> = json(bytes, choice)?;
    two_lists(&document.hub_prefixes, &[])
}
