//! A user and a group that the targets work on. Each target uses a part of it.
#![expect(dead_code, reason = "no target uses all of it")]

use provost_scim::{
    Resource, Timestamp,
    filter::Subject,
    member::{GroupRef, Member},
    schema::{ResourceType, USER},
    v2::View,
};

const USER_TEXT: &str = r#"{"userName":"BJensen","externalId":"e-1","active":true,
    "name":{"givenName":"Barbara","familyName":"Jensen"},
    "emails":[{"value":"b@x.example","type":"work","primary":true},{"value":"b@y.example"}],
    "roles":[{"value":"admin","primary":true}],
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
        {"department":"Tools","manager":{"value":"m-1"}}}"#;
const GROUP_TEXT: &str = r#"{"displayName":"Jira Admins","externalId":"e-2"}"#;

/// The resource of that type.
pub fn resource(kind: &ResourceType) -> Resource {
    let text = if kind.name == USER.name {
        USER_TEXT
    } else {
        GROUP_TEXT
    };
    Resource::from_stored(text).expect("a stored resource")
}

/// `resource` as a filter sees it.
pub fn subject<'a>(
    kind: &'static ResourceType,
    resource: &'a Resource,
    groups: &'a [GroupRef],
    members: &'a [Member],
) -> Subject<'a> {
    Subject {
        kind,
        id: "id-1",
        resource,
        created: Timestamp::from_micros(0),
        last_modified: Timestamp::from_micros(1),
        version: 1,
        groups,
        members,
    }
}

/// `resource` as an answer shows it.
pub fn view<'a>(kind: &'static ResourceType, resource: &'a Resource) -> View<'a> {
    View {
        kind,
        id: "id-1",
        resource,
        created: Timestamp::from_micros(0),
        last_modified: Timestamp::from_micros(1),
        version: 1,
        groups: &[],
        members: &[],
    }
}

/// What the server owns is never among the attributes of a resource.
pub fn assert_client_owned(resource: &Resource) {
    for name in ["schemas", "id", "meta", "groups", "members", "password"] {
        assert!(!resource.attributes().contains_key(name), "{name}");
    }
}
