//! What the store answers is what evaluation in memory says (R-7644-3.4.2.2-34): random resources,
//! random filters, random orders.
//!
//! `PROVOST_PROPERTY_PAIRS` sets how many pairs of resource and filter are compared.

use std::fmt::Debug;

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use provost_scim::{
    filter::Filter,
    list::{ListRequest, Parameters},
    profile::COMPAT,
    sort::Sort,
    urn,
};
use serde_json::{Value, json};

use crate::{
    store::{
        Kind, Load, Stored,
        sql::{postgres::PostgresStore, sqlite::SqliteStore},
    },
    testing::{Bench, OpenStore, block_on, fresh_postgres},
};

mod custom;

const USERS: usize = 80;
const GROUPS: usize = 20;

fn pairs(otherwise: usize) -> usize {
    let given = std::env::var("PROVOST_PROPERTY_PAIRS").ok();
    given
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

fn runner(cases: usize) -> TestRunner {
    TestRunner::new(Config {
        cases: u32::try_from(cases).unwrap(),
        failure_persistence: None,
        ..Config::default()
    })
}

fn sample<T: Debug>(runner: &mut TestRunner, strategy: &impl Strategy<Value = T>) -> T {
    strategy.new_tree(runner).unwrap().current()
}

/// Few words, so that filters match: case, composition, wildcards and quotes of other languages.
fn word() -> impl Strategy<Value = &'static str> {
    select(
        &[
            "a", "A", "b", "ab", "aB", "ä", "Ä", "a\u{308}", "10", "9", "%", "_", "a%", "x y", "'",
            "\\", "work", "home", "ß", "İ",
        ][..],
    )
}

fn email() -> impl Strategy<Value = Value> {
    (
        word(),
        option::of(select(&["work", "home", "Work"][..])),
        any::<bool>(),
    )
        .prop_map(|(value, kind, display)| {
            let mut email = json!({"value": format!("{value}@e")});
            if let Some(kind) = kind {
                email["type"] = json!(kind);
            }
            if display {
                email["display"] = json!(value);
            }
            email
        })
}

fn user(number: usize) -> impl Strategy<Value = Value> {
    let texts = (
        word(),
        option::of(word()),
        option::of(word()),
        option::of(word()),
    );
    let parts = (
        option::of(word()),
        option::of(word()),
        option::of(any::<bool>()),
    );
    let values = option::of(custom::values(number));
    (texts, parts, vec(email(), 0..3), any::<bool>(), values).prop_map(
        move |(texts, parts, mails, primary, values)| {
            let (name, title, nick, display) = texts;
            let (family, department, active) = parts;
            let mut body = json!({"userName": format!("{name}{number}"), "emails": mails});
            let simple = [
                ("title", title),
                ("nickName", nick),
                ("displayName", display),
            ];
            for (key, value) in simple {
                if let Some(value) = value {
                    body[key] = json!(value);
                }
            }
            if let Some(family) = family {
                body["name"] = json!({"familyName": family});
                body["externalId"] = json!(format!("{family}{number}"));
            }
            if let Some(department) = department {
                body[urn::ENTERPRISE_USER] = json!({"department": department});
            }
            if let Some(active) = active {
                body["active"] = json!(active);
            }
            if let Some(values) = values {
                body[custom::URN] = values;
            }
            if primary && !mails.is_empty() {
                body["emails"][mails.len() - 1]["primary"] = json!(true);
            }
            body
        },
    )
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn text_literal(known: Vec<String>) -> impl Strategy<Value = String> {
    prop_oneof![
        2 => word().prop_map(quoted),
        2 => word().prop_map(|word| quoted(&format!("{word}@e"))),
        3 => select(known).prop_map(|text| quoted(&text)),
        1 => Just("null".to_owned()),
    ]
}

/// One term about an attribute of the list, with an operator that its type has.
fn term(
    texts: &'static [&'static str],
    booleans: &'static [&'static str],
    known: Vec<String>,
) -> impl Strategy<Value = String> {
    let any_name = select([texts, booleans, &["meta.created"]].concat());
    let op = select(
        &[
            "eq", "eq", "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le",
        ][..],
    );
    let ordered = select(&["eq", "ne", "gt", "ge", "lt", "le"][..]);
    let second = 0_i64..40;
    prop_oneof![
        6 => (select(texts), op, text_literal(known)).prop_map(|(name, op, literal)| {
            let op = if literal == "null" && op != "ne" { "eq" } else { op };
            format!("{name} {op} {literal}")
        }),
        1 => (select(booleans), any::<bool>(), any::<bool>()).prop_map(|(name, is, value)| {
            format!("{name} {} {value}", if is { "eq" } else { "ne" })
        }),
        1 => (select(&["meta.created", "meta.lastModified"][..]), ordered, second).prop_map(
            |(name, op, second)| format!("{name} {op} \"2026-01-01T00:00:{second:02}Z\"")
        ),
        1 => any_name.prop_map(|name| format!("{name} pr")),
    ]
}

fn combined(leaf: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            3 => vec(inner.clone(), 2..4).prop_map(|terms| format!("({})", terms.join(" and "))),
            2 => vec(inner.clone(), 2..4).prop_map(|terms| format!("({})", terms.join(" or "))),
            1 => inner.prop_map(|term| format!("not ({term})")),
        ]
    })
}

const USER_TEXTS: &[&str] = &[
    "id",
    "userName",
    "userName",
    "externalId",
    "title",
    "nickName",
    "displayName",
    "emails",
    "emails.value",
    "emails.type",
    "name.familyName",
    "department",
    "groups",
    "groups.value",
    "groups.display",
    "groups.type",
    "schemas",
    "meta.resourceType",
    "meta.version",
];
const GROUP_TEXTS: &[&str] = &[
    "id",
    "displayName",
    "displayName",
    "externalId",
    "members",
    "members.value",
    "members.display",
    "members.type",
    "meta.resourceType",
];
const SORTS: &[&str] = &[
    "userName",
    "displayName",
    "title",
    "emails",
    "active",
    "name.familyName",
    "externalId",
    "groups.display",
    "id",
    "meta.created",
    "meta.lastModified",
    "badge",
    "level",
    "rate",
    "hired",
    "remote",
    "tags",
    "desk.value",
];

fn user_filters(known: Vec<String>) -> impl Strategy<Value = String> {
    let inside = combined(term(
        &["value", "type", "display"],
        &["primary"],
        known.clone(),
    ))
    .prop_filter("dates belong to meta", |text| !text.contains("meta."));
    let path = inside.prop_map(|inner| format!("emails[{inner}]"));
    let plain = term(USER_TEXTS, &["active", "emails.primary"], known.clone());
    let custom = custom::term(text_literal(known));
    combined(prop_oneof![4 => plain, 1 => path, 2 => custom])
}

fn group_filters(known: Vec<String>) -> impl Strategy<Value = String> {
    combined(
        term(GROUP_TEXTS, &["active"], known)
            .prop_filter("groups are not active", |text| !text.contains("active")),
    )
}

struct World {
    bench: Bench,
    users: Vec<Stored>,
    groups: Vec<Stored>,
    /// Values that occur.
    known: Vec<String>,
}

impl World {
    fn new(runner: &mut TestRunner, open: OpenStore) -> Self {
        let mut bench = Bench::new(open);
        custom::extend(&mut bench);
        let mut ids = Vec::new();
        for number in 0..USERS {
            let body = sample(runner, &user(number));
            ids.push(bench.create(&bench.one, body).unwrap().id.to_string());
            bench.clock.advance_seconds(i64::from(number % 3 == 0));
        }
        // Only strict tenants can leave a user without it.
        bench.set("profile", "strict");
        for id in ids.iter().step_by(7) {
            let id = crate::id::UserId::parse(id).unwrap();
            let change = json!([{"op": "remove", "path": "active"}]);
            bench.patch_user(id, change).unwrap();
        }
        bench.set("profile", "compat");
        for number in 0..GROUPS {
            let members = sample(runner, &vec(select(ids.clone()), 0..6));
            let name = format!("{}{number}", sample(runner, &word()));
            let group = bench.group(&name, &members);
            ids.push(group.id.to_string());
        }
        let (users, groups) = (stored(&bench, Kind::User), stored(&bench, Kind::Group));
        let mut known: Vec<_> = users
            .iter()
            .chain(&groups)
            .map(|one| one.id.to_string())
            .collect();
        let names = users
            .iter()
            .map(|user| user.resource.user_name().to_owned());
        let titles = groups
            .iter()
            .filter_map(|group| group.resource.display_name());
        let external = users.iter().filter_map(|user| user.resource.external_id());
        known.extend(names.chain(titles.chain(external).map(str::to_owned)));
        known.extend(["User", "Group", "direct", "indirect", "W/\"1\""].map(str::to_owned));
        known.push(urn::ENTERPRISE_USER.to_owned());
        known.push(custom::URN.to_owned());
        known.extend(users.iter().filter_map(custom::badge));
        Self {
            bench,
            users,
            groups,
            known,
        }
    }

    fn check(&self, kind: Kind, text: &str, by: Option<(&str, bool)>) -> Result<(), TestCaseError> {
        let table = self.bench.one.tenant.types.of(kind);
        let all = match kind {
            Kind::User => &self.users,
            Kind::Group => &self.groups,
        };
        let filter = Filter::parse(text, &COMPAT).and_then(|filter| filter.bind(table, &COMPAT));
        let Ok(filter) = filter else {
            return Err(TestCaseError::reject(
                "an operator that the type does not have",
            ));
        };
        let mut expect: Vec<&Stored> = all
            .iter()
            .filter(|one| filter.matches(&one.subject(table, &one.id.to_string())))
            .collect();
        let mut pairs = vec![pair("filter", text), pair("count", "1000")];
        if let Some((attribute, descending)) = by {
            let order = if descending {
                "descending"
            } else {
                "ascending"
            };
            pairs.extend([pair("sortby", attribute), pair("sortorder", order)]);
            let sort = Sort::bind(table, attribute, Some(order)).unwrap();
            expect.sort_by_cached_key(|one| sort.key(&one.subject(table, &one.id.to_string())));
            if descending {
                expect.reverse();
            }
        }
        let parameters = Parameters::from_query(&pairs).unwrap();
        let request = ListRequest::bind(&parameters, table, &COMPAT).unwrap();
        let (directory, caller) = (&self.bench.directory, &self.bench.one);
        let (total, got): (_, Vec<_>) = match kind {
            Kind::User => {
                let page = block_on(directory.users(caller, &request, 1_000)).unwrap();
                (
                    page.total,
                    page.items.iter().map(|user| *user.id.as_uuid()).collect(),
                )
            }
            Kind::Group => {
                let page = block_on(directory.groups(caller, &request, 1_000)).unwrap();
                (
                    page.total,
                    page.items.iter().map(|group| *group.id.as_uuid()).collect(),
                )
            }
        };
        let differing = all.iter().find(|one| {
            let wanted = expect.iter().any(|other| other.id == one.id);
            wanted != got.contains(&one.id)
        });
        let expect: Vec<_> = expect.iter().map(|one| one.id).collect();
        prop_assert_eq!(&got, &expect, "{} {:?}: {:?}", text, by, differing);
        prop_assert_eq!(total, expect.len() as u64);
        Ok(())
    }
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn stored(bench: &Bench, kind: Kind) -> Vec<Stored> {
    let query = crate::store::ListQuery {
        of: bench.one.tenant.types.of(kind),
        filter: None,
        skip: 0,
        take: 1_000,
        load: Load {
            groups: kind == Kind::User,
            members: kind == Kind::Group,
        },
    };
    let tenant = bench.one.tenant.id;
    block_on(bench.directory.store().list(tenant, kind, query))
        .unwrap()
        .items
}

fn check(open: OpenStore, pairs: usize) {
    let world = World::new(&mut runner(1), open);
    let sort = || option::of((select(SORTS), any::<bool>()));
    let cases = (user_filters(world.known.clone()), sort());
    let outcome =
        runner(pairs / USERS + 1).run(&cases, |(text, sort)| world.check(Kind::User, &text, sort));
    outcome.unwrap();
    let cases = group_filters(world.known.clone());
    let outcome = runner(pairs / USERS / 4 + 1).run(&cases, |text| {
        world.check(
            Kind::Group,
            &text,
            Some(("displayName", text.len() % 2 == 0)),
        )
    });
    outcome.unwrap();
}

#[test]
fn sqlite_answers_like_evaluation() {
    check(
        |path, clock| std::sync::Arc::new(SqliteStore::open(path, true, clock).unwrap()),
        pairs(10_000),
    );
}

#[test]
fn postgres_answers_like_evaluation() {
    check(
        |_, clock| std::sync::Arc::new(PostgresStore::open(&fresh_postgres(clock)).unwrap()),
        pairs(4_000),
    );
}
