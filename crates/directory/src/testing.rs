//! What tests share: directories that vanish, an executor, short ways to make things.

use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::pin,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
};

use provost_scim::{
    Timestamp, patch::PatchRequest, profile::COMPAT, schema, urn, validate, validate::Input,
};
use serde_json::{Value, json};

use crate::{
    Created, Directory, DirectoryError, Written,
    change::Actor,
    clock::{Clock, ManualClock},
    group::Group,
    id::{GroupId, UserId},
    store::{Store, sql::postgres::Opening},
    token::Caller,
    user::User,
    view::{Listing, View},
};

/// A directory that is removed with the value.
#[derive(Debug)]
pub(crate) struct TempDir(PathBuf);

impl TempDir {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("provost-directory-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(std::fs::remove_dir_all(&path));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future on this thread, without any runtime: the crate promises that this works.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Whether a future has nothing to say yet.
pub(crate) fn is_pending(future: impl Future) -> bool {
    let waker = Waker::noop();
    pin!(future)
        .poll(&mut Context::from_waker(waker))
        .is_pending()
}

/// Where tests begin: 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600 * 1_000_000;

/// A directory over a store, with a clock to turn and short ways to use it.
pub(crate) struct Bench {
    pub(crate) directory: Directory,
    pub(crate) clock: Arc<ManualClock>,
    /// Reads and writes in the tenant `one`.
    pub(crate) one: Caller,
    /// Reads and writes in the tenant `two`.
    pub(crate) two: Caller,
    part: usize,
    _dir: TempDir,
}

/// How a database of its own on the PostgreSQL server of the test process is opened.
pub(crate) fn fresh_postgres(clock: Arc<dyn Clock>) -> Opening {
    Opening {
        url: provost_testkit::postgres::fresh_database()
            .unwrap()
            .parse()
            .unwrap(),
        serve: true,
        cluster: "provost".to_owned(),
        node: uuid::Uuid::from_bytes([7; 16]),
        clock,
        check_clock: false,
    }
}

/// Opens a store in a directory.
pub(crate) type OpenStore = fn(&Path, Arc<dyn Clock>) -> Arc<dyn Store>;

impl Bench {
    /// Where each step costs more, long walks take one in `part`.
    pub(crate) fn part(mut self, part: usize) -> Self {
        self.part = part;
        self
    }

    /// So many steps, or the part of them that this engine takes.
    pub(crate) const fn steps(&self, all: usize) -> usize {
        all / self.part
    }

    pub(crate) fn new(open: OpenStore) -> Self {
        let dir = TempDir::new();
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(START)));
        let as_clock: Arc<dyn Clock> = clock.clone();
        let directory = Directory::over(open(dir.path(), Arc::clone(&as_clock)), as_clock);
        block_on(async {
            directory.create_tenant("one", None).await.unwrap();
            directory.create_tenant("two", None).await.unwrap();
        });
        Self {
            one: block_on(directory.administrator("one")).unwrap(),
            two: block_on(directory.administrator("two")).unwrap(),
            directory,
            clock,
            part: 1,
            _dir: dir,
        }
    }

    /// Changes a setting of the tenant `one`.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        let pairs = [(key.to_owned(), value.to_owned())];
        block_on(self.directory.set_tenant("one", &pairs)).unwrap();
        self.one = block_on(self.directory.administrator("one")).unwrap();
    }

    pub(crate) fn create(&self, caller: &Caller, body: Value) -> Result<User, DirectoryError> {
        static REQUEST: AtomicU64 = AtomicU64::new(0);
        let mut hash = [0; 32];
        let number = REQUEST.fetch_add(1, Ordering::Relaxed);
        hash[..8].copy_from_slice(&number.to_be_bytes());
        match self.post(caller, body, hash)? {
            Created::New(user) => Ok(user),
            Created::Replayed(_) => panic!("unexpected replay"),
        }
    }

    pub(crate) fn post(
        &self,
        caller: &Caller,
        body: Value,
        hash: [u8; 32],
    ) -> Result<Created<User>, DirectoryError> {
        let input = validate::input(caller.tenant.types.user, &COMPAT, body).unwrap();
        block_on(self.directory.create_user(caller, actor(), input, hash))
    }

    /// A user of tenant `one` with that name.
    pub(crate) fn user(&self, name: &str) -> User {
        self.create(&self.one, json!({"userName": name})).unwrap()
    }

    /// A group of that name, with members.
    pub(crate) fn group_of(
        &self,
        caller: &Caller,
        name: &str,
        members: &[String],
    ) -> Result<Written<Group>, DirectoryError> {
        let members: Vec<_> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"displayName": name, "members": members});
        let input = group_input(body);
        let made = self.directory.create_group(caller, actor(), input, [1; 32]);
        block_on(made).map(Created::into_inner)
    }

    /// A group of tenant `one`.
    pub(crate) fn group(&self, name: &str, members: &[String]) -> Group {
        self.group_of(&self.one, name, members).unwrap().object
    }

    pub(crate) fn patch_user(&self, id: UserId, operations: Value) -> Result<User, DirectoryError> {
        let patch = patch(operations);
        block_on(
            self.directory
                .patch_user(&self.one, actor(), id, None, patch),
        )
    }

    pub(crate) fn patch_group(
        &self,
        id: GroupId,
        operations: Value,
    ) -> Result<Written<Group>, DirectoryError> {
        let patch = patch(operations);
        let change = self
            .directory
            .patch_group(&self.one, actor(), id, None, patch, true);
        block_on(change)
    }

    pub(crate) fn delete_user(&self, caller: &Caller, id: UserId) -> Result<(), DirectoryError> {
        block_on(self.directory.delete_user(caller, actor(), id, None))
    }

    pub(crate) fn read_user(&self, id: UserId) -> Result<User, DirectoryError> {
        block_on(self.directory.user(&self.one, id, true))
    }

    pub(crate) fn read_group(&self, id: GroupId) -> Result<Group, DirectoryError> {
        block_on(self.directory.group(&self.one, id, true))
    }

    pub(crate) fn head(&self) -> u64 {
        block_on(self.directory.head()).unwrap().number
    }

    /// What an application that sees these tenants sees.
    pub(crate) fn view(&self, name: &str, tenants: &[&str]) -> View {
        let tenants: Vec<_> = tenants.iter().map(|&slug| slug.to_owned()).collect();
        let made = block_on(self.directory.create_application(name, &tenants)).unwrap();
        self.directory.view(&made.0)
    }
}

pub(crate) fn actor() -> &'static Actor {
    static ACTOR: LazyLock<Actor> = LazyLock::new(|| Actor {
        name: "test".to_owned(),
        request: "request".to_owned(),
    });
    &ACTOR
}

pub(crate) fn user_input(body: Value) -> Input {
    validate::input(&schema::USER, &COMPAT, body).unwrap()
}

pub(crate) fn group_input(body: Value) -> Input {
    validate::input(&schema::GROUP, &COMPAT, body).unwrap()
}

pub(crate) fn patch(operations: Value) -> PatchRequest {
    let mut body = json!({"schemas": [urn::PATCH_OP]});
    body["Operations"] = operations;
    PatchRequest::parse(body, &COMPAT).unwrap()
}

/// Everything of a listing; it must end without an error.
pub(crate) fn drain<T>(listing: Result<Listing<T>, DirectoryError>) -> Vec<T> {
    let mut listing = listing.unwrap();
    let mut items = Vec::new();
    while let Some(batch) = block_on(listing.next()) {
        items.extend(batch.unwrap());
    }
    items
}
