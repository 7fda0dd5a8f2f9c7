//! Elements of `groups` and `members`: `value`, `$ref`, `display`, `type`.

use serde::{Serialize, Serializer, ser::SerializeStruct};

use crate::{
    member::{GroupRef, Member, MemberKind},
    schema::{GROUP, ResourceType, USER},
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
