//! Bulk jobs (RFC 7644 section 3.7) as pure functions: reading, planning and the answer.
//!
//! [`BulkRequest::parse`] reads the message; what is wrong with one operation is kept with that
//! operation, because a job goes on past it. [`BulkRequest::plan`] puts the operations into an
//! order in which every `bulkId` is known before it is used. Running an operation is the caller's:
//! it goes through the same use case as the single request. How many bytes a body may have is
//! checked before it gets here.

mod answer;
mod plan;
mod read;
mod reference;
mod steps;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::{ScimError, schema::ResourceType};

pub use answer::{Answer, response};
pub use plan::{Job, Step};
pub use reference::{KnownIds, resolve, resolve_id};

/// Most operations in one job; `/ServiceProviderConfig` announces it.
pub const MAX_OPERATIONS: usize = 1_000;
/// Longest `bulkId` in bytes.
pub const MAX_BULK_ID: usize = 256;

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the HTTP methods")]
pub enum Method {
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What an operation is applied to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A new resource.
    New,
    /// The resource with this id, or the one that `bulkId:x` stands for.
    Existing(String),
}

/// One well-formed operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it does.
    pub method: Method,
    /// The resource type that the path names.
    pub kind: &'static ResourceType,
    /// The resource that the path names.
    pub place: Place,
    /// The text of `version`, which works like `If-Match`.
    pub version: Option<String>,
    /// The body of the single request; `null` for DELETE. A PATCH is always a whole message
    /// (erratum 5050).
    pub data: Value,
}

/// One entry of `Operations`.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `method` for the answer, as far as it could be read.
    pub method: Option<String>,
    /// `bulkId` for the answer.
    pub bulk_id: Option<String>,
    /// The operation, or why there is none.
    pub operation: Result<Operation, ScimError>,
}

/// A bulk message.
#[derive(Clone, Debug)]
pub struct BulkRequest {
    /// Stop after so many failed operations.
    pub fail_on_errors: Option<u64>,
    /// In the order of the message.
    pub entries: Vec<Entry>,
}

impl BulkRequest {
    /// Reads the message. `kinds` are the resource types that paths may name.
    ///
    /// # Errors
    /// `invalidSyntax` when the message is not a `BulkRequest` or has no operations, `invalidValue`
    /// for a `failOnErrors` that is no positive whole number and for a `bulkId` that occurs twice;
    /// 413 for more than [`MAX_OPERATIONS`].
    pub fn parse(body: Value, kinds: &[&'static ResourceType]) -> Result<Self, ScimError> {
        read::read(body, kinds)
    }

    /// Puts the operations into an order in which they can run.
    pub fn plan(self) -> Job {
        plan::plan(self)
    }
}
