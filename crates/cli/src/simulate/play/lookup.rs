//! Looking for what may exist already, and reading the result as the identity provider does.

use serde_json::Value;

use super::{Session, expect, session::Outcome};
use crate::simulate::{
    compose::{Request, look_up_group, look_up_user},
    habits::Key,
    judge::{Trouble, judge, show},
    person::{Person, Team},
    plan::{Plan, Step},
};

/// What a search found.
pub(super) enum Found {
    /// This resource.
    One(Value),
    /// Nothing.
    Nothing,
    /// The search failed; whether it exists is not known.
    Unknown,
}

/// The first resource of a list.
fn first(body: &Value) -> Option<&Value> {
    body.get("Resources")?.as_array()?.first()
}

/// Searches; every hit must have the value that was searched for in `attribute`.
pub(super) fn search(session: &Session, request: &Request, attribute: &str, value: &str) -> Found {
    let outcome = session.send_and(request, |answer, was_lost| {
        let expect = expect::list();
        let (mut complaints, body) = judge(session.habits, &expect, was_lost, answer);
        complaints.extend(strangers(&body, attribute, value));
        (complaints, body)
    });
    read(&outcome)
}

fn read(outcome: &Outcome) -> Found {
    if !outcome.good {
        return Found::Unknown;
    }
    first(&outcome.body).map_or(Found::Nothing, |one| Found::One(one.clone()))
}

/// Hits that were not asked for.
fn strangers(body: &Value, attribute: &str, value: &str) -> Option<(Trouble, String)> {
    let hits = body.get("Resources").and_then(Value::as_array);
    let wanted = value.to_lowercase();
    let stranger = hits.into_iter().flatten().find(|hit| {
        let got = hit.get(attribute).map(show).unwrap_or_default();
        got.to_lowercase() != wanted
    })?;
    let got = stranger
        .get(attribute)
        .map_or_else(|| "nothing".to_owned(), show);
    Some((
        Trouble::UnfilteredList,
        format!("searched {attribute} `{value}`, got one with `{got}`"),
    ))
}

fn name(key: Key) -> &'static str {
    match key {
        Key::UserName => "userName",
        Key::DisplayName => "displayName",
        Key::ExternalId => "externalId",
    }
}

/// Searches a user by one of its keys.
pub(super) fn user(session: &Session, key: Key, person: &Person) -> Found {
    let value = person.key(key);
    let request = look_up_user(session.habits, key, &value).about(person.object());
    search(session, &request, name(key), &value)
}

/// Searches a group by one of its keys.
pub(super) fn group(session: &Session, key: Key, team: &Team) -> Found {
    let value = team.key(key);
    let request = look_up_group(session.habits, key, &value).about(team.object());
    search(session, &request, name(key), &value)
}

/// Searches a value that nobody has; `true` if nothing was found.
pub(super) fn nobody(session: &Session, request: &Request, key: Key, value: &str) -> bool {
    matches!(search(session, request, name(key), value), Found::Nothing)
}

/// Whether the first user of the plan exists already, under its first or its last name.
pub(super) fn is_taken(session: &Session, plan: &Plan) -> bool {
    let last = plan.people.iter().flatten().next();
    let hired = plan
        .cycles
        .first()
        .and_then(|cycle| cycle.stages.first()?.first());
    let hired = hired.and_then(|step| match step {
        Step::User(step) => Some(&step.after),
        Step::Group(_) => None,
    });
    let again = hired.filter(|hired| last.is_none_or(|last| last.user_name != hired.user_name));
    last.into_iter()
        .chain(again)
        .any(|person| matches!(user(session, Key::UserName, person), Found::One(_)))
}
