//! Clamping, refusals and projection of list requests; queries by POST and at the root.

use serde_json::{Value, json};

use super::*;
use crate::schema::{GROUP, USER};
use crate::{
    Resource, Timestamp,
    filter::Subject,
    profile::{COMPAT, STRICT},
    query, urn,
};

fn parse(raw: &str) -> Result<ListRequest, ScimError> {
    ListRequest::parse(&query::decode(raw).unwrap(), &USER, &COMPAT)
}

#[test]
fn paging_parameters_are_clamped() {
    for (raw, start_index, count) in [
        ("", 1, None),
        ("startIndex=1&count=10", 1, Some(10)),
        ("startIndex=0", 1, None),
        ("startIndex=-5", 1, None),
        ("startIndex=2147483648", 2_147_483_648, None),
        (
            "startIndex=9223372036854775807",
            9_223_372_036_854_775_807,
            None,
        ),
        ("startIndex=-9223372036854775808", 1, None),
        ("count=0", 1, Some(0)),
        ("count=-1", 1, Some(0)),
        ("count=1000000000", 1, Some(1_000_000_000)),
        ("count=007", 1, Some(7)),
        ("STARTINDEX=3&Count=4", 3, Some(4)),
        ("aadOptscim062020&foo=bar&", 1, None),
        ("sortBy=%20&sortOrder=", 1, None),
    ] {
        let request = parse(raw).unwrap();
        assert_eq!(
            (request.start, request.count),
            (Start::Index(start_index), count),
            "{raw}"
        );
        assert!(request.filter.is_none() && request.sort.is_none());
        assert!(!request.projection.is_given());
    }
}

#[test]
fn a_number_that_is_none_is_refused_by_name() {
    for value in [
        "abc",
        "1.5",
        "1e3",
        "",
        "%20",
        "0x10",
        "1%00",
        "9e99",
        "--1",
        "\u{661}",
        "9223372036854775808",
        "1000000000000000000000000000000",
    ] {
        for name in ["startIndex", "count"] {
            let error = parse(&format!("{name}={value}")).unwrap_err();
            assert_eq!(error.scim_type(), Some(ScimType::InvalidValue), "{value}");
            assert!(error.detail().contains(name), "{}", error.detail());
        }
    }
}

#[test]
fn a_repeated_parameter_is_refused() {
    for (raw, scim_type) in [
        (
            "filter=userName+pr&filter=userName+pr",
            ScimType::InvalidFilter,
        ),
        (
            "filter=userName+pr&FILTER=active+pr",
            ScimType::InvalidFilter,
        ),
        ("count=1&count=1", ScimType::InvalidValue),
        ("startIndex=1&startindex=2", ScimType::InvalidValue),
        ("sortBy=id&sortby=id", ScimType::InvalidValue),
        (
            "sortOrder=ascending&sortOrder=ascending",
            ScimType::InvalidValue,
        ),
        ("cursor=a&cursor=a", ScimType::InvalidValue),
    ] {
        assert_eq!(
            parse(raw).unwrap_err().scim_type(),
            Some(scim_type),
            "{raw}"
        );
    }
}

#[test]
fn a_filter_is_never_dropped() {
    for raw in [
        "filter=",
        "filter",
        "filter=%20",
        "filter=+",
        "filter=%09%20",
        "filter=foo+eq+%22x%22",
        "filter=userName",
        "filter=userName+eq",
        "filter=%22x%22",
        "filter=password+pr",
        "filter=userName+regex+%22x%22",
        "filter=meta.lastModified%20gt%20%E2%80%9C2020-04-07T14:19:34Z%E2%80%9D",
    ] {
        let error = parse(raw).unwrap_err();
        assert_eq!(error.scim_type(), Some(ScimType::InvalidFilter), "{raw}");
    }
    assert!(
        parse("filter=userName+eq+%22x%22")
            .unwrap()
            .filter
            .is_some()
    );
}

#[test]
fn projection_comes_from_the_query() {
    let request = parse("attributes=userName,%20active&excludedattributes=userName").unwrap();
    assert!(request.projection.wants("active") && !request.projection.wants("groups"));
    let pairs = query::decode("excludedAttributes=members").unwrap();
    let request = ListRequest::parse(&pairs, &GROUP, &COMPAT).unwrap();
    assert!(!request.projection.wants("members"));
    let pairs = query::decode("attributes=id&excludedAttributes=members").unwrap();
    let error = ListRequest::parse(&pairs, &GROUP, &STRICT).unwrap_err();
    assert_eq!(error.scim_type(), Some(ScimType::InvalidValue));
}

#[test]
fn a_page_has_one_place() {
    for (raw, cursor) in [
        ("cursor", None),
        ("cursor=", None),
        ("CURSOR=abc&count=2", Some("abc")),
        ("cursor=a%20b", Some("a b")),
    ] {
        let Start::Cursor(start) = parse(raw).unwrap().start else {
            panic!("{raw}");
        };
        assert_eq!(start.cursor.as_deref(), cursor, "{raw}");
    }
    for raw in ["cursor=&startIndex=1", "startIndex=0&cursor=x"] {
        let error = parse(raw).unwrap_err();
        assert_eq!(error.scim_type(), Some(ScimType::InvalidValue), "{raw}");
    }
}

#[test]
fn the_pages_of_a_walk_have_the_same_filter_and_order() {
    let identity = |raw: &str| match parse(raw).unwrap().start {
        Start::Cursor(start) => start.query,
        Start::Index(_) => panic!("{raw}"),
    };
    let first = identity("cursor&filter=title+pr&sortBy=title&count=2");
    assert_eq!(
        first,
        identity("cursor=x&filter=title+pr&sortBy=title&attributes=id")
    );
    for other in [
        "cursor=x",
        "cursor=x&filter=title+pr",
        "cursor=x&sortBy=title",
        "cursor=x&filter=title+pr&sortBy=title&sortOrder=descending",
        "cursor=x&filter=userName+pr&sortBy=title",
        "cursor=x&filter=title+pr&sortBy=userName",
    ] {
        assert_ne!(first, identity(other), "{other}");
    }
}

fn search(members: &Value) -> Result<Parameters, ScimError> {
    let mut body = json!({"schemas": [urn::SEARCH_REQUEST]});
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    Parameters::from_message(body)
}

#[test]
fn a_search_by_post_means_the_same_query() {
    for (raw, members) in [
        ("", json!({})),
        (
            "",
            json!({"filter": null, "count": null, "foo": 1, "attributes": null}),
        ),
        (
            "filter=userName+eq+%22a%22&count=5&startIndex=3",
            json!({"filter": "userName eq \"a\"", "COUNT": 5, "startindex": 3}),
        ),
        (
            "count=-1&startIndex=-9",
            json!({"count": -1, "startIndex": -9}),
        ),
        (
            "sortBy=title&sortOrder=descending&cursor=",
            json!({"sortBy": "title", "sortOrder": "descending", "cursor": ""}),
        ),
        (
            "attributes=userName,emails.value",
            json!({"attributes": ["userName", "emails.value"]}),
        ),
        (
            "excludedAttributes=groups",
            json!({"excludedAttributes": ["groups"]}),
        ),
    ] {
        let by_url = Parameters::from_query(&query::decode(raw).unwrap()).unwrap();
        assert_eq!(search(&members).unwrap(), by_url, "{raw}");
    }
}

#[test]
fn a_search_of_the_wrong_form_is_refused() {
    for body in [
        json!({}),
        json!({"schemas": []}),
        json!({"schemas": urn::SEARCH_REQUEST}),
        json!({"schemas": [urn::PATCH_OP], "filter": "id pr"}),
        json!([]),
    ] {
        let error = Parameters::from_message(body.clone()).unwrap_err();
        assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax), "{body}");
    }
    for (members, scim_type) in [
        (json!({"filter": 1}), ScimType::InvalidFilter),
        (json!({"filter": ["id pr"]}), ScimType::InvalidFilter),
        (json!({"sortBy": {}}), ScimType::InvalidValue),
        (json!({"sortOrder": true}), ScimType::InvalidValue),
        (json!({"startIndex": "1"}), ScimType::InvalidValue),
        (json!({"count": 1.5}), ScimType::InvalidValue),
        (json!({"count": 1e30}), ScimType::InvalidValue),
        (json!({"count": u64::MAX}), ScimType::InvalidValue),
        (json!({"cursor": 1}), ScimType::InvalidValue),
        (json!({"attributes": "userName"}), ScimType::InvalidValue),
        (json!({"attributes": [1]}), ScimType::InvalidValue),
        (
            json!({"excludedAttributes": [null]}),
            ScimType::InvalidValue,
        ),
        (
            json!({"cursor": "", "startIndex": 1}),
            ScimType::InvalidValue,
        ),
    ] {
        let error = search(&members).unwrap_err();
        assert_eq!(error.scim_type(), Some(scim_type), "{members}");
    }
    let names = vec!["a"; crate::projection::MAX_NAMES + 1];
    let parameters = search(&json!({"attributes": names})).unwrap();
    assert!(ListRequest::bind(&parameters, &USER, &COMPAT).is_err());
}

#[test]
fn the_usual_page_size_is_no_more_than_a_default() {
    for (members, expect) in [
        (json!({}), 100),
        (json!({"count": 0}), 0),
        (json!({"count": 7}), 7),
    ] {
        let parameters = search(&members).unwrap().or_count(100);
        let request = ListRequest::bind(&parameters, &GROUP, &COMPAT).unwrap();
        assert_eq!(request.count, Some(expect));
    }
}

fn at_root(raw: &str) -> Result<RootRequest, ScimError> {
    let parameters = Parameters::from_query(&query::decode(raw).unwrap()).unwrap();
    RootRequest::bind(&parameters, ResourceTypes::STANDARD, &COMPAT)
}

fn matches(request: &ListRequest, kind: &'static ResourceType, attributes: &Value) -> bool {
    let resource = Resource::from_stored(&attributes.to_string()).unwrap();
    let instant = Timestamp::from_micros(0);
    request.filter.as_ref().unwrap().matches(&Subject {
        kind,
        id: "1",
        resource: &resource,
        created: instant,
        last_modified: instant,
        version: 1,
        groups: &[],
        members: &[],
    })
}

#[test]
fn an_attribute_of_another_type_has_no_value_at_the_root() {
    let user = json!({"userName": "ann", "displayName": "Ann"});
    let group = json!({"displayName": "g"});
    for (filter, is_user, is_group) in [
        ("userName pr", true, false),
        ("userName eq \"ann\" or displayName eq \"g\"", true, true),
        ("meta.resourceType eq \"User\"", true, false),
        ("meta.resourceType eq \"Group\"", false, true),
        ("userName ne \"x\"", true, true),
        ("emails.value ne \"x\"", false, false),
        ("userName eq null", false, true),
        ("userName ne null", true, false),
        ("not (userName pr)", false, true),
        ("emails[type eq \"work\"]", false, false),
        ("not (emails[type eq \"work\"])", true, true),
        ("active eq true", true, false),
        ("active eq false", false, false),
        ("nonsense eq \"x\"", false, false),
        ("nonsense ne \"x\"", false, false),
        ("nonsense[type pr]", false, false),
        ("id pr", true, true),
    ] {
        let raw = format!("filter={}", filter.replace(' ', "%20").replace('"', "%22"));
        let request = at_root(&raw).unwrap_or_else(|error| panic!("{filter}: {error}"));
        assert_eq!(matches(request.users(), &USER, &user), is_user, "{filter}");
        assert_eq!(
            matches(request.groups(), &GROUP, &group),
            is_group,
            "{filter}"
        );
    }
}

#[test]
fn at_the_root_mistakes_stay_mistakes() {
    for (raw, scim_type) in [
        ("filter=password%20pr", ScimType::InvalidFilter),
        ("filter=password%20ne%20%22x%22", ScimType::InvalidFilter),
        ("filter=active%20gt%20true", ScimType::InvalidFilter),
        ("filter=userName%20eq", ScimType::InvalidFilter),
        ("filter=emails[nonsense%20pr]", ScimType::InvalidFilter),
        ("filter=", ScimType::InvalidFilter),
        ("sortBy=nonsense", ScimType::InvalidValue),
        ("sortBy=password", ScimType::InvalidValue),
        ("sortBy=name", ScimType::InvalidValue),
    ] {
        let error = at_root(raw).unwrap_err();
        assert_eq!(error.scim_type(), Some(scim_type), "{raw}");
    }
    let request = at_root("sortBy=userName").unwrap();
    assert!(request.users().sort.unwrap().attribute().is_some());
    assert!(request.groups().sort.unwrap().attribute().is_none());
}
