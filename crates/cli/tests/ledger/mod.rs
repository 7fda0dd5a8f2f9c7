//! A client that writes at random and remembers every acknowledged write, so that it can say after
//! a crash what must be there.
//!
//! Each client owns its users and groups. A write that got no answer may or may not have happened:
//! the object may then be in the state before or after it, and in no other.

mod http;
mod random;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

pub(crate) use self::{http::Http, random::Random};

/// Why a write was not acknowledged.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The server no longer answers.
    Gone,
    /// The server is in trouble and says so: 502, 503 or 504.
    Busy,
    /// The server answered what it must not.
    Wrong(String),
}

/// What is known of a user or group: `None` when deleted.
type State<T> = Option<T>;

/// An object with its acknowledged state and the state of a write that got no answer.
#[derive(Clone, Debug)]
struct Known<T> {
    sure: State<T>,
    maybe: Option<State<T>>,
    /// Touched since the last verification.
    fresh: bool,
}

impl<T: Clone + PartialEq> Known<T> {
    fn new(state: T) -> Self {
        Self {
            sure: Some(state),
            maybe: None,
            fresh: true,
        }
    }

    /// Settles on what the server shows; `false` if it shows neither state.
    fn settle(&mut self, shown: State<T>) -> bool {
        let fits = shown == self.sure || self.maybe.as_ref() == Some(&shown);
        (self.sure, self.maybe, self.fresh) = (shown, None, false);
        fits
    }
}

/// A write to come: the request, and what it leads to.
#[derive(Debug)]
pub(crate) enum Write {
    CreateUser,
    RenameUser(String),
    DeleteUser(String),
    CreateGroup,
    AddMember(String, String),
    RemoveMember(String, String),
}

/// One writing client.
pub(crate) struct Client {
    number: u64,
    count: u64,
    authorization: String,
    random: Random,
    http: Http,
    users: BTreeMap<String, Known<String>>,
    groups: BTreeMap<String, Known<BTreeSet<String>>>,
    /// How many writes were acknowledged.
    pub(crate) acknowledged: u64,
}

const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

impl Client {
    pub(crate) fn new(number: u64, token: &str, seed: u64, http: Http) -> Self {
        Self {
            number,
            count: 0,
            authorization: format!("Bearer {token}"),
            random: Random::new(seed),
            http,
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
            acknowledged: 0,
        }
    }

    /// Forgets the connections to the server that was killed.
    pub(crate) fn begin(&mut self) {
        self.http = self.http.anew();
    }

    /// Makes up a write.
    pub(crate) fn begin_write(&mut self) -> Write {
        self.count += 1;
        let write = self.choose();
        self.expect(&write);
        write
    }

    /// Sends a write once; `Ok` means acknowledged. A deletion that is `repeated`, by this client
    /// or by a balancer, may find nothing any more.
    pub(crate) fn attempt(
        &mut self,
        base: &str,
        write: &Write,
        repeated: bool,
    ) -> Result<(), Stop> {
        let (method, path, body, status) = self.request(write);
        let url = format!("{base}{path}");
        let answer = self.send(method, &url, body.as_ref());
        let (got, answer) = answer.ok_or(Stop::Gone)?;
        let gone = repeated && method == "DELETE" && got == 404;
        if matches!(got, 502..=504) {
            return Err(Stop::Busy);
        }
        if !status.contains(&got) && !gone {
            return Err(Stop::Wrong(format!(
                "{method} {path} answered {got}: {answer}"
            )));
        }
        self.acknowledge(write, &answer)
            .map_err(|error| Stop::Wrong(error.to_string()))
    }

    fn send(&self, method: &str, url: &str, body: Option<&Value>) -> Option<(u16, Value)> {
        self.http.send(method, url, &self.authorization, body)
    }

    /// One of the living, if there is one.
    fn living<T>(random: &mut Random, all: &BTreeMap<String, Known<T>>) -> Option<String> {
        let living: Vec<_> = all
            .iter()
            .filter(|(_, known)| known.sure.is_some())
            .collect();
        let chosen = random.below(living.len().max(1) as u64);
        let chosen = living.get(usize::try_from(chosen).ok()?)?;
        Some(chosen.0.clone())
    }

    fn choose(&mut self) -> Write {
        let kind = self.random.below(12);
        let user = Self::living(&mut self.random, &self.users);
        let group = Self::living(&mut self.random, &self.groups);
        match (kind, user, group) {
            (0, _, _) => Write::CreateGroup,
            (1..=2, Some(user), _) => Write::RenameUser(user),
            (3, Some(user), _) => Write::DeleteUser(user),
            (4..=6, Some(user), Some(group)) => Write::AddMember(group, user),
            (7..=8, Some(user), Some(group)) => Write::RemoveMember(group, user),
            _ => Write::CreateUser,
        }
    }

    fn display_name(&self) -> String {
        format!("Name {}", self.count)
    }

    /// Notes the states that hold if the write happens and its answer is lost.
    fn expect(&mut self, write: &Write) {
        match write {
            Write::CreateUser | Write::CreateGroup => (),
            Write::RenameUser(user) => {
                let after = Some(self.display_name());
                self.expect_user(user, after);
            }
            Write::DeleteUser(user) => {
                self.expect_user(user, None);
                for group in self.groups.values_mut() {
                    let member = group
                        .sure
                        .as_ref()
                        .is_some_and(|members| members.contains(user));
                    if member {
                        expect_members(group, |members| members.remove(user));
                    }
                }
            }
            Write::AddMember(group, user) => {
                if let Some(group) = self.groups.get_mut(group) {
                    expect_members(group, |members| members.insert(user.clone()));
                }
            }
            Write::RemoveMember(group, user) => {
                if let Some(group) = self.groups.get_mut(group) {
                    expect_members(group, |members| members.remove(user));
                }
            }
        }
    }

    fn expect_user(&mut self, user: &str, after: State<String>) {
        if let Some(known) = self.users.get_mut(user) {
            known.maybe = Some(after);
            known.fresh = true;
        }
    }

    fn request(&self, write: &Write) -> (&'static str, String, Option<Value>, &'static [u16]) {
        let name = format!("c{}-{}", self.number, self.count);
        let members = |user: &str| json!([{ "value": user }]);
        match write {
            Write::CreateUser => {
                let body = json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                    "userName": format!("{name}@example.com"),
                    "displayName": self.display_name(),
                });
                ("POST", "/Users".to_owned(), Some(body), &[201])
            }
            Write::CreateGroup => {
                let body = json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                    "displayName": name,
                });
                ("POST", "/Groups".to_owned(), Some(body), &[201])
            }
            Write::RenameUser(user) => {
                let op =
                    json!({"op": "replace", "path": "displayName", "value": self.display_name()});
                ("PATCH", format!("/Users/{user}"), Some(patch(&op)), &[200])
            }
            Write::DeleteUser(user) => ("DELETE", format!("/Users/{user}"), None, &[204]),
            Write::AddMember(group, user) => {
                let op = json!({"op": "add", "path": "members", "value": members(user)});
                (
                    "PATCH",
                    format!("/Groups/{group}"),
                    Some(patch(&op)),
                    &[200, 204],
                )
            }
            Write::RemoveMember(group, user) => {
                let op = json!({"op": "remove", "path": "members", "value": members(user)});
                (
                    "PATCH",
                    format!("/Groups/{group}"),
                    Some(patch(&op)),
                    &[200, 204],
                )
            }
        }
    }

    /// The write is acknowledged: what may have been is now sure.
    fn acknowledge(&mut self, write: &Write, answer: &Value) -> Result<()> {
        self.acknowledged += 1;
        let id = || {
            let id = answer.get("id").and_then(Value::as_str);
            id.map(str::to_owned)
                .with_context(|| format!("no id in {answer}"))
        };
        match write {
            Write::CreateUser => {
                let name = self.display_name();
                self.users.insert(id()?, Known::new(name));
            }
            Write::CreateGroup => {
                self.groups.insert(id()?, Known::new(BTreeSet::new()));
            }
            Write::RenameUser(_)
            | Write::DeleteUser(_)
            | Write::AddMember(..)
            | Write::RemoveMember(..) => {
                self.users.values_mut().for_each(make_sure);
                self.groups.values_mut().for_each(make_sure);
            }
        }
        Ok(())
    }

    /// Reads everything touched since the last time (or everything) and compares.
    pub(crate) fn verify(&mut self, base: &str, all: bool) -> Result<()> {
        self.begin();
        for (id, mut known) in std::mem::take(&mut self.users) {
            if all || known.fresh {
                let user = self.read(&format!("{base}/Users/{id}"))?;
                let name = |user: Value| Some(user.get("displayName")?.as_str()?.to_owned());
                let before = known.clone();
                let fits = known.settle(user.and_then(name));
                ensure!(fits, "user {id} is {:?}, was {before:?}", known.sure);
            }
            self.users.insert(id, known);
        }
        for (id, mut known) in std::mem::take(&mut self.groups) {
            if all || known.fresh {
                let group = self.read(&format!("{base}/Groups/{id}"))?;
                let before = known.clone();
                let fits = known.settle(group.as_ref().map(member_ids));
                ensure!(fits, "group {id} has {:?}, had {before:?}", known.sure);
            }
            self.groups.insert(id, known);
        }
        Ok(())
    }

    fn read(&self, url: &str) -> Result<Option<Value>> {
        let (status, answer) = self
            .send("GET", url, None)
            .context("the server is up again")?;
        ensure!(
            matches!(status, 200 | 404),
            "{url} answered {status}: {answer}"
        );
        Ok((status == 200).then_some(answer))
    }
}

fn patch(op: &Value) -> Value {
    json!({ "schemas": [PATCH], "Operations": [op] })
}

fn make_sure<T>(known: &mut Known<T>) {
    if let Some(state) = known.maybe.take() {
        known.sure = state;
    }
}

fn expect_members(
    known: &mut Known<BTreeSet<String>>,
    change: impl FnOnce(&mut BTreeSet<String>) -> bool,
) {
    let mut after = known.sure.clone().unwrap_or_default();
    change(&mut after);
    known.maybe = Some(Some(after));
    known.fresh = true;
}

fn member_ids(group: &Value) -> BTreeSet<String> {
    let members = group.get("members").and_then(Value::as_array);
    members
        .into_iter()
        .flatten()
        .filter_map(|member| member.get("value")?.as_str().map(str::to_owned))
        .collect()
}
