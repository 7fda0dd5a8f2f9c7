//! An Atlassian application that synchronises its directory (reference: Crowd REST, full and
//! incremental synchronisation).

use std::net::SocketAddr;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    super::xml::Element,
    cache::Cache,
    copy::{Copy, Group, Person, key_of},
    witness::SharedView,
};
use crate::support::http::{Answer, Connection};

const NOBODY_LEFT_OUT: &str = "start-index=0&max-results=-1";
const NULL: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><null-search-restriction/>";

/// What an application does, as its administrator set it up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    /// "Manage groups that contain groups".
    pub(super) nested: bool,
    /// Follows events; otherwise every synchronisation is a full one.
    pub(super) incremental: bool,
    /// Asks for the members of each group, as old applications do.
    pub(super) group_by_group: bool,
}

/// What one request of a synchronisation read.
#[derive(Clone, Debug)]
pub(super) enum Read {
    /// All users.
    Users(Copy),
    /// All groups.
    Groups(Copy),
    /// All members of all groups, and whether it is from one moment.
    Memberships { copy: Copy, at_once: bool },
    /// Nothing by itself: the copy is now what the directory is.
    Events,
}

/// A server, and how often it was started: an old connection must not be mistaken for one to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) address: SocketAddr,
    pub(super) start: u64,
}

/// Whoever watches a synchronisation: told before and after every request.
pub(super) trait Watch {
    /// Before a request; where to send it, or `None` when the application dies here. Several
    /// requests may make one reading; all but the first go on with it.
    fn before(&mut self, goes_on: bool) -> Option<Place>;
    /// After a request that read something.
    fn after(&mut self, read: Read, cache: &Cache);
}

/// How a synchronisation went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Synchronised {
    Incrementally,
    Fully,
    /// The next one is a full one.
    Died,
}

/// The application.
pub(super) struct Application {
    pub(super) name: &'static str,
    authorization: String,
    connection: Option<(Place, Connection)>,
    habits: Habits,
    pub(super) view: SharedView,
    token: Option<String>,
    pub(super) cache: Cache,
}

impl Application {
    pub(super) fn new(
        name: &'static str,
        password: &str,
        habits: Habits,
        view: SharedView,
    ) -> Self {
        let credentials = STANDARD.encode(format!("{name}:{password}"));
        Self {
            name,
            authorization: format!("Basic {credentials}"),
            connection: None,
            habits,
            view,
            token: None,
            cache: Cache::new(habits.nested),
        }
    }

    /// The administrator makes the next synchronisation a full one.
    pub(super) fn forget_token(&mut self) {
        self.token = None;
    }

    /// One synchronisation. The token is cleared at its start and kept at its end, so that one that
    /// dies is followed by a full one.
    pub(super) fn synchronise(&mut self, watch: &mut dyn Watch) -> Synchronised {
        if let Some(token) = self.token.take() {
            match self.follow(&token, watch) {
                None => return Synchronised::Died,
                Some(true) => return Synchronised::Incrementally,
                Some(false) => {}
            }
        }
        match self.read_all(watch) {
            Some(()) => Synchronised::Fully,
            None => Synchronised::Died,
        }
    }

    fn send(
        &mut self,
        watch: &mut dyn Watch,
        method: &str,
        path: &str,
        body: &str,
    ) -> Option<Answer> {
        let place = watch.before(false)?;
        Some(self.request(place, method, path, body))
    }

    fn request(&mut self, place: Place, method: &str, path: &str, body: &str) -> Answer {
        self.connection.take_if(|(to, _)| *to != place);
        let open = || (place, Connection::open(place.address));
        let (_, connection) = self.connection.get_or_insert_with(open);
        let headers = [
            ("Authorization", self.authorization.as_str()),
            ("Accept", "application/xml"),
            ("Content-Type", "application/xml; charset=UTF-8"),
            ("X-Atlassian-Token", "no-check"),
        ];
        let target = format!("/crowd/rest/usermanagement/1{path}");
        let answer = connection.request(method, &target, &headers, body.as_bytes());
        assert!(
            answer.header("x-embedded-crowd-version").is_some(),
            "{path}"
        );
        answer
    }

    fn read(
        &mut self,
        watch: &mut dyn Watch,
        method: &str,
        path: &str,
        body: &str,
    ) -> Option<Element> {
        let answer = self.send(watch, method, path, body)?;
        assert_eq!(
            answer.status,
            200,
            "{}: {path}: {}",
            self.name,
            answer.text()
        );
        Some(Element::parse(answer.text()).expect("XML"))
    }

    /// Applies the events since the token; `false` when all must be read.
    fn follow(&mut self, token: &str, watch: &mut dyn Watch) -> Option<bool> {
        let answer = self.send(watch, "GET", &format!("/event/{token}"), "")?;
        if answer.status != 200 {
            assert_eq!(answer.status, 410, "{}: {}", self.name, answer.text());
            return Some(false);
        }
        let document = Element::parse(answer.text()).expect("XML");
        for event in &document.children {
            self.cache.apply(event);
        }
        self.keep_token(&document);
        watch.after(Read::Events, &self.cache);
        Some(true)
    }

    fn keep_token(&mut self, document: &Element) {
        let available = document.attribute("incrementalSynchronisationAvailable") == Some("true");
        let token = document.attribute("newEventToken").map(str::to_owned);
        self.token = token.filter(|_| available && self.habits.incremental);
    }

    fn read_all(&mut self, watch: &mut dyn Watch) -> Option<()> {
        if self.habits.incremental {
            self.read(watch, "GET", "/event", "")?;
        }
        let path = format!("/search?entity-type=user&{NOBODY_LEFT_OUT}&expand=user");
        let users = self.read(watch, "POST", &path, NULL)?;
        let users: Vec<_> = users.children.iter().map(Person::read).collect();
        self.cache.take_users(&users);
        let users = users.into_iter().map(|user| (key_of(&user.name), user));
        let copy = Copy {
            users: users.collect(),
            ..Copy::default()
        };
        watch.after(Read::Users(copy), &self.cache);

        let path = format!("/search?entity-type=group&{NOBODY_LEFT_OUT}&expand=group");
        let groups = self.read(watch, "POST", &path, NULL)?;
        let groups: Vec<_> = groups.children.iter().map(Group::read).collect();
        self.cache.take_groups(&groups);
        let groups = groups.into_iter().map(|group| (key_of(&group.name), group));
        let copy = Copy {
            groups: groups.collect(),
            ..Copy::default()
        };
        watch.after(Read::Groups(copy), &self.cache);

        if self.habits.group_by_group {
            self.read_group_by_group(watch)?;
        } else {
            self.read_memberships(watch)?;
        }
        if self.habits.incremental {
            // Only this token is kept: it must reach back before the listings.
            let document = self.read(watch, "GET", "/event", "")?;
            self.keep_token(&document);
        }
        Some(())
    }

    fn read_memberships(&mut self, watch: &mut dyn Watch) -> Option<()> {
        let document = self.read(watch, "GET", "/group/membership", "")?;
        let mut copy = Copy::default();
        for membership in &document.children {
            let group = membership.attribute("group").expect("a group");
            let names = |part| membership.child(part).map_or_else(Vec::new, Element::names);
            let (users, children) = (names("users"), names("groups"));
            self.cache.take_members(group, &users, &children);
            note(&mut copy, group, &users, &children);
        }
        let read = Read::Memberships {
            copy,
            at_once: true,
        };
        watch.after(read, &self.cache);
        Some(())
    }

    fn read_group_by_group(&mut self, watch: &mut dyn Watch) -> Option<()> {
        let groups: Vec<_> = self
            .cache
            .groups()
            .map(|group| group.name.clone())
            .collect();
        let mut copy = Copy::default();
        let mut is_first = true;
        for group in groups {
            let parameter = format!("groupname={}&{NOBODY_LEFT_OUT}", form(&group));
            let mut listed = Vec::new();
            for kind in ["user", "child-group"] {
                let path = format!("/group/{kind}/direct?{parameter}");
                let place = watch.before(!std::mem::take(&mut is_first))?;
                let answer = self.request(place, "GET", &path, "");
                // The group may be gone by now.
                assert!(matches!(answer.status, 200 | 404), "{}", answer.text());
                let document = Element::parse(answer.text()).expect("XML");
                if answer.status == 404 {
                    break;
                }
                listed.push(document);
            }
            if let [users, children] = listed.as_slice() {
                self.cache
                    .take_members(&group, &users.names(), &children.names());
                note(&mut copy, &group, &users.names(), &children.names());
            }
        }
        let read = Read::Memberships {
            copy,
            at_once: false,
        };
        watch.after(read, &self.cache);
        Some(())
    }

    /// A view that is frozen: there is nothing new, under the token that is known already, and the
    /// listings are refused.
    pub(super) fn find_frozen(&mut self, place: Place) {
        if let Some(token) = self.token.clone() {
            let answer = self.request(place, "GET", &format!("/event/{token}"), "");
            assert_eq!(answer.status, 200, "{}: {}", self.name, answer.text());
            let document = Element::parse(answer.text()).expect("XML");
            assert!(document.children.is_empty(), "{}", answer.text());
            assert_eq!(document.attribute("newEventToken"), Some(token.as_str()));
        }
        for (method, path, body) in [
            (
                "POST",
                "/search?entity-type=user&max-results=-1&expand=user",
                NULL,
            ),
            (
                "POST",
                "/search?entity-type=group&max-results=-1&expand=group",
                NULL,
            ),
            ("GET", "/group/membership", ""),
        ] {
            let answer = self.request(place, method, path, body);
            assert_eq!(
                answer.status,
                503,
                "{}: {path}: {}",
                self.name,
                answer.text()
            );
            assert!(answer.header("retry-after").is_some(), "{path}");
        }
        // What is asked about one user goes on.
        let answer = self.request(place, "GET", "/user?username=nobody", "");
        assert_eq!(answer.status, 404, "{}", answer.text());
    }

    /// A user signs in through single sign-on: the application refreshes that one user.
    pub(super) fn sign_in(&mut self, place: Place, name: &str) {
        let path = format!("/authentication/notify?username={}", form(name));
        let answer = self.request(place, "POST", &path, "<password/>");
        if answer.status == 400 {
            return;
        }
        assert_eq!(answer.status, 200, "{}", answer.text());
        let person = Person::read(&Element::parse(answer.text()).expect("XML"));
        self.cache.take_user(&person);
        let name = person.name.as_str();
        let path = format!(
            "/user/group/direct?username={}&{NOBODY_LEFT_OUT}",
            form(name)
        );
        let answer = self.request(place, "GET", &path, "");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let groups = Element::parse(answer.text()).expect("XML");
        for group in groups.names() {
            if !self.cache.has_group(group) {
                let path = format!("/group?groupname={}&expand=attributes", form(group));
                let answer = self.request(place, "GET", &path, "");
                assert_eq!(answer.status, 200, "{}", answer.text());
                let group = Element::parse(answer.text()).expect("XML");
                self.cache.take_group(Group::read(&group));
            }
        }
        self.cache.take_groups_of(name, &groups.names());
    }
}

/// A value in a query, form-encoded.
fn form(value: &str) -> String {
    let byte = |byte: u8| match byte {
        b' ' => "+".to_owned(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    value.bytes().map(byte).collect()
}

/// Adds what was read of one group.
fn note(copy: &mut Copy, group: &str, users: &[&str], children: &[&str]) {
    let pair = |member: &&str| (key_of(group), key_of(member));
    let listed = Group {
        name: group.to_owned(),
        ..Group::default()
    };
    let known = copy.groups.insert(key_of(group), listed);
    assert!(known.is_none(), "{group} is listed twice");
    copy.members.extend(users.iter().map(pair));
    copy.children.extend(children.iter().map(pair));
}
