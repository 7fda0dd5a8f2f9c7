//! Rules about what is held back from applications: new names of groups and mass changes; and
//! about names that a view makes.

use serde_json::json;

use super::views::{Client, events, head};
use crate::{
    DirectoryError,
    figures::Veiled,
    id::{GroupId, UserId},
    testing::{Bench, block_on, drain},
    view::{Since, View, ViewEvent},
};

fn set(bench: &Bench, name: &str, settings: &[(&str, &str)]) -> Result<(), DirectoryError> {
    let pairs: Vec<_> = settings
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect();
    block_on(bench.directory.set_application(name, &pairs)).map(drop)
}

fn rename(bench: &Bench, id: GroupId, name: &str) {
    let operations = json!([{"op": "replace", "path": "displayName", "value": name}]);
    bench.patch_group(id, operations).unwrap();
}

fn group_names(view: &View) -> Vec<String> {
    Client::full(view).groups.into_iter().collect()
}

pub(super) fn a_renamed_group_keeps_its_name_until_released(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    let follows = bench.view("wiki", &["one"]);
    set(bench, "wiki", &[("group_names", "follow")]).unwrap();
    let user = bench.user("a").id.to_string();
    let group = bench.group("dev", std::slice::from_ref(&user));
    let before = Client::full(&view);
    let (start, other) = (head(&view), head(&follows));

    rename(bench, group.id, "developers");
    assert_eq!(Client::full(&view), before);
    assert!(
        matches!(&events(&view, start)[..], [ViewEvent::GroupChanged { group, .. }] if group.name == "dev"),
        "the application's name and members are untouched"
    );
    assert_eq!(block_on(view.group("developers")).unwrap(), None);
    assert_eq!(block_on(follows.since(other)).unwrap(), Since::Expired);
    assert_eq!(group_names(&follows), ["developers"]);

    // Somebody else takes the old name: whoever had it keeps it.
    let late = bench.group("dev", &[]);
    assert_eq!(Client::full(&view), before);
    let survey = block_on(bench.directory.survey("jira")).unwrap();
    assert_eq!(survey.hidden_groups.total, 1);
    assert_eq!(survey.kept_names[0].shown, "dev");
    assert_eq!(survey.kept_names[0].current, "developers");
    rename(bench, group.id, "dev-team");
    assert_eq!(Client::full(&view), before);

    let start = head(&view);
    let release = |id| block_on(bench.directory.release_group_names("jira", &[id]));
    assert_eq!(release(group.id).unwrap(), 1);
    assert_eq!(block_on(view.since(start)).unwrap(), Since::Expired);
    assert_eq!(group_names(&view), ["dev", "dev-team"]);
    assert!(matches!(release(late.id), Err(DirectoryError::Invalid(_))));
}

pub(super) fn a_new_name_that_the_filter_names_comes_into_sight(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    set(bench, "jira", &[("groups", "jira-*")]).unwrap();
    let user = bench.user("a").id.to_string();
    bench.user("nobody");
    let group = bench.group("staff", std::slice::from_ref(&user));
    assert_eq!(Client::full(&view), Client::default());
    rename(bench, group.id, "jira-staff");
    let seen = Client::full(&view);
    assert_eq!(seen.members.len(), 1);
    assert_eq!(seen.users.len(), 1);
    rename(bench, group.id, "staff");
    assert_eq!(Client::full(&view), seen, "seen once, it stays");
}

pub(super) fn people_come_and_go_with_their_groups(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    set(
        bench,
        "jira",
        &[("groups", "jira-*"), ("nested_groups", "flatten")],
    )
    .unwrap();
    let (a, b) = (bench.user("a").id, bench.user("b").id);
    let inner = bench.group("inner", &[a.to_string(), b.to_string()]);
    let outer = bench.group("jira-users", &[]);
    let start = head(&view);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": inner.id.to_string()}]}]);
    bench.patch_group(outer.id, add).unwrap();
    let told = events(&view, start);
    let joined: Vec<_> = told
        .iter()
        .filter(|event| matches!(event, ViewEvent::GroupsOfUser { groups, .. } if groups == &["jira-users"]))
        .collect();
    assert_eq!(joined.len(), 2, "{told:?}");
    assert!(
        block_on(view.children_of_group("jira-users"))
            .unwrap()
            .is_empty()
    );
    assert_eq!(drain(block_on(view.users_of_group("jira-users"))).len(), 2);

    // A deleted user of the view stays as a tombstone; one of other groups never was there.
    let start = head(&view);
    bench.delete_user(&bench.one, b).unwrap();
    let told = events(&view, start);
    assert!(told.iter().any(
        |event| matches!(event, ViewEvent::UserChanged { person, .. } if person.name == "b" && !person.active)
    ));
    let start = head(&view);
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", inner.id)}]);
    bench.patch_group(outer.id, remove).unwrap();
    let told = events(&view, start);
    for name in ["a", "b"] {
        assert!(
            told.contains(&ViewEvent::UserRemoved(name.into())),
            "{told:?}"
        );
    }
    assert!(Client::full(&view).users.is_empty());
}

pub(super) fn two_people_never_become_one(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    set(bench, "jira", &[("usernames", "local-part")]).unwrap();
    let first = bench.user("anna@a.org");
    let second = bench.user("anna@b.org");
    let person = |view: &View| Client::full(view).users["anna"].0;
    assert_eq!(person(&view), first.id);
    let survey = block_on(bench.directory.survey("jira")).unwrap();
    assert_eq!(survey.hidden_users.first[0].name, "anna@b.org");
    // Gone, the first one still has the name: the second would inherit what was done under it.
    bench.delete_user(&bench.one, first.id).unwrap();
    assert_eq!(person(&view), first.id);
    let operations = json!([{"op": "replace", "path": "userName", "value": "anna.b@b.org"}]);
    bench.patch_user(second.id, operations).unwrap();
    assert_eq!(Client::full(&view).users["anna.b"].0, second.id);
    let sees = |name| block_on(view.person(crate::view::PersonKey::Name(name))).unwrap();
    assert!(sees("anna.b@b.org").is_none() && sees("ANNA.B").is_some());
    set(bench, "jira", &[("usernames", "s/@b\\.org$/-b/")]).unwrap();
    let names: Vec<_> = Client::full(&view).users.into_keys().collect();
    assert_eq!(names, ["anna.b-b", "anna@a.org"]);
}

pub(super) fn a_dry_run_says_what_changed_settings_would_do(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    let a = bench.user("Anna@e.org").id.to_string();
    bench.user("bob@e.org");
    bench.group("jira-users", &[a]);
    bench.group("other", &[]);
    let (before, generation) = (Client::full(&view), head(&view));
    let pairs = [
        ("groups".to_owned(), "jira-*".to_owned()),
        ("usernames".to_owned(), "local-part".to_owned()),
    ];
    let preview = block_on(bench.directory.preview_application("jira", &pairs)).unwrap();
    assert_eq!(preview.users.vanish.first, ["bob@e.org"]);
    assert_eq!(
        preview.users.renamed.first,
        [("Anna@e.org".to_owned(), "Anna".to_owned())]
    );
    assert_eq!(preview.groups.vanish.first, ["other"]);
    assert!(preview.users.appear.first.is_empty());
    assert_eq!(Client::full(&view), before);
    assert_eq!(events(&view, generation), []);
    let wrong = [("groups".to_owned(), "x".repeat(501))];
    let refused = block_on(bench.directory.preview_application("jira", &wrong));
    assert!(matches!(refused, Err(DirectoryError::Invalid(_))));
}

/// A view that has synchronised, with so many users in one group.
fn synchronised(bench: &Bench, users: usize) -> (View, Vec<UserId>, GroupId) {
    let view = bench.view("jira", &["one"]);
    let ids: Vec<_> = (0..users)
        .map(|n| bench.user(&format!("u{n}")).id)
        .collect();
    let members: Vec<_> = ids.iter().map(ToString::to_string).collect();
    let group = bench.group("all", &members);
    drain(block_on(view.begin_synchronisation()));
    (view, ids, group.id)
}

fn deactivate(bench: &Bench, ids: &[UserId]) {
    for id in ids {
        let operations = json!([{"op": "replace", "path": "active", "value": false}]);
        bench.patch_user(*id, operations).unwrap();
    }
}

fn is_held(view: &View, start: crate::change::Position) -> bool {
    let quiet = match block_on(view.since(start)).unwrap() {
        Since::Events { events, position } => events.is_empty() && position == start,
        Since::Expired => panic!("expired"),
    };
    let refused = [
        block_on(view.begin_synchronisation()).err(),
        block_on(view.synchronised_groups()).err(),
        block_on(view.memberships()).err(),
    ];
    let held = refused
        .iter()
        .all(|error| matches!(error, Some(DirectoryError::Held(_))));
    assert!(quiet || !held, "{refused:?}");
    held
}

pub(super) fn a_mass_change_freezes_the_view_until_released(bench: &Bench) {
    let (view, ids, _) = synchronised(bench, 100);
    let start = head(&view);
    deactivate(bench, &ids[..20]);
    assert_eq!(events(&view, start).len(), 20, "a fifth is not too many");
    let start = head(&view);
    deactivate(bench, &ids[20..37]);
    assert!(
        !is_held(&view, start),
        "fewer than 20 people are never too many"
    );
    let start = head(&view);
    deactivate(bench, &ids[37..60]);
    assert!(is_held(&view, start));
    let found = block_on(view.person(crate::view::PersonKey::Name("u50"))).unwrap();
    assert!(!found.unwrap().active, "everything else works");
    assert_eq!(drain(block_on(view.users())).len(), 100);
    let standing = block_on(bench.directory.standing("jira")).unwrap();
    assert!(standing.is_held);
    assert_eq!((standing.loss.users, standing.loss.of_users), (23, 63));
    assert_eq!(standing.lag_changes, 23);

    block_on(bench.directory.release_changes("jira")).unwrap();
    assert_eq!(events(&view, start).len(), 23);
    let again = block_on(bench.directory.release_changes("jira"));
    assert!(matches!(again, Err(DirectoryError::Invalid(_))));
    assert!(!is_held(&view, head(&view)));
}

pub(super) fn what_the_brake_holds_can_be_discarded(bench: &Bench) {
    let (view, ids, group) = synchronised(bench, 100);
    let (start, before) = (head(&view), Client::full(&view));
    deactivate(bench, &ids[..15]);
    for id in &ids[10..40] {
        bench.delete_user(&bench.one, *id).unwrap();
    }
    let remove =
        json!([{"op": "remove", "path": "members", "value": [{"value": ids[90].to_string()}]}]);
    bench.patch_group(group, remove).unwrap();
    assert!(is_held(&view, start));
    let done = block_on(bench.directory.discard_changes("jira")).unwrap();
    assert_eq!(
        (done.users, done.memberships, done.is_held),
        (40, 31, false)
    );
    assert!(!is_held(&view, start));
    assert_eq!(Client::full(&view), before);
    assert_eq!(
        bench.read_user(ids[20]).unwrap().id,
        ids[20],
        "under its id"
    );
    block_on(bench.directory.verify_log()).unwrap();
}

pub(super) fn lost_memberships_count_and_the_brake_can_be_off(bench: &Bench) {
    let (view, ids, group) = synchronised(bench, 40);
    let start = head(&view);
    let clear = json!([{"op": "remove", "path": "members"}]);
    bench.patch_group(group, clear).unwrap();
    assert!(is_held(&view, start));
    block_on(bench.directory.discard_changes("jira")).unwrap();
    assert_eq!(Client::full(&view).members.len(), 40);
    let start = head(&view);
    let delete = bench
        .directory
        .delete_group(&bench.one, crate::testing::actor(), group, None);
    block_on(delete).unwrap();
    assert!(is_held(&view, start));
    let left = block_on(bench.directory.discard_changes("jira")).unwrap();
    assert!(left.is_held && left.left.groups == 1, "{left:?}");
    set(bench, "jira", &[("mass_change_share", "off")]).unwrap();
    assert!(!is_held(&view, head(&view)));
    deactivate(bench, &ids);
    assert!(!is_held(&view, head(&view)));
}

pub(super) fn a_new_name_does_not_hide_a_loss(bench: &Bench) {
    let view = bench.view("jira", &["one", "two"]);
    let ids: Vec<_> = (0..40).map(|n| bench.user(&format!("u{n}")).id).collect();
    drain(block_on(view.begin_synchronisation()));
    let start = head(&view);
    deactivate(bench, &ids[..30]);
    for (n, id) in ids[..30].iter().enumerate() {
        let name = format!("former-{n}");
        let operations = json!([{"op": "replace", "path": "userName", "value": name}]);
        bench.patch_user(*id, operations).unwrap();
    }
    assert!(is_held(&view, start));
}

pub(super) fn an_application_that_never_asked_is_never_held(bench: &Bench) {
    let view = bench.view("jira", &["one"]);
    let ids: Vec<_> = (0..30).map(|n| bench.user(&format!("u{n}")).id).collect();
    deactivate(bench, &ids);
    assert_eq!(drain(block_on(view.begin_synchronisation())).len(), 30);
    // Who came and went between two looks was never lost.
    let start = head(&view);
    let late: Vec<_> = (0..30).map(|n| bench.user(&format!("v{n}")).id).collect();
    deactivate(bench, &late);
    assert_eq!(events(&view, start).len(), 30);
    let standing = block_on(bench.directory.standing("jira")).unwrap();
    assert_eq!(standing.lag_changes, 0);
    assert!(standing.last_full_synchronisation.is_some());
}

pub(super) fn figures_say_what_is_there_and_what_is_kept_back(bench: &Bench) {
    let view = bench.view("jira", &["one", "two"]);
    let user = bench.user("a").id.to_string();
    let group = bench.group("dev", std::slice::from_ref(&user));
    bench.create(&bench.two, json!({"userName": "A"})).unwrap();
    rename(bench, group.id, "developers");

    let figures = block_on(bench.directory.figures()).unwrap();
    let tenants: Vec<_> = figures
        .tenants
        .iter()
        .map(|t| (t.slug.as_str(), t.users, t.groups, t.memberships))
        .collect();
    assert_eq!(tenants, [("one", 1, 1, 1), ("two", 1, 0, 0)]);
    assert_eq!(figures.head.number, bench.head());
    let [jira] = &figures.applications[..] else {
        panic!("one application");
    };
    let expect = Veiled {
        kept_group_names: 1,
        hidden_users: 1,
        hidden_groups: 0,
    };
    assert_eq!((jira.name.as_str(), jira.veiled), ("jira", expect));
    assert!(!jira.standing.is_held);
    assert_eq!(jira.standing.last_synchronisation, None);

    Client::full(&view);
    let figures = block_on(bench.directory.figures()).unwrap();
    let standing = &figures.applications[0].standing;
    assert_eq!((standing.lag_changes, standing.lag_since), (0, None));

    let work = bench.directory.activity().work;
    assert!(work.commits > 0 && work.writes >= work.commits, "{work:?}");
    assert_eq!((work.failed_commits, work.unavailable), (0, 0));
    block_on(bench.directory.close());
    assert!(block_on(bench.directory.figures()).is_err());
    assert!(bench.directory.activity().work.unavailable > 0);
}
