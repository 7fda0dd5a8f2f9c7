//! Discovery documents.

use serde_json::json;

use super::*;
use crate::{
    schema::{ResourceTypes, discovery::Features},
    v1::discovery,
};

const BASE: &str = "https://scim.example.com/scim/t/v1";

fn config(change_password: bool) -> Value {
    discovery::service_provider_configs(
        BASE,
        &Features {
            max_results: 1_000,
            default_results: 100,
            cursor_timeout: 1,
            max_payload: 7,
            interop: false,
            change_password,
        },
    )
}

#[test]
fn the_configuration_names_every_feature_of_1_1() {
    let got = config(false);
    assert_eq!(got["schemas"], json!([urn::CORE, urn::OKTA_CONFIG]));
    for (feature, supported) in [
        ("patch", true),
        ("bulk", true),
        ("filter", true),
        ("changePassword", false),
        ("sort", true),
        ("etag", true),
        ("xmlDataFormat", false),
    ] {
        assert_eq!(got[feature]["supported"], supported, "{feature}");
    }
    assert_eq!(got["filter"]["maxResults"], 1_000);
    assert_eq!(got["bulk"]["maxPayloadSize"], 7);
    assert_eq!(got["authenticationSchemes"][0]["type"], "oauthbearertoken");
    assert!(got.get("pagination").is_none());
}

#[test]
fn okta_is_told_of_passwords_only_where_they_are_kept() {
    let listed = |config: &Value| {
        let capabilities = config[urn::OKTA_CONFIG]["userManagementCapabilities"].as_array();
        let capabilities = capabilities.unwrap().clone();
        (
            capabilities.len(),
            capabilities.contains(&json!("PUSH_PASSWORD_UPDATES")),
        )
    };
    assert_eq!(listed(&config(false)), (8, false));
    assert_eq!(listed(&config(true)), (9, true));
    assert_eq!(config(true)["changePassword"]["supported"], true);
}

#[test]
fn a_schema_describes_a_resource_with_its_extensions() {
    let types = ResourceTypes::STANDARD;
    let found = |id| discovery::find_schema(BASE, types, id);
    let user = found("urn:scim:schemas:core:1.0:User").unwrap();
    for id in ["User", "Users", "users", "URN:scim:schemas:core:1.0:user"] {
        assert_eq!(found(id).as_ref(), Some(&user), "{id}");
    }
    for id in ["", "/Users", "urn:scim:schemas:core:1.0", "nope"] {
        assert_eq!(found(id), None, "{id}");
    }
    assert_eq!(
        (
            &user["id"],
            &user["name"],
            &user["schema"],
            &user["endpoint"]
        ),
        (
            &json!("urn:scim:schemas:core:1.0:User"),
            &json!("User"),
            &json!(urn::CORE),
            &json!("/Users")
        )
    );
    let attribute = |name: &str| {
        let mut all = user["attributes"].as_array().unwrap().iter();
        all.find(|row| row["name"] == name).unwrap()
    };
    for (name, key, expect) in [
        ("id", "readOnly", json!(true)),
        ("userName", "required", json!(true)),
        ("userName", "schema", json!(urn::CORE)),
        ("emails", "multiValuedAttributeChildName", json!("email")),
        (
            "addresses",
            "multiValuedAttributeChildName",
            json!("address"),
        ),
        ("groups", "readOnly", json!(true)),
        ("profileUrl", "type", json!("string")),
        ("department", "schema", json!(urn::ENTERPRISE_USER)),
        ("department", "multiValuedAttributeChildName", json!(null)),
    ] {
        assert_eq!(attribute(name)[key], expect, "{name} {key}");
    }
    let subs = |name: &str| -> Vec<String> {
        let subs = attribute(name)["subAttributes"].as_array().unwrap().iter();
        subs.map(|sub| sub["name"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(subs("manager"), ["managerId", "displayName"]);
    assert_eq!(subs("groups"), ["value", "display", "type"]);
    assert_eq!(
        attribute("emails")["subAttributes"][2]["canonicalValues"],
        json!(["work", "home", "other"])
    );
}

#[test]
fn lists_of_documents_have_the_form_of_lists() {
    let types = ResourceTypes::STANDARD;
    let got = discovery::list(discovery::schemas(BASE, types));
    assert_eq!(
        (
            &got["schemas"],
            &got["totalResults"],
            &got["itemsPerPage"],
            &got["startIndex"]
        ),
        (&json!([urn::CORE]), &json!(2), &json!(2), &json!(1))
    );
    let user = discovery::find_resource_type(BASE, types, "User").unwrap();
    assert_eq!(
        (&user["endpoint"], &user["schema"]),
        (&json!("/Users"), &json!("urn:scim:schemas:core:1.0:User"))
    );
    assert_eq!(discovery::find_resource_type(BASE, types, "Nope"), None);
}
