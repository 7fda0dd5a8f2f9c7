//! Identifiers as types, so that one cannot be taken for another.

use std::fmt;

use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// Reads the hyphenated lower-case form that answers carry; anything else names
            /// nothing.
            pub fn parse(text: &str) -> Option<Self> {
                let id = Uuid::try_parse(text).ok()?;
                (id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) == text)
                    .then_some(Self(id))
            }

            /// Wraps a UUID.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID.
            pub const fn as_uuid(&self) -> &Uuid {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

uuid_id! {
    /// SCIM id of a user; also the Crowd `<key>`, for ever.
    UserId
}
uuid_id! {
    /// SCIM id of a group.
    GroupId
}

/// Number of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantId(pub(crate) i64);

/// Number of an application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApplicationId(pub(crate) i64);

/// Public id of a token: names it in lists, logs and `token revoke`; no secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TokenId(pub(crate) String);

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
