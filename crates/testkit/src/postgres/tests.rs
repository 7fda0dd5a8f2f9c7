//! The servers do what tests rely on.

use std::time::Duration;

use anyhow::Result;

use super::{Options, Postgres, fresh_database};
use crate::patience::until;

#[test]
fn every_fresh_database_is_another_one() -> Result<()> {
    assert_ne!(fresh_database()?, fresh_database()?);
    Ok(())
}

#[test]
fn what_was_written_survives_kill_9_on_the_same_port() -> Result<()> {
    let mut server = Postgres::start(&Options::durable())?;
    let port = server.port();
    server.psql("CREATE TABLE t (n int); INSERT INTO t VALUES (7)")?;
    server.kill()?;
    assert!(!server.is_running());
    server.restart()?;
    assert_eq!(server.port(), port);
    assert_eq!(server.psql("SELECT n FROM t")?, "7");
    Ok(())
}

#[test]
fn a_standby_follows_and_takes_writes_once_promoted() -> Result<()> {
    let mut server = Postgres::start(&Options::default())?;
    let standby = server.standby()?;
    server.psql("CREATE TABLE t (n int)")?;
    let position = server.psql("SELECT pg_current_wal_lsn()")?;
    let replayed = format!("SELECT pg_last_wal_replay_lsn() >= '{position}'");
    until("replay", Duration::from_secs(60), || {
        Ok((standby.psql(&replayed)? == "t").then_some(()))
    })?;
    assert!(standby.psql("INSERT INTO t VALUES (1)").is_err());
    server.stop_immediately()?;
    standby.promote()?;
    standby.psql("INSERT INTO t VALUES (1)")?;
    Ok(())
}

#[test]
fn a_hung_server_goes_on() -> Result<()> {
    let mut server = Postgres::start(&Options::default())?;
    server.hang()?;
    assert!(server.is_running());
    server.go_on()?;
    assert_eq!(server.psql("SELECT 1")?, "1");
    Ok(())
}
