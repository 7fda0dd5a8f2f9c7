//! One case for each documented behaviour of the API, in XML and JSON, on the fixture of the
//! recorded traffic.

use serde_json::Value;

use super::{
    compare,
    fixture::{World, unzipped},
};
use crate::support::http;

/// Method, path behind the base URL, body, and what is expected: a status, and a document of
/// which everything must be in the answer. It begins with `=` when there must be no further
/// entries, and with `{` for JSON, which is then also asked for.
type Case = (&'static str, &'static str, &'static str, u16, &'static str);

const ALL: &str = "<null-search-restriction/>";
const EQ: &str = "<property-search-restriction><property><name>name</name><type>STRING</type>\
    </property><match-mode>EXACTLY_MATCHES</match-mode><value>asmith</value>\
    </property-search-restriction>";

#[rustfmt::skip]
static CASES: &[Case] = &[
    // Users.
    ("GET", "/user?username=asmith", "", 200, "<user name='asmith'><first-name>Anna</first-name><last-name>Smith</last-name><display-name>Anna Smith</display-name><email>anna.smith@example.com</email><active>true</active><link rel='self'/></user>"),
    ("GET", "/user?username=ASMITH", "", 200, "<user name='asmith'/>"),
    ("GET", "/user?username=asmith&expand=attributes", "", 200, "<user name='asmith' expand='attributes'><attributes><attribute name='synch.department'><values><value>R&amp;D</value></values></attribute></attributes></user>"),
    ("GET", "/user?username=old.user", "", 200, "<user name='old.user'><active>false</active></user>"),
    ("GET", "/user?username=asmith&expand=user,attributes,nonsense&unknown=1", "", 200, "<user name='asmith' expand='attributes'/>"),
    ("GET", "/user?username=asmith", "", 200, r#"{"name":"asmith","first-name":"Anna","active":true,"link":{"rel":"self"}}"#),
    ("GET", "/user?username=asmith&expand=attributes", "", 200, r#"{"name":"asmith","attributes":{"attributes":[{"name":"synch.department","values":["R&D"]}]}}"#),
    ("GET", "/user/attribute?username=asmith", "", 200, "=<attributes><attribute name='synch.department'><values><value>R&amp;D</value></values></attribute></attributes>"),
    ("GET", "/user/attribute?username=asmith&attributename=synch.department", "", 200, "=<attributes><attribute name='synch.department'/></attributes>"),
    ("GET", "/user/attribute?username=asmith&attributename=other", "", 200, "=<attributes/>"),
    ("GET", "/user/attribute?username=asmith", "", 200, r#"{"attributes":[{"name":"synch.department","values":["R&D"]}]}"#),
    ("GET", "/user/attribute?username=nobody", "", 404, "<error><reason>USER_NOT_FOUND</reason></error>"),
    ("GET", "/user/attribute?username=nobody", "", 404, r#"{"reason":"USER_NOT_FOUND"}"#),
    // Groups of a user.
    ("GET", "/user/group/direct?username=asmith", "", 200, "=<groups><group name='jira-users'/><group name='dev team'/></groups>"),
    ("GET", "/user/group/direct?username=asmith&expand=group", "", 200, "=<groups expand='group'><group name='jira-users'><type>GROUP</type><active>true</active></group><group name='dev team'/></groups>"),
    ("GET", "/user/group/direct?username=asmith&expand=group", "", 200, r#"{"expand":"group","groups":[{"name":"dev team","type":"GROUP","active":true}]}"#),
    ("GET", "/user/group/direct?username=asmith&start-index=1&max-results=1", "", 200, "=<groups><group/></groups>"),
    ("GET", "/user/group/direct?username=asmith&start-index=2&max-results=10", "", 200, "=<groups/>"),
    ("GET", "/user/group/direct?username=old.user", "", 200, "=<groups/>"),
    ("GET", "/user/group/direct?username=old.user", "", 200, r#"{"groups":[]}"#),
    ("GET", "/user/group/direct?username=asmith&groupname=DEV%20TEAM", "", 200, "<group name='dev team'/>"),
    ("GET", "/user/group/nested?username=bjorn.%C3%B8deg%C3%A5rd", "", 200, "=<groups><group name='jira-users'/></groups>"),
    ("GET", "/user/group/nested?username=asmith&groupname=jira-users", "", 200, "<group name='jira-users'/>"),
    ("GET", "/user/group/nested?username=old.user&groupname=jira-users", "", 404, "<error><reason>MEMBERSHIP_NOT_FOUND</reason></error>"),
    ("GET", "/user/group/nested?username=nobody", "", 404, "<error><reason>USER_NOT_FOUND</reason></error>"),
    // Groups.
    ("GET", "/group?groupname=jira-users", "", 200, "<group name='jira-users'><description>All \"Jira\" users &amp; friends</description><type>GROUP</type><active>true</active></group>"),
    ("GET", "/group?groupname=Jira-Users&expand=attributes", "", 200, "<group name='jira-users' expand='attributes'><attributes/></group>"),
    ("GET", "/group?groupname=dev+team", "", 200, r#"{"name":"dev team","type":"GROUP","active":true,"description":""}"#),
    ("GET", "/group/attribute?groupname=jira-users", "", 200, "=<attributes/>"),
    ("GET", "/group/attribute?groupname=jira-users", "", 200, r#"{"attributes":[]}"#),
    ("GET", "/group/attribute?groupname=nope", "", 404, "<error><reason>GROUP_NOT_FOUND</reason></error>"),
    // Users of a group.
    ("GET", "/group/user/direct?groupname=jira-users", "", 200, "=<users><user name='asmith'/><user name='bjorn.ødegård'/></users>"),
    ("GET", "/group/user/direct?groupname=jira-users&expand=user", "", 200, "=<users expand='user'><user name='asmith'><active>true</active></user><user name='bjorn.ødegård'/></users>"),
    ("GET", "/group/user/direct?groupname=jira-users&max-results=1", "", 200, "=<users><user/></users>"),
    ("GET", "/group/user/direct?groupname=empty-group", "", 200, "=<users/>"),
    ("GET", "/group/user/direct?groupname=empty-group", "", 200, r#"{"users":[]}"#),
    ("GET", "/group/user/direct?groupname=dev+team&username=ASmith", "", 200, "<user name='asmith'/>"),
    ("GET", "/group/user/direct?groupname=dev+team&username=asmith&expand=user", "", 200, "<user name='asmith'><active>true</active></user>"),
    ("GET", "/group/user/nested?groupname=jira-users&expand=user", "", 200, r#"{"expand":"user","users":[{"name":"asmith"},{"name":"bjorn.ødegård"}]}"#),
    ("GET", "/group/user/nested?groupname=jira-users&username=asmith", "", 200, "<user name='asmith'/>"),
    ("GET", "/group/user/nested?groupname=jira-users&username=old.user", "", 404, "<error><reason>MEMBERSHIP_NOT_FOUND</reason></error>"),
    ("GET", "/group/user/nested?groupname=nope", "", 404, "<error><reason>GROUP_NOT_FOUND</reason></error>"),
    // Groups of a group.
    ("GET", "/group/child-group/direct?groupname=jira-users&expand=group", "", 200, "=<groups expand='group'><group name='dev team'><type>GROUP</type></group></groups>"),
    ("GET", "/group/child-group/direct?groupname=jira-users&child-groupname=dev+team", "", 200, "<group name='dev team'/>"),
    ("GET", "/group/child-group/nested?groupname=jira-users", "", 200, "=<groups><group name='dev team'/></groups>"),
    ("GET", "/group/child-group/nested?groupname=nope", "", 404, "<error><reason>GROUP_NOT_FOUND</reason></error>"),
    ("GET", "/group/parent-group/direct?groupname=dev+team", "", 200, "=<groups><group name='jira-users'/></groups>"),
    ("GET", "/group/parent-group/direct?groupname=dev+team&parent-groupname=jira-users", "", 200, "<group name='jira-users'/>"),
    ("GET", "/group/parent-group/nested?groupname=dev+team", "", 200, r#"{"groups":[{"name":"jira-users"}]}"#),
    ("GET", "/group/parent-group/nested?groupname=jira-users", "", 200, "=<groups/>"),
    // The membership listing has no JSON form.
    ("GET", "/group/membership", "", 200, "=<memberships><membership group='jira-users'/><membership group='dev team'/><membership group='empty-group'><users/><groups/></membership></memberships>"),
    // Searches.
    ("POST", "/search?entity-type=user", ALL, 200, "=<users><user name='asmith'/><user name='bjorn.ødegård'/><user name='old.user'/></users>"),
    ("POST", "/search?entity-type=user&expand=user", ALL, 200, "=<users expand='user'><user name='asmith'><active>true</active></user><user/><user name='old.user'><active>false</active></user></users>"),
    ("POST", "/search?entity-type=user&expand=attributes", ALL, 200, "=<users><user name='asmith'/><user/><user/></users>"),
    ("POST", "/search?entity-type=user&expand=user%2Cattributes", ALL, 200, "=<users><user name='asmith'><attributes><attribute name='synch.department'/></attributes></user><user><attributes/></user><user/></users>"),
    ("POST", "/search?entity-type=user&start-index=1&max-results=1&expand=user", ALL, 200, "=<users><user/></users>"),
    ("POST", "/search?entity-type=user&start-index=99", ALL, 200, "=<users/>"),
    ("POST", "/search?entity-type=user&max-results=0", ALL, 200, "=<users/>"),
    ("POST", "/search?entity-type=user&max-results=10001", EQ, 200, "=<users><user name='asmith'/></users>"),
    ("POST", "/search?entity-type=USER", EQ, 200, "=<users><user name='asmith'/></users>"),
    ("POST", "/search?entity-type=group&max-results=-1", ALL, 200, "=<groups><group name='jira-users'/><group name='dev team'/><group name='empty-group'/></groups>"),
    ("POST", "/search?entity-type=group", EQ, 200, "=<groups/>"),
    ("POST", "/search?entity-type=group&expand=group", ALL, 200, r#"{"expand":"group","groups":[{"name":"empty-group","type":"GROUP"}]}"#),
    ("POST", "/search?entity-type=user", r#"{"restriction-type":"null-search-restriction"}"#, 200, r#"{"users":[{"name":"asmith"},{"name":"old.user"}]}"#),
    ("POST", "/search?entity-type=alias", ALL, 400, "<error><reason>ILLEGAL_ARGUMENT</reason></error>"),
    ("GET", "/search?entity-type=user", "", 200, "=<users><user/><user/><user/></users>"),
    ("GET", "/search?entity-type=user&restriction=name%3Dasmith", "", 200, "=<users><user name='asmith'/></users>"),
    ("GET", "/search?entity-type=user&restriction=firstName+%3D+%22B*%22+or+email+%3D+%22*gone*%22&expand=user", "", 200, r#"{"expand":"user","users":[{"name":"bjorn.ødegård"}]}"#),
    ("GET", "/search?entity-type=user&restriction=active+%3D+false", "", 200, "=<users><user name='old.user'/></users>"),
    ("GET", "/search?entity-type=user&restriction=createdDate+%3E+2010-12+and+active+%3D+true", "", 200, "=<users><user/><user/></users>"),
    ("GET", "/search?entity-type=user&restriction=createdDate+%3C+2010-12", "", 200, "=<users/>"),
    ("GET", "/search?entity-type=group&restriction=name+%3D+%22*TEAM%22", "", 200, "=<groups><group name='dev team'/></groups>"),
    ("GET", "/search?entity-type=group&restriction=createdDate+%3E+2010-12+and+local+%3D+false&max-results=2", "", 200, "=<groups><group/><group/></groups>"),
    ("GET", "/search?entity-type=group&restriction=updatedDate+%3C+%222010-12-31T00%3A00%3A00.000%2B0000%22", "", 200, "=<groups/>"),
    ("GET", "/search?entity-type=user&restriction=name+is+asmith", "", 400, "<error><reason>ILLEGAL_ARGUMENT</reason></error>"),
    // Sign-in.
    ("POST", "/authentication?username=asmith", "<password><value>Correct-Horse-1</value></password>", 200, "<user name='asmith'><active>true</active><email>anna.smith@example.com</email></user>"),
    ("POST", "/authentication?username=asmith", r#"{"value":"Correct-Horse-1"}"#, 200, r#"{"name":"asmith"}"#),
    ("POST", "/authentication?username=asmith", r#"{"value":"correct-horse-1"}"#, 400, r#"{"reason":"INVALID_USER_AUTHENTICATION"}"#),
    ("POST", "/authentication?username=bjorn.%C3%B8deg%C3%A5rd", "<password><value>x</value></password>", 400, "<error><reason>INVALID_USER_AUTHENTICATION</reason></error>"),
    ("POST", "/authentication?username=old.user", "<password><value>wrong</value></password>", 400, "<error><reason>INACTIVE_ACCOUNT</reason></error>"),
    ("POST", "/authentication?username=nobody", r#"{"value":"x"}"#, 400, r#"{"reason":"USER_NOT_FOUND"}"#),
    ("POST", "/authentication?username=asmith", "password", 400, "<error><reason>ILLEGAL_ARGUMENT</reason></error>"),
    ("POST", "/authentication/notify?username=ASMITH", "<password/>", 200, "<user name='asmith'><active>true</active></user>"),
    ("POST", "/authentication/notify?username=asmith", "", 200, r#"{"name":"asmith","active":true}"#),
    ("POST", "/authentication/notify?username=nobody", "", 400, r#"{"reason":"USER_NOT_FOUND"}"#),
    // The rest.
    ("GET", "/config/cookie", "", 200, "<cookie-config><secure>false</secure><name>crowd.token_key</name></cookie-config>"),
    ("GET", "/config/cookie", "", 200, r#"{"secure":false,"name":"crowd.token_key"}"#),
    ("GET", "/event", "", 200, "=<events incrementalSynchronisationAvailable='true'/>"),
    ("GET", "/event/unknown", "", 410, r#"{"reason":"EVENT_TOKEN_EXPIRED"}"#),
    ("GET", "/session/unknown", "", 404, "<error><reason>INVALID_SSO_TOKEN</reason></error>"),
    ("GET", "/session/unknown", "", 404, r#"{"reason":"INVALID_SSO_TOKEN"}"#),
    ("POST", "/session/unknown", "<validation-factors/>", 404, "<error><reason>INVALID_SSO_TOKEN</reason></error>"),
    ("GET", "/webhook", "", 404, "<error><reason>UNSUPPORTED_OPERATION</reason></error>"),
    ("POST", "/webhook", "", 404, r#"{"reason":"UNSUPPORTED_OPERATION"}"#),
    ("GET", "/", "", 404, "<error><reason>UNSUPPORTED_OPERATION</reason></error>"),
    ("PUT", "/user/password?username=asmith", "<password><value>x</value></password>", 403, "<error><reason>APPLICATION_PERMISSION_DENIED</reason></error>"),
];

#[test]
fn every_documented_behaviour_is_there() {
    let world = World::fixture();
    let wrong: Vec<_> = CASES
        .iter()
        .filter_map(|case| check(&world, case))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn check(world: &World, &(method, path, body, status, expected): &Case) -> Option<String> {
    let wants_json = expected.starts_with('{');
    let accept = if wants_json {
        "application/json"
    } else {
        "application/xml"
    };
    let target = format!("/rest/usermanagement/latest{path}");
    let headers = [
        ("Authorization", world.authorization.as_str()),
        ("Accept", accept),
        ("Accept-Encoding", "gzip, deflate"),
    ];
    let address = world.server.app_addr();
    let answer = unzipped(http::send(
        address,
        method,
        &target,
        &headers,
        body.as_bytes(),
    ));
    let content_type = answer.header("content-type").unwrap_or_default();
    let (mode, document) = match expected.strip_prefix('=') {
        Some(document) => ("xml-exact-children", Value::from(document)),
        None if wants_json => ("json-subset", serde_json::from_str(expected).expect("JSON")),
        None => ("xml-subset", Value::from(expected)),
    };
    let outcome = compare::body(mode, &document, &answer);
    let told = answer.header("x-embedded-crowd-version").is_some()
        && answer.header("cache-control") == Some("no-cache, no-store")
        && content_type.starts_with(accept);
    if told && answer.status == status && outcome.is_ok() {
        return None;
    }
    let text = answer.text();
    Some(format!(
        "{method} {path}: {outcome:?}\n{} {content_type} {text}",
        answer.status
    ))
}
