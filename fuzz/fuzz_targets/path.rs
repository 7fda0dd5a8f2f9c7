//! Paths: text → path → text is the identity, and binding never panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_scim::{
    path::{MAX_LENGTH, Path},
    profile,
    schema::RESOURCE_TYPES,
};

fuzz_target!(|text: &str| {
    for profile in profile::ALL {
        let Ok(path) = Path::parse(text, profile) else {
            continue;
        };
        let canonical = path.to_string();
        if canonical.len() <= MAX_LENGTH {
            assert_eq!(Path::parse(&canonical, profile).as_ref(), Ok(&path));
        }
        for kind in RESOURCE_TYPES {
            let _ = path.bind(kind, profile);
        }
    }
});
