//! Tenants: one provisioning connection of one identity provider each.

use provost_scim::{Profile, Timestamp, profile, schema::ResourceTypes};

use crate::{allowlist::Allowlist, id::TenantId, schemas::TenantSchemas};

/// What happens to a deleted user in the applications (design section 6 rule 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeletedUsers {
    /// Stays as an inactive tombstone.
    Inactive,
    /// Stays inactive for so many days, then goes.
    RemoveAfterDays(u32),
    /// Goes at once.
    Remove,
}

/// Settings of a tenant; `tenant set SLUG KEY=VALUE` changes them.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own that is on or off"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSettings {
    /// `profile = compat | strict | interop`.
    /// with `quirk.NAME = on | off`.
    pub profile: Profile,
    /// `deleted_users = inactive | remove-after 90d | remove`.
    pub deleted_users: DeletedUsers,
    /// `strict_members = true`: unknown member ids are 400 instead of skipped.
    pub strict_members: bool,
    /// `put_without_members = keep | clear`: whether PUT of a group without `members` empties it.
    pub clear_members_on_put: bool,
    /// `strict_replay = true`: a repeated POST is always 409.
    pub strict_replay: bool,
    /// `accept_passwords = true`: passwords that the identity provider sends are stored (Argon2id)
    /// and can be used to sign in to applications. `false` drops them and forgets those stored.
    pub accept_passwords: bool,
    /// `allowed_addresses = 198.51.100.0/24,2001:db8::/32,set:entra`: from where its URL can be
    /// used. Empty for everywhere.
    pub allowed_addresses: Allowlist,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            profile: profile::COMPAT,
            deleted_users: DeletedUsers::Inactive,
            strict_members: false,
            clear_members_on_put: false,
            strict_replay: false,
            accept_passwords: false,
            allowed_addresses: Allowlist::default(),
        }
    }
}

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its number.
    pub id: TenantId,
    /// Its name in URLs and commands: `[a-z0-9-]`, 1 to 63 characters.
    pub slug: String,
    /// The identity provider named at creation, such as `entra`.
    pub idp: Option<String>,
    /// Its settings.
    pub settings: TenantSettings,
    /// Its resource types, with the extensions that were added to them.
    pub types: ResourceTypes,
    /// The extensions that were added.
    pub schemas: TenantSchemas,
    /// When it was created.
    pub created: Timestamp,
}
