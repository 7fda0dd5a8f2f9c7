//! Section H of the abuse list, client addresses and allowlists: where each of its 14 cases is
//! tested. The rules have their tables beside the code; here and in the tests of the server they
//! go over real sockets.

use anyhow::{Context, Result};

/// Number, what it is about, and its tests: file and name.
type Case = (u8, &'static str, &'static [(&'static str, &'static str)]);

const SERVER: &str = "crates/provost/tests/it/client_address.rs";
const RULES: &str = "crates/allowlist/src/client/tests.rs";
const GATEWAYS: &str = "crates/cli/tests/gateway/walls.rs";

const HEADERS: (&str, &str) = (
    SERVER,
    "only_the_configured_header_of_a_trusted_gateway_counts",
);
const FORGED: (&str, &str) = (GATEWAYS, "forged_headers_never_change_whom_provost_sees");

const CASES: &[Case] = &[
    (
        1,
        "a forged X-Forwarded-For of a peer that is no gateway",
        &[
            (SERVER, "an_untrusted_peer_is_judged_by_its_connection"),
            FORGED,
        ],
    ),
    (
        2,
        "a forged X-Forwarded-For through a gateway that appends",
        &[HEADERS, FORGED],
    ),
    (3, "entries that cannot be read", &[HEADERS]),
    (4, "a comma in quotes in Forwarded", &[HEADERS]),
    (5, "both headers", &[HEADERS, FORGED]),
    (6, "several lines of one header", &[HEADERS, FORGED]),
    (
        7,
        "10,000 entries",
        &[(RULES, "ten_thousand_entries_are_nobodys")],
    ),
    (8, "X-Real-IP and its like", &[HEADERS, FORGED]),
    (
        9,
        "the PROXY protocol",
        &[
            (
                SERVER,
                "the_proxy_protocol_is_required_of_trusted_peers_and_of_nobody_else",
            ),
            (
                SERVER,
                "a_proxy_header_may_come_in_pieces_and_never_is_waited_for_in_vain",
            ),
        ],
    ),
    (
        10,
        "IPv4 addresses in IPv6",
        &[
            (RULES, "entries_count_from_the_right_past_trusted_gateways"),
            HEADERS,
        ],
    ),
    (
        11,
        "an allowlist that is there and empty",
        &[
            (
                "crates/allowlist/src/gateway/tests.rs",
                "what_cannot_work_is_refused_with_the_next_step",
            ),
            (
                "crates/cli/tests/allowlist/refusals.rs",
                "a_doubtful_file_changes_nothing",
            ),
        ],
    ),
    (
        12,
        "health is open and reveals nothing",
        &[
            (
                SERVER,
                "health_is_answered_to_everybody_and_reveals_nothing",
            ),
            (
                GATEWAYS,
                "unlisted_addresses_are_turned_away_at_the_gateway_and_health_is_not",
            ),
        ],
    ),
    (
        13,
        "a broken document of ranges leaves the old ones in force",
        &[
            (
                "crates/cli/tests/allowlist/refusals.rs",
                "a_doubtful_file_changes_nothing",
            ),
            (
                "crates/cli/tests/allowlist/refusals.rs",
                "a_doubtful_server_changes_nothing",
            ),
        ],
    ),
    (
        14,
        "everybody as a trusted gateway",
        &[(
            "crates/provost/src/config/tests.rs",
            "every_error_is_one_sentence_that_says_what_to_do",
        )],
    ),
];

#[test]
fn every_case_of_section_h_has_its_tests() -> Result<()> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (expected, (number, about, tests)) in (1..).zip(CASES) {
        assert_eq!(*number, expected, "{about}");
        for (file, name) in *tests {
            let text = std::fs::read_to_string(root.join(file)).context(*file)?;
            let is_test = text.contains(&format!("#[test]\nfn {name}("));
            assert!(is_test, "H{number}, {about}: {file} has no test {name}");
        }
    }
    assert_eq!(CASES.len(), 14);
    Ok(())
}
