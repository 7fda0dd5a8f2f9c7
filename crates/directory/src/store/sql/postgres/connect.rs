//! Making connections: bounded in time, and not tried again at once by everybody when the database
//! is away.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, Connection, Socket};

use crate::clock::Clock;

use super::{
    address::PostgresUrl,
    epoch::Settled,
    session::{Session, Trouble, sentence},
    tls::{MakeTls, Stream},
};

/// Longest attempt at one host.
const CONNECT: Duration = Duration::from_secs(2);
/// Longest attempt at all hosts.
const CONNECT_ALL: Duration = Duration::from_secs(6);
/// Bytes that stay unacknowledged for so long mean that the network is cut.
const UNACKNOWLEDGED: Duration = Duration::from_secs(3);
/// Silence after which the other side is asked whether it still lives.
const SILENCE: Duration = Duration::from_secs(3);
/// After a failed attempt nobody tries for so long.
const RESPITE: Duration = Duration::from_millis(300);
/// Longest wait for the lock of another transaction, in milliseconds.
const LOCK_MILLIS: u32 = 4_000;

/// An attempt that failed.
struct Failed {
    at: Instant,
    why: String,
    /// Somebody is at the next one; the others need not wait for its end.
    is_tried: bool,
}

/// What is known of the database.
#[derive(Default)]
struct Last {
    /// The last attempt, if it failed.
    failed: Option<Failed>,
    /// When a connection was last made.
    reached: Option<Instant>,
}

/// Why an attempt gave no connection.
enum Refused {
    Because(String),
    /// It failed, but one that ended meanwhile did not.
    Overtaken,
}

/// Makes connections to one database.
pub(super) struct Connector {
    url: PostgresUrl,
    tls: MakeTls,
    last: Mutex<Last>,
    clock: Arc<dyn Clock>,
    /// Where the log is known to go on; absent until the tables are there.
    settled: OnceLock<Settled>,
}

impl Connector {
    pub(super) fn new(url: PostgresUrl, clock: Arc<dyn Clock>) -> Result<Self, String> {
        let tls = MakeTls::new(url.roots.as_deref())?;
        Ok(Self {
            url,
            tls,
            last: Mutex::default(),
            clock,
            settled: OnceLock::new(),
        })
    }

    /// From now on the log is there: every new connection is compared with it.
    pub(super) fn follow_log(&self) {
        self.settled.get_or_init(Settled::default);
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    pub(super) const fn url(&self) -> &PostgresUrl {
        &self.url
    }

    /// A connection on which no statement takes longer than `deadline`.
    pub(super) fn session(&self, deadline: Duration) -> Result<Session, Trouble> {
        let first = self.attempt(deadline);
        match first {
            // It began while the database was away, and somebody who began later got through.
            Err(Refused::Overtaken) => self.attempt(deadline),
            outcome => outcome,
        }
        .map_err(|refused| match refused {
            Refused::Because(why) => Trouble::Lost(why),
            Refused::Overtaken => Trouble::Lost("connections come and go".to_owned()),
        })
    }

    fn attempt(&self, deadline: Duration) -> Result<Session, Refused> {
        if let Some(text) = self.respite() {
            return Err(Refused::Because(text));
        }
        let begun = Instant::now();
        let made = self.try_session(deadline);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match made {
            Ok(session) => {
                *last = Last {
                    failed: None,
                    reached: Some(Instant::now()),
                };
                Ok(session)
            }
            Err(_) if last.reached.is_some_and(|at| at > begun) => Err(Refused::Overtaken),
            Err(why) => {
                last.failed = Some(Failed {
                    at: Instant::now(),
                    why: why.clone(),
                    is_tried: false,
                });
                Err(Refused::Because(why))
            }
        }
    }

    /// Why no attempt is made now; otherwise the caller makes the next one.
    fn respite(&self) -> Option<String> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = last.failed.as_mut()?;
        if failed.is_tried || failed.at.elapsed() < RESPITE {
            return Some(failed.why.clone());
        }
        failed.is_tried = true;
        None
    }

    fn try_session(&self, deadline: Duration) -> Result<Session, String> {
        let runtime = runtime()?;
        let (client, connection) = runtime.block_on(self.connect(deadline))?;
        runtime.spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = sentence(&error), "a connection to PostgreSQL ended");
            }
        });
        let session = Session::new(runtime, client, deadline);
        match self.settled.get() {
            Some(settled) => settled
                .check(session, self.clock.now())
                .map_err(|trouble| trouble.to_string()),
            None => Ok(session),
        }
    }

    /// A connection that somebody else drives.
    pub(super) async fn connect(
        &self,
        deadline: Duration,
    ) -> Result<(Client, Connection<Socket, Stream<Socket>>), String> {
        let mut config = (*self.url.config).clone();
        let options = options(config.get_options(), deadline);
        config
            .connect_timeout(CONNECT)
            .tcp_user_timeout(UNACKNOWLEDGED)
            .keepalives_idle(SILENCE)
            .keepalives_interval(Duration::from_secs(1))
            .keepalives_retries(3)
            .application_name("provost")
            .options(options);
        let made = tokio::time::timeout(CONNECT_ALL, config.connect(self.tls.clone())).await;
        match made {
            Ok(Ok(pair)) => Ok(pair),
            Ok(Err(error)) => Err(sentence(&error)),
            Err(_) => Err("no connection in time".to_owned()),
        }
    }
}

/// A commit is acknowledged only when it is on the disk, whatever the server's default is.
fn options(given: Option<&str>, deadline: Duration) -> String {
    let statement = deadline.as_millis();
    let own = format!(
        "-c synchronous_commit=on -c statement_timeout={statement} -c lock_timeout={LOCK_MILLIS} \
         -c idle_in_transaction_session_timeout=120000 -c client_encoding=UTF8"
    );
    match given {
        Some(given) => format!("{given} {own}"),
        None => own,
    }
}

/// A runtime that works while its thread waits in it.
pub(super) fn runtime() -> Result<Runtime, String> {
    Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the system gives no runtime: {error}; raise its limits"))
}
