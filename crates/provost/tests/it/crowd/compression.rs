//! gzip, as the applications ask for it.

use std::fmt::Write as _;

use serde_json::json;

use super::fixture::{World, unzipped};
use crate::support::http::{self, Answer};

const LISTING: &str =
    "/crowd/rest/usermanagement/1/search?entity-type=user&max-results=-1&expand=user";

fn list(world: &World, encoding: &str) -> Answer {
    let headers = [
        ("Authorization", world.authorization.as_str()),
        ("Accept-Encoding", encoding),
    ];
    let body = b"<null-search-restriction/>";
    http::send(world.server.app_addr(), "POST", LISTING, &headers, body)
}

/// More users than fit in one batch of a listing.
fn many_users() -> World {
    let world = World::empty();
    for page in 0..3 {
        let operations: Vec<_> = (0..400)
            .map(|number| {
                let name = format!("user-{page}-{number}");
                json!({ "method": "POST", "path": "/Users", "bulkId": name,
                    "data": { "userName": name, "displayName": "Somebody" } })
            })
            .collect();
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"];
        let job = json!({ "schemas": schemas, "Operations": operations });
        world.scim("POST", "/Bulk", Some(&job), 200);
    }
    world
}

#[test]
fn a_listing_is_the_same_in_gzip_and_a_fraction_of_its_size() {
    let world = many_users();
    let plain = list(&world, "identity");
    assert_eq!(plain.header("content-encoding"), None);
    let zipped = list(&world, "gzip,deflate");
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    assert_eq!(zipped.header("vary"), Some("accept-encoding"));
    assert_eq!(zipped.header("transfer-encoding"), Some("chunked"));
    assert!(zipped.body.len() * 4 < plain.body.len());
    let zipped = unzipped(zipped);
    assert_eq!(zipped.text(), plain.text());
    let mut last = String::new();
    write!(last, "user-{}-{}", 2, 399).expect("text");
    assert!(plain.text().contains(&last));
}

#[test]
fn what_is_small_or_refused_is_not_compressed() {
    let world = World::fixture();
    let answer = |target: &str| {
        let headers = [
            ("Authorization", world.authorization.as_str()),
            ("Accept-Encoding", "gzip"),
        ];
        http::send(world.server.app_addr(), "GET", target, &headers, b"")
    };
    for target in [
        "/crowd/rest/usermanagement/1/config/cookie",
        "/crowd/rest/usermanagement/1/user?username=nobody",
        "/crowd/rest/usermanagement/1/event",
    ] {
        assert_eq!(answer(target).header("content-encoding"), None, "{target}");
    }
}
