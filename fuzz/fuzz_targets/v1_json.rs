//! Bodies of SCIM 1.1 as POST, PUT and PATCH: whatever is accepted leaves a valid resource, whose
//! answer in 1.1 can be sent in again.
#![no_main]

#[path = "../fixture.rs"]
mod fixture;

use libfuzzer_sys::fuzz_target;
use provost_scim::{
    Profile, Resource,
    bulk::BulkRequest,
    json, profile,
    projection::Projection,
    schema::{RESOURCE_TYPES, ResourceType},
    v1, validate,
};

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = json::parse(bytes) else {
        return;
    };
    let _ = v1::bulk_request(body.clone(), RESOURCE_TYPES).map(BulkRequest::plan);
    for kind in RESOURCE_TYPES {
        let whole = v1::body(kind, body.clone());
        assert_eq!(v1::body(kind, whole.clone()), whole);
        for profile in profile::ALL {
            if let Ok(input) = validate::input(kind, profile, whole.clone()) {
                comes_back(kind, profile, &input.for_create(kind));
            }
            let part = v1::patch(kind, profile, body.clone());
            let current = fixture::resource(kind);
            if let Ok(patched) = part.and_then(|part| part.apply(kind, profile, &current)) {
                comes_back(kind, profile, &patched.resource);
            }
        }
    }
});

fn comes_back(kind: &'static ResourceType, profile: &Profile, resource: &Resource) {
    fixture::assert_client_owned(resource);
    let mut answer = Vec::new();
    let view = fixture::view(kind, resource);
    let base = "https://scim.example/v1";
    v1::resource(&mut answer, base, &view, &Projection::default());
    let answer = json::parse(&answer).expect("an answer is JSON within the limits");
    assert!(answer.get("password").is_none());
    let again = validate::input(kind, profile, v1::body(kind, answer));
    let again = again.expect("an answer is a valid body");
    assert_eq!(again.resource, *resource);
}
