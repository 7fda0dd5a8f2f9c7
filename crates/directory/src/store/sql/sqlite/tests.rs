//! What only this engine can go through: a full disk, a listing that breaks off, slow receivers.

use std::sync::{Arc, mpsc};

use serde_json::json;

use super::{
    super::{
        db::params,
        engine::{Beside, Engine as _, Sink},
        rows, txn,
    },
    SqliteStore,
};
use crate::{
    Directory, DirectoryError,
    clock::{Clock, SystemClock},
    store::{Gate, Seen, Store as _, ViewStore as _},
    testing::{TempDir, actor, block_on, drain, user_input},
};

fn opened() -> (TempDir, Arc<SqliteStore>, Directory) {
    let dir = TempDir::new();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let store = Arc::new(SqliteStore::open(dir.path(), true, Arc::clone(&clock)).unwrap());
    let directory = Directory::over(store.clone(), clock);
    block_on(directory.create_tenant("t", None)).unwrap();
    (dir, store, directory)
}

fn create(directory: &Directory, name: &str) -> Result<(), DirectoryError> {
    let caller = block_on(directory.administrator("t")).unwrap();
    let input = user_input(json!({"userName": name, "title": "x".repeat(1_000)}));
    block_on(directory.create_user(&caller, actor(), input, [0; 32])).map(drop)
}

fn seen(directory: &Directory) -> Seen {
    block_on(directory.create_application("jira", &["t".to_owned()])).unwrap();
    let registry = block_on(directory.registry()).unwrap();
    Arc::clone(&registry.application("jira").unwrap().seen)
}

fn limit_pages(store: &SqliteStore, pages: &'static str) {
    block_on(store.engine.write(Beside::Writers, move |txn| {
        let sql = format!("PRAGMA max_page_count = {pages}");
        txn.conn
            .prepare_cached(&sql)?
            .query_row(params![], |_| Ok(()))?;
        Ok(())
    }))
    .unwrap();
}

#[test]
fn a_full_disk_is_an_outage_that_heals() {
    let (_dir, store, directory) = opened();
    // SQLite takes the size that the database has for a limit below it.
    limit_pages(&store, "1");
    let mut created = 0;
    let error = loop {
        match create(&directory, &format!("u{created}")) {
            Ok(()) => created += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(error, DirectoryError::Unavailable(_)), "{error}");
    assert_eq!(block_on(directory.counts("t")).unwrap().0, created);
    assert_eq!(
        drain(block_on(store.list_groups(seen(&directory), Gate::Open))).len(),
        0
    );
    limit_pages(&store, "100000");
    create(&directory, "after").unwrap();
    assert!(block_on(directory.is_ready()));
    assert_eq!(
        block_on(directory.verify_log()).unwrap().number,
        created + 1
    );
}

#[test]
fn a_listing_that_breaks_off_ends_with_an_error() {
    let (_dir, store, directory) = opened();
    for number in 0..3 {
        create(&directory, &format!("u{number}")).unwrap();
    }
    let sql = "UPDATE resources SET body = 'rubbish' WHERE name = 'u2'";
    let spoil = store
        .engine
        .write(Beside::Writers, move |txn| Ok(txn.conn.batch(sql)?));
    block_on(spoil).unwrap();
    let (mut listing, _) = block_on(store.list_persons(seen(&directory), Gate::Open)).unwrap();
    let mut last = None;
    while let Some(batch) = block_on(listing.next()) {
        last = Some(batch.is_err());
    }
    assert_eq!(last, Some(true));

    let panicking = Arc::clone(&store.engine.readers).stream(
        |_| Ok(()),
        |_, (), sink: &mut Sink<u8>| {
            sink.push(1);
            panic!("a broken rule")
        },
    );
    let (mut listing, ()) = block_on(panicking).unwrap();
    assert!(block_on(listing.next()).unwrap().is_err());
}

#[test]
fn a_listing_shows_one_state_and_ends_with_its_receiver() {
    let (_dir, store, directory) = opened();
    for number in 0..20 {
        create(&directory, &format!("u{number}")).unwrap();
    }
    let (resume, wait) = mpsc::channel::<()>();
    let (ended, end) = mpsc::channel();
    let tenant = block_on(directory.tenant("t")).unwrap().id;
    let listing = Arc::clone(&store.engine.readers).stream(
        |conn| Ok(txn::read_head(conn)?.number),
        move |conn, _, sink| {
            wait.recv().unwrap();
            let sql = "SELECT 1 FROM resources WHERE tenant = ?1 AND name = 'late'";
            let is_there = conn.prepare_cached(sql)?.exists(params![tenant.0])?;
            assert!(!is_there, "the state is that of the beginning");
            let mut pushed = 0_u32;
            while sink.push(rows::kind_code(crate::store::Kind::User)) {
                pushed += 1;
            }
            ended.send(pushed).unwrap();
            Ok(())
        },
    );
    let (listing, number) = block_on(listing).unwrap();
    assert_eq!(number, 20);
    create(&directory, "late").unwrap();
    resume.send(()).unwrap();
    drop(listing);
    assert!(end.recv().unwrap() < 10_000);
    assert!(block_on(store.is_ready()).unwrap());
}
