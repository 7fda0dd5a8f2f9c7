//! The User schema (RFC 7643 section 4.1 with the verified errata): one row per attribute.

use super::{AttributeDef, Schema, Uniqueness};
use crate::urn;

const PRIMARY: AttributeDef = AttributeDef::boolean(
    "primary",
    "Whether this is the preferred value; true at most once.",
);
const DISPLAY: AttributeDef = AttributeDef::string("display", "Text for display only.");

const fn value(description: &'static str) -> AttributeDef {
    AttributeDef::string("value", description)
}

const fn kind(values: &'static [&'static str]) -> AttributeDef {
    AttributeDef::string("type", "What the value is used for.").canonical(values)
}

/// `urn:ietf:params:scim:schemas:core:2.0:User`.
pub(super) static SCHEMA: Schema = Schema {
    id: urn::USER,
    name: "User",
    description: "User account",
    attributes: ATTRIBUTES,
};

const ATTRIBUTES: &[AttributeDef] = &[
    AttributeDef::string(
        "userName",
        "Name the user signs in with; unique within the tenant.",
    )
    .required()
    .uniqueness(Uniqueness::Server),
    AttributeDef::complex(
        "name",
        "The components of the user's name.",
        &[
            AttributeDef::string("formatted", "Full name, formatted for display."),
            AttributeDef::string("familyName", "Family name."),
            AttributeDef::string("givenName", "Given name."),
            AttributeDef::string("middleName", "Middle names."),
            AttributeDef::string("honorificPrefix", "Title before the name."),
            AttributeDef::string("honorificSuffix", "Suffix after the name."),
        ],
    ),
    AttributeDef::string("displayName", "Name shown to other people."),
    AttributeDef::string("nickName", "Casual name."),
    AttributeDef::reference("profileUrl", "URL of a page about the user.", &["external"]),
    AttributeDef::string("title", "Job title."),
    AttributeDef::string("userType", "Relation to the organisation."),
    AttributeDef::string(
        "preferredLanguage",
        "Languages, in the form of Accept-Language.",
    ),
    AttributeDef::string("locale", "Locale for dates and numbers, such as en-US."),
    AttributeDef::string("timezone", "IANA time zone, such as Europe/Oslo."),
    AttributeDef::boolean("active", "Whether the account can be used."),
    AttributeDef::string("password", "Clear-text password; never returned.").write_only(),
    AttributeDef::complex(
        "emails",
        "E-mail addresses.",
        &[
            value("E-mail address."),
            DISPLAY,
            kind(&["work", "home", "other"]),
            PRIMARY,
        ],
    )
    .multi_valued(),
    AttributeDef::complex(
        "phoneNumbers",
        "Telephone numbers.",
        &[
            value("Telephone number."),
            DISPLAY,
            kind(&["work", "home", "mobile", "fax", "pager", "other"]),
            PRIMARY,
        ],
    )
    .multi_valued(),
    AttributeDef::complex(
        "ims",
        "Instant messaging addresses.",
        &[
            value("Instant messaging address."),
            DISPLAY,
            kind(&[
                "aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo", "other",
            ]),
            PRIMARY,
        ],
    )
    .multi_valued(),
    AttributeDef::complex(
        "photos",
        "URLs of pictures of the user.",
        &[
            AttributeDef::reference("value", "URL of a picture.", &["external"]),
            DISPLAY,
            kind(&["photo", "thumbnail"]),
            PRIMARY,
        ],
    )
    .multi_valued(),
    AttributeDef::complex(
        "addresses",
        "Postal addresses.",
        &[
            AttributeDef::string("formatted", "Whole address, formatted for display."),
            AttributeDef::string("streetAddress", "Street, number, apartment."),
            AttributeDef::string("locality", "City."),
            AttributeDef::string("region", "State or region."),
            AttributeDef::string("postalCode", "Postal code."),
            AttributeDef::string("country", "Country, ISO 3166-1 alpha-2."),
            kind(&["work", "home", "other"]),
            PRIMARY,
        ],
    )
    .multi_valued(),
    AttributeDef::complex(
        "groups",
        "Groups the user belongs to; changed only through the groups.",
        &[
            AttributeDef::string("value", "Identifier of the group.")
                .case_exact()
                .read_only(),
            AttributeDef::reference("$ref", "URI of the group.", &["Group"]).read_only(),
            AttributeDef::string("display", "Name of the group.").read_only(),
            AttributeDef::string("type", "Whether the membership is direct.")
                .canonical(&["direct", "indirect"])
                .read_only(),
        ],
    )
    .multi_valued()
    .read_only(),
    AttributeDef::complex(
        "entitlements",
        "Things the user has a right to.",
        &[value("Entitlement."), DISPLAY, kind(&[]), PRIMARY],
    )
    .multi_valued(),
    AttributeDef::complex(
        "roles",
        "Roles of the user.",
        &[value("Role."), DISPLAY, kind(&[]), PRIMARY],
    )
    .multi_valued(),
    AttributeDef::complex(
        "x509Certificates",
        "Certificates of the user.",
        &[
            AttributeDef::binary("value", "One DER certificate in base64."),
            DISPLAY,
            kind(&[]),
            PRIMARY,
        ],
    )
    .multi_valued(),
];
