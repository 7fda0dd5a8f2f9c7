//! Tenants, tokens and applications.

use std::sync::Arc;

use provost_scim::Timestamp;

use super::Directory;
use crate::{
    DirectoryError,
    application::Application,
    change::Actor,
    id::{TenantId, TokenId},
    registry::{ApplicationRecord, Registry},
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

fn not_found<T>(found: Option<T>) -> Result<T, DirectoryError> {
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

    /// Creates an application that sees these tenants; the password is shown once.
    ///
    /// # Errors
    /// `Invalid` for a name that cannot be one, no tenant, or an unknown tenant; `Conflict` when
    /// the name is taken.
    pub async fn create_application(
        &self,
        name: &str,
        tenants: &[String],
    ) -> Result<(Arc<Application>, Secret), DirectoryError> {
        settings::application_name(name)?;
        let secret = secret::make(secret::PASSWORD_PREFIX, self.entropy())?;
        let change = AdminChange::CreateApplication {
            name: name.to_owned(),
            tenants: tenants_named(&*self.registry().await?, tenants)?,
            digest: SecretDigest::of(secret.reveal()),
            now: self.now(),
        };
        let registry = self.administer(change).await?;
        Ok((Arc::clone(&find(&registry, name)?.application), secret))
    }

    /// All applications, by name.
    pub async fn applications(&self) -> Result<Vec<Arc<Application>>, DirectoryError> {
        let registry = self.registry().await?;
        let applications = registry.applications();
        Ok(applications
            .map(|record| Arc::clone(&record.application))
            .collect())
    }

    /// One application.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn application(&self, name: &str) -> Result<Arc<Application>, DirectoryError> {
        let registry = self.registry().await?;
        Ok(Arc::clone(&find(&registry, name)?.application))
    }

    /// Changes settings (`tenants=a,b`, `allowed_addresses=10.0.0.0/8,…`); all or none. Changing
    /// the tenants ends the application's event tokens.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming what would be accepted.
    pub async fn set_application(
        &self,
        name: &str,
        pairs: &[(String, String)],
    ) -> Result<Arc<Application>, DirectoryError> {
        let registry = self.renewed_registry().await?;
        let application = Arc::clone(&find(&registry, name)?.application);
        let mut tenants = application.tenants.clone();
        let mut allowed = application.allowed_addresses.clone();
        for (key, value) in pairs {
            match key.as_str() {
                "tenants" => tenants = tenants_named(&registry, &settings::list(value))?,
                "allowed_addresses" => {
                    allowed = settings::list(value);
                    settings::networks(&allowed)?;
                }
                _ => {
                    return Err(DirectoryError::Invalid(format!(
                        "there is no application setting {key}; there are tenants, allowed_addresses"
                    )));
                }
            }
        }
        let change = AdminChange::SetApplication {
            application: application.id,
            tenants,
            allowed,
        };
        let registry = self.administer(change).await?;
        Ok(Arc::clone(&find(&registry, name)?.application))
    }

    /// Makes a new password; the old one ends at once.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn rotate_application(&self, name: &str) -> Result<Secret, DirectoryError> {
        let application = self.application(name).await?;
        let secret = secret::make(secret::PASSWORD_PREFIX, self.entropy())?;
        let change = AdminChange::RotateApplication {
            application: application.id,
            digest: SecretDigest::of(secret.reveal()),
        };
        self.administer(change).await?;
        Ok(secret)
    }

    /// Deletes an application.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_application(&self, name: &str) -> Result<(), DirectoryError> {
        let application = self.application(name).await?;
        let change = AdminChange::DeleteApplication(application.id);
        self.administer(change).await?;
        Ok(())
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

fn find<'a>(registry: &'a Registry, name: &str) -> Result<&'a ApplicationRecord, DirectoryError> {
    not_found(registry.application(name))
}

fn tenants_named(registry: &Registry, slugs: &[String]) -> Result<Vec<TenantId>, DirectoryError> {
    let mut tenants = Vec::new();
    for slug in slugs {
        let Some(tenant) = registry.tenant(slug) else {
            return Err(DirectoryError::Invalid(format!(
                "there is no tenant \"{}\"; create it first or choose another one",
                slug.escape_debug()
            )));
        };
        if !tenants.contains(&tenant.id) {
            tenants.push(tenant.id);
        }
    }
    if tenants.is_empty() {
        return Err(DirectoryError::Invalid(
            "an application sees at least one tenant; name one".to_owned(),
        ));
    }
    Ok(tenants)
}
