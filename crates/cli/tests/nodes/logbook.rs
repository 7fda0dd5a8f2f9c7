//! The change log as an auditor reads it, beside the running servers.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use anyhow::{Result, ensure};
use provost_directory::{Database, Directory, OpenOptions, change::Position, clock::SystemClock};

/// What the log says of each tenant: kinds and names, sorted.
#[derive(Debug)]
pub(crate) struct Logbook {
    tenants: BTreeMap<String, Vec<String>>,
    /// Number of the last entry.
    pub(crate) end: u64,
}

impl Logbook {
    /// Reads the whole log and verifies its chain.
    pub(crate) fn read(data_dir: &Path, database: Database) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let directory = Directory::open(OpenOptions {
                data_dir: data_dir.to_owned(),
                database,
                serve: false,
                clock: Arc::new(SystemClock),
            })
            .await?;
            let end = directory.verify_log().await?.number;
            let start = Position {
                number: 0,
                ..directory.head().await?
            };
            let mut tenants: BTreeMap<_, Vec<_>> = BTreeMap::new();
            let mut last = 0;
            for change in directory.changes_after(start, usize::MAX >> 1).await? {
                let number = change.position.number;
                ensure!(number == last + 1, "the log goes from {last} to {number}");
                last = number;
                let entry = format!("{:?} {}", change.kind, change.name);
                tenants.entry(change.tenant).or_default().push(entry);
            }
            for all in tenants.values_mut() {
                all.sort();
            }
            directory.close().await;
            Ok(Self { tenants, end })
        })
    }

    /// What is told of a tenant not as often as in the other one.
    pub(crate) fn difference(&self, should: &Self, tenant: &str) -> Vec<String> {
        let (is, should) = (self.counts(tenant), should.counts(tenant));
        let mut all: Vec<_> = is.keys().chain(should.keys()).collect();
        all.sort();
        all.dedup();
        all.into_iter()
            .filter(|entry| is.get(*entry) != should.get(*entry))
            .map(|entry| {
                let times = |counts: &BTreeMap<_, u64>| counts.get(entry).copied().unwrap_or(0);
                format!("log: {entry}: {} times, not {}", times(&is), times(&should))
            })
            .collect()
    }

    fn counts(&self, tenant: &str) -> BTreeMap<&str, u64> {
        let mut counts = BTreeMap::new();
        for entry in self.tenants.get(tenant).into_iter().flatten() {
            *counts.entry(entry.as_str()).or_default() += 1;
        }
        counts
    }
}
