//! PATCH bodies on a user and on a group: whatever is accepted leaves a valid resource.
#![no_main]

#[path = "../fixture.rs"]
mod fixture;

use libfuzzer_sys::fuzz_target;
use provost_scim::{
    json, patch::PatchRequest, profile, projection::Projection, schema::RESOURCE_TYPES, v2,
    validate,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = json::parse(bytes) else {
        return;
    };
    for profile in profile::ALL {
        let Ok(request) = PatchRequest::parse(body.clone(), profile) else {
            continue;
        };
        for kind in RESOURCE_TYPES {
            let current = fixture::resource(kind);
            let Ok(patched) = request.apply(kind, profile, &current) else {
                continue;
            };
            fixture::assert_client_owned(&patched.resource);
            let mut answer = Vec::new();
            let view = fixture::view(kind, &patched.resource);
            v2::resource(
                &mut answer,
                "https://scim.example/v2",
                &view,
                &Projection::default(),
            );
            let answer = json::parse(&answer).expect("an answer is JSON within the limits");
            let again = validate::input(kind, profile, answer).expect("an answer is a valid body");
            assert_eq!(again.resource, patched.resource);
        }
    }
});
