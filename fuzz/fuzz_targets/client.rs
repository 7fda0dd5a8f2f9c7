//! What gateways say of clients: headers never admit an address that they do not hold, and the
//! PROXY protocol takes no more bytes than there are.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use provost_allowlist::{
    IpSet, Prefix,
    client::{
        self, Header,
        proxy::{self, Progress, Version},
    },
};

fuzz_target!(|bytes: &[u8]| {
    let trusted: IpSet = Prefix::parse("10.0.0.0/8").into_iter().collect();
    let gateway = IpAddr::from([10, 0, 0, 1]);
    let stranger = IpAddr::from([203, 0, 113, 9]);
    for header in [Header::XForwardedFor, Header::Forwarded] {
        let lines = || bytes.split(|byte| *byte == b'\n');
        let found = client::of_header(gateway, &trusted, header, lines());
        assert!(found.is_none_or(|client| client == client.to_canonical()));
        // Who is no gateway is not listened to.
        let judged = client::of_header(stranger, &trusted, header, lines());
        assert_eq!(judged, Some(stranger));
        // What the gateway appends is what counts.
        let appended: &[u8] = match header {
            Header::XForwardedFor => b"203.0.113.9",
            Header::Forwarded => b"for=203.0.113.9",
        };
        let last = client::of_header(gateway, &trusted, header, lines().chain([appended]));
        assert!(last.is_none_or(|client| client == stranger));
    }
    for version in [Version::V1, Version::V2] {
        match proxy::read(version, bytes) {
            Progress::More(length) => assert!(length > bytes.len() && length <= 536),
            Progress::Done(header) => assert!(header.length <= bytes.len()),
            Progress::Broken => {}
        }
    }
});
