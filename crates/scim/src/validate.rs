//! A JSON body → validated input for POST and PUT (RFC 7643 sections 2 to 4, RFC 7644 sections
//! 3.3 and 3.5.1).
//!
//! The schema tables say what is legal; the profile says which deviations of clients are
//! understood. Uniqueness, unknown members and stored state are not looked at here.

mod body;
mod complex;
mod error;
mod list;
mod members;
mod mutability;
mod reader;
mod schemas;
mod simple;
mod text;

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Map, Value};

use crate::{
    Profile, Resource, ScimError,
    schema::{AttributeRef, ResourceType, Returned},
};

pub(crate) use body::{check_required, password};
pub(crate) use complex::{Parts, is_own_reference, refer};
pub(crate) use error::{Spot, invalid_value, what};
pub(crate) use list::{
    drop_hollow, is_primary, keep_one_primary, merge_into, only_of_value, overlay, settle,
};
pub(crate) use members::{ids as member_ids, last_segment};
pub(crate) use mutability::{check_immutable, immutable};
pub(crate) use reader::{ReadOnly, Reader, assigned, take};
pub(crate) use simple::{part, simple};

/// Most values in one multi-valued attribute; members are counted by the body's size alone.
pub const MAX_VALUES: usize = 1_000;
/// Longest text, in characters.
pub const MAX_TEXT: usize = 1_024;
/// Longest reference or binary value, in bytes.
pub const MAX_BINARY: usize = 64 * 1024;

pub(crate) const ACTIVE: &str = "active";
const EXTERNAL_ID: &str = "externalId";

/// A password in a client's body. Debug shows dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub(crate) String);

impl Password {
    /// The clear text, for hashing only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What a body said, validated.
#[derive(Clone, Debug)]
pub struct Input {
    /// The attributes.
    pub resource: Resource,
    /// Ids in `members`, each once; `None` when the body had no `members` or `null`.
    pub members: Option<Vec<String>>,
    /// The password, if one was sent.
    pub password: Option<Password>,
    /// Attributes given as `null`, `[]`, `{}` or `""`, in the schema's spelling and with the URN of
    /// their extension; the URN alone for a whole extension.
    pub cleared: Vec<String>,
    /// Unknown attributes that were left out, at most [`MAX_IGNORED`].
    pub ignored: Vec<String>,
}

/// Most names listed in [`Input::ignored`] and [`crate::patch::Patched::ignored`].
pub const MAX_IGNORED: usize = 100;

/// Reads the body of a POST or PUT. Attributes of mutability readOnly are left out; required
/// ones are checked here.
///
/// # Errors
/// `invalidSyntax` when the body is no object, `schemas` does not fit (D-12), or an attribute is
/// unknown and the profile is strict; `invalidValue` when a value does not fit its attribute or a
/// required one is missing.
pub fn input(
    kind: &'static ResourceType,
    profile: &Profile,
    body: Value,
) -> Result<Input, ScimError> {
    body::read(kind, profile, body)
}

impl Input {
    /// The resource to create: defaults applied (`active: true` on users).
    pub fn for_create(&self, kind: &'static ResourceType) -> Resource {
        let mut bag = self.resource.attributes().clone();
        if kind.schema.attribute(ACTIVE).is_some() {
            bag.entry(ACTIVE).or_insert(Value::Bool(true));
        }
        Resource::from_validated(bag)
    }

    /// The resource after a PUT on `current`: what the body omits is cleared, except `active`
    /// (kept, also when `null`) and, with [`Profile::keep_external_id`], `externalId` (kept unless
    /// it is `null`). Immutable and writeOnly values that are not sent stay.
    ///
    /// # Errors
    /// `mutability` when an immutable value would change.
    pub fn for_replace(
        &self,
        kind: &'static ResourceType,
        profile: &Profile,
        current: &Resource,
    ) -> Result<Resource, ScimError> {
        let mut bag = self.resource.attributes().clone();
        if kind.schema.attribute(ACTIVE).is_some() {
            keep(&mut bag, current, ACTIVE);
        }
        if profile.keep_external_id && !self.cleared.iter().any(|name| name == EXTERNAL_ID) {
            keep(&mut bag, current, EXTERNAL_ID);
        }
        mutability::carry_over(kind, current, &self.cleared, &mut bag);
        let next = Resource::from_validated(bag);
        check_immutable(kind, current, &next)?;
        Ok(next)
    }

    /// The attributes of the body that answers show only on request; an answer to the request that
    /// sent them shows them too (R-7643-7-10).
    pub fn requested(&self, kind: &'static ResourceType) -> Vec<AttributeRef> {
        let rows = kind.attributes().flat_map(|(holder, def)| {
            let whole = AttributeRef::whole(holder, def);
            let subs = def.sub_attributes.iter();
            let subs = subs.map(move |sub| AttributeRef {
                sub: Some(sub),
                ..whole
            });
            std::iter::once(whole).chain(subs)
        });
        let is_sent = |at: &AttributeRef| {
            let value = self.resource.get(at);
            at.leaf().returned == Returned::Request
                && value.is_some_and(|value| at.sub.is_none_or(|sub| has_part(value, sub.name)))
        };
        rows.filter(is_sent).collect()
    }
}

/// Whether a complex value, or one of a list of them, has that part.
fn has_part(value: &Value, part: &str) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| item.get(part).is_some()),
        one => one.get(part).is_some(),
    }
}

fn keep(bag: &mut Map<String, Value>, current: &Resource, name: &str) {
    if let (false, Some(value)) = (bag.contains_key(name), current.attributes().get(name)) {
        bag.insert(name.to_owned(), value.clone());
    }
}
