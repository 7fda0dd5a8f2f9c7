//! Passwords of users: kept with what an identity provider writes, and checked when somebody
//! signs in to an application (design section 6 rule 11).

use provost_scim::{patch::PatchRequest, validate::Password};

use super::Directory;
use crate::{
    DirectoryError,
    application::Application,
    id::UserId,
    password::{ClearText, PasswordHash, Verdict},
    person::Person,
    store::{Kind, Load},
    token::Caller,
    view::PersonKey,
};

/// How a sign-in with a password ends.
#[derive(Clone, Debug, PartialEq)]
pub enum SignIn {
    /// The password is right.
    Accepted(Person),
    /// The view has no such user.
    UnknownUser,
    /// The user may not sign in anywhere.
    Inactive(Person),
    /// The user has no password here, or its tenant accepts none.
    NoPassword(Person),
    /// The password is wrong.
    WrongPassword(Person),
    /// After too many wrong passwords the user has to wait; the password was not looked at.
    Delayed {
        /** The user. */
        person: Person,
        /** How long. */
        seconds: u64,
    },
    /// Too many sign-ins at once, or too many wrong passwords through this application; the
    /// password was not looked at.
    Busy,
}

impl Directory {
    /// Checks the password of the user that the application knows by this name.
    ///
    /// Where any tenant of the application accepts passwords, every outcome but `Delayed` and
    /// `Busy` costs the same, so that time tells nothing about a user.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot tell; that must never look like a wrong password.
    pub async fn sign_in(
        &self,
        application: &std::sync::Arc<Application>,
        name: &str,
        password: &str,
    ) -> Result<SignIn, DirectoryError> {
        let person = self.view(application).person(PersonKey::Name(name)).await?;
        if !self.accepts_passwords(application).await? {
            return Ok(without_password(person));
        }
        let refused = person.as_ref().and_then(|p| self.refused(application, p));
        if let Some(refused) = refused {
            return Ok(refused);
        }
        let stored = match &person {
            Some(person) => self.usable_password(person.key).await?,
            None => None,
        };
        let typed = ClearText::new(password);
        let checked = stored.clone().unwrap_or_else(PasswordHash::decoy);
        let Some(is_right) = self.passwords().check(&typed, checked).await? else {
            return Ok(SignIn::Busy);
        };
        let ended = outcome(person, stored.is_some(), is_right);
        self.note(application, &ended);
        Ok(ended)
    }

    async fn accepts_passwords(&self, application: &Application) -> Result<bool, DirectoryError> {
        let registry = self.registry().await?;
        let accepts = |id| {
            registry
                .tenant_by_id(id)
                .is_some_and(|tenant| tenant.settings.accept_passwords)
        };
        Ok(application.tenants.iter().any(|id| accepts(*id)))
    }

    /// The answer if the password shall not be looked at.
    fn refused(&self, application: &Application, person: &Person) -> Option<SignIn> {
        match (self.passwords()).may_try(application.id, person.key, self.now()) {
            Verdict::Try => None,
            Verdict::UserWaits(seconds) => Some(SignIn::Delayed {
                person: person.clone(),
                seconds,
            }),
            Verdict::ApplicationWaits => Some(SignIn::Busy),
        }
    }

    fn note(&self, application: &Application, ended: &SignIn) {
        let (person, is_right) = match ended {
            SignIn::Accepted(person) => (person, true),
            SignIn::WrongPassword(person) => (person, false),
            SignIn::UnknownUser
            | SignIn::Inactive(_)
            | SignIn::NoPassword(_)
            | SignIn::Delayed { .. }
            | SignIn::Busy => return,
        };
        (self.passwords()).tried(application.id, person.key, is_right, self.now());
    }

    /// The stored hash of a user, if its tenant accepts passwords.
    async fn usable_password(&self, user: UserId) -> Result<Option<PasswordHash>, DirectoryError> {
        let Some((tenant, stored)) = self.store().password(*user.as_uuid()).await? else {
            return Ok(None);
        };
        let registry = self.registry().await?;
        let tenant = registry.tenant_by_id(tenant);
        let accepted = tenant.is_some_and(|tenant| tenant.settings.accept_passwords);
        Ok(accepted.then_some(stored))
    }

    /// The hash to store with a new user; `None` where no password was sent or none is accepted.
    pub(super) async fn new_password(
        &self,
        caller: &Caller,
        sent: Option<&Password>,
    ) -> Result<Option<PasswordHash>, DirectoryError> {
        let Some(sent) = sent.filter(|_| caller.tenant.settings.accept_passwords) else {
            return Ok(None);
        };
        let typed = ClearText::new(sent.expose());
        let hash = self.passwords().hash(&typed, self.entropy()).await?;
        Ok(Some(hash))
    }

    /// The hash to store with a changed user. `None` also when the password is what it was: a
    /// write that changes nothing writes nothing, and hashes with fresh salts always differ.
    pub(super) async fn changed_password(
        &self,
        caller: &Caller,
        user: UserId,
        sent: Option<&Password>,
    ) -> Result<Option<PasswordHash>, DirectoryError> {
        if self.has_password(caller, user, sent).await? {
            return Ok(None);
        }
        self.new_password(caller, sent).await
    }

    /// A repeated POST finds its user only if it repeats the password too.
    ///
    /// # Errors
    /// `Conflict` if it does not.
    pub(super) async fn require_same_password(
        &self,
        caller: &Caller,
        user: UserId,
        sent: &Password,
    ) -> Result<(), DirectoryError> {
        let accepts = caller.tenant.settings.accept_passwords;
        if !accepts || self.has_password(caller, user, Some(sent)).await? {
            return Ok(());
        }
        Err(DirectoryError::Conflict {
            attribute: "userName",
            existing: Some(user.to_string()),
        })
    }

    /// Whether the password that was sent is the one the user has.
    async fn has_password(
        &self,
        caller: &Caller,
        user: UserId,
        sent: Option<&Password>,
    ) -> Result<bool, DirectoryError> {
        let Some(sent) = sent.filter(|_| caller.tenant.settings.accept_passwords) else {
            return Ok(false);
        };
        match self.store().password(*user.as_uuid()).await? {
            Some((tenant, stored)) if tenant == caller.tenant.id => {
                let typed = ClearText::new(sent.expose());
                self.passwords().is_same(&typed, stored).await
            }
            Some(_) | None => Ok(false),
        }
    }

    /// The password that a PATCH of this user sets. What the PATCH does to everything else is
    /// decided later, inside the transaction.
    pub(super) async fn patched_password(
        &self,
        caller: &Caller,
        user: UserId,
        patch: &PatchRequest,
    ) -> Result<Option<PasswordHash>, DirectoryError> {
        if !caller.tenant.settings.accept_passwords {
            return Ok(None);
        }
        let (tenant, id) = (caller.tenant.id, *user.as_uuid());
        let stored = self.store().read(tenant, Kind::User, id, Load::default());
        let (kind, profile) = (caller.tenant.types.user, caller.tenant.settings.profile);
        let patched = patch.apply(kind, &profile, &stored.await?.resource)?;
        self.changed_password(caller, user, patched.password.as_ref())
            .await
    }
}

fn without_password(person: Option<Person>) -> SignIn {
    outcome(person, false, false)
}

fn outcome(person: Option<Person>, has_password: bool, is_right: bool) -> SignIn {
    match person {
        None => SignIn::UnknownUser,
        Some(person) if !person.active => SignIn::Inactive(person),
        Some(person) if !has_password => SignIn::NoPassword(person),
        Some(person) if !is_right => SignIn::WrongPassword(person),
        Some(person) => SignIn::Accepted(person),
    }
}
