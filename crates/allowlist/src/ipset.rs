//! A set of IP addresses of both families: exact, merged and sorted, so that equal sets are equal
//! values and print the same bytes.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use crate::{
    Prefix,
    ranges::{Bits, Ranges},
};

/// A set of IP addresses. Looking one up takes the logarithm of the number of ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IpSet {
    v4: Ranges<u32>,
    v6: Ranges<u128>,
}

impl FromIterator<Prefix> for IpSet {
    fn from_iter<I: IntoIterator<Item = Prefix>>(prefixes: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for prefix in prefixes {
            match prefix.address() {
                IpAddr::V4(first) => v4.push(range(first.to_bits(), prefix.length())),
                IpAddr::V6(first) => v6.push(range(first.to_bits(), prefix.length())),
            }
        }
        Self {
            v4: Ranges::new(v4),
            v6: Ranges::new(v6),
        }
    }
}

fn range<T: Bits>(first: T, length: u8) -> (T, T) {
    (first, first.filled(T::WIDTH.saturating_sub(length)))
}

impl IpSet {
    /// Whether nobody is in it.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    /// Whether the address is in it; an IPv4 address mapped into IPv6 counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(v4) => self.v4.covers(v4.to_bits(), v4.to_bits()),
            IpAddr::V6(v6) => self.v6.covers(v6.to_bits(), v6.to_bits()),
        }
    }

    /// Whether every address of the network is in it.
    pub fn covers(&self, prefix: Prefix) -> bool {
        match prefix.address() {
            IpAddr::V4(first) => {
                let (first, last) = range(first.to_bits(), prefix.length());
                self.v4.covers(first, last)
            }
            IpAddr::V6(first) => {
                let (first, last) = range(first.to_bits(), prefix.length());
                self.v6.covers(first, last)
            }
        }
    }

    /// In one or in the other.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.union(&other.v4),
            v6: self.v6.union(&other.v6),
        }
    }

    /// In this one and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.difference(&other.v4),
            v6: self.v6.difference(&other.v6),
        }
    }

    /// In both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self {
            v4: self.v4.intersection(&other.v4),
            v6: self.v6.intersection(&other.v6),
        }
    }

    /// The fewest networks that hold exactly this set: IPv4 first, ascending.
    pub fn prefixes(&self) -> impl Iterator<Item = Prefix> {
        let v4 = self
            .v4
            .networks()
            .map(|(first, length)| Prefix::containing(Ipv4Addr::from_bits(first).into(), length));
        let v6 = self
            .v6
            .networks()
            .map(|(first, length)| Prefix::containing(Ipv6Addr::from_bits(first).into(), length));
        v4.chain(v6)
    }
}

/// One network a line.
impl fmt::Display for IpSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.prefixes()
            .try_for_each(|prefix| writeln!(f, "{prefix}"))
    }
}

#[cfg(test)]
#[path = "ipset/tests.rs"]
mod tests;
