//! The connection test, as the identity provider does it when its settings are saved.

use serde_json::{Value, json};

use super::{Session, expect, lookup};
use crate::simulate::{
    compose::{Request, look_up_group, look_up_user},
    habits::Probe,
    judge::{Trouble, judge},
};

/// A name that cannot exist: nothing in a plan has this form.
const NOBODY: &str = "6f1c2a9e-3b7d-4c58-9a10-2e5f7b8c9d01";

/// Whether the identity provider would save the settings.
pub(super) fn connect(session: &Session) -> bool {
    let probes = session.habits.connect.iter();
    let outcomes: Vec<bool> = probes.map(|probe| try_one(session, *probe)).collect();
    outcomes.into_iter().all(|good| good)
}

fn try_one(session: &Session, probe: Probe) -> bool {
    let habits = session.habits;
    let test = |mut request: Request| {
        request.kind = "test connection";
        request
    };
    match probe {
        Probe::NobodyUser(key) => {
            let request = test(look_up_user(habits, key, NOBODY));
            lookup::nobody(session, &request, key, NOBODY)
        }
        Probe::NobodyGroup(key) => {
            let request = test(look_up_group(habits, key, NOBODY));
            lookup::nobody(session, &request, key, NOBODY)
        }
        Probe::List(path) => {
            let request = Request::get("test connection", path);
            session.send(&request, &expect::list()).good
        }
        Probe::Config { path, needs } => config(session, path, needs),
        Probe::TestObjects => test_objects(session),
    }
}

/// Reads the configuration document.
fn config(session: &Session, path: &str, needs: &[&str]) -> bool {
    let request = Request::get("test connection", path);
    let outcome = session.send_and(&request, |answer, was_lost| {
        let (mut complaints, body) = judge(session.habits, &expect::document(), was_lost, answer);
        if complaints.is_empty() {
            let lacks = needs
                .iter()
                .filter(|pointer| body.pointer(pointer).is_none());
            complaints.extend(
                lacks.map(|pointer| (Trouble::ConfigIncomplete, format!("`{pointer}` is absent"))),
            );
        }
        (complaints, body)
    });
    outcome.good
}

/// Makes a user and a group and deletes them.
fn test_objects(session: &Session) -> bool {
    let tag = &session.tag;
    let user = json!({
        "schemas": session.habits.user_schemas,
        "userName": format!("test.{tag}@simulate.example"),
        "name": {"givenName": "Test", "familyName": "User"},
        "emails": [{"value": format!("test.{tag}@simulate.example"), "primary": true}],
        "active": true,
    });
    let group = json!({
        "schemas": session.habits.group_schemas,
        "displayName": format!("Test group {tag}"),
    });
    let user = make_and_delete(session, "/Users", user);
    make_and_delete(session, "/Groups", group) && user
}

fn make_and_delete(session: &Session, endpoint: &str, body: Value) -> bool {
    let kind = "test connection";
    let request = Request {
        method: "POST",
        body: Some(body),
        ..Request::get(kind, endpoint)
    };
    let made = session.send(&request, &expect::created(Vec::new()));
    let Some(id) = made.body.get("id").and_then(Value::as_str) else {
        return false;
    };
    let path = format!("{endpoint}/{id}");
    let request = Request {
        method: "DELETE",
        ..Request::get(kind, path.clone())
    };
    let gone = session
        .send(&request, &expect::deleted(session.habits))
        .good;
    if !gone {
        session.ledger.stray(path);
    }
    made.good && gone
}
