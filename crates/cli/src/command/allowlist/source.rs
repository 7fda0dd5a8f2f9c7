//! What a set is made from: a format and its parts, a file or a URL, and what an administrator
//! takes upon himself.

use std::{
    fs::File,
    io::{self, Read as _},
    path::PathBuf,
};

use clap::{Args, builder::PossibleValuesParser};
use provost::{
    Authorities,
    config::Config,
    ranges::{Fetcher, Reach},
};
use provost_allowlist::{
    feed::{self, FEEDS, Feed, MAX_BYTES},
    update::{Overrides, Refusal},
};
use provost_directory::ip_set::{NamedSet, Source};

use crate::failure::Failure;

/// Which document.
#[derive(Debug, Args)]
pub(crate) struct What {
    /// The format of the document; as before if absent
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(FEEDS.iter().map(|feed| feed.name)))]
    feed: Option<String>,
    /// A part of the document, such as a service tag of Azure or a cell of Okta; give the option
    /// again for more; as before if absent
    #[arg(long = "part", value_name = "NAME")]
    parts: Vec<String>,
}

impl What {
    /// The format: the one that is named, or that of the present set.
    pub(super) fn feed(&self, present: Option<&NamedSet>) -> Result<&'static Feed, Failure> {
        let named = self.feed.as_deref().and_then(feed::find);
        named
            .or_else(|| present.map(|set| set.source.feed))
            .ok_or_else(|| {
                Failure::usage(
                    "there is no set of this name yet; name the format of its document with --feed, `provost allowlist feeds` lists them",
                )
            })
    }

    /// The parts: those that are named, or those of the present set if it has the same format.
    pub(super) fn parts(&self, feed: &Feed, present: Option<&NamedSet>) -> Vec<String> {
        let before = present.filter(|set| set.source.feed.name == feed.name);
        match before {
            Some(set) if self.parts.is_empty() => set.source.parts.clone(),
            Some(_) | None => self.parts.clone(),
        }
    }
}

/// From where, and what may be asked.
#[derive(Debug, Args)]
pub(crate) struct Network {
    /// Where the document lies (https); as before, or where its publisher has it, if absent
    #[arg(long)]
    url: Option<String>,
    /// PEM file of the authorities that are believed instead of the public ones, for a mirror
    /// [default: `allowlist_ca_file`]
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Fetch from private and loopback addresses too, for a mirror inside your network; without it
    /// no name and no redirect leads there
    #[arg(long)]
    allow_private: bool,
}

/// A fetcher and the URL that was named.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) fetcher: Fetcher,
    pub(super) url: Option<String>,
}

impl Network {
    pub(super) fn fetcher(&self, config: &Config) -> Result<Prepared, Failure> {
        let file = self.ca_file.as_ref().or(config.allowlist_ca_file.as_ref());
        let authorities = match file {
            Some(path) => Authorities::read(path).map_err(Failure::usage)?,
            None => Authorities::Public,
        };
        let reach = if self.allow_private || config.allowlist_allow_private {
            Reach::Inside
        } else {
            Reach::Internet
        };
        Ok(Prepared {
            fetcher: Fetcher::new(authorities, reach),
            url: self.url.clone(),
        })
    }
}

/// Rules that may be overridden, each by its own flag.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Doubts {
    /// Accept networks wider than /8 (IPv4) or /16 (IPv6); never everybody
    #[arg(long)]
    allow_wide: bool,
    /// Accept that more than half of the networks in force go at once
    #[arg(long)]
    allow_shrink: bool,
    /// Accept an older edition than the one in force
    #[arg(long)]
    allow_older: bool,
}

impl Doubts {
    pub(super) fn overrides(self) -> Overrides {
        Overrides {
            allow_wide: self.allow_wide,
            allow_shrink: self.allow_shrink,
            allow_older: self.allow_older,
        }
    }
}

/// Why a document is refused, with the flag that would accept it if there is one.
pub(super) fn refused(refusal: &Refusal) -> Failure {
    let flag = match refusal {
        Refusal::Wide(_) => " (--allow-wide)",
        Refusal::Shrinks { .. } => " (--allow-shrink)",
        Refusal::Older { .. } => " (--allow-older)",
        Refusal::Everybody(_) | Refusal::Special { .. } | Refusal::TooMany(_) => "",
    };
    Failure::failed(format!("{refusal}{flag}; nothing was changed"))
}

/// Where a document comes from.
#[derive(Debug)]
pub(super) enum From<'a> {
    /// A file, or standard input.
    File(&'a str),
    /// The network; and whether a server goes on refreshing it.
    Network(Prepared, bool),
}

impl From<'_> {
    /// The source that the set has afterwards.
    pub(super) fn source(
        &self,
        what: &What,
        present: Option<&NamedSet>,
    ) -> Result<Source, Failure> {
        let feed = what.feed(present)?;
        let parts = what.parts(feed, present);
        let before = present.filter(|set| set.source.feed.name == feed.name);
        let before = before.and_then(|set| set.source.url.clone());
        let (url, refresh) = match self {
            Self::File(_) => (before, false),
            Self::Network(prepared, refresh) => {
                let published = Some(feed.published_at.to_owned()).filter(|url| !url.is_empty());
                let url = prepared.url.clone().or(before).or(published);
                let url = url.ok_or_else(|| {
                    Failure::usage(format!(
                        "nobody publishes documents of the format {}; name a URL with --url, or import a file",
                        feed.name
                    ))
                })?;
                (Some(url), *refresh)
            }
        };
        Ok(Source {
            feed,
            parts,
            url,
            refresh,
        })
    }

    /// The bytes of the document.
    pub(super) async fn bytes(&self, source: &Source) -> Result<Vec<u8>, Failure> {
        match self {
            Self::File(file) => read(file).map_err(|error| {
                Failure::failed(format!(
                    "the document {file} cannot be read: {error}; name a file, or - for standard input"
                ))
            }),
            Self::Network(prepared, _) => {
                let (fetcher, feed) = (prepared.fetcher.clone(), source.feed);
                let url = source.url.clone().unwrap_or_default();
                let work = tokio::task::spawn_blocking(move || fetcher.fetch(feed, &url));
                let answer = work.await.map_err(|error| {
                    Failure::failed(format!("fetching was broken off: {error}; please report it"))
                })?;
                answer.map_err(|error| Failure::failed(format!("{error}; nothing was changed")))
            }
        }
    }
}

/// A file, as far as it could be a document; a longer one is refused by whoever reads it.
fn read(file: &str) -> io::Result<Vec<u8>> {
    let most = MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    if file == "-" {
        io::stdin().take(most).read_to_end(&mut bytes)?;
    } else {
        File::open(file)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
