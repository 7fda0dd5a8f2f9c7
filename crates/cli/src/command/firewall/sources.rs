//! Where the addresses of `provost firewall` come from: documents, tenants, the command line. Each
//! passes the rules of `provost_allowlist::update` before it is used.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use clap::{Args, builder::PossibleValuesParser};
use provost_allowlist::{
    IpSet, Prefix,
    feed::{self, Document, FEEDS, Feed, MAX_BYTES},
    recipe::{Note, Previous, Source},
    update::{self, Accepted, Overrides, Refusal},
};
use provost_directory::{
    Directory,
    allowlist::{Allowlist, Entry},
};

use crate::{
    failure::{Failure, Subject},
    global::Global,
};

/// Who is let in.
#[derive(Debug, Args)]
pub(super) struct Sources {
    /// This named set of `provost allowlist`; repeatable
    #[arg(long = "set", value_name = "NAME")]
    sets: Vec<String>,
    /// A document of ranges; - reads standard input
    #[arg(long, value_name = "FILE", requires = "feed")]
    from: Option<PathBuf>,
    /// The form of the document
    #[arg(long, requires = "from", value_parser = PossibleValuesParser::new(FEEDS.iter().map(|feed| feed.name)))]
    feed: Option<String>,
    /// Only this part of the document, such as a service tag or a cell; repeatable
    #[arg(long = "part", value_name = "NAME", requires = "from")]
    parts: Vec<String>,
    /// These networks; repeatable, or separated by commas
    #[arg(long, value_name = "CIDR", value_delimiter = ',', value_parser = network)]
    addresses: Vec<Prefix>,
    /// The `allowed_addresses` of this tenant; repeatable
    #[arg(long = "tenant", value_name = "SLUG")]
    tenants: Vec<String>,
    #[command(flatten)]
    accepting: Accepting,
}

/// What is taken on the administrator's own responsibility.
#[derive(Debug, Args)]
struct Accepting {
    /// Accept networks wider than /8 (IPv4) or /16 (IPv6)
    #[arg(long)]
    allow_wide: bool,
    /// Accept that more than half of the last list goes at once
    #[arg(long, requires = "previous")]
    allow_shrink: bool,
    /// Accept an older edition of the document than that of the last list
    #[arg(long, requires = "previous")]
    allow_older: bool,
}

fn network(text: &str) -> Result<Prefix, String> {
    Prefix::parse(text).map_err(|error| error.to_string())
}

impl Sources {
    /// Reads and checks every source, and all of them against the last list.
    pub(super) fn read(
        &self,
        global: &Global,
        previous: Option<&Previous>,
    ) -> Result<Vec<Source>, Failure> {
        let mut sources = Vec::new();
        if let Some((path, feed)) = self.from.as_deref().zip(self.feed()) {
            sources.push(self.document(path, feed, previous)?);
        }
        if !self.addresses.is_empty() {
            let set = self.addresses.iter().copied().collect();
            sources.push(Source::listed("addresses", "the command line", set));
        }
        if !(self.tenants.is_empty() && self.sets.is_empty()) {
            sources.extend(self.held(global)?);
        }
        if sources.is_empty() {
            return Err(Failure::usage(
                "say who is let in: --set NAME, --tenant SLUG, --addresses CIDR, or --from FILE with --feed NAME",
            ));
        }
        self.check_all(&sources, previous)?;
        Ok(sources)
    }

    fn feed(&self) -> Option<&'static Feed> {
        self.feed.as_deref().and_then(feed::find)
    }

    fn overrides(&self) -> Overrides {
        Overrides {
            allow_wide: self.accepting.allow_wide,
            allow_shrink: self.accepting.allow_shrink,
            allow_older: self.accepting.allow_older,
        }
    }

    fn document(
        &self,
        path: &Path,
        feed: &Feed,
        previous: Option<&Previous>,
    ) -> Result<Source, Failure> {
        let bytes = bytes(path, MAX_BYTES).map_err(|error| unreadable(path, &error))?;
        let document = feed.read(&bytes, &self.parts);
        let document = document.map_err(|error| Failure::failed(error.to_string()))?;
        let update = update::check(feed, document, None, self.overrides())
            .map_err(|error| refused(&error))?;
        let name = match self.parts.as_slice() {
            [] => feed.name.to_owned(),
            parts => format!("{} {}", feed.name, parts.join(" ")),
        };
        let published = published(feed, feed.published_at);
        let present = previous.and_then(|list| list.edition(&Note::new(&name)));
        match (update.accepted.version.clone(), present.cloned()) {
            (Some(offered), Some(present))
                if offered.is_older(&present) && !self.accepting.allow_older =>
            {
                Err(refused(&Refusal::Older { offered, present }))
            }
            _ => Ok(Source::accepted(&name, &published, &update.accepted)),
        }
    }

    /// What the directory holds: tenants' lists, with the sets they name, and sets named here.
    fn held(&self, global: &Global) -> Result<Vec<Source>, Failure> {
        global.with_directory(async |directory, _| {
            let (mut sources, mut names) = (Vec::new(), self.sets.clone());
            for slug in &self.tenants {
                let tenant = directory.tenant(slug).await;
                let tenant = tenant.map_err(|error| Subject::tenant(slug).explain(error))?;
                let list = &tenant.settings.allowed_addresses;
                if list.is_empty() {
                    return Err(Failure::failed(format!(
                        "the tenant `{slug}` admits every address; set allowed_addresses with `provost tenant set {slug} allowed_addresses=…` first"
                    )));
                }
                names.extend(list.sets().map(ToString::to_string));
                let name = format!("tenant {slug}");
                sources.push(Source::listed(&name, "its allowed_addresses", networks(list)));
            }
            names.sort();
            names.dedup();
            for name in &names {
                sources.push(named(directory, name).await?);
            }
            sources.retain(|source| !source.set.is_empty());
            Ok(sources)
        })
    }

    /// The rules for lists that people keep, over everything that is let in.
    fn check_all(&self, sources: &[Source], previous: Option<&Previous>) -> Result<(), Failure> {
        let Some(own) = feed::find("text") else {
            return Ok(());
        };
        let all = sources
            .iter()
            .fold(IpSet::default(), |all, source| all.union(&source.set));
        let present = previous.map(|previous| Accepted {
            set: previous.set.clone(),
            version: None,
            digest: String::new(),
        });
        let together = Document {
            version: None,
            prefixes: all.prefixes().collect(),
            digest: String::new(),
        };
        let checked = update::check(own, together, present.as_ref(), self.overrides());
        checked.map(|_| ()).map_err(|error| refused(&error))
    }
}

/// The networks of a list; not what the sets in it hold.
fn networks(list: &Allowlist) -> IpSet {
    let entries = list.entries().iter();
    let networks = entries.filter_map(|entry| match entry {
        Entry::Network(network) => Some(*network),
        Entry::Set(_) => None,
    });
    networks.collect()
}

/// Who publishes a document, and where; lists that people keep have no place.
fn published(feed: &Feed, place: &str) -> String {
    if place.is_empty() {
        "a list of your own".to_owned()
    } else {
        format!("{} {place}", feed.publisher)
    }
}

async fn named(directory: &Directory, name: &str) -> Result<Source, Failure> {
    let subject = Subject {
        kind: "set of addresses",
        name,
        list: "provost allowlist list",
    };
    let set = directory.ip_set(name).await;
    let set = set.map_err(|error| subject.explain(error))?;
    let source = &set.source;
    let place = source.url.as_deref().unwrap_or(source.feed.published_at);
    let published = published(source.feed, place);
    Ok(Source::accepted(name, &published, &set.accepted))
}

/// Every refusal that can be overridden names its flag.
fn refused(refusal: &Refusal) -> Failure {
    let flag = match refusal {
        Refusal::Wide(_) => " (--allow-wide)",
        Refusal::Shrinks { .. } => " (--allow-shrink)",
        Refusal::Older { .. } => " (--allow-older)",
        Refusal::Everybody(_) | Refusal::Special { .. } | Refusal::TooMany(_) => "",
    };
    Failure::failed(format!("nothing was written: {refusal}{flag}"))
}

/// A file, or standard input for `-`, as far as it could be a document; a longer one is refused by
/// whoever reads it.
pub(super) fn bytes(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let most = most as u64 + 1;
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().take(most).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(most).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let shown = path.display();
    Failure::failed(format!(
        "{shown} cannot be read: {error}; name a file, or - for standard input"
    ))
}
