//! Cursors: bytes → contents → bytes is the identity, a sealed cursor opens to the place in it, and
//! what was not sealed here is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use provost_directory::cursor::{Contents, CursorKey};

const KEY: CursorKey = CursorKey::new([7; 32]);
const OTHER_KEY: CursorKey = CursorKey::new([8; 32]);

fuzz_target!(|bytes: &[u8]| {
    let Some(contents) = Contents::parse(bytes) else {
        return refuse(bytes);
    };
    assert_eq!(contents.print(), bytes);
    let Contents {
        issued,
        walk,
        place,
    } = &contents;
    let text = KEY.seal(walk, *issued, place);
    assert_eq!(KEY.open(&text, walk, *issued).as_ref(), Ok(place));
    assert!(OTHER_KEY.open(&text, walk, *issued).is_err());
    let altered = format!("A{}", &text[1..]);
    assert!(altered == text || KEY.open(&altered, walk, *issued).is_err());
});

/// As text from a client, for a walk whose cursors are all of this form.
fn refuse(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let mut plain = vec![0; 50];
    plain[0] = 1;
    let contents = Contents::parse(&plain).expect("a cursor without a value");
    assert!(KEY.open(text, &contents.walk, contents.issued).is_err());
}
