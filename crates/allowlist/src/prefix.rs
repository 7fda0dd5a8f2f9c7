//! One network in CIDR notation (RFC 4632, RFC 4291 section 2.3), read strictly: the text goes on
//! into firewalls, so that nothing but a network may pass.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// Longest text that is looked at; the longest IPv6 network has 49 bytes.
const MAX_LENGTH: usize = 64;

/// Why a text is no network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrefixError {
    /// Bytes that no network has.
    #[error("{0:?} has characters that no network has; write it like 198.51.100.0/24")]
    Characters(String),
    /// No address before the slash.
    #[error("{0:?} is no IP address or network; write it like 198.51.100.0/24")]
    Address(String),
    /// No length after the slash that fits the address.
    #[error("{0:?} has no usable length after the slash: 0 to 32 for IPv4, 0 to 128 for IPv6")]
    Length(String),
    /// Bits beyond the length.
    #[error("{text:?} has bits beyond its length; the network is {network}")]
    HostBits {
        /// As written.
        text: String,
        /// The network that contains it.
        network: Prefix,
    },
}

/// A network: an address whose bits beyond the length are zero.
///
/// IPv4 addresses mapped into IPv6 become IPv4, as everywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

impl Prefix {
    /// Reads a network, or an address as the network of one.
    ///
    /// # Errors
    /// Anything else, spaces and leading zeros included; host bits are an error too, because it is
    /// unclear what was meant.
    pub fn parse(text: &str) -> Result<Self, PrefixError> {
        let allowed = |b: u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.' | b'/');
        if text.len() > MAX_LENGTH || !text.bytes().all(allowed) {
            let start = text.chars().take(MAX_LENGTH).collect();
            return Err(PrefixError::Characters(start));
        }
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address
            .parse()
            .map_err(|_| PrefixError::Address(text.to_owned()))?;
        let length = match length {
            Some(digits) => bits(digits).filter(|length| *length <= width(address)),
            None => Some(width(address)),
        };
        let length = length.ok_or_else(|| PrefixError::Length(text.to_owned()))?;
        let network = Self::containing(address, length);
        if network.address == address || network.address == address.to_canonical() {
            return Ok(network);
        }
        Err(PrefixError::HostBits {
            text: text.to_owned(),
            network,
        })
    }

    /// The network of that length around an address; a length beyond the address's width is the
    /// address alone.
    pub fn containing(address: IpAddr, length: u8) -> Self {
        let length = length.min(width(address));
        match address {
            IpAddr::V4(v4) => Self {
                address: Ipv4Addr::from_bits(v4.to_bits() & mask_v4(length)).into(),
                length,
            },
            IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
                Some(v4) if length >= 96 => Self::containing(v4.into(), length - 96),
                _ => Self {
                    address: Ipv6Addr::from_bits(v6.to_bits() & mask_v6(length)).into(),
                    length,
                },
            },
        }
    }

    /// The first address.
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// How many leading bits are fixed.
    pub fn length(self) -> u8 {
        self.length
    }

    /// Whether every address of `other` is in this network.
    pub fn covers(self, other: Self) -> bool {
        self.length <= other.length && Self::containing(other.address, self.length) == self
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(digits: &str) -> Option<u8> {
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let padded = digits.len() > 1 && digits.starts_with('0');
    (plain && !padded).then(|| digits.parse().ok()).flatten()
}

fn mask_v4(length: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0)
}

fn mask_v6(length: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(length)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn networks_are_read_strictly() {
        for (text, expect) in [
            ("198.51.100.0/24", "198.51.100.0/24"),
            ("198.51.100.7", "198.51.100.7/32"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
            ("2001:DB8::/32", "2001:db8::/32"),
            ("2001:db8:0:0::1", "2001:db8::1/128"),
            ("::ffff:198.51.100.0/120", "198.51.100.0/24"),
            ("::ffff:198.51.100.7", "198.51.100.7/32"),
            ("198.51.100.1/24", "host bits, 198.51.100.0/24"),
            ("2001:db8::1/64", "host bits, 2001:db8::/64"),
            ("::ffff:198.51.100.1/120", "host bits, 198.51.100.0/24"),
            ("198.51.100.0/33", "length"),
            ("2001:db8::/129", "length"),
            ("198.51.100.0/", "length"),
            ("198.51.100.0/024", "length"),
            ("198.51.100.0/8/8", "length"),
            ("198.51.100", "address"),
            ("198.051.100.0/24", "address"),
            ("", "address"),
            ("dead", "address"),
            (" 198.51.100.0/24", "characters"),
            ("198.51.100.0/24;reboot", "characters"),
            ("198.51.100.0/24\n", "characters"),
            ("198.51.100.0/-1", "characters"),
            ("fe80::1%eth0", "characters"),
            ("１98.51.100.0", "characters"),
        ] {
            let got = match Prefix::parse(text) {
                Ok(prefix) => prefix.to_string(),
                Err(PrefixError::HostBits { network, .. }) => format!("host bits, {network}"),
                Err(PrefixError::Length(_)) => "length".to_owned(),
                Err(PrefixError::Address(_)) => "address".to_owned(),
                Err(PrefixError::Characters(_)) => "characters".to_owned(),
            };
            assert_eq!(got, expect, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(address: IpAddr, length: u8) {
            let prefix = Prefix::containing(address, length);
            prop_assert_eq!(Prefix::parse(&prefix.to_string()), Ok(prefix));
            let alone = Prefix::containing(address, 128);
            if alone.address().is_ipv4() == prefix.address().is_ipv4() {
                prop_assert!(prefix.covers(alone));
            }
        }
    }
}
