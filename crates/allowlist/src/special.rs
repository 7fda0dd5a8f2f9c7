//! Networks that no provider on the public Internet calls from (RFC 6890 and its registries).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Prefix;

/// Base, length, what it is.
const V4: &[([u8; 4], u8, &str)] = &[
    ([0, 0, 0, 0], 8, "this network (RFC 791)"),
    ([10, 0, 0, 0], 8, "private (RFC 1918)"),
    ([100, 64, 0, 0], 10, "shared by carriers (RFC 6598)"),
    ([127, 0, 0, 0], 8, "loopback (RFC 1122)"),
    ([169, 254, 0, 0], 16, "link-local (RFC 3927)"),
    ([172, 16, 0, 0], 12, "private (RFC 1918)"),
    ([192, 0, 0, 0], 24, "protocol assignments (RFC 6890)"),
    ([192, 0, 2, 0], 24, "documentation (RFC 5737)"),
    ([192, 168, 0, 0], 16, "private (RFC 1918)"),
    ([198, 18, 0, 0], 15, "benchmarking (RFC 2544)"),
    ([198, 51, 100, 0], 24, "documentation (RFC 5737)"),
    ([203, 0, 113, 0], 24, "documentation (RFC 5737)"),
    ([224, 0, 0, 0], 4, "multicast (RFC 5771)"),
    ([240, 0, 0, 0], 4, "reserved (RFC 1112)"),
];

/// First two groups, length, what it is.
const V6: &[([u16; 2], u8, &str)] = &[
    ([0, 0], 8, "loopback, unspecified or mapped (RFC 4291)"),
    ([0x0100, 0], 64, "discard-only (RFC 6666)"),
    ([0x2001, 0x0db8], 32, "documentation (RFC 3849)"),
    ([0x3fff, 0], 20, "documentation (RFC 9637)"),
    ([0xfc00, 0], 7, "private (RFC 4193)"),
    ([0xfe80, 0], 10, "link-local (RFC 4291)"),
    ([0xff00, 0], 8, "multicast (RFC 4291)"),
];

/// What is special about an address that no server on the public Internet has; `None` for others.
///
/// An IPv6 address that is translated to IPv4 on the way (RFC 6052, RFC 3056) is judged by the IPv4
/// address in it, for that one is reached in the end.
pub fn special_purpose(address: IpAddr) -> Option<&'static str> {
    name(Prefix::containing(carried(address), 128))
}

fn carried(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else {
        return address.to_canonical();
    };
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match v6.segments() {
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => v4(high, low).into(),
        _ => v6.into(),
    }
}

/// What is special about addresses of the network, if anything is.
pub(crate) fn name(prefix: Prefix) -> Option<&'static str> {
    let meets = |special: Prefix| special.covers(prefix) || prefix.covers(special);
    let mut found = networks().filter(|(special, _)| meets(*special));
    found.next().map(|(_, name)| name)
}

fn networks() -> impl Iterator<Item = (Prefix, &'static str)> {
    let v4 = V4.iter().map(|(octets, length, name)| {
        (
            Prefix::containing(IpAddr::V4(Ipv4Addr::from(*octets)), *length),
            *name,
        )
    });
    let v6 = V6.iter().map(|([a, b], length, name)| {
        let address = Ipv6Addr::new(*a, *b, 0, 0, 0, 0, 0, 0);
        (Prefix::containing(IpAddr::V6(address), *length), *name)
    });
    v4.chain(v6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_that_touch_a_special_one_are_named() {
        for (text, expect) in [
            ("10.1.0.0/16", Some("private (RFC 1918)")),
            ("8.0.0.0/6", Some("private (RFC 1918)")),
            ("11.0.0.0/8", None),
            ("100.64.0.1", Some("shared by carriers (RFC 6598)")),
            ("100.128.0.0/10", None),
            ("203.0.113.7", Some("documentation (RFC 5737)")),
            ("::1", Some("loopback, unspecified or mapped (RFC 4291)")),
            ("fd00::/8", Some("private (RFC 4193)")),
            ("2603:1006:2000::/48", None),
            ("2001:db8:1::/48", Some("documentation (RFC 3849)")),
        ] {
            assert_eq!(name(Prefix::parse(text).unwrap()), expect, "{text}");
        }
    }
    #[test]
    fn translated_addresses_are_judged_by_what_they_carry() {
        for (text, expect) in [
            ("127.0.0.1", true),
            ("::1", true),
            ("::", true),
            ("::ffff:10.0.0.1", true),
            ("::ffff:8.8.8.8", false),
            ("169.254.169.254", true),
            ("64:ff9b::a9fe:a9fe", true),
            ("64:ff9b::808:808", false),
            ("64:ff9b:1::808:808", true),
            ("2002:7f00:1::1", true),
            ("2002:808:808::1", false),
            ("fe80::1", true),
            ("fd00:ec2::254", true),
            ("2603:1006:2000::1", false),
            ("8.8.8.8", false),
        ] {
            let address = text.parse().unwrap();
            assert_eq!(special_purpose(address).is_some(), expect, "{text}");
        }
    }
}
