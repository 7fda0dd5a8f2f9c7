//! Plays an Atlassian application: reads over Crowd REST and keeps what it would keep.
//!
//! The model follows what the embedded client does with listings and events: users and groups are
//! matched by name without case, memberships of unknown names are dropped.

use std::collections::{BTreeMap, BTreeSet};

use super::xml::Element;
use crate::http::Answer;

/// A user in the application's cache.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct JiraUser {
    /// Its name.
    pub(super) name: String,
    /// Its key, which survives renames.
    pub(super) key: String,
    /// Display name.
    pub(super) display_name: String,
    /// E-mail address.
    pub(super) email: String,
    /// Whether it can be used. A missing element reads as `false`.
    pub(super) active: bool,
}

impl JiraUser {
    fn read(element: &Element) -> Self {
        Self {
            name: element.attribute("name").to_owned(),
            key: element.text_of("key").to_owned(),
            display_name: element.text_of("display-name").to_owned(),
            email: element.text_of("email").to_owned(),
            active: element.text_of("active") == "true",
        }
    }
}

/// The application's cache of the directory; keys are lower-case names.
#[derive(Clone, Debug, Default)]
pub(super) struct Jira {
    users: BTreeMap<String, JiraUser>,
    groups: BTreeMap<String, String>,
    /// (group, user).
    memberships: BTreeSet<(String, String)>,
    /// Where the next incremental synchronisation begins.
    token: Option<String>,
}

/// One request of a synchronisation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read {
    /// What it is for.
    pub(super) title: &'static str,
    /// HTTP method.
    pub(super) method: &'static str,
    /// Path and query behind the Crowd base URL.
    pub(super) path: &'static str,
    /// Body.
    pub(super) body: Option<&'static str>,
    /// What is done with the answer.
    apply: fn(&mut Jira, &Element) -> String,
}

const EVERYTHING: Option<&str> =
    Some("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?><null-search-restriction/>");

/// The full synchronisation: what is asked for, in the order of the application.
pub(super) const FULL: &[Read] = &[
    Read {
        title: "is incremental synchronisation possible?",
        method: "GET",
        path: "/rest/usermanagement/1/event",
        body: None,
        apply: |_, events| format!("token {}", events.attribute("newEventToken")),
    },
    Read {
        title: "all users",
        method: "POST",
        path: "/rest/usermanagement/1/search?entity-type=user&start-index=0&max-results=-1&expand=user",
        body: EVERYTHING,
        apply: Jira::take_users,
    },
    Read {
        title: "all groups",
        method: "POST",
        path: "/rest/usermanagement/1/search?entity-type=group&start-index=0&max-results=-1&expand=group",
        body: EVERYTHING,
        apply: Jira::take_groups,
    },
    Read {
        title: "all memberships",
        method: "GET",
        path: "/rest/usermanagement/1/group/membership",
        body: None,
        apply: Jira::take_memberships,
    },
    Read {
        title: "where to go on from",
        method: "GET",
        path: "/rest/usermanagement/1/event",
        body: None,
        apply: Jira::take_token,
    },
];

/// The incremental synchronisation; the token is appended to the path.
pub(super) const INCREMENTAL: Read = Read {
    title: "what changed since?",
    method: "GET",
    path: "/rest/usermanagement/1/event/",
    body: None,
    apply: Jira::take_events,
};

impl Read {
    /// Takes an answer in; the text says what came, or what is wrong with it.
    pub(super) fn take(&self, jira: &mut Jira, answer: &Answer) -> Result<String, String> {
        if answer.status != 200 {
            return Err(format!("answered {}: {}", answer.status, answer.body));
        }
        let document = super::xml::parse(&answer.body)?;
        Ok((self.apply)(jira, &document))
    }
}

impl Jira {
    /// The user with that key.
    pub(super) fn by_key(&self, key: &str) -> Option<&JiraUser> {
        self.users.values().find(|user| user.key == key)
    }

    /// The names of the groups a user is in.
    pub(super) fn groups_of(&self, user: &str) -> Vec<&str> {
        let user = user.to_lowercase();
        let of_user = self
            .memberships
            .iter()
            .filter(|(_, member)| *member == user);
        of_user
            .filter_map(|(group, _)| self.groups.get(group).map(String::as_str))
            .collect()
    }

    /// How many users, groups and memberships it knows.
    pub(super) fn counts(&self) -> (usize, usize, usize) {
        (self.users.len(), self.groups.len(), self.memberships.len())
    }

    /// Where the next incremental synchronisation begins.
    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    fn take_users(&mut self, users: &Element) -> String {
        self.users.clear();
        for element in users.named("user") {
            self.put_user(element);
        }
        format!("{} users", self.users.len())
    }

    fn take_groups(&mut self, groups: &Element) -> String {
        self.groups.clear();
        for element in groups.named("group") {
            self.put_group(element);
        }
        format!("{} groups", self.groups.len())
    }

    fn take_memberships(&mut self, memberships: &Element) -> String {
        self.memberships.clear();
        for membership in memberships.named("membership") {
            let group = membership.attribute("group");
            for user in membership
                .child("users")
                .into_iter()
                .flat_map(|all| all.named("user"))
            {
                self.join(group, user.attribute("name"));
            }
        }
        format!("{} memberships", self.memberships.len())
    }

    fn take_token(&mut self, events: &Element) -> String {
        let available = events.attribute("incrementalSynchronisationAvailable") == "true";
        let token = events.attribute("newEventToken");
        self.token = (available && !token.is_empty()).then(|| token.to_owned());
        format!("token {token}")
    }

    fn take_events(&mut self, events: &Element) -> String {
        let told: Vec<_> = events
            .children
            .iter()
            .map(|event| self.take_event(event))
            .collect();
        self.take_token(events);
        match told.as_slice() {
            [] => "nothing new".to_owned(),
            told => told.join("; "),
        }
    }

    fn take_event(&mut self, event: &Element) -> String {
        let operation = event.text_of("operation");
        let name = match event.name.as_str() {
            "userEvent" => self.take_user_event(event, operation),
            "groupEvent" => self.take_group_event(event, operation),
            "userMembershipEvent" => self.take_membership_event(event, operation),
            _ => String::new(),
        };
        format!("{} {operation} {name}", event.name)
    }

    fn take_user_event(&mut self, event: &Element, operation: &str) -> String {
        let Some(user) = event.child("user") else {
            return String::new();
        };
        let name = user.attribute("name");
        if operation == "DELETED" {
            let gone = name.to_lowercase();
            self.users.remove(&gone);
            self.memberships.retain(|(_, member)| *member != gone);
        } else {
            self.put_user(user);
        }
        let active = user.text_of("active");
        if active.is_empty() {
            name.to_owned()
        } else {
            format!("{name} active={active}")
        }
    }

    fn take_group_event(&mut self, event: &Element, operation: &str) -> String {
        let Some(group) = event.child("group") else {
            return String::new();
        };
        let name = group.attribute("name");
        if operation == "DELETED" {
            let gone = name.to_lowercase();
            self.groups.remove(&gone);
            self.memberships.retain(|(group, _)| *group != gone);
        } else {
            self.put_group(group);
        }
        name.to_owned()
    }

    fn take_membership_event(&mut self, event: &Element, operation: &str) -> String {
        let user = event
            .child("childUser")
            .map_or("", |child| child.attribute("name"));
        let parents = event.child("parentGroups");
        let groups: Vec<_> = parents
            .into_iter()
            .flat_map(|parents| parents.named("group"))
            .map(|group| group.attribute("name"))
            .collect();
        if operation == "UPDATED" {
            let member = user.to_lowercase();
            self.memberships.retain(|(_, other)| *other != member);
        }
        for group in &groups {
            if operation == "DELETED" {
                self.memberships
                    .remove(&(group.to_lowercase(), user.to_lowercase()));
            } else {
                self.join(group, user);
            }
        }
        format!("{user} in {}", groups.join(", "))
    }

    fn put_user(&mut self, element: &Element) {
        let user = JiraUser::read(element);
        self.users.insert(user.name.to_lowercase(), user);
    }

    fn put_group(&mut self, element: &Element) {
        let name = element.attribute("name");
        self.groups.insert(name.to_lowercase(), name.to_owned());
    }

    fn join(&mut self, group: &str, user: &str) {
        let (group, user) = (group.to_lowercase(), user.to_lowercase());
        if self.groups.contains_key(&group) && self.users.contains_key(&user) {
            self.memberships.insert((group, user));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::xml::parse;

    fn synchronised() -> Jira {
        let mut jira = Jira::default();
        jira.take_users(&parse(r#"<users><user name="Ana"><key>k1</key><active>true</active></user><user name="bo"><key>k2</key></user></users>"#).unwrap());
        jira.take_groups(&parse(r#"<groups><group name="Staff"/></groups>"#).unwrap());
        jira.take_memberships(&parse(r#"<memberships><membership group="staff"><users><user name="ANA"/><user name="nobody"/></users></membership></memberships>"#).unwrap());
        jira
    }

    #[test]
    fn listings_match_names_without_case_and_drop_strangers() {
        let jira = synchronised();
        assert_eq!(jira.counts(), (2, 1, 1));
        assert_eq!(jira.groups_of("ana"), ["Staff"]);
        assert!(
            !jira.by_key("k2").unwrap().active,
            "a missing <active> reads as false"
        );
    }

    #[test]
    fn events_change_exactly_what_they_name() {
        let mut jira = synchronised();
        let events = r#"<events newEventToken="1.9" incrementalSynchronisationAvailable="true">
            <userMembershipEvent><operation>DELETED</operation><childUser name="Ana"/><parentGroups><group name="Staff"/></parentGroups></userMembershipEvent>
            <userEvent><operation>UPDATED</operation><user name="Ana"><key>k1</key><active>false</active></user></userEvent>
            <userMembershipEvent><operation>CREATED</operation><childUser name="bo"/><parentGroups><group name="Staff"/></parentGroups></userMembershipEvent>
        </events>"#;
        jira.take_events(&parse(events).unwrap());
        assert!(!jira.by_key("k1").unwrap().active);
        assert_eq!(jira.groups_of("ana"), [""; 0]);
        assert_eq!(jira.groups_of("bo"), ["Staff"]);
        assert_eq!(jira.token(), Some("1.9"));
    }
}
