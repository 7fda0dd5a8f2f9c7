//! The store over SQL: what both engines share. The rules of reading and writing are functions over
//! a [`db::Conn`]; an [`engine::Engine`] brings connections, transactions and what happens beside
//! them.

mod affected;
mod archive;
mod db;
mod ending;
mod engine;
mod error;
mod hidden;
mod index;
mod ip_sets;
mod lens;
mod list;
mod log;
mod losses;
mod membership;
mod names;
mod passwords;
mod policy;
pub(crate) mod postgres;
mod registry;
mod rows;
mod schemas;
mod scope;
mod search;
mod sessions;
mod shown;
mod since;
pub(crate) mod sqlite;
mod survey;
mod tally;
mod tombstones;
mod txn;
mod views;
mod write;

use std::sync::Arc;

use provost_scim::Timestamp;
use tokio::sync::watch;
use uuid::Uuid;

use self::{
    db::Conn,
    engine::{Beside, Engine, Length, Log, Sink},
    lens::Lens,
};
use super::{
    AdminChange, Answer, Begun, Counts, Decide, Followed, Gate, GroupQuery, Intake, Kind,
    ListQuery, Load, NewResource, Outcome, PersonQuery, Scope, Seen, Store, Stored, Target,
    ViewStore,
    query::Plan,
    search::{Found, SearchQuery},
};
use crate::{
    DirectoryError,
    archive::{Out, Source, Summary},
    brake::Lost,
    change::{Change, Position},
    directory::{Created, Page},
    figures::{Veiled, Work},
    id::{ApplicationId, TenantId},
    log::Head,
    node::NodeSeen,
    password::PasswordHash,
    person::Person,
    registry::Registry,
    view::{Listing, MembershipItem, ViewGroup},
    view_report::{Preview, Standing, Survey},
};

/// A database behind an engine.
pub(crate) struct SqlStore<E> {
    engine: E,
}

impl<E: Engine> Store for SqlStore<E> {
    fn create(&self, scope: Scope, new: NewResource) -> Answer<'_, Created<Outcome>> {
        self.engine
            .write(Beside::Writers, move |txn| write::create(txn, &scope, &new))
    }

    fn change(
        &self,
        scope: Scope,
        target: Target,
        load: Load,
        decide: Box<Decide>,
    ) -> Answer<'_, Outcome> {
        self.engine.write(Beside::Writers, move |txn| {
            write::change(txn, &scope, &target, load, &*decide)
        })
    }

    fn delete(&self, scope: Scope, target: Target) -> Answer<'_, ()> {
        self.engine.write(Beside::Writers, move |txn| {
            write::delete(txn, &scope, &target)
        })
    }

    fn revive(&self, scope: Scope, user: Uuid) -> Answer<'_, bool> {
        self.engine
            .write(Beside::Writers, move |txn| write::revive(txn, &scope, user))
    }

    fn read(&self, tenant: TenantId, kind: Kind, id: Uuid, load: Load) -> Answer<'_, Stored> {
        self.brief(move |conn| {
            let raw = rows::find(conn, tenant, kind, id)?;
            rows::load(conn, tenant, raw, load)
        })
    }

    fn password(&self, user: Uuid) -> Answer<'_, Option<(TenantId, PasswordHash)>> {
        self.brief(move |conn| passwords::find(conn, user))
    }

    fn list(&self, tenant: TenantId, kind: Kind, mut query: ListQuery) -> Answer<'_, Page<Stored>> {
        let plan = Plan::new(kind, query.filter.take());
        let length = if plan.is_long() {
            Length::Long
        } else {
            Length::Short
        };
        self.engine.read(Log::Aside, length, move |conn| {
            list::page(conn, tenant, kind, &query, &plan)
        })
    }

    fn search(&self, tenant: TenantId, query: SearchQuery) -> Answer<'_, Found> {
        let search = search::Search::new(query);
        let length = if search.is_long() {
            Length::Long
        } else {
            Length::Short
        };
        self.engine
            .read(Log::Aside, length, move |conn| search.run(conn, tenant))
    }

    fn counts(&self, tenant: TenantId) -> Answer<'_, Counts> {
        self.brief(move |conn| list::counts(conn, tenant))
    }

    fn generation(&self) -> Answer<'_, u64> {
        self.brief(|conn| Ok(registry::generation(conn)?.0))
    }

    fn registry(&self) -> Answer<'_, Registry> {
        self.brief(registry::read)
    }

    fn administer(&self, change: AdminChange) -> Answer<'_, ()> {
        self.engine.write(Beside::Nobody, move |txn| {
            registry::administer(txn, &change)
        })
    }

    fn head(&self) -> Answer<'_, Head> {
        self.told(Length::Short, |conn| Ok(txn::read_head(conn)?))
    }

    fn changes_after(&self, number: u64, limit: usize) -> Answer<'_, Vec<Change>> {
        self.told(Length::Short, move |conn| {
            log::changes_after(conn, number, limit)
        })
    }

    fn work(&self) -> Work {
        self.engine.work()
    }

    fn watch(&self) -> watch::Receiver<Option<Position>> {
        self.engine.watch()
    }

    fn verify_log(&self) -> Answer<'_, Position> {
        self.told(Length::Long, |conn| log::verify(conn, 0))
    }

    fn is_empty(&self) -> Answer<'_, bool> {
        self.brief(|conn| Ok(archive::occupied(conn)?.is_none()))
    }

    fn export(&self, out: Out) -> Answer<'_, Summary> {
        self.told(Length::Long, move |conn| archive::write(conn, out))
    }

    fn import(&self, source: Source, intake: Intake) -> Answer<'_, (Summary, Position)> {
        let once = archive::Once::new(source);
        self.engine
            .write(Beside::Nobody, move |txn| once.take_in(txn, &intake))
    }

    fn nodes(&self) -> Answer<'_, Vec<NodeSeen>> {
        self.engine.nodes()
    }

    fn is_ready(&self) -> Answer<'_, bool> {
        self.engine.is_ready()
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.engine.close();
            Ok(())
        })
    }
}

impl<E: Engine> SqlStore<E> {
    /// A short read beside the log.
    fn brief<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Conn) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'_, T> {
        self.engine.read(Log::Aside, Length::Short, work)
    }

    /// A read that sees in the log what was acknowledged before.
    fn told<T: Send + 'static>(
        &self,
        length: Length,
        work: impl FnOnce(&Conn) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'_, T> {
        self.engine.read(Log::Current, length, work)
    }

    /// A listing of a view.
    fn listing<T: Send + 'static>(
        &self,
        seen: Seen,
        gate: Gate,
        work: impl FnOnce(&Lens<'_>, &mut Sink<T>) -> Result<(), DirectoryError> + Send + 'static,
    ) -> Answer<'_, (Listing<T>, Begun)> {
        let within = Arc::clone(&seen);
        self.engine.stream(
            move |conn| {
                let lens = Lens::open(conn, &within)?;
                if gate == Gate::Braked {
                    losses::gate(&lens)?;
                }
                views::begin(conn, &within.tenants)
            },
            move |conn, _, sink| work(&Lens::open(conn, &seen)?, sink),
        )
    }

    /// A long look at a view.
    fn look<T: Send + 'static>(
        &self,
        seen: Seen,
        work: impl FnOnce(&Lens<'_>) -> Result<T, DirectoryError> + Send + 'static,
    ) -> Answer<'_, T> {
        self.told(Length::Long, move |conn| work(&Lens::open(conn, &seen)?))
    }
}

impl<E: Engine> ViewStore for SqlStore<E> {
    fn person(&self, seen: Seen, query: PersonQuery) -> Answer<'_, Option<Person>> {
        self.brief(move |conn| views::person(&Lens::open(conn, &seen)?, &query))
    }

    fn view_groups(&self, seen: Seen, query: GroupQuery) -> Answer<'_, Vec<ViewGroup>> {
        self.brief(move |conn| views::groups(&Lens::open(conn, &seen)?, &query))
    }

    fn list_persons(&self, seen: Seen, gate: Gate) -> Answer<'_, (Listing<Person>, Begun)> {
        self.listing(seen, gate, views::all_persons)
    }

    fn list_members(&self, seen: Seen, group: String) -> Answer<'_, Listing<Person>> {
        let within = Arc::clone(&seen);
        let listing = self.engine.stream(
            move |conn| views::require_group(&Lens::open(conn, &within)?, &group),
            move |conn, found, sink| views::users_of_group(&Lens::open(conn, &seen)?, found, sink),
        );
        Box::pin(async move { Ok(listing.await?.0) })
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
        self.told(Length::Short, move |conn| {
            since::follow(conn, &seen, number, not_before)
        })
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
        self.engine.write(Beside::Writers, move |txn| {
            survey::note(txn.conn, application, number, at, listing)
        })
    }

    fn last_listing(&self, application: ApplicationId) -> Answer<'_, Option<Position>> {
        self.brief(move |conn| survey::last_listing(conn, application))
    }

    fn position_at(&self, at: Timestamp) -> Answer<'_, (Head, u64)> {
        self.told(Length::Short, move |conn| {
            Ok((txn::read_head(conn)?, log::number_at(conn, at)?))
        })
    }
}
