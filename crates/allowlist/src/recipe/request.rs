//! What is asked for: who is let in, to which port, and who was the last time.

use std::num::NonZeroU16;

use sha2::{Digest, Sha256};

use super::{
    Label, Note, RecipeError,
    previous::{CHECKSUM, EDITION},
};
use crate::{IpSet, Prefix, feed, update::Accepted};

/// The port of the SCIM API.
pub const DEFAULT_PORT: NonZeroU16 = match NonZeroU16::new(5501) {
    Some(port) => port,
    None => NonZeroU16::MIN,
};

/// Where addresses come from, as the head of every output tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What the set is called here.
    pub name: Note,
    /// Who publishes it, and where.
    pub published: Note,
    /// The edition of the document, such as Azure's change number.
    pub edition: Option<Note>,
    /// SHA-256 of the document.
    pub digest: Option<Note>,
    /// The addresses.
    pub set: IpSet,
}

impl Source {
    /// A set that was read from a document and passed [`crate::update::check`].
    pub fn accepted(name: &str, published: &str, accepted: &Accepted) -> Self {
        let version = accepted.version.as_ref();
        Self {
            edition: version.map(|version| Note::new(&version.to_string())),
            digest: (!accepted.digest.is_empty()).then(|| Note::new(&accepted.digest)),
            ..Self::listed(name, published, accepted.set.clone())
        }
    }

    /// A set without a document.
    pub fn listed(name: &str, published: &str, set: IpSet) -> Self {
        Self {
            name: Note::new(name),
            published: Note::new(published),
            edition: None,
            digest: None,
            set,
        }
    }
}

/// What is to be written. Equal requests are written as equal bytes.
#[derive(Clone, Debug)]
pub struct Request {
    sources: Vec<Source>,
    set: IpSet,
    port: NonZeroU16,
    id: String,
    previous: Option<IpSet>,
    remark: Option<Note>,
}

impl Request {
    /// Lets in whoever is in one of the sources, to port 5501.
    ///
    /// # Errors
    /// The sources hold nobody, or everybody.
    pub fn new(sources: Vec<Source>) -> Result<Self, RecipeError> {
        let set = sources
            .iter()
            .fold(IpSet::default(), |all, source| all.union(&source.set));
        if set.is_empty() {
            return Err(RecipeError::Nobody);
        }
        if let Some(everybody) = set.prefixes().find(|prefix| prefix.length() == 0) {
            return Err(RecipeError::Everybody(everybody));
        }
        Ok(Self {
            sources,
            set,
            port: DEFAULT_PORT,
            id: "provost".to_owned(),
            previous: None,
            remark: None,
        })
    }

    /// Another port.
    #[must_use]
    pub fn port(mut self, port: NonZeroU16) -> Self {
        self.port = port;
        self
    }

    /// Names of tables, chains and groups begin with `provost-LABEL` in place of `provost`.
    #[must_use]
    pub fn label(mut self, label: &Label) -> Self {
        self.id = format!("provost-{label}");
        self
    }

    /// The set that the target holds now: formats that can write the difference do.
    #[must_use]
    pub fn previous(mut self, set: IpSet) -> Self {
        self.previous = Some(set);
        self
    }

    /// A line for the head, such as the time; without it the same input gives the same bytes.
    #[must_use]
    pub fn remark(mut self, remark: Note) -> Self {
        self.remark = Some(remark);
        self
    }

    /// What names of tables, chains, groups and anchors begin with.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Who is let in.
    pub fn set(&self) -> &IpSet {
        &self.set
    }
}

/// Networks by family, ascending.
#[derive(Debug, Default)]
pub(super) struct Lists {
    pub(super) v4: Vec<Prefix>,
    pub(super) v6: Vec<Prefix>,
}

impl FromIterator<Prefix> for Lists {
    fn from_iter<I: IntoIterator<Item = Prefix>>(prefixes: I) -> Self {
        let (v4, v6) = prefixes
            .into_iter()
            .partition(|prefix| prefix.address().is_ipv4());
        Self { v4, v6 }
    }
}

impl Lists {
    pub(super) fn all(&self) -> impl Iterator<Item = Prefix> {
        self.v4.iter().chain(&self.v6).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.v4.len() + self.v6.len()
    }

    /// Both families with what names end in.
    pub(super) fn families(&self) -> [(&'static str, &[Prefix]); 2] {
        [("4", &self.v4), ("6", &self.v6)]
    }
}

/// Entries to add to and to remove from what a target holds.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) added: Lists,
    pub(super) removed: Lists,
}

/// A request with everything that writers ask for.
#[derive(Debug)]
pub(super) struct Job<'a> {
    pub(super) format: &'static str,
    pub(super) sources: &'a [Source],
    pub(super) set: &'a IpSet,
    /// What names of tables, chains and groups begin with.
    pub(super) id: &'a str,
    pub(super) port: u16,
    pub(super) now: Lists,
    pub(super) difference: Option<Difference>,
    pub(super) remark: Option<&'a Note>,
}

impl<'a> Job<'a> {
    pub(super) fn new(format: &'static str, request: &'a Request) -> Self {
        let previous = request.previous.as_ref();
        Self {
            format,
            sources: &request.sources,
            set: &request.set,
            id: &request.id,
            port: request.port.get(),
            now: request.set.prefixes().collect(),
            difference: previous.map(|before| Difference {
                added: entries(&request.set, before),
                removed: entries(before, &request.set),
            }),
            remark: request.remark.as_ref(),
        }
    }

    /// SHA-256 of the list, one network a line.
    pub(super) fn checksum(&self) -> String {
        checksum(self.set)
    }

    /// The head: sources, counts, checksum; each line behind `mark`.
    pub(super) fn head(&self, mark: &str) -> String {
        let mut head = String::new();
        for line in self.head_lines() {
            head.push_str(mark);
            head.push_str(&line);
            head.push('\n');
        }
        head
    }

    pub(super) fn head_lines(&self) -> Vec<String> {
        let mut lines = vec![format!(
            "Made by provost firewall, format {}: who may reach TCP port {}.",
            self.format, self.port
        )];
        lines.extend(self.sources.iter().map(source_line));
        lines.push(format!(
            "{} IPv4 and {} IPv6 networks; {CHECKSUM}{}",
            self.now.v4.len(),
            self.now.v6.len(),
            self.checksum()
        ));
        if let Some(Difference { added, removed }) = &self.difference {
            let (added, removed) = (added.len(), removed.len());
            lines.push(format!(
                "Since the last list: {added} added, {removed} removed."
            ));
        }
        lines.extend(self.remark.map(ToString::to_string));
        lines
    }
}

/// SHA-256 of a set, one network a line.
pub(super) fn checksum(set: &IpSet) -> String {
    feed::hex(&Sha256::digest(set.to_string()))
}

fn source_line(source: &Source) -> String {
    let mut line = format!("Source {}: {}", source.name, source.published);
    if let Some(edition) = &source.edition {
        push!(line, "{EDITION}{edition}");
    }
    if let Some(digest) = &source.digest {
        push!(line, "; SHA-256 of the document {digest}");
    }
    line
}

/// The networks that the list of one set has and the list of the other has not.
fn entries(of: &IpSet, and_not: &IpSet) -> Lists {
    let known: std::collections::HashSet<Prefix> = and_not.prefixes().collect();
    let only = of.prefixes().filter(|prefix| !known.contains(prefix));
    only.collect()
}
