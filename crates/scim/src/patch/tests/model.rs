//! Random requests: nothing panics, what comes out is valid, and simple attributes behave like
//! a map.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::validate;

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-2i64..3).prop_map(Value::from),
        "(work|home|a@x|True|false|m|| |\\{\"value\":\"z\"\\})".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let key = "(value|type|primary|display|givenName|familyName|Members|emails|active|title|name.givenName|userName|id|manager|\\$ref|x)";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(key, inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn any_path() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop::sample::select(vec![
        "active".to_owned(),
        "userName".to_owned(),
        "title".to_owned(),
        "name".to_owned(),
        "name.givenName".to_owned(),
        "emails".to_owned(),
        "emails.value".to_owned(),
        "emails[type eq \"work\"]".to_owned(),
        "emails[type eq \"work\"].value".to_owned(),
        "emails[primary eq true].primary".to_owned(),
        "emails[not (value pr)]".to_owned(),
        "roles".to_owned(),
        "groups".to_owned(),
        "schemas".to_owned(),
        "password".to_owned(),
        "manager".to_owned(),
        urn::ENTERPRISE_USER.to_owned(),
        format!("{}:manager.value", urn::ENTERPRISE_USER),
        "unknown".to_owned(),
    ]))
}

fn any_request() -> impl Strategy<Value = Value> {
    let op = (
        prop::sample::select(vec!["add", "Remove", "replace"]),
        any_path(),
        prop::option::of(any_value()),
    );
    prop::collection::vec(op, 1..5).prop_map(|ops| {
        let ops: Vec<Value> = ops
            .into_iter()
            .map(|(op, path, value)| {
                let mut object = json!({"op": op});
                if let Some(path) = path {
                    object["path"] = path.into();
                }
                if let Some(value) = value {
                    object["value"] = value;
                }
                object
            })
            .collect();
        json!({"schemas": [urn::PATCH_OP], "Operations": ops})
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_outcome_of_any_request_is_an_error_or_a_valid_resource(body in any_request(), strict in any::<bool>()) {
        let profile = if strict { &STRICT } else { &COMPAT };
        let before = stored(r#""active":true,"emails":[{"value":"a","type":"work","primary":true},{"value":"b"}],"name":{"givenName":"A"}"#);
        let Ok(request) = PatchRequest::parse(body, profile) else { return Ok(()) };
        let Ok(patched) = request.apply(&USER, profile, &before) else { return Ok(()) };
        let mut again = patched.resource.attributes().clone();
        again.insert("schemas".into(), json!([urn::USER]));
        let read = validate::input(&USER, profile, Value::Object(again));
        prop_assert_eq!(read.map(|input| input.resource), Ok(patched.resource.clone()));
        prop_assert!(strict || patched.resource.attributes().contains_key("active"));
        let primaries = patched.resource.attributes().get("emails").and_then(Value::as_array)
            .map_or(0, |items| items.iter().filter(|item| item["primary"] == true).count());
        prop_assert!(primaries <= 1);
    }

    #[test]
    fn simple_attributes_behave_like_a_map(
        ops in prop::collection::vec((0..3usize, 0..3usize, "[a-z]{1,3}", any::<bool>()), 1..12)
    ) {
        let names = ["title", "nickName", "locale"];
        let mut model: BTreeMap<&str, String> = BTreeMap::new();
        let mut operations = Vec::new();
        for (kind, name, value, pathless) in ops {
            let (name, op) = (names[name], ["add", "remove", "replace"][kind]);
            match (op, pathless) {
                ("remove", _) => {
                    model.remove(name);
                    operations.push(json!({"op": op, "path": name}));
                }
                (_, true) => operations.push(json!({"op": op, "value": {name: value}})),
                (_, false) => operations.push(json!({"op": op, "path": name, "value": value})),
            }
            if op != "remove" {
                model.insert(name, value);
            }
        }
        let body = json!({"schemas": [urn::PATCH_OP], "Operations": operations});
        let request = PatchRequest::parse(body, &STRICT).unwrap();
        let patched = request.apply(&USER, &STRICT, &stored("")).unwrap();
        model.insert("userName", "u".to_owned());
        let expect: serde_json::Map<String, Value> =
            model.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        prop_assert_eq!(patched.resource.attributes(), &expect);
    }
}
