//! Lists and streams over entries that are at hand: paging, forms, and cut answers.

use std::{collections::VecDeque, io::Read as _, sync::Arc};

use http_body_util::BodyExt;
use provost_directory::{
    DirectoryError,
    id::{GroupId, UserId},
    person::Person,
    view::ViewGroup,
};
use provost_scim::{Resource, Timestamp};
use serde_json::{Value, json};

use super::{
    entity::{Detail, Form},
    error::Failure,
    format::Format,
    list::List,
    page::Page,
    restriction::Restriction,
    stream::Source,
};

type Batch<T> = Result<Vec<T>, DirectoryError>;

struct Batches<T>(VecDeque<Batch<T>>);

impl<T: Send + 'static> Source for Batches<T> {
    type Item = T;

    async fn next(&mut self) -> Option<Batch<T>> {
        self.0.pop_front()
    }
}

fn unavailable<T>() -> Batch<T> {
    Err(DirectoryError::Unavailable("test".to_owned()))
}

fn group(name: &str) -> ViewGroup {
    ViewGroup {
        id: GroupId::parse("01900000-0000-7000-8000-000000000002").unwrap(),
        name: name.to_owned(),
        description: "d".to_owned(),
        created: Timestamp::from_micros(0),
        updated: Timestamp::from_micros(0),
    }
}

fn person() -> Person {
    let time = Timestamp::parse("2026-11-20T10:00:00.123Z").unwrap();
    Person {
        key: UserId::parse("01900000-0000-7000-8000-000000000001").unwrap(),
        name: "bjorn.ødegård".to_owned(),
        first_name: "Bj\u{7}ørn".to_owned(),
        last_name: "<Ødegård>".to_owned(),
        display_name: "x".repeat(300),
        email: "b@example.com".to_owned(),
        active: false,
        created: time,
        updated: time,
        derived: vec![],
        resource: Resource::from_stored(r#"{"title":"R&D"}"#).unwrap(),
    }
}

fn list(detail: Detail, page: (&str, &str), format: Format) -> List {
    List {
        form: Form {
            detail,
            app_url: Arc::from("http://h"),
        },
        page: Page::parse(Some(page.0), Some(page.1)).ok().unwrap(),
        restriction: Restriction::Everything,
        format,
    }
}

fn batches(names: &[&[&str]]) -> Batches<ViewGroup> {
    let batch = |names: &&[&str]| Ok(names.iter().map(|name| group(name)).collect());
    Batches(names.iter().map(batch).collect())
}

fn link(name: &str) -> String {
    format!(
        "<link href=\"http://h/crowd/rest/usermanagement/1/group?groupname={name}\" rel=\"self\"/>"
    )
}

#[tokio::test]
async fn a_list_is_the_same_however_it_is_batched() {
    for (names, page, expect) in [
        (&[][..], ("0", "-1"), &[][..]),
        (&[&["a", "b"][..], &["c"]], ("0", "-1"), &["a", "b", "c"]),
        (
            &[&[][..], &["a"], &[], &["b"], &[]],
            ("0", "-1"),
            &["a", "b"],
        ),
        (&[&["a", "b"][..], &["c"]], ("1", "1"), &["b"]),
        (&[&["a", "b"][..], &["c"]], ("2", "5"), &["c"]),
        (&[&["a", "b"][..], &["c"]], ("0", "0"), &[]),
    ] {
        let xml = list(Detail::Name, page, Format::Xml);
        let body = xml.stream(batches(names)).await.unwrap().into_body();
        let body = body.collect().await.unwrap().to_bytes();
        let mut want = format!("{}<groups>", super::xml::DECLARATION);
        for name in expect {
            want.extend(["<group name=\"", name, "\">", &link(name), "</group>"]);
        }
        want.push_str("</groups>");
        assert_eq!(String::from_utf8_lossy(&body), want, "{names:?}");

        let json = list(Detail::Name, page, Format::Json);
        let body = json.stream(batches(names)).await.unwrap().into_body();
        let body = body.collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let got: Vec<_> = body["groups"].as_array().unwrap().iter().collect();
        let got: Vec<_> = got.iter().map(|entry| &entry["name"]).collect();
        assert_eq!(got, *expect, "{names:?}");
    }
}

#[tokio::test]
async fn an_error_before_the_first_entry_is_a_503() {
    let source = Batches(VecDeque::from([unavailable::<ViewGroup>()]));
    let outcome = list(Detail::Name, ("0", "-1"), Format::Xml)
        .stream(source)
        .await;
    assert!(matches!(outcome, Err(Failure::Unavailable)));
}

#[tokio::test]
async fn an_error_on_the_way_cuts_the_body() {
    let source = Batches(VecDeque::from([Ok(vec![group("a")]), unavailable()]));
    let response = list(Detail::Name, ("0", "-1"), Format::Xml)
        .stream(source)
        .await
        .unwrap();
    let mut body = response.into_body();
    let first = body.frame().await.unwrap().unwrap();
    assert!(first.is_data());
    assert!(
        body.frame().await.unwrap().is_err(),
        "the body ended cleanly"
    );
}

#[tokio::test]
async fn an_error_on_the_way_cuts_a_compressed_body_too() {
    let source = Batches(VecDeque::from([
        Ok(vec![group("a")]),
        Ok(vec![group("b")]),
        unavailable(),
    ]));
    let list = list(Detail::Fields, ("0", "-1"), Format::Xml);
    let response = super::gzip::compress(list.stream(source).await.unwrap());
    let mut body = response.into_body();
    let mut sent = Vec::new();
    let outcome = loop {
        match body.frame().await {
            Some(Ok(frame)) => sent.extend(frame.into_data().unwrap()),
            other => break other,
        }
    };
    assert!(matches!(outcome, Some(Err(_))), "the body ended cleanly");
    let mut read = String::new();
    let unzipped = flate2::read::GzDecoder::new(&*sent).read_to_string(&mut read);
    assert!(unzipped.is_err() && !read.contains("</groups>"), "{read}");
}

#[tokio::test]
async fn a_full_page_does_not_wait_for_the_rest() {
    let source = Batches(VecDeque::from([
        Ok(vec![group("a"), group("b")]),
        unavailable(),
    ]));
    let response = list(Detail::Name, ("0", "2"), Format::Xml)
        .stream(source)
        .await
        .unwrap();
    assert!(response.into_body().collect().await.is_ok());
}

#[test]
fn a_user_is_written_completely() {
    use super::entity::Entity;
    let form = Form {
        detail: Detail::Attributes,
        app_url: Arc::from("http://h"),
    };
    let mut out = String::new();
    person().write_xml(&mut out, &form);
    let long = "x".repeat(255);
    assert_eq!(
        out,
        format!(
            "<user name=\"bjorn.ødegård\" expand=\"attributes\"><link \
             href=\"http://h/crowd/rest/usermanagement/1/user?username=bjorn.%C3%B8deg%C3%A5rd\" \
             rel=\"self\"/><first-name>Bjørn</first-name><last-name>&lt;Ødegård&gt;</last-name>\
             <display-name>{long}</display-name><email>b@example.com</email>\
             <key>01900000-0000-7000-8000-000000000001</key><active>false</active>\
             <created-date>2026-11-20T10:00:00.123Z</created-date>\
             <updated-date>2026-11-20T10:00:00.123Z</updated-date>\
             <attributes><attribute name=\"synch.title\"><values><value>R&amp;D</value></values>\
             </attribute></attributes></user>"
        )
    );
    let got = person().to_json(&form);
    assert_eq!(got["active"], json!(false));
    assert_eq!(
        got["attributes"],
        json!({ "attributes": [{ "name": "synch.title", "values": ["R&D"] }] })
    );
}

/// What the fuzz target checks holds for its seeds, and for what becomes of them when they are cut
/// or a byte is another one.
#[test]
fn readers_take_seeds_that_were_cut_or_altered() {
    for seed in include_str!("../../../../fuzz/seeds/crowd.txt").lines() {
        let mut bytes = seed.as_bytes().to_vec();
        for place in 0..bytes.len() {
            super::fuzzing::read(&bytes[..place]);
            for other in *b"<>&\"{}[]()\\*=\0\xff" {
                let kept = std::mem::replace(&mut bytes[place], other);
                super::fuzzing::read(&bytes);
                bytes[place] = kept;
            }
        }
        super::fuzzing::read(&bytes);
    }
}
