//! The use cases: every method is one transaction or one read of a consistent state.
//!
//! Futures run on any executor: nothing here needs a runtime.

mod access;
mod admin;
mod applications;
mod archive;
mod brake;
mod cache;
mod figures;
mod groups;
mod ip_sets;
mod lists;
mod reading;
mod schemas;
mod sign_in;
mod users;

use std::{path::PathBuf, sync::Arc};

use uuid::Uuid;

pub use self::{
    archive::{Import, Imported},
    brake::Discarded,
    lists::Object,
    sign_in::SignIn,
};

use self::cache::RegistryCache;
use crate::{
    DirectoryError, OpenError,
    change::Actor,
    clock::Clock,
    entropy::{Entropy, IdMaker, SystemEntropy},
    listings::Listings,
    node::NodeSeen,
    password::Passwords,
    store::{
        Scope, Store,
        sql::{
            postgres::{Opening, PostgresStore, PostgresUrl},
            sqlite::SqliteStore,
        },
    },
    token::{Access, Caller},
};

/// Where the data is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Database {
    /// An embedded SQLite file in the data directory, for one server.
    #[default]
    Sqlite,
    /// A PostgreSQL database that several nodes share.
    Postgres {
        /// Where it is.
        url: PostgresUrl,
        /// The name of the cluster; a database that another one uses is refused.
        cluster: String,
    },
}

/// How a directory is opened.
pub struct OpenOptions {
    /// The data directory; made (0700) if absent. PostgreSQL needs none.
    pub data_dir: PathBuf,
    /// Where the data is kept.
    pub database: Database,
    /// Whether this process is *a server*. On SQLite it takes the lock file, so that a second
    /// server is refused; on PostgreSQL it becomes one of the nodes. Administration commands open
    /// without it and work beside running servers.
    pub serve: bool,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

struct Inner {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    ids: IdMaker,
    registry: RegistryCache,
    listings: Listings,
    passwords: Passwords,
}

/// The directory. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<Inner>,
}

/// The outcome of a POST.
#[derive(Clone, Debug)]
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

    fn map<U>(self, change: impl FnOnce(T) -> U) -> Created<U> {
        match self {
            Self::New(t) => Created::New(change(t)),
            Self::Replayed(t) => Created::Replayed(change(t)),
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
    /// The cursor of the next page, in a walk by cursor that has one.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page {
            total: self.total,
            items: self.items.into_iter().map(change).collect(),
            next_cursor: self.next_cursor,
        }
    }
}

/// The outcome of a change.
#[derive(Clone, Debug)]
pub struct Written<T> {
    /// The object as it is now.
    pub object: T,
    /// Member ids that exist nowhere in the tenant and were skipped (rule 9).
    pub skipped_members: Vec<String>,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Directory")
    }
}

impl Directory {
    /// Opens (and migrates) the store. Blocks the calling thread while it does.
    ///
    /// # Errors
    /// One sentence with the next step: another server, an unfit directory, a damaged or newer
    /// database, lost changes; a database that cannot be reached or is another cluster's, a clock
    /// that is wrong.
    #[expect(
        clippy::unused_async,
        reason = "opening may come to wait without blocking"
    )]
    pub async fn open(options: OpenOptions) -> Result<Self, OpenError> {
        let OpenOptions {
            data_dir,
            database,
            serve,
            clock,
        } = options;
        let store: Arc<dyn Store> = match database {
            Database::Sqlite => Arc::new(SqliteStore::open(&data_dir, serve, Arc::clone(&clock))?),
            Database::Postgres { url, cluster } => Arc::new(PostgresStore::open(&opening(
                url,
                cluster,
                serve,
                Arc::clone(&clock),
            )?)?),
        };
        Ok(Self::over(store, clock))
    }

    /// A directory over an open store.
    pub(crate) fn over(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            inner: Arc::new(Inner {
                store,
                clock,
                entropy: Arc::new(SystemEntropy),
                ids: IdMaker::default(),
                registry: RegistryCache::default(),
                listings: Listings::default(),
                passwords: Passwords::default(),
            }),
        }
    }

    /// Stops the writer after what is queued, checkpoints, releases the lock.
    pub async fn close(&self) {
        if let Err(error) = self.inner.store.close().await {
            tracing::error!(%error, "the directory was not closed in order");
        }
    }

    /// The nodes that share the database, the oldest first; none on SQLite.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn nodes(&self) -> Result<Vec<NodeSeen>, DirectoryError> {
        self.inner.store.nodes().await
    }

    /// Whether the store can serve reads and writes now.
    pub async fn is_ready(&self) -> bool {
        self.inner.store.is_ready().await.unwrap_or(false)
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.inner.store
    }

    pub(crate) fn now(&self) -> provost_scim::Timestamp {
        self.inner.clock.now()
    }

    pub(crate) fn listings(&self) -> &Listings {
        &self.inner.listings
    }

    fn passwords(&self) -> &Passwords {
        &self.inner.passwords
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.inner.entropy
    }

    fn new_id(&self) -> Result<Uuid, DirectoryError> {
        self.inner.ids.make(self.now(), self.entropy())
    }

    /// The scope of a write; a token that may only read has none.
    fn scope(&self, caller: &Caller, actor: &Actor) -> Result<Scope, DirectoryError> {
        match caller.access {
            Access::ReadWrite => Ok(Scope {
                tenant: Arc::clone(&caller.tenant),
                actor: actor.clone(),
                now: self.now(),
            }),
            Access::ReadOnly => Err(provost_scim::ScimError::with_status(
                403,
                "this token may only read; use a token with write access",
            )
            .into()),
        }
    }
}

/// How a node or a command opens a database of PostgreSQL.
fn opening(
    url: PostgresUrl,
    cluster: String,
    serve: bool,
    clock: Arc<dyn Clock>,
) -> Result<Opening, OpenError> {
    Ok(Opening {
        url,
        serve,
        cluster,
        node: node_id(clock.now())?,
        clock,
        check_clock: true,
    })
}

fn node_id(now: provost_scim::Timestamp) -> Result<Uuid, OpenError> {
    let id = IdMaker::default().make(now, &SystemEntropy);
    id.map_err(|error| OpenError(format!("the node cannot be given an identifier: {error}")))
}
