//! Groups, for SCIM.

use std::sync::Arc;

use provost_scim::{Resource, member::MemberOp, patch::PatchRequest, validate::Input};

use super::{Created, Directory, Written};
use crate::{
    DirectoryError,
    change::Actor,
    group::Group,
    id::GroupId,
    replay::Origin,
    store::{Decision, Kind, Load, NewResource, Outcome, Stored, Target},
    token::Caller,
};

impl From<Stored> for Group {
    fn from(stored: Stored) -> Self {
        Self {
            id: GroupId::from_uuid(stored.id),
            version: stored.version,
            created: stored.created,
            last_modified: stored.last_modified,
            resource: stored.resource,
            members: stored.members,
        }
    }
}

impl From<Outcome> for Written<Group> {
    fn from(outcome: Outcome) -> Self {
        Self {
            object: outcome.stored.into(),
            skipped_members: outcome.skipped,
        }
    }
}

const fn load(members: bool) -> Load {
    Load {
        groups: false,
        members,
    }
}

/// A group to change, and what the answer shall hold.
struct Changed {
    id: GroupId,
    expected: Option<Vec<u64>>,
    with_members: bool,
}

impl Directory {
    /// Creates a group; the answer has its members.
    ///
    /// # Errors
    /// `Conflict` when `displayName` or `externalId` is taken; `Refused` for unknown members where
    /// the tenant is strict about them.
    pub async fn create_group(
        &self,
        caller: &Caller,
        actor: &Actor,
        input: Input,
        body_hash: [u8; 32],
    ) -> Result<Created<Written<Group>>, DirectoryError> {
        let new = NewResource {
            kind: Kind::Group,
            id: self.new_id()?,
            resource: input.for_create(caller.tenant.types.group),
            members: input.members.unwrap_or_default(),
            password: None,
            origin: Origin {
                token: caller.token.0.clone(),
                body_hash,
            },
        };
        let created = self.store().create(self.scope(caller, actor)?, new).await?;
        Ok(created.map(Written::from))
    }

    /// One group; `with_members` loads its members.
    ///
    /// # Errors
    /// `NotFound` when the caller's tenant has no such group.
    pub async fn group(
        &self,
        caller: &Caller,
        id: GroupId,
        with_members: bool,
    ) -> Result<Group, DirectoryError> {
        let (tenant, id) = (caller.tenant.id, *id.as_uuid());
        let read = self
            .store()
            .read(tenant, Kind::Group, id, load(with_members));
        Ok(read.await?.into())
    }

    /// Replaces a group. `with_members` loads the members of the result.
    ///
    /// # Errors
    /// `NotFound`, `VersionMismatch`, `Conflict`, and `Refused` for members that are not allowed.
    pub async fn replace_group(
        &self,
        caller: &Caller,
        actor: &Actor,
        id: GroupId,
        expected: Option<Vec<u64>>,
        input: Input,
        with_members: bool,
    ) -> Result<Written<Group>, DirectoryError> {
        let settings = &caller.tenant.settings;
        let (kind, profile) = (caller.tenant.types.group, settings.profile);
        let members = match &input.members {
            Some(ids) => vec![MemberOp::Clear, MemberOp::Add(ids.clone())],
            None if settings.clear_members_on_put => vec![MemberOp::Clear],
            None => Vec::new(),
        };
        let decide = move |current: &_| {
            Ok(Decision {
                resource: input.for_replace(kind, &profile, current)?,
                members: members.clone(),
                password: None,
            })
        };
        let changed = Changed {
            id,
            expected,
            with_members,
        };
        self.change_group(caller, actor, changed, decide).await
    }

    /// Patches a group. `with_members` loads the members of the result.
    ///
    /// # Errors
    /// `NotFound`, `VersionMismatch`, `Conflict`, and `Refused` for what SCIM does not allow.
    pub async fn patch_group(
        &self,
        caller: &Caller,
        actor: &Actor,
        id: GroupId,
        expected: Option<Vec<u64>>,
        patch: PatchRequest,
        with_members: bool,
    ) -> Result<Written<Group>, DirectoryError> {
        let (kind, profile) = (caller.tenant.types.group, caller.tenant.settings.profile);
        let decide = move |current: &_| {
            let patched = patch.apply(kind, &profile, current)?;
            Ok(Decision {
                resource: patched.resource,
                members: patched.members,
                password: None,
            })
        };
        let changed = Changed {
            id,
            expected,
            with_members,
        };
        self.change_group(caller, actor, changed, decide).await
    }

    async fn change_group(
        &self,
        caller: &Caller,
        actor: &Actor,
        changed: Changed,
        decide: impl Fn(&Resource) -> Result<Decision, DirectoryError> + Send + Sync + 'static,
    ) -> Result<Written<Group>, DirectoryError> {
        let Changed {
            id,
            expected,
            with_members,
        } = changed;
        let target = Target {
            kind: Kind::Group,
            id: *id.as_uuid(),
            expected,
        };
        let scope = self.scope(caller, actor)?;
        let store = Arc::clone(self.store());
        let change = store.change(scope, target, load(with_members), Box::new(decide));
        Ok(change.await?.into())
    }

    /// Deletes a group.
    ///
    /// # Errors
    /// `NotFound`, `VersionMismatch`.
    pub async fn delete_group(
        &self,
        caller: &Caller,
        actor: &Actor,
        id: GroupId,
        expected: Option<Vec<u64>>,
    ) -> Result<(), DirectoryError> {
        let target = Target {
            kind: Kind::Group,
            id: *id.as_uuid(),
            expected,
        };
        self.store()
            .delete(self.scope(caller, actor)?, target)
            .await
    }
}
