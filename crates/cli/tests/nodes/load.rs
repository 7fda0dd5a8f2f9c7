//! Many clients at once: lives of identity providers one after the other, each in a tenant of its
//! own, until they are told to stop; and what must hold afterwards.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use anyhow::{Error, Result, ensure};

use provost_directory::Database;

use crate::{
    balancer::Balancer,
    binary::{Scratch, Server, provost},
    ledger::Http,
    life::{Life, Tenant},
    logbook::Logbook,
    shown::Shown,
};

/// Where a player sends its requests.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    url: String,
    authority: Option<PathBuf>,
}

impl Target {
    /// Through a balancer.
    pub(crate) fn through(balancer: &Balancer) -> Self {
        Self {
            url: balancer.url.clone(),
            authority: Some(balancer.certificate.file.clone()),
        }
    }
}

/// What one player has done.
#[derive(Debug)]
struct Played {
    tenant: Tenant,
    lives: Vec<Life>,
}

/// The players at work.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    requests: Arc<AtomicU64>,
    players: Vec<JoinHandle<Result<Played>>>,
}

/// What all players have done.
#[derive(Debug)]
pub(crate) struct Record {
    played: Vec<Played>,
    /// Requests that were answered, all of them well.
    pub(crate) requests: u64,
}

/// Who is played, by turns.
const IDPS: &[&str] = &["entra", "okta", "okta-catalogue", "entra-scim-flag"];

impl Load {
    /// Starts one player per tenant; they share the targets.
    pub(crate) fn start(tenants: &[Tenant], targets: &[Target]) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let requests = Arc::new(AtomicU64::new(0));
        let player = |(number, tenant): (usize, &Tenant)| {
            let (stop, requests, tenant) = (stop.clone(), requests.clone(), tenant.clone());
            let target = targets[number % targets.len()].clone();
            let idp = IDPS[(number / targets.len()) % IDPS.len()];
            std::thread::spawn(move || {
                let first = 1_000 * (number as u64 + 1);
                let mut lives = Vec::new();
                while lives.is_empty() || !stop.load(Ordering::SeqCst) {
                    let seed = first + lives.len() as u64;
                    let life = Life { idp, seed };
                    let count = life.play(&target.url, target.authority.as_deref(), &tenant)?;
                    requests.fetch_add(count, Ordering::SeqCst);
                    lives.push(life);
                }
                Ok(Played { tenant, lives })
            })
        };
        Self {
            players: tenants.iter().enumerate().map(player).collect(),
            stop,
            requests,
        }
    }

    /// Requests answered so far.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }

    /// Whether all players still play; one that has met trouble has stopped.
    pub(crate) fn is_well(&self) -> bool {
        !self.players.iter().any(JoinHandle::is_finished)
    }

    /// Lets every player finish the life it is in.
    pub(crate) fn finish(self) -> Result<Record> {
        self.stop.store(true, Ordering::SeqCst);
        let mut played = Vec::new();
        for player in self.players {
            let outcome = player.join().map_err(|_| Error::msg("a player panicked"));
            played.push(outcome??);
        }
        let requests = self.requests.load(Ordering::SeqCst);
        Ok(Record { played, requests })
    }
}

impl Record {
    /// Plays the same lives on a server that nothing happens to; both must end the same, in data
    /// and log, so that nothing was lost and nothing happened twice.
    pub(crate) fn check(&self, url: &str, log: &Logbook) -> Result<()> {
        let slugs: Vec<_> = self.played.iter().map(|one| &*one.tenant.slug).collect();
        let calm = Calm::start(&slugs)?;
        std::thread::scope(|scope| {
            let calm = &calm;
            let replay = |(lives, tenant)| scope.spawn(move || calm.replay(lives, tenant));
            let all = self.played.iter().map(|one| &*one.lives).zip(&calm.tenants);
            let running: Vec<_> = all.map(replay).collect();
            for one in running {
                one.join().map_err(|_| Error::msg("a replay panicked"))??;
            }
            Ok::<_, Error>(())
        })?;
        let calm_log = calm.log()?;
        let http = Http::new();
        for (played, tenant) in self.played.iter().zip(&calm.tenants) {
            let is = Shown::read(&http, url, &played.tenant)?;
            let should = Shown::read(&http, &calm.server.scim, tenant)?;
            let mut difference = is.difference(&should);
            difference.extend(log.difference(&calm_log, &tenant.slug));
            ensure!(difference.is_empty(), "{:?}: {difference:#?}", played.lives);
        }
        Ok(())
    }
}

/// A server to which nothing happens.
struct Calm {
    tenants: Vec<Tenant>,
    server: Server,
    folder: Scratch,
}

impl Calm {
    fn start(slugs: &[&str]) -> Result<Self> {
        let folder = Scratch::new()?;
        let tenants = slugs
            .iter()
            .map(|slug| Tenant::create(provost(folder.path()), slug))
            .collect::<Result<_>>()?;
        Ok(Self {
            tenants,
            server: Server::start(folder.path(), &[])?,
            folder,
        })
    }

    fn replay(&self, lives: &[Life], tenant: &Tenant) -> Result<()> {
        for life in lives {
            life.play(&self.server.scim, None, tenant)?;
        }
        Ok(())
    }

    fn log(&self) -> Result<Logbook> {
        Logbook::read(self.folder.path(), Database::Sqlite)
    }
}
