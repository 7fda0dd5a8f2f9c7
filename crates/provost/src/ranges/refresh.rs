//! Named sets are fetched again every day, by one node: the first one that claims a set which is
//! due.
//!
//! Whatever stands against a document leaves the set in force as it is and is noted with it; after
//! five days somebody is told loudly. No set is ever emptied here.

use std::time::Duration;

use provost_allowlist::{feed::Document, update::Overrides};
use provost_directory::{
    Directory, DirectoryError,
    ip_set::{NamedSet, Proposal},
};
use tokio::{
    sync::watch,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use super::Fetcher;

/// How often it is looked whether a set is due.
const LOOK: Duration = Duration::from_secs(60);

/// Refreshes what is due, at once and from then on, until the server has stopped.
pub(crate) async fn keep_fresh(
    directory: Directory,
    fetcher: Result<Fetcher, String>,
    mut stopped: watch::Receiver<bool>,
) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            _ = looks.tick() => {}
        }
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            () = refresh(&directory, &fetcher) => {}
        }
    }
}

/// Every set that is due, one after the other.
async fn refresh(directory: &Directory, fetcher: &Result<Fetcher, String>) {
    let due = match directory.due_ip_sets().await {
        Ok(due) => due,
        Err(error) => {
            tracing::warn!(%error, "it cannot be told which sets of addresses are due");
            return;
        }
    };
    for set in due {
        match directory.claim_ip_set(&set).await {
            Ok(true) => {}
            Ok(false) => continue,
            Err(error) => {
                tracing::warn!(set = %set.name, %error, "a set of addresses is due and cannot be claimed");
                continue;
            }
        }
        let outcome = match fetch(fetcher, &set).await {
            Ok(document) => adopt(directory, &set, document).await,
            Err(failure) => Err(failure),
        };
        if let Err(failure) = outcome {
            note(directory, &set, &failure).await;
        }
    }
}

/// The document of a set, or a sentence.
async fn fetch(fetcher: &Result<Fetcher, String>, set: &NamedSet) -> Result<Document, String> {
    let fetcher = fetcher.clone()?;
    let source = set.source.clone();
    let work = move || {
        let url = source.url.as_deref().unwrap_or_default();
        let bytes = fetcher
            .fetch(source.feed, url)
            .map_err(|error| error.to_string())?;
        let read = source.feed.read(&bytes, &source.parts);
        read.map_err(|error| error.to_string())
    };
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err("reading the document panicked; please report it".to_owned()))
}

/// Puts a document in force if it passes every rule.
async fn adopt(directory: &Directory, set: &NamedSet, document: Document) -> Result<(), String> {
    let proposal = Proposal::new(
        set.name.clone(),
        set.source.clone(),
        document,
        Some(set),
        Overrides::default(),
    );
    let proposal = proposal.map_err(|refusal| refusal.to_string())?;
    let added = proposal.added().prefixes().count();
    let removed = proposal.removed().prefixes().count();
    match directory.adopt_ip_set(proposal).await {
        Ok(now) => {
            let edition = now.accepted.version.as_ref().map(ToString::to_string);
            tracing::info!(
                set = %now.name,
                edition = edition.as_deref().unwrap_or("unknown"),
                sha256 = now.accepted.digest,
                added,
                removed,
                "a set of addresses was refreshed"
            );
            Ok(())
        }
        // Somebody else has put another document in force meanwhile, or removed the set.
        Err(DirectoryError::VersionMismatch | DirectoryError::NotFound) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

async fn note(directory: &Directory, set: &NamedSet, failure: &str) {
    let overdue = directory.is_overdue(set);
    match directory.note_ip_set_failure(&set.name, failure).await {
        Ok(now) if overdue => tracing::error!(
            set = %now.name,
            failure,
            failures = now.failures,
            fetched = %now.fetched,
            "a set of addresses could not be refreshed for five days; the old one stays in force, and addresses that were added since are locked out"
        ),
        Ok(now) => tracing::warn!(
            set = %now.name,
            failure,
            failures = now.failures,
            "a set of addresses could not be refreshed; the old one stays in force"
        ),
        Err(DirectoryError::NotFound) => {}
        Err(error) => tracing::warn!(
            set = %set.name,
            failure,
            %error,
            "a set of addresses could not be refreshed, and that could not be noted"
        ),
    }
}
