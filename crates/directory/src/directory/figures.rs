//! Numbers for those who watch the directory.

use std::sync::Arc;

use super::Directory;
use crate::{
    DirectoryError,
    figures::{Activity, ApplicationFigures, Figures, IpSetFigures, TenantFigures},
    ip_set::NamedSet,
    registry::ApplicationRecord,
    tenant::Tenant,
};

impl Directory {
    /// What the directory holds and where its applications stand. Reads beside writers; views of
    /// several tenants and the log that an application has not read are walked through, so a
    /// caller leaves pauses.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot tell.
    pub async fn figures(&self) -> Result<Figures, DirectoryError> {
        let registry = self.registry().await?;
        let mut figures = Figures {
            at: self.now(),
            head: self.head().await?,
            tenants: Vec::new(),
            applications: Vec::new(),
            ip_sets: Vec::new(),
            nodes: self.nodes().await?,
        };
        for tenant in registry.tenants() {
            let found = self.figures_of_tenant(tenant).await;
            figures.tenants.extend(if_there(found)?);
        }
        for record in registry.applications() {
            let found = self.figures_of_application(record).await;
            figures.applications.extend(if_there(found)?);
        }
        let sets = registry.ip_sets().iter();
        figures.ip_sets = sets.map(|set| self.figures_of_ip_set(set)).collect();
        Ok(figures)
    }

    fn figures_of_ip_set(&self, set: &NamedSet) -> IpSetFigures {
        IpSetFigures {
            name: set.name.to_string(),
            networks: set.networks() as u64,
            fetched: set.fetched,
            failures: set.failures.into(),
            is_overdue: self.is_overdue(set),
        }
    }

    async fn figures_of_tenant(&self, tenant: &Tenant) -> Result<TenantFigures, DirectoryError> {
        let counts = self.store().counts(tenant.id).await?;
        Ok(TenantFigures {
            slug: tenant.slug.clone(),
            users: counts.users,
            groups: counts.groups,
            memberships: counts.memberships,
        })
    }

    async fn figures_of_application(
        &self,
        record: &ApplicationRecord,
    ) -> Result<ApplicationFigures, DirectoryError> {
        let seen = &record.seen;
        Ok(ApplicationFigures {
            name: record.application.name.clone(),
            standing: self.store().standing(Arc::clone(seen)).await?.0,
            veiled: self.store().veiled(Arc::clone(seen)).await?,
        })
    }

    /// What the process has done since the directory was opened; asks no disk.
    pub fn activity(&self) -> Activity {
        let (hashes_waiting, hashes_refused) = self.passwords().load();
        Activity {
            work: self.store().work(),
            hashes_waiting,
            hashes_refused,
        }
    }
}

/// Tenants and applications may go while the figures are read.
fn if_there<T>(found: Result<T, DirectoryError>) -> Result<Option<T>, DirectoryError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(DirectoryError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
