//! Names and query parameters.

use super::*;
use crate::{
    list::{ListRequest, Parameters},
    v1::names,
};

#[test]
fn names_of_1_1_become_those_of_2_0() {
    let enterprise = crate::urn::ENTERPRISE_USER;
    let department = format!("{enterprise}:department");
    let manager = format!("{enterprise}:manager.value");
    for (text, expect) in [
        ("userName", "userName"),
        ("name.givenName", "name.givenName"),
        ("urn:scim:schemas:core:1.0:userName", "userName"),
        ("URN:SCIM:schemas:core:1.0:name.givenName", "name.givenName"),
        ("urn:scim:schemas:core:1.0.userName", "userName"),
        ("urn:scim:schemas:core:1.0", "urn:scim:schemas:core:1.0"),
        (
            "urn:scim:schemas:core:1.01:x",
            "urn:scim:schemas:core:1.01:x",
        ),
        ("urn:scim:schemas:extension:enterprise:1.0", enterprise),
        (
            "urn:scim:schemas:extension:enterprise:1.0:department",
            &department,
        ),
        (
            "urn:scim:schemas:extension:enterprise:1.0:manager.managerId",
            &manager,
        ),
        ("manager.managerId", "manager.value"),
        ("MANAGER.managerid", "MANAGER.value"),
        ("members.managerId", "members.managerId"),
        ("managerId", "managerId"),
        (&department, &department),
        (
            "urn:okta:onprem_app:1.0:user:custom:departmentName",
            "urn:okta:onprem_app:1.0:user:custom:departmentName",
        ),
        ("", ""),
        (".", "."),
        ("é.managerId", "é.managerId"),
    ] {
        assert_eq!(names::notation(text), expect, "{text}");
    }
}

fn rewritten(name: &str, value: &str) -> Result<Option<String>, ScimError> {
    let pairs = vec![(name.to_owned(), value.to_owned())];
    let mut pairs = query(pairs, &COMPAT)?;
    Ok(pairs.pop().map(|(_, value)| value))
}

#[test]
fn filters_keep_their_meaning_under_the_other_names() {
    let enterprise = crate::urn::ENTERPRISE_USER;
    for (filter, expect) in [
        ("userName  eq \"a\"", "userName  eq \"a\"".to_owned()),
        (
            "urn:scim:schemas:core:1.0:userName eq \"A \\\"b\" and (title pr or not (active eq true))",
            "userName eq \"A \\\"b\" and (title pr or not (active eq true))".to_owned(),
        ),
        (
            "urn:scim:schemas:extension:enterprise:1.0:manager.managerId eq \"m\"",
            format!("{enterprise}:manager.value eq \"m\""),
        ),
        (
            "manager[managerId eq \"m\" or not (managerId pr)]",
            "manager[value eq \"m\" or not (value pr)]".to_owned(),
        ),
        (
            "emails[type eq \"work\"] and managerid eq 1",
            "emails[type eq \"work\"] and managerid eq 1".to_owned(),
        ),
        (
            "title eq \"managerId of urn:scim:schemas:core:1.0:x\"",
            "title eq \"managerId of urn:scim:schemas:core:1.0:x\"".to_owned(),
        ),
        (
            "meta.lastModified gt \u{201c}2020-04-07T14:19:34Z\u{201d}",
            "meta.lastModified gt \"2020-04-07T14:19:34Z\"".to_owned(),
        ),
        (
            "title eq \"\u{201c}x\u{201d}\"",
            "title eq \"\u{201c}x\u{201d}\"".to_owned(),
        ),
    ] {
        assert_eq!(
            rewritten("filter", filter).unwrap(),
            Some(expect),
            "{filter}"
        );
    }
}

#[test]
fn a_filter_that_cannot_be_read_is_refused() {
    for filter in ["urn:scim:schemas:core:1.0:userName", "managerId \"x\""] {
        let got = rewritten("filter", filter).expect_err(filter);
        check_error(&got, "invalidFilter", filter);
    }
}

#[test]
fn other_parameters_are_lists_of_names_or_pass() {
    for (name, value, expect) in [
        (
            "attributes",
            "urn:scim:schemas:core:1.0:userName, manager.managerId,name.givenName",
            Some("userName,manager.value,name.givenName"),
        ),
        (
            "excludedattributes",
            "urn:scim:schemas:core:1.0:emails",
            Some("emails"),
        ),
        (
            "sortby",
            " urn:scim:schemas:core:1.0:name.familyName",
            Some("name.familyName"),
        ),
        ("sortorder", "descending", Some("descending")),
        (
            "count",
            "urn:scim:schemas:core:1.0:x",
            Some("urn:scim:schemas:core:1.0:x"),
        ),
        ("cursor", "abc", None),
    ] {
        assert_eq!(
            rewritten(name, value).unwrap().as_deref(),
            expect,
            "{name}={value}"
        );
    }
}

#[test]
fn a_query_binds_to_the_same_request_as_in_2_0() {
    let request = |pairs: &[(&str, &str)]| {
        let owned = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let pairs = query(owned.collect(), &STRICT).unwrap();
        ListRequest::bind(&Parameters::from_query(&pairs).unwrap(), &USER, &STRICT).unwrap()
    };
    let v1 = request(&[
        (
            "filter",
            "urn:scim:schemas:extension:enterprise:1.0:manager.managerId sw \"M\"",
        ),
        ("sortby", "urn:scim:schemas:core:1.0:userName"),
        (
            "attributes",
            "urn:scim:schemas:extension:enterprise:1.0:department",
        ),
        ("startindex", "0"),
    ]);
    let v2 = request(&[
        (
            "filter",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value sw \"M\"",
        ),
        ("sortby", "userName"),
        ("attributes", "department"),
        ("startindex", "1"),
    ]);
    assert_eq!(v1.filter, v2.filter);
    assert_eq!(v1.projection, v2.projection);
    assert_eq!(v1.start, v2.start);
}
