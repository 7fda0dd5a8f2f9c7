//! Answers to what the SCIM API does not have. The gate has asked for a token before.

use super::error::Failure;

/// A path that does not exist.
pub(crate) async fn unknown() -> Failure {
    Failure::NoSuchPath
}

/// A method that the path does not have.
pub(crate) async fn method() -> Failure {
    Failure::NoSuchMethod
}

/// `/Me` (RFC 7644 section 3.11): a token stands for an identity provider, not for a user.
pub(crate) async fn me() -> Failure {
    Failure::NotOffered("/Me")
}
