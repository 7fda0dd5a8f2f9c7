//! `import`, `fetch` and `diff`: what a document changes is shown first, and then takes effect.

use std::fmt::Write as _;

use provost_allowlist::IpSet;
use provost_directory::{
    Directory, DirectoryError,
    ip_set::{IpSetName, NamedSet, Proposal},
};
use serde_json::{Value, json};

use super::source::{Doubts, From, What, refused};
use crate::{
    failure::{Failure, Subject},
    output::{self, Facts, Format, or_dash},
};

/// How many networks of a difference people are shown.
const SHOWN: usize = 50;

/// Reads a document and puts it in force, unless it is a dry run.
pub(super) async fn change(
    directory: &Directory,
    (set, what, doubts): (&str, &What, Doubts),
    from: From<'_>,
    dry_run: bool,
    format: Format,
) -> Result<(), Failure> {
    let explain = |error| Subject::ip_set(set).explain(error);
    let name = IpSetName::parse(set).map_err(explain)?;
    let present = match directory.ip_set(set).await {
        Ok(present) => Some(present),
        Err(DirectoryError::NotFound) => None,
        Err(error) => return Err(explain(error)),
    };
    let source = from.source(what, present.as_deref())?;
    source.check().map_err(explain)?;
    let bytes = from.bytes(&source).await?;
    let document = source
        .feed
        .read(&bytes, &source.parts)
        .map_err(|error| Failure::failed(format!("{error}; nothing was changed")))?;
    let overrides = doubts.overrides();
    let proposal = Proposal::new(name, source, document, present.as_deref(), overrides);
    let proposal = proposal.map_err(|refusal| refused(&refusal))?;
    let report = report(&proposal, present.as_deref(), dry_run);
    let text = text(&proposal, present.as_deref());
    if dry_run {
        format.print(&report, format_args!("{text}\n\nNothing was changed."));
        return Ok(());
    }
    if format == Format::Human {
        output::line(text);
    }
    let refreshed = proposal.source().refresh;
    directory.adopt_ip_set(proposal).await.map_err(explain)?;
    match format {
        Format::Json => format.print(&report, ""),
        Format::Human => output::line(done(set, refreshed)),
    }
    Ok(())
}

fn done(set: &str, refreshed: bool) -> String {
    let next = if refreshed {
        "The server fetches it again every day."
    } else {
        "Nobody refreshes it; import or fetch it again when the provider announces new addresses."
    };
    format!(
        "\nIn force on every server within a second. {next}\nName it in allowed_addresses as set:{set}, or run `provost allowlist use {set} --tenant SLUG`."
    )
}

fn networks(set: &IpSet) -> Vec<String> {
    set.prefixes().map(|prefix| prefix.to_string()).collect()
}

/// The same for the same input: no times.
fn report(proposal: &Proposal, present: Option<&NamedSet>, dry_run: bool) -> Value {
    let (accepted, source) = (proposal.accepted(), proposal.source());
    let edition = |set: &NamedSet| set.accepted.version.as_ref().map(ToString::to_string);
    json!({
        "set": proposal.name().as_str(),
        "new": proposal.is_new(),
        "feed": source.feed.name,
        "parts": source.parts,
        "url": source.url,
        "refresh": source.refresh,
        "edition": accepted.version.as_ref().map(ToString::to_string),
        "edition_before": present.and_then(edition),
        "sha256": accepted.digest,
        "networks": accepted.set.prefixes().count(),
        "added": networks(proposal.added()),
        "removed": networks(proposal.removed()),
        "dry_run": dry_run,
    })
}

fn text(proposal: &Proposal, present: Option<&NamedSet>) -> String {
    let (accepted, source) = (proposal.accepted(), proposal.source());
    let edition = accepted.version.as_ref().map(ToString::to_string);
    let facts = Facts::default()
        .with("Set", proposal.name())
        .with("Format", source.feed.name)
        .with("Parts", or_dash(&source.parts.join(", ")))
        .with("URL", or_dash(source.url.as_deref().unwrap_or_default()))
        .with("Edition", or_dash(edition.as_deref().unwrap_or_default()))
        .with("SHA-256", &accepted.digest)
        .with("Networks", accepted.set.prefixes().count())
        .with("  before", present.map_or(0, NamedSet::networks));
    let (added, removed) = (networks(proposal.added()), networks(proposal.removed()));
    let mut text = facts.to_string();
    if added.is_empty() && removed.is_empty() {
        text.push_str("\n\nThe same addresses as before.");
        return text;
    }
    text.push('\n');
    for (sign, list) in [('+', &added), ('-', &removed)] {
        for network in list.iter().take(SHOWN) {
            let _ = write!(text, "\n{sign} {network}");
        }
        if list.len() > SHOWN {
            let _ = write!(
                text,
                "\n{sign} … and {} more; --json lists all",
                list.len() - SHOWN
            );
        }
    }
    let _ = write!(
        text,
        "\n\nNetworks added: {}, removed: {}.",
        added.len(),
        removed.len()
    );
    text
}
