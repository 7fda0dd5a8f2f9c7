//! Headers as balancers write them, and what attackers would.

use proptest::prelude::*;

use super::*;

fn shown(progress: Progress) -> String {
    match progress {
        Progress::More(length) => format!("more, {length}"),
        Progress::Broken => "broken".to_owned(),
        Progress::Done(Header { length, source }) => match source {
            Source::Client(address) => format!("{address}, {length}"),
            Source::Local => format!("local, {length}"),
            Source::Unknown => format!("unknown, {length}"),
        },
    }
}

#[test]
fn lines_of_version_1() {
    let long = format!("PROXY UNKNOWN {}\r\n", "x".repeat(100));
    for (text, expect) in [
        (
            "PROXY TCP4 198.51.100.22 203.0.113.7 35646 443\r\nGET /",
            "198.51.100.22, 48",
        ),
        (
            "PROXY TCP6 2001:db8::1 2001:db8::2 35646 443\r\n",
            "2001:db8::1, 46",
        ),
        (
            "PROXY TCP6 ::ffff:198.51.100.22 ::1 1 2\r\n",
            "198.51.100.22, 41",
        ),
        ("PROXY UNKNOWN\r\n", "unknown, 15"),
        ("PROXY UNKNOWN 1 2 3 4\r\n", "unknown, 23"),
        ("", "more, 1"),
        ("PRO", "more, 4"),
        ("PROXY TCP4 198.51.100.22", "more, 25"),
        (
            "PROXY TCP4 198.51.100.22 203.0.113.7 35646 443\r",
            "more, 48",
        ),
        ("GET / HTTP/1.1\r\n", "broken"),
        ("GET", "broken"),
        ("\r\n", "broken"),
        ("PROXY TCP4 198.51.100.22 203.0.113.7 35646\r\n", "broken"),
        (
            "PROXY TCP4 198.51.100.22 203.0.113.7 35646 443 7\r\n",
            "broken",
        ),
        (
            "PROXY TCP4 198.51.100.22  203.0.113.7 35646 443\r\n",
            "broken",
        ),
        (
            "PROXY TCP4 198.51.100.22 203.0.113.7 35646 99999\r\n",
            "broken",
        ),
        (
            "PROXY TCP4 198.51.100.22 203.0.113.7 035646 443\r\n",
            "broken",
        ),
        ("PROXY TCP4 2001:db8::1 203.0.113.7 35646 443\r\n", "broken"),
        ("PROXY TCP4 010.0.0.1 203.0.113.7 35646 443\r\n", "broken"),
        (
            "PROXY UDP4 198.51.100.22 203.0.113.7 35646 443\r\n",
            "broken",
        ),
        (
            "proxy TCP4 198.51.100.22 203.0.113.7 35646 443\r\n",
            "broken",
        ),
        (&long, "broken"),
    ] {
        assert_eq!(
            shown(read(Version::V1, text.as_bytes())),
            expect,
            "{text:?}"
        );
    }
}

fn binary(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    [&SIGNATURE[..], &[command, family], &length, body].concat()
}

#[test]
fn headers_of_version_2() {
    let v4 = [198, 51, 100, 22, 203, 0, 113, 7, 0x8b, 0x3e, 1, 0xbb];
    let with_extension = [&v4[..], &[4, 0, 1, 0]].concat();
    let v6 = [&[0x20, 1, 0x0d, 0xb8][..], &[0; 32]].concat();
    let whole = binary(0x21, 0x11, &v4);
    for (bytes, expect) in [
        (whole.clone(), "198.51.100.22, 28"),
        ([&whole[..], b"GET /"].concat(), "198.51.100.22, 28"),
        (binary(0x21, 0x11, &with_extension), "198.51.100.22, 32"),
        (binary(0x21, 0x21, &v6), "2001:db8::, 52"),
        (binary(0x20, 0x00, &[]), "local, 16"),
        (binary(0x20, 0x11, &v4), "local, 28"),
        (binary(0x21, 0x00, &[]), "unknown, 16"),
        (binary(0x21, 0x31, &[0; 216]), "unknown, 232"),
        (Vec::new(), "more, 16"),
        (whole[..15].to_vec(), "more, 16"),
        (whole[..27].to_vec(), "more, 28"),
        (binary(0x21, 0x11, &v4[..11]), "broken"),
        (binary(0x21, 0x21, &v4), "broken"),
        (binary(0x21, 0x12, &v4), "broken"),
        (binary(0x22, 0x11, &v4), "broken"),
        (binary(0x11, 0x11, &v4), "broken"),
        (binary(0x21, 0x11, &[0; 521]), "broken"),
        (b"PROXY TCP4".to_vec(), "broken"),
        (b"GET / HTTP/1.1\r\n\r\n".to_vec(), "broken"),
    ] {
        assert_eq!(shown(read(Version::V2, &bytes)), expect, "{bytes:?}");
    }
    let mut endless = binary(0x21, 0x11, &[]);
    endless[14..].copy_from_slice(&[0xff, 0xff]);
    assert_eq!(read(Version::V2, &endless), Progress::Broken);
}

proptest! {
    #[test]
    fn more_bytes_never_change_what_a_prefix_has_settled(bytes: Vec<u8>, cut in 0usize..64, v1: bool) {
        let version = if v1 { Version::V1 } else { Version::V2 };
        let start = read(version, &bytes[..cut.min(bytes.len())]);
        let all = read(version, &bytes);
        match start {
            Progress::More(length) => prop_assert!(length > cut.min(bytes.len())),
            Progress::Done(_) | Progress::Broken => prop_assert_eq!(start, all),
        }
    }
}
