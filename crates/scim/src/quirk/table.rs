//! The rows.

use super::{Choice, Quirk, Rewrite, key, list, value};
use crate::filter;

/// Every quirk. All of them are understood unless the tenant's profile or setting says otherwise.
pub static TABLE: &[&Quirk] = &[
    &EMPTY_TEXT,
    &BOOLEAN_AS_TEXT,
    &LIST_IN_OBJECT,
    &ONE_FOR_LIST,
    &LIST_FOR_ONE,
    &OBJECT_AS_TEXT,
    &TEXT_FOR_OBJECT,
    &PADDED_NAME,
    &FOLDED_BASE64,
    &ELEMENT_IN_VALUE,
    &EMPTY_ELEMENT,
    &SEVERAL_PRIMARIES,
    &BASE_CONTAINER,
    &UNNESTED_ATTRIBUTE,
    &PATHS_AS_KEYS,
    &BARE_WORD,
];

/// `""` for what is not set.
pub(crate) static EMPTY_TEXT: Quirk = Quirk {
    id: 0,
    setting: "quirk.empty-text",
    sent: "`\"\"` for what is not set: a value, an object, a list, the path of an operation",
    becomes: "nothing",
    idps: "OneLogin templates, rauthy, Okta",
    source: "OneLogin KB0013904; sebadob/rauthy; simpleidserver/SimpleIdServer 295",
    shown_by: "rauthy-user-03, onelogin2-template-02; B82",
    rewrite: Rewrite::Value(value::empty_text),
};

static BOOLEAN_AS_TEXT: Quirk = Quirk {
    id: 1,
    setting: "quirk.boolean-as-text",
    sent: "`\"True\"`, `\"false\"` for a boolean, in bodies, PATCH values and filters",
    becomes: "`true`, `false`",
    idps: "Entra ID, keycloak-scim",
    source: "entra-docs application-provisioning-config-problem-scim-compatibility; mitodl/keycloak-scim 184",
    shown_by: "entra-default-user-11, keycloak-scim-user-03; B60, B61, B64",
    rewrite: Rewrite::Value(value::boolean),
};

static LIST_IN_OBJECT: Quirk = Quirk {
    id: 2,
    setting: "quirk.list-in-object",
    sent: "`{\"members\": [{\"value\": …}]}` as the value under the path `members`",
    becomes: "the list in it",
    idps: "Ping",
    source: "pingidentity/scim2 changelog 4.1.0",
    shown_by: "R11, B01",
    rewrite: Rewrite::Value(value::list_in_object),
};

static ONE_FOR_LIST: Quirk = Quirk {
    id: 3,
    setting: "quirk.one-for-list",
    sent: "one object or one text where a list belongs: `\"members\": {\"value\": …}`",
    becomes: "a list of one",
    idps: "OneLogin templates, scripts",
    source: "OneLogin KB0013904",
    shown_by: "R09, R11",
    rewrite: Rewrite::Value(value::one_for_list),
};

static LIST_FOR_ONE: Quirk = Quirk {
    id: 4,
    setting: "quirk.list-for-one",
    sent: "a list of one where one value belongs: `\"displayName\": [{\"value\": \"x\"}]`, `\"manager\": [{…}]`",
    becomes: "the value in it; an empty list is no value",
    idps: "Entra ID",
    source: "azure-docs 42220; entra-docs use-scim-to-provision-users-and-groups",
    shown_by: "entra-manager-04; B77",
    rewrite: Rewrite::Value(value::list_for_one),
};

static OBJECT_AS_TEXT: Quirk = Quirk {
    id: 5,
    setting: "quirk.object-as-text",
    sent: "the JSON text of an object that has a `value`, where the object belongs",
    becomes: "the object",
    idps: "Entra ID (`AppRoleAssignmentsComplex`)",
    source: "entra-docs customize-application-attributes; azure-docs 50772",
    shown_by: "B68",
    rewrite: Rewrite::Value(value::object_in_text),
};

static TEXT_FOR_OBJECT: Quirk = Quirk {
    id: 6,
    setting: "quirk.text-for-object",
    sent: "`\"manager\": \"x\"`, `\"members\": [\"x\"]`: text where an object with a `value` belongs",
    becomes: "`{\"value\": \"x\"}`",
    idps: "Entra ID",
    source: "Captain-P-Goldfish/SCIM-SDK 686; apache/directory-scimple 1242",
    shown_by: "entra-flag-user-08, entra-manager-06; B65, B66",
    rewrite: Rewrite::Value(value::text_for_object),
};

static PADDED_NAME: Quirk = Quirk {
    id: 7,
    setting: "quirk.padded-name",
    sent: "blanks around `userName` or the `displayName` of a group",
    becomes: "the name without them",
    idps: "OneLogin templates, scripts",
    source: "OneLogin KB0013904",
    shown_by: "R03",
    rewrite: Rewrite::Value(value::padded),
};

static FOLDED_BASE64: Quirk = Quirk {
    id: 8,
    setting: "quirk.folded-base64",
    sent: "line breaks and blanks inside base64 (`x509Certificates`)",
    becomes: "the text without them",
    idps: "scripts",
    source: "RFC 2045 section 6.8",
    shown_by: "R09",
    rewrite: Rewrite::Value(value::folded_base64),
};

static ELEMENT_IN_VALUE: Quirk = Quirk {
    id: 9,
    setting: "quirk.element-in-value",
    sent: "`\"roles\": [{\"value\": \"{\\\"id\\\":…,\\\"value\\\":\\\"x\\\"}\"}]`: the JSON text of an element in its `value`",
    becomes: "the element",
    idps: "Entra ID (`AppRoleAssignmentsComplex`)",
    source: "entra-docs customize-application-attributes; azure-docs 50772",
    shown_by: "B68",
    rewrite: Rewrite::Element(list::element_in_value),
};

/// `{"type": "work"}` is no value.
pub(crate) static EMPTY_ELEMENT: Quirk = Quirk {
    id: 10,
    setting: "quirk.empty-element",
    sent: "elements of a list without a value: `{\"type\": \"work\"}`, `{\"value\": \"\"}`, `null`",
    becomes: "left out",
    idps: "OneLogin templates, Okta",
    source: "OneLogin KB0013904",
    shown_by: "onelogin2-template-02",
    rewrite: Rewrite::List(list::without_empty),
};

/// One value is primary, at most (RFC 7643 section 2.4).
pub(crate) static SEVERAL_PRIMARIES: Quirk = Quirk {
    id: 11,
    setting: "quirk.several-primaries",
    sent: "several values of one list with `\"primary\": true`",
    becomes: "the first of them is primary",
    idps: "Okta, Entra ID roles",
    source: "entra-docs customize-application-attributes; okta-developer-docs scim-20",
    shown_by: "okta2-user-aiw-15; B69",
    rewrite: Rewrite::List(|items| list::first_primary(items)),
};

static BASE_CONTAINER: Quirk = Quirk {
    id: 12,
    setting: "quirk.base-container",
    sent: "attributes of the base schema in an object named by its URN",
    becomes: "the attributes at the top",
    idps: "scripts, connectors that treat every schema alike",
    source: "Captain-P-Goldfish/SCIM-SDK 193",
    shown_by: "R07, B75",
    rewrite: Rewrite::Key(key::base_container),
};

static UNNESTED_ATTRIBUTE: Quirk = Quirk {
    id: 13,
    setting: "quirk.unnested-attribute",
    sent: "`department`, `urn:…:User:department` or `name.givenName` at the top of a user",
    becomes: "the value in the object where it belongs, unless that is given too",
    idps: "Entra ID, OneLogin templates",
    source: "entra-docs use-scim-to-provision-users-and-groups; Captain-P-Goldfish/SCIM-SDK 193",
    shown_by: "R08, B75",
    rewrite: Rewrite::Key(key::nested),
};

static PATHS_AS_KEYS: Quirk = Quirk {
    id: 14,
    setting: "quirk.paths-as-keys",
    sent: "`{\"name.givenName\": …, \"urn:…:User:department\": …, \"emails[type eq \\\"work\\\"].value\": …}` as the value of an operation without a path",
    becomes: "one operation with each key as its path",
    idps: "Entra ID with `aadOptscim062020`",
    source: "entra-docs application-provisioning-config-problem-scim-compatibility; thomaspoignant/scim-patch 132",
    shown_by: "entra-flag-user-04, entra-flag-user-06; B74, B75",
    rewrite: Rewrite::Path(key::is_path),
};

static BARE_WORD: Quirk = Quirk {
    id: 15,
    setting: "quirk.bare-word",
    sent: "one word without quotes as the value of a filter: `externalId eq jsample`",
    becomes: "the same with quotes; `True` and `FALSE` become booleans",
    idps: "authentik before 2025, samples of Microsoft",
    source: "goauthentik/authentik 16455; entra-docs use-scim-to-provision-users-and-groups",
    shown_by: "entra-match-filters-03; B48",
    rewrite: Rewrite::Word(filter::bare_word),
};

/// Where two identity providers need opposite things.
pub static CHOICES: &[Choice] = &[Choice {
    setting: "put_without_members",
    value: "clear",
    idps: &["keycloak", "keycloak-scim"],
    reason: "An empty group is sent as a PUT without `members`. Okta and others send a PUT without \
             `members` to change the name only, and their groups keep them.",
    source: "mitodl/keycloak-scim, client source",
}];
