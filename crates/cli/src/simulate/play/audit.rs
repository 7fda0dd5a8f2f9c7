//! Reads everything back at the end and compares it with the plan.
//!
//! What differs is reported with the write to the object that is to blame.

mod lists;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use super::{
    Session, crew, expect,
    lookup::{self, Found},
    session::Outcome,
    users,
};
use crate::simulate::{
    compose::Request,
    habits::{Key, Version},
    judge::{Trouble, judge, members, wrong_values},
    ledger::Exchange,
    person::{Object, Person, Team},
    plan::Plan,
};

/// Names of groups and the ids of their members, as the target shows them.
type Memberships = Mutex<BTreeMap<String, BTreeSet<String>>>;

/// Compares everything.
pub(super) fn audit(session: &Session, plan: &Plan) {
    let shown = Memberships::default();
    let teams: Vec<_> = plan.teams.iter().flatten().collect();
    crew::share(session, &teams, |team| group(session, team, &shown));
    let people: Vec<_> = plan.people.iter().flatten().collect();
    crew::share(session, &people, |person| user(session, person, &shown));
    crew::share(session, &session.ledger.buried(), |(object, id)| {
        is_gone(session, *object, id);
    });
    lists::walk(session, "/Users");
    lists::walk(session, "/Groups");
    other_case(session, &people);
}

/// Complains about an object that is wrong, with the write that is to blame.
fn complain(
    session: &Session,
    read: &Outcome,
    (object, kind): (Object, &str),
    complaint: (Trouble, String),
) {
    let exchange = session.ledger.blame(object, kind);
    let exchange = exchange.as_ref().unwrap_or(&read.exchange);
    session.ledger.complain(complaint.0, complaint.1, exchange);
}

fn group(session: &Session, team: &Team, shown: &Memberships) {
    let object = team.object();
    let Some(id) = session.id(object) else { return };
    let request = Request::read("read back group", object, &id, "");
    let read = session.send(&request, &expect::read(&id, Vec::new()));
    if !read.good {
        return;
    }
    let name = read
        .body
        .get("displayName")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if name != team.name {
        let detail = format!("read back: displayName is `{name}`, not `{}`", team.name);
        complain(
            session,
            &read,
            (object, "rename group"),
            (Trouble::ValueChanged, detail),
        );
    }
    let got = members(&read.body);
    compare_members(session, team, &read, &got);
    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    shown.insert(name.to_owned(), got);
}

fn compare_members(session: &Session, team: &Team, read: &Outcome, got: &BTreeSet<String>) {
    let ids = team
        .members
        .iter()
        .filter_map(|number| session.id(Object::User(*number)));
    let wanted: BTreeSet<_> = ids.collect();
    let missing: Vec<_> = wanted.difference(got).collect();
    let buried = session.ledger.buried();
    let is_ghost = |id: &&String| buried.iter().any(|(_, deleted)| deleted == *id);
    let (ghosts, extra): (Vec<_>, Vec<_>) = got.difference(&wanted).partition(is_ghost);
    let counts = format!(
        "`{}` has {} members, of {} expected",
        team.name,
        got.len(),
        wanted.len()
    );
    let about = (team.object(), "change members");
    for (trouble, odd, words) in [
        (Trouble::MembersMissing, missing, "are missing"),
        (Trouble::MembersExtra, extra, "should not be there"),
        (Trouble::GhostMembers, ghosts, "are deleted users"),
    ] {
        if !odd.is_empty() {
            let detail = format!("read back: {counts}; {} {words}", odd.len());
            complain(session, read, about, (trouble, detail));
        }
    }
}

fn user(session: &Session, person: &Person, shown: &Memberships) {
    let object = person.object();
    let Some(id) = session.id(object) else { return };
    let request = Request::read("read back user", object, &id, "");
    let read = session.send(&request, &expect::read(&id, Vec::new()));
    if !read.good {
        return;
    }
    let values = users::values(session, person);
    for (attribute, detail) in wrong_values(&read.body, &values, session.habits.enterprise) {
        let trouble = if attribute.is_optional() {
            Trouble::OptionalDropped
        } else {
            Trouble::ValueChanged
        };
        let detail = format!("read back: {detail}");
        complain(session, &read, (object, "update user"), (trouble, detail));
    }
    if session.habits.reads_groups_of_user {
        groups_of(session, (&id, person), &read, shown);
    }
}

/// Whether a user shows the groups that show the user.
fn groups_of(
    session: &Session,
    (id, person): (&str, &Person),
    read: &Outcome,
    shown: &Memberships,
) {
    let shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
    let mine = shown.iter().filter(|(_, members)| members.contains(id));
    let wanted: BTreeSet<_> = mine.map(|(name, _)| name.clone()).collect();
    let groups = read.body.get("groups").and_then(Value::as_array);
    let display = |group: &Value| Some(group.get("display")?.as_str()?.to_owned());
    let got: BTreeSet<_> = groups.into_iter().flatten().filter_map(display).collect();
    if got != wanted {
        let detail = format!(
            "{} shows the groups {got:?}, not {wanted:?}",
            person.user_name
        );
        session
            .ledger
            .complain(Trouble::GroupsOfUser, detail, &read.exchange);
    }
}

fn is_gone(session: &Session, object: Object, id: &str) {
    let request = Request::read("read back deleted", object, id, "");
    let read = session.send_and(&request, |answer, _| match answer.status {
        200..300 => {
            let endpoint = object.endpoint();
            let detail = format!("{endpoint}/{id} answers {} after DELETE", answer.status);
            (vec![(Trouble::StillThere, detail)], Value::Null)
        }
        _ => judge(session.habits, &expect::gone(), false, answer),
    });
    if (200..300).contains(&read.status) {
        session.ledger.stray(format!("{}/{id}", object.endpoint()));
    }
}

/// Whether a user is found by its name in capitals.
fn other_case(session: &Session, people: &[&Person]) {
    let looks_up = session.habits.user_keys.contains(&Key::UserName);
    let person = people.iter().find(|one| session.id(one.object()).is_some());
    let Some(person) = person.filter(|_| looks_up && session.habits.version == Version::V2) else {
        return;
    };
    let loud = Person {
        user_name: person.user_name.to_uppercase(),
        ..(*person).clone()
    };
    if matches!(lookup::user(session, Key::UserName, &loud), Found::Nothing) {
        let exchange = Exchange {
            kind: "look up user",
            sent: format!("a search for userName `{}`", loud.user_name),
            came: "an empty list".to_owned(),
        };
        let detail = format!(
            "`{}` exists; userName compares without case",
            person.user_name
        );
        session
            .ledger
            .complain(Trouble::NotFoundAfterWrite, detail, &exchange);
    }
}
