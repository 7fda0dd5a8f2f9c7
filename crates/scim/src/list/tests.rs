//! Clamping, refusals and projection of list requests.

use super::*;
use crate::{
    profile::{COMPAT, STRICT},
    query,
    schema::{GROUP, USER},
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
        ("sortBy=userName&cursor=", 1, None),
    ] {
        let request = parse(raw).unwrap();
        assert_eq!(
            (request.start_index, request.count),
            (start_index, count),
            "{raw}"
        );
        assert!(request.filter.is_none() && !request.projection.is_given());
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
