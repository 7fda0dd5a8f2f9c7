//! The PROXY protocol, versions 1 and 2: what a load balancer writes before the first byte of a
//! connection to say whom it carries.
//!
//! It is read from trusted peers only, and from them it is mandatory; which version is a setting,
//! because guessing lets a client choose.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Longest header of version 1, in bytes.
const MAX_V1: usize = 107;

/// Longest header of version 2, in bytes: addresses and the usual extensions.
const MAX_V2: usize = 536;

/// The first bytes of version 2.
const SIGNATURE: [u8; 12] = *b"\r\n\r\n\0\r\nQUIT\n";

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// One line of text.
    V1,
    /// Binary.
    V2,
}

/// A complete header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many bytes it takes.
    pub length: usize,
    /// Whom it names.
    pub source: Source,
}

/// Whom a header names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A client.
    Client(IpAddr),
    /// The balancer itself, for a health check: the peer counts.
    Local,
    /// Nobody that has an IP address.
    Unknown,
}

/// What the bytes are so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The beginning of a header, which has at least so many bytes in all.
    More(usize),
    /// A header.
    Done(Header),
    /// No header: the connection must be closed.
    Broken,
}

/// Reads the beginning of a connection.
pub fn read(version: Version, bytes: &[u8]) -> Progress {
    let progress = match version {
        Version::V1 => line(bytes),
        Version::V2 => binary(bytes),
    };
    progress.unwrap_or(Progress::Broken)
}

/// Version 1; `None` if broken.
fn line(bytes: &[u8]) -> Option<Progress> {
    let Some(end) = bytes
        .windows(2)
        .take(MAX_V1 - 1)
        .position(|two| two == b"\r\n")
    else {
        let start = b"PROXY ";
        let agrees = bytes.iter().zip(start).all(|(got, expect)| got == expect);
        let more = agrees && bytes.len() < MAX_V1;
        return more.then_some(Progress::More(bytes.len() + 1));
    };
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
    let mut words = text.split(' ');
    if words.next() != Some("PROXY") {
        return None;
    }
    let source = match words.next()? {
        "UNKNOWN" => Source::Unknown,
        "TCP4" => Source::Client(pair::<Ipv4Addr>(words)?.into()),
        "TCP6" => {
            let address: IpAddr = pair::<Ipv6Addr>(words)?.into();
            Source::Client(address.to_canonical())
        }
        _ => return None,
    };
    let length = end + 2;
    Some(Progress::Done(Header { length, source }))
}

/// The source of two addresses and two ports.
fn pair<'a, A: std::str::FromStr>(mut words: impl Iterator<Item = &'a str>) -> Option<A> {
    let source = words.next()?.parse().ok()?;
    let _: A = words.next()?.parse().ok()?;
    let mut ports = [words.next()?, words.next()?].into_iter();
    let plain = |text: &str| {
        text.bytes().all(|b| b.is_ascii_digit())
            && text.parse::<u16>().is_ok()
            && (text == "0" || !text.starts_with('0'))
    };
    (ports.all(plain) && words.next().is_none()).then_some(source)
}

/// Version 2; `None` if broken.
fn binary(bytes: &[u8]) -> Option<Progress> {
    if !bytes
        .iter()
        .zip(&SIGNATURE)
        .all(|(got, expect)| got == expect)
    {
        return None;
    }
    let Some(head) = bytes.first_chunk::<16>() else {
        return Some(Progress::More(16));
    };
    let [.., command, family, high, low] = *head;
    let body = usize::from(u16::from_be_bytes([high, low]));
    let length = head.len() + body;
    if length > MAX_V2 {
        return None;
    }
    let Some(body) = bytes.get(head.len()..length) else {
        return Some(Progress::More(length));
    };
    let source = match (command, family) {
        (0x20, _) => Source::Local,
        (0x21, 0x11) => Source::Client(Ipv4Addr::from(*body.get(..12)?.first_chunk()?).into()),
        (0x21, 0x21) => {
            let address = Ipv6Addr::from(*body.get(..36)?.first_chunk()?);
            Source::Client(IpAddr::from(address).to_canonical())
        }
        (0x21, 0x00 | 0x31) => Source::Unknown,
        _ => return None,
    };
    Some(Progress::Done(Header { length, source }))
}

#[cfg(test)]
#[path = "proxy_tests.rs"]
mod tests;
