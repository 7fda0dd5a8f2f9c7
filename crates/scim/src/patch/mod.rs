//! PATCH (RFC 7644 section 3.5.2) as a pure function.
//!
//! A request is read once ([`PatchRequest::parse`]) and applied to the attributes of a resource
//! ([`PatchRequest::apply`]). Members of a group are not in memory: what happens to them comes
//! out as [`MemberOp`]s. Uniqueness, unknown members and preconditions are the directory's.

mod apply;
mod bag;
mod list;
mod members;
mod message;
mod requested;
mod select;
mod single;
#[cfg(test)]
mod tests;
mod whole;

use serde_json::Value;

use crate::{
    Profile, Resource, ScimError,
    member::MemberOp,
    path::Path,
    schema::{AttributeRef, ResourceType},
    validate::Password,
};

/// Most operations in one request.
pub const MAX_OPERATIONS: usize = 10_000;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of RFC 7644 section 3.5.2")]
pub enum OpKind {
    Add,
    Remove,
    Replace,
}

/// One operation as read.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchOp {
    /// What it does.
    pub kind: OpKind,
    /// Where; `None` for the whole resource.
    pub path: Option<Path>,
    /// With what; `None` when absent (JSON `null` is `Some(Value::Null)`).
    pub value: Option<Value>,
}

/// The form in which a client wrote its changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatchForm {
    /// A list of operations (SCIM 2.0). A value is the one that has the same `type` and `value`.
    Operations,
    /// A part of the resource (SCIM 1.1). A value is the one that has the same `value`; only if
    /// that is not unique, `type` counts too.
    PartialResource,
}

/// A PATCH body whose operations and paths are well-formed.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchRequest {
    /// In order.
    pub operations: Vec<PatchOp>,
    /// How the client wrote them.
    pub form: PatchForm,
}

/// The outcome of a PATCH.
#[derive(Clone, Debug)]
pub struct Patched {
    /// The resource after all operations, validated as a whole.
    pub resource: Resource,
    /// What happens to the members of a group, in order.
    pub members: Vec<MemberOp>,
    /// The new password, if one was sent.
    pub password: Option<Password>,
    /// Paths that name no attribute and were skipped ([`Profile::ignore_unknown`]), at most
    /// [`crate::validate::MAX_IGNORED`].
    pub ignored: Vec<String>,
}

impl PatchRequest {
    /// Reads a PATCH body.
    ///
    /// # Errors
    /// `invalidSyntax` when the message is not a `PatchOp`, has no operation or more than
    /// [`MAX_OPERATIONS`], or an `op` is not one of the three; `noTarget` for a remove without
    /// path; `invalidValue` for an add or replace without value; `invalidPath` and
    /// `invalidFilter` for a path that is not well-formed.
    pub fn parse(body: Value, profile: &Profile) -> Result<Self, ScimError> {
        message::read(body, profile)
    }

    /// The attributes that are set and that answers show only on request; the answer to this request
    /// shows them too (R-7643-7-10).
    pub fn requested(&self, kind: &'static ResourceType) -> Vec<AttributeRef> {
        requested::requested(self, kind)
    }

    /// Applies all operations to `current`, or none.
    ///
    /// # Errors
    /// `mutability`, `noTarget`, `invalidValue`, `invalidPath`, `invalidFilter` as RFC 7644
    /// table 9 says; the detail names the operation, counted from 1, if the client wrote some.
    pub fn apply(
        &self,
        kind: &'static ResourceType,
        profile: &Profile,
        current: &Resource,
    ) -> Result<Patched, ScimError> {
        apply::run(self, kind, profile, current)
    }
}
