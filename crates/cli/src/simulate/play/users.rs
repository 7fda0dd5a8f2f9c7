//! What happens to users.

use serde_json::{Value, json};

use super::{
    Session, expect,
    lookup::{self, Found},
};
use crate::{
    http::Answer,
    simulate::{
        compose::{
            Request, ask_manager, create_user, sent_values, set_manager, switch_user, update_user,
        },
        habits::{Key, Version},
        judge::{Trouble, judge},
        ledger::Exchange,
        person::{Attribute, Object, Person},
        plan::{Plan, UserEvent, UserStep},
    },
};

/// Plays one step.
pub(super) fn perform(session: &Session, step: &UserStep) {
    if step.event == UserEvent::Hired {
        return hire(session, &step.after);
    }
    let Some(id) = session.id(step.after.object()) else {
        return session.ledger.skip();
    };
    match step.event {
        UserEvent::Hired => {}
        UserEvent::GotManager => appoint(session, &step.after, &id),
        UserEvent::Left => leave(session, &step.after, &id),
        UserEvent::Reactivated => {
            must_be_found(session, &step.before, &id);
            change(session, step, &id);
        }
        UserEvent::Renamed | UserEvent::Moved | UserEvent::Deactivated => {
            change(session, step, &id);
        }
    }
}

/// Everything that the target should show of a person; nothing if a write failed, because what
/// differs then has been reported.
pub(super) fn values(session: &Session, person: &Person) -> Vec<(Attribute, Value)> {
    if session.ledger.has_failed(person.object()) {
        return Vec::new();
    }
    all_values(session, person)
}

fn all_values(session: &Session, person: &Person) -> Vec<(Attribute, Value)> {
    sent_values(session.habits, person, &|object| session.id(object))
}

/// The values without references, which follow.
fn own_values(session: &Session, person: &Person) -> Vec<(Attribute, Value)> {
    let mut values = values(session, person);
    values.retain(|(attribute, _)| *attribute != Attribute::Manager);
    values
}

fn hire(session: &Session, person: &Person) {
    for key in session.habits.user_keys {
        if let Found::One(one) = lookup::user(session, *key, person) {
            return adopt(session, person, &one);
        }
    }
    let request = create_user(session.habits, person, &|object| session.id(object));
    let made = session.send(&request, &expect::created(own_values(session, person)));
    if made.status == 409 {
        if let Found::One(one) = lookup::user(session, Key::UserName, person) {
            adopt(session, person, &one);
        }
    } else if (200..300).contains(&made.status) {
        adopt(session, person, &made.body);
    }
}

fn adopt(session: &Session, person: &Person, resource: &Value) {
    if let Some(id) = resource.get("id").and_then(Value::as_str) {
        session.ledger.learn(person.object(), id);
    }
}

/// A user who is inactive is found, because otherwise it would be created a second time.
fn must_be_found(session: &Session, person: &Person, id: &str) {
    let Some(key) = session.habits.user_keys.first() else {
        return;
    };
    if matches!(lookup::user(session, *key, person), Found::Nothing) {
        let exchange = session.ledger.blame(person.object(), "deactivate user");
        let exchange = exchange.unwrap_or(Exchange {
            kind: "look up user",
            sent: format!("a search for {}", person.user_name),
            came: "an empty list".to_owned(),
        });
        let detail = format!(
            "{} with id {id} is inactive and not found",
            person.user_name
        );
        session
            .ledger
            .complain(Trouble::InactiveHidden, detail, &exchange);
    }
}

fn change(session: &Session, step: &UserStep, id: &str) {
    if all_values(session, &step.before) == all_values(session, &step.after) {
        // What has changed is nothing that this identity provider sends.
        return;
    }
    let read = read_first(session, &step.before, id);
    let pair = (&step.before, &step.after);
    let ids = |object: Object| session.id(object);
    let request = if step.before.active == step.after.active {
        update_user(session.habits, pair, id, &read, &ids)
    } else {
        switch_user(session.habits, pair, id, &read, &ids)
    };
    let values = values(session, &step.after);
    let expect = expect::changed(session.habits, request.method, id, values);
    session.send(&request, &expect);
}

/// Reads a user before it is changed; `Null` if that is not what this identity provider does.
fn read_first(session: &Session, person: &Person, id: &str) -> Value {
    if !session.habits.reads_first {
        return Value::Null;
    }
    let request = Request::read("read user", person.object(), id, "");
    let read = session.send(&request, &expect::read(id, values(session, person)));
    read.body
}

fn appoint(session: &Session, person: &Person, id: &str) {
    let manager = person
        .manager
        .map(Object::User)
        .and_then(|one| session.id(one));
    let Some(manager) = manager else {
        return session.ledger.skip();
    };
    let asked = ask_manager(session.habits, person, id, &manager);
    session.send(&asked, &expect::list());
    let request = set_manager(session.habits, person, id, &manager);
    let values = values(session, person);
    let expect = expect::changed(session.habits, request.method, id, values);
    session.send(&request, &expect);
}

fn leave(session: &Session, person: &Person, id: &str) {
    let object = person.object();
    let request = Request::delete("delete user", session.habits, object, id);
    if session
        .send(&request, &expect::deleted(session.habits))
        .good
    {
        session.ledger.forget(object);
        session.ledger.bury(object, id);
    }
}

/// Creates a user whose name is taken.
pub(super) fn clash(session: &Session, plan: &Plan) {
    let people = plan.people.iter().flatten();
    let Some(person) = people
        .into_iter()
        .find(|one| session.id(one.object()).is_some())
    else {
        return;
    };
    let Some(id) = session.id(person.object()) else {
        return;
    };
    let Some(name) = current_name(session, &id) else {
        return;
    };
    let other = Person {
        user_name: name,
        external_id: format!("other-{}", person.external_id),
        given: "Other".to_owned(),
        ..person.clone()
    };
    let mut request = create_user(session.habits, &other, &|object| session.id(object));
    request.kind = "create a taken name";
    request.object = None;
    let answer = session.send_and(&request, |answer, _| verdict(session, answer));
    let other = answer.body.get("id").and_then(Value::as_str);
    if let (200..300, Some(other)) = (answer.status, other.filter(|other| *other != id)) {
        session.ledger.stray(format!("/Users/{other}"));
    }
}

/// The name that the target shows for an id.
fn current_name(session: &Session, id: &str) -> Option<String> {
    let request = Request::get("read user", format!("/Users/{id}"));
    let read = session.send(&request, &expect::read(id, Vec::new()));
    Some(read.body.get("userName")?.as_str()?.to_owned())
}

fn verdict(session: &Session, answer: &Answer) -> (Vec<(Trouble, String)>, Value) {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let says_unique = body.get("scimType") == Some(&json!("uniqueness"));
    let is_v2 = session.habits.version == Version::V2;
    let detail = format!(
        "answered {} scimType {}",
        answer.status,
        body.get("scimType").unwrap_or(&Value::Null)
    );
    let complaints = match answer.status {
        409 if says_unique || !is_v2 => Vec::new(),
        200..300 => vec![(Trouble::DuplicateCreated, detail)],
        409 | 400 => vec![(Trouble::DuplicateOtherStatus, detail)],
        _ => judge(session.habits, &expect::created(Vec::new()), false, answer).0,
    };
    (complaints, body)
}
