//! What is refused without a server, and a server that never answers.

use std::{net::TcpListener, time::Duration};

use provost_allowlist::feed;

use super::{FetchError, Fetcher, Reach};
use crate::authorities::Authorities;

fn refused(reach: Reach, url: &str) -> FetchError {
    let fetcher = Fetcher::limited(Authorities::Public, reach, Duration::from_millis(300));
    let text = feed::find("text").unwrap();
    fetcher.fetch(text, url).unwrap_err()
}

#[test]
fn only_https_urls_of_a_host_are_fetched() {
    for url in [
        "http://ranges.example/",
        "file:///etc/passwd",
        "ftp://ranges.example/",
        "gopher://ranges.example/",
        "https://user:secret@ranges.example/",
        "ranges.example",
        "https://",
        "",
    ] {
        let error = refused(Reach::Internet, url);
        assert!(matches!(error, FetchError::Url(_)), "{url}: {error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

#[test]
fn addresses_inside_are_refused_before_anybody_connects() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "2130706433",
    ] {
        let error = refused(Reach::Internet, &format!("https://{host}:{port}/"));
        let FetchError::Address(sentence) = &error else {
            panic!("{host}: {error}");
        };
        assert!(sentence.contains("mirror of yours"), "{sentence}");
    }
    for host in ["169.254.169.254", "[fe80::1]", "[64:ff9b::a9fe:a9fe]"] {
        for reach in [Reach::Internet, Reach::Inside] {
            let error = refused(reach, &format!("https://{host}/latest/meta-data/"));
            assert!(matches!(error, FetchError::Address(_)), "{host}: {error}");
        }
    }
    assert!(listener.accept().is_err(), "nobody has connected");
}

#[test]
fn who_never_answers_is_not_waited_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    let error = refused(Reach::Inside, &url);
    assert!(matches!(error, FetchError::Slow(_)), "{error}");
}
