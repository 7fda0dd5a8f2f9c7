//! The discovery documents against RFC 7643 sections 5 to 8 and the errata.

use super::*;
use crate::schema::{GROUP, RESOURCE_TYPES, ResourceTypes, USER};

const BASE: &str = "https://x/v2";

/// The published attribute at `path`, such as `emails.type`.
fn published_attribute(id: &str, path: &str) -> Value {
    let mut rows = find_schema(BASE, ResourceTypes::STANDARD, id).unwrap()["attributes"].take();
    let mut found = Value::Null;
    for name in path.split('.') {
        let list = rows.as_array().unwrap();
        found = list
            .iter()
            .find(|row| row["name"] == name)
            .unwrap_or_else(|| panic!("{path}"))
            .clone();
        rows = found["subAttributes"].clone();
    }
    found
}

fn walk(value: &Value, visit: &mut impl FnMut(&Value)) {
    visit(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Value::Object(fields) => fields.values().for_each(|field| walk(field, visit)),
        _ => {}
    }
}

#[test]
fn the_configuration_has_every_required_member() {
    let features = Features {
        max_results: 200,
        default_results: 50,
        cursor_timeout: 600,
        max_payload: 65_536,
        interop: false,
        change_password: false,
    };
    let config = service_provider_config(BASE, &features);
    for (pointer, expect) in [
        ("/schemas/0", json!(urn::SERVICE_PROVIDER_CONFIG)),
        ("/patch/supported", json!(true)),
        ("/bulk/supported", json!(true)),
        ("/bulk/maxOperations", json!(1000)),
        ("/bulk/maxPayloadSize", json!(65_536)),
        ("/filter/supported", json!(true)),
        ("/filter/maxResults", json!(200)),
        ("/changePassword/supported", json!(false)),
        ("/sort/supported", json!(true)),
        ("/pagination/cursor", json!(true)),
        ("/pagination/index", json!(true)),
        ("/pagination/defaultPaginationMethod", json!("index")),
        ("/pagination/defaultPageSize", json!(50)),
        ("/pagination/maxPageSize", json!(200)),
        ("/pagination/cursorTimeout", json!(600)),
        ("/etag/supported", json!(true)),
        ("/authenticationSchemes/0/type", json!("oauthbearertoken")),
        ("/meta/resourceType", json!("ServiceProviderConfig")),
        (
            "/meta/location",
            json!("https://x/v2/ServiceProviderConfig"),
        ),
    ] {
        assert_eq!(config.pointer(pointer), Some(&expect), "{pointer}");
    }
    for field in ["name", "description"] {
        assert!(
            config["authenticationSchemes"][0][field].is_string(),
            "{field}"
        );
    }
}

#[test]
fn resource_types_point_to_published_schemas() {
    for kind in RESOURCE_TYPES {
        let document = find_resource_type(BASE, ResourceTypes::STANDARD, kind.name).unwrap();
        assert_eq!(document["schemas"], json!([urn::RESOURCE_TYPE]));
        assert_eq!(document["id"], document["name"]);
        assert_eq!(document["endpoint"], kind.endpoint);
        assert_eq!(
            document["meta"]["location"],
            format!("{BASE}/ResourceTypes/{}", kind.name)
        );
        let extensions = document["schemaExtensions"].as_array().unwrap();
        let urns = extensions.iter().map(|extension| &extension["schema"]);
        for urn in urns.chain([&document["schema"]]) {
            assert!(
                find_schema(BASE, ResourceTypes::STANDARD, urn.as_str().unwrap()).is_some(),
                "{urn}"
            );
        }
        assert!(
            extensions
                .iter()
                .all(|extension| extension["required"] == false)
        );
    }
    assert_eq!(
        find_resource_type(BASE, ResourceTypes::STANDARD, "users"),
        None
    );
    assert_eq!(resource_type(BASE, &USER)["schema"], urn::USER);
}

#[test]
fn every_schema_is_found_by_its_urn_and_no_message_is() {
    let ids: Vec<Value> = schemas(BASE, ResourceTypes::STANDARD)
        .iter()
        .map(|schema| schema["id"].clone())
        .collect();
    assert_eq!(
        ids,
        [
            urn::USER,
            urn::ENTERPRISE_USER,
            urn::GROUP,
            urn::OKTA_GROUP,
            urn::SERVICE_PROVIDER_CONFIG,
            urn::RESOURCE_TYPE,
            urn::SCHEMA
        ]
    );
    for id in &ids {
        let id = id.as_str().unwrap();
        let document = find_schema(BASE, ResourceTypes::STANDARD, &id.to_uppercase()).unwrap();
        assert_eq!(document["id"], id);
        assert_eq!(document["schemas"], json!([urn::SCHEMA]));
        assert_eq!(document["meta"]["resourceType"], "Schema");
        assert_eq!(document["meta"]["location"], format!("{BASE}/Schemas/{id}"));
        assert!(document["name"].is_string() && document["description"].is_string());
    }
    for id in [urn::PATCH_OP, urn::LIST_RESPONSE, urn::ERROR, "urn:x", ""] {
        assert_eq!(find_schema(BASE, ResourceTypes::STANDARD, id), None, "{id}");
    }
}

#[test]
fn characteristics_are_spelled_as_in_the_rfc_and_never_null() {
    let keywords = [
        (
            "type",
            &[
                "string",
                "boolean",
                "decimal",
                "integer",
                "dateTime",
                "binary",
                "reference",
                "complex",
            ][..],
        ),
        (
            "mutability",
            &["readOnly", "readWrite", "immutable", "writeOnly"][..],
        ),
        ("returned", &["always", "never", "default", "request"][..]),
        ("uniqueness", &["none", "server", "global"][..]),
    ];
    let mut seen = 0;
    for document in schemas(BASE, ResourceTypes::STANDARD) {
        walk(&document, &mut |value| {
            assert!(!value.is_null(), "{}", document["id"]);
        });
        walk(&document["attributes"], &mut |row| {
            if row.get("name").is_none() {
                return;
            }
            seen += 1;
            for (key, legal) in keywords {
                let word = row.get(key).and_then(Value::as_str);
                assert!(word.is_none_or(|word| legal.contains(&word)), "{row}");
            }
            let complex = row["type"] == "complex";
            for key in ["caseExact", "uniqueness"] {
                assert_eq!(row.get(key).is_none(), complex, "{key} {row}");
            }
            assert_eq!(row.get("subAttributes").is_some(), complex, "{row}");
            let has_targets = row.get("referenceTypes").is_some();
            assert_eq!(has_targets, row["type"] == "reference", "{row}");
            for key in ["multiValued", "required"] {
                assert!(row[key].is_boolean(), "{key} {row}");
            }
        });
    }
    assert!(seen > 100);
}

#[test]
fn the_errata_are_applied() {
    let has = |id, path, field: &str, expect: Value| {
        assert_eq!(
            published_attribute(id, path)[field],
            expect,
            "{path}.{field}"
        );
    };
    has(urn::GROUP, "displayName", "required", json!(true));
    has(urn::GROUP, "members.display", "type", json!("string"));
    has(
        urn::GROUP,
        "members.value",
        "mutability",
        json!("immutable"),
    );
    has(urn::USER, "groups.$ref", "referenceTypes", json!(["Group"]));
    has(urn::USER, "profileUrl", "caseExact", json!(true));
    has(urn::USER, "userName", "uniqueness", json!("server"));
    has(urn::USER, "password", "returned", json!("never"));
    has(
        urn::ENTERPRISE_USER,
        "manager.value",
        "caseExact",
        json!(true),
    );
    has(
        urn::ENTERPRISE_USER,
        "manager.displayName",
        "mutability",
        json!("readOnly"),
    );
    has(
        urn::RESOURCE_TYPE,
        "schemaExtensions",
        "multiValued",
        json!(true),
    );
    has(
        urn::RESOURCE_TYPE,
        "endpoint",
        "uniqueness",
        json!("server"),
    );
    has(
        urn::SCHEMA,
        "attributes.referenceTypes",
        "multiValued",
        json!(true),
    );
    has(
        urn::SERVICE_PROVIDER_CONFIG,
        "authenticationSchemes.type",
        "required",
        json!(true),
    );
    has(
        urn::SERVICE_PROVIDER_CONFIG,
        "etag.supported",
        "type",
        json!("boolean"),
    );
    let types = published_attribute(urn::SCHEMA, "attributes.type")["canonicalValues"].clone();
    assert!(types.as_array().unwrap().contains(&json!("binary")));
    let subs = published_attribute(urn::SCHEMA, "attributes.subAttributes.type");
    assert!(
        !subs["canonicalValues"]
            .as_array()
            .unwrap()
            .contains(&json!("complex"))
    );
}

#[test]
fn every_row_of_a_resource_type_is_published() {
    for kind in [&USER, &GROUP] {
        for schema in std::iter::once(&kind.schema).chain(kind.extensions) {
            for row in schema.attributes {
                let found = published_attribute(schema.id, row.name);
                assert_eq!(found["multiValued"], row.multi_valued, "{}", row.name);
                for sub in row.sub_attributes {
                    published_attribute(schema.id, &format!("{}.{}", row.name, sub.name));
                }
            }
        }
    }
}

#[test]
fn a_list_has_the_shape_of_a_query_answer() {
    let got = list(schemas(BASE, ResourceTypes::STANDARD));
    assert_eq!(got["schemas"], json!([urn::LIST_RESPONSE]));
    assert_eq!(got["totalResults"], 7);
    assert_eq!(got["itemsPerPage"], 7);
    assert_eq!(got["startIndex"], 1);
    assert_eq!(got["Resources"].as_array().unwrap().len(), 7);
}
