//! Allowlists and the address of the client, behind gateways and without: section H of the abuse
//! list, over real sockets. The gateway of these tests is the loopback address.

use std::time::Duration;

use provost::Deadlines;

use crate::support::{
    TestServer, block_on,
    http::{self, Answer, Connection},
};

const ALLOWED: &str = "203.0.113.0/24,2001:db8::/32";

/// A server with a tenant that admits [`ALLOWED`] only, and the tenant's token.
fn behind(settings: &[(&'static str, &str)]) -> (TestServer, String) {
    let server = TestServer::start_custom(settings, Deadlines::at_most(Duration::from_secs(2)));
    let token = server.tenant("acme");
    allow(&server, ALLOWED);
    (server, token)
}

fn allow(server: &TestServer, addresses: &str) {
    let change = [("allowed_addresses".to_owned(), addresses.to_owned())];
    block_on(server.directory().set_tenant("acme", &change)).expect("the setting is valid");
}

fn ask(server: &TestServer, token: &str, headers: &[(&str, &str)]) -> Answer {
    let authorization = format!("Bearer {token}");
    let mut all = vec![("Authorization", authorization.as_str())];
    all.extend_from_slice(headers);
    http::send(server.scim_addr(), "GET", "/scim/acme/v2/Users", &all, b"")
}

/// The setting, the headers of a request, and the status of its answer.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);

const HEADERS: &[Case<'_>] = &[
    (
        "x-forwarded-for",
        &[("X-Forwarded-For", "203.0.113.9")],
        200,
    ),
    (
        "x-forwarded-for",
        &[("x-forwarded-for", "2001:db8::7")],
        200,
    ),
    (
        "x-forwarded-for",
        &[("X-Forwarded-For", "198.51.100.1")],
        401,
    ),
    ("x-forwarded-for", &[], 401),
    // H2: what the client has written itself stands further left.
    (
        "x-forwarded-for",
        &[("X-Forwarded-For", "203.0.113.9, 198.51.100.1")],
        401,
    ),
    (
        "x-forwarded-for",
        &[("X-Forwarded-For", "198.51.100.1, 203.0.113.9")],
        200,
    ),
    // H3: what cannot be read admits nobody.
    (
        "x-forwarded-for",
        &[("X-Forwarded-For", "203.0.113.9, unknown")],
        401,
    ),
    (
        "x-forwarded-for",
        &[("X-Forwarded-For", "203.0.113.9:99999")],
        401,
    ),
    (
        "x-forwarded-for",
        &[("X-Forwarded-For", "::ffff:203.0.113.7")],
        200,
    ),
    // H5: both headers, only one is read.
    (
        "x-forwarded-for",
        &[
            ("X-Forwarded-For", "198.51.100.1"),
            ("Forwarded", "for=203.0.113.9"),
        ],
        401,
    ),
    (
        "forwarded",
        &[
            ("X-Forwarded-For", "198.51.100.1"),
            ("Forwarded", "for=203.0.113.9"),
        ],
        200,
    ),
    // H4.
    (
        "forwarded",
        &[("Forwarded", "for=\"198.51.100.1, for=203.0.113.9\"")],
        401,
    ),
    // H6: lines are joined in their order.
    (
        "x-forwarded-for",
        &[
            ("X-Forwarded-For", "203.0.113.9"),
            ("X-Forwarded-For", "198.51.100.1"),
        ],
        401,
    ),
    (
        "x-forwarded-for",
        &[
            ("X-Forwarded-For", "198.51.100.1"),
            ("X-Forwarded-For", "203.0.113.9"),
        ],
        200,
    ),
    // H8.
    (
        "x-forwarded-for",
        &[
            ("X-Real-IP", "203.0.113.9"),
            ("True-Client-IP", "203.0.113.9"),
            ("CF-Connecting-IP", "203.0.113.9"),
            ("X-Client-IP", "203.0.113.9"),
            ("X_Forwarded_For", "203.0.113.9"),
        ],
        401,
    ),
    (
        "none",
        &[
            ("X-Forwarded-For", "203.0.113.9"),
            ("Forwarded", "for=203.0.113.9"),
        ],
        401,
    ),
];

#[test]
fn only_the_configured_header_of_a_trusted_gateway_counts() {
    for (setting, headers, status) in HEADERS {
        let settings = [
            ("trusted_proxies", "127.0.0.1"),
            ("client_address", *setting),
        ];
        let (server, token) = behind(&settings);
        let answer = ask(&server, &token, headers);
        assert_eq!(answer.status, *status, "{setting} {headers:?}");
    }
}

#[test]
fn an_untrusted_peer_is_judged_by_its_connection() {
    let settings = [
        ("trusted_proxies", "10.0.0.0/8"),
        ("client_address", "x-forwarded-for"),
    ];
    let (server, token) = behind(&settings);
    let forged = [("X-Forwarded-For", "203.0.113.9")];
    assert_eq!(ask(&server, &token, &forged).status, 401);
    allow(&server, "127.0.0.1");
    assert_eq!(ask(&server, &token, &forged).status, 200);
}

#[test]
fn a_wrong_address_and_a_wrong_token_get_the_same_answer() {
    let (server, token) = behind(&[]);
    let wrong_address = ask(&server, &token, &[]);
    allow(&server, "127.0.0.1");
    let wrong_token = ask(&server, "pvt_wrong", &[]);
    assert_eq!(ask(&server, &token, &[]).status, 200);
    let seen = |answer: &Answer| {
        let id = answer.header("x-request-id").unwrap().to_owned();
        let mut headers = answer.headers.clone();
        headers.retain(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
        (answer.status, headers, answer.text().replace(&id, "ID"))
    };
    assert_eq!(seen(&wrong_address), seen(&wrong_token));
    assert_eq!(wrong_token.status, 401);
}

/// H12.
#[test]
fn health_is_answered_to_everybody_and_reveals_nothing() {
    let (server, _) = behind(&[]);
    for path in ["/health/live", "/health/ready"] {
        let answer = http::send(server.scim_addr(), "GET", path, &[], b"");
        assert_eq!(answer.status, 200, "{path}");
        assert!(!answer.text().contains("acme"), "{path}");
    }
}

/// What comes back when these bytes begin a connection that then asks for users.
fn begun_with(server: &TestServer, token: &str, start: &[u8]) -> Option<u16> {
    let mut connection = Connection::open(server.scim_addr());
    connection.send(start);
    let request = format!(
        "GET /scim/acme/v2/Users HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n"
    );
    connection.send(request.as_bytes());
    connection.try_answer(false).map(|answer| answer.status)
}

/// H9.
#[test]
fn the_proxy_protocol_is_required_of_trusted_peers_and_of_nobody_else() {
    let v2 = |command: u8, family: u8, body: &[u8]| {
        let length = u16::try_from(body.len()).unwrap().to_be_bytes();
        [
            b"\r\n\r\n\0\r\nQUIT\n",
            &[command, family][..],
            &length,
            body,
        ]
        .concat()
    };
    let listed = [203, 0, 113, 9, 10, 0, 0, 1, 0, 1, 0, 2];
    let other = [198, 51, 100, 1, 10, 0, 0, 1, 0, 1, 0, 2];
    let v1 = |text: &str| text.as_bytes().to_vec();
    for (version, start, expect) in [
        (
            "proxy-v1",
            v1("PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n"),
            Some(200),
        ),
        (
            "proxy-v1",
            v1("PROXY TCP6 2001:db8::9 ::1 1 2\r\n"),
            Some(200),
        ),
        (
            "proxy-v1",
            v1("PROXY TCP4 198.51.100.1 10.0.0.1 1 2\r\n"),
            Some(401),
        ),
        ("proxy-v1", v1("PROXY UNKNOWN\r\n"), Some(401)),
        ("proxy-v1", v1(""), None),
        ("proxy-v1", v1("PROXY TCP4 203.0.113.9\r\n"), None),
        ("proxy-v1", v2(0x21, 0x11, &listed), None),
        ("proxy-v2", v2(0x21, 0x11, &listed), Some(200)),
        (
            "proxy-v2",
            v2(0x21, 0x11, &[&listed[..], &[4, 0, 1, 0]].concat()),
            Some(200),
        ),
        ("proxy-v2", v2(0x21, 0x11, &other), Some(401)),
        ("proxy-v2", v2(0x20, 0x00, &[]), Some(401)),
        ("proxy-v2", v2(0x21, 0x00, &[]), Some(401)),
        ("proxy-v2", v2(0x21, 0x11, &[0; 600]), None),
        (
            "proxy-v2",
            v1("PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n"),
            None,
        ),
        ("proxy-v2", v1(""), None),
    ] {
        let settings = [
            ("trusted_proxies", "127.0.0.1"),
            ("client_address", version),
        ];
        let (server, token) = behind(&settings);
        assert_eq!(
            begun_with(&server, &token, &start),
            expect,
            "{version} {start:?}"
        );
        let settings = [
            ("trusted_proxies", "10.0.0.0/8"),
            ("client_address", version),
        ];
        let (server, token) = behind(&settings);
        allow(&server, "127.0.0.1");
        let direct = begun_with(&server, &token, &start);
        assert_eq!(
            direct == Some(200),
            start.is_empty(),
            "untrusted, {version} {start:?}"
        );
    }
}

#[test]
fn a_proxy_header_may_come_in_pieces_and_never_is_waited_for_in_vain() {
    let settings = [
        ("trusted_proxies", "127.0.0.1"),
        ("client_address", "proxy-v1"),
    ];
    let (server, token) = behind(&settings);
    let mut pieces = Connection::open(server.scim_addr());
    for byte in b"PROXY TCP4 203.0.113.9 10.0.0.1 1 2\r\n" {
        pieces.send(&[*byte]);
    }
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str())];
    for _ in 0..2 {
        let answer = pieces.request("GET", "/scim/acme/v2/Users", &headers, b"");
        assert_eq!(answer.status, 200);
    }
    let mut silent = Connection::open(server.scim_addr());
    silent.send(b"PROXY TCP4");
    assert!(silent.closed().is_empty());
}
