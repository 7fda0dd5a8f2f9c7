//! Memberships through nested groups.
//!
//! Each group is visited once, so cycles end. The steps are separate reads: a change in between
//! can be seen by some of them only. Synchronisation does not use these resources.

use std::collections::{HashSet, VecDeque};

use axum::{extract::State, response::Response};
use provost_directory::{
    DirectoryError,
    id::UserId,
    person::Person,
    view::{Listing, View, ViewGroup},
};
use provost_scim::text::fold;

use super::{
    auth::CrowdCaller,
    entity::{self, Entity, Form},
    error::Failure,
    format::Format,
    groups::{self, one_or_all},
    list::List,
    params::Params,
    restriction::Restriction,
    stream::Source,
    users::named,
};
use crate::state::AppState;

/// `GET /user/group/nested?username=`.
pub(super) async fn groups_of_user(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let user = params.required("username")?;
    let found = caller.view.groups_of_user(user).await;
    let direct = found.map_err(|error| Failure::of(&error, || Failure::no_user(user)))?;
    let all = walk(&caller.view, direct, &[], Direction::Parents).await?;
    one_or_all(&state, &params, format, (user, "groupname"), &all)
}

/// `GET /group/child-group/nested?groupname=`.
pub(super) async fn children(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let all = related(&caller.view, &params, Direction::Children).await?;
    let group = params.required("groupname")?;
    one_or_all(&state, &params, format, (group, "child-groupname"), &all)
}

/// `GET /group/parent-group/nested?groupname=`.
pub(super) async fn parents(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let all = related(&caller.view, &params, Direction::Parents).await?;
    let group = params.required("groupname")?;
    one_or_all(&state, &params, format, (group, "parent-groupname"), &all)
}

/// `GET /group/user/nested?groupname=`, or one of the users with `&username=`.
pub(super) async fn users_of_group(
    State(state): State<AppState>,
    caller: CrowdCaller,
    format: Format,
    params: Params,
) -> Result<Response, Failure> {
    let name = params.required("groupname")?;
    let page = params.page()?;
    let group = groups::find(&caller.view, name).await?;
    let all = walk(&caller.view, vec![group], &[], Direction::Children).await?;
    let form = Form {
        detail: params.detail_of_entries(Person::ELEMENT),
        app_url: state.app_url,
    };
    if let Some(user) = params.get("username") {
        let person = member(&caller.view, &all, user).await?;
        let person = person.ok_or_else(|| Failure::no_membership(user, name))?;
        return Ok(entity::answer(&person, &form, format));
    }
    let list = List {
        form,
        page,
        restriction: Restriction::Everything,
        format,
    };
    let members = Members {
        view: caller.view,
        groups: all.into(),
        current: None,
        seen: HashSet::new(),
    };
    list.stream(members).await
}

/// The user, if it is directly in one of the groups.
async fn member(view: &View, groups: &[ViewGroup], user: &str) -> Result<Option<Person>, Failure> {
    let of_user = match view.groups_of_user(user).await {
        Err(DirectoryError::NotFound) => return Ok(None),
        other => other?,
    };
    let names: HashSet<_> = groups.iter().map(|group| fold(&group.name)).collect();
    if !of_user.iter().any(|g| names.contains(&fold(&g.name))) {
        return Ok(None);
    }
    named(view, user).await
}

#[derive(Clone, Copy)]
enum Direction {
    Children,
    Parents,
}

/// Everything above or below the group that `groupname` names, without it.
async fn related(
    view: &View,
    params: &Params,
    direction: Direction,
) -> Result<Vec<ViewGroup>, Failure> {
    let group = groups::find(view, params.required("groupname")?).await?;
    let first = step(view, &group.name, direction).await?;
    walk(view, first, &[&group.name], direction).await
}

/// The groups `start` and all that follow from them, each once, none of `known`.
async fn walk(
    view: &View,
    start: Vec<ViewGroup>,
    known: &[&str],
    direction: Direction,
) -> Result<Vec<ViewGroup>, Failure> {
    let mut seen: HashSet<String> = known.iter().map(|name| fold(name).into_owned()).collect();
    let mut waiting = VecDeque::from(start);
    let mut found = Vec::new();
    while let Some(group) = waiting.pop_front() {
        if seen.insert(fold(&group.name).into_owned()) {
            waiting.extend(step(view, &group.name, direction).await?);
            found.push(group);
        }
    }
    Ok(found)
}

/// A group that went away since it was named has no relations.
async fn step(view: &View, group: &str, direction: Direction) -> Result<Vec<ViewGroup>, Failure> {
    let found = match direction {
        Direction::Children => view.children_of_group(group).await,
        Direction::Parents => view.parents_of_group(group).await,
    };
    match found {
        Err(DirectoryError::NotFound) => Ok(Vec::new()),
        other => Ok(other?),
    }
}

/// The users of several groups, each once.
struct Members {
    view: View,
    groups: VecDeque<ViewGroup>,
    current: Option<Listing<Person>>,
    seen: HashSet<UserId>,
}

impl Members {
    async fn next_batch(&mut self) -> Result<Option<Vec<Person>>, DirectoryError> {
        loop {
            if let Some(listing) = &mut self.current {
                if let Some(batch) = listing.next().await.transpose()? {
                    return Ok(Some(batch));
                }
                self.current = None;
            }
            let Some(group) = self.groups.pop_front() else {
                return Ok(None);
            };
            match self.view.users_of_group(&group.name).await {
                Ok(listing) => self.current = Some(listing),
                Err(DirectoryError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Source for Members {
    type Item = Person;

    async fn next(&mut self) -> Option<Result<Vec<Person>, DirectoryError>> {
        let mut batch = match self.next_batch().await.transpose()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error)),
        };
        batch.retain(|person| self.seen.insert(person.key));
        Some(Ok(batch))
    }
}
