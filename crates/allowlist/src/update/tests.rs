//! Each safety rule with a document that breaks it and one that does not.

use super::*;
use crate::feed;

fn accepted(text: &str, version: u64) -> Accepted {
    Accepted {
        set: text
            .split_whitespace()
            .map(|text| Prefix::parse(text).unwrap())
            .collect(),
        version: Some(Version::Number(version)),
        digest: String::new(),
    }
}

fn document(text: &str, version: u64) -> Document {
    Document {
        version: Some(Version::Number(version)),
        prefixes: text
            .split_whitespace()
            .map(|text| Prefix::parse(text).unwrap())
            .collect(),
        digest: "digest".to_owned(),
    }
}

const STRICT: Overrides = Overrides {
    allow_wide: false,
    allow_shrink: false,
    allow_older: false,
};
const LAX: Overrides = Overrides {
    allow_wide: true,
    allow_shrink: true,
    allow_older: true,
};

const DOUBTS: &[(&str, &str, u64, Overrides, &str)] = &[
    ("okta", "4.0.0.0/23 5.0.0.0/24", 7, STRICT, ""),
    ("okta", "4.0.0.0/24", 8, STRICT, "3 of 4 networks would go"),
    (
        "okta",
        "4.0.0.0/25 5.0.0.0/25 6.0.0.0/25",
        8,
        STRICT,
        "4 of 4 networks",
    ),
    ("okta", "4.0.0.0/24", 8, LAX, ""),
    (
        "okta",
        "4.0.0.0/6 2603::/32",
        6,
        STRICT,
        "4.0.0.0/6 is very wide",
    ),
    (
        "okta",
        "4.0.0.0/6 2603::/32",
        8,
        STRICT,
        "4.0.0.0/6 is very wide",
    ),
    ("okta", "4.0.0.0/6 2603::/32", 8, LAX, ""),
    (
        "okta",
        "4.0.0.0/8 5.0.0.0/24 6.0.0.0/24 2600::/15",
        8,
        STRICT,
        "2600::/15 is very wide",
    ),
    (
        "okta",
        "4.0.0.0/8 5.0.0.0/24 6.0.0.0/24 2600::/16",
        8,
        STRICT,
        "",
    ),
    ("okta", "0.0.0.0/0", 8, LAX, "0.0.0.0/0 is everybody"),
    (
        "text",
        "0.0.0.0/1 128.0.0.0/1",
        8,
        LAX,
        "0.0.0.0/0 is everybody",
    ),
    ("text", "4.0.0.0/24 ::/0", 8, LAX, "::/0 is everybody"),
    (
        "okta",
        "4.0.0.0/23 5.0.0.0/24 192.168.7.0/24",
        8,
        LAX,
        "private",
    ),
    (
        "okta",
        "4.0.0.0/23 5.0.0.0/24 2001:db8::/48",
        8,
        LAX,
        "documentation",
    ),
    (
        "text",
        "4.0.0.0/23 5.0.0.0/24 192.168.7.0/24",
        8,
        STRICT,
        "",
    ),
    (
        "okta",
        "4.0.0.0/23 5.0.0.0/24",
        6,
        STRICT,
        "edition 6, and edition 7 is in force",
    ),
    ("okta", "4.0.0.0/23 5.0.0.0/24", 6, LAX, ""),
];

#[test]
fn doubtful_updates_are_refused() {
    let present = accepted("4.0.0.0/24 5.0.0.0/24 6.0.0.0/24 2603::/32", 7);
    for (feed, text, version, overrides, expect) in DOUBTS {
        let feed = feed::find(feed).unwrap();
        let got = check(feed, document(text, *version), Some(&present), *overrides);
        match got {
            Ok(_) => assert_eq!("", *expect, "{text}"),
            Err(refusal) => {
                let said = refusal.to_string();
                assert!(
                    !expect.is_empty() && said.contains(expect),
                    "{text}: {said}"
                );
            }
        }
    }
}

#[test]
fn an_update_says_whom_it_adds_and_removes() {
    let feed = feed::find("okta").unwrap();
    let present = accepted("4.0.0.0/24 5.0.0.0/24", 1);
    let update = check(
        feed,
        document("4.0.0.0/23 5.0.0.0/25", 2),
        Some(&present),
        LAX,
    )
    .unwrap();
    assert_eq!(update.added.to_string(), "4.0.1.0/24\n");
    assert_eq!(update.removed.to_string(), "5.0.0.128/25\n");
    let first = check(feed, document("4.0.0.0/24", 1), None, STRICT).unwrap();
    assert_eq!(first.added, first.accepted.set);
    assert!(first.removed.is_empty());
}
