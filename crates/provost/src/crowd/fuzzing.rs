//! What fuzz targets may call: the readers of everything that applications send. Built for them and
//! for tests only.

use std::borrow::Cow;

use bytes::Bytes;

use super::{
    body::Body,
    credentials,
    restriction::{Property, Restriction, Subject},
    xml,
};

/// An entry with a value of each kind.
struct Entry;

impl Subject for Entry {
    fn property(&self, name: &str) -> Property<'_> {
        match name {
            "name" => Property::Text(Cow::Borrowed("ASmith")),
            "email" => Property::Texts(vec!["a@example.com", ""]),
            "active" => Property::Flag(true),
            _ => Property::Unknown,
        }
    }

    fn always_has(name: &str) -> bool {
        name == "name"
    }
}

fn judge(restriction: Option<Restriction>) {
    let Some(restriction) = restriction else {
        return;
    };
    let holds = restriction.matches(&Entry);
    assert!(!(holds && restriction.is_never::<Entry>()));
}

/// Reads the bytes as every body and query that this surface takes.
pub fn read(bytes: &[u8]) {
    for is_json in [false, true] {
        let body = Body {
            bytes: Bytes::copy_from_slice(bytes),
            is_json,
        };
        judge(Restriction::read(&body).ok());
        let _ = credentials::password(&body);
        let _ = credentials::context(&body);
        let _ = credentials::factors(&body);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    judge(Restriction::from_query(text).ok());
    round_trip(text);
}

/// What is written as a password is read as it was, but for characters that XML cannot carry.
fn round_trip(text: &str) {
    let mut document = String::from("<password>");
    xml::element(&mut document, "value", text);
    document.push_str("</password>");
    let body = Body {
        bytes: Bytes::from(document),
        is_json: false,
    };
    let read = credentials::password(&body);
    let read = read.ok().map(|read| read.reveal().to_owned());
    assert!(read.is_some_and(|read| read.len() <= text.len()));
}
