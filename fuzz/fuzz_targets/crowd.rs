//! Everything that applications send over Crowd REST: restrictions in XML, JSON and the query
//! language, passwords, sessions. No input makes a reader panic, and what is written is read back.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| provost::fuzzing::read(bytes));
