//! What becomes of deleted users (rule 4).

use serde_json::json;

use super::{Place, clock};
use crate::{
    Directory,
    change::ChangeKind,
    id::UserId,
    testing::{actor, block_on, user_input},
    view::{PersonKey, View},
};

fn create(directory: &Directory, name: &str) -> UserId {
    let caller = block_on(directory.administrator("t")).unwrap();
    let input = user_input(json!({"userName": name}));
    let made = directory.create_user(&caller, actor(), input, [0; 32]);
    block_on(made).unwrap().into_inner().id
}

fn delete(directory: &Directory, id: UserId) {
    let caller = block_on(directory.administrator("t")).unwrap();
    block_on(directory.delete_user(&caller, actor(), id, None)).unwrap();
}

fn set(directory: &Directory, policy: &str) {
    let pairs = [("deleted_users".to_owned(), policy.to_owned())];
    block_on(directory.set_tenant("t", &pairs)).unwrap();
}

fn is_active(view: &View, name: &str) -> Option<bool> {
    let person = block_on(view.person(PersonKey::Name(name))).unwrap();
    person.map(|person| person.active)
}

on_both_engines! {
    deleted_users_stay_or_go_as_the_policy_says,
}

fn deleted_users_stay_or_go_as_the_policy_says(place: &Place) {
    let clock = clock();
    let directory = place.open(true, &clock);
    block_on(directory.create_tenant("t", None)).unwrap();
    let made = block_on(directory.create_application("jira", &["t".to_owned()])).unwrap();
    let view = directory.view(&made.0);

    delete(&directory, create(&directory, "stays"));
    assert_eq!(is_active(&view, "stays"), Some(false));
    set(&directory, "remove");
    delete(&directory, create(&directory, "goes"));
    assert_eq!(is_active(&view, "goes"), None);

    set(&directory, "remove-after 90d");
    delete(&directory, create(&directory, "later"));
    clock.advance_seconds(89 * 86_400);
    delete(&directory, create(&directory, "fresh"));
    let head = block_on(directory.head()).unwrap();
    block_on(directory.close());

    clock.advance_seconds(86_400);
    let directory = place.open(true, &clock);
    let view = directory.view(&made.0);
    block_on(directory.wait_past(head)).unwrap();
    let told = block_on(directory.changes_after(head, 10)).unwrap();
    let mut told: Vec<_> = told
        .iter()
        .map(|c| (c.kind, c.name.as_str(), c.actor.as_str()))
        .collect();
    told.sort_by_key(|(_, name, _)| *name);
    let forgotten = |name| (ChangeKind::UserForgotten, name, "policy");
    assert_eq!(told, [forgotten("later"), forgotten("stays")]);
    assert_eq!(is_active(&view, "later"), None);
    assert_eq!(is_active(&view, "fresh"), Some(false));
    block_on(directory.verify_log()).unwrap();
}
