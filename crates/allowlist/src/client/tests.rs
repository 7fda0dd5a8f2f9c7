//! The cases of the abuse list, section H, that concern headers.

use super::*;
use crate::Prefix;

const TRUSTED: [&str; 3] = ["10.0.0.0/8", "192.168.7.1", "fd00::/8"];

fn client(peer: &str, header: Header, lines: &[&str]) -> String {
    let trusted = TRUSTED.iter().map(|text| Prefix::parse(text).unwrap());
    let trusted: IpSet = trusted.collect();
    let lines = lines.iter().map(|line| line.as_bytes());
    of_header(peer.parse().unwrap(), &trusted, header, lines)
        .map_or_else(|| "unknown".to_owned(), |address| address.to_string())
}

#[test]
fn entries_count_from_the_right_past_trusted_gateways() {
    for (peer, lines, expect) in [
        // H1: who is no gateway is judged by the connection.
        ("203.0.113.9", vec!["198.51.100.1"], "203.0.113.9"),
        ("203.0.113.9", vec!["garbage"], "203.0.113.9"),
        // H2: a gateway appends, and what stands left of its entry is the client's claim.
        ("10.0.0.1", vec!["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (
            "10.0.0.1",
            vec!["198.51.100.1, 203.0.113.9, 10.0.0.2"],
            "203.0.113.9",
        ),
        ("10.0.0.1", vec!["evil, 203.0.113.9"], "203.0.113.9"),
        // H6: several lines are one list.
        (
            "10.0.0.1",
            vec!["198.51.100.1", "203.0.113.9", "10.0.0.2"],
            "203.0.113.9",
        ),
        // The gateway's own requests.
        ("10.0.0.1", vec![], "10.0.0.1"),
        ("10.0.0.1", vec!["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        // H10.
        ("::ffff:10.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
        ("::ffff:203.0.113.9", vec!["198.51.100.1"], "203.0.113.9"),
    ] {
        let got = client(peer, Header::XForwardedFor, &lines);
        assert_eq!(got, expect, "{peer} {lines:?}");
    }
}

#[test]
fn an_entry_is_an_address_or_nobody_knows() {
    for (entry, expect) in [
        ("203.0.113.9", "203.0.113.9"),
        (" 203.0.113.9\t", "203.0.113.9"),
        ("203.0.113.9:5678", "203.0.113.9"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:1", "203.0.113.7"),
        // H3.
        ("", "unknown"),
        (", ,", "unknown"),
        ("203.0.113.9,", "unknown"),
        ("unknown", "unknown"),
        ("_x", "unknown"),
        ("203.0.113.9, evil", "unknown"),
        ("203.0.113.9:99999", "unknown"),
        ("203.0.113.9:", "unknown"),
        ("203.0.113.9:+5", "unknown"),
        ("[::1", "unknown"),
        ("[2001:db8::1]443", "unknown"),
        ("[203.0.113.9]", "unknown"),
        ("0x7f.1", "unknown"),
        ("127.1", "unknown"),
        ("2130706433", "unknown"),
        ("010.0.0.1", "unknown"),
        ("fe80::1%eth0", "unknown"),
        ("\"203.0.113.9\"", "unknown"),
        ("２03.0.113.9", "unknown"),
    ] {
        let got = client("10.0.0.1", Header::XForwardedFor, &[entry]);
        assert_eq!(got, expect, "{entry:?}");
    }
}

#[test]
fn forwarded_follows_its_grammar() {
    for (lines, expect) in [
        (vec!["for=203.0.113.9"], "203.0.113.9"),
        (
            vec!["For=203.0.113.9;proto=https;by=10.0.0.1"],
            "203.0.113.9",
        ),
        (
            vec!["proto=https ; for=\"203.0.113.9:4711\""],
            "203.0.113.9",
        ),
        (
            vec!["for=198.51.100.1, for=\"[2001:db8:cafe::17]:4711\""],
            "2001:db8:cafe::17",
        ),
        (vec!["for=203.0.113.9, for=10.0.0.2"], "203.0.113.9"),
        (vec!["for=198.51.100.1", "for=203.0.113.9"], "203.0.113.9"),
        (vec!["for=evil, for=203.0.113.9"], "203.0.113.9"),
        (vec!["for=\"203.0.113\\.9\""], "203.0.113.9"),
        // H4: a comma in quotes ends nothing.
        (vec!["for=\"198.51.100.1, for=203.0.113.9\""], "unknown"),
        (vec!["for=203.0.113.9, for=\"198.51.100.1"], "unknown"),
        (vec!["for=203.0.113.9, for=unknown"], "unknown"),
        (vec!["for=203.0.113.9, for=_hidden"], "unknown"),
        (vec!["for=203.0.113.9, proto=https"], "unknown"),
        (vec!["for=203.0.113.9, "], "unknown"),
        (vec!["for=198.51.100.1;for=203.0.113.9"], "unknown"),
        (vec!["for=[2001:db8::1]"], "unknown"),
        (vec!["for = 203.0.113.9"], "unknown"),
        (vec!["for"], "unknown"),
        (vec![""], "unknown"),
        (vec![], "10.0.0.1"),
    ] {
        let got = client("10.0.0.1", Header::Forwarded, &lines);
        assert_eq!(got, expect, "{lines:?}");
    }
}

/// H7.
#[test]
fn ten_thousand_entries_are_nobodys() {
    for header in [Header::XForwardedFor, Header::Forwarded] {
        let line = "10.0.0.2,".repeat(10_000);
        assert_eq!(
            client("10.0.0.1", header, &[&line]),
            "unknown",
            "{header:?}"
        );
    }
}
