//! The use cases.

use std::{path::PathBuf, sync::Arc};

use provost_scim::{list::ListRequest, patch::PatchRequest, validate::Input};

use crate::{
    DirectoryError, OpenError,
    application::Application,
    change::{Actor, Change, Position},
    clock::Clock,
    group::Group,
    id::{GroupId, TokenId, UserId},
    tenant::{Tenant, TenantSettings},
    token::{Caller, NewToken, Secret, Token},
    user::User,
    view::View,
};

/// How a directory is opened.
pub struct OpenOptions {
    /// The data directory; made (0700) if absent.
    pub data_dir: PathBuf,
    /// Whether this process is *the server*: takes the lock file, so that a second server is refused. Administration
    /// commands open without it and work beside a running server.
    pub serve: bool,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

/// The directory. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Directory {
    _inner: Arc<()>,
}

/// The outcome of a POST.
pub enum Created<T> {
    /// A new object.
    New(T),
    /// The same request again (rule 8): the object it made.
    Replayed(T),
}

impl<T> Created<T> {
    /// The object.
    pub fn into_inner(self) -> T {
        match self {
            Self::New(t) | Self::Replayed(t) => t,
        }
    }
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// How many match in all.
    pub total: u64,
    /// This page.
    pub items: Vec<T>,
}

/// The outcome of a change.
pub struct Written<T> {
    /// The object as it is now.
    pub object: T,
    /// Member ids that exist nowhere in the tenant and were skipped (rule 9).
    pub skipped_members: Vec<String>,
}

impl Directory {
    /// Opens (and migrates) the store in the data directory.
    pub async fn open(_options: OpenOptions) -> Result<Self, OpenError> {
        todo!()
    }
    /// Stops the writer after what is queued, checkpoints, releases the lock.
    pub async fn close(&self) {
        todo!()
    }
    /// Whether the store can serve reads and writes now.
    pub async fn is_ready(&self) -> bool {
        todo!()
    }

    // SCIM: users. `body_hash` is the SHA-256 of the request body, for rule 8. `expected` is the version list of `If-Match`.
    /// Creates a user.
    pub async fn create_user(
        &self,
        _caller: &Caller,
        _actor: &Actor,
        _input: Input,
        _body_hash: [u8; 32],
    ) -> Result<Created<User>, DirectoryError> {
        todo!()
    }
    /// One user; `with_groups` loads its groups.
    pub async fn user(
        &self,
        _caller: &Caller,
        _id: UserId,
        _with_groups: bool,
    ) -> Result<User, DirectoryError> {
        todo!()
    }
    /// A page of users. `max` caps the page. Groups are loaded if the projection wants them.
    pub async fn users(
        &self,
        _caller: &Caller,
        _request: &ListRequest,
        _max: u64,
    ) -> Result<Page<User>, DirectoryError> {
        todo!()
    }
    /// Replaces a user.
    pub async fn replace_user(
        &self,
        _caller: &Caller,
        _actor: &Actor,
        _id: UserId,
        _expected: Option<Vec<u64>>,
        _input: Input,
    ) -> Result<User, DirectoryError> {
        todo!()
    }
    /// Patches a user.
    pub async fn patch_user(
        &self,
        _caller: &Caller,
        _actor: &Actor,
        _id: UserId,
        _expected: Option<Vec<u64>>,
        _patch: PatchRequest,
    ) -> Result<User, DirectoryError> {
        todo!()
    }
    /// Deletes a user.
    pub async fn delete_user(
        &self,
        _caller: &Caller,
        _actor: &Actor,
        _id: UserId,
        _expected: Option<Vec<u64>>,
    ) -> Result<(), DirectoryError> {
        todo!()
    }

    // SCIM: groups.
    /// Creates a group.
    pub async fn create_group(
        &self,
        _caller: &Caller,
        _actor: &Actor,
        _input: Input,
        _body_hash: [u8; 32],
    ) -> Result<Created<Written<Group>>, DirectoryError> {
        todo!()
    }
    /// One group; `with_members` loads its members.
    pub async fn group(
        &self,
        _caller: &Caller,
        _id: GroupId,
        _with_members: bool,
    ) -> Result<Group, DirectoryError> {
        todo!()
    }
    /// A page of groups. Members are loaded if the projection wants them.
    pub async fn groups(
        &self,
        _caller: &Caller,
        _request: &ListRequest,
        _max: u64,
    ) -> Result<Page<Group>, DirectoryError> {
        todo!()
    }
    /// Replaces a group. `with_members` loads the members of the result.
    pub async fn replace_group(
        &self,
        _caller: &Caller,
        _actor: &Actor,
        _id: GroupId,
        _expected: Option<Vec<u64>>,
        _input: Input,
        _with_members: bool,
    ) -> Result<Written<Group>, DirectoryError> {
        todo!()
    }
    /// Patches a group. `with_members` loads the members of the result.
    pub async fn patch_group(
        &self,
        _caller: &Caller,
        _actor: &Actor,
        _id: GroupId,
        _expected: Option<Vec<u64>>,
        _patch: PatchRequest,
        _with_members: bool,
    ) -> Result<Written<Group>, DirectoryError> {
        todo!()
    }
    /// Deletes a group.
    pub async fn delete_group(
        &self,
        _caller: &Caller,
        _actor: &Actor,
        _id: GroupId,
        _expected: Option<Vec<u64>>,
    ) -> Result<(), DirectoryError> {
        todo!()
    }

    // Access.
    /// Who presents this bearer token on this tenant's URL; `None` for any wrong or expired one, and for an unknown tenant.
    pub async fn authenticate(
        &self,
        _slug: &str,
        _presented: &str,
    ) -> Result<Option<Caller>, DirectoryError> {
        todo!()
    }
    /// The application with that name and password; `None` otherwise.
    pub async fn authenticate_application(
        &self,
        _name: &str,
        _password: &str,
    ) -> Result<Option<Arc<Application>>, DirectoryError> {
        todo!()
    }

    /// A caller for administration commands: reads and writes in that tenant as `admin`. `NotFound` if there is no such tenant.
    pub async fn administrator(&self, _slug: &str) -> Result<Caller, DirectoryError> { todo!() }

    // Administration.
    /// Creates a tenant.
    pub async fn create_tenant(
        &self,
        _slug: &str,
        _idp: Option<&str>,
    ) -> Result<Arc<Tenant>, DirectoryError> {
        todo!()
    }
    /// All tenants, by slug.
    pub async fn tenants(&self) -> Result<Vec<Arc<Tenant>>, DirectoryError> {
        todo!()
    }
    /// One tenant.
    pub async fn tenant(&self, _slug: &str) -> Result<Arc<Tenant>, DirectoryError> {
        todo!()
    }
    /// Changes settings: `(key, value)` pairs as typed by the administrator; all or none.
    pub async fn set_tenant(
        &self,
        _slug: &str,
        _settings: &[(String, String)],
    ) -> Result<Arc<Tenant>, DirectoryError> {
        todo!()
    }
    /// The settings as `(key, value)` pairs for display, in the form `set_tenant` takes.
    pub fn tenant_settings(_settings: &TenantSettings) -> Vec<(&'static str, String)> {
        todo!()
    }
    /// Deletes a tenant with its tokens, users and groups.
    pub async fn delete_tenant(&self, _slug: &str) -> Result<(), DirectoryError> {
        todo!()
    }
    /// Makes a token; the secret is shown once.
    pub async fn create_token(
        &self,
        _slug: &str,
        _new: NewToken,
    ) -> Result<(Token, Secret), DirectoryError> {
        todo!()
    }
    /// The tokens of a tenant.
    pub async fn tokens(&self, _slug: &str) -> Result<Vec<Token>, DirectoryError> {
        todo!()
    }
    /// Revokes a token by its public id.
    pub async fn revoke_token(&self, _id: &str) -> Result<TokenId, DirectoryError> {
        todo!()
    }
    /// Creates an application that sees these tenants; the password is shown once.
    pub async fn create_application(
        &self,
        _name: &str,
        _tenants: &[String],
    ) -> Result<(Arc<Application>, Secret), DirectoryError> {
        todo!()
    }
    /// All applications.
    pub async fn applications(&self) -> Result<Vec<Arc<Application>>, DirectoryError> {
        todo!()
    }
    /// One application.
    pub async fn application(&self, _name: &str) -> Result<Arc<Application>, DirectoryError> {
        todo!()
    }
    /// Changes settings (`tenants=a,b`, `allowed_addresses=10.0.0.0/8,…`); all or none.
    pub async fn set_application(
        &self,
        _name: &str,
        _settings: &[(String, String)],
    ) -> Result<Arc<Application>, DirectoryError> {
        todo!()
    }
    /// Makes a new password; the old one ends at once.
    pub async fn rotate_application(&self, _name: &str) -> Result<Secret, DirectoryError> {
        todo!()
    }
    /// Deletes an application.
    pub async fn delete_application(&self, _name: &str) -> Result<(), DirectoryError> {
        todo!()
    }

    // Reading.
    /// The directory as this application sees it.
    pub fn view(&self, _application: &Arc<Application>) -> View {
        todo!()
    }
    /// Counts for `tenant show`: users, groups, memberships.
    pub async fn counts(&self, _slug: &str) -> Result<(u64, u64, u64), DirectoryError> {
        todo!()
    }
    /// The end of the log.
    pub async fn head(&self) -> Result<Position, DirectoryError> {
        todo!()
    }
    /// Changes after `position`, in order, at most `limit`.
    pub async fn changes_after(
        &self,
        _position: Position,
        _limit: usize,
    ) -> Result<Vec<Change>, DirectoryError> {
        todo!()
    }
    /// Resolves when the log has grown past `position` (by this process or another one).
    pub async fn wait_past(&self, _position: Position) -> Result<(), DirectoryError> {
        todo!()
    }
    /// Reads the whole log and checks numbers, chain and head; the text says what is wrong.
    pub async fn verify_log(&self) -> Result<Position, DirectoryError> {
        todo!()
    }
}
