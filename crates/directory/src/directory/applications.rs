//! Applications: access, settings of views, and reports about them.

use std::sync::Arc;

use provost_scim::Timestamp;

use super::{Directory, admin::not_found};
use crate::{
    DirectoryError,
    allowlist::Allowlist,
    application::Application,
    id::{ApplicationId, GroupId, TenantId},
    registry::{ApplicationRecord, Registry},
    secret::{self, SecretDigest},
    settings,
    store::{AdminChange, Viewer},
    token::Secret,
    view_report::{Preview, Standing, Survey},
    view_settings::ViewSettings,
};

/// Microseconds of an hour.
const HOUR: i64 = 3_600 * 1_000_000;

impl Directory {
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

    /// Changes settings (`tenants=a,b`, `allowed_addresses=10.0.0.0/8,…` and those of
    /// [`ViewSettings`]); all or none. If the application then sees anything else than before, its
    /// event tokens end.
    ///
    /// # Errors
    /// `NotFound`; `Invalid`, naming what would be accepted.
    pub async fn set_application(
        &self,
        name: &str,
        pairs: &[(String, String)],
    ) -> Result<Arc<Application>, DirectoryError> {
        let registry = self.renewed_registry().await?;
        let (application, changed) = changed(&registry, name, pairs)?;
        let change = AdminChange::SetApplication {
            application,
            tenants: changed.tenants,
            allowed: changed.allowed,
            view: changed.view,
        };
        let registry = self.administer(change).await?;
        Ok(Arc::clone(&find(&registry, name)?.application))
    }

    /// What [`Directory::set_application`] would change for the application; changes nothing.
    ///
    /// # Errors
    /// As it.
    pub async fn preview_application(
        &self,
        name: &str,
        pairs: &[(String, String)],
    ) -> Result<Preview, DirectoryError> {
        let registry = self.renewed_registry().await?;
        let (_, changed) = changed(&registry, name, pairs)?;
        let now = Arc::clone(&find(&registry, name)?.seen);
        let then = Arc::new(Viewer {
            tenants: changed.tenants,
            settings: Arc::new(changed.view),
            ..(*now).clone()
        });
        self.store().preview(now, then).await
    }

    /// What the view of an application shows and hides.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn survey(&self, name: &str) -> Result<Survey, DirectoryError> {
        let registry = self.renewed_registry().await?;
        let seen = Arc::clone(&find(&registry, name)?.seen);
        self.store().survey(seen).await
    }

    /// Where an application stands, and what the mass-change brake holds.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn standing(&self, name: &str) -> Result<Standing, DirectoryError> {
        let registry = self.renewed_registry().await?;
        let seen = Arc::clone(&find(&registry, name)?.seen);
        Ok(self.store().standing(seen).await?.0)
    }

    /// Lets the application have the present names of groups; its next synchronisation is a full
    /// one. How many names it gets.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` if it already has the name of one of the groups.
    pub async fn release_group_names(
        &self,
        name: &str,
        groups: &[GroupId],
    ) -> Result<usize, DirectoryError> {
        let kept = self.survey(name).await?.kept_names;
        if let Some(other) = groups
            .iter()
            .find(|id| !kept.iter().any(|k| k.group == **id))
        {
            return Err(DirectoryError::Invalid(format!(
                "the application {name} has the present name of the group {other} already"
            )));
        }
        let change = AdminChange::ReleaseGroupNames {
            application: self.application(name).await?.id,
            groups: groups.iter().map(|id| *id.as_uuid()).collect(),
        };
        self.administer(change).await?;
        Ok(groups.len())
    }

    /// Makes a new password. The old one stays valid for so many hours, 0 to end it at once; one
    /// that was left over from an earlier rotation ends.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for more than 90 days.
    pub async fn rotate_application(
        &self,
        name: &str,
        old_hours: u32,
    ) -> Result<Secret, DirectoryError> {
        if old_hours > 90 * 24 {
            return Err(DirectoryError::Invalid(
                "the old password may stay valid for at most 2160 hours (90 days)".to_owned(),
            ));
        }
        let application = self.application(name).await?;
        let secret = secret::make(secret::PASSWORD_PREFIX, self.entropy())?;
        let until = self.now().as_micros() + i64::from(old_hours) * HOUR;
        let change = AdminChange::RotateApplication {
            application: application.id,
            digest: SecretDigest::of(secret.reveal()),
            old_until: (old_hours > 0).then(|| Timestamp::from_micros(until)),
        };
        self.administer(change).await?;
        Ok(secret)
    }

    /// Ends the old password of a rotation before its time.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` if only one password is valid.
    pub async fn finish_rotation(&self, name: &str) -> Result<(), DirectoryError> {
        let application = self.application(name).await?;
        let until = application.old_password_until;
        if until.is_none_or(|until| until <= self.now()) {
            return Err(DirectoryError::Invalid(format!(
                "the application {name} has one valid password only; there is nothing to finish"
            )));
        }
        self.administer(AdminChange::EndOldPassword(application.id))
            .await?;
        Ok(())
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

/// What settings would make of an application.
struct Changed {
    tenants: Vec<TenantId>,
    allowed: Allowlist,
    view: ViewSettings,
}

fn changed(
    registry: &Registry,
    name: &str,
    pairs: &[(String, String)],
) -> Result<(ApplicationId, Changed), DirectoryError> {
    let application = &find(registry, name)?.application;
    let mut changed = Changed {
        tenants: application.tenants.clone(),
        allowed: application.allowed_addresses.clone(),
        view: (*application.view).clone(),
    };
    for (key, value) in pairs {
        match key.as_str() {
            "tenants" => changed.tenants = tenants_named(registry, &settings::list(value))?,
            "allowed_addresses" => changed.allowed = Allowlist::parse(value)?,
            _ => changed.view.set(key, value)?,
        }
    }
    Ok((application.id, changed))
}

pub(super) fn find<'a>(
    registry: &'a Registry,
    name: &str,
) -> Result<&'a ApplicationRecord, DirectoryError> {
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
