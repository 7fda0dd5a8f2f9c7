//! The people and groups of the traffic file, made through SCIM on a running server. The server is that
//! of the test crate which holds this module: one in this process, or the binary.

use std::{collections::BTreeMap, io::Read as _};

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::GzDecoder;
use provost_scim::urn;
use serde_json::{Value, json};

use super::xml::Element;
use crate::support::{
    TestServer,
    http::{self, Answer},
};

const TENANT: &str = "fixture";
const APPLICATION: &str = "jira";
/// What the keys of the traffic file begin with; the number of the user follows.
const KEY: &str = "3f2c9a10-7d1e-4f4b-9a55-0c1f6f7b100";
/// The credentials of the traffic file that are right.
const RECORDED: &str = "Basic amlyYTpzM2NyZXQtQXBwLVBhc3M=";

/// The answer as a client sees it that has asked for gzip.
pub(super) fn unzipped(mut answer: Answer) -> Answer {
    if answer.header("content-encoding") == Some("gzip") {
        let mut body = Vec::new();
        let outcome = GzDecoder::new(&*answer.body).read_to_end(&mut body);
        outcome.expect("a whole gzip stream");
        answer.body = body;
    }
    answer
}

/// A server with the fixture, and what is needed to change it.
pub(super) struct World {
    pub(super) server: TestServer,
    token: String,
    /// The value of `Authorization` that is right here.
    pub(super) authorization: String,
    /// SCIM ids by user name.
    users: BTreeMap<String, String>,
    /// SCIM ids by group name.
    groups: BTreeMap<String, String>,
    /// Pairs of a recorded text and what it is here.
    here: Vec<(String, String)>,
}

impl World {
    /// An empty tenant and an application that reads it.
    pub(super) fn empty() -> Self {
        let settings = [("deleted_users", "remove"), ("accept_passwords", "true")];
        let (server, token, password) =
            TestServer::with_application(TENANT, &settings, APPLICATION);
        let credentials = STANDARD.encode(format!("{APPLICATION}:{password}"));
        let authorization = format!("Basic {credentials}");
        Self {
            server,
            token,
            here: vec![(RECORDED.to_owned(), authorization.clone())],
            authorization,
            users: BTreeMap::new(),
            groups: BTreeMap::new(),
        }
    }

    /// The fixture of the traffic file.
    pub(super) fn fixture() -> Self {
        let mut world = Self::empty();
        world.create_user(1, "asmith", ["Anna", "Smith", "anna.smith@example.com"]);
        world.create_user(
            2,
            "bjorn.ødegård",
            ["Bjørn", "Ødegård", "bjorn@example.com"],
        );
        world.create_user(3, "old.user", ["Olaf", "Gone", "olaf@example.com"]);
        let department = json!({ "department": "R&D" });
        world.patch_user("asmith", &[(urn::ENTERPRISE_USER, department)]);
        world.patch_user("asmith", &[("password", json!("Correct-Horse-1"))]);
        world.patch_user("old.user", &[("password", json!("pw3"))]);
        world.patch_user("old.user", &[("active", json!(false))]);
        world.create_group("dev team", "", &["asmith"], &[]);
        let description = "All \"Jira\" users & friends";
        let users = ["asmith", "bjorn.ødegård"];
        world.create_group("jira-users", description, &users, &["dev team"]);
        world.create_group("empty-group", "", &[], &[]);
        world
    }

    /// Writes what was recorded as it must be here: keys and credentials.
    pub(super) fn translate(&self, recorded: &str) -> String {
        let replace = |text: String, (from, to): &(String, String)| text.replace(from, to);
        self.here.iter().fold(recorded.to_owned(), replace)
    }

    pub(super) fn create_user(&mut self, number: u8, name: &str, [given, family, mail]: [&str; 3]) {
        let body = json!({
            "schemas": [urn::USER],
            "userName": name,
            "name": { "givenName": given, "familyName": family },
            "displayName": format!("{given} {family}"),
            "emails": [{ "value": mail, "type": "work", "primary": true }],
            "active": true,
        });
        let id = self.create("/Users", &body);
        self.here.push((format!("{KEY}{number}"), id.clone()));
        self.users.insert(name.to_owned(), id);
    }

    pub(super) fn create_group(
        &mut self,
        name: &str,
        description: &str,
        users: &[&str],
        children: &[&str],
    ) {
        let users = users.iter().map(|user| &self.users[*user]);
        let children = children.iter().map(|child| &self.groups[*child]);
        let members: Vec<_> = users
            .chain(children)
            .map(|id| json!({ "value": id }))
            .collect();
        let mut body = json!({ "schemas": [urn::GROUP], "displayName": name, "members": members });
        if !description.is_empty() {
            body["schemas"] = json!([urn::GROUP, urn::OKTA_GROUP]);
            body[urn::OKTA_GROUP] = json!({ "description": description });
        }
        let id = self.create("/Groups", &body);
        self.groups.insert(name.to_owned(), id);
    }

    fn create(&self, path: &str, body: &Value) -> String {
        let answer = self.scim("POST", path, Some(body), 201);
        answer.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Replaces attributes of a user.
    pub(super) fn patch_user(&self, user: &str, replace: &[(&str, Value)]) {
        let operation = |(path, value): &(&str, Value)| {
            let value = match *path {
                urn::ENTERPRISE_USER => json!({ (*path): value }),
                path => return json!({ "op": "replace", "path": path, "value": value }),
            };
            json!({ "op": "replace", "value": value })
        };
        let operations: Vec<_> = replace.iter().map(operation).collect();
        self.patch(&format!("/Users/{}", self.users[user]), &operations, 200);
    }

    pub(super) fn rename_user(&mut self, user: &str, to: &str) {
        self.patch_user(user, &[("userName", json!(to))]);
        let id = self.users.remove(user).expect("the user is known");
        self.users.insert(to.to_owned(), id);
    }

    /// Adds a child group to a group.
    pub(super) fn add_child(&self, group: &str, child: &str) {
        let value = json!([{ "value": self.groups[child] }]);
        let operation = json!({ "op": "add", "path": "members", "value": value });
        self.patch(
            &format!("/Groups/{}", self.groups[group]),
            &[operation],
            204,
        );
    }

    pub(super) fn remove_member(&self, group: &str, user: &str) {
        let path = format!("members[value eq \"{}\"]", self.users[user]);
        let operation = json!({ "op": "remove", "path": path });
        self.patch(
            &format!("/Groups/{}", self.groups[group]),
            &[operation],
            204,
        );
    }

    pub(super) fn delete_user(&self, user: &str) {
        self.scim("DELETE", &format!("/Users/{}", self.users[user]), None, 204);
    }

    pub(super) fn delete_group(&self, group: &str) {
        self.scim(
            "DELETE",
            &format!("/Groups/{}", self.groups[group]),
            None,
            204,
        );
    }

    fn patch(&self, path: &str, operations: &[Value], status: u16) {
        let body = json!({ "schemas": [urn::PATCH_OP], "Operations": operations });
        self.scim("PATCH", path, Some(&body), status);
    }

    pub(super) fn scim(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
        status: u16,
    ) -> Answer {
        let address = self.server.scim_addr();
        let answer = http::scim(address, TENANT, &self.token, method, path, body);
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        answer
    }

    /// Changes a setting of the tenant.
    pub(super) fn set_tenant(&self, key: &str, value: &str) {
        self.server.set_tenant(TENANT, key, value);
    }

    pub(super) fn set_allowed_addresses(&self, addresses: &str) {
        self.server
            .set_application(APPLICATION, "allowed_addresses", addresses);
    }

    /// A request with the right credentials; `path` follows the base URL of the resources.
    pub(super) fn crowd(&self, method: &str, path: &str, body: &str) -> Answer {
        let target = format!("/crowd/rest/usermanagement/1{path}");
        let headers = [
            ("Authorization", self.authorization.as_str()),
            ("Accept", "application/xml"),
            ("Content-Type", "application/xml; charset=UTF-8"),
        ];
        http::send(
            self.server.app_addr(),
            method,
            &target,
            &headers,
            body.as_bytes(),
        )
    }

    /// The document that a GET answers.
    pub(super) fn get(&self, path: &str) -> Element {
        let answer = self.crowd("GET", path, "");
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        Element::parse(answer.text()).expect("XML")
    }

    /// The names that a search of users answers.
    pub(super) fn search_users(&self, restriction: &str) -> Vec<String> {
        let path = "/search?entity-type=user&start-index=0&max-results=-1&expand=user";
        let answer = self.crowd("POST", path, restriction);
        assert_eq!(answer.status, 200, "{restriction}: {}", answer.text());
        let document = Element::parse(answer.text()).expect("XML");
        document.names().into_iter().map(str::to_owned).collect()
    }

    /// The events since a token, and the new token.
    pub(super) fn events(&self, token: &str) -> (Element, String) {
        let document = self.get(&format!("/event/{token}"));
        let next = document
            .attribute("newEventToken")
            .expect("a token")
            .to_owned();
        (document, next)
    }
}
