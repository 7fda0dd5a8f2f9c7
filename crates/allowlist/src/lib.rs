//! Sets of IP addresses, and the documents in which providers publish theirs.
//!
//! [`IpSet`] holds addresses exactly and in the fewest ranges. [`feed`] reads the documents of
//! Azure, Okta, AWS and others. [`update`] decides whether what was read may replace what is in
//! force. [`client`] tells whose address counts behind gateways. Nothing here reads a file, a socket or the clock.
//!
//! ```
//! use provost_allowlist::{IpSet, Prefix};
//! let listed = ["198.51.100.0/25", "198.51.100.128/25", "2001:db8::/32"];
//! let prefixes: Vec<_> = listed.iter().filter_map(|text| Prefix::parse(text).ok()).collect();
//! let set = IpSet::from_iter(prefixes);
//! assert_eq!(set.to_string(), "198.51.100.0/24\n2001:db8::/32\n");
//! assert!(set.contains("198.51.100.200".parse().unwrap()));
//! ```

pub mod client;
pub mod feed;
pub mod gateway;
mod ipset;
mod keys;
mod prefix;
mod ranges;
pub mod recipe;
mod special;
pub mod update;

pub use ipset::IpSet;
pub use prefix::{Prefix, PrefixError};
pub use special::special_purpose;
