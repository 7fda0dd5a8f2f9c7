//! Archives and targets that are not fit: one sentence, and nothing has changed.

use std::io::Cursor;

use provost_scim::Timestamp;
use sha2::{Digest as _, Sha256};

use super::{Bench, Fresh, block_on, body, clock, export, fill, fresh, import, open, quiet};
use crate::{
    DirectoryError, archive,
    store::{
        Store as _,
        sql::{
            db::params,
            engine::{Beside, Engine as _},
            sqlite::SqliteStore,
        },
    },
    testing::TempDir,
};

/// The lines with a last line that fits them.
fn sealed(lines: &[String]) -> String {
    let mut rows: Vec<(String, u64)> = Vec::new();
    let mut hash = Sha256::new();
    let mut text = String::new();
    for line in &lines[..lines.len() - 1] {
        hash.update(line);
        hash.update("\n");
        text.push_str(line);
        text.push('\n');
        if line.starts_with('[') {
            rows.last_mut().unwrap().1 += 1;
        } else if let Some(name) = line.split("\"table\":\"").nth(1) {
            rows.push((name.split('"').next().unwrap().to_owned(), 0));
        }
    }
    let sha256 = archive::hex(&hash.finalize());
    let end = serde_json::json!({"end": {"rows": rows, "sha256": sha256}});
    format!("{text}{end}\n")
}

/// A change of an archive, given as its lines.
type Spoil = fn(&mut Vec<String>) -> String;

fn plain(lines: &[String]) -> String {
    let ended = lines.iter().flat_map(|line| [line.as_str(), "\n"]);
    ended.collect()
}

fn find(lines: &[String], words: &str) -> usize {
    lines.iter().position(|line| line.contains(words)).unwrap()
}

/// What both a check and an import refuse.
const BROKEN: &[(&str, Spoil, &str)] = &[
    ("empty", |_| String::new(), "no archive of Provost"),
    (
        "something else",
        |_| "{\"users\": []}\n".to_owned(),
        "no archive of Provost",
    ),
    (
        "cut in a line",
        |lines| {
            let text = plain(lines);
            text[..text.len() / 2].to_owned()
        },
        "cut off",
    ),
    (
        "cut between lines",
        |lines| {
            lines.pop();
            plain(lines)
        },
        "cut off",
    ),
    (
        "a letter changed",
        |lines| plain(lines).replace("bert@example.org", "bart@example.org"),
        "checksum",
    ),
    (
        "a line less",
        |lines| {
            let row = find(lines, "ext-bert");
            lines.remove(row);
            plain(lines)
        },
        "checksum",
    ),
    (
        "lines swapped",
        |lines| {
            let row = find(lines, "ext-bert");
            lines.swap(row, row + 1);
            plain(lines)
        },
        "checksum",
    ),
    (
        "a last line that counts wrongly",
        |lines| {
            let text = sealed(lines);
            text.replace("[\"tenants\",3]", "[\"tenants\",4]")
        },
        "last line counts",
    ),
    (
        "two archives in one",
        |lines| plain(lines).repeat(2),
        "goes on after its last line",
    ),
    (
        "a newer form",
        |lines| {
            lines[0] = lines[0].replace("\"format\":1", "\"format\":2,\"more\":true");
            sealed(lines)
        },
        "has form 2",
    ),
    (
        "a line of another kind",
        |lines| {
            lines.insert(2, "rubbish".to_owned());
            sealed(lines)
        },
        "line 3 is unreadable",
    ),
    (
        "a row before the tables",
        |lines| {
            lines.insert(1, "[1]".to_owned());
            plain(lines)
        },
        "before the first table",
    ),
];

/// What only an import can see.
const UNFIT: &[(&str, Spoil, &str)] = &[
    (
        "tables in another order",
        |lines| {
            let tenants = find(lines, "\"table\":\"tenants\"");
            let tokens = find(lines, "\"table\":\"tokens\"");
            lines[tenants..].rotate_left(tokens - tenants);
            let last = lines.len() - 1;
            let end = find(lines, "\"end\"");
            lines.swap(end, last);
            sealed(lines)
        },
        "`tokens` stands where `tenants` should",
    ),
    (
        "a table less",
        |lines| {
            let head = find(lines, "\"table\":\"log_head\"");
            lines.drain(head..head + 2);
            sealed(lines)
        },
        "the table `log_head` is missing",
    ),
    (
        "a column of another name",
        |lines| {
            let tokens = find(lines, "\"table\":\"tokens\"");
            lines[tokens] = lines[tokens].replace("digest", "secret");
            sealed(lines)
        },
        "`tokens` has other columns",
    ),
    (
        "a cell less",
        |lines| {
            let row = find(lines, "\"table\":\"members\"") + 1;
            lines[row] = "[1,2,3]".to_owned();
            sealed(lines)
        },
        "no row of `members`",
    ),
    (
        "a text for a number",
        |lines| {
            let row = find(lines, "\"table\":\"members\"") + 1;
            lines[row] = "[1,2,\"3\",4]".to_owned();
            sealed(lines)
        },
        "no row of `members`",
    ),
    (
        "an altered log",
        |lines| {
            let row = find(lines, "\"table\":\"changes\"") + 2;
            lines[row] = lines[row].replace("\"test\"", "\"somebody\"");
            sealed(lines)
        },
        "change 2 or its predecessor was altered",
    ),
    (
        "a row twice",
        |lines| {
            let row = find(lines, "ext-bert");
            lines.insert(row, lines[row].clone());
            sealed(lines)
        },
        "",
    ),
];

fn refusal(outcome: Result<impl Sized, DirectoryError>) -> String {
    match outcome {
        Ok(_) => panic!("taken"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_broken_archive_leaves_nothing() {
    let mut bench = Bench::new(open(false));
    fill::everything(&mut bench);
    let text = export(&**bench.directory.store());
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(
        sealed(&lines),
        text,
        "what is sealed here is what is sealed there"
    );
    for is_postgres in [false, true] {
        let Fresh { store, _dir } = fresh(is_postgres);
        let before = export(&*store);
        for (what, spoil, words) in BROKEN.iter().chain(UNFIT) {
            let spoiled = spoil(&mut lines.clone());
            let said = refusal(import(&*store, &spoiled, false));
            assert!(said.contains(words), "{what}: {said}");
            assert!(block_on(store.is_empty()).unwrap(), "{what}");
            assert_eq!(export(&*store), before, "{what}");
        }
        import(&*store, &text, false).unwrap();
        block_on(store.close()).unwrap();
    }
    for (what, spoil, words) in BROKEN {
        let spoiled = Cursor::new(spoil(&mut lines.clone()).into_bytes());
        let said = archive::check(Box::new(spoiled), quiet())
            .unwrap_err()
            .to_string();
        assert!(said.contains(words), "{what}: {said}");
    }
    let whole = archive::check(Box::new(Cursor::new(text.into_bytes())), quiet()).unwrap();
    assert_eq!(whole.header.at, Timestamp::from_micros(7).to_string());
}

#[test]
fn a_database_in_use_is_replaced_only_if_asked() {
    for is_postgres in [false, true] {
        let mut bench = Bench::new(open(is_postgres));
        fill::everything(&mut bench);
        let store = &**bench.directory.store();
        let text = export(store);
        let late = bench.user("late").id;
        let before = export(store);
        let said = refusal(import(store, &text, false));
        assert!(
            said.contains("not empty") && said.contains("--replace"),
            "{said}"
        );
        assert_eq!(export(store), before);
        let epoch = block_on(bench.directory.head()).unwrap().epoch;

        let (_, position) = import(store, &text, true).unwrap();
        assert!(position.epoch > epoch);
        let after = export(store);
        // The registry's number grows, so that nobody goes on with what he knew of it.
        assert_eq!(body(&after)[2..], body(&text)[2..]);
        assert!(bench.read_user(late).is_err());
        bench.user("later");
        block_on(bench.directory.verify_log()).unwrap();
        block_on(bench.directory.close());
    }
}

#[test]
fn a_full_disk_leaves_nothing() {
    let mut bench = Bench::new(open(false));
    fill::everything(&mut bench);
    for number in 0..200 {
        bench.user(&format!("user{number}"));
    }
    let text = export(&**bench.directory.store());
    let dir = TempDir::new();
    let store = SqliteStore::open(dir.path(), false, clock()).unwrap();
    let limit = |pages: &'static str| {
        let limited = store.engine.write(Beside::Writers, move |txn| {
            let sql = format!("PRAGMA max_page_count = {pages}");
            txn.conn
                .prepare_cached(&sql)?
                .query_row(params![], |_| Ok(()))?;
            Ok(())
        });
        block_on(limited).unwrap();
    };
    limit("1");
    let error = import(&store, &text, false).unwrap_err();
    assert!(matches!(error, DirectoryError::Unavailable(_)), "{error}");
    assert!(block_on(store.is_empty()).unwrap());
    limit("100000");
    import(&store, &text, false).unwrap();
    assert_eq!(body(&export(&store)), body(&text));
}
