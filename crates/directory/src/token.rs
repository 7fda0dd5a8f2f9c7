//! Tokens: made here, shown once, stored as a hash.

use std::{fmt, sync::Arc};

use provost_scim::Timestamp;
use zeroize::Zeroizing;

use crate::{credential::Form, id::TokenId, tenant::Tenant};

/// A secret that is shown once. No `Display`; `Debug` prints dots; erased on drop.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps a secret.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// The secret itself. Only for showing it to the administrator who made it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everything in its tenant.
    ReadWrite,
    /// GET only.
    ReadOnly,
}

/// What a new token shall be.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Free text for lists.
    pub label: String,
    /// Lifetime in days; `None` for no end.
    pub expires_days: Option<u32>,
    /// What it may do.
    pub access: Access,
    /// How it is presented.
    pub form: Form,
}

/// A token as lists show it.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its public id.
    pub id: TokenId,
    /// Free text.
    pub label: String,
    /// What it may do.
    pub access: Access,
    /// How it is presented.
    pub form: Form,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// Who sends a SCIM request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant of the token.
    pub tenant: Arc<Tenant>,
    /// The token.
    pub token: TokenId,
    /// What it may do.
    pub access: Access,
}
