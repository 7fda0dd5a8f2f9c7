//! Which addresses an application may call from.

use std::net::IpAddr;

/// Whether `address` is inside one of `networks`: single addresses or CIDR. An IPv4 address
/// mapped into IPv6 counts as the IPv4 address. What is not a network contains nothing.
pub(super) fn is_inside(address: IpAddr, networks: &[String]) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| contains(network, address))
}

fn contains(network: &str, address: IpAddr) -> bool {
    let (base, length) = match network.split_once('/') {
        Some((base, length)) => (base, Some(length)),
        None => (network, None),
    };
    let Ok(base) = base.trim().parse::<IpAddr>() else {
        return false;
    };
    let (base_bits, width) = bits(base);
    let (address_bits, address_width) = bits(address);
    let length = match length {
        None => Some(width),
        Some(text) => text.trim().parse().ok().filter(|length| *length <= width),
    };
    width == address_width && length.is_some_and(|n| same(base_bits, address_bits, width - n))
}

/// The address as a number, and how many bits it has.
fn bits(address: IpAddr) -> (u128, u32) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
        IpAddr::V6(v6) => (v6.to_bits(), 128),
    }
}

fn same(a: u128, b: u128, ignored_low_bits: u32) -> bool {
    (a ^ b).checked_shr(ignored_low_bits).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_contain_their_addresses_only() {
        for (network, address, expect) in [
            ("192.0.2.10", "192.0.2.10", true),
            ("192.0.2.10", "192.0.2.11", false),
            ("192.0.2.10", "::ffff:192.0.2.10", true),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.1.2.3/8", "10.9.9.9", true),
            ("0.0.0.0/0", "203.0.113.7", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("::/0", "2001:db8::1", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("::1", "::1", true),
            ("10.0.0.0/33", "10.0.0.0", false),
            ("10.0.0.0/-1", "10.0.0.0", false),
            ("10.0.0.0/", "10.0.0.0", false),
            ("", "10.0.0.0", false),
            ("jira.example.com", "10.0.0.0", false),
        ] {
            let networks = [network.to_owned()];
            let got = is_inside(address.parse().unwrap(), &networks);
            assert_eq!(got, expect, "{address} in {network:?}");
        }
    }
}
