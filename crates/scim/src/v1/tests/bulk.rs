//! Bulk jobs.

use serde_json::json;

use super::*;
use crate::{
    bulk::{Answer, Method},
    schema::RESOURCE_TYPES,
};

fn request(text: &str) -> Result<crate::bulk::BulkRequest, ScimError> {
    bulk_request(json(text), RESOURCE_TYPES)
}

#[test]
fn data_of_whole_resources_has_the_names_of_2_0() {
    let got = request(
        r#"{"schemas":["C:"],"failOnErrors":2,"Operations":[
            {"method":"POST","path":"/Users","bulkId":"1","data":{"schemas":["C:"],"userName":"a","E:":{"manager":{"managerId":"bulkId:2"}}}},
            {"method":"put","path":"/Groups/9","data":{"displayName":"g"}},
            {"method":"PATCH","path":"/Groups/9","version":"W/\"1\"","data":{"members":[{"value":"bulkId:1"}]}},
            {"method":"DELETE","path":"/Users/7"}]}"#,
    )
    .unwrap();
    assert_eq!(got.fail_on_errors, Some(2));
    let data: Vec<_> = got
        .entries
        .iter()
        .map(|entry| &entry.operation.as_ref().unwrap().data)
        .collect();
    assert_eq!(
        *data[0],
        json(
            r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a","e:":{"manager":{"value":"bulkId:2"}}}"#
        )
    );
    assert_eq!(
        *data[1],
        json!({"schemas": [crate::urn::GROUP], "displayName": "g"})
    );
    assert_eq!(*data[2], json!({"members": [{"value": "bulkId:1"}]}));
    assert_eq!(*data[3], Value::Null);
}

#[test]
fn a_job_is_refused_whole_or_by_operation() {
    for (text, words) in [
        ("{}", "list named Operations"),
        (
            r#"{"schemas":["x"],"Operations":[{}]}"#,
            "schemas must list",
        ),
        (r#"{"schemas":7,"Operations":[{}]}"#, "schemas must list"),
        (r#"{"Operations":[]}"#, "at least one"),
        (r#"{"failOnErrors":0,"Operations":[{}]}"#, "failOnErrors"),
    ] {
        let got = request(text)
            .err()
            .unwrap_or_else(|| panic!("{text}: accepted"));
        check_error(&got, words, text);
    }
    let got = request(r#"{"Operations":[7,{"method":"POST","path":"/Users","bulkId":"1","data":7},{"method":"DELETE","path":"/Users/1"}]}"#).unwrap();
    let fine: Vec<_> = got
        .entries
        .iter()
        .map(|entry| entry.operation.is_ok())
        .collect();
    assert_eq!(fine, [false, false, true]);
    assert!(bulk_request(Value::Null, RESOURCE_TYPES).is_err());
}

#[test]
fn the_answer_has_a_status_object() {
    let job = request(
        r#"{"Operations":[{"method":"POST","path":"/Users","bulkId":"1","data":{}},{"method":"DELETE","path":"/Users/1"},{"method":"DELETE","path":"/Users/2"}]}"#,
    )
    .unwrap();
    assert_eq!(
        job.entries[1].operation.as_ref().unwrap().method,
        Method::Delete
    );
    let location = || Some("https://x/v1/Users/1".to_owned());
    let answers = [
        Answer {
            location: location(),
            outcome: Ok((201, Some("W/\"1\"".to_owned()))),
        },
        Answer {
            location: location(),
            outcome: Ok((204, None)),
        },
        Answer {
            location: None,
            outcome: Err(ScimError::with_status(404, "Gone")),
        },
    ];
    assert_eq!(
        bulk_response(job.entries.iter().zip(&answers)),
        json!({
            "schemas": [urn::CORE],
            "Operations": [
                {"location": "https://x/v1/Users/1", "method": "POST", "bulkId": "1", "version": "W/\"1\"", "status": {"code": "201"}},
                {"location": "https://x/v1/Users/1", "method": "DELETE", "status": {"code": "200"}},
                {"method": "DELETE", "status": {"code": "404", "description": "Gone"}},
            ],
        })
    );
}
