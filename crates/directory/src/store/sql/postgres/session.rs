//! One connection to PostgreSQL, driven by the thread that uses it: every statement is sent, waited
//! for within a deadline, and prepared once.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use futures_util::{
    FutureExt as _,
    future::{BoxFuture, MaybeDone, maybe_done},
};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Row, error::SqlState, types::ToSql};

use crate::store::sql::db::{Owned, Param, Value, postgres};

/// Prepared statements that are kept; texts of filters vary.
const STATEMENTS: usize = 400;
/// Rows fetched at once from a cursor.
const FETCH: usize = 1_000;

/// Why PostgreSQL did not do it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store::sql) enum Trouble {
    /// Another transaction was in the way; the same work may succeed now.
    Conflict(String),
    /// The connection is gone, or no answer came in time.
    Lost(String),
    /// The character U+0000.
    Unstorable,
    /// Something else.
    Other(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Conflict(text) => write!(f, "PostgreSQL: other writes were in the way: {text}"),
            Self::Lost(text) => write!(f, "PostgreSQL does not answer: {text}"),
            Self::Unstorable => f.write_str("PostgreSQL cannot store the character U+0000"),
            Self::Other(text) => write!(f, "PostgreSQL: {text}"),
        }
    }
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(reported) = error.as_db_error() else {
            return Self::Lost(sentence(&error));
        };
        let text = format!("{} ({})", reported.message(), reported.code().code());
        match reported.code() {
            &SqlState::T_R_SERIALIZATION_FAILURE
            | &SqlState::T_R_DEADLOCK_DETECTED
            | &SqlState::LOCK_NOT_AVAILABLE
            | &SqlState::UNIQUE_VIOLATION => Self::Conflict(text),
            &SqlState::UNTRANSLATABLE_CHARACTER | &SqlState::CHARACTER_NOT_IN_REPERTOIRE => {
                Self::Unstorable
            }
            // A server that has become a standby refuses writes; another one takes them.
            &SqlState::READ_ONLY_SQL_TRANSACTION => Self::Lost(text),
            code if code.code().starts_with("08") || code.code().starts_with("57P") => {
                Self::Lost(text)
            }
            _ => Self::Other(text),
        }
    }
}

/// An error with its causes.
pub(in crate::store::sql) fn sentence(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}

type Result<T> = std::result::Result<T, Trouble>;

/// How the last failed statement failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The transaction may be tried again on this connection.
    Again,
    /// The connection must not be used again.
    Broken,
    /// As `Broken`, and it was closed before the transaction had done anything: an idle connection
    /// does not notice that the server has gone.
    Gone,
    /// The statement was at fault.
    Statement,
}

/// What comes back for a statement; no rows if nobody asked for them.
type Reply = std::result::Result<Vec<Row>, tokio_postgres::Error>;

/// A statement that was sent and not waited for yet.
struct Posted {
    /// Under which its rows are kept, if somebody asked for them.
    number: Option<u64>,
    reply: MaybeDone<BoxFuture<'static, Reply>>,
}

impl Posted {
    /// Sends it. Polling is what sends, and nothing else is sent in between: statements arrive in
    /// the order in which they were posted.
    fn send(number: Option<u64>, reply: BoxFuture<'static, Reply>) -> Self {
        let mut reply = maybe_done(reply);
        let _ = reply.poll_unpin(&mut Context::from_waker(Waker::noop()));
        Self { number, reply }
    }

    async fn wait(mut self) -> (Option<u64>, Reply) {
        Pin::new(&mut self.reply).await;
        let reply = Pin::new(&mut self.reply).take_output();
        (self.number, reply.unwrap_or_else(|| Ok(Vec::new())))
    }
}

/// A connection.
pub(crate) struct Session {
    runtime: Runtime,
    client: Arc<Client>,
    /// They travel together with the next statement that is waited for, before it.
    posted: RefCell<Vec<Posted>>,
    /// What came back for those of them that give rows, until it is fetched.
    answers: RefCell<HashMap<u64, Vec<Row>>>,
    asked: Cell<u64>,
    /// Whether the server has answered in this transaction, or just before it.
    answered: Cell<bool>,
    /// Turns true when nobody waits for the outcome any more.
    abandoned: RefCell<Option<Arc<AtomicBool>>>,
    statements: RefCell<HashMap<String, tokio_postgres::Statement>>,
    cursors: Cell<u64>,
    deadline: Duration,
    verdict: Cell<Option<Verdict>>,
}

impl Session {
    /// Drives `client`, whose connection runs on `runtime`; no statement takes longer than `deadline`.
    pub(super) fn new(runtime: Runtime, client: Client, deadline: Duration) -> Self {
        Self {
            runtime,
            client: Arc::new(client),
            posted: RefCell::default(),
            answers: RefCell::default(),
            asked: Cell::new(0),
            answered: Cell::new(true),
            abandoned: RefCell::default(),
            statements: RefCell::default(),
            cursors: Cell::new(0),
            deadline,
            verdict: Cell::new(None),
        }
    }

    /// How a statement failed since this was last asked.
    pub(super) fn take_verdict(&self) -> Option<Verdict> {
        let verdict = self.verdict.take();
        if self.client.is_closed() && verdict != Some(Verdict::Gone) {
            return Some(Verdict::Broken);
        }
        verdict
    }

    /// From now on statements are refused once this is true.
    pub(super) fn heed(&self, abandoned: Option<Arc<AtomicBool>>) {
        *self.abandoned.borrow_mut() = abandoned;
    }

    /// Refuses to go on if nobody waits any more; what ends the transaction is let through.
    fn look_whether_abandoned(&self) -> Result<()> {
        let mut abandoned = self.abandoned.borrow_mut();
        if !abandoned
            .as_ref()
            .is_some_and(|one| one.load(Ordering::Acquire))
        {
            return Ok(());
        }
        *abandoned = None;
        self.verdict.set(Some(Verdict::Statement));
        Err(Trouble::Other(
            "nobody waits for the answer any more".to_owned(),
        ))
    }

    /// Begins a transaction, without waiting for it; reads may go along.
    pub(super) fn begin(&self, sql: &str) {
        self.answers.borrow_mut().clear();
        self.answered.set(false);
        let (client, sql) = (Arc::clone(&self.client), sql.to_owned());
        self.send(None, async move {
            client.batch_execute(&sql).await.map(|()| Vec::new())
        });
    }

    fn wait<T>(
        &self,
        work: impl Future<Output = std::result::Result<T, tokio_postgres::Error>>,
    ) -> Result<T> {
        self.look_whether_abandoned()?;
        let posted = self.posted.take();
        let all = async {
            let mut work = pin!(maybe_done(work));
            // Sent now; what was posted before is answered before.
            poll_fn(|context| {
                let _ = work.as_mut().poll(context);
                Poll::Ready(())
            })
            .await;
            for one in posted {
                let (number, reply) = one.wait().await;
                let rows = reply?;
                if let Some(number) = number {
                    self.answers.borrow_mut().insert(number, rows);
                }
            }
            work.as_mut().await;
            work.take_output().transpose()
        };
        let limited = async { tokio::time::timeout(self.deadline, all).await };
        let result = match self.runtime.block_on(limited) {
            Ok(Ok(Some(value))) => Ok(value),
            Ok(Ok(None)) => Err(Trouble::Other("an answer was taken twice".to_owned())),
            Ok(Err(error)) => Err(Trouble::from(error)),
            Err(_) => {
                // It may be at it still.
                self.answered.set(true);
                let seconds = self.deadline.as_secs();
                Err(Trouble::Lost(format!("no answer within {seconds} s")))
            }
        };
        match &result {
            Ok(_) => self.answered.set(true),
            Err(trouble) => self.verdict.set(Some(self.judge(trouble))),
        }
        result
    }

    fn judge(&self, trouble: &Trouble) -> Verdict {
        match trouble {
            Trouble::Conflict(_) => Verdict::Again,
            Trouble::Lost(_) if self.answered.get() => Verdict::Broken,
            Trouble::Lost(_) => Verdict::Gone,
            Trouble::Unstorable | Trouble::Other(_) => Verdict::Statement,
        }
    }

    /// Before anything is written the server has said that the transaction has begun: were that
    /// refused, what follows at once would be committed by itself.
    fn await_begin(&self, sql: &str) -> Result<()> {
        let writes = !["SELECT", "COMMIT", "ROLLBACK"]
            .iter()
            .any(|harmless| sql.starts_with(harmless));
        if writes && !self.answered.get() {
            self.wait(async { Ok(()) })?;
        }
        Ok(())
    }

    fn prepared(&self, sql: &str) -> Result<tokio_postgres::Statement> {
        self.await_begin(sql)?;
        let known = self.statements.borrow().get(sql).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let prepared = self.wait(self.client.prepare(&postgres(sql)))?;
        let mut statements = self.statements.borrow_mut();
        if statements.len() >= STATEMENTS {
            statements.clear();
        }
        statements.insert(sql.to_owned(), prepared.clone());
        Ok(prepared)
    }

    /// Runs statements without parameters.
    pub(in crate::store::sql) fn batch(&self, sql: &str) -> Result<()> {
        self.await_begin(sql)?;
        self.wait(self.client.batch_execute(sql))
    }

    /// One text.
    pub(super) fn text(&self, sql: &str) -> Result<String> {
        let row = self.wait(self.client.query_one(sql, &[]))?;
        row.try_get(0).map_err(Trouble::from)
    }

    /// How many rows a statement changed.
    pub(in crate::store::sql) fn execute(&self, sql: &str, values: &[Value<'_>]) -> Result<usize> {
        let statement = self.prepared(sql)?;
        let changed = self.wait(self.client.execute(&statement, &references(values)))?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    /// Sends a statement together with the next one, which fails if this one does.
    pub(in crate::store::sql) fn post(&self, sql: &str, values: &[Value<'_>]) -> Result<()> {
        let (statement, values) = (self.prepared(sql)?, kept(values));
        let client = Arc::clone(&self.client);
        self.send(None, async move {
            let values = values_of(&values);
            let done = client.execute(&statement, &references(&values)).await;
            done.map(|_| Vec::new())
        });
        Ok(())
    }

    /// As [`Session::post`], for rows: the number under which [`Session::answer`] has them.
    pub(in crate::store::sql) fn ask(&self, sql: &str, values: &[Value<'_>]) -> Result<u64> {
        let (statement, values) = (self.prepared(sql)?, kept(values));
        let client = Arc::clone(&self.client);
        let number = self.asked.get() + 1;
        self.asked.set(number);
        self.send(Some(number), async move {
            client
                .query(&statement, &references(&values_of(&values)))
                .await
        });
        Ok(number)
    }

    /// The rows of a statement that was sent before; waits if nobody has since.
    pub(in crate::store::sql) fn answer(&self, number: u64) -> Result<Vec<Row>> {
        let here = self.answers.borrow_mut().remove(&number);
        if let Some(rows) = here {
            return Ok(rows);
        }
        self.wait(async { Ok(()) })?;
        let rows = self.answers.borrow_mut().remove(&number);
        rows.ok_or_else(|| Trouble::Other("an answer is missing".to_owned()))
    }

    fn send(&self, number: Option<u64>, reply: impl Future<Output = Reply> + Send + 'static) {
        let posted = Posted::send(number, reply.boxed());
        self.posted.borrow_mut().push(posted);
    }

    /// Every row of a statement.
    pub(in crate::store::sql) fn query(&self, sql: &str, values: &[Value<'_>]) -> Result<Vec<Row>> {
        let statement = self.prepared(sql)?;
        self.wait(self.client.query(&statement, &references(values)))
    }

    /// The rows of a statement, a part at a time.
    pub(in crate::store::sql) fn stream(
        &self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Cursor<'_>> {
        let number = self.cursors.get() + 1;
        self.cursors.set(number);
        let declare = format!("DECLARE c{number} NO SCROLL CURSOR FOR {}", postgres(sql));
        let statement = self.wait(self.client.prepare(&declare))?;
        self.wait(self.client.execute(&statement, &references(values)))?;
        Ok(Cursor {
            session: self,
            number,
            rows: Vec::new().into_iter(),
            is_done: false,
        })
    }
}

fn kept(values: &[Value<'_>]) -> Vec<Option<Owned>> {
    values.iter().map(|value| value.kept()).collect()
}

fn values_of(kept: &[Option<Owned>]) -> Vec<Value<'_>> {
    kept.iter().map(Param::value).collect()
}

fn references<'v>(values: &'v [Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values.iter().map(|value| value as _).collect()
}

/// Rows that are fetched part by part. It ends with its transaction.
pub(in crate::store::sql) struct Cursor<'s> {
    session: &'s Session,
    number: u64,
    rows: std::vec::IntoIter<Row>,
    is_done: bool,
}

impl Cursor<'_> {
    /// The next row.
    pub(in crate::store::sql) fn next(&mut self) -> Result<Option<Row>> {
        if let Some(row) = self.rows.next() {
            return Ok(Some(row));
        }
        if self.is_done {
            return Ok(None);
        }
        let session = self.session;
        let fetch = format!("FETCH {FETCH} FROM c{}", self.number);
        let rows = session.wait(session.client.query(fetch.as_str(), &[]))?;
        self.is_done = rows.len() < FETCH;
        self.rows = rows.into_iter();
        Ok(self.rows.next())
    }
}

impl Drop for Cursor<'_> {
    fn drop(&mut self) {
        // In a failed transaction it is gone already.
        if self.session.verdict.get().is_none() {
            drop(self.session.batch(&format!("CLOSE c{}", self.number)));
        }
    }
}
