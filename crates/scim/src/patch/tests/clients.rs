//! Sequences that identity providers send, on one user.

use super::*;

#[test]
fn an_update_of_many_attributes_by_path() {
    check_one(
        &COMPAT,
        r#""displayName":"Ada Example","emails":[{"primary":true,"type":"work","value":"ada@example.com"}],"name":{"familyName":"Example","givenName":"Ada"},"active":true"#,
        r#"{"op":"Replace","path":"displayName","value":"Ada S."},
           {"op":"Replace","path":"emails[type eq \"work\"].value","value":"ada.s@example.com"},
           {"op":"Replace","path":"name.givenName","value":"Adah"},
           {"op":"Replace","path":"externalId","value":"ext-2"},
           {"op":"Replace","path":"E:employeeNumber","value":"E-1001"},
           {"op":"Add","path":"title","value":"Engineer"},
           {"op":"Replace","path":"active","value":"False"}"#,
        r#""displayName":"Ada S.","emails":[{"primary":true,"type":"work","value":"ada.s@example.com"}],"name":{"familyName":"Example","givenName":"Adah"},"externalId":"ext-2","E:":{"employeeNumber":"E-1001"},"title":"Engineer","active":false"#,
    );
}

#[test]
fn a_pathless_update_with_dotted_and_qualified_keys() {
    check_one(
        &COMPAT,
        r#""emails":[{"type":"work","value":"bo@example.com"}],"E:":{"division":"West"}"#,
        r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"bo.new@example.com"},
           {"op":"replace","value":{"displayName":"Bo Newname","name.givenName":"Bo","name.familyName":"Newname","E:employeeNumber":"E-2002"}},
           {"op":"replace","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"User","value":"User"},{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Test","value":"Test"}]}"#,
        r#""emails":[{"type":"work","value":"bo.new@example.com"}],"displayName":"Bo Newname","name":{"givenName":"Bo","familyName":"Newname"},"E:":{"division":"West","employeeNumber":"E-2002"},"roles":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"User","value":"User"},{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Test","value":"Test"}]"#,
    );
}

#[test]
fn a_whole_resource_sent_back_as_a_pathless_replace() {
    check_one(
        &COMPAT,
        r#""displayName":"A","active":true"#,
        r#"{"op":"replace","value":{"schemas":["U:","E:"],"id":"2819","externalId":"x","userName":"u","displayName":"B","active":true,"emails":[{"value":"a@example.com","primary":true}],"title":null,"groups":[],"meta":{"resourceType":"User"}}}"#,
        r#""externalId":"x","displayName":"B","active":true,"emails":[{"value":"a@example.com","primary":true}]"#,
    );
}

#[test]
fn a_request_that_changes_nothing_gives_an_equal_resource() {
    let before = stored(
        r#""active":true,"emails":[{"value":"a","type":"work"},{"value":"b"}],"E:":{"manager":{"value":"m"}}"#,
    );
    for operations in [
        r#"{"op":"Replace","path":"active","value":true}"#,
        r#"{"op":"add","path":"emails","value":[{"value":"b"},{"value":"a","type":"work"}]}"#,
        r#"{"op":"replace","path":"emails","value":[{"value":"b"},{"value":"a","type":"work"}]}"#,
        r#"{"op":"remove","path":"title"}"#,
        r#"{"op":"add","path":"E:manager","value":"m"}"#,
        r#"{"op":"replace","path":"nickName","value":"n"},{"op":"remove","path":"nickName"}"#,
    ] {
        let patched = apply(&COMPAT, &before, operations).unwrap();
        assert!(patched.resource.same_as(&before), "{operations}");
    }
}
