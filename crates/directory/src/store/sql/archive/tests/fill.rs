//! A directory with a row in every table.

use provost_allowlist::{feed, update::Overrides};
use provost_scim::member::MemberKind;
use serde_json::json;

use crate::{
    credential::Form,
    ip_set::{IpSetName, Proposal, Source},
    testing::{Bench, actor, block_on, drain},
    token::{Access, NewToken},
};

const URN: &str = "urn:example:badges:1.0";

fn pairs(all: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    all.iter().map(own).collect()
}

pub(super) fn everything(bench: &mut Bench) {
    registry(bench);
    bench.one = block_on(bench.directory.administrator("one")).unwrap();
    people(bench);
    block_on(bench.directory.rotate_application("wiki", 9)).unwrap();
    key_of_cursors(bench);
}

fn registry(bench: &Bench) {
    let directory = &bench.directory;
    block_on(async {
        directory.create_tenant("gone", None).await.unwrap();
        directory.delete_tenant("gone").await.unwrap();
        for (form, days) in [(Form::Bearer, None), (Form::Basic, Some(9))] {
            let token = NewToken {
                label: "ünïcode, \"quoted\"".to_owned(),
                expires_days: days,
                access: Access::ReadWrite,
                form,
            };
            directory.create_token("one", token).await.unwrap();
        }
        let tenants = ["one".to_owned(), "two".to_owned()];
        for name in ["jira", "gone", "wiki"] {
            directory.create_application(name, &tenants).await.unwrap();
        }
        directory.delete_application("gone").await.unwrap();
        let settings = pairs(&[
            ("usernames", "local-part"),
            ("allowed_addresses", "10.0.0.0/8"),
        ]);
        directory.set_application("wiki", &settings).await.unwrap();
        let settings = pairs(&[("accept_passwords", "true")]);
        directory.set_tenant("one", &settings).await.unwrap();
        let badge = json!([{"name": "badge", "type": "string", "uniqueness": "server"}]);
        let schema = json!({"id": URN, "attributes": badge}).to_string();
        directory
            .add_schema("one", MemberKind::User, schema.as_bytes())
            .await
            .unwrap();
        directory.adopt_ip_set(addresses()).await.unwrap();
    });
}

fn addresses() -> Proposal {
    let source = Source {
        feed: feed::find("json").unwrap(),
        parts: Vec::new(),
        url: Some("https://ranges.example/list.json".to_owned()),
        refresh: true,
    };
    let document = br#"{"version": 7, "prefixes": ["198.51.100.0/24", "2001:db8::/32"]}"#;
    let document = source.feed.read(document, &[]).unwrap();
    let strict = Overrides {
        allow_wide: false,
        allow_shrink: false,
        allow_older: false,
    };
    let name = IpSetName::parse("entra").unwrap();
    Proposal::new(name, source, document, None, strict).unwrap()
}

/// Users with everything that leads to rows elsewhere; some are gone again, and so is a group.
fn people(bench: &Bench) {
    let user = |name: &str| {
        let body = json!({
            "userName": name,
            "emails": [{"value": format!("{name}@example.org")}],
            "externalId": format!("ext-{name}"),
            "active": name != "bert",
            "password": format!("secret of {name}"),
            URN: {"badge": format!("badge of {name}")},
        });
        bench.create(&bench.one, body).unwrap()
    };
    let anna = user("änna").id;
    let bert = user("bert").id;
    let gone = user("gone").id;
    let members = [anna, bert, gone].map(|id| id.to_string());
    let group = bench.group("dev", &members);
    bench.group("parent", &[group.id.to_string()]);
    let other = bench.group("other", &members);
    let view = bench
        .directory
        .view(&block_on(bench.directory.application("jira")).unwrap());
    drain(block_on(view.begin_synchronisation()));
    let token = block_on(view.token()).unwrap();
    let rename = json!([{"op": "replace", "path": "displayName", "value": "developers"}]);
    bench.patch_group(group.id, rename).unwrap();
    block_on(view.since(token)).unwrap();
    bench.delete_user(&bench.one, gone).unwrap();
    let deletion = bench
        .directory
        .delete_group(&bench.one, actor(), other.id, None);
    block_on(deletion).unwrap();
}

/// A walk that goes on needs a key.
fn key_of_cursors(bench: &Bench) {
    use provost_scim::{list::ListRequest, profile::COMPAT};

    let walk = pairs(&[("cursor", ""), ("count", "1")]);
    let request = ListRequest::parse(&walk, bench.one.tenant.types.user, &COMPAT).unwrap();
    let page = block_on(bench.directory.users(&bench.one, &request, 100)).unwrap();
    assert!(page.next_cursor.is_some());
}
