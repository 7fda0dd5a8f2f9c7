//! Random bodies: nothing panics, rewriting twice is rewriting once, and what is accepted comes
//! back from its own answer.

use proptest::prelude::*;

use super::*;
use crate::{Timestamp, v2::View, validate};

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        (-2i64..3).prop_map(Value::from),
        "(work|a@x|b@x|True|delete|title|emails|name\\.givenName|userName|m| |)"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = "(value|type|primary|operation|attributes|meta|schemas|members|emails|active|title|name|givenName|userName|displayName|id|manager|managerId|department|Operations|urn:scim:schemas:extension:enterprise:1\\.0|urn:ietf:params:scim:schemas:extension:enterprise:2\\.0:User|x)";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(key, inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// What an answer shows of `resource` is a body that stores the same.
fn comes_back(kind: &'static ResourceType, profile: &crate::Profile, resource: &Resource) {
    let view = View {
        kind,
        id: "2819",
        resource,
        created: Timestamp::from_micros(0),
        last_modified: Timestamp::from_micros(1),
        version: 1,
        groups: &[],
        members: &[],
    };
    let mut answer = Vec::new();
    super::resource(&mut answer, "https://x/v1", &view, &Projection::default());
    let answer = crate::json::parse(&answer).unwrap();
    let again = validate::input(kind, profile, body(kind, answer)).unwrap();
    assert_eq!(&again.resource, resource);
}

proptest! {
    #[test]
    fn whatever_is_accepted_comes_back(given in any_value()) {
        let _ = bulk_request(given.clone(), crate::schema::RESOURCE_TYPES);
        for kind in [&USER, &GROUP] {
            let whole = body(kind, given.clone());
            prop_assert_eq!(body(kind, whole.clone()), whole.clone());
            let name = kind.key_attribute();
            let current = stored(&format!(r#"{{"{name}":"u","externalId":"e"}}"#));
            for profile in [&COMPAT, &STRICT] {
                if let Ok(input) = validate::input(kind, profile, whole.clone()) {
                    comes_back(kind, profile, &input.for_create(kind));
                }
                let part = patch(kind, profile, given.clone());
                if let Ok(patched) = part.and_then(|part| part.apply(kind, profile, &current)) {
                    comes_back(kind, profile, &patched.resource);
                }
            }
        }
    }
}
