//! Which SCIM attributes an application can read as Crowd attributes.
//!
//! Crowd copies only attributes whose names begin with `synch.`. To offer another one, add a row.

use provost_scim::{Resource, urn};
use serde_json::{Value, json};

use super::xml;

/// Where a value is found in the SCIM user.
enum Source {
    /// A simple attribute of the core schema.
    Core(&'static str),
    /// A simple attribute of the enterprise extension.
    Enterprise(&'static str),
    /// The identifier of the manager.
    Manager,
    /// The telephone numbers of a type.
    Phone(&'static str),
    /// A part of the postal addresses.
    Address(&'static str),
    /// Every value of a multi-valued attribute of the core schema.
    Values(&'static str),
}

static TABLE: &[(&str, Source)] = &[
    ("synch.title", Source::Core("title")),
    ("synch.nickName", Source::Core("nickName")),
    ("synch.userType", Source::Core("userType")),
    ("synch.preferredLanguage", Source::Core("preferredLanguage")),
    ("synch.locale", Source::Core("locale")),
    ("synch.timezone", Source::Core("timezone")),
    ("synch.profileUrl", Source::Core("profileUrl")),
    ("synch.externalId", Source::Core("externalId")),
    ("synch.department", Source::Enterprise("department")),
    ("synch.division", Source::Enterprise("division")),
    ("synch.organization", Source::Enterprise("organization")),
    ("synch.costCenter", Source::Enterprise("costCenter")),
    ("synch.employeeNumber", Source::Enterprise("employeeNumber")),
    ("synch.manager", Source::Manager),
    ("synch.workPhone", Source::Phone("work")),
    ("synch.mobilePhone", Source::Phone("mobile")),
    ("synch.homePhone", Source::Phone("home")),
    ("synch.fax", Source::Phone("fax")),
    ("synch.street", Source::Address("streetAddress")),
    ("synch.city", Source::Address("locality")),
    ("synch.region", Source::Address("region")),
    ("synch.postalCode", Source::Address("postalCode")),
    ("synch.country", Source::Address("country")),
    ("synch.roles", Source::Values("roles")),
    ("synch.entitlements", Source::Values("entitlements")),
];

/// An attribute of one user: its Crowd name and its values, of which there is at least one.
pub(super) type Attribute<'a> = (&'static str, Vec<&'a str>);

/// The attributes that a user has.
pub(super) fn all(resource: &Resource) -> impl Iterator<Item = Attribute<'_>> {
    TABLE
        .iter()
        .map(|(name, source)| (*name, read(resource, source)))
        .filter(|(_, values)| !values.is_empty())
}

/// The values of one attribute by its Crowd name; `None` if there is no such attribute at all.
pub(super) fn one<'a>(resource: &'a Resource, name: &str) -> Option<Vec<&'a str>> {
    let (_, source) = TABLE.iter().find(|(known, _)| *known == name)?;
    Some(read(resource, source))
}

fn read<'a>(resource: &'a Resource, source: &Source) -> Vec<&'a str> {
    match source {
        Source::Core(name) => text(resource.attributes().get(*name)),
        Source::Enterprise(name) => text(enterprise(resource, name)),
        Source::Manager => {
            text(enterprise(resource, "manager").and_then(|manager| manager.get("value")))
        }
        Source::Phone(kind) => {
            let of_kind = |item: &&Value| item.get("type").and_then(Value::as_str) == Some(*kind);
            let phones = items(resource, "phoneNumbers").filter(of_kind);
            phones.flat_map(|item| text(item.get("value"))).collect()
        }
        Source::Address(part) => items(resource, "addresses")
            .flat_map(|item| text(item.get(*part)))
            .collect(),
        Source::Values(name) => resource.values(name).collect(),
    }
}

fn enterprise<'a>(resource: &'a Resource, name: &str) -> Option<&'a Value> {
    resource.attributes().get(urn::ENTERPRISE_USER)?.get(name)
}

fn items<'a>(resource: &'a Resource, name: &str) -> impl Iterator<Item = &'a Value> {
    let list = resource.attributes().get(name).and_then(Value::as_array);
    list.into_iter().flatten()
}

fn text(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_str).into_iter().collect()
}

/// Writes `<attributes>` with what `attributes` yields.
pub(super) fn write_xml<'a>(out: &mut String, attributes: impl Iterator<Item = Attribute<'a>>) {
    out.push_str("<attributes>");
    for (name, values) in attributes {
        out.push_str("<attribute");
        xml::attribute(out, "name", name);
        out.push_str("><values>");
        for value in values {
            xml::element(out, "value", value);
        }
        out.push_str("</values></attribute>");
    }
    out.push_str("</attributes>");
}

/// `{"attributes":[{"name":…,"values":[…]}]}`.
pub(super) fn to_json<'a>(attributes: impl Iterator<Item = Attribute<'a>>) -> Value {
    let list: Vec<Value> = attributes
        .map(|(name, values)| json!({ "name": name, "values": values }))
        .collect();
    json!({ "attributes": list })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_in_a_full_user_and_none_in_an_empty_one() {
        let resource = Resource::from_stored(
            &json!({
                "userName": "a", "title": "t", "nickName": "n", "userType": "u",
                "preferredLanguage": "l", "locale": "lo", "timezone": "tz",
                "profileUrl": "p", "externalId": "x",
                "phoneNumbers": [
                    {"type": "work", "value": "1"}, {"type": "mobile", "value": "2"},
                    {"type": "home", "value": "3"}, {"type": "fax", "value": "4"},
                    {"type": "work", "value": "5"}, {"value": "6"}
                ],
                "addresses": [{
                    "streetAddress": "s", "locality": "c", "region": "r",
                    "postalCode": "z", "country": "NO"
                }],
                "roles": [{"value": "r1"}, {"value": "r2"}],
                "entitlements": [{"value": "e"}],
                urn::ENTERPRISE_USER: {
                    "department": "R&D", "division": "d", "organization": "o",
                    "costCenter": "cc", "employeeNumber": "7", "manager": {"value": "m"}
                }
            })
            .to_string(),
        )
        .unwrap();
        let found: Vec<_> = all(&resource).collect();
        assert_eq!(found.len(), TABLE.len());
        for (name, values) in [
            ("synch.department", vec!["R&D"]),
            ("synch.workPhone", vec!["1", "5"]),
            ("synch.manager", vec!["m"]),
            ("synch.roles", vec!["r1", "r2"]),
        ] {
            assert_eq!(one(&resource, name), Some(values), "{name}");
        }
        assert_eq!(one(&resource, "department"), None);
        assert_eq!(all(&Resource::default()).count(), 0);
    }

    #[test]
    fn every_name_is_one_that_crowd_copies() {
        assert!(TABLE.iter().all(|(name, _)| name.starts_with("synch.")));
    }
}
