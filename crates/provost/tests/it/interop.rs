//! The interoperability profile over HTTP: announced where it is kept, and its rules applied.

use serde_json::{Value, json};

use crate::support::{TestServer, block_on};

fn patch(operation: &Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}

fn user(attributes: &Value) -> Value {
    let mut user = attributes.clone();
    user["schemas"] = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    user
}

#[test]
fn only_a_tenant_of_the_profile_announces_and_applies_it() {
    let server = TestServer::start();
    for (profile, announced, pathless, undefined) in [
        ("compat", Value::Null, 200, 201),
        ("strict", Value::Null, 200, 400),
        ("interop", json!(true), 400, 400),
    ] {
        let token = server.tenant(profile);
        let settings = [("profile".to_owned(), profile.to_owned())];
        block_on(server.directory().set_tenant(profile, &settings)).unwrap();
        let ask = |method: &str, path: &str, body: Option<&Value>| {
            server.scim(profile, &token, method, path, body)
        };
        let config = ask("GET", "/ServiceProviderConfig", None).json();
        assert_eq!(config["interopProfileConformant"], announced, "{profile}");
        let made = ask("POST", "/Users", Some(&user(&json!({"userName": "a"}))));
        let path = format!("/Users/{}", made.json()["id"].as_str().unwrap());
        let change = patch(&json!({"op": "add", "value": {"title": "x"}}));
        let answer = ask("PATCH", &path, Some(&change));
        assert_eq!(answer.status, pathless, "{profile}: {}", answer.text());
        let colour = user(&json!({"userName": "b", "colour": "red"}));
        let answer = ask("POST", "/Users", Some(&colour));
        assert_eq!(answer.status, undefined, "{profile}: {}", answer.text());
        if undefined == 400 {
            assert_eq!(answer.json()["scimType"], "invalidSyntax", "{profile}");
        }
    }
}
