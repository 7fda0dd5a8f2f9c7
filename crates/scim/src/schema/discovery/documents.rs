//! The schemas of the discovery documents themselves (RFC 7643 sections 5 to 7 and 8.7.2, with
//! errata 5606, 5607, 7522, 8011, 8415 and 8475): one row per attribute, all readOnly.

use crate::{
    schema::{AttributeDef, Schema, Uniqueness},
    urn,
};

/// Schemas that describe no resource of a tenant.
pub(super) static SCHEMAS: &[Schema] = &[
    Schema {
        id: urn::SERVICE_PROVIDER_CONFIG,
        name: "ServiceProviderConfig",
        description: "What the server can do",
        attributes: CONFIG,
    },
    Schema {
        id: urn::RESOURCE_TYPE,
        name: "ResourceType",
        description: "A type of resource and its endpoint",
        attributes: RESOURCE_TYPE,
    },
    Schema {
        id: urn::SCHEMA,
        name: "Schema",
        description: "The attributes of a schema",
        attributes: SCHEMA,
    },
];

const fn text(name: &'static str, description: &'static str) -> AttributeDef {
    AttributeDef::string(name, description).read_only()
}

const fn flag(name: &'static str, description: &'static str) -> AttributeDef {
    AttributeDef::boolean(name, description).read_only()
}

const fn integer(name: &'static str, description: &'static str) -> AttributeDef {
    AttributeDef::integer(name, description).read_only()
}

const fn uri(name: &'static str, description: &'static str) -> AttributeDef {
    AttributeDef::reference(name, description, &["uri"]).read_only()
}

const fn page(name: &'static str, description: &'static str) -> AttributeDef {
    AttributeDef::reference(name, description, &["external"]).read_only()
}

const fn object(
    name: &'static str,
    description: &'static str,
    sub_attributes: &'static [AttributeDef],
) -> AttributeDef {
    AttributeDef::complex(name, description, sub_attributes).read_only()
}

const SUPPORTED: AttributeDef = flag("supported", "Whether the feature is there.").required();

const CONFIG: &[AttributeDef] = &[
    page("documentationUri", "URL of the documentation."),
    object("patch", "Change of parts of a resource.", &[SUPPORTED]).required(),
    object(
        "bulk",
        "Several operations in one request.",
        &[
            SUPPORTED,
            AttributeDef::integer("maxOperations", "Most operations in one request.")
                .read_only()
                .required(),
            AttributeDef::integer("maxPayloadSize", "Most bytes in one request.")
                .read_only()
                .required(),
        ],
    )
    .required(),
    object(
        "filter",
        "Filters in queries.",
        &[
            SUPPORTED,
            AttributeDef::integer("maxResults", "Most resources in one answer.")
                .read_only()
                .required(),
        ],
    )
    .required(),
    object("changePassword", "Change of passwords.", &[SUPPORTED]).required(),
    object("sort", "Sorted queries.", &[SUPPORTED]).required(),
    object("etag", "Versions of resources.", &[SUPPORTED]).required(),
    flag(
        "interopProfileConformant",
        "Whether the interoperability profile is kept.",
    ),
    object(
        "pagination",
        "Ways to walk a list (RFC 9865 section 4).",
        &[
            flag("cursor", "Whether cursors are served.").required(),
            flag("index", "Whether startIndex is served.").required(),
            text(
                "defaultPaginationMethod",
                "What a request without either gets.",
            )
            .canonical(&["cursor", "index"]),
            integer("defaultPageSize", "Resources in a page of no given size."),
            integer("maxPageSize", "Most resources in a page."),
            integer("cursorTimeout", "Seconds after which a cursor is refused."),
        ],
    ),
    object(
        "authenticationSchemes",
        "How a client authenticates.",
        &[
            text("type", "The scheme.").required().canonical(&[
                "oauth",
                "oauth2",
                "oauthbearertoken",
                "httpbasic",
                "httpdigest",
            ]),
            text("name", "Name of the scheme.").required(),
            text("description", "What the scheme is.").required(),
            page("specUri", "URL of its specification."),
            page("documentationUri", "URL of its documentation."),
            flag("primary", "Whether this is the preferred scheme."),
        ],
    )
    .multi_valued()
    .required(),
];

const RESOURCE_TYPE: &[AttributeDef] = &[
    text("id", "Identifier of the resource type."),
    text("name", "Name of the resource type.")
        .required()
        .uniqueness(Uniqueness::Server),
    text("description", "What the resource type is for."),
    uri("endpoint", "Path below the base URL.")
        .required()
        .uniqueness(Uniqueness::Server),
    uri("schema", "URN of the base schema.").required(),
    object(
        "schemaExtensions",
        "Extensions of the base schema.",
        &[
            uri("schema", "URN of the extension.").required(),
            flag("required", "Whether a resource must have the extension.").required(),
        ],
    )
    .multi_valued(),
];

const NAME: AttributeDef = text("name", "Name of the attribute.").required();
const MULTI_VALUED: AttributeDef = flag("multiValued", "Whether it holds a list.").required();
const DESCRIPTION: AttributeDef = text("description", "What it is.");
const REQUIRED: AttributeDef = flag("required", "Whether a resource must have it.");
const CANONICAL_VALUES: AttributeDef = text("canonicalValues", "Suggested values.").multi_valued();
const CASE_EXACT: AttributeDef = flag("caseExact", "Whether comparisons see letter case.");
const MUTABILITY: AttributeDef = text("mutability", "Who may change it, and when.").canonical(&[
    "readOnly",
    "readWrite",
    "immutable",
    "writeOnly",
]);
const RETURNED: AttributeDef = text("returned", "When it is part of an answer.")
    .canonical(&["always", "never", "default", "request"]);
const UNIQUENESS: AttributeDef =
    text("uniqueness", "Within what a value is unique.").canonical(&["none", "server", "global"]);
const REFERENCE_TYPES: AttributeDef =
    text("referenceTypes", "What a reference may point to.").multi_valued();

const SIMPLE_TYPES: &[&str] = &[
    "string",
    "boolean",
    "decimal",
    "integer",
    "dateTime",
    "binary",
    "reference",
];
const TYPES: &[&str] = &[
    "string",
    "complex",
    "boolean",
    "decimal",
    "integer",
    "dateTime",
    "binary",
    "reference",
];

const fn kind(values: &'static [&'static str]) -> AttributeDef {
    text("type", "Data type.").required().canonical(values)
}

const SCHEMA: &[AttributeDef] = &[
    uri("id", "URN of the schema.").required(),
    text("name", "Name of the schema."),
    text("description", "What the schema describes."),
    object(
        "attributes",
        "The attributes of the schema.",
        &[
            NAME,
            kind(TYPES),
            MULTI_VALUED,
            DESCRIPTION,
            REQUIRED,
            CANONICAL_VALUES,
            CASE_EXACT,
            MUTABILITY,
            RETURNED,
            UNIQUENESS,
            REFERENCE_TYPES,
            object(
                "subAttributes",
                "The sub-attributes of a complex attribute.",
                &[
                    NAME,
                    kind(SIMPLE_TYPES),
                    MULTI_VALUED,
                    DESCRIPTION,
                    REQUIRED,
                    CANONICAL_VALUES,
                    CASE_EXACT,
                    MUTABILITY,
                    RETURNED,
                    UNIQUENESS,
                    REFERENCE_TYPES,
                ],
            )
            .multi_valued(),
        ],
    )
    .multi_valued()
    .required(),
];
