//! Named sets of IP addresses.

use std::sync::Arc;

use super::{Directory, admin::not_found};
use crate::{
    DirectoryError,
    ip_set::{self, IpSetName, NamedSet, Proposal, User},
    store::{AdminChange, IpSetChange},
};

impl Directory {
    /// All sets, by name, at most a quarter of a second old.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be read.
    pub async fn ip_sets(&self) -> Result<Vec<Arc<NamedSet>>, DirectoryError> {
        Ok(self.registry().await?.ip_sets().to_vec())
    }

    /// One set as it is now.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn ip_set(&self, name: &str) -> Result<Arc<NamedSet>, DirectoryError> {
        not_found(self.renewed_registry().await?.ip_set(name).cloned())
    }

    /// The sets that a server should fetch now: every day, a little earlier each so that not
    /// everybody asks at the same time, and every hour while that fails.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be read.
    pub async fn due_ip_sets(&self) -> Result<Vec<Arc<NamedSet>>, DirectoryError> {
        let now = self.now();
        let mut sets = self.ip_sets().await?;
        sets.retain(|set| set.is_due(now));
        Ok(sets)
    }

    /// Takes it upon this node to refresh a set that is due; `false` if another node has. Who does
    /// and then dies leaves it to the others after an hour.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be written.
    pub async fn claim_ip_set(&self, set: &NamedSet) -> Result<bool, DirectoryError> {
        let change = AdminChange::IpSet(IpSetChange::Claim {
            name: set.name.clone(),
            tried: set.tried,
            now: self.now(),
        });
        match self.administer(change).await {
            Ok(_) => Ok(true),
            Err(DirectoryError::VersionMismatch) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Whether a set has not been refreshed for so long that somebody must look.
    pub fn is_overdue(&self, set: &NamedSet) -> bool {
        set.is_overdue(self.now())
    }

    /// The tenants and applications whose `allowed_addresses` name a set.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be read.
    pub async fn ip_set_users(&self, name: &IpSetName) -> Result<Vec<User>, DirectoryError> {
        let registry = self.registry().await?;
        let tenants = registry.tenants().iter().filter_map(|tenant| {
            let mut used = tenant.settings.allowed_addresses.sets();
            used.any(|used| used == name)
                .then(|| User::Tenant(tenant.slug.clone()))
        });
        let applications = registry.applications().filter_map(|record| {
            let application = &record.application;
            let mut used = application.allowed_addresses.sets();
            used.any(|used| used == name)
                .then(|| User::Application(application.name.clone()))
        });
        Ok(tenants.chain(applications).collect())
    }

    /// Puts a proposal in force: on this node at once, on the others within a second.
    ///
    /// # Errors
    /// `Invalid` for a source that cannot be one; `VersionMismatch` if the set has changed since
    /// the proposal was made.
    pub async fn adopt_ip_set(&self, proposal: Proposal) -> Result<Arc<NamedSet>, DirectoryError> {
        proposal.source.check()?;
        let now = self.now();
        let name = proposal.name.clone();
        let is_same = proposal.added().is_empty() && proposal.removed().is_empty();
        let before = self.renewed_registry().await?;
        let before = before.ip_set(name.as_str()).filter(|_| is_same);
        let set = NamedSet {
            name: proposal.name,
            source: proposal.source,
            accepted: proposal.update.accepted,
            changed: before.map_or(now, |set| set.changed),
            fetched: now,
            tried: now,
            failures: 0,
            failure: None,
            serial: 0,
        };
        let change = AdminChange::IpSet(IpSetChange::Keep {
            set: Box::new(set),
            replaces: proposal.replaces,
        });
        let registry = self.administer(change).await?;
        not_found(registry.ip_set(name.as_str()).cloned())
    }

    /// Notes in one sentence why the document of a set could not be used. What is in force stays.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn note_ip_set_failure(
        &self,
        name: &IpSetName,
        failure: &str,
    ) -> Result<Arc<NamedSet>, DirectoryError> {
        let change = AdminChange::IpSet(IpSetChange::NoteFailure {
            name: name.clone(),
            at: self.now(),
            failure: ip_set::sentence(failure),
        });
        let registry = self.administer(change).await?;
        not_found(registry.ip_set(name.as_str()).cloned())
    }

    /// Lets a server fetch a set every day, or not.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for a set that has no URL.
    pub async fn refresh_ip_set(
        &self,
        name: &str,
        refresh: bool,
    ) -> Result<Arc<NamedSet>, DirectoryError> {
        let set = self.ip_set(name).await?;
        let mut source = set.source.clone();
        source.refresh = refresh;
        source.check()?;
        let change = AdminChange::IpSet(IpSetChange::Refresh {
            name: set.name.clone(),
            refresh,
        });
        let registry = self.administer(change).await?;
        not_found(registry.ip_set(name).cloned())
    }

    /// Removes a set that nobody uses.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming who uses it.
    pub async fn remove_ip_set(&self, name: &str) -> Result<(), DirectoryError> {
        let set = self.ip_set(name).await?;
        self.administer(AdminChange::IpSet(IpSetChange::Remove(set.name.clone())))
            .await?;
        Ok(())
    }
}
