//! Who may call: networks, and named sets of them written `set:NAME`. One notation for tenants and
//! applications.
//!
//! Names are resolved when the registry is read, so that a request looks into one merged set. A
//! name that stands for nothing admits nobody.

use std::{fmt, net::IpAddr, sync::Arc};

use provost_allowlist::{IpSet, Prefix, PrefixError};

use crate::{
    DirectoryError,
    ip_set::{IpSetName, NamedSet},
    settings,
};

/// What stands before the name of a set.
const SET: &str = "set:";

/// One entry of an allowlist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// An address or a network.
    Network(Prefix),
    /// A named set.
    Set(IpSetName),
}

impl fmt::Display for Entry {
    /// As it is typed; a network of one address without its length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(network) => {
                let address = network.address();
                let is_one = network.length() == if address.is_ipv4() { 32 } else { 128 };
                if is_one {
                    address.fmt(f)
                } else {
                    network.fmt(f)
                }
            }
            Self::Set(name) => write!(f, "{SET}{name}"),
        }
    }
}

/// Why an address passes an allowlist, or not.
#[derive(Clone, Debug)]
pub enum Reason {
    /// There is no list: everybody passes.
    Open,
    /// This network of the list.
    Network(Prefix),
    /// This network of this set.
    Set(Arc<NamedSet>, Prefix),
    /// Nothing of the list.
    Unlisted,
    /// Nobody knows the address, and there is a list.
    Unknown,
}

impl Reason {
    /// Whether the address passes.
    pub fn admits(&self) -> bool {
        match self {
            Self::Open | Self::Network(_) | Self::Set(..) => true,
            Self::Unlisted | Self::Unknown => false,
        }
    }
}

/// Who may call; empty for everybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowlist {
    entries: Vec<Entry>,
    /// Everybody whom the entries admit, merged.
    admitted: IpSet,
}

impl Allowlist {
    /// Reads entries separated by commas, such as `198.51.100.0/24, set:entra`. Whether sets of
    /// these names exist is another question.
    ///
    /// # Errors
    /// `Invalid` with the entry that is neither, and what would be.
    pub(crate) fn parse(text: &str) -> Result<Self, DirectoryError> {
        let entries = settings::list(text);
        let entries: Result<_, _> = entries
            .iter()
            .map(|text| entry(text, Bits::Refused))
            .collect();
        Ok(Self::of(entries?))
    }

    /// Reads what the store holds; earlier versions took networks with bits beyond their length.
    ///
    /// # Errors
    /// `Unavailable`: whom a damaged list admits is not known.
    pub(crate) fn from_stored(text: &str) -> Result<Self, DirectoryError> {
        let damaged = |_| DirectoryError::Unavailable("an allowlist is damaged".to_owned());
        let entries = settings::list(text);
        let entries: Result<_, _> = entries.iter().map(|text| entry(text, Bits::Cut)).collect();
        Ok(Self::of(entries.map_err(damaged)?))
    }

    fn of(mut entries: Vec<Entry>) -> Self {
        let mut seen = Vec::with_capacity(entries.len());
        entries.retain(|entry| {
            let is_new = !seen.contains(entry);
            seen.push(entry.clone());
            is_new
        });
        let mut list = Self {
            entries,
            admitted: IpSet::default(),
        };
        list.resolve(&[]);
        list
    }

    /// Whether there is no list, so that everybody may call.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries, as typed and each once.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Everybody whom it admits, if it is not empty.
    pub fn admitted(&self) -> &IpSet {
        &self.admitted
    }

    /// The names of sets in it.
    pub fn sets(&self) -> impl Iterator<Item = &IpSetName> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Network(_) => None,
            Entry::Set(name) => Some(name),
        })
    }

    /// Whether a client may call; who is not known passes only where there is no list. Takes the
    /// logarithm of the number of networks.
    pub fn admits(&self, client: Option<IpAddr>) -> bool {
        self.is_empty() || client.is_some_and(|client| self.admitted.contains(client))
    }

    /// Refuses a name that stands for nothing: it would admit nobody.
    ///
    /// # Errors
    /// `Invalid` with the names that exist.
    pub(crate) fn check_names(&self, sets: &[Arc<NamedSet>]) -> Result<(), DirectoryError> {
        let is_known = |name: &IpSetName| sets.iter().any(|set| set.name == *name);
        let Some(unknown) = self.sets().find(|name| !is_known(name)) else {
            return Ok(());
        };
        let names: Vec<_> = sets.iter().map(|set| set.name.as_str()).collect();
        let there = if names.is_empty() {
            "there is none yet; make one with `provost allowlist fetch` or `import`".to_owned()
        } else {
            format!("there are {}", names.join(", "))
        };
        Err(DirectoryError::Invalid(format!(
            "there is no set of addresses {unknown}; {there}"
        )))
    }

    /// Gives the names their present meaning.
    pub(crate) fn resolve(&mut self, sets: &[Arc<NamedSet>]) {
        let of_set = |name: &IpSetName| sets.iter().find(|set| set.name == *name);
        self.admitted =
            self.entries
                .iter()
                .flat_map(|entry| match entry {
                    Entry::Network(network) => vec![*network],
                    Entry::Set(name) => of_set(name)
                        .map_or_else(Vec::new, |set| set.accepted.set.prefixes().collect()),
                })
                .collect();
    }

    /// Why a client passes, or not; for people, not for requests.
    pub fn explain(&self, client: Option<IpAddr>, sets: &[Arc<NamedSet>]) -> Reason {
        if self.is_empty() {
            return Reason::Open;
        }
        let Some(client) = client else {
            return Reason::Unknown;
        };
        let client = Prefix::containing(client, 128);
        let reasons = self.entries.iter().filter_map(|entry| match entry {
            Entry::Network(network) => {
                let covers = network.covers(client);
                covers.then_some(Reason::Network(*network))
            }
            Entry::Set(name) => {
                let set = sets.iter().find(|set| set.name == *name)?;
                let network = set.accepted.set.prefixes().find(|p| p.covers(client))?;
                Some(Reason::Set(Arc::clone(set), network))
            }
        });
        reasons.into_iter().next().unwrap_or(Reason::Unlisted)
    }
}

impl fmt::Display for Allowlist {
    /// In the form in which it is given: entries separated by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, entry) in self.entries.iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(f, "{comma}{entry}")?;
        }
        Ok(())
    }
}

/// What to do with bits beyond the length of a network.
#[derive(Clone, Copy)]
enum Bits {
    Refused,
    Cut,
}

fn entry(text: &str, bits: Bits) -> Result<Entry, DirectoryError> {
    if let Some(name) = text.strip_prefix(SET) {
        return IpSetName::parse(name).map(Entry::Set);
    }
    let invalid = |text: String| Err(DirectoryError::Invalid(text));
    match (Prefix::parse(text), bits) {
        (Ok(network), _) | (Err(PrefixError::HostBits { network, .. }), Bits::Cut) => {
            Ok(Entry::Network(network))
        }
        (Err(error @ PrefixError::HostBits { .. }), Bits::Refused) => invalid(error.to_string()),
        (Err(PrefixError::Characters(_) | PrefixError::Address(_) | PrefixError::Length(_)), _) => {
            invalid(format!(
                "\"{}\" is no address, no network and no set; write 192.0.2.10, 10.0.0.0/8, 2001:db8::/32, or set:NAME for a named set",
                text.escape_debug()
            ))
        }
    }
}

#[cfg(test)]
#[path = "allowlist/tests.rs"]
mod tests;
