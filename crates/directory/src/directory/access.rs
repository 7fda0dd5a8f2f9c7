//! Who is calling.

use std::{net::IpAddr, sync::Arc};

use provost_scim::Timestamp;

use super::Directory;
use crate::{
    DirectoryError,
    application::Application,
    credential::{HeaderName, Presented},
    id::TokenId,
    registry::{Registry, TokenRecord},
    secret::{self, SecretDigest},
    store::AdminChange,
    token::{Access, Caller},
};

/// The name that administration commands have in the log.
const ADMIN: &str = "admin";

impl Directory {
    /// Who presents this secret on this tenant's URL; `None` for any wrong or expired one, for one in
    /// another form than it was made for, and for an unknown tenant.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot tell; that must never look like a wrong token.
    pub async fn authenticate(
        &self,
        slug: &str,
        presented: Presented<'_>,
    ) -> Result<Option<Caller>, DirectoryError> {
        if !secret::is_well_formed(secret::TOKEN_PREFIX, presented.secret()) {
            return Ok(None);
        }
        let digest = SecretDigest::of(presented.secret());
        let mut registry = self.registry().await?;
        if registry.token(&digest).is_none() {
            registry = self.registry_to_refuse().await?;
        }
        let Some(record) = registry.token(&digest) else {
            return Ok(None);
        };
        let Some(tenant) = registry.tenant_by_id(record.tenant) else {
            return Ok(None);
        };
        let fits = tenant.slug == slug && presented.fits(&record.token);
        if !fits || self.is_expired(&registry, record).await {
            return Ok(None);
        }
        Ok(Some(Caller {
            tenant: Arc::clone(tenant),
            token: record.token.id.clone(),
            access: record.token.access,
        }))
    }

    /// The headers in which tokens of this tenant are presented, beside `Authorization`; none for an
    /// unknown tenant.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot tell.
    pub async fn credential_headers(&self, slug: &str) -> Result<Vec<HeaderName>, DirectoryError> {
        let registry = self.registry().await?;
        let tenant = registry.tenant(slug);
        Ok(tenant.map_or_else(Vec::new, |tenant| registry.credential_headers(tenant.id)))
    }

    /// Whether the tenant's allowlist admits the address; who is not known is admitted only where
    /// there is none. A tenant that does not exist admits everybody: no token will be found there.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be read.
    pub async fn admits(&self, slug: &str, client: Option<IpAddr>) -> Result<bool, DirectoryError> {
        let registry = self.registry().await?;
        let Some(tenant) = registry.tenant(slug) else {
            return Ok(true);
        };
        Ok(tenant.settings.allowed_addresses.admits(client))
    }

    /// Once seen expired, a token stays so, even when the clock is set back afterwards: the
    /// instant is kept in the store.
    async fn is_expired(&self, registry: &Registry, record: &TokenRecord) -> bool {
        let Some(expires) = record.token.expires else {
            return false;
        };
        if registry.high_water.is_some_and(|mark| expires <= mark) {
            return true;
        }
        let now = self.now();
        if expires > now {
            return false;
        }
        self.note_expiry(now).await;
        true
    }

    async fn note_expiry(&self, now: Timestamp) {
        let raised = self.administer(AdminChange::RaiseHighWater(now)).await;
        if let Err(error) = raised {
            tracing::warn!(%error, "the expiry of a token could not be noted");
        }
    }

    /// The application with that name and password; `None` otherwise.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot tell.
    pub async fn authenticate_application(
        &self,
        name: &str,
        password: &str,
    ) -> Result<Option<Arc<Application>>, DirectoryError> {
        if !secret::is_well_formed(secret::PASSWORD_PREFIX, password) {
            return Ok(None);
        }
        let digest = SecretDigest::of(password);
        let found = self.application_with(&*self.registry().await?, name, &digest);
        match found {
            Some(application) => Ok(Some(application)),
            None => Ok(self.application_with(&*self.registry_to_refuse().await?, name, &digest)),
        }
    }

    fn application_with(
        &self,
        registry: &Registry,
        name: &str,
        digest: &SecretDigest,
    ) -> Option<Arc<Application>> {
        let record = registry.application(name)?;
        let until = record.application.old_password_until;
        let old = record.old_digest.as_ref();
        let old = old.filter(|_| until.is_some_and(|until| self.now() < until));
        let fits = record.digest.same(digest) | old.is_some_and(|old| old.same(digest));
        fits.then(|| Arc::clone(&record.application))
    }

    /// A caller for administration commands: reads and writes in that tenant as `admin`.
    ///
    /// # Errors
    /// `NotFound` if there is no such tenant.
    pub async fn administrator(&self, slug: &str) -> Result<Caller, DirectoryError> {
        Ok(Caller {
            tenant: self.tenant(slug).await?,
            token: TokenId(ADMIN.to_owned()),
            access: Access::ReadWrite,
        })
    }
}
