//! The engine on SQLite: one writer thread, readers apart, checkpoints off the path of requests.

mod affected;
mod connect;
mod error;
pub(crate) mod files;
mod hidden;
mod housekeeping;
mod index;
mod lens;
mod list;
mod log;
mod losses;
mod membership;
mod migrate;
mod names;
mod open;
mod passwords;
mod readers;
mod registry;
mod rows;
mod schemas;
mod scope;
mod search;
mod shown;
mod since;
mod survey;
mod tally;
#[cfg(test)]
mod tests;
mod tombstones;
mod txn;
mod views;
mod wal;
mod write;
mod writer;

use std::{
    fs::File,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::Sender,
    },
    thread::JoinHandle,
};

use provost_scim::Timestamp;
use rusqlite::Connection;
use tokio::sync::watch;
use uuid::Uuid;

use self::{
    housekeeping::Housekeeper,
    lens::Lens,
    open::Opened,
    readers::{Readers, Sink},
    tally::Tally,
    txn::Txn,
    writer::Writer,
};
use super::{
    AdminChange, Answer, Begun, Counts, Decide, Followed, Gate, GroupQuery, Kind, ListQuery, Load,
    NewResource, Outcome, PersonQuery, Scope, Seen, Store, Stored, Target, ViewStore,
    head_file::HeadFile,
    query::Plan,
    search::{Found, SearchQuery},
};
use crate::{
    DirectoryError, OpenError,
    brake::Lost,
    change::{Change, Position},
    clock::Clock,
    directory::{Created, Page},
    figures::{Veiled, Work},
    id::{ApplicationId, TenantId},
    log::Head,
    password::PasswordHash,
    person::Person,
    registry::Registry,
    view::{Listing, MembershipItem, ViewGroup},
    view_report::{Preview, Standing, Survey},
};

/// What the threads share.
struct Shared {
    clock: Arc<dyn Clock>,
    head_file: Mutex<HeadFile>,
    /// The end of the log; `None` once the store is closed.
    news: watch::Sender<Option<Position>>,
    /// The last write transaction failed.
    failing: AtomicBool,
    more_to_forget: AtomicBool,
    tally: Arc<Tally>,
    /// Whether this process is the server.
    serve: bool,
}

impl Shared {
    /// After a commit.
    fn grown(&self, head: &Head) {
        let mut file = self
            .head_file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write(head) {
            tracing::warn!(%error, "the head of the log could not be noted in its second place");
        }
        drop(file);
        self.announce(&head.position());
    }

    fn announce(&self, position: &Position) {
        self.news.send_if_modified(|known| {
            let is_new = known.is_some_and(|known| *position > known);
            if is_new {
                *known = Some(*position);
            }
            is_new
        });
    }

    fn sync_head(&self) {
        let mut file = self
            .head_file
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.sync() {
            tracing::warn!(%error, "the second place of the log's head could not be synced");
        }
    }
}

/// What ends with the store.
struct Running {
    writer: Writer,
    stop: Sender<()>,
    threads: Vec<JoinHandle<()>>,
    _lock: Option<File>,
}

/// One database file.
pub(crate) struct Sqlite {
    shared: Arc<Shared>,
    readers: Arc<Readers>,
    running: Mutex<Option<Running>>,
}

fn closed() -> DirectoryError {
    DirectoryError::Unavailable("the directory is closed".to_owned())
}

impl Sqlite {
    /// Opens a data directory and starts the threads.
    pub(crate) fn open(
        directory: &Path,
        serve: bool,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let Opened {
            database,
            writer,
            head,
            head_file,
            lock,
        } = open::open(directory, serve, clock.now())?;
        let shared = Arc::new(Shared {
            clock,
            head_file: Mutex::new(head_file),
            news: watch::Sender::new(Some(head.position())),
            failing: AtomicBool::new(false),
            more_to_forget: AtomicBool::new(false),
            tally: Arc::default(),
            serve,
        });
        let no_thread = |error: std::io::Error| {
            OpenError(format!(
                "the system gives no thread: {error}; raise its limits"
            ))
        };
        let wal = wal::Wal::new(&database);
        let (writer, writing) =
            Writer::start(writer, Arc::clone(&shared), wal).map_err(no_thread)?;
        let (stop, stopped) = std::sync::mpsc::channel();
        let keeping = Housekeeper {
            shared: Arc::clone(&shared),
            writer: writer.clone(),
            database: database.clone(),
            serve,
        }
        .start(stopped)
        .map_err(no_thread)?;
        Ok(Self {
            readers: Arc::new(Readers::new(database, Arc::clone(&shared.tally))),
            shared,
            running: Mutex::new(Some(Running {
                writer,
                stop,
                threads: vec![keeping, writing],
                _lock: lock,
            })),
        })
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Txn<'_>) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'static, T> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = &*running {
            return running.writer.submit(work);
        }
        self.shared.tally.unavailable(1);
        Box::pin(async { Err(closed()) })
    }

    /// A short read, on the caller's thread.
    fn read<'a, T: Send + 'a>(
        &'a self,
        work: impl FnOnce(&Connection) -> Result<T, DirectoryError> + Send + 'a,
    ) -> Answer<'a, T> {
        Box::pin(async move { self.open_readers()?.read(work) })
    }

    fn open_readers(&self) -> Result<&Arc<Readers>, DirectoryError> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let open = running.as_ref().map(|_| &self.readers).ok_or_else(closed);
        self.shared.tally.note(&open);
        open
    }

    fn shut(&self) {
        let running = self
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        if let Some(running) = running {
            self.readers.close();
            drop(running.stop);
            drop(running.writer);
            for thread in running.threads {
                if thread.join().is_err() {
                    tracing::error!("a thread of the store had panicked");
                }
            }
            self.shared.sync_head();
            self.shared.news.send_replace(None);
        }
    }
}

impl Store for Sqlite {
    fn create(&self, scope: Scope, new: NewResource) -> Answer<'_, Created<Outcome>> {
        self.write(move |txn| write::create(txn, &scope, &new))
    }

    fn change(
        &self,
        scope: Scope,
        target: Target,
        load: Load,
        decide: Box<Decide>,
    ) -> Answer<'_, Outcome> {
        self.write(move |txn| write::change(txn, &scope, &target, load, &*decide))
    }

    fn delete(&self, scope: Scope, target: Target) -> Answer<'_, ()> {
        self.write(move |txn| write::delete(txn, &scope, &target))
    }

    fn revive(&self, scope: Scope, user: Uuid) -> Answer<'_, bool> {
        self.write(move |txn| write::revive(txn, &scope, user))
    }

    fn read(&self, tenant: TenantId, kind: Kind, id: Uuid, load: Load) -> Answer<'_, Stored> {
        self.read(move |conn| {
            let raw = rows::find(conn, tenant, kind, id)?;
            rows::load(conn, tenant, raw, load)
        })
    }

    fn password(&self, user: Uuid) -> Answer<'_, Option<(TenantId, PasswordHash)>> {
        self.read(move |conn| passwords::find(conn, user))
    }

    fn list(&self, tenant: TenantId, kind: Kind, mut query: ListQuery) -> Answer<'_, Page<Stored>> {
        let plan = Plan::new(kind, query.filter.take());
        if plan.is_long() {
            return Box::pin(async move {
                Arc::clone(self.open_readers()?)
                    .read_apart(move |conn| list::page(conn, tenant, kind, &query, &plan))
                    .await
            });
        }
        self.read(move |conn| list::page(conn, tenant, kind, &query, &plan))
    }

    fn search(&self, tenant: TenantId, query: SearchQuery) -> Answer<'_, Found> {
        let search = search::Search::new(query);
        if search.is_long() {
            return Box::pin(async move {
                Arc::clone(self.open_readers()?)
                    .read_apart(move |conn| search.run(conn, tenant))
                    .await
            });
        }
        self.read(move |conn| search.run(conn, tenant))
    }

    fn counts(&self, tenant: TenantId) -> Answer<'_, Counts> {
        self.read(move |conn| list::counts(conn, tenant))
    }

    fn generation(&self) -> Answer<'_, u64> {
        self.read(|conn| Ok(registry::generation(conn)?.0))
    }

    fn registry(&self) -> Answer<'_, Registry> {
        self.read(registry::read)
    }

    fn administer(&self, change: AdminChange) -> Answer<'_, ()> {
        self.write(move |txn| registry::administer(txn, &change))
    }

    fn head(&self) -> Answer<'_, Head> {
        self.read(|conn| Ok(txn::read_head(conn)?))
    }

    fn changes_after(&self, number: u64, limit: usize) -> Answer<'_, Vec<Change>> {
        self.read(move |conn| log::changes_after(conn, number, limit))
    }

    fn work(&self) -> Work {
        self.shared.tally.read()
    }

    fn watch(&self) -> watch::Receiver<Option<Position>> {
        self.shared.news.subscribe()
    }

    fn verify_log(&self) -> Answer<'_, Position> {
        Box::pin(async move {
            let readers = Arc::clone(self.open_readers()?);
            readers.read_apart(|conn| log::verify(conn, 0)).await
        })
    }

    fn is_ready(&self) -> Answer<'_, bool> {
        Box::pin(async move {
            let reads = self.head().await.is_ok();
            if !reads || !self.shared.failing.load(Ordering::Acquire) {
                return Ok(reads);
            }
            // After a failed write only a write can tell that the store is well again.
            let probe = self.write(|txn| {
                let sql = "UPDATE registry SET high_water = high_water";
                txn.conn.prepare_cached(sql)?.execute([])?;
                Ok(())
            });
            Ok(probe.await.is_ok())
        })
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.shut();
            Ok(())
        })
    }
}

impl Sqlite {
    /// A listing of a view.
    fn listing<T: Send + 'static>(
        &self,
        seen: Seen,
        gate: Gate,
        work: impl FnOnce(&Lens<'_>, &mut Sink<T>) -> Result<(), DirectoryError> + Send + 'static,
    ) -> Answer<'_, (Listing<T>, Begun)> {
        let within = Arc::clone(&seen);
        Box::pin(async move {
            Arc::clone(self.open_readers()?)
                .stream(
                    move |conn| {
                        let lens = Lens::open(conn, &within)?;
                        if gate == Gate::Braked {
                            losses::gate(&lens)?;
                        }
                        views::begin(conn, &within.tenants)
                    },
                    move |conn, _, sink| work(&Lens::open(conn, &seen)?, sink),
                )
                .await
        })
    }

    /// A long look at a view.
    fn look<T: Send + 'static>(
        &self,
        seen: Seen,
        work: impl FnOnce(&Lens<'_>) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'_, T> {
        Box::pin(async move {
            Arc::clone(self.open_readers()?)
                .read_apart(move |conn| work(&Lens::open(conn, &seen)?))
                .await
        })
    }
}

impl ViewStore for Sqlite {
    fn person(&self, seen: Seen, query: PersonQuery) -> Answer<'_, Option<Person>> {
        self.read(move |conn| views::person(&Lens::open(conn, &seen)?, &query))
    }

    fn view_groups(&self, seen: Seen, query: GroupQuery) -> Answer<'_, Vec<ViewGroup>> {
        self.read(move |conn| views::groups(&Lens::open(conn, &seen)?, &query))
    }

    fn list_persons(&self, seen: Seen, gate: Gate) -> Answer<'_, (Listing<Person>, Begun)> {
        self.listing(seen, gate, views::all_persons)
    }

    fn list_members(&self, seen: Seen, group: String) -> Answer<'_, Listing<Person>> {
        let within = Arc::clone(&seen);
        Box::pin(async move {
            let (listing, _) = Arc::clone(self.open_readers()?)
                .stream(
                    move |conn| views::require_group(&Lens::open(conn, &within)?, &group),
                    move |conn, found, sink| {
                        views::users_of_group(&Lens::open(conn, &seen)?, found, sink)
                    },
                )
                .await?;
            Ok(listing)
        })
    }

    fn list_groups(&self, seen: Seen, gate: Gate) -> Answer<'_, Listing<ViewGroup>> {
        let listing = self.listing(seen, gate, views::all_groups);
        Box::pin(async move { Ok(listing.await?.0) })
    }

    fn list_memberships(&self, seen: Seen, gate: Gate) -> Answer<'_, Listing<MembershipItem>> {
        let listing = self.listing(seen, gate, views::all_memberships);
        Box::pin(async move { Ok(listing.await?.0) })
    }

    fn since(&self, seen: Seen, number: u64, not_before: Timestamp) -> Answer<'_, Followed> {
        self.read(move |conn| since::follow(conn, &seen, number, not_before))
    }

    fn survey(&self, seen: Seen) -> Answer<'_, Survey> {
        self.look(seen, survey::survey)
    }

    fn veiled(&self, seen: Seen) -> Answer<'_, Veiled> {
        self.look(seen, survey::veiled)
    }

    fn preview(&self, now: Seen, then: Seen) -> Answer<'_, Preview> {
        self.look(now, move |lens| {
            let claims = names::tried(lens.conn, &then)?;
            survey::preview(lens, &Lens::tried(lens.conn, &then, claims)?)
        })
    }

    fn standing(&self, seen: Seen) -> Answer<'_, (Standing, Lost)> {
        self.look(seen, survey::standing)
    }

    fn note_synchronised(
        &self,
        application: ApplicationId,
        number: u64,
        at: Timestamp,
        listing: Option<Position>,
    ) -> Answer<'_, ()> {
        self.write(move |txn| survey::note(txn.conn, application, number, at, listing))
    }

    fn last_listing(&self, application: ApplicationId) -> Answer<'_, Option<Position>> {
        self.read(move |conn| survey::last_listing(conn, application))
    }

    fn position_at(&self, at: Timestamp) -> Answer<'_, (Head, u64)> {
        self.read(move |conn| Ok((txn::read_head(conn)?, log::number_at(conn, at)?)))
    }
}
