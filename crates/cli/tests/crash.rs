//! kill -9 at random moments while clients write: no acknowledged write may be missing, nothing may
//! be half done, and the change log must have no gap and a valid chain.
//!
//! `PROVOST_CRASH_CYCLES` says how often (default 10), `PROVOST_TEST_SEED` repeats a run.

#[cfg(test)]
mod support;

#[cfg(test)]
mod ledger;

#[cfg(test)]
mod tests {
    use std::{
        path::Path,
        process::Child,
        sync::{
            Arc, Mutex,
            atomic::{AtomicU64, Ordering},
        },
    };

    use anyhow::{Context, Result, bail, ensure};
    use provost_directory::{Directory, OpenOptions, clock::SystemClock};

    use crate::{
        ledger::{Client, Http, Random, Stop},
        support::{Scratch, Server},
    };

    const CLIENTS: u64 = 8;

    /// A server dies after at most so many acknowledged writes.
    const MOST_WRITES: u64 = 400;

    fn number(variable: &str, default: u64) -> u64 {
        let value = std::env::var(variable).ok();
        value.map_or(default, |text| text.parse().expect("a number"))
    }

    /// Kills the server at the moment a given number of writes has been acknowledged.
    struct Killer<'a> {
        left: AtomicU64,
        server: Mutex<&'a mut Child>,
    }

    impl Killer<'_> {
        fn acknowledged(&self) {
            if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
                let mut server = self.server.lock().expect("no client has panicked");
                server.kill().expect("the server runs");
                server.wait().expect("the server is ours");
            }
        }
    }

    /// All clients write until the server is gone.
    fn write_until_killed(clients: &mut [Client], server: &mut Server, writes: u64) -> Result<()> {
        let base = format!("{}/scim/default/v2", server.scim);
        let killer = Killer {
            left: AtomicU64::new(writes),
            server: Mutex::new(server.child()),
        };
        std::thread::scope(|scope| {
            let mut running = Vec::new();
            for client in clients.iter_mut() {
                let (killer, base) = (&killer, &base);
                running.push(scope.spawn(move || {
                    client.begin();
                    loop {
                        let write = client.begin_write();
                        match client.attempt(base, &write, false) {
                            Ok(()) => killer.acknowledged(),
                            Err(Stop::Gone) => return Ok(()),
                            Err(Stop::Busy) => bail!("{write:?} was refused"),
                            Err(Stop::Wrong(text)) => bail!(text),
                        }
                    }
                }));
            }
            for client in running {
                client.join().expect("the client has not panicked")?;
            }
            Ok(())
        })
    }

    fn verify(clients: &mut [Client], server: &Server, all: bool) -> Result<()> {
        let base = format!("{}/scim/default/v2", server.scim);
        std::thread::scope(|scope| {
            let running: Vec<_> = clients
                .iter_mut()
                .map(|client| scope.spawn(|| client.verify(&base, all)))
                .collect();
            for client in running {
                client.join().expect("the client has not panicked")?;
            }
            Ok(())
        })
    }

    /// Checks the log beside the running server, as `provost doctor` would. The answer is its end.
    fn verify_log(data_dir: &Path) -> Result<u64> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let directory = Directory::open(OpenOptions {
                data_dir: data_dir.to_owned(),
                database: provost_directory::Database::default(),
                serve: false,
                clock: Arc::new(SystemClock),
            })
            .await?;
            let head = directory.verify_log().await?;
            directory.close().await;
            Ok(head.number)
        })
    }

    /// The token in what the quick start printed.
    fn secret_token(greeting: &str) -> Result<String> {
        let line = greeting
            .lines()
            .find_map(|line| line.strip_prefix("Secret token"));
        Ok(line.context("no token was printed")?.trim().to_owned())
    }

    #[test]
    fn no_acknowledged_write_is_lost_by_kill_9() -> Result<()> {
        let cycles = number("PROVOST_CRASH_CYCLES", 10);
        let seed = number("PROVOST_TEST_SEED", 20_261_122);
        let dir = Scratch::new()?;
        // On the empty directory this makes the tenant and its token; on every restart, nothing.
        let mut server = Server::start(dir.path(), &["--quick-start"])?;
        let token = secret_token(&server.greeting)?;
        let mut random = Random::new(seed);
        let mut clients: Vec<_> = (0..CLIENTS)
            .map(|number| Client::new(number, &token, random.next(), Http::new()))
            .collect();
        let mut head = 0;
        for cycle in 1..=cycles {
            let writes = 1 + random.below(MOST_WRITES);
            write_until_killed(&mut clients, &mut server, writes)
                .with_context(|| format!("seed {seed}, cycle {cycle}"))?;
            server = Server::start(dir.path(), &["--quick-start"])
                .with_context(|| format!("restart; seed {seed}, cycle {cycle}"))?;
            verify(&mut clients, &server, cycle == cycles)
                .with_context(|| format!("seed {seed}, cycle {cycle}"))?;
            ensure!(
                server.greeting.is_empty(),
                "a restart printed {}",
                server.greeting
            );
            let end = verify_log(dir.path())
                .with_context(|| format!("log; seed {seed}, cycle {cycle}"))?;
            ensure!(
                end > head,
                "the log went from {head} to {end} in cycle {cycle}"
            );
            head = end;
        }
        let acknowledged: u64 = clients.iter().map(|client| client.acknowledged).sum();
        println!(
            "{cycles} times kill -9, {acknowledged} acknowledged writes, 0 missing, log valid to {head}"
        );
        Ok(())
    }
}
