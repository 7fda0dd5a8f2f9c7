//! Who the client is, behind gateways: from right to left, past trusted gateways only, and nobody
//! in case of doubt.
//!
//! A gateway is believed about the address in front of it, never about more. A client can put any
//! text into a header, so entries count from the right, where the nearest gateway writes.

mod forwarded;
pub mod proxy;

use std::net::IpAddr;

use crate::IpSet;

/// Most entries of a header; more are nobody's.
const MAX_ENTRIES: usize = 256;

/// The header in which gateways name the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Header {
    /// `X-Forwarded-For`: addresses, with or without a port.
    XForwardedFor,
    /// `Forwarded` (RFC 7239): the parameter `for`.
    Forwarded,
}

impl Header {
    /// Its name in requests, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::XForwardedFor => "x-forwarded-for",
            Self::Forwarded => "forwarded",
        }
    }
}

/// The client of a request that comes from `peer`: the last entry that is no trusted gateway, or
/// the first gateway if all are. `lines` are the values of the header's lines in their order.
///
/// `None` when an entry that counts cannot be read: then nobody knows, and an allowlist must not
/// let the request in. What a peer says that is no trusted gateway is not looked at.
pub fn of_header<'a>(
    peer: IpAddr,
    trusted: &IpSet,
    header: Header,
    lines: impl IntoIterator<Item = &'a [u8]>,
) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    if !trusted.contains(peer) {
        return Some(peer);
    }
    let mut entries = Vec::new();
    for line in lines {
        let line = std::str::from_utf8(line).ok()?;
        match header {
            Header::XForwardedFor => entries.extend(line.split(',').map(forwarded::node)),
            Header::Forwarded => forwarded::elements(line, &mut entries)?,
        }
        if entries.len() > MAX_ENTRIES {
            return None;
        }
    }
    let mut client = peer;
    for entry in entries.into_iter().rev() {
        client = entry?;
        if !trusted.contains(client) {
            break;
        }
    }
    Some(client)
}

#[cfg(test)]
mod tests;
