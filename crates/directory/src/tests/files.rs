//! The files of a data directory: what survives, what is noticed, what is refused.

use std::path::Path;

use rusqlite::Connection;
use serde_json::json;

use super::open;
use crate::{
    Directory, DirectoryError,
    change::Position,
    testing::{TempDir, actor, block_on, is_pending, user_input},
};

fn add_user(directory: &Directory, name: &str) {
    let caller = block_on(directory.administrator("t")).unwrap();
    let input = user_input(json!({"userName": name}));
    let made = directory.create_user(&caller, actor(), input, [0; 32]);
    block_on(made).unwrap();
}

/// A directory with a tenant and this many users, closed.
fn filled(users: u32) -> TempDir {
    let dir = TempDir::new();
    let directory = open(dir.path(), true).unwrap();
    block_on(directory.create_tenant("t", None)).unwrap();
    for number in 0..users {
        add_user(&directory, &format!("u{number}"));
    }
    block_on(directory.close());
    dir
}

fn sql(dir: &TempDir, statements: &str) {
    let conn = Connection::open(dir.path().join("provost.db")).unwrap();
    conn.execute_batch(statements).unwrap();
}

fn refusal(dir: &Path) -> String {
    match open(dir, true) {
        Ok(_) => panic!("opened"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn what_was_acknowledged_is_there_without_an_orderly_end() {
    let dir = TempDir::new();
    let directory = open(dir.path(), true).unwrap();
    block_on(directory.create_tenant("t", None)).unwrap();
    for number in 0..20 {
        add_user(&directory, &format!("u{number}"));
    }
    // A copy of the files at this moment is what a killed process leaves behind.
    let copy = TempDir::new();
    for name in ["provost.db", "provost.db-wal", "provost.head"] {
        std::fs::copy(dir.path().join(name), copy.path().join(name)).unwrap();
    }
    drop(directory);
    for path in [copy.path(), dir.path()] {
        let again = open(path, true).unwrap();
        assert_eq!(block_on(again.counts("t")).unwrap().0, 20);
        assert_eq!(block_on(again.verify_log()).unwrap().number, 20);
    }
}

#[test]
fn a_second_server_is_refused_and_commands_are_not() {
    let dir = TempDir::new();
    let first = open(dir.path(), true).unwrap();
    let text = refusal(dir.path());
    assert!(text.contains("another Provost server"), "{text}");
    assert!(text.contains(&dir.path().display().to_string()), "{text}");
    let command = open(dir.path(), false).unwrap();
    block_on(command.create_tenant("t", None)).unwrap();
    block_on(command.close());
    block_on(first.close());
    open(dir.path(), true).unwrap();
}

#[test]
fn a_closed_directory_is_unavailable_and_wakes_nobody_wrongly() {
    let dir = filled(1);
    let directory = open(dir.path(), true).unwrap();
    block_on(directory.close());
    assert!(!block_on(directory.is_ready()));
    let head = block_on(directory.head());
    assert!(matches!(head, Err(DirectoryError::Unavailable(_))));
    let waiting = block_on(directory.wait_past(Position {
        epoch: u64::MAX,
        number: u64::MAX,
    }));
    assert!(matches!(waiting, Err(DirectoryError::Unavailable(_))));
    let tenants = block_on(directory.create_tenant("x", None));
    assert!(matches!(tenants, Err(DirectoryError::Unavailable(_))));
    assert!(
        !dir.path().join("provost.db-wal").exists(),
        "one file is left"
    );
}

#[test]
fn a_database_that_lost_changes_is_refused() {
    let dir = filled(3);
    sql(
        &dir,
        "DELETE FROM changes WHERE number > 1;
         UPDATE log_head SET number = 1, hash = (SELECT hash FROM changes WHERE number = 1);",
    );
    let text = refusal(dir.path());
    assert!(text.contains("lost the changes 2 to 3"), "{text}");
    assert!(text.contains("restore a backup"), "{text}");

    // The whole database gone is a loss, too.
    std::fs::remove_file(dir.path().join("provost.db")).unwrap();
    assert!(refusal(dir.path()).contains("lost the changes 1 to 3"));

    // The administrator accepts the loss.
    std::fs::remove_file(dir.path().join("provost.head")).unwrap();
    open(dir.path(), true).unwrap();
}

#[test]
fn another_database_with_as_many_changes_is_refused() {
    let (dir, other) = (filled(3), filled(4));
    let name = "provost.db";
    std::fs::copy(other.path().join(name), dir.path().join(name)).unwrap();
    assert!(refusal(dir.path()).contains("not the one"));
}

#[test]
fn an_altered_log_is_noticed() {
    for (statements, hint) in [
        ("UPDATE changes SET name = 'x' WHERE number = 2", "change 2"),
        (
            "UPDATE changes SET hash = zeroblob(32) WHERE number = 2",
            "change 2",
        ),
        (
            "DELETE FROM changes WHERE number = 2",
            "changes 2 to 2 are missing",
        ),
        ("DELETE FROM changes WHERE number = 3", "change 3 differs"),
        ("UPDATE log_head SET number = 9", "head names change 9"),
    ] {
        let dir = filled(3);
        sql(&dir, statements);
        let text = refusal(dir.path());
        assert!(text.contains(hint), "{statements}: {text}");
    }
}

#[test]
fn a_lost_second_place_is_made_anew_with_a_new_epoch() {
    let dir = filled(2);
    let directory = open(dir.path(), true).unwrap();
    let before = block_on(directory.head()).unwrap();
    block_on(directory.close());
    std::fs::write(dir.path().join("provost.head"), b"rubbish").unwrap();
    let directory = open(dir.path(), true).unwrap();
    let after = block_on(directory.head()).unwrap();
    assert!(after.epoch > before.epoch);
    assert_eq!(after.number, before.number);
    assert!(is_pending(directory.wait_past(before)), "nothing new since");
    add_user(&directory, "later");
    block_on(directory.wait_past(before)).unwrap();
    block_on(directory.verify_log()).unwrap();
    block_on(directory.close());
    open(dir.path(), true).unwrap();
}

#[test]
fn unfit_directories_are_refused_with_the_next_step() {
    let dir = filled(1);
    let database = dir.path().join("provost.db");
    sql(&dir, "PRAGMA user_version = 99");
    assert!(refusal(dir.path()).contains("newer Provost"));

    let mut bytes = std::fs::read(&database).unwrap();
    bytes[..64].fill(b'x');
    std::fs::write(&database, bytes).unwrap();
    let text = refusal(dir.path());
    assert!(
        text.contains("not a database") && text.contains("restore a backup"),
        "{text}"
    );

    let file = dir.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(refusal(&file).contains("--data-dir"));
    std::fs::remove_file(&database).unwrap();
    std::fs::create_dir(&database).unwrap();
    assert!(refusal(dir.path()).contains("provost.db"));
}

#[cfg(unix)]
#[test]
fn files_are_private() {
    use std::os::unix::fs::PermissionsExt as _;

    let dir = TempDir::new();
    let inner = dir.path().join("made");
    let directory = open(&inner, true).unwrap();
    block_on(directory.create_tenant("t", None)).unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    for entry in std::fs::read_dir(&inner).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn another_process_wakes_who_waits() {
    let dir = filled(1);
    let server = open(dir.path(), true).unwrap();
    let head = block_on(server.head()).unwrap();
    let command = open(dir.path(), false).unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| block_on(server.wait_past(head)));
        add_user(&command, "from-outside");
        waiting.join().unwrap().unwrap();
    });
    add_user(&server, "from-inside");
    block_on(command.close());
    assert_eq!(
        block_on(server.verify_log()).unwrap().number,
        head.number + 2
    );
    let start = Position {
        epoch: 0,
        number: 0,
    };
    let changes = block_on(server.changes_after(start, 10)).unwrap();
    assert_eq!(changes.len(), 3);
}
