//! Names that go into configurations of gateways, read so strictly that none can be more than a
//! name: no spaces, quotes, braces, semicolons, dollars, backslashes or line ends.

use std::{fmt, net::IpAddr, str::FromStr};

/// Longest host name (RFC 1035 section 2.3.4).
const MAX_HOST: usize = 253;
/// Longest path of a file.
const MAX_PATH: usize = 1_024;
/// Longest slug, and longest label of a host name.
const MAX_LABEL: usize = 63;

/// Why a text is no name; what it is shown as has its control characters escaped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a host name or address.
    #[error("{0:?} is no host name and no IP address; write it like scim.example.com")]
    Host(String),
    /// Not a host with a port.
    #[error("{0:?} is no host with a port; write it like 10.0.0.11:5501 or node1.example.com:5501")]
    Node(String),
    /// Not the path of a file.
    #[error(
        "{0:?} is no usable path; write it from the root on, with letters, digits and . _ - @ + / only"
    )]
    Path(String),
    /// Not the name of a tenant.
    #[error("{0:?} is no name of a tenant; those have lower-case letters, digits and hyphens")]
    Slug(String),
}

/// What errors show of a text, so that a huge one does not fill the terminal.
fn start(text: &str) -> String {
    text.chars().take(80).collect()
}

/// A host name (RFC 1123 section 2.1) in lower case, or an IP address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host(String);

impl FromStr for Host {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let inner = text
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Ok(address) = inner.unwrap_or(text).parse::<IpAddr>()
            && (inner.is_none() || address.is_ipv6())
        {
            return Ok(Self(bracketed(address)));
        }
        let is_name = text.len() <= MAX_HOST && text.split('.').all(is_label);
        // Digits and dots alone look like an address and are none.
        let is_number = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        if is_name && !is_number {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(NameError::Host(start(text)))
    }
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    (1..=MAX_LABEL).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl Host {
    /// The address, where it is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.0.trim_matches(['[', ']']).parse().ok()
    }
}

impl fmt::Display for Host {
    /// IPv6 addresses stand in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A listener of a node, as the gateway reaches it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Name or address.
    pub host: Host,
    /// TCP port, never 0.
    pub port: u16,
}

impl FromStr for Node {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let wrong = || NameError::Node(start(text));
        let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        // An IPv6 address without brackets would lose its last group to the port.
        let is_ambiguous = host.contains(':') && !host.starts_with('[');
        let is_number = port.bytes().all(|b| b.is_ascii_digit());
        match (host.parse(), port.parse()) {
            (Ok(host), Ok(port)) if port > 0 && is_number && !is_ambiguous => {
                Ok(Self { host, port })
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The absolute path of a file that the gateway reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePath(String);

impl FilePath {
    /// The path with another ending, `None` if it has none.
    pub(super) fn with_ending(&self, ending: &str) -> Option<Self> {
        let (folder, name) = self.0.rsplit_once('/')?;
        let (stem, _) = name.rsplit_once('.')?;
        Some(Self(format!("{folder}/{stem}.{ending}")))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FilePath {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"/._-@+".contains(&b);
        let is_clean =
            !text.contains("//") && text.split('/').all(|part| part != "." && part != "..");
        let is_file = text.starts_with('/') && !text.ends_with('/');
        if text.len() <= MAX_PATH && is_file && is_clean && text.bytes().all(allowed) {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError::Path(start(text)))
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of a tenant in URLs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slug(String);

impl Slug {
    /// The name as an identifier, which has no hyphens; two slugs never become the same one.
    pub(super) fn identifier(&self) -> String {
        self.0.replace('-', "_")
    }
}

impl FromStr for Slug {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let is_lower = !text.bytes().any(|b| b.is_ascii_uppercase());
        if is_lower && is_label(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(NameError::Slug(start(text)))
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: FromStr<Err = NameError> + fmt::Display>(cases: &[(&str, Option<&str>)]) {
        for (text, expect) in cases {
            let got = text.parse::<T>().ok().map(|name| name.to_string());
            assert_eq!(got.as_deref(), *expect, "{text:?}");
        }
    }

    #[test]
    fn hosts_are_names_and_addresses_and_nothing_else() {
        let long = "a".repeat(64);
        check::<Host>(&[
            ("scim.example.com", Some("scim.example.com")),
            ("SCIM.Example.com", Some("scim.example.com")),
            ("node-1", Some("node-1")),
            ("10.0.0.1", Some("10.0.0.1")),
            ("2001:DB8::1", Some("[2001:db8::1]")),
            ("[2001:db8::1]", Some("[2001:db8::1]")),
            ("[10.0.0.1]", None),
            ("10.0.0.256", None),
            ("1.2.3", None),
            ("", None),
            (".", None),
            ("a..b", None),
            ("-a.example.com", None),
            ("*.example.com", None),
            ("a b", None),
            ("a;return", None),
            ("a}\nserver{", None),
            ("a\r\nX: y", None),
            ("$host", None),
            ("a/../b", None),
            ("ex\u{e4}mple.com", None),
            (&long, None),
        ]);
    }

    #[test]
    fn nodes_have_one_host_and_one_port() {
        check::<Node>(&[
            ("10.0.0.11:5501", Some("10.0.0.11:5501")),
            ("node1.example.com:5501", Some("node1.example.com:5501")),
            ("[2001:db8::11]:5501", Some("[2001:db8::11]:5501")),
            ("2001:db8::11:5501", None),
            ("10.0.0.11", None),
            ("10.0.0.11:0", None),
            ("10.0.0.11:65536", None),
            ("10.0.0.11:+80", None),
            ("10.0.0.11:5501 backup", None),
            ("10.0.0.11:5501;", None),
            ("http://10.0.0.11:5501", None),
            ("unix:/run/x.sock:1", None),
        ]);
    }

    #[test]
    fn paths_are_absolute_and_plain() {
        check::<FilePath>(&[
            ("/etc/ssl/scim.pem", Some("/etc/ssl/scim.pem")),
            ("/srv/a_b-c@1+2/x.key", Some("/srv/a_b-c@1+2/x.key")),
            ("etc/ssl/scim.pem", None),
            ("/etc/ssl/", None),
            ("/etc/../shadow", None),
            ("/etc//ssl", None),
            ("/etc/my cert.pem", None),
            ("/etc/a\";", None),
            ("/etc/$(reboot)", None),
            ("/etc/a\nuser root", None),
            ("/etc/{x}", None),
            ("", None),
        ]);
    }

    #[test]
    fn slugs_are_those_of_tenants() {
        check::<Slug>(&[
            ("entra", Some("entra")),
            ("okta-prod-2", Some("okta-prod-2")),
            ("Entra", None),
            ("okta_prod", None),
            ("-a", None),
            ("a/b", None),
            (".*", None),
            ("a|b", None),
            ("", None),
        ]);
    }
}
