//! What happens to groups and their members.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    Session, expect,
    lookup::{self, Found},
};
use crate::simulate::{
    compose::{Request, ask_member, change_members, create_group, fill_group, rename_group},
    habits::Key,
    person::{Object, Team},
    plan::{GroupEvent, GroupStep},
};

/// Plays one step.
pub(super) fn perform(session: &Session, step: &GroupStep) {
    if step.event == GroupEvent::Created {
        return found(session, &step.after);
    }
    let Some(id) = session.id(step.after.object()) else {
        return session.ledger.skip();
    };
    match step.event {
        GroupEvent::Created => {}
        GroupEvent::Renamed => rename(session, &step.after, &id),
        GroupEvent::Members => reshuffle(session, step, &id),
        GroupEvent::Dissolved => dissolve(session, &step.after, &id),
    }
}

fn found(session: &Session, team: &Team) {
    for key in session.habits.group_keys {
        if let Found::One(one) = lookup::group(session, *key, team) {
            adopt(session, team, &one);
            return fill(session, team);
        }
    }
    let request = create_group(session.habits, team, &|object| session.id(object));
    let made = session.send(&request, &expect::created(Vec::new()));
    if made.status == 409 {
        if let Found::One(one) = lookup::group(session, Key::DisplayName, team) {
            adopt(session, team, &one);
        }
    } else if (200..300).contains(&made.status) {
        adopt(session, team, &made.body);
    }
    fill(session, team);
}

fn adopt(session: &Session, team: &Team, resource: &Value) {
    if let Some(id) = resource.get("id").and_then(Value::as_str) {
        session.ledger.learn(team.object(), id);
    }
}

/// Brings in the first members.
fn fill(session: &Session, team: &Team) {
    if let Some(id) = session.id(team.object()) {
        let ids = |object: Object| session.id(object);
        send_all(session, &fill_group(session.habits, team, &id, &ids), &id);
    }
}

fn send_all(session: &Session, requests: &[Request], id: &str) {
    for request in requests {
        let expect = expect::changed(session.habits, request.method, id, Vec::new());
        session.send(request, &expect);
    }
}

fn read_first(session: &Session, team: &Team, id: &str) {
    if session.habits.reads_first {
        let query = session.habits.group_query;
        let query = if query.is_empty() {
            String::new()
        } else {
            format!("?{query}")
        };
        let request = Request::read("read group", team.object(), id, &query);
        session.send(&request, &expect::read(id, Vec::new()));
    }
}

fn rename(session: &Session, team: &Team, id: &str) {
    read_first(session, team, id);
    let ids = |object: Object| session.id(object);
    let request = rename_group(session.habits, team, id, &ids);
    send_all(session, &[request], id);
}

fn reshuffle(session: &Session, step: &GroupStep, id: &str) {
    read_first(session, &step.after, id);
    ask(session, step, id);
    let ids = |object: Object| session.id(object);
    let requests = change_members(session.habits, (&step.before, &step.after), id, &ids);
    send_all(session, &requests, id);
}

/// Asks whether the one who comes is a member already.
fn ask(session: &Session, step: &GroupStep, id: &str) {
    let added: BTreeSet<_> = step
        .after
        .members
        .difference(&step.before.members)
        .collect();
    let one = (session.habits.asks_first && added.len() == 1).then(|| added.first().copied());
    let member = one
        .flatten()
        .and_then(|number| session.id(Object::User(*number)));
    if let Some(member) = member {
        let request = ask_member(session.habits, &step.after, id, &member);
        session.send(&request, &expect::list());
    }
}

fn dissolve(session: &Session, team: &Team, id: &str) {
    let object = team.object();
    let request = Request::delete("delete group", session.habits, object, id);
    if session
        .send(&request, &expect::deleted(session.habits))
        .good
    {
        session.ledger.forget(object);
        session.ledger.bury(object, id);
    }
}
