//! Users: the entity, `/user`, `/user/attribute` and the direct groups of a user.

use std::borrow::Cow;

use axum::{extract::State, response::Response};
use provost_directory::{
    id::UserId,
    person::Person,
    view::{PersonKey, View},
};
use serde_json::{Map, Value, json};

use super::{
    answer::document,
    attributes,
    auth::CrowdCaller,
    entity::{self, Detail, Entity, Form, cut, href, object, write_link},
    error::Failure,
    format::Format,
    groups::one_or_all,
    params::Params,
    restriction::{Property, Subject},
    xml,
};
use crate::state::AppState;

/// `GET /user?username=` or `?key=`.
pub(super) async fn one(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let person = find(&caller.view, &params).await?;
    let form = Form {
        detail: params.detail_of_entity(),
        app_url: state.app_url,
    };
    Ok(entity::answer(&person, &form, format))
}

/// `GET /user/attribute?username=`.
pub(super) async fn attributes(
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let person = find(&caller.view, &params).await?;
    let wanted = params.get("attributename");
    let list = attributes::all(&person.resource)
        .filter(|(name, _)| wanted.is_none_or(|wanted| wanted == *name));
    let body = match format {
        Format::Json => attributes::to_json(list).to_string(),
        Format::Xml => {
            let mut out = String::from(xml::DECLARATION);
            attributes::write_xml(&mut out, list);
            out
        }
    };
    Ok(document(format, body))
}

/// `GET /user/group/direct?username=`, or one of the groups with `&groupname=`.
pub(super) async fn groups(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let user = params.required("username")?;
    let found = caller.view.groups_of_user(user).await;
    let groups = found.map_err(|error| Failure::of(&error, || Failure::no_user(user)))?;
    one_or_all(&state, &params, format, (user, "groupname"), &groups)
}

/// The user that `username` or `key` names.
async fn find(view: &View, params: &Params) -> Result<Person, Failure> {
    if let Some(name) = params.get("username") {
        return named(view, name)
            .await?
            .ok_or_else(|| Failure::no_user(name));
    }
    let key = params
        .get("key")
        .ok_or_else(|| Failure::bad_request("The parameter username or key is missing"))?;
    let person = match UserId::parse(key) {
        Some(id) => view.person(PersonKey::Key(id)).await?,
        None => None,
    };
    person.ok_or_else(|| Failure::no_user(key))
}

/// The user of that name.
pub(super) async fn named(view: &View, name: &str) -> Result<Option<Person>, Failure> {
    Ok(view.person(PersonKey::Name(name)).await?)
}

impl Entity for Person {
    const ELEMENT: &'static str = "user";
    const LIST: &'static str = "users";

    fn write_xml(&self, out: &mut String, form: &Form) {
        out.push_str("<user");
        xml::attribute(out, "name", &self.name);
        if form.detail == Detail::Attributes {
            xml::attribute(out, "expand", "attributes");
        }
        out.push('>');
        write_link(out, &href(&form.app_url, "user?username=", &self.name));
        if form.detail != Detail::Name {
            write_fields(out, self);
            xml::element(out, "created-date", &self.created.to_string());
            xml::element(out, "updated-date", &self.updated.to_string());
        }
        if form.detail == Detail::Attributes {
            attributes::write_xml(out, attributes::all(&self.resource));
        }
        out.push_str("</user>");
    }

    fn to_json(&self, form: &Form) -> Value {
        let link = href(&form.app_url, "user?username=", &self.name);
        let mut json = match form.detail {
            Detail::Name => object([("name", json!(self.name))]),
            Detail::Fields | Detail::Attributes => fields_to_json(self),
        };
        json.extend(object([("link", json!({ "href": link, "rel": "self" }))]));
        if form.detail != Detail::Name {
            json.extend(object([
                ("created-date", json!(self.created.to_string())),
                ("updated-date", json!(self.updated.to_string())),
            ]));
        }
        if form.detail == Detail::Attributes {
            let attributes = attributes::to_json(attributes::all(&self.resource));
            json.extend(object([
                ("expand", json!("attributes")),
                ("attributes", attributes),
            ]));
        }
        Value::Object(json)
    }
}

/// The child elements that applications store. `<active>` is never left out: they read its
/// absence as `false`.
pub(super) fn write_fields(out: &mut String, person: &Person) {
    xml::element(out, "first-name", cut(&person.first_name));
    xml::element(out, "last-name", cut(&person.last_name));
    xml::element(out, "display-name", cut(&person.display_name));
    xml::element(out, "email", cut(&person.email));
    xml::element(out, "key", &person.key.to_string());
    xml::element(out, "active", flag(person.active));
}

/// The same as JSON, with the name.
pub(super) fn fields_to_json(person: &Person) -> Map<String, Value> {
    object([
        ("name", json!(person.name)),
        ("first-name", json!(cut(&person.first_name))),
        ("last-name", json!(cut(&person.last_name))),
        ("display-name", json!(cut(&person.display_name))),
        ("email", json!(cut(&person.email))),
        ("key", json!(person.key.to_string())),
        ("active", json!(person.active)),
    ])
}

const fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

impl Subject for Person {
    fn property(&self, name: &str) -> Property<'_> {
        let text = |text| Property::Text(Cow::Borrowed(text));
        match name {
            "name" => text(&self.name),
            "email" => text(&self.email),
            "firstName" => text(&self.first_name),
            "lastName" => text(&self.last_name),
            "displayName" => text(&self.display_name),
            "externalId" => Property::Text(Cow::Owned(self.key.to_string())),
            "active" => Property::Flag(self.active),
            "createdDate" => Property::Instant(self.created),
            "updatedDate" => Property::Instant(self.updated),
            other => {
                attributes::one(&self.resource, other).map_or(Property::Unknown, Property::Texts)
            }
        }
    }

    fn always_has(name: &str) -> bool {
        matches!(
            name,
            "name" | "externalId" | "active" | "createdDate" | "updatedDate"
        )
    }
}
