//! Tenants and tokens.

use std::sync::Arc;

use provost_scim::Timestamp;

use super::Directory;
use crate::{
    DirectoryError,
    change::Actor,
    id::TokenId,
    registry::Registry,
    secret::{self, SecretDigest},
    settings,
    store::{AdminChange, Scope},
    tenant::{Tenant, TenantSettings},
    token::{NewToken, Secret, Token},
};

/// Microseconds of a day.
const DAY: i64 = 86_400 * 1_000_000;
/// Longest label of a token, in characters.
const LABEL: usize = 200;

pub(super) fn not_found<T>(found: Option<T>) -> Result<T, DirectoryError> {
    found.ok_or(DirectoryError::NotFound)
}

impl Directory {
    /// Carries out a change; this process sees it at once.
    pub(super) async fn administer(
        &self,
        change: AdminChange,
    ) -> Result<Arc<Registry>, DirectoryError> {
        self.store().administer(change).await?;
        self.renewed_registry().await
    }

    /// Creates a tenant.
    ///
    /// # Errors
    /// `Invalid` for a slug that cannot be one, `Conflict` when it is taken.
    pub async fn create_tenant(
        &self,
        slug: &str,
        idp: Option<&str>,
    ) -> Result<Arc<Tenant>, DirectoryError> {
        settings::slug(slug)?;
        let change = AdminChange::CreateTenant {
            slug: slug.to_owned(),
            idp: idp.map(str::to_owned),
            settings: settings::to_stored(&settings::for_idp(idp)?),
            now: self.now(),
        };
        let registry = self.administer(change).await?;
        not_found(registry.tenant(slug).cloned())
    }

    /// All tenants, by slug.
    pub async fn tenants(&self) -> Result<Vec<Arc<Tenant>>, DirectoryError> {
        Ok(self.registry().await?.tenants().to_vec())
    }

    /// One tenant.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn tenant(&self, slug: &str) -> Result<Arc<Tenant>, DirectoryError> {
        not_found(self.registry().await?.tenant(slug).cloned())
    }

    /// Changes settings: `(key, value)` pairs as typed by the administrator; all or none.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming what would be accepted.
    pub async fn set_tenant(
        &self,
        slug: &str,
        pairs: &[(String, String)],
    ) -> Result<Arc<Tenant>, DirectoryError> {
        let tenant = self.tenant(slug).await?;
        let mut changed = tenant.settings.clone();
        for (key, value) in pairs {
            settings::set(&mut changed, key, value)?;
        }
        let change = AdminChange::SetTenant {
            tenant: tenant.id,
            settings: settings::to_stored(&changed),
            keeps_passwords: changed.accept_passwords,
        };
        let registry = self.administer(change).await?;
        not_found(registry.tenant(slug).cloned())
    }

    /// The settings as `(key, value)` pairs for display, in the form `set_tenant` takes.
    pub fn tenant_settings(settings: &TenantSettings) -> Vec<(&'static str, String)> {
        settings::print(settings)
    }

    /// Deletes a tenant with its tokens, users and groups. Applications that saw it synchronise
    /// fully.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_tenant(&self, slug: &str) -> Result<(), DirectoryError> {
        let scope = Scope {
            tenant: self.tenant(slug).await?,
            actor: Actor {
                name: "admin".to_owned(),
                request: String::new(),
            },
            now: self.now(),
        };
        self.administer(AdminChange::DeleteTenant(scope)).await?;
        Ok(())
    }

    /// Makes a token; the secret is shown once.
    ///
    /// # Errors
    /// `NotFound` if there is no such tenant; `Invalid` for a label or lifetime that cannot be.
    pub async fn create_token(
        &self,
        slug: &str,
        new: NewToken,
    ) -> Result<(Token, Secret), DirectoryError> {
        let tenant = self.tenant(slug).await?;
        let now = self.now();
        let secret = secret::make(secret::TOKEN_PREFIX, self.entropy())?;
        if new.label.chars().count() > LABEL || new.label.chars().any(char::is_control) {
            return Err(DirectoryError::Invalid(format!(
                "the label of a token has at most {LABEL} characters and no control characters"
            )));
        }
        let token = Token {
            id: TokenId(secret::make_public_id("tok_", self.entropy())?),
            label: new.label,
            access: new.access,
            form: new.form,
            created: now,
            expires: new.expires_days.map(|days| expiry(now, days)).transpose()?,
        };
        let change = AdminChange::CreateToken {
            tenant: tenant.id,
            token: token.clone(),
            digest: SecretDigest::of(secret.reveal()),
        };
        self.administer(change).await?;
        Ok((token, secret))
    }

    /// The tokens of a tenant, oldest first.
    ///
    /// # Errors
    /// `NotFound` if there is no such tenant.
    pub async fn tokens(&self, slug: &str) -> Result<Vec<Token>, DirectoryError> {
        let registry = self.registry().await?;
        let tenant = not_found(registry.tenant(slug))?;
        Ok(registry.tokens_of(tenant.id))
    }

    /// Revokes a token by its public id. It ends within a second in every process.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn revoke_token(&self, id: &str) -> Result<TokenId, DirectoryError> {
        let registry = self.renewed_registry().await?;
        let token = not_found(registry.token_by_id(id).cloned())?;
        self.administer(AdminChange::RevokeToken(id.to_owned()))
            .await?;
        Ok(token)
    }
}

fn expiry(now: Timestamp, days: u32) -> Result<Timestamp, DirectoryError> {
    if !(1..=36_500).contains(&days) {
        return Err(DirectoryError::Invalid(
            "a token lives for 1 to 36500 days, or without end when no lifetime is given"
                .to_owned(),
        ));
    }
    Ok(Timestamp::from_micros(
        now.as_micros() + i64::from(days) * DAY,
    ))
}
