//! Single sign-on sessions are kept as digests, end when they shall, and stay few.

use uuid::Uuid;

use crate::{
    id::UserId,
    secret::SecretDigest,
    session::{Factors, KeptSession, Session},
    testing::{Bench, block_on},
};

fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(number))
}

fn factors(pairs: &[(&str, &str)]) -> Factors {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Factors::new(pairs.iter().map(owned).collect())
}

fn open(bench: &Bench, number: u128, seconds: Option<u64>) -> String {
    let here = factors(&[("remote_address", "192.0.2.1"), ("a", "b")]);
    let opened = bench.directory.open_session(user(number), &here, seconds);
    block_on(opened).unwrap().0.reveal().to_owned()
}

fn read(bench: &Bench, token: &str) -> Option<Session> {
    block_on(bench.directory.session(token)).unwrap()
}

fn renew(bench: &Bench, token: &str, factors: &Factors) -> Option<Session> {
    block_on(bench.directory.use_session(token, factors)).unwrap()
}

pub(super) fn a_session_ends_half_an_hour_after_its_last_use(bench: &mut Bench) {
    let token = open(bench, 1, None);
    let here = factors(&[("a", "b"), ("remote_address", "192.0.2.1")]);
    bench.clock.advance_seconds(1_799);
    assert!(read(bench, &token).is_some());
    let used = renew(bench, &token, &here).unwrap();
    bench.clock.advance_seconds(1_799);
    assert_eq!(read(bench, &token), Some(used));
    assert_eq!(used.user, user(1));
    bench.clock.advance_seconds(1);
    assert!(read(bench, &token).is_none());
    assert!(renew(bench, &token, &here).is_none());
}

pub(super) fn a_session_in_use_is_written_once_a_minute(bench: &mut Bench) {
    let token = open(bench, 1, None);
    let here = factors(&[("a", "b"), ("remote_address", "192.0.2.1")]);
    let begun = read(bench, &token).unwrap();
    let writes = || bench.directory.activity().work.commits;
    let before = writes();
    bench.clock.advance_seconds(59);
    assert_eq!(renew(bench, &token, &here), Some(begun));
    assert_eq!(writes(), before);
    bench.clock.advance_seconds(1);
    let used = renew(bench, &token, &here).unwrap();
    assert_eq!(
        used.expires.as_micros() - begun.expires.as_micros(),
        60_000_000
    );
    assert_eq!(writes(), before + 1);
}

pub(super) fn a_duration_shortens_and_never_lengthens(bench: &mut Bench) {
    let (short, long) = (open(bench, 1, Some(10)), open(bench, 1, Some(u64::MAX)));
    bench.clock.advance_seconds(10);
    assert!(read(bench, &short).is_none());
    assert!(read(bench, &long).is_some());
    bench.clock.advance_seconds(1_790);
    assert!(read(bench, &long).is_none());
}

pub(super) fn a_session_is_used_with_its_factors_and_its_token_only(bench: &mut Bench) {
    let token = open(bench, 1, None);
    for other in [
        factors(&[]),
        factors(&[("remote_address", "192.0.2.1")]),
        factors(&[("remote_address", "192.0.2.2"), ("a", "b")]),
        factors(&[("remote_address", "192.0.2.1a"), ("", "b")]),
    ] {
        assert!(renew(bench, &token, &other).is_none());
    }
    for wrong in ["", "pvss_", &format!("{token} "), &token[1..]] {
        assert!(read(bench, wrong).is_none(), "{wrong}");
    }
}

pub(super) fn sessions_are_closed_one_by_one_or_by_user(bench: &mut Bench) {
    let [a, b, c, other] = [1, 1, 1, 2].map(|number| open(bench, number, None));
    block_on(bench.directory.close_session(&a)).unwrap();
    block_on(bench.directory.close_sessions(user(1), Some(&b))).unwrap();
    let is_open = |token: &String| read(bench, token).is_some();
    assert_eq!(
        [&a, &b, &c, &other].map(is_open),
        [false, true, false, true]
    );
    block_on(bench.directory.close_sessions(user(1), None)).unwrap();
    assert!(!is_open(&b));
}

pub(super) fn sessions_are_few_and_the_newest_are_kept(bench: &mut Bench) {
    let session = Session {
        user: user(1),
        created: bench.directory.now(),
        expires: bench.directory.now(),
    };
    let keep = |number: u8, seconds: i64| {
        let digest = SecretDigest([number; 32]);
        let micros = session.created.as_micros() + seconds * 1_000_000;
        let kept = KeptSession {
            digest,
            session: Session {
                expires: provost_scim::Timestamp::from_micros(micros),
                ..session
            },
            lasts: 0,
            factors: digest,
        };
        block_on(bench.directory.store().keep_session(kept, 3)).unwrap();
    };
    // The last one comes in although it ends before all others.
    for (number, seconds) in [(1, 30), (2, 10), (3, 20), (4, 40), (5, 1)] {
        keep(number, seconds);
    }
    let kept = (1..=5).filter(|number| {
        let found = bench.directory.store().session(SecretDigest([*number; 32]));
        block_on(found).unwrap().is_some()
    });
    assert_eq!(kept.collect::<Vec<_>>(), [1, 4, 5]);
}

pub(super) fn tokens_and_factors_are_kept_as_digests(bench: &mut Bench) {
    let (one, other) = (open(bench, 1, None), open(bench, 1, None));
    let kept = [one, other].map(|token| {
        let found = bench.directory.store().session(SecretDigest::of(&token));
        block_on(found).unwrap().unwrap()
    });
    // Equal factors of two sessions do not look equal.
    assert_ne!(kept[0].factors.0, kept[1].factors.0);
    assert_ne!(kept[0].digest.0, kept[0].factors.0);
}
