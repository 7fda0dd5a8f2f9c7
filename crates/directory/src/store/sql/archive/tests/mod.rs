//! Archives go round both engines unchanged, and whatever is wrong with one leaves no trace.

mod catalog;
mod fill;
mod refusals;

use std::{
    io::{self, Cursor, Write},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use provost_scim::Timestamp;
use serde_json::{Value, json};

use crate::{
    Created, Directory, DirectoryError,
    archive::{Out, Source, Summary, Watch},
    change::Position,
    clock::{Clock, SystemClock},
    store::{
        Intake, Store,
        sql::{postgres::PostgresStore, sqlite::SqliteStore},
    },
    testing::{
        Bench, OpenStore, TempDir, actor, block_on, fresh_postgres, group_input, user_input,
    },
};

/// A sink whose bytes can be read afterwards.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn quiet() -> Watch {
    Arc::new(|_, _| {})
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn export(store: &dyn Store) -> String {
    let sink = Sink::default();
    let out = Out::new(Box::new(sink.clone()), Timestamp::from_micros(7), quiet());
    block_on(store.export(out)).unwrap();
    let bytes = sink.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

fn import(
    store: &dyn Store,
    text: &str,
    replace: bool,
) -> Result<(Summary, Position), DirectoryError> {
    let lines = Box::new(Cursor::new(text.as_bytes().to_vec()));
    let intake = Intake {
        replace,
        now: clock().now(),
        above_epoch: 0,
    };
    block_on(store.import(Source::new(lines, quiet()), intake))
}

/// A store that holds nothing, of one engine or the other.
struct Fresh {
    store: Arc<dyn Store>,
    _dir: TempDir,
}

fn fresh(is_postgres: bool) -> Fresh {
    let dir = TempDir::new();
    Fresh {
        store: open(is_postgres)(dir.path(), clock()),
        _dir: dir,
    }
}

fn open(is_postgres: bool) -> OpenStore {
    let sqlite: OpenStore =
        |path: &Path, clock| Arc::new(SqliteStore::open(path, false, clock).unwrap());
    let postgres: OpenStore =
        |_, clock| Arc::new(PostgresStore::open(&fresh_postgres(clock)).unwrap());
    if is_postgres { postgres } else { sqlite }
}

/// The lines without the first one, the last one, and the row with the epoch.
fn body(text: &str) -> Vec<&str> {
    let lines: Vec<_> = text.lines().collect();
    lines[1..lines.len() - 2].to_vec()
}

/// The rows of a table.
fn rows(text: &str, table: &str) -> Vec<Value> {
    let begin = format!("\"table\":\"{table}\"");
    let lines = text
        .lines()
        .skip_while(|line| !line.contains(&begin))
        .skip(1);
    lines
        .take_while(|line| line.starts_with('['))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn what_goes_round_both_engines_comes_back_unchanged() {
    for is_postgres in [false, true] {
        let mut bench = Bench::new(open(is_postgres));
        fill::everything(&mut bench);
        let first = export(&**bench.directory.store());
        for table in super::table::TABLES {
            assert!(
                !rows(&first, table.name).is_empty(),
                "no row in {}",
                table.name
            );
        }
        let counts = block_on(bench.directory.counts("one")).unwrap();
        let mut last = first.clone();
        for target in [true, true, false, false, true] {
            let fresh = fresh(target);
            let (_, position) = import(&*fresh.store, &last, false).unwrap();
            assert_eq!(position, block_on(fresh.store.verify_log()).unwrap());
            last = export(&*fresh.store);
            assert_eq!(body(&last), body(&first));
            let directory = Directory::over(Arc::clone(&fresh.store), clock());
            assert_eq!(block_on(directory.counts("one")).unwrap(), counts);
            goes_on(&directory);
            block_on(directory.close());
        }
    }
}

/// What is made next takes no number twice, and the log goes on.
fn goes_on(directory: &Directory) {
    block_on(directory.create_tenant("next", None)).unwrap();
    block_on(directory.create_application("next", &["next".to_owned()])).unwrap();
    add_user(directory, "next", "first").unwrap();
    assert_eq!(block_on(directory.counts("next")).unwrap().0, 1);
    block_on(directory.verify_log()).unwrap();
}

fn add_user(directory: &Directory, tenant: &str, name: &str) -> Result<String, DirectoryError> {
    let caller = block_on(directory.administrator(tenant)).unwrap();
    let mut hash = [0; 32];
    hash[..name.len()].copy_from_slice(name.as_bytes());
    let input = user_input(json!({"userName": name}));
    let made = directory.create_user(&caller, actor(), input, hash);
    block_on(made).map(|made| Created::into_inner(made).id.to_string())
}

fn add_group(directory: &Directory, name: &str, member: &str) {
    let caller = block_on(directory.administrator("one")).unwrap();
    let input = group_input(json!({"displayName": name, "members": [{"value": member}]}));
    let mut hash = [1; 32];
    hash[..name.len()].copy_from_slice(name.as_bytes());
    block_on(directory.create_group(&caller, actor(), input, hash)).unwrap();
}

/// Codes of the log.
const USER_CREATED: i64 = 1;
const GROUP_CREATED: i64 = 6;
const MEMBER_ADDED: i64 = 10;

#[test]
fn an_export_beside_writers_is_one_state() {
    for is_postgres in [false, true] {
        let bench = Bench::new(open(is_postgres));
        let directory = &bench.directory;
        let stop = AtomicBool::new(false);
        let written = thread::scope(|scope| {
            let writers: Vec<_> = (0..8)
                .map(|writer| {
                    let stop = &stop;
                    scope.spawn(move || {
                        let mut number = 0_u32;
                        while !stop.load(Ordering::Acquire) {
                            let name = format!("{writer}-{number}");
                            let user = add_user(directory, "one", &name).unwrap();
                            add_group(directory, &name, &user);
                            number += 1;
                        }
                        number
                    })
                })
                .collect();
            let mut last = 0;
            // Until the writers have shown that they go on beside it.
            while last < 400 {
                let text = export(&**directory.store());
                last = holds_together(&text);
            }
            let text = export(&**directory.store());
            stop.store(true, Ordering::Release);
            let written: u32 = writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .sum();
            let fresh = fresh(!is_postgres);
            import(&*fresh.store, &text, false).unwrap();
            assert_eq!(body(&export(&*fresh.store)), body(&text));
            written
        });
        assert_eq!(
            block_on(directory.counts("one")).unwrap().0,
            u64::from(written)
        );
        block_on(directory.close());
    }
}

/// Whether the log of an archive tells of exactly the rows that are in it; how many entries it has.
fn holds_together(text: &str) -> usize {
    let log = rows(text, "changes");
    let of = |kind: i64| log.iter().filter(|entry| entry[3] == kind).count();
    let resources = rows(text, "resources");
    let users = resources.iter().filter(|row| row[2] == 0).count();
    assert_eq!(users, of(USER_CREATED));
    assert_eq!(resources.len() - users, of(GROUP_CREATED));
    assert_eq!(rows(text, "members").len(), of(MEMBER_ADDED));
    for (index, entry) in log.iter().enumerate() {
        assert_eq!(entry[1], index + 1);
    }
    log.len()
}
