//! What a filter looks at and an answer shows: the attributes of one resource, whoever keeps them.

use std::borrow::Cow;

use serde_json::Value;

use crate::{
    Resource, Timestamp,
    member::{GroupRef, Member},
    schema::{AttributeDef, AttributeRef, AttributeType, Holder, ResourceType},
};

/// The resource and what the server knows about it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The resource type.
    pub kind: &'static ResourceType,
    /// The id.
    pub id: &'a str,
    /// The attributes.
    pub resource: &'a Resource,
    /// `meta.created`.
    pub created: Timestamp,
    /// `meta.lastModified`.
    pub last_modified: Timestamp,
    /// `meta.version`, as the number inside the `ETag`.
    pub version: u64,
    /// `groups` of a user; needed only if the filter mentions them or the answer carries them.
    pub groups: &'a [GroupRef],
    /// `members` of a group; needed only if the filter mentions them or the answer carries them.
    pub members: &'a [Member],
}

/// One value of a complex attribute, or of a simple one.
#[derive(Clone, Copy)]
pub(crate) enum Element<'a> {
    Json(&'a Value),
    Id(&'a str),
    Urn(&'a str),
    Meta(&'a Subject<'a>),
    Group(&'a GroupRef),
    Member(&'a Member),
}

/// A value that can be compared.
pub(crate) enum Scalar<'a> {
    Text(Cow<'a, str>),
    Boolean(bool),
    Number(f64),
    Instant(Timestamp),
}

impl<'a> Subject<'a> {
    /// Whether any value of the attribute passes `test`; the sub-attribute of `at` plays no part.
    pub(crate) fn any(
        &'a self,
        at: &AttributeRef,
        mut test: impl FnMut(Element<'a>) -> bool,
    ) -> bool {
        match (at.holder, at.attribute.name) {
            (Holder::Core, "id") => test(Element::Id(self.id)),
            (Holder::Core, "meta") => test(Element::Meta(self)),
            (Holder::Core, "schemas") => self.schemas().any(|urn| test(Element::Urn(urn))),
            (Holder::Core, "groups") => self.groups.iter().any(|g| test(Element::Group(g))),
            (Holder::Core, "members") => self.members.iter().any(|m| test(Element::Member(m))),
            _ => match self.resource.get(at) {
                None => false,
                Some(Value::Array(items)) => items.iter().any(|item| test(Element::Json(item))),
                Some(value) => test(Element::Json(value)),
            },
        }
    }

    /// The URNs of `schemas`: the base schema, and every extension with a value.
    fn schemas(&self) -> impl Iterator<Item = &'static str> {
        let extensions = self.kind.extensions.iter();
        let used = extensions.filter(|schema| self.resource.uses(schema));
        std::iter::once(self.kind.schema.id).chain(used.map(|schema| schema.id))
    }

    fn meta(&self, sub: &str) -> Option<Scalar<'a>> {
        Some(match sub {
            "resourceType" => text(self.kind.name),
            "created" => Scalar::Instant(self.created),
            "lastModified" => Scalar::Instant(self.last_modified),
            "version" => Scalar::Text(Cow::Owned(crate::v2::etag(self.version))),
            // The filter was bound to the last segment of the URI.
            "location" => text(self.id),
            _ => return None,
        })
    }
}

impl<'a> Element<'a> {
    /// The value of the sub-attribute `sub`, or the value itself; `None` when there is none.
    pub(crate) fn scalar(
        self,
        leaf: &AttributeDef,
        sub: Option<&AttributeDef>,
    ) -> Option<Scalar<'a>> {
        match (self, sub) {
            (Self::Json(value), None) => scalar(leaf, value),
            (Self::Json(value), Some(sub)) => match value.get(sub.name) {
                Some(value) => scalar(leaf, value),
                // A value without `primary` is not primary (RFC 7643 section 2.4).
                None if sub.name == "primary" => Some(Scalar::Boolean(false)),
                None => None,
            },
            (Self::Id(it) | Self::Urn(it), _) => Some(text(it)),
            (Self::Meta(subject), sub) => subject.meta(sub?.name),
            (Self::Group(group), sub) => Some(text(match sub?.name {
                "value" | "$ref" => &group.id,
                "display" => &group.display,
                "type" if group.direct => "direct",
                "type" => "indirect",
                _ => return None,
            })),
            (Self::Member(member), sub) => Some(text(match sub?.name {
                "value" | "$ref" => &member.id,
                "display" => &member.display,
                "type" => member.kind.as_str(),
                _ => return None,
            })),
        }
    }

    /// Whether any value of the sub-attribute `sub`, or the value itself, passes `test`; only a
    /// multi-valued sub-attribute has several.
    pub(super) fn any_scalar(
        self,
        leaf: &AttributeDef,
        sub: Option<&AttributeDef>,
        mut test: impl FnMut(&Scalar<'a>) -> bool,
    ) -> bool {
        match (self, sub) {
            (Self::Json(value), Some(sub)) if sub.multi_valued => {
                let items = value.get(sub.name).and_then(Value::as_array);
                let mut scalars = items
                    .into_iter()
                    .flatten()
                    .filter_map(|item| scalar(leaf, item));
                scalars.any(|item| test(&item))
            }
            _ => self.scalar(leaf, sub).is_some_and(|value| test(&value)),
        }
    }

    /// Whether this is the primary value of a list.
    pub(crate) fn is_primary(self) -> bool {
        match self {
            Self::Json(value) => value.get("primary").and_then(Value::as_bool) == Some(true),
            Self::Id(_) | Self::Urn(_) | Self::Meta(_) | Self::Group(_) | Self::Member(_) => false,
        }
    }

    /// Whether the sub-attribute `sub`, or the value itself, is assigned and not empty.
    pub(super) fn is_present(self, sub: Option<&AttributeDef>) -> bool {
        match (self, sub) {
            (Self::Json(value), None) => is_present(value),
            (Self::Json(value), Some(sub)) => value.get(sub.name).is_some_and(is_present),
            (Self::Id(_) | Self::Urn(_) | Self::Meta(_), _)
            | (Self::Group(_) | Self::Member(_), None) => true,
            (Self::Group(_) | Self::Member(_), Some(sub)) => {
                matches!(self.scalar(sub, Some(sub)), Some(Scalar::Text(text)) if !text.is_empty())
            }
        }
    }
}

fn text(text: &str) -> Scalar<'_> {
    Scalar::Text(Cow::Borrowed(text))
}

fn scalar<'a>(leaf: &AttributeDef, value: &'a Value) -> Option<Scalar<'a>> {
    match leaf.kind {
        AttributeType::String | AttributeType::Reference | AttributeType::Binary => {
            value.as_str().map(text)
        }
        AttributeType::Boolean => value.as_bool().map(Scalar::Boolean),
        AttributeType::Decimal | AttributeType::Integer => value.as_f64().map(Scalar::Number),
        AttributeType::DateTime => Timestamp::parse(value.as_str()?).map(Scalar::Instant),
        AttributeType::Complex => None,
    }
}

/// R-7644-3.4.2.2-18: not null and not empty; a complex value needs one such part.
pub(crate) fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(is_present),
        Value::Object(parts) => parts.values().any(is_present),
    }
}
