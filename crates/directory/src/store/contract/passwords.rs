//! Passwords of users: kept only where a tenant accepts them, gone with the user, and never a
//! reason to write what is there already.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    Created, DirectoryError,
    application::Application,
    id::UserId,
    testing::{Bench, actor, block_on, user_input},
};

fn application(bench: &Bench, name: &str, tenants: &[&str]) -> Arc<Application> {
    let tenants: Vec<_> = tenants.iter().map(|&slug| slug.to_owned()).collect();
    let made = block_on(bench.directory.create_application(name, &tenants));
    made.unwrap().0
}

/// The name of an outcome.
fn sign_in(bench: &Bench, jira: &Arc<Application>, name: &str, password: &str) -> String {
    let ended = block_on(bench.directory.sign_in(jira, name, password)).unwrap();
    let text = format!("{ended:?}");
    let end = text.find(['(', ' ']).unwrap_or(text.len());
    text[..end].to_owned()
}

fn set_password(bench: &Bench, id: UserId, password: &str) -> u64 {
    let operation = json!([{"op": "replace", "path": "password", "value": password}]);
    bench.patch_user(id, operation).unwrap().version
}

fn put(bench: &Bench, id: UserId, body: Value) -> u64 {
    let put = bench
        .directory
        .replace_user(&bench.one, actor(), id, None, user_input(body));
    block_on(put).unwrap().version
}

pub(super) fn a_password_is_stored_only_where_the_tenant_accepts_them(bench: &mut Bench) {
    let jira = application(bench, "jira", &["one"]);
    let body = json!({"userName": "anna", "password": "first"});
    let anna = bench.create(&bench.one, body.clone()).unwrap().id;
    assert_eq!(sign_in(bench, &jira, "anna", "first"), "NoPassword");
    bench.set("accept_passwords", "true");
    assert_eq!(sign_in(bench, &jira, "anna", "first"), "NoPassword");
    put(bench, anna, body);
    assert_eq!(sign_in(bench, &jira, "ANNA", "first"), "Accepted");
    assert_eq!(sign_in(bench, &jira, "anna", "First"), "WrongPassword");
    assert_eq!(sign_in(bench, &jira, "anna", ""), "WrongPassword");
    assert_eq!(sign_in(bench, &jira, "nobody", "first"), "UnknownUser");
    bench.set("accept_passwords", "false");
    bench.set("accept_passwords", "true");
    assert_eq!(sign_in(bench, &jira, "anna", "first"), "NoPassword");
}

pub(super) fn a_password_follows_its_user(bench: &mut Bench) {
    bench.set("accept_passwords", "true");
    let jira = application(bench, "jira", &["one", "two"]);
    let body = json!({"userName": "anna", "password": "first"});
    let anna = bench.create(&bench.one, body.clone()).unwrap().id;
    let rename = json!([{"op": "replace", "path": "userName", "value": "anna.s"}]);
    bench.patch_user(anna, rename).unwrap();
    assert_eq!(sign_in(bench, &jira, "anna.s", "first"), "Accepted");
    let deactivate = json!([{"op": "replace", "path": "active", "value": false}]);
    bench.patch_user(anna, deactivate).unwrap();
    assert_eq!(sign_in(bench, &jira, "anna.s", "first"), "Inactive");
    bench.delete_user(&bench.one, anna).unwrap();
    assert_eq!(sign_in(bench, &jira, "anna.s", "first"), "Inactive");
    let stored = bench.directory.store().password(*anna.as_uuid());
    assert!(block_on(stored).unwrap().is_none());
    let again = bench.create(&bench.one, json!({"userName": "anna.s"}));
    assert_ne!(again.unwrap().id, anna);
    assert_eq!(sign_in(bench, &jira, "anna.s", "first"), "NoPassword");
    bench.create(&bench.two, body).unwrap();
    assert_eq!(sign_in(bench, &jira, "anna", "first"), "NoPassword");
}

pub(super) fn only_a_new_password_is_written(bench: &mut Bench) {
    bench.set("accept_passwords", "true");
    let jira = application(bench, "jira", &["one"]);
    let body = json!({"userName": "anna", "password": "first"});
    let anna = bench.create(&bench.one, body.clone()).unwrap();
    let head = bench.head();
    assert_eq!(put(bench, anna.id, body), anna.version);
    assert_eq!(set_password(bench, anna.id, "first"), anna.version);
    let named = json!({"userName": "anna"});
    assert_eq!(put(bench, anna.id, named), anna.version);
    assert_eq!(bench.head(), head);
    assert_eq!(set_password(bench, anna.id, "second"), anna.version + 1);
    assert_eq!(bench.head(), head + 1);
    assert_eq!(sign_in(bench, &jira, "anna", "first"), "WrongPassword");
    assert_eq!(sign_in(bench, &jira, "anna", "second"), "Accepted");
    let refused = json!([
        {"op": "replace", "path": "password", "value": "third"},
        {"op": "replace", "path": "userName", "value": ""},
    ]);
    assert!(bench.patch_user(anna.id, refused).is_err());
    assert_eq!(sign_in(bench, &jira, "anna", "second"), "Accepted");
    block_on(bench.directory.verify_log()).unwrap();
}

pub(super) fn a_repeated_post_repeats_the_password(bench: &mut Bench) {
    bench.set("accept_passwords", "true");
    let body = |password: &str| json!({"userName": "anna", "password": password});
    let made = bench.post(&bench.one, body("first"), [1; 32]).unwrap();
    assert!(matches!(made, Created::New(_)));
    // A hash of a body with a password is never kept, so it cannot tell a repetition.
    let again = bench.post(&bench.one, body("first"), [2; 32]).unwrap();
    assert!(matches!(again, Created::Replayed(_)));
    let other = bench.post(&bench.one, body("other"), [1; 32]);
    assert!(matches!(other, Err(DirectoryError::Conflict { .. })));
}

pub(super) fn many_wrong_passwords_make_a_user_wait(bench: &mut Bench) {
    bench.set("accept_passwords", "true");
    let jira = application(bench, "jira", &["one"]);
    let wiki = application(bench, "wiki", &["one"]);
    let body = json!({"userName": "anna", "password": "right"});
    bench.create(&bench.one, body).unwrap();
    for _ in 0..6 {
        assert_eq!(sign_in(bench, &jira, "anna", "wrong"), "WrongPassword");
    }
    assert_eq!(sign_in(bench, &jira, "anna", "right"), "Delayed");
    assert_eq!(sign_in(bench, &wiki, "anna", "right"), "Accepted");
    bench.clock.advance_seconds(2);
    assert_eq!(sign_in(bench, &jira, "anna", "right"), "Accepted");
    assert_eq!(sign_in(bench, &jira, "anna", "wrong"), "WrongPassword");
    assert_eq!(sign_in(bench, &jira, "anna", "right"), "Accepted");
}
