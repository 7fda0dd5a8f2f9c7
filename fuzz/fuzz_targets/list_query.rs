//! Query strings: decoding and reading a list request never panic, and what was read is in range.
#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_scim::{list::ListRequest, profile, query, schema::RESOURCE_TYPES};

fuzz_target!(|raw: &str| {
    let Some(pairs) = query::decode(raw) else {
        return;
    };
    let has_filter = pairs.iter().any(|(name, _)| name == "filter");
    for profile in profile::ALL {
        for kind in RESOURCE_TYPES {
            let Ok(request) = ListRequest::parse(&pairs, kind, profile) else {
                continue;
            };
            assert_eq!(request.filter.is_some(), has_filter);
            assert!(request.start_index >= 1);
            assert!(request.projection.wants("id"));
        }
    }
});
