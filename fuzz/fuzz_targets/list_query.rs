//! Query strings: decoding and reading a list request never panic, and what was read is in range.
#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_scim::{
    list::{ListRequest, Parameters, RootRequest, Start},
    profile, query,
    schema::{RESOURCE_TYPES, ResourceTypes},
};

fuzz_target!(|raw: &str| {
    let Some(pairs) = query::decode(raw) else {
        return;
    };
    let has_filter = pairs.iter().any(|(name, _)| name == "filter");
    let Ok(parameters) = Parameters::from_query(&pairs) else {
        return;
    };
    for profile in profile::ALL {
        let _ = RootRequest::bind(&parameters, ResourceTypes::STANDARD, profile);
        for kind in RESOURCE_TYPES {
            let Ok(request) = ListRequest::bind(&parameters, kind, profile) else {
                continue;
            };
            assert_eq!(request.filter.is_some(), has_filter);
            assert!(!matches!(request.start, Start::Index(0)));
            assert!(request.projection.wants("id"));
        }
    }
});
