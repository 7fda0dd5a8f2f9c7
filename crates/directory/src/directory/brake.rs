//! Releasing and discarding what the mass-change brake holds.

use std::{collections::BTreeMap, sync::Arc};

use provost_scim::{Resource, member::MemberOp, patch::PatchRequest, urn};
use uuid::Uuid;

use super::{Directory, applications::find};
use crate::{
    DirectoryError,
    brake::{Loss, Lost},
    change::Actor,
    id::TenantId,
    registry::Registry,
    store::{AdminChange, Decide, Decision, Kind, Load, Scope, Target},
    tenant::Tenant,
};

/// Writes that are queued at a time, so that they share commits.
const AT_ONCE: usize = 256;

/// What discarding brought back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Discarded {
    /// People who are active again.
    pub users: u64,
    /// Memberships that are there again.
    pub memberships: u64,
    /// What cannot be brought back: the identity provider must push it again.
    pub left: Loss,
    /// Whether the brake still holds the view because of what is left.
    pub is_held: bool,
}

/// A change of one resource.
type Job = (Scope, Target, Box<Decide>);

impl Directory {
    /// Lets the application have everything up to now, which the brake held.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` if nothing is held.
    pub async fn release_changes(&self, name: &str) -> Result<Loss, DirectoryError> {
        let registry = self.renewed_registry().await?;
        let record = find(&registry, name)?;
        let (standing, _) = self.store().standing(Arc::clone(&record.seen)).await?;
        if !standing.is_held {
            return Err(not_held(name));
        }
        let change = AdminChange::ReleaseView {
            application: record.application.id,
            number: standing.head.number,
        };
        self.administer(change).await?;
        Ok(standing.loss)
    }

    /// Undoes in the directory what the application would lose: people are active again, deleted
    /// ones live again under their ids, memberships come back. Each is a change of its own in the
    /// log. What the identity provider sends afterwards counts anew.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` if nothing is held.
    pub async fn discard_changes(&self, name: &str) -> Result<Discarded, DirectoryError> {
        let registry = self.renewed_registry().await?;
        let seen = Arc::clone(&find(&registry, name)?.seen);
        let (standing, lost) = self.store().standing(Arc::clone(&seen)).await?;
        if !standing.is_held {
            return Err(not_held(name));
        }
        let users = self.bring_back_users(&registry, &lost).await?;
        let memberships = self.bring_back_members(&registry, &lost).await?;
        let (standing, _) = self.store().standing(seen).await?;
        Ok(Discarded {
            users,
            memberships,
            left: standing.loss,
            is_held: standing.is_held,
        })
    }

    fn as_administrator(&self, tenant: &Arc<Tenant>) -> Scope {
        Scope {
            tenant: Arc::clone(tenant),
            actor: Actor {
                name: "admin".to_owned(),
                request: "discard".to_owned(),
            },
            now: self.now(),
        }
    }

    async fn bring_back_users(
        &self,
        registry: &Registry,
        lost: &Lost,
    ) -> Result<u64, DirectoryError> {
        let mut inactive = lost.inactive.clone();
        let deleted: Vec<_> = lost.deleted.iter().copied().collect();
        for some in deleted.chunks(AT_ONCE) {
            let revived: Vec<_> = some
                .iter()
                .filter_map(|(tenant, id)| {
                    let scope = self.as_administrator(registry.tenant_by_id(*tenant)?);
                    Some(((*tenant, *id), self.store().revive(scope, *id)))
                })
                .collect();
            for (user, revived) in revived {
                if revived.await? {
                    inactive.insert(user);
                }
            }
        }
        let patch = activation()?;
        let jobs = inactive.iter().filter_map(|(tenant, id)| {
            let tenant = registry.tenant_by_id(*tenant)?;
            Some((
                self.as_administrator(tenant),
                target(Kind::User, *id),
                activate(tenant, patch.clone()),
            ))
        });
        self.carry_out(jobs.collect()).await
    }

    async fn bring_back_members(
        &self,
        registry: &Registry,
        lost: &Lost,
    ) -> Result<u64, DirectoryError> {
        let mut groups: BTreeMap<(TenantId, Uuid), Vec<String>> = BTreeMap::new();
        for (tenant, group, member) in &lost.pairs {
            let members = groups.entry((*tenant, *group)).or_default();
            members.push(member.to_string());
        }
        let mut memberships = 0;
        let mut jobs = Vec::new();
        for ((tenant, group), members) in groups {
            if let Some(tenant) = registry.tenant_by_id(tenant) {
                memberships += members.len() as u64;
                let scope = self.as_administrator(tenant);
                jobs.push((scope, target(Kind::Group, group), add(members)));
            }
        }
        self.carry_out(jobs).await?;
        Ok(memberships)
    }

    /// Carries out changes; a resource that is gone by now, or that cannot be changed so, is left
    /// as it is. How many were carried out.
    async fn carry_out(&self, jobs: Vec<Job>) -> Result<u64, DirectoryError> {
        let mut done = 0;
        let mut jobs = jobs.into_iter().peekable();
        while jobs.peek().is_some() {
            let some: Vec<_> = jobs
                .by_ref()
                .take(AT_ONCE)
                .map(|(scope, target, decide)| {
                    self.store().change(scope, target, Load::default(), decide)
                })
                .collect();
            for outcome in some {
                match outcome.await {
                    Ok(_) => done += 1,
                    Err(error @ DirectoryError::Unavailable(_)) => return Err(error),
                    Err(error) => tracing::info!(%error, "a change could not be undone"),
                }
            }
        }
        Ok(done)
    }
}

fn not_held(name: &str) -> DirectoryError {
    DirectoryError::Invalid(format!(
        "the view of {name} is not frozen; there is nothing to release or discard"
    ))
}

const fn target(kind: Kind, id: Uuid) -> Target {
    Target {
        kind,
        id,
        expected: None,
    }
}

fn activation() -> Result<PatchRequest, DirectoryError> {
    let body = serde_json::json!({
        "schemas": [urn::PATCH_OP],
        "Operations": [{"op": "replace", "path": "active", "value": true}],
    });
    Ok(PatchRequest::parse(body, &provost_scim::profile::COMPAT)?)
}

fn activate(tenant: &Arc<Tenant>, patch: PatchRequest) -> Box<Decide> {
    let (kind, profile) = (tenant.types.user, tenant.settings.profile);
    Box::new(move |current: &Resource| {
        Ok(Decision {
            resource: patch.apply(kind, &profile, current)?.resource,
            members: Vec::new(),
            password: None,
        })
    })
}

fn add(members: Vec<String>) -> Box<Decide> {
    Box::new(move |current: &Resource| {
        Ok(Decision {
            resource: current.clone(),
            members: vec![MemberOp::Add(members.clone())],
            password: None,
        })
    })
}
