//! Sets against the plainest model there is: a truth value per address of a small space.

use proptest::prelude::*;

use super::*;

fn set(text: &str) -> IpSet {
    text.split_whitespace()
        .map(|text| Prefix::parse(text).unwrap())
        .collect()
}

fn shown(set: &IpSet) -> String {
    set.to_string().trim_end().replace('\n', " ")
}

#[test]
fn networks_merge_exactly() {
    for (listed, expect) in [
        ("", ""),
        ("198.51.100.0/25 198.51.100.128/25", "198.51.100.0/24"),
        (
            "198.51.100.128/25 198.51.100.0/25 198.51.100.7",
            "198.51.100.0/24",
        ),
        ("10.0.0.1 10.0.0.2", "10.0.0.1/32 10.0.0.2/32"),
        (
            "10.0.0.0/32 10.0.0.1/32 10.0.0.2/32",
            "10.0.0.0/31 10.0.0.2/32",
        ),
        ("0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0"),
        ("::/1 8000::/1", "::/0"),
        ("0.0.0.0/0 10.0.0.0/8", "0.0.0.0/0"),
        ("255.255.255.255 255.255.255.254", "255.255.255.254/31"),
        (
            "2001:db8:1::/48 2001:db8::/48 192.0.2.1",
            "192.0.2.1/32 2001:db8::/47",
        ),
        ("::ffff:192.0.2.0/120 192.0.2.0/25", "192.0.2.0/24"),
    ] {
        assert_eq!(shown(&set(listed)), expect, "{listed}");
    }
}

#[test]
fn sets_are_cut_exactly() {
    for (from, cut, expect) in [
        ("10.0.0.0/30", "10.0.0.1", "10.0.0.0/32 10.0.0.2/31"),
        ("10.0.0.0/30", "10.0.0.0/30", ""),
        ("10.0.0.0/30", "10.0.0.0/8", ""),
        (
            "10.0.0.0/30 10.0.1.0/30",
            "10.0.0.2/31 10.0.1.0/31",
            "10.0.0.0/31 10.0.1.2/31",
        ),
        (
            "0.0.0.0/0",
            "0.0.0.0 255.255.255.255/32 128.0.0.0/1",
            "0.0.0.1/32 0.0.0.2/31 0.0.0.4/30 0.0.0.8/29 0.0.0.16/28 0.0.0.32/27 0.0.0.64/26 0.0.0.128/25 0.0.1.0/24 0.0.2.0/23 0.0.4.0/22 0.0.8.0/21 0.0.16.0/20 0.0.32.0/19 0.0.64.0/18 0.0.128.0/17 0.1.0.0/16 0.2.0.0/15 0.4.0.0/14 0.8.0.0/13 0.16.0.0/12 0.32.0.0/11 0.64.0.0/10 0.128.0.0/9 1.0.0.0/8 2.0.0.0/7 4.0.0.0/6 8.0.0.0/5 16.0.0.0/4 32.0.0.0/3 64.0.0.0/2",
        ),
        ("2001:db8::/32 10.0.0.0/8", "::/0", "10.0.0.0/8"),
    ] {
        assert_eq!(
            shown(&set(from).difference(&set(cut))),
            expect,
            "{from} - {cut}"
        );
    }
}

/// The last 64 addresses of a family, so that the edge of the space is part of every walk.
fn small(offset: u8, v6: bool) -> IpAddr {
    if v6 {
        Ipv6Addr::from_bits(u128::MAX - 63 + u128::from(offset)).into()
    } else {
        Ipv4Addr::from_bits(u32::MAX - 63 + u32::from(offset)).into()
    }
}

fn listed() -> impl Strategy<Value = Vec<(u8, u8, bool)>> {
    prop::collection::vec((0u8..64, 0u8..7, any::<bool>()), 0..12)
}

fn build(listed: &[(u8, u8, bool)]) -> (IpSet, Vec<bool>) {
    let prefix = |(offset, free, v6): &(u8, u8, bool)| {
        let width = if *v6 { 128 } else { 32 };
        Prefix::containing(small(*offset, *v6), width - free)
    };
    let prefixes: Vec<_> = listed.iter().map(prefix).collect();
    let truth = |(offset, v6): (u8, bool)| {
        let one = Prefix::containing(small(offset, v6), 128);
        prefixes.iter().any(|prefix| prefix.covers(one))
    };
    let model = space().map(truth).collect();
    (prefixes.into_iter().collect(), model)
}

fn space() -> impl Iterator<Item = (u8, bool)> {
    (0..64).flat_map(|offset| [(offset, false), (offset, true)])
}

fn members(set: &IpSet) -> Vec<bool> {
    space()
        .map(|(offset, v6)| set.contains(small(offset, v6)))
        .collect()
}

proptest! {
    #[test]
    fn sets_behave_as_sets(a in listed(), b in listed()) {
        let ((a, in_a), (b, in_b)) = (build(&a), build(&b));
        let both = |rule: fn(bool, bool) -> bool| -> Vec<bool> {
            in_a.iter().zip(&in_b).map(|(a, b)| rule(*a, *b)).collect()
        };
        prop_assert_eq!(members(&a), in_a.clone());
        prop_assert_eq!(members(&a.union(&b)), both(|a, b| a || b));
        prop_assert_eq!(members(&a.difference(&b)), both(|a, b| a && !b));
        prop_assert_eq!(members(&a.intersection(&b)), both(|a, b| a && b));
        prop_assert_eq!(a.prefixes().collect::<IpSet>(), a.clone());
        prop_assert_eq!(a.difference(&b).union(&a.intersection(&b)), a);
    }
}
