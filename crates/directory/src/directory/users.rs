//! Users, for SCIM.

use std::sync::Arc;

use provost_scim::{patch::PatchRequest, validate::Input};
use sha2::{Digest as _, Sha256};

use super::{Created, Directory};
use crate::{
    DirectoryError,
    change::Actor,
    id::UserId,
    replay::Origin,
    store::{Decision, Kind, Load, NewResource, Stored, Target},
    token::Caller,
    user::User,
};

impl From<Stored> for User {
    fn from(stored: Stored) -> Self {
        Self {
            id: UserId::from_uuid(stored.id),
            version: stored.version,
            created: stored.created,
            last_modified: stored.last_modified,
            resource: stored.resource,
            groups: stored.groups,
        }
    }
}

/// A user answers a write with its groups, as it does a read.
const LOAD: Load = Load {
    groups: true,
    members: false,
};

/// What of a request may be stored to tell its repetition. A password in a body could be guessed
/// from a fast hash of the whole, so such a body is told by everything else it said.
fn storable(body_hash: [u8; 32], input: &Input) -> [u8; 32] {
    match input.password {
        None => body_hash,
        Some(_) => Sha256::digest(input.resource.to_stored()).into(),
    }
}

impl Directory {
    /// Creates a user. `body_hash` is the SHA-256 of the request body, for rule 8.
    ///
    /// # Errors
    /// `Conflict` when `userName` or `externalId` is taken.
    pub async fn create_user(
        &self,
        caller: &Caller,
        actor: &Actor,
        input: Input,
        body_hash: [u8; 32],
    ) -> Result<Created<User>, DirectoryError> {
        let password = self.new_password(caller, input.password.as_ref()).await?;
        let new = NewResource {
            kind: Kind::User,
            id: self.new_id()?,
            resource: input.for_create(caller.tenant.types.user),
            members: Vec::new(),
            password,
            origin: Origin {
                token: caller.token.0.clone(),
                body_hash: storable(body_hash, &input),
            },
        };
        let created = self.store().create(self.scope(caller, actor)?, new).await?;
        let created = created.map(|outcome| User::from(outcome.stored));
        if let (Created::Replayed(user), Some(sent)) = (&created, &input.password) {
            self.require_same_password(caller, user.id, sent).await?;
        }
        Ok(created)
    }

    /// One user; `with_groups` loads its groups.
    ///
    /// # Errors
    /// `NotFound` when the caller's tenant has no such user.
    pub async fn user(
        &self,
        caller: &Caller,
        id: UserId,
        with_groups: bool,
    ) -> Result<User, DirectoryError> {
        let load = Load {
            groups: with_groups,
            members: false,
        };
        let (tenant, id) = (caller.tenant.id, *id.as_uuid());
        let stored = self.store().read(tenant, Kind::User, id, load).await?;
        Ok(stored.into())
    }

    /// Replaces a user. `expected` is the version list of `If-Match`.
    ///
    /// # Errors
    /// `NotFound`, `VersionMismatch`, `Conflict`.
    pub async fn replace_user(
        &self,
        caller: &Caller,
        actor: &Actor,
        id: UserId,
        expected: Option<Vec<u64>>,
        input: Input,
    ) -> Result<User, DirectoryError> {
        let (kind, profile) = (caller.tenant.types.user, caller.tenant.settings.profile);
        let password = self
            .changed_password(caller, id, input.password.as_ref())
            .await?;
        let decide = move |current: &_| {
            Ok(Decision {
                password: password.clone(),
                resource: input.for_replace(kind, &profile, current)?,
                members: Vec::new(),
            })
        };
        self.change_user(caller, actor, id, expected, decide).await
    }

    /// Patches a user.
    ///
    /// # Errors
    /// `NotFound`, `VersionMismatch`, `Conflict`, and `Refused` for what SCIM does not allow.
    pub async fn patch_user(
        &self,
        caller: &Caller,
        actor: &Actor,
        id: UserId,
        expected: Option<Vec<u64>>,
        patch: PatchRequest,
    ) -> Result<User, DirectoryError> {
        let (kind, profile) = (caller.tenant.types.user, caller.tenant.settings.profile);
        let password = self.patched_password(caller, id, &patch).await?;
        let decide = move |current: &_| {
            let patched = patch.apply(kind, &profile, current)?;
            Ok(Decision {
                password: password.clone(),
                resource: patched.resource,
                members: Vec::new(),
            })
        };
        self.change_user(caller, actor, id, expected, decide).await
    }

    async fn change_user(
        &self,
        caller: &Caller,
        actor: &Actor,
        id: UserId,
        expected: Option<Vec<u64>>,
        decide: impl Fn(&provost_scim::Resource) -> Result<Decision, DirectoryError>
        + Send
        + Sync
        + 'static,
    ) -> Result<User, DirectoryError> {
        let target = Target {
            kind: Kind::User,
            id: *id.as_uuid(),
            expected,
        };
        let scope = self.scope(caller, actor)?;
        let store = Arc::clone(self.store());
        let outcome = store.change(scope, target, LOAD, Box::new(decide)).await?;
        Ok(outcome.stored.into())
    }

    /// Deletes a user (rule 4).
    ///
    /// # Errors
    /// `NotFound`, `VersionMismatch`.
    pub async fn delete_user(
        &self,
        caller: &Caller,
        actor: &Actor,
        id: UserId,
        expected: Option<Vec<u64>>,
    ) -> Result<(), DirectoryError> {
        let target = Target {
            kind: Kind::User,
            id: *id.as_uuid(),
            expected,
        };
        self.store()
            .delete(self.scope(caller, actor)?, target)
            .await
    }
}
