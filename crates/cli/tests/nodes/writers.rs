//! Writers that remember every acknowledged write. When an answer is lost or a server is in
//! trouble, they send the same request again, to the next node, until it is acknowledged, as
//! identity providers do; any other answer is wrong.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use anyhow::{Context, Error, Result, bail};
use provost_testkit::pause;

use crate::{
    ledger::{Client, Http, Stop},
    life::Tenant,
};

/// Between two attempts: what `Retry-After` asks for, but shorter, to be there when it is over.
const AGAIN: Duration = Duration::from_millis(50);

/// Between two writes, so that an application can follow while tests build without optimisation.
const BETWEEN: Duration = Duration::from_millis(25);

/// How long a write may wait for its acknowledgement before the test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// What all writers have in common.
#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    acknowledged: AtomicU64,
    troubles: AtomicU64,
    longest: Mutex<Duration>,
}

/// Writers at work.
pub(crate) struct Writers {
    shared: Arc<Shared>,
    bases: Vec<String>,
    threads: Vec<JoinHandle<Result<Client>>>,
}

impl Writers {
    /// Starts so many of them in one tenant; they write to the nodes by turns.
    pub(crate) fn start(count: u64, urls: &[String], tenant: &Tenant) -> Self {
        let shared = Arc::new(Shared::default());
        let base = |url: &String| format!("{url}/scim/{}/v2", tenant.slug);
        let bases: Vec<_> = urls.iter().map(base).collect();
        let start = |number: u64| {
            let (shared, bases) = (shared.clone(), bases.clone());
            let client = Client::new(number, &tenant.token, 77 + number, Http::new());
            std::thread::spawn(move || write(client, &bases, number, &shared))
        };
        Self {
            threads: (0..count).map(start).collect(),
            shared,
            bases,
        }
    }

    /// Writes acknowledged so far.
    pub(crate) fn acknowledged(&self) -> u64 {
        self.shared.acknowledged.load(Ordering::SeqCst)
    }

    /// Answers that were lost, or said that there is trouble.
    pub(crate) fn troubles(&self) -> u64 {
        self.shared.troubles.load(Ordering::SeqCst)
    }

    /// Whether all of them still write.
    pub(crate) fn is_well(&self) -> bool {
        !self.threads.iter().any(JoinHandle::is_finished)
    }

    /// Stops, reads everything back and compares; acknowledged writes, and the longest answer.
    pub(crate) fn finish(self) -> Result<(u64, Duration)> {
        self.shared.stop.store(true, Ordering::SeqCst);
        let mut clients = Vec::new();
        for thread in self.threads {
            let client = thread.join().map_err(|_| Error::msg("a writer panicked"))?;
            clients.push(client?);
        }
        let base = self.bases.first().context("there are nodes")?;
        for client in &mut clients {
            client.verify(base, true)?;
        }
        let longest = *self.shared.longest.lock().expect("nobody has panicked");
        Ok((self.shared.acknowledged.load(Ordering::SeqCst), longest))
    }
}

fn write(mut client: Client, bases: &[String], number: u64, shared: &Shared) -> Result<Client> {
    let mut turn = usize::try_from(number)?;
    while !shared.stop.load(Ordering::SeqCst) {
        let write = client.begin_write();
        let begun = Instant::now();
        let mut repeated = false;
        loop {
            let sent = Instant::now();
            let outcome = client.attempt(&bases[turn % bases.len()], &write, repeated);
            let mut longest = shared.longest.lock().expect("nobody has panicked");
            *longest = sent.elapsed().max(*longest);
            drop(longest);
            match outcome {
                Ok(()) => break,
                Err(Stop::Wrong(text)) => bail!(text),
                Err(Stop::Gone | Stop::Busy) if begun.elapsed() > PATIENCE => {
                    bail!("{write:?} is still not acknowledged after {PATIENCE:?}")
                }
                Err(Stop::Gone | Stop::Busy) => {
                    shared.troubles.fetch_add(1, Ordering::SeqCst);
                    repeated = true;
                    turn += 1;
                    pause(AGAIN);
                }
            }
        }
        shared.acknowledged.fetch_add(1, Ordering::SeqCst);
        pause(BETWEEN);
    }
    Ok(client)
}
