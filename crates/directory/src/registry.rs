//! Tenants, tokens and applications as one snapshot in memory.
//!
//! They change seldom and are needed by every request. A generation number in the store tells
//! when the snapshot is old, also when another process wrote.

use std::{collections::HashMap, sync::Arc};

use provost_scim::Timestamp;

use crate::{
    application::Application,
    credential::{Form, HeaderName},
    cursor::CursorKey,
    id::{ApplicationId, TenantId, TokenId},
    ip_set::NamedSet,
    secret::SecretDigest,
    store::Seen,
    tenant::Tenant,
    token::Token,
};

/// A token with what is needed to check it.
#[derive(Clone, Debug)]
pub(crate) struct TokenRecord {
    pub(crate) tenant: TenantId,
    pub(crate) token: Token,
    pub(crate) digest: SecretDigest,
}

/// An application with what is needed to check it and its event tokens.
#[derive(Clone, Debug)]
pub(crate) struct ApplicationRecord {
    pub(crate) application: Arc<Application>,
    pub(crate) digest: SecretDigest,
    /// Of the password before, valid until the instant that the application names.
    pub(crate) old_digest: Option<SecretDigest>,
    /// What it sees.
    pub(crate) seen: Seen,
}

/// What one generation holds.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    pub(crate) generation: u64,
    /// Latest instant at which a token was seen expired.
    pub(crate) high_water: Option<Timestamp>,
    /// With what cursors are authenticated, once there is one.
    pub(crate) cursor_key: Option<CursorKey>,
    tenants: Vec<Arc<Tenant>>,
    tokens: HashMap<[u8; 32], TokenRecord>,
    applications: Vec<ApplicationRecord>,
    ip_sets: Vec<Arc<NamedSet>>,
}

impl Registry {
    /// A snapshot; the lists are sorted here, and names of sets get their meaning.
    pub(crate) fn new(
        generation: u64,
        high_water: Timestamp,
        mut tenants: Vec<Arc<Tenant>>,
        tokens: Vec<TokenRecord>,
        mut applications: Vec<ApplicationRecord>,
        ip_sets: Vec<Arc<NamedSet>>,
    ) -> Self {
        for tenant in &mut tenants {
            let settings = &mut Arc::make_mut(tenant).settings;
            settings.allowed_addresses.resolve(&ip_sets);
        }
        for record in &mut applications {
            let application = Arc::make_mut(&mut record.application);
            application.allowed_addresses.resolve(&ip_sets);
        }
        tenants.sort_by(|a, b| a.slug.cmp(&b.slug));
        applications.sort_by(|a, b| a.application.name.cmp(&b.application.name));
        Self {
            generation,
            high_water: Some(high_water),
            cursor_key: None,
            tenants,
            tokens: tokens
                .into_iter()
                .map(|record| (record.digest.0, record))
                .collect(),
            applications,
            ip_sets,
        }
    }

    /// All named sets of addresses, by name.
    pub(crate) fn ip_sets(&self) -> &[Arc<NamedSet>] {
        &self.ip_sets
    }

    /// The set of that name.
    pub(crate) fn ip_set(&self, name: &str) -> Option<&Arc<NamedSet>> {
        self.ip_sets.iter().find(|set| set.name.as_str() == name)
    }

    /// All tenants, by slug.
    pub(crate) fn tenants(&self) -> &[Arc<Tenant>] {
        &self.tenants
    }

    /// The tenant with that slug.
    pub(crate) fn tenant(&self, slug: &str) -> Option<&Arc<Tenant>> {
        self.tenants.iter().find(|tenant| tenant.slug == slug)
    }

    /// The tenant with that number.
    pub(crate) fn tenant_by_id(&self, id: TenantId) -> Option<&Arc<Tenant>> {
        self.tenants.iter().find(|tenant| tenant.id == id)
    }

    /// The token with that digest.
    pub(crate) fn token(&self, digest: &SecretDigest) -> Option<&TokenRecord> {
        self.tokens
            .get(&digest.0)
            .filter(|record| record.digest.same(digest))
    }

    /// The token with that public id.
    pub(crate) fn token_by_id(&self, id: &str) -> Option<&TokenId> {
        self.tokens
            .values()
            .map(|record| &record.token.id)
            .find(|known| known.0 == id)
    }

    /// The tokens of a tenant, oldest first.
    pub(crate) fn tokens_of(&self, tenant: TenantId) -> Vec<Token> {
        let own = self.tokens.values().filter(|t| t.tenant == tenant);
        let mut tokens: Vec<_> = own.map(|record| record.token.clone()).collect();
        tokens.sort_by(|a, b| (a.created, &a.id.0).cmp(&(b.created, &b.id.0)));
        tokens
    }

    /// The headers that tokens of a tenant are presented in.
    pub(crate) fn credential_headers(&self, tenant: TenantId) -> Vec<HeaderName> {
        let mut names = Vec::new();
        for record in self.tokens.values().filter(|t| t.tenant == tenant) {
            if let Form::Header(name) = &record.token.form
                && !names.contains(name)
            {
                names.push(name.clone());
            }
        }
        names
    }

    /// All applications, by name.
    pub(crate) fn applications(&self) -> impl Iterator<Item = &ApplicationRecord> {
        self.applications.iter()
    }

    /// The application with that name.
    pub(crate) fn application(&self, name: &str) -> Option<&ApplicationRecord> {
        self.applications
            .iter()
            .find(|record| record.application.name == name)
    }

    /// The application with that number.
    pub(crate) fn application_by_id(&self, id: ApplicationId) -> Option<&ApplicationRecord> {
        self.applications
            .iter()
            .find(|record| record.application.id == id)
    }
}
