//! Documents of ranges in every format, and pages that offer them: what is read is a set that
//! prints and reads back as itself, and an update that is accepted never admits everybody.
#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_allowlist::{
    IpSet, Prefix, feed,
    update::{self, Overrides},
};

const PARTS: [&str; 6] = ["AzureActiveDirectory", "us_cell_1", "EC2", "hooks", "OCI", "a"];

fuzz_target!(|bytes: &[u8]| {
    let parts = PARTS.map(str::to_owned);
    for feed in feed::FEEDS {
        if let Ok(Some(document)) = feed.offered(bytes, "mirror.example:8443") {
            offered(&document);
        }
        let one = parts.iter().map(std::slice::from_ref);
        for chosen in one.chain([&[][..]]) {
            if let Ok(document) = feed.read(bytes, chosen) {
                accept(feed, document);
            }
        }
    }
});

/// Whatever a page says, a document lies at the host of the page or at Microsoft.
fn offered(document: &str) {
    let rest = document.strip_prefix("https://").expect("HTTPS only");
    let (host, path) = rest.split_once('/').expect("a host and a path");
    assert!(["mirror.example:8443", "download.microsoft.com"].contains(&host), "{document}");
    assert!(path.ends_with(".json") && document.len() < 2_000 && document.is_ascii());
}

fn accept(feed: &feed::Feed, document: feed::Document) {
    assert!(!document.prefixes.is_empty());
    let set: IpSet = document.prefixes.iter().copied().collect();
    let lines = set.to_string();
    let back = lines.lines().map(|line| Prefix::parse(line).expect("what was printed"));
    assert_eq!(back.collect::<IpSet>(), set);
    assert!(document.prefixes.iter().all(|prefix| set.covers(*prefix)));
    if let Ok(update) = update::check(feed, document, None, Overrides::default()) {
        assert!(update.accepted.set.prefixes().all(|prefix| prefix.length() >= 1));
        assert_eq!(update.added, update.accepted.set);
    }
}
