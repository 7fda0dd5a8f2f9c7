//! A database in the place of another one: who is refused, what is kept, and what works afterwards.

use std::{
    fs::{self, File},
    io::BufReader,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::json;

use crate::{
    ArchiveError, Database, Directory, Import, Imported, OpenOptions,
    archive::{self, Watch},
    change::Position,
    clock::SystemClock,
    credential::{Form, Presented},
    testing::{TempDir, actor, block_on, drain, fresh_postgres, group_input, user_input},
    token::{Access, NewToken},
    view::{Since, View, ViewEvent},
};

/// A place for a directory, with a folder for its archives.
struct Place {
    dir: TempDir,
    database: Database,
}

impl Place {
    fn new(is_postgres: bool) -> Self {
        let database = if is_postgres {
            Database::Postgres {
                url: fresh_postgres(Arc::new(SystemClock)).url,
                cluster: "provost".to_owned(),
            }
        } else {
            Database::Sqlite
        };
        Self {
            dir: TempDir::new(),
            database,
        }
    }

    fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn options(&self, serve: bool) -> OpenOptions {
        OpenOptions {
            data_dir: self.data_dir(),
            database: self.database.clone(),
            serve,
            clock: Arc::new(SystemClock),
        }
    }

    fn open(&self, serve: bool) -> Directory {
        block_on(Directory::open(self.options(serve))).unwrap()
    }

    /// An archive of what is there.
    fn export(&self, name: &str) -> PathBuf {
        let directory = self.open(false);
        let path = self.dir.path().join(name);
        let sink = Box::new(File::create(&path).unwrap());
        block_on(directory.export(sink, quiet())).unwrap();
        block_on(directory.close());
        path
    }

    fn import(&self, archive: &Path, replace: bool) -> Result<Imported, ArchiveError> {
        let import = Import {
            lines: Box::new(BufReader::new(File::open(archive).unwrap())),
            replace,
            watch: quiet(),
        };
        block_on(Directory::import(self.options(false), import))
    }

    fn refusal(&self, archive: &Path, replace: bool) -> String {
        self.import(archive, replace).unwrap_err().to_string()
    }
}

fn quiet() -> Watch {
    Arc::new(|_, _| {})
}

fn add(directory: &Directory, name: &str) -> String {
    let caller = block_on(directory.administrator("t")).unwrap();
    let input = user_input(json!({"userName": name}));
    let made = directory.create_user(&caller, actor(), input, [0; 32]);
    block_on(made).unwrap().into_inner().id.to_string()
}

/// A tenant with a token, an application that has synchronised, two users and a group.
struct Filled {
    token: String,
    position: Position,
}

fn fill(directory: &Directory) -> Filled {
    block_on(directory.create_tenant("t", None)).unwrap();
    let token = NewToken {
        label: String::new(),
        expires_days: None,
        access: Access::ReadWrite,
        form: Form::Bearer,
    };
    let (_, secret) = block_on(directory.create_token("t", token)).unwrap();
    block_on(directory.create_application("jira", &["t".to_owned()])).unwrap();
    let members: Vec<_> = ["anna", "bert"]
        .map(|name| json!({"value": add(directory, name)}))
        .into();
    let caller = block_on(directory.administrator("t")).unwrap();
    let input = group_input(json!({"displayName": "dev", "members": members}));
    block_on(directory.create_group(&caller, actor(), input, [1; 32])).unwrap();
    let view = view(directory);
    shown(&view);
    Filled {
        token: secret.reveal().to_owned(),
        position: block_on(view.token()).unwrap(),
    }
}

fn view(directory: &Directory) -> View {
    directory.view(&block_on(directory.application("jira")).unwrap())
}

/// Everything that a full synchronisation shows, as text.
fn shown(view: &View) -> String {
    let users = drain(block_on(view.begin_synchronisation()));
    let groups = drain(block_on(view.groups()));
    let members = drain(block_on(view.memberships()));
    format!("{users:?} {groups:?} {members:?}")
}

fn admits(directory: &Directory, token: &str) -> bool {
    let presented = Presented::Bearer(token);
    block_on(directory.authenticate("t", presented))
        .unwrap()
        .is_some()
}

#[test]
fn a_restored_directory_is_the_same_for_everybody_but_begins_an_epoch() {
    for (from, to) in [(false, false), (false, true), (true, false), (true, true)] {
        let source = Place::new(from);
        let directory = source.open(true);
        let filled = fill(&directory);
        let before = shown(&view(&directory));
        let epoch = block_on(directory.head()).unwrap().epoch;
        let archive = source.export("archive");
        block_on(directory.close());

        let target = Place::new(to);
        let imported = target.import(&archive, false).unwrap();
        assert_eq!(imported.kept, None);
        assert!(imported.position.epoch > epoch);
        let directory = target.open(true);
        assert_eq!(block_on(directory.head()).unwrap(), imported.position);
        assert!(admits(&directory, &filled.token));
        let view = view(&directory);
        assert_eq!(
            block_on(view.since(filled.position)).unwrap(),
            Since::Expired
        );
        assert_eq!(shown(&view), before);
        let position = block_on(view.token()).unwrap();
        add(&directory, "carl");
        let Since::Events { events, .. } = block_on(view.since(position)).unwrap() else {
            panic!("a second full synchronisation");
        };
        let is_carl = |event: &ViewEvent| matches!(event, ViewEvent::UserChanged { person, .. } if person.name == "carl");
        assert!(events.iter().any(is_carl), "{events:?}");
        block_on(directory.verify_log()).unwrap();
        block_on(directory.close());
        block_on(target.open(true).close());
    }
}

#[test]
fn nothing_goes_into_a_directory_that_a_server_uses_or_that_is_full() {
    for (is_postgres, in_use) in [
        (false, "another Provost server"),
        (true, "in use by the node"),
    ] {
        let place = Place::new(is_postgres);
        let server = place.open(true);
        let filled = fill(&server);
        let archive = place.export("archive");
        // A node has said that it lives when it can be seen to.
        while is_postgres && block_on(server.nodes()).unwrap().is_empty() {
            std::thread::yield_now();
        }
        for replace in [false, true] {
            let said = place.refusal(&archive, replace);
            assert!(said.contains(in_use), "{said}");
        }
        block_on(server.close());
        let said = place.refusal(&archive, false);
        assert!(
            said.contains("holds data already") && said.contains("--replace"),
            "{said}"
        );
        let server = place.open(true);
        assert_eq!(block_on(view(&server).token()).unwrap(), filled.position);
        block_on(server.close());
    }
}

#[test]
fn what_is_replaced_is_kept() {
    for is_postgres in [false, true] {
        let place = Place::new(is_postgres);
        let directory = place.open(true);
        let filled = fill(&directory);
        let archive = place.export("archive");
        add(&directory, "late");
        let late = block_on(directory.head()).unwrap();
        block_on(directory.close());

        // An archive that is cut changes nothing.
        let text = fs::read_to_string(&archive).unwrap();
        let cut = place.dir.path().join("cut");
        fs::write(&cut, &text[..text.len() - 10]).unwrap();
        assert!(place.refusal(&cut, true).contains("cut off"));
        let directory = place.open(true);
        assert_eq!(block_on(directory.head()).unwrap(), late);
        block_on(directory.close());

        let imported = place.import(&archive, true).unwrap();
        assert!(imported.position.epoch > late.epoch);
        let directory = place.open(true);
        assert_eq!(block_on(directory.counts("t")).unwrap().0, 2);
        assert!(admits(&directory, &filled.token));
        block_on(directory.close());

        let kept = imported.kept.unwrap();
        let users = if is_postgres {
            let lines = Box::new(BufReader::new(File::open(&kept).unwrap()));
            let summary = archive::check(lines, quiet()).unwrap();
            let rows = summary.rows.iter().find(|(table, _)| table == "resources");
            rows.unwrap().1 - 1
        } else {
            let old = super::open(&kept, true).unwrap();
            block_on(old.counts("t")).unwrap().0
        };
        assert_eq!(users, 3);
        assert!(!place.data_dir().join("restoring").exists());
    }
}

#[test]
fn a_damaged_database_can_be_replaced() {
    let place = Place::new(false);
    let directory = place.open(true);
    fill(&directory);
    let archive = place.export("archive");
    block_on(directory.close());
    let database = place.data_dir().join("provost.db");
    fs::write(&database, b"rubbish").unwrap();
    fs::write(place.data_dir().join("provost.db-wal"), b"rubbish").unwrap();
    let imported = place.import(&archive, true).unwrap();
    assert_eq!(
        fs::read(imported.kept.unwrap().join("provost.db")).unwrap(),
        b"rubbish"
    );
    let directory = place.open(true);
    assert_eq!(block_on(directory.counts("t")).unwrap().0, 2);
    block_on(directory.verify_log()).unwrap();
}
