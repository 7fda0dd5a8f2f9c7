//! What servers receive from clients with different encoders.

use std::fmt::Write as _;

use super::decode;

type Pairs<'a> = &'a [(&'a str, &'a str)];

fn check(cases: &[(&str, Option<Pairs<'_>>)]) {
    for (raw, expect) in cases {
        let got = decode(raw);
        let got: Option<Vec<(&str, &str)>> = got.as_ref().map(|pairs| {
            pairs
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect()
        });
        assert_eq!(got.as_deref(), *expect, "{raw}");
    }
}

#[test]
fn the_separators_of_the_filter_decide_what_plus_means() {
    check(&[
        (
            "filter=userName+eq+%22a%2Bb%40x%22",
            Some(&[("filter", "userName eq \"a+b@x\"")]),
        ),
        (
            "filter=displayName+eq+%22Jira+Admins%22",
            Some(&[("filter", "displayName eq \"Jira Admins\"")]),
        ),
        (
            "filter=userName%20eq%20%22a+b@x%22",
            Some(&[("filter", "userName eq \"a+b@x\"")]),
        ),
        (
            "filter=userName eq \"a+b@x\"",
            Some(&[("filter", "userName eq \"a+b@x\"")]),
        ),
        (
            "filter=displayName+eq+%22R%5C%22D%20%5C%5C%20team%22",
            Some(&[("filter", "displayName eq \"R\\\"D \\\\ team\"")]),
        ),
        (
            "filter=emails%5Bvalue+eq+%22a%20b%22%5D",
            Some(&[("filter", "emails[value eq \"a b\"]")]),
        ),
        (
            "attributes=a,+b&filter=userName%20pr",
            Some(&[("attributes", "a,+b"), ("filter", "userName pr")]),
        ),
        (
            "attributes=a,+b&filter=userName+pr",
            Some(&[("attributes", "a, b"), ("filter", "userName pr")]),
        ),
        (
            "FILTER=userName%20eq%20%22a+b%22",
            Some(&[("filter", "userName eq \"a+b\"")]),
        ),
        (
            "f%69lter=userName%20eq%20%22a+b%22",
            Some(&[("filter", "userName eq \"a+b\"")]),
        ),
        (
            "filter=(%22x+\\%22+y%22%20z)+b",
            Some(&[("filter", "(\"x+\\\"+y\" z)+b")]),
        ),
        (
            "filter=%22x%5C%22+y%22+z",
            Some(&[("filter", "\"x\\\" y\" z")]),
        ),
        ("filter=a%2Bb+pr", Some(&[("filter", "a+b pr")])),
        ("filter=a+b", Some(&[("filter", "a b")])),
        ("q=a+b", Some(&[("q", "a b")])),
    ]);
}

#[test]
fn percent_escapes_are_decoded_exactly_once() {
    check(&[
        ("a=%41", Some(&[("a", "A")])),
        ("a=%2520", Some(&[("a", "%20")])),
        ("filter=a%2520eq", Some(&[("filter", "a%20eq")])),
        ("a=%C3%A9", Some(&[("a", "é")])),
        ("a=é", Some(&[("a", "é")])),
        ("a=%c3%a9%2b", Some(&[("a", "é+")])),
        ("a=%00", Some(&[("a", "\0")])),
        ("a=%", None),
        ("a=%4", None),
        ("a=%4g", None),
        ("a=%zz", None),
        ("a=%+1", None),
        ("%=a", None),
        ("a=%ff", None),
        ("a=%C3", None),
        ("a=%C0%80", None),
        ("a=%ED%A0%80", None),
        ("b=1&a=%", None),
        ("filter=%", None),
        ("filter=a+b%2", None),
    ]);
}

#[test]
fn names_and_parts_are_read_leniently() {
    check(&[
        ("", Some(&[])),
        ("&", Some(&[])),
        ("&&a=1&&b=2&", Some(&[("a", "1"), ("b", "2")])),
        ("aadOptscim062020", Some(&[("aadoptscim062020", "")])),
        (
            "startIndex=1&COUNT=2",
            Some(&[("startindex", "1"), ("count", "2")]),
        ),
        ("a=b=c", Some(&[("a", "b=c")])),
        ("a=%26%3D", Some(&[("a", "&=")])),
        ("=x", Some(&[("", "x")])),
        ("filter", Some(&[("filter", "")])),
        (
            "filter=userName+eq+%22x%22&",
            Some(&[("filter", "userName eq \"x\"")]),
        ),
        (
            "filter=a+pr&filter=b%20pr",
            Some(&[("filter", "a pr"), ("filter", "b pr")]),
        ),
    ]);
}

proptest::proptest! {
    #[test]
    fn any_text_survives_both_encodings(value in "\\PC{0,20}") {
        let filter = format!("a eq \"{}\"", value.replace(['"', '\\'], ""));
        let mut uri = String::new();
        for byte in filter.bytes() {
            write!(uri, "%{byte:02x}").unwrap();
        }
        let form = uri.replace("%20", "+");
        for raw in [uri, form] {
            let pairs = decode(&format!("filter={raw}")).unwrap();
            proptest::prop_assert_eq!(&pairs[0].1, &filter);
        }
    }

    #[test]
    fn no_input_panics(raw in "[%+&=\\\\\"a-f0-9 é]{0,40}") {
        let _ = decode(&raw);
    }
}
