//! The documents in which providers publish their addresses: one row each in [`FEEDS`].
//!
//! A reader takes the bytes of a document and the parts that are wanted, and gives the networks as
//! listed. Whether they may be used is decided in [`crate::update`].

mod choice;
mod cloud;
pub mod page;
mod plain;
mod tagged;

use std::{borrow::Cow, fmt, ops::Deref};

use sha2::{Digest, Sha256};

use self::choice::Choice;
use crate::{Prefix, PrefixError, keys};

/// Largest document, in bytes.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Most networks taken from one document.
pub const MAX_PREFIXES: usize = 1_000_000;

/// Whether parts of a document are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parts {
    /// They must be: the whole would admit strangers.
    Required(&'static str),
    /// They may be; otherwise the whole document counts.
    Optional(&'static str),
    /// There are none.
    None,
}

/// A document format and who publishes it.
#[derive(Debug)]
pub struct Feed {
    /// Its name in commands.
    pub name: &'static str,
    /// Who publishes.
    pub publisher: &'static str,
    /// Where, for people; some addresses change with every edition.
    pub published_at: &'static str,
    /// What can be chosen.
    pub parts: Parts,
    /// Whether the addresses are on the public Internet; others may hold private ones.
    pub is_public: bool,
    /// Finds the document on the page that offers it, where its address changes.
    page: Option<page::Find>,
    read: fn(&[u8], &mut Choice<'_>) -> Result<Listed, FeedError>,
}

/// Every format, in the order of help texts.
pub static FEEDS: &[Feed] = &[
    Feed {
        name: "azure",
        publisher: "Microsoft Azure Service Tags (Entra ID)",
        published_at: "https://www.microsoft.com/download/details.aspx?id=56519",
        parts: Parts::Required("a service tag such as AzureActiveDirectory"),
        is_public: true,
        page: Some(page::azure_document),
        read: tagged::azure,
    },
    Feed {
        name: "okta",
        publisher: "Okta",
        published_at: "https://s3.amazonaws.com/okta-ip-ranges/ip_ranges.json",
        parts: Parts::Required("your cell, such as us_cell_1"),
        is_public: true,
        page: None,
        read: tagged::okta,
    },
    Feed {
        name: "aws",
        publisher: "Amazon Web Services",
        published_at: "https://ip-ranges.amazonaws.com/ip-ranges.json",
        parts: Parts::Required("a service, a region, or both as EC2:eu-west-1"),
        is_public: true,
        page: None,
        read: cloud::aws,
    },
    Feed {
        name: "google",
        publisher: "Google",
        published_at: "https://www.gstatic.com/ipranges/goog.json",
        parts: Parts::Optional("a scope such as europe-west1"),
        is_public: true,
        page: None,
        read: cloud::google,
    },
    Feed {
        name: "github",
        publisher: "GitHub",
        published_at: "https://api.github.com/meta",
        parts: Parts::Required("a list such as hooks"),
        is_public: true,
        page: None,
        read: tagged::github,
    },
    Feed {
        name: "cloudflare",
        publisher: "Cloudflare",
        published_at: "https://api.cloudflare.com/client/v4/ips",
        parts: Parts::None,
        is_public: true,
        page: None,
        read: cloud::cloudflare,
    },
    Feed {
        name: "fastly",
        publisher: "Fastly",
        published_at: "https://api.fastly.com/public-ip-list",
        parts: Parts::None,
        is_public: true,
        page: None,
        read: cloud::fastly,
    },
    Feed {
        name: "oracle",
        publisher: "Oracle Cloud",
        published_at: "https://docs.oracle.com/iaas/tools/public_ip_ranges.json",
        parts: Parts::Required("a region, a tag, or both as us-ashburn-1:OCI"),
        is_public: true,
        page: None,
        read: cloud::oracle,
    },
    Feed {
        name: "zscaler",
        publisher: "Zscaler",
        published_at: "https://config.zscaler.com/api/zscaler.net/hubs/cidr/json/required",
        parts: Parts::None,
        is_public: true,
        page: None,
        read: cloud::zscaler,
    },
    Feed {
        name: "text",
        publisher: "you: one network a line, # begins a remark",
        published_at: "",
        parts: Parts::None,
        is_public: false,
        page: None,
        read: plain::text,
    },
    Feed {
        name: "csv",
        publisher: "you: a table with a column cidr",
        published_at: "",
        parts: Parts::None,
        is_public: false,
        page: None,
        read: plain::csv,
    },
    Feed {
        name: "json",
        publisher: "you: a JSON array, or an object with an array prefixes",
        published_at: "",
        parts: Parts::None,
        is_public: false,
        page: None,
        read: plain::json_list,
    },
];

/// The feed of that name.
pub fn find(name: &str) -> Option<&'static Feed> {
    FEEDS.iter().find(|feed| feed.name == name)
}

/// Which edition a document is, where it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Version {
    /// A number that grows, such as Azure's `changeNumber` or a `syncToken`.
    Number(u64),
    /// An instant or another text that sorts by age.
    Text(String),
}

impl Version {
    /// Whether this edition is older than `other`; editions of different kinds have no order.
    pub fn is_older(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(mine), Self::Number(other)) => mine < other,
            (Self::Text(mine), Self::Text(other)) => mine < other,
            (Self::Number(_), Self::Text(_)) | (Self::Text(_), Self::Number(_)) => false,
        }
    }

    /// A number if it is one; what [`Version::to_text`] gives.
    pub fn of(text: &str) -> Self {
        text.parse()
            .map_or_else(|_| Self::Text(text.to_owned()), Self::Number)
    }

    /// As it stands in the document, to be kept; untrusted text, which `Display` escapes.
    pub fn to_text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.escape_default().fmt(f),
        }
    }
}

/// A text of a JSON document, borrowed from it unless it has escapes: a document has 100,000.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

/// What a reader finds.
#[derive(Debug, Default)]
struct Listed {
    version: Option<Version>,
    prefixes: Vec<Prefix>,
}

impl Listed {
    fn push(&mut self, text: &str) -> Result<(), FeedError> {
        if self.prefixes.len() >= MAX_PREFIXES {
            return Err(FeedError::TooMany);
        }
        self.prefixes.push(Prefix::parse(text)?);
        Ok(())
    }

    fn extend<'a>(&mut self, texts: impl IntoIterator<Item = &'a str>) -> Result<(), FeedError> {
        texts.into_iter().try_for_each(|text| self.push(text))
    }
}

/// A document that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The edition, where the format has one.
    pub version: Option<Version>,
    /// The chosen networks, as listed.
    pub prefixes: Vec<Prefix>,
    /// SHA-256 of the whole document, in hexadecimal digits.
    pub digest: String,
}

/// Why a document cannot be used. Nothing of it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FeedError {
    /// Beyond [`MAX_BYTES`].
    #[error("the document has more than 64 MiB; check that it is the right one")]
    TooLarge,
    /// Beyond [`MAX_PREFIXES`].
    #[error("the document lists more than 1,000,000 networks; choose fewer parts")]
    TooMany,
    /// Not this format, or cut off.
    #[error("the document is not what {feed} publishes: {reason}; download it again")]
    Malformed {
        /// The feed's name.
        feed: &'static str,
        /// What is wrong, and where.
        reason: String,
    },
    /// An entry is no network.
    #[error(transparent)]
    Entry(#[from] PrefixError),
    /// No part was named, and one must be.
    #[error("name {what}{}", offers(offered))]
    Unchosen {
        /// What is named.
        what: &'static str,
        /// Some that the document has.
        offered: Vec<String>,
    },
    /// A named part is not in the document.
    #[error(
        "the document has no part {part:?}; it may have been renamed{}",
        offers(offered)
    )]
    Missing {
        /// The part.
        part: String,
        /// Some that the document has.
        offered: Vec<String>,
    },
    /// Parts were named, and the format has none.
    #[error("the {0} format has no parts to choose from; leave them out")]
    NoParts(&'static str),
    /// Nothing is listed.
    #[error("the document lists no network; nobody would be admitted")]
    Empty,
}

fn offers(offered: &[String]) -> String {
    if offered.is_empty() {
        return String::new();
    }
    format!("; the document has for example {}", offered.join(", "))
}

impl Feed {
    /// Where the document lies, if these bytes are the page of the publisher, or of a mirror, that
    /// offers it; `host` is where the page comes from, with a port if it has one.
    ///
    /// # Errors
    /// A page that offers no document.
    pub fn offered(&self, bytes: &[u8], host: &str) -> Result<Option<String>, page::NoDocument> {
        self.page.map_or(Ok(None), |find| find(bytes, host))
    }

    /// Reads a document: the networks of the parts that are named exactly.
    ///
    /// # Errors
    /// Any doubt about any chosen entry; see [`FeedError`].
    pub fn read(&self, bytes: &[u8], parts: &[String]) -> Result<Document, FeedError> {
        if bytes.len() > MAX_BYTES {
            return Err(FeedError::TooLarge);
        }
        if self.parts == Parts::None && !parts.is_empty() {
            return Err(FeedError::NoParts(self.name));
        }
        let mut choice = Choice::new(self, parts);
        let listed = (self.read)(bytes, &mut choice)?;
        choice.finish()?;
        if listed.prefixes.is_empty() {
            return Err(FeedError::Empty);
        }
        Ok(Document {
            version: listed.version,
            prefixes: listed.prefixes,
            digest: hex(&Sha256::digest(bytes)),
        })
    }
}

/// Reads JSON in which every key is unambiguous.
fn json<'a, T: serde::Deserialize<'a>>(
    bytes: &'a [u8],
    choice: &Choice<'_>,
) -> Result<T, FeedError> {
    keys::check(bytes)
        .and_then(|()| serde_json::from_slice(bytes))
        .map_err(|error| choice.malformed(&error))
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
