//! Schema documents: what is loaded prints and loads as itself.
#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_scim::schema::custom;

fuzz_target!(|bytes: &[u8]| {
    let Ok(loaded) = custom::load(bytes) else {
        return;
    };
    let printed = custom::print(loaded.schema).to_string();
    let again = custom::load(printed.as_bytes()).expect("what was printed");
    assert!(std::ptr::eq(again.schema, loaded.schema));
});
