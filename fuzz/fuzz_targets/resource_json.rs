//! Bodies of POST and PUT: what is accepted can be stored, read back, written as an answer, and
//! sent in again.
#![no_main]

#[path = "../fixture.rs"]
mod fixture;

use libfuzzer_sys::fuzz_target;
use provost_scim::{
    Resource, json, profile, projection::Projection, schema::RESOURCE_TYPES, v2, validate,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = json::parse(bytes) else {
        return;
    };
    for profile in profile::ALL {
        for kind in RESOURCE_TYPES {
            let Ok(input) = validate::input(kind, profile, body.clone()) else {
                continue;
            };
            let resource = input.for_create(kind);
            fixture::assert_client_owned(&resource);
            assert_eq!(
                Resource::from_stored(&resource.to_stored()).as_ref(),
                Some(&resource)
            );
            let _ = input.for_replace(kind, profile, &fixture::resource(kind));

            let mut answer = Vec::new();
            let view = fixture::view(kind, &resource);
            v2::resource(
                &mut answer,
                "https://scim.example/v2",
                &view,
                &Projection::default(),
            );
            let answer = json::parse(&answer).expect("an answer is JSON within the limits");
            assert!(answer.get("password").is_none());
            let again = validate::input(kind, profile, answer).expect("an answer is a valid body");
            assert_eq!(again.resource, resource);
        }
    }
});
