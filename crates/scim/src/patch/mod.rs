//! PATCH (RFC 7644 section 3.5.2) as a pure function.
mod apply;
use crate::{
    Profile, Resource, ScimError, member::MemberOp, path::Path, schema::ResourceType,
    validate::Password,
};
use serde_json::Value;

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

/// A PATCH body whose operations and paths are well-formed.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchRequest {
    /// In order.
    pub operations: Vec<PatchOp>,
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
    /// Paths that name no attribute and were skipped ([`Profile::ignore_unknown`]).
    pub ignored: Vec<String>,
}

impl PatchRequest {
    /// Reads a PATCH body.
    pub fn parse(_body: Value, _profile: &Profile) -> Result<Self, ScimError> {
        todo!()
    }
    /// Applies all operations to `current`, or none.
    pub fn apply(
        &self,
        _kind: &'static ResourceType,
        _profile: &Profile,
        _current: &Resource,
    ) -> Result<Patched, ScimError> {
        todo!()
    }
}
