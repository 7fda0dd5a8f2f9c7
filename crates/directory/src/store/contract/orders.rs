//! Rules about orders, walks by cursor and lists at the root.

use std::collections::BTreeMap;

use proptest::{
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};
use provost_scim::{
    ScimType,
    list::{ListRequest, Parameters, RootRequest},
    profile::COMPAT,
    query,
    schema::{GROUP, ResourceTypes, USER},
};
use serde_json::json;

use crate::{
    DirectoryError, Object, Page,
    testing::{Bench, block_on},
    token::Caller,
    user::User,
};

const MAX: u64 = 1_000;

fn parameters(raw: &str) -> Parameters {
    Parameters::from_query(&query::decode(raw).unwrap()).unwrap()
}

fn users(bench: &Bench, caller: &Caller, raw: &str) -> Result<Page<User>, DirectoryError> {
    let request = ListRequest::bind(&parameters(raw), &USER, &COMPAT).unwrap();
    block_on(bench.directory.users(caller, &request, MAX))
}

fn names(page: &Page<User>) -> Vec<&str> {
    page.items
        .iter()
        .map(|user| user.resource.user_name())
        .collect()
}

fn refusal<T: std::fmt::Debug>(outcome: Result<T, DirectoryError>) -> Option<ScimType> {
    match outcome.unwrap_err() {
        DirectoryError::Refused(error) => error.scim_type(),
        other => panic!("{other:?}"),
    }
}

pub(super) fn orders_follow_type_case_and_missing_values(bench: &Bench) {
    for (name, rest) in [
        ("c", json!({"title": "b", "active": false})),
        (
            "B",
            json!({"title": "10", "emails": [{"value": "z@e"}, {"value": "a@e", "primary": true}]}),
        ),
        ("a", json!({"emails": [{"value": "M@e"}, {"value": "a@e"}]})),
        ("d", json!({"title": "9", "name": {"familyName": "Ä"}})),
        ("e", json!({"title": "A", "name": {"familyName": "z"}})),
    ] {
        let mut body = rest;
        body["userName"] = json!(name);
        bench.create(&bench.one, body).unwrap();
        bench.clock.advance_seconds(1);
    }
    for (by, ascending) in [
        ("userName", "a B c d e"),
        ("title", "B d e c a"),
        ("emails", "B a c d e"),
        ("emails.value", "B a c d e"),
        ("name.familyName", "e d c B a"),
        ("active", "c B a d e"),
        ("meta.created", "c B a d e"),
        ("meta.lastModified", "c B a d e"),
        ("id", "c B a d e"),
        ("externalId", "c B a d e"),
    ] {
        let expect: Vec<_> = ascending.split(' ').collect();
        let up = users(bench, &bench.one, &format!("sortBy={by}")).unwrap();
        assert_eq!(names(&up), expect, "{by}");
        let down = format!("sortBy={by}&sortOrder=descending");
        let down = users(bench, &bench.one, &down).unwrap();
        assert!(
            names(&down).iter().eq(expect.iter().rev()),
            "{by} descending"
        );
        let some = format!("sortBy={by}&filter=userName%20lt%20%22d%22&startIndex=2&count=1");
        let some = users(bench, &bench.one, &some).unwrap();
        let first: Vec<_> = expect.iter().filter(|name| **name < "d").collect();
        assert_eq!(
            (some.total, names(&some)[0]),
            (3, *first[1]),
            "{by} with a filter"
        );
    }
}

const SORTS: &[&str] = &[
    "",
    "&sortBy=userName",
    "&sortBy=userName&sortOrder=descending",
    "&sortBy=title",
    "&sortBy=title&sortOrder=descending",
    "&sortBy=meta.lastModified",
    "&sortBy=meta.lastModified&sortOrder=descending",
    "&sortBy=meta.created&sortOrder=descending",
    "&sortBy=emails",
];

const FILTERS: &[&str] = &[
    "",
    "&filter=active%20eq%20true",
    "&filter=title%20pr",
    "&filter=not%20(title%20eq%20%22T1%22)",
    "&filter=emails.value%20eq%20%22shared@e%22",
];

/// A user by a number: many have the same title, some have none.
fn body(number: u32) -> serde_json::Value {
    let mut body =
        json!({"userName": format!("u{number:03}"), "active": !number.is_multiple_of(5)});
    if !number.is_multiple_of(4) {
        body["title"] = json!(format!("t{}", number % 3));
    }
    if number.is_multiple_of(2) {
        body["emails"] = json!([{"value": "shared@e"}]);
    }
    body
}

fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    })
}

fn clear(bench: &Bench) {
    for user in users(bench, &bench.one, "count=1000").unwrap().items {
        bench.delete_user(&bench.one, user.id).unwrap();
    }
}

pub(super) fn sorted_pages_are_the_sorted_whole(bench: &Bench) {
    // Inserted in an order that no sort has.
    for number in (0..60).map(|number| number * 37 % 60) {
        bench.create(&bench.one, body(number)).unwrap();
        bench.create(&bench.two, body(number)).unwrap();
        bench.clock.advance_seconds(i64::from(number % 3));
    }
    let cases = (select(SORTS), select(FILTERS), 1_usize..30);
    let outcome = runner(60).run(&cases, |(sort, filter, size)| {
        let whole = users(bench, &bench.one, &format!("count=1000{sort}{filter}")).unwrap();
        let whole = names(&whole);
        let mut pages = Vec::new();
        for start in (1..=whole.len() + size).step_by(size) {
            let raw = format!("startIndex={start}&count={size}{sort}{filter}");
            let page = users(bench, &bench.one, &raw).unwrap();
            prop_assert_eq!(page.total, whole.len() as u64);
            pages.extend(names(&page).into_iter().map(str::to_owned));
        }
        prop_assert_eq!(&pages, &whole);
        let none = users(bench, &bench.one, &format!("count=0{sort}{filter}")).unwrap();
        prop_assert_eq!((none.total, none.items.len()), (whole.len() as u64, 0));
        Ok(())
    });
    outcome.unwrap();
}

pub(super) fn walks_see_every_surviving_row_once(bench: &Bench) {
    let cases = (
        select(SORTS),
        select(FILTERS),
        1_u32..8,
        proptest::collection::vec((any::<bool>(), 0_u32..60), 0..40),
    );
    let outcome = runner(30).run(&cases, |(sort, filter, size, changes)| {
        clear(bench);
        let query = format!("count={size}{sort}{filter}");
        let mut ids = BTreeMap::new();
        for number in (0..30).map(|number| number * 7 % 30) {
            ids.insert(number, bench.create(&bench.one, body(number)).unwrap().id);
        }
        let before = users(bench, &bench.one, &format!("count=1000{filter}")).unwrap();
        let mut changes = changes.into_iter();
        let mut seen = Vec::new();
        let mut cursor = Some(String::new());
        while let Some(text) = cursor {
            let page = users(bench, &bench.one, &format!("cursor={text}&{query}")).unwrap();
            prop_assert!(page.items.len() <= size as usize);
            prop_assert!(page.next_cursor.is_none() || page.items.len() == size as usize);
            seen.extend(page.items.iter().map(|user| user.id));
            cursor = page.next_cursor;
            for (insert, number) in changes.by_ref().take(2) {
                match ids.get(&number).copied() {
                    None if insert => {
                        ids.insert(number, bench.create(&bench.one, body(number)).unwrap().id);
                    }
                    Some(id) if !insert => {
                        bench.delete_user(&bench.one, id).unwrap();
                        ids.remove(&number);
                    }
                    _ => {}
                }
            }
        }
        for user in &before.items {
            let times = seen.iter().filter(|id| **id == user.id).count();
            let survived = ids.values().any(|id| *id == user.id);
            prop_assert!(times == 1 || (times == 0 && !survived), "{times} times");
        }
        seen.sort_unstable();
        prop_assert!(seen.is_sorted_by(|a, b| a < b), "something was seen twice");
        Ok(())
    });
    outcome.unwrap();
}

pub(super) fn a_cursor_is_for_one_query_of_one_tenant(bench: &Bench) {
    for number in 0..6 {
        bench.create(&bench.one, body(number)).unwrap();
        bench.create(&bench.two, body(number)).unwrap();
    }
    let first = users(bench, &bench.one, "cursor&count=3&sortBy=userName").unwrap();
    assert_eq!(
        (first.total, names(&first)),
        (6, vec!["u000", "u001", "u002"])
    );
    let cursor = first.next_cursor.unwrap();
    let last = users(
        bench,
        &bench.one,
        &format!("cursor={cursor}&count=3&sortBy=userName"),
    );
    let last = last.unwrap();
    assert_eq!(
        (last.total, names(&last)),
        (6, vec!["u003", "u004", "u005"])
    );
    assert_eq!(last.next_cursor, None, "also when the pages divide evenly");
    for (rest, expect) in [
        ("count=3", ScimType::InvalidCursor),
        ("count=3&sortBy=title", ScimType::InvalidCursor),
        (
            "count=3&sortBy=userName&sortOrder=descending",
            ScimType::InvalidCursor,
        ),
        (
            "count=3&sortBy=userName&filter=id%20pr",
            ScimType::InvalidCursor,
        ),
        ("count=4&sortBy=userName", ScimType::InvalidCount),
        ("sortBy=userName", ScimType::InvalidCount),
    ] {
        let outcome = users(bench, &bench.one, &format!("cursor={cursor}&{rest}"));
        assert_eq!(refusal(outcome), Some(expect), "{rest}");
    }
    let raw = format!("cursor={cursor}&count=3&sortBy=userName");
    assert_eq!(
        refusal(users(bench, &bench.two, &raw)),
        Some(ScimType::InvalidCursor)
    );
    let groups = ListRequest::bind(&parameters("cursor&count=3"), &GROUP, &COMPAT).unwrap();
    assert_eq!(
        block_on(bench.directory.groups(&bench.one, &groups, MAX))
            .unwrap()
            .total,
        0
    );
    let raw_groups = parameters(&format!("cursor={cursor}&count=3"));
    let groups = ListRequest::bind(&raw_groups, &GROUP, &COMPAT).unwrap();
    let outcome = block_on(bench.directory.groups(&bench.one, &groups, MAX));
    assert_eq!(refusal(outcome), Some(ScimType::InvalidCursor));
    let none = users(bench, &bench.one, "cursor&count=0").unwrap();
    assert_eq!(
        (none.total, none.items.len(), none.next_cursor),
        (6, 0, None)
    );
    bench.clock.advance_seconds(3_600);
    assert!(users(bench, &bench.one, &raw).is_ok());
    bench.clock.advance_seconds(1);
    assert_eq!(
        refusal(users(bench, &bench.one, &raw)),
        Some(ScimType::ExpiredCursor)
    );
}

pub(super) fn an_order_without_an_index_has_an_end(bench: &Bench) {
    for number in 0..110 {
        bench.create(&bench.one, body(number)).unwrap();
    }
    for (raw, expect) in [
        ("sortBy=title&startIndex=91&count=10", Ok(10)),
        (
            "sortBy=title&startIndex=92&count=10",
            Err(Some(ScimType::TooMany)),
        ),
        ("sortBy=title&startIndex=92&count=0", Ok(0)),
        ("sortBy=title&startIndex=1000000&count=10", Ok(0)),
        ("sortBy=userName&startIndex=101&count=10", Ok(10)),
        ("sortBy=meta.lastModified&startIndex=101&count=10", Ok(10)),
        (
            "sortBy=userName&filter=active%20eq%20true&startIndex=79&count=10",
            Ok(10),
        ),
        ("startIndex=101&count=10", Ok(10)),
    ] {
        let got = users(bench, &bench.one, raw);
        let got = match got {
            Ok(page) => Ok(page.items.len()),
            refused => Err(refusal(refused)),
        };
        assert_eq!(got, expect, "{raw}");
    }
}

fn all(bench: &Bench, raw: &str, max: u64) -> Result<(u64, Vec<String>), DirectoryError> {
    let request = RootRequest::bind(&parameters(raw), ResourceTypes::STANDARD, &COMPAT).unwrap();
    let page = block_on(bench.directory.everything(&bench.one, &request, max))?;
    let names = page.items.iter().map(|object| match object {
        Object::User(user) => format!("U:{}", user.resource.user_name()),
        Object::Group(group) => format!("G:{}", group.resource.display_name().unwrap_or_default()),
    });
    Ok((page.total, names.collect()))
}

pub(super) fn the_root_lists_both_kinds(bench: &Bench) {
    let ann = bench
        .create(&bench.one, json!({"userName": "ann", "displayName": "m"}))
        .unwrap();
    bench.group("z", &[ann.id.to_string()]);
    bench
        .create(&bench.one, json!({"userName": "bob", "displayName": "b"}))
        .unwrap();
    bench.group("a", &[]);
    bench
        .create(&bench.two, json!({"userName": "other"}))
        .unwrap();
    for (raw, total, expect) in [
        ("", 4, "U:ann G:z U:bob G:a"),
        ("startIndex=2&count=2", 4, "G:z U:bob"),
        ("startIndex=9", 4, ""),
        ("count=0", 4, ""),
        ("sortBy=displayName", 4, "G:a U:bob U:ann G:z"),
        (
            "sortBy=displayName&sortOrder=descending&count=3",
            4,
            "G:z U:ann U:bob",
        ),
        ("sortBy=userName", 4, "U:ann U:bob G:z G:a"),
        (
            "sortBy=userName&sortOrder=descending",
            4,
            "G:a G:z U:bob U:ann",
        ),
        ("sortBy=meta.resourceType", 4, "G:z G:a U:ann U:bob"),
        (
            "filter=meta.resourceType%20eq%20%22User%22",
            2,
            "U:ann U:bob",
        ),
        (
            "filter=meta.resourceType%20eq%20%22Group%22&startIndex=2",
            2,
            "G:a",
        ),
        ("filter=userName%20pr", 2, "U:ann U:bob"),
        (
            "filter=userName%20eq%20%22ANN%22%20or%20displayName%20eq%20%22a%22",
            2,
            "U:ann G:a",
        ),
        ("filter=members.value%20pr", 1, "G:z"),
        ("filter=groups.display%20eq%20%22z%22", 1, "U:ann"),
        ("filter=nonsense%20eq%20%22x%22", 0, ""),
    ] {
        let expect = expect.split_whitespace().map(str::to_owned).collect();
        assert_eq!(all(bench, raw, 4).unwrap(), (total, expect), "{raw}");
    }
    for sort in [
        "",
        "&sortBy=displayName",
        "&sortBy=userName&sortOrder=descending",
    ] {
        let whole = all(bench, &format!("count=10{sort}"), 4).unwrap().1;
        let mut walked = Vec::new();
        let mut cursor = Some(String::new());
        while let Some(text) = cursor {
            let raw = format!("cursor={text}&count=1{sort}");
            walked.extend(all(bench, &raw, 3).unwrap().1);
            let request =
                RootRequest::bind(&parameters(&raw), ResourceTypes::STANDARD, &COMPAT).unwrap();
            let page = block_on(bench.directory.everything(&bench.one, &request, 3));
            cursor = page.unwrap().next_cursor;
        }
        assert_eq!(walked, whole, "{sort}");
    }
    assert_eq!(refusal(all(bench, "", 3)), Some(ScimType::TooMany));
    assert_eq!(refusal(all(bench, "sortBy=id", 3)), Some(ScimType::TooMany));
}
