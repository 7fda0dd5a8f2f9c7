//! What a SCIM client is told when a request cannot be served (RFC 7644 section 3.12).

use std::fmt;

use serde_json::{Value, json};

use crate::urn;

/// The `scimType` keywords of RFC 7644 table 9 and RFC 9865 section 2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter does not follow the grammar or names what cannot be filtered.
    InvalidFilter,
    /// The query yields more than the server will compute.
    TooMany,
    /// A unique value is taken.
    Uniqueness,
    /// The change conflicts with an attribute's mutability.
    Mutability,
    /// The body is not JSON or not the expected message.
    InvalidSyntax,
    /// A PATCH path does not follow the grammar or names no attribute.
    InvalidPath,
    /// A PATCH operation has no target.
    NoTarget,
    /// A value is missing or breaks the schema.
    InvalidValue,
    /// The protocol version is not served here.
    InvalidVers,
    /// The URL carries what must not be in a URL.
    Sensitive,
    /// The cursor was not made here, or not for this query.
    InvalidCursor,
    /// The cursor is too old.
    ExpiredCursor,
    /// The page size is not the one that the cursor was made with.
    InvalidCount,
}

impl ScimType {
    /// The keyword as it stands on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The status that RFC 7644 table 8 pairs with the keyword.
    const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            Self::Sensitive => 403,
            Self::InvalidFilter
            | Self::TooMany
            | Self::Mutability
            | Self::InvalidSyntax
            | Self::InvalidPath
            | Self::NoTarget
            | Self::InvalidValue
            | Self::InvalidVers
            | Self::InvalidCursor
            | Self::ExpiredCursor
            | Self::InvalidCount => 400,
        }
    }
}

/// An error answer: status, optional keyword, and a sentence that says what to fix.
///
/// `detail` is shown to the administrator of the identity provider: it names no internals and no
/// other tenant's data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ScimError {
    status: u16,
    scim_type: Option<ScimType>,
    detail: String,
}

impl ScimError {
    /// An error with a keyword; the status follows from it.
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self {
            status: scim_type.status(),
            scim_type: Some(scim_type),
            detail: detail.into(),
        }
    }

    /// An error that has no keyword, such as 401 or 404.
    pub fn with_status(status: u16, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type: None,
            detail: detail.into(),
        }
    }

    /// The HTTP status.
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The keyword, when there is one.
    pub const fn scim_type(&self) -> Option<ScimType> {
        self.scim_type
    }

    /// The sentence for the administrator.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The same error with words in front, such as the number of the failed operation.
    #[must_use]
    pub fn prefixed(mut self, words: &str) -> Self {
        self.detail.insert_str(0, words);
        self
    }

    /// The body of the answer; `status` is a string there (RFC 7644 section 3.12).
    pub fn to_json(&self) -> Value {
        let mut body = json!({
            "schemas": [urn::ERROR],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(scim_type), Some(fields)) = (self.scim_type, body.as_object_mut()) {
            fields.insert("scimType".into(), scim_type.as_str().into());
        }
        body
    }
}

impl fmt::Display for ScimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scim_type {
            Some(scim_type) => write!(f, "{} {}: {}", self.status, scim_type.as_str(), self.detail),
            None => write!(f, "{}: {}", self.status, self.detail),
        }
    }
}
