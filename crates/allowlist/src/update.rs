//! Whether a document that was read may replace the set in force. Any doubt refuses the whole
//! update and leaves the old set untouched.

use crate::{
    IpSet, Prefix,
    feed::{Document, Feed, Version},
    special,
};

/// Shortest lengths that are not wide.
const NARROW_V4: u8 = 8;
const NARROW_V6: u8 = 16;

/// Most networks in force, once merged; every request looks into them, and every node holds them.
pub const MAX_NETWORKS: usize = 100_000;

/// A set in force and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The addresses.
    pub set: IpSet,
    /// The edition of the document.
    pub version: Option<Version>,
    /// SHA-256 of the document.
    pub digest: String,
}

/// What an administrator takes upon himself for one update.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Networks wider than /8 (IPv4) or /16 (IPv6); never everybody.
    pub allow_wide: bool,
    /// More than half of what was admitted goes.
    pub allow_shrink: bool,
    /// An older edition than the one in force.
    pub allow_older: bool,
}

/// What an update changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// What will be in force.
    pub accepted: Accepted,
    /// Who is newly admitted.
    pub added: IpSet,
    /// Who no longer is.
    pub removed: IpSet,
}

/// Why an update is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A network of everybody.
    #[error("{0} is everybody; remove it from the list")]
    Everybody(Prefix),
    /// A network that is wider than a provider's should be.
    #[error("{0} is very wide; allow wide networks if that is meant")]
    Wide(Prefix),
    /// An address that no provider calls from.
    #[error(
        "{prefix} is {what}, which no provider on the Internet uses; the document is not to be trusted"
    )]
    Special {
        /// The network.
        prefix: Prefix,
        /// What is special about it.
        what: &'static str,
    },
    /// Beyond [`MAX_NETWORKS`].
    #[error("{0} networks are left after merging, and a set holds 100000; choose fewer parts")]
    TooMany(usize),
    /// An edition before the one in force.
    #[error(
        "the document is edition {offered}, and edition {present} is in force; fetch the newest"
    )]
    Older {
        /// In the document.
        offered: Version,
        /// In force.
        present: Version,
    },
    /// Too much goes at once.
    #[error("{gone} of {present} networks would go at once; allow shrinking if that is meant")]
    Shrinks {
        /// How many networks in force would go, wholly or in part.
        gone: usize,
        /// How many there are.
        present: usize,
    },
}

/// Checks a document against the rules and the set in force.
///
/// # Errors
/// The first doubt, as [`Refusal`].
pub fn check(
    feed: &Feed,
    document: Document,
    present: Option<&Accepted>,
    overrides: Overrides,
) -> Result<Update, Refusal> {
    for prefix in &document.prefixes {
        entry(feed, *prefix, overrides)?;
    }
    let set: IpSet = document.prefixes.into_iter().collect();
    if let Some(everybody) = set.prefixes().find(|prefix| prefix.length() == 0) {
        return Err(Refusal::Everybody(everybody));
    }
    let networks = set.prefixes().count();
    if networks > MAX_NETWORKS {
        return Err(Refusal::TooMany(networks));
    }
    let nobody = IpSet::default();
    if let Some(present) = present {
        age(document.version.as_ref(), present, overrides)?;
        shrinkage(&set, present, overrides)?;
    }
    let before = present.map_or(&nobody, |present| &present.set);
    Ok(Update {
        added: set.difference(before),
        removed: before.difference(&set),
        accepted: Accepted {
            set,
            version: document.version,
            digest: document.digest,
        },
    })
}

fn entry(feed: &Feed, prefix: Prefix, overrides: Overrides) -> Result<(), Refusal> {
    let narrow = if prefix.address().is_ipv4() {
        NARROW_V4
    } else {
        NARROW_V6
    };
    if prefix.length() == 0 {
        return Err(Refusal::Everybody(prefix));
    }
    if prefix.length() < narrow && !overrides.allow_wide {
        return Err(Refusal::Wide(prefix));
    }
    match special::name(prefix).filter(|_| feed.is_public) {
        Some(what) => Err(Refusal::Special { prefix, what }),
        None => Ok(()),
    }
}

fn age(offered: Option<&Version>, present: &Accepted, overrides: Overrides) -> Result<(), Refusal> {
    match (offered, &present.version) {
        (Some(offered), Some(present)) if offered.is_older(present) && !overrides.allow_older => {
            Err(Refusal::Older {
                offered: offered.clone(),
                present: present.clone(),
            })
        }
        _ => Ok(()),
    }
}

/// Counted in networks, because cutting off many small ones cuts off as many customers as cutting
/// off a wide one.
fn shrinkage(set: &IpSet, present: &Accepted, overrides: Overrides) -> Result<(), Refusal> {
    let before: Vec<Prefix> = present.set.prefixes().collect();
    let gone = before.iter().filter(|prefix| !set.covers(**prefix)).count();
    if gone * 2 > before.len() && !overrides.allow_shrink {
        return Err(Refusal::Shrinks {
            gone,
            present: before.len(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
