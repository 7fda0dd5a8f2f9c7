//! Cursors are ours, whole, and for one query only (R-9865-2.1-01, R-9865-5-01, -03).

use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

fn key() -> CursorKey {
    CursorKey::new([7; 32])
}

fn walk() -> Walk {
    Walk::new(TenantId(3), "Users", "title pr", Some(10))
}

fn place() -> Place {
    Place {
        key: SortKey::Text("ä".to_owned()),
        row: 42,
    }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

#[test]
fn the_code_is_the_one_of_rfc_4231() {
    for (key, message, expect) in [
        (
            &[0x0b; 20][..],
            &b"Hi There"[..],
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            &[0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
    ] {
        assert_eq!(hmac_sha256(key, message).to_vec(), bytes(expect));
    }
}

#[test]
fn a_cursor_is_refused_by_its_reason() {
    let text = key().seal(&walk(), NOW, &place());
    let later = |seconds: i64| Timestamp::from_micros(NOW.as_micros() + seconds * 1_000_000);
    let other =
        |tenant, endpoint, query, count| Walk::new(TenantId(tenant), endpoint, query, count);
    for (walk, now, expect) in [
        (walk(), NOW, None),
        (walk(), later(3_600), None),
        (walk(), later(-60), None),
        (walk(), later(3_601), Some(ScimType::ExpiredCursor)),
        (
            other(4, "Users", "title pr", Some(10)),
            NOW,
            Some(ScimType::InvalidCursor),
        ),
        (
            other(3, "Groups", "title pr", Some(10)),
            NOW,
            Some(ScimType::InvalidCursor),
        ),
        (
            other(3, "Users", "userName pr", Some(10)),
            NOW,
            Some(ScimType::InvalidCursor),
        ),
        (
            other(3, "Users", "title pr", Some(11)),
            NOW,
            Some(ScimType::InvalidCount),
        ),
        (
            other(3, "Users", "title pr", None),
            NOW,
            Some(ScimType::InvalidCount),
        ),
    ] {
        let got = key().open(&text, &walk, now);
        match expect {
            None => assert_eq!(got.unwrap(), place()),
            Some(reason) => {
                assert_eq!(got.unwrap_err().scim_type(), Some(reason), "{walk:?}");
            }
        }
    }
    let foreign = CursorKey::new([8; 32])
        .open(&text, &walk(), NOW)
        .unwrap_err();
    assert_eq!(foreign.scim_type(), Some(ScimType::InvalidCursor));
    let garbage = ["", "x", "a b", "AAAA", "\u{e9}", &"A".repeat(30_000)];
    for text in garbage {
        let error = key().open(text, &walk(), NOW).unwrap_err();
        assert_eq!(error, foreign, "one sentence for every cause");
    }
}

#[test]
fn no_character_can_be_changed() {
    let text = key().seal(&walk(), NOW, &place());
    for at in 0..text.len() {
        for by in [b'A', b'B', b'_'] {
            let mut bytes = text.clone().into_bytes();
            if bytes[at] == by {
                continue;
            }
            bytes[at] = by;
            let altered = String::from_utf8(bytes).unwrap();
            assert!(key().open(&altered, &walk(), NOW).is_err(), "{at}");
        }
        assert!(key().open(&text[..at], &walk(), NOW).is_err());
    }
}

fn any_key() -> impl Strategy<Value = SortKey> {
    prop_oneof![
        Just(SortKey::Missing),
        any::<bool>().prop_map(SortKey::Boolean),
        any::<i64>().prop_map(SortKey::Number),
        any::<i64>().prop_map(|at| SortKey::Instant(Timestamp::from_micros(at))),
        "\\PC{0,40}".prop_map(SortKey::Text),
    ]
}

proptest! {
    #[test]
    fn every_place_survives_in_unreserved_characters(
        key_of_place in any_key(), row in any::<i64>(), count in proptest::option::of(0_u64..u64::MAX)
    ) {
        let walk = Walk::new(TenantId(1), "", "q", count);
        let place = Place { key: key_of_place, row };
        let text = key().seal(&walk, NOW, &place);
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        prop_assert!(text.bytes().all(unreserved));
        prop_assert_eq!(key().open(&text, &walk, NOW).unwrap(), place);
    }

    #[test]
    fn whatever_was_not_sealed_here_is_refused(text in "\\PC{0,80}", plain in any::<Vec<u8>>()) {
        let reason = |outcome: Result<Place, ScimError>| outcome.unwrap_err().scim_type();
        prop_assert_eq!(reason(key().open(&text, &walk(), NOW)), Some(ScimType::InvalidCursor));
        // Also what has a right code but another layout.
        let sealed = [plain.as_slice(), &key().mac(&plain)].concat();
        let text = URL_SAFE_NO_PAD.encode(sealed);
        prop_assert_eq!(reason(key().open(&text, &walk(), NOW)), Some(ScimType::InvalidCursor));
    }
}
