//! Hosts that HTTP forbids and the HTTP library lets through (RFC 9112 section 3.2). Gateways may
//! read such a request in another way than we do, so the connection ends too. Where a request
//! ends is the library's business: it refuses lengths that differ, and takes `Transfer-Encoding`
//! over `Content-Length`.

use axum::http::{HeaderMap, Uri, Version, header, uri::Authority};

/// What is wrong with the head of the request, if anything.
pub(crate) fn broken(version: Version, uri: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next();
    if hosts.next().is_some() {
        return Some("A request has one Host header");
    }
    let Some(host) = host else {
        return (version == Version::HTTP_11).then_some("A request has a Host header");
    };
    let Ok(host) = host.to_str() else {
        return Some("The Host header is not a host name");
    };
    match uri.authority() {
        Some(authority) if !same(authority, host) => {
            Some("The URL and the Host header name different hosts")
        }
        Some(_) | None => (!host.is_empty() && host.parse::<Authority>().is_err())
            .then_some("The Host header is not a host name"),
    }
}

fn same(authority: &Authority, host: &str) -> bool {
    authority.as_str().eq_ignore_ascii_case(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_that_could_smuggle_a_request_are_broken() {
        for (target, headers, expect) in [
            ("/", &[("host", "a")][..], false),
            ("/", &[("host", "a:80"), ("content-length", "1")], false),
            ("/", &[], true),
            ("/", &[("host", "a"), ("host", "a")], true),
            ("/", &[("host", "a b")], true),
            ("/", &[("host", "a/../b")], true),
            ("http://a/x", &[("host", "a")], false),
            ("http://A/x", &[("host", "a")], false),
            ("http://b/x", &[("host", "a")], true),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            let uri = target.parse().unwrap();
            let got = broken(Version::HTTP_11, &uri, &map).is_some();
            assert_eq!(got, expect, "{target} {headers:?}");
        }
    }
}
