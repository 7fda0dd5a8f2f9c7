//! An identity provider that changes one tenant at random, and the simple model of what is in it
//! after every change.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use provost_directory::clock::{Clock as _, ManualClock};
use provost_scim::{Timestamp, urn};
use serde_json::{Value, json};

use super::{
    application::Place,
    copy::{Person, key_of},
    random::Random,
    witness::SharedView,
};
use crate::support::http::Connection;

/// A group and who is in it, by id.
#[derive(Clone, Debug, Default)]
pub(super) struct SourceGroup {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) users: BTreeSet<String>,
    pub(super) children: BTreeSet<String>,
}

/// A deleted user, and the groups it was directly in.
#[derive(Clone, Debug)]
pub(super) struct Tombstone {
    pub(super) person: Person,
    pub(super) groups: BTreeSet<String>,
    deleted: Timestamp,
}

/// What is in a tenant.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// By id, which is the key that applications see.
    pub(super) users: BTreeMap<String, Person>,
    /// The deleted that applications still see, by folded name.
    pub(super) tombstones: BTreeMap<String, Tombstone>,
    /// By id.
    pub(super) groups: BTreeMap<String, SourceGroup>,
    /// Names of groups that an application goes on seeing: by application, then by id.
    pub(super) kept: BTreeMap<&'static str, BTreeMap<String, String>>,
}

impl State {
    fn has_user(&self, name: &str) -> bool {
        let mut names = self.users.values().map(|user| key_of(&user.name));
        names.any(|other| other == key_of(name))
    }

    fn has_group(&self, name: &str) -> bool {
        let mut names = self.groups.values().map(|group| key_of(&group.name));
        names.any(|other| other == key_of(name))
    }

    /// Whether `group` contains `inner`, at any depth.
    fn contains(&self, group: &str, inner: &str) -> bool {
        let children = &self.groups[group].children;
        children.contains(inner) || children.iter().any(|child| self.contains(child, inner))
    }

    /// Takes a user out of everything; what it was is returned.
    fn drop_user(&mut self, id: &str) -> Option<Person> {
        for group in self.groups.values_mut() {
            group.users.remove(id);
        }
        self.users.remove(id)
    }

    fn drop_group(&mut self, id: &str) {
        for group in self.groups.values_mut() {
            group.children.remove(id);
        }
        self.groups.remove(id);
    }
}

/// Changes sent and answered, for telling which states a reader may have met.
#[derive(Debug, Default)]
pub(super) struct Progress {
    sent: AtomicUsize,
    answered: AtomicUsize,
}

impl Progress {
    /// Changes that have certainly happened.
    pub(super) fn surely(&self) -> usize {
        self.answered.load(Ordering::SeqCst)
    }

    /// Changes that may have happened.
    pub(super) fn possibly(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

/// What becomes of deleted users.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum DeletedUsers {
    Inactive,
    RemoveAfterTwoDays,
    Remove,
}

/// The identity provider of one tenant.
pub(super) struct Source {
    slug: &'static str,
    authorization: String,
    deleted_users: DeletedUsers,
    clock: Arc<ManualClock>,
    /// The views that see this tenant alone.
    pub(super) views: Vec<SharedView>,
    /// Names that it gives, in common with other tenants in part.
    user_names: std::ops::Range<usize>,
    group_names: std::ops::Range<usize>,
    random: Random,
    connection: Option<(Place, Connection)>,
    count: usize,
    pub(super) state: State,
    /// The state after every change since `forgotten`, which is the number of the first.
    history: Vec<State>,
    forgotten: usize,
    pub(super) progress: Arc<Progress>,
}

impl Source {
    pub(super) fn new(
        slug: &'static str,
        token: &str,
        number: usize,
        seed: u64,
        clock: Arc<ManualClock>,
    ) -> Self {
        let deleted_users = match (number, seed >> 40 & 1) {
            (0, 0) => DeletedUsers::Inactive,
            (0, _) => DeletedUsers::RemoveAfterTwoDays,
            _ => DeletedUsers::Remove,
        };
        Self {
            slug,
            authorization: format!("Bearer {token}"),
            deleted_users,
            clock,
            views: Vec::new(),
            user_names: 7 * number..7 * number + 12,
            group_names: 4 * number..4 * number + 7,
            random: Random::new(seed),
            connection: None,
            count: 0,
            state: State::default(),
            history: vec![State::default()],
            forgotten: 0,
            progress: Arc::default(),
        }
    }

    /// Whether a deleted user stays visible for applications.
    pub(super) const fn deleted_users(&self) -> &'static str {
        match self.deleted_users {
            DeletedUsers::Inactive => "inactive",
            DeletedUsers::RemoveAfterTwoDays => "remove-after 2d",
            DeletedUsers::Remove => "remove",
        }
    }

    /// Whether a deleted user stays visible, at least for a while.
    pub(super) fn keeps_tombstones(&self) -> bool {
        self.deleted_users != DeletedUsers::Remove
    }

    /// Something that is not the identity provider's doing.
    pub(super) fn administered(&mut self, change: impl FnOnce(&mut State)) {
        self.progress.sent.fetch_add(1, Ordering::SeqCst);
        change(&mut self.state);
        self.happened();
    }

    /// The names of deleted users whose time is over.
    pub(super) fn due(&self) -> Vec<String> {
        if self.deleted_users != DeletedUsers::RemoveAfterTwoDays {
            return Vec::new();
        }
        let until = self.clock.now().as_micros() - 2 * 86_400 * 1_000_000;
        let tombstones = self.state.tombstones.iter();
        let old = tombstones.filter(|(_, tombstone)| tombstone.deleted.as_micros() <= until);
        old.map(|(name, _)| name.clone()).collect()
    }

    /// The state after so many changes.
    pub(super) fn after(&self, changes: usize) -> &State {
        &self.history[changes - self.forgotten]
    }

    /// Forgets the states before the present one.
    pub(super) fn forget(&mut self) {
        self.forgotten += self.history.len() - 1;
        self.history.drain(..self.history.len() - 1);
    }

    /// One change at random.
    pub(super) fn change(&mut self, place: Place) {
        self.progress.sent.fetch_add(1, Ordering::SeqCst);
        self.count += 1;
        match self.random.below(200) {
            0..=43 => self.put_user(place),
            44..=59 => self.patch_user(place),
            60..=75 => self.switch_user(place),
            76..=77 => self.rename_user(place),
            78..=93 => self.delete_user(place),
            94..=111 => self.create_group(place),
            112..=147 => self.change_members(place),
            148..=161 => self.replace_group(place),
            162..=175 => self.nest_group(place),
            176..=179 => self.rename_group(place),
            180..=189 => self.delete_group(place),
            _ => self.repeat_name(place),
        }
        self.happened();
    }

    fn happened(&mut self) {
        self.history.push(self.state.clone());
        self.progress.answered.fetch_add(1, Ordering::SeqCst);
    }

    /// One change that is not left to chance.
    pub(super) fn change_by(&mut self, change: impl FnOnce(&mut Self)) {
        self.progress.sent.fetch_add(1, Ordering::SeqCst);
        self.count += 1;
        change(self);
        self.happened();
    }

    fn send(&mut self, place: Place, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.connection.take_if(|(to, _)| *to != place);
        let open = || (place, Connection::open(place.address));
        let (_, connection) = self.connection.get_or_insert_with(open);
        let headers = [
            ("Authorization", self.authorization.as_str()),
            ("Content-Type", "application/scim+json"),
        ];
        let target = format!("/scim/{}/v2{path}", self.slug);
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = connection.request(method, &target, &headers, body.as_bytes());
        let value = if answer.body.is_empty() {
            Value::Null
        } else {
            answer.json()
        };
        (answer.status, value)
    }

    /// Sends what must succeed; the answer.
    fn require(&mut self, place: Place, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.send(place, method, path, body);
        assert!(
            (200..300).contains(&status),
            "{} {method} {path} {body}: {status} {answer}",
            self.slug
        );
        answer
    }

    fn patch(&mut self, place: Place, path: &str, operations: &Value) {
        let body = json!({ "schemas": [urn::PATCH_OP], "Operations": operations });
        self.require(place, "PATCH", path, &body);
    }

    fn any_user(&mut self) -> Option<String> {
        let ids: Vec<_> = self.state.users.keys().cloned().collect();
        self.random.pick(&ids)
    }

    fn any_group(&mut self) -> Option<String> {
        let ids: Vec<_> = self.state.groups.keys().cloned().collect();
        self.random.pick(&ids)
    }

    fn any_name(&mut self, names: &std::ops::Range<usize>, word: &str, other: &str) -> String {
        let number = names.start + self.random.below(names.len());
        let word = if self.random.percent(20) { other } else { word };
        format!("{word}{number}")
    }

    /// A name of a user; each has two spellings, and some have two domains.
    fn user_name(&mut self) -> String {
        let name = self.any_name(&self.user_names.clone(), "übel.user", "Übel.User");
        let domains = ["", "", "", "", "@x", "@y"];
        name + self.random.pick(&domains).expect("there are some")
    }

    fn group_name(&mut self) -> String {
        self.any_name(&self.group_names.clone(), "group & co ", "Group & Co ")
    }

    /// A user as it is next, never the same twice.
    fn person(&self, name: &str) -> Person {
        let count = self.count;
        Person {
            name: name.to_owned(),
            key: String::new(),
            first: format!("Given{count}"),
            last: format!("<Family>{count}"),
            display: format!("Given{count} \"Family\" & {count}"),
            email: format!("mail{count}@{}.example", self.slug),
            active: true,
        }
    }

    /// Creates a user, or replaces one of that name.
    fn put_user(&mut self, place: Place) {
        let name = self.user_name();
        let mut person = self.person(&name);
        let known = self.state.users.iter();
        let known = known.filter(|(_, user)| key_of(&user.name) == key_of(&name));
        if let Some((id, user)) = known.map(|(id, user)| (id.clone(), user.clone())).next() {
            // The same spelling, because another one is a rename.
            person.name = user.name;
            person.key.clone_from(&id);
            person.active = self.random.percent(70);
            let path = format!("/Users/{id}");
            self.require(place, "PUT", &path, &user_body(&person));
            self.state.users.insert(id, person);
            return;
        }
        person.active = self.random.percent(90);
        let answer = self.require(place, "POST", "/Users", &user_body(&person));
        person.key = answer["id"].as_str().expect("an id").to_owned();
        self.state.tombstones.remove(&key_of(&name));
        self.state.users.insert(person.key.clone(), person);
    }

    /// A user is created and deleted.
    pub(super) fn come_and_go(&mut self, place: Place) {
        self.put_user(place);
        if let Some(id) = self.any_user() {
            self.delete_this_user(place, &id);
        }
    }

    fn patch_user(&mut self, place: Place) {
        let Some(id) = self.any_user() else { return };
        let count = self.count;
        let user = self.state.users.get_mut(&id).expect("a living user");
        let (path, value) = match self.random.below(4) {
            0 => ("name.givenName", &mut user.first),
            1 => ("name.familyName", &mut user.last),
            2 => ("displayName", &mut user.display),
            _ => ("emails[type eq \"work\"].value", &mut user.email),
        };
        *value = format!("patched{count}@x.example");
        let operation = json!({ "op": "replace", "path": path, "value": value });
        self.patch(place, &format!("/Users/{id}"), &json!([operation]));
    }

    fn switch_user(&mut self, place: Place) {
        let Some(id) = self.any_user() else { return };
        let active = self.random.percent(50);
        self.set_active(place, &id, active);
    }

    /// In one of the spellings of identity providers.
    pub(super) fn set_active(&mut self, place: Place, id: &str, active: bool) {
        let value = match (self.random.percent(50), active) {
            (true, _) => json!(active),
            (false, true) => json!("True"),
            (false, false) => json!("False"),
        };
        let operation = json!({ "op": "Replace", "path": "active", "value": value });
        self.patch(place, &format!("/Users/{id}"), &json!([operation]));
        self.state.users.get_mut(id).expect("a living user").active = active;
    }

    fn rename_user(&mut self, place: Place) {
        let (Some(id), name) = (self.any_user(), self.user_name()) else {
            return;
        };
        let own = key_of(&self.state.users[&id].name) == key_of(&name);
        if !own && self.state.has_user(&name) {
            return;
        }
        let operation = json!({ "op": "replace", "path": "userName", "value": name });
        self.patch(place, &format!("/Users/{id}"), &json!([operation]));
        self.state.tombstones.remove(&key_of(&name));
        self.state.users.get_mut(&id).expect("a living user").name = name;
    }

    fn delete_user(&mut self, place: Place) {
        if let Some(id) = self.any_user() {
            self.delete_this_user(place, &id);
        }
    }

    pub(super) fn delete_this_user(&mut self, place: Place, id: &str) {
        self.require(place, "DELETE", &format!("/Users/{id}"), &Value::Null);
        let groups = self.state.groups.iter();
        let groups = groups.filter(|(_, group)| group.users.contains(id));
        let groups = groups.map(|(group, _)| group.clone()).collect();
        let mut person = self.state.drop_user(id).expect("a living user");
        if self.keeps_tombstones() {
            person.active = false;
            let key = key_of(&person.name);
            let tombstone = Tombstone {
                person,
                groups,
                deleted: self.clock.now(),
            };
            self.state.tombstones.insert(key, tombstone);
        }
    }

    fn create_group(&mut self, place: Place) {
        let name = self.group_name();
        if self.state.has_group(&name) {
            return;
        }
        let group = self.group(&name);
        let answer = self.require(place, "POST", "/Groups", &group_body(&group));
        let id = answer["id"].as_str().expect("an id").to_owned();
        self.state.groups.insert(id, group);
    }

    /// A group with some users.
    fn group(&mut self, name: &str) -> SourceGroup {
        let count = self.count;
        let users = self.some_users();
        SourceGroup {
            name: name.to_owned(),
            description: format!("no. {count}"),
            users,
            children: BTreeSet::new(),
        }
    }

    fn some_users(&mut self) -> BTreeSet<String> {
        let ids = self.state.users.keys();
        ids.filter(|_| self.random.percent(40)).cloned().collect()
    }

    /// Adds some users to a group and takes others out, in one request.
    fn change_members(&mut self, place: Place) {
        let Some(id) = self.any_group() else { return };
        let (add, remove) = (self.some_users(), self.some_users());
        let mut operations =
            vec![json!({ "op": "add", "path": "members", "value": members(&add) })];
        let out = |user| json!({ "op": "remove", "path": format!("members[value eq \"{user}\"]") });
        operations.extend(remove.iter().map(out));
        self.patch(place, &format!("/Groups/{id}"), &Value::Array(operations));
        let group = self.state.groups.get_mut(&id).expect("a living group");
        group.users.extend(add);
        group.users.retain(|user| !remove.contains(user));
    }

    /// Takes all users out of a group.
    pub(super) fn empty_group(&mut self, place: Place, id: &str) {
        let users = self.state.groups[id].users.clone();
        let operation = json!({ "op": "remove", "path": "members", "value": members(&users) });
        self.patch(place, &format!("/Groups/{id}"), &json!([operation]));
        let group = self.state.groups.get_mut(id).expect("a living group");
        group.users.clear();
    }

    /// PUT of a group: other members, no children.
    fn replace_group(&mut self, place: Place) {
        let Some(id) = self.any_group() else { return };
        let name = self.state.groups[&id].name.clone();
        let group = self.group(&name);
        let path = format!("/Groups/{id}");
        self.require(place, "PUT", &path, &group_body(&group));
        self.state.groups.insert(id, group);
    }

    /// Puts a group into another one, or takes it out.
    fn nest_group(&mut self, place: Place) {
        let (Some(outer), Some(inner)) = (self.any_group(), self.any_group()) else {
            return;
        };
        let path = format!("/Groups/{outer}");
        if self.state.groups[&outer].children.contains(&inner) {
            let operation =
                json!({ "op": "remove", "path": "members", "value": [{ "value": inner }] });
            self.patch(place, &path, &json!([operation]));
            let group = self.state.groups.get_mut(&outer).expect("a living group");
            group.children.remove(&inner);
            return;
        }
        let operation = json!({ "op": "add", "path": "members", "value": [{ "value": inner }] });
        if outer == inner || self.state.contains(&inner, &outer) {
            let body = json!({ "schemas": [urn::PATCH_OP], "Operations": [operation] });
            let (status, answer) = self.send(place, "PATCH", &path, &body);
            assert_eq!(status, 400, "a group inside of itself: {answer}");
            return;
        }
        self.patch(place, &path, &json!([operation]));
        let group = self.state.groups.get_mut(&outer).expect("a living group");
        group.children.insert(inner);
    }

    fn rename_group(&mut self, place: Place) {
        let Some(id) = self.any_group() else { return };
        let old = key_of(&self.state.groups[&id].name);
        // Names are few, and most of them are taken.
        let mut names = (0..12).map(|_| self.group_name()).collect::<Vec<_>>();
        names.retain(|name| key_of(name) == old || !self.state.has_group(name));
        let Some(name) = names.pop() else { return };
        let operation = json!({ "op": "replace", "path": "displayName", "value": name });
        self.patch(place, &format!("/Groups/{id}"), &json!([operation]));
        self.keep_name(&id, &name);
        self.state.groups.get_mut(&id).expect("a living group").name = name;
    }

    /// Views with stable names go on showing the name that they show.
    fn keep_name(&mut self, id: &str, new: &str) {
        let old = self.state.groups[id].name.clone();
        for view in self.views.iter().filter(|_| old != new) {
            let view = view.lock().expect("no panic");
            if view.settings.stable && view.shows_group(&self.state, id) {
                let kept = self.state.kept.entry(view.name).or_default();
                kept.entry(id.to_owned()).or_insert_with(|| old.clone());
            }
        }
    }

    fn delete_group(&mut self, place: Place) {
        let Some(id) = self.any_group() else { return };
        self.require(place, "DELETE", &format!("/Groups/{id}"), &Value::Null);
        self.state.drop_group(&id);
    }

    /// A second user of one name is refused and changes nothing.
    fn repeat_name(&mut self, place: Place) {
        let Some(id) = self.any_user() else { return };
        let name = self.state.users[&id].name.to_uppercase();
        let body = user_body(&self.person(&name));
        let (status, answer) = self.send(place, "POST", "/Users", &body);
        assert_eq!(status, 409, "{answer}");
    }
}

fn user_body(person: &Person) -> Value {
    json!({
        "schemas": [urn::USER],
        "userName": person.name,
        "name": { "givenName": person.first, "familyName": person.last },
        "displayName": person.display,
        "emails": [{ "value": person.email, "type": "work", "primary": true }],
        "active": person.active,
    })
}

fn group_body(group: &SourceGroup) -> Value {
    json!({
        "schemas": [urn::GROUP, urn::OKTA_GROUP],
        "displayName": group.name,
        (urn::OKTA_GROUP): { "description": group.description },
        "members": members(&group.users),
    })
}

fn members(ids: &BTreeSet<String>) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}
