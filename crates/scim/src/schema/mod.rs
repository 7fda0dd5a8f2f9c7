//! Schemas as data (RFC 7643 section 7): one row per attribute serves validation, PATCH, filters,
//! projection and the discovery documents.
//!
//! Definitions live as long as the process, so references to them are `'static` and cheap to keep
//! in bound filters and paths.

mod attribute;
pub mod custom;
pub mod discovery;
mod enterprise;
mod group;
mod okta_group;
mod resolve;
mod user;

pub use attribute::{AttributeDef, AttributeType, Mutability, Returned, Uniqueness};
pub use resolve::{AttributeRef, Holder, Target};

use crate::{member::MemberKind, name, urn};

/// A schema: its URN and its attributes.
#[derive(Debug)]
pub struct Schema {
    /// The URN that names the schema.
    pub id: &'static str,
    /// Short name, such as `User`.
    pub name: &'static str,
    /// What it describes.
    pub description: &'static str,
    /// One row per attribute.
    pub attributes: &'static [AttributeDef],
}

impl Schema {
    /// The attribute of that name, compared without case.
    pub fn attribute(&'static self, text: &str) -> Option<&'static AttributeDef> {
        self.attributes
            .iter()
            .find(|def| name::same(def.name, text))
    }
}

/// A resource type (RFC 7643 section 6): endpoint, base schema, extensions.
#[derive(Debug)]
pub struct ResourceType {
    /// `User` or `Group`; also `meta.resourceType`.
    pub name: &'static str,
    /// Path below the base URL, such as `/Users`.
    pub endpoint: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// The base schema.
    pub schema: &'static Schema,
    /// Extensions; none of them is required.
    pub extensions: &'static [&'static Schema],
}

impl ResourceType {
    /// The extension with that URN, compared without case.
    pub fn extension(&self, id: &str) -> Option<&'static Schema> {
        self.extensions
            .iter()
            .copied()
            .find(|schema| name::same(schema.id, id))
    }

    /// The attribute of the base schema that must be unique and present: `userName` or
    /// `displayName`.
    pub fn key_attribute(&self) -> &'static str {
        self.schema
            .attributes
            .iter()
            .find(|def| def.required)
            .map_or("id", |def| def.name)
    }
}

/// The common attributes of every resource (RFC 7643 section 3.1); part of no schema.
pub static COMMON: &[AttributeDef] = &[
    AttributeDef::reference("schemas", "URNs of the schemas in use.", &["uri"])
        .multi_valued()
        .required()
        .returned(Returned::Always),
    AttributeDef::string("id", "Identifier made by the server.")
        .case_exact()
        .read_only()
        .returned(Returned::Always)
        .uniqueness(Uniqueness::Server),
    AttributeDef::string("externalId", "Identifier made by the provisioning client.").case_exact(),
    AttributeDef::complex(
        "meta",
        "What the server knows about the resource.",
        &[
            AttributeDef::string("resourceType", "Name of the resource type.")
                .case_exact()
                .read_only(),
            AttributeDef::date_time("created", "When the resource was created.").read_only(),
            AttributeDef::date_time("lastModified", "When the resource last changed.").read_only(),
            AttributeDef::reference("location", "URI of the resource.", &["uri"]).read_only(),
            AttributeDef::string("version", "Version, equal to the ETag.")
                .case_exact()
                .read_only(),
        ],
    )
    .read_only(),
];

/// The User resource type.
pub static USER: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "User account",
    schema: &user::SCHEMA,
    extensions: &[&enterprise::SCHEMA],
};

/// The Group resource type.
pub static GROUP: ResourceType = ResourceType {
    name: "Group",
    endpoint: "/Groups",
    description: "Group of users and groups",
    schema: &group::SCHEMA,
    extensions: &[&okta_group::SCHEMA],
};

/// The published resource types, in the order of the discovery document.
pub static RESOURCE_TYPES: &[&ResourceType] = &[&USER, &GROUP];

/// The resource types of one tenant: the published ones, with the extensions that were added to
/// them.
#[derive(Clone, Copy, Debug)]
pub struct ResourceTypes {
    /// Users.
    pub user: &'static ResourceType,
    /// Groups.
    pub group: &'static ResourceType,
}

impl ResourceTypes {
    /// What a tenant has without further extensions.
    pub const STANDARD: Self = Self {
        user: &USER,
        group: &GROUP,
    };

    /// Both, in the order of the discovery document.
    pub const fn all(self) -> [&'static ResourceType; 2] {
        [self.user, self.group]
    }

    /// The type of that kind.
    pub const fn of(self, kind: MemberKind) -> &'static ResourceType {
        match kind {
            MemberKind::User => self.user,
            MemberKind::Group => self.group,
        }
    }

    /// Every schema in use, base schemas first for each resource type.
    pub fn schemas(self) -> impl Iterator<Item = &'static Schema> {
        self.all()
            .into_iter()
            .flat_map(|kind| std::iter::once(kind.schema).chain(kind.extensions.iter().copied()))
    }
}

/// Whether `id` names a schema that belongs to another resource type than `kind`.
pub fn is_foreign(kind: &ResourceType, id: &str) -> bool {
    RESOURCE_TYPES.iter().any(|other| {
        !name::same(other.schema.id, kind.schema.id) && name::same(other.schema.id, id)
    }) || name::same(id, urn::SCHEMA)
}
