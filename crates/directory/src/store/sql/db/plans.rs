//! How SQLite would run the statements that tests prepare: a list of keys must be looked up, not
//! searched for among everything that a tenant has.

use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex},
};

use rusqlite::Connection;

static SEEN: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// Panics if a statement with a list goes through a whole table or tenant.
pub(super) fn look(conn: &Connection, sql: &str) {
    let has_list = sql.contains("IN (?");
    if !has_list || !SEEN.lock().unwrap().insert(sql.to_owned()) {
        return;
    }
    let mut explain = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    for parameter in 1..=explain.parameter_count() {
        explain.raw_bind_parameter(parameter, 1).unwrap();
    }
    let mut steps = explain.raw_query();
    while let Some(step) = steps.next().unwrap() {
        let step: String = step.get("detail").unwrap();
        let goes_through = step.starts_with("SCAN")
            || ["(tenant=?)", "(tenant=? AND kind=?)"]
                .iter()
                .any(|all| step.ends_with(all));
        assert!(!goes_through, "{step} for {sql}");
    }
}
