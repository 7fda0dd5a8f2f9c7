//! Tokens and application passwords.

use std::time::{Duration, Instant};

use super::{Place, clock, open};
use crate::{
    Directory, DirectoryError,
    credential::{Form, Presented},
    testing::{TempDir, block_on},
    token::{Access, NewToken},
};

on_both_engines!(
    a_token_opens_its_own_tenant_only,
    an_expired_token_stays_expired,
    applications_sign_in_with_their_newest_password,
    administration_mistakes_are_explained,
    what_another_process_administers_is_seen,
);

fn new_token(expires_days: Option<u32>) -> NewToken {
    NewToken {
        label: "l".to_owned(),
        expires_days,
        access: Access::ReadWrite,
        form: Form::Bearer,
    }
}

fn admits(directory: &Directory, slug: &str, secret: &str) -> bool {
    block_on(directory.authenticate(slug, Presented::Bearer(secret)))
        .unwrap()
        .is_some()
}

fn a_token_opens_its_own_tenant_only(place: &Place) {
    let directory = place.open(true, &clock());
    for slug in ["a", "b"] {
        block_on(directory.create_tenant(slug, None)).unwrap();
    }
    let (token, secret) = block_on(directory.create_token("a", new_token(None))).unwrap();
    let secret = secret.reveal();
    let caller = block_on(directory.authenticate("a", Presented::Bearer(secret)))
        .unwrap()
        .unwrap();
    assert_eq!(
        (caller.tenant.slug.as_str(), &caller.token),
        ("a", &token.id)
    );
    let other = block_on(directory.create_token("b", new_token(None)))
        .unwrap()
        .1;
    for (slug, presented) in [
        ("b", secret.to_owned()),
        ("c", secret.to_owned()),
        ("a", other.reveal().to_owned()),
        ("a", format!("{secret} ")),
        ("a", secret.to_lowercase()),
        ("a", String::new()),
        ("a", token.id.to_string()),
        ("a", "x".repeat(1 << 20)),
    ] {
        assert!(
            !admits(&directory, slug, &presented),
            "{slug} {presented:.80}"
        );
    }
    block_on(directory.revoke_token(&token.id.to_string())).unwrap();
    assert!(!admits(&directory, "a", secret));
    let again = block_on(directory.revoke_token(&token.id.to_string()));
    assert!(matches!(again, Err(DirectoryError::NotFound)));
    block_on(directory.delete_tenant("b")).unwrap();
    assert!(!admits(&directory, "b", other.reveal()));
}

fn an_expired_token_stays_expired(place: &Place) {
    let clock = clock();
    let directory = place.open(true, &clock);
    block_on(directory.create_tenant("t", None)).unwrap();
    let token = block_on(directory.create_token("t", new_token(Some(1))))
        .unwrap()
        .1;
    clock.advance_seconds(86_399);
    assert!(admits(&directory, "t", token.reveal()));
    clock.advance_seconds(1);
    assert!(!admits(&directory, "t", token.reveal()));
    clock.advance_seconds(-3_600);
    assert!(!admits(&directory, "t", token.reveal()));
    block_on(directory.close());
    let directory = place.open(true, &clock);
    assert!(!admits(&directory, "t", token.reveal()));
}

#[test]
fn no_secret_is_stored() {
    let dir = TempDir::new();
    let directory = open(dir.path(), true).unwrap();
    block_on(directory.create_tenant("t", None)).unwrap();
    let token = block_on(directory.create_token("t", new_token(None)))
        .unwrap()
        .1;
    let tenants = ["t".to_owned()];
    let application = block_on(directory.create_application("jira", &tenants))
        .unwrap()
        .1;
    for secret in [token, application] {
        assert!(!format!("{secret:?}").contains(secret.reveal()));
        for entry in std::fs::read_dir(dir.path()).unwrap() {
            let bytes = std::fs::read(entry.unwrap().path()).unwrap();
            let random = &secret.reveal().as_bytes()[5..48];
            assert!(!bytes.windows(43).any(|window| window == random));
        }
    }
}

fn applications_sign_in_with_their_newest_password(place: &Place) {
    let clock = clock();
    let directory = place.open(true, &clock);
    block_on(directory.create_tenant("t", None)).unwrap();
    let tenants = ["t".to_owned()];
    let (_, first) = block_on(directory.create_application("jira", &tenants)).unwrap();
    let (_, other) = block_on(directory.create_application("wiki", &tenants)).unwrap();
    let admits = |name: &str, password: &str| {
        block_on(directory.authenticate_application(name, password))
            .unwrap()
            .is_some()
    };
    assert!(admits("jira", first.reveal()));
    assert!(!admits("jira", other.reveal()));
    assert!(!admits("crowd", first.reveal()));
    assert!(!admits("jira", ""));
    let second = block_on(directory.rotate_application("jira", 0)).unwrap();
    assert!(!admits("jira", first.reveal()));
    assert!(admits("jira", second.reveal()));
    let third = block_on(directory.rotate_application("jira", 1)).unwrap();
    assert!(admits("jira", second.reveal()) && admits("jira", third.reveal()));
    let fourth = block_on(directory.rotate_application("jira", 1)).unwrap();
    assert!(!admits("jira", second.reveal()), "two are valid at a time");
    assert!(admits("jira", third.reveal()) && admits("jira", fourth.reveal()));
    clock.advance_seconds(3_600);
    assert!(!admits("jira", third.reveal()), "its hour is over");
    let fifth = block_on(directory.rotate_application("jira", 1)).unwrap();
    block_on(directory.finish_rotation("jira")).unwrap();
    assert!(!admits("jira", fourth.reveal()) && admits("jira", fifth.reveal()));
    let again = block_on(directory.finish_rotation("jira"));
    assert!(matches!(again, Err(DirectoryError::Invalid(_))));
    let second = fifth;
    block_on(directory.delete_application("jira")).unwrap();
    assert!(!admits("jira", second.reveal()));
}

fn administration_mistakes_are_explained(place: &Place) {
    let directory = place.open(true, &clock());
    block_on(directory.create_tenant("t", None)).unwrap();
    let taken = block_on(directory.create_tenant("t", None));
    assert!(matches!(
        taken,
        Err(DirectoryError::Conflict {
            attribute: "slug",
            ..
        })
    ));
    let nowhere = block_on(directory.create_application("jira", &[]));
    assert!(matches!(nowhere, Err(DirectoryError::Invalid(_))));
    let unknown = block_on(directory.create_application("jira", &["x".to_owned()]));
    assert!(matches!(unknown, Err(DirectoryError::Invalid(text)) if text.contains("\"x\"")));
    block_on(directory.create_application("jira", &["t".to_owned()])).unwrap();
    let taken = block_on(directory.create_application("jira", &["t".to_owned()]));
    assert!(matches!(
        taken,
        Err(DirectoryError::Conflict {
            attribute: "name",
            ..
        })
    ));
    let set = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        block_on(directory.set_tenant("t", &pairs))
    };
    let half = set(&[("strict_members", "true"), ("profile", "lax")]);
    assert!(matches!(half, Err(DirectoryError::Invalid(_))));
    let settings = block_on(directory.tenant("t")).unwrap().settings.clone();
    assert!(!settings.strict_members, "all or none");
    assert!(
        set(&[("strict_members", "true")])
            .unwrap()
            .settings
            .strict_members
    );
}

/// Waits until `holds`; the bound only turns a hang into a failure.
fn eventually(mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "never happened"
        );
        std::thread::yield_now();
    }
}

fn what_another_process_administers_is_seen(place: &Place) {
    let server = place.open(true, &clock());
    assert!(block_on(server.tenants()).unwrap().is_empty());
    let command = place.open(false, &clock());
    block_on(command.create_tenant("t", None)).unwrap();
    let (token, secret) = block_on(command.create_token("t", new_token(None))).unwrap();
    eventually(|| admits(&server, "t", secret.reveal()));
    block_on(command.revoke_token(&token.id.to_string())).unwrap();
    eventually(|| !admits(&server, "t", secret.reveal()));
}
