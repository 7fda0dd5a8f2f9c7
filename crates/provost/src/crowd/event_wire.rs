//! The wire form of events.
//!
//! In XML every detail counts (reference: Crowd REST, incremental synchronisation): applications
//! drop an event with another spelling of the operation without an error, and fail on a missing
//! `<parentGroups>` or `<childGroups>`. The JSON form has the same names, with the kind of event
//! in `type`; no application reads it.

use provost_directory::{
    change::Position,
    view::{ViewEvent, ViewGroup},
};
use serde_json::{Value, json};

use super::{format::Format, groups, users, xml};

/// The document for `/event` and `/event/{token}`.
pub(super) fn write(events: &[ViewEvent], position: Position, format: Format) -> String {
    match format {
        Format::Json => json!({
            "newEventToken": position.to_string(),
            "incrementalSynchronisationAvailable": true,
            "events": events.iter().map(event_to_json).collect::<Vec<_>>(),
        })
        .to_string(),
        Format::Xml => {
            let mut out = format!("{}<events", xml::DECLARATION);
            xml::attribute(&mut out, "newEventToken", &position.to_string());
            xml::attribute(&mut out, "incrementalSynchronisationAvailable", "true");
            out.push('>');
            for event in events {
                write_event(&mut out, event);
            }
            out.push_str("</events>");
            out
        }
    }
}

const fn created_or_updated(created: bool) -> &'static str {
    if created { "CREATED" } else { "UPDATED" }
}

fn write_event(out: &mut String, event: &ViewEvent) {
    match event {
        ViewEvent::Left { user, groups } => write_user_membership(out, "DELETED", user, groups),
        ViewEvent::Joined { user, groups } => write_user_membership(out, "CREATED", user, groups),
        ViewEvent::GroupsOfUser { user, groups } => {
            write_user_membership(out, "UPDATED", user, groups);
        }
        ViewEvent::ChildLeft { group, parents } => {
            write_group_membership(out, "DELETED", group, parents);
        }
        ViewEvent::ChildJoined { group, parents } => {
            write_group_membership(out, "CREATED", group, parents);
        }
        ViewEvent::UserRemoved(name) => {
            open(out, "userEvent", "DELETED");
            named(out, "<user", name, "/>");
            out.push_str("</userEvent>");
        }
        ViewEvent::GroupRemoved(name) => {
            open(out, "groupEvent", "DELETED");
            named(out, "<group", name, "/>");
            out.push_str("</groupEvent>");
        }
        ViewEvent::GroupChanged { group, created } => write_group(out, group, *created),
        ViewEvent::UserChanged { person, created } => {
            open(out, "userEvent", created_or_updated(*created));
            named(out, "<user", &person.name, ">");
            users::write_fields(out, person);
            out.push_str("</user></userEvent>");
        }
    }
}

fn write_group(out: &mut String, group: &ViewGroup, created: bool) {
    open(out, "groupEvent", created_or_updated(created));
    named(out, "<group", &group.name, ">");
    groups::write_fields(out, group);
    out.push_str("</group></groupEvent>");
}

fn open(out: &mut String, element: &str, operation: &str) {
    for part in ["<", element, "><operation>", operation, "</operation>"] {
        out.push_str(part);
    }
}

fn named(out: &mut String, tag: &str, name: &str, end: &str) {
    out.push_str(tag);
    xml::attribute(out, "name", name);
    out.push_str(end);
}

fn write_user_membership(out: &mut String, operation: &str, user: &str, groups: &[String]) {
    open(out, "userMembershipEvent", operation);
    named(out, "<childUser", user, "/>");
    write_parents(out, groups);
    out.push_str("</userMembershipEvent>");
}

fn write_group_membership(out: &mut String, operation: &str, group: &str, parents: &[String]) {
    open(out, "groupMembershipEvent", operation);
    named(out, "<group", group, "/>");
    write_parents(out, parents);
    out.push_str("<childGroups></childGroups></groupMembershipEvent>");
}

fn write_parents(out: &mut String, groups: &[String]) {
    out.push_str("<parentGroups>");
    for group in groups {
        named(out, "<group", group, "/>");
    }
    out.push_str("</parentGroups>");
}

fn event_to_json(event: &ViewEvent) -> Value {
    match event {
        ViewEvent::Left { user, groups } => user_membership("DELETED", user, groups),
        ViewEvent::Joined { user, groups } => user_membership("CREATED", user, groups),
        ViewEvent::GroupsOfUser { user, groups } => user_membership("UPDATED", user, groups),
        ViewEvent::ChildLeft { group, parents } => group_membership("DELETED", group, parents),
        ViewEvent::ChildJoined { group, parents } => group_membership("CREATED", group, parents),
        ViewEvent::UserRemoved(name) => json!({
            "type": "userEvent", "operation": "DELETED", "user": { "name": name },
        }),
        ViewEvent::GroupRemoved(name) => json!({
            "type": "groupEvent", "operation": "DELETED", "group": { "name": name },
        }),
        ViewEvent::GroupChanged { group, created } => json!({
            "type": "groupEvent",
            "operation": created_or_updated(*created),
            "group": groups::fields_to_json(group),
        }),
        ViewEvent::UserChanged { person, created } => json!({
            "type": "userEvent",
            "operation": created_or_updated(*created),
            "user": users::fields_to_json(person),
        }),
    }
}

fn user_membership(operation: &str, user: &str, groups: &[String]) -> Value {
    json!({
        "type": "userMembershipEvent",
        "operation": operation,
        "childUser": { "name": user },
        "parentGroups": names(groups),
    })
}

fn group_membership(operation: &str, group: &str, parents: &[String]) -> Value {
    json!({
        "type": "groupMembershipEvent",
        "operation": operation,
        "group": { "name": group },
        "parentGroups": names(parents),
        "childGroups": [],
    })
}

fn names(groups: &[String]) -> Vec<Value> {
    groups.iter().map(|name| json!({ "name": name })).collect()
}
