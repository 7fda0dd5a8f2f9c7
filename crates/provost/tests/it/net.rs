//! The listeners against slow, greedy and broken peers.

use std::time::{Duration, Instant};

use provost::{Deadlines, Server};

use crate::support::{
    TestServer, block_on,
    http::{self, Connection},
};

const LIVE: &[u8] = b"GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n";

/// Short enough to be waited for; no test measures them.
fn short() -> Deadlines {
    Deadlines::at_most(Duration::from_millis(300))
}

fn assert_alive(server: &TestServer) {
    for address in [server.scim_addr(), server.app_addr()] {
        assert_eq!(
            http::send(address, "GET", "/health/live", &[], b"").status,
            200
        );
    }
}

#[test]
fn a_head_that_never_ends_is_cut_off() {
    let server = TestServer::start_custom(&[], short());
    let mut slow = Connection::open(server.scim_addr());
    slow.send(b"GET /health/live HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    assert_alive(&server);
    assert!(!slow.closed().starts_with(b"HTTP/1.1 200"));
}

#[test]
fn a_head_that_dribbles_is_cut_off_too() {
    let server = TestServer::start_custom(&[], short());
    let mut slow = Connection::open(server.scim_addr());
    slow.send(b"GET /health/live HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    // One byte at a time for as long as the server takes them; it must not take them for ever.
    while slow.is_open() {
        slow.send(b"a");
    }
    assert_alive(&server);
}

#[test]
fn an_idle_connection_is_closed_without_a_word() {
    let server = TestServer::start_custom(&[], short());
    let fresh = Connection::open(server.scim_addr());
    assert!(fresh.closed().is_empty());
    let mut used = Connection::open(server.scim_addr());
    assert_eq!(used.request("GET", "/health/live", &[], b"").status, 200);
    assert!(used.closed().is_empty());
}

#[test]
fn a_connection_that_is_used_outlives_the_idle_limit() {
    let limit = Duration::from_secs(1);
    let server = TestServer::start_custom(&[], Deadlines::at_most(limit));
    let mut used = Connection::open(server.scim_addr());
    let (mut begun, mut last) = (Instant::now(), Instant::now());
    while begun.elapsed() < limit * 3 {
        if last.elapsed() >= limit / 2 {
            // The test itself was too slow, so that this connection was idle.
            used = Connection::open(server.scim_addr());
            begun = Instant::now();
        }
        last = Instant::now();
        used.send(LIVE);
        assert_eq!(used.answer(false).status, 200);
    }
}

#[test]
fn a_body_that_never_ends_is_answered_and_cut_off() {
    let server = TestServer::start_custom(&[], short());
    let token = format!("Bearer {}", server.tenant("entra"));
    let headers = [("Authorization", token.as_str()), ("Content-Length", "100")];
    let mut slow = Connection::open(server.scim_addr());
    slow.send(&http::encode(
        "POST",
        "/scim/entra/v2/Users",
        &headers,
        b"{\"schemas\"",
    ));
    let answer = slow.answer(false);
    assert_eq!(
        (answer.status, answer.header("connection")),
        (408, Some("close"))
    );
    assert_eq!(answer.json()["status"], "408");
    assert!(slow.closed().is_empty());
}

#[test]
fn a_reader_that_does_not_read_is_cut_off() {
    let server = TestServer::start_custom(&[], short());
    let token = format!("Bearer {}", server.tenant("entra"));
    let request = http::encode(
        "GET",
        "/scim/entra/v2/Schemas",
        &[("Authorization", &token)],
        b"",
    );
    let mut lazy = Connection::open(server.scim_addr());
    // Far more answers than all buffers on the way hold.
    let count = 5_000;
    lazy.send_until_stuck(&request.repeat(count));
    lazy.wait_until_reset();
    assert_alive(&server);
}

#[test]
fn broken_heads_are_refused_and_the_connection_ends() {
    let server = TestServer::start();
    let huge_line = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(70_000));
    let huge_header = format!(
        "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
        "a".repeat(70_000)
    );
    let many = "X-Many: a\r\n".repeat(200);
    let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n");
    let post = |headers: &str| format!("POST /health/live HTTP/1.1\r\nHost: a\r\n{headers}\r\nabc");
    for (bytes, statuses) in [
        (
            post("Content-Length: 3\r\nContent-Length: 4\r\n"),
            &[400][..],
        ),
        (post("Content-Length: 3, 3\r\n"), &[400]),
        (post("Content-Length: +3\r\n"), &[400]),
        (post("Content-Length: -1\r\n"), &[400]),
        (post("Transfer-Encoding: xchunked\r\n"), &[400]),
        (post("Transfer-Encoding: chunked, identity\r\n"), &[400]),
        (post("Content-Length : 3\r\n"), &[400]),
        (post("X: a\r\n folded\r\n"), &[400]),
        ("GET / HTTP/1.1\r\n\r\n".to_owned(), &[400]),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n".to_owned(),
            &[400],
        ),
        ("GET / HTTP/1.1\r\nHost: a b\r\n\r\n".to_owned(), &[400]),
        ("GET /a b HTTP/1.1\r\nHost: a\r\n\r\n".to_owned(), &[400]),
        ("GET / HTTP/9.9\r\nHost: a\r\n\r\n".to_owned(), &[400, 505]),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nX: \u{0}\r\n\r\n".to_owned(),
            &[400],
        ),
        ("GET /\r\n".to_owned(), &[400]),
        (huge_line, &[414, 431]),
        (huge_header, &[431]),
        (many, &[431]),
    ] {
        let mut connection = Connection::open(server.scim_addr());
        connection.send(bytes.as_bytes());
        let answer = connection.answer(false);
        let shown: String = bytes.chars().take(80).collect();
        assert!(
            statuses.contains(&answer.status),
            "{} for {shown:?}",
            answer.status
        );
        assert!(
            connection.closed().is_empty(),
            "one answer only to {shown:?}"
        );
    }
    assert_alive(&server);
}

#[test]
fn other_protocols_are_closed_cleanly() {
    let server = TestServer::start_custom(&[], short());
    for bytes in [
        &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"[..],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03abcdefghijklmnop",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\0\xff\xfe\x80\x81\r\n\r\n",
        b"\r\n\r\n\r\n",
    ] {
        let mut connection = Connection::open(server.scim_addr());
        connection.send(bytes);
        assert!(!connection.closed().starts_with(b"HTTP/1.1 2"), "{bytes:?}");
    }
    assert_alive(&server);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = TestServer::start();
    let mut connection = Connection::open(server.scim_addr());
    let paths = ["/health/live", "/health/nowhere"].repeat(50);
    let requests: Vec<u8> = paths
        .iter()
        .flat_map(|path| http::encode("GET", path, &[], b""))
        .collect();
    connection.send(&requests);
    for path in paths {
        let expect = if path == "/health/live" { 200 } else { 404 };
        assert_eq!(connection.answer(false).status, expect);
    }
}

#[test]
fn over_the_cap_is_503_and_the_other_listener_is_untouched() {
    let server = TestServer::start_with(&[("scim_max_connections", "2")]);
    let mut held: Vec<_> = (0..2)
        .map(|_| Connection::open(server.scim_addr()))
        .collect();
    for connection in &mut held {
        assert_eq!(
            connection.request("GET", "/health/live", &[], b"").status,
            200
        );
    }
    let mut third = Connection::open(server.scim_addr());
    let answer = third.request("GET", "/health/live", &[], b"");
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    assert_eq!(
        http::send(server.app_addr(), "GET", "/health/live", &[], b"").status,
        200
    );
    drop(third);
    for connection in held {
        connection.finish_sending();
        assert!(connection.closed().is_empty());
    }
    // The server counts a connection until it has seen its end, so the first tries may be refused.
    while http::send(server.scim_addr(), "GET", "/health/live", &[], b"").status == 503 {}
}

#[test]
fn a_drain_refuses_the_new_and_finishes_what_has_begun() {
    let server = TestServer::start();
    let token = format!("Bearer {}", server.tenant("entra"));
    let body = br#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}"#;
    let length = body.len().to_string();
    let headers = [
        ("Authorization", token.as_str()),
        ("Expect", "100-continue"),
        ("Content-Length", &length),
    ];
    let mut working = Connection::open(server.scim_addr());
    working.send(&http::encode("POST", "/scim/entra/v2/Users", &headers, b""));
    working.wait_for_continue();
    let mut idle = Connection::open(server.scim_addr());
    idle.send(LIVE);
    assert_eq!(idle.answer(false).status, 200);
    server.running().shutdown();
    assert!(idle.closed().is_empty(), "an idle connection ends");
    working.send(body);
    let answer = working.answer(false);
    assert_eq!(
        (answer.status, answer.header("connection")),
        (201, Some("close"))
    );
    let (address, data_dir) = (server.scim_addr(), server.stop_but_keep_data());
    assert!(
        std::net::TcpStream::connect(address).is_err(),
        "nobody listens any more"
    );
    let again = Server::builder()
        .config(TestServer::config(data_dir.path(), &[]))
        .start()
        .unwrap();
    let counts = block_on(again.directory().counts("entra")).unwrap();
    assert_eq!(counts.0, 1, "the answered request is kept");
    again.shutdown();
    again.wait();
}

#[test]
fn what_has_begun_to_arrive_when_the_server_closes_is_answered() {
    let mut patient = Deadlines::default();
    patient.linger = Duration::from_secs(60);
    let server = TestServer::start_custom(&[], patient);
    let mut silent = Connection::open(server.scim_addr());
    let mut half = Connection::open(server.scim_addr());
    half.send(&LIVE[..20]);
    let mut second = Connection::open(server.scim_addr());
    second.send(LIVE);
    assert_eq!(second.answer(false).status, 200);
    second.send(&LIVE[..20]);
    // Connections are taken in the order in which they were made.
    let mut idle = Connection::open(server.scim_addr());
    idle.send(LIVE);
    assert_eq!(idle.answer(false).status, 200);
    server.running().shutdown();
    assert!(idle.closed().is_empty(), "an idle connection ends");
    silent.send(LIVE);
    half.send(&LIVE[20..]);
    second.send(&LIVE[20..]);
    for connection in [&mut silent, &mut half, &mut second] {
        let answer = connection.answer(false);
        assert_eq!(
            (answer.status, answer.header("connection")),
            (200, Some("close"))
        );
    }
}

#[test]
fn a_refusal_before_the_body_keeps_the_connection_or_says_that_it_ends() {
    let server = TestServer::start();
    let long = vec![b'x'; 1 << 20];
    for (headers, body, close) in [
        (&[][..], &b"{}"[..], None),
        (&[], &long, Some("close")),
        (&[("Expect", "100-continue")], b"{}", Some("close")),
    ] {
        let length = body.len().to_string();
        let headers = [headers, &[("Content-Length", &length)]].concat();
        let head = http::encode("POST", "/scim/entra/v2/Users", &headers, b"");
        let mut connection = Connection::open(server.scim_addr());
        connection.send(&head);
        if close.is_none() {
            connection.send(body);
        }
        let answer = connection.answer(false);
        assert_eq!((answer.status, answer.header("connection")), (401, close));
        connection.send(LIVE);
        let next = connection.try_answer(false).map(|answer| answer.status);
        assert_eq!(next, close.is_none().then_some(200));
    }
}

#[test]
fn a_server_that_drains_with_a_delay_still_serves_but_is_not_ready() {
    let server = TestServer::start_with(&[("drain_delay_seconds", "3600")]);
    let ask = |path| http::send(server.scim_addr(), "GET", path, &[], b"");
    assert_eq!(
        (
            ask("/health/ready").status,
            ask("/health/ready").header("connection")
        ),
        (200, None)
    );
    server.running().shutdown();
    let ready = ask("/health/ready");
    assert_eq!(
        (ready.status, ready.header("connection")),
        (503, Some("close"))
    );
    let live = ask("/health/live");
    assert_eq!(
        (live.status, live.header("connection")),
        (200, Some("close"))
    );
    // Being told a second time, when it goes out of scope, it does not wait out the hour.
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let server = TestServer::start();
    let taken = server.scim_addr().to_string();
    let other = TestServer::start();
    let port = TestServer::config(other.data_dir(), &[("scim_listen", &taken)]);
    let data = TestServer::config(server.data_dir(), &[]);
    for (config, expect) in [(port, taken.as_str()), (data, "")] {
        let Err(error) = Server::builder().config(config).start() else {
            panic!("two servers cannot share {expect:?}");
        };
        let text = error.to_string();
        assert!(
            text.contains(expect) && text.lines().count() == 1 && text.len() > 20,
            "{text}"
        );
    }
    assert_alive(&server);
}
