//! Looks at one answer as the identity provider does: status, content type, form, id, values.

use serde_json::Value;

use super::{Trouble, values::wrong_values};
use crate::{
    http::Answer,
    simulate::{
        habits::{Habits, Version},
        person::Attribute,
    },
};

/// What the body must be.
#[derive(Clone, Debug)]
pub(in crate::simulate) enum Shape {
    /// It is not read.
    Any,
    /// A document of any kind.
    Document,
    /// The list of a search or of a page.
    List,
    /// A resource, or nothing at all if it is not needed.
    Resource {
        /// It is read; without it, the request has failed.
        needed: bool,
        /// It is new: it has a place.
        new: bool,
        /// The id that it must have.
        id: Option<String>,
        /// The values that it must have.
        values: Vec<(Attribute, Value)>,
    },
}

/// What a request needs for an answer.
#[derive(Clone, Debug)]
pub(in crate::simulate) struct Expect {
    /// The statuses that it takes for success.
    pub(in crate::simulate) statuses: &'static [u16],
    /// More of them when the request was sent before and its answer lost.
    pub(in crate::simulate) after_loss: &'static [u16],
    /// What another status means, where it is not what it means elsewhere.
    pub(in crate::simulate) not_found: Trouble,
    /// What the body must be.
    pub(in crate::simulate) shape: Shape,
}

/// Something wrong, with what was seen.
pub(in crate::simulate) type Complaint = (Trouble, String);

/// All that is wrong with an answer, and its body as JSON (`Null` if it has none).
pub(in crate::simulate) fn judge(
    habits: &Habits,
    expect: &Expect,
    was_lost: bool,
    answer: &Answer,
) -> (Vec<Complaint>, Value) {
    let json: Option<Value> = serde_json::from_str(&answer.body).ok();
    let body = json.clone().unwrap_or_default();
    if was_lost && expect.after_loss.contains(&answer.status) {
        return (Vec::new(), body);
    }
    if !expect.statuses.contains(&answer.status) {
        let trouble = status_trouble(expect, answer);
        let mut complaints = vec![(trouble, reason(answer, &body))];
        complaints.extend(error_form(habits, answer, &body));
        return (complaints, body);
    }
    if matches!(expect.shape, Shape::Any) || may_be_empty(expect, answer) {
        return (Vec::new(), body);
    }
    let mut complaints = medium(habits, answer, json.is_some());
    if json.is_some() {
        complaints.extend(form(habits, expect, answer, &body));
    }
    (complaints, body)
}

/// The status and the words that came with it.
fn reason(answer: &Answer, body: &Value) -> String {
    let detail = body.get("detail").and_then(Value::as_str);
    let words = detail.map(|text| format!(": {}", text.replace('\n', " ")));
    format!("answered {}{}", answer.status, words.unwrap_or_default())
}

fn may_be_empty(expect: &Expect, answer: &Answer) -> bool {
    let needed = match &expect.shape {
        Shape::Resource { needed, .. } => *needed,
        Shape::Any => false,
        Shape::Document | Shape::List => true,
    };
    !needed && answer.body.trim().is_empty()
}

/// What a status means that is not among those wanted.
fn status_trouble(expect: &Expect, answer: &Answer) -> Trouble {
    if is_html(answer) && answer.status < 500 && !matches!(answer.status, 401 | 403) {
        return Trouble::Html;
    }
    match answer.status {
        401 | 403 => Trouble::Refused,
        404 | 410 => expect.not_found,
        405 | 406 | 415 | 501 => Trouble::Unsupported,
        409 => Trouble::FalseConflict,
        429 => Trouble::Throttled,
        400..=499 => Trouble::Rejected,
        500.. => Trouble::ServerError,
        0..=399 => Trouble::OddStatus,
    }
}

fn is_html(answer: &Answer) -> bool {
    answer.content_type().starts_with("text/html") || answer.body.trim_start().starts_with('<')
}

/// Whether an error tells the administrator what is wrong.
fn error_form(habits: &Habits, answer: &Answer, body: &Value) -> Option<Complaint> {
    let has_text = match habits.version {
        Version::V2 => body.get("detail").is_some_and(Value::is_string),
        Version::V1 => body.get("Errors").or_else(|| body.get("errors")).is_some(),
    };
    (answer.status >= 400 && !has_text && !is_html(answer)).then(|| {
        let body = if answer.body.is_empty() {
            "no body"
        } else {
            "a body without a reason"
        };
        (
            Trouble::ErrorForm,
            format!("status {} came with {body}", answer.status),
        )
    })
}

/// Content type and JSON.
fn medium(habits: &Habits, answer: &Answer, is_json: bool) -> Vec<Complaint> {
    let kind = answer.content_type();
    if is_html(answer) {
        return vec![(Trouble::Html, format!("content type `{kind}`"))];
    }
    if !is_json {
        return vec![(Trouble::NotJson, "the body is not JSON".to_owned())];
    }
    let media = kind.split(';').next().unwrap_or_default().trim();
    let fits = match habits.version {
        Version::V2 => media.eq_ignore_ascii_case("application/scim+json"),
        Version::V1 => ["application/json", "application/scim+json"]
            .iter()
            .any(|good| media.eq_ignore_ascii_case(good)),
    };
    let complaint = (!fits).then(|| (Trouble::ContentType, format!("content type `{kind}`")));
    complaint.into_iter().collect()
}

fn form(habits: &Habits, expect: &Expect, answer: &Answer, body: &Value) -> Vec<Complaint> {
    match &expect.shape {
        Shape::Any | Shape::Document => Vec::new(),
        Shape::List => list(habits, body),
        Shape::Resource {
            new, id, values, ..
        } => {
            let mut complaints = resource(body, id.as_deref());
            complaints.extend(new.then(|| place(answer, body)).flatten());
            complaints.extend(values_of(habits, body, values));
            complaints
        }
    }
}

fn list(habits: &Habits, body: &Value) -> Vec<Complaint> {
    let urn = match habits.version {
        Version::V2 => "urn:ietf:params:scim:api:messages:2.0:ListResponse",
        Version::V1 => "urn:scim:schemas:core:1.0",
    };
    let schemas = body.get("schemas").and_then(Value::as_array);
    let is_list = schemas.is_some_and(|all| all.iter().any(|one| one == urn));
    if !is_list && body.get("totalResults").is_none() {
        let text = "neither `schemas` nor `totalResults` of a list".to_owned();
        return vec![(Trouble::NotAList, text)];
    }
    let mut complaints: Vec<_> = habits
        .list_needs
        .iter()
        .filter(|key| body.get(key).and_then(Value::as_u64).is_none())
        .map(|key| (Trouble::ListIncomplete, format!("`{key}` is not a number")))
        .collect();
    let total = body.get("totalResults").and_then(Value::as_u64);
    let has_resources = body.get("Resources").is_some_and(Value::is_array);
    if total.is_some_and(|total| total > 0) && !has_resources {
        complaints.push((
            Trouble::ListIncomplete,
            "`Resources` is not a list".to_owned(),
        ));
    }
    complaints
}

fn resource(body: &Value, id: Option<&str>) -> Vec<Complaint> {
    let got = body.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut complaints = Vec::new();
    if got.is_empty() {
        complaints.push((Trouble::NoId, "`id` is absent or empty".to_owned()));
    } else if id.is_some_and(|id| id != got) {
        let id = id.unwrap_or_default();
        complaints.push((Trouble::IdChanged, format!("id is `{got}`, not `{id}`")));
    }
    complaints
}

/// `Location` and `meta` of something new.
fn place(answer: &Answer, body: &Value) -> Option<Complaint> {
    if answer.header("location").is_none() {
        return Some((Trouble::NoLocation, "no Location header".to_owned()));
    }
    let kind = body.get("meta").and_then(|meta| meta.get("location"));
    kind.is_none()
        .then(|| (Trouble::NoMeta, "no `meta.location`".to_owned()))
}

fn values_of(habits: &Habits, body: &Value, values: &[(Attribute, Value)]) -> Vec<Complaint> {
    wrong_values(body, values, habits.enterprise)
        .into_iter()
        .map(|(attribute, sentence)| {
            let trouble = if attribute.is_optional() {
                Trouble::OptionalDropped
            } else {
                Trouble::ValueChanged
            };
            (trouble, sentence)
        })
        .collect()
}
