//! Groups: the entity, `/group`, `/group/attribute` and direct memberships seen from a group.

use std::borrow::Cow;

use axum::{extract::State, response::Response};
use provost_directory::{
    person::Person,
    view::{View, ViewGroup},
};
use provost_scim::text::fold;
use serde_json::{Map, Value, json};

use super::{
    answer::document,
    attributes,
    auth::CrowdCaller,
    entity::{self, Detail, Entity, Form, cut, href, object, write_link},
    error::Failure,
    format::Format,
    list::List,
    params::Params,
    restriction::{Property, Restriction, Subject},
    users::named,
    xml,
};
use crate::state::AppState;

/// `GET /group?groupname=`.
pub(super) async fn one(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let group = find(&caller.view, params.required("groupname")?).await?;
    let form = Form {
        detail: params.detail_of_entity(),
        app_url: state.app_url,
    };
    Ok(entity::answer(&group, &form, format))
}

/// `GET /group/attribute?groupname=`: groups have none.
pub(super) async fn attributes(
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    find(&caller.view, params.required("groupname")?).await?;
    let body = match format {
        Format::Json => attributes::to_json(std::iter::empty()).to_string(),
        Format::Xml => format!("{}<attributes></attributes>", xml::DECLARATION),
    };
    Ok(document(format, body))
}

/// `GET /group/user/direct?groupname=`, or one of the users with `&username=`.
pub(super) async fn users(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let group = params.required("groupname")?;
    let form = Form {
        detail: params.detail_of_entries(Person::ELEMENT),
        app_url: state.app_url,
    };
    if let Some(user) = params.get("username") {
        let person = member(&caller.view, group, user).await?;
        return Ok(entity::answer(&person, &form, format));
    }
    let page = params.page()?;
    let found = caller.view.users_of_group(group).await;
    let users = found.map_err(|error| Failure::of(&error, || Failure::no_group(group)))?;
    let list = List {
        form,
        page,
        restriction: Restriction::Everything,
        format,
    };
    list.stream(users).await
}

/// The user, if it is in the group. Asked from the user's side, whose groups are few.
async fn member(view: &View, group: &str, user: &str) -> Result<Person, Failure> {
    find(view, group).await?;
    let no_membership = || Failure::no_membership(user, group);
    let found = view.groups_of_user(user).await;
    let groups = found.map_err(|error| Failure::of(&error, no_membership))?;
    if !groups.iter().any(|g| fold(&g.name) == fold(group)) {
        return Err(no_membership());
    }
    named(view, user).await?.ok_or_else(no_membership)
}

/// `GET /group/child-group/direct?groupname=`, or one of them with `&child-groupname=`.
pub(super) async fn children(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let group = params.required("groupname")?;
    let found = caller.view.children_of_group(group).await;
    let groups = found.map_err(|error| Failure::of(&error, || Failure::no_group(group)))?;
    one_or_all(&state, &params, format, (group, "child-groupname"), &groups)
}

/// `GET /group/parent-group/direct?groupname=`, or one of them with `&parent-groupname=`.
pub(super) async fn parents(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let group = params.required("groupname")?;
    let found = caller.view.parents_of_group(group).await;
    let groups = found.map_err(|error| Failure::of(&error, || Failure::no_group(group)))?;
    one_or_all(
        &state,
        &params,
        format,
        (group, "parent-groupname"),
        &groups,
    )
}

/// The groups that `of` is related to, or the one of them that the parameter `single` names.
pub(super) fn one_or_all(
    state: &AppState,
    params: &Params,
    format: Format,
    (of, single): (&str, &str),
    groups: &[ViewGroup],
) -> Result<Response, Failure> {
    let form = Form {
        detail: params.detail_of_entries(ViewGroup::ELEMENT),
        app_url: state.app_url.clone(),
    };
    if let Some(wanted) = params.get(single) {
        let found = groups.iter().find(|g| fold(&g.name) == fold(wanted));
        let found = found.ok_or_else(|| Failure::no_membership(of, wanted))?;
        return Ok(entity::answer(found, &form, format));
    }
    let list = List {
        form,
        page: params.page()?,
        restriction: Restriction::Everything,
        format,
    };
    Ok(list.write(groups))
}

/// The group of that name.
pub(super) async fn find(view: &View, name: &str) -> Result<ViewGroup, Failure> {
    let group = view.group(name).await?;
    group.ok_or_else(|| Failure::no_group(name))
}

impl Entity for ViewGroup {
    const ELEMENT: &'static str = "group";
    const LIST: &'static str = "groups";

    fn write_xml(&self, out: &mut String, form: &Form) {
        out.push_str("<group");
        xml::attribute(out, "name", &self.name);
        if form.detail == Detail::Attributes {
            xml::attribute(out, "expand", "attributes");
        }
        out.push('>');
        write_link(out, &href(&form.app_url, "group?groupname=", &self.name));
        if form.detail != Detail::Name {
            write_fields(out, self);
        }
        if form.detail == Detail::Attributes {
            out.push_str("<attributes></attributes>");
        }
        out.push_str("</group>");
    }

    fn to_json(&self, form: &Form) -> Value {
        let link = href(&form.app_url, "group?groupname=", &self.name);
        let mut json = match form.detail {
            Detail::Name => object([("name", json!(self.name))]),
            Detail::Fields | Detail::Attributes => fields_to_json(self),
        };
        json.extend(object([("link", json!({ "href": link, "rel": "self" }))]));
        if form.detail == Detail::Attributes {
            let attributes = attributes::to_json(std::iter::empty());
            json.extend(object([
                ("expand", json!("attributes")),
                ("attributes", attributes),
            ]));
        }
        Value::Object(json)
    }
}

/// The child elements that applications store. `<type>` is never left out: its absence makes
/// their full synchronisation fail.
pub(super) fn write_fields(out: &mut String, group: &ViewGroup) {
    xml::element(out, "description", cut(&group.description));
    out.push_str("<type>GROUP</type><active>true</active>");
}

/// The same as JSON, with the name.
pub(super) fn fields_to_json(group: &ViewGroup) -> Map<String, Value> {
    object([
        ("name", json!(group.name)),
        ("description", json!(cut(&group.description))),
        ("type", json!("GROUP")),
        ("active", json!(true)),
    ])
}

impl Subject for ViewGroup {
    fn property(&self, name: &str) -> Property<'_> {
        match name {
            "name" => Property::Text(Cow::Borrowed(&self.name)),
            "description" => Property::Text(Cow::Borrowed(&self.description)),
            "active" => Property::Flag(true),
            "local" => Property::Flag(false),
            "externalId" => Property::Text(Cow::Owned(self.id.to_string())),
            "createdDate" => Property::Instant(self.created),
            "updatedDate" => Property::Instant(self.updated),
            _ => Property::Unknown,
        }
    }

    fn always_has(name: &str) -> bool {
        matches!(
            name,
            "name" | "active" | "local" | "externalId" | "createdDate" | "updatedDate"
        )
    }
}
