//! The page on which a document is offered for download, where the document's own address changes
//! with every edition. Only Azure's does.

use std::ops::Range;

/// Where Microsoft keeps what its pages offer.
const MICROSOFT: &str = "download.microsoft.com";
/// How its documents are called, before the cloud's name.
const NAME: &str = "/ServiceTags_";
/// Longest address that is taken from a page.
const MAX_URL: usize = 512;

/// Finds the address of a document on a page that comes from a host.
pub(super) type Find = fn(&[u8], &str) -> Result<Option<String>, NoDocument>;

/// The address of the newest document of service tags that a page offers; `None` if the bytes are
/// no page.
///
/// `host` is the one that the page comes from. A document lies there, as on a mirror, or at
/// Microsoft, and nowhere else, whatever the page says.
///
/// # Errors
/// A page that offers no such document.
pub(super) fn azure_document(page: &[u8], host: &str) -> Result<Option<String>, NoDocument> {
    if !page.trim_ascii_start().starts_with(b"<") {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(page);
    let offered = text.match_indices(NAME).filter_map(|(at, _)| {
        let url = text.get(around(text.as_bytes(), at))?;
        let date = date(url)?;
        is_trusted(url, host).then_some((date, url))
    });
    match offered.max() {
        Some((_, url)) => Ok(Some(url.to_owned())),
        None => Err(NoDocument),
    }
}

/// The page offers nothing that could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the page offers no ServiceTags document at its own host or at {MICROSOFT}; it may have changed, so download the document with a browser and import the file"
)]
pub struct NoDocument;

/// The longest run of characters of addresses around a place, within [`MAX_URL`].
fn around(text: &[u8], at: usize) -> Range<usize> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b":/._-".contains(b);
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    let start = before.iter().rev().take(MAX_URL).take_while(|b| plain(b));
    let end = after.iter().take(MAX_URL).take_while(|b| plain(b));
    at - start.count()..at + end.count()
}

/// The date in the name of a document, such as `ServiceTags_Public_20250714.json`.
fn date(url: &str) -> Option<&str> {
    let (_, name) = url.rsplit_once(NAME)?;
    let (cloud, date) = name.strip_suffix(".json")?.split_once('_')?;
    let is_cloud = !cloud.is_empty() && cloud.bytes().all(|b| b.is_ascii_alphabetic());
    let is_date = date.len() == 8 && date.bytes().all(|b| b.is_ascii_digit());
    (is_cloud && is_date).then_some(date)
}

fn is_trusted(url: &str, host: &str) -> bool {
    let path = |host| url.strip_prefix("https://")?.strip_prefix(host);
    [host, MICROSOFT]
        .into_iter()
        .any(|host| path(host).is_some_and(|path: &str| path.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "https://download.microsoft.com/download/7/1/d/71d86715-5596/ServiceTags_Public_20250707.json";
    const NEW: &str = "https://download.microsoft.com/download/7/1/d/71d86715-5596/ServiceTags_Public_20250714.json";
    const MIRROR: &str =
        "https://mirror.example:8443/ranges/ServiceTags_AzureGovernment_20250714.json";

    #[test]
    fn the_newest_document_of_a_trusted_host_is_found() {
        for (page, expect) in [
            (format!(r#"<a href="{OLD}">x</a> {{"url":"{NEW}"}} {OLD}"#), Ok(Some(NEW))),
            (format!("\r\n<a href='{MIRROR}'>"), Ok(Some(MIRROR))),
            (format!("<a href={NEW}?x=1>"), Ok(Some(NEW))),
            ("<html>moved</html>".to_owned(), Err(NoDocument)),
            ("<a href=https://evil.example/ServiceTags_Public_20250714.json>".to_owned(), Err(NoDocument)),
            ("<a href=https://download.microsoft.com.evil.example/ServiceTags_Public_20250714.json>".to_owned(), Err(NoDocument)),
            ("<a href=https://download.microsoft.com@evil.example/ServiceTags_Public_20250714.json>".to_owned(), Err(NoDocument)),
            ("<a href=http://download.microsoft.com/ServiceTags_Public_20250714.json>".to_owned(), Err(NoDocument)),
            ("<a href=https://download.microsoft.com/ServiceTags_Public_2025.json>".to_owned(), Err(NoDocument)),
            (r#"{"changeNumber":1}"#.to_owned(), Ok(None)),
            (String::new(), Ok(None)),
        ] {
            let got = azure_document(page.as_bytes(), "mirror.example:8443");
            assert_eq!(got, expect.map(|url| url.map(str::to_owned)), "{page}");
        }
    }
}
