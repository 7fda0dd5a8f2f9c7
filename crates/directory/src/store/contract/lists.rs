//! Rules about pages and filters.

use provost_scim::{
    Profile,
    filter::{Filter, Subject},
    list::ListRequest,
    profile::COMPAT,
    schema::{GROUP, ResourceType, USER},
};
use serde_json::json;

use crate::{
    store::{Kind, ListQuery, Load},
    testing::{Bench, actor, block_on, patch},
    token::Caller,
};

fn request(kind: &'static ResourceType, pairs: &[(&str, &str)]) -> ListRequest {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let profile: &Profile = &COMPAT;
    ListRequest::parse(&pairs, kind, profile).unwrap()
}

fn names(bench: &Bench, caller: &Caller, skip: u64, take: u64) -> (u64, Vec<String>) {
    let query = ListQuery {
        of: &USER,
        filter: None,
        skip,
        take,
        load: Load::default(),
    };
    let page = block_on(
        bench
            .directory
            .store()
            .list(caller.tenant.id, Kind::User, query),
    )
    .unwrap();
    let names = page
        .items
        .iter()
        .map(|user| user.resource.user_name().to_owned());
    (page.total, names.collect())
}

pub(super) fn pages_cover_everything_once(bench: &Bench) {
    let mut expect = Vec::new();
    // More than two blocks of rows, with another tenant's rows and gaps between.
    for number in 0..1_500 {
        let name = format!("u{number}");
        let user = bench.user(&name);
        if number % 3 == 0 {
            bench.create(&bench.two, json!({"userName": name})).unwrap();
        }
        if number % 7 == 0 {
            bench.delete_user(&bench.one, user.id).unwrap();
        } else {
            expect.push(name);
        }
    }
    let total = expect.len() as u64;
    let mut walked = Vec::new();
    for start in (0..total).step_by(100) {
        let (told, page) = names(bench, &bench.one, start, 100);
        assert_eq!(told, total);
        walked.extend(page);
    }
    assert_eq!(walked, expect);
    for (skip, take) in [
        (0, 0),
        (total, 10),
        (total - 1, 10),
        (u64::MAX, 5),
        (1_023, 2),
    ] {
        let skipped = expect
            .iter()
            .skip(usize::try_from(skip).unwrap_or(usize::MAX));
        let slice: Vec<_> = skipped
            .take(usize::try_from(take).unwrap())
            .cloned()
            .collect();
        assert_eq!(
            names(bench, &bench.one, skip, take),
            (total, slice),
            "{skip} {take}"
        );
    }
    assert_eq!(names(bench, &bench.two, 0, 1_000).0, 500);
}

pub(super) fn counts_follow(bench: &Bench) {
    let user = bench.user("a");
    let group = bench.group("g", &[user.id.to_string()]);
    bench.group("h", &[user.id.to_string(), group.id.to_string()]);
    assert_eq!(block_on(bench.directory.counts("one")).unwrap(), (1, 2, 3));
    assert_eq!(block_on(bench.directory.counts("two")).unwrap(), (0, 0, 0));
    bench.delete_user(&bench.one, user.id).unwrap();
    assert_eq!(block_on(bench.directory.counts("one")).unwrap(), (0, 2, 1));
}

const USER_FILTERS: &[&str] = &[
    "userName eq \"U3\"",
    "userName eq \"nobody\"",
    "userName eq \"u3\" and active eq true",
    "externalId eq \"E5\"",
    "externalId eq \"e5\"",
    "emails eq \"U4@Example.org\"",
    "emails.value eq \"u4@example.org\"",
    "emails[value eq \"u4@example.org\"]",
    "emails[type eq \"work\" and value eq \"shared@example.org\"]",
    "emails.value eq \"shared@example.org\" and title pr",
    "active eq true",
    "active eq false",
    "active eq false and title eq \"t1\"",
    "title eq \"t1\"",
    "title eq \"t1\" or userName eq \"u2\"",
    "not (userName eq \"u3\")",
    "userName co \"%\"",
    "userName sw \"u1\"",
    "userName ne \"u3\"",
    "meta.lastModified gt \"2026-01-01T00:00:05Z\"",
    "meta.lastModified ge \"2026-01-01T00:00:05Z\" and meta.created lt \"2026-01-01T00:00:03Z\"",
    "meta.created eq \"2026-01-01T00:00:02Z\"",
    "meta.created le \"2026-01-01T00:00:02Z\"",
    "id eq \"nonsense\"",
    "id pr",
    "groups.value eq \"GROUP\"",
    "groups.display eq \"outer\"",
    "groups pr",
    "emails.value eq \"new@example.org\"",
    "emails.value eq \"gone@example.org\"",
];

fn fill(bench: &Bench) -> String {
    let mut ids = Vec::new();
    for number in 0..8 {
        let user = json!({
            "userName": format!("u{number}"),
            "externalId": format!("E{number}"),
            "active": number % 3 != 0,
            "title": format!("t{}", number % 2),
            "emails": [
                {"value": format!("U{number}@example.org"), "type": "work", "primary": true},
                {"value": "shared@example.org", "type": if number < 3 { "work" } else { "home" }},
            ],
        });
        ids.push(bench.create(&bench.one, user.clone()).unwrap());
        bench.create(&bench.two, user).unwrap();
        bench.clock.advance_seconds(1);
    }
    let off = json!([{"op": "remove", "path": "title"}]);
    bench.patch_user(ids[1].id, off).unwrap();
    for (user, mail) in [(&ids[6], "gone@example.org"), (&ids[6], "new@example.org")] {
        let mail = json!([{"op": "replace", "path": "emails", "value": [{"value": mail}]}]);
        bench.patch_user(user.id, mail).unwrap();
    }
    let inner = bench.group("inner", &[ids[2].id.to_string()]);
    let outer = bench.group("outer", &[ids[5].id.to_string(), inner.id.to_string()]);
    outer.id.to_string()
}

pub(super) fn filters_answer_like_evaluation(bench: &Bench) {
    let outer = fill(bench);
    let everything = request(&USER, &[("attributes", "userName,groups")]);
    let all = block_on(bench.directory.users(&bench.one, &everything, 1_000)).unwrap();
    assert_eq!(all.items.len(), 8);
    for text in USER_FILTERS {
        let text = text.replace("GROUP", &outer);
        let filter = Filter::parse(&text, &COMPAT)
            .unwrap()
            .bind(&USER, &COMPAT)
            .unwrap();
        let expect: Vec<_> = all
            .items
            .iter()
            .filter(|user| {
                filter.matches(&Subject {
                    kind: &USER,
                    id: &user.id.to_string(),
                    resource: &user.resource,
                    created: user.created,
                    last_modified: user.last_modified,
                    version: user.version,
                    groups: &user.groups,
                    members: &[],
                })
            })
            .map(|user| user.id)
            .collect();
        let asked = request(&USER, &[("filter", &text)]);
        let page = block_on(bench.directory.users(&bench.one, &asked, 1_000)).unwrap();
        let got: Vec<_> = page.items.iter().map(|user| user.id).collect();
        assert_eq!((page.total, &got), (expect.len() as u64, &expect), "{text}");
        let second = request(
            &USER,
            &[("filter", &text), ("startIndex", "2"), ("count", "1")],
        );
        let page = block_on(bench.directory.users(&bench.one, &second, 1_000)).unwrap();
        let got: Vec<_> = page.items.iter().map(|user| user.id).collect();
        assert_eq!(
            got,
            expect.into_iter().skip(1).take(1).collect::<Vec<_>>(),
            "{text}"
        );
    }
    group_filters(bench);
}

fn group_filters(bench: &Bench) {
    let user = request(&USER, &[("filter", "userName eq \"u5\"")]);
    let user = block_on(bench.directory.users(&bench.one, &user, 1)).unwrap();
    let id = user.items[0].id.to_string();
    for (text, expect) in [
        ("displayName eq \"OUTER\"".to_owned(), vec!["outer"]),
        (format!("members eq \"{id}\""), vec!["outer"]),
        (
            format!("members.value eq \"{id}\" and displayName eq \"inner\""),
            vec![],
        ),
        ("members.type eq \"Group\"".to_owned(), vec!["outer"]),
        ("displayName pr".to_owned(), vec!["inner", "outer"]),
    ] {
        let asked = request(&GROUP, &[("filter", &text)]);
        let page = block_on(bench.directory.groups(&bench.one, &asked, 10)).unwrap();
        let got: Vec<_> = page
            .items
            .iter()
            .filter_map(|g| g.resource.display_name())
            .collect();
        assert_eq!(got, expect, "{text}");
    }
    // The answer follows a change at once.
    let outer = request(&GROUP, &[("filter", "displayName eq \"outer\"")]);
    let outer = block_on(bench.directory.groups(&bench.one, &outer, 1)).unwrap();
    let rename = patch(json!([{"op": "replace", "path": "displayName", "value": "renamed"}]));
    let change =
        bench
            .directory
            .patch_group(&bench.one, actor(), outer.items[0].id, None, rename, false);
    block_on(change).unwrap();
    let old = request(&GROUP, &[("filter", "displayName eq \"outer\"")]);
    assert_eq!(
        block_on(bench.directory.groups(&bench.one, &old, 1))
            .unwrap()
            .total,
        0
    );
}
