//! A database that refuses, hangs or goes away.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
    mpsc::channel,
};

use provost_scim::Timestamp;

use super::{
    super::{
        super::{
            db::{Conn, params},
            engine::{Beside, Engine as _, Length, Log},
        },
        Opening, PostgresStore, WRITING,
        lane::Berth,
    },
    Node, PATIENCE, fresh, opening, two,
};
use crate::{DirectoryError, clock::ManualClock, store::Store as _, testing::block_on};

/// A database that was used once, how it is opened, and words of the sentence.
fn refused(change: &'static str, how: impl FnOnce(&mut Opening), words: &[&str]) {
    let url = fresh();
    Node::on(&url, 1).run(change);
    let mut opening = opening(&url, 2);
    how(&mut opening);
    let error = PostgresStore::open(&opening).map(drop).unwrap_err().0;
    for word in words {
        assert!(error.contains(word), "{error}");
    }
    assert!(!error.contains("secret"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
}

/// How the same database is opened with another text in its URL.
fn with_url(piece: &'static str, other: impl Into<String>) -> impl FnOnce(&mut Opening) {
    let other = other.into();
    move |opening| {
        let port = opening.url.config.get_ports()[0];
        let database = opening.url.config.get_dbname().unwrap();
        let url = format!("postgres://provost:secret@127.0.0.1:{port}/{database}");
        opening.url = url.replace(piece, &other).parse().unwrap();
    }
}

#[test]
fn what_cannot_be_opened_is_refused_with_the_next_step() {
    let nothing = "SELECT 1";
    refused(
        "UPDATE schema_version SET version = 99, readable_by = 99",
        |_| {},
        &["version 99", "newer Provost"],
    );
    refused(
        nothing,
        |opening| opening.cluster = "other".to_owned(),
        &["`provost`", "`other`", "cluster_name"],
    );
    refused(
        nothing,
        |opening| opening.clock = Arc::new(ManualClock::new(Timestamp::from_micros(0))),
        &["clock", "behind", "time servers"],
    );
    let nobody = provost_testkit::free_port().unwrap();
    refused(
        nothing,
        |opening| {
            let url = format!("postgres://provost:secret@127.0.0.1:{nobody}/provost");
            opening.url = url.parse().unwrap();
        },
        &["cannot be used", "refused", "check the URL"],
    );
    refused(
        nothing,
        with_url("secret@", "sicret@"),
        &["password authentication failed", "check the URL"],
    );
    refused(
        nothing,
        with_url("/test", "/nowhere"),
        &["does not exist", "check the URL"],
    );
}

#[test]
fn a_newer_database_that_older_programs_can_read_is_opened() {
    let url = fresh();
    Node::on(&url, 1).run("UPDATE schema_version SET version = 99");
    Node::on(&url, 2).user("anna");
}

#[test]
fn what_cannot_be_stored_is_refused_as_a_value_and_changes_nothing() {
    let node = Node::on(&fresh(), 1);
    let marks = || node.ask("SELECT high_water FROM registry");
    let before = marks();
    let refused = node.store.engine.write(Beside::Writers, |txn| {
        txn.conn
            .batch("UPDATE registry SET high_water = high_water + 1")?;
        let mut name = txn
            .conn
            .prepare_cached("UPDATE registry SET cluster = ?1")?;
        Ok(name.execute(params!["anna\0"])?)
    });
    let refused = block_on(refused).unwrap_err();
    let DirectoryError::Refused(refusal) = refused else {
        panic!("{refused}");
    };
    assert!(refusal.detail().contains("U+0000"), "{}", refusal.detail());
    assert_eq!(marks(), before);
    assert!(block_on(node.store.is_ready()).unwrap());
}

fn setting(conn: &Conn, name: &str) -> Result<String, DirectoryError> {
    Ok(conn
        .prepare_cached("SELECT current_setting(?1)")?
        .query_row(params![name], |row| row.get(0))?)
}

#[test]
fn every_connection_has_its_limits_and_commits_to_the_disk() {
    let node = Node::on(&fresh(), 1);
    let settings = |conn: &Conn| {
        ["statement_timeout", "lock_timeout", "synchronous_commit"]
            .map(|name| setting(conn, name))
            .into_iter()
            .collect::<Result<Vec<_>, _>>()
    };
    let engine = &node.store.engine;
    let found = [
        engine.write(Beside::Writers, move |txn| settings(txn.conn)),
        engine.read(Log::Aside, Length::Short, settings),
        engine.read(Log::Aside, Length::Long, settings),
    ]
    .map(|settings| block_on(settings).unwrap());
    let expect = ["10s", "8s", "1min"].map(|limit| [limit, "4s", "on"].map(str::to_owned).to_vec());
    assert_eq!(found, expect);
}

#[test]
fn a_statement_that_never_ends_is_given_up() {
    let node = Node::on(&fresh(), 1);
    let endless = |conn: &Conn| {
        conn.batch("SET LOCAL statement_timeout = 100")?;
        let mut sleep = conn.prepare_cached("SELECT 1 FROM (SELECT pg_sleep(3600)) AS slept")?;
        Ok(sleep.exists(params![])?)
    };
    let engine = &node.store.engine;
    for given_up in [
        engine.read(Log::Aside, Length::Short, endless),
        engine.write(Beside::Writers, move |txn| endless(txn.conn)),
    ] {
        let error = block_on(given_up).unwrap_err();
        assert!(matches!(error, DirectoryError::Unavailable(_)), "{error}");
    }
    assert!(block_on(node.directory.is_ready()));
    node.user("anna");
    node.check();
}

#[test]
fn work_that_nobody_waits_for_any_more_is_given_up() {
    let node = Node::on(&fresh(), 1);
    let ((begun, has_begun), (gave_up, has_given_up)) = (channel(), channel());
    let read = node
        .store
        .engine
        .read(Log::Aside, Length::Long, move |conn| {
            loop {
                conn.prepare_cached("SELECT 1")?
                    .exists(params![])
                    .inspect_err(|error| gave_up.send(error.to_string()).unwrap())?;
                let _ = begun.send(());
            }
            #[expect(unreachable_code, reason = "it gives the loop a type")]
            Ok(())
        });
    has_begun.recv().unwrap();
    drop(read);
    let why = has_given_up.recv_timeout(PATIENCE).unwrap();
    assert!(why.contains("nobody waits"), "{why}");
    assert!(block_on(node.directory.is_ready()));
}

type Way = fn(&Conn) -> Result<(), DirectoryError>;

#[test]
fn nothing_is_written_where_no_transaction_has_begun() {
    const COUNT: &str = "UPDATE registry SET high_water = high_water + 1";
    let node = Node::on(&fresh(), 1);
    let marks = || node.ask("SELECT high_water FROM registry");
    let mut berth = Berth::new(&node.store.engine.shared.connector, WRITING);
    let ways: [Way; 4] = [
        |conn| Ok(conn.prepare_cached(COUNT)?.execute(params![]).map(drop)?),
        |conn| Ok(conn.prepare_cached(COUNT)?.post(params![])?),
        |conn| Ok(conn.batch(COUNT)?),
        |conn| {
            let mut statement = conn.prepare_cached(COUNT)?;
            Ok(statement.ask_row(params![], |_| Ok(())).map(drop)?)
        },
    ];
    for way in ways {
        let before = marks();
        // Now the connection is there and the statement is prepared.
        assert!(berth.transact_ahead("BEGIN", way).is_ok());
        assert_eq!(marks(), before + 1);
        // A server that is asked to begin and fails, but goes on with what comes next.
        assert!(berth.transact_ahead("SELECT 1 / 0", way).is_err());
        assert_eq!(marks(), before + 1);
    }
}

/// How often a write was tried that fails twice with this SQLSTATE, and whether it succeeded.
fn tries(node: &Node, code: &'static str) -> (u32, bool) {
    let count = Arc::new(AtomicU32::new(0));
    let tried = Arc::clone(&count);
    let written = node.store.engine.write(Beside::Writers, move |txn| {
        txn.conn
            .batch("UPDATE registry SET high_water = high_water + 1")?;
        if tried.fetch_add(1, Ordering::Relaxed) < 2 {
            let fail = format!(
                "DO $$ BEGIN RAISE EXCEPTION 'in the way' USING ERRCODE = '{code}'; END $$"
            );
            txn.conn.batch(&fail)?;
        }
        Ok(())
    });
    let is_done = block_on(written).is_ok();
    (count.load(Ordering::Relaxed), is_done)
}

#[test]
fn a_write_that_met_another_one_is_tried_again() {
    let node = Node::on(&fresh(), 1);
    let marks = || node.ask("SELECT high_water FROM registry");
    for (code, tried) in [("40001", 3), ("40P01", 3), ("55P03", 3), ("22012", 1)] {
        let before = marks();
        assert_eq!(tries(&node, code), (tried, tried == 3), "{code}");
        assert_eq!(marks() - before, i64::from(tried == 3), "{code}");
    }
    assert!(block_on(node.store.is_ready()).unwrap());
}

/// So many reads of each kind and writes at the same time that every connection is used.
fn use_everything(node: &Node, round: &str) {
    std::thread::scope(|scope| {
        for number in 0..12 {
            scope.spawn(move || node.user(&format!("{round}{number}")));
            scope.spawn(|| block_on(node.directory.head()).unwrap());
            scope.spawn(|| block_on(node.directory.verify_log()).unwrap());
        }
    });
}

#[test]
fn connections_that_were_ended_are_replaced_without_a_failed_request() {
    let (_url, [one, other]) = two();
    for round in ["a", "b", "c"] {
        use_everything(&one, round);
        other.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
    }
    use_everything(&one, "d");
    use_everything(&other, "e");
    one.check();
}
