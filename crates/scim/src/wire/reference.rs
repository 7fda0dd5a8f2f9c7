//! References to resources: elements of `groups` and `members` (`value`, `$ref`, `display`, `type`)
//! and single references such as `manager`. Every `$ref` is made here and none is stored.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeStruct},
};
use serde_json::{Map, Value};

use crate::{
    member::{GroupRef, Member, MemberKind},
    schema::{AttributeDef, GROUP, RESOURCE_TYPES, ResourceType, USER},
    validate,
};

/// A group of a user.
pub(super) struct GroupView<'a, F>(
    pub(super) &'a str,
    pub(super) &'a GroupRef,
    pub(super) &'a F,
);

impl<F: Fn(&str) -> bool> Serialize for GroupView<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(base, group, keep) = *self;
        let reference = Reference {
            base,
            kind: &GROUP,
            id: &group.id,
            display: &group.display,
            label: if group.direct { "direct" } else { "indirect" },
        };
        reference.write(serializer, keep)
    }
}

/// A member of a group.
pub(super) struct MemberView<'a, F>(pub(super) &'a str, pub(super) &'a Member, pub(super) &'a F);

impl<F: Fn(&str) -> bool> Serialize for MemberView<'_, F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(base, member, keep) = *self;
        let reference = Reference {
            base,
            kind: match member.kind {
                MemberKind::User => &USER,
                MemberKind::Group => &GROUP,
            },
            id: &member.id,
            display: &member.display,
            label: member.kind.as_str(),
        };
        reference.write(serializer, keep)
    }
}

struct Reference<'a> {
    base: &'a str,
    kind: &'static ResourceType,
    id: &'a str,
    display: &'a str,
    label: &'a str,
}

impl Reference<'_> {
    fn write<S: Serializer>(
        &self,
        serializer: S,
        keep: &impl Fn(&str) -> bool,
    ) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("reference", 4)?;
        if keep("value") {
            object.serialize_field("value", self.id)?;
        }
        if keep("$ref") {
            object.serialize_field("$ref", &Uri(self))?;
        }
        if keep("display") {
            object.serialize_field("display", self.display)?;
        }
        if keep("type") {
            object.serialize_field("type", self.label)?;
        }
        object.end()
    }
}

struct Uri<'a>(&'a Reference<'a>);

impl Serialize for Uri<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Reference { base, kind, id, .. } = *self.0;
        serializer.collect_str(&format_args!("{base}{}/{id}", kind.endpoint))
    }
}

/// A single complex attribute whose `value` is the id of a resource (RFC 7643 section 4.3,
/// `manager`): what is stored of it, and the `$ref` that follows.
pub(super) struct Referring<'a> {
    uri: String,
    stored: &'a Map<String, Value>,
    keep: &'a dyn Fn(&str) -> bool,
}

impl<'a> Referring<'a> {
    /// `None` when the attribute refers to nothing of ours, or when `$ref` is not shown.
    pub(super) fn of(
        base: &str,
        def: &AttributeDef,
        value: &'a Value,
        keep: &'a dyn Fn(&str) -> bool,
    ) -> Option<Self> {
        let stored = value.as_object()?;
        let subs = def.sub_attributes;
        let reference = subs.iter().find(|sub| validate::is_own_reference(sub))?;
        let id = stored.get("value")?.as_str().filter(|id| is_id(id))?;
        let mut kinds = RESOURCE_TYPES.iter();
        let kind = kinds.find(|kind| reference.reference_types.contains(&kind.name))?;
        let uri = super::location(base, kind, id);
        keep(reference.name).then_some(Self { uri, stored, keep })
    }
}

impl Serialize for Referring<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        let shown = self.stored.iter().filter(|(key, _)| (self.keep)(key));
        for (key, value) in shown {
            object.serialize_entry(key, value)?;
        }
        object.serialize_entry("$ref", &self.uri)?;
        object.end()
    }
}

/// Whether the text has the form of our ids; a client may store any other text as a reference.
fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}
