//! What only this engine can go through: several nodes on one database, epochs, and a database that
//! refuses, hangs or goes away.

mod epochs;
mod nodes;
mod races;
mod troubles;

use std::{sync::Arc, time::Duration};

use provost_testkit::until;
use serde_json::json;
use uuid::Uuid;

use super::{
    super::{
        db::params,
        engine::{Beside, Engine as _, Length, Log},
    },
    Opening, PostgresStore, PostgresUrl,
};
use crate::{
    Created, Directory, DirectoryError,
    clock::SystemClock,
    group::Group,
    id::{GroupId, UserId},
    testing::{actor, block_on, fresh_postgres, group_input, patch, user_input},
    token::Caller,
    user::User,
};

/// Ends a test that waits in vain; it measures nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// One of the nodes that share a database, used in the tenant `t`.
struct Node {
    store: Arc<PostgresStore>,
    directory: Directory,
    caller: Caller,
}

fn opening(url: &PostgresUrl, number: u8) -> Opening {
    Opening {
        url: url.clone(),
        serve: true,
        cluster: "provost".to_owned(),
        node: Uuid::from_bytes([number; 16]),
        clock: Arc::new(SystemClock),
        check_clock: true,
    }
}

/// A database that nobody has used.
fn fresh() -> PostgresUrl {
    fresh_postgres(Arc::new(SystemClock)).url
}

/// Two nodes on one database.
fn two() -> (PostgresUrl, [Node; 2]) {
    let url = fresh();
    let nodes = [1, 2].map(|number| Node::on(&url, number));
    (url, nodes)
}

impl Node {
    fn on(url: &PostgresUrl, number: u8) -> Self {
        let store = Arc::new(PostgresStore::open(&opening(url, number)).unwrap());
        let directory = Directory::over(store.clone(), Arc::new(SystemClock));
        let made = block_on(directory.create_tenant("t", None)).map(drop);
        assert!(
            matches!(made, Ok(()) | Err(DirectoryError::Conflict { .. })),
            "{made:?}"
        );
        let caller = block_on(directory.administrator("t")).unwrap();
        Self {
            store,
            directory,
            caller,
        }
    }

    fn post(&self, name: &str, hash: [u8; 32]) -> Result<Created<User>, DirectoryError> {
        let input = user_input(json!({"userName": name}));
        block_on(
            self.directory
                .create_user(&self.caller, actor(), input, hash),
        )
    }

    fn user(&self, name: &str) -> User {
        self.post(name, [0; 32]).unwrap().into_inner()
    }

    fn read_user(&self, id: UserId) -> Result<User, DirectoryError> {
        block_on(self.directory.user(&self.caller, id, true))
    }

    fn delete_user(&self, id: UserId) -> Result<(), DirectoryError> {
        block_on(self.directory.delete_user(&self.caller, actor(), id, None))
    }

    fn group(&self, name: &str) -> Group {
        let input = group_input(json!({"displayName": name}));
        let made = self
            .directory
            .create_group(&self.caller, actor(), input, [0; 32]);
        block_on(made).unwrap().into_inner().object
    }

    fn add_member(&self, group: GroupId, member: &str) -> Result<(), DirectoryError> {
        let patch = patch(json!([
            {"op": "add", "path": "members", "value": [{"value": member}]}
        ]));
        let change = self
            .directory
            .patch_group(&self.caller, actor(), group, None, patch, false);
        block_on(change).map(drop)
    }

    fn read_group(&self, id: GroupId) -> Group {
        block_on(self.directory.group(&self.caller, id, true)).unwrap()
    }

    /// Statements that somebody else would run on the database.
    fn run(&self, sql: &'static str) {
        let done = self.store.engine.write(Beside::Writers, move |txn| {
            txn.conn.batch(sql)?;
            Ok(())
        });
        block_on(done).unwrap();
    }

    /// One number.
    fn ask(&self, sql: &'static str) -> i64 {
        let asked = self
            .store
            .engine
            .read(Log::Aside, Length::Short, move |conn| {
                Ok(conn
                    .prepare_cached(sql)?
                    .query_row(params![], |row| row.get(0))?)
            });
        block_on(asked).unwrap()
    }

    /// What must be true of every database: no membership without its two ends, counts that count,
    /// a log that holds.
    fn check(&self) {
        for difference in [
            "SELECT count(*) FROM members m
             WHERE NOT EXISTS (SELECT 1 FROM resources r WHERE r.row = m.member AND r.kind = m.kind)
                OR NOT EXISTS (SELECT 1 FROM resources g WHERE g.row = m.grp AND g.kind = 1)",
            "SELECT CAST(coalesce(sum(users), 0) AS BIGINT)
                - (SELECT count(*) FROM resources WHERE kind = 0) FROM counts",
            "SELECT CAST(coalesce(sum(groups), 0) AS BIGINT)
                - (SELECT count(*) FROM resources WHERE kind = 1) FROM counts",
            "SELECT CAST(coalesce(sum(memberships), 0) AS BIGINT)
                - (SELECT count(*) FROM members) FROM counts",
            "SELECT CAST(coalesce(sum(live), 0) AS BIGINT)
                - (SELECT count(*) FROM resources) FROM blocks",
        ] {
            assert_eq!(self.ask(difference), 0, "{difference}");
        }
        block_on(self.directory.verify_log()).unwrap();
    }
}

/// Waits until something that travels between nodes has arrived.
fn arrives(what: &str, mut is_there: impl FnMut() -> bool) {
    until(what, PATIENCE, || Ok(is_there().then_some(()))).unwrap();
}
