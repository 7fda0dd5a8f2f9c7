//! The seam between the rules and an engine.
//!
//! Every method is one transaction. A change comes in as a pure function of the present state, so
//! a lost update cannot be written and an engine may run it again after a conflict. What does not
//! depend on the engine (folding, member operations, hash chain, replay, derivation, coalescing)
//! stands outside this module.

mod head_file;
pub(crate) mod query;
pub(crate) mod search;
pub(crate) mod sql;

pub use self::sql::postgres::PostgresUrl;

#[cfg(test)]
mod contract;

use std::{pin::Pin, sync::Arc};

use provost_scim::{
    Resource, Timestamp,
    filter::{BoundFilter, Subject},
    member::{GroupRef, Member, MemberOp},
    schema::ResourceType,
};
use tokio::sync::watch;
use uuid::Uuid;

pub(crate) use provost_scim::member::MemberKind as Kind;

use self::search::{Found, SearchQuery};

use crate::{
    DirectoryError,
    allowlist::Allowlist,
    archive::{Out, Source, Summary},
    brake::{Loss, Lost},
    change::{Actor, Change, Position},
    cursor::CursorKey,
    directory::{Created, Page},
    figures::{Veiled, Work},
    id::{ApplicationId, TenantId},
    ip_set::{IpSetName, NamedSet},
    log::Head,
    node::NodeSeen,
    password::PasswordHash,
    person::Person,
    registry::Registry,
    replay::Origin,
    schemas::CustomSchema,
    secret::SecretDigest,
    session::KeptSession,
    tenant::Tenant,
    token::Token,
    view::{Listing, MembershipItem, ViewEvent, ViewGroup},
    view_report::{Preview, Standing, Survey},
    view_settings::ViewSettings,
};

/// What a store method returns.
pub(crate) type Answer<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, DirectoryError>> + Send + 'a>>;

/// Where, by whom and when something is written.
#[derive(Clone, Debug)]
pub(crate) struct Scope {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) actor: Actor,
    pub(crate) now: Timestamp,
}

/// A resource to create.
#[derive(Clone, Debug)]
pub(crate) struct NewResource {
    pub(crate) kind: Kind,
    pub(crate) id: Uuid,
    pub(crate) resource: Resource,
    pub(crate) members: Vec<String>,
    /// The hash of the password of a user.
    pub(crate) password: Option<PasswordHash>,
    pub(crate) origin: Origin,
}

/// A resource to change or delete.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) kind: Kind,
    pub(crate) id: Uuid,
    /// The versions that the caller accepts.
    pub(crate) expected: Option<Vec<u64>>,
}

/// What to load beside the attributes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Load {
    pub(crate) groups: bool,
    pub(crate) members: bool,
}

/// A resource as stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: Uuid,
    pub(crate) version: u64,
    pub(crate) created: Timestamp,
    pub(crate) last_modified: Timestamp,
    pub(crate) resource: Resource,
    pub(crate) groups: Vec<GroupRef>,
    pub(crate) members: Vec<Member>,
}

impl Stored {
    /// As filters and orders see it; `id` is the id as text.
    pub(crate) fn subject<'a>(&'a self, kind: &'static ResourceType, id: &'a str) -> Subject<'a> {
        Subject {
            kind,
            id,
            resource: &self.resource,
            created: self.created,
            last_modified: self.last_modified,
            version: self.version,
            groups: &self.groups,
            members: &self.members,
        }
    }
}

/// What a write led to.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub(crate) stored: Stored,
    pub(crate) skipped: Vec<String>,
}

/// What shall become of a resource.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) resource: Resource,
    pub(crate) members: Vec<MemberOp>,
    /// The hash of a user's new password; `None` keeps what is there.
    pub(crate) password: Option<PasswordHash>,
}

/// A change as a function of the present attributes.
pub(crate) type Decide = dyn Fn(&Resource) -> Result<Decision, DirectoryError> + Send + Sync;

/// A page to read.
#[derive(Clone, Debug)]
pub(crate) struct ListQuery {
    /// What the tenant's resources of the kind look like.
    pub(crate) of: &'static ResourceType,
    pub(crate) filter: Option<BoundFilter>,
    /// How many matches to skip.
    pub(crate) skip: u64,
    /// Most items to return.
    pub(crate) take: u64,
    pub(crate) load: Load,
}

/// How much a tenant holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) users: u64,
    pub(crate) groups: u64,
    pub(crate) memberships: u64,
}

/// A change of tenants, tokens or applications. Each grows the registry's generation by one.
#[derive(Clone, Debug)]
pub(crate) enum AdminChange {
    CreateTenant {
        slug: String,
        idp: Option<String>,
        settings: String,
        now: Timestamp,
    },
    SetTenant {
        tenant: TenantId,
        settings: String,
        /// Whether the passwords of its users stay.
        keeps_passwords: bool,
    },
    DeleteTenant(Scope),
    CreateToken {
        tenant: TenantId,
        token: Token,
        digest: SecretDigest,
    },
    RevokeToken(String),
    CreateApplication {
        name: String,
        tenants: Vec<TenantId>,
        digest: SecretDigest,
        now: Timestamp,
    },
    SetApplication {
        application: ApplicationId,
        tenants: Vec<TenantId>,
        allowed: Allowlist,
        view: ViewSettings,
    },
    RotateApplication {
        application: ApplicationId,
        digest: SecretDigest,
        /// Until when the present password is valid too.
        old_until: Option<Timestamp>,
    },
    /// The password before the last one ends.
    EndOldPassword(ApplicationId),
    /// The application may have the changes up to a number, whatever the brake says.
    ReleaseView {
        application: ApplicationId,
        number: u64,
    },
    /// The application gets the present names of these groups.
    ReleaseGroupNames {
        application: ApplicationId,
        groups: Vec<Uuid>,
    },
    DeleteApplication(ApplicationId),
    /// A custom schema, in the place of an earlier version if there is one.
    KeepSchema {
        tenant: TenantId,
        schema: CustomSchema,
    },
    RemoveSchema {
        tenant: TenantId,
        urn: String,
    },
    /// A change of named sets of addresses.
    IpSet(IpSetChange),
    /// A token was seen expired at this instant.
    RaiseHighWater(Timestamp),
    /// The key of cursors, unless there is one already.
    KeepCursorKey(CursorKey),
}

/// A change of named sets of addresses.
#[derive(Clone, Debug)]
pub(crate) enum IpSetChange {
    /// A named set of addresses, in the place of the one with that serial, or of none.
    Keep {
        set: Box<NamedSet>,
        replaces: Option<u64>,
    },
    /// The document of a set could not be used.
    NoteFailure {
        name: IpSetName,
        at: Timestamp,
        failure: String,
    },
    /// A node is about to refresh a set that was last tried then; `VersionMismatch` if another one
    /// is.
    Claim {
        name: IpSetName,
        tried: Timestamp,
        now: Timestamp,
    },
    /// Servers fetch a set every day, or not.
    Refresh {
        name: IpSetName,
        refresh: bool,
    },
    Remove(IpSetName),
}

/// Which groups of a view.
#[derive(Clone, Debug)]
pub(crate) enum GroupQuery {
    /// The one of this name.
    Named(String),
    /// Those the user of this name is directly in.
    OfUser(String),
    /// The direct children of this one.
    ChildrenOf(String),
    /// Those this one is directly in.
    ParentsOf(String),
}

/// How a person is looked up, with the name folded.
#[derive(Clone, Debug)]
pub(crate) enum PersonQuery {
    /// By folded name.
    Name(String),
    /// By key.
    Key(Uuid),
}

/// What happened since a number.
#[derive(Debug)]
pub(crate) enum Followed {
    /// Coalesced events up to this head.
    Events(Vec<ViewEvent>, Head),
    /// Nothing, because the brake holds what there is.
    Held(Loss, Head),
    /// The reader must start afresh.
    Expired,
}

/// How an archive is taken in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intake {
    /// Whether what is there may be replaced.
    pub(crate) replace: bool,
    pub(crate) now: Timestamp,
    /// The new epoch is greater than this one, too.
    pub(crate) above_epoch: u64,
}

/// What an application sees.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    pub(crate) application: ApplicationId,
    /// In order: where two have the same name, the first counts.
    pub(crate) tenants: Vec<TenantId>,
    pub(crate) settings: Arc<ViewSettings>,
    /// Number of the log up to which an administrator let changes through the brake.
    pub(crate) released: u64,
    /// Generation of the registry at which the application last came to see something else.
    pub(crate) serial: u64,
}

/// What an application sees.
pub(crate) type Seen = Arc<Viewer>;

/// Whether a listing is part of a full synchronisation, which the brake may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Gate {
    /// `Held` while the brake holds the view.
    Braked,
    /// A search, or what administrators look at.
    Open,
}

/// What was known when a listing began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Begun {
    /// The end of the log in the listing's state.
    pub(crate) head: Position,
    /// Whether the view's tenants ever had a user.
    pub(crate) is_provisioned: bool,
}

/// Reading for applications.
///
/// A view that has changed since it was looked up is `Unavailable`: names that a view keeps or makes
/// stand in the store, and must not be read with the settings of another one.
pub(crate) trait ViewStore: Send + Sync {
    /// One person.
    fn person(&self, seen: Seen, query: PersonQuery) -> Answer<'_, Option<Person>>;
    /// Groups by their relation to something; `NotFound` if that does not exist.
    fn view_groups(&self, seen: Seen, query: GroupQuery) -> Answer<'_, Vec<ViewGroup>>;
    /// Every person, and what was known when the listing began.
    fn list_persons(&self, seen: Seen, gate: Gate) -> Answer<'_, (Listing<Person>, Begun)>;
    /// The direct user members of a group; `NotFound` if there is no such group.
    fn list_members(&self, seen: Seen, group: String) -> Answer<'_, Listing<Person>>;
    /// Every group.
    fn list_groups(&self, seen: Seen, gate: Gate) -> Answer<'_, Listing<ViewGroup>>;
    /// Every membership.
    fn list_memberships(&self, seen: Seen, gate: Gate) -> Answer<'_, Listing<MembershipItem>>;
    /// What happened after `number`, which was current at `not_before` or later.
    fn since(&self, seen: Seen, number: u64, not_before: Timestamp) -> Answer<'_, Followed>;
    /// What the view shows and hides.
    fn survey(&self, seen: Seen) -> Answer<'_, Survey>;
    /// How much the view keeps from its application.
    fn veiled(&self, seen: Seen) -> Answer<'_, Veiled>;
    /// What would change if the first view became the second one.
    fn preview(&self, now: Seen, then: Seen) -> Answer<'_, Preview>;
    /// Where the application stands, and what it would lose.
    fn standing(&self, seen: Seen) -> Answer<'_, (Standing, Lost)>;
    /// Notes that the application has the changes up to a number, and where it began to list
    /// everything, if it did.
    fn note_synchronised(
        &self,
        application: ApplicationId,
        number: u64,
        at: Timestamp,
        listing: Option<Position>,
    ) -> Answer<'_, ()>;
    /// Where the application last began to list everything.
    fn last_listing(&self, application: ApplicationId) -> Answer<'_, Option<Position>>;
    /// The head, and the number that was current at `at`.
    fn position_at(&self, at: Timestamp) -> Answer<'_, (Head, u64)>;
}

/// Single sign-on sessions.
pub(crate) trait SessionStore: Send + Sync {
    /// Keeps a session, and at most `most` in all: those that would end first make room.
    fn keep_session(&self, session: KeptSession, most: u64) -> Answer<'_, ()>;
    /// The session of a token, even if it has ended.
    fn session(&self, digest: SecretDigest) -> Answer<'_, Option<KeptSession>>;
    /// Lets a session that has not ended last on; `false` if there is none.
    fn lengthen_session(
        &self,
        digest: SecretDigest,
        now: Timestamp,
        until: Timestamp,
    ) -> Answer<'_, bool>;
    /// Ends a session, if there is one.
    fn end_session(&self, digest: SecretDigest) -> Answer<'_, ()>;
    /// Ends every session of a user but one.
    fn end_sessions(&self, user: Uuid, except: Option<SecretDigest>) -> Answer<'_, ()>;
}

/// One database.
pub(crate) trait Store: ViewStore + SessionStore {
    /// Creates a resource, or finds the one that the same request made.
    fn create(&self, scope: Scope, new: NewResource) -> Answer<'_, Created<Outcome>>;
    /// Changes a resource.
    fn change(
        &self,
        scope: Scope,
        target: Target,
        load: Load,
        decide: Box<Decide>,
    ) -> Answer<'_, Outcome>;
    /// Deletes a resource.
    fn delete(&self, scope: Scope, target: Target) -> Answer<'_, ()>;
    /// Brings a deleted user back to life under its id; `false` if nothing is left of it.
    fn revive(&self, scope: Scope, user: Uuid) -> Answer<'_, bool>;
    /// Reads a resource.
    fn read(&self, tenant: TenantId, kind: Kind, id: Uuid, load: Load) -> Answer<'_, Stored>;
    /// The password of a living user, and the tenant it is in.
    fn password(&self, user: Uuid) -> Answer<'_, Option<(TenantId, PasswordHash)>>;
    /// Reads a page, in the order of insertion, with the exact total.
    fn list(&self, tenant: TenantId, kind: Kind, query: ListQuery) -> Answer<'_, Page<Stored>>;
    /// Reads a page in the order that the query says, with the exact total.
    fn search(&self, tenant: TenantId, query: SearchQuery) -> Answer<'_, Found>;
    /// How much a tenant holds.
    fn counts(&self, tenant: TenantId) -> Answer<'_, Counts>;
    /// The registry's generation.
    fn generation(&self) -> Answer<'_, u64>;
    /// The whole registry.
    fn registry(&self) -> Answer<'_, Registry>;
    /// Changes the registry.
    fn administer(&self, change: AdminChange) -> Answer<'_, ()>;
    /// The end of the log.
    fn head(&self) -> Answer<'_, Head>;
    /// Entries after a number.
    fn changes_after(&self, number: u64, limit: usize) -> Answer<'_, Vec<Change>>;
    /// What was done since the store was opened; asks no disk.
    fn work(&self) -> Work;
    /// Is told of every growth of the log; `None` once the store is closed.
    fn watch(&self) -> watch::Receiver<Option<Position>>;
    /// Reads the whole log; `Invalid` says what is wrong with it.
    fn verify_log(&self) -> Answer<'_, Position>;
    /// Whether it holds nothing yet.
    fn is_empty(&self) -> Answer<'_, bool>;
    /// Writes everything, in one state, into an archive; `Invalid` says why that cannot be.
    fn export(&self, out: Out) -> Answer<'_, Summary>;
    /// Takes an archive in and begins a new epoch; `Invalid` says why that cannot be. The position
    /// is the new end of the log.
    fn import(&self, source: Source, intake: Intake) -> Answer<'_, (Summary, Position)>;
    /// The nodes that share the database; none where there is only one.
    fn nodes(&self) -> Answer<'_, Vec<NodeSeen>>;
    /// Whether reads and writes are served.
    fn is_ready(&self) -> Answer<'_, bool>;
    /// Finishes what is queued and lets go of everything.
    fn close(&self) -> Answer<'_, ()>;
}
